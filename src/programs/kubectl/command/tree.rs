//! The root command, its groups in the order of `kubectl --help`, and the commands that stand alone.

use super::flag::{Flag, slice, switch, text};
use super::groups::{ALL_NAMESPACES, CHUNK, PRINT};
use super::{
    Command, cluster_commands as cluster, create_commands as create, object_commands as object,
    settings_commands as settings, workload_commands as workload,
};

/// `poddisruptionbudget` does not count here; `port-forward`, `api-resources` and `cluster-info` do.
pub const WIDEST_ROOT_NAME: usize = 13;

type Group = (&'static str, &'static [&'static Command]);

/// Groups as the root's help shows them.
pub const GROUPS: &[Group] = &[
    ("Basic Commands (Beginner):", &[&create::CREATE, &workload::EXPOSE, &workload::RUN, &workload::SET]),
    ("Basic Commands (Intermediate):", &[&EXPLAIN, &object::GET, &object::EDIT, &object::DELETE]),
    ("Deploy Commands:", &[&workload::ROLLOUT, &workload::SCALE, &workload::AUTOSCALE]),
    (
        "Cluster Management Commands:",
        &[
            &cluster::CERTIFICATE,
            &cluster::CLUSTER_INFO,
            &cluster::TOP,
            &cluster::CORDON,
            &cluster::UNCORDON,
            &cluster::DRAIN,
            &cluster::TAINT,
        ],
    ),
    (
        "Troubleshooting and Debugging Commands:",
        &[
            &object::DESCRIBE,
            &cluster::LOGS,
            &cluster::ATTACH,
            &cluster::EXEC,
            &cluster::PORT_FORWARD,
            &cluster::PROXY,
            &cluster::CP,
            &settings::AUTH,
            &cluster::DEBUG,
            &EVENTS,
        ],
    ),
    (
        "Advanced Commands:",
        &[&object::DIFF, &object::APPLY, &object::PATCH, &object::REPLACE, &object::WAIT, &object::KUSTOMIZE],
    ),
    ("Settings Commands:", &[&object::LABEL, &object::ANNOTATE, &settings::COMPLETION]),
    ("Subcommands provided by plugins:", &[]),
    (
        "Other Commands:",
        &[&API_RESOURCES, &API_VERSIONS, &settings::CONFIG, &settings::KUBERC, &settings::PLUGIN, &VERSION],
    ),
];

/// Whether a list is one of the root's groups.
pub fn in_root(commands: &[&Command]) -> bool {
    GROUPS.iter().any(|(_, group)| !group.is_empty() && std::ptr::eq(group.as_ptr(), commands.as_ptr()))
}

/// `kubectl` itself. Children in the order in which suggestions list them.
pub static ROOT: Command = Command {
    name: "kubectl",
    long: "kubectl talks to the control plane of a Kubernetes cluster.\n\n More about it: https://kubernetes.io/docs/reference/kubectl/",
    usage: "[flags]",
    runs: false,
    children: &[
        &create::CREATE,
        &workload::EXPOSE,
        &workload::RUN,
        &workload::SET,
        &EXPLAIN,
        &object::GET,
        &object::EDIT,
        &object::DELETE,
        &workload::ROLLOUT,
        &workload::SCALE,
        &workload::AUTOSCALE,
        &cluster::CERTIFICATE,
        &cluster::CLUSTER_INFO,
        &cluster::TOP,
        &cluster::CORDON,
        &cluster::UNCORDON,
        &cluster::DRAIN,
        &cluster::TAINT,
        &object::DESCRIBE,
        &cluster::LOGS,
        &cluster::ATTACH,
        &cluster::EXEC,
        &cluster::PORT_FORWARD,
        &cluster::PROXY,
        &cluster::CP,
        &settings::AUTH,
        &cluster::DEBUG,
        &EVENTS,
        &object::DIFF,
        &object::APPLY,
        &object::PATCH,
        &object::REPLACE,
        &object::WAIT,
        &object::KUSTOMIZE,
        &object::LABEL,
        &object::ANNOTATE,
        &settings::COMPLETION,
        &settings::CONFIG,
        &settings::PLUGIN,
        &VERSION,
        &API_VERSIONS,
        &API_RESOURCES,
        &ALPHA,
        &OPTIONS,
        &settings::KUBERC,
        &HELP,
    ],
    ..Command::BASE
};

static HELP: Command = Command {
    name: "help",
    short: "Help about a command",
    usage: "help [command]",
    hidden: true,
    ..Command::BASE
};

static ALPHA: Command = Command {
    name: "alpha",
    short: "Commands that are not final yet",
    usage: "alpha",
    hidden: true,
    ..Command::BASE
};

static OPTIONS: Command = Command {
    name: "options",
    short: "List the options that every command takes",
    usage: "options",
    hidden: true,
    ..Command::BASE
};

static EXPLAIN: Command = Command {
    name: "explain",
    short: "Say what fields mean",
    long: "Say what a kind of object and its fields mean.\n\n Fields are named by their path: TYPE.fieldName[.fieldName].",
    examples: &[
        ("What is a pod?", "kubectl explain pods"),
        ("One field of it", "kubectl explain pods.spec.containers"),
    ],
    usage: "explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]",
    flags: &[&[
        text("api-version", "The group and version to look in, such as apps/v1."),
        text("output", "plaintext or plaintext-openapiv2.").default("plaintext").short('o'),
        switch("recursive", "Only names and types, of all fields below.").short('R'),
    ]],
    ..Command::BASE
};

const EVENT_FLAGS: &[Flag] = &[
    text("for", "Only events about this object (TYPE/NAME)."),
    switch("no-headers", "Leave out the line of titles."),
    slice("types", "Only events of these types (Normal, Warning)."),
    switch("watch", "Go on with events as they happen.").short('w'),
];

static EVENTS: Command = Command {
    name: "events",
    short: "Show what happened lately",
    long: "Show what happened lately, oldest first.\n\n Events of a namespace, of all of them, or about one object; optionally as they happen.",
    examples: &[
        ("Recent events of this namespace", "kubectl events"),
        ("Events about one pod, as they come", "kubectl events --for pod/web-pod-13je7 --watch"),
    ],
    usage: "events [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]",
    flags: &[EVENT_FLAGS, PRINT, ALL_NAMESPACES, CHUNK],
    ..Command::BASE
};

static API_RESOURCES: Command = Command {
    name: "api-resources",
    short: "List the kinds of objects that the server knows",
    long: "List the kinds of objects that the server knows.",
    examples: &[
        ("All of them", "kubectl api-resources"),
        ("With more columns", "kubectl api-resources -o wide"),
    ],
    usage: "api-resources [flags]",
    flags: &[&[
        text("api-group", "Only kinds of this API group."),
        switch("cached", "Use what is remembered, if there is anything."),
        slice("categories", "Only kinds in these categories."),
        switch("namespaced", "Only kinds that live in a namespace (true) or only the others (false).")
            .default("true"),
        switch("no-headers", "Leave out the line of titles."),
        text("output", "How to print: json, yaml, kyaml, name or wide.").short('o'),
        switch("show-managed-fields", "Keep metadata.managedFields when printing JSON or YAML."),
        text("sort-by", "Sort by name or kind."),
        slice("verbs", "Only kinds that support these verbs."),
    ]],
    ..Command::BASE
};

static API_VERSIONS: Command = Command {
    name: "api-versions",
    short: "List the API versions that the server knows",
    long: "List the API versions that the server knows, as group/version.",
    examples: &[("All of them", "kubectl api-versions")],
    usage: "api-versions",
    ..Command::BASE
};

static VERSION: Command = Command {
    name: "version",
    short: "Print the versions of kubectl and server",
    long: "Print the versions of kubectl and of the server of the current context.",
    examples: &[("Both versions", "kubectl version")],
    usage: "version [flags]",
    flags: &[&[
        switch("client", "Only kubectl's own version; no server is asked."),
        text("output", "yaml or json.").short('o'),
    ]],
    ..Command::BASE
};
