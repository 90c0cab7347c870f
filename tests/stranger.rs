//! A stranger who types only wrong things is led to every step's goal by the coach and the hints alone. A test for each
//! quest, so that they run side by side.

use std::rc::Rc;

use kubejam::authoring::new_quest;
use kubejam::authoring::stranger::{Lost, Manner, led, what_can_be_copied};
use kubejam::base::SimTime;
use kubejam::lesson::course::{Course, Language, Quest, shared_coach};

const AT: SimTime = SimTime::from_secs(1_795_351_539);

fn quest(id: &str) -> Rc<Quest> {
    Rc::clone(Course::embedded().expect("the course").quest(id).expect("the quest"))
}

/// Two strangers at every step: a stubborn one who reads one language, an obedient one who reads the other.
fn lost_in(quest: &Rc<Quest>) -> Vec<Lost> {
    let [one, other] = Language::ALL;
    let mut lost = Vec::new();
    for (index, step) in quest.lesson.steps.iter().enumerate() {
        let (stubborn, obedient) = if index % 2 == 0 { (one, other) } else { (other, one) };
        lost.extend(led(quest, step, AT, stubborn, Manner::Stubborn).err());
        lost.extend(led(quest, step, AT, obedient, Manner::Obedient).err());
    }
    lost
}

fn nobody_is_lost_in(id: &str) {
    let lost: Vec<String> = lost_in(&quest(id)).iter().map(ToString::to_string).collect();
    assert!(lost.is_empty(), "{} lost in {id}:\n{}", lost.len(), lost.join("\n\n"));
}

#[test]
fn nobody_is_lost_in_docker() {
    nobody_is_lost_in("docker");
}

#[test]
fn nobody_is_lost_in_hello_node() {
    nobody_is_lost_in("hello-node");
}

#[test]
fn nobody_is_lost_in_orchestrating() {
    nobody_is_lost_in("orchestrating");
}

/// What there is to copy does not depend on the language one reads.
#[test]
fn hints_and_coach_give_the_same_to_copy_in_both_languages() {
    let course = Course::embedded().expect("the course");
    let [english, korean] = Language::ALL;
    for quest in &course.quests {
        for step in &quest.lesson.steps {
            let at = format!("{}, step {}", quest.id(), step.id);
            let (one, other) = (quest.step_prose(english, &step.id), quest.step_prose(korean, &step.id));
            for (rung, (here, there)) in one.hints.iter().zip(&other.hints).enumerate() {
                assert_eq!(
                    what_can_be_copied(here),
                    what_can_be_copied(there),
                    "{at}, hint {}:\n{here}\n{there}",
                    rung + 1
                );
            }
            for (id, here) in &one.coach {
                let there = other.coach.get(id).map(String::as_str).unwrap_or_default();
                assert_eq!(what_can_be_copied(here), what_can_be_copied(there), "{at}, coach {id}");
            }
        }
    }
    let shared = shared_coach().expect("coach texts");
    for (id, here) in &shared[&english] {
        assert_eq!(what_can_be_copied(here), what_can_be_copied(&shared[&korean][id]), "coach {id}");
    }
}

/// The quest that `kubejam new` makes, with a text in both languages replaced.
fn changed(from: [&str; 2], to: &str) -> Rc<Quest> {
    let mut files = new_quest::files("tiny");
    for (file, from) in ["en.md", "ko.md"].into_iter().zip(from) {
        let text = String::from_utf8(files[file].clone()).expect("text");
        assert!(text.contains(from), "{file} has no {from:?}");
        files.insert(file.to_owned(), text.replacen(from, to, 1).into_bytes());
    }
    let coach = Rc::new(shared_coach().expect("coach texts"));
    Rc::new(Quest::read("tiny", &files, coach).expect("a quest"))
}

#[test]
fn a_ladder_that_leads_nowhere_is_reported_with_its_step_and_what_was_last_said() {
    let same = "`echo 'Hello from a file' > note.txt`\n:::\n:::done";
    let fine = changed([same, same], same);
    assert_eq!(lost_in(&fine), [], "the quest that `kubejam new` makes leads everybody on");
    let useless = changed([same, same], "Think about it.\n:::\n:::done");
    let lost = lost_in(&useless);
    assert!(lost.iter().all(|l| l.step == "note"), "{lost:#?}");
    let stubborn = lost.first().expect("somebody is lost");
    assert!(stubborn.why.starts_with("the hints do not lead on"), "{stubborn}");
    assert!(stubborn.last.last().is_some_and(|said| said.contains("Think about it.")), "{stubborn}");
}
