//! What an awk program waits for: lines of its input (`getline`), and commands (`system`, `CMD | getline`). Evaluation
//! itself cannot wait, so a piece of the program that must is stopped, the answer fetched, and the piece begun again
//! from where it stood, with all answers so far; what it printed meanwhile is not printed twice. Making evaluation
//! itself wait was rejected: it would cost every program a box for each expression.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::run::{Flow, Machine, Step};
use super::tree::{Expr, Statement};
use super::value::Value;
use crate::programs::tool::Quit;
use crate::world::{Input, Io, Output};

/// Most answers that one piece may need: each begins the piece again.
const MAX_ANSWERS: usize = 2_000;
/// Most bytes that one command may answer with.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A piece of the program that runs without waiting.
#[derive(Clone, Copy)]
pub(super) enum Piece<'a> {
    /// The body of BEGIN or END.
    Body(&'a [Statement]),
    /// All rules, for one record.
    Rules,
}

/// The main input: what is still to be read.
#[derive(Clone, Default)]
pub(super) struct Main {
    pub operands: VecDeque<String>,
    current: Option<Input>,
    pending: Vec<String>,
}

#[derive(Clone)]
enum Request {
    /// The next record.
    Record,
    /// What a command prints.
    Lines(String),
    /// A command's status.
    System(String),
}

#[derive(Clone)]
enum Answer {
    Record(Option<(String, Option<String>)>),
    Lines(VecDeque<String>),
    Status(f64),
}

/// Requests and answers of the piece that runs.
#[derive(Clone, Default)]
pub(super) struct Waits {
    request: Option<Request>,
    answers: Vec<Answer>,
    next: usize,
    /// Bytes of the piece's output that are written already.
    written: usize,
}

impl<'a> Machine<'a> {
    /// Runs a piece, as often as it takes to have all that it waits for.
    pub(super) async fn piece(&mut self, piece: Piece<'a>) -> Result<Step<Flow>, Quit> {
        let before = self.program.waits.then(|| self.clone());
        loop {
            let flow = match piece {
                Piece::Body(body) => self.block(body),
                Piece::Rules => self.rules(),
            };
            let (request, before) = match (self.waits.request.take(), &before) {
                (Some(request), Some(before)) if self.waits.answers.len() < MAX_ANSWERS => (request, before),
                _ => {
                    let written = std::mem::take(&mut self.waits).written;
                    self.out.drain(..written.min(self.out.len()));
                    return Ok(flow);
                }
            };
            let mut waits = std::mem::take(&mut self.waits);
            let fresh = self.out.get(waits.written..).unwrap_or_default().to_vec();
            waits.written = self.out.len().max(waits.written);
            self.tool.out(fresh).await?;
            let answer = self.fetch(request).await;
            waits.answers.push(answer);
            waits.next = 0;
            let main = std::mem::take(&mut self.main);
            *self = before.clone();
            (self.waits, self.main) = (waits, main);
        }
    }

    /// The next answer, or an error that stops the piece until it is there.
    fn ask(&mut self, request: Request) -> Step<Answer> {
        match self.waits.answers.get(self.waits.next).cloned() {
            Some(answer) => {
                self.waits.next += 1;
                Ok(answer)
            }
            None => {
                self.waits.request = Some(request);
                Err("the program waits for too much; stopped".into())
            }
        }
    }

    async fn fetch(&mut self, request: Request) -> Answer {
        match request {
            Request::Record => Answer::Record(self.next_main().await),
            Request::Lines(command) => {
                let bytes = Rc::new(RefCell::new(Vec::new()));
                let stdin = self.tool.call.io.stdin.clone();
                self.shell(command, stdin, Output::Buffer(Rc::clone(&bytes), MAX_BYTES)).await;
                let text = String::from_utf8_lossy(&bytes.borrow()).into_owned();
                Answer::Lines(text.lines().map(str::to_owned).collect())
            }
            Request::System(command) => {
                let stdin = self.tool.call.io.stdin.clone();
                let status = self.shell(command, stdin, self.tool.call.io.stdout.clone()).await;
                Answer::Status(f64::from(status))
            }
        }
    }

    /// Runs a command line and gives its status.
    pub(super) async fn shell(&self, command: String, stdin: Input, stdout: Output) -> i32 {
        let call = &self.tool.call;
        let io = Io { stdin, stdout, stderr: call.io.stderr.clone() };
        let argv = vec!["sh".to_owned(), "-c".to_owned(), command];
        call.sys.run(argv, &call.env, &call.cwd, io).await.unwrap_or(127)
    }

    /// The next record of the main input, and the file that begins with it.
    pub(super) async fn next_main(&mut self) -> Option<(String, Option<String>)> {
        let mut begun = None;
        loop {
            if let Some(record) = self.main.pending.pop() {
                return Some((record, begun));
            }
            if self.main.current.is_none() {
                let name = self.main.operands.pop_front()?;
                match self.tool.open(&name) {
                    Ok(input) => self.main.current = Some(input),
                    Err(error) => {
                        self.tool.fail_with(2, format!("cannot open {name} ({error})")).await;
                        continue;
                    }
                }
                begun = Some(name);
            }
            let Some(input) = self.main.current.clone() else { continue };
            match self.next_record(&input).await {
                Some(record) => return Some((record, begun)),
                None => self.main.current = None,
            }
        }
    }

    async fn next_record(&mut self, input: &Input) -> Option<String> {
        let separator = self.globals.get("RS").map(Value::text).unwrap_or_default();
        if separator == "\n" {
            let line = input.read_line().await?;
            return Some(String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line)).into_owned());
        }
        let (bytes, _) = input.read_to_end().await;
        if bytes.is_empty() {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut records: Vec<String> = match separator.as_str() {
            "" => text
                .split("\n\n")
                .map(|r| r.trim_matches('\n').to_owned())
                .filter(|r| !r.is_empty())
                .collect(),
            one => text.strip_suffix(one).unwrap_or(&text).split(one).map(str::to_owned).collect(),
        };
        records.reverse();
        self.main.pending = records;
        self.main.pending.pop()
    }

    /// Says which file is read, when one begins.
    pub(super) fn begin_file(&mut self, file: Option<String>) {
        if let Some(name) = file {
            let shown = if name == "-" { String::new() } else { name };
            self.globals.insert("FILENAME".into(), Value::Text(shown));
            self.globals.insert("FNR".into(), Value::Number(0.0));
        }
    }

    /// `getline`: the next line of a file, or the next record.
    pub(super) fn getline(&mut self, variable: Option<&'a Expr>, file: Option<&'a Expr>) -> Step<Value> {
        let Some(file) = file else {
            let Answer::Record(answer) = self.ask(Request::Record)? else { return Ok(Value::Number(-1.0)) };
            let Some((record, file)) = answer else { return Ok(Value::Number(0.0)) };
            self.begin_file(file);
            self.take(record.clone());
            if let Some(target) = variable {
                self.assign(target, Value::Input(record))?;
            }
            return Ok(Value::Number(1.0));
        };
        let name = self.eval(file)?.text();
        if !self.readers.contains_key(&name) {
            let Ok(text) = self.tool.call.sys.read_text(&self.tool.path(&name)) else {
                return Ok(Value::Number(-1.0));
            };
            self.readers.insert(name.clone(), text.lines().map(str::to_owned).collect());
        }
        self.next_line(&name, variable)
    }

    /// `CMD | getline`: the next line that a command prints.
    pub(super) fn command_line(&mut self, variable: Option<&'a Expr>, command: &'a Expr) -> Step<Value> {
        let command = self.eval(command)?.text();
        if !self.readers.contains_key(&command) {
            let Answer::Lines(lines) = self.ask(Request::Lines(command.clone()))? else {
                return Ok(Value::Number(-1.0));
            };
            self.readers.insert(command.clone(), lines);
        }
        self.next_line(&command, variable)
    }

    fn next_line(&mut self, name: &str, variable: Option<&'a Expr>) -> Step<Value> {
        let Some(line) = self.readers.get_mut(name).and_then(VecDeque::pop_front) else {
            return Ok(Value::Number(0.0));
        };
        match variable {
            Some(target) => self.assign(target, Value::Input(line))?,
            None => {
                self.record = line;
                self.split = false;
            }
        }
        Ok(Value::Number(1.0))
    }

    /// `system`: a command's status.
    pub(super) fn system(&mut self, command: String) -> Step<Value> {
        match self.ask(Request::System(command))? {
            Answer::Status(status) => Ok(Value::Number(status)),
            _ => Ok(Value::Number(-1.0)),
        }
    }

    /// `close`: what was written goes to the file, what was read begins anew.
    pub(super) fn close(&mut self, name: &str) -> Value {
        let known = self.readers.remove(name).is_some() || self.files.contains_key(name);
        self.close_file(name);
        Value::Number(if known { 0.0 } else { -1.0 })
    }

    pub(super) fn close_file(&mut self, name: &str) {
        if let Some(bytes) = self.files.remove(name) {
            self.tool.call.sys.append(&self.tool.path(name), &bytes).ok();
        }
    }
}
