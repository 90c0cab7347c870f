//! What go-yaml v2 prints for the values that kubectl meets.

use super::emit;
use serde_json::{Value, json};

fn check(value: Value, expect: &str) {
    assert_eq!(emit(&value), expect);
}

#[test]
fn strings_that_would_read_as_something_else_are_quoted_twice() {
    for (text, expect) in [
        ("true", "\"true\""),
        ("1", "\"1\""),
        ("0x1F", "\"0x1F\""),
        ("1e3", "\"1e3\""),
        ("", "\"\""),
        ("yes", "\"yes\""),
        ("null", "\"null\""),
        ("2026-11-22T12:45:59Z", "\"2026-11-22T12:45:59Z\""),
        ("12:30", "\"12:30\""),
        ("80", "\"80\""),
        ("25%", "25%"),
        ("10.4.0.5", "10.4.0.5"),
        ("nginx:1.27", "nginx:1.27"),
        ("-c", "-c"),
        ("app=web", "app=web"),
    ] {
        check(json!({ "k": text }), &format!("k: {expect}\n"));
    }
}

#[test]
fn strings_with_indicators_are_quoted_once() {
    check(json!({"k": "a: b"}), "k: 'a: b'\n");
    check(json!({"k": "# x"}), "k: '# x'\n");
    check(json!({"k": "*"}), "k: '*'\n");
    check(json!({"k": "it's: x"}), "k: 'it''s: x'\n");
    check(json!({"k": "a\tb"}), "k: \"a\\tb\"\n");
}

#[test]
fn several_lines_become_a_literal_block() {
    check(json!({"k": "a\nb\n"}), "k: |\n  a\n  b\n");
    check(json!({"k": "a\nb"}), "k: |-\n  a\n  b\n");
    check(json!({"k": "a \nb"}), "k: \"a \\nb\"\n");
}

#[test]
fn lists_stand_below_their_key() {
    check(
        json!({"b": [{"x": 1, "a": [1, 2]}, "s"], "a": {}, "c": []}),
        "a: {}\nb:\n- a:\n  - 1\n  - 2\n  x: 1\n- s\nc: []\n",
    );
}

#[test]
fn long_plain_strings_fold_after_column_eighty() {
    let text =
        "The node was low on resource memory and so the kubelet had to end this pod before its time was over";
    check(
        json!({ "message": text }),
        "message: The node was low on resource memory and so the kubelet had to end this pod\n  before its time was over\n",
    );
}

#[test]
fn keys_are_in_natural_order() {
    check(json!({"a10": 1, "a2": 2, "a-b": 3}), "a-b: 3\na2: 2\na10: 1\n");
}
