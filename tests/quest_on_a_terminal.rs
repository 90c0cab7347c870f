//! Whole quests, typed into the real program in a real pseudo-terminal from the first screen to their end.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "these tests run a program of the host and wait for it"
)]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use kubejam::lesson::course::{Course, Quest};
use kubejam::lesson::format::{Action, FullAction, Step};
use kubejam::lesson::template;
use kubejam::session::journal::Journal;
use kubejam::session::play::Play;
use kubejam::session::{Start, WorldKind};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long a condition may take to come true before the test fails with the screen.
const PATIENCE: Duration = Duration::from_secs(120);
const LEARNER: &str = "student-7f3a";
/// How fast virtual time runs.
const SPEED: u32 = 30;

/// The program on a pseudo-terminal.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    fn start(home: &Path, args: &[&str]) -> Terminal {
        let size = PtySize { rows: 40, cols: 140, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_kubejam"));
        command.args(args);
        command.env("KUBEJAM_HOME", home);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "en_US.UTF-8");
        let child = pair.slave.spawn_command(command).expect("the program");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let rows = std::num::NonZeroU16::new(40).expect("rows");
        let cols = std::num::NonZeroU16::new(140).expect("columns");
        Terminal { child, writer, output, parser: vt100::Parser::new(rows, cols, 0), _master: pair.master }
    }

    fn type_text(&mut self, text: &str) {
        self.writer.write_all(text.as_bytes()).and_then(|()| self.writer.flush()).expect("the program reads");
    }

    fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    /// Waits until `holds`; fails with the screen.
    fn wait(&mut self, what: &str, mut holds: impl FnMut(&str) -> bool) {
        let until = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if holds(&screen) {
                return;
            }
            assert!(Instant::now() < until, "{what} did not happen; the screen:\n{screen}");
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(50)) {
                self.parser.process(&bytes);
            }
        }
    }

    /// Waits until the shell asks for a command on the line of the cursor.
    fn wait_for_prompt(&mut self) {
        let until = Instant::now() + PATIENCE;
        loop {
            let screen = self.parser.screen();
            let (row, col) = screen.cursor_position();
            let line = screen.contents_between(row, 0, row, col);
            // A shell in a container asks as root.
            if line.trim_end().ends_with(")$") || line.trim_end().ends_with('#') {
                return;
            }
            assert!(Instant::now() < until, "no prompt; the screen:\n{}", self.screen());
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(50)) {
                self.parser.process(&bytes);
            }
        }
    }

    fn first_line(&self) -> String {
        let screen = self.parser.screen();
        screen.contents_between(0, 0, 0, screen.size().1.get())
    }

    /// The program's own clock, in seconds, as the first line shows it.
    fn clock(&self) -> u64 {
        let line = self.first_line();
        let shown = line.split_whitespace().find(|word| {
            word.contains(':') && word.chars().all(|letter| letter.is_ascii_digit() || letter == ':')
        });
        let parts = shown.unwrap_or_default().split(':').filter_map(|part| part.parse::<u64>().ok());
        parts.fold(0, |sum, part| sum * 60 + part)
    }

    /// Whether the program's clock stands, as nothing is due.
    fn is_idle(&self) -> bool {
        self.first_line().contains(&format!("\u{25cb} {SPEED}x"))
    }

    /// Lets the program's clock run for some seconds of its own time, however slow the machine; a clock that stands,
    /// as nothing is due, has nothing more to show.
    fn pass_time(&mut self, virtual_seconds: u32) {
        let (begin, end) = (Instant::now(), self.clock() + u64::from(virtual_seconds) + 1);
        let least = Duration::from_secs(u64::from(virtual_seconds)) / SPEED;
        while begin.elapsed() < least || (self.clock() < end && !self.is_idle()) {
            assert!(begin.elapsed() < PATIENCE, "the clock does not go on; the screen:\n{}", self.screen());
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.parser.process(&bytes);
            }
        }
    }

    fn kill(mut self) {
        self.child.kill().expect("the program can be killed");
        self.child.wait().expect("it ends");
    }
}

/// A fresh directory for progress and journals, with a known learner.
fn home(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("kubejam-{name}-{}", std::process::id()));
    let _absent = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("a directory");
    std::fs::write(dir.join("learner.json"), format!("{{\"id\":\"{LEARNER}\",\"lang\":\"en\"}}"))
        .expect("a learner");
    dir
}

fn passed(home: &Path, quest: &str, step: &str) -> bool {
    let text = std::fs::read_to_string(home.join("progress.json")).unwrap_or_default();
    let progress: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let steps = progress["quests"][quest]["passed"].as_array().cloned().unwrap_or_default();
    steps.iter().any(|s| s == step)
}

/// The names that prose and commands use, as the journal on disk leads to them.
fn names(home: &Path, quest: &Rc<Quest>) -> BTreeMap<String, String> {
    let text = std::fs::read(home.join(format!("{}.jam", quest.id()))).expect("a journal");
    let journal = Journal::parse(&text).expect("a sound journal");
    let header = journal.header;
    let mut start = Start::new(&header.learner, header.start, WorldKind::CloudShell);
    (start.seed, start.size, start.quest) = (header.seed, header.size, Some(Rc::clone(quest)));
    let (mut play, _) = Play::resume(start, journal.entries);
    let later = play.session().now() + Duration::from_secs(30);
    play.advance(later);
    play.session().run().map(|run| run.names().clone()).unwrap_or_default()
}

/// Types what a step's solution says.
struct Typist<'a> {
    terminal: Terminal,
    home: &'a Path,
    quest: Rc<Quest>,
    tabs: usize,
    tab: usize,
}

impl Typist<'_> {
    fn go_to_tab(&mut self, tab: usize) {
        while self.tabs < tab {
            self.terminal.type_text("\u{14}");
            self.tabs += 1;
            self.tab = self.tabs;
            self.terminal.wait_for_prompt();
        }
        while self.tab != tab {
            self.terminal.type_text("\u{f}");
            self.tab = self.tab % self.tabs + 1;
        }
    }

    fn play(&mut self, step: &Step) {
        for action in &step.solution {
            match action {
                Action::Line(line) => {
                    self.line(&FullAction { line: Some(line.clone()), terminal: 1, ..FullAction::default() })
                }
                Action::Full(action) => self.full(step, action),
            }
        }
    }

    fn full(&mut self, step: &Step, action: &FullAction) {
        if let Some(choice) = &action.answer {
            let asked = step.questions.iter().chain(&step.predict);
            let index =
                asked.flat_map(|q| q.choices.iter().position(|c| c == choice)).next().expect("a choice");
            self.terminal.wait("the question", |screen| screen.contains("Press 1-"));
            let before = self.terminal.screen();
            self.terminal.type_text(&char::from(b'1' + index as u8).to_string());
            self.terminal.wait("the answer", |screen| screen != before);
        } else if action.press.is_some() {
            self.go_to_tab(action.terminal);
            self.terminal.type_text("\u{3}");
            self.terminal.wait_for_prompt();
        } else if let Some(seconds) = action.wait_s {
            self.terminal.pass_time(seconds);
        } else {
            self.line(action);
        }
    }

    fn line(&mut self, action: &FullAction) {
        self.go_to_tab(action.terminal);
        self.terminal.wait_for_prompt();
        let typed = action.line.as_deref().unwrap_or_default();
        let text = match template::variables(typed).is_empty() {
            true => typed.to_owned(),
            false => template::fill(typed, &names(self.home, &self.quest)),
        };
        for line in text.trim_end_matches('\n').split('\n') {
            self.terminal.type_text(&format!("{line}\r"));
        }
        for (from, to) in &action.edit {
            self.terminal.wait("vi", |screen| screen.contains("apiVersion"));
            self.terminal.type_text(&format!(":%s#{from}#{to}#\r:wq\r"));
        }
        if !action.stays {
            self.terminal.wait_for_prompt();
        }
    }
}

/// Types a quest's solutions from its first screen to "quest complete".
fn check(id: &str) {
    let home = home(id);
    let course = Course::embedded().expect("the lessons");
    let quest = Rc::clone(course.quest(id).expect("the quest"));
    let terminal = Terminal::start(&home, &["start", id, "--speed", &SPEED.to_string(), "--no-animation"]);
    let mut typist = Typist { terminal, home: &home, quest: Rc::clone(&quest), tabs: 1, tab: 1 };
    let last = quest.lesson.steps.len() - 1;
    typist.terminal.wait("the first screen", |screen| screen.contains(&format!("1/{}", last + 1)));
    for (index, step) in quest.lesson.steps.iter().enumerate() {
        typist.play(step);
        let dir = home.clone();
        typist.terminal.wait(&format!("passing {}", step.id), |_| passed(&dir, id, &step.id));
        if index < last {
            typist.terminal.type_text("\u{1b}[19~");
            let shown = format!("{}/{}", index + 2, last + 1);
            typist.terminal.wait("the next step", |screen| screen.contains(&shown));
        }
    }
    let text = std::fs::read_to_string(home.join("progress.json")).expect("progress");
    assert!(text.contains("\"complete\": true"), "{text}");
    typist.terminal.kill();
    let _left = std::fs::remove_dir_all(&home);
}

#[test]
fn introduction_to_docker_is_typed_from_the_first_screen_to_quest_complete() {
    check("docker");
}

#[test]
fn hello_node_is_typed_from_the_first_screen_to_quest_complete() {
    check("hello-node");
}

#[test]
fn orchestrating_is_typed_from_the_first_screen_to_quest_complete() {
    check("orchestrating");
}
