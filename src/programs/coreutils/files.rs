//! Commands that change directories and files: `mkdir`, `rmdir`, `touch`, `rm`, `ln`, `chmod`, `chown`, `mktemp`. Must never
//! copy; `copy` does.

use crate::base::SimTime;
use crate::image::files::{EntryKind, FsError, join, split_parent};
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;

static MKDIR: Spec = Spec::new(
    &["p,parents", "m,mode=", "v,verbose"],
    "Usage: mkdir [OPTION]... DIRECTORY...\n\nMakes the DIRECTORies.\n\n  -p  parents too, and no complaint where one exists\n  -m MODE   -v  say each\n",
);
static RMDIR: Spec = Spec::new(
    &["p,parents", "v,verbose", "ignore-fail-on-non-empty"],
    "Usage: rmdir [OPTION]... DIRECTORY...\n\nRemoves empty DIRECTORies.\n\n  -p  and their parents\n",
);
static TOUCH: Spec = Spec::new(
    &["a", "c,no-create", "m", "d,date=", "t=", "r,reference=", "h"],
    "Usage: touch [OPTION]... FILE...\n\nSets the FILEs' time to now; makes those that are missing.\n\n  -c  make none   -r FILE  that file's time\n",
);
static RM: Spec = Spec::new(
    &[
        "f,force",
        "i",
        "I",
        "r,R,recursive",
        "d,dir",
        "v,verbose",
        "no-preserve-root",
        "preserve-root=?",
        "interactive=?",
        "one-file-system",
    ],
    "Usage: rm [OPTION]... [FILE]...\n\nRemoves the FILEs.\n\n  -f  no questions, no complaints about missing ones\n  -r, -R  directories with everything in them   -d  empty directories   -i  ask   -v  say each\n",
);
static LN: Spec = Spec::new(
    &[
        "s,symbolic",
        "f,force",
        "n,no-dereference",
        "T,no-target-directory",
        "v,verbose",
        "r,relative",
        "t,target-directory=",
    ],
    "Usage: ln [OPTION]... TARGET LINK_NAME\n\nMakes a link to TARGET.\n\n  -s  symbolic   -f  replace   -n  do not follow a link that stands there\n",
);
static CHMOD: Spec = Spec::new(
    &["R,recursive", "v,verbose", "c,changes", "f,silent,quiet", "reference=", "x", "w"],
    "Usage: chmod [OPTION]... MODE[,MODE]... FILE...\n\nSets the FILEs' permissions: octal, or as in u+x,go-w.\n\n  -R  everything below   -v  say each\n",
);
static CHOWN: Spec = Spec::new(
    &["R,recursive", "v,verbose", "c,changes", "f,silent,quiet", "h,no-dereference", "reference="],
    "Usage: chown [OPTION]... [OWNER][:[GROUP]] FILE...\n\nSets the FILEs' owner and group.\n\n  -R  everything below\n",
);
static MKTEMP: Spec = Spec::new(
    &["d,directory", "u,dry-run", "q,quiet", "p,tmpdir=?", "t", "suffix="],
    "Usage: mktemp [OPTION]... [TEMPLATE]\n\nMakes a file (with -d a directory) with a new name and prints it.\n",
);

/// Files that one recursive command touches.
const MAX_FILES: usize = 20_000;

async fn need_operands(tool: &Tool) -> Result<(), Quit> {
    match tool.options.operands.is_empty() {
        true => Err(tool.misuse("missing operand").await),
        false => Ok(()),
    }
}

/// `mkdir`.
pub async fn mkdir(call: Call) -> Outcome {
    let tool = Tool::new(call, &MKDIR).await?;
    need_operands(&tool).await?;
    let mode = match tool.options.value("m") {
        Some(text) => match new_mode(text, 0o777, true) {
            Some(mode) => mode,
            None => return Err(tool.die(format!("invalid mode ‘{text}’")).await),
        },
        None => 0o755,
    };
    for name in &tool.options.operands {
        let path = tool.path(name);
        let parents = tool.options.has("p");
        let sys = &tool.call.sys;
        if parents && sys.is_dir(&path) {
            continue;
        }
        let made = sys.change(&path, |tree, path, now| {
            if !parents && tree.lstat(path).is_ok() {
                return Err(FsError::Exists);
            }
            tree.mkdir(path, parents, now)?;
            tree.chmod(path, mode)
        });
        match made {
            Ok(()) => {
                own(&tool, &path);
                if tool.options.has("v") {
                    tool.out(format!("mkdir: created directory '{name}'\n")).await?;
                }
            }
            Err(error) if tool.busybox => {
                tool.complain(format!("can't create directory '{name}': {error}")).await
            }
            Err(error) => tool.complain(format!("cannot create directory ‘{name}’: {error}")).await,
        }
    }
    tool.done()
}

/// New files belong to whoever makes them.
pub fn own(tool: &Tool, path: &str) {
    let user = crate::programs::identity::user(&tool.call.sys);
    tool.call.sys.change(path, |tree, path, _| tree.chown_all(path, &user.name, &user.group)).ok();
}

/// `rmdir`.
pub async fn rmdir(call: Call) -> Outcome {
    let tool = Tool::new(call, &RMDIR).await?;
    need_operands(&tool).await?;
    for name in &tool.options.operands {
        let mut name = name.trim_end_matches('/').to_owned();
        loop {
            let path = tool.path(&name);
            let removed = match tool.call.sys.lstat(&path) {
                Ok(entry) if !entry.is_dir() => Err(FsError::NotADirectory),
                Ok(_) => tool.call.sys.change(&path, |tree, path, now| tree.remove(path, false, now)),
                Err(error) => Err(error),
            };
            match removed {
                Ok(()) => {
                    if tool.options.has("v") {
                        tool.out(format!("rmdir: removing directory, '{name}'\n")).await?;
                    }
                }
                Err(FsError::NotEmpty) if tool.options.has("ignore-fail-on-non-empty") => break,
                Err(error) => {
                    let text = if tool.busybox {
                        format!("'{name}': {error}")
                    } else {
                        format!("failed to remove '{name}': {error}")
                    };
                    tool.complain(text).await;
                    break;
                }
            }
            match (tool.options.has("p"), name.rsplit_once('/')) {
                (true, Some((parent, _))) if !parent.is_empty() => name = parent.to_owned(),
                _ => break,
            }
        }
    }
    tool.done()
}

/// `touch`.
pub async fn touch(call: Call) -> Outcome {
    let tool = Tool::new(call, &TOUCH).await?;
    if tool.options.operands.is_empty() {
        return Err(tool.misuse("missing file operand").await);
    }
    let sys = &tool.call.sys;
    let at = match (tool.options.value("r"), tool.options.value("d")) {
        (Some(file), _) => match sys.stat(&tool.path(file)) {
            Ok(entry) => entry.mtime,
            Err(error) => {
                return Err(tool.die(format!("failed to get attributes of '{file}': {error}")).await);
            }
        },
        (_, Some(text)) => match super::when::read(text, sys.now()) {
            Some(at) => SimTime::from_timestamp(at),
            None => return Err(tool.die(format!("invalid date format ‘{text}’")).await),
        },
        _ => match tool.options.value("t").map(|text| (text, super::when::posix(text, sys.now()))) {
            Some((_, Some(at))) => SimTime::from_timestamp(at),
            Some((text, None)) => return Err(tool.die(format!("invalid date format ‘{text}’")).await),
            None => sys.now(),
        },
    };
    for name in &tool.options.operands {
        let path = tool.path(name);
        let result = match (sys.stat(&path), tool.options.has("c")) {
            (Ok(_), _) => sys.change(&path, |tree, path, _| tree.touch(path, at)),
            (Err(FsError::NotFound), true) => Ok(()),
            (Err(FsError::NotFound), false) => {
                let made = sys.write(&path, Vec::new());
                if made.is_ok() {
                    own(&tool, &path);
                    sys.change(&path, |tree, path, _| tree.touch(path, at)).ok();
                }
                made
            }
            (Err(error), _) => Err(error),
        };
        match result {
            Ok(()) => {}
            Err(error) if tool.busybox => tool.complain(format!("{name}: {error}")).await,
            Err(error) => tool.complain(format!("cannot touch '{name}': {error}")).await,
        }
    }
    tool.done()
}

/// `rm`.
pub async fn rm(call: Call) -> Outcome {
    let tool = Tool::new(call, &RM).await?;
    let options = &tool.options;
    let force = options.has("f") && options.last_of(&["f", "i"]) == Some("f");
    if options.operands.is_empty() {
        return if force { Ok(0) } else { Err(tool.misuse("missing operand").await) };
    }
    for name in &options.operands {
        let path = tool.path(name);
        let last = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
        if matches!(last, "." | "..") && options.has("r") {
            tool.complain(format!("refusing to remove '.' or '..' directory: skipping '{name}'")).await;
            continue;
        }
        if path == "/" && options.has("r") && !options.has("no-preserve-root") {
            let text = "it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe";
            tool.complain(text).await;
            continue;
        }
        let entry = match tool.call.sys.lstat(&path) {
            Ok(entry) => entry,
            Err(FsError::NotFound) if force => continue,
            Err(error) => {
                cannot_remove(&tool, name, &error.to_string()).await;
                continue;
            }
        };
        if entry.is_dir() && !options.has("r") && !options.has("d") {
            cannot_remove(&tool, name, if tool.busybox { "is a directory" } else { "Is a directory" }).await;
            continue;
        }
        if options.has("i") && !force && !agreed(&tool, name, entry.is_dir()).await {
            continue;
        }
        let said = if options.has("v") { removed(&tool, &path, name) } else { String::new() };
        match tool.call.sys.change(&path, |tree, path, now| tree.remove(path, options.has("r"), now)) {
            Ok(()) if options.has("v") => tool.out(said).await?,
            Ok(()) => {}
            Err(error) => cannot_remove(&tool, name, &error.to_string()).await,
        }
    }
    tool.done()
}

/// What goes with a path, the innermost first.
fn removed(tool: &Tool, path: &str, name: &str) -> String {
    if !tool.call.sys.lstat(path).is_ok_and(|entry| entry.is_dir()) {
        return format!("removed '{name}'\n");
    }
    let inside = tool.call.sys.list(path).unwrap_or_default();
    let inside: String =
        inside.iter().map(|inner| removed(tool, &join(path, inner), &format!("{name}/{inner}"))).collect();
    format!("{inside}removed directory '{name}'\n")
}

async fn cannot_remove(tool: &Tool, name: &str, why: &str) {
    let verb = if tool.busybox && why == "is a directory" { "" } else { "cannot remove " };
    let verb = if tool.busybox && !verb.is_empty() { "can't remove " } else { verb };
    tool.complain(format!("{verb}'{name}': {why}").trim_start()).await;
}

async fn agreed(tool: &Tool, name: &str, directory: bool) -> bool {
    let what = if directory { "directory" } else { "regular file" };
    tool.note(format!("rm: remove {what} '{name}'? ")).await;
    let answer = tool.call.io.stdin.read_line().await.unwrap_or_default();
    matches!(answer.first(), Some(b'y' | b'Y'))
}

/// `ln`.
pub async fn ln(call: Call) -> Outcome {
    let tool = Tool::new(call, &LN).await?;
    let mut operands = tool.options.operands.clone();
    if operands.is_empty() {
        return Err(tool.misuse("missing file operand").await);
    }
    let link = if let Some(dir) = tool.options.value("t") {
        dir.to_owned()
    } else if operands.len() == 1 {
        ".".to_owned()
    } else {
        operands.pop().unwrap_or_default()
    };
    let sys = &tool.call.sys;
    for target in operands {
        let mut path = tool.path(&link);
        let followed = if tool.options.has("n") { sys.lstat(&path) } else { sys.stat(&path) };
        if followed.is_ok_and(|e| e.is_dir()) && !tool.options.has("T") {
            let name = target.trim_end_matches('/').rsplit('/').next().unwrap_or(&target).to_owned();
            path = join(&path, &name);
        }
        let shown = if path == tool.path(&link) {
            link.clone()
        } else {
            format!("{}/{}", link.trim_end_matches('/'), split_parent(&path).1)
        };
        if tool.options.has("f") && sys.lstat(&path).is_ok_and(|e| !e.is_dir()) {
            sys.change(&path, |tree, path, now| tree.remove(path, false, now)).ok();
        }
        let symbolic = tool.options.has("s");
        let made = if sys.lstat(&path).is_ok() {
            Err(FsError::Exists)
        } else if symbolic {
            sys.change(&path, |tree, path, now| tree.symlink(&target, path, now))
        } else {
            // Hard links share content here only until one is written: enough for reading.
            match sys.stat(&tool.path(&target)) {
                Ok(entry) if entry.is_dir() => {
                    tool.complain(format!("{target}: hard link not allowed for directory")).await;
                    continue;
                }
                Ok(entry) => sys.change(&path, |tree, path, _| tree.put(path, (*entry).clone())),
                Err(error) => {
                    tool.complain(format!("failed to access '{target}': {error}")).await;
                    continue;
                }
            }
        };
        if let Err(error) = made {
            let kind = if symbolic { "symbolic" } else { "hard" };
            tool.complain(format!("failed to create {kind} link '{shown}': {error}")).await;
        }
    }
    tool.done()
}

/// The mode that a text such as `755` or `u+x,go-w` makes of another.
pub fn new_mode(text: &str, old: u32, directory: bool) -> Option<u32> {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).ok().filter(|m| *m <= 0o7777);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let split = clause.find(['+', '-', '='])?;
        let (who, rest) = clause.split_at(split);
        let mut shifts: Vec<u32> = Vec::new();
        for c in who.chars() {
            match c {
                'u' => shifts.push(6),
                'g' => shifts.push(3),
                'o' => shifts.push(0),
                'a' => shifts.extend([6, 3, 0]),
                _ => return None,
            }
        }
        if shifts.is_empty() {
            shifts.extend([6, 3, 0]);
        }
        let operator = rest.chars().next()?;
        let mut bits = 0;
        let mut sticky = 0;
        for c in rest[1..].chars() {
            bits |= match c {
                'r' => 4,
                'w' if who.is_empty() && operator == '+' => {
                    // Without a class the umask (022) keeps group and others from writing.
                    mode |= 0o200;
                    0
                }
                'w' => 2,
                'x' => 1,
                'X' => u32::from(directory || old & 0o111 != 0),
                't' => {
                    sticky = 0o1000;
                    0
                }
                's' => 0,
                _ => return None,
            };
        }
        for shift in shifts {
            match operator {
                '+' => mode |= bits << shift,
                '-' => mode &= !(bits << shift),
                _ => mode = mode & !(7 << shift) | bits << shift,
            }
        }
        mode = if operator == '-' { mode & !sticky } else { mode | sticky };
    }
    Some(mode)
}

/// The path and, with `-R`, everything below.
fn reach(tool: &Tool, path: &str) -> Vec<String> {
    let mut out = vec![path.to_owned()];
    if tool.options.has("R") {
        let mut at = 0;
        while at < out.len() && out.len() < MAX_FILES {
            let dir = out[at].clone();
            if tool.call.sys.lstat(&dir).is_ok_and(|e| e.is_dir()) {
                out.extend(tool.call.sys.list(&dir).unwrap_or_default().iter().map(|n| join(&dir, n)));
            }
            at += 1;
        }
    }
    out
}

fn may_change(tool: &Tool, path: &str) -> Result<(), FsError> {
    let entry = tool.call.sys.stat(path)?;
    let user = crate::programs::identity::user(&tool.call.sys).name;
    if user == "root" || *entry.owner == *user { Ok(()) } else { Err(FsError::Permission) }
}

/// `chmod`.
pub async fn chmod(call: Call) -> Outcome {
    // `chmod -x file` is a mode that looks like an option.
    let argv: Vec<String> = call
        .argv
        .iter()
        .map(|a| {
            if a.len() > 1 && a[1..].chars().all(|c| "rwx".contains(c)) && a.starts_with('-') {
                format!("a{a}")
            } else {
                a.clone()
            }
        })
        .collect();
    let tool = Tool::new(Call { argv, ..call }, &CHMOD).await?;
    let operands = tool.options.operands.clone();
    let Some((mode, files)) = operands.split_first() else {
        return Err(tool.misuse("missing operand").await);
    };
    if files.is_empty() {
        return Err(tool.misuse(&format!("missing operand after ‘{mode}’")).await);
    }
    if new_mode(mode, 0, false).is_none() {
        return Err(tool.misuse(&format!("invalid mode: ‘{mode}’")).await);
    }
    for name in files {
        let path = tool.path(name);
        if let Err(error) = tool.call.sys.stat(&path) {
            let text = if tool.busybox {
                format!("{name}: {error}")
            } else {
                format!("cannot access '{name}': {error}")
            };
            tool.complain(text).await;
            continue;
        }
        for path in reach(&tool, &path) {
            let sys = &tool.call.sys;
            let changed = may_change(&tool, &path).and_then(|()| {
                sys.change(&path, |tree, path, _| {
                    let entry = tree.stat(path)?;
                    let next = new_mode(mode, entry.mode, entry.is_dir()).unwrap_or(entry.mode);
                    tree.chmod(path, next)
                })
            });
            match changed {
                Err(FsError::Permission) => {
                    tool.complain(format!("changing permissions of '{name}': Operation not permitted")).await
                }
                Err(error) => tool.complain(format!("cannot access '{name}': {error}")).await,
                Ok(()) => {}
            }
        }
    }
    tool.done()
}

/// `chown` and `chgrp`.
pub async fn chown(call: Call) -> Outcome {
    let tool = Tool::new(call, &CHOWN).await?;
    let operands = tool.options.operands.clone();
    let Some((who, files)) = operands.split_first() else { return Err(tool.misuse("missing operand").await) };
    if files.is_empty() {
        return Err(tool.misuse(&format!("missing operand after ‘{who}’")).await);
    }
    let sys = &tool.call.sys;
    let (owner, group) = match tool.name.as_str() {
        "chgrp" => ("", who.as_str()),
        _ => who.split_once([':', '.']).unwrap_or((who, "")),
    };
    let known = crate::programs::identity::find(sys, owner);
    if !owner.is_empty() && known.is_none() && owner.parse::<u32>().is_err() {
        return Err(tool.die(format!("invalid user: ‘{who}’")).await);
    }
    let owner = known.map_or_else(|| owner.to_owned(), |u| u.name);
    let me = crate::programs::identity::user(sys).name;
    for name in files {
        let path = tool.path(name);
        if let Err(error) = sys.stat(&path) {
            tool.complain(format!("cannot access '{name}': {error}")).await;
            continue;
        }
        for path in reach(&tool, &path) {
            let changes_owner = !owner.is_empty() && owner != me;
            if me != "root" && (changes_owner || may_change(&tool, &path).is_err()) {
                tool.complain(format!("changing ownership of '{name}': Operation not permitted")).await;
                continue;
            }
            let entry = match sys.stat(&path) {
                Ok(entry) => entry,
                Err(_) => continue,
            };
            let owner = if owner.is_empty() { entry.owner.to_string() } else { owner.clone() };
            let group = if group.is_empty() { entry.group.to_string() } else { group.to_owned() };
            sys.change(&path, |tree, path, _| tree.chown(path, &owner, &group)).ok();
        }
    }
    tool.done()
}

/// `mktemp`.
pub async fn mktemp(call: Call) -> Outcome {
    let tool = Tool::new(call, &MKTEMP).await?;
    let template = tool.options.operands.first().cloned();
    let in_tmp = template.is_none() || tool.options.has("t") || tool.options.has("p");
    let template = template.unwrap_or_else(|| "tmp.XXXXXXXXXX".to_owned());
    let crosses = template.len() - template.trim_end_matches('X').len();
    if crosses < 3 {
        return Err(tool.die(format!("too few X's in template '{template}'")).await);
    }
    let dir = tool.options.value("p").unwrap_or("/tmp").to_owned();
    let sys = &tool.call.sys;
    let mut rng = sys.stream(&format!("mktemp/{}", sys.me.0));
    let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let name = format!("{}{}", &template[..template.len() - crosses], rng.letters(letters, crosses));
    let name = if in_tmp { format!("{dir}/{name}") } else { name };
    let path = tool.path(&name);
    if !tool.options.has("u") {
        let directory = tool.options.has("d");
        let made = match directory {
            true => sys.change(&path, |tree, path, now| tree.mkdir(path, false, now)),
            false => sys.write(&path, Vec::new()),
        };
        if let Err(error) = made {
            let kind = if directory { "directory" } else { "file" };
            return Err(tool.die(format!("failed to create {kind} via template '{name}': {error}")).await);
        }
        own(&tool, &path);
        sys.change(&path, |tree, path, _| tree.chmod(path, if directory { 0o700 } else { 0o600 })).ok();
    }
    tool.out(format!("{name}\n")).await?;
    Ok(0)
}

/// Whether an entry is a link, for commands that treat it apart.
pub fn link_target(kind: &EntryKind) -> Option<&str> {
    match kind {
        EntryKind::Symlink(target) => Some(target),
        _ => None,
    }
}
