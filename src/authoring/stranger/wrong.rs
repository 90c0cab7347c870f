//! What a stranger types: the step's near misses, then mistyped words, nonsense, and a command of another step. Always
//! the same for the same lesson.

use std::collections::BTreeMap;

use crate::lesson::course::Quest;
use crate::lesson::format::{Action, NearMiss, Step};
use crate::lesson::template;

/// How many steps further on the command of another step is taken from.
const FURTHER_ON: usize = 3;
/// What has nothing to do with anything.
const NONSENSE: [&str; 2] = ["please do it for me", "asdf"];

/// Wrong things for a step, each a list of actions.
pub fn wrong_things(quest: &Quest, step: &Step) -> Vec<Vec<Action>> {
    let near = step.near_misses.iter().map(NearMiss::all);
    let lines = single_lines(&step.solution);
    let first = lines.first().map(|line| mistyped(line, 0));
    let last = lines.last().map(|line| mistyped(line, 1));
    let nonsense = NONSENSE.iter().map(|line| (*line).to_owned());
    let plain = first.into_iter().chain(last).chain(nonsense).chain(elsewhere(quest, step));
    near.chain(plain.map(|line| vec![Action::Line(line)])).collect()
}

/// Lines that are typed, with the learner's names in them.
pub fn filled(actions: &[Action], names: &BTreeMap<String, String>) -> Vec<String> {
    single_lines(actions).into_iter().map(|line| template::fill(line, names)).collect()
}

fn single_lines(actions: &[Action]) -> Vec<&str> {
    actions.iter().filter_map(Action::line).filter(|line| !line.contains('\n')).collect()
}

/// The line with two letters of a word in each other's place.
fn mistyped(line: &str, word: usize) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let index = word.min(words.len().saturating_sub(1));
    if let Some(word) = words.get_mut(index) {
        let mut letters: Vec<char> = word.chars().collect();
        let pair = (1..letters.len()).rev().find(|at| letters[at - 1] != letters[*at]);
        match pair {
            Some(at) => letters.swap(at - 1, at),
            None => letters.push('x'),
        }
        *word = letters.into_iter().collect();
    }
    words.join(" ")
}

/// A command that belongs to a later step, or to one of the first.
fn elsewhere(quest: &Quest, step: &Step) -> Option<String> {
    let steps = &quest.lesson.steps;
    let here = steps.iter().position(|s| s.id == step.id)?;
    let around = (0..steps.len()).map(|far| &steps[(here + FURTHER_ON + far) % steps.len()]);
    let mut others = around.filter(|other| other.id != step.id);
    others.find_map(|other| single_lines(&other.solution).first().map(|line| (*line).to_owned()))
}
