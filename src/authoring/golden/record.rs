//! Recorded transcripts: how their lines are read and how answers are written. The shapes are those of the
//! recordings in `tests/golden`.

use serde_json::{Map, Value};

/// A recorded command.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// `SCENARIO.NNN` or `SCENARIO-NNN`.
    pub id: String,
    /// What was typed.
    pub cmd: String,
    /// The same with placeholders for ids that differ from run to run.
    pub template: Option<String>,
    /// What it read; `None`: nothing.
    pub stdin: Option<String>,
    /// The expected standard output.
    pub stdout: String,
    /// The expected standard error.
    pub stderr: String,
    /// The expected exit status; `None` when it was interrupted.
    pub exit: Option<i64>,
    /// Seconds that passed before it was typed.
    pub wait_before_s: f64,
    /// What was waited for.
    pub wait_for: Vec<String>,
    /// Ctrl-C after so many seconds.
    pub interrupt_after_s: Option<f64>,
    /// The working directory.
    pub cwd: Option<String>,
    /// Everything as it was read.
    pub raw: Map<String, Value>,
}

/// A transcript: its first line, and its commands.
#[derive(Debug, Clone)]
pub struct Transcript {
    /// The scenario's name: the file's, without its ending.
    pub name: String,
    /// The line marked `meta`, or the `.meta.json` beside the file.
    pub meta: Map<String, Value>,
    /// The commands in order.
    pub records: Vec<Record>,
}

impl Transcript {
    /// Reads a transcript's text.
    ///
    /// # Errors
    /// The line that cannot be read.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut meta = Map::new();
        let mut records = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let value: Value =
                serde_json::from_str(line).map_err(|e| format!("{name}:{}: {e}", index + 1))?;
            let Value::Object(object) = value else {
                return Err(format!("{name}:{}: not an object", index + 1));
            };
            match object.get("meta") {
                Some(Value::Bool(true)) => meta = object,
                _ => records.push(record(object)),
            }
        }
        Ok(Transcript { name: name.to_owned(), meta, records })
    }
}

fn record(raw: Map<String, Value>) -> Record {
    let text = |name: &str| raw.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| raw.get(name).and_then(Value::as_f64);
    let words = raw.get("wait_for").and_then(Value::as_array);
    Record {
        id: text("id").unwrap_or_default(),
        cmd: text("cmd").unwrap_or_default(),
        template: text("cmd_template"),
        stdin: text("stdin"),
        stdout: text("stdout").unwrap_or_default(),
        stderr: text("stderr").unwrap_or_default(),
        exit: raw.get("exit").and_then(Value::as_i64),
        wait_before_s: number("wait_before_s").unwrap_or(0.0),
        wait_for: words
            .map(|w| w.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
            .unwrap_or_default(),
        interrupt_after_s: number("interrupted_after_s").or_else(|| number("interrupt_after_s")),
        cwd: text("cwd"),
        raw,
    }
}
