//! Kustomizations: directories whose `kustomization.yaml` says which manifests to take and what to change in them.

pub mod generate;
mod references;
mod transform;

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::output::yaml;
use super::resource::manifest::{self, Document};
use serde_json::{Map, Value};

const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// Kustomizations inside each other.
const DEPTH_LIMIT: usize = 20;
/// The fields that are understood; others are refused by name.
const FIELDS: [&str; 22] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "components",
    "namespace",
    "namePrefix",
    "nameSuffix",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "images",
    "replicas",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "buildMetadata",
    "sortOptions",
];
/// Fields that kustomize knows, and this does not.
const OTHER_FIELDS: [&str; 13] = [
    "configurations",
    "crds",
    "generators",
    "helmChartInflationGenerator",
    "helmCharts",
    "helmGlobals",
    "inventory",
    "openapi",
    "replacements",
    "transformers",
    "validators",
    "vars",
    "metadata",
];
const OLD_LABELS: &str = "# Warning: 'commonLabels' is deprecated. Please use 'labels' instead. Run 'kustomize edit fix' to update your Kustomization automatically.";
const OLD_BASES: &str = "# Warning: 'bases' is deprecated. Please use 'resources' instead. Run 'kustomize edit fix' to update your Kustomization automatically.";
const OLD_MERGES: &str = "# Warning: 'patchesStrategicMerge' is deprecated. Please use 'patches' instead. Run 'kustomize edit fix' to update your Kustomization automatically.";
const OLD_JSON: &str = "# Warning: 'patchesJson6902' is deprecated. Please use 'patches' instead. Run 'kustomize edit fix' to update your Kustomization automatically.";
const DEPRECATED: [(&str, &str); 4] = [
    ("commonLabels", OLD_LABELS),
    ("bases", OLD_BASES),
    ("patchesStrategicMerge", OLD_MERGES),
    ("patchesJson6902", OLD_JSON),
];

/// An object on its way through a kustomization.
pub(super) struct Item {
    value: Value,
    /// The name that other objects use for it so far.
    known_as: String,
    /// A hash of its content goes to the end of its name.
    hashed: bool,
}

impl Item {
    fn new(value: Value, hashed: bool) -> Self {
        Self { known_as: text(&value, "/metadata/name").to_string(), value, hashed }
    }

    fn kind(&self) -> &str {
        text(&self.value, "/kind")
    }

    fn name(&self) -> &str {
        text(&self.value, "/metadata/name")
    }
}

pub async fn run(cx: &Context) -> Outcome {
    if cx.args.len() > 1 {
        return Err(Failure::message("specify one path to kustomization.yaml"));
    }
    let objects = build(cx, cx.args.first().map_or(".", String::as_str)).await?;
    let texts: Vec<String> = objects.iter().map(yaml::emit).collect();
    let text = texts.join("---\n");
    match cx.flags.text("output") {
        "" => cx.out(text).await,
        path => {
            let path = cx.path(path);
            cx.sys.write(&path, text.into_bytes()).map_err(|error| {
                Failure::Message(format!("open {path}: {}", error.to_string().to_lowercase()))
            })?;
        }
    }
    Ok(())
}

/// The objects of `-k`, as documents for the other commands.
pub async fn documents(cx: &Context, directory: &str) -> Outcome<Vec<Document>> {
    let objects = build(cx, directory).await?;
    Ok(objects
        .into_iter()
        .map(|value| Document { source: directory.to_string(), value: Ok(value) })
        .collect())
}

/// What a directory makes, in the order in which it is applied.
async fn build(cx: &Context, directory: &str) -> Outcome<Vec<Value>> {
    let mut warnings = Vec::new();
    let root = cx.path(directory);
    if !cx.sys.exists(&root) {
        return Err(Failure::Message(format!(
            "must build at directory: not a valid directory: evalsymlink failure on '{directory}' : lstat {root}: no such file or directory"
        )));
    }
    let items = collect(cx, directory.trim_end_matches('/'), 0, &mut warnings);
    for warning in warnings {
        cx.errln(warning).await;
    }
    let mut objects: Vec<Value> = transform::finish(items?);
    objects.sort_by_key(transform::order);
    Ok(objects)
}

fn collect(
    cx: &Context,
    directory: &str,
    depth: usize,
    warnings: &mut Vec<&'static str>,
) -> Outcome<Vec<Item>> {
    let mut items = Vec::new();
    gather(cx, directory, depth, warnings, &mut items)?;
    Ok(items)
}

/// Adds what a directory says to `items`, and changes them all: a component's are those of who includes it, too.
fn gather(
    cx: &Context,
    directory: &str,
    depth: usize,
    warnings: &mut Vec<&'static str>,
    items: &mut Vec<Item>,
) -> Outcome {
    let path = cx.path(directory);
    let there = NAMES.iter().find(|name| cx.sys.exists(&format!("{path}/{name}")));
    let Some(name) = there else {
        let names = "'kustomization.yaml', 'kustomization.yml' or 'Kustomization'";
        return Err(Failure::Message(format!("unable to find one of {names} in directory '{path}'")));
    };
    if depth > DEPTH_LIMIT {
        return Err(Failure::Message(format!("cycle detected: candidate root '{path}'")));
    }
    let file = read_yaml(cx, &format!("{directory}/{name}"))?;
    let Some(file) = file.as_object() else { return Err(Failure::message("kustomization.yaml is empty")) };
    if let Some(field) = file.keys().find(|field| !FIELDS.contains(&field.as_str())) {
        return Err(Failure::Message(match OTHER_FIELDS.contains(&field.as_str()) {
            true => format!("the field {field:?} of kustomizations is not imitated by KubeJam yet"),
            false => format!("invalid Kustomization: json: unknown field {field:?}"),
        }));
    }
    for (field, warning) in DEPRECATED {
        if file.contains_key(field) && !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    for entry in strings(file, "resources").into_iter().chain(strings(file, "bases")) {
        items.extend(resource(cx, directory, &entry, depth, warnings)?);
    }
    for entry in strings(file, "components") {
        gather(cx, &format!("{directory}/{entry}"), depth + 1, warnings, items)?;
    }
    generate::all(cx, directory, file, items)?;
    transform::all(cx, directory, file, items)
}

/// One entry of `resources`: a file, or a directory with a kustomization of its own.
fn resource(
    cx: &Context,
    directory: &str,
    entry: &str,
    depth: usize,
    warnings: &mut Vec<&'static str>,
) -> Outcome<Vec<Item>> {
    if entry.contains("://") || entry.starts_with("github.com/") {
        return Err(Failure::message("kustomizations from the network are not imitated by KubeJam yet"));
    }
    let path = format!("{directory}/{entry}");
    if cx.sys.is_dir(&cx.path(&path)) {
        return collect(cx, &path, depth + 1, warnings);
    }
    let (file, root) = (cx.path(&path), cx.path(directory));
    if cx.sys.exists(&file) && !file.starts_with(&format!("{root}/")) {
        return Err(Failure::Message(format!(
            "accumulating resources: accumulation err='accumulating resources from '{entry}': security; file '{file}' is not in or below '{root}'': must build at directory: '{file}': file is not directory"
        )));
    }
    let Ok(content) = cx.sys.read_text(&file) else {
        let absolute = cx.path(&path);
        return Err(Failure::Message(format!(
            "accumulating resources: accumulation err='accumulating resources from '{entry}': open {absolute}: no such file or directory': must build at directory: not a valid directory: evalsymlink failure on '{absolute}' : lstat {absolute}: no such file or directory"
        )));
    };
    let mut items = Vec::new();
    for document in manifest::documents(&path, &content) {
        let value = document.value.map_err(Failure::Message)?;
        items.push(Item::new(value, false));
    }
    Ok(items)
}

/// A YAML file as JSON.
fn read_yaml(cx: &Context, path: &str) -> Outcome<Value> {
    let absolute = cx.path(path);
    let content = cx
        .sys
        .read_text(&absolute)
        .map_err(|_| Failure::Message(format!("open {absolute}: no such file or directory")))?;
    manifest::parse_yaml(&content).map_err(|why| Failure::Message(format!("invalid Kustomization: {why}")))
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The texts of a list.
fn strings(map: &Map<String, Value>, key: &str) -> Vec<String> {
    list(map, key).iter().filter_map(|entry| entry.as_str().map(str::to_string)).collect()
}

fn list<'a>(map: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    map.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
