//! What lint sees without playing: stray files, ids that are there twice, Markdown that would not show, and words that
//! differ between the languages. Must never run a quest.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Event, Parser, Tag};

use crate::authoring::lint::quotes::{self, Kind, Quote};
use crate::lesson::course::{Files, Language, Quest};
use crate::lesson::format::LessonError;
use crate::lesson::lines::Lines;
use crate::lesson::template;

/// Files that belong into a lesson, besides those below `files/`.
const OWN: [&str; 3] = ["lesson.toml", "en.md", "ko.md"];

fn error(file: String, line: usize, message: String, fix: &str) -> LessonError {
    LessonError { file, line, message, fix: fix.to_owned() }
}

/// Files that nothing reads.
pub fn stray(folder: &str, files: &Files) -> Vec<LessonError> {
    let strays = files.keys().filter(|f| !OWN.contains(&f.as_str()) && !f.starts_with("files/"));
    let fix =
        "Put what the learner should find at home into files/, and move anything else out of the folder.";
    strays.map(|f| error(format!("{folder}/{f}"), 1, "nothing reads this file".to_owned(), fix)).collect()
}

/// Ids and places in the course that two quests share. Each comes with the folder it is in.
pub fn shared(quests: &[(&str, &Quest)]) -> Vec<LessonError> {
    let (mut ids, mut orders) = (BTreeMap::new(), BTreeMap::new());
    let mut errors = Vec::new();
    for (folder, quest) in quests {
        let file = format!("{folder}/lesson.toml");
        if let Some(other) = ids.insert(quest.id(), folder) {
            let message = format!("the id `{}` is that of {other} as well", quest.id());
            errors.push(error(file.clone(), 1, message, "Ids are never used twice; choose another."));
        }
        if let Some(other) = orders.insert(quest.lesson.order, folder) {
            let message = format!("order = {} is that of {other} as well", quest.lesson.order);
            errors.push(error(file, 1, message, "Give each quest its own place."));
        }
    }
    errors
}

/// Markdown that the screen would not show as it is meant.
pub fn markdown(file: &str, text: &str) -> Vec<LessonError> {
    let mut errors = Vec::new();
    let mut report = |at: usize, message: &str, fix: &str| {
        errors.push(error(file.to_owned(), Lines::of(text).line(at), message.to_owned(), fix));
    };
    let mut in_code = false;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => in_code = false,
            Event::Html(_) | Event::InlineHtml(_) => {
                report(
                    range.start,
                    "HTML is not shown",
                    "Write `<NAME>` as code, or leave the brackets out.",
                );
            }
            Event::Start(Tag::Image { .. }) => {
                report(
                    range.start,
                    "pictures are not shown",
                    "Say it in words; the screen draws the cluster.",
                );
            }
            Event::Text(words) if !in_code && words.contains('`') => {
                report(range.start, "a backtick without its partner", "Code stands between two backticks.");
            }
            Event::Text(words) if !in_code && words.contains("**") => {
                report(
                    range.start,
                    "** without its partner",
                    "Write **bold** without a blank inside the stars.",
                );
            }
            _ => {}
        }
    }
    errors
}

/// What must be the same in both languages beyond what the reader checks: the commands and outputs that are quoted,
/// and the names of the learner's that are used.
pub fn languages(folder: &str, files: &Files, quest: &Quest) -> Vec<LessonError> {
    let quoted = |language: Language| {
        let name = format!("{language}.md");
        let text = files.get(&name).map(|b| String::from_utf8_lossy(b).into_owned()).unwrap_or_default();
        quotes::scan(&text)
    };
    let (english, korean) = (quoted(Language::English), quoted(Language::Korean));
    let mut errors = Vec::new();
    for step in &quest.lesson.steps {
        let blocks = |quotes: &[Quote]| -> Vec<(usize, String)> {
            let own = quotes.iter().filter(|q| q.step.as_deref() == Some(&step.id));
            let block = |q: &Quote| match &q.kind {
                Kind::Block { info, text } => Some((q.line, format!("{info}\n{}", without_comments(text)))),
                Kind::Inline(_) => None,
            };
            own.filter_map(block).collect()
        };
        let (one, other) = (blocks(&english), blocks(&korean));
        let heading = quest.step_prose(Language::Korean, &step.id).line;
        let differs = one.iter().zip(&other).find(|(a, b)| a.1 != b.1).map(|(a, b)| (a.0, b.0));
        let fix = "Commands, files and outputs are the same in both languages; only comments may differ.";
        if let Some((line, here)) = differs {
            let message = format!("step `{}`: this block differs from that in en.md, line {line}", step.id);
            errors.push(error(format!("{folder}/ko.md"), here, message, fix));
        } else if one.len() != other.len() {
            let message = format!("step `{}` has {} blocks, en.md has {}", step.id, other.len(), one.len());
            errors.push(error(format!("{folder}/ko.md"), heading, message, fix));
        }
        let names = |language| -> BTreeSet<String> {
            let words = quest.step_prose(language, &step.id);
            let texts = [&words.body, &words.done].into_iter().chain(&words.hints);
            texts.flat_map(|t| template::variables(t)).map(str::to_owned).collect()
        };
        let (one, other) = (names(Language::English), names(Language::Korean));
        if let Some(name) = one.symmetric_difference(&other).next() {
            let message = format!("step `{}`: only one of the languages uses `{{{name}}}`", step.id);
            let fix = "Show the learner's own names in both.";
            errors.push(error(format!("{folder}/ko.md"), heading, message, fix));
        }
    }
    errors
}

/// Comments are words, and may be in the reader's language.
fn without_comments(text: &str) -> String {
    let line = |l: &str| l.split_once(" #").map_or(l, |(before, _)| before).trim_end().to_owned();
    let lines: Vec<String> = text.lines().filter(|l| !l.trim_start().starts_with('#')).map(line).collect();
    lines.join("\n")
}
