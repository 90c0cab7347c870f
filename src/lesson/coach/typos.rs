//! Did you mean: command names and subcommands that are almost right. The output itself stays the real program's.

use strsim::damerau_levenshtein;

use super::{Args, Rule, Situation};
use crate::lesson::meaning::Meaning;

pub(super) const RULES: &[Rule] = &[Rule { id: "typo", sees: typo }];

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

fn typo(s: &Situation<'_>) -> Option<Args> {
    if s.exit() == Some(0) {
        return None;
    }
    let line = s.last?.line.as_str();
    s.commands.iter().find_map(correction).map(|(typed, meant)| {
        let corrected = line.replacen(&typed, &meant, 1);
        vec![("typed", typed), ("meant", meant), ("line", corrected)]
    })
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
