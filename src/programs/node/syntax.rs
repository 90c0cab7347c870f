//! A text that does not parse: what V8 would say about it, and which characters it would underline. Must never
//! decide whether a text parses; the engine has.

/// V8's complaint, with its place: 1-based line, 0-based start column, length of the underline.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Diagnosis {
    pub message: String,
    pub line: usize,
    pub start: usize,
    pub length: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Identifier,
    Keyword,
    Number,
    Text,
    Template,
    Punctuator,
    /// A string without its end, a character that begins nothing.
    Invalid,
    /// A template without its end.
    OpenTemplate,
    End,
}

#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    line: usize,
    start: usize,
}

const KEYWORDS: &[&str] = &[
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "new",
    "null",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
];
const PUNCTUATORS: &[&str] = &[
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=", "<=",
    ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>",
    "**", "{", "}", "(", ")", "[", "]", ";", ",", "<", ">", "+", "-", "*", "/", "%", "&", "|", "^", "!", "~",
    "?", ":", "=", ".", "#", "@",
];

/// V8's view of a text that the engine refused at `line`, `column` (1-based) with `message`.
pub fn diagnose(text: &str, line: usize, column: usize, message: &str) -> Diagnosis {
    let tokens = tokens(text);
    let invalid = tokens.iter().position(|t| matches!(t.kind, Kind::Invalid | Kind::OpenTemplate));
    let at = tokens
        .iter()
        .position(|t| (t.line, t.start + t.text.chars().count().max(1)) > (line, column.saturating_sub(1)))
        .unwrap_or(tokens.len() - 1);
    let at = match invalid {
        Some(bad) if bad <= at + 1 || message.contains("end of string") => bad,
        _ => at,
    };
    worded(&tokens, at, message)
}

fn worded(tokens: &[Token<'_>], at: usize, message: &str) -> Diagnosis {
    let token = tokens[at];
    let previous = &tokens[at.saturating_sub(1)];
    let at_token = |token: &Token<'_>, message: String| Diagnosis {
        message,
        line: token.line,
        start: token.start,
        length: token.text.lines().next().unwrap_or_default().chars().count(),
    };
    if token.kind == Kind::Invalid {
        return at_token(&token, "Invalid or unexpected token".into());
    }
    if token.kind == Kind::OpenTemplate {
        return at_token(&token, "Unterminated template literal".into());
    }
    if let Some(words) = fixed(message) {
        return at_token(&token, words.to_owned());
    }
    if message.contains("redefinition") || message.contains("already declared") {
        let name = if token.kind == Kind::Identifier { &token } else { previous };
        return at_token(name, format!("Identifier '{}' has already been declared", name.text));
    }
    if message.contains("missing initializer") {
        let kind =
            if message.contains("const") || opens_const(tokens, at) { "const" } else { "destructuring" };
        return at_token(previous, format!("Missing initializer in {kind} declaration"));
    }
    let complete = previous.kind != Kind::Punctuator || matches!(previous.text, ")" | "]" | "}");
    if in_arguments(tokens, at) && wants_more(token) && complete {
        return at_token(previous, "missing ) after argument list".into());
    }
    if previous.text == "await" {
        return at_token(
            previous,
            "await is only valid in async functions and the top level bodies of modules".into(),
        );
    }
    at_token(&token, unexpected(&token))
}

/// Complaints that do not depend on the token.
fn fixed(message: &str) -> Option<&'static str> {
    let table = [
        ("invalid assignment left-hand side", "Invalid left-hand side in assignment"),
        ("invalid increment/decrement operand", "Invalid left-hand side expression in postfix operation"),
        ("return not in a function", "Illegal return statement"),
        ("break must be inside", "Illegal break statement"),
        ("continue must be inside", "Illegal continue statement: no surrounding iteration statement"),
        ("expecting catch or finally", "Missing catch or finally after try"),
        ("line terminator not allowed after throw", "Illegal newline after throw"),
        ("function name expected", "Function statements require a function name"),
        ("await in default expression", "Illegal await-expression in formal parameters of async function"),
        ("duplicate default", "More than one default clause in switch statement"),
        ("'super' is only valid", "'super' keyword unexpected here"),
        ("super() is only valid", "'super' keyword unexpected here"),
    ];
    table.iter().find(|(ours, _)| message.contains(ours)).map(|(_, words)| *words)
}

fn unexpected(token: &Token<'_>) -> String {
    match token.kind {
        Kind::Identifier => format!("Unexpected identifier '{}'", token.text),
        Kind::Number => "Unexpected number".into(),
        Kind::Text => "Unexpected string".into(),
        Kind::Template => "Unexpected template string".into(),
        Kind::End => "Unexpected end of input".into(),
        _ => format!("Unexpected token '{}'", token.text),
    }
}

/// A token that cannot follow an argument.
fn wants_more(token: Token<'_>) -> bool {
    match token.kind {
        Kind::Identifier | Kind::Keyword | Kind::Number | Kind::Text | Kind::End => true,
        Kind::Punctuator => matches!(token.text, ";" | "}" | "{" | "]" | ":"),
        _ => false,
    }
}

/// Whether the token stands directly in the argument list of a call.
fn in_arguments(tokens: &[Token<'_>], at: usize) -> bool {
    let mut depth = 0i32;
    for index in (0..at).rev() {
        match tokens[index].text {
            ")" | "]" | "}" => depth += 1,
            "(" if depth == 0 => {
                let Some(before) = index.checked_sub(1).map(|i| tokens[i]) else { return false };
                let second = index.checked_sub(2).map(|i| tokens[i].text);
                return (before.kind == Kind::Identifier && second != Some("function"))
                    || matches!(before.text, ")" | "]" | "super" | "import");
            }
            "(" | "[" | "{" if depth > 0 => depth -= 1,
            "[" | "{" => return false,
            _ => {}
        }
    }
    false
}

fn opens_const(tokens: &[Token<'_>], at: usize) -> bool {
    tokens[..at]
        .iter()
        .rev()
        .find(|t| matches!(t.text, "const" | "let" | "var"))
        .is_some_and(|t| t.text == "const")
}

/// The text's tokens, with an end token last.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out: Vec<Token<'_>> = Vec::new();
    let (mut index, mut line, mut line_start) = (0, 1, 0);
    while let Some(c) = text[index..].chars().next() {
        if c == '\n' {
            index += 1;
            (line, line_start) = (line + 1, index);
            continue;
        }
        if c.is_whitespace() {
            index += c.len_utf8();
            continue;
        }
        let rest = &text[index..];
        let regex_allowed = out.last().is_none_or(|t| {
            t.kind == Kind::Keyword || (t.kind == Kind::Punctuator && !matches!(t.text, ")" | "]" | "}"))
        });
        let (kind, length) = one(rest, regex_allowed);
        let start = text[line_start..index].chars().count();
        let piece = &rest[..length];
        if let Some(kind) = kind {
            out.push(Token { kind, text: piece, line, start });
        }
        if let Some(last) = piece.rfind('\n') {
            line += piece.matches('\n').count();
            line_start = index + last + 1;
        }
        index += length;
    }
    let start = text[line_start..].chars().count();
    out.push(Token { kind: Kind::End, text: "", line, start });
    out
}

/// The token at the start of `rest` and its length; no kind for comments.
fn one(rest: &str, regex_allowed: bool) -> (Option<Kind>, usize) {
    let first = rest.chars().next().unwrap_or(' ');
    if rest.starts_with("//") {
        return (None, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (None, rest.find("*/").map_or(rest.len(), |i| i + 2));
    }
    if first == '"' || first == '\'' {
        return quoted(rest, first);
    }
    if first == '`' {
        return match closing(rest, '`', true) {
            Some(end) => (Some(Kind::Template), end),
            None => (Some(Kind::OpenTemplate), rest.len()),
        };
    }
    if first == '/'
        && regex_allowed
        && let Some(end) = closing(rest, '/', false)
    {
        return (Some(Kind::Text), end);
    }
    if first.is_ascii_digit() {
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_')).unwrap_or(rest.len());
        return (Some(Kind::Number), end);
    }
    if first.is_alphabetic() || first == '_' || first == '$' {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
        let kind = if KEYWORDS.contains(&&rest[..end]) { Kind::Keyword } else { Kind::Identifier };
        return (Some(kind), end);
    }
    match PUNCTUATORS.iter().find(|p| rest.starts_with(**p)) {
        Some(punctuator) => (Some(Kind::Punctuator), punctuator.len()),
        None => (Some(Kind::Invalid), first.len_utf8()),
    }
}

fn quoted(rest: &str, mark: char) -> (Option<Kind>, usize) {
    match closing(rest, mark, false) {
        Some(end) => (Some(Kind::Text), end),
        None => (Some(Kind::Invalid), rest.find('\n').unwrap_or(rest.len())),
    }
}

/// Where a literal that begins with `mark` ends.
fn closing(rest: &str, mark: char, lines: bool) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1);
    while let Some((index, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '\n' if !lines => return None,
            c if c == mark => return Some(index + c.len_utf8()),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The engine's place and words on the left, V8's on the right.
    fn check(text: &str, (line, column, message): (usize, usize, &str), expect: (usize, usize, usize, &str)) {
        let found = diagnose(text, line, column, message);
        let got = (found.line, found.start, found.length, found.message.as_str());
        assert_eq!(got, expect, "for {text:?}");
    }

    #[test]
    fn what_v8_says() {
        check(
            "console.log(\"a\"\nfoo();\n",
            (2, 1, "expecting ')'"),
            (1, 12, 3, "missing ) after argument list"),
        );
        check("f(Hello World!);", (1, 9, "expecting ','"), (1, 2, 5, "missing ) after argument list"));
        check("var a = ;", (1, 9, "x"), (1, 8, 1, "Unexpected token ';'"));
        check("let x y", (1, 7, "expecting ';'"), (1, 6, 1, "Unexpected identifier 'y'"));
        check(
            "var s = 'abc\nf()",
            (1, 9, "unexpected end of string"),
            (1, 8, 4, "Invalid or unexpected token"),
        );
        check("if (x) {\n", (2, 1, "expecting '}'"), (2, 0, 0, "Unexpected end of input"));
    }
}
