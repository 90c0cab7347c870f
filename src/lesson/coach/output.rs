//! Recognised by what a program said: errors with a known cause, and lines whose meaning is easy to miss.

use super::docker::{output, quoted_after};
use super::{Args, Rule, Situation};
use crate::lesson::facts::ContainerFacts;
use crate::lesson::object::singular;

/// In order of precedence.
pub(super) const RULES: &[Rule] = &[
    Rule::after("no-credentials", no_credentials),
    Rule::after("expose-needs-port", |s| s.said("kubectl", "couldn't find port via --port flag")),
    Rule::after("exec-dashes", |s| s.said("kubectl", "exec [POD] [COMMAND] is not supported anymore")),
    Rule::after("old-api-version", |s| s.said("kubectl", "extensions/v1beta1")),
    Rule::after("immutable-selector", |s| s.said("kubectl", "field is immutable")),
    Rule::after("run-then-expose", run_then_expose),
    Rule::after("pod-full-name", pod_full_name),
    Rule::after("which-object", which_object),
    Rule::after("edit-unchanged", |s| s.said("kubectl", "Edit cancelled, no changes made")),
    Rule::after("already-exists", already_exists),
    Rule::after("cluster-exists", cluster_exists),
    Rule::after("rule-exists", rule_exists),
    Rule::after("hpa-unknown", |s| s.said("kubectl", "<unknown>/")),
    Rule::after("zone-missing", |s| {
        s.said("gcloud", "One of [--location, --zone, --region] must be supplied")
    }),
    Rule::after("gcloud-docker-dashes", |s| {
        s.command("gcloud", &["docker"]).filter(|_| s.wrote("unrecognized arguments")).map(|_| Vec::new())
    }),
    Rule::after("repository-missing", repository_missing),
    Rule::after("registry-auth", registry_auth),
    Rule::after("push-needs-tag", push_needs_tag),
    Rule::after("build-context", build_context),
    Rule::after("no-dockerfile", no_dockerfile),
    Rule::after("copy-missing", copy_missing),
    Rule::after("port-taken-by-container", port_taken_by_container),
    Rule::after("port-taken", port_taken),
    Rule::after("name-taken", name_taken),
    Rule::after("server-syntax", |s| s.said("node", "SyntaxError")),
    Rule::after("server-reference", server_reference),
    Rule::after("bound-to-loopback", super::world::bound_to_loopback),
    Rule::after("no-such-file", |s| s.said("node", "Cannot find module")),
];

impl Situation<'_> {
    fn said(&self, program: &str, text: &str) -> Option<Args> {
        (self.commands.iter().any(|m| m.program == program) && self.wrote(text)).then(Vec::new)
    }
}

fn no_credentials(s: &Situation<'_>) -> Option<Args> {
    s.said("kubectl", "The connection to the server localhost:8080 was refused")?;
    let cluster = s.facts.clusters().into_iter().find(|c| c.status == "RUNNING");
    Some(match cluster {
        Some(c) => vec![(
            "next",
            format!("gcloud container clusters get-credentials {} --zone {}", c.name, c.location),
        )],
        None => vec![("next", "gcloud container clusters create".to_owned())],
    })
}

/// `kubectl run` made a pod, and now a Deployment of that name is exposed.
fn run_then_expose(s: &Situation<'_>) -> Option<Args> {
    let expose = s.command("kubectl", &["expose"]).filter(|m| m.kinds.contains("deployments"))?;
    let name = expose.names.first()?;
    let pod_only = s.facts.object("pods", "default", name).is_some()
        && s.facts.object("deployments", "default", name).is_none();
    (s.exit() != Some(0) && pod_only).then(|| vec![("name", name.clone())])
}

fn denied(s: &Situation<'_>) -> Option<String> {
    let push = s.command("docker", &["push"]).or_else(|| s.command("gcloud", &["docker"]))?;
    let refused =
        ["denied", "Unauthenticated", "unauthorized", "not found", "NAME_UNKNOWN"].iter().any(|w| s.wrote(w));
    if !refused || s.exit() == Some(0) {
        return None;
    }
    push.names
        .iter()
        .chain(&push.rest)
        .find(|n| n.contains("-docker.pkg.dev/") || n.contains("gcr.io/"))
        .cloned()
}

/// `HOST/PROJECT/REPOSITORY/IMAGE` of a push that was refused, whose repository is not there.
fn repository_missing(s: &Situation<'_>) -> Option<Args> {
    let image = denied(s)?;
    let mut parts = image.split('/');
    let location = parts.next()?.strip_suffix("-docker.pkg.dev")?.to_owned();
    let repository = parts.nth(1)?.to_owned();
    (!s.facts.repository(&location, &repository))
        .then(|| vec![("repository", repository), ("location", location)])
}

fn registry_auth(s: &Situation<'_>) -> Option<Args> {
    let image = denied(s)?;
    Some(vec![("host", image.split('/').next().unwrap_or_default().to_owned())])
}

/// `docker push hello-node:v1` goes to Docker Hub, where the name belongs to nobody.
fn push_needs_tag(s: &Situation<'_>) -> Option<Args> {
    let push = s.command("docker", &["push"]).filter(|_| s.exit() != Some(0))?;
    let image = push.names.first()?;
    let host = image.split_once('/').map_or("", |(first, _)| first);
    (!host.contains(['.', ':'])).then(|| vec![("typed", image.clone())])
}

fn build_context(s: &Situation<'_>) -> Option<Args> {
    s.command("docker", &["build"])?;
    (s.wrote("requires 1 argument") || s.wrote("requires exactly 1 argument")).then(Vec::new)
}

fn no_dockerfile(s: &Situation<'_>) -> Option<Args> {
    s.command("docker", &["build"])?;
    (s.wrote("failed to read dockerfile") || s.wrote("unable to prepare context")).then(Vec::new)
}

fn copy_missing(s: &Situation<'_>) -> Option<Args> {
    s.command("docker", &["build"])?;
    (s.wrote("failed to calculate checksum") || s.wrote("failed to compute cache key")).then(Vec::new)
}

fn port_taken(s: &Situation<'_>) -> Option<Args> {
    let taken =
        ["port is already allocated", "address already in use", "EADDRINUSE"].iter().any(|w| s.wrote(w));
    if !taken || !s.commands.iter().any(|m| matches!(m.program.as_str(), "docker" | "node")) {
        return None;
    }
    let port = port_in(output(s)).or(s.app_port())?;
    let holder = s.facts.listener(port).unwrap_or_else(|| "?".to_owned());
    Some(vec![("holder", holder), ("port", port.to_string())])
}

fn port_taken_by_container(s: &Situation<'_>) -> Option<Args> {
    port_taken(s)?;
    let port = port_in(output(s)).or(s.app_port())?;
    let publishes = |c: &ContainerFacts| c.running && c.published.iter().any(|(yours, _)| *yours == port);
    let holder = s.facts.containers().into_iter().find(publishes)?;
    Some(vec![("name", holder.name), ("port", port.to_string())])
}

fn name_taken(s: &Situation<'_>) -> Option<Args> {
    s.said("docker", "Conflict. The container name")?;
    Some(vec![("name", quoted_after(output(s), "container name \"/")?.to_owned())])
}

/// `deployments.apps "web" already exists`, however it is framed.
fn already_exists(s: &Situation<'_>) -> Option<Args> {
    s.said("kubectl", " already exists")?;
    let before = output(s).split("\" already exists").next()?;
    let (kinds, name) = before.rsplit_once('"')?;
    let kinds = kinds.trim_end().rsplit([' ', '\n']).next()?;
    let kind = singular(kinds.split('.').next()?).to_owned();
    Some(vec![("kind", kind), ("name", name.to_owned())])
}

/// A pod is asked for by its Deployment's name.
fn pod_full_name(s: &Situation<'_>) -> Option<Args> {
    s.said("kubectl", "pods \"")?;
    let name = quoted_after(output(s), "pods \"")?;
    let owner = s.facts.object("deployments", "default", name);
    (s.wrote("not found") && owner.is_some()).then(|| vec![("name", name.to_owned())])
}

fn which_object(s: &Situation<'_>) -> Option<Args> {
    let texts =
        ["no name was specified", "expected 'logs", "You must specify", "required resource not specified"];
    let command = s.commands.iter().find(|m| m.program == "kubectl").filter(|_| s.exit() != Some(0))?;
    texts.iter().any(|text| s.wrote(text)).then(|| vec![("command", command.verb().to_owned())])
}

fn cluster_exists(s: &Situation<'_>) -> Option<Args> {
    let create = s.command("gcloud", &["container", "clusters", "create"])?;
    let name = create.names.first()?;
    let there = s.facts.clusters().into_iter().find(|c| c.name == *name)?;
    (s.exit() != Some(0) && s.wrote("Already exists")).then(|| {
        vec![("name", name.clone()), ("nodes", there.nodes.to_string()), ("location", there.location)]
    })
}

/// A firewall rule of that name is there, with other ports perhaps.
fn rule_exists(s: &Situation<'_>) -> Option<Args> {
    let create = s.command("gcloud", &["compute", "firewall-rules", "create"])?;
    let name = create.names.first()?;
    (s.exit() != Some(0) && s.wrote("already exists")).then(|| vec![("name", name.clone())])
}

/// The port of `0.0.0.0:8080 failed`, `:::8080`, `0.0.0.0:8080: bind`.
fn port_in(text: &str) -> Option<u16> {
    let line =
        text.lines().find(|l| ["already allocated", "already in use"].iter().any(|w| l.contains(w)))?;
    let ports = line.split(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'));
    let mut numbers = ports.filter(|p| p.contains(':')).filter_map(|p| {
        p.trim_end_matches(':').rsplit(':').next().and_then(|number| number.parse::<u16>().ok())
    });
    numbers.rfind(|port| *port > 0)
}

fn server_reference(s: &Situation<'_>) -> Option<Args> {
    s.said("node", "ReferenceError").or_else(|| s.said("node", "TypeError"))
}
