//! Commands about kubectl itself: config, auth, completion, plugins.

use super::Command;
use super::flag::{array, slice, switch, text};
use super::groups::{ALL_NAMESPACES, DRY_RUN, FILES, PRINT};

pub static CONFIG: Command = Command {
    name: "config",
    short: "Look into kubeconfig files and change them",
    long: "Look into kubeconfig files and change them.\n\n The file is the one of --kubeconfig, else those of $KUBECONFIG, else ~/.kube/config.",
    usage: "config SUBCOMMAND",
    children: &[
        &CURRENT_CONTEXT,
        &DELETE_CLUSTER,
        &DELETE_CONTEXT,
        &DELETE_USER,
        &GET_CLUSTERS,
        &GET_CONTEXTS,
        &GET_USERS,
        &RENAME_CONTEXT,
        &SET,
        &SET_CLUSTER,
        &SET_CONTEXT,
        &SET_CREDENTIALS,
        &UNSET,
        &USE_CONTEXT,
        &VIEW,
    ],
    runs: false,
    ..Command::BASE
};

static CURRENT_CONTEXT: Command = Command {
    name: "current-context",
    short: "Print the name of the current context",
    usage: "current-context [flags]",
    ..Command::BASE
};
static DELETE_CLUSTER: Command = Command {
    name: "delete-cluster",
    short: "Remove a cluster",
    usage: "delete-cluster NAME",
    ..Command::BASE
};
static DELETE_CONTEXT: Command = Command {
    name: "delete-context",
    short: "Remove a context",
    usage: "delete-context NAME",
    ..Command::BASE
};
static DELETE_USER: Command =
    Command { name: "delete-user", short: "Remove a user", usage: "delete-user NAME", ..Command::BASE };
static GET_CLUSTERS: Command = Command {
    name: "get-clusters",
    short: "List the clusters",
    usage: "get-clusters [flags]",
    ..Command::BASE
};
static GET_USERS: Command =
    Command { name: "get-users", short: "List the users", usage: "get-users [flags]", ..Command::BASE };

static GET_CONTEXTS: Command = Command {
    name: "get-contexts",
    short: "List the contexts",
    usage: "get-contexts [(-o|--output=)name)]",
    flags: &[&[
        switch("no-headers", "Leave out the line of titles."),
        text("output", "With \"name\": only names.").short('o'),
    ]],
    ..Command::BASE
};

static RENAME_CONTEXT: Command = Command {
    name: "rename-context",
    short: "Give a context another name",
    usage: "rename-context CONTEXT_NAME NEW_NAME",
    ..Command::BASE
};

static SET: Command = Command {
    name: "set",
    short: "Set one value, by its path",
    usage: "set PROPERTY_NAME PROPERTY_VALUE",
    flags: &[&[switch("set-raw-bytes", "Write the bytes as they are, not decoded from base64.")]],
    ..Command::BASE
};

static UNSET: Command = Command {
    name: "unset",
    short: "Remove one value, by its path",
    usage: "unset PROPERTY_NAME",
    ..Command::BASE
};

static SET_CLUSTER: Command = Command {
    name: "set-cluster",
    short: "Make or change a cluster",
    usage: "set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]",
    flags: &[&[
        text("certificate-authority", "The file with the certificate of its authority."),
        switch("embed-certs", "Put the certificate into the file."),
        switch("insecure-skip-tls-verify", "Do not check its certificate."),
        text("proxy-url", "The proxy to use."),
        text("server", "Its address."),
        text("tls-server-name", "The name in its certificate."),
    ]],
    ..Command::BASE
};

static SET_CONTEXT: Command = Command {
    name: "set-context",
    short: "Make or change a context",
    usage: "set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]",
    flags: &[&[
        text("cluster", "Its cluster."),
        switch("current", "The current one."),
        text("namespace", "Its namespace.").short('n'),
        text("user", "Its user."),
    ]],
    ..Command::BASE
};

static SET_CREDENTIALS: Command = Command {
    name: "set-credentials",
    short: "Make or change a user",
    usage: "set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] [--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value]",
    flags: &[&[
        text("auth-provider", "How to log in."),
        slice("auth-provider-arg", "How exactly, KEY=VALUE."),
        text("client-certificate", "The file with the certificate."),
        text("client-key", "The file with its key."),
        switch("embed-certs", "Put certificate and key into the file."),
        text("exec-api-version", "The version that the credential program speaks."),
        slice("exec-arg", "Its arguments."),
        text("exec-command", "The program that gives credentials."),
        array("exec-env", "Its environment, KEY=VALUE."),
        text("exec-interactive-mode", "Whether it may ask."),
        switch("exec-provide-cluster-info", "Whether it is told about the cluster."),
        text("password", "The password."),
        text("token", "The token."),
        text("username", "The name."),
    ]],
    ..Command::BASE
};

static USE_CONTEXT: Command = Command {
    name: "use-context",
    aliases: &["use"],
    short: "Make a context the current one",
    examples: &[("Work with minikube from now on", "kubectl config use-context minikube")],
    usage: "use-context CONTEXT_NAME",
    ..Command::BASE
};

static VIEW: Command = Command {
    name: "view",
    short: "Print the settings that are in force",
    usage: "view [flags]",
    flags: &[&[
        switch(
            "allow-missing-template-keys",
            "Print nothing, rather than fail, where a template names a field that is not there.",
        )
        .default("true"),
        switch("flatten", "Make the output independent of other files."),
        switch("merge", "Take all files together.").default("true"),
        switch("minify", "Only what the current context uses."),
        text("output", "How to print: json, yaml, name, go-template, jsonpath ...")
            .short('o')
            .default("yaml"),
        switch("raw", "With certificates and secrets."),
        switch("show-managed-fields", "Keep metadata.managedFields when printing JSON or YAML."),
        text("template", "The template, or the path of a file with one."),
    ]],
    ..Command::BASE
};

pub static AUTH: Command = Command {
    name: "auth",
    short: "Ask who may do what",
    usage: "auth",
    children: &[&CAN_I, &RECONCILE, &WHOAMI],
    runs: false,
    ..Command::BASE
};

static CAN_I: Command = Command {
    name: "can-i",
    short: "Ask whether something is allowed",
    long: "Ask whether you may do something. Verbs are those of the API: get, list, watch, create, update, patch, delete ...",
    examples: &[
        ("May I create pods?", "kubectl auth can-i create pods"),
        ("What may I do?", "kubectl auth can-i --list"),
    ],
    usage: "can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
    flags: &[
        ALL_NAMESPACES,
        &[
            switch("list", "Print everything that is allowed."),
            switch("no-headers", "Leave out the line of titles."),
            switch("quiet", "Print nothing; only the exit status tells.").short('q'),
            text("subresource", "Of this subresource, such as log or scale."),
        ],
    ],
    ..Command::BASE
};

static RECONCILE: Command = Command {
    name: "reconcile",
    short: "Bring roles and bindings to what a file says",
    usage: "reconcile -f FILENAME",
    flags: &[
        FILES,
        PRINT,
        DRY_RUN,
        &[
            switch("remove-extra-permissions", "Remove permissions that the file does not have."),
            switch("remove-extra-subjects", "Remove subjects that the file does not have."),
        ],
    ],
    ..Command::BASE
};

static WHOAMI: Command = Command {
    name: "whoami",
    short: "Ask who you are for the server",
    usage: "whoami",
    flags: &[PRINT],
    ..Command::BASE
};

pub static COMPLETION: Command = Command {
    name: "completion",
    short: "Print the code that lets a shell complete kubectl's words (bash, zsh, fish, powershell)",
    usage: "completion SHELL",
    ..Command::BASE
};

pub static KUBERC: Command = Command {
    name: "kuberc",
    short: "Look into kuberc files and change them",
    usage: "kuberc SUBCOMMAND",
    ..Command::BASE
};

pub static PLUGIN: Command = Command {
    name: "plugin",
    short: "List the plugins on this machine",
    usage: "plugin [flags]",
    children: &[&PLUGIN_LIST],
    runs: false,
    ..Command::BASE
};

static PLUGIN_LIST: Command = Command {
    name: "list",
    short: "List programs on the path whose names begin with kubectl-",
    usage: "list [flags]",
    flags: &[&[switch("name-only", "Names instead of paths.")]],
    ..Command::BASE
};
