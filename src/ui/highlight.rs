//! Colours for code, a line at a time: yaml, json, bash, dockerfile, javascript.
//!
//! A lexer never fails and never changes the text: joined, the pieces are the line.

use crate::ui::theme::{Role, Theme};
use ratatui::text::{Line, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    Plain,
    Yaml,
    Json,
    Shell,
    Dockerfile,
    JavaScript,
}

impl Syntax {
    /// From the word after a code fence.
    pub fn from_fence(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Self::Yaml,
            "json" => Self::Json,
            "sh" | "bash" | "shell" | "console" => Self::Shell,
            "dockerfile" | "docker" => Self::Dockerfile,
            "js" | "javascript" => Self::JavaScript,
            _ => Self::Plain,
        }
    }

    /// From a file's name; `text` tells the temporary files of `kubectl edit` (no telling name) apart.
    pub fn from_path(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        match name.rsplit_once('.').map(|(_, end)| end) {
            Some("yaml" | "yml") => Self::Yaml,
            Some("json") => Self::Json,
            Some("sh" | "bash" | "bashrc") => Self::Shell,
            Some("js" | "mjs" | "cjs") => Self::JavaScript,
            _ if name.starts_with("Dockerfile") => Self::Dockerfile,
            _ => Self::Plain,
        }
    }
}

pub fn line(theme: &Theme, syntax: Syntax, text: &str) -> Line<'static> {
    let pieces = pieces(syntax, text);
    Line::from(
        pieces.into_iter().map(|(text, role)| Span::styled(text, theme.style(role))).collect::<Vec<_>>(),
    )
}

/// The line cut into pieces with a role each.
pub fn pieces(syntax: Syntax, text: &str) -> Vec<(String, Role)> {
    let mut pieces = Pieces { out: Vec::new() };
    match syntax {
        Syntax::Plain => pieces.push(text, Role::Code),
        Syntax::Yaml => yaml(text, &mut pieces),
        Syntax::Json => code(text, &[], &["true", "false", "null"], None, true, &mut pieces),
        Syntax::Shell => shell(text, &mut pieces),
        Syntax::Dockerfile => dockerfile(text, &mut pieces),
        Syntax::JavaScript => code(text, JS_WORDS, JS_VALUES, Some("//"), false, &mut pieces),
    }
    pieces.out
}

const JS_WORDS: &[&str] = &[
    "var", "let", "const", "function", "return", "if", "else", "for", "while", "do", "switch", "case",
    "break", "continue", "new", "class", "extends", "try", "catch", "finally", "throw", "typeof", "in", "of",
    "async", "await", "import", "export", "from", "default", "delete", "this",
];
const JS_VALUES: &[&str] = &["true", "false", "null", "undefined"];
const SHELL_WORDS: &[&str] = &[
    "if", "then", "else", "elif", "fi", "for", "in", "do", "done", "while", "until", "case", "esac",
    "function", "export", "local", "return",
];
const DOCKER_WORDS: &[&str] = &[
    "FROM",
    "RUN",
    "CMD",
    "LABEL",
    "EXPOSE",
    "ENV",
    "ADD",
    "COPY",
    "ENTRYPOINT",
    "VOLUME",
    "USER",
    "WORKDIR",
    "ARG",
    "ONBUILD",
    "STOPSIGNAL",
    "HEALTHCHECK",
    "SHELL",
    "AS",
];

struct Pieces {
    out: Vec<(String, Role)>,
}

impl Pieces {
    fn push(&mut self, text: &str, role: Role) {
        if text.is_empty() {
            return;
        }
        match self.out.last_mut() {
            Some((last, last_role)) if *last_role == role => last.push_str(text),
            _ => self.out.push((text.to_owned(), role)),
        }
    }
}

/// The length of the quoted string at the start of `text`; to the end of the line when it is not closed.
fn quoted(text: &str) -> usize {
    let mut chars = text.char_indices();
    let Some((_, quote)) = chars.next() else { return 0 };
    let mut escaped = false;
    for (at, c) in chars {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote != '\'' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

fn word_length(text: &str, more: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_' || more.contains(c))).unwrap_or(text.len())
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}

fn code(text: &str, words: &[&str], values: &[&str], comment: Option<&str>, keys: bool, pieces: &mut Pieces) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if comment.is_some_and(|c| rest.starts_with(c)) {
            return pieces.push(rest, Role::CodeComment);
        }
        let (length, role) = if matches!(first, '"' | '\'' | '`') {
            let length = quoted(rest);
            let is_key = keys && rest[length..].trim_start().starts_with(':');
            (length, if is_key { Role::CodeKey } else { Role::CodeString })
        } else if first.is_alphanumeric() || first == '_' {
            let length = word_length(rest, if first.is_ascii_digit() { "." } else { "$" });
            let word = &rest[..length];
            let role = if words.contains(&word) {
                Role::CodeKeyword
            } else if values.contains(&word) || is_number(word) {
                Role::CodeNumber
            } else if rest[length..].starts_with('(') {
                Role::CodeKey
            } else {
                Role::Code
            };
            (length, role)
        } else {
            (first.len_utf8(), Role::Code)
        };
        pieces.push(&rest[..length], role);
        rest = &rest[length..];
    }
}

fn yaml(text: &str, pieces: &mut Pieces) {
    let trimmed = text.trim_start();
    let mut rest = text;
    if trimmed.starts_with('#') {
        return pieces.push(text, Role::CodeComment);
    }
    if trimmed == "---" || trimmed == "..." {
        return pieces.push(text, Role::CodeKeyword);
    }
    let mut lead = text.len() - trimmed.len();
    while rest[lead..].starts_with("- ") {
        lead += 2;
        lead += rest[lead..].len() - rest[lead..].trim_start().len();
    }
    pieces.push(&rest[..lead], Role::Code);
    rest = &rest[lead..];
    if let Some(colon) = key_end(rest) {
        pieces.push(&rest[..colon], Role::CodeKey);
        pieces.push(":", Role::Code);
        rest = &rest[colon + 1..];
    }
    let (value, comment) = match rest.find(" #") {
        Some(at) if !rest.trim_start().starts_with(['"', '\'']) => rest.split_at(at),
        _ => (rest, ""),
    };
    let word = value.trim();
    let role = match word {
        "true" | "false" | "null" | "~" => Role::CodeNumber,
        "|" | "|-" | ">" | ">-" | "{}" | "[]" => Role::Code,
        _ if is_number(word) && word.chars().filter(|c| *c == '.').count() < 2 => Role::CodeNumber,
        _ => Role::CodeString,
    };
    pieces.push(value, role);
    pieces.push(comment, Role::CodeComment);
}

/// Where a mapping's key ends: before a colon that a blank or the end of the line follows.
fn key_end(text: &str) -> Option<usize> {
    if text.starts_with(['"', '\'']) {
        let end = quoted(text);
        return text[end..].starts_with(':').then_some(end);
    }
    text.match_indices(':')
        .map(|(at, _)| at)
        .find(|at| matches!(text.as_bytes().get(at + 1), None | Some(b' ')))
}

fn shell(text: &str, pieces: &mut Pieces) {
    let mut rest = text;
    let mut command = true;
    if let Some(after) = rest.strip_prefix("$ ") {
        pieces.push("$ ", Role::CodeComment);
        rest = after;
    }
    while let Some(first) = rest.chars().next() {
        let (length, role) = match first {
            '#' if pieces.out.last().is_none_or(|(t, _)| t.ends_with(' ')) => (rest.len(), Role::CodeComment),
            '"' | '\'' => (quoted(rest), Role::CodeString),
            '$' => (dollar(rest), Role::CodeNumber),
            '|' | '&' | ';' | '(' | '{' => {
                command = true;
                (1, Role::CodeKeyword)
            }
            '>' | '<' => (1, Role::CodeKeyword),
            ' ' | '\t' => (1, Role::Code),
            '\\' => (first.len_utf8() + rest[1..].chars().next().map_or(0, char::len_utf8), Role::Code),
            _ => {
                let end = rest
                    .find([' ', '\t', ';', '|', '&', '"', '\'', '$', '<', '>', ')'])
                    .unwrap_or(rest.len());
                let length = end.max(first.len_utf8());
                let word = &rest[..length];
                let role = if SHELL_WORDS.contains(&word) {
                    Role::CodeKeyword
                } else if command && !word.contains('=') {
                    command = false;
                    Role::CodeKey
                } else if word.starts_with('-') {
                    Role::CodeString
                } else {
                    Role::Code
                };
                (length, role)
            }
        };
        pieces.push(&rest[..length], role);
        rest = &rest[length..];
    }
}

fn dollar(text: &str) -> usize {
    let after = &text[1..];
    if after.starts_with('{') {
        return text.find('}').map_or(text.len(), |at| at + 1);
    }
    if after.starts_with('(') {
        return 1;
    }
    1 + word_length(after, "")
        .max(after.chars().next().filter(|c| "?!#@*$".contains(*c)).map_or(0, char::len_utf8))
}

fn dockerfile(text: &str, pieces: &mut Pieces) {
    let trimmed = text.trim_start();
    if trimmed.starts_with('#') {
        return pieces.push(text, Role::CodeComment);
    }
    let lead = text.len() - trimmed.len();
    let length = word_length(trimmed, "");
    if DOCKER_WORDS.contains(&trimmed[..length].to_ascii_uppercase().as_str()) {
        pieces.push(&text[..lead + length], Role::CodeKeyword);
        code(&trimmed[length..], &["AS", "as"], &[], None, false, pieces);
    } else {
        code(text, &[], &[], None, false, pieces);
    }
}

#[cfg(test)]
mod tests {
    use super::{Syntax, pieces};
    use crate::ui::theme::Role;

    fn check(syntax: Syntax, text: &str, expect: &[(&str, Role)]) {
        let pieces = pieces(syntax, text);
        let joined: String = pieces.iter().map(|(t, _)| t.as_str()).collect();
        assert_eq!(joined, text, "the text is unchanged");
        for (piece, role) in expect {
            assert!(
                pieces.iter().any(|(t, r)| t.trim() == *piece && r == role),
                "{piece:?} as {role:?} in {pieces:?}"
            );
        }
    }

    #[test]
    fn each_language() {
        check(Syntax::Yaml, "  - image: gcr.io/p/hello-node:v1 # now", &[("image", Role::CodeKey)]);
        check(Syntax::Yaml, "  replicas: 4", &[("replicas", Role::CodeKey), ("4", Role::CodeNumber)]);
        check(
            Syntax::Json,
            r#"{"a": "b", "n": 1}"#,
            &[("\"a\"", Role::CodeKey), ("\"b\"", Role::CodeString)],
        );
        check(
            Syntax::Shell,
            "kubectl get pods -o wide | grep \"x y\" # look",
            &[("kubectl", Role::CodeKey), ("grep", Role::CodeKey), ("\"x y\"", Role::CodeString)],
        );
        check(Syntax::Shell, "echo $? ${HOME} $( 가나다 \\", &[("echo", Role::CodeKey)]);
        check(Syntax::Dockerfile, "FROM node:6.9.2", &[("FROM", Role::CodeKeyword)]);
        check(
            Syntax::JavaScript,
            "var www = http.createServer(f); // go",
            &[("var", Role::CodeKeyword), ("createServer", Role::CodeKey), ("// go", Role::CodeComment)],
        );
        check(Syntax::Json, "\"unclosed \\", &[]);
    }
}
