//! What `docker build --check` and `--call` answer in place of an image. Never builds.

use super::Options;
use super::dockerfile::{Dockerfile, excerpt};
use super::lint::Findings;

const RULES: &str = "https://docs.docker.com/go/dockerfile/rule/";

/// The answer, and whether it is a bad one.
pub fn answer(options: &Options, file: &Dockerfile, text: &str, findings: &Findings) -> (String, bool) {
    if options.call == super::Call::Outline {
        return (outline(options, file), false);
    }
    let name = crate::image::files::split_parent(&options.file.1).1;
    let count = findings.found.len();
    let mut out = match count {
        0 => return ("Check complete, no warnings found.\n".to_owned(), false),
        1 => "Check complete, 1 warning has been found!\n".to_owned(),
        _ => format!("Check complete, {count} warnings have been found!\n"),
    };
    let mut found = findings.found.clone();
    found.sort_by_key(|finding| finding.line);
    for finding in &found {
        let page = format!("{RULES}{}/", dashed(&finding.rule));
        let place = excerpt(name, text, (finding.line, finding.line));
        out.push_str(&format!("\nWARNING: {} - {page}\n{}\n{place}", finding.rule, finding.sentence));
    }
    (out, true)
}

/// `JSONArgsRecommended` as `json-args-recommended`.
fn dashed(rule: &str) -> String {
    let letters: Vec<char> = rule.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let upper = |at: usize| letters.get(at).is_some_and(char::is_ascii_uppercase);
        // A capital begins a word, but only the last of several in a row does.
        if at > 0
            && upper(at)
            && (!upper(at - 1) || letters.get(at + 1).is_some_and(char::is_ascii_lowercase))
        {
            out.push('-');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// The stages that can be built; the last is what is built when nobody says.
pub fn targets(file: &Dockerfile) -> String {
    let last = file.stages.len().saturating_sub(1);
    let named = file.stages.iter().enumerate().rev();
    let mut rows = vec![vec!["TARGET".to_owned(), "DESCRIPTION".to_owned()]];
    for (at, stage) in named {
        let mark = if at == last { " (default)" } else { "" };
        let name = stage.name.clone().unwrap_or_default();
        let shown = format!("{name}{mark}").trim().to_owned();
        if !shown.is_empty() {
            rows.push(vec![shown, String::new()]);
        }
    }
    table(&rows)
}

/// The arguments of the target, as `--call=outline` lists them.
fn outline(options: &Options, file: &Dockerfile) -> String {
    let target = options.target.as_deref();
    let stage =
        file.stages.iter().rev().find(|stage| target.is_none_or(|t| stage.name.as_deref() == Some(t)));
    let Some(stage) = stage else { return String::new() };
    let mut out = String::new();
    if let Some(name) = &stage.name {
        out.push_str(&format!("TARGET:      {name}\n"));
    }
    let args = file.globals.iter().chain(&stage.steps).filter(|step| step.name == "ARG");
    let mut rows = vec![vec!["BUILD ARG".to_owned(), "VALUE".to_owned(), "DESCRIPTION".to_owned()]];
    for arg in args {
        let (name, value) = arg.rest.split_once('=').unwrap_or((&arg.rest, ""));
        let value = options.args.get(name).map_or(value, String::as_str);
        rows.push(vec![name.to_owned(), value.to_owned(), String::new()]);
    }
    if rows.len() > 1 {
        out.push('\n');
        out.push_str(&table(&rows));
    }
    out
}

/// Columns with four blanks between, as BuildKit's tab writer lays them out.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = (0..columns)
            .map(|at| {
                let gap = if at + 1 < columns { width(at) } else { 0 };
                format!("{:gap$}", row[at])
            })
            .collect();
        cells.join(" ").to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_pages_of_their_names() {
        let check = |rule: &str, expect: &str| assert_eq!(dashed(rule), expect);
        check("JSONArgsRecommended", "json-args-recommended");
        check("FromAsCasing", "from-as-casing");
        check("SecretsUsedInArgOrEnv", "secrets-used-in-arg-or-env");
    }

    #[test]
    fn targets_are_listed_from_the_last() {
        let file = super::super::dockerfile::parse("FROM a AS one\nFROM b\n").expect("sound");
        assert_eq!(targets(&file), "TARGET    DESCRIPTION\n(default) \none       \n");
    }
}
