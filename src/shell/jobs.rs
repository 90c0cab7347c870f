//! Jobs: pipelines the shell started and still remembers. It reads the state of processes and formats it; starting,
//! stopping and waiting are done elsewhere.

use crate::image::process::Signal;
use crate::world::process::State;
use crate::world::{ProcessId, Sys};

/// Jobs a shell remembers.
pub const MAX_JOBS: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    Running,
    Stopped(Signal),
    Done(i32),
}

#[derive(Debug, Clone)]
pub struct Member {
    pub id: ProcessId,
    pub pid: u32,
    /// How it ended, once somebody looked.
    pub status: Option<i32>,
}

#[derive(Debug, Clone)]
pub struct Job {
    pub number: u32,
    pub group: ProcessId,
    pub members: Vec<Member>,
    pub text: String,
    pub state: JobState,
    /// The change of state was not shown yet.
    pub unseen: bool,
    /// Not to be hung up when the shell ends.
    pub kept: bool,
}

/// The job table. Numbers are reused from the lowest when the table is empty.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    list: Vec<Job>,
    /// Most recent first: `%+` and `%-`.
    recent: Vec<u32>,
    /// Children that were not jobs of an interactive shell, by pid: what `wait PID` remembers.
    pub finished: Vec<(u32, i32)>,
}

impl Jobs {
    pub fn add(&mut self, group: ProcessId, members: Vec<Member>, text: String) -> u32 {
        let number = self.list.iter().map(|job| job.number).max().unwrap_or(0) + 1;
        let state = JobState::Running;
        self.list.push(Job { number, group, members, text, state, unseen: false, kept: false });
        self.touch(number);
        if self.list.len() > MAX_JOBS {
            self.list.retain(|job| !matches!(job.state, JobState::Done(_)));
        }
        number
    }

    /// Makes it the current job.
    pub fn touch(&mut self, number: u32) {
        self.recent.retain(|other| *other != number);
        self.recent.insert(0, number);
    }

    pub fn all(&self) -> &[Job] {
        &self.list
    }

    pub fn get_mut(&mut self, number: u32) -> Option<&mut Job> {
        self.list.iter_mut().find(|job| job.number == number)
    }

    pub fn get(&self, number: u32) -> Option<&Job> {
        self.list.iter().find(|job| job.number == number)
    }

    pub fn remove(&mut self, number: u32) {
        for job in self.list.iter().filter(|job| job.number == number) {
            if let (Some(last), JobState::Done(status)) = (job.members.last(), job.state) {
                self.finished.push((last.pid, status));
            }
        }
        if self.finished.len() > MAX_JOBS {
            self.finished.remove(0);
        }
        self.list.retain(|job| job.number != number);
        self.recent.retain(|other| *other != number);
    }

    pub fn by_pid(&self, pid: u32) -> Option<u32> {
        let found = self.list.iter().find(|job| job.members.iter().any(|member| member.pid == pid));
        found.map(|job| job.number)
    }

    /// Current (`+`) and previous (`-`) job: stopped ones before running ones.
    pub fn current(&self) -> (Option<u32>, Option<u32>) {
        let stopped =
            |number: &&u32| self.get(**number).is_some_and(|job| matches!(job.state, JobState::Stopped(_)));
        let mut order: Vec<u32> = self.recent.iter().filter(stopped).copied().collect();
        order.extend(self.recent.iter().filter(|number| !stopped(number)));
        (order.first().copied(), order.get(1).copied())
    }

    /// What `%spec` means. `Err` is the end of bash's message.
    pub fn find(&self, spec: &str) -> Result<u32, String> {
        let text = spec.strip_prefix('%').unwrap_or(spec);
        let (current, previous) = self.current();
        let missing = || format!("{spec}: no such job");
        match text {
            "" | "%" | "+" => return current.ok_or_else(|| "current: no such job".to_string()),
            "-" => return previous.or(current).ok_or_else(missing),
            _ => {}
        }
        if let Ok(number) = text.parse::<u32>() {
            return self.get(number).map(|job| job.number).ok_or_else(missing);
        }
        let matches: Vec<u32> = match text.strip_prefix('?') {
            Some(part) => {
                self.list.iter().filter(|job| job.text.contains(part)).map(|job| job.number).collect()
            }
            None => self.list.iter().filter(|job| job.text.starts_with(text)).map(|job| job.number).collect(),
        };
        match matches.as_slice() {
            [one] => Ok(*one),
            [] => Err(missing()),
            _ => Err(format!("{text}: ambiguous job spec")),
        }
    }

    /// Looks at the processes and notes what changed.
    pub fn refresh(&mut self, sys: &Sys) {
        for job in &mut self.list {
            if matches!(job.state, JobState::Done(_)) {
                continue;
            }
            let mut stopped = None;
            let mut running = false;
            for member in &mut job.members {
                if member.status.is_some() {
                    continue;
                }
                match sys.state_of(member.id) {
                    None => member.status = Some(0),
                    Some(State::Exited(status)) => member.status = Some(status),
                    Some(State::Stopped(signal)) => stopped = Some(signal),
                    Some(State::Alive) => running = true,
                }
            }
            let last = job.members.last().and_then(|member| member.status).unwrap_or(0);
            let state = match (running, stopped) {
                (true, _) => JobState::Running,
                (false, Some(signal)) => JobState::Stopped(signal),
                (false, None) => JobState::Done(last),
            };
            if state != job.state {
                job.unseen = state != JobState::Running;
                job.state = state;
            }
        }
    }

    /// One line of `jobs`; with `pid`, of `jobs -l`.
    pub fn line(&self, job: &Job, pid: bool) -> String {
        let (current, previous) = self.current();
        let mark = match job.number {
            number if Some(number) == current => '+',
            number if Some(number) == previous => '-',
            _ => ' ',
        };
        let pid = match (pid, job.members.first()) {
            (true, Some(member)) => format!("{} ", member.pid),
            _ => String::new(),
        };
        let state = job.state_text();
        let ampersand = if job.state == JobState::Running { " &" } else { "" };
        format!("[{}]{mark}  {pid}{state:<24}{}{ampersand}\n", job.number, job.text)
    }
}

impl Job {
    /// The word for its state, as `jobs` prints it.
    pub fn state_text(&self) -> String {
        match self.state {
            JobState::Running => "Running".into(),
            JobState::Stopped(_) => "Stopped".into(),
            JobState::Done(0) => "Done".into(),
            JobState::Done(status) => match death(status) {
                Some(text) => text.into(),
                None => format!("Exit {status}"),
            },
        }
    }
}

/// What bash prints about a child that a signal ended; `None` for an ordinary exit.
pub fn death(status: i32) -> Option<&'static str> {
    Some(match status {
        129 => "Hangup",
        130 => "Interrupt",
        131 => "Quit",
        134 => "Aborted",
        137 => "Killed",
        138 => "User defined signal 1",
        139 => "Segmentation fault",
        140 => "User defined signal 2",
        141 => "Broken pipe",
        142 => "Alarm clock",
        143 => "Terminated",
        _ => return None,
    })
}
