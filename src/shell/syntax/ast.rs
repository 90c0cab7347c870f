//! The tree a bash program is read into. Only shapes: nothing here expands, runs or prints anything.

use std::cell::OnceCell;
use std::rc::Rc;

/// Commands in order, each ended by `;`, `&` or a newline.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct List {
    pub items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub chain: AndOr,
    pub background: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AndOr {
    pub first: Pipeline,
    pub rest: Vec<(Connector, Pipeline)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connector {
    And,
    Or,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    pub negated: bool,
    /// `time` was written before it; the flag is `-p`.
    pub timed: Option<bool>,
    pub commands: Vec<Command>,
}

/// Where something stands in the source: characters `start..end`, beginning on `line` (from 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub line: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    pub kind: CommandKind,
    pub redirects: Vec<Redirect>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CommandKind {
    Simple(Simple),
    Group(List),
    Subshell(List),
    If { arms: Vec<(List, List)>, otherwise: Option<List> },
    For { name: String, words: Option<Vec<Word>>, body: List, select: bool },
    ForArith { parts: [Word; 3], body: List },
    Case { word: Word, arms: Vec<CaseArm> },
    While { until: bool, condition: List, body: List },
    Arith(Word),
    Cond(Cond),
    Function { name: String, body: Rc<Command> },
}

#[derive(Debug, Clone, PartialEq)]
pub struct CaseArm {
    pub patterns: Vec<Word>,
    pub body: List,
    pub end: CaseEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseEnd {
    Break,
    FallThrough,
    TestNext,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Simple {
    pub assignments: Vec<Assignment>,
    pub args: Vec<Arg>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    Word(Word),
    /// `name=value` as an argument of declare, local, export, readonly, typeset: expanded as an assignment.
    Assignment(Assignment),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    pub name: String,
    pub index: Option<Word>,
    pub append: bool,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Scalar(Word),
    Array(Vec<Element>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    pub index: Option<Word>,
    pub append: bool,
    pub word: Word,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Redirect {
    /// The descriptor written before the operator, if any.
    pub fd: Option<i32>,
    pub kind: RedirectKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RedirectKind {
    Read(Word),
    Write {
        target: Word,
        clobber: bool,
    },
    Append(Word),
    ReadWrite(Word),
    /// `&>` and `>&word`: stdout and stderr together.
    Both {
        target: Word,
        append: bool,
    },
    /// `n>&word`, `n<&word`: a descriptor, a descriptor with `-` to move it, or `-` to close.
    Duplicate {
        target: Word,
        input: bool,
    },
    HereDoc(Rc<HereDoc>),
    HereString(Word),
}

/// A here-document. Its body stands after the line it is announced on, so it is filled in later.
#[derive(Debug, PartialEq)]
pub struct HereDoc {
    pub delimiter: String,
    pub quoted: bool,
    pub strip_tabs: bool,
    pub body: OnceCell<Word>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Word {
    pub parts: Vec<Part>,
    /// As written, for `declare -f`, job names and messages.
    pub raw: Rc<str>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Unquoted text: subject to tilde, braces and globbing.
    Literal(String),
    /// `'..'`, `$'..'`, `\x`: itself.
    Quoted(String),
    /// `".."`: literals inside are quoted text.
    Double(Vec<Part>),
    Param(Box<Param>),
    Command(Rc<Substitution>),
    Arith(Word),
    Process {
        input: bool,
        list: Rc<List>,
    },
    /// `${..}` that means nothing: refused when it is expanded, as bash does.
    Bad(String),
}

/// `$( )` or backquotes. An error inside backquotes only shows when they run.
#[derive(Debug, Clone, PartialEq)]
pub struct Substitution {
    pub list: Result<List, String>,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// A variable's name, a positional number, or one of `@ * # ? - $ ! 0`.
    pub name: String,
    pub index: Option<Index>,
    pub indirect: bool,
    pub op: Op,
    /// As written, for messages.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Index {
    At,
    Star,
    Expr(Word),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    None,
    Length,
    Default {
        colon: bool,
        word: Word,
    },
    Assign {
        colon: bool,
        word: Word,
    },
    Error {
        colon: bool,
        word: Word,
    },
    Alternative {
        colon: bool,
        word: Word,
    },
    RemovePrefix {
        longest: bool,
        pattern: Word,
    },
    RemoveSuffix {
        longest: bool,
        pattern: Word,
    },
    Replace {
        how: Replace,
        pattern: Word,
        with: Word,
    },
    Substring {
        offset: Word,
        length: Option<Word>,
    },
    Case {
        upper: CaseChange,
        all: bool,
        pattern: Option<Word>,
    },
    Transform(char),
    /// `${!prefix*}`, `${!prefix@}`
    Names {
        star: bool,
    },
    /// `${!array[@]}`
    Keys {
        star: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    First,
    All,
    Prefix,
    Suffix,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseChange {
    Upper,
    Lower,
    Toggle,
}

/// The inside of `[[ ]]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Cond {
    And(Box<Cond>, Box<Cond>),
    Or(Box<Cond>, Box<Cond>),
    Not(Box<Cond>),
    Unary(String, Word),
    Binary(String, Word, Word),
    Word(Word),
}

impl Word {
    /// The text of a word that has no quoting and no expansion.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    pub fn from_text(text: &str) -> Self {
        Word { parts: vec![Part::Quoted(text.to_string())], raw: text.into() }
    }
}
