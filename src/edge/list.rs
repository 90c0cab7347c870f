//! `kubejam list`: quests, steps and progress, for people and for scripts.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use crate::edge::options::Common;
use crate::edge::storage::{Progress, Storage};
use crate::edge::terminal;
use crate::lesson::course::{Course, Language, Quest};

/// Arguments of `kubejam list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// When the storage cannot be opened.
pub fn run(args: &ListArgs, common: &Common) -> Result<ExitCode> {
    let storage = Storage::open(common.data_dir.as_deref())?;
    let learner = storage.learner()?;
    let progress = storage.progress();
    let course = Course::embedded().map_err(|errors| anyhow::anyhow!("{}", errors[0]))?;
    let language = terminal::language(common, &learner);
    let quests = course.quests.iter();
    let text = if args.json {
        let all: Vec<Value> = quests.map(|quest| as_json(quest, language, &progress)).collect();
        format!("{}\n", serde_json::to_string_pretty(&all)?)
    } else {
        quests.map(|quest| as_text(quest, language, &progress)).collect()
    };
    // A closed pipe is the reader's way to say "enough".
    std::io::stdout().write_all(text.as_bytes()).ok();
    Ok(ExitCode::SUCCESS)
}

fn has_passed(progress: &Progress, quest: &Quest, step: &str) -> bool {
    progress.quests.get(quest.id()).is_some_and(|p| p.passed.iter().any(|s| s == step))
}

fn as_text(quest: &Quest, language: Language, progress: &Progress) -> String {
    let steps = &quest.lesson.steps;
    let passed = steps.iter().filter(|s| has_passed(progress, quest, &s.id)).count();
    let title = &quest.prose(language).title;
    let at = progress.quests.get(quest.id()).filter(|p| !p.complete).map(|p| p.at.as_str());
    let mut text = format!("{}. {title}  ({})  {passed}/{}\n", quest.lesson.order, quest.id(), steps.len());
    for step in steps {
        let mark = match has_passed(progress, quest, &step.id) {
            true => "✔",
            false if at == Some(step.id.as_str()) => "▶",
            false => "○",
        };
        let heading = &quest.step_prose(language, &step.id).heading;
        text.push_str(&format!("   {mark} {:<16} {heading}\n", step.id));
    }
    text.push('\n');
    text
}

fn as_json(quest: &Quest, language: Language, progress: &Progress) -> Value {
    let step = |id: &str| json!({ "id": id, "title": quest.step_prose(language, id).heading, "passed": has_passed(progress, quest, id) });
    json!({
        "id": quest.id(),
        "title": quest.prose(language).title,
        "minutes": quest.lesson.minutes,
        "complete": progress.quests.get(quest.id()).is_some_and(|p| p.complete),
        "steps": quest.lesson.steps.iter().map(|s| step(&s.id)).collect::<Vec<_>>(),
    })
}
