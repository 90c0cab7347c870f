//! Every way of every step is played. A test for each quest, so that they run side by side.

use std::rc::Rc;

use kubejam::authoring::lint::lint;
use kubejam::base::SimTime;
use kubejam::lesson::course::{Course, Quest};
use kubejam::lesson::format::Step;

const AT: SimTime = SimTime::from_secs(1_795_351_539);

fn quest(id: &str) -> Rc<Quest> {
    Rc::clone(Course::embedded().expect("the course").quest(id).expect("the quest"))
}

fn proven(id: &str) {
    let report = lint(&quest(id), "lesson.toml", AT, &[]);
    let errors: Vec<String> = report.errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}\n{} steps, {} ways", errors.join("\n"), report.steps, report.ways);
}

#[test]
fn docker_is_proven() {
    proven("docker");
}

#[test]
fn hello_node_is_proven() {
    proven("hello-node");
}

#[test]
fn orchestrating_is_proven() {
    proven("orchestrating");
}

/// Where only a question is asked, there is nothing to type wrongly.
fn only_asks(step: &Step) -> bool {
    step.goals.iter().all(|goal| goal.question().is_some())
}

#[test]
fn three_ways_lead_on_and_three_mistakes_are_known() {
    for quest in ["docker", "hello-node"].map(quest) {
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
