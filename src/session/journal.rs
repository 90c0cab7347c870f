//! The journal: how a session began and every input with its time, as sealed JSON Lines. Same seed and journal, same
//! bytes. Must never read or write a file; `edge::storage` does.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::{Seed, SimTime};
use crate::world::tty::Size;

use super::seal::Seal;
use super::{Input, Session, Start, WorldKind};

/// The version of this format.
pub const FORMAT: u32 = 2;

/// The version of the simulator: a journal replays only on the one that wrote it. It grows whenever the same inputs
/// may lead to other bytes.
pub const SIMULATOR: u32 = 2;

/// Most bytes of one line.
pub const LINE_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// Most inputs of one journal.
pub const ENTRY_LIMIT: usize = 200_000;

/// Longest time from the beginning to an input, in milliseconds: sixty days of running clock.
pub const SPAN_LIMIT_MS: u64 = 60 * 24 * 3600 * 1000;

/// Sessions begin between these moments, 2000 and 2100: a clock that says anything else is not believed.
pub const BELIEVABLE: std::ops::Range<u64> = 946_684_800_000..4_102_444_800_000;

/// Most bytes of a learner's id, and of the names of quest, step and world.
const ID_LIMIT_BYTES: usize = 64;
/// Most bytes of a learner's name.
const NAME_LIMIT_BYTES: usize = 400;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Always `kubejam`.
    pub journal: String,
    /// [`FORMAT`].
    pub format: u32,
    /// [`SIMULATOR`].
    pub simulator: u32,
    /// The program's version, for people.
    #[serde(default)]
    pub program: String,
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
    /// How many of the first inputs the program played itself, to begin at a later step.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub given: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
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

/// The line after which a quest was complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    /// The digest of the end state.
    pub end: String,
    /// When, in milliseconds since the beginning.
    pub at: u64,
    /// The day, as the computer's calendar had it: `2026-11-28`. Only a claim.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub on: String,
    /// The learner's name, when it was chosen later than the header was written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// A quest's completion in a journal. Play may have gone on after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// What stands there.
    pub footer: Footer,
    /// Its line, from 1.
    pub line: usize,
    /// How many entries stand before it.
    pub after: usize,
    /// The record's digest.
    pub digest: String,
}

/// A journal as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// How it began.
    pub header: Header,
    /// The inputs.
    pub entries: Vec<Entry>,
    /// Line of each input, from 1.
    pub lines: Vec<usize>,
    /// The first footer.
    pub ended: Option<Ended>,
    /// Bytes of the text up to the end of the last sound line.
    pub sound_bytes: usize,
    /// The seal there.
    pub seal: Seal,
    /// Whether a last line was torn off in the middle.
    pub torn: bool,
}

/// What is wrong with a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Not a journal at all.
    #[error("this is not a KubeJam journal: {0}")]
    Foreign(&'static str),
    /// Written by another version.
    #[error(
        "written by another version of KubeJam ({0}; this one has format {FORMAT}, simulator {SIMULATOR})"
    )]
    OtherVersion(String),
    /// A line in the middle cannot be read.
    #[error("line {line}: {message}")]
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
            program: env!("CARGO_PKG_VERSION").into(),
            quest: start.quest.as_ref().map(|q| q.id().to_owned()),
            content: start.quest.as_ref().map(|q| q.digest.clone()),
            world: start.world.name().into(),
            learner: start.learner.clone(),
            name: name.to_owned(),
            seed: start.seed,
            start: start.at,
            size: start.size,
            given: 0,
        }
    }

    /// How the session begins, with the quest that the header names.
    pub fn begin(&self, quest: Option<std::rc::Rc<crate::lesson::course::Quest>>) -> Option<Start> {
        Some(Start {
            seed: self.seed,
            learner: self.learner.clone(),
            at: self.start,
            world: WorldKind::parse(&self.world)?,
            quest,
            size: self.size,
        })
    }

    fn wrong(&self) -> Option<&'static str> {
        let ids = [Some(&self.learner), Some(&self.world), self.quest.as_ref()];
        if !ids.into_iter().flatten().all(|text| is_id(text)) {
            return Some("an id is longer or other than ids are");
        }
        if self.name.len() > NAME_LIMIT_BYTES {
            return Some("the name is longer than names are");
        }
        (!BELIEVABLE.contains(&self.start.0)).then_some("it begins at a time that cannot be")
    }
}

/// Whether a text can be the id of a learner, a quest, a world.
pub fn is_id(text: &str) -> bool {
    let byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=ID_LIMIT_BYTES).contains(&text.len()) && text.bytes().all(byte)
}

impl Footer {
    /// The footer of a session that has just reached its end.
    pub fn of(session: &Session) -> Self {
        let at = session.now().0.saturating_sub(session.start().at.0);
        Footer { end: end_digest(session), at, on: String::new(), name: String::new() }
    }
}

/// Puts the lines of a journal down, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    seal: Seal,
}

impl Lines {
    /// Goes on after a seal.
    pub fn after(seal: Seal) -> Self {
        Lines { seal }
    }

    /// The next line: of a header, an entry or a footer. Newline included.
    pub fn line(&mut self, value: &impl Serialize) -> String {
        self.seal.close(&serde_json::to_string(value).unwrap_or_default())
    }

    /// The digest of a record that ends here with a footer.
    pub fn digest(&self, footer: &Footer) -> String {
        self.seal.digest(&footer.end, footer.at)
    }

    /// A whole journal.
    pub fn all(header: &Header, entries: &[Entry], footer: Option<&Footer>) -> String {
        let mut lines = Lines::default();
        let mut text = lines.line(header);
        for entry in entries {
            text.push_str(&lines.line(entry));
        }
        text.push_str(&footer.map(|footer| lines.line(footer)).unwrap_or_default());
        text
    }
}

impl Journal {
    /// Reads a journal's text. A last line without its newline was torn off and is dropped.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn parse(text: &[u8]) -> Result<Self, JournalError> {
        let (journal, error) = Journal::salvage(text)?;
        error.map_or(Ok(journal), Err)
    }

    /// Reads what can be read: everything before the first line that is damaged, and what is wrong with that one. A
    /// damaged last line counts as torn: it was never confirmed to anybody.
    ///
    /// # Errors
    /// When not even the first line can be read.
    pub fn salvage(text: &[u8]) -> Result<(Self, Option<JournalError>), JournalError> {
        let body = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let bom = text.len() - body.len();
        let end = body.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        if end == 0 {
            return Err(JournalError::Foreign(foreign(text)));
        }
        let mut lines = body[..end].split_inclusive(|&b| b == b'\n').enumerate();
        let first = lines.next().map_or(&[][..], |(_, line)| line);
        let mut reader = Reader::begin(first, text)?;
        reader.journal.sound_bytes = bom + first.len();
        for (index, line) in lines {
            if let Err(error) = reader.line(index + 1, line) {
                return Ok((reader.journal, Some(error)));
            }
            reader.journal.sound_bytes += line.len();
        }
        reader.journal.torn = end < body.len();
        Ok((reader.journal, None))
    }
}

/// Reads line after line.
struct Reader {
    journal: Journal,
    seal: Seal,
}

impl Reader {
    fn begin(line: &[u8], text: &[u8]) -> Result<Self, JournalError> {
        #[derive(Deserialize)]
        struct Version {
            journal: String,
            format: u32,
            simulator: u32,
        }
        let line = trimmed(line);
        let not_ours = || JournalError::Foreign(foreign(text));
        if line.len() > LINE_LIMIT_BYTES {
            return Err(not_ours());
        }
        let version: Version = serde_json::from_slice(line).map_err(|_| not_ours())?;
        if version.journal != "kubejam" {
            return Err(not_ours());
        }
        if version.format != FORMAT || version.simulator != SIMULATOR {
            let theirs = format!("format {}, simulator {}", version.format, version.simulator);
            return Err(JournalError::OtherVersion(theirs));
        }
        let wrong = |message: &str| JournalError::Line { line: 1, message: message.to_owned() };
        let mut seal = Seal::default();
        let object = seal.open(line).ok_or_else(|| wrong(CHANGED))?;
        let header: Header = serde_json::from_slice(&object).map_err(|e| wrong(&e.to_string()))?;
        if let Some(message) = header.wrong() {
            return Err(wrong(message));
        }
        let journal = Journal {
            header,
            entries: Vec::new(),
            lines: Vec::new(),
            ended: None,
            sound_bytes: 0,
            seal: seal.clone(),
            torn: false,
        };
        Ok(Reader { journal, seal })
    }

    fn line(&mut self, number: usize, line: &[u8]) -> Result<(), JournalError> {
        let line = trimmed(line);
        if line.is_empty() {
            return Ok(());
        }
        let journal = &mut self.journal;
        if line.len() > LINE_LIMIT_BYTES || journal.entries.len() >= ENTRY_LIMIT {
            return Err(JournalError::TooLarge);
        }
        let wrong = |message: String| JournalError::Line { line: number, message };
        let before = self.seal.clone();
        let object = self.seal.open(line).ok_or_else(|| wrong(CHANGED.to_owned()))?;
        if object.starts_with(b"{\"end\":") {
            let footer: Footer = serde_json::from_slice(&object).map_err(|e| wrong(e.to_string()))?;
            if footer.at > SPAN_LIMIT_MS || footer.name.len() > NAME_LIMIT_BYTES {
                return Err(wrong(ABSURD.to_owned()));
            }
            if journal.ended.is_none() {
                let digest = before.digest(&footer.end, footer.at);
                journal.ended = Some(Ended { footer, line: number, after: journal.entries.len(), digest });
            }
        } else {
            let entry: Entry = serde_json::from_slice(&object).map_err(|e| wrong(e.to_string()))?;
            let earlier = journal
                .entries
                .last()
                .is_some_and(|last| last.at > entry.at && !matches!(last.input, Input::Undo | Input::Redo));
            if earlier || entry.at > SPAN_LIMIT_MS {
                return Err(wrong(if earlier { EARLIER } else { ABSURD }.to_owned()));
            }
            journal.entries.push(entry);
            journal.lines.push(number);
        }
        journal.seal = self.seal.clone();
        Ok(())
    }
}

const CHANGED: &str = "it was changed, or a line before it was moved or left out";
const EARLIER: &str = "its time lies before the line above";
const ABSURD: &str = "its time or its name cannot be";

/// Without its line end, also one that a mail program made.
fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Why a text is no journal, as far as its first bytes tell.
fn foreign(text: &[u8]) -> &'static str {
    match text {
        [] => "it is empty",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it was converted to UTF-16; send the file as it was written",
        [b'P', b'K', 3, 4, ..] => "it is a ZIP archive; unpack it first",
        [0x1f, 0x8b, ..] => "it is compressed; unpack it first",
        _ => "its first line is not a journal's",
    }
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

    fn header() -> Header {
        Header::of(&Start::new("student-1", SimTime(1_795_351_539_000), WorldKind::CloudShell), "Min")
    }

    fn typed(at: u64, text: &str) -> Entry {
        Entry { at, input: Input::Line { terminal: 1, text: text.into() } }
    }

    /// A journal of two lines, changed; what reading it says.
    fn check(change: impl Fn(&str) -> String, expect: &str) {
        let footer = Footer { end: "ab".into(), at: 9, on: "2026-11-28".into(), name: String::new() };
        let text = change(&Lines::all(&header(), &[typed(1, "date"), typed(5, "ls")], Some(&footer)));
        let said = match Journal::salvage(text.as_bytes()) {
            Ok((journal, error)) => {
                let end = if journal.ended.is_some() { ", the end" } else { "" };
                let torn = if journal.torn { ", torn" } else { "" };
                let error = error.map(|e| format!("; {e}")).unwrap_or_default();
                format!("{} inputs{end}{torn}{error}", journal.entries.len())
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(said, expect, "{text}");
    }

    #[test]
    fn reads_what_it_writes_also_after_a_mail_program() {
        check(str::to_owned, "2 inputs, the end");
        check(|text| text.replace('\n', "\r\n"), "2 inputs, the end");
        check(|text| format!("\u{feff}{text}\n"), "2 inputs, the end");
        let line = Lines::default().line(&typed(1500, "kubectl get pods"));
        assert!(line.starts_with(
            "{\"at\":1500,\"do\":\"line\",\"terminal\":1,\"text\":\"kubectl get pods\",\"sum\":"
        ));
    }

    #[test]
    fn damage_is_named_with_its_line() {
        let changed = "it was changed, or a line before it was moved or left out";
        check(|text| text[..text.len() - 3].to_owned(), "2 inputs, torn");
        check(|text| text.replace("\"ls\"", "\"lx\""), &format!("1 inputs; line 3: {changed}"));
        check(|text| text.replace("Min", "Kim"), &format!("line 1: {changed}"));
        check(|text| text.replace("2026", "2027"), &format!("2 inputs; line 4: {changed}"));
        let without =
            |text: &str| text.lines().filter(|l| !l.contains("date")).map(|l| format!("{l}\n")).collect();
        check(without, &format!("0 inputs; line 2: {changed}"));
    }

    #[test]
    fn sealed_nonsense_is_refused_as_well() {
        let all =
            |header: &Header, entries: &[Entry]| Journal::parse(Lines::all(header, entries, None).as_bytes());
        let said =
            |result: Result<Journal, JournalError>| result.map_or_else(|e| e.to_string(), |_| "fine".into());
        assert_eq!(said(all(&header(), &[typed(9, "a"), typed(2, "b")])), format!("line 3: {EARLIER}"));
        assert_eq!(said(all(&header(), &[typed(u64::MAX, "a")])), format!("line 2: {ABSURD}"));
        let never = Header { start: SimTime::NEVER, ..header() };
        assert_eq!(said(all(&never, &[])), "line 1: it begins at a time that cannot be");
        let path = Header { learner: "../../x".into(), ..header() };
        assert_eq!(said(all(&path, &[])), "line 1: an id is longer or other than ids are");
    }

    #[test]
    fn foreign_files_are_refused() {
        let said = |bytes: &[u8]| Journal::parse(bytes).map_or_else(|e| e.to_string(), |_| "fine".into());
        assert_eq!(said(b""), "this is not a KubeJam journal: it is empty");
        assert_eq!(said(b"hello\n"), "this is not a KubeJam journal: its first line is not a journal's");
        assert!(said(b"\xff\xfe{\0\n\0").contains("UTF-16"));
        let newer = Lines::all(&Header { simulator: 99, ..header() }, &[], None);
        assert!(said(newer.as_bytes()).contains("another version of KubeJam (format 2, simulator 99;"));
    }
}
