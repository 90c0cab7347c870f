//! `lesson.toml`, format 1: what a quest is, without any language. Reading it never touches a file: bytes are
//! passed in, and every mistake comes back with its file, its line and what to do about it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use toml::Spanned;

use crate::lesson::goal::Goal;
use crate::lesson::goal_file::GoalFile;
use crate::lesson::lines::Lines;

/// The one format this program reads.
pub const FORMAT: u32 = 1;

/// A mistake in a lesson, for its author.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LessonError {
    /// The file, as `02-hello-node/lesson.toml`.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Display for LessonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)?;
        if !self.fix.is_empty() {
            write!(f, "\n  {}", self.fix)?;
        }
        Ok(())
    }
}

impl std::error::Error for LessonError {}

/// `lesson.toml` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonFile {
    /// Version of this format: 1.
    pub format: Spanned<u32>,
    /// The quest's name in commands and records, `hello-node`. Never reused for another quest.
    pub id: Spanned<String>,
    /// Where the quest stands in the course, from 1.
    pub order: u32,
    /// How long a learner needs, about.
    pub minutes: u32,
    /// The world it starts in: `cloudshell` or `cluster`.
    pub world: Spanned<String>,
    /// Names for prose and commands: `image = "{region}-docker.pkg.dev/{project}/repo/app"` makes `{image}`.
    #[serde(default)]
    pub names: BTreeMap<String, Spanned<NameFile>>,
    /// The steps in order.
    #[serde(default)]
    pub step: Vec<Spanned<StepFile>>,
}

/// A name for prose: text, or a field of an object that is looked up when it is needed.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum NameFile {
    /// Text that may use other names.
    Text(String),
    /// `{ object = "service/hello-node", path = ".status.loadBalancer.ingress[0].ip" }`
    Object(ObjectName),
}

/// Where a name's value is found in the cluster.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct ObjectName {
    /// `service/NAME`, or `pods?app=hello-node` for the first object that a selector finds.
    pub object: String,
    /// Path of the field, `.status.podIP`.
    pub path: String,
}

/// One step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    /// The step's name; `en.md` and `ko.md` have a heading `{#id}` for it. Never reused.
    pub id: String,
    /// What must hold for the step to pass: the checklist on the screen, in this order.
    #[serde(default)]
    pub goal: Vec<Spanned<GoalFile>>,
    /// What to type; also the last hint's proof.
    #[serde(default)]
    pub solution: Vec<Action>,
    /// Other ways that must pass as well.
    #[serde(default)]
    pub also: Vec<Spanned<Vec<Action>>>,
    /// What must not pass, and what the coach must say to it.
    #[serde(default)]
    pub near_miss: Vec<Spanned<NearMiss>>,
    /// A guess to make before the new behaviour is seen. Never needed to pass.
    #[serde(default)]
    pub predict: Option<Spanned<Question>>,
    /// Questions whose right answer is a goal: `{ answered = "id" }`.
    #[serde(default)]
    pub question: Vec<Spanned<Question>>,
}

/// A question with fixed choices. Its words are in the prose, under the same ids.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name, unique in the quest.
    pub id: String,
    /// Names of the choices, in the order they are shown.
    pub choices: Vec<String>,
    /// The right one.
    pub answer: String,
    /// How lint finds out that it is the right one.
    #[serde(default)]
    pub proof: Option<Proof>,
    /// Line in `lesson.toml`.
    #[serde(skip)]
    pub at: usize,
}

/// What is played, from the step's beginning, and what the terminals then show for each choice if it is right.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// What is done; the step's solution when nothing is said.
    #[serde(default)]
    pub play: Vec<Action>,
    /// A regular expression for each choice; the answer's is found in what was shown, and no other's.
    pub shows: BTreeMap<String, String>,
}

/// Something that looks right and must not pass.
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct NearMiss {
    /// What is done, like a solution. `type = "..."` is short for one typed line.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// One typed line.
    #[serde(default, rename = "type")]
    pub line: Option<String>,
    /// The id of the coach's message that must appear: `not-yet` or a misconception's.
    pub coach: String,
    /// Line in `lesson.toml`.
    #[serde(skip)]
    pub at: usize,
}

impl NearMiss {
    /// All that is done, in order.
    pub fn all(&self) -> Vec<Action> {
        self.line.iter().map(|l| Action::Line(l.clone())).chain(self.actions.iter().cloned()).collect()
    }
}

/// Something a player does.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Action {
    /// Type a line in the first terminal and wait until the prompt is back. Line breaks type several lines.
    Line(String),
    /// The same with more said.
    Full(FullAction),
}

/// An action with more said than its line. Exactly one of `type`, `press`, `answer`, `save`, `wait_s` is given.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct FullAction {
    /// The line to type.
    #[serde(default, rename = "type")]
    pub line: Option<String>,
    /// The terminal, from 1; a new one is opened when it is not there yet.
    #[serde(default = "first_terminal")]
    pub terminal: usize,
    /// With `type`: do not wait for the prompt (`node server.js` keeps running).
    #[serde(default)]
    pub stays: bool,
    /// With `type`: an editor opens; replace each first text by the second, then save.
    #[serde(default)]
    pub edit: Vec<(String, String)>,
    /// With `type`: an editor opens; save this as the whole file.
    #[serde(default)]
    pub save: Option<String>,
    /// A key: `ctrl-c` or `ctrl-d`.
    #[serde(default)]
    pub press: Option<String>,
    /// Answer the open question or prediction with this choice.
    #[serde(default)]
    pub answer: Option<String>,
    /// Let this many seconds of virtual time pass.
    #[serde(default)]
    pub wait_s: Option<u32>,
}

fn first_terminal() -> usize {
    1
}

/// A step, read and checked.
#[derive(Debug)]
pub struct Step {
    pub id: String,
    /// Line in `lesson.toml`.
    pub line: usize,
    pub goals: Vec<Goal>,
    pub solution: Vec<Action>,
    pub also: Vec<Vec<Action>>,
    /// Lines of `also`, in the same order.
    pub also_lines: Vec<usize>,
    pub near_misses: Vec<NearMiss>,
    pub predict: Option<Question>,
    pub questions: Vec<Question>,
}

/// `lesson.toml`, read and checked.
#[derive(Debug)]
pub struct Lesson {
    pub id: String,
    pub order: u32,
    pub minutes: u32,
    pub world: String,
    pub names: BTreeMap<String, NameFile>,
    pub steps: Vec<Step>,
}

/// Worlds a quest may start in.
pub const WORLDS: [&str; 2] = ["cloudshell", "cluster"];

/// Reads `lesson.toml`. All mistakes at once, in the order of their lines.
pub fn read(file: &str, text: &str) -> Result<Lesson, Vec<LessonError>> {
    let raw: LessonFile = toml::from_str(text).map_err(|e| vec![syntax(file, text, &e)])?;
    let mut reader = Reader {
        file,
        lines: Lines::of(text),
        errors: Vec::new(),
        ids: BTreeSet::new(),
        questions: BTreeSet::new(),
    };
    reader.head(&raw);
    let steps: Vec<Step> =
        raw.step.into_iter().map(|step| reader.step(step.span().start, step.into_inner())).collect();
    let mut errors = reader.errors;
    if !errors.is_empty() {
        errors.sort_by_key(|e| e.line);
        return Err(errors);
    }
    let names = raw.names.into_iter().map(|(name, value)| (name, value.into_inner())).collect();
    let (id, world) = (raw.id.into_inner(), raw.world.into_inner());
    Ok(Lesson { id, order: raw.order, minutes: raw.minutes, world, names, steps })
}

/// Reads step after step, and remembers what was wrong and which ids are taken.
struct Reader<'a> {
    file: &'a str,
    lines: Lines,
    errors: Vec<LessonError>,
    ids: BTreeSet<String>,
    questions: BTreeSet<String>,
}

impl Reader<'_> {
    fn report(&mut self, at: usize, message: String, fix: &str) {
        let line = self.lines.line(at);
        self.errors.push(LessonError { file: self.file.to_owned(), line, message, fix: fix.to_owned() });
    }

    fn head(&mut self, raw: &LessonFile) {
        let (format, id, world) = (raw.format.get_ref(), raw.id.get_ref(), raw.world.get_ref());
        if *format != FORMAT {
            let message = format!("format = {format} is not known");
            self.report(raw.format.span().start, message, "This program reads format = 1.");
        }
        if !good_id(id) {
            self.report(raw.id.span().start, format!("`{id}` cannot be an id"), ID_FIX);
        }
        if !WORLDS.contains(&world.as_str()) {
            let message = format!("there is no world `{world}`");
            self.report(raw.world.span().start, message, "Worlds are `cloudshell` and `cluster`.");
        }
        if raw.step.is_empty() {
            self.report(
                0,
                "the lesson has no step".to_owned(),
                "Add a [[step]] with an id, a goal and a solution.",
            );
        }
    }

    fn step(&mut self, at: usize, step: StepFile) -> Step {
        if !good_id(&step.id) {
            self.report(at, format!("`{}` cannot be an id", step.id), ID_FIX);
        }
        if !self.ids.insert(step.id.clone()) {
            let message = format!("a step `{}` is already there", step.id);
            self.report(at, message, "Ids are never used twice; choose another.");
        }
        if step.goal.is_empty() {
            let message = format!("step `{}` has no goal", step.id);
            self.report(at, message, "Without a goal it could never pass: say what must hold.");
        }
        if step.solution.is_empty() {
            let message = format!("step `{}` has no solution", step.id);
            self.report(at, message, "Say what to type; lint and `kubejam solve` play it.");
        }
        for question in step.question.iter().chain(step.predict.as_ref()) {
            self.question(question.span().start, question.get_ref());
        }
        let goals = self.goals(at, &step);
        let line = |at: usize| self.lines.line(at);
        let near_misses: Vec<NearMiss> = step
            .near_miss
            .into_iter()
            .map(|miss| NearMiss { at: line(miss.span().start), ..miss.into_inner() })
            .collect();
        let missed = near_misses.iter().flat_map(|miss| &miss.actions);
        let asked = |q: Spanned<Question>| Question { at: line(q.span().start), ..q.into_inner() };
        let questions: Vec<Question> = step.question.into_iter().map(asked).collect();
        let predict = step.predict.map(asked);
        let also_lines = step.also.iter().map(|way| line(way.span().start)).collect();
        let also: Vec<Vec<Action>> = step.also.into_iter().map(Spanned::into_inner).collect();
        let proofs = questions.iter().chain(&predict).filter_map(|q| q.proof.as_ref()).flat_map(|p| &p.play);
        for action in step.solution.iter().chain(also.iter().flatten()).chain(missed).chain(proofs) {
            if let Some(message) = action.wrong() {
                let message = format!("step `{}`: {message}", step.id);
                self.report(at, message, "Use exactly one of type, press, answer, wait_s.");
            }
        }
        Step {
            line: self.lines.line(at),
            id: step.id,
            goals,
            solution: step.solution,
            also,
            also_lines,
            near_misses,
            predict,
            questions,
        }
    }

    fn question(&mut self, at: usize, question: &Question) {
        let id = &question.id;
        if !self.questions.insert(id.clone()) {
            self.report(
                at,
                format!("a question `{id}` is already there"),
                "Ids are never used twice; choose another.",
            );
        }
        if !question.choices.contains(&question.answer) {
            let message = format!("the answer `{}` of `{id}` is none of its choices", question.answer);
            self.report(at, message, "Write the answer as it stands in choices.");
        }
        let Some(proof) = &question.proof else { return };
        let shown: BTreeSet<&String> = proof.shows.keys().collect();
        if shown != question.choices.iter().collect() {
            let message = format!("the proof of `{id}` does not have its choices");
            self.report(at, message, "Under `shows`, give each choice a regular expression.");
        }
        for (choice, pattern) in &proof.shows {
            if let Err(error) = regex::Regex::new(pattern) {
                let why = error.to_string().lines().last().unwrap_or_default().to_owned();
                let message = format!("the proof of `{id}` for `{choice}` is no regular expression: {why}");
                self.report(at, message, "Put a backslash before what should stand for itself.");
            }
        }
    }

    fn goals(&mut self, at: usize, step: &StepFile) -> Vec<Goal> {
        let mut goals = Vec::new();
        for goal in &step.goal {
            match Goal::check(goal.get_ref()) {
                Ok(goal) => goals.push(goal),
                Err((message, fix)) => self.report(goal.span().start, message, &fix),
            }
        }
        let asked = goals.iter().filter_map(Goal::question);
        let unknown: Vec<&str> =
            asked.filter(|id| !step.question.iter().any(|q| q.get_ref().id == **id)).collect();
        for question in unknown {
            let message = format!("step `{}` has no question `{question}`", step.id);
            self.report(at, message, "Add a [[step.question]] with that id.");
        }
        goals
    }
}

impl Action {
    /// The line that is typed, if one is.
    pub fn line(&self) -> Option<&str> {
        match self {
            Action::Line(line) => Some(line),
            Action::Full(full) => full.line.as_deref(),
        }
    }

    /// Why it cannot be played.
    fn wrong(&self) -> Option<&'static str> {
        match self {
            Action::Line(_) => None,
            Action::Full(full) => full.wrong(),
        }
    }
}

impl FullAction {
    fn wrong(&self) -> Option<&'static str> {
        let ways = [self.line.is_some(), self.press.is_some(), self.answer.is_some(), self.wait_s.is_some()];
        match ways.iter().filter(|w| **w).count() {
            1 if self.press.as_deref().is_some_and(|k| !matches!(k, "ctrl-c" | "ctrl-d")) => {
                Some("press knows ctrl-c and ctrl-d")
            }
            1 if (self.stays || self.save.is_some() || !self.edit.is_empty()) && self.line.is_none() => {
                Some("stays, edit and save go with type")
            }
            1 => None,
            0 => Some("an action does nothing"),
            _ => Some("an action does several things at once"),
        }
    }
}

const ID_FIX: &str = "Ids are lower-case letters, digits and dashes, and start with a letter.";

/// Lower-case letters, digits and dashes, a letter first.
pub fn good_id(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn syntax(file: &str, text: &str, error: &toml::de::Error) -> LessonError {
    let message = error.message().replace('\n', "; ");
    let fix = if message.starts_with("unknown field") {
        "Remove it, or correct its spelling."
    } else if message.starts_with("missing field") {
        "Add it; docs/authoring.md describes every field."
    } else {
        "Correct the TOML at this line."
    };
    let line = error.span().map_or(1, |span| Lines::of(text).line(span.start));
    LessonError { file: file.to_owned(), line, message, fix: fix.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "format = 1\nid = \"q\"\norder = 1\nminutes = 1\nworld = \"cloudshell\"\n";

    fn check(body: &str, expect: &str) {
        let text = format!("{HEAD}{body}");
        let errors = read("q/lesson.toml", &text).expect_err(body);
        let got: Vec<String> = errors.iter().map(|e| format!("{}: {}", e.line, e.message)).collect();
        assert_eq!(got.join("\n"), expect, "{text}");
        assert!(errors.iter().all(|e| !e.fix.is_empty()), "each says what to do: {errors:?}");
    }

    #[test]
    fn mistakes_come_with_line_and_advice() {
        check("", "1: the lesson has no step");
        check(
            "[[step]]\nid = \"A b\"\ngoal = [{ ran = \"ls\" }]\nsolution = [\"ls\"]",
            "6: `A b` cannot be an id",
        );
        check("[[step]]\nid = \"a\"\n", "6: step `a` has no goal\n6: step `a` has no solution");
        check(
            "[[step]]\nid = \"a\"\ngaol = []",
            "8: unknown field `gaol`, expected one of `id`, `goal`, `solution`, `also`, `near_miss`, `predict`, `question`",
        );
        check(
            "[[step]]\nid = \"a\"\nsolution = [\"ls\"]\ngoal = [\n  { ran = \"ls\" },\n  { object = \"deployment\", is = 4 },\n]",
            "11: `deployment` does not name one object",
        );
        check(
            "[[step]]\nid = \"a\"\nsolution = [\"ls\", { press = \"x\" }]\ngoal = [{ answered = \"why\" }]",
            "6: step `a` has no question `why`\n6: step `a`: press knows ctrl-c and ctrl-d",
        );
        check(
            "[[step]]\nid = \"a\"\nsolution = [\"ls\"]\ngoal = [{ ran = \"ls\" }]\npredict = { id = \"p\", choices = [\"1\"], answer = \"2\" }",
            "10: the answer `2` of `p` is none of its choices",
        );
    }

    #[test]
    fn two_steps_of_one_name_are_refused() {
        let step = "[[step]]\nid = \"a\"\nsolution = [\"ls\"]\ngoal = [{ ran = \"ls\" }]\n";
        check(&format!("{step}{step}"), "10: a step `a` is already there");
    }

    #[test]
    fn broken_toml_names_its_line() {
        let errors = read("q/lesson.toml", "format = 1\nid = \"q\n").expect_err("broken");
        assert_eq!((errors[0].line, errors[0].file.as_str()), (2, "q/lesson.toml"));
    }
}
