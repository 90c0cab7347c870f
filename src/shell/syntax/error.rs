//! Why a program could not be read. It never decides what is done about it: that is the reader's business.

/// What is wrong, and on which line the parser noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    pub kind: ErrorKind,
    pub line: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// A token that cannot stand here.
    Unexpected(String),
    /// The input ended inside a command.
    UnexpectedEnd,
    /// The input ended inside a quotation or a substitution that this character would close.
    Unmatched(char),
    /// The input ends with a backslash or inside a here-document: only an interactive shell minds.
    Unfinished,
    /// `[[ ]]` has its own words.
    Conditional(String),
    TooDeep(usize),
}

impl ParseError {
    /// More input could make it right.
    pub fn is_incomplete(&self) -> bool {
        matches!(self.kind, ErrorKind::UnexpectedEnd | ErrorKind::Unmatched(_) | ErrorKind::Unfinished)
    }

    /// bash's words for it, without the `bash: line N:` in front.
    pub fn message(&self) -> String {
        match &self.kind {
            ErrorKind::Unexpected(token) => format!("syntax error near unexpected token `{token}'"),
            ErrorKind::UnexpectedEnd | ErrorKind::Unfinished => "syntax error: unexpected end of file".into(),
            ErrorKind::Unmatched(wanted) => format!("unexpected EOF while looking for matching `{wanted}'"),
            ErrorKind::Conditional(text) => text.clone(),
            ErrorKind::TooDeep(limit) => format!("maximum nesting depth exceeded ({limit})"),
        }
    }

    /// bash repeats the offending line after this kind of error.
    pub fn shows_line(&self) -> bool {
        matches!(self.kind, ErrorKind::Unexpected(_))
    }
}
