//! Plays a quest's solutions from the first step on: `kubejam solve`, and the start state of any step.

use std::rc::Rc;

use crate::authoring::player::Player;
use crate::base::SimTime;
use crate::lesson::course::Quest;

/// A step whose solution did not do what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// The step's id.
    pub step: String,
    /// What happened instead.
    pub why: String,
}

impl std::fmt::Display for Stuck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "step `{}`: {}", self.step, self.why)
    }
}

/// Plays until the step `until` is on the screen and not yet done; `None`: until the quest is complete.
/// `told` hears of each step that passed.
pub fn solve(
    quest: &Rc<Quest>,
    learner: &str,
    at: SimTime,
    until: Option<&str>,
    told: &mut dyn FnMut(&str, &Player),
) -> Result<Player, Stuck> {
    solve_on(Player::new(quest, learner, at), quest, until, told)
}

/// As [`solve`], by a player who stands at the quest's beginning.
pub fn solve_on(
    mut player: Player,
    quest: &Rc<Quest>,
    until: Option<&str>,
    told: &mut dyn FnMut(&str, &Player),
) -> Result<Player, Stuck> {
    for step in &quest.lesson.steps {
        if until == Some(step.id.as_str()) {
            return Ok(player);
        }
        let stuck = |why: String| Stuck { step: step.id.clone(), why };
        player.play(&step.solution).map_err(stuck)?;
        if !player.wait_for_pass() {
            return Err(stuck(format!("its solution does not pass\n{}", open_goals(&player))));
        }
        told(&step.id, &player);
        if player.run().is_some_and(|run| !run.at_end()) {
            player.advance();
        }
    }
    match until {
        Some(step) => Err(Stuck { step: step.to_owned(), why: "there is no such step".to_owned() }),
        None => Ok(player),
    }
}

/// The checklist as it stands and what the terminals showed last, for the report of a failure.
pub fn open_goals(player: &Player) -> String {
    let Some(run) = player.run() else { return String::new() };
    let view = run.view(crate::lesson::course::Language::English);
    let mut out: Vec<String> =
        view.checklist.iter().map(|c| format!("  {} {} {}", c.state.mark(), c.label, c.detail)).collect();
    for terminal in player.session().terminals() {
        let lines: Vec<&str> = player.screen(terminal).lines().collect();
        let last = lines.len().saturating_sub(12);
        out.push(format!("  terminal {terminal}:"));
        out.extend(lines[last..].iter().map(|l| format!("  | {l}")));
    }
    out.join("\n")
}
