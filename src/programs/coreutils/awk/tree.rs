//! An awk program as a tree. Must never hold behaviour.

use std::collections::BTreeMap;

/// A whole program.
#[derive(Debug, Default)]
pub struct Program {
    pub begin: Vec<Vec<Statement>>,
    pub rules: Vec<Rule>,
    pub end: Vec<Vec<Statement>>,
    pub functions: BTreeMap<String, Function>,
    /// Whether it may wait for lines or commands.
    pub waits: bool,
}

#[derive(Debug)]
pub struct Function {
    pub parameters: Vec<String>,
    pub body: Vec<Statement>,
}

#[derive(Debug)]
pub struct Rule {
    pub from: Option<Expr>,
    pub to: Option<Expr>,
    /// `None`: print the record.
    pub body: Option<Vec<Statement>>,
}

#[derive(Debug)]
pub enum Statement {
    Expr(Expr),
    Print(Vec<Expr>, Option<Target>),
    Printf(Vec<Expr>, Option<Target>),
    If(Expr, Vec<Statement>, Vec<Statement>),
    While(Expr, Vec<Statement>),
    Do(Vec<Statement>, Expr),
    For(Option<Box<Statement>>, Option<Expr>, Option<Box<Statement>>, Vec<Statement>),
    ForIn(String, String, Vec<Statement>),
    Block(Vec<Statement>),
    Break,
    Continue,
    Next,
    Exit(Option<Expr>),
    Return(Option<Expr>),
    Delete(String, Vec<Expr>),
}

#[derive(Debug)]
pub enum Target {
    File(Expr),
    Append(Expr),
    Pipe(Expr),
}

#[derive(Debug, Clone)]
pub enum Expr {
    Number(f64),
    Text(String),
    Regex(String),
    Var(String),
    Element(String, Vec<Expr>),
    Field(Box<Expr>),
    Assign(Box<Expr>, &'static str, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Concat(Box<Expr>, Box<Expr>),
    Match(bool, Box<Expr>, Box<Expr>),
    In(Vec<Expr>, String),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Positive(Box<Expr>),
    /// Whether before, and by how much.
    Step(bool, f64, Box<Expr>),
    Cond(Box<Expr>, Box<Expr>, Box<Expr>),
    Call(String, Vec<Expr>),
    Group(Vec<Expr>),
    /// `getline [var]`, from a file where one is named.
    Getline(Option<Box<Expr>>, Option<Box<Expr>>),
    /// `CMD | getline [var]`.
    CommandLine(Option<Box<Expr>>, Box<Expr>),
}
