//! Runs an awk program. Must never take more steps than its limit.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use regex::bytes::Regex;

use super::tree::{Expr, Program, Statement, Target};
use super::value::{Value, format, shown};
use super::waits::{Main, Piece, Waits};
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Input;

/// Statements and loop rounds of one program.
const MAX_STEPS: u64 = 20_000_000;
/// Elements of all arrays.
const MAX_ELEMENTS: usize = 500_000;

/// How a statement ends.
pub(super) enum Flow {
    Go,
    Break,
    Continue,
    Next,
    Exit(i32),
    Return(Value),
}

pub(super) type Step<T> = Result<T, String>;

/// A program at work. A clone is what it is begun anew from.
#[derive(Clone)]
pub struct Machine<'a> {
    pub(super) tool: &'a Tool,
    pub(super) program: &'a Program,
    pub(super) globals: BTreeMap<String, Value>,
    pub(super) arrays: BTreeMap<String, IndexMap<String, Value>>,
    pub(super) locals: Vec<BTreeMap<String, Value>>,
    /// Which global array a local name stands for, per call.
    pub(super) names: Vec<BTreeMap<String, String>>,
    pub(super) record: String,
    pub(super) fields: Vec<String>,
    pub(super) split: bool,
    number: u64,
    in_range: Vec<bool>,
    pub(super) regexes: BTreeMap<String, Regex>,
    pub(super) out: Vec<u8>,
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pipes: BTreeMap<String, Vec<u8>>,
    pub(super) readers: BTreeMap<String, std::collections::VecDeque<String>>,
    pub(super) main: Main,
    pub(super) waits: Waits,
    steps: u64,
    fresh: usize,
    pub(super) rng: crate::base::Rng,
}

impl<'a> Machine<'a> {
    pub fn new(tool: &'a Tool, program: &'a Program) -> Self {
        let mut globals = BTreeMap::new();
        for (name, value) in [
            ("FS", " "),
            ("OFS", " "),
            ("ORS", "\n"),
            ("RS", "\n"),
            ("SUBSEP", "\x1c"),
            ("OFMT", "%.6g"),
            ("CONVFMT", "%.6g"),
            ("FILENAME", ""),
        ] {
            globals.insert(name.to_owned(), Value::Text(value.to_owned()));
        }
        let environ = tool.call.env.iter().map(|(k, v)| (k.clone(), Value::Input(v.clone()))).collect();
        Machine {
            tool,
            program,
            globals,
            arrays: BTreeMap::from([("ENVIRON".to_owned(), environ)]),
            locals: Vec::new(),
            names: Vec::new(),
            record: String::new(),
            fields: Vec::new(),
            split: true,
            number: 0,
            in_range: vec![false; program.rules.len()],
            regexes: BTreeMap::new(),
            out: Vec::new(),
            files: BTreeMap::new(),
            pipes: BTreeMap::new(),
            readers: BTreeMap::new(),
            main: Main::default(),
            waits: Waits::default(),
            steps: 0,
            fresh: 0,
            rng: tool.call.sys.stream("awk"),
        }
    }

    /// Sets a variable from the command line.
    pub fn set_global(&mut self, name: &str, value: &str) {
        let value = value.replace("\\t", "\t").replace("\\n", "\n");
        self.globals.insert(name.to_owned(), Value::Input(value));
    }

    /// Runs everything.
    pub async fn run(mut self, operands: Vec<String>) -> Outcome {
        let program = self.program;
        self.arguments(&operands);
        let mut over = None;
        for body in &program.begin {
            over = over.or(self.top(Piece::Body(body)).await?);
        }
        let reads = !program.rules.is_empty() || !program.end.is_empty();
        while over.is_none() && reads {
            let Some((record, file)) = self.next_main().await else { break };
            self.begin_file(file);
            self.take(record);
            over = self.top(Piece::Rules).await?;
        }
        let mut status = over.unwrap_or(0);
        for body in &program.end {
            if let Some(code) = self.top(Piece::Body(body)).await? {
                status = code;
                break;
            }
        }
        let files: Vec<String> = self.files.keys().cloned().collect();
        files.iter().for_each(|name| self.close_file(name));
        for (command, bytes) in std::mem::take(&mut self.pipes) {
            self.shell(command, Input::bytes(bytes), self.tool.call.io.stdout.clone()).await;
        }
        Ok(status.max(self.tool.status()))
    }

    /// Sets what the command line gives: variables, and the names of files to read.
    fn arguments(&mut self, operands: &[String]) {
        let words = std::iter::once("awk".to_owned()).chain(operands.iter().cloned());
        let words: IndexMap<String, Value> =
            words.enumerate().map(|(at, word)| (at.to_string(), Value::Input(word))).collect();
        self.globals.insert("ARGC".into(), Value::Number(words.len() as f64));
        self.arrays.insert("ARGV".into(), words);
        for operand in operands {
            match operand.split_once('=').filter(|(name, _)| !name.contains('/')) {
                Some((name, value)) => self.set_global(name, value),
                None => self.main.operands.push_back(operand.clone()),
            }
        }
        if self.main.operands.is_empty() {
            self.main.operands.push_back("-".to_owned());
        }
    }

    pub(super) async fn flush(&mut self) -> Result<(), Quit> {
        if self.out.is_empty() { Ok(()) } else { self.tool.out(std::mem::take(&mut self.out)).await }
    }

    /// Runs a piece of the program; the status when it exits.
    async fn top(&mut self, piece: Piece<'a>) -> Result<Option<i32>, Quit> {
        let flow = self.piece(piece).await?;
        self.flush().await?;
        match flow {
            Ok(Flow::Exit(code)) => Ok(Some(code)),
            Ok(_) => Ok(None),
            Err(text) => Err(self.tool.die_with(2, text).await),
        }
    }

    pub(super) fn take(&mut self, record: String) {
        self.number += 1;
        self.globals.insert("NR".into(), Value::Number(self.number as f64));
        let in_file = self.globals.get("FNR").map_or(0.0, Value::number) + 1.0;
        self.globals.insert("FNR".into(), Value::Number(in_file));
        self.record = record;
        self.split = false;
    }

    pub(super) fn split_record(&mut self) {
        if self.split {
            return;
        }
        self.split = true;
        let separator = self.globals.get("FS").map(Value::text).unwrap_or_default();
        let record = std::mem::take(&mut self.record);
        self.fields = self.pieces(&record, &separator);
        self.record = record;
        self.globals.insert("NF".into(), Value::Number(self.fields.len() as f64));
    }

    pub(super) fn pieces(&mut self, text: &str, separator: &str) -> Vec<String> {
        if text.is_empty() {
            return Vec::new();
        }
        match separator {
            " " => text.split_whitespace().map(str::to_owned).collect(),
            "" => text.chars().map(|c| c.to_string()).collect(),
            one if one.chars().count() == 1 && one != "\\" => text.split(one).map(str::to_owned).collect(),
            pattern => match self.regex(pattern) {
                Ok(regex) => {
                    regex.split(text.as_bytes()).map(|p| String::from_utf8_lossy(p).into_owned()).collect()
                }
                Err(_) => vec![text.to_owned()],
            },
        }
    }

    pub(super) fn join_record(&mut self) {
        let joiner = self.globals.get("OFS").map(Value::text).unwrap_or_default();
        self.record = self.fields.join(&joiner);
        self.globals.insert("NF".into(), Value::Number(self.fields.len() as f64));
    }

    pub(super) fn rules(&mut self) -> Step<Flow> {
        let program = self.program;
        for (index, rule) in program.rules.iter().enumerate() {
            let applies = match (&rule.from, &rule.to) {
                (None, _) => true,
                (Some(from), None) => self.truth(from)?,
                (Some(from), Some(to)) => {
                    let inside = self.in_range[index] || self.truth(from)?;
                    if inside {
                        self.in_range[index] = !self.truth(to)?;
                    }
                    inside
                }
            };
            if !applies {
                continue;
            }
            let Some(body) = &rule.body else {
                let record = self.record.clone();
                self.print_line(&record);
                continue;
            };
            match self.block(body)? {
                Flow::Next => return Ok(Flow::Next),
                Flow::Exit(code) => return Ok(Flow::Exit(code)),
                _ => {}
            }
        }
        Ok(Flow::Go)
    }

    fn print_line(&mut self, text: &str) {
        let end = self.globals.get("ORS").map(Value::text).unwrap_or_default();
        self.out.extend(text.bytes());
        self.out.extend(end.bytes());
    }

    pub(super) fn truth(&mut self, expr: &'a Expr) -> Step<bool> {
        Ok(self.eval(expr)?.truth())
    }

    fn tick(&mut self) -> Step<()> {
        self.steps += 1;
        let elements: usize =
            if self.steps.is_multiple_of(4096) { self.arrays.values().map(IndexMap::len).sum() } else { 0 };
        if self.steps > MAX_STEPS || elements > MAX_ELEMENTS || self.out.len() > 32 * 1024 * 1024 {
            return Err("the program does not come to an end; stopped".into());
        }
        Ok(())
    }

    pub(super) fn block(&mut self, body: &'a [Statement]) -> Step<Flow> {
        for statement in body {
            match self.statement(statement)? {
                Flow::Go => {}
                other => return Ok(other),
            }
        }
        Ok(Flow::Go)
    }

    fn statement(&mut self, statement: &'a Statement) -> Step<Flow> {
        self.tick()?;
        match statement {
            Statement::Expr(expr) => drop(self.eval(expr)?),
            Statement::Print(items, target) => {
                let text = match items.as_slice() {
                    [] => self.record.clone(),
                    items => {
                        let joiner = self.globals.get("OFS").map(Value::text).unwrap_or_default();
                        let texts: Step<Vec<String>> =
                            items.iter().map(|e| Ok(self.eval(e)?.text())).collect();
                        texts?.join(&joiner)
                    }
                };
                let end = self.globals.get("ORS").map(Value::text).unwrap_or_default();
                self.write(text + &end, target.as_ref())?;
            }
            Statement::Printf(items, target) => {
                let values: Step<Vec<Value>> = items.iter().map(|e| self.eval(e)).collect();
                let values = values?;
                self.enough(&values)?;
                let text = format(&values);
                self.write(text, target.as_ref())?;
            }
            Statement::If(condition, then, other) => {
                let body = if self.truth(condition)? { then } else { other };
                return self.block(body);
            }
            Statement::While(condition, body) => {
                while self.truth(condition)? {
                    self.tick()?;
                    match self.block(body)? {
                        Flow::Break => break,
                        Flow::Go | Flow::Continue => {}
                        other => return Ok(other),
                    }
                }
            }
            Statement::Do(body, condition) => loop {
                self.tick()?;
                match self.block(body)? {
                    Flow::Break => break,
                    Flow::Go | Flow::Continue => {}
                    other => return Ok(other),
                }
                if !self.truth(condition)? {
                    break;
                }
            },
            Statement::For(first, condition, step, body) => {
                if let Some(first) = first {
                    self.statement(first)?;
                }
                while condition.as_ref().map_or(Ok(true), |c| self.truth(c))? {
                    self.tick()?;
                    match self.block(body)? {
                        Flow::Break => break,
                        Flow::Go | Flow::Continue => {}
                        other => return Ok(other),
                    }
                    if let Some(step) = step {
                        self.statement(step)?;
                    }
                }
            }
            Statement::ForIn(name, array, body) => {
                let array = self.array_name(array);
                let keys: Vec<String> =
                    self.arrays.get(&array).map(|a| a.keys().cloned().collect()).unwrap_or_default();
                for key in keys {
                    self.assign_name(name, Value::Input(key));
                    match self.block(body)? {
                        Flow::Break => break,
                        Flow::Go | Flow::Continue => {}
                        other => return Ok(other),
                    }
                }
            }
            Statement::Block(body) => return self.block(body),
            Statement::Break => return Ok(Flow::Break),
            Statement::Continue => return Ok(Flow::Continue),
            Statement::Next => return Ok(Flow::Next),
            Statement::Exit(code) => {
                let code = code.as_ref().map(|c| self.eval(c)).transpose()?.map_or(0.0, |v| v.number());
                return Ok(Flow::Exit(code as i32 & 0xff));
            }
            Statement::Return(value) => {
                let value = value.as_ref().map(|v| self.eval(v)).transpose()?.unwrap_or(Value::Nothing);
                return Ok(Flow::Return(value));
            }
            Statement::Delete(name, index) => {
                let array = self.array_name(name);
                if index.is_empty() {
                    self.arrays.remove(&array);
                } else {
                    let key = self.key(index)?;
                    self.arrays.entry(array).or_default().shift_remove(&key);
                }
            }
        }
        Ok(Flow::Go)
    }

    /// A format must find a value for each of its marks.
    fn enough(&self, values: &[Value]) -> Step<()> {
        let Some((format, rest)) = values.split_first() else { return Ok(()) };
        let format = format.text();
        let marks = format.replace("%%", "").matches('%').count();
        if marks <= rest.len() {
            return Ok(());
        }
        let of = |name: &str| self.globals.get(name).map(Value::text).unwrap_or_default();
        let number = |name: &str| self.globals.get(name).map_or(0.0, Value::number);
        Err(format!(
            "run time error: not enough arguments passed to printf(\"{format}\")\n\tFILENAME=\"{}\" FNR={} NR={}",
            of("FILENAME"),
            number("FNR"),
            number("NR")
        ))
    }

    fn write(&mut self, text: String, target: Option<&'a Target>) -> Step<()> {
        match target {
            None => self.out.extend(text.bytes()),
            Some(Target::Pipe(command)) => {
                let command = self.eval(command)?.text();
                self.pipes.entry(command).or_default().extend(text.bytes());
            }
            Some(Target::File(name) | Target::Append(name)) => {
                let file = self.eval(name)?.text();
                match file.as_str() {
                    "/dev/stdout" | "-" => self.out.extend(text.bytes()),
                    _ => {
                        let fresh = !self.files.contains_key(&file);
                        if fresh && matches!(target, Some(Target::File(_))) {
                            self.tool
                                .call
                                .sys
                                .write(&self.tool.path(&file), Vec::new())
                                .map_err(|e| format!("can't redirect to {file} ({e})"))?;
                        }
                        self.files.entry(file).or_default().extend(text.bytes());
                    }
                }
            }
        }
        Ok(())
    }

    /// The global array behind a name: functions get arrays by reference.
    pub(super) fn array_name(&mut self, name: &str) -> String {
        match self.names.last_mut() {
            Some(names) if names.contains_key(name) => names[name].clone(),
            Some(names) if self.locals.last().is_some_and(|l| l.contains_key(name)) => {
                self.fresh += 1;
                let made = format!("\u{1}{}", self.fresh);
                names.insert(name.to_owned(), made.clone());
                made
            }
            _ => name.to_owned(),
        }
    }

    pub(super) fn key(&mut self, index: &'a [Expr]) -> Step<String> {
        let parts: Step<Vec<String>> = index.iter().map(|e| Ok(self.eval(e)?.text())).collect();
        Ok(parts?.join("\x1c"))
    }

    fn assign_name(&mut self, name: &str, value: Value) {
        if let Some(slot) = self.locals.last_mut().and_then(|l| l.get_mut(name)) {
            *slot = value;
            return;
        }
        if name == "NF" {
            self.split_record();
            self.fields.resize((value.number().max(0.0) as usize).min(10_000), String::new());
            self.join_record();
            return;
        }
        self.globals.insert(name.to_owned(), value);
    }

    pub(super) fn assign(&mut self, target: &'a Expr, value: Value) -> Step<()> {
        match target {
            Expr::Var(name) => self.assign_name(name, value),
            Expr::Element(name, index) => {
                let array = self.array_name(name);
                let key = self.key(index)?;
                self.arrays.entry(array).or_default().insert(key, value);
            }
            Expr::Field(index) => {
                let n = self.eval(index)?.number();
                if !(0.0..=10_000.0).contains(&n) {
                    return Err(format!("field index {} is out of range", shown(n)));
                }
                let n = n as usize;
                if n == 0 {
                    self.record = value.text();
                    self.split = false;
                } else {
                    self.split_record();
                    if self.fields.len() < n {
                        self.fields.resize(n, String::new());
                    }
                    self.fields[n - 1] = value.text();
                    self.join_record();
                }
            }
            _ => return Err("assignment to something that is no variable".into()),
        }
        Ok(())
    }
}
