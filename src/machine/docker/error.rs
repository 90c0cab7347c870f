//! What the Docker engine refuses, as its API would say it. Never formats for a terminal.

/// An error of the engine. `Display` is the text after `Error response from daemon: `.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EngineError {
    pub kind: ErrorKind,
    pub message: String,
}

/// What kind of refusal it is; the CLI treats some differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    NotFound,
    Conflict,
    Invalid,
    Server,
}

impl EngineError {
    pub fn not_found(message: impl Into<String>) -> Self {
        EngineError { kind: ErrorKind::NotFound, message: message.into() }
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        EngineError { kind: ErrorKind::Conflict, message: message.into() }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        EngineError { kind: ErrorKind::Invalid, message: message.into() }
    }

    pub fn server(message: impl Into<String>) -> Self {
        EngineError { kind: ErrorKind::Server, message: message.into() }
    }

    /// `No such container: NAME`; a leading slash of a name is not repeated.
    pub fn no_such_container(name: &str) -> Self {
        EngineError::not_found(format!("No such container: {}", name.strip_prefix('/').unwrap_or(name)))
    }
}
