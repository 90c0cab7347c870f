//! Recognised on the way of a request: closed doors, empty rooms, missing keys. Looks at what was typed, what came of it
//! and what the cluster has.

use serde_json::{Map, Value};

use super::typed::{curl_url, wrong_namespace};
use super::typos::typo;
use super::{Args, Rule, Situation};
use crate::lesson::check::split_url;
use crate::lesson::object::{deleting, is_ready, pointer, selects, waiting_reason};
use crate::lesson::words::commands;

/// In order of precedence.
pub(super) const RULES: &[Rule] = &[
    Rule::after("file-elsewhere", file_elsewhere),
    Rule::after("file-not-here", file_not_here),
    Rule::after("repository-unknown", repository_unknown),
    Rule::after("forward-too-early", forward_too_early),
    Rule::after("forward-order", forward_order),
    Rule::after("name-unknown", name_unknown),
    Rule::after("no-such-program", no_such_program),
    Rule::after("container-unknown", container_unknown),
    Rule::after("selector-syntax", selector_syntax),
    Rule::after("label-taken", label_taken),
    Rule::after("untrusted-certificate", untrusted_certificate),
    Rule::after("plain-to-tls", plain_to_tls),
    Rule::after("login-refused", login_refused),
    Rule::after("no-token", no_token),
    Rule::after("cluster-name-outside", cluster_name_outside),
    Rule::after("no-endpoints", no_endpoints),
    Rule::after("wrong-target", wrong_target),
    Rule::after("nobody-ready", nobody_ready),
    Rule::unasked("missing-mount", missing_mount),
    Rule::unasked("upstream-missing", upstream_missing),
];

/// A path that does not lead anywhere from here, but would from the folder that the lesson calls `work_folder`.
fn file_elsewhere(s: &Situation<'_>) -> Option<Args> {
    let typed = s.last.filter(|_| s.exit() != Some(0))?;
    let home = s.names.get("home").map_or("/root", String::as_str);
    let shown = s.names.get("work_folder")?;
    let folder = shown.replacen('~', home, 1);
    if typed.cwd == folder {
        return None;
    }
    let words = commands(&typed.line).into_iter().flatten();
    // `--from-file=NAME=PATH`: what stands behind the last sign of equality is the path.
    let mut paths = words.map(|word| word.rsplit('=').next().unwrap_or_default().to_owned());
    let lost = |path: &String| {
        let relative = path.contains(['/', '.']) && !path.starts_with(['/', '~', '-', '.']);
        relative
            && !s.facts.exists(&format!("{}/{path}", typed.cwd))
            && s.facts.exists(&format!("{folder}/{path}"))
    };
    let path = paths.find(lost)?;
    Some(vec![("typed", path), ("folder", shown.clone())])
}

/// `-f` with a path that does not exist from here.
fn file_not_here(s: &Situation<'_>) -> Option<Args> {
    let kubectl = s.commands.iter().find(|m| m.program == "kubectl")?;
    let file = kubectl.flags.get("filename").or_else(|| kubectl.flags.get("from-file"))?;
    let lost = s.wrote("does not exist") || s.wrote("no such file or directory") || s.wrote("error reading");
    (lost && s.exit() != Some(0)).then(|| vec![("typed", file.clone())])
}

fn repository_unknown(s: &Situation<'_>) -> Option<Args> {
    s.commands.iter().find(|m| m.program == "git" && m.names.first().is_some_and(|n| n == "clone"))?;
    (s.wrote("Repository not found") || s.wrote("does not exist") || s.wrote("Could not resolve host"))
        .then(Vec::new)
}

/// `LOCAL:REMOTE` the wrong way round: the remote port is none of the pod's, the local one is.
fn forward_order(s: &Situation<'_>) -> Option<Args> {
    let forward = s.commands.iter().find(|m| m.is("kubectl", &["port-forward"]))?;
    let pair = forward.names.iter().find(|n| n.contains(':'))?;
    let (local, remote) = pair.split_once(':')?;
    let (local, remote) = (local.parse::<u64>().ok()?, remote.parse::<u64>().ok()?);
    let pod = forward.names.first().and_then(|name| s.facts.object("pods", "default", name))?;
    let containers = pointer(&pod, "/spec/containers").and_then(Value::as_array)?;
    let all = containers.iter().filter_map(|c| pointer(c, "/ports").and_then(Value::as_array)).flatten();
    let ports: Vec<u64> = all.filter_map(|p| p["containerPort"].as_u64()).collect();
    let known = ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    (!ports.contains(&remote) && !ports.is_empty()).then(|| {
        vec![
            ("typed", pair.clone()),
            ("remote", remote.to_string()),
            ("local", local.to_string()),
            ("ports", known),
        ]
    })
}

/// kubectl was given a name that no object of that kind has, here or in the namespace that was named.
fn name_unknown(s: &Situation<'_>) -> Option<Args> {
    // What it should have been is worth more than that it is not there.
    if wrong_namespace(s).is_some() || typo(s).is_some() {
        return None;
    }
    let acts = ["logs", "exec", "describe", "label", "port-forward", "edit", "get"];
    let kubectl = s.commands.iter().find(|m| m.program == "kubectl" && acts.contains(&m.verb()))?;
    let typed = kubectl.names.first()?;
    (s.exit() != Some(0) && s.wrote("(NotFound)")).then(|| vec![("typed", typed.clone())])
}

fn no_such_program(s: &Situation<'_>) -> Option<Args> {
    let exec = s.command("kubectl", &["exec"])?;
    let program = exec.rest.first()?.clone();
    (s.wrote("executable file not found") || s.wrote("no such file or directory: unknown"))
        .then(|| vec![("typed", program)])
}

fn container_unknown(s: &Situation<'_>) -> Option<Args> {
    let kubectl = s.commands.iter().find(|m| m.program == "kubectl" && m.flags.contains_key("container"))?;
    let typed = kubectl.flags.get("container")?.clone();
    let name = kubectl.names.first()?;
    let pod = s.facts.object("pods", "default", name)?;
    let containers = pointer(&pod, "/spec/containers").and_then(Value::as_array)?;
    let names: Vec<&str> = containers.iter().filter_map(|c| c["name"].as_str()).collect();
    (s.exit() != Some(0) && !names.contains(&typed.as_str()))
        .then(|| vec![("typed", typed), ("containers", names.join(", "))])
}

/// A Service's name, asked for on a machine that does not use the cluster's DNS.
fn cluster_name_outside(s: &Situation<'_>) -> Option<Args> {
    let (host, ..) = curl_url(s).filter(|_| s.exit() == Some(6))?;
    let service = host.split('.').next().unwrap_or_default().to_owned();
    let known = s.facts.object("services", "default", &service).is_some()
        || s.facts.object("deployments", "default", &service).is_some()
        || host.ends_with(".cluster.local");
    known.then(|| vec![("typed", host)])
}

fn forward_too_early(s: &Situation<'_>) -> Option<Args> {
    s.command("kubectl", &["port-forward"])?;
    s.wrote("unable to forward port because pod is not running").then(Vec::new)
}

fn selector_syntax(s: &Situation<'_>) -> Option<Args> {
    s.commands.iter().find(|m| m.program == "kubectl")?;
    (s.wrote("unable to parse requirement") || s.wrote("that match label selector")).then(Vec::new)
}

fn label_taken(s: &Situation<'_>) -> Option<Args> {
    s.command("kubectl", &["label"])?;
    s.wrote("--overwrite is false").then(Vec::new)
}

fn untrusted_certificate(s: &Situation<'_>) -> Option<Args> {
    s.wrote("curl: (60)").then(Vec::new)
}

fn plain_to_tls(s: &Situation<'_>) -> Option<Args> {
    s.wrote("The plain HTTP request was sent to HTTPS port").then(Vec::new)
}

/// The answer to a request for this path was 401.
fn refused_at(s: &Situation<'_>, path: &str) -> bool {
    let asked = curl_url(s).is_some_and(|(_, _, asked)| asked.starts_with(path));
    let refused = |r: &crate::lesson::facts::ReplyFacts| r.path.starts_with(path) && r.status == Some(401);
    asked && s.facts.replies().last().is_some_and(refused)
}

fn login_refused(s: &Situation<'_>) -> Option<Args> {
    refused_at(s, "/login").then(Vec::new)
}

/// `/secure` with a token that is none: an empty variable, or `null` from jq. Without any header it is how one learns
/// that a token is needed, and there is nothing to say.
fn no_token(s: &Situation<'_>) -> Option<Args> {
    let tried = s.last?.line.contains("Bearer");
    (tried && refused_at(s, "/secure")).then(Vec::new)
}

/// The address and the port are a Service's, and no Ready pod is behind it.
fn no_endpoints(s: &Situation<'_>) -> Option<Args> {
    let (host, port, _) = curl_url(s).filter(|_| s.exit() == Some(7))?;
    let nodes = s.facts.objects("nodes", "");
    let is_node = nodes.iter().any(|node| {
        let addresses = pointer(node, "/status/addresses").and_then(Value::as_array);
        addresses.is_some_and(|all| all.iter().any(|a| a["address"] == host.as_str()))
    });
    let services = s.facts.objects("services", "default");
    let service = services.iter().find(|service| {
        let ports = pointer(service, "/spec/ports").and_then(Value::as_array);
        let at = |field: &str| ports.is_some_and(|all| all.iter().any(|p| p[field] == port));
        let balancer =
            pointer(service, "/status/loadBalancer/ingress/0/ip").is_some_and(|ip| ip == host.as_str());
        (is_node && at("nodePort")) || (balancer && at("port"))
    })?;
    if !s.facts.answering_pods(&host, port).is_empty() {
        return None;
    }
    let selector = selector(service)?;
    Some(vec![("service", name(service)), ("selector", selector_text(selector))])
}

fn selector(service: &Value) -> Option<&Map<String, Value>> {
    pointer(service, "/spec/selector").and_then(Value::as_object)
}

/// As `-l` takes it.
fn selector_text(selector: &Map<String, Value>) -> String {
    let pairs = selector.iter().map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default()));
    pairs.collect::<Vec<_>>().join(",")
}

/// A Service was asked by its name from within a pod, and none of its pods is Ready.
fn nobody_ready(s: &Situation<'_>) -> Option<Args> {
    let exec = s.command("kubectl", &["exec"]).filter(|_| s.exit() == Some(7))?;
    let url = exec.rest.iter().skip_while(|word| *word != "curl").skip(1).find(|w| !w.starts_with('-'))?;
    let (host, ..) = split_url(url);
    let service = s.facts.object("services", "default", host.split('.').next()?)?;
    let selector = selector(&service)?;
    let ready = s.pods().iter().any(|pod| selects(selector, pod) && is_ready(pod));
    (!ready).then(|| vec![("service", name(&service)), ("selector", selector_text(selector))])
}

/// The Service has Ready pods, and sends to a port where nobody listens.
fn wrong_target(s: &Situation<'_>) -> Option<Args> {
    let (host, port, _) = curl_url(s).filter(|_| s.exit() == Some(7))?;
    let services = s.facts.objects("services", "default");
    let service = services.iter().find(|service| {
        pointer(service, "/status/loadBalancer/ingress/0/ip").is_some_and(|ip| ip == host.as_str())
    })?;
    let ports = pointer(service, "/spec/ports").and_then(Value::as_array)?;
    let target = ports.iter().find(|p| p["port"] == port).map(|p| p["targetPort"].to_string())?;
    (!s.facts.answering_pods(&host, port).is_empty())
        .then(|| vec![("service", name(service)), ("target", target.trim_matches('"').to_owned())])
}

/// A pod that waits for a ConfigMap or Secret that nobody made.
fn missing_mount(s: &Situation<'_>) -> Option<Args> {
    let pods = s.pods();
    pods.iter().filter(|p| !deleting(p) && waiting_reason(p) == Some("ContainerCreating")).find_map(|pod| {
        let volumes = pointer(pod, "/spec/volumes").and_then(Value::as_array)?;
        volumes.iter().find_map(|volume| {
            let map = pointer(volume, "/configMap/name").map(|n| ("configmaps", "ConfigMap", n));
            let secret = pointer(volume, "/secret/secretName").map(|n| ("secrets", "Secret", n));
            let (plural, kind, wanted) = map.or(secret)?;
            let wanted = wanted.as_str()?;
            s.facts
                .object(plural, "default", wanted)
                .is_none()
                .then(|| vec![("pod", name(pod)), ("kind", kind.to_owned()), ("name", wanted.to_owned())])
        })
    })
}

/// nginx ends at once because its configuration names a Service that is not there.
fn upstream_missing(s: &Situation<'_>) -> Option<Args> {
    let pods = s.pods();
    let pod = pods.iter().find(|p| {
        let status = pointer(p, "/status/containerStatuses/0");
        let fell = status.is_some_and(|s| s["restartCount"].as_u64() > Some(0) && s["ready"] == false);
        let terminated = status.is_some_and(|s| !s["state"]["terminated"].is_null());
        (fell || terminated) && !deleting(p)
    })?;
    let volumes = pointer(pod, "/spec/volumes").and_then(Value::as_array)?;
    let maps = volumes.iter().filter_map(|v| pointer(v, "/configMap/name").and_then(Value::as_str));
    let texts = maps.filter_map(|map| s.facts.object("configmaps", "default", map));
    let service = texts.filter_map(|map| missing_service(s, &map)).next()?;
    Some(vec![("pod", name(pod)), ("service", service)])
}

/// The first `NAME.default.svc` in a ConfigMap's texts that is no Service.
fn missing_service(s: &Situation<'_>, map: &Value) -> Option<String> {
    let data = map.get("data")?.as_object()?;
    let texts = data.values().filter_map(Value::as_str);
    let mut words = texts.flat_map(|t| t.split(|c: char| c.is_whitespace() || matches!(c, ';' | '/')));
    let service = |word: &str| word.split_once(".default.svc").map(|(service, _)| service.to_owned());
    words.find_map(|word| service(word).filter(|n| s.facts.object("services", "default", n).is_none()))
}

fn name(object: &Value) -> String {
    pointer(object, "/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned()
}
