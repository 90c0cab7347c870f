//! `kubectl create` and its generators.

use super::Command;
use super::flag::{Flag, array, int, slice, span, switch, text};
use super::groups::{
    CREATE as COMMON, DRY_RUN, FILES, MANAGER_CREATE, PRINT, RECORD, SAVE_CONFIG, SELECTOR, VALIDATE,
};

pub static CREATE: Command = Command {
    name: "create",
    short: "Make an object out of a file, standard input or flags",
    long: "Make objects that files describe, in YAML or JSON; or, with a kind of object, out of flags.",
    examples: &[
        ("What a file describes", "kubectl create -f ./pod.json"),
        ("A deployment", "kubectl create deployment my-dep --image=busybox"),
    ],
    usage: "create -f FILENAME",
    flags: &[
        FILES,
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        RECORD,
        SAVE_CONFIG,
        SELECTOR,
        VALIDATE,
        &[
            switch("edit", "Open it in an editor first."),
            text("raw", "A path of the server to post to instead."),
            switch("windows-line-endings", "Edit with the line endings of Windows."),
        ],
    ],
    children: &[
        &CLUSTER_ROLE,
        &CLUSTER_ROLE_BINDING,
        &CONFIG_MAP,
        &CRON_JOB,
        &DEPLOYMENT,
        &INGRESS,
        &JOB,
        &NAMESPACE,
        &BUDGET,
        &PRIORITY_CLASS,
        &QUOTA,
        &ROLE,
        &ROLE_BINDING,
        &SECRET,
        &SERVICE,
        &SERVICE_ACCOUNT,
        &TOKEN,
    ],
    ..Command::BASE
};

const APPEND_HASH: Flag = switch("append-hash", "Add a hash of the content to the name.");
const FROM_FILE: Flag = slice(
    "from-file",
    "A file or a directory of files to take in; KEY=PATH gives a key other than the file's name.",
);
const FROM_LITERAL: Flag = array("from-literal", "A key and its value, KEY=VALUE.");
const FROM_ENV_FILE: Flag = slice("from-env-file", "A file of lines KEY=VALUE.");
const SUBJECTS: &[Flag] = &[
    array("group", "A group to bind; may be given several times."),
    array("serviceaccount", "A service account to bind, NAMESPACE:NAME; may be given several times."),
    array("user", "A user to bind; may be given several times."),
];
const TCP: Flag = slice("tcp", "Ports, PORT:TARGETPORT.");

static DEPLOYMENT: Command = Command {
    name: "deployment",
    aliases: &["deploy"],
    short: "Make a deployment",
    long: "Make a deployment that runs one or more images.",
    examples: &[
        ("One replica of an image", "kubectl create deployment my-dep --image=busybox"),
        ("With a command", "kubectl create deployment my-dep --image=busybox -- date"),
        ("Three replicas", "kubectl create deployment my-dep --image=nginx --replicas=3"),
        ("With a port", "kubectl create deployment my-dep --image=busybox --port=5701"),
    ],
    usage: "deployment NAME --image=image -- [COMMAND] [args...]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[
            slice("image", "The images to run; several make a pod of several containers."),
            int("port", "-1", "The port that the container listens on."),
            int("replicas", "1", "How many replicas.").short('r'),
        ],
    ],
    required: &["image"],
    ..Command::BASE
};

static NAMESPACE: Command = Command {
    name: "namespace",
    aliases: &["ns"],
    short: "Make a namespace",
    usage: "namespace NAME [--dry-run=server|client|none]",
    flags: COMMON,
    ..Command::BASE
};

static CONFIG_MAP: Command = Command {
    name: "configmap",
    aliases: &["cm"],
    short: "Make a config map out of files, directories or values",
    long: "Make a config map. A file's name is the key of its content, unless KEY=PATH says otherwise; of a directory, every file with a valid name is taken.",
    examples: &[
        ("From a directory", "kubectl create configmap my-config --from-file=path/to/bar"),
        ("From values", "kubectl create configmap my-config --from-literal=key1=config1"),
    ],
    usage: "configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[APPEND_HASH, FROM_ENV_FILE, FROM_FILE, FROM_LITERAL],
    ],
    ..Command::BASE
};

static SECRET: Command = Command {
    name: "secret",
    short: "Make a secret, by kind",
    long: "Make a secret: credentials of a registry, a key with its certificate, or anything else.",
    usage: "secret (docker-registry | generic | tls)",
    children: &[&SECRET_DOCKER, &SECRET_GENERIC, &SECRET_TLS],
    runs: false,
    ..Command::BASE
};

static SECRET_GENERIC: Command = Command {
    name: "generic",
    short: "Make a secret out of files, directories or values",
    long: "Make a secret. A file's name is the key of its content, unless KEY=PATH says otherwise.",
    examples: &[("From values", "kubectl create secret generic my-secret --from-literal=key1=supersecret")],
    usage: "generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[APPEND_HASH, FROM_ENV_FILE, FROM_FILE, FROM_LITERAL, text("type", "The type of the secret.")],
    ],
    ..Command::BASE
};

static SECRET_DOCKER: Command = Command {
    name: "docker-registry",
    short: "Make a secret with the credentials of a registry",
    usage: "docker-registry NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[
            APPEND_HASH,
            text("docker-email", "The mail address."),
            text("docker-password", "The password."),
            text("docker-server", "The registry.").default("https://index.docker.io/v1/"),
            text("docker-username", "The name."),
            FROM_FILE,
        ],
    ],
    ..Command::BASE
};

static SECRET_TLS: Command = Command {
    name: "tls",
    short: "Make a secret with a key and its certificate",
    usage: "tls NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[
            APPEND_HASH,
            text("cert", "The file with the certificate (PEM)."),
            text("key", "The file with the key (PEM)."),
        ],
    ],
    ..Command::BASE
};

static SERVICE: Command = Command {
    name: "service",
    aliases: &["svc"],
    short: "Make a service, by type",
    long: "Make a service of one of the four types.",
    usage: "service [flags]",
    children: &[&SERVICE_CLUSTER_IP, &SERVICE_EXTERNAL_NAME, &SERVICE_LOAD_BALANCER, &SERVICE_NODE_PORT],
    runs: false,
    ..Command::BASE
};

static SERVICE_CLUSTER_IP: Command = Command {
    name: "clusterip",
    short: "Make a service that is known inside the cluster",
    usage: "clusterip NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[text("clusterip", "The cluster IP to have; 'None' makes a headless service."), TCP],
    ],
    ..Command::BASE
};

static SERVICE_NODE_PORT: Command = Command {
    name: "nodeport",
    short: "Make a service with a port on every node",
    usage: "nodeport NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[int("node-port", "0", "The port on the nodes."), TCP],
    ],
    ..Command::BASE
};

static SERVICE_LOAD_BALANCER: Command = Command {
    name: "loadbalancer",
    short: "Make a service with an address of its own outside",
    usage: "loadbalancer NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    flags: &[PRINT, DRY_RUN, MANAGER_CREATE, SAVE_CONFIG, VALIDATE, &[TCP]],
    ..Command::BASE
};

static SERVICE_EXTERNAL_NAME: Command = Command {
    name: "externalname",
    short: "Make a service that stands for a name outside",
    usage: "externalname NAME --external-name external.name [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[text("external-name", "The name outside."), TCP],
    ],
    required: &["external-name"],
    ..Command::BASE
};

static SERVICE_ACCOUNT: Command = Command {
    name: "serviceaccount",
    aliases: &["sa"],
    short: "Make a service account",
    usage: "serviceaccount NAME [--dry-run=server|client|none]",
    flags: COMMON,
    ..Command::BASE
};

static JOB: Command = Command {
    name: "job",
    short: "Make a job",
    usage: "job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[text("from", "A cron job to take the job from."), text("image", "The image to run.")],
    ],
    ..Command::BASE
};

static CRON_JOB: Command = Command {
    name: "cronjob",
    aliases: &["cj"],
    short: "Make a job that runs by the clock",
    usage: "cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[
            text("image", "The image to run."),
            text("restart", "What happens when it fails: OnFailure or Never."),
            text("schedule", "When, in cron's form."),
        ],
    ],
    required: &["image", "schedule"],
    ..Command::BASE
};

static INGRESS: Command = Command {
    name: "ingress",
    aliases: &["ing"],
    short: "Make an ingress",
    usage: "ingress NAME --rule=host/path=service:port[,tls[=secret]] ",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[
            array("annotation", "An annotation, KEY=VALUE."),
            text("class", "The ingress class."),
            text("default-backend", "The service for everything else, SERVICE:PORT."),
            array(
                "rule",
                "A rule, HOST/PATH=SERVICE:PORT[,tls[=SECRET]]; a path that ends in * is a prefix.",
            ),
        ],
    ],
    ..Command::BASE
};

static BUDGET: Command = Command {
    name: "poddisruptionbudget",
    aliases: &["pdb"],
    short: "Make a budget for planned disruptions",
    usage: "poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[
            text("max-unavailable", "The most pods that may be missing, a number or a share."),
            text("min-available", "The fewest pods that must be there, a number or a share."),
            text("selector", "The labels of the pods."),
        ],
    ],
    ..Command::BASE
};

static PRIORITY_CLASS: Command = Command {
    name: "priorityclass",
    aliases: &["pc"],
    short: "Make a priority class",
    usage: "priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[
            text("description", "What it is for."),
            switch("global-default", "Pods without a class get this one."),
            text("preemption-policy", "Whether its pods may drive others away.")
                .default("PreemptLowerPriority"),
            int("value", "0", "The priority."),
        ],
    ],
    ..Command::BASE
};

static QUOTA: Command = Command {
    name: "quota",
    aliases: &["resourcequota"],
    short: "Make a quota",
    usage: "quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[text("hard", "The limits, a=1,b=2."), text("scopes", "Scopes, separated by commas.")],
    ],
    ..Command::BASE
};

static ROLE: Command = Command {
    name: "role",
    short: "Make a role with one rule",
    usage: "role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[
            slice("resource", "The resource of the rule."),
            array("resource-name", "The only object that the rule is about; may be given several times."),
            slice("verb", "The verb of the rule."),
        ],
    ],
    ..Command::BASE
};

static CLUSTER_ROLE: Command = Command {
    name: "clusterrole",
    short: "Make a cluster role",
    usage: "clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        &[
            text("aggregation-rule", "Labels of cluster roles to combine."),
            slice("non-resource-url", "A path of the server."),
            slice("resource", "The resource of the rule."),
            array("resource-name", "The only object that the rule is about; may be given several times."),
            slice("verb", "The verb of the rule."),
        ],
    ],
    ..Command::BASE
};

static ROLE_BINDING: Command = Command {
    name: "rolebinding",
    short: "Give somebody a role in a namespace",
    usage: "rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        SUBJECTS,
        &[text("clusterrole", "The cluster role to give."), text("role", "The role to give.")],
    ],
    ..Command::BASE
};

static CLUSTER_ROLE_BINDING: Command = Command {
    name: "clusterrolebinding",
    short: "Give somebody a cluster role everywhere",
    usage: "clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    flags: &[
        PRINT,
        DRY_RUN,
        MANAGER_CREATE,
        SAVE_CONFIG,
        VALIDATE,
        SUBJECTS,
        &[text("clusterrole", "The cluster role to give.")],
    ],
    required: &["clusterrole"],
    ..Command::BASE
};

static TOKEN: Command = Command {
    name: "token",
    short: "Ask for a token of a service account",
    usage: "token SERVICE_ACCOUNT_NAME",
    flags: &[
        PRINT,
        &[
            array("audience", "Who the token is for; may be given several times."),
            text("bound-object-kind", "The kind of the object that the token lives as long as."),
            text("bound-object-name", "The name of that object."),
            text("bound-object-uid", "The UID of that object."),
            span("duration", "0s", "How long it shall be good."),
        ],
    ],
    ..Command::BASE
};
