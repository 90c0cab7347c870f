//! Names: `nslookup`, `dig`, `host`, `getent`. Must never resolve otherwise than programs do.

use crate::cluster::network::dns::Lookup;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Tool};
use crate::world::Call;
use crate::world::routing::is_address;

static NSLOOKUP: Spec = Spec::new(&["type=", "debug"], "Usage: nslookup NAME [SERVER]\n\nLooks NAME up.\n");
static DIG: Spec =
    Spec::new(&["x=", "t=", "4", "6", "p="], "Usage: dig [@server] NAME [TYPE] [+short]\n\nLooks NAME up.\n");
static GETENT: Spec =
    Spec::new(&["s="], "Usage: getent DATABASE KEY...\n\nLooks KEY up in hosts, passwd or group.\n");

/// Seconds for which an answer may be kept, as the cluster's DNS says.
const TTL: u32 = 30;
/// A resolver tries the search list for names with fewer dots (`options ndots:5`).
const NDOTS: usize = 5;

/// What the name server answers to exactly this name.
fn look_up(tool: &Tool, name: &str) -> Option<Lookup> {
    let sys = &tool.call.sys;
    sys.view(|w| w.look_up_full(&sys.netns(), name)).filter(|found| !found.addresses.is_empty())
}

/// What a program gets for a name: files, search list and all.
fn resolve(tool: &Tool, name: &str) -> Option<(String, Vec<String>)> {
    let sys = &tool.call.sys;
    if let Some(found) = sys.view(|w| w.look_up(&sys.netns(), name)).filter(|f| !f.addresses.is_empty()) {
        return Some((found.names.last().cloned().unwrap_or_default(), found.addresses));
    }
    let address = sys.view(|w| w.resolve(&sys.netns(), name)).ok()?;
    Some((name.to_owned(), vec![address]))
}

/// The values of a line of `/etc/resolv.conf`.
fn configured(tool: &Tool, key: &str) -> Vec<String> {
    let text = tool.call.sys.read_text("/etc/resolv.conf").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix(key));
    line.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

fn server(tool: &Tool) -> String {
    configured(tool, "nameserver ").into_iter().next().unwrap_or_else(|| "169.254.169.254".to_owned())
}

/// `nslookup`.
pub async fn nslookup(call: Call) -> Outcome {
    let tool = Tool::new(call, &NSLOOKUP).await?;
    let Some(name) = tool.options.operands.first().cloned() else {
        return Err(tool.misuse("missing name").await);
    };
    let server = tool.options.operands.get(1).cloned().unwrap_or_else(|| server(&tool));
    if tool.busybox {
        nslookup_of_busybox(&tool, &name, &server).await
    } else {
        nslookup_of_bind(&tool, &name, &server).await
    }
}

/// Aliases and addresses of one answer.
fn records(found: &Lookup) -> String {
    let mut text = String::new();
    for pair in found.names.windows(2) {
        text += &format!("{}\tcanonical name = {}\n", pair[0], pair[1]);
    }
    let last = found.names.last().map_or("", String::as_str);
    found.addresses.iter().fold(text, |text, address| text + &format!("Name:\t{last}\nAddress: {address}\n"))
}

/// busybox asks for a name without dots under every domain of the search list, and tells of each; a name with a dot it
/// takes as it stands.
async fn nslookup_of_busybox(tool: &Tool, name: &str, server: &str) -> Outcome {
    tool.out(format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n")).await?;
    let search = configured(tool, "search ");
    let asked: Vec<String> = match name.contains('.') || search.is_empty() {
        true => vec![name.trim_end_matches('.').to_owned()],
        false => search.iter().map(|domain| format!("{name}.{domain}")).collect(),
    };
    let (mut found, mut status) = (String::new(), 0);
    for full in &asked {
        match look_up(tool, full) {
            Some(answer) => found += &format!("{}\n\n", records(&answer)),
            None => {
                status = 1;
                tool.out(format!("** server can't find {full}: NXDOMAIN\n\n")).await?;
            }
        }
    }
    tool.out(if found.is_empty() { "\n".to_owned() } else { found }).await?;
    Ok(status)
}

/// The other nslookup goes along the search list and tells of the first that is found.
async fn nslookup_of_bind(tool: &Tool, name: &str, server: &str) -> Outcome {
    tool.out(format!("Server:\t\t{server}\nAddress:\t{server}#53\n\n")).await?;
    let searched = configured(tool, "search ").into_iter().map(|domain| format!("{name}.{domain}"));
    let dots = name.matches('.').count();
    let as_it_is = std::iter::once(name.trim_end_matches('.').to_owned());
    let asked: Vec<String> = match dots < NDOTS && !name.ends_with('.') {
        true => searched.chain(as_it_is).collect(),
        false => as_it_is.collect(),
    };
    match asked.iter().find_map(|full| look_up(tool, full)) {
        Some(found) => {
            let own = found.names.last().is_some_and(|n| n.ends_with("cluster.local"));
            let mark = if own { "" } else { "Non-authoritative answer:\n" };
            tool.out(format!("{mark}{}\n", records(&found))).await?;
            Ok(0)
        }
        None => {
            tool.out(format!("** server can't find {name}: NXDOMAIN\n\n")).await?;
            Ok(1)
        }
    }
}

/// `dig` and `host`.
pub async fn dig(call: Call) -> Outcome {
    let tool = Tool::new(call, &DIG).await?;
    let is_word = |w: &&String| !w.starts_with('@') && !w.starts_with('+');
    let words: Vec<String> = tool.options.operands.iter().filter(is_word).cloned().collect();
    let has = |flag: &str| tool.options.operands.iter().any(|w| w == flag);
    let is_type =
        |w: &String| matches!(w.to_ascii_uppercase().as_str(), "A" | "ANY" | "CNAME" | "AAAA" | "IN");
    let Some(name) = words.iter().find(|w| !is_type(w)).cloned() else {
        return Ok(0);
    };
    if tool.name == "host" {
        return host(&tool, &name).await;
    }
    // dig takes names as they stand unless it is asked to search.
    let searched = if has("+search") { configured(&tool, "search ") } else { Vec::new() };
    let asked = searched.iter().map(|domain| format!("{name}.{domain}")).chain([name.clone()]);
    let answer = asked.filter_map(|full| look_up(&tool, full.trim_end_matches('.'))).next();
    let rows = answer.as_ref().map(rows).unwrap_or_default();
    if has("+short") {
        let text: String = rows.iter().map(|(_, _, value)| format!("{value}\n")).collect();
        tool.out(text).await?;
        return Ok(0);
    }
    let status = if answer.is_some() { "NOERROR" } else { "NXDOMAIN" };
    let question = name.trim_end_matches('.');
    let mut text = format!(
        "\n; <<>> DiG 9.18.39 <<>> {}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: {status}, id: {}\n\
         ;; flags: qr aa rd ra; QUERY: 1, ANSWER: {}, AUTHORITY: 0, ADDITIONAL: 1\n\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n\
         ;; QUESTION SECTION:\n;{question}.\t\tIN\tA\n",
        tool.call.args().join(" "),
        tool.call.sys.stream(&format!("dig/{}", tool.call.sys.me.0)).range(1000, 65000),
        rows.len()
    );
    if !rows.is_empty() {
        text += "\n;; ANSWER SECTION:\n";
        for (owner, kind, value) in &rows {
            text += &format!("{owner}.\t{TTL}\tIN\t{kind}\t{value}\n");
        }
    }
    let now = tool.call.sys.now().timestamp().strftime("%a %b %d %H:%M:%S UTC %Y").to_string();
    text += &format!(
        "\n;; Query time: 1 msec\n;; SERVER: {0}#53({0}) (UDP)\n;; WHEN: {now}\n;; MSG SIZE  rcvd: {1}\n\n",
        server(&tool),
        60 + 40 * rows.len()
    );
    tool.out(text).await?;
    Ok(0)
}

/// Owner, type and value of every record of an answer.
fn rows(found: &Lookup) -> Vec<(String, &'static str, String)> {
    let aliases = found.names.windows(2).map(|pair| (pair[0].clone(), "CNAME", format!("{}.", pair[1])));
    let last = found.names.last().cloned().unwrap_or_default();
    let addresses = found.addresses.iter().map(|a| (last.clone(), "A", a.clone()));
    aliases.chain(addresses).collect()
}

async fn host(tool: &Tool, name: &str) -> Outcome {
    let sys = &tool.call.sys;
    let Some(found) = sys.view(|w| w.look_up(&sys.netns(), name)).filter(|f| !f.addresses.is_empty()) else {
        tool.out(format!("Host {name} not found: 3(NXDOMAIN)\n")).await?;
        return Ok(1);
    };
    for (owner, kind, value) in rows(&found) {
        let text = match kind {
            "CNAME" => format!("{owner} is an alias for {value}\n"),
            _ => format!("{owner} has address {value}\n"),
        };
        tool.out(text).await?;
    }
    Ok(0)
}

/// `getent`.
pub async fn getent(call: Call) -> Outcome {
    let tool = Tool::new(call, &GETENT).await?;
    let operands = tool.options.operands.clone();
    let Some((database, keys)) = operands.split_first() else {
        return Err(tool.misuse("wrong number of arguments").await);
    };
    let mut status = 0;
    match database.as_str() {
        "hosts" | "ahosts" | "ahostsv4" => {
            for key in keys {
                match resolve(&tool, key) {
                    Some((name, addresses)) => {
                        for address in addresses {
                            tool.out(format!("{address:<15} {name}\n")).await?;
                        }
                    }
                    None => status = 2,
                }
            }
        }
        "passwd" | "group" => {
            let text = tool.call.sys.read_text(&format!("/etc/{database}")).unwrap_or_default();
            for line in text.lines() {
                let fields: Vec<&str> = line.split(':').collect();
                let wanted =
                    |k: &String| fields.first() == Some(&k.as_str()) || fields.get(2) == Some(&k.as_str());
                if keys.is_empty() || keys.iter().any(wanted) {
                    tool.out(format!("{line}\n")).await?;
                } else if keys.len() == 1 {
                    status = 2;
                }
            }
            if keys.iter().all(|k| text.lines().any(|l| l.split(':').next() == Some(k))) {
                status = 0;
            }
        }
        other => return Err(tool.die(format!("Unknown database: {other}")).await),
    }
    Ok(status)
}

/// Whether the text is an address already.
pub fn is_numeric(text: &str) -> bool {
    is_address(text)
}
