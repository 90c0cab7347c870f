//! Proves a quest: every step begins unsolved, its solution and every other way pass it, near misses do not and
//! get the words they should, and both languages say the same. What it finds has the author's file and line.

pub mod folder;
pub mod quotes;

use std::rc::Rc;

use crate::authoring::lint::quotes::{Held, Quote};
use crate::authoring::player::Player;
use crate::authoring::solve::{open_goals, solve};
use crate::base::SimTime;
use crate::lesson::course::{Files, Quest, shared_coach, unknown_variables};
use crate::lesson::format::{Action, LessonError, Proof, Question, Step};

/// Names that the world itself gives.
pub const WORLD_NAMES: [&str; 6] = ["project", "region", "zone", "account", "user", "home"];

/// Who plays while lint looks on.
const LEARNER: &str = "student-1ab0";

/// What lint did.
#[derive(Debug, Default)]
pub struct Report {
    /// Steps looked at.
    pub steps: usize,
    /// Ways played: solutions, other ways, near misses.
    pub ways: usize,
    /// What is wrong, in the order of the lesson.
    pub errors: Vec<LessonError>,
}

/// Proves the lesson in a folder: its files are read, looked at, and every way of every step is played.
pub fn lint_folder(folder: &str, files: &Files, at: SimTime) -> Report {
    let coach = Rc::new(shared_coach().unwrap_or_default());
    let mut errors = folder::stray(folder, files);
    for name in ["en.md", "ko.md"] {
        let text = files.get(name).map(|b| String::from_utf8_lossy(b).into_owned()).unwrap_or_default();
        errors.extend(folder::markdown(&format!("{folder}/{name}"), &text));
    }
    let quest = match Quest::read(folder, files, coach) {
        Ok(quest) => Rc::new(quest),
        Err(found) => {
            errors.extend(found);
            return Report { errors, ..Report::default() };
        }
    };
    errors.extend(folder::languages(folder, files, &quest));
    let text = files.get("en.md").map(|b| String::from_utf8_lossy(b).into_owned()).unwrap_or_default();
    let mut report = lint(&quest, &format!("{folder}/lesson.toml"), at, &quotes::scan(&text));
    errors.append(&mut report.errors);
    Report { errors, ..report }
}

/// Proves a quest that could be read. `file` is its lesson.toml, for messages; `quotes` are what its prose quotes.
pub fn lint(quest: &Rc<Quest>, file: &str, at: SimTime, quotes: &[Quote]) -> Report {
    let mut report = Report { errors: unknown_variables(quest, &WORLD_NAMES), ..Report::default() };
    for index in 0..quest.lesson.steps.len() {
        step(quest, file, index, at, quotes, &mut report);
        // Without a solution for this step, none of the later ones can be begun.
        if report.errors.iter().any(|e| e.fix == BROKEN) {
            break;
        }
    }
    report
}

const BROKEN: &str = "Later steps were not looked at: they begin where this solution ends.";

/// Proves one step by its index.
fn step(quest: &Rc<Quest>, file: &str, index: usize, at: SimTime, quotes: &[Quote], report: &mut Report) {
    let Some(step) = quest.lesson.steps.get(index) else { return };
    report.steps += 1;
    let wrong_at = |line: usize, message: String, fix: &str| LessonError {
        file: file.to_owned(),
        line,
        message: format!("step `{}`: {message}", step.id),
        fix: fix.to_owned(),
    };
    let wrong = |message: String, fix: &str| wrong_at(step.line, message, fix);
    let begin = || solve(quest, LEARNER, at, Some(&step.id), &mut |_, _| {});
    let mut player = match begin() {
        Ok(player) => player,
        Err(stuck) => {
            report.errors.push(wrong(format!("cannot be begun: {stuck}"), BROKEN));
            return;
        }
    };
    if player.run().is_some_and(|r| r.step_passed()) {
        report.errors.push(wrong(
            "passes before anything is done".to_owned(),
            "Make a goal stricter, or leave the step out.",
        ));
        return;
    }
    report.ways += 1;
    if let Some(why) = fails(&mut player, &step.solution) {
        report.errors.push(wrong(format!("its solution does not pass{why}"), BROKEN));
        return;
    }
    player.advance();
    if player.run().is_some_and(|r| r.step_index() > index && r.step_passed()) {
        let message = "its solution also passes the next step".to_owned();
        report.errors.push(wrong(message, "Make the next step's goals about what it adds."));
    }
    let own: Vec<&Quote> = quotes.iter().filter(|q| q.step.as_deref() == Some(&step.id)).collect();
    let held = Held { step, begin: &|| begin().ok(), end: player.into_session() };
    for (line, message, fix) in held.wrong(&own) {
        let english = file.replace("lesson.toml", "en.md");
        report.errors.push(LessonError { file: english, ..wrong_at(line, message, fix) });
    }
    for question in step.questions.iter().chain(&step.predict) {
        let message = question.proof.as_ref().and_then(|proof| {
            report.ways += 1;
            disproved(step, question, proof, begin().ok()?)
        });
        if let Some(message) = message {
            let fix = "Correct the answer, or what the proof plays and looks for.";
            report.errors.push(wrong_at(question.at, message, fix));
        }
    }
    if let Some(question) = step.predict.as_ref().filter(|q| q.proof.is_none()) {
        let message = format!("nothing proves the answer of the prediction `{}`", question.id);
        let fix = "Add proof.play = [...] and proof.shows = { choice = \"what is then printed\" }; see docs/authoring.md.";
        report.errors.push(wrong_at(question.at, message, fix));
    }
    others(step, &begin, &wrong_at, report);
}

/// Why what is shown does not prove the answer.
fn disproved(step: &Step, question: &Question, proof: &Proof, mut player: Player) -> Option<String> {
    let id = &question.id;
    let before: Vec<(u32, usize)> =
        player.session().terminals().into_iter().map(|t| (t, player.screen(t).len())).collect();
    let way = if proof.play.is_empty() { &step.solution } else { &proof.play };
    if let Err(why) = player.play(way) {
        return Some(format!("the proof of `{id}` cannot be played: {why}"));
    }
    let mut shown = String::new();
    for terminal in player.session().terminals() {
        let from = before.iter().find(|(t, _)| *t == terminal).map_or(0, |(_, length)| *length);
        shown.push_str(player.screen(terminal).get(from..).unwrap_or_default());
        shown.push('\n');
    }
    let shown = shown.replace('\r', "");
    let found: Vec<&str> = question
        .choices
        .iter()
        .filter(|choice| {
            let pattern = proof.shows.get(*choice).and_then(|p| regex::Regex::new(&format!("(?m){p}")).ok());
            pattern.is_some_and(|pattern| pattern.is_match(&shown))
        })
        .map(String::as_str)
        .collect();
    if found == [question.answer.as_str()] {
        return None;
    }
    let found = if found.is_empty() { "no choice".to_owned() } else { format!("`{}`", found.join("`, `")) };
    let last: Vec<&str> = shown.trim_end().lines().rev().take(12).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    Some(format!(
        "the simulation shows {found} of `{id}`, not `{}`\n  | {}",
        question.answer,
        last.join("\n  | ")
    ))
}

fn others(
    step: &Step,
    begin: &dyn Fn() -> Result<Player, crate::authoring::solve::Stuck>,
    wrong: &dyn Fn(usize, String, &str) -> LessonError,
    report: &mut Report,
) {
    for (number, way) in step.also.iter().enumerate() {
        report.ways += 1;
        let why = begin().ok().and_then(|mut player| fails(&mut player, way));
        if let Some(why) = why {
            let line = step.also_lines.get(number).copied().unwrap_or(step.line);
            report.errors.push(wrong(
                line,
                format!("its other way {} does not pass{why}", number + 1),
                "Every correct way must pass: widen the goal, or remove the way.",
            ));
        }
    }
    for (number, miss) in step.near_misses.iter().enumerate() {
        report.ways += 1;
        let Ok(mut player) = begin() else { continue };
        let number = number + 1;
        if let Err(why) = player.play(&miss.all()) {
            report.errors.push(wrong(
                miss.at,
                format!("its near miss {number} cannot be played: {why}"),
                "Correct the action.",
            ));
            continue;
        }
        if player.run().is_some_and(|r| r.step_passed()) {
            report.errors.push(wrong(
                miss.at,
                format!("its near miss {number} passes"),
                "Make the goal stricter, or move it to `also`.",
            ));
        }
        let said: Vec<&str> = player.coach.iter().map(|m| m.id.as_str()).collect();
        if !said.contains(&miss.coach.as_str()) {
            let message = format!(
                "near miss {number}: the coach says [{}], not `{}`\n{}",
                said.join(", "),
                miss.coach,
                open_goals(&player)
            );
            let fix = "Name what it should say, or teach it to recognise this.";
            report.errors.push(wrong(miss.at, message, fix));
        }
    }
}

/// Why a way does not pass; `None`: it passes.
fn fails(player: &mut Player, way: &[Action]) -> Option<String> {
    if let Err(why) = player.play(way) {
        return Some(format!(": {why}\n{}", open_goals(player)));
    }
    (!player.wait_for_pass()).then(|| format!("\n{}", open_goals(player)))
}
