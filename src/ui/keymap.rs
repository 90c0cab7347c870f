//! Keys that work everywhere, as one table: the bottom line and the help page are drawn from it.
//!
//! Every F-key is also Alt with its digit, for keyboards that hide F-keys. Letters and readline's keys belong to
//! the command line and are not here.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    Hint,
    Undo,
    Redo,
    Pause,
    StepTime,
    Speed,
    Zoom,
    SkipWait,
    Next,
    View,
    Story,
    TimeLine,
    NextPane,
    NewTab,
    NextTab,
    PreviousTab,
    Quit,
}

pub struct Binding {
    pub keys: &'static [(KeyCode, KeyModifiers)],
    pub command: Command,
    /// As shown on the bottom line and in the help.
    pub shown: &'static str,
    /// Message key of the short label; empty: not on the bottom line.
    pub label: &'static str,
    /// Message key of the help sentence.
    pub help: &'static str,
}

const NONE: KeyModifiers = KeyModifiers::NONE;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const CONTROL: KeyModifiers = KeyModifiers::CONTROL;
const ALT: KeyModifiers = KeyModifiers::ALT;

/// In the order of the bottom line.
pub const BINDINGS: &[Binding] = &[
    bind(&[(KeyCode::F(1), NONE), (KeyCode::Char('1'), ALT)], Command::Help, "F1", "key-help", "help-help"),
    bind(&[(KeyCode::F(2), NONE), (KeyCode::Char('2'), ALT)], Command::Hint, "F2", "key-hint", "help-hint"),
    bind(&[(KeyCode::F(3), NONE), (KeyCode::Char('3'), ALT)], Command::Undo, "F3", "key-undo", "help-undo"),
    bind(&[(KeyCode::F(3), SHIFT), (KeyCode::F(15), NONE)], Command::Redo, "Shift-F3", "", "help-redo"),
    bind(
        &[(KeyCode::F(4), NONE), (KeyCode::Char('4'), ALT)],
        Command::Pause,
        "F4",
        "key-pause",
        "help-pause",
    ),
    bind(&[(KeyCode::F(4), SHIFT), (KeyCode::F(16), NONE)], Command::StepTime, "Shift-F4", "", "help-step"),
    bind(
        &[(KeyCode::F(5), NONE), (KeyCode::Char('5'), ALT)],
        Command::Speed,
        "F5",
        "key-speed",
        "help-speed",
    ),
    bind(&[(KeyCode::F(6), NONE), (KeyCode::Char('6'), ALT)], Command::Zoom, "F6", "key-zoom", "help-zoom"),
    bind(
        &[(KeyCode::F(7), NONE), (KeyCode::Char('7'), ALT)],
        Command::SkipWait,
        "F7",
        "key-skip-wait",
        "help-skip",
    ),
    bind(&[(KeyCode::F(8), NONE), (KeyCode::Char('8'), ALT)], Command::Next, "F8", "key-next", "help-next"),
    bind(&[(KeyCode::F(9), NONE), (KeyCode::Char('9'), ALT)], Command::View, "F9", "key-view", "help-view"),
    bind(
        &[(KeyCode::F(10), NONE), (KeyCode::Char('0'), ALT)],
        Command::Story,
        "F10",
        "key-story",
        "help-story",
    ),
    bind(
        &[(KeyCode::F(12), NONE), (KeyCode::Char('='), ALT)],
        Command::TimeLine,
        "F12",
        "",
        "help-time-line",
    ),
    bind(
        &[(KeyCode::BackTab, NONE), (KeyCode::BackTab, SHIFT)],
        Command::NextPane,
        "Shift-Tab",
        "",
        "help-pane",
    ),
    bind(&[(KeyCode::Char('t'), CONTROL)], Command::NewTab, "Ctrl-T", "", ""),
    bind(&[(KeyCode::PageDown, CONTROL), (KeyCode::Char('o'), CONTROL)], Command::NextTab, "Ctrl-O", "", ""),
    bind(&[(KeyCode::PageUp, CONTROL)], Command::PreviousTab, "Ctrl-PageUp", "", ""),
    bind(&[(KeyCode::Char('q'), CONTROL)], Command::Quit, "^Q", "key-quit", "help-quit"),
];

const fn bind(
    keys: &'static [(KeyCode, KeyModifiers)],
    command: Command,
    shown: &'static str,
    label: &'static str,
    help: &'static str,
) -> Binding {
    Binding { keys, command, shown, label, help }
}

/// The command of a key, if it has one.
pub fn command(key: KeyEvent) -> Option<Command> {
    let pressed = (key.code, key.modifiers);
    BINDINGS.iter().find(|b| b.keys.contains(&pressed)).map(|b| b.command)
}

#[cfg(test)]
mod tests {
    use super::BINDINGS;

    #[test]
    fn no_key_has_two_commands() {
        let mut keys: Vec<String> = BINDINGS.iter().flat_map(|b| b.keys).map(|k| format!("{k:?}")).collect();
        keys.sort();
        let total = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), total);
    }
}
