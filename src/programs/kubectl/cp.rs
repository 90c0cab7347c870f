//! `kubectl cp`: files between this machine and a container.

use super::context::Context;
use super::exec::{known, running_id};
use super::fail::{Failure, Outcome};
use super::logs::{all_containers, default_container};
use super::resource::mapper;
use crate::image::files::FsError;
use crate::world::HostId;
use serde_json::Value;

/// Files in one copy.
const FILE_LIMIT: usize = 100_000;

/// A path here, or in a pod.
struct Spec {
    namespace: String,
    pod: String,
    path: String,
}

impl Spec {
    /// `[[NAMESPACE/]POD:]PATH`.
    fn parse(text: &str, namespace: &str) -> Outcome<Spec> {
        let local =
            |path: &str| Spec { namespace: String::new(), pod: String::new(), path: path.to_string() };
        let Some((pod, path)) = text.split_once(':') else { return Ok(local(text)) };
        if text.starts_with(':') {
            return Err(Failure::message(
                "filespec must match the canonical format: [[namespace/]pod:]file/path",
            ));
        }
        let (namespace, pod) = pod.split_once('/').unwrap_or((namespace, pod));
        if pod.contains('/') {
            return Err(Failure::message(
                "filespec must match the canonical format: [[namespace/]pod:]file/path",
            ));
        }
        Ok(Spec { namespace: namespace.into(), pod: pod.into(), path: path.into() })
    }
}

pub async fn run(cx: &Context) -> Outcome {
    let [from, to] = cx.args.as_slice() else {
        return Err(Failure::message("source and destination are required"));
    };
    let namespace = cx.namespace()?;
    let (from, to) = (Spec::parse(from, &namespace)?, Spec::parse(to, &namespace)?);
    match (from.pod.is_empty(), to.pod.is_empty()) {
        (false, false) => {
            return Err(Failure::message("one of src or dest must be a local file specification"));
        }
        (true, true) => {
            return Err(Failure::message("one of src or dest must be a remote file specification"));
        }
        _ => {}
    }
    if from.path.is_empty() || to.path.is_empty() {
        return Err(Failure::message("filepath can not be empty"));
    }
    if from.pod.is_empty() && !cx.sys.exists(&cx.path(&from.path)) {
        return Err(Failure::Message(format!("{} doesn't exist in local filesystem", from.path)));
    }
    let remote = if from.pod.is_empty() { &to } else { &from };
    let host = host_of(cx, remote).await?;
    let here = cx.sys.host;
    if from.pod.is_empty() {
        let source = cx.path(&from.path);
        copy(cx, (here, &source), (host, &absolute(&to.path)), &from.path)
    } else {
        let source = absolute(&from.path);
        let there = cx.sys.view(|w| w.look(host, &source, |tree, path| tree.get(path).is_some()));
        if there != Some(true) {
            cx.errln(format!(
                "tar: {}: Cannot stat: No such file or directory",
                from.path.trim_start_matches('/')
            ))
            .await;
            cx.errln("tar: Exiting with failure status due to previous errors").await;
            return Err(Failure::Code("command terminated with exit code 2".into(), 1));
        }
        copy(cx, (host, &source), (here, &cx.path(&to.path)), &from.path)
    }
}

fn absolute(path: &str) -> String {
    crate::image::files::join("/", path)
}

async fn host_of(cx: &Context, spec: &Spec) -> Outcome<HostId> {
    let client = cx.client()?;
    let pod = client.get(cx, mapper::find("pods")?, Some(&spec.namespace), &spec.pod).await?;
    let phase = pod.pointer("/status/phase").and_then(Value::as_str).unwrap_or_default();
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Failure::Message(format!(
            "cannot exec into a container in a completed pod; current phase is {phase}"
        )));
    }
    let container = match cx.flags.text("container") {
        "" => default_container(cx, &pod).await,
        given => given.to_string(),
    };
    if known(&pod, &container) && running_id(&pod, &container).is_none() {
        return Err(Failure::Message(format!(
            "Internal error occurred: unable to upgrade connection: container not found ({container:?})"
        )));
    }
    let Some(id) = running_id(&pod, &container) else {
        return Err(Failure::Message(format!(
            "container {container} is not valid for pod {} out of: {}",
            spec.pod,
            all_containers(&pod)
        )));
    };
    cx.sys
        .view(|w| w.container_hosts.get(&id).copied())
        .ok_or_else(|| Failure::message("container not found"))
}

type End<'a> = (HostId, &'a str);

/// Copies a file, or a directory with everything below it. A directory as target takes the source's name.
fn copy(cx: &Context, from: End<'_>, to: End<'_>, named: &str) -> Outcome {
    let is_dir = |(host, path): End<'_>| {
        cx.sys.view(|w| w.look(host, path, |tree, path| tree.get(path).is_some_and(|entry| entry.is_dir())))
            == Some(true)
    };
    let base = named.trim_end_matches('/').rsplit('/').next().unwrap_or(named);
    let target = if is_dir(to) { format!("{}/{base}", to.1.trim_end_matches('/')) } else { to.1.to_string() };
    let mut open = vec![(from.1.to_string(), target)];
    let mut count = 0;
    while let Some((source, target)) = open.pop() {
        count += 1;
        if count > FILE_LIMIT {
            return Err(Failure::message("too many files"));
        }
        if is_dir((from.0, &source)) {
            let names = cx
                .sys
                .view(|w| w.look(from.0, &source, |tree, path| tree.list(path)))
                .unwrap_or(Err(FsError::NotFound))
                .unwrap_or_default();
            cx.sys.with(|w| w.change(to.0, &target, |tree, path, now| tree.mkdir(path, true, now))).ok();
            open.extend(
                names.into_iter().map(|name| (format!("{source}/{name}"), format!("{target}/{name}"))),
            );
            continue;
        }
        let bytes = cx
            .sys
            .view(|w| w.look(from.0, &source, |tree, path| tree.read(path)))
            .unwrap_or(Err(FsError::NotFound));
        let written = bytes.and_then(|bytes| {
            cx.sys.with(|w| w.change(to.0, &target, |tree, path, now| tree.write(path, bytes, now)))
        });
        written.map_err(|error| {
            Failure::Message(format!("open {target}: {}", error.to_string().to_lowercase()))
        })?;
    }
    Ok(())
}
