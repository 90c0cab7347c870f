//! The progress of a build on standard error: BuildKit's plain lines, its redrawn screen on a terminal, or nothing.
//! Never decides what is built.

use crate::base::SimTime;
use crate::machine::docker::work::{Progress as Far, WorkKind};
use crate::programs::docker::Docker;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Plain,
    Terminal,
    Quiet,
}

/// Log lines of a step that the screen and the summary of a failure show.
const LOG_TAIL: usize = 6;

/// How a vertex stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Running,
    Done,
    Cached,
    Failed,
}

/// One vertex of the build graph.
#[derive(Debug, Clone)]
struct Vertex {
    name: String,
    state: State,
    started: SimTime,
    finished: SimTime,
    statuses: Vec<String>,
    logs: Vec<String>,
    warnings: Vec<String>,
}

/// The vertices so far and how they are shown.
pub struct Progress<'a> {
    docker: &'a Docker,
    mode: Mode,
    began: SimTime,
    vertices: Vec<Vertex>,
    drawn_lines: usize,
    drawn_once: bool,
    warnings: Vec<String>,
    /// The engine's number of this work.
    work: u64,
}

impl<'a> Progress<'a> {
    /// `subject` is the name of what is built.
    pub async fn new(docker: &'a Docker, mode: Mode, subject: &str) -> Self {
        let began = docker.call.sys.now();
        let work = docker.begin_work(WorkKind::Build, subject);
        let mut progress = Progress {
            docker,
            mode,
            began,
            vertices: Vec::new(),
            drawn_lines: 0,
            drawn_once: false,
            warnings: Vec::new(),
            work,
        };
        match mode {
            Mode::Plain => {
                progress.plain("#0 building with \"default\" instance using docker driver\n").await
            }
            Mode::Terminal => progress.draw().await,
            Mode::Quiet => {}
        }
        progress
    }

    async fn plain(&self, text: &str) {
        if self.mode == Mode::Plain {
            self.docker.err(text).await;
        }
    }

    fn seconds(&self, vertex: &Vertex) -> f64 {
        let end = if vertex.state == State::Running { self.docker.call.sys.now() } else { vertex.finished };
        end.since(vertex.started).as_secs_f64()
    }

    /// A vertex begins; its number is returned.
    pub async fn begin(&mut self, name: &str) -> usize {
        let now = self.docker.call.sys.now();
        self.vertices.push(Vertex {
            name: name.to_owned(),
            state: State::Running,
            started: now,
            finished: now,
            statuses: Vec::new(),
            logs: Vec::new(),
            warnings: Vec::new(),
        });
        self.docker.work_part(self.work, name, Far::Moving { done: 0, of: 0 });
        let number = self.vertices.len();
        self.plain(&format!("\n#{number} {name}\n")).await;
        self.draw().await;
        number - 1
    }

    /// Something that a vertex did.
    pub async fn status(&mut self, vertex: usize, text: &str) {
        self.vertices[vertex].statuses.push(text.to_owned());
        self.plain(&format!("#{} {text} done\n", vertex + 1)).await;
        self.draw().await;
    }

    /// A line that a step wrote.
    pub async fn log(&mut self, vertex: usize, line: &str) {
        let seconds = self.docker.call.sys.now().since(self.vertices[vertex].started).as_secs_f64();
        let stamped = format!("{seconds:.3} {line}");
        self.plain(&format!("#{} {stamped}\n", vertex + 1)).await;
        self.vertices[vertex].logs.push(stamped);
        self.draw().await;
    }

    /// What a step wrote, without its times.
    pub fn lines_of(&self, vertex: usize) -> Vec<String> {
        let logs = self.vertices.get(vertex).map(|v| v.logs.as_slice()).unwrap_or_default();
        logs.iter().map(|l| l.split_once(' ').map_or(l.as_str(), |(_, line)| line).to_owned()).collect()
    }

    /// A finding about the Dockerfile. The plain lines have it only while its vertex is being printed.
    pub async fn warn(&mut self, vertex: usize, text: &str) {
        if self.vertices[vertex].state == State::Running {
            self.plain(&format!("#{} WARN: {text}\n", vertex + 1)).await;
        }
        self.vertices[vertex].warnings.push(text.to_owned());
        self.warnings.push(text.to_owned());
        self.draw().await;
    }

    /// A vertex is done.
    pub async fn done(&mut self, vertex: usize) {
        self.end(vertex, State::Done).await;
        let seconds = self.seconds(&self.vertices[vertex]);
        self.plain(&format!("#{} DONE {seconds:.1}s\n", vertex + 1)).await;
    }

    /// A vertex did not need to run.
    pub async fn cached(&mut self, vertex: usize) {
        self.end(vertex, State::Cached).await;
        self.plain(&format!("#{} CACHED\n", vertex + 1)).await;
    }

    /// A vertex failed.
    pub async fn failed(&mut self, vertex: usize, message: &str) {
        self.end(vertex, State::Failed).await;
        self.plain(&format!("#{} ERROR: {message}\n", vertex + 1)).await;
    }

    async fn end(&mut self, vertex: usize, state: State) {
        let far = match state {
            State::Running => Far::Moving { done: 0, of: 0 },
            State::Done => Far::Done,
            State::Cached => Far::There,
            State::Failed => Far::Failed,
        };
        self.docker.work_part(self.work, &self.vertices[vertex].name, far);
        self.vertices[vertex].state = state;
        self.vertices[vertex].finished = self.docker.call.sys.now();
        self.draw().await;
    }

    /// The summary of a vertex that failed: its name and the end of its output.
    pub async fn summary(&self, vertex: usize) {
        if self.mode == Mode::Quiet {
            return;
        }
        let failed = &self.vertices[vertex];
        let logs: String = failed.logs.iter().rev().take(LOG_TAIL).rev().map(|l| format!("{l}\n")).collect();
        self.docker.err(format!("------\n > {}:\n{logs}------\n", failed.name)).await;
    }

    /// The build is over, well or not.
    pub fn close(&self) {
        self.docker.engine(|engine, _| engine.works.end(self.work));
    }

    /// The findings once more, at the end.
    pub async fn finish(&self) {
        if self.warnings.is_empty() || self.mode == Mode::Quiet {
            return;
        }
        let count = self.warnings.len();
        let plural = if count == 1 { "warning" } else { "warnings" };
        let list: String = self.warnings.iter().map(|w| format!(" - {w}\n")).collect();
        self.docker
            .err(format!("\n \x1b[33m{count} {plural} found (use docker --debug to expand):\n\x1b[0m{list}"))
            .await;
    }

    /// Redraws the screen part of the build.
    async fn draw(&mut self) {
        if self.mode != Mode::Terminal {
            return;
        }
        let width = self.docker.columns(&self.docker.call.io.stderr).max(40);
        let mut frame = if self.drawn_once {
            "\x1b[1A".repeat(self.drawn_lines)
        } else {
            // The first frame moves up and down once: it stays where it is.
            "\x1b[1A\x1b[1B".to_owned()
        };
        frame.push_str("\x1b[0G\x1b[?25l");
        let lines = self.lines(width);
        for line in &lines {
            frame.push_str(line);
            frame.push('\n');
        }
        frame.push_str("\x1b[?25h");
        self.drawn_lines = lines.len();
        self.drawn_once = true;
        self.docker.err(frame).await;
    }

    fn lines(&self, width: usize) -> Vec<String> {
        let now = self.docker.call.sys.now();
        let ended = self.vertices.iter().filter(|v| v.state != State::Running).count();
        let all = self.vertices.len();
        let exported =
            self.vertices.last().is_some_and(|v| v.name == "exporting to image" || v.state == State::Failed);
        let finished = if ended == all && exported { " FINISHED" } else { "" };
        let head =
            format!("[+] Building {:.1}s ({ended}/{all}){finished}", now.since(self.began).as_secs_f64());
        let mut lines = vec![aligned(&head, "docker:default", width)];
        for vertex in &self.vertices {
            let (color, prefix) = match vertex.state {
                State::Running => ("", ""),
                State::Done => ("\x1b[34m", ""),
                State::Cached => ("\x1b[34m", "CACHED "),
                State::Failed => ("\x1b[31m", "ERROR "),
            };
            let reset = if color.is_empty() { "" } else { "\x1b[0m" };
            let seconds = format!("{:.1}s", self.seconds(vertex));
            let line = aligned(&format!(" => {prefix}{}", vertex.name), &seconds, width);
            lines.push(format!("{color}{line}{reset}"));
            for status in &vertex.statuses {
                let line = aligned(&format!(" => => {status}"), "0.0s", width);
                lines.push(format!("{color}{line}{reset}"));
            }
            for warning in &vertex.warnings {
                let line = aligned(&format!(" => WARN: {warning}"), &seconds, width);
                lines.push(format!("\x1b[33m{line}\x1b[0m"));
            }
            if vertex.state == State::Running {
                for log in vertex.logs.iter().rev().take(LOG_TAIL).rev() {
                    lines.push(aligned(&format!(" => => # {log}"), "", width));
                }
            }
        }
        // A smaller frame must still cover the one before it.
        while lines.len() < self.drawn_lines {
            lines.push(" ".repeat(width.saturating_sub(1)));
        }
        lines
    }
}

/// Left and right text of a line of `width` columns; the left one is cut where they would meet.
fn aligned(left: &str, right: &str, width: usize) -> String {
    let room = width.saturating_sub(right.len() + 2);
    let cut: String = left.chars().take(room).collect();
    let blanks = width.saturating_sub(1 + cut.chars().count() + right.len());
    format!("{cut}{}{right}", " ".repeat(blanks))
}
