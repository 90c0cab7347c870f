//! Names: `nslookup`, `dig`, `host`, `getent`. Must never resolve otherwise than programs do.

use crate::base::net::Refusal;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Tool};
use crate::world::Call;
use crate::world::routing::is_address;

static NSLOOKUP: Spec = Spec::new(&["type=", "debug"], "Usage: nslookup NAME [SERVER]\n\nLooks NAME up.\n");
static DIG: Spec =
    Spec::new(&["x=", "t=", "4", "6", "p="], "Usage: dig [@server] NAME [TYPE] [+short]\n\nLooks NAME up.\n");
static GETENT: Spec =
    Spec::new(&["s="], "Usage: getent DATABASE KEY...\n\nLooks KEY up in hosts, passwd or group.\n");

fn resolve(tool: &Tool, name: &str) -> Result<String, Refusal> {
    let sys = &tool.call.sys;
    sys.view(|w| w.resolve(&sys.netns(), name))
}

/// The name server that `/etc/resolv.conf` names.
fn server(tool: &Tool) -> String {
    let text = tool.call.sys.read_text("/etc/resolv.conf").unwrap_or_default();
    let found = text.lines().find_map(|l| l.strip_prefix("nameserver ")).map(str::trim).map(str::to_owned);
    found.unwrap_or_else(|| "169.254.169.254".to_owned())
}

/// The full name of a Service's short one, as the search list makes it.
fn full(tool: &Tool, name: &str) -> String {
    let text = tool.call.sys.read_text("/etc/resolv.conf").unwrap_or_default();
    let search = text.lines().find_map(|l| l.strip_prefix("search ")).unwrap_or_default().to_owned();
    match search.split_whitespace().find(|d| d.contains("svc")) {
        Some(domain) if !name.contains('.') => format!("{name}.{domain}"),
        _ => name.to_owned(),
    }
}

/// `nslookup`.
pub async fn nslookup(call: Call) -> Outcome {
    let tool = Tool::new(call, &NSLOOKUP).await?;
    let Some(name) = tool.options.operands.first().cloned() else {
        return Err(tool.misuse("missing name").await);
    };
    let server = tool.options.operands.get(1).cloned().unwrap_or_else(|| server(&tool));
    let head = match tool.busybox {
        true => format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n"),
        false => format!("Server:\t\t{server}\nAddress:\t{server}#53\n\n"),
    };
    tool.out(head).await?;
    match resolve(&tool, &name) {
        Ok(address) => {
            let shown = full(&tool, &name);
            let mark = if tool.busybox { "" } else { "Non-authoritative answer:\n" };
            tool.out(format!("{mark}Name:\t{shown}\nAddress: {address}\n\n")).await?;
            Ok(0)
        }
        Err(_) => {
            tool.out(format!("** server can't find {name}: NXDOMAIN\n\n")).await?;
            Ok(1)
        }
    }
}

/// `dig` and `host`.
pub async fn dig(call: Call) -> Outcome {
    let tool = Tool::new(call, &DIG).await?;
    let words: Vec<String> = tool
        .options
        .operands
        .iter()
        .filter(|w| !w.starts_with('@') && !w.starts_with('+'))
        .cloned()
        .collect();
    let short = tool.options.operands.iter().any(|w| w == "+short");
    let Some(name) = words.iter().find(|w| !matches!(w.as_str(), "A" | "ANY" | "a")).cloned() else {
        return Ok(0);
    };
    let answer = resolve(&tool, &name);
    if tool.name == "host" {
        return match answer {
            Ok(address) => {
                tool.out(format!("{name} has address {address}\n")).await?;
                Ok(0)
            }
            Err(_) => {
                tool.out(format!("Host {name} not found: 3(NXDOMAIN)\n")).await?;
                Ok(1)
            }
        };
    }
    if short {
        if let Ok(address) = answer {
            tool.out(format!("{address}\n")).await?;
        }
        return Ok(0);
    }
    let (status, count) = if answer.is_ok() { ("NOERROR", 1) } else { ("NXDOMAIN", 0) };
    let mut text = format!(
        "\n; <<>> DiG 9.18.39 <<>> {name}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: {status}, id: 4711\n;; flags: qr rd ra; QUERY: 1, ANSWER: {count}, AUTHORITY: 0, ADDITIONAL: 1\n\n;; QUESTION SECTION:\n;{name}.\t\t\tIN\tA\n"
    );
    if let Ok(address) = answer {
        text += &format!("\n;; ANSWER SECTION:\n{name}.\t\t30\tIN\tA\t{address}\n");
    }
    text += &format!("\n;; Query time: 1 msec\n;; SERVER: {0}#53({0}) (UDP)\n\n", server(&tool));
    tool.out(text).await?;
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
                    Ok(address) => tool.out(format!("{address:<15} {key}\n")).await?,
                    Err(_) => status = 2,
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
