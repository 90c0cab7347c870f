//! `kubectl auth reconcile`: roles and bindings brought to what a file says, without taking away what others added.

use super::super::client::Write;
use super::super::context::{Context, DryRun};
use super::super::fail::{Failure, Outcome};
use super::super::print::Printer;
use super::super::resource::{Info, Selection, mapper};
use super::rules;
use serde_json::{Value, json};

/// What had to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    None,
    Create,
    Update,
    Recreate,
}

/// What the live object lacks, and what it has beyond the file.
struct Found {
    operation: Operation,
    object: Value,
    missing: Vec<Value>,
    extra: Vec<Value>,
}

pub async fn run(cx: &Context) -> Outcome {
    if cx.flags.list("filename").is_empty() && cx.flags.text("kustomize").is_empty() {
        return Err(Failure::message("must specify one of -f and -k"));
    }
    if !cx.args.is_empty() {
        return Err(Failure::message("no arguments are allowed"));
    }
    let dry_run = cx.dry_run().await?;
    if dry_run == DryRun::Server {
        return Err(Failure::message("--dry-run=server for command reconcile is not supported yet"));
    }
    let (infos, failures) = Selection::of(cx, &[]).infos(cx).await?;
    Failure::all(failures)?;
    for info in infos.iter().filter(|info| info.resource.group == "rbac.authorization.k8s.io") {
        let found = compare(cx, info).await?;
        let object =
            if dry_run == DryRun::None { carry_out(cx, info, &found).await? } else { found.object.clone() };
        let printer = Printer::for_operation(cx, "reconciled", dry_run)?;
        cx.out(printer.render(cx, &object)?).await;
        cx.err(report(cx, info, &found)).await;
    }
    Ok(())
}

/// `rules` of roles, `subjects` of bindings.
fn list_of(info: &Info) -> &'static str {
    if info.resource.kind.ends_with("Binding") { "subjects" } else { "rules" }
}

fn items(object: &Value, list: &str) -> Vec<Value> {
    object.get(list).and_then(Value::as_array).cloned().unwrap_or_default()
}

async fn compare(cx: &Context, info: &Info) -> Outcome<Found> {
    let list = list_of(info);
    let wanted = info.object();
    let expected = items(wanted, list);
    let live = match cx.client()?.get(cx, info.resource, info.namespace.as_deref(), &info.name).await {
        Ok(live) => live,
        Err(failure) if failure.is_not_found() => {
            let object = wanted.clone();
            return Ok(Found { operation: Operation::Create, object, missing: expected, extra: Vec::new() });
        }
        Err(failure) => return Err(failure),
    };
    let present = items(&live, list);
    let not_in = |some: &[Value], all: &[Value]| -> Vec<Value> {
        let parts = |one: &Value| if list == "rules" { rules::atoms(one) } else { vec![one.clone()] };
        some.iter().flat_map(parts).filter(|one| !covered(one, all, list)).collect()
    };
    let (missing, extra) = (not_in(&expected, &present), not_in(&present, &expected));
    let removes =
        cx.flags.on(if list == "rules" { "remove-extra-permissions" } else { "remove-extra-subjects" });
    let mut object = live.clone();
    let mut operation = Operation::None;
    if list == "subjects" && !same_role(&live, wanted) {
        object = wanted.clone();
        operation = Operation::Recreate;
    } else {
        for map in ["labels", "annotations"] {
            for (key, value) in wanted["metadata"][map].as_object().into_iter().flatten() {
                if object["metadata"][map][key] != *value {
                    object["metadata"][map][key] = value.clone();
                    operation = Operation::Update;
                }
            }
        }
        if removes && !extra.is_empty() {
            object[list] = json!(expected);
            operation = Operation::Update;
        } else if !missing.is_empty() {
            object[list] = present.iter().chain(&missing).cloned().collect();
            operation = Operation::Update;
        }
    }
    Ok(Found { operation, object, missing, extra })
}

fn same_role(live: &Value, wanted: &Value) -> bool {
    ["kind", "name"].iter().all(|field| live["roleRef"][*field] == wanted["roleRef"][*field])
}

/// Whether the others already say what this rule or subject says.
fn covered(one: &Value, others: &[Value], list: &str) -> bool {
    if list == "subjects" {
        let key = |subject: &Value| ["kind", "namespace", "name"].map(|field| subject[field].clone());
        return others.iter().any(|other| key(other) == key(one));
    }
    let words = |rule: &Value, field: &str| super::texts(rule, &format!("/{field}"));
    let holds = |other: &Value, field: &str, word: &String| {
        words(other, field).iter().any(|has| has == word || has == "*")
    };
    let all = ["verbs", "apiGroups", "resources", "nonResourceURLs"];
    others.iter().any(|other| {
        let names = words(other, "resourceNames");
        let mine = words(one, "resourceNames");
        let named = names.is_empty() || !mine.is_empty() && mine.iter().all(|name| names.contains(name));
        named && all.iter().all(|field| words(one, field).iter().all(|word| holds(other, field, word)))
    })
}

async fn carry_out(cx: &Context, info: &Info, found: &Found) -> Outcome<Value> {
    let client = cx.client()?;
    let write = Write::new(info.resource, info.namespace.as_deref(), "kubectl-auth");
    match found.operation {
        Operation::None => Ok(found.object.clone()),
        Operation::Update => client.update(cx, &write, &info.name, found.object.clone()).await,
        Operation::Create => {
            ensure_namespace(cx, info).await?;
            client.create(cx, &write, found.object.clone()).await
        }
        Operation::Recreate => {
            let namespace = info.namespace.clone().unwrap_or_default();
            super::super::delete::remove_quietly(cx, info.resource, &namespace, &info.name).await?;
            client.create(cx, &write, found.object.clone()).await
        }
    }
}

/// A role's namespace is made when it is not there.
async fn ensure_namespace(cx: &Context, info: &Info) -> Outcome {
    let (Some(namespace), namespaces) = (&info.namespace, mapper::find("namespaces")?) else { return Ok(()) };
    let client = cx.client()?;
    match client.get(cx, namespaces, None, namespace).await {
        Err(failure) if failure.is_not_found() => {
            let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
            client.create(cx, &Write::new(namespaces, None, "kubectl-auth"), body).await.map(|_| ())
        }
        other => other.map(|_| ()),
    }
}

fn report(cx: &Context, info: &Info, found: &Found) -> String {
    let word = match found.operation {
        Operation::None => return String::new(),
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Recreate => "recreate",
    };
    let list = list_of(info);
    let flag = if list == "rules" { "remove-extra-permissions" } else { "remove-extra-subjects" };
    let mut out = format!("\treconciliation required {word}\n");
    let mut section = |title: &str, all: &[Value]| {
        if !all.is_empty() {
            out.push_str(&format!("\t{title}:\n"));
            all.iter().for_each(|one| out.push_str(&format!("\t\t{}\n", in_go(one, list))));
        }
    };
    section(&format!("missing {list} added"), &found.missing);
    if cx.flags.on(flag) {
        section(&format!("extra {list} removed"), &found.extra);
    }
    out
}

/// As Go's `%+v` prints the struct.
fn in_go(one: &Value, list: &str) -> String {
    let words = |field: &str| format!("[{}]", super::texts(one, &format!("/{field}")).join(" "));
    let text = |field: &str| one[field].as_str().unwrap_or_default().to_owned();
    match list {
        "rules" => format!(
            "{{Verbs:{} APIGroups:{} Resources:{} ResourceNames:{} NonResourceURLs:{}}}",
            words("verbs"),
            words("apiGroups"),
            words("resources"),
            words("resourceNames"),
            words("nonResourceURLs")
        ),
        _ => format!(
            "{{Kind:{} APIGroup:{} Name:{} Namespace:{}}}",
            text("kind"),
            text("apiGroup"),
            text("name"),
            text("namespace")
        ),
    }
}
