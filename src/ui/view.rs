//! What the interface shows of a session at one moment, as plain data. It is made from `&Session` when
//! something changed, never on a mere key press; drawing reads nothing else.

use crate::ui::scene::{Happening, Scene};

#[derive(Clone, Debug, Default)]
pub struct View {
    pub quest: Option<Quest>,
    pub scene: Scene,
    pub story: Vec<Happening>,
    /// Virtual time since the start, in milliseconds.
    pub clock_ms: u64,
    pub learner: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    #[default]
    Open,
    /// Some of it is there.
    Partly,
    Met,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quest {
    pub id: String,
    pub title: String,
    pub steps: Vec<Mark>,
    /// Index of the step shown.
    pub at: usize,
    pub step: Step,
    /// Set when the last step is done.
    pub finished: Option<Finish>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    pub id: String,
    pub title: String,
    /// Markdown.
    pub text: String,
    pub goals: Vec<Goal>,
    /// What the coach says now, as Markdown.
    pub coach: Option<String>,
    /// Hints shown so far, as Markdown; there may be another.
    pub hints: Vec<String>,
    pub more_hints: bool,
    /// The question or prediction that waits for an answer.
    pub question: Option<Question>,
    /// Those of this step that were answered.
    pub answered: Vec<Question>,
    /// Every goal is met; the next step waits.
    pub done: bool,
    /// Said once the step is done, as Markdown.
    pub afterword: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    pub mark: Mark,
    pub text: String,
    /// `2 of 4 Ready`; may be empty.
    pub detail: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// What will happen, rather than what is.
    pub prediction: bool,
    /// Markdown.
    pub text: String,
    pub choices: Vec<String>,
    /// Index of what the learner said.
    pub said: Option<usize>,
    /// For a prediction known once the step is done.
    pub right: Option<bool>,
    /// Said about the choice, as Markdown.
    pub after: String,
}

/// What the quest-complete screen says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finish {
    pub heading: String,
    /// Markdown.
    pub text: String,
    pub commands: usize,
    /// Once the record was looked at.
    pub certificate: Option<crate::ui::certificate::Certificate>,
}

/// The clock as the pacing runs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    pub speed: f32,
    pub paused: bool,
    /// Nothing will happen by itself: the clock stands and waits.
    pub idle: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self { speed: 1.0, paused: false, idle: true }
    }
}
