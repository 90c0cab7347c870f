//! The progress of a build on standard error: BuildKit's plain lines, its redrawn screen on a terminal, or nothing.
//! Never decides what is built.

use std::time::Duration;

use crate::base::SimTime;
use crate::image::process::LogStream;
use crate::machine::docker::work::{Progress as Far, WorkKind};
use crate::programs::docker::Docker;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Plain,
    Terminal,
    Quiet,
}

/// How often the screen of a build is redrawn while nothing ends.
pub const REDRAW: Duration = Duration::from_millis(150);
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

/// Something that a vertex does, with how long it took.
#[derive(Debug, Clone)]
struct Status {
    text: String,
    /// How far it is: `12.5MB / 64.4MB`; empty where nothing is counted.
    count: String,
    started: SimTime,
    finished: Option<SimTime>,
}

/// A line of the screen.
struct Job {
    line: String,
    completed: bool,
}

/// One vertex of the build graph.
#[derive(Debug, Clone)]
struct Vertex {
    name: String,
    state: State,
    started: SimTime,
    finished: SimTime,
    statuses: Vec<Status>,
    logs: Vec<String>,
    /// Where each line of the log was written to, as far as that is known.
    streams: Vec<LogStream>,
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
            streams: Vec::new(),
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
        let now = self.docker.call.sys.now();
        let (text, count) = (text.to_owned(), String::new());
        self.plain(&format!("#{} {text} done\n", vertex + 1)).await;
        self.vertices[vertex].statuses.push(Status { text, count, started: now, finished: Some(now) });
        self.draw().await;
    }

    /// Something that takes a vertex a while, `count` of it done so far; the plain lines have its end only.
    pub async fn under_way(&mut self, vertex: usize, text: &str, count: &str, finished: bool) {
        let now = self.docker.call.sys.now();
        let statuses = &mut self.vertices[vertex].statuses;
        let at = statuses.iter().position(|s| s.text == text).unwrap_or_else(|| {
            let text = text.to_owned();
            statuses.push(Status { text, count: String::new(), started: now, finished: None });
            statuses.len() - 1
        });
        count.clone_into(&mut statuses[at].count);
        statuses[at].finished = finished.then_some(now);
        if finished {
            let took = now.since(statuses[at].started).as_secs_f64();
            let took = if took > 0.01 { format!(" {took:.1}s") } else { String::new() };
            let count = if count.is_empty() { String::new() } else { format!(" {count}") };
            self.plain(&format!("#{} {text}{count}{took} done\n", vertex + 1)).await;
        }
        self.draw().await;
    }

    /// Redraws the screen, where there is one, with the time that has passed.
    pub async fn tick(&mut self) {
        self.draw().await;
    }

    /// Whether there is a screen that shows time passing.
    pub fn moves(&self) -> bool {
        self.mode == Mode::Terminal
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
    pub fn lines_of(&self, vertex: usize) -> Vec<(LogStream, String)> {
        let Some(vertex) = self.vertices.get(vertex) else { return Vec::new() };
        let text = |l: &String| l.split_once(' ').map_or("", |(_, text)| text).to_owned();
        vertex.streams.iter().copied().zip(vertex.logs.iter().map(text)).collect()
    }

    /// The latest line of a vertex's log was written there.
    pub fn note_stream(&mut self, vertex: usize, stream: LogStream) {
        if let Some(vertex) = self.vertices.get_mut(vertex) {
            vertex.streams.push(stream);
        }
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
        let rows = self.docker.call.io.stderr.tty().map_or(24, |tty| usize::from(tty.size().rows));
        let lines = self.lines(width, rows);
        for line in &lines {
            frame.push_str(line);
            frame.push('\n');
        }
        frame.push_str("\x1b[?25h");
        self.drawn_lines = lines.len();
        self.drawn_once = true;
        self.docker.err(frame).await;
    }

    /// The frame: a head, and as many lines as the screen holds; all of them once the build has ended.
    fn lines(&self, width: usize, rows: usize) -> Vec<String> {
        let now = self.docker.call.sys.now();
        let ended = self.vertices.iter().filter(|v| v.state != State::Running).count();
        let all = self.vertices.len();
        let exported =
            self.vertices.last().is_some_and(|v| v.name == "exporting to image" || v.state == State::Failed);
        let finished = if ended == all && exported { " FINISHED" } else { "" };
        let head =
            format!("[+] Building {:.1}s ({ended}/{all}){finished}", now.since(self.began).as_secs_f64());
        let mut lines = vec![aligned(&head, "docker:default", width)];
        let mut jobs = Vec::new();
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
            let completed = vertex.state != State::Running;
            jobs.push(Job { line: format!("{color}{line}{reset}"), completed });
            for status in &vertex.statuses {
                let completed = status.finished.is_some();
                let (color, reset) = match (completed, color) {
                    (false, _) => ("", ""),
                    (true, "") => ("\x1b[34m", "\x1b[0m"),
                    (true, color) => (color, "\x1b[0m"),
                };
                let took = status.finished.unwrap_or(now).since(status.started).as_secs_f64();
                let took = format!("{:.1}s", if took < 0.05 { 0.0 } else { took });
                let line = counted(&status.text, &status.count, &took, width);
                jobs.push(Job { line: format!("{color}{line}{reset}"), completed });
            }
            for warning in &vertex.warnings {
                let line = aligned(&format!(" => WARN: {warning}"), &seconds, width);
                jobs.push(Job { line: format!("\x1b[33m{line}\x1b[0m"), completed: true });
            }
            if vertex.state == State::Running {
                for log in vertex.logs.iter().rev().take(LOG_TAIL).rev() {
                    jobs.push(Job { line: aligned(&format!(" => => # {log}"), "", width), completed: false });
                }
            }
        }
        let room = if finished.is_empty() { rows.saturating_sub(2) } else { usize::MAX };
        lines.extend(wrapped(jobs, room).into_iter().map(|job| job.line));
        // A smaller frame must still cover the one before it.
        while lines.len() < self.drawn_lines {
            lines.push(" ".repeat(width.saturating_sub(1)));
        }
        lines
    }
}

/// The lines that fit: the last ones, and in place of ended ones among them those further up that still go on.
/// As BuildKit: util/progress/progressui/display.go, wrapHeight.
fn wrapped(mut jobs: Vec<Job>, limit: usize) -> Vec<Job> {
    if jobs.len() <= limit {
        return jobs;
    }
    let shown = jobs.split_off(jobs.len() - limit);
    let mut hidden: Vec<Job> = jobs.into_iter().filter(|job| !job.completed).collect();
    let mut places = hidden.len();
    let mut kept = Vec::new();
    let mut freed = 0;
    for job in shown {
        if job.completed && places > 0 {
            freed += 1;
        } else {
            kept.push(job);
        }
        places = places.saturating_sub(1);
    }
    let mut out = hidden.split_off(hidden.len() - freed.min(hidden.len()));
    out.extend(kept);
    out
}

/// A line of something under way: the count stays whole, the text gives way.
fn counted(text: &str, count: &str, took: &str, width: usize) -> String {
    if count.is_empty() {
        return aligned(&format!(" => => {text}"), took, width);
    }
    let room = width.saturating_sub(took.len() + count.len() + 3);
    let left: String = format!(" => => {text}").chars().take(room).collect();
    aligned(&format!("{left} {count}"), took, width)
}

/// Left and right text of a line of `width` columns; the left one is cut where they would meet.
fn aligned(left: &str, right: &str, width: usize) -> String {
    let room = width.saturating_sub(right.len() + 2);
    let cut: String = left.chars().take(room).collect();
    let blanks = width.saturating_sub(1 + cut.chars().count() + right.len());
    format!("{cut}{}{right}", " ".repeat(blanks))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(jobs: &str, limit: usize, expect: &str) {
        // A capital goes on, a small letter has ended.
        let jobs = jobs.chars().map(|c| Job { line: c.to_string(), completed: c.is_lowercase() }).collect();
        let shown: String = wrapped(jobs, limit).into_iter().map(|job| job.line).collect();
        assert_eq!(shown, expect);
    }

    #[test]
    fn what_goes_on_stays_on_a_small_screen() {
        check("abc", 3, "abc");
        check("abcde", 3, "cde");
        check("aBcde", 3, "Bde");
        check("ABcdE", 3, "ABE");
    }

    #[test]
    fn lines_are_as_wide_as_the_screen() {
        let line = counted(&"x".repeat(90), "12MB / 211.4MB", "1.2s", 80);
        assert_eq!(line.chars().count(), 79);
        assert!(line.ends_with(" 12MB / 211.4MB 1.2s"), "{line}");
        assert_eq!(aligned(" => a", "0.0s", 20), " => a          0.0s");
    }
}
