//! `-o`: which printer it names, and printing objects with it.

use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::output::jsonpath::JsonPath;
use super::output::template::{Template, print_inner};
use super::output::{columns::Columns, json, kyaml, yaml};
use serde_json::{Value, json};

const FORMATS: &str = "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml";
const GET_FORMATS: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";

pub enum Printer {
    /// `pod/x`, or `pod/x created` with an operation.
    Name(Option<String>),
    Json,
    Yaml,
    Kyaml,
    JsonPath(JsonPath, String),
    JsonPathAsJson(JsonPath, String),
    Template(Template, String),
    Columns(Columns),
}

impl Printer {
    /// The printer of `-o`, `None` when nothing was asked for or `wide`. `tables` adds what only `get` knows.
    pub fn of(cx: &Context, tables: bool) -> Outcome<Option<Printer>> {
        let mut output = cx.flags.text("output").to_string();
        let given = if cx.flags.command.flag("template").is_some() { cx.flags.text("template") } else { "" };
        if output.is_empty() && !given.is_empty() {
            output = "go-template".into();
        }
        let (format, inline) = match output.split_once('=') {
            Some((format, inline)) => (format.to_string(), Some(inline.to_string())),
            None => (output.clone(), None),
        };
        let template = || -> Outcome<String> {
            let text = inline.clone().filter(|text| !text.is_empty()).unwrap_or_else(|| given.to_string());
            if text.is_empty() {
                Err(Failure::message("template format specified but no template given"))
            } else {
                Ok(text)
            }
        };
        let allow_missing = cx.flags.text("allow-missing-template-keys") != "false";
        // These are known however they are written.
        let lower = format.to_lowercase();
        let word =
            if matches!(lower.as_str(), "json" | "yaml" | "kyaml" | "name") { &lower } else { &format };
        Ok(Some(match word.as_str() {
            "" => return Ok(None),
            "wide" if tables && inline.is_none() => return Ok(None),
            "json" => Printer::Json,
            "yaml" => Printer::Yaml,
            "kyaml" => Printer::Kyaml,
            "name" => Printer::Name(None),
            "jsonpath" | "jsonpath-as-json" | "jsonpath-file" => {
                let mut text = template()?;
                if format == "jsonpath-file" {
                    text = file(cx, "--template ", &text)?;
                }
                let mut path = JsonPath::parse(&text)
                    .map_err(|why| Failure::Message(format!("error parsing jsonpath {text}, {why}")))?;
                path.allow_missing_keys = allow_missing;
                if format == "jsonpath-as-json" {
                    Printer::JsonPathAsJson(path, text)
                } else {
                    Printer::JsonPath(path, text)
                }
            }
            "go-template" | "template" | "go-template-file" | "templatefile" => {
                let mut text = template()?;
                if format.ends_with("file") {
                    text = file(cx, "--template ", &text)?;
                }
                let mut parsed = Template::parse(&text)
                    .map_err(|why| Failure::Message(format!("error parsing template {text}, {why}")))?;
                parsed.allow_missing_keys = allow_missing;
                Printer::Template(parsed, text)
            }
            "custom-columns" | "custom-columns-file" if tables => {
                let text = inline.clone().unwrap_or_default();
                if text.is_empty() {
                    return Err(Failure::message(
                        "custom-columns format specified but no custom columns given",
                    ));
                }
                let no_headers = cx.flags.on("no-headers");
                let parsed = match format.as_str() {
                    "custom-columns" => Columns::parse(&text, no_headers),
                    _ => Columns::parse_file(&file(cx, "template ", &text)?, no_headers),
                };
                Printer::Columns(parsed.map_err(Failure::Message)?)
            }
            _ => {
                let formats = if tables { GET_FORMATS } else { FORMATS };
                return Err(Failure::Message(format!(
                    "unable to match a printer suitable for the output format {output:?}, allowed formats are: {formats}"
                )));
            }
        }))
    }

    /// As commands that change something print: `-o`, or the name with what was done.
    pub fn for_operation(cx: &Context, operation: &str, dry_run: DryRun) -> Outcome<Printer> {
        let suffix = match dry_run {
            DryRun::None => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        };
        Ok(Printer::of(cx, false)?.unwrap_or_else(|| Printer::Name(Some(format!("{operation}{suffix}")))))
    }

    /// One object's text.
    pub fn render(&self, cx: &Context, object: &Value) -> Outcome<String> {
        let cleaned;
        let whole = matches!(self, Printer::Json | Printer::Yaml | Printer::Kyaml);
        let object = if !whole || cx.flags.on("show-managed-fields") {
            object
        } else {
            cleaned = without_managed_fields(object);
            &cleaned
        };
        match self {
            Printer::Name(operation) => Ok(names(object, operation.as_deref())),
            Printer::Json => Ok(json::pretty(object)),
            Printer::Yaml => Ok(yaml::emit(object)),
            Printer::Kyaml => Ok(kyaml::emit(object)),
            Printer::JsonPath(path, text) => {
                path.render(object).map_err(|why| jsonpath_failure(&why, text, object))
            }
            Printer::JsonPathAsJson(path, text) => {
                path.render_json(object).map_err(|why| jsonpath_failure(&why, text, object))
            }
            Printer::Template(template, text) => {
                let (written, ended) = template.write(object);
                ended.map(|()| written.clone()).map_err(|why| template_failure(written, &why, text, object))
            }
            Printer::Columns(columns) => {
                let (text, ended) = columns.render(object);
                ended.map(|()| text.clone()).map_err(|why| Failure::After(text, Failure::Message(why).into()))
            }
        }
    }

    /// As [`Printer::render`], for objects that a generator made: their JSON is in the order of Go's structs.
    pub fn render_typed(&self, cx: &Context, object: &Value, dry_run: DryRun) -> Outcome<String> {
        match (self, dry_run) {
            (Printer::Json, DryRun::Client) => Ok(json::pretty_typed(object)),
            (Printer::Kyaml, DryRun::Client) => Ok(kyaml::emit_typed(object)),
            _ => self.render(cx, object),
        }
    }

    /// Prints several objects one after the other; YAML documents are separated.
    pub async fn print_each(&self, cx: &Context, objects: &[Value]) -> Outcome {
        for (i, object) in objects.iter().enumerate() {
            if i > 0 && matches!(self, Printer::Yaml) {
                cx.out("---\n").await;
            }
            cx.out(self.render(cx, object)?).await;
        }
        Ok(())
    }
}

fn file(cx: &Context, what: &str, path: &str) -> Outcome<String> {
    cx.sys.read_text(&cx.path(path)).map_err(|_| {
        Failure::Message(format!("error reading {what}{path}, open {path}: no such file or directory"))
    })
}

/// What kubectl prints to help whoever wrote the template.
fn template_failure(written: String, why: &str, template: &str, object: &Value) -> Failure {
    let details = format!(
        "{written}Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\traw data was:\n\t\t{}\n\tobject given to template engine was:\n\t\t{}\n\n",
        json::compact(object),
        print_inner(object)
    );
    let failure = Failure::Message(format!("error executing template {template:?}: {why}"));
    Failure::After(details, Box::new(failure))
}

fn jsonpath_failure(why: &str, template: &str, object: &Value) -> Failure {
    let details = format!(
        "Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n",
        go_syntax(object)
    );
    Failure::Message(format!("error executing jsonpath {template:?}: {details}\n"))
}

/// `%#v` of a JSON value.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".into(),
        Value::String(text) => format!("{text:?}"),
        Value::Array(items) => {
            format!("[]interface {{}}{{{}}}", items.iter().map(go_syntax).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) => {
            let inner: Vec<String> =
                map.iter().map(|(key, item)| format!("{key:?}:{}", go_syntax(item))).collect();
            format!("map[string]interface {{}}{{{}}}", inner.join(", "))
        }
        other => other.to_string(),
    }
}

/// `pod/x`, for a list a line each.
fn names(object: &Value, operation: Option<&str>) -> String {
    if let Some(items) = object.get("items").and_then(Value::as_array) {
        return items.iter().map(|item| names(item, operation)).collect();
    }
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (group, kind) =
        (text("/apiVersion").split_once('/').map_or("", |(group, _)| group), text("/kind").to_lowercase());
    let dotted = if group.is_empty() { kind } else { format!("{kind}.{group}") };
    let name = Some(text("/metadata/name")).filter(|name| !name.is_empty()).unwrap_or("<unknown>");
    match operation {
        Some(operation) => format!("{dotted}/{name} {operation}\n"),
        None => format!("{dotted}/{name}\n"),
    }
}

fn without_managed_fields(object: &Value) -> Value {
    let mut object = object.clone();
    let strip = |value: &mut Value| {
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
        }
    };
    strip(&mut object);
    if let Some(items) = object.get_mut("items").and_then(Value::as_array_mut) {
        items.iter_mut().for_each(strip);
    }
    object
}

/// A `List` of objects, as `get -o yaml` prints several.
pub fn list_of(items: Vec<Value>) -> Value {
    json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})
}
