//! What the coach looks at: the step, the world, the last command and what came of it.

use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::lesson::check::Line;
use crate::lesson::facts::{Executed, Facts};
use crate::lesson::goal::{Goal, Predicate};
use crate::lesson::meaning::Meaning;

/// A moment in a step, as the coach sees it.
pub struct Situation<'a> {
    pub facts: &'a dyn Facts,
    pub names: &'a BTreeMap<String, String>,
    pub goals: &'a [Goal],
    pub lines: &'a [Line],
    /// All that was typed in this step.
    pub executed: &'a [Executed],
    /// The command that just ended; `None` after a change of the world.
    pub last: Option<&'a Executed>,
    /// What it means, one for each simple command.
    pub commands: Vec<Meaning>,
}

impl Situation<'_> {
    /// The first command of the line with this program and verb.
    pub fn command(&self, program: &str, verb: &[&str]) -> Option<&Meaning> {
        self.commands.iter().find(|m| m.is(program, verb))
    }

    /// Like [`Self::command`], when the line succeeded.
    pub fn worked(&self, program: &str, verb: &[&str]) -> Option<&Meaning> {
        self.last.filter(|e| e.exit == Some(0))?;
        self.command(program, verb)
    }

    /// Whether the last command wrote this text.
    pub fn wrote(&self, text: &str) -> bool {
        self.last.is_some_and(|e| e.output.contains(text))
    }

    /// The exit status of the last line.
    pub fn exit(&self) -> Option<i32> {
        self.last.and_then(|e| e.exit)
    }

    /// The pods of the default namespace.
    pub fn pods(&self) -> Vec<Rc<Value>> {
        self.facts.objects("pods", "default")
    }

    /// How often a command of this program and verb was typed in this step, the last one included.
    pub fn times(&self, program: &str, verb: &[&str]) -> usize {
        let of = |e: &&Executed| crate::lesson::meaning::of_line(&e.line).iter().any(|m| m.is(program, verb));
        self.executed.iter().filter(of).count()
    }

    /// Whether a goal of the step is about looking at exactly this program; then there is nothing to correct.
    pub fn asked_to_run(&self, program: &str) -> bool {
        let asks = |g: &Goal| matches!(&g.predicate, Predicate::Ran { any, .. } if any.iter().any(|line| line.split(' ').next() == Some(program)));
        self.goals.iter().any(asks)
    }

    /// The port the quest's application listens on, when the lesson names one as `app_port`.
    pub fn app_port(&self) -> Option<u16> {
        self.names.get("app_port")?.parse().ok()
    }
}
