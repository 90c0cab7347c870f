//! Commands that read and write objects of any kind: get, describe, edit, delete, apply, patch, label, wait ...

use super::Command;
use super::flag::{Flag, array, int, slice, span, switch, text};
use super::groups::{
    ALL_NAMESPACES, CHUNK, DELETE as DELETE_FLAGS, DRY_RUN, FILES, MANAGER_ANNOTATE, MANAGER_APPLY,
    MANAGER_EDIT, MANAGER_LABEL, MANAGER_PATCH, MANAGER_REPLACE, PRINT, RECORD, SAVE_CONFIG, SELECTOR,
    VALIDATE, WAIT_OFF,
};

const FIELD_SELECTOR: Flag = text(
    "field-selector",
    "Only objects whose fields match (=, == and !=); servers know few fields per kind.",
);
const IGNORE_NOT_FOUND: Flag =
    switch("ignore-not-found", "Do not complain about named objects that do not exist.");
const SUBRESOURCE: Flag = text("subresource", "Work on this subresource of the object.");
const NO_HEADERS: Flag = switch("no-headers", "Leave out the line of titles.");
const RAW: Flag = text("raw", "A path of the server to use instead of an object.");
const LOCAL: Flag =
    switch("local", "Change the given file's content and print it, without asking the server.");
const OVERWRITE_OFF: Flag = switch("overwrite", "Replace values that are there already instead of refusing.");
const ALL: Flag = switch("all", "Every object of the given kinds in the namespace.");
const RESOURCE_VERSION: Flag =
    text("resource-version", "Only if the object still has this version; for a single object.");
const WINDOWS: Flag = switch("windows-line-endings", "Edit with the line endings of Windows.");

pub static GET: Command = Command {
    name: "get",
    suggest_for: &["list", "ls"],
    short: "Show objects, one line each or in full",
    long: "Show objects, one line each, or in another form with -o.\n\n Without -n or -A it looks in the current namespace. `kubectl api-resources` lists the kinds.",
    examples: &[
        ("All pods, one line each", "kubectl get pods"),
        ("With node and address", "kubectl get pods -o wide"),
        ("One deployment as YAML", "kubectl get deployment web -o yaml"),
        ("One value of one pod", "kubectl get pod web-pod-13je7 -o jsonpath='{.status.phase}'"),
        ("Several kinds at once", "kubectl get deployments,services"),
        ("In every namespace", "kubectl get pods --all-namespaces"),
    ],
    usage: "get [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
    flags: &[
        ALL_NAMESPACES,
        CHUNK,
        FILES,
        PRINT,
        SELECTOR,
        &[
            FIELD_SELECTOR,
            IGNORE_NOT_FOUND,
            slice("label-columns", "Labels to show as columns of their own; case matters.").short('L'),
            NO_HEADERS,
            switch("output-watch-events", "With --watch, print the events around the objects."),
            RAW,
            switch("server-print", "Let the server make the table.").default("true"),
            switch("show-kind", "Put the kind before each name."),
            switch("show-labels", "Show all labels in a last column."),
            text(
                "sort-by",
                "Sort by this field, a JSONPath such as '{.metadata.name}' to a number or a text.",
            ),
            SUBRESOURCE,
            switch("watch", "Stay, and print objects again when they change.").short('w'),
            switch("watch-only", "As --watch, but without the objects that are there at the start."),
        ],
    ],
    ..Command::BASE
};

pub static DESCRIBE: Command = Command {
    name: "describe",
    suggest_for: &["inspect"],
    short: "Show an object with all that belongs to it, in words",
    long: "Show an object with everything that belongs to it: its fields in words, related objects, events.\n\n A name that matches no object is taken as the beginning of names.",
    examples: &[
        ("One pod", "kubectl describe pods/nginx"),
        ("All pods of a label", "kubectl describe pods -l name=myLabel"),
    ],
    usage: "describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
    flags: &[
        ALL_NAMESPACES,
        CHUNK,
        FILES,
        SELECTOR,
        &[switch("show-events", "Show the events about the object too.").default("true")],
    ],
    ..Command::BASE
};

pub static EDIT: Command = Command {
    name: "edit",
    short: "Change an object in an editor",
    long: "Open an object in an editor and send back what was changed.\n\n The editor is $KUBE_EDITOR, $EDITOR or vi. When the server refuses, the file is opened again with its reasons on top.",
    examples: &[
        ("Change a service", "kubectl edit svc/registry"),
        ("With another editor", "KUBE_EDITOR=\"nano\" kubectl edit svc/registry"),
    ],
    usage: "edit (RESOURCE/NAME | -f FILENAME)",
    flags: &[
        FILES,
        PRINT,
        MANAGER_EDIT,
        RECORD,
        SAVE_CONFIG,
        VALIDATE,
        &[switch("output-patch", "Print the patch when something was changed."), SUBRESOURCE, WINDOWS],
    ],
    ..Command::BASE
};

pub static DELETE: Command = Command {
    name: "delete",
    suggest_for: &["rm", "remove"],
    short: "Delete objects",
    long: "Delete objects that are named, selected or listed in files.\n\n It waits until they are gone. Objects get time to end; --now and --force shorten it.",
    examples: &[
        ("What a file lists", "kubectl delete -f ./pod.json"),
        ("By kind and name", "kubectl delete pod,service baz foo"),
        ("By label", "kubectl delete pods,services -l name=myLabel"),
    ],
    usage: "delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
    flags: &[
        ALL_NAMESPACES,
        DELETE_FLAGS,
        DRY_RUN,
        FILES,
        SELECTOR,
        &[
            ALL,
            FIELD_SELECTOR,
            IGNORE_NOT_FOUND,
            switch("interactive", "Ask before anything is deleted.").short('i'),
            switch("now", "Give objects one second to end (as --grace-period=1)."),
            text("output", "With \"name\": print only kind/name.").short('o'),
            RAW,
            switch("wait", "Return only when the objects are gone, finalizers included.").default("true"),
        ],
    ],
    ..Command::BASE
};

pub static APPLY: Command = Command {
    name: "apply",
    short: "Make objects be what files say",
    long: "Make objects be what files say: create them, or change what differs.\n\n The last applied configuration is kept in an annotation, so that fields removed from a file are removed from the object.",
    examples: &[
        ("What is in a file", "kubectl apply -f ./pod.json"),
        ("From standard input", "cat pod.json | kubectl apply -f -"),
    ],
    usage: "apply (-f FILENAME | -k DIRECTORY)",
    flags: &[
        DELETE_FLAGS,
        DRY_RUN,
        FILES,
        MANAGER_APPLY,
        RECORD,
        PRINT,
        SELECTOR,
        VALIDATE,
        WAIT_OFF,
        &[
            ALL,
            switch("force-conflicts", "With --server-side: take fields over from other managers."),
            switch("openapi-patch", "Use the server's schema to compute the difference.").default("true"),
            switch("overwrite", "Settle conflicts with the values of the file.").default("true"),
            switch(
                "prune",
                "Delete objects that were applied before and are in no file now; with -l or --all.",
            ),
            array("prune-allowlist", "Kinds that --prune may delete, as group/version/kind."),
            switch("server-side", "Let the server do the merging."),
            SUBRESOURCE,
        ],
    ],
    children: &[&VIEW_LAST_APPLIED, &SET_LAST_APPLIED, &EDIT_LAST_APPLIED],
    ..Command::BASE
};

static VIEW_LAST_APPLIED: Command = Command {
    name: "view-last-applied",
    short: "Print what was applied last",
    usage: "view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
    flags: &[FILES, SELECTOR, &[ALL, text("output", "yaml or json.").default("yaml").short('o')]],
    ..Command::BASE
};

static SET_LAST_APPLIED: Command = Command {
    name: "set-last-applied",
    short: "Take a file as what was applied last",
    usage: "set-last-applied -f FILENAME",
    flags: &[
        DRY_RUN,
        PRINT,
        &[
            switch("create-annotation", "Make the annotation when the object has none."),
            slice("filename", "Files that hold the configuration.").short('f'),
        ],
    ],
    ..Command::BASE
};

static EDIT_LAST_APPLIED: Command = Command {
    name: "edit-last-applied",
    short: "Change what was applied last in an editor",
    usage: "edit-last-applied (RESOURCE/NAME | -f FILENAME)",
    flags: &[FILES, PRINT, MANAGER_APPLY, RECORD, VALIDATE, &[WINDOWS]],
    ..Command::BASE
};

pub static DIFF: Command = Command {
    name: "diff",
    short: "Show what apply would change",
    long: "Show what apply would change, as diff -u does.\n\n Ends with 0 when nothing differs and with 1 when something does.",
    usage: "diff -f FILENAME",
    flags: &[
        FILES,
        MANAGER_APPLY,
        SELECTOR,
        &[
            int("concurrency", "1", "How many objects to compare at a time."),
            switch("force-conflicts", "With --server-side: take fields over from other managers."),
            switch("prune", "Show what pruning would delete, too."),
            array("prune-allowlist", "Kinds that --prune may delete, as group/version/kind."),
            switch("server-side", "Let the server do the merging."),
            switch("show-managed-fields", "Compare metadata.managedFields, too."),
            switch("show-secrets", "Show the values of secrets."),
        ],
    ],
    ..Command::BASE
};

pub static PATCH: Command = Command {
    name: "patch",
    short: "Change fields of an object by a patch",
    long: "Change fields of an object with a strategic merge, JSON merge or JSON patch, in JSON or YAML.",
    examples: &[(
        "Mark a node unschedulable",
        "kubectl patch node k8s-node-1 -p '{\"spec\":{\"unschedulable\":true}}'",
    )],
    usage: "patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
    flags: &[
        DRY_RUN,
        FILES,
        MANAGER_PATCH,
        RECORD,
        PRINT,
        &[
            LOCAL,
            text("patch", "The patch.").short('p'),
            text("patch-file", "A file with the patch."),
            SUBRESOURCE,
            text("type", "json, merge or strategic.").default("strategic"),
        ],
    ],
    ..Command::BASE
};

pub static REPLACE: Command = Command {
    name: "replace",
    short: "Replace objects as a whole",
    long: "Replace objects by what files say; each must be complete.",
    examples: &[
        ("With the content of a file", "kubectl replace -f ./pod.json"),
        ("Delete and create again", "kubectl replace --force -f ./pod.json"),
    ],
    usage: "replace -f FILENAME",
    flags: &[
        DELETE_FLAGS,
        DRY_RUN,
        FILES,
        MANAGER_REPLACE,
        RECORD,
        PRINT,
        SAVE_CONFIG,
        VALIDATE,
        WAIT_OFF,
        &[RAW, SUBRESOURCE],
    ],
    ..Command::BASE
};

pub static WAIT: Command = Command {
    name: "wait",
    short: "Wait until objects have a condition",
    long: "Wait until objects have a condition or a value, exist, or are gone.",
    examples: &[
        ("Until a pod is ready", "kubectl wait --for=condition=Ready pod/busybox1"),
        ("Until it is gone", "kubectl wait --for=delete pod/busybox1 --timeout=60s"),
    ],
    usage: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
    flags: &[
        ALL_NAMESPACES,
        PRINT,
        SELECTOR,
        &[
            ALL,
            FIELD_SELECTOR,
            slice("filename", "Files that name the objects.").short('f'),
            array(
                "for",
                "What to wait for: create, delete, condition=NAME[=VALUE] or jsonpath='{...}'[=VALUE].",
            ),
            LOCAL,
            switch("recursive", "Go down into the directories given with -f.").short('R').default("true"),
            span("timeout", "30s", "How long to wait; zero looks once, negative waits for a week."),
        ],
    ],
    ..Command::BASE
};

pub static KUSTOMIZE: Command = Command {
    name: "kustomize",
    short: "Print what a kustomization makes",
    long: "Print the objects that a directory with a kustomization makes.",
    usage: "kustomize DIR [flags]",
    flags: &[&[
        switch("as-current-user", "Run functions as the current user."),
        switch("enable-alpha-plugins", "Allow plugins."),
        switch("enable-helm", "Allow charts."),
        array("env", "Environment of functions.").short('e'),
        text("helm-command", "The program for charts.").default("helm"),
        text("load-restrictor", "Which files may be read.").default("LoadRestrictionsRootOnly"),
        switch("network", "Allow functions to use the network."),
        text("network-name", "The network of functions.").default("bridge"),
        text("output", "Write to this file.").short('o'),
    ]],
    ..Command::BASE
};

pub static LABEL: Command = Command {
    name: "label",
    short: "Set and remove labels",
    long: "Set labels with KEY=VALUE and remove them with KEY-.",
    examples: &[
        ("Add one", "kubectl label pods foo unhealthy=true"),
        ("Change one", "kubectl label --overwrite pods foo status=unhealthy"),
        ("Remove one", "kubectl label pods foo bar-"),
    ],
    usage: "label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    flags: &[
        ALL_NAMESPACES,
        DRY_RUN,
        FILES,
        MANAGER_LABEL,
        RECORD,
        PRINT,
        SELECTOR,
        &[ALL, FIELD_SELECTOR, switch("list", "Print the labels."), LOCAL, OVERWRITE_OFF, RESOURCE_VERSION],
    ],
    ..Command::BASE
};

pub static ANNOTATE: Command = Command {
    name: "annotate",
    short: "Set and remove annotations",
    long: "Set annotations with KEY=VALUE and remove them with KEY-.",
    examples: &[
        ("Add one", "kubectl annotate pods foo description='my frontend'"),
        ("Remove one", "kubectl annotate pods foo description-"),
    ],
    usage: "annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    flags: &[
        ALL_NAMESPACES,
        DRY_RUN,
        FILES,
        MANAGER_ANNOTATE,
        RECORD,
        PRINT,
        SELECTOR,
        &[
            ALL,
            FIELD_SELECTOR,
            switch("list", "Print the annotations."),
            LOCAL,
            OVERWRITE_OFF,
            RESOURCE_VERSION,
        ],
    ],
    ..Command::BASE
};
