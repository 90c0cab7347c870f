//! The meaning of a typed command: program, verb, kinds, names, flags. Two lines that mean the same compare equal
//! whatever their order, aliases, short names, `=` or space. Never runs or expands anything.
//!
//! kubectl's and docker's lines are read by their own parsers. gcloud's and curl's flags that take a value are listed here,
//! because a word after a flag is either its value or an argument, and only the flag's kind tells which.

use std::collections::{BTreeMap, BTreeSet};

use crate::lesson::words::commands;
use crate::programs::docker;
use crate::programs::kubectl::command;

/// Lines longer than this are not looked at.
const MAX_LINE_BYTES: usize = 16 * 1024;
/// Commands of one line beyond this are not looked at.
const MAX_COMMANDS: usize = 64;

/// A command by meaning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meaning {
    /// `kubectl`, `docker`, `gcloud`, `curl` ...
    pub program: String,
    /// The verb and subverbs: `["get"]`, `["rollout", "undo"]`, `["container", "clusters", "create"]`.
    pub verb: Vec<String>,
    /// kubectl: plural resources, `deployments`. A comma list gives several; `all` gives those it shows.
    pub kinds: BTreeSet<String>,
    /// Object names, or the arguments of other programs, in order.
    pub names: Vec<String>,
    /// Long flag names with their values (`true` for a bare flag). `-n` and `--namespace` are one.
    pub flags: BTreeMap<String, String>,
    /// What stands after `--`.
    pub rest: Vec<String>,
    /// Leading `NAME=value` words.
    pub env: BTreeMap<String, String>,
}

impl Meaning {
    /// The first verb, or "".
    pub fn verb(&self) -> &str {
        self.verb.first().map_or("", String::as_str)
    }

    /// Whether it is this program with these leading verbs: `is("kubectl", &["rollout", "undo"])`.
    pub fn is(&self, program: &str, verb: &[&str]) -> bool {
        self.program == program
            && verb.len() <= self.verb.len()
            && verb.iter().zip(&self.verb).all(|(a, b)| a == b)
    }

    /// Whether `self`, as typed, does what `expected` asks: same program and verb, at least its kinds, names
    /// and flags, and the same namespace. Extra output flags are welcome, `--help` is not.
    pub fn covers(&self, expected: &Meaning) -> bool {
        let namespace =
            |m: &Meaning| m.flags.get("namespace").cloned().unwrap_or_else(|| "default".to_owned());
        let everywhere = self.flags.contains_key("all-namespaces");
        let flag_agrees =
            |(flag, value): (&String, &String)| self.flags.get(flag).is_some_and(|v| glob(value, v));
        let names_agree = if expected.program == "kubectl" {
            expected.names.iter().all(|name| self.names.iter().any(|have| glob(name, have)))
        } else {
            self.names.len() >= expected.names.len()
                && expected.names.iter().zip(&self.names).all(|(e, n)| glob(e, n))
        };
        self.program == expected.program
            && self.verb == expected.verb
            && expected.kinds.is_subset(&self.kinds)
            && names_agree
            && (everywhere || namespace(self) == namespace(expected))
            && expected.flags.iter().filter(|(f, _)| *f != "namespace").all(flag_agrees)
            && !self.flags.contains_key("help")
    }
}

/// `*` stands for any run of characters, at the end or alone.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => text.starts_with(prefix),
        None => pattern == text,
    }
}

/// The meanings of all simple commands on a line, in order. What a `$( )` would give is left as typed.
pub fn of_line(line: &str) -> Vec<Meaning> {
    if line.len() > MAX_LINE_BYTES {
        return Vec::new();
    }
    commands(line).into_iter().take(MAX_COMMANDS).map(|words| of_words(&words)).collect()
}

/// The meaning of one simple command given as words.
pub fn of_words(words: &[String]) -> Meaning {
    let is_env = |w: &&String| {
        w.split_once('=')
            .is_some_and(|(k, _)| !k.is_empty() && k.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
    };
    let env: BTreeMap<String, String> = words
        .iter()
        .take_while(is_env)
        .filter_map(|w| w.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned())))
        .collect();
    let words: Vec<&str> = words.iter().skip_while(is_env).map(String::as_str).collect();
    let Some((program, arguments)) = words.split_first() else {
        return Meaning { env, ..Meaning::default() };
    };
    let (program, arguments) = match (*program, arguments.split_first()) {
        ("k", _) => ("kubectl", arguments),
        ("sudo" | "command" | "time", Some((next, rest))) => (*next, rest),
        (other, _) => (other, arguments),
    };
    let mut meaning = Meaning { program: program.to_owned(), env, ..Meaning::default() };
    let understood = match program {
        "kubectl" => understood_kubectl(arguments, &mut meaning),
        "docker" => understood_docker(arguments, &mut meaning),
        _ => false,
    };
    if understood {
        return meaning;
    }
    let positional = split_flags(program, arguments, &mut meaning);
    match program {
        "kubectl" => kubectl(positional, &mut meaning),
        "gcloud" => gcloud(positional, &mut meaning),
        "docker" => refused_docker(positional, &mut meaning),
        _ => meaning.names = positional,
    }
    meaning
}

/// Reads a kubectl line with kubectl's own parser. What that refuses is read by words, for the coach.
fn understood_kubectl(arguments: &[&str], meaning: &mut Meaning) -> bool {
    let words: Vec<String> = arguments.iter().map(|w| (*w).to_owned()).collect();
    let Ok(parsed) = command::parse(&words) else { return false };
    let values = parsed.values().iter().map(|(name, values)| ((*name).to_owned(), values.join(",")));
    meaning.flags.extend(values);
    if parsed.help {
        meaning.flags.insert("help".to_owned(), "true".to_owned());
    }
    let (before, after) = parsed.args.split_at(parsed.dash_at.unwrap_or(parsed.args.len()));
    meaning.rest = after.to_vec();
    match parsed.path.as_slice() {
        ["create", kind, ..] => {
            meaning.verb = vec!["create".to_owned()];
            meaning.kinds.extend(kinds(kind));
            meaning.names = before.to_vec();
        }
        path => {
            kubectl(path.iter().map(|w| (*w).to_owned()).chain(before.iter().cloned()).collect(), meaning)
        }
    }
    true
}

/// Reads a docker line with docker's own parser. What that refuses is read by words, for the coach.
fn understood_docker(arguments: &[&str], meaning: &mut Meaning) -> bool {
    let words: Vec<String> = arguments.iter().map(|w| (*w).to_owned()).collect();
    let Some((path, parsed)) = docker::understand(&words) else { return false };
    let values = parsed.values().iter().map(|(name, values)| ((*name).to_owned(), values.join(",")));
    meaning.flags.extend(values);
    if parsed.help.is_some() {
        meaning.flags.insert("help".to_owned(), "true".to_owned());
    }
    let plain = path.strip_suffix(" inspect").map_or(path, |_| "inspect");
    meaning.verb = plain.split(' ').map(str::to_owned).collect();
    meaning.names = parsed.args;
    meaning.rest = parsed.command;
    true
}

fn kubectl(words: Vec<String>, meaning: &mut Meaning) {
    let mut words = words.into_iter();
    let Some(verb) = words.next() else { return };
    let two =
        matches!(verb.as_str(), "rollout" | "set" | "config" | "auth" | "top" | "cluster-info" | "create");
    meaning.verb.push(verb.clone());
    let mut words: Vec<String> = words.collect();
    if two && verb != "create" && !words.is_empty() {
        meaning.verb.push(words.remove(0));
    }
    let takes_kind = !matches!(
        verb.as_str(),
        "logs" | "exec" | "run" | "attach" | "port-forward" | "cp" | "config" | "explain"
    );
    if !takes_kind {
        // A bare name means a pod for these.
        meaning.names = words
            .into_iter()
            .map(|w| w.rsplit_once('/').map_or(w.clone(), |(k, n)| name_of(meaning, k, n)))
            .collect();
        return;
    }
    let mut bare = Vec::new();
    for word in words {
        match word.split_once('/') {
            Some((kind, name)) if !kind.contains('=') => {
                let name = name_of(meaning, kind, name);
                meaning.names.push(name);
            }
            _ => bare.push(word),
        }
    }
    if meaning.kinds.is_empty() && !bare.is_empty() && !meaning.flags.contains_key("filename") {
        for kind in bare.remove(0).split(',') {
            meaning.kinds.extend(kinds(kind));
        }
    }
    meaning.names.extend(bare);
}

fn name_of(meaning: &mut Meaning, kind: &str, name: &str) -> String {
    meaning.kinds.extend(kinds(kind));
    name.to_owned()
}

/// The plural resources a typed kind stands for.
pub fn kinds(typed: &str) -> Vec<String> {
    let typed = typed.to_ascii_lowercase();
    let typed = typed.split('.').next().unwrap_or_default();
    if typed == "all" {
        let shown = [
            "pods",
            "services",
            "deployments",
            "replicasets",
            "horizontalpodautoscalers",
            "statefulsets",
            "daemonsets",
            "jobs",
            "cronjobs",
        ];
        return shown.iter().map(|k| (*k).to_owned()).collect();
    }
    vec![command::meaning::plural(typed)]
}

fn gcloud(words: Vec<String>, meaning: &mut Meaning) {
    let length = match words.first().map(String::as_str) {
        Some("config" | "auth") => 2,
        Some("version" | "info" | "help" | "docker" | "init") => 1,
        _ => 3,
    };
    let length = length.min(words.len());
    // `gcloud config configurations list` has three words of verb.
    let length =
        if words.get(1).is_some_and(|w| w == "configurations") { 3.min(words.len()) } else { length };
    meaning.verb = words[..length].to_vec();
    meaning.names = words[length..].to_vec();
}

/// A line that docker refuses: its first word is what was meant.
fn refused_docker(words: Vec<String>, meaning: &mut Meaning) {
    let mut words = words.into_iter();
    meaning.verb = words.next().into_iter().collect();
    meaning.names = words.collect();
}

/// Takes the flags out of `arguments` into `meaning` and gives back the other words.
fn split_flags(program: &str, arguments: &[&str], meaning: &mut Meaning) -> Vec<String> {
    let mut positional: Vec<String> = Vec::new();
    let mut words = arguments.iter().copied().peekable();
    while let Some(word) = words.next() {
        if word == "--" {
            meaning.rest = words.map(str::to_owned).collect();
            break;
        }
        let flag = word.strip_prefix("--").or_else(|| word.strip_prefix('-').filter(|w| !w.is_empty()));
        let Some(flag) = flag else {
            positional.push(word.to_owned());
            continue;
        };
        if let Some((name, value)) = flag.split_once('=') {
            meaning.flags.insert(long_name(program, name), value.to_owned());
            continue;
        }
        let name = long_name(program, flag);
        if takes_value(program, &name) {
            let value = words.next().unwrap_or_default().to_owned();
            meaning.flags.insert(name, value);
        } else if !word.starts_with("--") && flag.len() > 1 {
            short_cluster(program, flag, &mut words, meaning);
        } else {
            meaning.flags.insert(name, "true".to_owned());
        }
    }
    positional
}

/// `-it`, `-p8080:8080`, `-owide`, `-dp 80:80`.
fn short_cluster<'a>(
    program: &str,
    flag: &str,
    words: &mut impl Iterator<Item = &'a str>,
    meaning: &mut Meaning,
) {
    for (at, letter) in flag.char_indices() {
        let name = long_name(program, &letter.to_string());
        if takes_value(program, &name) {
            let glued = &flag[at + letter.len_utf8()..];
            let value = if glued.is_empty() { words.next().unwrap_or_default() } else { glued };
            meaning.flags.insert(name, value.to_owned());
            return;
        }
        meaning.flags.insert(name, "true".to_owned());
    }
}

fn long_name(program: &str, flag: &str) -> String {
    let pairs: &[(&str, &str)] = match program {
        "curl" => &[
            ("m", "max-time"),
            ("s", "silent"),
            ("v", "verbose"),
            ("i", "include"),
            ("I", "head"),
            ("k", "insecure"),
            ("X", "request"),
            ("H", "header"),
            ("d", "data"),
            ("o", "output"),
            ("w", "write-out"),
            ("L", "location"),
            ("u", "user"),
        ],
        _ => &[("h", "help"), ("q", "quiet")],
    };
    pairs.iter().find(|(short, _)| *short == flag).map_or(flag, |(_, long)| long).to_owned()
}

fn takes_value(program: &str, name: &str) -> bool {
    let with_value: &[&str] = match program {
        "gcloud" => &[
            "project",
            "zone",
            "region",
            "location",
            "num-nodes",
            "machine-type",
            "format",
            "filter",
            "repository-format",
            "description",
            "account",
            "configuration",
            "cluster-version",
            "disk-size",
            "network",
            "verbosity",
            "limit",
            "sort-by",
            "release-channel",
        ],
        "curl" => &[
            "max-time",
            "request",
            "header",
            "data",
            "output",
            "write-out",
            "connect-timeout",
            "retry",
            "user",
            "cacert",
            "resolve",
            "retry-delay",
        ],
        _ => &[],
    };
    with_value.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(typed: &str, expected: &str, yes: bool) {
        let expected = of_line(expected).remove(0);
        let got = of_line(typed).iter().any(|m| m.covers(&expected));
        assert_eq!(got, yes, "{typed}\n{:#?}\nagainst\n{expected:#?}", of_line(typed));
    }

    #[test]
    fn order_aliases_and_spelling_make_no_difference() {
        covers("kubectl get po", "kubectl get pods", true);
        covers("k get -o wide pod", "kubectl get pods", true);
        covers("kubectl -n default get pods,svc -owide", "kubectl get services -o wide", true);
        covers("kubectl get all", "kubectl get deployments", true);
        covers("kubectl get pods -n kube-system", "kubectl get pods", false);
        covers("kubectl get pods -A", "kubectl get pods", true);
        covers("kubectl get pods --help", "kubectl get pods", false);
        covers("kubectl describe pod/hello-node-x", "kubectl describe pods", true);
        covers("kubectl describe deploy hello-node", "kubectl describe pods", false);
        covers(
            "kubectl rollout history deploy/hello-node",
            "kubectl rollout history deployment hello-node",
            true,
        );
        covers("kubectl logs hello-node-5d-x2 -f", "kubectl logs", true);
        covers("docker image ls", "docker images", true);
        covers("docker container ls --all", "docker ps -a", true);
        covers("docker ps", "docker ps -a", false);
        covers("docker logs -f my-app", "docker logs --follow *", true);
        covers("docker container exec -it my-app bash", "docker exec --interactive --tty *", true);
        covers("docker inspect -f '{{.Name}}' my-app", "docker inspect --format=* *", true);
        covers("docker -v", "docker version", true);
        covers("gcloud config list project 2>/dev/null", "gcloud config list", true);
        covers("gcloud auth list; gcloud config list", "gcloud config list", true);
        covers("curl -m5 http://10.8.0.4:8080/", "curl http://10.8.0.4:8080*", true);
        covers("watch kubectl get pods", "kubectl get pods", false);
    }

    #[test]
    fn flags_of_docker_run_end_at_the_image() {
        let run = of_line("docker run -dp 8080:8080 --name web hello-node:v1 node -p 3").remove(0);
        assert_eq!(
            (run.names, run.flags["publish"].as_str(), run.rest.len()),
            (vec!["hello-node:v1".to_owned()], "8080:8080", 3)
        );
    }
}
