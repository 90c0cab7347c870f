//! What `kubejam check` prints: a table for people, JSON and CSV for programs. Everything that comes from a file is
//! shown so that it can neither move the cursor nor be taken for a formula.

use anyhow::Result;
use serde_json::{Value, json};

use super::Checked;
use crate::base::table::{self, Layout};
use crate::session::proof::{Report, StepFigures, Verdict};

/// Longest cell of the table.
const CELL_LIMIT: usize = 44;

/// What the records prove, and what not.
const HONEST: &str =
    "A record proves that its inputs reach the goal of every step. It does not prove who typed them.";

const HEAD: [&str; 10] =
    ["FILE", "VERDICT", "NAME", "ID", "QUEST", "STEPS", "HINTS", "UNDOS", "COMMANDS", "TIME"];

/// The table, what is to be noted, and the sum.
pub fn text(checked: &[Checked]) -> String {
    let mut rows: Vec<Vec<String>> = vec![HEAD.iter().map(|h| (*h).to_owned()).collect()];
    rows[0].push("RECORD".to_owned());
    rows.extend(checked.iter().map(row));
    let mut out = table::render(&rows, Layout { gap: 2, min_width: 1, pad_last: false });
    let mut notes = Vec::new();
    for one in checked {
        let file = plain(&one.file);
        let detail = one.report.verdict.detail();
        if !detail.is_empty() {
            notes.push(format!("{file}: {}: {}", one.report.verdict.word(), plain(&detail)));
        }
        if let Some(earlier) = &one.repeats {
            notes.push(format!("{file}: typed in the very same rhythm as {}", plain(earlier)));
        }
        let given = one.report.steps.iter().filter(|s| s.given && s.passed).count();
        if given > 0 {
            notes.push(format!(
                "{file}: {given} of {} steps were played by the program",
                one.report.steps.len()
            ));
        }
    }
    if !notes.is_empty() {
        out.push_str(&format!("\n{}\n", notes.join("\n")));
    }
    let complete = checked.iter().filter(|c| c.report.verdict == Verdict::Complete).count();
    out.push_str(&format!("\n{complete} of {} complete. {HONEST}\n", checked.len()));
    out
}

fn row(one: &Checked) -> Vec<String> {
    let report = &one.report;
    let header = report.header.as_ref();
    let played = !report.steps.is_empty();
    let figure = |figure: fn(&StepFigures) -> u64| {
        if played { report.sum(figure).to_string() } else { "-".to_owned() }
    };
    let steps = if played { format!("{}/{}", report.passed(), report.steps.len()) } else { "-".to_owned() };
    let verdict = match &report.verdict {
        Verdict::Incomplete { step } => format!("incomplete at {step}"),
        other => other.word().to_owned(),
    };
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { cell(text) };
    vec![
        cell_end(&one.file),
        cell(&verdict),
        or_dash(&report.name),
        or_dash(header.map_or("", |h| &h.learner)),
        or_dash(header.and_then(|h| h.quest.as_deref()).unwrap_or("")),
        steps,
        figure(|s| s.hints as u64),
        figure(|s| s.undos as u64),
        figure(|s| s.commands as u64),
        if played { clock(report.sum(|s| s.took_ms)) } else { "-".to_owned() },
        report.digest.clone().unwrap_or_else(|| "-".to_owned()),
    ]
}

/// All of it, with every step.
///
/// # Errors
/// Never in practice: it is all text and numbers.
pub fn json(checked: &[Checked]) -> Result<String> {
    let all: Vec<Value> = checked.iter().map(one_as_json).collect();
    Ok(format!("{}\n", serde_json::to_string_pretty(&all)?))
}

fn one_as_json(one: &Checked) -> Value {
    let report = &one.report;
    let header = report.header.as_ref();
    let (step, line, why) = parts(&report.verdict);
    let step_as_json = |s: &StepFigures| {
        json!({
            "id": s.step, "passed": s.passed, "given": s.given, "hints": s.hints, "undos": s.undos,
            "commands": s.commands, "seconds": s.took_ms / 1000,
        })
    };
    json!({
        "file": one.file,
        "verdict": report.verdict.word(),
        "step": step,
        "line": line,
        "why": why,
        "name": report.name,
        "id": header.map(|h| h.learner.clone()),
        "quest": header.and_then(|h| h.quest.clone()),
        "date": report.on,
        "passed": report.passed(),
        "hints": report.sum(|s| s.hints as u64),
        "undos": report.sum(|s| s.undos as u64),
        "commands": report.sum(|s| s.commands as u64),
        "seconds": report.sum(|s| s.took_ms) / 1000,
        "given": report.steps.iter().filter(|s| s.given && s.passed).count(),
        "record": report.digest,
        "repeats": one.repeats,
        "steps": report.steps.iter().map(step_as_json).collect::<Vec<_>>(),
        "proves": HONEST,
    })
}

fn parts(verdict: &Verdict) -> (Option<&str>, Option<usize>, Option<&str>) {
    match verdict {
        Verdict::Complete => (None, None, None),
        Verdict::Incomplete { step } => (Some(step), None, None),
        Verdict::DoesNotReplay { line, why } => (None, Some(*line), Some(why)),
        Verdict::OtherVersion(why) | Verdict::NotARecord(why) => (None, None, Some(why)),
    }
}

/// A line a record, with a head.
pub fn csv(checked: &[Checked]) -> String {
    let mut out =
        "file,verdict,detail,name,id,quest,date,passed,steps,hints,undos,commands,seconds,given,record,repeats\n".to_owned();
    for one in checked {
        let Checked { file, report, repeats } = one;
        let header = report.header.as_ref();
        let given = report.steps.iter().filter(|s| s.given && s.passed).count();
        let cells = [
            file.clone(),
            report.verdict.word().to_owned(),
            report.verdict.detail(),
            report.name.clone(),
            header.map(|h| h.learner.clone()).unwrap_or_default(),
            header.and_then(|h| h.quest.clone()).unwrap_or_default(),
            report.on.clone(),
            report.passed().to_string(),
            report.steps.len().to_string(),
            sum(report, |s| s.hints as u64),
            sum(report, |s| s.undos as u64),
            sum(report, |s| s.commands as u64),
            sum(report, |s| s.took_ms / 1000),
            given.to_string(),
            report.digest.clone().unwrap_or_default(),
            repeats.clone().unwrap_or_default(),
        ];
        out.push_str(&cells.map(|cell| quoted(&cell)).join(","));
        out.push('\n');
    }
    out
}

fn sum(report: &Report, figure: impl Fn(&StepFigures) -> u64) -> String {
    report.sum(figure).to_string()
}

/// A cell of CSV. What a spreadsheet would take for a formula begins with an apostrophe.
fn quoted(cell: &str) -> String {
    let cell = plain(cell);
    let cell = if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell };
    if cell.contains([',', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

/// Without characters that would do something to a terminal or turn a line around.
fn plain(text: &str) -> String {
    let odd = |c: char| {
        c.is_control()
            || ('\u{200b}'..='\u{200f}').contains(&c)
            || ('\u{2028}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    text.chars().map(|c| if odd(c) { '\u{fffd}' } else { c }).collect()
}

fn cell(text: &str) -> String {
    let text = plain(text);
    if text.chars().count() <= CELL_LIMIT {
        return text;
    }
    format!("{}…", text.chars().take(CELL_LIMIT - 1).collect::<String>())
}

/// As [`cell`], with the end of a long text: files differ there.
fn cell_end(text: &str) -> String {
    let text = plain(text);
    let count = text.chars().count();
    if count <= CELL_LIMIT {
        return text;
    }
    format!("…{}", text.chars().skip(count + 1 - CELL_LIMIT).collect::<String>())
}

fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::{csv, plain, quoted, text};
    use crate::edge::check::Checked;
    use crate::session::proof::{Report, StepFigures, Verdict};

    fn checked(file: &str, verdict: Verdict) -> Checked {
        let step =
            StepFigures { step: "look".into(), passed: true, commands: 3, hints: 1, ..Default::default() };
        let report = Report { name: "=Kim, \"K\"\u{1b}[2J".into(), steps: vec![step], ..Report::of(verdict) };
        Checked { file: file.to_owned(), report, repeats: None }
    }

    #[test]
    fn nothing_from_a_file_moves_the_cursor_or_becomes_a_formula() {
        assert_eq!(plain("a\u{1b}[2Jb\u{202e}c"), "a\u{fffd}[2Jb\u{fffd}c");
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        let lines = csv(&[checked("a.jam", Verdict::Complete)]);
        assert!(lines.contains("\"'=Kim, \"\"K\"\"\u{fffd}[2J\""), "{lines}");
    }

    #[test]
    fn the_table_says_the_verdict_and_below_it_why() {
        let broken = Verdict::DoesNotReplay { line: 7, why: "it was changed".into() };
        let repeated = Checked { repeats: Some("a.jam".into()), ..checked("b.jam", Verdict::Complete) };
        let all = [checked("a.jam", Verdict::Complete), repeated, checked("c.jam", broken)];
        let text = text(&all);
        for expect in [
            "b.jam: typed in the very same rhythm as a.jam",
            "c.jam: does not replay: line 7: it was changed",
            "2 of 3 complete. A record proves that its inputs reach the goal",
            "not prove who typed them",
        ] {
            assert!(text.contains(expect), "{expect} in\n{text}");
        }
    }
}
