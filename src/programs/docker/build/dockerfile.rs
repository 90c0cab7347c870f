//! Reading a Dockerfile: lines into instructions and stages, with BuildKit's complaints. Never builds.

/// Instructions that exist.
pub const INSTRUCTIONS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// The longest Dockerfile that is read.
const LINE_LIMIT: usize = 2_000;

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// First and last line, from 1.
    pub lines: (usize, usize),
    /// As written: `copy`.
    pub typed: String,
    /// In capitals.
    pub name: String,
    /// `--from=build`, without the dashes.
    pub flags: Vec<(String, String)>,
    /// What follows, continuation lines joined.
    pub rest: String,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    pub from: Instruction,
    pub base: String,
    /// The name after AS, in small letters.
    pub name: Option<String>,
    pub steps: Vec<Instruction>,
}

/// A Dockerfile.
#[derive(Debug, Clone, Default)]
pub struct Dockerfile {
    /// ARGs before the first FROM.
    pub globals: Vec<Instruction>,
    pub stages: Vec<Stage>,
}

/// A complaint, and the lines it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub message: String,
    pub lines: Option<(usize, usize)>,
}

fn complaint(message: String, lines: (usize, usize)) -> Complaint {
    Complaint { message, lines: Some(lines) }
}

fn on_line(lines: (usize, usize), message: &str) -> Complaint {
    complaint(format!("dockerfile parse error on line {}: {message}", lines.0), lines)
}

/// Reads a whole file.
pub fn parse(text: &str) -> Result<Dockerfile, Complaint> {
    let instructions = instructions(text)?;
    if instructions.is_empty() {
        let message = if text.trim().is_empty() {
            "the Dockerfile cannot be empty"
        } else {
            "file with no instructions"
        };
        return Err(Complaint { message: message.to_owned(), lines: None });
    }
    let mut file = Dockerfile::default();
    for instruction in instructions {
        match (instruction.name.as_str(), file.stages.last_mut()) {
            ("FROM", _) => file.stages.push(stage(instruction)?),
            (_, Some(stage)) => stage.steps.push(check(instruction)?),
            ("ARG", None) => file.globals.push(instruction),
            (_, None) => {
                return Err(complaint("no build stage in current context".to_owned(), instruction.lines));
            }
        }
    }
    if file.stages.is_empty() {
        return Err(Complaint { message: "dockerfile contains no stages to build".to_owned(), lines: None });
    }
    Ok(file)
}

/// Joins continuation lines, leaves comments out, splits name and flags off.
fn instructions(text: &str) -> Result<Vec<Instruction>, Complaint> {
    let mut out = Vec::new();
    let mut pending: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if number > LINE_LIMIT {
            let message = format!("KubeJam reads at most {LINE_LIMIT} lines of a Dockerfile");
            return Err(complaint(message, (number, number)));
        }
        let trimmed = line.trim_start();
        if trimmed.starts_with('#') || trimmed.is_empty() {
            continue;
        }
        let (start, mut whole) = pending.take().unwrap_or((number, String::new()));
        let piece = if whole.is_empty() { trimmed } else { line };
        match piece.trim_end().strip_suffix('\\') {
            Some(more) => {
                whole.push_str(more);
                pending = Some((start, whole));
            }
            None => {
                whole.push_str(piece.trim_end());
                out.push(instruction(&whole, (start, number))?);
            }
        }
    }
    if let Some((start, whole)) = pending {
        out.push(instruction(&whole, (start, text.lines().count()))?);
    }
    Ok(out)
}

fn instruction(line: &str, lines: (usize, usize)) -> Result<Instruction, Complaint> {
    let (typed, mut rest) =
        line.split_once(char::is_whitespace).map_or((line, ""), |(word, rest)| (word, rest.trim()));
    let name = typed.to_ascii_uppercase();
    if !INSTRUCTIONS.contains(&name.as_str()) {
        let near = INSTRUCTIONS.iter().min_by_key(|known| strsim::levenshtein(known, &name));
        let near = near.filter(|known| strsim::levenshtein(known, &name) <= 2);
        let hint = near.map_or_else(String::new, |known| format!(" (did you mean {known}?)"));
        return Err(on_line(lines, &format!("unknown instruction: {typed}{hint}")));
    }
    let mut flags = Vec::new();
    let takes_flags = matches!(name.as_str(), "ADD" | "COPY" | "FROM" | "RUN" | "HEALTHCHECK");
    while let (true, Some(flag)) = (takes_flags, rest.strip_prefix("--")) {
        let (word, after) =
            flag.split_once(char::is_whitespace).map_or((flag, ""), |(w, a)| (w, a.trim_start()));
        let (key, value) = word.split_once('=').unwrap_or((word, "true"));
        if !known_flags(&name).contains(&key) {
            return Err(on_line(lines, &format!("unknown flag: --{key}")));
        }
        flags.push((key.to_owned(), value.to_owned()));
        rest = after;
    }
    Ok(Instruction { lines, typed: typed.to_owned(), name, flags, rest: rest.to_owned() })
}

/// The flags that an instruction takes.
fn known_flags(name: &str) -> &'static [&'static str] {
    match name {
        "COPY" => &["from", "chown", "chmod", "link", "parents", "exclude"],
        "ADD" => &["chown", "chmod", "link", "keep-git-dir", "checksum", "unpack", "exclude"],
        "RUN" => &["mount", "network", "security"],
        "FROM" => &["platform"],
        "HEALTHCHECK" => &["interval", "timeout", "start-period", "start-interval", "retries"],
        _ => &[],
    }
}

fn stage(from: Instruction) -> Result<Stage, Complaint> {
    let words: Vec<&str> = from.rest.split_whitespace().collect();
    let (base, name) = match words.as_slice() {
        [base] => ((*base).to_owned(), None),
        [base, word, name] if word.eq_ignore_ascii_case("as") => {
            ((*base).to_owned(), Some(name.to_lowercase()))
        }
        [_, word, _] => {
            let message = format!("second argument to FROM must be AS, got {word}");
            return Err(on_line(from.lines, &message));
        }
        _ => return Err(on_line(from.lines, "FROM requires either one or three arguments")),
    };
    Ok(Stage { from, base, name, steps: Vec::new() })
}

/// Complaints about the number of arguments.
fn check(instruction: Instruction) -> Result<Instruction, Complaint> {
    let words = instruction.rest.split_whitespace().count();
    let name = instruction.name.as_str();
    let json = json_form(&instruction.rest).map_or(words, |list| list.len());
    let message = match name {
        "COPY" | "ADD" if json < 2 => {
            format!(
                "{name} requires at least two arguments, but only {json} were provided. Destination could not be determined"
            )
        }
        "WORKDIR" | "USER" | "STOPSIGNAL" if words != 1 && name != "WORKDIR" || words == 0 => {
            format!("{name} requires exactly one argument")
        }
        "EXPOSE" | "ENV" | "LABEL" | "ARG" | "VOLUME" | "RUN" if words == 0 => {
            format!("{name} requires at least one argument")
        }
        "ENV" | "LABEL" if words == 1 && !instruction.rest.contains('=') => {
            format!("{name} must have two arguments")
        }
        _ => return Ok(instruction),
    };
    Err(on_line(instruction.lines, &message))
}

/// `["node", "app.js"]` as a list; `None` when it is not the JSON form.
pub fn json_form(rest: &str) -> Option<Vec<String>> {
    if !rest.starts_with('[') {
        return None;
    }
    serde_json::from_str(rest).ok()
}

/// The lines around a complaint, as BuildKit quotes them.
pub fn excerpt(name: &str, text: &str, lines: (usize, usize)) -> String {
    let all: Vec<&str> = text.split('\n').collect();
    let (mut start, mut end) = (lines.0.max(1), lines.1.min(all.len()));
    let pad = if start == end { 4 } else { 2 };
    let mut padded = 0;
    while padded < pad {
        if start > 1 {
            start -= 1;
            padded += 1;
        }
        if end < all.len() {
            end += 1;
            padded += 1;
        }
        padded += 1;
    }
    let mut out = format!("{name}:{}\n--------------------\n", lines.0);
    for number in start..=end {
        let mark = if (lines.0..=lines.1).contains(&number) { ">>>" } else { "   " };
        out.push_str(&format!(" {number:3} | {mark} {}\n", all[number - 1]));
    }
    out.push_str("--------------------\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_error(text: &str, expect: &str) {
        let error = parse(text).expect_err(text);
        assert_eq!(error.message, expect, "{text}");
    }

    #[test]
    fn complaints() {
        check_error(
            "FROM a\nWORKDIRR /app\n",
            "dockerfile parse error on line 2: unknown instruction: WORKDIRR (did you mean WORKDIR?)",
        );
        check_error(
            "FROM\n",
            "dockerfile parse error on line 1: FROM requires either one or three arguments",
        );
        check_error("WORKDIR /app\n", "no build stage in current context");
        check_error("", "the Dockerfile cannot be empty");
        check_error("FROM a\nCOPY --form=b x y\n", "dockerfile parse error on line 2: unknown flag: --form");
        check_error(
            "FROM a\nCOPY x\n",
            "dockerfile parse error on line 2: COPY requires at least two arguments, but only 1 were provided. Destination could not be determined",
        );
    }

    #[test]
    fn continuation_lines_comments_and_flags() {
        let file = parse("ARG V=1\nFROM a AS Build\nRUN one && \\\n # why\n  two\nFROM b\nCOPY --from=build --chown=1:1 /x /y\n").expect("sound");
        assert_eq!(file.globals.len(), 1);
        assert_eq!(file.stages[0].name.as_deref(), Some("build"));
        assert_eq!(file.stages[0].steps[0].rest, "one &&   two");
        assert_eq!(file.stages[0].steps[0].lines, (3, 5));
        assert_eq!(file.stages[1].steps[0].flags[0], ("from".to_owned(), "build".to_owned()));
    }

    #[test]
    fn quotes_the_place() {
        assert_eq!(
            excerpt("Dockerfile", "FROM a\nRUNN x\n", (2, 2)),
            "Dockerfile:2\n--------------------\n   1 |     FROM a\n   2 | >>> RUNN x\n   3 |     \n--------------------\n"
        );
    }
}
