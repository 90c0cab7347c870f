//! Commands about nodes, running containers and the way to them.

use super::Command;
use super::flag::{Flag, array, int, slice, span, switch, text};
use super::groups::{
    ALL_NAMESPACES, CHUNK, DRY_RUN, FILES, MANAGER_TAINT, PRINT, PRINT_JSON, RUNNING_TIMEOUT, SELECTOR,
    VALIDATE,
};

const CONTAINER: Flag = text("container", "The container; the default one when left out.").short('c');
const QUIET: Flag = switch("quiet", "Leave out messages of kubectl's own.").short('q');
const STDIN: Flag = switch("stdin", "Hand standard input to the container.").short('i');
const TTY: Flag = switch("tty", "Standard input is a terminal.").short('t');
const NO_HEADERS: Flag = switch("no-headers", "Leave out the line of titles.");

pub static LOGS: Command = Command {
    name: "logs",
    aliases: &["log"],
    short: "Show what a container wrote",
    long: "Show what a container of a pod wrote. With one container, its name may be left out.",
    examples: &[
        ("Everything so far", "kubectl logs nginx"),
        ("As it comes", "kubectl logs -f nginx"),
        ("Of the container that ended before", "kubectl logs -p web-1"),
        ("The last 20 lines of a deployment's pod", "kubectl logs --tail=20 deployment/nginx"),
    ],
    usage: "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
    flags: &[
        SELECTOR,
        &[
            switch("all-containers", "All containers of the pods."),
            switch("all-pods", "All pods of the object; puts their names before the lines."),
            CONTAINER,
            switch("follow", "Stay, and show what is written.").short('f'),
            switch("ignore-errors", "Go on when one of several logs fails."),
            switch("insecure-skip-tls-verify-backend", "Do not check the kubelet's certificate."),
            int("limit-bytes", "0", "At most this many bytes; 0 for no limit."),
            int("max-log-requests", "5", "At most this many logs at a time with a selector."),
            span("pod-running-timeout", "20s", "How long to wait until a pod runs."),
            switch("prefix", "Put pod and container before each line."),
            switch("previous", "The log of the container before the last restart.").short('p'),
            span("since", "0s", "Only what is younger than this (5s, 2m, 3h)."),
            text("since-time", "Only what was written after this time (RFC 3339)."),
            int("tail", "-1", "Only the last lines; all of them when -1, ten with a selector."),
            switch("timestamps", "Put the time before each line."),
        ],
    ],
    ..Command::BASE
};

pub static EXEC: Command = Command {
    name: "exec",
    short: "Run a command in a container",
    long: "Run a command in a container of a pod that is running.",
    examples: &[
        ("List the files", "kubectl exec mypod -- ls -l"),
        ("A shell", "kubectl exec -it mypod -c nginx -- sh"),
    ],
    usage: "exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
    flags: &[
        RUNNING_TIMEOUT,
        &[CONTAINER, slice("filename", "A file that names the pod.").short('f'), QUIET, STDIN, TTY],
    ],
    stops_at_words: true,
    ..Command::BASE
};

pub static ATTACH: Command = Command {
    name: "attach",
    short: "Watch and feed a container that runs",
    long: "See what a running container writes and, with -i, write to it.",
    usage: "attach (POD | TYPE/NAME) -c CONTAINER",
    flags: &[
        RUNNING_TIMEOUT,
        &[
            CONTAINER,
            text("detach-keys", "Keys that end the attachment.").default("ctrl-p,ctrl-q"),
            QUIET,
            STDIN,
            TTY,
        ],
    ],
    ..Command::BASE
};

pub static PORT_FORWARD: Command = Command {
    name: "port-forward",
    short: "Lead ports of this machine to a pod",
    long: "Listen on ports of this machine and lead connections to ports of a pod, until it is stopped.\n\n A service or deployment stands for one of its pods.",
    examples: &[
        ("Port 5000 here is 5000 there", "kubectl port-forward pod/mypod 5000"),
        ("Port 8888 here is 5000 there", "kubectl port-forward pod/mypod 8888:5000"),
    ],
    usage: "port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
    flags: &[
        RUNNING_TIMEOUT,
        &[slice("address", "The addresses of this machine to listen on, or localhost.")
            .default("[localhost]")],
    ],
    ..Command::BASE
};

pub static PROXY: Command = Command {
    name: "proxy",
    short: "Offer the API server on a port of this machine",
    usage: "proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]",
    flags: &[&[
        text("accept-hosts", "Hosts to accept, a pattern.")
            .default("^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$"),
        text("accept-paths", "Paths to accept, a pattern.").default("^.*"),
        text("address", "The address to listen on.").default("127.0.0.1"),
        text("api-prefix", "The path to offer the API under.").default("/"),
        switch("append-server-path", "Put the server's own path before each."),
        switch("disable-filter", "Accept everything; not safe."),
        span("keepalive", "0s", "How long idle connections live."),
        int("port", "8001", "The port; 0 takes any.").short('p'),
        text("reject-methods", "Methods to refuse, a pattern.").default("^$"),
        text("reject-paths", "Paths to refuse, a pattern.")
            .default("^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach"),
        text("unix-socket", "A socket to listen on.").short('u'),
        text("www", "A directory to offer, too.").short('w'),
        text("www-prefix", "The path to offer it under.").short('P').default("/static/"),
    ]],
    ..Command::BASE
};

pub static CP: Command = Command {
    name: "cp",
    short: "Copy files to and from containers",
    long: "Copy files and directories between this machine and a container that has tar.",
    examples: &[
        ("Into a pod", "kubectl cp /tmp/foo mypod:/tmp/bar"),
        ("Out of it", "kubectl cp mypod:/tmp/foo /tmp/bar"),
    ],
    usage: "cp <file-spec-src> <file-spec-dest>",
    flags: &[&[
        CONTAINER,
        switch("no-preserve", "Do not keep owners and modes."),
        int("retries", "0", "How often to try again from a container."),
    ]],
    ..Command::BASE
};

pub static DEBUG: Command = Command {
    name: "debug",
    short: "Put a container for debugging beside a workload or on a node",
    usage: "debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]",
    flags: &[&[
        switch("arguments-only", "The words after -- are arguments, not the command."),
        switch("attach", "Attach to the container; -i implies it."),
        text("container", "The name of the container.").short('c'),
        text("copy-to", "Make a copy of the pod under this name."),
        text("custom", "A file with more of the container's specification."),
        array("env", "Environment variables, NAME=VALUE."),
        slice("filename", "A file that names the pod.").short('f'),
        text("image", "The image to run."),
        text("image-pull-policy", "When to pull."),
        switch("keep-annotations", "The copy keeps the annotations."),
        switch("keep-init-containers", "The copy keeps the init containers.").default("true"),
        switch("keep-labels", "The copy keeps the labels."),
        switch("keep-liveness", "The copy keeps liveness probes."),
        switch("keep-readiness", "The copy keeps readiness probes."),
        switch("keep-startup", "The copy keeps startup probes."),
        text("profile", "general, baseline, restricted, netadmin or sysadmin.").default("general"),
        QUIET,
        switch("replace", "Delete the pod that is copied."),
        switch("same-node", "The copy runs on the same node."),
        array("set-image", "New images of the copy, NAME=IMAGE."),
        switch("share-processes", "The containers of the copy see each other's processes.").default("true"),
        STDIN,
        text("target", "The container whose processes to see."),
        TTY,
    ]],
    ..Command::BASE
};

pub static CERTIFICATE: Command = Command {
    name: "certificate",
    short: "Decide about certificate requests",
    usage: "certificate SUBCOMMAND",
    children: &[&CERTIFICATE_APPROVE, &CERTIFICATE_DENY],
    runs: false,
    ..Command::BASE
};

static CERTIFICATE_APPROVE: Command = Command {
    name: "approve",
    short: "Grant a certificate request",
    usage: "approve (-f FILENAME | NAME)",
    flags: &[FILES, PRINT, &[switch("force", "Also one that was granted already.")]],
    ..Command::BASE
};

static CERTIFICATE_DENY: Command = Command {
    name: "deny",
    short: "Refuse a certificate request",
    usage: "deny (-f FILENAME | NAME)",
    flags: &[FILES, PRINT, &[switch("force", "Also one that was refused already.")]],
    ..Command::BASE
};

pub static CLUSTER_INFO: Command = Command {
    name: "cluster-info",
    short: "Say where the cluster's services are",
    long: "Print the addresses of the control plane and of services with the label kubernetes.io/cluster-service=true.",
    examples: &[("Where is it?", "kubectl cluster-info")],
    usage: "cluster-info [flags]",
    children: &[&CLUSTER_INFO_DUMP],
    ..Command::BASE
};

static CLUSTER_INFO_DUMP: Command = Command {
    name: "dump",
    short: "Print everything about the cluster's state",
    usage: "dump [flags]",
    flags: &[
        PRINT_JSON,
        ALL_NAMESPACES,
        &[
            slice("namespaces", "The namespaces, separated by commas."),
            text("output-directory", "A directory for the files; standard output when left out."),
            span("pod-running-timeout", "20s", "How long to wait until a pod runs."),
        ],
    ],
    ..Command::BASE
};

pub static TOP: Command = Command {
    name: "top",
    suggest_for: &["stats"],
    short: "Show who uses how much",
    long: "Show the use of CPU and memory, as the metrics server measured it lately.",
    usage: "top [flags]",
    children: &[&TOP_NODE, &TOP_POD],
    runs: false,
    ..Command::BASE
};

static TOP_NODE: Command = Command {
    name: "node",
    aliases: &["nodes", "no"],
    short: "Show how much nodes use",
    usage: "node [NAME | -l label]",
    flags: &[
        SELECTOR,
        &[
            NO_HEADERS,
            switch("show-capacity", "Relative to the capacity, not to what is allocatable."),
            switch("show-swap", "With swap."),
            text("sort-by", "cpu or memory."),
            switch("use-protocol-buffers", "How to ask the metrics server.").default("true"),
        ],
    ],
    ..Command::BASE
};

static TOP_POD: Command = Command {
    name: "pod",
    aliases: &["pods", "po"],
    short: "Show how much pods use",
    usage: "pod [NAME | -l label]",
    flags: &[
        ALL_NAMESPACES,
        SELECTOR,
        &[
            switch("containers", "A line for each container."),
            text("field-selector", "Only pods whose fields match."),
            NO_HEADERS,
            switch("show-swap", "With swap."),
            text("sort-by", "cpu or memory."),
            switch("sum", "With the sum in a last line."),
            switch("use-protocol-buffers", "How to ask the metrics server.").default("true"),
        ],
    ],
    ..Command::BASE
};

pub static CORDON: Command = Command {
    name: "cordon",
    short: "Let a node get no new pods",
    usage: "cordon NODE",
    flags: &[SELECTOR, DRY_RUN],
    ..Command::BASE
};

pub static UNCORDON: Command = Command {
    name: "uncordon",
    short: "Let a node get pods again",
    usage: "uncordon NODE",
    flags: &[SELECTOR, DRY_RUN],
    ..Command::BASE
};

pub static DRAIN: Command = Command {
    name: "drain",
    short: "Empty a node before it is serviced",
    long: "Cordon a node and move its pods away.",
    examples: &[("Also with pods of daemon sets", "kubectl drain foo --ignore-daemonsets")],
    usage: "drain NODE",
    flags: &[
        CHUNK,
        DRY_RUN,
        SELECTOR,
        &[
            switch("delete-emptydir-data", "Also pods with emptyDir volumes; their data is lost."),
            switch("disable-eviction", "Delete instead of evicting; budgets are not asked."),
            switch("force", "Also pods that nothing will bring back."),
            int("grace-period", "-1", "Seconds that each pod gets to end; negative leaves it to the pod."),
            switch("ignore-daemonsets", "Leave pods of daemon sets alone."),
            text("pod-selector", "Only pods with these labels."),
            int(
                "skip-wait-for-delete-timeout",
                "0",
                "Do not wait for pods that have been ending for this many seconds.",
            ),
            span("timeout", "0s", "How long to wait; zero for ever."),
        ],
    ],
    ..Command::BASE
};

pub static TAINT: Command = Command {
    name: "taint",
    short: "Keep pods off nodes by marks",
    long: "Put taints KEY=VALUE:EFFECT on nodes, or remove them with KEY:EFFECT-. Effects are NoSchedule, PreferNoSchedule and NoExecute.",
    examples: &[
        ("Put one", "kubectl taint nodes foo dedicated=special-user:NoSchedule"),
        ("Remove it", "kubectl taint nodes foo dedicated:NoSchedule-"),
    ],
    usage: "taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
    flags: &[
        DRY_RUN,
        MANAGER_TAINT,
        PRINT,
        SELECTOR,
        VALIDATE,
        &[
            switch("all", "Every node."),
            switch("overwrite", "Replace taints that are there already instead of refusing."),
        ],
    ],
    ..Command::BASE
};
