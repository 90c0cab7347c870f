//! What a journal must survive, and what a record must not: kills at any byte, tears, flips, edits, copies, and files
//! that are something else. A quest of two steps stands for all; the quests of the course are checked once each.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "journals are files of the host")]

use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use kubejam::authoring::new_quest;
use kubejam::authoring::player::Player;
use kubejam::authoring::solve::solve_on;
use kubejam::base::{Rng, Seed, SimTime};
use kubejam::edge::check::{Limits, check_all};
use kubejam::edge::journal_file::{Found, JournalFile, Medium, OpenError};
use kubejam::lesson::course::{Course, Quest, shared_coach};
use kubejam::session::journal::{Entry, Footer, Header, Journal, Lines, end_digest};
use kubejam::session::play::Play;
use kubejam::session::proof::{Report, Verdict, examine};
use kubejam::session::{Input, Session, Start, WorldKind};

const BEGIN: SimTime = SimTime::from_secs(1_795_351_539);
const KILLS: usize = 500;
const TEARS_AND_FLIPS: usize = 2_000;
/// A record that never ends is given up sooner than `kubejam check` does.
const QUICK: Limits = Limits { time: Duration::from_secs(3), ..Limits::USUAL };
/// Of those, how many are sealed anew, as by somebody who knows how, and so replayed to the end.
const SEALED_ANEW: usize = 24;

fn tiny() -> Rc<Quest> {
    let coach = Rc::new(shared_coach().expect("the coach"));
    Rc::new(Quest::read("tiny", &new_quest::files("tiny"), coach).expect("the template"))
}

fn solved(quest: &Rc<Quest>, learner: &str) -> Player {
    solve_on(Player::new(quest, learner, BEGIN), quest, None, &mut |_, _| {}).expect("solved")
}

fn look(text: &[u8], quest: &Rc<Quest>) -> Report {
    examine(text, &|id| (id == quest.id()).then(|| Rc::clone(quest)), &mut || true)
}

fn verdict(text: &[u8], quest: &Rc<Quest>) -> String {
    let verdict = look(text, quest).verdict;
    format!("{} {}", verdict.word(), verdict.detail()).trim_end().to_owned()
}

// ------------------------------------------------------------------------------------------------ kills and full disks

/// A disk in memory that takes so many bytes and then no more: `dies` as the process would, else with an error.
struct Disk {
    bytes: Rc<RefCell<Vec<u8>>>,
    room: usize,
    dies: bool,
}

impl Medium for Disk {
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut all = self.bytes.borrow_mut();
        all.truncate(at as usize);
        let fits = bytes.len().min(self.room.saturating_sub(all.len()));
        all.extend_from_slice(&bytes[..fits]);
        if fits < bytes.len() { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        if !self.dies {
            self.bytes.borrow_mut().truncate(length as usize);
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Things a learner does, undo among them.
fn inputs(rng: &mut Rng) -> Vec<Input> {
    let lines = [
        "echo Hello > note.txt",
        "cat note.txt",
        "ls -l",
        "false",
        "for i in 1 2; do echo $i; done",
        "echo 'ü 한'",
    ];
    let one = |rng: &mut Rng| match rng.below(9) {
        0 => Input::Undo,
        1 => Input::Redo,
        2 => Input::Hint,
        3 => Input::Advance,
        4 => Input::OpenTerminal,
        _ => Input::Line { terminal: 1, text: rng.pick(&lines).map_or("", |l| *l).to_owned() },
    };
    (0..rng.range(3, 9)).map(|_| one(rng)).collect()
}

/// Plays on a disk until it takes no more; what was confirmed.
fn play_on(disk: Disk, quest: &Rc<Quest>, inputs: &[Input]) -> Vec<Entry> {
    let mut file = JournalFile::empty(Box::new(disk), Path::new("tiny.jam"));
    let start =
        Start { quest: Some(Rc::clone(quest)), ..Start::new("student-1ab0", BEGIN, WorldKind::CloudShell) };
    let mut confirmed = Vec::new();
    if file.begin(&Header::of(&start, "")).is_err() {
        return confirmed;
    }
    let (mut play, _) = Play::begin(start);
    for (number, input) in inputs.iter().enumerate() {
        let at = SimTime(BEGIN.0 + 700 * number as u64);
        let Some(entry) = play.entry(at, input.clone()) else { continue };
        if file.entries(std::slice::from_ref(&entry)).is_err() {
            break;
        }
        confirmed.push(entry.clone());
        play.handle(vec![entry]);
    }
    confirmed
}

#[test]
fn a_kill_at_any_byte_loses_nothing_that_was_confirmed() {
    let quest = tiny();
    for kill in 0..KILLS {
        let mut rng = Seed(kill as u64).stream("kill");
        let inputs = inputs(&mut rng);
        let bytes = Rc::new(RefCell::new(Vec::new()));
        let room = rng.range(0, 1_400) as usize;
        let disk = Disk { bytes: Rc::clone(&bytes), room, dies: true };
        let confirmed = play_on(disk, &quest, &inputs);
        let left = bytes.borrow().clone();
        let Ok((journal, damage)) = Journal::salvage(&left) else {
            assert!(confirmed.is_empty(), "kill {kill}: confirmed inputs without a header");
            continue;
        };
        assert_eq!(damage, None, "kill {kill}");
        assert_eq!(journal.entries, confirmed, "kill {kill} after {room} bytes");
        assert_eq!(journal.torn, journal.sound_bytes < left.len(), "kill {kill}");
        if kill % 10 == 0 {
            let start = journal.header.begin(Some(Rc::clone(&quest))).expect("a start");
            let (play, _) = Play::resume(start, journal.entries);
            let last = play.kept().last().map_or(0, |kept| kept.entry.at);
            assert!(play.session().now().0 >= BEGIN.0 + last, "kill {kill}: it stands before its last input");
        }
    }
}

#[test]
fn a_full_disk_leaves_the_journal_whole_and_it_goes_on_when_there_is_room() {
    let quest = tiny();
    for number in 0..40 {
        let mut rng = Seed(number).stream("full");
        let inputs = inputs(&mut rng);
        let bytes = Rc::new(RefCell::new(Vec::new()));
        let disk = Disk { bytes: Rc::clone(&bytes), room: rng.range(400, 1_400) as usize, dies: false };
        let confirmed = play_on(disk, &quest, &inputs);
        let left = bytes.borrow().clone();
        if left.is_empty() {
            continue;
        }
        let journal = Journal::parse(&left).expect("a sound journal");
        assert_eq!((journal.entries.clone(), journal.torn), (confirmed.clone(), false), "disk {number}");
        let disk = Disk { bytes: Rc::clone(&bytes), room: usize::MAX, dies: false };
        let mut file =
            JournalFile::going_on(Box::new(disk), Path::new("tiny.jam"), &journal).expect("opened");
        let more = Entry { at: 90_000, input: Input::Hint };
        file.entries(std::slice::from_ref(&more)).expect("there is room");
        let expect = [confirmed, vec![more]].concat();
        assert_eq!(Journal::parse(&bytes.borrow()).expect("sound").entries, expect, "disk {number}");
    }
}

// ---------------------------------------------------------------------------------------------------- tears and flips

#[test]
fn tears_and_flips_lose_nothing_before_them_and_never_complete_what_is_not() {
    let quest = tiny();
    let genuine = solved(&quest, "student-1ab0").record("Kim");
    let whole = Journal::parse(genuine.as_bytes()).expect("genuine");
    let mut rng = Seed(7).stream("damage");
    for number in 0..TEARS_AND_FLIPS {
        let mut bytes = genuine.clone().into_bytes();
        let at = rng.below(bytes.len() as u64) as usize;
        if number % 2 == 0 {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << rng.below(8);
        }
        // A flip is found before anything is replayed; of the tears, which replay, some are looked at.
        if number % 2 == 1 || number % 40 == 0 {
            let said = look(&bytes, &quest).verdict;
            let only_the_end_is_torn = bytes.len() + 1 == genuine.len();
            assert!(said != Verdict::Complete || only_the_end_is_torn, "{number} at {at}: complete");
        }
        let before = genuine[..at].matches('\n').count().saturating_sub(1).min(whole.entries.len());
        match Journal::salvage(&bytes) {
            Ok((journal, _)) => {
                assert!(journal.entries.len() >= before, "{number} at {at}: lost an input before the damage");
                assert!(whole.entries.starts_with(&journal.entries), "{number} at {at}: other inputs");
            }
            Err(_) => assert!(at <= genuine.find('\n').unwrap_or(0), "{number} at {at}: nothing was read"),
        }
    }
}

/// Whether a quest is complete when the inputs of a record are played, looked at without `proof`.
fn reaches_the_goal(header: &Header, entries: &[Entry], quest: &Rc<Quest>) -> bool {
    let Some(start) = header.begin(Some(Rc::clone(quest))) else { return false };
    let (mut play, _) = Play::resume(start, entries.to_vec());
    let later = SimTime(play.session().now().0 + 60_000);
    play.advance(later);
    play.session().run().is_some_and(|run| run.complete())
}

#[test]
fn also_a_forger_who_can_seal_gets_only_what_the_inputs_reach() {
    let quest = tiny();
    let journal = Journal::parse(solved(&quest, "student-1ab0").record("Kim").as_bytes()).expect("genuine");
    let footer = journal.ended.clone().map(|ended| ended.footer);
    let mut rng = Seed(11).stream("forger");
    let mut completed = 0;
    for number in 0..SEALED_ANEW {
        let mut entries = journal.entries.clone();
        let at = rng.below(entries.len() as u64) as usize;
        match number % 4 {
            0 => drop(entries.remove(at)),
            1 => entries.truncate(at),
            2 => entries[at].input = Input::Line { terminal: 1, text: "true".into() },
            _ => {
                let other = rng.below(entries.len() as u64) as usize;
                let (a, b) = (entries[at].at, entries[other].at);
                entries.swap(at, other);
                (entries[at].at, entries[other].at) = (a, b);
            }
        }
        // Once with the genuine footer, once without any.
        for footer in [footer.as_ref(), None] {
            let text = Lines::all(&journal.header, &entries, footer);
            if look(text.as_bytes(), &quest).verdict == Verdict::Complete {
                completed += 1;
                assert!(reaches_the_goal(&journal.header, &entries, &quest), "{number}: {text}");
            }
        }
    }
    assert!(completed < SEALED_ANEW, "most of these leave something out");
}

// ---------------------------------------------------------------------------------------------------------- mutations

#[test]
fn a_genuine_record_passes_and_every_edit_of_it_fails() {
    let quest = tiny();
    let genuine = solved(&quest, "student-1ab0").record("Kim");
    let check = |edit: &dyn Fn(&str) -> String, expect: &str| {
        let edited = edit(&genuine);
        assert_ne!(edited, genuine, "{expect}");
        let said = verdict(edited.as_bytes(), &quest);
        assert!(said.starts_with(expect), "{said}, not {expect}");
    };
    assert_eq!(verdict(genuine.as_bytes(), &quest), "complete");
    let lines: Vec<&str> = genuine.lines().collect();
    let without = |skip: &dyn Fn(usize) -> bool| {
        let kept = lines.iter().enumerate().filter(|(n, _)| !skip(*n));
        kept.map(|(_, l)| format!("{l}\n")).collect::<String>()
    };
    check(&|text| text.replace("from a file", "from a fine"), "does not replay line 2");
    check(&|_| without(&|n| n == 1), "does not replay line 2");
    check(&|_| without(&|n| n == lines.len() - 1), "incomplete at serve");
    check(&|_| without(&|n| n >= 3), "incomplete at serve");
    check(&|text| text.replace("student-1ab0", "student-2bc1"), "does not replay line 1");
    check(
        &|text| text.replace("\"end\":\"", "\"end\":\"0"),
        &format!("does not replay line {}", lines.len()),
    );
    check(&|text| text.replace("\"name\":\"Kim\"", "\"name\":\"Lee\""), "does not replay line 1");
    check(
        &|_| {
            let mut swapped = lines.clone();
            swapped.swap(1, 2);
            swapped.join("\n") + "\n"
        },
        "does not replay line 2",
    );
    check(&|text| text.replace("\"simulator\":2", "\"simulator\":3"), "other version");
    check(&|text| format!("Dear organiser\n{text}"), "not a record");
}

#[test]
fn a_copy_fails_for_another_learner_also_when_it_is_sealed_anew() {
    let course = Course::embedded().expect("the course");
    let quest =
        Rc::clone(course.quest("hello-node").expect("a quest whose commands name the learner's project"));
    let player = Player::new(&quest, "student-1ab0", BEGIN);
    let until = Some("cluster");
    let player = solve_on(player, &quest, until, &mut |_, _| {}).expect("solved");
    let record = Journal::parse(player.record("Kim").as_bytes()).expect("genuine");
    let passed =
        |header: &Header| look(Lines::all(header, &record.entries, None).as_bytes(), &quest).passed();
    let copied = Header {
        learner: "student-2bc1".into(),
        seed: Seed::from_text("student-2bc1"),
        ..record.header.clone()
    };
    assert!(passed(&copied) < passed(&record.header), "the copy gets as far as the original");
    let kept_seed = Header { learner: "student-2bc1".into(), ..record.header };
    let said = verdict(Lines::all(&kept_seed, &record.entries, None).as_bytes(), &quest);
    assert!(said.starts_with("does not replay line 1: the seed is not this learner's"), "{said}");
}

#[test]
fn genuine_records_of_all_quests_pass() {
    for quest in Course::embedded().expect("the course").quests {
        let record = solved(&quest, "student-7f3a").record("김민지");
        let report = look(record.as_bytes(), &quest);
        assert_eq!(report.verdict, Verdict::Complete, "{}", quest.id());
        assert_eq!(report.passed(), quest.lesson.steps.len());
        assert!(report.digest.is_some() && report.sum(|s| s.commands as u64) > 0);
    }
}

// ------------------------------------------------------------------------------------------------------------ figures

#[test]
fn figures_are_counted_from_the_replay() {
    let quest = tiny();
    let start =
        Start { quest: Some(Rc::clone(&quest)), ..Start::new("student-1ab0", BEGIN, WorldKind::CloudShell) };
    let (mut play, _) = Play::begin(start.clone());
    let line = |text: &str| Input::Line { terminal: 1, text: text.to_owned() };
    let done = [
        Input::Hint,
        line("ls"),
        Input::Undo,
        Input::Undo,
        Input::Hint,
        line("echo hello > note.txt"),
        line("echo Hello > note.txt"),
        Input::Advance,
        Input::Hint,
        line("docker ps"),
        Input::Undo,
        Input::Undo,
        Input::Redo,
        line("docker run -d -p 8080:80 nginx"),
        line("curl localhost:8080"),
    ];
    let mut entries = Vec::new();
    for (number, input) in done.into_iter().enumerate() {
        let at = SimTime(BEGIN.0 + 20_000 * number as u64);
        let Some(entry) = play.entry(at, input) else { panic!("input {number} is not possible") };
        entries.push(entry.clone());
        play.handle(vec![entry]);
    }
    play.advance(SimTime(play.session().now().0 + 5_000));
    let footer = Footer::of(play.session());
    let text = Lines::all(&Header::of(&start, ""), &entries, Some(&footer));
    let report = look(text.as_bytes(), &quest);
    assert_eq!(report.verdict, Verdict::Complete);
    let figures: Vec<(usize, usize, usize)> =
        report.steps.iter().map(|s| (s.hints, s.undos, s.commands)).collect();
    assert_eq!(figures, [(2, 2, 2), (1, 2, 2)], "hints, undos, commands of each step: {:?}", report.steps);
    assert!(report.steps.iter().all(|s| s.took_ms > 0));
}

// ------------------------------------------------------------------------------------------------------ the past

#[test]
fn the_past_is_as_it_was() {
    let quest = tiny();
    let entries = solved(&quest, "student-1ab0").entries();
    let start = Start { quest: Some(quest), ..Start::new("student-1ab0", BEGIN, WorldKind::CloudShell) };
    let (play, _) = Play::resume(start.clone(), entries.clone());
    let commands = play.points().len();
    let (mut walking, _) = play.past(0);
    for place in 0..=commands {
        let (past, _) = play.past(place);
        assert_eq!(end_digest(past.session()), end_digest(walking.session()), "after {place} of {commands}");
        assert_eq!(past.points().len(), place);
        walking.past_forward(play.session().now());
    }
    let (past, _) = play.past(commands);
    assert_eq!(end_digest(past.session()), end_digest(play.session()), "the last place is the present");
    let mut undone = Play::resume(start, entries).0;
    let undo = undone.entry(undone.session().now(), Input::Undo).expect("something to take back");
    undone.handle(vec![undo; 2]);
    assert_eq!(end_digest(undone.session()), end_digest(play.past(commands - 2).0.session()));
}

// ------------------------------------------------------------------------------------------------------ hostile files

fn dir(name: &str) -> std::path::PathBuf {
    let dir = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("record-{name}"));
    std::fs::remove_dir_all(&dir).ok();
    std::fs::create_dir_all(&dir).expect("a directory");
    dir
}

#[test]
fn whatever_is_in_a_file_there_is_a_verdict() {
    let dir = dir("hostile");
    let quest = Course::embedded().expect("the course").quests[0].clone();
    let mut start =
        Start::new("student-1ab0", BEGIN, WorldKind::parse(&quest.lesson.world).expect("a world"));
    start.quest = Some(Rc::clone(&quest));
    let header = Header::of(&start, "");
    let line = |at: u64, text: &str| Entry { at, input: Input::Line { terminal: 1, text: text.to_owned() } };
    let sealed = |entries: &[Entry]| Lines::all(&header, entries, None).into_bytes();
    let genuine = solved(&tiny(), "student-1ab0").record("");
    let deep = format!("{}\n", "[".repeat(200_000));
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(genuine.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let many: Vec<Entry> = (0..2_000).map(|n| line(n, "")).collect();
    let files: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", Vec::new(), "not a record it is empty"),
        ("text", b"hello\n".to_vec(), "not a record its first line is not a journal's"),
        ("deep", deep.into_bytes(), "not a record its first line"),
        ("utf16", utf16, "not a record it was converted to UTF-16"),
        ("zip", b"PK\x03\x04rest\n".to_vec(), "not a record it is a ZIP archive"),
        ("zeros", vec![0; 100_000], "not a record"),
        ("long line", vec![b'x'; 5_000_000], "not a record"),
        ("other quest", genuine.into_bytes(), "other version there is no quest `tiny`"),
        ("busy", sealed(&[line(0, "while :; do :; done"), line(86_400_000, "ls")]), "incomplete at"),
        ("nested", sealed(&[line(0, &"(".repeat(50_000)), line(9, &"$(".repeat(50_000))]), "incomplete at"),
        ("many", sealed(&many), "incomplete at"),
        ("late", sealed(&[line(u64::MAX, "ls")]), "does not replay line 2"),
        ("screen", sealed(&[line(0, "\u{1b}[2J\u{0}\u{7f}"), line(1, "\u{202e}x")]), "incomplete at"),
        (
            "no terminal",
            sealed(&[Entry { at: 0, input: Input::CloseTerminal { terminal: 1 } }, line(1, "ls")]),
            "incomplete at",
        ),
    ];
    let mut paths = Vec::new();
    for (name, bytes, _) in &files {
        let path = dir.join(format!("{name}.jam"));
        std::fs::write(&path, bytes).expect("written");
        paths.push(path);
    }
    paths.push(dir.clone());
    #[cfg(unix)]
    paths.push("/dev/zero".into());
    let checked = check_all(&paths, &[], QUICK).expect("checked");
    for ((name, _, expect), one) in files.iter().zip(&checked) {
        let said = format!("{} {}", one.report.verdict.word(), one.report.verdict.detail());
        let busy = *name == "busy" && said.contains("it takes longer than a record may");
        assert!(said.starts_with(expect) || busy, "{name}: {said}");
    }
    for one in &checked[files.len()..] {
        assert_eq!(one.report.verdict.detail(), "it is not a file", "{}", one.file);
    }
}

#[test]
fn copies_in_a_folder_are_pointed_out() {
    let dir = dir("copies");
    let quest_dir = dir.join("tiny");
    std::fs::create_dir_all(&quest_dir).expect("a folder");
    for (name, bytes) in new_quest::files("tiny") {
        std::fs::write(quest_dir.join(name), bytes).expect("written");
    }
    let quest = tiny();
    let mine = solved(&quest, "student-1ab0");
    let other = Header {
        learner: "student-2bc1".into(),
        seed: Seed::from_text("student-2bc1"),
        ..Header::of(mine.session().start(), "Lee")
    };
    let record = Journal::parse(mine.record("Kim").as_bytes()).expect("genuine");
    let texts = [mine.record("Kim"), mine.record("Kim"), Lines::all(&other, &record.entries, None)];
    let mut paths = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        paths.push(dir.join(format!("{number}.jam")));
        std::fs::write(&paths[number], text).expect("written");
    }
    let checked = check_all(&paths, &[quest_dir], QUICK).expect("checked");
    let repeats: Vec<bool> = checked.iter().map(|c| c.repeats.is_some()).collect();
    assert_eq!(repeats, [false, true, true], "{checked:#?}");
}

// ------------------------------------------------------------------------------------------------- journals on a disk

#[test]
fn a_journal_belongs_to_one_process_and_nothing_is_written_over() {
    let dir = dir("files");
    let path = dir.join("tiny.jam");
    let start = Start::new("student-1ab0", BEGIN, WorldKind::CloudShell);
    let header = Header::of(&start, "");
    let hint = Entry { at: 1, input: Input::Hint };
    let (mut file, found) = JournalFile::open(&path).expect("a new journal");
    assert!(matches!(found, Found::Nothing));
    file.begin(&header).and_then(|()| file.entries(&[hint.clone(), hint.clone()])).expect("written");
    assert!(matches!(JournalFile::open(&path), Err(OpenError::InUse(_))), "a second one is refused");
    drop(file);

    let text = std::fs::read_to_string(&path).expect("text");
    let check = |bytes: &[u8], expect: &str| {
        std::fs::write(&path, bytes).expect("written");
        let (mut file, found) = JournalFile::open(&path).expect("opened");
        let said = match &found {
            Found::Nothing => "nothing".to_owned(),
            Found::Sound(journal) => format!("{} inputs, torn {}", journal.entries.len(), journal.torn),
            Found::Damaged(journal, error, aside) => {
                assert_eq!(std::fs::read(aside).expect("kept"), bytes, "the damaged one is kept whole");
                format!("{} inputs; {error}", journal.entries.len())
            }
            Found::PutAside(error, aside) => {
                assert_eq!(std::fs::read(aside).expect("kept"), bytes, "the foreign one is kept whole");
                error.to_string()
            }
        };
        assert!(said.starts_with(expect), "{said}, not {expect}");
        // Whatever was found, it goes on from there.
        if matches!(found, Found::PutAside(..)) {
            file.begin(&header).expect("a header");
        }
        file.entries(&[Entry { at: 5, input: Input::Hint }]).expect("written");
        drop(file);
        let after = Journal::parse(&std::fs::read(&path).expect("text")).expect("a sound journal");
        assert_eq!(after.entries.last().map(|e| e.at), Some(5));
    };
    check(text.as_bytes(), "2 inputs, torn false");
    check(&text.as_bytes()[..text.len() - 9], "1 inputs, torn true");
    check(text.replacen("hint", "hind", 1).as_bytes(), "0 inputs; line 2: it was changed");
    check(
        text.replace("\"at\":1,\"do\":\"hint\"", "\"at\":1,\"do\":\"hind\"").as_bytes(),
        "0 inputs; line 2",
    );
    check(b"a letter\n", "this is not a KubeJam journal");
    check(text.replace("\"simulator\":2", "\"simulator\":1").as_bytes(), "written by another version");
    std::fs::remove_file(&path).expect("removed");
    std::fs::create_dir(&path).expect("a folder in its place");
    assert!(matches!(JournalFile::open(&path), Err(OpenError::NoFile(_))));
}

#[test]
fn time_that_stands_still_when_asked_ends_a_replay() {
    let quest = tiny();
    let record = solved(&quest, "student-1ab0").record("");
    let mut left = 40;
    let report = examine(record.as_bytes(), &|_| Some(Rc::clone(&quest)), &mut || {
        left -= 1;
        left > 0
    });
    assert!(matches!(report.verdict, Verdict::DoesNotReplay { .. }), "{:?}", report.verdict);
    let mut session = Session::new(Start::new("student-1ab0", BEGIN, WorldKind::CloudShell));
    session.handle(BEGIN, Input::Line { terminal: 1, text: "while :; do :; done".into() });
    let mut asked = 0;
    let went_on = session.advance_while(SimTime(BEGIN.0 + 1_000), &mut || {
        asked += 1;
        asked < 3
    });
    assert!(!went_on && asked == 3, "a busy world is asked as well");
}
