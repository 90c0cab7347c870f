//! Which objects a command is about: the resource builder's reading of arguments, with its errors.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::{manifest, mapper};
use crate::cluster::api::{Options, Reason};
use crate::cluster::kinds::table::Resource;
use serde_json::Value;

/// One object that a command works on.
#[derive(Debug, Clone)]
pub struct Info {
    pub resource: &'static Resource,
    /// `None` for cluster-scoped objects.
    pub namespace: Option<String>,
    pub name: String,
    pub object: Option<Value>,
    /// The file it is from.
    pub source: Option<String>,
}

impl Info {
    /// `deployment.apps/web`.
    pub fn title(&self) -> String {
        format!("{}/{}", mapper::kind_name(self.resource), self.name)
    }

    pub fn object(&self) -> &Value {
        self.object.as_ref().unwrap_or(&Value::Null)
    }
}

/// What `missingResourceError` says.
pub const MISSING: &str = "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/// How to read the arguments.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    pub args: Vec<String>,
    pub files: Vec<String>,
    pub recursive: bool,
    pub kustomize: String,
    pub selector: Option<String>,
    pub field_selector: Option<String>,
    /// `--all`
    pub all: bool,
    pub all_namespaces: bool,
    /// `--all` excludes names, as it does for delete; elsewhere names go before it.
    pub all_selects: bool,
    /// A kind alone stands for all its objects.
    pub kind_alone: bool,
    /// Objects in files are fetched from the server.
    pub latest: bool,
    /// Do not fetch objects that are named.
    pub names_only: bool,
}

/// What was selected, before anything is fetched.
pub enum Targets {
    Kinds(Vec<&'static Resource>),
    Named(Vec<(&'static Resource, String)>),
    Files(Vec<Info>, Vec<Failure>),
}

impl Selection {
    /// From the common flags.
    pub fn of(cx: &Context, args: &[String]) -> Self {
        let given = |name: &str| Some(cx.flags.text(name).to_string()).filter(|text| !text.is_empty());
        let known = |name: &str| cx.flags.command.flag(name).is_some();
        Selection {
            args: args.to_vec(),
            files: if known("filename") { cx.flags.list("filename") } else { Vec::new() },
            recursive: known("recursive") && cx.flags.on("recursive"),
            kustomize: if known("kustomize") {
                cx.flags.text("kustomize").to_string()
            } else {
                String::new()
            },
            selector: known("selector").then(|| given("selector")).flatten(),
            field_selector: known("field-selector").then(|| given("field-selector")).flatten(),
            all: known("all") && cx.flags.on("all"),
            all_namespaces: known("all-namespaces") && cx.flags.on("all-namespaces"),
            ..Selection::default()
        }
    }

    pub fn kind_alone(self, yes: bool) -> Self {
        Selection { kind_alone: yes, ..self }
    }

    pub fn latest(self) -> Self {
        Selection { latest: true, ..self }
    }

    /// Whether one object was asked for by its name (then `-o yaml` prints it without a list around).
    pub fn single(&self) -> bool {
        let words = self.args.len();
        let slash = words == 1 && self.args[0].contains('/');
        let named = words == 2 && !self.args[0].contains([',', '/']) && self.selector.is_none();
        slash || named || (words == 0 && self.files.len() == 1 && self.files[0] != "-")
    }

    /// Reads the arguments; asks the server only whether it is there.
    pub async fn targets(&self, cx: &Context) -> Outcome<Targets> {
        let client = cx.client()?;
        if !self.kustomize.is_empty() && !self.files.is_empty() {
            return Err(Failure::message("only one of -f or -k can be specified"));
        }
        if !self.kustomize.is_empty() {
            let documents = super::super::kustomize::documents(cx, &self.kustomize).await?;
            client.discover(cx).await?;
            let (infos, failures) = manifest::infos(documents, &client.namespace, cx.namespace_given());
            return Ok(Targets::Files(infos, failures));
        }
        if !self.files.is_empty() {
            return self.file_targets(cx).await;
        }
        let args = multiply(&self.args);
        let slashes = args.iter().filter(|arg| arg.contains('/')).count();
        if slashes > 0 && slashes < args.len() {
            return Err(Failure::message(
                "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
            ));
        }
        let selects =
            self.selector.is_some() || self.field_selector.is_some() || (self.all && self.all_selects);
        if slashes > 0 {
            let pairs: Outcome<Vec<(String, String)>> = args.iter().map(|arg| pair(arg)).collect();
            let pairs = pairs?;
            if selects {
                return Err(Failure::message(
                    "selectors and the all flag cannot be used when passing resource/name arguments",
                ));
            }
            client.discover(cx).await?;
            let found: Outcome<Vec<_>> =
                pairs.into_iter().map(|(kind, name)| Ok((mapper::find(&kind)?, name))).collect();
            return self.named(found?);
        }
        let Some(first) = args.first() else { return Err(Failure::message(MISSING)) };
        let words: Vec<String> = first.split(',').flat_map(mapper::expand).collect();
        let names = &args[1..];
        if selects && !names.is_empty() {
            return Err(Failure::message("name cannot be provided when a selector is specified"));
        }
        if !names.is_empty() && words.len() > 1 {
            return Err(Failure::message("you must specify only one resource"));
        }
        client.discover(cx).await?;
        let mut kinds: Vec<&'static Resource> = Vec::new();
        for word in &words {
            let kind = mapper::find(word)?;
            if !kinds.iter().any(|other| std::ptr::eq(*other, kind)) {
                kinds.push(kind);
            }
        }
        if !names.is_empty() {
            return self.named(names.iter().map(|name| (kinds[0], name.clone())).collect());
        }
        if !selects && !self.all && !self.kind_alone {
            return Err(Failure::message("resource(s) were provided, but no name was specified"));
        }
        Ok(Targets::Kinds(kinds))
    }

    fn named(&self, found: Vec<(&'static Resource, String)>) -> Outcome<Targets> {
        if self.all_namespaces && found.iter().any(|(resource, _)| resource.namespaced) {
            return Err(Failure::message("a resource cannot be retrieved by name across all namespaces"));
        }
        Ok(Targets::Named(found))
    }

    async fn file_targets(&self, cx: &Context) -> Outcome<Targets> {
        if !self.args.is_empty() {
            let text = if self.args.len() == 1 && !self.args[0].contains('/')
                || self.args.iter().all(|arg| !arg.contains('/'))
            {
                "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well"
            } else {
                "resource/name arguments cannot be provided when a path is specified"
            };
            return Err(Failure::message(text));
        }
        let documents = manifest::read(cx, &self.files, self.recursive).await?;
        let client = cx.client()?;
        client.discover(cx).await?;
        let (infos, failures) = manifest::infos(documents, &client.namespace, cx.namespace_given());
        Ok(Targets::Files(infos, failures))
    }

    /// The objects, fetched. Errors of single objects are returned beside those that were found.
    pub async fn infos(&self, cx: &Context) -> Outcome<(Vec<Info>, Vec<Failure>)> {
        let client = cx.client()?;
        let (mut infos, mut failures) = (Vec::new(), Vec::new());
        match self.targets(cx).await? {
            Targets::Kinds(kinds) => {
                for resource in kinds {
                    let namespace =
                        (resource.namespaced && !self.all_namespaces).then(|| client.namespace.clone());
                    match client.items(cx, resource, namespace.as_deref(), self.options()).await {
                        Ok(items) => infos.extend(items.into_iter().map(|item| info_of(resource, item))),
                        Err(failure) => failures.push(self.list_failure(resource, failure)),
                    }
                }
            }
            Targets::Named(pairs) => {
                for (resource, name) in pairs {
                    let namespace = resource.namespaced.then(|| client.namespace.clone());
                    if self.names_only {
                        infos.push(Info { resource, namespace, name, object: None, source: None });
                        continue;
                    }
                    match client.get(cx, resource, namespace.as_deref(), &name).await {
                        Ok(object) => {
                            infos.push(Info { resource, namespace, name, object: Some(object), source: None })
                        }
                        Err(failure) => failures.push(failure),
                    }
                }
            }
            Targets::Files(found, bad) => {
                failures.extend(bad);
                for mut info in found {
                    if self.latest {
                        match client.get(cx, info.resource, info.namespace.as_deref(), &info.name).await {
                            Ok(object) => info.object = Some(object),
                            Err(failure) => {
                                failures.push(failure);
                                continue;
                            }
                        }
                    }
                    infos.push(info);
                }
            }
        }
        Ok((infos, failures))
    }

    /// The objects, or the first thing that went wrong.
    pub async fn all_or_fail(&self, cx: &Context) -> Outcome<Vec<Info>> {
        let (infos, failures) = self.infos(cx).await?;
        Failure::all(failures)?;
        Ok(infos)
    }

    /// `EnhanceListError`: which list the server could not make.
    pub fn list_failure(&self, resource: &Resource, failure: Failure) -> Failure {
        match failure {
            Failure::Status(mut status) if status.reason == Reason::BadRequest => {
                status.message = format!(
                    "Unable to find \"{}\" that match label selector {:?}, field selector {:?}: {}",
                    go_name(resource),
                    self.selector.as_deref().unwrap_or_default(),
                    self.field_selector.as_deref().unwrap_or_default(),
                    status.message
                );
                Failure::Status(status)
            }
            other => other,
        }
    }

    pub fn options(&self) -> Options {
        Options {
            label_selector: self.selector.clone(),
            field_selector: self.field_selector.clone(),
            ..Options::default()
        }
    }
}

/// `/v1, Resource=pods`, as Go prints a GroupVersionResource.
pub fn go_name(resource: &Resource) -> String {
    format!("{}/{}, Resource={}", resource.group, resource.version, resource.plural)
}

pub fn info_of(resource: &'static Resource, object: Value) -> Info {
    let text =
        |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
    let namespace = Some(text("/metadata/namespace")).filter(|text| !text.is_empty());
    Info { resource, namespace, name: text("/metadata/name"), object: Some(object), source: None }
}

/// `a,b c d` means `a/c a/d b/c b/d`.
fn multiply(args: &[String]) -> Vec<String> {
    if args.len() < 2 || !args[0].contains(',') || args[0].contains('/') {
        return args.to_vec();
    }
    let mut kinds: Vec<&str> = Vec::new();
    for kind in args[0].split(',') {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if kinds.len() < 2 {
        return args.to_vec();
    }
    kinds.into_iter().flat_map(|kind| args[1..].iter().map(move |name| format!("{kind}/{name}"))).collect()
}

fn pair(arg: &str) -> Outcome<(String, String)> {
    let parts: Vec<&str> = arg.split('/').collect();
    match parts.as_slice() {
        [kind, name] if !kind.is_empty() && !name.is_empty() && !kind.contains(',') => {
            Ok((kind.to_string(), name.to_string()))
        }
        [_, _] => {
            Err(Failure::message("arguments in resource/name form must have a single resource and name"))
        }
        _ => Err(Failure::message("arguments in resource/name form may not have more than one slash")),
    }
}
