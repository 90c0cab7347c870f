//! What the machine and the user are called, and the paths of things: `whoami`, `id`, `hostname`, `uname`, `nproc`,
//! `free`, `df`, `du`, `uptime`, `pwd`, `printenv`, `which`, `basename`, `realpath` and relatives. Must never change anything.

use crate::image::files::{EntryKind, join};
use crate::programs::identity;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;

/// The kernel that this world imagines.
pub const KERNEL: &str = "6.6.97+";
const MEMORY_KIB: u64 = 8_131_264;
const DISK_KIB: u64 = 50_620_216;
/// Files of one `du`.
const MAX_FILES: usize = 20_000;

static PLAIN: Spec = Spec::new(&[], "Usage: COMMAND\n\nPrints what its name says.\n");
static ID: Spec = Spec::new(
    &["u,user", "g,group", "G,groups", "n,name", "r,real", "a"],
    "Usage: id [OPTION]... [USER]\n\nPrints user and group ids.\n\n  -u  the user   -g  the group   -G  all groups   -n  names\n",
);
static HOSTNAME: Spec = Spec::new(
    &["s,short", "f,fqdn,long", "i,ip-address", "I,all-ip-addresses", "d,domain"],
    "Usage: hostname [OPTION]\n\nPrints the host's name.\n\n  -i, -I  its address   -f  with domain\n",
);
static UNAME: Spec = Spec::new(
    &[
        "a,all",
        "s,kernel-name",
        "n,nodename",
        "r,kernel-release",
        "v,kernel-version",
        "m,machine",
        "p,processor",
        "i,hardware-platform",
        "o,operating-system",
    ],
    "Usage: uname [OPTION]...\n\nPrints what system this is.\n\n  -a  everything   -s -n -r -v -m -o  parts of it\n",
);
static FREE: Spec = Spec::new(
    &["h,human", "m,mebi", "g,gibi", "k,kibi", "b,bytes", "t,total", "w,wide", "s=", "c="],
    "Usage: free [OPTION]...\n\nPrints how much memory is used.\n\n  -h  with units   -m  in MiB   -g  in GiB\n",
);
static DF: Spec = Spec::new(
    &["h,human-readable", "H,si", "k", "m", "T,print-type", "a,all", "i,inodes", "t,type=", "P"],
    "Usage: df [OPTION]... [FILE]...\n\nPrints how full file systems are.\n\n  -h  with units   -T  with types\n",
);
static DU: Spec = Spec::new(
    &["h,human-readable", "s,summarize", "a,all", "c,total", "d,max-depth=", "k", "m", "b,bytes", "x"],
    "Usage: du [OPTION]... [FILE]...\n\nPrints how much directories hold.\n\n  -s  only the sum   -h  with units   -a  files too   -d N  N levels deep   -c  a total\n",
);
static UPTIME: Spec = Spec::new(
    &["p,pretty", "s,since"],
    "Usage: uptime [OPTION]...\n\nPrints how long the machine has been up.\n",
);
static PWD: Spec =
    Spec::new(&["L,logical", "P,physical"], "Usage: pwd [OPTION]...\n\nPrints the working directory.\n");
static PRINTENV: Spec = Spec::new(&["0,null"], "Usage: printenv [VARIABLE]...\n\nPrints the environment.\n");
static WHICH: Spec =
    Spec::new(&["a,all"], "Usage: which [-a] COMMAND...\n\nPrints where the shell finds each COMMAND.\n");
static BASENAME: Spec = Spec::new(
    &["a,multiple", "s,suffix=", "z,zero"],
    "Usage: basename NAME [SUFFIX]\n\nPrints NAME without directories and SUFFIX.\n",
)
.stop_at_operand();
static DIRNAME: Spec =
    Spec::new(&["z,zero"], "Usage: dirname NAME...\n\nPrints NAME without its last part.\n");
static REALPATH: Spec = Spec::new(
    &["e,canonicalize-existing", "m,canonicalize-missing", "s,strip,no-symlinks", "q,quiet", "relative-to="],
    "Usage: realpath [OPTION]... FILE...\n\nPrints the absolute path without symbolic links.\n",
);
static READLINK: Spec = Spec::new(
    &["f,canonicalize", "e,canonicalize-existing", "m,canonicalize-missing", "n,no-newline", "v", "q"],
    "Usage: readlink [OPTION]... FILE...\n\nPrints where a symbolic link points.\n\n  -f  the path without any links\n",
);
static TTY: Spec = Spec::new(&["s,silent,quiet"], "Usage: tty [OPTION]...\n\nPrints the terminal's name.\n");

/// `whoami`.
pub async fn whoami(call: Call) -> Outcome {
    let tool = Tool::new(call, &PLAIN).await?;
    let name = identity::user(&tool.call.sys).name;
    tool.out(format!("{name}\n")).await?;
    Ok(0)
}

/// `id` and `groups`.
pub async fn id(call: Call) -> Outcome {
    let tool = Tool::new(call, &ID).await?;
    let sys = &tool.call.sys;
    let user = match tool.options.operands.first() {
        Some(name) => match identity::find(sys, name) {
            Some(user) => user,
            None => return Err(tool.die(format!("‘{name}’: no such user")).await),
        },
        None => identity::user(sys),
    };
    let docker = identity::is_machine(sys) && user.uid != 0;
    let (groups, numbers) = match docker {
        true => (format!("{} docker", user.group), format!("{} 999", user.gid)),
        false => (user.group.clone(), user.gid.to_string()),
    };
    let named = tool.options.has("n");
    let text = match tool.options.last_of(&["u", "g", "G"]) {
        _ if tool.name == "groups" => groups,
        Some("u") if named => user.name,
        Some("u") => user.uid.to_string(),
        Some("g") if named => user.group,
        Some("g") => user.gid.to_string(),
        Some(_) if named => groups,
        Some(_) => numbers,
        None => {
            let more = if docker { ",999(docker)" } else { "" };
            let (who, group) = (with_name(user.uid, &user.name), with_name(user.gid, &user.group));
            format!("uid={who} gid={group} groups={group}{more}")
        }
    };
    tool.out(format!("{text}\n")).await?;
    Ok(0)
}

/// `0(root)`; a number that has no name stands alone.
fn with_name(id: u32, name: &str) -> String {
    if name == id.to_string() { name.to_owned() } else { format!("{id}({name})") }
}

/// `hostname`.
pub async fn hostname(call: Call) -> Outcome {
    let tool = Tool::new(call, &HOSTNAME).await?;
    let sys = &tool.call.sys;
    if let Some(name) = tool.options.operands.first() {
        let why = if identity::user(sys).uid == 0 {
            "Operation not permitted"
        } else {
            "you must be root to change the host name"
        };
        let _ = name;
        return Err(tool.die(why).await);
    }
    let text = match tool.options.last_of(&["i", "I", "d"]) {
        Some("i") => sys.own_address(),
        Some("I") => format!("{} ", sys.own_address()),
        Some(_) => String::new(),
        None => identity::hostname(sys),
    };
    tool.out(format!("{text}\n")).await?;
    Ok(0)
}

/// `uname` and `arch`.
pub async fn uname(call: Call) -> Outcome {
    let tool = Tool::new(call, &UNAME).await?;
    if let Some(extra) = tool.options.operands.first() {
        return Err(tool.misuse(&format!("extra operand ‘{extra}’")).await);
    }
    let name = identity::hostname(&tool.call.sys);
    let parts = [
        ("s", "Linux"),
        ("n", name.as_str()),
        ("r", KERNEL),
        ("v", "#1 SMP PREEMPT_DYNAMIC Sat Nov  1 09:12:24 UTC 2025"),
        ("m", "x86_64"),
        ("o", if tool.busybox { "Linux" } else { "GNU/Linux" }),
    ];
    let all = tool.options.has("a");
    let asked = |key: &str| {
        all || tool.options.has(key) || (key == "m" && (tool.options.has("p") || tool.options.has("i")))
    };
    let mut shown: Vec<&str> = parts.iter().filter(|(key, _)| asked(key)).map(|(_, text)| *text).collect();
    if tool.name == "arch" {
        shown = vec!["x86_64"];
    } else if shown.is_empty() {
        shown.push("Linux");
    }
    tool.out(format!("{}\n", shown.join(" "))).await?;
    Ok(0)
}

/// `nproc`.
pub async fn nproc(call: Call) -> Outcome {
    let tool = Tool::new(call, &PLAIN).await?;
    tool.out("2\n").await?;
    Ok(0)
}

/// `free`.
pub async fn free(call: Call) -> Outcome {
    let tool = Tool::new(call, &FREE).await?;
    let cell = |kib: u64| match tool.options.last_of(&["h", "m", "g", "b"]) {
        Some("h") => format!("{}i", super::numbers::human(kib * 1024, 1024.0)),
        Some("m") => (kib / 1024).to_string(),
        Some("g") => (kib / 1024 / 1024).to_string(),
        Some("b") => (kib * 1024).to_string(),
        _ => kib.to_string(),
    };
    let (used, cache, free) = (1_204_312, 2_861_004, MEMORY_KIB - 1_204_312 - 2_861_004);
    let head = format!(
        "{:>19}{:>12}{:>12}{:>12}{:>12}{:>12}\n",
        "total", "used", "free", "shared", "buff/cache", "available"
    );
    let row = |name: &str, cells: &[u64]| {
        let cells: String = cells
            .iter()
            .enumerate()
            .map(|(i, c)| format!("{:>w$}", cell(*c), w = if i == 0 { 19 - name.len() } else { 12 }))
            .collect();
        format!("{name}{cells}\n")
    };
    let memory = row("Mem:", &[MEMORY_KIB, used, free, 4_820, cache, free + cache - 100_000]);
    tool.out(format!("{head}{memory}{}", row("Swap:", &[0, 0, 0]))).await?;
    Ok(0)
}

/// `df`.
pub async fn df(call: Call) -> Outcome {
    let tool = Tool::new(call, &DF).await?;
    for operand in &tool.options.operands {
        if let Err(error) = tool.call.sys.stat(&tool.path(operand)) {
            tool.complain(format!("{operand}: {error}")).await;
        }
    }
    let home = identity::is_machine(&tool.call.sys);
    let mut rows = vec![("overlay", DISK_KIB, 31_402_880, "/"), ("tmpfs", 65_536, 0, "/dev")];
    if home {
        rows.push(("/dev/disk/by-id/google-home-part1", 5_018_272, 88_416, "/home"));
        rows.push(("shm", 65_536, 0, "/dev/shm"));
    }
    let human = tool.options.has("h");
    let cell = |kib: u64| if human { super::numbers::human(kib * 1024, 1024.0) } else { kib.to_string() };
    let mut table = vec![vec![
        "Filesystem".to_owned(),
        if human { "Size" } else { "1K-blocks" }.to_owned(),
        "Used".to_owned(),
        if human { "Avail" } else { "Available" }.to_owned(),
        "Use%".to_owned(),
        "Mounted on".to_owned(),
    ]];
    for (name, total, used, place) in rows {
        let percent = (used * 100_u64).div_ceil(total);
        table.push(vec![
            name.to_owned(),
            cell(total),
            cell(used),
            cell(total - used),
            format!("{percent}%"),
            place.to_owned(),
        ]);
    }
    let width = |c: usize| table.iter().map(|r| r[c].len()).max().unwrap_or(0);
    let widths = [width(0).max(14), width(1).max(5), width(2).max(5), width(3).max(5), 4];
    let mut out = String::new();
    for row in &table {
        out += &format!(
            "{:<a$} {:>b$} {:>c$} {:>d$} {:>e$} {}\n",
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            row[5],
            a = widths[0],
            b = widths[1],
            c = widths[2],
            d = widths[3],
            e = widths[4]
        );
    }
    tool.out(out).await?;
    tool.done()
}

/// `du`.
pub async fn du(call: Call) -> Outcome {
    let tool = Tool::new(call, &DU).await?;
    let options = &tool.options;
    let operands = if options.operands.is_empty() { vec![".".to_owned()] } else { options.operands.clone() };
    let depth = if options.has("s") {
        0
    } else {
        options.value("d").and_then(|d| d.parse().ok()).unwrap_or(usize::MAX)
    };
    let cell = |bytes: u64| match options.last_of(&["h", "b", "m"]) {
        Some("h") => super::numbers::human(bytes.div_ceil(4096) * 4096, 1024.0),
        Some("b") => bytes.to_string(),
        Some("m") => bytes.div_ceil(1024 * 1024).to_string(),
        _ => (bytes.div_ceil(4096) * 4).to_string(),
    };
    let mut grand = 0;
    for operand in operands {
        let mut lines = Vec::new();
        match sizes(&tool, &operand, 0, depth, &mut lines) {
            Some(total) => grand += total,
            None => {
                tool.complain(format!("cannot access '{operand}': No such file or directory")).await;
                continue;
            }
        }
        for (bytes, name) in lines {
            tool.out(format!("{}\t{name}\n", cell(bytes))).await?;
        }
    }
    if options.has("c") {
        tool.out(format!("{}\ttotal\n", cell(grand))).await?;
    }
    tool.done()
}

fn sizes(tool: &Tool, name: &str, level: usize, depth: usize, lines: &mut Vec<(u64, String)>) -> Option<u64> {
    let path = tool.path(name);
    let entry = tool.call.sys.lstat(&path).ok()?;
    let exact = tool.options.has("b");
    let round = |bytes: u64| if exact { bytes } else { bytes.div_ceil(4096) * 4096 };
    let mut total = if entry.is_dir() { 4096 } else { round(entry.size()) };
    if entry.is_dir() && lines.len() < MAX_FILES {
        for child in tool.call.sys.list(&path).unwrap_or_default() {
            total += sizes(tool, &format!("{}/{child}", name.trim_end_matches('/')), level + 1, depth, lines)
                .unwrap_or(0);
        }
    }
    if level <= depth && (entry.is_dir() || tool.options.has("a") || level == 0) {
        lines.push((total, name.to_owned()));
    }
    Some(total)
}

/// `uptime`.
pub async fn uptime(call: Call) -> Outcome {
    let tool = Tool::new(call, &UPTIME).await?;
    let now = tool.call.sys.now();
    if tool.options.has("p") {
        tool.out("up 2 hours, 14 minutes\n").await?;
        return Ok(0);
    }
    tool.out(format!(
        " {} up  2:14,  1 user,  load average: 0.08, 0.03, 0.01\n",
        now.timestamp().strftime("%H:%M:%S")
    ))
    .await?;
    Ok(0)
}

/// `pwd`.
pub async fn pwd(call: Call) -> Outcome {
    let tool = Tool::new(call, &PWD).await?;
    let path = tool.call.cwd.clone();
    tool.out(format!("{path}\n")).await?;
    Ok(0)
}

/// `printenv`.
pub async fn printenv(call: Call) -> Outcome {
    let tool = Tool::new(call, &PRINTENV).await?;
    let names = tool.options.operands.clone();
    if names.is_empty() {
        for (name, value) in tool.call.env.clone() {
            tool.out(format!("{name}={value}\n")).await?;
        }
    }
    for name in names {
        match tool.call.var(&name).map(str::to_owned) {
            Some(value) => tool.out(format!("{value}\n")).await?,
            None => tool.set_status(1),
        }
    }
    tool.done()
}

/// `which`.
pub async fn which(call: Call) -> Outcome {
    let tool = Tool::new(call, &WHICH).await?;
    let search = tool.call.var("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin").to_owned();
    for name in &tool.options.operands {
        let mut met = false;
        if name.contains('/') {
            if tool.call.sys.stat(&tool.path(name)).is_ok_and(|e| e.is_executable() && !e.is_dir()) {
                tool.out(format!("{name}\n")).await?;
                met = true;
            }
        } else {
            for dir in search.split(':') {
                let path = join(dir, name);
                if tool.call.sys.stat(&path).is_ok_and(|e| e.is_executable() && !e.is_dir()) {
                    tool.out(format!("{path}\n")).await?;
                    met = true;
                    if !tool.options.has("a") {
                        break;
                    }
                }
            }
        }
        if !met {
            tool.set_status(1);
        }
    }
    tool.done()
}

/// `basename`.
pub async fn basename(call: Call) -> Outcome {
    let tool = Tool::new(call, &BASENAME).await?;
    let operands = tool.options.operands.clone();
    let many = tool.options.has("a") || tool.options.has("s");
    let suffix = tool
        .options
        .value("s")
        .map(str::to_owned)
        .or_else(|| if many { None } else { operands.get(1).cloned() })
        .unwrap_or_default();
    if operands.is_empty() {
        return Err(tool.misuse("missing operand").await);
    }
    if !many && operands.len() > 2 {
        return Err(tool.misuse(&format!("extra operand ‘{}’", operands[2])).await);
    }
    for name in operands.iter().take(if many { usize::MAX } else { 1 }) {
        let trimmed = name.trim_end_matches('/');
        let base = if trimmed.is_empty() && !name.is_empty() {
            "/"
        } else {
            trimmed.rsplit('/').next().unwrap_or(trimmed)
        };
        let base = match base.strip_suffix(suffix.as_str()) {
            Some(rest) if !rest.is_empty() => rest,
            _ => base,
        };
        tool.out(format!("{base}\n")).await?;
    }
    Ok(0)
}

/// `dirname`.
pub async fn dirname(call: Call) -> Outcome {
    let tool = Tool::new(call, &DIRNAME).await?;
    if tool.options.operands.is_empty() {
        return Err(tool.misuse("missing operand").await);
    }
    for name in &tool.options.operands {
        let trimmed = name.trim_end_matches('/');
        let dir = match trimmed.rsplit_once('/') {
            Some((dir, _)) if dir.trim_end_matches('/').is_empty() => "/",
            Some((dir, _)) => dir.trim_end_matches('/'),
            None if trimmed.is_empty() && !name.is_empty() => "/",
            None => ".",
        };
        tool.out(format!("{dir}\n")).await?;
    }
    Ok(0)
}

fn canonical(tool: &Tool, name: &str, must_exist: bool) -> Result<String, crate::image::files::FsError> {
    let sys = &tool.call.sys;
    let path = tool.path(name);
    if let (place, inner, _) = sys.view(|w| w.place(sys.host, &path))
        && sys.view(|w| w.tree(&place).is_some())
    {
        let resolved = sys.view(|w| w.tree(&place).map(|t| t.resolve(&inner, true)));
        match resolved {
            Some(Ok(real)) if inner == path && sys.exists(&real) => return Ok(real),
            Some(Ok(_)) if sys.exists(&path) => return Ok(path),
            Some(Err(error)) if must_exist => return Err(error),
            _ if must_exist => return Err(crate::image::files::FsError::NotFound),
            _ => {}
        }
    }
    let (parent, _) = crate::image::files::split_parent(&path);
    if sys.is_dir(parent) || parent.is_empty() {
        Ok(path)
    } else {
        Err(crate::image::files::FsError::NotFound)
    }
}

/// `realpath`.
pub async fn realpath(call: Call) -> Outcome {
    let tool = Tool::new(call, &REALPATH).await?;
    if tool.options.operands.is_empty() {
        return Err(tool.misuse("missing operand").await);
    }
    for name in &tool.options.operands {
        match canonical(&tool, name, tool.options.has("e")) {
            Ok(path) => tool.out(format!("{path}\n")).await?,
            Err(_) if tool.options.has("m") => tool.out(format!("{}\n", tool.path(name))).await?,
            Err(error) => tool.complain(format!("{name}: {error}")).await,
        }
    }
    tool.done()
}

/// `readlink`.
pub async fn readlink(call: Call) -> Outcome {
    let tool = Tool::new(call, &READLINK).await?;
    if tool.options.operands.is_empty() {
        return Err(tool.misuse("missing operand").await);
    }
    let follow = ["f", "e", "m"].iter().any(|k| tool.options.has(k));
    for name in &tool.options.operands {
        let end = if tool.options.has("n") { "" } else { "\n" };
        let text = match follow {
            true => canonical(&tool, name, tool.options.has("e")).ok(),
            false => tool.call.sys.lstat(&tool.path(name)).ok().and_then(|e| match &e.kind {
                EntryKind::Symlink(target) => Some(target.clone()),
                _ => None,
            }),
        };
        match text {
            Some(text) => tool.out(format!("{text}{end}")).await?,
            None => tool.set_status(1),
        }
    }
    tool.done()
}

/// `tty`.
pub async fn tty(call: Call) -> Outcome {
    let tool = Tool::new(call, &TTY).await?;
    let on = tool.call.io.stdin.is_terminal();
    if !tool.options.has("s") {
        let text: Result<(), Quit> = tool.out(if on { "/dev/pts/0\n" } else { "not a tty\n" }).await;
        text?;
    }
    Ok(i32::from(!on))
}

/// `hostid`, `sync`, `stty`: nothing to do, nothing to say.
pub async fn quiet(call: Call) -> Outcome {
    let tool = Tool::bare(call, &PLAIN);
    if tool.name == "stty" && tool.call.args().first().is_some_and(|a| a == "size") {
        let rows = tool.call.sys.tty().map_or(24, |t| t.size().rows);
        tool.out(format!("{rows} {}\n", tool.columns())).await?;
    }
    if tool.name == "hostid" {
        tool.out("007f0101\n").await?;
    }
    Ok(0)
}
