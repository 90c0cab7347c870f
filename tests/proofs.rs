//! Every way of every step is played, and what the prose quotes is held against the simulation: all that `kubejam lint`
//! does with the lessons inside the program. A test for each quest, so that they run side by side.

use kubejam::authoring::lint::{folder, lint_folder};
use kubejam::authoring::solve::solve;
use kubejam::base::SimTime;
use kubejam::lesson::course::{Course, Quest};
use kubejam::lesson::format::Step;

const AT: SimTime = SimTime::from_secs(1_795_351_539);

fn proven(folder: &str) {
    let lessons = Course::embedded_files();
    let (name, files) = lessons.iter().find(|(name, _)| name == folder).expect("the quest's folder");
    let report = lint_folder(name, files, AT);
    let errors: Vec<String> = report.errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}\n{} steps, {} ways", errors.join("\n"), report.steps, report.ways);
}

#[test]
fn docker_is_proven() {
    proven("01-docker");
}

#[test]
fn hello_node_is_proven() {
    proven("02-hello-node");
}

#[test]
fn orchestrating_is_proven() {
    proven("03-orchestrating");
}

#[test]
fn quests_are_proven_above_and_share_nothing() {
    let course = Course::embedded().expect("the course");
    let named: Vec<(&str, &Quest)> = course.quests.iter().map(|q| (q.id(), q.as_ref())).collect();
    assert_eq!(folder::shared(&named), []);
    let ids: Vec<&str> = course.quests.iter().map(|q| q.id()).collect();
    assert_eq!(ids, ["docker", "hello-node", "orchestrating"], "a new quest gets a test above");
}

/// Where only a question is asked, there is nothing to type wrongly.
fn only_asks(step: &Step) -> bool {
    step.goals.iter().all(|goal| goal.question().is_some())
}

#[test]
fn three_ways_lead_on_and_three_mistakes_are_known() {
    for quest in &Course::embedded().expect("the course").quests {
        for step in &quest.lesson.steps {
            let at = format!("{}, step {}", quest.id(), step.id);
            assert!(step.also.len() >= 2, "{at}: {} other ways", step.also.len());
            assert!(
                only_asks(step) || step.near_misses.len() >= 3,
                "{at}: {} near misses",
                step.near_misses.len()
            );
        }
    }
}

/// How long things take is drawn for each learner: what leads on must not depend on it.
#[test]
fn other_learners_get_through_too() {
    for quest in &Course::embedded().expect("the course").quests {
        for learner in ["student-5", "student-7", "student-c0ffee"] {
            let solved = solve(quest, learner, AT, None, &mut |_, _| {});
            assert!(solved.is_ok(), "{} as {learner}: {}", quest.id(), solved.err().expect("stuck"));
        }
    }
}
