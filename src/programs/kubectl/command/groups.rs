//! Flags that several commands share, and the global ones.

use super::flag::{Flag, array, int, slice, span, switch, text};

/// `-o` and what goes with it, for commands that print objects.
pub const PRINT: &[Flag] = &[
    switch("allow-missing-template-keys", "Print nothing, rather than fail, where a template names a field that is not there (Go templates and JSONPath).").default("true"),
    text("output", "How to print: json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json or jsonpath-file.").short('o'),
    switch("show-managed-fields", "Keep metadata.managedFields when printing JSON or YAML."),
    text("template", "The template, or the path of a file with one, for -o go-template and -o go-template-file."),
];

/// [`PRINT`] of a command that prints JSON unless told otherwise.
pub const PRINT_JSON: &[Flag] =
    &[PRINT[0], text("output", "How to print: json or yaml.").default("json").short('o'), PRINT[2], PRINT[3]];

pub const DRY_RUN: &[Flag] = &[text(
    "dry-run",
    "none, client (only print what would be sent) or server (send it, but let nothing be stored).",
)
.default("none")
.bare("unchanged")];

const fn manager(default: &'static str) -> Flag {
    text("field-manager", "The name under which the server remembers who set which field.").default(default)
}

pub const MANAGER_CREATE: &[Flag] = &[manager("kubectl-create")];
pub const MANAGER_RUN: &[Flag] = &[manager("kubectl-run")];
pub const MANAGER_EXPOSE: &[Flag] = &[manager("kubectl-expose")];
pub const MANAGER_SET: &[Flag] = &[manager("kubectl-set")];
pub const MANAGER_ROLLOUT: &[Flag] = &[manager("kubectl-rollout")];
pub const MANAGER_EDIT: &[Flag] = &[manager("kubectl-edit")];
pub const MANAGER_LABEL: &[Flag] = &[manager("kubectl-label")];
pub const MANAGER_ANNOTATE: &[Flag] = &[manager("kubectl-annotate")];
pub const MANAGER_APPLY: &[Flag] = &[manager("kubectl-client-side-apply")];
pub const MANAGER_PATCH: &[Flag] = &[manager("kubectl-patch")];
pub const MANAGER_REPLACE: &[Flag] = &[manager("kubectl-replace")];
pub const MANAGER_TAINT: &[Flag] = &[manager("kubectl-taint")];
pub const MANAGER_AUTOSCALE: &[Flag] = &[manager("kubectl-autoscale")];

pub const FILES: &[Flag] = &[
    slice("filename", "Files, directories or URLs that hold or name the objects.").short('f'),
    text("kustomize", "A directory with a kustomization; not together with -f or -R.").short('k'),
    switch("recursive", "Go down into the directories given with -f.").short('R'),
];

pub const SELECTOR: &[Flag] =
    &[text("selector", "Only objects whose labels match, such as a=b,c!=d,e in (f,g).").short('l')];

pub const ALL_NAMESPACES: &[Flag] = &[switch("all-namespaces", "Look in every namespace.").short('A')];

pub const CHUNK: &[Flag] =
    &[int("chunk-size", "500", "Fetch long lists in pieces of this many; 0 fetches them whole.")];

pub const SAVE_CONFIG: &[Flag] = &[switch(
    "save-config",
    "Keep this configuration in an annotation of the object, so that apply can compare later.",
)];

pub const VALIDATE: &[Flag] = &[text(
    "validate",
    "strict (or true) refuses unknown and repeated fields, warn only mentions them, ignore (or false) drops them in silence.",
)
.default("strict")
.bare("strict")];

pub const RUNNING_TIMEOUT: &[Flag] =
    &[span("pod-running-timeout", "1m0s", "How long to wait until a pod runs (5s, 2m, 3h).")];

pub const OVERRIDES: &[Flag] = &[
    text("override-type", "How --overrides is laid over the object: json, merge or strategic.")
        .default("merge"),
    text("overrides", "JSON to lay over the object that is made."),
];

pub const DELETE: &[Flag] = &[
    text("cascade", "What becomes of dependents: background, orphan or foreground.")
        .default("background")
        .bare("background"),
    switch("force", "Remove the object at once without waiting for it to end; things may go on running."),
    int(
        "grace-period",
        "-1",
        "Seconds that an object is given to end; negative leaves it to the object, 0 only with --force.",
    ),
    span("timeout", "0s", "How long to wait for the end of a deletion; zero leaves it to the object."),
];

pub const WAIT_OFF: &[Flag] =
    &[switch("wait", "Return only when the objects are gone, finalizers included.")];

/// Keeps the command itself in an annotation of what it changes.
pub const RECORD: &[Flag] = &[switch("record", "Keep this command as the cause of the change.")
    .deprecated("--record will be removed in the future")];

pub const CREATE: &[&[Flag]] = &[PRINT, DRY_RUN, MANAGER_CREATE, SAVE_CONFIG, VALIDATE];

/// `kubectl options`.
pub const GLOBAL: &[Flag] = &[
    text("as", "Act as this user."),
    array("as-group", "Act as a member of this group; may be given several times."),
    text("as-uid", "Act as the user with this UID."),
    array("as-user-extra", "Extra attributes of the user to act as; may be given several times."),
    text("cache-dir", "Where to keep what servers said earlier.").default("$HOME/.kube/cache"),
    text("certificate-authority", "The file with the certificate of the authority to trust."),
    text("client-certificate", "The file with the client certificate to show."),
    text("client-key", "The file with the key of the client certificate."),
    text("cluster", "The cluster of the kubeconfig to use."),
    text("context", "The context of the kubeconfig to use."),
    switch("disable-compression", "Do not ask the server to compress its answers."),
    switch(
        "insecure-skip-tls-verify",
        "Do not check the server's certificate; connections are then not safe.",
    ),
    text("kubeconfig", "The kubeconfig file to use."),
    text("kuberc", "The kuberc file with preferences to use."),
    span("log-flush-frequency", "5s", "Seconds at most between writes of the log."),
    switch("match-server-version", "Refuse to work with a server of another version."),
    text("namespace", "The namespace to work in.").short('n'),
    text("password", "The password for basic authentication."),
    text("profile", "What to profile: none, cpu, heap, goroutine, threadcreate, block or mutex.")
        .default("none"),
    text("profile-output", "The file for the profile.").default("profile.pprof"),
    text("request-timeout", "How long to wait for one answer, such as 1s, 2m, 3h; 0 waits for ever.")
        .default("0"),
    text("server", "The address and port of the API server.").short('s'),
    text("tls-server-name", "The name to expect in the server's certificate."),
    text("token", "The bearer token to show."),
    text("user", "The user of the kubeconfig to be."),
    text("username", "The name for basic authentication."),
    int("v", "0", "How much to log.").short('v'),
    text("vmodule", "How much to log by file: pattern=N, separated by commas."),
    switch("warnings-as-errors", "End with a status other than zero when the server sent warnings."),
];
