//! vi against what vim 9 leaves in the file for the same keys (`vim -Nu NONE` with `backspace=indent,eol,start`).

use super::Vi;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

fn press(vi: &mut Vi, keys: &str) -> bool {
    let mut left = false;
    let mut chars = keys.chars();
    while let Some(c) = chars.next() {
        let key = match c {
            '⎋' => KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE),
            '⏎' => KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE),
            '⌫' => KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE),
            '⌃' => KeyEvent::new(KeyCode::Char(chars.next().expect("a key")), KeyModifiers::CONTROL),
            c => KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE),
        };
        left = vi.key(key, 21);
    }
    left
}

fn check(before: &str, keys: &str, after: &str) {
    let mut vi = Vi::open("/tmp/a.txt", before.as_bytes());
    press(&mut vi, keys);
    let text = String::from_utf8(vi.text.bytes()).expect("text");
    assert_eq!(text, after, "{keys} on {before:?}");
}

/// Cases from `vi-cases.txt`: keys, before and after, as recorded from vim.
#[test]
fn leaves_what_vim_leaves() {
    let cases = include_str!("cases.txt");
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in cases.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let parts: Vec<String> =
            case.split('\t').map(|p| p.replace("\\n", "\n").replace("\\t", "\t")).collect();
        let [keys, before, after] = parts.as_slice() else { panic!("three columns: {case}") };
        let mut vi = Vi::open("/tmp/a.txt", before.as_bytes());
        press(&mut vi, keys);
        let text = String::from_utf8(vi.text.bytes()).expect("text");
        if text != *after {
            wrong.push(format!("{keys} on {before:?}: {text:?}, vim {after:?}"));
        }
        count += 1;
    }
    assert!(count > 0);
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn leaving_and_saving() {
    let check = |keys: &str, saved: Option<&str>, left: bool| {
        let mut vi = Vi::open("/tmp/a.txt", b"one\n");
        let gone = press(&mut vi, keys);
        let text = vi.saved.clone().map(|b| String::from_utf8(b).expect("text"));
        assert_eq!((text.as_deref(), gone), (saved, left), "{keys}");
    };
    check("ix⎋:wq⏎", Some("xone\n"), true);
    check("ix⎋:x⏎", Some("xone\n"), true);
    check("ix⎋ZZ", Some("xone\n"), true);
    check("ix⎋ZQ", None, true);
    check(":q⏎", None, true);
    check("ZZ", None, true);
    check("ix⎋:q⏎", None, false);
    check("ix⎋:q!⏎", None, true);
    check("ix⎋:w⏎iy⎋:q!⏎", Some("xone\n"), true);
    check("ix⎋:e!⏎:wq⏎", Some("one\n"), true);
}

#[test]
fn messages_are_vims() {
    let mut vi = Vi::open("/tmp/a.txt", b"one\ntwo\n");
    assert_eq!(vi.message, "\"/tmp/a.txt\" 2L, 8B");
    press(&mut vi, "ix⎋:q⏎");
    assert_eq!(vi.message, "E37: No write since last change (add ! to override)");
    press(&mut vi, ":w⏎");
    assert_eq!(vi.message, "\"/tmp/a.txt\" 2L, 9B written");
    press(&mut vi, ":nonsense⏎");
    assert_eq!(vi.message, "E492: Not an editor command: nonsense");
    press(&mut vi, "/zzz⏎");
    assert_eq!(vi.message, "E486: Pattern not found: zzz");
    let new = Vi::open("/tmp/b.txt", b"");
    assert_eq!(new.message, "\"/tmp/b.txt\" [New]");
}

#[test]
fn yaml_keeps_its_indentation() {
    let mut vi = Vi::open("/tmp/deploy.yaml", b"spec:\n  replicas: 1\n");
    press(&mut vi, "jopaused: true⎋");
    assert_eq!(String::from_utf8(vi.text.bytes()).expect("text"), "spec:\n  replicas: 1\n  paused: true\n");
}

#[test]
fn a_paste_in_command_mode_is_text() {
    let mut vi = Vi::open("/tmp/a.txt", b"");
    vi.paste("dd :q!\n");
    assert_eq!(vi.text.bytes(), b"dd :q!\n\n");
    check("x\n", "i가나⎋", "가나x\n");
}
