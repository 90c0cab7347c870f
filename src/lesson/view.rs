//! A step in the learner's language, ready to draw: every text with the learner's own names in it.

use std::collections::BTreeMap;

use crate::lesson::check::State;
use crate::lesson::coach::Message;
use crate::lesson::course::Language;
use crate::lesson::format::Question;
use crate::lesson::run::QuestRun;
use crate::lesson::template;

/// The step on the screen. Texts are Markdown unless they say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepView {
    pub quest_title: String,
    /// From 1.
    pub number: usize,
    pub of: usize,
    /// Plain text.
    pub heading: String,
    pub body: String,
    pub checklist: Vec<CheckView>,
    /// The open rungs of the hint ladder.
    pub hints: Vec<String>,
    /// Whether there is another rung.
    pub more_hints: bool,
    /// The question or prediction that waits for an answer.
    pub question: Option<QuestionView>,
    /// What was answered in this step, with what is said about it.
    pub answered: Vec<QuestionView>,
    /// What the coach says now.
    pub coach: Option<String>,
    /// Said once the step has passed; empty before.
    pub done: String,
    /// Heading and text once the quest is over.
    pub closing: Option<(String, String)>,
}

/// A line of the checklist. Plain text, `code` in backticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckView {
    pub state: State,
    pub label: String,
    /// `2 of 4 Ready`; empty when there is nothing to add.
    pub detail: String,
}

/// A question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuestionView {
    pub id: String,
    /// A prediction is compared with what happens; a question with its answer.
    pub prediction: bool,
    pub text: String,
    pub choices: Vec<ChoiceView>,
    /// What is said about the choice that was made: at once for a question, after the step for a prediction.
    pub after: String,
    /// Whether the choice was right; `None` before, and for a prediction until its step has passed.
    pub right: Option<bool>,
}

/// A choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChoiceView {
    pub id: String,
    pub label: String,
    pub chosen: bool,
}

impl QuestRun {
    /// The step on the screen in a language.
    pub fn view(&self, language: Language) -> StepView {
        let quest = self.quest();
        let Some(step) = self.step() else { return StepView::default() };
        let words = quest.step_prose(language, &step.id);
        let fill = |text: &str| template::fill(text, self.names());
        let states = self.lines().iter().map(Some).chain(std::iter::repeat(None));
        let checklist = words.goals.iter().zip(states).map(|(label, line)| CheckView {
            state: line.map_or(State::Todo, |l| l.state),
            label: fill(label),
            detail: line.and_then(|l| l.detail.as_ref()).map(|d| d.say(language)).unwrap_or_default(),
        });
        let asked = step.questions.iter().map(|q| (q, false)).chain(step.predict.iter().map(|q| (q, true)));
        let answered = asked
            .filter(|(q, _)| self.choice(q).is_some())
            .map(|(q, prediction)| self.question_view(q, prediction, language));
        StepView {
            quest_title: quest.prose(language).title.clone(),
            number: self.step_index() + 1,
            of: self.progress().len(),
            heading: fill(&words.heading),
            body: fill(&words.body),
            checklist: checklist.collect(),
            hints: words.hints.iter().take(self.hints_open()).map(|h| fill(h)).collect(),
            more_hints: !self.step_passed() && self.hints_open() < words.hints.len(),
            question: self
                .open_question()
                .map(|q| self.question_view(q, step.predict.as_ref() == Some(q), language)),
            answered: answered.collect(),
            coach: self.message().and_then(|m| self.say(m, language)),
            done: if self.step_passed() { fill(&words.done) } else { String::new() },
            closing: if self.at_end() {
                quest.prose(language).closing.as_ref().map(|(h, t)| (fill(h), fill(t)))
            } else {
                None
            },
        }
    }

    fn question_view(&self, question: &Question, prediction: bool, language: Language) -> QuestionView {
        let step = self.step().map_or("", |s| s.id.as_str());
        let words =
            self.quest().step_prose(language, step).questions.get(&question.id).cloned().unwrap_or_default();
        let choice = self.choice(question);
        let reveal = !prediction || self.step_passed();
        let fill = |text: &str| template::fill(text, self.names());
        let choices = question.choices.iter().map(|id| ChoiceView {
            id: id.clone(),
            label: words.choices.get(id).map(|(label, _)| fill(label)).unwrap_or_default(),
            chosen: choice.is_some_and(|(c, _)| c == id),
        });
        let after =
            choice.filter(|_| reveal).and_then(|(c, _)| words.choices.get(c)).map(|(_, after)| fill(after));
        QuestionView {
            id: question.id.clone(),
            prediction,
            text: fill(&words.text),
            choices: choices.collect(),
            after: after.unwrap_or_default(),
            right: choice.filter(|_| reveal).map(|(_, right)| right),
        }
    }

    /// The coach's words for a message.
    pub fn say(&self, message: &Message, language: Language) -> Option<String> {
        let step = self.step()?;
        let words = self.quest().step_prose(language, &step.id);
        let mut names: BTreeMap<String, String> = self.names().clone();
        names.extend(message.args.iter().map(|(k, v)| (k.clone(), v.clone())));
        if let Some((index, detail)) = &message.goal {
            names.insert("goal".to_owned(), words.goals.get(*index).cloned().unwrap_or_default());
            let detail = detail.as_ref().map(|d| format!(" ({})", d.say(language))).unwrap_or_default();
            names.insert("detail".to_owned(), detail);
        }
        if let Some(rung) = message.hint {
            names.insert("hint".to_owned(), words.hints.get(rung).cloned().unwrap_or_default());
        }
        let text = self.quest().coach_text(language, &step.id, &message.id)?;
        Some(template::fill(text, &names))
    }
}
