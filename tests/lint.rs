//! Lint names the fault of a broken lesson, with its file and line; the guide's example is the one that `kubejam new`
//! makes, and it is proven.
#![allow(clippy::disallowed_methods, reason = "the guide is a file")]

use kubejam::authoring::lint::{self, lint_folder};
use kubejam::authoring::new_quest;
use kubejam::base::SimTime;
use kubejam::lesson::course::{Files, Quest};

const AT: SimTime = SimTime::from_secs(1_795_351_539);

fn lint(files: &Files) -> String {
    let report = lint_folder("tiny", files, AT);
    let lines: Vec<String> = report.errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The template with one text replaced in one file; lint's first words must be these, and nothing else be wrong.
fn check(file: &str, from: &str, to: &str, expect: &str) {
    let mut files = new_quest::files("tiny");
    let text = String::from_utf8(files[file].clone()).expect("text");
    assert!(text.contains(from), "{file} has no {from:?}");
    files.insert(file.to_owned(), text.replacen(from, to, 1).into_bytes());
    let said = lint(&files);
    assert!(said.starts_with(expect), "{said}\n--- not ---\n{expect}");
    assert!(said.lines().any(|line| line.starts_with("  ")), "it says what to do: {said}");
}

#[test]
fn the_new_quest_is_proven_and_the_guide_shows_it() {
    assert_eq!(lint(&new_quest::files("my-quest")), "");
    let guide = std::fs::read_to_string("docs/authoring.md").expect("the guide");
    for file in ["lesson.toml", "en.md"] {
        let text = std::fs::read_to_string(format!("assets/new-quest/{file}")).expect("the template");
        assert!(guide.contains(&text), "docs/authoring.md does not show assets/new-quest/{file} as it is");
    }
}

#[test]
fn what_is_wrong_with_a_step_is_named() {
    check(
        "lesson.toml",
        "contains = \"Hello\"",
        "contains = \"\"",
        "tiny/lesson.toml:17: step `note`: its near miss 1 passes",
    );
    check(
        "lesson.toml",
        "echo 'Hello from a file' > note.txt",
        "echo 'Hallo' > note.txt",
        "tiny/lesson.toml:9: step `note`: its solution does not pass",
    );
    check(
        "lesson.toml",
        "[\"printf 'Hello\\\\n' | tee note.txt\"]",
        "[\"printf 'Hullo\\\\n' | tee note.txt\"]",
        "tiny/lesson.toml:14: step `note`: its other way 1 does not pass",
    );
    check(
        "lesson.toml",
        "echo hello > note.txt\", coach = \"not-yet\"",
        "echo hello > note.txt\", coach = \"typo\"",
        "tiny/lesson.toml:17: step `note`: near miss 1: the coach says [not-yet], not `typo`",
    );
    check(
        "lesson.toml",
        "echo hello > note.txt",
        "echo Hello > note.txt",
        "tiny/lesson.toml:17: step `note`: its near miss 1 passes",
    );
    check(
        "lesson.toml",
        "answer = \"pulls\"",
        "answer = \"fails\"",
        "tiny/lesson.toml:29: step `serve`: the simulation shows `pulls` of `no-image-yet`, not `fails`",
    );
    check(
        "lesson.toml",
        "proof.play = [\"docker run -d -p 8080:80 nginx\"]\n\
        proof.shows = { fails = \"(?i)cannot find|no such image\", pulls = \"Pulling from library/nginx\" }\n",
        "",
        "tiny/lesson.toml:29: step `serve`: nothing proves the answer of the prediction `no-image-yet`",
    );
    check(
        "lesson.toml",
        "pulls = \"Pulling",
        "pulls = \"(Pulling",
        "tiny/lesson.toml:29: the proof of `no-image-yet` for `pulls` is no regular expression",
    );
    check(
        "lesson.toml",
        "goal = [{ file = \"~/note.txt\", contains = \"Hello\" }]",
        "goal = [{ file = \"/etc/hostname\" }]",
        "tiny/lesson.toml:9: step `note`: passes before anything is done",
    );
}

#[test]
fn what_is_wrong_with_the_words_is_named() {
    check(
        "en.md",
        "Hello from a file\n```\n\n- [ ]",
        "Hello from afar\n```\n\n- [ ]",
        "tiny/ko.md:15: step `note`: this block differs from that in en.md, line 15",
    );
    check(
        "en.md",
        "`cat` shows what",
        "`docker fly away` shows what",
        "tiny/en.md:13: step `note`: `docker fly away`: docker has no command `fly`",
    );
    check("en.md", "`cat` shows what", "<b>cat</b> shows what", "tiny/en.md:13: HTML is not shown");
    check("en.md", "`cat` shows what", "`cat shows what", "tiny/en.md:13: a backtick without its partner");
    check("en.md", "`cat` shows what", "`{pod}` shows what", "tiny/ko.md:");
    check(
        "en.md",
        "## Serve something {#serve}",
        "## Serve something {#server}",
        "tiny/en.md:38: there is no step `server` in lesson.toml",
    );
    check("ko.md", ":::hint\n명령 두 개예요. 둘 다 본문에 있어요.\n:::\n", "", "tiny/ko.md:");
}

#[test]
fn quoted_outputs_and_commands_are_held_against_the_simulation() {
    let mut files = new_quest::files("tiny");
    for file in ["en.md", "ko.md"] {
        let text = String::from_utf8(files[file].clone()).expect("text");
        let text = text.replace("$ cat note.txt\nHello from a file", "$ cat note.txt\nHello from afar");
        let text = text.replace("curl http://localhost:8080\n```", "curl http://localhost:9999\n```");
        files.insert(file.to_owned(), text.into_bytes());
    }
    let said = lint(&files);
    assert!(
        said.contains(
            "tiny/en.md:15: step `note`: `cat note.txt` prints something else:\n  | Hello from a file"
        ),
        "{said}"
    );
    assert!(said.contains("step `serve`: `docker run -d -p 8080:80 nginx` fails: "), "{said}");
}

#[test]
fn stray_files_and_ids_that_are_taken_are_named() {
    let mut files = new_quest::files("tiny");
    files.insert("notes.bak".to_owned(), Vec::new());
    assert!(lint(&files).starts_with("tiny/notes.bak:1: nothing reads this file"));
    let quest = Quest::read("tiny", &new_quest::files("tiny"), Default::default()).expect("the template");
    let errors = lint::folder::shared(&[("one", &quest), ("two", &quest)]);
    let said: Vec<String> = errors.iter().map(|e| format!("{}: {}", e.file, e.message)).collect();
    assert_eq!(
        said,
        [
            "two/lesson.toml: the id `tiny` is that of one as well",
            "two/lesson.toml: order = 10 is that of one as well"
        ]
    );
}
