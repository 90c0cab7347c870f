//! The stranger's hands: types where a prompt is, presses keys, leaves what holds a terminal up.

use crate::authoring::stranger::{BREATH, PATIENCE, Stranger, TERMINALS};
use crate::lesson::format::{Action, FullAction};
use crate::session::{Input, Session};
use crate::world::{HostId, TerminalId, Tty};

impl Stranger<'_> {
    pub(super) fn act(&mut self, action: &Action) {
        match action {
            Action::Line(line) => {
                let full = FullAction { line: Some(line.clone()), terminal: 1, ..FullAction::default() };
                self.types(&full);
            }
            Action::Full(full) if full.line.is_some() => drop(self.types(full)),
            Action::Full(full) if full.press.is_some() => self.interrupt(),
            Action::Full(full) => {
                if let Err(why) = self.player.play(&[Action::Full(full.clone())]) {
                    self.log.push(why);
                }
            }
        }
        self.player.wait(BREATH, |_| false);
        self.listen();
    }

    /// Types a line where a prompt is, and looks at it until the prompt is back or patience is at its end.
    pub(super) fn types(&mut self, action: &FullAction) -> bool {
        let number = self.at_a_prompt(action.terminal);
        let line = action.line.clone().unwrap_or_default();
        self.log.push(format!("types in {number}: {line}"));
        let action = FullAction { terminal: number, stays: true, ..action.clone() };
        if let Err(why) = self.player.play(&[Action::Full(action)]) {
            self.log.push(why);
            return true;
        }
        let Some(terminal) = self.player.session().terminals().get(number - 1).copied() else { return false };
        self.player.wait(PATIENCE, |s| asks(s, terminal));
        self.listen();
        let exit = self.player.session().view(|w| {
            w.history.iter().rev().find(|record| record.terminal == Some(terminal)).and_then(|r| r.exit)
        });
        let failed = exit.is_some_and(|exit| exit != 0);
        self.failures += usize::from(failed);
        failed
    }

    /// The number of a terminal that waits for a line: this one, another, a new one.
    fn at_a_prompt(&mut self, wanted: usize) -> usize {
        let session = self.player.session();
        let terminals = session.terminals();
        let free = |number: &usize| terminals.get(*number - 1).is_none_or(|t| asks(session, *t));
        let found = std::iter::once(wanted).chain(1..=terminals.len() + 1).find(free);
        match found.filter(|number| *number <= TERMINALS) {
            Some(number) => number,
            None => {
                self.interrupt();
                1
            }
        }
    }

    /// Leaves the shells inside containers that something opened: hints begin at one's own prompt.
    pub(super) fn comes_out(&mut self) {
        let session = self.player.session();
        let inside = |t: &TerminalId| {
            let host = session.view(|w| Some(w.terminals.get(t)?.prompt_view()?.host));
            asks(session, *t) && host.is_some_and(|host| host != HostId::MACHINE)
        };
        let inside: Vec<TerminalId> = session.terminals().into_iter().filter(inside).collect();
        for terminal in inside {
            self.log.push(format!("presses Ctrl-D in {terminal}"));
            self.player.input(Input::EndOfFile { terminal });
            self.player.wait(BREATH, |_| false);
        }
    }

    /// Ctrl-C in the first terminal that is busy.
    pub(super) fn interrupt(&mut self) {
        let session = self.player.session();
        let busy = session.terminals().into_iter().find(|t| !asks(session, *t));
        if let Some(terminal) = busy {
            self.log.push(format!("presses Ctrl-C in {terminal}"));
            self.player.input(Input::Interrupt { terminal, typed: String::new() });
            self.player.wait(BREATH, |s| asks(s, terminal));
        }
    }
}

/// Whether somebody waits for a line there: a shell, or a program that asks.
fn asks(session: &Session, terminal: TerminalId) -> bool {
    let reading = session.view(|w| w.terminals.get(&terminal).and_then(Tty::reading));
    reading.is_some_and(|reading| reading.shell || !reading.prompt.is_empty())
}
