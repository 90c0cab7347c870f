//! Did you mean: command names and subcommands that are almost right. The output itself stays the real program's.

use crate::lesson::object::pointer;
use strsim::damerau_levenshtein;

use super::docker::{output, quoted_after};
use super::{Args, Rule, Situation};
use crate::lesson::meaning::Meaning;
use crate::lesson::words::commands;
use crate::programs::docker;

pub(super) const RULES: &[Rule] = &[Rule::after("typo", typo)];

/// A longer distance is another word, not a typo.
const MAX_DISTANCE: usize = 2;

const PROGRAMS: &[&str] = &[
    "kubectl", "docker", "gcloud", "node", "curl", "cat", "echo", "ls", "cd", "git", "jq", "ping", "vi",
    "vim", "nano", "mkdir", "touch", "grep", "clear", "history", "watch", "export", "sleep", "exit", "pwd",
];

const KUBECTL: &[&str] = &[
    "get",
    "describe",
    "create",
    "delete",
    "apply",
    "edit",
    "expose",
    "scale",
    "autoscale",
    "rollout",
    "logs",
    "exec",
    "run",
    "set",
    "patch",
    "label",
    "annotate",
    "port-forward",
    "cluster-info",
    "config",
    "version",
    "explain",
    "wait",
    "top",
    "api-resources",
    "events",
    "attach",
    "replace",
    "help",
];

const KINDS: &[&str] = &[
    "pod",
    "pods",
    "deployment",
    "deployments",
    "service",
    "services",
    "replicaset",
    "replicasets",
    "node",
    "nodes",
    "namespace",
    "namespaces",
    "event",
    "events",
    "endpoints",
    "configmap",
    "configmaps",
    "secret",
    "secrets",
    "hpa",
    "all",
];

const ROLLOUT: &[&str] = &["status", "history", "undo", "restart", "pause", "resume"];

const DOCKER: &[&str] = &[
    "build",
    "run",
    "ps",
    "images",
    "image",
    "container",
    "stop",
    "start",
    "rm",
    "rmi",
    "tag",
    "push",
    "pull",
    "logs",
    "exec",
    "inspect",
    "login",
    "kill",
    "network",
    "volume",
    "history",
    "version",
    "info",
];

const GIT: &[&str] = &[
    "clone", "status", "diff", "log", "restore", "checkout", "branch", "remote", "show", "pull", "add",
    "commit",
];

const GCLOUD: &[&[&str]] = &[
    &["config", "auth", "container", "artifacts", "compute", "projects", "docker"],
    &[
        "list",
        "set",
        "get-value",
        "get",
        "clusters",
        "repositories",
        "configure-docker",
        "login",
        "docker",
        "instances",
        "firewall-rules",
        "images",
    ],
    &["create", "list", "delete", "describe", "get-credentials", "resize"],
];

pub(super) fn typo(s: &Situation<'_>) -> Option<Args> {
    if s.exit() == Some(0) {
        return None;
    }
    let line = s.last?.line.as_str();
    if let Some((typed, meant)) = flag(s) {
        let corrected = line.replacen(&typed, &meant, 1);
        return Some(vec![("typed", typed), ("meant", meant), ("line", corrected)]);
    }
    s.commands.iter().find_map(correction).or_else(|| object_name(s)).map(|(typed, meant)| {
        let corrected = line.replacen(&typed, &meant, 1);
        vec![("typed", typed), ("meant", meant), ("line", corrected)]
    })
}

/// kubectl's flags that are typed most.
const KUBECTL_FLAGS: &[&str] = &[
    "all",
    "all-namespaces",
    "container",
    "cpu",
    "dry-run",
    "filename",
    "follow",
    "force",
    "from-file",
    "from-literal",
    "grace-period",
    "image",
    "labels",
    "max",
    "min",
    "name",
    "namespace",
    "output",
    "port",
    "previous",
    "replicas",
    "selector",
    "show-labels",
    "sort-by",
    "stdin",
    "tail",
    "target-port",
    "timeout",
    "to-revision",
    "tty",
    "type",
    "watch",
];

/// `unknown flag: --nmae`, next to a flag that the command has.
fn flag(s: &Situation<'_>) -> Option<(String, String)> {
    let typed = quoted_after(output(s), "unknown flag: --")?;
    let words: Vec<String> = commands(&s.last?.line).into_iter().find(|w| w.len() > 1)?;
    let known = match words[0].as_str() {
        "docker" => docker::flags_of(&words[1..]),
        "kubectl" => KUBECTL_FLAGS.to_vec(),
        _ => return None,
    };
    let (typed, meant) = nearest(typed, &known)?;
    Some((format!("--{typed}"), format!("--{meant}")))
}

/// `deployments.apps "hello-nod" not found`, next to the name of one that is there.
fn object_name(s: &Situation<'_>) -> Option<(String, String)> {
    s.commands.iter().find(|m| m.program == "kubectl")?;
    let before = output(s).split("\" not found").next().filter(|_| s.wrote("\" not found"))?;
    let (kinds, name) = before.rsplit_once('"')?;
    let kind = kinds.trim_end().rsplit([' ', '\n']).next()?.split('.').next()?;
    let objects = s.facts.objects(kind, "default");
    let names: Vec<&str> = objects.iter().filter_map(|o| pointer(o, "/metadata/name")?.as_str()).collect();
    nearest(name, &names)
}

/// The word that is wrong and the one it was meant to be.
fn correction(m: &Meaning) -> Option<(String, String)> {
    match m.program.as_str() {
        "kubectl" => kubectl(m),
        "docker" => said_otherwise(m.verb()).or_else(|| nearest(m.verb(), DOCKER)),
        "git" => m.names.first().and_then(|word| nearest(word, GIT)),
        "gcloud" => m.verb.iter().zip(GCLOUD).find_map(|(word, known)| nearest(word, known)),
        program => nearest(program, PROGRAMS),
    }
}

/// Words of other programs for what docker calls otherwise.
const OTHERWISE: &[(&str, &str)] = &[
    ("list", "ps"),
    ("ls", "ps"),
    ("status", "ps"),
    ("remove", "rm"),
    ("delete", "rm"),
    ("del", "rm"),
    ("show", "inspect"),
    ("describe", "inspect"),
    ("get", "ps"),
    ("up", "run"),
    ("make", "build"),
    ("upload", "push"),
    ("download", "pull"),
];

fn said_otherwise(word: &str) -> Option<(String, String)> {
    OTHERWISE
        .iter()
        .find(|(typed, _)| *typed == word)
        .map(|(typed, meant)| ((*typed).into(), (*meant).into()))
}

fn kubectl(m: &Meaning) -> Option<(String, String)> {
    if let Some(found) = nearest(m.verb(), KUBECTL) {
        return Some(found);
    }
    if m.verb() == "rollout" {
        return m.verb.get(1).and_then(|word| nearest(word, ROLLOUT));
    }
    m.kinds.iter().find_map(|kind| nearest(kind, KINDS))
}

/// The known word next to this one; `None` when it is known itself or like nothing.
fn nearest(word: &str, known: &[&str]) -> Option<(String, String)> {
    let lower = word.to_lowercase();
    let known_word = crate::lesson::meaning::kinds(&lower).first().is_some_and(|k| *k != lower);
    if word.len() < 2 || known.contains(&word) || known_word {
        return None;
    }
    let allowed = if word.len() <= 3 { 1 } else { MAX_DISTANCE };
    let distance = |k: &&str| damerau_levenshtein(word, k);
    let best =
        known.iter().copied().min_by_key(distance).filter(|k| damerau_levenshtein(word, k) <= allowed)?;
    Some((word.to_owned(), best.to_owned()))
}
