//! `{name}` in prose and commands, replaced by the learner's own project, zone, address ...
//!
//! Only a lower-case word in braces is a variable: `${HOME}`, `{.status.phase}`, `{{end}}`, `{"a":1}` and `{ x }` stay
//! as they are. A variable without a value yet stays visible as `NAME`, the way manuals write a placeholder.

use std::collections::BTreeMap;

/// A variable's value may use other variables, at most this deep.
const MAX_DEPTH: usize = 4;

/// Replaces every `{name}` that `names` knows; unknown ones become `NAME`.
pub fn fill(text: &str, names: &BTreeMap<String, String>) -> String {
    fill_to(text, names, MAX_DEPTH)
}

fn fill_to(text: &str, names: &BTreeMap<String, String>, depth: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = next_variable(rest) {
        out.push_str(before);
        match names.get(name) {
            Some(value) if depth > 0 => out.push_str(&fill_to(value, names, depth - 1)),
            _ => out.push_str(&name.to_uppercase()),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The names of the variables a text uses, in order, repeats included.
pub fn variables(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, name, after)) = next_variable(rest) {
        found.push(name);
        rest = after;
    }
    found
}

fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| at + from) {
        let inner = &text[open + 1..];
        let length =
            inner.bytes().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_').count();
        let starts_well = inner.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        // `${HOME}` is the shell's, `{{end}}` a Go template's.
        let other = text[..open].ends_with(['$', '{']);
        if starts_well && !other && inner[length..].starts_with('}') {
            return Some((&text[..open], &inner[..length], &inner[length + 1..]));
        }
        from = open + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let names = [("project", "jam-7f3a"), ("image", "us-docker.pkg.dev/{project}/repo/app")];
        let names = names.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(fill(text, &names), expect, "{text}");
    }

    #[test]
    fn learners_see_their_own_names() {
        check("push {image}:v1 of {project}", "push us-docker.pkg.dev/jam-7f3a/repo/app:v1 of jam-7f3a");
        check("curl http://{external_ip}:8080", "curl http://EXTERNAL_IP:8080");
        check(
            "echo ${project} {.status} {\"a\":1} { x } {A}",
            "echo ${project} {.status} {\"a\":1} { x } {A}",
        );
        check("{{range .x}}{{end}}", "{{range .x}}{{end}}");
    }

    #[test]
    fn a_variable_of_itself_ends() {
        let names = [("a".to_owned(), "{a}".to_owned())].into();
        assert_eq!(fill("{a}", &names), "A");
    }
}
