//! The quest as the lesson pane shows it.

use crate::lesson::check::State;
use crate::lesson::course::Language;
use crate::lesson::run::{Progress, QuestRun};
use crate::lesson::view::QuestionView;
use crate::session::Session;
use crate::ui::view::{Finish, Goal, Mark, Quest, Question, Step};

pub fn quest(run: &QuestRun, session: &Session, language: Language) -> Quest {
    let shown = run.view(language);
    let mark = |progress: &Progress| match progress {
        Progress::Passed => Mark::Met,
        Progress::Skipped => Mark::Partly,
        Progress::Here | Progress::Ahead => Mark::Open,
    };
    let goals = shown.checklist.iter().map(|line| Goal {
        mark: match line.state {
            State::Todo => Mark::Open,
            State::Partly => Mark::Partly,
            State::Done => Mark::Met,
        },
        text: line.label.clone(),
        detail: line.detail.clone(),
    });
    let finished = shown.closing.clone().map(|(heading, text)| Finish {
        heading,
        text,
        commands: session.view(|w| w.commands_begun() as usize),
        ..Finish::default()
    });
    Quest {
        id: run.quest().id().to_owned(),
        title: shown.quest_title.clone(),
        steps: run.progress().iter().map(mark).collect(),
        at: run.step_index(),
        step: Step {
            id: run.step().map(|s| s.id.clone()).unwrap_or_default(),
            title: shown.heading.clone(),
            goals: goals.collect(),
            coach: shown.coach.clone(),
            hints: shown.hints.clone(),
            more_hints: shown.more_hints,
            question: shown.question.as_ref().map(question),
            answered: shown.answered.iter().map(question).collect(),
            done: run.step_passed(),
            afterword: shown.done.clone(),
            text: shown.body,
        },
        finished,
    }
}

fn question(shown: &QuestionView) -> Question {
    Question {
        prediction: shown.prediction,
        text: shown.text.clone(),
        choices: shown.choices.iter().map(|c| c.label.clone()).collect(),
        said: shown.choices.iter().position(|c| c.chosen),
        right: shown.right,
        after: shown.after.clone(),
    }
}
