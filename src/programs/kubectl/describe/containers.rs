//! Containers of pods and of pod templates.

use super::super::quantity::Quantity;
use super::page::{Page, flag, list, number, or_none, plain, text, time, title_bool};
use serde_json::Value;

/// `status` is empty for templates; `pod` resolves field references.
pub struct Source<'a> {
    pub label: &'a str,
    pub containers: &'a [Value],
    pub statuses: &'a [Value],
    pub pod: Option<&'a Value>,
    pub space: &'a str,
}

pub fn write(page: &mut Page, source: &Source<'_>) {
    let none = if source.containers.is_empty() { " <none>" } else { "" };
    page.line(0, &format!("{}{}:{none}", source.space, source.label));
    for container in source.containers {
        let status = source.statuses.iter().find(|status| text(status, "/name") == text(container, "/name"));
        basics(page, container, status, source.space);
        command(page, container);
        if let Some(status) = status {
            state(page, "State", &status["state"]);
            if status.pointer("/lastState/terminated").is_some() {
                state(page, "Last State", &status["lastState"]);
            }
            page.field(2, "Ready", title_bool(flag(status, "/ready")));
            page.field(2, "Restart Count", number(status, "/restartCount"));
        }
        resources(page, container.get("resources"), 2);
        probes(page, container);
        environment_from(page, container);
        environment(page, container, source.pod);
        mounts(page, container);
    }
}

fn basics(page: &mut Page, container: &Value, status: Option<&Value>, space: &str) {
    let indent = if space.is_empty() { "" } else { " " };
    page.line(1, &format!("{indent}{}:", text(container, "/name")));
    if let Some(status) = status {
        page.field(2, "Container ID", text(status, "/containerID"));
    }
    page.field(2, "Image", text(container, "/image"));
    if let Some(status) = status {
        page.field(2, "Image ID", text(status, "/imageID"));
    }
    for (singular, plural, key) in
        [("Port", "Ports", "/containerPort"), ("Host Port", "Host Ports", "/hostPort")]
    {
        let ports: Vec<String> = list(container, "/ports")
            .iter()
            .map(|port| {
                let name = text(port, "/name");
                let suffix = if name.is_empty() { String::new() } else { format!(" ({name})") };
                format!("{}/{}{suffix}", number(port, key), text(port, "/protocol"))
            })
            .collect();
        let joined = ports.join(", ");
        page.field(2, if joined.contains(',') { plural } else { singular }, or_none(&joined));
    }
    let profile = text(container, "/securityContext/seccompProfile/type");
    if !profile.is_empty() {
        page.field(2, "SeccompProfile", profile);
    }
}

fn command(page: &mut Page, container: &Value) {
    for (title, pointer) in [("Command:", "/command"), ("Args:", "/args")] {
        let words = list(container, pointer);
        if !words.is_empty() {
            page.line(2, title);
        }
        for line in words.iter().flat_map(|word| word.as_str().unwrap_or_default().split('\n')) {
            page.line(3, line);
        }
    }
}

fn state(page: &mut Page, title: &str, state: &Value) {
    if let Some(running) = state.get("running") {
        page.field(2, title, "Running");
        page.field(3, "Started", time(running, "/startedAt"));
    } else if let Some(ended) = state.get("terminated") {
        page.field(2, title, "Terminated");
        page.optional(3, "Reason", ended.get("reason"));
        page.optional(3, "Message", ended.get("message"));
        page.field(3, "Exit Code", number(ended, "/exitCode"));
        if number(ended, "/signal") > 0 {
            page.field(3, "Signal", number(ended, "/signal"));
        }
        page.field(3, "Started", time(ended, "/startedAt"));
        page.field(3, "Finished", time(ended, "/finishedAt"));
    } else {
        page.field(2, title, "Waiting");
        page.optional(3, "Reason", state.pointer("/waiting/reason"));
    }
}

pub fn resources(page: &mut Page, resources: Option<&Value>, level: usize) {
    for (title, key) in [("Limits:", "limits"), ("Requests:", "requests")] {
        let amounts =
            resources.and_then(|r| r.get(key)).and_then(Value::as_object).filter(|map| !map.is_empty());
        if let Some(amounts) = amounts {
            page.line(level, title);
            for (name, amount) in amounts {
                page.field(level + 1, name, plain(amount));
            }
        }
    }
}

fn probes(page: &mut Page, container: &Value) {
    for (title, key) in
        [("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")]
    {
        if let Some(found) = container.get(key) {
            page.field(2, title, probe(found));
        }
    }
}

/// `DescribeProbe`.
fn probe(probe: &Value) -> String {
    let attributes = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        number(probe, "/initialDelaySeconds"),
        number(probe, "/timeoutSeconds"),
        number(probe, "/periodSeconds"),
        number(probe, "/successThreshold"),
        number(probe, "/failureThreshold")
    );
    if let Some(exec) = probe.get("exec") {
        return format!("exec [{}] {attributes}", super::page::texts(exec, "/command").join(" "));
    }
    if let Some(http) = probe.get("httpGet") {
        let scheme = text(http, "/scheme").to_lowercase();
        let path = text(http, "/path");
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        let port = http.get("port").map(plain).unwrap_or_default();
        return format!("http-get {scheme}://{}:{port}{slash}{path} {attributes}", text(http, "/host"));
    }
    if let Some(tcp) = probe.get("tcpSocket") {
        let port = tcp.get("port").map(plain).unwrap_or_default();
        return format!("tcp-socket {}:{port} {attributes}", text(tcp, "/host"));
    }
    if let Some(grpc) = probe.get("grpc") {
        return format!("grpc <pod>:{} {} {attributes}", number(grpc, "/port"), text(grpc, "/service"));
    }
    format!("unknown {attributes}")
}

fn environment_from(page: &mut Page, container: &Value) {
    let sources = list(container, "/envFrom");
    if sources.is_empty() {
        return;
    }
    page.line(2, "Environment Variables from:");
    for source in sources {
        let (from, reference) = match (source.get("configMapRef"), source.get("secretRef")) {
            (Some(reference), _) => ("ConfigMap", reference),
            (_, Some(reference)) => ("Secret", reference),
            _ => ("", &Value::Null),
        };
        let prefix = text(source, "/prefix");
        let with = if prefix.is_empty() { String::new() } else { format!(" with prefix '{prefix}'") };
        page.line(
            3,
            &format!(
                "{}\t{from}{with}\tOptional: {}",
                text(reference, "/name"),
                flag(reference, "/optional")
            ),
        );
    }
}

fn environment(page: &mut Page, container: &Value, pod: Option<&Value>) {
    let variables = list(container, "/env");
    page.line(2, if variables.is_empty() { "Environment:\t<none>" } else { "Environment:" });
    for variable in variables {
        let name = text(variable, "/name");
        let Some(from) = variable.get("valueFrom") else {
            for (i, line) in text(variable, "/value").split('\n').enumerate() {
                page.line(3, &if i == 0 { format!("{name}:\t{line}") } else { format!("\t{line}") });
            }
            continue;
        };
        if let Some(field) = from.get("fieldRef") {
            let value = pod.map(|pod| field_value(pod, text(field, "/fieldPath"))).unwrap_or_default();
            let version = text(field, "/apiVersion");
            page.line(3, &format!("{name}:\t{value} ({version}:{})", text(field, "/fieldPath")));
        } else if let Some(resource) = from.get("resourceFieldRef") {
            let wanted = text(resource, "/resource");
            let value = resource_value(container, wanted, text(resource, "/divisor"));
            page.line(3, &format!("{name}:\t{value} ({wanted})"));
        } else if let Some(key) = from.get("secretKeyRef") {
            let (key_name, owner) = (text(key, "/key"), text(key, "/name"));
            let optional = flag(key, "/optional");
            page.line(
                3,
                &format!("{name}:\t<set to the key '{key_name}' in secret '{owner}'>\tOptional: {optional}"),
            );
        } else if let Some(key) = from.get("configMapKeyRef") {
            let (key_name, owner) = (text(key, "/key"), text(key, "/name"));
            let optional = flag(key, "/optional");
            page.line(
                3,
                &format!(
                    "{name}:\t<set to the key '{key_name}' of config map '{owner}'>\tOptional: {optional}"
                ),
            );
        }
    }
}

/// What a downward API field reference means for this pod. kubectl looks at the metadata alone.
fn field_value(pod: &Value, path: &str) -> String {
    let metadata = &pod["metadata"];
    if let Some((map, key)) = path.split_once("['") {
        let map = map.trim_start_matches("metadata.");
        return metadata[map].get(key.trim_end_matches("']")).map(plain).unwrap_or_default();
    }
    match path {
        "metadata.name" | "metadata.namespace" | "metadata.uid" => {
            plain(&metadata[&path["metadata.".len()..]])
        }
        _ => String::new(),
    }
}

/// What a resource reference means for this container, in units of its divisor and rounded up.
fn resource_value(container: &Value, wanted: &str, divisor: &str) -> String {
    let amount = container.pointer(&format!("/resources/{}", wanted.replacen('.', "/", 1))).map(plain);
    let Some(amount) = amount.and_then(|text| Quantity::parse(&text).ok()) else { return "0".to_owned() };
    let divisor = Quantity::parse(divisor).map_or(0, |divisor| divisor.milli);
    let divisor = if divisor > 0 { divisor } else { 1000 };
    ((amount.milli + divisor - 1) / divisor).to_string()
}

fn mounts(page: &mut Page, container: &Value) {
    let mut mounts: Vec<&Value> = list(container, "/volumeMounts").iter().collect();
    page.line(2, if mounts.is_empty() { "Mounts:\t<none>" } else { "Mounts:" });
    mounts.sort_by_key(|mount| text(mount, "/mountPath").to_string());
    for mount in mounts {
        let mode = if flag(mount, "/readOnly") { "ro" } else { "rw" };
        let sub = text(mount, "/subPath");
        let sub = if sub.is_empty() { String::new() } else { format!(",path={sub:?}") };
        page.line(3, &format!("{} from {} ({mode}{sub})", text(mount, "/mountPath"), text(mount, "/name")));
    }
    let devices = list(container, "/volumeDevices");
    if !devices.is_empty() {
        page.line(2, "Devices:");
        for device in devices {
            page.line(3, &format!("{} from {}", text(device, "/devicePath"), text(device, "/name")));
        }
    }
}
