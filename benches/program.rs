//! The real program in a pseudo-terminal: from its start to the first frame, from a key to the first byte of what it
//! draws, and the memory it holds with a quest in play. Medians; the budgets are the design's.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark reads the wall clock, and a pseudo-terminal is read by a thread"
)]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

const STARTS: usize = 15;
const KEYS: usize = 40;
/// Longest wait for something to appear.
const PATIENCE: Duration = Duration::from_secs(20);
/// Nothing drawn for so long: the screen has settled.
const QUIET: Duration = Duration::from_millis(150);
/// The end of the last line of every frame.
const LAST_WORD: &[u8] = b"Quit";

fn main() {
    let home = std::env::temp_dir().join(format!("kubejam-program-{}", std::process::id()));
    println!("{:<52} {:>10} {:>10}", "what", "measured", "budget");
    for (what, args) in [("home", &[][..]), ("a quest's beginning", &["start", "docker"])] {
        let took = median(STARTS, || {
            std::fs::remove_dir_all(&home).ok();
            start_to_frame(&home, args)
        });
        println!("{:<52} {took:>7.2} ms {:>7} ms", format!("start to first frame: {what}"), 15);
    }
    std::fs::remove_dir_all(&home).ok();
    let mut played = Played::start(&home, &["start", "hello-node", "--step", "scale"]);
    played.settle();
    let key = median(KEYS, || played.key_to_byte());
    println!("{:<52} {key:>7.2} ms {:>7} ms", "key to first byte of its frame, 120x36", 1);
    if let Some(megabytes) = played.resident_mb() {
        println!("{:<52} {megabytes:>7.1} MB {:>7} MB", "memory, quest in play", 30);
    }
    played.kill();
    std::fs::remove_dir_all(&home).ok();
}

fn start_to_frame(home: &Path, args: &[&str]) -> Duration {
    let begin = Instant::now();
    let mut played = Played::start(home, args);
    played.wait_for(LAST_WORD);
    let took = begin.elapsed();
    played.kill();
    took
}

fn median(runs: usize, mut run: impl FnMut() -> Duration) -> f64 {
    let mut all: Vec<Duration> = (0..runs).map(|_| run()).collect();
    all.sort();
    all[all.len() / 2].as_secs_f64() * 1000.0
}

struct Played {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
}

impl Played {
    fn start(home: &Path, args: &[&str]) -> Played {
        let size = PtySize { rows: 36, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_kubejam"));
        command.args(args);
        command.env("KUBEJAM_HOME", home);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("LANG", "C.UTF-8");
        let child = pair.slave.spawn_command(command).expect("kubejam starts");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let (send, bytes) = channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 65_536];
            while let Ok(count) = reader.read(&mut chunk) {
                if count == 0 || send.send(chunk[..count].to_vec()).is_err() {
                    break;
                }
            }
            drop(pair);
        });
        Played { child, keys, bytes }
    }

    fn wait_for(&mut self, word: &[u8]) {
        let mut shown = Vec::new();
        while !shown.windows(word.len()).any(|part| part == word) {
            shown.extend(self.bytes.recv_timeout(PATIENCE).expect("the frame appears"));
        }
    }

    fn settle(&mut self) {
        self.wait_for(LAST_WORD);
        self.rest();
    }

    fn rest(&mut self) {
        while self.bytes.recv_timeout(QUIET) != Err(RecvTimeoutError::Timeout) {}
    }

    fn key_to_byte(&mut self) -> Duration {
        self.rest();
        let begin = Instant::now();
        self.keys.write_all(b"a").and_then(|()| self.keys.flush()).expect("the key is taken");
        self.bytes.recv_timeout(PATIENCE).expect("an answer");
        begin.elapsed()
    }

    /// What the system says the program holds; `None` where it does not say.
    fn resident_mb(&self) -> Option<f64> {
        let path = PathBuf::from(format!("/proc/{}/status", self.child.process_id()?));
        let status = std::fs::read_to_string(path).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kilobytes / 1024.0)
    }

    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}
