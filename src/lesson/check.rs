//! Whether a goal holds, and how far it is: the checklist on the screen and the proof of a step are this one answer.
//!
//! Evaluating changes nothing and costs a few lookups, because it happens after every command and every change.
//! Running is not Ready: only the Ready condition of a pod that is not being deleted counts.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use crate::base::time::SimTime;
use crate::lesson::facts::{ContainerFacts, Executed, Facts, ReplyFacts};
use crate::lesson::format::{Lesson, NameFile};
use crate::lesson::goal::{Goal, Predicate, Test};
use crate::lesson::meaning;
use crate::lesson::object::{
    at_path, deleting, first_image, is_ready, is_trouble, plain, pointer, runs_digest, singular,
    waiting_reason,
};
use crate::lesson::template;

/// How far a goal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// ○ nothing of it yet
    Todo,
    /// ◐ begun
    Partly,
    /// ✔ it holds
    Done,
}

impl State {
    /// The mark on the screen.
    pub fn mark(self) -> &'static str {
        match self {
            State::Todo => "○",
            State::Partly => "◐",
            State::Done => "✔",
        }
    }
}

/// A line of the checklist without its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub state: State,
    pub detail: Option<Detail>,
}

/// What is there against what is wanted; `detail` puts it into a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// `2 of 4 Ready`, `2 of 4`.
    Count { have: u64, want: u64, ready: bool },
    /// `replicas: wants 4, has 3`.
    Value { name: String, want: String, have: String },
    /// `deployment/hello-node does not exist yet`.
    Missing { what: String },
    /// `ImagePullBackOff`: the reason the first waiting container gives.
    Waiting { reason: String },
    /// It is there, but its content is the same as that of another.
    Same { other: String },
    /// So many are there, and none should be.
    Left { have: u64 },
    /// A reply came, but not the wanted one.
    Reply { have: String, by: String },
}

/// What a step's goals are held against.
pub struct View<'a> {
    pub facts: &'a dyn Facts,
    /// When the step before this one passed: what the learner did since then counts.
    pub began: SimTime,
    /// What was typed since then.
    pub executed: &'a [Executed],
    /// Questions answered rightly.
    pub answered: &'a BTreeSet<String>,
    /// Values for `{names}`.
    pub names: &'a BTreeMap<String, String>,
    /// What the registry served when the step began, by reference; see [`baseline`].
    pub baseline: &'a BTreeMap<String, String>,
}

/// Images to compare with later: what the registry served, for goals that want it pushed anew, and what an image was
/// that another must differ from.
pub fn baseline(
    goals: &[Goal],
    names: &BTreeMap<String, String>,
    facts: &dyn Facts,
) -> BTreeMap<String, String> {
    let known = goals.iter().filter_map(|g| match &g.predicate {
        Predicate::RegistryImage { reference, new: true, .. } => {
            let reference = template::fill(reference, names);
            facts.registry_image(&reference).map(|digest| (reference, digest))
        }
        Predicate::LocalImage { differs_from: Some(other), .. } => {
            let other = template::fill(other, names);
            facts.local_image(&other).map(|id| (local_key(&other), id))
        }
        _ => None,
    });
    known.collect()
}

/// Keeps what Docker calls an image apart from what a registry calls the same.
fn local_key(reference: &str) -> String {
    format!("local {reference}")
}

/// The checklist of a step.
pub fn evaluate(goals: &[Goal], view: &View<'_>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::with_capacity(goals.len());
    for goal in goals {
        let waits = goal.then && lines.iter().any(|l| l.state != State::Done);
        lines.push(if waits {
            Line { state: State::Todo, detail: None }
        } else {
            view.line(&goal.predicate)
        });
    }
    lines
}

/// Whether every line of a checklist holds.
pub fn passed(lines: &[Line]) -> bool {
    lines.iter().all(|l| l.state == State::Done)
}

/// The values of `{names}`: the world's, then the lesson's, fields of objects looked up now.
pub fn names(lesson: &Lesson, facts: &dyn Facts) -> BTreeMap<String, String> {
    let mut names = facts.names();
    for (name, value) in &lesson.names {
        match value {
            NameFile::Text(text) => {
                names.insert(name.clone(), text.clone());
            }
            NameFile::Object(object) => {
                if let Some(value) = object_field(&object.object, &object.path, facts) {
                    names.insert(name.clone(), value);
                }
            }
        }
    }
    names
}

/// `service/NAME` or `pods?app=x` (the first that is not being deleted), then the field.
fn object_field(object: &str, path: &str, facts: &dyn Facts) -> Option<String> {
    let found = if let Some((kind, selector)) = object.split_once('?') {
        let (key, value) = selector.split_once('=')?;
        facts.first_labelled(&meaning::kinds(kind).pop()?, key, value)?
    } else {
        let (kind, name) = object.split_once('/')?;
        facts.object(&meaning::kinds(kind).pop()?, "default", name)?
    };
    at_path(&found, path).map(plain)
}

fn done() -> Line {
    Line { state: State::Done, detail: None }
}

fn todo() -> Line {
    Line { state: State::Todo, detail: None }
}

fn partly(detail: Detail) -> Line {
    Line { state: State::Partly, detail: Some(detail) }
}

fn missing(what: String) -> Line {
    Line { state: State::Todo, detail: Some(Detail::Missing { what }) }
}

fn none_left(have: usize) -> Line {
    if have == 0 { done() } else { partly(Detail::Left { have: have as u64 }) }
}

fn yes(holds: bool) -> Line {
    if holds { done() } else { todo() }
}

impl View<'_> {
    fn fill(&self, text: &str) -> String {
        template::fill(text, self.names)
    }

    /// One goal.
    pub fn line(&self, predicate: &Predicate) -> Line {
        match predicate {
            Predicate::Object { kind, namespace, name, path, test } => {
                self.object(kind, namespace, name, path.as_deref(), test)
            }
            Predicate::Count { .. } => self.count(predicate),
            Predicate::File { path, test } => self.file(path, test),
            Predicate::LocalImage { reference, differs_from, gone } => {
                self.local_image(reference, differs_from.as_deref(), *gone)
            }
            Predicate::RegistryImage { reference, differs_from, new } => {
                self.registry_image(reference, differs_from.as_ref(), *new)
            }
            Predicate::Repository { location, name } => {
                yes(self.facts.repository(&self.fill(location), &self.fill(name)))
            }
            Predicate::Container { image, gone: true, .. } => self.no_container(image),
            Predicate::Container { image, running, port, .. } => self.container(image, *running, *port),
            Predicate::Reply { url, fails: true, .. } => yes(self.no_reply(url)),
            Predicate::Reply { url, by, test, .. } => self.reply(url, by.as_deref(), test),
            Predicate::OpenPort { port } => yes(self.facts.port_is_open(*port)),
            Predicate::Cluster { name, nodes } => self.cluster(name, *nodes),
            Predicate::Gcloud { property, test } => match self.facts.gcloud_property(property) {
                Some(value) => self.value(property, &Value::from(value), test),
                None => todo(),
            },
            Predicate::Ran { any, succeeds } => yes(any.iter().any(|line| self.ran(line, *succeeds))),
            Predicate::Answered { question } => yes(self.answered.contains(question)),
        }
    }

    fn object(&self, kind: &str, namespace: &str, name: &str, path: Option<&str>, test: &Test) -> Line {
        let name = self.fill(name);
        let Some(object) = self.facts.object(kind, namespace, &name) else {
            return missing(format!("{}/{name}", singular(kind)));
        };
        let Some(path) = path else {
            return yes(!deleting(&object));
        };
        let label = last_key(path);
        match (at_path(&object, path), test) {
            (None, Test::IsNot(_)) => done(),
            (None, Test::Exists) => Line { state: State::Partly, detail: None },
            (None, _) => self.value(label, &Value::Null, test),
            (Some(value), _) => self.value(label, value, test),
        }
    }

    fn value(&self, name: &str, have: &Value, test: &Test) -> Line {
        let holds = self.holds(have, test);
        if holds {
            return done();
        }
        let want = match test {
            Test::Exists => return todo(),
            Test::Is(want) => self.fill(&plain(want)),
            Test::AtLeast(n) => format!("≥ {n}"),
            Test::Contains(text) => format!("… {} …", self.fill(text)),
            Test::IsNot(_) | Test::Matches(_) => return Line { state: State::Partly, detail: None },
        };
        partly(Detail::Value { name: name.to_owned(), want, have: plain(have) })
    }

    fn holds(&self, have: &Value, test: &Test) -> bool {
        match test {
            Test::Exists => !have.is_null() && have != "",
            Test::Is(want) => plain(have) == self.fill(&plain(want)),
            Test::IsNot(not) => plain(have) != self.fill(&plain(not)),
            Test::AtLeast(n) => have.as_i64().is_some_and(|have| have >= *n),
            Test::Contains(text) => plain(have).contains(&self.fill(text)),
            Test::Matches(regex) => regex.is_match(&plain(have)),
        }
    }

    fn count(&self, predicate: &Predicate) -> Line {
        let Predicate::Count { kind, namespace, selector, of, ready, image, runs, new, test } = predicate
        else {
            return todo();
        };
        let image = image.as_ref().map(|i| self.fill(i));
        let digest = runs.as_ref().map(|r| self.facts.registry_image(&self.fill(r)));
        let objects = match of {
            Some((kind, name)) => self.selected(kind, name),
            None => self.facts.objects(kind, namespace),
        };
        let labels = |o: &Value| {
            selector
                .iter()
                .all(|(k, v)| pointer(o, "/metadata/labels").is_some_and(|l| l[k.as_str()] == self.fill(v)))
        };
        let began = SimTime::from_secs(self.began.secs()).rfc3339();
        let fits = |o: &&Rc<Value>| {
            !deleting(o)
                && labels(o)
                && image.as_ref().is_none_or(|image| first_image(o) == Some(image))
                && digest.as_ref().is_none_or(|digest| digest.as_ref().is_some_and(|d| runs_digest(o, d)))
                && (!new || o["metadata"]["creationTimestamp"].as_str().is_some_and(|t| t >= began.as_str()))
        };
        let fitting: Vec<&Rc<Value>> = objects.iter().filter(fits).collect();
        let have = if *ready { fitting.iter().filter(|p| is_ready(p)).count() } else { fitting.len() };
        let have_value = Value::from(have);
        let unready = *ready && have < fitting.len();
        if self.holds(&have_value, test) && !(unready && matches!(test, Test::Is(_)) && have_value != 0) {
            return done();
        }
        // A bad image says more than a number does.
        if let Some(reason) = fitting.iter().find_map(|p| waiting_reason(p)).filter(|r| is_trouble(r)) {
            return partly(Detail::Waiting { reason: reason.to_owned() });
        }
        let want = match test {
            Test::Is(want) => want.as_u64().unwrap_or(0),
            Test::AtLeast(n) => u64::try_from(*n).unwrap_or(0),
            _ => return todo(),
        };
        let state = if fitting.is_empty() && want > 0 { State::Todo } else { State::Partly };
        Line { state, detail: Some(Detail::Count { have: have as u64, want, ready: *ready }) }
    }

    fn file(&self, path: &str, test: &Test) -> Line {
        let path = self.fill(path);
        let absolute = match path.strip_prefix("~/") {
            Some(below) => format!("{}/{below}", self.names.get("home").map_or("/root", String::as_str)),
            None => path.clone(),
        };
        let Some(bytes) = self.facts.file(&absolute) else { return missing(path) };
        let text = Value::from(String::from_utf8_lossy(&bytes).into_owned());
        match self.holds(&text, test) {
            true => done(),
            false => Line { state: State::Partly, detail: None },
        }
    }

    fn registry_image(&self, reference: &str, differs_from: Option<&(String, String)>, new: bool) -> Line {
        let reference = self.fill(reference);
        let Some(digest) = self.facts.registry_image(&reference) else { return todo() };
        if let Some((kind, name)) = differs_from {
            let pods = self.selected(kind, name);
            if let Some(pod) = pods.iter().find(|p| !deleting(p) && runs_digest(p, &digest)) {
                let other = first_image(pod).map_or("", |i| i.rsplit('/').next().unwrap_or(i)).to_owned();
                return partly(Detail::Same { other });
            }
        }
        if new && self.baseline.get(&reference) == Some(&digest) {
            return Line { state: State::Partly, detail: None };
        }
        done()
    }

    /// The pods that a Deployment or Service selects.
    fn selected(&self, kind: &str, name: &str) -> Vec<Rc<Value>> {
        let Some(owner) = self.facts.object(kind, "default", &self.fill(name)) else { return Vec::new() };
        let labels =
            pointer(&owner, "/spec/selector/matchLabels").or_else(|| pointer(&owner, "/spec/selector"));
        let Some(labels) = labels.and_then(Value::as_object).filter(|l| !l.is_empty()) else {
            return Vec::new();
        };
        let mut pods = self.facts.objects("pods", "default");
        pods.retain(|p| {
            labels
                .iter()
                .all(|(k, v)| pointer(p, "/metadata/labels").is_some_and(|have| &have[k.as_str()] == v))
        });
        pods
    }

    fn local_image(&self, reference: &str, differs_from: Option<&str>, gone: bool) -> Line {
        let reference = self.fill(reference);
        if gone {
            let fits = |name: &&String| reference == "*" || **name == reference;
            return none_left(self.facts.local_images().iter().filter(fits).count());
        }
        let Some(id) = self.facts.local_image(&reference) else { return todo() };
        // What the other was when the step began counts: it may have been built anew since then.
        let was = |other: &String| self.baseline.get(&local_key(other)).cloned();
        let other = differs_from.map(|other| self.fill(other));
        match other.filter(|other| was(other).or_else(|| self.facts.local_image(other)).as_ref() == Some(&id))
        {
            Some(other) => partly(Detail::Same { other }),
            None => done(),
        }
    }

    fn no_container(&self, image: &str) -> Line {
        let image = self.fill(image);
        let id = self.facts.local_image(&image);
        let ours = |c: &&ContainerFacts| {
            image == "*" || c.image == image || (id.is_some() && Some(&c.image_id) == id.as_ref())
        };
        none_left(self.facts.containers().iter().filter(ours).count())
    }

    fn container(&self, image: &str, running: bool, port: Option<u16>) -> Line {
        let image = self.fill(image);
        let id = self.facts.local_image(&image);
        let all = self.facts.containers();
        let mut ours =
            all.iter().filter(|c| c.image == image || (id.is_some() && Some(&c.image_id) == id.as_ref()));
        if !running {
            return yes(!ours.any(|c| c.running));
        }
        let Some(found) = ours.clone().find(|c| c.running).or_else(|| ours.next()) else { return todo() };
        let publishes = port.is_none_or(|port| found.published.iter().any(|(host, _)| *host == port));
        match (found.running, publishes) {
            (true, true) => done(),
            (true, false) => {
                let have = found.published.first().map_or("-".to_owned(), |(host, _)| host.to_string());
                partly(Detail::Value {
                    name: "port".to_owned(),
                    want: port.unwrap_or_default().to_string(),
                    have,
                })
            }
            (false, _) => Line { state: State::Partly, detail: None },
        }
    }

    fn reply(&self, url: &str, by: Option<&str>, test: &Test) -> Line {
        let url = split_url(&self.fill(url));
        let same = |r: &&ReplyFacts| self.is_to(&url, r);
        let replies = self.facts.replies();
        let by = by.map(|b| self.fill(b));
        let right = |r: &&ReplyFacts| {
            by.as_ref().is_none_or(|by| r.by.starts_with(by.as_str()))
                && match test {
                    Test::Exists => r.status.is_some_and(|s| s < 400),
                    test => r.status.is_some() && self.holds(&Value::from(r.body.as_str()), test),
                }
        };
        if replies.iter().filter(same).any(|r| right(&r)) {
            return done();
        }
        match replies.iter().filter(same).rfind(|r| r.status.is_some()) {
            Some(last) => {
                let have: String = last.body.lines().next().unwrap_or_default().chars().take(40).collect();
                partly(Detail::Reply { have, by: last.by.clone() })
            }
            None => todo(),
        }
    }

    /// Whether an exchange of this step was with that host, port and path.
    fn is_to(&self, (host, port, path): &(String, u16, String), r: &ReplyFacts) -> bool {
        r.at >= self.began
            && (*port == ANY_PORT || r.port == *port)
            && (host == "*" || same_host(&r.host, host))
            && (path == "/" || r.path == *path)
    }

    fn no_reply(&self, url: &str) -> bool {
        let url = split_url(&self.fill(url));
        self.facts.replies().iter().any(|r| r.status.is_none() && self.is_to(&url, r))
    }

    fn cluster(&self, name: &str, nodes: Option<u32>) -> Line {
        let name = self.fill(name);
        let Some(cluster) = self.facts.clusters().into_iter().find(|c| c.name == name) else { return todo() };
        if cluster.status != "RUNNING" {
            return partly(Detail::Value {
                name: "status".to_owned(),
                want: "RUNNING".to_owned(),
                have: cluster.status,
            });
        }
        match nodes {
            Some(nodes) if cluster.nodes < nodes => partly(Detail::Value {
                name: "nodes".to_owned(),
                want: nodes.to_string(),
                have: cluster.nodes.to_string(),
            }),
            _ if !self.facts.kubectl_connected() => {
                partly(Detail::Missing { what: "kubectl context".to_owned() })
            }
            _ => done(),
        }
    }

    fn ran(&self, expected: &str, succeeds: bool) -> bool {
        let Some(expected) = meaning::of_line(&self.fill(expected)).into_iter().next() else { return false };
        let ended_well = |e: &&Executed| !succeeds || matches!(e.exit, None | Some(0 | 130));
        self.executed.iter().filter(ended_well).any(|e| {
            let line = shell_names(&e.line, self.names);
            meaning::of_line(&line).iter().any(|m| m.covers(&expected))
        })
    }
}

/// The last key of a path: `replicas` of `.spec.replicas`, `proxy.conf` of `.data['proxy.conf']`.
fn last_key(path: &str) -> &str {
    match path.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((_, key)) if key.starts_with(['\'', '"']) => key.trim_matches(['\'', '"']),
        _ => path.rsplit('.').next().unwrap_or(path),
    }
}

/// `$PROJECT_ID` and friends are the learner's own; only those the lesson's names hold are filled in.
fn shell_names(line: &str, names: &BTreeMap<String, String>) -> String {
    if !line.contains('$') {
        return line.to_owned();
    }
    let mut line = line.to_owned();
    for (name, value) in names {
        let upper = name.to_uppercase();
        line = line.replace(&format!("${{{upper}}}"), value).replace(&format!("${upper}"), value);
    }
    line
}

fn same_host(a: &str, b: &str) -> bool {
    let plain = |host: &str| {
        if matches!(host, "127.0.0.1" | "0.0.0.0" | "::1" | "[::1]") {
            "localhost".to_owned()
        } else {
            host.to_owned()
        }
    };
    plain(a) == plain(b)
}

/// `http://host:*/` is about every port of the host.
const ANY_PORT: u16 = 0;

/// Host, port and path of `http://host:port/path`; port 80 and `/` when left out.
pub fn split_url(url: &str) -> (String, u16, String) {
    let (rest, default) = match url.strip_prefix("https://") {
        Some(rest) => (rest, 443),
        None => (url.strip_prefix("http://").unwrap_or(url), 80),
    };
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    match authority.rsplit_once(':') {
        Some((host, "*")) => (host.to_owned(), ANY_PORT, path.to_owned()),
        Some((host, port)) => (host.to_owned(), port.parse().unwrap_or(default), path.to_owned()),
        None => (authority.to_owned(), default, path.to_owned()),
    }
}
