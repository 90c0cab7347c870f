//! What checking a study jam's records costs: a thousand records of the quests of the course, on as many threads as
//! there are processors, as `kubejam check` does it. And what looking back costs: one frame of the time line.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the wall clock and writes its records")]

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

use kubejam::authoring::player::Player;
use kubejam::authoring::solve::solve_on;
use kubejam::base::SimTime;
use kubejam::edge::check::{Limits, check_all};
use kubejam::lesson::course::Course;
use kubejam::session::play::Play;
use kubejam::session::proof::Verdict;

const BEGIN: SimTime = SimTime::from_secs(1_795_351_539);
const RECORDS: usize = 1_000;
/// Learners who really played; the rest of the folder are copies of their records.
const LEARNERS: usize = 10;

fn main() {
    let dir = std::env::temp_dir().join(format!("kubejam-records-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    for quest in Course::embedded().expect("the course").quests {
        let records: Vec<String> = (0..LEARNERS)
            .map(|number| {
                let player = Player::new(&quest, &format!("student-{number:04x}"), BEGIN);
                solve_on(player, &quest, None, &mut |_, _| {}).expect("solved").record("Kim")
            })
            .collect();
        let files: Vec<PathBuf> = (0..RECORDS)
            .map(|number| {
                let path = dir.join(format!("{number:04}.jam"));
                std::fs::write(&path, &records[number % LEARNERS]).expect("written");
                path
            })
            .collect();
        let begin = Instant::now();
        let checked = check_all(&files, &[], Limits::USUAL).expect("checked");
        let took = begin.elapsed();
        assert!(checked.iter().all(|c| c.report.verdict == Verdict::Complete), "all are complete");
        println!("{RECORDS} records of {:<14} {:>8.2} s, budget 60 s", quest.id(), took.as_secs_f64());

        let player = Player::new(&quest, "student-7f3a", BEGIN);
        let player = solve_on(player, &quest, None, &mut |_, _| {}).expect("solved");
        let start =
            kubejam::session::Start { quest: Some(Rc::clone(&quest)), ..player.session().start().clone() };
        let (play, _) = Play::resume(start, player.entries());
        let commands = play.points().len();
        let begin = Instant::now();
        let (mut past, _) = play.past(commands - 1);
        let back = begin.elapsed();
        let begin = Instant::now();
        past.past_forward(play.session().now());
        let forth = begin.elapsed();
        println!(
            "  one step back at its end {:>8.2} ms, one forth {:>8.2} ms",
            back.as_secs_f64() * 1000.0,
            forth.as_secs_f64() * 1000.0
        );
    }
    std::fs::remove_dir_all(&dir).ok();
}
