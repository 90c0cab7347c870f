//! Recognised by the command itself: what worked differently in 2019, and what does something else than is hoped for.

use super::docker::{made, pushed_elsewhere};
use super::{Args, Rule, Situation};
use crate::lesson::check::split_url;
use crate::lesson::goal::{Goal, Predicate};
use crate::lesson::meaning::Meaning;
use crate::lesson::object::pointer;

/// Words of the instructions typed as they stand.
pub(super) const PLACEHOLDERS: &[Rule] = &[
    Rule::after("placeholder-container", placeholder_container),
    Rule::after("placeholder-pod", placeholder_pod),
    Rule::after("placeholder-address", placeholder_address),
    Rule::after("placeholder", placeholder),
];

/// What manuals write where a container's name or id belongs.
const CONTAINER_WORDS: [&str; 6] =
    ["[container_id]", "[container id]", "[container]", "<container_id>", "<container>", "container_id"];

/// What they write where a pod's name belongs.
const POD_WORDS: [&str; 5] = ["<pod-name>", "[pod-name]", "pod_name", "<pod>", "[pod]"];

fn placeholder_container(s: &Situation<'_>) -> Option<Args> {
    literal(s, "docker", &CONTAINER_WORDS)
}

fn placeholder_pod(s: &Situation<'_>) -> Option<Args> {
    literal(s, "kubectl", &POD_WORDS)
}

/// One of the words, in whatever letters, in a line of this program that failed.
fn literal(s: &Situation<'_>, program: &str, words: &[&str]) -> Option<Args> {
    s.commands.iter().find(|m| m.program == program).filter(|_| s.exit() != Some(0))?;
    let line = &s.last?.line;
    let typed = words.iter().find_map(|word| {
        let at = line.to_ascii_lowercase().find(word)?;
        line.get(at..at + word.len())
    })?;
    Some(vec![("word", typed.to_owned())])
}

/// `curl http://EXTERNAL-IP:8080`: a host in capitals is a word of the instructions.
fn placeholder_address(s: &Situation<'_>) -> Option<Args> {
    let host = curl_host(s).filter(|_| s.exit() != Some(0))?;
    let host = host.trim_matches(['<', '>', '[', ']']);
    let capitals = host.len() > 1 && host.bytes().all(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'_'));
    capitals.then(|| vec![("word", host.to_owned())])
}

/// In order of precedence.
pub(super) const RULES: &[Rule] = &[
    Rule::after("run-makes-pod", run_makes_pod),
    Rule::after("gcloud-docker", |s| s.worked("gcloud", &["docker"]).map(|_| Vec::new())),
    Rule::after("cpu-percent", cpu_percent),
    Rule::after("wrong-namespace", wrong_namespace),
    Rule::after("label-run", label_run),
    Rule::after("port-order", port_order),
    Rule::after("not-published", not_published),
    Rule::after("service-type", service_type),
    Rule::after("target-port", target_port),
    Rule::after("image-only-local", image_only_local),
    Rule::after("changed-the-pod", changed_the_pod),
    Rule::after("pod-returns", pod_returns),
    Rule::after("same-tag", same_tag),
    Rule::after("internal-address", internal_address),
    Rule::after("node-address", node_address),
    Rule::after("nobody-listens", nobody_listens),
    Rule::after("deleted-deployment", deleted_deployment),
    Rule::after("missing-port", missing_port),
    Rule::after("pushed-elsewhere", pushed_elsewhere),
];

const PLACEHOLDER_WORDS: [&str; 11] = [
    "=REGION",
    " REGION",
    "=ZONE",
    " ZONE",
    "\"ZONE\"",
    "PROJECT_ID",
    "PROJECT-ID",
    "[project-id]",
    "<PROJECT_ID>",
    "[PROJECT_ID]",
    "REGION-docker",
];

fn placeholder(s: &Situation<'_>) -> Option<Args> {
    let line = &s.last?.line;
    let literal = |word: &&&str| {
        line.match_indices(**word).any(|(at, _)| {
            let before = &line[..at];
            let assigned = line[at + word.len()..].starts_with('=');
            !before.ends_with(['$', '{', '_']) && !assigned
        })
    };
    let word = PLACEHOLDER_WORDS.iter().find(literal)?;
    let zone = s.commands.iter().any(|m| m.program == "echo" || m.program == "export");
    (!zone).then(|| vec![("word", word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned())])
}

/// Since kubectl 1.18 `run` makes a pod, never a Deployment.
fn run_makes_pod(s: &Situation<'_>) -> Option<Args> {
    let run = s.worked("kubectl", &["run"])?;
    let one_off = ["it", "stdin", "rm"].iter().any(|f| run.flags.contains_key(*f));
    let wants_deployment = s
        .goals
        .iter()
        .any(|g| matches!(&g.predicate, Predicate::Object { kind, .. } if kind == "deployments"));
    let name = run.names.first()?;
    (!one_off && wants_deployment).then(|| vec![("name", name.clone())])
}

fn cpu_percent(s: &Situation<'_>) -> Option<Args> {
    s.worked("kubectl", &["autoscale"]).filter(|m| m.flags.contains_key("cpu-percent")).map(|_| Vec::new())
}

pub(super) fn wrong_namespace(s: &Situation<'_>) -> Option<Args> {
    let acts = ["create", "run", "expose", "scale", "apply", "autoscale", "get"];
    let elsewhere = |m: &&Meaning| m.flags.get("namespace").is_some_and(|n| n != "default");
    let command = s.commands.iter().find(|m| m.program == "kubectl" && elsewhere(m))?;
    let namespace = command.flags.get("namespace")?;
    // Looking around in the system's own namespace is no mistake; missing there what is here, is.
    let meant = acts.contains(&command.verb()) && namespace != "kube-system";
    (meant || missed_there(s, command)).then(|| vec![("namespace", namespace.clone())])
}

/// Not found in the namespace that was named, but there in `default`.
fn missed_there(s: &Situation<'_>, command: &Meaning) -> bool {
    let named = |name: &String| {
        let word = name.rsplit('/').next().unwrap_or(name);
        let kinds = command.kinds.iter().map(String::as_str).chain(["pods"]);
        kinds.into_iter().any(|kind| s.facts.object(kind, "default", word).is_some())
    };
    s.exit() != Some(0) && s.wrote("(NotFound)") && command.names.iter().any(named)
}

/// `kubectl run` labels `run=`, `kubectl create deployment` labels `app=`.
fn label_run(s: &Situation<'_>) -> Option<Args> {
    let get = s.worked("kubectl", &["get"])?;
    let selector = get.flags.get("selector")?;
    (selector.starts_with("run=") && s.wrote("No resources found"))
        .then(|| vec![("selector", selector.replacen("run=", "app=", 1))])
}

/// HOST:CONTAINER with the container's side not the port the application listens on.
fn port_order(s: &Situation<'_>) -> Option<Args> {
    let published = s.worked("docker", &["run"])?.flags.get("publish")?.clone();
    let app_port = s.app_port()?;
    let inside = |door: &str| door.rsplit(':').next()?.split('/').next()?.parse::<u16>().ok();
    let ports: Vec<u16> = published.split(',').filter_map(inside).collect();
    let container = *ports.first()?;
    (!ports.contains(&app_port))
        .then(|| vec![("typed", published), ("container", container.to_string()), ("name", made(s))])
}

fn not_published(s: &Situation<'_>) -> Option<Args> {
    let run = s.worked("docker", &["run"])?;
    let bare = !["publish", "P", "publish-all", "network", "net"].iter().any(|f| run.flags.contains_key(*f));
    let wanted = s.goals.iter().any(|g| {
        matches!(&g.predicate, Predicate::Container { port: Some(_), .. } | Predicate::Reply { .. })
    });
    (bare && wanted).then(|| vec![("name", made(s))])
}

/// The Service that `kubectl expose` made.
fn exposed(expose: &Meaning) -> String {
    expose.flags.get("name").or_else(|| expose.names.first()).cloned().unwrap_or_default()
}

fn service_type(s: &Situation<'_>) -> Option<Args> {
    let expose = s.worked("kubectl", &["expose"])?;
    let wanted = s.goals.iter().any(|g| format!("{:?}", g.predicate).contains("LoadBalancer"));
    let have = expose.flags.get("type").map_or("ClusterIP", String::as_str);
    (wanted && have != "LoadBalancer").then(|| vec![("type", have.to_owned()), ("service", exposed(expose))])
}

fn target_port(s: &Situation<'_>) -> Option<Args> {
    let expose = s.worked("kubectl", &["expose"])?;
    let port = expose.flags.get("port")?;
    let target = expose.flags.get("target-port").unwrap_or(port);
    let app_port = s.app_port()?;
    let number = target.parse::<u16>().ok()?;
    (number != app_port).then(|| vec![("target", target.clone()), ("service", exposed(expose))])
}

/// A Deployment is given an image that only the learner's own Docker has.
fn image_only_local(s: &Situation<'_>) -> Option<Args> {
    let create = s.worked("kubectl", &["create"]).or_else(|| s.worked("kubectl", &["run"]));
    let set = || {
        s.worked("kubectl", &["set", "image"])
            .and_then(|m| m.names.iter().find_map(|n| n.split_once('=')).map(|(_, i)| i.to_owned()))
    };
    let image = create.and_then(|m| m.flags.get("image").cloned()).or_else(set)?;
    (s.facts.local_image(&image).is_some() && s.facts.registry_image(&image).is_none())
        .then(|| vec![("typed", image)])
}

/// `edit`, `set image`, `patch` of a pod: its owner will not know.
fn changed_the_pod(s: &Situation<'_>) -> Option<Args> {
    let acts = [&["edit"][..], &["set", "image"], &["patch"]];
    let command = acts.iter().find_map(|verb| s.worked("kubectl", verb))?;
    (command.kinds.len() == 1 && command.kinds.contains("pods")).then(Vec::new)
}

/// Deleting again what comes back every time. Where replacing a pod is the goal there is nothing to say.
fn pod_returns(s: &Situation<'_>) -> Option<Args> {
    let delete = s.worked("kubectl", &["delete"]).filter(|m| m.kinds.contains("pods"))?;
    let wanted = s.goals.iter().any(|g| matches!(&g.predicate, Predicate::Count { new: true, .. }));
    let name = delete.names.first().cloned().unwrap_or_default();
    let owner = s.pods().iter().find_map(|p| {
        pointer(p, "/metadata/ownerReferences/0/name").and_then(|n| n.as_str()).map(str::to_owned)
    });
    (!wanted && owner.as_ref().is_some_and(|o| name.is_empty() || name.starts_with(o.as_str())))
        .then(|| vec![("pod", name), ("owner", owner.unwrap_or_default())])
}

/// New bytes were pushed under the tag that runs already: the template did not change, so nothing rolls.
fn same_tag(s: &Situation<'_>) -> Option<Args> {
    let image = s.worked("docker", &["push"])?.names.first()?;
    let digest = s.facts.registry_image(image)?;
    let stale = |p: &serde_json::Value| {
        pointer(p, "/spec/containers/0/image").is_some_and(|i| i == image.as_str())
            && pointer(p, "/status/containerStatuses/0/imageID")
                .and_then(|i| i.as_str())
                .is_some_and(|id| !id.ends_with(&digest))
    };
    let tag = image.rsplit(':').next().unwrap_or_default().to_owned();
    s.pods().iter().any(|p| stale(p)).then(|| vec![("tag", tag)])
}

/// curl to an address that only exists inside the cluster.
fn internal_address(s: &Situation<'_>) -> Option<Args> {
    if s.asked_to_run("curl") || s.exit() == Some(0) {
        return None;
    }
    let host = curl_host(s)?;
    let is = |path: &str, o: &serde_json::Value| pointer(o, path).is_some_and(|ip| ip == host.as_str());
    if s.pods().iter().any(|p| is("/status/podIP", p)) {
        return Some(vec![("address", host), ("what", "pod".to_owned())]);
    }
    if s.facts.objects("services", "default").iter().any(|o| is("/spec/clusterIP", o)) {
        return Some(vec![("address", host), ("what", "ClusterIP".to_owned())]);
    }
    node_with(s, "InternalIP", &host).then(|| vec![("address", host), ("what", "node".to_owned())])
}

/// A node's address on the internet: it exists, but the project's firewall lets nothing in.
fn node_address(s: &Situation<'_>) -> Option<Args> {
    let (host, port, _) = curl_url(s).filter(|_| s.exit() != Some(0))?;
    (node_with(s, "ExternalIP", &host) && !s.facts.port_is_open(port))
        .then(|| vec![("address", host), ("port", port.to_string())])
}

fn node_with(s: &Situation<'_>, kind: &str, address: &str) -> bool {
    let has = |node: &serde_json::Value| {
        let all = pointer(node, "/status/addresses").and_then(|a| a.as_array());
        all.is_some_and(|all| all.iter().any(|a| a["type"] == kind && a["address"] == address))
    };
    s.facts.objects("nodes", "").iter().any(|node| has(node))
}

/// The external address, but without the port.
fn missing_port(s: &Situation<'_>) -> Option<Args> {
    if s.exit() == Some(0) {
        return None;
    }
    let host = curl_host(s)?;
    let (_, port, _) = curl_url(s)?;
    let app_port = s.app_port()?;
    let external = |o: &serde_json::Value| {
        pointer(o, "/status/loadBalancer/ingress/0/ip").is_some_and(|ip| ip == host.as_str())
    };
    let ours = s.facts.objects("services", "default").iter().any(|o| external(o));
    (ours && port != app_port).then(|| vec![("address", host)])
}

pub(super) fn curl_url(s: &Situation<'_>) -> Option<(String, u16, String)> {
    let curl = s.commands.iter().find(|m| m.program == "curl")?;
    let url = curl.names.first()?;
    if !url.contains(['$', '`']) {
        return Some(split_url(url));
    }
    // What the shell put in is known by the request that went out.
    let asked = s.facts.replies().pop().filter(|reply| s.last.is_some_and(|typed| reply.at >= typed.at))?;
    Some((asked.host, asked.port, asked.path))
}

fn curl_host(s: &Situation<'_>) -> Option<String> {
    curl_url(s).map(|(host, _, _)| host)
}

/// curl to the learner's own machine, refused because nothing listens there.
fn nobody_listens(s: &Situation<'_>) -> Option<Args> {
    let (host, port, _) = curl_url(s)?;
    let here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "0.0.0.0");
    (s.exit() == Some(7) && here && s.facts.listener(port).is_none())
        .then(|| vec![("port", port.to_string())])
}

/// The Deployment went, where one of its pods was meant.
fn deleted_deployment(s: &Situation<'_>) -> Option<Args> {
    let delete = s.worked("kubectl", &["delete"]).filter(|m| m.kinds.contains("deployments"))?;
    let meant = |g: &Goal| counted_deployment(&g.predicate).is_some_and(|n| delete.names.contains(n));
    s.goals.iter().any(meant).then(Vec::new)
}

/// The Deployment whose pods a goal counts.
pub(super) fn counted_deployment(predicate: &Predicate) -> Option<&String> {
    match predicate {
        Predicate::Count { of: Some((kind, name)), .. } if kind == "deployments" => Some(name),
        _ => None,
    }
}
