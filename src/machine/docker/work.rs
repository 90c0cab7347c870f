//! What clients have the engine do: pulls, pushes and builds, with how far each part is. For whoever watches; never
//! causes anything and wakes nobody.

use std::collections::VecDeque;

/// Works remembered, ended ones included; the oldest go first.
pub const WORK_LIMIT: usize = 12;
/// Parts of one work that are told apart.
pub const PART_LIMIT: usize = 64;

/// What kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkKind {
    Pull,
    Push,
    Build,
}

/// How far a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Waiting,
    /// Bytes done, bytes in all; zero in all: under way without a measure.
    Moving {
        done: u64,
        of: u64,
    },
    /// Nothing to do: cached, or on the other side already.
    There,
    Done,
    Failed,
}

/// One layer, or one step of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// A layer's digest, or the step as BuildKit names it: `[2/3] WORKDIR /app`.
    pub name: String,
    pub progress: Progress,
}

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Counts up from 1.
    pub number: u64,
    pub kind: WorkKind,
    /// The image as docker shows its name.
    pub subject: String,
    /// Number of the client's process: work whose client is gone was given up.
    pub client: u32,
    pub parts: Vec<Part>,
    pub ended: bool,
}

/// The latest works.
#[derive(Debug, Clone, Default)]
pub struct Works {
    all: VecDeque<Work>,
    next: u64,
}

impl Works {
    /// Begins a piece of work; its number.
    pub fn begin(&mut self, kind: WorkKind, subject: &str, client: u32) -> u64 {
        self.next += 1;
        let subject = subject.to_owned();
        self.all.push_back(Work {
            number: self.next,
            kind,
            subject,
            client,
            parts: Vec::new(),
            ended: false,
        });
        if self.all.len() > WORK_LIMIT {
            self.all.pop_front();
        }
        self.next
    }

    /// Says how far a part is; a new name is a new part.
    pub fn part(&mut self, number: u64, name: &str, progress: Progress) {
        let Some(work) = self.all.iter_mut().find(|w| w.number == number) else { return };
        if let Some(part) = work.parts.iter_mut().find(|p| p.name == name) {
            part.progress = progress;
        } else if work.parts.len() < PART_LIMIT {
            work.parts.push(Part { name: name.to_owned(), progress });
        }
    }

    /// The work is over, well or not.
    pub fn end(&mut self, number: u64) {
        if let Some(work) = self.all.iter_mut().find(|w| w.number == number) {
            work.ended = true;
        }
    }

    /// Oldest first.
    pub fn list(&self) -> impl DoubleEndedIterator<Item = &Work> {
        self.all.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::{Progress, WORK_LIMIT, WorkKind, Works};

    #[test]
    fn parts_move_and_old_works_are_forgotten() {
        let mut works = Works::default();
        let first = works.begin(WorkKind::Pull, "nginx:latest", 7);
        works.part(first, "a1", Progress::Waiting);
        works.part(first, "a1", Progress::Moving { done: 1, of: 2 });
        works.end(first);
        let shown: Vec<_> = works.list().map(|w| (w.ended, w.parts[0].progress)).collect();
        assert_eq!(shown, [(true, Progress::Moving { done: 1, of: 2 })]);
        for _ in 0..WORK_LIMIT {
            works.begin(WorkKind::Build, "app", 8);
        }
        works.part(first, "a1", Progress::Done);
        assert_eq!(works.list().count(), WORK_LIMIT);
        assert!(works.list().all(|w| w.kind == WorkKind::Build));
    }
}
