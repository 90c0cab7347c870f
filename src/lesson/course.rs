//! The course: every quest with its words, embedded in the program or passed in as bytes. Quests that are not
//! built yet are named, never pretended.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use include_dir::{Dir, DirEntry, include_dir};
use sha2::{Digest, Sha256};

use crate::lesson::coach;
use crate::lesson::format::{self, Lesson, LessonError, Step};
use crate::lesson::prose::{self, Prose, StepProse};
use crate::lesson::template;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/lessons");

/// The rungs of a hint ladder: where to look, the concept, most of the command, all of it.
pub const HINTS: usize = 4;

/// A language the program speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    #[default]
    English,
    Korean,
}

impl Language {
    /// Every language, in the order they are offered.
    pub const ALL: [Language; 2] = [Language::English, Language::Korean];

    /// `en`, `ko`.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Korean => "ko",
        }
    }

    /// From `ko`, `ko_KR.UTF-8`, `en-GB`; anything else is English.
    pub fn of(tag: &str) -> Language {
        if tag.to_ascii_lowercase().starts_with("ko") { Language::Korean } else { Language::English }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The files of a lesson: path within its folder, `lesson.toml`, and bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A quest: the lesson and its words in every language.
#[derive(Debug)]
pub struct Quest {
    pub lesson: Lesson,
    prose: BTreeMap<Language, Prose>,
    /// Coach texts that all quests share.
    coach: Rc<BTreeMap<Language, BTreeMap<String, String>>>,
    /// The files below `files/`, by path.
    pub files: Files,
    /// SHA-256 over all that decides whether a step passes, the learner's files included; the words are not part of
    /// it, so a better sentence does not void a record.
    pub digest: String,
}

impl Quest {
    /// Reads a quest from the files of its folder. `folder` is its name, for messages.
    pub fn read(
        folder: &str,
        files: &Files,
        coach: Rc<BTreeMap<Language, BTreeMap<String, String>>>,
    ) -> Result<Quest, Vec<LessonError>> {
        let mut errors = Vec::new();
        let lesson =
            match text_of(folder, files, "lesson.toml").and_then(|(name, text)| format::read(&name, text)) {
                Ok(lesson) => Some(lesson),
                Err(found) => {
                    errors.extend(found);
                    None
                }
            };
        let mut prose = BTreeMap::new();
        for language in Language::ALL {
            let file = format!("{language}.md");
            match text_of(folder, files, &file).and_then(|(name, text)| prose::read(&name, text)) {
                Ok(words) => {
                    prose.insert(language, words);
                }
                Err(found) => errors.extend(found),
            }
        }
        let digest = content_digest(files);
        let own = |(path, bytes): (&String, &Vec<u8>)| {
            Some((path.strip_prefix("files/")?.to_owned(), bytes.clone()))
        };
        match lesson {
            Some(lesson) if errors.is_empty() => {
                let quest =
                    Quest { lesson, prose, coach, files: files.iter().filter_map(own).collect(), digest };
                let found = agreement(&quest);
                if found.is_empty() { Ok(quest) } else { Err(found) }
            }
            _ => Err(errors),
        }
    }

    /// The quest's id.
    pub fn id(&self) -> &str {
        &self.lesson.id
    }

    /// The words in a language.
    pub fn prose(&self, language: Language) -> &Prose {
        static NONE: std::sync::LazyLock<Prose> = std::sync::LazyLock::new(Prose::default);
        self.prose.get(&language).unwrap_or(&NONE)
    }

    /// The words of a step in a language.
    pub fn step_prose(&self, language: Language, step: &str) -> &StepProse {
        static NONE: std::sync::LazyLock<StepProse> = std::sync::LazyLock::new(StepProse::default);
        self.prose(language).steps.get(step).unwrap_or(&NONE)
    }

    /// A coach text: the step's own, else the quest's, else the one that all quests share.
    pub fn coach_text(&self, language: Language, step: &str, id: &str) -> Option<&str> {
        let prose = self.prose(language);
        let own = prose.steps.get(step).and_then(|s| s.coach.get(id)).or_else(|| prose.coach.get(id));
        own.or_else(|| self.coach.get(&language)?.get(id)).map(String::as_str)
    }

    /// A step by id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.lesson.steps.iter().find(|s| s.id == id)
    }
}

/// All quests, in order.
#[derive(Debug, Clone, Default)]
pub struct Course {
    pub quests: Vec<Rc<Quest>>,
}

/// Titles of the course's quests by order, also of those that are not built yet.
pub const PLAN: [(u32, &str, &str, &str); 3] = [
    (1, "docker", "Introduction to Docker", "도커 입문"),
    (2, "hello-node", "Hello Node Kubernetes", "Hello Node 쿠버네티스"),
    (
        3,
        "orchestrating",
        "Orchestrating the Cloud with Kubernetes",
        "쿠버네티스로 클라우드 오케스트레이션하기",
    ),
];

impl Course {
    /// The quests inside the program. An error here is a mistake of ours, found by the tests.
    pub fn embedded() -> Result<Course, Vec<LessonError>> {
        let coach = Rc::new(shared_coach()?);
        let mut course = Course::default();
        let mut errors = Vec::new();
        for (name, files) in Course::embedded_files() {
            match Quest::read(&name, &files, Rc::clone(&coach)) {
                Ok(quest) => course.quests.push(Rc::new(quest)),
                Err(found) => errors.extend(found),
            }
        }
        course.quests.sort_by_key(|q| q.lesson.order);
        if errors.is_empty() { Ok(course) } else { Err(errors) }
    }

    /// The folders of the quests inside the program, with their files.
    pub fn embedded_files() -> Vec<(String, Files)> {
        let folder = |folder: &Dir<'_>| {
            let name = folder.path().to_string_lossy().into_owned();
            let mut files = Files::new();
            collect(folder, &format!("{name}/"), &mut files);
            files.contains_key("lesson.toml").then_some((name, files))
        };
        EMBEDDED.dirs().filter_map(folder).collect()
    }

    /// A quest by id or by its number.
    pub fn quest(&self, id: &str) -> Option<&Rc<Quest>> {
        self.quests.iter().find(|q| q.id() == id || q.lesson.order.to_string() == id)
    }
}

/// Coach texts that all quests share, from `lessons/coach.en.md` and `lessons/coach.ko.md`.
pub fn shared_coach() -> Result<BTreeMap<Language, BTreeMap<String, String>>, Vec<LessonError>> {
    let mut coach = BTreeMap::new();
    for language in Language::ALL {
        let file = format!("coach.{language}.md");
        let text = EMBEDDED.get_file(&file).and_then(|f| f.contents_utf8()).unwrap_or_default();
        coach.insert(language, prose::read_coach(&file, text)?);
    }
    Ok(coach)
}

/// Over `lesson.toml` and what lies in the learner's home at the beginning.
fn content_digest(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files.iter().filter(|(path, _)| *path == "lesson.toml" || path.starts_with("files/"))
    {
        hash.update(path);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    hex(&hash.finalize())
}

fn collect(dir: &Dir<'_>, prefix: &str, files: &mut Files) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(below) => collect(below, prefix, files),
            DirEntry::File(file) => {
                let path = file.path().to_string_lossy().replace('\\', "/");
                files.insert(path.strip_prefix(prefix).unwrap_or(&path).to_owned(), file.contents().to_vec());
            }
        }
    }
}

fn text_of<'a>(folder: &str, files: &'a Files, name: &str) -> Result<(String, &'a str), Vec<LessonError>> {
    let file = format!("{folder}/{name}");
    let wrong = |message: &str, fix: &str| {
        vec![LessonError { file: file.clone(), line: 1, message: message.to_owned(), fix: fix.to_owned() }]
    };
    let bytes = files
        .get(name)
        .ok_or_else(|| wrong("the file is missing", "A lesson is lesson.toml, en.md and ko.md."))?;
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("the file is not UTF-8", "Save it as UTF-8."))?;
    Ok((file, text))
}

/// What must agree between the lesson and its words, and between the languages.
fn agreement(quest: &Quest) -> Vec<LessonError> {
    let mut errors = Vec::new();
    let coached = coach::ids();
    for language in Language::ALL {
        let prose = quest.prose(language);
        let mut report = |line: usize, message: String, fix: &str| {
            errors.push(LessonError { file: prose.file.clone(), line, message, fix: fix.to_owned() });
        };
        let wanted: Vec<&str> = quest.lesson.steps.iter().map(|s| s.id.as_str()).collect();
        let have: Vec<&str> = prose.order.iter().map(|(id, _)| id.as_str()).collect();
        for (id, line) in &prose.order {
            if !wanted.contains(&id.as_str()) {
                report(
                    *line,
                    format!("there is no step `{id}` in lesson.toml"),
                    "Correct the id in the heading, or add the step.",
                );
            }
        }
        for missing in wanted.iter().filter(|id| !have.contains(id)) {
            report(1, format!("step `{missing}` has no words"), "Add `## Heading {#id}` and its text.");
        }
        if errors.is_empty() && wanted != have {
            errors.push(LessonError {
                file: prose.file.clone(),
                line: 1,
                message: "the steps stand in another order than in lesson.toml".to_owned(),
                fix: format!("The order is {}.", wanted.join(", ")),
            });
        }
        for step in &quest.lesson.steps {
            if let Some(words) = prose.steps.get(&step.id) {
                step_agreement(prose, step, words, &coached, &mut errors);
            }
        }
        if prose.closing.is_none() || prose.title.is_empty() {
            errors.push(LessonError {
                file: prose.file.clone(),
                line: 1,
                message: "the quest lacks a title or a closing text".to_owned(),
                fix: format!("Begin with `# Title` and end with `## Heading {{#{}}}`.", prose::CLOSING),
            });
        }
    }
    errors
}

fn step_agreement(
    prose: &Prose,
    step: &Step,
    words: &StepProse,
    coached: &BTreeSet<&str>,
    errors: &mut Vec<LessonError>,
) {
    let mut report = |message: String, fix: &str| {
        errors.push(LessonError { file: prose.file.clone(), line: words.line, message, fix: fix.to_owned() });
    };
    let id = &step.id;
    if words.goals.len() != step.goals.len() {
        let message =
            format!("step `{id}` has {} goals and {} lines `- [ ]`", step.goals.len(), words.goals.len());
        report(message, "Write one `- [ ]` line per goal, in their order.");
    }
    if words.hints.len() != HINTS {
        let message = format!("step `{id}` has {} hints, not {HINTS}", words.hints.len());
        report(message, "A ladder is: where to look, the concept, most of the command, all of it.");
    }
    if words.body.is_empty() || words.done.is_empty() {
        report(
            format!("step `{id}` lacks its text or its `:::done` block"),
            "Say what to do and why, and what was seen.",
        );
    }
    let asked: BTreeSet<&str> = step.questions.iter().chain(&step.predict).map(|q| q.id.as_str()).collect();
    for question in step.questions.iter().chain(&step.predict) {
        let Some(text) = words.questions.get(&question.id) else {
            report(
                format!("the question `{}` has no words", question.id),
                "Add a `:::question id` or `:::predict id` block.",
            );
            continue;
        };
        let choices: BTreeSet<&str> = question.choices.iter().map(String::as_str).collect();
        let written: BTreeSet<&str> = text.choices.keys().map(String::as_str).collect();
        if choices != written
            || text.choices.values().any(|(label, after)| label.is_empty() || after.is_empty())
        {
            report(
                format!(
                    "the choices of `{}` differ from lesson.toml, or one says nothing afterwards",
                    question.id
                ),
                "Write `- id: Label` for each, and below it, indented, what is said when it was chosen.",
            );
        }
    }
    for miss in step.near_misses.iter().filter(|m| !coached.contains(m.coach.as_str())) {
        report(
            format!("the coach of step `{id}` has nothing called `{}`", miss.coach),
            "docs/authoring.md says what it knows.",
        );
    }
    for extra in words.questions.keys().filter(|q| !asked.contains(q.as_str())) {
        report(
            format!("there is no question `{extra}` in lesson.toml"),
            "Correct the id, or add the question.",
        );
    }
}

/// The variables a quest's words and commands use that nothing will ever fill.
pub fn unknown_variables(quest: &Quest, known: &[&str]) -> Vec<LessonError> {
    let mut errors = Vec::new();
    let own = |name: &str| known.contains(&name) || quest.lesson.names.contains_key(name);
    for (language, prose) in &quest.prose {
        for (_, words) in prose.steps.iter() {
            let questions = words.questions.values().map(|q| &q.text);
            let texts = [&words.body, &words.done]
                .into_iter()
                .chain(&words.goals)
                .chain(&words.hints)
                .chain(questions);
            // Words that stand for the coach's own may use the values that those use.
            let given = |id: &String| {
                let shared = quest.coach.get(language).and_then(|coach| coach.get(id));
                shared.map(|text| template::variables(text)).unwrap_or_default()
            };
            let coach = words.coach.iter().flat_map(|(id, text)| {
                let given = given(id);
                template::variables(text).into_iter().filter(move |name| !given.contains(name))
            });
            for name in texts.flat_map(|t| template::variables(t)).chain(coach).filter(|n| !own(n)) {
                errors.push(LessonError {
                    file: prose.file.clone(),
                    line: words.line,
                    message: format!("`{{{name}}}` stands for nothing"),
                    fix: "Add it to [names] in lesson.toml, or correct its spelling.".to_owned(),
                });
            }
        }
    }
    errors
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the world itself gives, see `Facts::names`.
    const WORLD_NAMES: [&str; 5] = ["project", "region", "zone", "user", "home"];

    #[test]
    fn the_embedded_quests_read_and_their_languages_agree() {
        let course = Course::embedded().unwrap_or_else(|errors| {
            panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        });
        assert!(course.quest("hello-node").is_some() && course.quest("2").is_some());
        for quest in &course.quests {
            let unknown = unknown_variables(quest, &WORLD_NAMES);
            assert!(unknown.is_empty(), "{unknown:#?}");
        }
    }

    #[test]
    fn the_coach_says_the_same_things_in_every_language() {
        let coach = shared_coach().expect("coach texts");
        let ids = |language| coach[&language].keys().cloned().collect::<Vec<_>>();
        assert_eq!(ids(Language::English), ids(Language::Korean));
        let recognised: Vec<String> = crate::lesson::coach::ids().into_iter().map(str::to_owned).collect();
        assert_eq!(
            ids(Language::English),
            recognised,
            "every misconception has words, and all words are used"
        );
        for (id, english) in &coach[&Language::English] {
            let mut one: Vec<&str> = template::variables(english);
            let mut other: Vec<&str> = template::variables(&coach[&Language::Korean][id]);
            one.sort_unstable();
            other.sort_unstable();
            assert_eq!(one, other, "{id} uses the same names in both languages");
        }
    }
}
