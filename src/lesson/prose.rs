//! `en.md` and `ko.md`: the words of a quest. One `## heading {#step-id}` per step; below it Markdown, a task list with one
//! line per goal, and blocks that begin with `:::`. Reading it is pure; what the screen draws stays Markdown.
//!
//! ```text
//! # Title of the quest
//! About it.
//! ## Scale up {#scale}
//! Text.
//! - [ ] The first goal in words
//! :::hint
//! Where to look.
//! :::
//! :::predict how-many
//! How many?
//! - one: One
//!   Said about this choice afterwards.
//! :::
//! :::coach some-id
//! Words of the coach in this quest.
//! :::
//! :::done
//! Said when the step has passed.
//! :::
//! ## The end {#quest-complete}
//! ```

use std::collections::BTreeMap;

use crate::lesson::format::LessonError;

/// The heading id of the closing text.
pub const CLOSING: &str = "quest-complete";

/// All words of a quest in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prose {
    /// The file it came from.
    pub file: String,
    pub title: String,
    /// What the quest is about, for the home screen.
    pub about: String,
    pub steps: BTreeMap<String, StepProse>,
    /// Ids of the steps in the order of the file, with their lines.
    pub order: Vec<(String, usize)>,
    /// Coach texts that belong to no step, by id.
    pub coach: BTreeMap<String, String>,
    /// The words at the end of the quest, heading and text.
    pub closing: Option<(String, String)>,
}

/// The words of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepProse {
    pub line: usize,
    pub heading: String,
    /// Markdown.
    pub body: String,
    /// One line per goal.
    pub goals: Vec<String>,
    /// From where to look to the whole command.
    pub hints: Vec<String>,
    /// Questions and the prediction, by id.
    pub questions: BTreeMap<String, QuestionProse>,
    /// Coach texts for this step, by id.
    pub coach: BTreeMap<String, String>,
    /// Said when the step has passed.
    pub done: String,
}

/// The words of a question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuestionProse {
    pub text: String,
    /// By choice id: its label and what is said about it afterwards.
    pub choices: BTreeMap<String, (String, String)>,
}

/// Reads the words of a quest. All mistakes at once.
pub fn read(file: &str, text: &str) -> Result<Prose, Vec<LessonError>> {
    let mut reader =
        Reader { prose: Prose { file: file.to_owned(), ..Prose::default() }, ..Reader::default() };
    for (number, line) in text.lines().enumerate() {
        reader.line(number + 1, line);
    }
    reader.end(text.lines().count());
    if reader.errors.is_empty() { Ok(reader.prose) } else { Err(reader.errors) }
}

/// Coach texts that all quests share: only `:::coach id` blocks.
pub fn read_coach(file: &str, text: &str) -> Result<BTreeMap<String, String>, Vec<LessonError>> {
    read(file, text).map(|prose| prose.coach)
}

#[derive(Default)]
struct Reader {
    prose: Prose,
    errors: Vec<LessonError>,
    /// The step being read; `None` before the first and in the closing text.
    step: Option<String>,
    in_closing: bool,
    /// The fence that is open, if any.
    fence: Option<String>,
    /// The block that is open: kind, argument, line, text.
    block: Option<(String, String, usize, String)>,
}

impl Reader {
    fn wrong(&mut self, line: usize, message: impl Into<String>, fix: &str) {
        self.errors.push(LessonError {
            file: self.prose.file.clone(),
            line,
            message: message.into(),
            fix: fix.to_owned(),
        });
    }

    fn line(&mut self, number: usize, line: &str) {
        let trimmed = line.trim_start();
        if let Some(fence) = &self.fence {
            if trimmed.trim_end() == fence {
                self.fence = None;
            }
            return self.text(line);
        }
        if trimmed.starts_with("```") {
            self.fence = Some(trimmed.chars().take_while(|c| *c == '`').collect());
            return self.text(line);
        }
        if let Some(block) = line.strip_prefix(":::") {
            return self.block_edge(number, block.trim());
        }
        if self.block.is_some() {
            return self.text(line);
        }
        if let Some(heading) = line.strip_prefix("## ") {
            return self.heading(number, heading);
        }
        if let Some(title) = line.strip_prefix("# ") {
            title.trim().clone_into(&mut self.prose.title);
            return;
        }
        if let (Some(label), Some(step)) = (line.strip_prefix("- [ ] "), self.current()) {
            step.goals.push(label.trim().to_owned());
            return;
        }
        self.text(line);
    }

    fn current(&mut self) -> Option<&mut StepProse> {
        self.step.as_ref().and_then(|id| self.prose.steps.get_mut(id))
    }

    fn text(&mut self, line: &str) {
        let in_closing = self.in_closing;
        let target = match (&mut self.block, &self.step) {
            (Some(block), _) => &mut block.3,
            (None, Some(id)) => match self.prose.steps.get_mut(id) {
                Some(step) => &mut step.body,
                None => return,
            },
            (None, None) if in_closing => match &mut self.prose.closing {
                Some((_, text)) => text,
                None => return,
            },
            (None, None) => &mut self.prose.about,
        };
        target.push_str(line);
        target.push('\n');
    }

    fn heading(&mut self, number: usize, heading: &str) {
        let parts = heading
            .rsplit_once("{#")
            .and_then(|(words, id)| Some((words.trim(), id.trim_end().strip_suffix('}')?)));
        let Some((words, id)) = parts else {
            return self.wrong(number, "a heading without an id", "Write `## Heading {#step-id}`.");
        };
        if id == CLOSING {
            self.prose.closing = Some((words.to_owned(), String::new()));
            self.in_closing = true;
            self.step = None;
            return;
        }
        if self.prose.steps.contains_key(id) {
            return self.wrong(number, format!("a second heading {{#{id}}}"), "Each step has one heading.");
        }
        let step = StepProse { line: number, heading: words.to_owned(), ..StepProse::default() };
        self.prose.steps.insert(id.to_owned(), step);
        self.prose.order.push((id.to_owned(), number));
        self.step = Some(id.to_owned());
        self.in_closing = false;
    }

    fn block_edge(&mut self, number: usize, words: &str) {
        if words.is_empty() {
            match self.block.take() {
                Some((kind, argument, line, text)) => self.block_done(&kind, &argument, line, text.trim()),
                None => self.wrong(
                    number,
                    "`:::` closes nothing",
                    "A block opens with `:::hint`, `:::coach id` ...",
                ),
            }
            return;
        }
        if let Some((kind, _, line, _)) = &self.block {
            let message = format!("`:::{kind}` of line {line} is still open");
            self.wrong(number, message, "Close it with a line `:::`.");
        }
        let (kind, argument) = words.split_once(' ').unwrap_or((words, ""));
        self.block = Some((kind.to_owned(), argument.trim().to_owned(), number, String::new()));
    }

    fn block_done(&mut self, kind: &str, argument: &str, line: usize, text: &str) {
        let needs_argument = matches!(kind, "predict" | "question" | "coach");
        if needs_argument == argument.is_empty()
            && matches!(kind, "predict" | "question" | "coach" | "hint" | "done")
        {
            let fix =
                if needs_argument { "Give the id after it." } else { "Nothing follows it on its line." };
            return self.wrong(line, format!("`:::{kind} {argument}` does not read well"), fix);
        }
        if text.is_empty() {
            return self.wrong(
                line,
                format!("`:::{kind}` is empty"),
                "Write the words, or remove the block.",
            );
        }
        if kind == "coach" {
            let coach = match self.step.as_ref().and_then(|id| self.prose.steps.get_mut(id)) {
                Some(step) => &mut step.coach,
                None => &mut self.prose.coach,
            };
            coach.insert(argument.to_owned(), text.to_owned());
            return;
        }
        let Some(step) = self.step.as_ref().and_then(|id| self.prose.steps.get_mut(id)) else {
            return self.wrong(
                line,
                format!("`:::{kind}` outside a step"),
                "Put it below the step's heading.",
            );
        };
        match kind {
            "hint" => step.hints.push(text.to_owned()),
            "done" => text.clone_into(&mut step.done),
            "predict" | "question" => {
                let question = question(text);
                step.questions.insert(argument.to_owned(), question);
            }
            other => {
                let message = format!("there is no block `:::{other}`");
                self.wrong(line, message, "Blocks are hint, predict, question, coach and done.");
            }
        }
    }

    fn end(&mut self, lines: usize) {
        if let Some((kind, _, line, _)) = self.block.take() {
            self.wrong(line, format!("`:::{kind}` is never closed"), "Close it with a line `:::`.");
        }
        if self.fence.is_some() {
            self.wrong(lines, "a code fence is never closed", "Close it with ```.");
        }
        for text in self
            .prose
            .steps
            .values_mut()
            .map(|s| &mut s.body)
            .chain(self.prose.closing.iter_mut().map(|(_, t)| t))
        {
            *text = text.trim().to_owned();
        }
        self.prose.about = self.prose.about.trim().to_owned();
    }
}

/// `- id: Label` begins a choice; indented lines below it are said afterwards.
fn question(text: &str) -> QuestionProse {
    let mut question = QuestionProse::default();
    let mut current: Option<String> = None;
    for line in text.lines() {
        let choice = line.strip_prefix("- ").and_then(|l| l.split_once(": "));
        if let Some((id, label)) = choice {
            question.choices.insert(id.trim().to_owned(), (label.trim().to_owned(), String::new()));
            current = Some(id.trim().to_owned());
            continue;
        }
        match current.as_ref().and_then(|id| question.choices.get_mut(id)) {
            Some((_, after)) if line.starts_with("  ") || line.is_empty() => {
                if !after.is_empty() && !line.is_empty() {
                    after.push(' ');
                }
                after.push_str(line.trim());
            }
            _ => {
                question.text.push_str(line);
                question.text.push('\n');
            }
        }
    }
    question.text = question.text.trim().to_owned();
    question
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEST: &str = "# Title\nAbout it.\n\n## One {#one}\nText\n```\n:::hint\n# no\n```\n- [ ] First\n:::hint\nlook\n:::\n\
        :::predict p\nHow many?\n- a: One\n  Because.\n  Yes.\n- b: Two\n:::\n:::coach x\nWords\n:::\n:::done\nWell.\n:::\n\
        ## End {#quest-complete}\nBye.\n:::coach y\nShared\n:::\n";

    #[test]
    fn a_quest_reads_as_it_is_written() {
        let prose = read("q/en.md", QUEST).expect("fine");
        let one = &prose.steps["one"];
        assert_eq!(
            (prose.title.as_str(), prose.about.as_str(), one.heading.as_str()),
            ("Title", "About it.", "One")
        );
        assert_eq!(one.body, "Text\n```\n:::hint\n# no\n```");
        assert_eq!(
            (one.goals.as_slice(), one.hints.as_slice()),
            (&["First".to_owned()][..], &["look".to_owned()][..])
        );
        assert_eq!(one.questions["p"].choices["a"], ("One".to_owned(), "Because. Yes.".to_owned()));
        assert_eq!(
            (one.coach["x"].as_str(), prose.coach["y"].as_str(), one.done.as_str()),
            ("Words", "Shared", "Well.")
        );
        assert_eq!(prose.closing, Some(("End".to_owned(), "Bye.".to_owned())));
    }

    fn check(text: &str, expect: &str) {
        let errors = read("q/en.md", text).expect_err(text);
        let got: Vec<String> = errors.iter().map(|e| format!("{}: {}", e.line, e.message)).collect();
        assert_eq!(got.join("\n"), expect, "{text}");
    }

    #[test]
    fn mistakes_name_their_line() {
        check("# T\n## No id\n", "2: a heading without an id");
        check("## A {#a}\n:::hint\nx\n", "2: `:::hint` is never closed");
        check("## A {#a}\n:::\n", "2: `:::` closes nothing");
        check("## A {#a}\n:::hnt\nx\n:::\n", "2: there is no block `:::hnt`");
        check("## A {#a}\n## B {#a}\n", "2: a second heading {#a}");
        check(":::hint\nx\n:::\n", "1: `:::hint` outside a step");
        check("## A {#a}\n:::coach\nx\n:::\n", "2: `:::coach ` does not read well");
        check("## A {#a}\n:::hint\n:::\n", "2: `:::hint` is empty");
        check("## A {#a}\n```\nx\n", "3: a code fence is never closed");
    }
}
