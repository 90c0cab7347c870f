//! A Dockerfile: its stages and their instructions, and how BuildKit quotes its lines. Never builds.

use super::{arguments, reading};

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

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// First and last line, from 1.
    pub lines: (usize, usize),
    /// As written: `copy`.
    pub typed: String,
    /// In capitals.
    pub name: String,
    /// `--from=build`, without the dashes; `--link` has no value.
    pub flags: Vec<(String, Option<String>)>,
    /// What follows, continuation lines joined.
    pub rest: String,
    /// The lines of a here-document, when `rest` ends with its beginning.
    pub heredoc: Option<Heredoc>,
}

/// Lines that an instruction brings along: `RUN <<EOF` up to `EOF`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    pub word: String,
    pub text: String,
}

impl Instruction {
    /// The value of a flag that was given with one.
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.as_deref())
    }

    /// The flags as they stand in front of the arguments, each with a blank behind it.
    pub fn shown_flags(&self) -> String {
        let shown = |(key, value): &(String, Option<String>)| match value {
            Some(value) => format!("--{key}={value} "),
            None => format!("--{key} "),
        };
        self.flags.iter().map(shown).collect()
    }
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
    /// Last lines of instructions that are continued over an empty line.
    pub empty_continuations: Vec<usize>,
    /// Checks that `# check=skip=RULE,RULE` at the top leaves out.
    pub skipped_checks: Vec<String>,
    /// `# check=error=true`: what the checks find ends the build.
    pub checks_are_errors: bool,
    /// Lines of MAINTAINER.
    pub maintainers: Vec<usize>,
}

impl Dockerfile {
    /// Every instruction of every stage.
    pub fn steps(&self) -> impl Iterator<Item = &Instruction> {
        self.stages.iter().flat_map(|stage| &stage.steps)
    }
}

/// A complaint, and the lines it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub message: String,
    pub lines: Option<(usize, usize)>,
}

pub(super) fn complaint(message: String, lines: (usize, usize)) -> Complaint {
    Complaint { message, lines: Some(lines) }
}

fn on_line(lines: (usize, usize), message: &str) -> Complaint {
    complaint(format!("dockerfile parse error on line {}: {message}", lines.0), lines)
}

/// Reads a whole file.
pub fn parse(text: &str) -> Result<Dockerfile, Complaint> {
    let (file, read) = parse_partly(text);
    read.map(|()| file)
}

/// Reads as much of a file as can be read, and says why it is no more.
pub fn parse_partly(text: &str) -> (Dockerfile, Result<(), Complaint>) {
    let mut file = Dockerfile::default();
    let read = read_into(text, &mut file);
    (file, read)
}

fn read_into(text: &str, file: &mut Dockerfile) -> Result<(), Complaint> {
    if text.is_empty() {
        return Err(Complaint { message: "the Dockerfile cannot be empty".to_owned(), lines: None });
    }
    let (instructions, empty_continuations) = reading::instructions(text)?;
    let checks = reading::checks(text);
    file.empty_continuations = empty_continuations;
    file.skipped_checks = checks.skipped;
    file.checks_are_errors = checks.are_errors;
    for instruction in instructions {
        let refused = arguments::check(&instruction).map_err(|why| on_line(instruction.lines, &why));
        if instruction.name == "MAINTAINER" && !file.stages.is_empty() {
            file.maintainers.push(instruction.lines.0);
        }
        refused?;
        match (instruction.name.as_str(), file.stages.last_mut()) {
            ("FROM", _) => file.stages.push(stage(instruction)),
            (_, Some(stage)) => stage.steps.push(instruction),
            ("ARG", None) => file.globals.push(instruction),
            (_, None) => {
                return Err(complaint("no build stage in current context".to_owned(), instruction.lines));
            }
        }
    }
    if file.stages.is_empty() {
        return Err(Complaint { message: "dockerfile contains no stages to build".to_owned(), lines: None });
    }
    Ok(())
}

/// A stage of a FROM whose arguments were checked.
fn stage(from: Instruction) -> Stage {
    let mut words = from.rest.split_whitespace();
    let base = words.next().unwrap_or_default().to_owned();
    let name = words.nth(1).map(str::to_lowercase);
    Stage { from, base, name, steps: Vec::new() }
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
        check_error(
            "FROM a\nCOPY --form=b x y\n",
            "dockerfile parse error on line 2: unknown flag: --form (did you mean from?)",
        );
        check_error(
            "FROM a\nCOPY x\n",
            "dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined",
        );
        check_error("# nothing\n", "file with no instructions");
        check_error("ARG A\n", "dockerfile contains no stages to build");
        check_error("FROM a\nENV A\n", "ENV must have two arguments");
        check_error(
            "FROM a\nENV A=1 B\n",
            "Syntax error - can't find = in \"B\". Must be of the form: name=value",
        );
        check_error(
            "FROM a\nCMD [1]\n",
            "when using JSON array syntax, arrays must be comprised of strings only",
        );
        check_error(
            "FROM a xs b\n",
            "dockerfile parse error on line 1: FROM requires either one or three arguments",
        );
        check_error(
            "FROM a AS 1st\n",
            "dockerfile parse error on line 1: invalid name for build stage: \"1st\", name can't start with a number or contain symbols",
        );
        check_error("FROM a\nCMD --x y\n", "dockerfile parse error on line 2: unknown flag: --x");
        check_error(
            "FROM a\nHEALTHCHECK curl x\n",
            "dockerfile parse error on line 2: Unknown type \"CURL\" in HEALTHCHECK (try CMD)",
        );
        check_error(
            "FROM a\nHEALTHCHECK --interval=5 CMD x\n",
            "dockerfile parse error on line 2: time: missing unit in duration \"5\"",
        );
    }

    #[test]
    fn continuation_lines_comments_and_flags() {
        let file = parse("ARG V=1\nFROM a AS Build\nRUN one && \\\n # why\n  two\nFROM b\nCOPY --from=build --chown=1:1 /x /y\n").expect("sound");
        assert_eq!(file.globals.len(), 1);
        assert_eq!(file.stages[0].name.as_deref(), Some("build"));
        assert_eq!(file.stages[0].steps[0].rest, "one &&   two");
        assert_eq!(file.stages[0].steps[0].lines, (3, 5));
        assert_eq!(file.stages[1].steps[0].flags[0], ("from".to_owned(), Some("build".to_owned())));
    }

    #[test]
    fn quotes_the_place() {
        assert_eq!(
            excerpt("Dockerfile", "FROM a\nRUNN x\n", (2, 2)),
            "Dockerfile:2\n--------------------\n   1 |     FROM a\n   2 | >>> RUNN x\n   3 |     \n--------------------\n"
        );
    }
}
