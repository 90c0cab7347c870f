//! The real program in a pseudo-terminal: keys in, the screen read back. Waits for what must appear, never for time.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a pseudo-terminal is read by a thread"
)]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

/// Longest wait for something to appear.
const PATIENCE: Duration = Duration::from_secs(30);

struct Played {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    raw: Vec<u8>,
}

impl Played {
    fn start(home: &Path, args: &[&str], rows: u16, columns: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_kubejam"));
        command.args(args);
        command.env("KUBEJAM_HOME", home);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env_remove("NO_COLOR");
        let child = pair.slave.spawn_command(command).expect("kubejam starts");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let (send, bytes) = channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 8192];
            while let Ok(count) = reader.read(&mut chunk) {
                if count == 0 || send.send(chunk[..count].to_vec()).is_err() {
                    break;
                }
            }
            drop(pair);
        });
        let size = |n| NonZeroU16::new(n).expect("a size");
        Played {
            child,
            keys,
            bytes,
            screen: vt100::Parser::new(size(rows), size(columns), 0),
            raw: Vec::new(),
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("keys are taken");
    }

    fn wait_for(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.screen.screen().contents().contains(text) {
            let left = end.saturating_duration_since(Instant::now());
            match self.bytes.recv_timeout(left) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.raw.extend_from_slice(&bytes);
                }
                Err(_) => panic!("no {text:?} on the screen:\n{}", self.screen.screen().contents()),
            }
        }
    }

    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Waits for the end; the exit was a good one, and everything written.
    fn end(mut self) -> Vec<u8> {
        assert!(self.child.wait().expect("gone").success());
        while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(500)) {
            self.raw.extend_from_slice(&bytes);
        }
        self.raw
    }
}

fn home(name: &str) -> std::path::PathBuf {
    let dir = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::remove_dir_all(&dir).ok();
    dir
}

#[test]
fn from_the_first_screen_into_a_quest_and_back_after_a_kill() {
    let home = home("kill");
    let mut played = Played::start(&home, &[], 36, 120);
    played.wait_for("Hello Node");
    played.press("2");
    played.wait_for("cloudshell");
    // The quest opens with a question; digits answer it, letters are for the prompt.
    played.press("echo first-$((20+22))\r");
    played.wait_for("first-42");
    played.press("half-typed");
    played.wait_for("half-typed");
    played.kill();

    let mut played = Played::start(&home, &["start", "hello-node"], 36, 120);
    played.wait_for("first-42");
    played.press("\x1b[A");
    played.wait_for("$ echo first-$((20+22))");
    played.press("\x11");
    let raw = played.end();
    let text = String::from_utf8_lossy(&raw);
    assert!(text.contains("\x1b[?1049l"), "the ordinary screen is back");
    assert!(text.rfind("\x1b[?1049l") > text.rfind("\x1b[?1049h"), "and stays");
}

#[test]
fn undo_takes_a_command_back() {
    let home = home("undo");
    let mut played = Played::start(&home, &["sandbox"], 24, 80);
    played.wait_for("cloudshell");
    played.press("touch kept; echo one-$((1+0))\r");
    played.wait_for("one-1");
    played.press("touch gone; echo two-$((1+1))\r");
    played.wait_for("two-2");
    played.press("\x1bOR");
    played.wait_for("Taken back: touch gone");
    played.press("echo $(ls)-\r");
    played.wait_for("kept-");
    played.press("\x11");
    played.end();
}

#[test]
fn looking_back_and_going_on_from_there_while_a_second_one_is_refused() {
    let home = home("past");
    let mut played = Played::start(&home, &["sandbox"], 24, 80);
    played.wait_for("cloudshell");
    for number in 1..=3 {
        played.press(&format!("echo said-$(({number}+40))\r"));
        played.wait_for(&format!("said-{}", number + 40));
    }
    let mut second = Played::start(&home, &["sandbox"], 24, 80);
    second.wait_for("Another KubeJam has this quest open");
    assert!(!second.child.wait().expect("gone").success());

    played.press("\x1b[24~");
    played.wait_for("after 2 of 3 commands");
    played.press("\x1b[D");
    played.wait_for("after 1 of 3 commands");
    assert!(!played.screen.screen().contents().contains("said-42"), "the terminal is as it was");
    played.press("x");
    played.wait_for("The 2 commands that came later");
    played.press("\r");
    played.wait_for("2 commands taken back");
    played.press("=7; echo went-$x\r");
    played.wait_for("went-7");
    played.kill();

    let mut played = Played::start(&home, &["sandbox"], 24, 80);
    played.wait_for("went-7");
    assert!(!played.screen.screen().contents().contains("said-42"));
    played.press("\x11");
    played.end();
}

#[test]
fn a_torn_journal_says_what_happened() {
    let home = home("torn");
    let mut played = Played::start(&home, &["sandbox"], 24, 80);
    played.wait_for("cloudshell");
    played.press("echo one-$((1+0))\r");
    played.wait_for("one-1");
    played.press("echo two-$((1+1))\r");
    played.wait_for("two-2");
    played.kill();
    let path = home.join("sandbox.jam");
    let text = std::fs::read(&path).expect("a journal");
    std::fs::write(&path, &text[..text.len() - 5]).expect("torn");
    let mut played = Played::start(&home, &["sandbox"], 24, 80);
    played.wait_for("had not reached the disk");
    played.press(" ");
    played.wait_for("one-1");
    assert!(!played.screen.screen().contents().contains("two-2"));
    played.press("\x11");
    played.end();
}

#[test]
fn who_begins_in_the_middle_stands_at_a_prompt() {
    let home = home("middle");
    // On the way there a terminal was opened in which `kubectl logs -f` still runs.
    let mut played = Played::start(&home, &["start", "orchestrating", "--step", "labels"], 36, 120);
    played.wait_for("15/24");
    played.press("echo prompt-$((20+22))\r");
    played.wait_for("prompt-42");
    played.kill();
}
