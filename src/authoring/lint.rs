//! Proves a quest: every step begins unsolved, its solution and every other way pass it, near misses do not and
//! get the words they should, and both languages say the same. What it finds has the author's file and line.

use std::rc::Rc;

use crate::authoring::player::Player;
use crate::authoring::solve::{open_goals, solve};
use crate::base::SimTime;
use crate::lesson::course::{Quest, unknown_variables};
use crate::lesson::format::{Action, LessonError, Step};

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

/// Proves a quest that could be read. `file` is its lesson.toml, for messages.
pub fn lint(quest: &Rc<Quest>, file: &str, at: SimTime) -> Report {
    let mut report = Report { errors: unknown_variables(quest, &WORLD_NAMES), ..Report::default() };
    for index in 0..quest.lesson.steps.len() {
        step(quest, file, index, at, &mut report);
        // Without a solution for this step, none of the later ones can be begun.
        if report.errors.iter().any(|e| e.fix == BROKEN) {
            break;
        }
    }
    report
}

const BROKEN: &str = "Later steps were not looked at: they begin where this solution ends.";

/// Proves one step by its index.
pub fn step(quest: &Rc<Quest>, file: &str, index: usize, at: SimTime, report: &mut Report) {
    let Some(step) = quest.lesson.steps.get(index) else { return };
    report.steps += 1;
    let wrong = |message: String, fix: &str| LessonError {
        file: file.to_owned(),
        line: step.line,
        message: format!("step `{}`: {message}", step.id),
        fix: fix.to_owned(),
    };
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
    others(step, &begin, &wrong, report);
}

fn others(
    step: &Step,
    begin: &dyn Fn() -> Result<Player, crate::authoring::solve::Stuck>,
    wrong: &dyn Fn(String, &str) -> LessonError,
    report: &mut Report,
) {
    for (number, way) in step.also.iter().enumerate() {
        report.ways += 1;
        let why = begin().ok().and_then(|mut player| fails(&mut player, way));
        if let Some(why) = why {
            report.errors.push(wrong(
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
                format!("its near miss {number} cannot be played: {why}"),
                "Correct the action.",
            ));
            continue;
        }
        if player.run().is_some_and(|r| r.step_passed()) {
            report.errors.push(wrong(
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
            report.errors.push(wrong(message, "Name what it should say, or teach it to recognise this."));
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
