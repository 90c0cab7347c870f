//! The coach: at most one thing at a time, when it helps, and never the answer first.
//!
//! It recognises what was typed, what the program said and what the world looks like, and names it by an id; the words
//! are in the lessons. It keeps count of what it said, so that it does not nag. It never changes the world, and it never
//! blocks: whatever it says, the learner may go on.

mod docker;
mod files;
mod network;
mod output;
mod situation;
mod typed;
mod typos;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::time::SimTime;
use crate::lesson::check::{Detail, Line, State};
use crate::lesson::goal::Predicate;
use crate::lesson::meaning::{self, Meaning};
use crate::lesson::template;

pub use situation::Situation;

/// The same misconception is named again only after this many further commands.
const QUIET_FOR_COMMANDS: usize = 4;
/// After this many failures in a step, a part of the way is shown without being asked for.
const FAILURES_BEFORE_A_NUDGE: usize = 3;
/// A nudge shows at most this rung of the hint ladder (from 0); the whole answer is only given when asked for.
const LAST_NUDGE: usize = 2;
/// What was said is left alone for so long: what happens by itself meanwhile is told after the next command or change.
const READING: Duration = Duration::from_secs(3);

/// Something the coach says: an id with what its words need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// `not-yet`, `image-only-local` ... The words are found by it.
    pub id: String,
    /// Values for `{names}` in the words.
    pub args: BTreeMap<String, String>,
    /// With `not-yet`: the goal (index in the step) and how far it is.
    pub goal: Option<(usize, Option<Detail>)>,
    /// With `nudge`: the rung of the hint ladder, from 0.
    pub hint: Option<usize>,
}

impl Message {
    fn new(id: &str, args: Args) -> Self {
        Message {
            id: id.to_owned(),
            args: args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
            ..Message::default()
        }
    }

    /// What it is about: that there is a Deployment `web` already is another thing than that there is a Service `web`.
    fn about(&self) -> String {
        let named = ["kind", "name"].iter().filter_map(|arg| self.args.get(*arg));
        named.fold(self.id.clone(), |about, name| format!("{about} {name}"))
    }
}

/// Names and values for a message's words.
pub(crate) type Args = Vec<(&'static str, String)>;

/// A thing the coach can recognise.
struct Rule {
    id: &'static str,
    sees: fn(&Situation<'_>) -> Option<Args>,
    /// Whether it is looked for when the world changed by itself, too, and not only after a command.
    unasked: bool,
}

/// The first rule that sees something speaks.
const RULES: &[&[Rule]] = &[
    typed::PLACEHOLDERS,
    output::RULES,
    docker::RULES,
    network::RULES,
    typed::RULES,
    typos::RULES,
    files::RULES,
    world::RULES,
];

fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().flatten()
}

/// The ids of everything the coach may say.
pub fn ids() -> BTreeSet<&'static str> {
    rules().map(|rule| rule.id).chain(["not-yet", "nudge"]).collect()
}

/// What the coach remembers within a step.
#[derive(Debug, Clone, Default)]
pub struct Coach {
    /// By what it was about: how many commands had been typed when it was said last.
    said: BTreeMap<String, usize>,
    /// Failures since the last nudge.
    failures: usize,
    last: Option<Message>,
    /// When something was said last.
    spoke_at: Option<SimTime>,
}

impl Coach {
    /// Forgets what belonged to the step before.
    pub fn next_step(&mut self) {
        *self = Coach::default();
    }

    /// After a command ended and the step has not passed. `hints_shown` rungs are open already.
    pub fn after_command(&mut self, situation: &Situation<'_>, hints_shown: usize) -> Option<Message> {
        let failed = situation.last.and_then(|e| e.exit).is_some_and(|code| code != 0 && code != 130);
        let message = self.recognise(situation);
        if failed || message.as_ref().is_some_and(|m| m.id == "not-yet") {
            self.failures += 1;
        }
        let message = message.filter(|m| self.may_say(m, situation));
        // Who has just succeeded at something is not stuck at this moment.
        let stuck = failed && self.failures >= FAILURES_BEFORE_A_NUDGE;
        if message.is_none() && stuck && hints_shown <= LAST_NUDGE {
            self.failures = 0;
            return self
                .say(Message { hint: Some(hints_shown), ..Message::new("nudge", Vec::new()) }, situation);
        }
        self.say(message?, situation)
    }

    /// After the world changed by itself: only what goes wrong there.
    pub fn after_change(&mut self, situation: &Situation<'_>) -> Option<Message> {
        if self.spoke_at.is_some_and(|at| situation.facts.now() < at + READING) {
            return None;
        }
        let message = rules().filter(|rule| rule.unasked).find_map(|rule| rule.message(situation))?;
        if self.may_say(&message, situation) { self.say(message, situation) } else { None }
    }

    fn recognise(&self, situation: &Situation<'_>) -> Option<Message> {
        let found = rules().filter_map(|rule| rule.message(situation));
        let mut found = found.filter(|m| self.may_say(m, situation));
        found.next().or_else(|| not_yet(situation))
    }

    fn may_say(&self, message: &Message, situation: &Situation<'_>) -> bool {
        match message.id.as_str() {
            // What is wrong with this very line; the next line may be wrong in another place.
            "typo" | "file-elsewhere" => true,
            "not-yet" => self.last.as_ref() != Some(message),
            _ => {
                let said = self.said.get(&message.about());
                said.is_none_or(|at| situation.executed.len() >= at + QUIET_FOR_COMMANDS)
            }
        }
    }

    fn say(&mut self, message: Message, situation: &Situation<'_>) -> Option<Message> {
        self.said.insert(message.about(), situation.executed.len());
        self.last = Some(message.clone());
        self.spoke_at = Some(situation.facts.now());
        Some(message)
    }
}

impl Rule {
    const fn after(id: &'static str, sees: fn(&Situation<'_>) -> Option<Args>) -> Self {
        Rule { id, sees, unasked: false }
    }

    const fn unasked(id: &'static str, sees: fn(&Situation<'_>) -> Option<Args>) -> Self {
        Rule { id, sees, unasked: true }
    }

    fn message(&self, situation: &Situation<'_>) -> Option<Message> {
        (self.sees)(situation).map(|args| Message::new(self.id, args))
    }
}

/// Expected against actual, for the first goal that the command was about. Waiting for pods is not a mistake.
fn not_yet(situation: &Situation<'_>) -> Option<Message> {
    if situation.last?.exit != Some(0) {
        return None;
    }
    let about = |(_, (goal, line)): &(usize, (&Predicate, &Line))| {
        let touched = || situation.commands.iter().any(|m| touches(m, goal, situation));
        line.state != State::Done && !waits(line) && touched()
    };
    let goals = situation.goals.iter().map(|g| &g.predicate).zip(situation.lines).enumerate();
    let (index, (_, line)) = goals.into_iter().find(about)?;
    Some(Message { goal: Some((index, line.detail.clone())), ..Message::new("not-yet", Vec::new()) })
}

fn waits(line: &Line) -> bool {
    match &line.detail {
        Some(Detail::Count { have, want, ready }) => *ready && have <= want && line.state == State::Partly,
        Some(Detail::Waiting { .. }) => true,
        Some(Detail::Value { name, have, .. }) => name == "status" && have != "-",
        _ => false,
    }
}

/// Whether a command is one that would bring a goal about.
fn touches(m: &Meaning, goal: &Predicate, s: &Situation<'_>) -> bool {
    match goal {
        Predicate::Object { kind, .. } => match m.verb() {
            "create" => {
                m.is("kubectl", &["create"]) && (m.kinds.contains(kind) || m.flags.contains_key("filename"))
            }
            "expose" => kind == "services",
            "autoscale" => kind == "horizontalpodautoscalers",
            "scale" | "set" | "label" | "edit" | "patch" | "rollout" | "replace" | "delete" => {
                m.program == "kubectl" && (m.kinds.contains(kind) || m.kinds.is_empty())
            }
            "apply" => m.program == "kubectl",
            _ => false,
        },
        // Pods from a file are there at once; those of a Deployment only after a moment.
        Predicate::Count { of: None, .. } if m.flags.contains_key("filename") => {
            m.is("kubectl", &["create"]) || m.is("kubectl", &["apply"])
        }
        Predicate::Count { .. } => m.is("kubectl", &["scale"]),
        Predicate::File { path, .. } => {
            let path = template::fill(path, s.names);
            let name = path.rsplit('/').next().unwrap_or(&path);
            let writes = matches!(
                m.program.as_str(),
                "cat" | "tee" | "vi" | "vim" | "nano" | "sed" | "cp" | "mv" | "printf" | "echo"
            );
            writes && s.last.is_some_and(|typed| typed.line.contains(name))
        }
        Predicate::LocalImage { gone: true, .. } => m.is("docker", &["rmi"]),
        Predicate::LocalImage { .. } => m.program == "docker" && matches!(m.verb(), "build" | "tag" | "pull"),
        Predicate::RegistryImage { .. } => m.is("docker", &["push"]),
        Predicate::Repository { .. } => m.is("gcloud", &["artifacts", "repositories", "create"]),
        Predicate::Container { gone: true, .. } => m.is("docker", &["rm"]),
        Predicate::Container { running: true, .. } => {
            m.program == "docker" && matches!(m.verb(), "run" | "start")
        }
        Predicate::Container { .. } => m.is("docker", &["stop"]),
        Predicate::Cluster { .. } => m.is("gcloud", &["container", "clusters", "create"]),
        Predicate::Reply { .. } => m.program == "curl",
        Predicate::OpenPort { .. } => m.is("gcloud", &["compute", "firewall-rules", "create"]),
        Predicate::Gcloud { .. } => m.is("gcloud", &["config", "set"]),
        Predicate::Ran { any, .. } => looks_alike(m, any, s),
        Predicate::Answered { .. } => false,
    }
}

/// Whether a command looks at what is to be looked at, only not quite so. What another goal asked for is fine as it is.
fn looks_alike(m: &Meaning, any: &[String], s: &Situation<'_>) -> bool {
    let meanings = |lines: &[String]| -> Vec<Meaning> {
        lines.iter().flat_map(|line| meaning::of_line(&template::fill(line, s.names))).collect()
    };
    let asked = s.goals.iter().filter_map(|g| match &g.predicate {
        Predicate::Ran { any, .. } => Some(meanings(any)),
        _ => None,
    });
    if asked.flatten().any(|expected| m.covers(&expected)) {
        return false;
    }
    let same = |e: &Meaning| {
        m.program == e.program && m.verb == e.verb && (e.kinds.is_empty() || !e.kinds.is_disjoint(&m.kinds))
    };
    meanings(any).iter().any(same)
}
