//! Commands about what runs: run, expose, scale, autoscale, set, rollout.

use super::Command;
use super::flag::{Flag, array, int, slice, span, switch, text};
use super::groups::{
    DELETE as DELETE_FLAGS, DRY_RUN, FILES, MANAGER_AUTOSCALE, MANAGER_EXPOSE, MANAGER_ROLLOUT, MANAGER_RUN,
    MANAGER_SET, OVERRIDES, PRINT, RECORD, RUNNING_TIMEOUT, SAVE_CONFIG, SELECTOR, WAIT_OFF,
};

const LOCAL: Flag =
    switch("local", "Change the given file's content and print it, without asking the server.");
const ALL: Flag = switch("all", "Every object of the given kinds in the namespace.");
const CONTAINERS: Flag =
    text("containers", "The containers to change; wildcards are allowed.").default("*").short('c');

pub static RUN: Command = Command {
    name: "run",
    short: "Make a pod that runs an image",
    long: "Make a pod that runs an image.",
    examples: &[
        ("A web server", "kubectl run nginx --image=nginx"),
        ("With a port", "kubectl run hazelcast --image=hazelcast/hazelcast --port=5701"),
        ("A shell that is gone afterwards", "kubectl run -it box --rm --image=busybox --restart=Never -- sh"),
    ],
    usage: "run NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]",
    flags: &[
        DELETE_FLAGS,
        DRY_RUN,
        MANAGER_RUN,
        RECORD,
        OVERRIDES,
        PRINT,
        RUNNING_TIMEOUT,
        SAVE_CONFIG,
        WAIT_OFF,
        &[
            array("annotations", "Annotations for the pod."),
            switch("attach", "Wait until the pod runs, then attach to it; -i implies it."),
            switch("command", "Take the words after -- as the command, not as its arguments."),
            text("detach-keys", "Keys that end the attachment.").default("ctrl-p,ctrl-q"),
            array("env", "Environment variables of the container, NAME=VALUE."),
            switch("expose", "Make a ClusterIP service for the pod, too; needs --port."),
            slice("filename", "Files with objects to replace.").short('f'),
            text("image", "The image to run."),
            text("image-pull-policy", "When to pull: Always, IfNotPresent or Never."),
            text("kustomize", "A directory with a kustomization; not together with -f or -R.").short('k'),
            text("labels", "Labels for the pod, a=b,c=d.").short('l'),
            switch(
                "leave-stdin-open",
                "Do not close the container's standard input after the first attachment.",
            ),
            text("port", "The port that the container listens on."),
            switch("privileged", "Run the container in privileged mode."),
            switch("quiet", "Leave out messages of kubectl's own.").short('q'),
            switch("recursive", "Go down into the directories given with -f.").short('R'),
            text("restart", "What happens when it ends: Always, OnFailure or Never.").default("Always"),
            switch("rm", "Delete the pod when the attachment ends."),
            switch("stdin", "Keep the container's standard input open.").short('i'),
            switch("tty", "Give the container a terminal.").short('t'),
        ],
    ],
    required: &["image"],
    ..Command::BASE
};

pub static EXPOSE: Command = Command {
    name: "expose",
    short: "Make a service for a deployment, replica set, pod or service",
    long: "Make a service whose selector is that of a deployment, replica set, pod or service.\n\n Without --port it takes over the ports that it finds.",
    examples: &[
        ("A deployment inside the cluster", "kubectl expose deployment nginx --port=80 --target-port=8000"),
        ("With an address outside", "kubectl expose deployment nginx --type=LoadBalancer --port=80"),
    ],
    usage: "expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]",
    flags: &[
        DRY_RUN,
        FILES,
        MANAGER_EXPOSE,
        RECORD,
        OVERRIDES,
        PRINT,
        SAVE_CONFIG,
        &[
            text("cluster-ip", "The cluster IP to have; 'None' makes a headless service."),
            text("external-ip", "Another address that the nodes accept for the service."),
            text("labels", "Labels for the service.").short('l'),
            text("load-balancer-ip", "The address that the load balancer shall have."),
            text("name", "The name of the service."),
            text("port", "The port of the service."),
            text("protocol", "TCP, UDP or SCTP; TCP when left out."),
            text("selector", "The selector, a=b,c=d; left out, it is taken from the object."),
            text("session-affinity", "None or ClientIP."),
            text("target-port", "The port of the containers, by number or name."),
            text("type", "ClusterIP, NodePort, LoadBalancer or ExternalName; ClusterIP when left out."),
        ],
    ],
    ..Command::BASE
};

pub static SCALE: Command = Command {
    name: "scale",
    short: "Say how many replicas there shall be",
    long: "Say how many replicas a deployment, replica set, stateful set or replication controller shall have.",
    examples: &[("Three replicas", "kubectl scale --replicas=3 deployment/mysql")],
    usage: "scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
    flags: &[
        DRY_RUN,
        FILES,
        PRINT,
        RECORD,
        SELECTOR,
        &[
            ALL,
            int("current-replicas", "-1", "Only if it has this many now."),
            int("replicas", "0", "How many replicas."),
            text("resource-version", "Only if the object still has this version."),
            span("timeout", "0s", "How long to wait until it has them; zero does not wait."),
        ],
    ],
    required: &["replicas"],
    ..Command::BASE
};

pub static AUTOSCALE: Command = Command {
    name: "autoscale",
    short: "Let the load choose the number of replicas",
    long: "Make an autoscaler that chooses the number of replicas by load.",
    examples: &[("Between two and ten, at 80 % of the requested CPU", "kubectl autoscale deployment foo --min=2 --max=10 --cpu=80%")],
    usage: "autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY]",
    flags: &[
        DRY_RUN,
        FILES,
        MANAGER_AUTOSCALE,
        RECORD,
        PRINT,
        SAVE_CONFIG,
        &[
            text("cpu", "The CPU to aim at: a share of the request ('80%') or an amount ('500m')."),
            int("cpu-percent", "-1", "The share of the requested CPU to aim at.")
                .deprecated("Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU)."),
            int("max", "-1", "The most replicas. Required."),
            text("memory", "The memory to aim at: a share of the request ('60%') or an amount ('200Mi')."),
            int("min", "-1", "The fewest replicas; the server chooses when left out."),
            text("name", "The name of the autoscaler; that of its target when left out."),
        ],
    ],
    required: &["max"],
    ..Command::BASE
};

const SET_FLAGS: &[&[Flag]] = &[DRY_RUN, FILES, MANAGER_SET, PRINT, RECORD, SELECTOR, &[ALL, LOCAL]];

pub static SET: Command = Command {
    name: "set",
    short: "Change one aspect of objects",
    long: "Change one aspect of objects that run containers.",
    usage: "set SUBCOMMAND",
    children: &[&SET_ENV, &SET_IMAGE, &SET_RESOURCES, &SET_SELECTOR, &SET_SERVICE_ACCOUNT, &SET_SUBJECT],
    runs: false,
    ..Command::BASE
};

static SET_IMAGE: Command = Command {
    name: "image",
    short: "Change images",
    long: "Change the images of containers; '*' stands for all of them.",
    examples: &[(
        "A new version of one container",
        "kubectl set image deployment/nginx busybox=busybox nginx=nginx:1.9.1",
    )],
    usage: "image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
    flags: SET_FLAGS,
    ..Command::BASE
};

static SET_ENV: Command = Command {
    name: "env",
    short: "Change environment variables",
    long: "Set environment variables of containers with KEY=VALUE, remove them with KEY-, or list them.",
    examples: &[
        ("Set one", "kubectl set env deployment/registry STORAGE_DIR=/local"),
        ("List them", "kubectl set env deployment/sample-build --list"),
    ],
    usage: "env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N",
    flags: &[
        DRY_RUN,
        FILES,
        MANAGER_SET,
        PRINT,
        SELECTOR,
        &[
            ALL,
            LOCAL,
            CONTAINERS,
            array("env", "A variable to set, KEY=VALUE.").short('e'),
            text("from", "A config map or secret to take variables from."),
            slice("keys", "Only these keys of it."),
            switch("list", "Print the variables."),
            switch("overwrite", "Replace variables that are there already instead of refusing.")
                .default("true"),
            text("prefix", "What to put before the names."),
            switch("resolve", "With --list: show what references stand for."),
        ],
    ],
    ..Command::BASE
};

static SET_RESOURCES: Command = Command {
    name: "resources",
    short: "Change requests and limits",
    long: "Change what containers ask for and what they may use at most; 0 removes a value.",
    examples: &[(
        "Limits of one container",
        "kubectl set resources deployment nginx -c=nginx --limits=cpu=200m,memory=512Mi",
    )],
    usage: "resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]",
    flags: &[
        DRY_RUN,
        FILES,
        MANAGER_SET,
        PRINT,
        RECORD,
        SELECTOR,
        &[
            ALL,
            LOCAL,
            CONTAINERS,
            text("limits", "The most it may use, such as cpu=100m,memory=256Mi."),
            text("requests", "What it asks for, such as cpu=100m,memory=256Mi."),
        ],
    ],
    ..Command::BASE
};

static SET_SELECTOR: Command = Command {
    name: "selector",
    short: "Change the selector of a service",
    usage: "selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]",
    flags: &[
        DRY_RUN,
        MANAGER_SET,
        PRINT,
        RECORD,
        &[
            ALL,
            LOCAL,
            slice("filename", "Files that name the objects.").short('f'),
            switch("recursive", "Go down into the directories given with -f.").short('R').default("true"),
            text("resource-version", "Only if the object still has this version."),
        ],
    ],
    ..Command::BASE
};

static SET_SERVICE_ACCOUNT: Command = Command {
    name: "serviceaccount",
    aliases: &["sa"],
    short: "Change the service account",
    usage: "serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT",
    flags: &[DRY_RUN, FILES, MANAGER_SET, PRINT, RECORD, &[ALL, LOCAL]],
    ..Command::BASE
};

static SET_SUBJECT: Command = Command {
    name: "subject",
    short: "Change who a role is given to",
    usage: "subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    flags: &[
        DRY_RUN,
        FILES,
        MANAGER_SET,
        PRINT,
        SELECTOR,
        &[
            ALL,
            LOCAL,
            array("group", "A group to bind."),
            array("serviceaccount", "A service account to bind, NAMESPACE:NAME."),
            array("user", "A user to bind."),
        ],
    ],
    ..Command::BASE
};

pub static ROLLOUT: Command = Command {
    name: "rollout",
    short: "Follow, stop and take back rollouts",
    long: "Follow, stop, continue, repeat or take back changes of deployments, daemon sets and stateful sets.",
    examples: &[
        ("Go back one revision", "kubectl rollout undo deployment/abc"),
        ("See how far it is", "kubectl rollout status deployment/foo"),
    ],
    usage: "rollout SUBCOMMAND",
    children: &[&HISTORY, &PAUSE, &RESTART, &RESUME, &STATUS, &UNDO],
    runs: false,
    ..Command::BASE
};

static HISTORY: Command = Command {
    name: "history",
    short: "List revisions",
    long: "List the revisions of a rollout, or show the template of one.",
    examples: &[("All revisions", "kubectl rollout history deployment/abc")],
    usage: "history (TYPE NAME | TYPE/NAME) [flags]",
    flags: &[FILES, PRINT, SELECTOR, &[int("revision", "0", "Show this revision in full.")]],
    ..Command::BASE
};

static PAUSE: Command = Command {
    name: "pause",
    short: "Let changes of the template wait",
    usage: "pause RESOURCE",
    flags: &[FILES, MANAGER_ROLLOUT, PRINT, SELECTOR],
    ..Command::BASE
};

static RESTART: Command = Command {
    name: "restart",
    short: "Replace all pods",
    usage: "restart RESOURCE",
    flags: &[FILES, MANAGER_ROLLOUT, PRINT, SELECTOR],
    ..Command::BASE
};

static RESUME: Command = Command {
    name: "resume",
    short: "Let a paused rollout go on",
    usage: "resume RESOURCE",
    flags: &[FILES, MANAGER_ROLLOUT, PRINT, SELECTOR],
    ..Command::BASE
};

static STATUS: Command = Command {
    name: "status",
    short: "Say how far a rollout is",
    long: "Say how far a rollout is, until it is done.",
    examples: &[("Wait for a deployment", "kubectl rollout status deployment/nginx")],
    usage: "status (TYPE NAME | TYPE/NAME) [flags]",
    flags: &[
        FILES,
        SELECTOR,
        &[
            int("revision", "0", "Only this revision; the latest when 0."),
            span("timeout", "0s", "How long to watch; zero watches to the end."),
            switch("watch", "Stay until it is done.").default("true").short('w'),
        ],
    ],
    ..Command::BASE
};

static UNDO: Command = Command {
    name: "undo",
    short: "Go back to an earlier revision",
    long: "Go back to an earlier revision.",
    examples: &[
        ("One step", "kubectl rollout undo deployment/abc"),
        ("To revision 3", "kubectl rollout undo deployment/abc --to-revision=3"),
    ],
    usage: "undo (TYPE NAME | TYPE/NAME) [flags]",
    flags: &[
        DRY_RUN,
        FILES,
        PRINT,
        SELECTOR,
        &[int("to-revision", "0", "The revision to go back to; the one before when 0.")],
    ],
    ..Command::BASE
};
