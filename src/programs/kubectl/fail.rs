//! How a command ends badly, and the sentence for it: kubectl's `checkErr` and `StandardErrorMessage`.

use crate::cluster::api::{Reason, Status};

/// Why a command stopped.
#[derive(Debug, Clone)]
pub enum Failure {
    /// Printed after `error: `.
    Message(String),
    /// Printed as it is.
    Plain(String),
    /// The server refused.
    Status(Box<Status>),
    /// The server did not answer: `Get "URL": dial tcp ...`, and the host of the short sentence.
    Unreachable { host: String, long: String },
    /// Several errors, a line each.
    Many(Vec<Failure>),
    /// Nothing more to say.
    Exit(i32),
    /// A message of its own and a status of its own.
    Code(String, i32),
    /// What still goes to standard output, and then the failure.
    After(String, Box<Failure>),
}

/// How commands end.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub fn message(text: impl Into<String>) -> Failure {
        Failure::Message(text.into())
    }

    /// The error inside a list of errors or a longer sentence (`messageForError`).
    pub fn standard(&self) -> String {
        match self {
            Failure::Message(text) | Failure::Plain(text) | Failure::Code(text, _) => text.clone(),
            Failure::Status(status) => match status.reason {
                Reason::Unauthorized => {
                    format!("error: You must be logged in to the server ({})", status.message)
                }
                Reason::Unknown => format!("Error from server: {}", status.message),
                reason => format!("Error from server ({}): {}", reason.word(), status.message),
            },
            Failure::Unreachable { host, long } if long.contains("connection refused") => {
                format!(
                    "The connection to the server {host} was refused - did you specify the right host or port?"
                )
            }
            Failure::Unreachable { long, .. } => {
                let cause = long.split_once("\": ").map_or(long.as_str(), |(_, cause)| cause);
                format!("Unable to connect to the server: {cause}")
            }
            Failure::Many(all) => all.iter().map(Failure::standard).collect::<Vec<_>>().join("\n"),
            Failure::Exit(_) => String::new(),
            Failure::After(_, failure) => failure.standard(),
        }
    }

    /// What was printed before it stopped.
    pub fn output(&self) -> &str {
        match self {
            Failure::After(text, _) => text,
            _ => "",
        }
    }

    /// Go's `err.Error()`: what `%v` puts into another message.
    pub fn bare(&self) -> String {
        match self {
            Failure::Status(status) => status.message.clone(),
            Failure::Unreachable { long, .. } => long.clone(),
            Failure::Many(all) if all.len() > 1 => {
                format!("[{}]", all.iter().map(Failure::bare).collect::<Vec<_>>().join(", "))
            }
            other => other.standard(),
        }
    }

    /// What goes to standard error, and the exit status.
    pub fn report(&self) -> (String, i32) {
        match self {
            Failure::Exit(code) => (String::new(), *code),
            Failure::After(_, failure) => failure.report(),
            Failure::Code(text, code) => (line(text.clone()), *code),
            Failure::Plain(text) => (line(text.clone()), 1),
            Failure::Message(text) if text.starts_with("error: ") => (line(text.clone()), 1),
            Failure::Message(text) => (line(format!("error: {text}")), 1),
            Failure::Status(status) if status.reason == Reason::Invalid => (invalid(status), 1),
            Failure::Status(_) | Failure::Unreachable { .. } => (line(self.standard()), 1),
            Failure::Many(all) if all.len() == 1 => all[0].report(),
            Failure::Many(_) => (line(self.standard()), 1),
        }
    }

    /// Whether the server said that it does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Failure::Status(status) if status.reason == Reason::NotFound)
    }

    /// One failure for several, or success.
    pub fn all(failures: Vec<Failure>) -> Outcome {
        if failures.is_empty() { Ok(()) } else { Err(Failure::Many(failures)) }
    }

    /// `cmdutil.AddSourceToErr`: which file an answer of the server is about.
    pub fn about(self, verb: &str, source: Option<&str>) -> Failure {
        match (self, source) {
            (Failure::Status(mut status), Some(source)) => {
                status.message = format!("error when {verb} {source:?}: {}", status.message);
                Failure::Status(status)
            }
            (other, Some(source)) if !matches!(other, Failure::Status(_)) => {
                Failure::Message(format!("error when {verb} {source:?}: {}", other.bare()))
            }
            (other, _) => other,
        }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Failure::Status(Box::new(status))
    }
}

fn line(text: String) -> String {
    if text.ends_with('\n') || text.is_empty() { text } else { text + "\n" }
}

/// `The Pod "x" is invalid: ` and its causes, one on the same line, several as a list.
fn invalid(status: &Status) -> String {
    let head = match (status.kind.is_empty() && status.name.is_empty(), status.message.is_empty()) {
        (false, _) => format!("The {} {:?} is invalid", status.kind, status.name),
        (true, false) if status.causes.is_empty() => format!("The request is invalid: {}", status.message),
        _ => "The request is invalid".to_string(),
    };
    let mut causes: Vec<String> = Vec::new();
    for cause in &status.causes {
        let text = format!("{}: {}", cause.field, cause.message);
        if !causes.contains(&text) {
            causes.push(text);
        }
    }
    match causes.as_slice() {
        [] => line(head),
        [one] => format!("{head}: {one}\n"),
        several => {
            let lines: String = several.iter().map(|cause| format!("* {cause}\n")).collect();
            format!("{head}: \n{lines}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;
    use crate::cluster::api::{Cause, Status};

    #[test]
    fn sentences_are_kubectls() {
        let cause = |field: &str| Cause {
            reason: "FieldValueRequired",
            message: "Required value".into(),
            field: field.into(),
        };
        for (failure, text) in [
            (Failure::message("x"), "error: x\n"),
            (
                Status::not_found("apps", "deployments", "x").into(),
                "Error from server (NotFound): deployments.apps \"x\" not found\n",
            ),
            (
                Status::invalid("", "Pod", "x", vec![cause("a")]).into(),
                "The Pod \"x\" is invalid: a: Required value\n",
            ),
            (
                Status::invalid("", "Pod", "x", vec![cause("a"), cause("b")]).into(),
                "The Pod \"x\" is invalid: \n* a: Required value\n* b: Required value\n",
            ),
        ] {
            assert_eq!(failure.report(), (text.to_string(), 1));
        }
    }
}
