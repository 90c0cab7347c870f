//! Commands of docker that are not imitated: swarm's, plugins, manifests and their like. Their usage, flags and
//! argument counts are docker's, so that mistakes get docker's answer; what they would do gets an honest one. Never
//! does anything.

use crate::machine::docker::network::NO_SWARM;

use super::command::{Args, Flag, Kind};
use super::dispatch::{count_complaint, count_error, usage_error, warn};
use super::{Docker, flags, help, table};

/// Groups whose commands are for managers of a swarm.
const SWARM_GROUPS: &[&str] = &["config", "node", "secret", "service", "stack", "swarm"];
const LIST: &str = include_str!("../../../assets/docker/not_imitated.txt");

/// One such command.
pub struct Beyond {
    pub path: &'static str,
    usage: &'static str,
    args: Args,
    flags: &'static str,
}

impl Beyond {
    /// The command of that path.
    pub fn find(path: &str) -> Option<Self> {
        LIST.lines().filter_map(Beyond::read).find(|b| b.path == path)
    }

    /// Whether it also goes by docker's other names for such commands: `list` for `ls`, and so on.
    pub fn has_other_names(&self) -> bool {
        !["manifest ", "buildx ", "trust "].iter().any(|group| self.path.starts_with(group))
    }

    fn read(line: &'static str) -> Option<Self> {
        // A usage may hold a bar of its own, without blanks around it.
        let mut columns = line.splitn(4, " | ").map(|c| c.trim_end_matches(" |").trim());
        let path = columns.next().filter(|p| !p.is_empty() && !p.starts_with('#'))?;
        let usage = columns.next()?;
        let args = count(columns.next()?);
        Some(Beyond { path, usage, args, flags: columns.next().unwrap_or_default() })
    }

    fn flag_list(&self) -> Vec<Flag> {
        let each = self.flags.split(", ").filter(|f| !f.is_empty());
        each.map(|text| {
            let (names, type_name) = text.split_once(' ').unwrap_or((text, ""));
            let (short, long) = match names.split_once('/') {
                Some((short, long)) => (short.chars().nth(1), long),
                None => (None, names),
            };
            let kind = Kind::of(type_name);
            Flag { short, long: long.trim_start_matches('-'), kind, type_name, about: "", hidden: false }
        })
        .collect()
    }

    fn other_names(&self) -> Vec<String> {
        let (group, name) = self.path.rsplit_once(' ').unwrap_or_default();
        let others: &[&str] = match name {
            _ if !self.has_other_names() => &[],
            "ls" => &["list"],
            "rm" if group == "stack" => &["remove", "down"],
            "rm" => &["remove"],
            "deploy" => &["up"],
            _ => &[],
        };
        others.iter().map(|other| format!("docker {group} {other}")).collect()
    }

    fn usage_line(&self) -> String {
        format!("docker {} {}", self.path, self.usage).trim_end().to_owned()
    }

    /// `docker COMMAND --help`.
    pub fn help(&self) -> String {
        let flags = self.flag_list();
        let options = if flags.is_empty() {
            String::new()
        } else {
            format!("\nOptions:\n{}", help::flag_lines(&flags))
        };
        let aliases = match self.other_names() {
            names if names.is_empty() => String::new(),
            names => format!("\nAliases:\n  docker {}, {}\n", self.path, names.join(", ")),
        };
        format!("Usage:  {}\n\nKubeJam does not imitate this command\n{aliases}{options}", self.usage_line())
    }
}

/// `2`, `1+`, `1-2`, `0-1`, `*`.
fn count(text: &str) -> Args {
    let number = |text: &str| text.parse::<usize>().unwrap_or(0);
    if text == "*" {
        return Args::Any;
    }
    if let Some(least) = text.strip_suffix('+') {
        return Args::AtLeast(number(least));
    }
    match text.split_once('-') {
        Some(("0", most)) => Args::AtMost(number(most)),
        Some((least, most)) => Args::Between(number(least), number(most)),
        None if text == "0" => Args::None,
        None => Args::Exactly(number(text)),
    }
}

/// The commands below a group, for its list of commands.
pub fn members(group: &str) -> Vec<&'static str> {
    let all = LIST.lines().filter_map(Beyond::read);
    all.filter_map(|b| b.path.rsplit_once(' ').filter(|(g, _)| *g == group).map(|(_, name)| name)).collect()
}

/// What such commands need of the engine.
pub const EXPERIMENTAL: &str = "is only supported on a Docker daemon with experimental features enabled";

/// Refuses a command that this engine has not; asking for its help gets the same words.
pub async fn experimental(docker: &Docker, shown: &str, rest: &[String]) -> i32 {
    let line = format!("{shown} {EXPERIMENTAL}\n");
    let asked = flags::parse(rest, &[], true).is_ok_and(|parsed| parsed.help.is_some());
    if asked {
        docker.out(line).await
    } else {
        docker.err(line).await
    }
    i32::from(!asked)
}

/// What the client, or an engine without plug-ins and swarm, answers at once: standard output and error.
fn at_once(docker: &Docker, path: &str, parsed: &flags::Parsed) -> Option<(String, String)> {
    let name = parsed.arg(0);
    let refused = |why: String| Some((String::new(), format!("{why}\n")));
    match path {
        "plugin ls" if parsed.is("quiet") => Some((String::new(), String::new())),
        "plugin ls" => Some(("ID        NAME      DESCRIPTION   ENABLED\n".to_owned(), String::new())),
        "plugin inspect" => {
            let missing =
                format!("Error response from daemon: plugin {} not found\n", super::format::quote(name));
            Some(("[]\n".to_owned(), missing))
        }
        "plugin rm" | "plugin enable" | "plugin disable" | "plugin set" | "plugin upgrade" => {
            refused(format!("Error response from daemon: plugin {} not found", super::format::quote(name)))
        }
        "trust inspect" => Some(("[]\n".to_owned(), format!("no signatures or cannot access {name}\n"))),
        "swarm unlock" => refused("Error: This node is not part of a swarm".to_owned()),
        "stack deploy" => match parsed.get("compose-file") {
            None => refused("Specify a Compose file (with --compose-file)".to_owned()),
            Some(file) if file != "-" && !docker.call.sys.exists(&docker.call.path(file)) => {
                refused(format!("open {file}: no such file or directory"))
            }
            Some(_) => None,
        },
        "secret create" if parsed.args.len() == 1 && !parsed.has("driver") => {
            refused("secret file is required".to_owned())
        }
        "volume update" if docker.view(|engine, _| engine.volumes.find(name).is_none()) => {
            refused(format!("Error response from daemon: get {name}: no such volume"))
        }
        "volume update" => refused("can only update cluster volumes".to_owned()),
        _ => None,
    }
}

/// Answers a command that is not imitated.
pub async fn answer(docker: &Docker, command: &Beyond, rest: &[String]) -> i32 {
    let shown = format!("docker {}", command.path);
    if command.path.starts_with("checkpoint ") {
        return experimental(docker, &shown, rest).await;
    }
    let usage = command.usage_line();
    let parsed = match flags::parse(rest, &command.flag_list(), command.path != "service create") {
        Ok(parsed) => parsed,
        Err(error) => return usage_error(docker, &error, &shown, &usage).await,
    };
    warn(docker, &parsed).await;
    if parsed.help.is_some() {
        docker.out(command.help()).await;
        return 0;
    }
    if let Some(complaint) = count_complaint(command.args, parsed.args.len()) {
        let prefix = if command.path.starts_with("buildx ") { "ERROR: " } else { "" };
        return count_error(docker, prefix, &shown, &usage, complaint).await;
    }
    let group = command.path.split(' ').next().unwrap_or_default();
    // What only a manager of a swarm can do is the engine's to refuse: it is in none.
    if let Some((out, err)) = at_once(docker, command.path, &parsed) {
        docker.out(out).await;
        docker.err(&err).await;
        return i32::from(!err.is_empty());
    }
    let refusal = match command.path {
        "swarm leave" => Some("This node is not part of a swarm"),
        "swarm init" | "swarm join" | "stack config" => None,
        _ if SWARM_GROUPS.contains(&group) => Some(NO_SWARM),
        _ => None,
    };
    if let Some(refusal) = refusal {
        docker.err(format!("Error response from daemon: {refusal}\n")).await;
        return 1;
    }
    let why = table::NOT_IMITATED.iter().find(|(name, _)| *name == group).map_or("", |(_, why)| why);
    docker.err(format!("{shown}: KubeJam does not imitate it. {why}").trim_end().to_owned() + "\n").await;
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read() {
        let lines = LIST.lines().filter(|l| !l.starts_with('#') && !l.is_empty());
        for line in lines {
            let command = Beyond::read(line).unwrap_or_else(|| panic!("{line}"));
            assert!(command.flag_list().iter().all(|f| !f.long.is_empty()), "{line}");
        }
        assert_eq!(members("checkpoint"), ["create", "ls", "rm"]);
        let create = LIST.lines().filter_map(Beyond::read).find(|b| b.path == "secret create");
        assert_eq!(create.map(|b| b.args), Some(Args::Between(1, 2)));
    }
}
