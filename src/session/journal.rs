//! The journal: how a session began and every input with its time, as JSON Lines. Same seed and journal, same
//! bytes. Must never read or write a file; `edge::storage` does.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::{Seed, SimTime};
use crate::world::tty::Size;

use super::{Input, Session, Start, WorldKind};

/// The version of this format.
pub const FORMAT: u32 = 1;

/// The version of the simulator: a journal replays only on the one that wrote it. It grows whenever the same inputs
/// may lead to other bytes.
pub const SIMULATOR: u32 = 1;

/// Most bytes of one line.
pub const LINE_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// Most inputs of one journal.
pub const ENTRY_LIMIT: usize = 200_000;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Always `kubejam`.
    pub journal: String,
    /// [`FORMAT`].
    pub format: u32,
    /// [`SIMULATOR`].
    pub simulator: u32,
    /// The quest's id; none in free play.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quest: Option<String>,
    /// The digest of the quest's content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The world, when there is no quest to say so.
    pub world: String,
    /// The learner's id.
    pub learner: String,
    /// The learner's name, as they want it on a record.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The seed.
    pub seed: Seed,
    /// When it began, milliseconds since the epoch.
    pub start: SimTime,
    /// The terminals' size at the beginning.
    pub size: Size,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since the beginning.
    pub at: u64,
    /// What the learner did.
    #[serde(flatten)]
    pub input: Input,
}

/// The last line of a completed quest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    /// The digest of the end state.
    pub end: String,
}

/// A journal as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// How it began.
    pub header: Header,
    /// The inputs.
    pub entries: Vec<Entry>,
    /// Present once the quest was completed.
    pub footer: Option<Footer>,
    /// Bytes of the text up to the end of the last whole line; what follows was torn off in the middle.
    pub sound_bytes: usize,
}

/// What is wrong with a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Not a journal at all.
    #[error("this is not a KubeJam journal")]
    Foreign,
    /// Written by another version.
    #[error("written by another version of KubeJam (simulator {0}, this one is {SIMULATOR})")]
    OtherVersion(u32),
    /// A line in the middle cannot be read.
    #[error("line {line} cannot be read: {message}")]
    Line {
        /// Counting from 1.
        line: usize,
        /// What the reader said.
        message: String,
    },
    /// Beyond a limit.
    #[error("too large: more than {ENTRY_LIMIT} inputs, or a line of more than {LINE_LIMIT_BYTES} bytes")]
    TooLarge,
}

impl Header {
    /// The header of a session that begins so.
    pub fn of(start: &Start, name: &str) -> Self {
        Header {
            journal: "kubejam".into(),
            format: FORMAT,
            simulator: SIMULATOR,
            quest: start.quest.as_ref().map(|q| q.id().to_owned()),
            content: start.quest.as_ref().map(|q| q.digest.clone()),
            world: start.world.name().into(),
            learner: start.learner.clone(),
            name: name.to_owned(),
            seed: start.seed,
            start: start.at,
            size: start.size,
        }
    }

    /// The line, newline included.
    pub fn line(&self) -> String {
        line_of(self)
    }
}

impl Entry {
    /// The line, newline included.
    pub fn line(&self) -> String {
        line_of(self)
    }
}

impl Footer {
    /// The footer of a session that reached its end.
    pub fn of(session: &Session) -> Self {
        Footer { end: end_digest(session) }
    }

    /// The line, newline included.
    pub fn line(&self) -> String {
        line_of(self)
    }
}

fn line_of(value: &impl Serialize) -> String {
    let mut line = serde_json::to_string(value).unwrap_or_default();
    line.push('\n');
    line
}

impl Journal {
    /// Reads a journal's text. A last line without its newline was torn off and is dropped.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn parse(text: &[u8]) -> Result<Self, JournalError> {
        let sound_bytes = text.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let mut lines = text[..sound_bytes].split(|&b| b == b'\n').enumerate();
        let (_, first) = lines.next().ok_or(JournalError::Foreign)?;
        let header = parse_header(first)?;
        let mut entries: Vec<Entry> = Vec::new();
        let mut footer = None;
        for (index, line) in lines.filter(|(_, line)| !line.is_empty()) {
            if line.len() > LINE_LIMIT_BYTES || entries.len() >= ENTRY_LIMIT {
                return Err(JournalError::TooLarge);
            }
            let wrong = |e: serde_json::Error| JournalError::Line { line: index + 1, message: e.to_string() };
            if line.starts_with(b"{\"end\":") {
                footer = Some(serde_json::from_slice(line).map_err(wrong)?);
                continue;
            }
            let entry: Entry = serde_json::from_slice(line).map_err(wrong)?;
            let before = entries.last().filter(|last| !matches!(last.input, Input::Undo | Input::Redo));
            if before.is_some_and(|last| last.at > entry.at) {
                let message = "its time lies before the line above".to_owned();
                return Err(JournalError::Line { line: index + 1, message });
            }
            footer = None;
            entries.push(entry);
        }
        Ok(Journal { header, entries, footer, sound_bytes })
    }
}

fn parse_header(line: &[u8]) -> Result<Header, JournalError> {
    #[derive(Deserialize)]
    struct Version {
        journal: String,
        format: u32,
        simulator: u32,
    }
    if line.len() > LINE_LIMIT_BYTES {
        return Err(JournalError::Foreign);
    }
    let version: Version = serde_json::from_slice(line).map_err(|_| JournalError::Foreign)?;
    if version.journal != "kubejam" {
        return Err(JournalError::Foreign);
    }
    if version.format != FORMAT || version.simulator != SIMULATOR {
        return Err(JournalError::OtherVersion(version.simulator));
    }
    let wrong = |e: serde_json::Error| JournalError::Line { line: 1, message: e.to_string() };
    serde_json::from_slice(line).map_err(wrong)
}

/// A digest of everything that can be seen of a session's state.
pub fn end_digest(session: &Session) -> String {
    let mut hash = Sha256::new();
    session.view(|world| {
        hash.update(world.now.0.to_le_bytes());
        hash.update(world.epoch().to_le_bytes());
        for cluster in world.cloud.clusters.values() {
            hash.update(cluster.key());
            hash.update(cluster.cluster.digest());
        }
        for host in world.hosts.values() {
            hash.update(&host.hostname);
            for (path, entry) in host.files.walk("/") {
                hash.update(path);
                hash.update(entry.size().to_le_bytes());
            }
        }
    });
    if let Some(run) = session.run() {
        hash.update(run.quest().id());
        hash.update([run.step_index() as u8, u8::from(run.complete())]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl WorldKind {
    /// Its name on the command line and in journals.
    pub fn name(self) -> &'static str {
        match self {
            WorldKind::CloudShell => "cloudshell",
            WorldKind::Cluster => "cluster",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        [WorldKind::CloudShell, WorldKind::Cluster].into_iter().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> String {
        Header::of(&Start::new("student-1", SimTime(1_000), WorldKind::CloudShell), "Min").line()
    }

    fn check(rest: &str, expect: &str) {
        let parsed = Journal::parse(format!("{}{rest}", header()).as_bytes());
        let said = match parsed {
            Ok(journal) => format!("{} inputs, end {}", journal.entries.len(), journal.footer.is_some()),
            Err(error) => error.to_string(),
        };
        assert_eq!(said, expect);
    }

    #[test]
    fn reads_what_it_writes() {
        let input = Input::Line { terminal: 1, text: "kubectl get pods".into() };
        let entry = Entry { at: 1500, input };
        assert_eq!(
            entry.line(),
            "{\"at\":1500,\"do\":\"line\",\"terminal\":1,\"text\":\"kubectl get pods\"}\n"
        );
        check(&entry.line(), "1 inputs, end false");
        check(&format!("{}{{\"end\":\"ab\"}}\n", entry.line()), "1 inputs, end true");
    }

    #[test]
    fn a_torn_last_line_is_dropped_and_other_damage_is_named() {
        check("{\"at\":1,\"do\":\"hint\"}\n{\"at\":2,\"do\":\"li", "1 inputs, end false");
        check(
            "{\"at\":9,\"do\":\"hint\"}\n{\"at\":2,\"do\":\"hint\"}\n",
            "line 3 cannot be read: its time lies before the line above",
        );
        let unknown = "line 2 cannot be read: unknown variant `fly`";
        let parsed = Journal::parse(format!("{}{{\"at\":1,\"do\":\"fly\"}}\n", header()).as_bytes());
        assert!(parsed.is_err_and(|e| e.to_string().starts_with(unknown)));
    }

    #[test]
    fn foreign_files_are_refused() {
        assert_eq!(Journal::parse(b""), Err(JournalError::Foreign));
        assert_eq!(Journal::parse(b"hello\n"), Err(JournalError::Foreign));
        let newer = header().replace("\"simulator\":1", "\"simulator\":99");
        assert_eq!(Journal::parse(newer.as_bytes()), Err(JournalError::OtherVersion(99)));
    }
}
