//! Runs an awk program. Must never take more steps than its limit.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use regex::bytes::Regex;

use super::super::numbers::float;
use super::super::posix::{Dialect, How, compile};
use super::parse::{Expr, Program, Statement, Target};
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Input;

/// Statements and loop rounds of one program.
const MAX_STEPS: u64 = 20_000_000;
/// Nested function calls.
const MAX_CALLS: usize = 100;
/// Elements of all arrays.
const MAX_ELEMENTS: usize = 500_000;

/// A value: text that looks like a number, from input, compares as one.
#[derive(Debug, Clone)]
enum Value {
    Number(f64),
    Text(String),
    Input(String),
    Nothing,
}

enum Flow {
    Go,
    Break,
    Continue,
    Next,
    Exit(i32),
    Return(Value),
}

type Step<T> = Result<T, String>;

/// A program at work.
pub struct Machine<'a> {
    tool: &'a Tool,
    program: &'a Program,
    globals: BTreeMap<String, Value>,
    arrays: BTreeMap<String, IndexMap<String, Value>>,
    locals: Vec<BTreeMap<String, Value>>,
    /// Which global array a local name stands for, per call.
    names: Vec<BTreeMap<String, String>>,
    record: String,
    fields: Vec<String>,
    split: bool,
    number: u64,
    in_range: Vec<bool>,
    regexes: BTreeMap<String, Regex>,
    out: Vec<u8>,
    files: BTreeMap<String, Vec<u8>>,
    pipes: BTreeMap<String, Vec<u8>>,
    inputs: std::collections::VecDeque<Input>,
    readers: BTreeMap<String, std::collections::VecDeque<String>>,
    pending: Vec<String>,
    steps: u64,
    fresh: usize,
    rng: crate::base::Rng,
}

fn number_of(text: &str) -> f64 {
    let text = text.trim_start();
    let mut end = 0;
    let bytes = text.as_bytes();
    if matches!(bytes.first(), Some(b'+' | b'-')) {
        end = 1;
    }
    let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    end += digits(end);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if digits(end + 1 + sign) > 0 {
            end += 1 + sign + digits(end + 1 + sign);
        }
    }
    text[..end].parse().unwrap_or(0.0)
}

fn looks_numeric(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.parse::<f64>().is_ok_and(f64::is_finite) && text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c))
}

fn shown(n: f64) -> String {
    if n == n.trunc() && n.abs() < 1e16 { format!("{n:.0}").replace("-0", if n == 0.0 { "0" } else { "-0" }) } else if n < 0.0 { format!("-{}", float(-n, 'g', Some(6))) } else { float(n, 'g', Some(6)) }
}

impl Value {
    fn number(&self) -> f64 {
        match self {
            Value::Number(n) => *n,
            Value::Text(text) | Value::Input(text) => number_of(text),
            Value::Nothing => 0.0,
        }
    }

    fn text(&self) -> String {
        match self {
            Value::Number(n) => shown(*n),
            Value::Text(text) | Value::Input(text) => text.clone(),
            Value::Nothing => String::new(),
        }
    }

    fn truth(&self) -> bool {
        match self {
            Value::Number(n) => *n != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::Input(text) if looks_numeric(text) => number_of(text) != 0.0,
            Value::Input(text) => !text.is_empty(),
            Value::Nothing => false,
        }
    }

    fn is_number(&self) -> bool {
        match self {
            Value::Number(_) | Value::Nothing => true,
            Value::Input(text) => looks_numeric(text),
            Value::Text(_) => false,
        }
    }
}

impl<'a> Machine<'a> {
    pub fn new(tool: &'a Tool, program: &'a Program) -> Self {
        let mut globals = BTreeMap::new();
        for (name, value) in [("FS", " "), ("OFS", " "), ("ORS", "\n"), ("RS", "\n"), ("SUBSEP", "\x1c"), ("OFMT", "%.6g"), ("CONVFMT", "%.6g"), ("FILENAME", "")] {
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
            inputs: Default::default(),
            readers: BTreeMap::new(),
            pending: Vec::new(),
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
        let mut status = 0;
        let program = self.program;
        let mut over = None;
        for body in &program.begin {
            over = over.or(self.top(body).await?);
        }
        let reads = !program.rules.is_empty() || !program.end.is_empty();
        if over.is_none() && reads {
            over = self.records(operands).await?;
        }
        if let Some(code) = over {
            status = code;
        }
        for body in &program.end {
            if let Some(code) = self.top(body).await? {
                status = code;
                break;
            }
        }
        self.flush().await?;
        for (name, bytes) in std::mem::take(&mut self.files) {
            self.tool.call.sys.append(&self.tool.path(&name), &bytes).ok();
        }
        for (command, bytes) in std::mem::take(&mut self.pipes) {
            let io = crate::world::Io { stdin: Input::bytes(bytes), ..self.tool.call.io.clone() };
            let argv = vec!["sh".to_owned(), "-c".to_owned(), command];
            self.tool.call.sys.run(argv, &self.tool.call.env, &self.tool.call.cwd, io).await.ok();
        }
        Ok(status.max(self.tool.status()))
    }

    async fn flush(&mut self) -> Result<(), Quit> {
        if self.out.is_empty() { Ok(()) } else { self.tool.out(std::mem::take(&mut self.out)).await }
    }

    /// Runs a block at the top; the status when it exits.
    async fn top(&mut self, body: &'a [Statement]) -> Result<Option<i32>, Quit> {
        let flow = self.block(body);
        self.flush().await?;
        match flow {
            Ok(Flow::Exit(code)) => Ok(Some(code)),
            Ok(_) => Ok(None),
            Err(text) => Err(self.tool.die_with(2, text).await),
        }
    }

    async fn records(&mut self, operands: Vec<String>) -> Result<Option<i32>, Quit> {
        let files: Vec<String> = operands.iter().filter(|o| o.split_once('=').is_none_or(|(n, _)| n.contains('/'))).cloned().collect();
        for pair in operands.iter().filter_map(|o| o.split_once('=')).filter(|(n, _)| !n.contains('/')) {
            self.set_global(pair.0, pair.1);
        }
        let files = if files.is_empty() { vec!["-".to_owned()] } else { files };
        for name in files {
            let input = match self.tool.open(&name) {
                Ok(input) => input,
                Err(error) => {
                    self.tool.fail_with(2, format!("cannot open \"{name}\" ({error})")).await;
                    continue;
                }
            };
            self.globals.insert("FILENAME".into(), Value::Text(if name == "-" { String::new() } else { name.clone() }));
            self.globals.insert("FNR".into(), Value::Number(0.0));
            self.inputs.push_back(input.clone());
            let paragraphs = self.globals.get("RS").map(Value::text).unwrap_or_default();
            while let Some(record) = self.next_record(&input, &paragraphs).await {
                self.take(record);
                match self.rules() {
                    Ok(Flow::Exit(code)) => {
                        self.flush().await?;
                        return Ok(Some(code));
                    }
                    Ok(_) => self.flush().await?,
                    Err(text) => {
                        self.flush().await?;
                        return Err(self.tool.die_with(2, text).await);
                    }
                }
            }
        }
        Ok(None)
    }

    async fn next_record(&mut self, input: &Input, separator: &str) -> Option<String> {
        if let Some(record) = self.pending.pop() {
            return Some(record);
        }
        if separator == "\n" {
            let line = input.read_line().await?;
            return Some(String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line)).into_owned());
        }
        let (bytes, _) = input.read_to_end().await;
        if bytes.is_empty() {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let mut records: Vec<String> = match separator {
            "" => text.split("\n\n").map(|r| r.trim_matches('\n').to_owned()).filter(|r| !r.is_empty()).collect(),
            one => text.split(one).map(str::to_owned).collect(),
        };
        records.reverse();
        self.pending = records;
        self.pending.pop()
    }

    fn take(&mut self, record: String) {
        self.number += 1;
        self.globals.insert("NR".into(), Value::Number(self.number as f64));
        let in_file = self.globals.get("FNR").map_or(0.0, Value::number) + 1.0;
        self.globals.insert("FNR".into(), Value::Number(in_file));
        self.record = record;
        self.split = false;
    }

    fn split_record(&mut self) {
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

    fn pieces(&mut self, text: &str, separator: &str) -> Vec<String> {
        if text.is_empty() {
            return Vec::new();
        }
        match separator {
            " " => text.split_whitespace().map(str::to_owned).collect(),
            "" => text.chars().map(|c| c.to_string()).collect(),
            one if one.chars().count() == 1 && one != "\\" => text.split(one).map(str::to_owned).collect(),
            pattern => match self.regex(pattern) {
                Ok(regex) => regex.split(text.as_bytes()).map(|p| String::from_utf8_lossy(p).into_owned()).collect(),
                Err(_) => vec![text.to_owned()],
            },
        }
    }

    fn join_record(&mut self) {
        let joiner = self.globals.get("OFS").map(Value::text).unwrap_or_default();
        self.record = self.fields.join(&joiner);
        self.globals.insert("NF".into(), Value::Number(self.fields.len() as f64));
    }

    fn rules(&mut self) -> Step<Flow> {
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

    fn truth(&mut self, expr: &'a Expr) -> Step<bool> {
        Ok(self.eval(expr)?.truth())
    }

    fn tick(&mut self) -> Step<()> {
        self.steps += 1;
        let elements: usize = if self.steps % 4096 == 0 { self.arrays.values().map(IndexMap::len).sum() } else { 0 };
        if self.steps > MAX_STEPS || elements > MAX_ELEMENTS || self.out.len() > 32 * 1024 * 1024 {
            return Err("the program does not come to an end; stopped".into());
        }
        Ok(())
    }

    fn block(&mut self, body: &'a [Statement]) -> Step<Flow> {
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
                        let texts: Step<Vec<String>> = items.iter().map(|e| Ok(self.eval(e)?.text())).collect();
                        texts?.join(&joiner)
                    }
                };
                let end = self.globals.get("ORS").map(Value::text).unwrap_or_default();
                self.write(text + &end, target.as_ref())?;
            }
            Statement::Printf(items, target) => {
                let values: Step<Vec<Value>> = items.iter().map(|e| self.eval(e)).collect();
                let text = format(&values?);
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
                let keys: Vec<String> = self.arrays.get(&array).map(|a| a.keys().cloned().collect()).unwrap_or_default();
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
                            self.tool.call.sys.write(&self.tool.path(&file), Vec::new()).map_err(|e| format!("can't redirect to {file} ({e})"))?;
                        }
                        self.files.entry(file).or_default().extend(text.bytes());
                    }
                }
            }
        }
        Ok(())
    }

    /// The global array behind a name: functions get arrays by reference.
    fn array_name(&mut self, name: &str) -> String {
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

    fn key(&mut self, index: &'a [Expr]) -> Step<String> {
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

    fn assign(&mut self, target: &'a Expr, value: Value) -> Step<()> {
        match target {
            Expr::Var(name) => self.assign_name(name, value),
            Expr::Element(name, index) => {
                let array = self.array_name(name);
                let key = self.key(index)?;
                self.arrays.entry(array).or_default().insert(key, value);
            }
            Expr::Field(index) => {
                let n = self.eval(index)?.number();
                if n < 0.0 || n > 10_000.0 {
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

    fn regex(&mut self, pattern: &str) -> Step<Regex> {
        if let Some(regex) = self.regexes.get(pattern) {
            return Ok(regex.clone());
        }
        let regex = compile(pattern, Dialect::Extended, How::default()).map_err(|e| format!("regular expression compile failed ({e})\n{pattern}"))?;
        self.regexes.insert(pattern.to_owned(), regex.clone());
        Ok(regex)
    }

    /// The pattern that an expression means: a literal, or a value's text.
    fn pattern(&mut self, expr: &'a Expr) -> Step<Regex> {
        let text = match expr {
            Expr::Regex(text) => text.clone(),
            other => self.eval(other)?.text(),
        };
        self.regex(&text)
    }

    fn eval(&mut self, expr: &'a Expr) -> Step<Value> {
        Ok(match expr {
            Expr::Number(n) => Value::Number(*n),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Regex(text) => {
                let regex = self.regex(text)?;
                Value::Number(f64::from(u8::from(regex.is_match(self.record.as_bytes()))))
            }
            Expr::Var(name) => {
                if name == "NF" {
                    self.split_record();
                }
                let local = self.locals.last().and_then(|l| l.get(name));
                local.or_else(|| self.globals.get(name)).cloned().unwrap_or(Value::Nothing)
            }
            Expr::Element(name, index) => {
                let array = self.array_name(name);
                let key = self.key(index)?;
                self.arrays.entry(array).or_default().entry(key).or_insert(Value::Nothing).clone()
            }
            Expr::Field(index) => {
                let n = self.eval(index)?.number();
                match n as i64 {
                    0 => Value::Input(self.record.clone()),
                    n if n < 0 => return Err(format!("negative field index ${n}")),
                    n => {
                        self.split_record();
                        self.fields.get(n as usize - 1).map_or(Value::Nothing, |f| Value::Input(f.clone()))
                    }
                }
            }
            Expr::Assign(target, operator, value) => {
                let mut value = self.eval(value)?;
                if *operator != "=" {
                    let before = self.eval(target)?.number();
                    value = Value::Number(arithmetic(&operator[..1], before, value.number())?);
                }
                self.assign(target, value.clone())?;
                value
            }
            Expr::Binary(operator, left, right) => self.binary(operator, left, right)?,
            Expr::Concat(left, right) => {
                let text = self.eval(left)?.text();
                Value::Text(text + &self.eval(right)?.text())
            }
            Expr::Match(negated, left, right) => {
                let text = self.eval(left)?.text();
                let hit = self.pattern(right)?.is_match(text.as_bytes());
                Value::Number(f64::from(u8::from(hit != *negated)))
            }
            Expr::In(index, array) => {
                let key = self.key(index)?;
                let array = self.array_name(array);
                let hit = self.arrays.get(&array).is_some_and(|a| a.contains_key(&key));
                Value::Number(f64::from(u8::from(hit)))
            }
            Expr::Not(inner) => Value::Number(f64::from(u8::from(!self.truth(inner)?))),
            Expr::Negative(inner) => Value::Number(-self.eval(inner)?.number()),
            Expr::Positive(inner) => Value::Number(self.eval(inner)?.number()),
            Expr::Step(before, by, target) => {
                let old = self.eval(target)?.number();
                self.assign(target, Value::Number(old + by))?;
                Value::Number(if *before { old + by } else { old })
            }
            Expr::Cond(condition, then, other) => {
                let branch = if self.truth(condition)? { then } else { other };
                self.eval(branch)?
            }
            Expr::Group(items) => Value::Text(self.key(items)?),
            Expr::Call(name, arguments) => self.call(name, arguments)?,
            Expr::Getline(variable, file) => self.getline(variable.as_deref(), file.as_deref())?,
        })
    }

    /// `getline` from a file; from the main input it would have to wait, and is not imitated.
    fn getline(&mut self, variable: Option<&'a Expr>, file: Option<&'a Expr>) -> Step<Value> {
        let Some(file) = file else { return Err("getline without a file is not imitated by KubeJam".into()) };
        let name = self.eval(file)?.text();
        if !self.readers.contains_key(&name) {
            let Ok(text) = self.tool.call.sys.read_text(&self.tool.path(&name)) else { return Ok(Value::Number(-1.0)) };
            self.readers.insert(name.clone(), text.lines().map(str::to_owned).collect());
        }
        let Some(line) = self.readers.get_mut(&name).and_then(std::collections::VecDeque::pop_front) else { return Ok(Value::Number(0.0)) };
        match variable {
            Some(target) => self.assign(target, Value::Input(line))?,
            None => self.take(line),
        }
        Ok(Value::Number(1.0))
    }

    fn binary(&mut self, operator: &str, left: &'a Expr, right: &'a Expr) -> Step<Value> {
        let flag = |value: bool| Ok(Value::Number(f64::from(u8::from(value))));
        match operator {
            "&&" => return flag(self.truth(left)? && self.truth(right)?),
            "||" => return flag(self.truth(left)? || self.truth(right)?),
            _ => {}
        }
        let (a, b) = (self.eval(left)?, self.eval(right)?);
        if matches!(operator, "+" | "-" | "*" | "/" | "%" | "^") {
            return Ok(Value::Number(arithmetic(operator, a.number(), b.number())?));
        }
        let order = match a.is_number() && b.is_number() {
            true => a.number().partial_cmp(&b.number()),
            false => Some(a.text().cmp(&b.text())),
        };
        flag(match operator {
            "<" => order.is_some_and(std::cmp::Ordering::is_lt),
            "<=" => order.is_some_and(std::cmp::Ordering::is_le),
            "==" => order.is_some_and(std::cmp::Ordering::is_eq),
            "!=" => !order.is_some_and(std::cmp::Ordering::is_eq),
            ">=" => order.is_some_and(std::cmp::Ordering::is_ge),
            _ => order.is_some_and(std::cmp::Ordering::is_gt),
        })
    }

    fn call(&mut self, name: &str, arguments: &'a [Expr]) -> Step<Value> {
        if let Some(function) = self.program.functions.get(name) {
            return self.call_own(function, arguments);
        }
        match name {
            "sub" | "gsub" => return self.substitute(name == "gsub", arguments),
            "split" => return self.split_into(arguments),
            "length" => {
                if let [Expr::Var(array)] = arguments {
                    let array = self.array_name(array);
                    if let Some(elements) = self.arrays.get(&array) {
                        return Ok(Value::Number(elements.len() as f64));
                    }
                }
            }
            "match" => {
                let [text, pattern] = arguments else { return Err("match needs two arguments".into()) };
                let text = self.eval(text)?.text();
                let regex = self.pattern(pattern)?;
                let found = regex.find(text.as_bytes()).map(|m| (text[..m.start()].chars().count() + 1, String::from_utf8_lossy(m.as_bytes()).chars().count()));
                let (start, length) = found.map_or((0.0, -1.0), |(s, l)| (s as f64, l as f64));
                self.globals.insert("RSTART".into(), Value::Number(start));
                self.globals.insert("RLENGTH".into(), Value::Number(length));
                return Ok(Value::Number(start));
            }
            _ => {}
        }
        let values: Step<Vec<Value>> = arguments.iter().map(|e| self.eval(e)).collect();
        let values = values?;
        let text = |at: usize| values.get(at).map(Value::text).unwrap_or_default();
        let number = |at: usize| values.get(at).map_or(0.0, Value::number);
        Ok(match name {
            "length" if values.is_empty() => Value::Number(self.record.chars().count() as f64),
            "length" => Value::Number(text(0).chars().count() as f64),
            "substr" => {
                let start = number(1).round();
                let end = if values.len() > 2 { start + number(2).round() } else { f64::INFINITY };
                let kept = text(0).chars().enumerate().filter(|(i, _)| (*i as f64 + 1.0) >= start && (*i as f64 + 1.0) < end).map(|(_, c)| c).collect();
                Value::Text(kept)
            }
            "index" => Value::Number(text(0).find(&text(1)).map_or(0.0, |at| text(0)[..at].chars().count() as f64 + 1.0)),
            "toupper" => Value::Text(text(0).to_uppercase()),
            "tolower" => Value::Text(text(0).to_lowercase()),
            "sprintf" => Value::Text(format(&values)),
            "int" => Value::Number(number(0).trunc()),
            "sqrt" => Value::Number(number(0).sqrt()),
            "exp" => Value::Number(number(0).exp()),
            "log" => Value::Number(number(0).ln()),
            "sin" => Value::Number(number(0).sin()),
            "cos" => Value::Number(number(0).cos()),
            "atan2" => Value::Number(number(0).atan2(number(1))),
            "rand" => Value::Number(self.rng.below(1 << 30) as f64 / f64::from(1 << 30)),
            "srand" => Value::Number(0.0),
            "systime" => Value::Number(self.tool.call.sys.now().secs() as f64),
            "strftime" => Value::Text(self.tool.call.sys.now().timestamp().strftime(&text(0)).to_string()),
            "close" | "fflush" => Value::Number(0.0),
            "system" => return Err("system() is not imitated by KubeJam; use xargs".into()),
            other => return Err(format!("function {other} never defined")),
        })
    }

    fn call_own(&mut self, function: &'a super::parse::Function, arguments: &'a [Expr]) -> Step<Value> {
        if self.locals.len() >= MAX_CALLS {
            return Err("functions call each other too deeply; stopped".into());
        }
        let (mut frame, mut names) = (BTreeMap::new(), BTreeMap::new());
        for (index, parameter) in function.parameters.iter().enumerate() {
            let argument = arguments.get(index);
            if let Some(Expr::Var(name)) = argument {
                let array = self.array_name(name);
                if self.arrays.contains_key(&array) {
                    names.insert(parameter.clone(), array);
                }
            }
            let value = argument.map(|a| self.eval(a)).transpose()?.unwrap_or(Value::Nothing);
            frame.insert(parameter.clone(), value);
        }
        self.locals.push(frame);
        self.names.push(names);
        let flow = self.block(&function.body);
        self.locals.pop();
        self.names.pop();
        match flow? {
            Flow::Return(value) => Ok(value),
            _ => Ok(Value::Nothing),
        }
    }

    fn substitute(&mut self, all: bool, arguments: &'a [Expr]) -> Step<Value> {
        static RECORD: Expr = Expr::Number(0.0);
        let (Some(pattern), Some(replacement)) = (arguments.first(), arguments.get(1)) else {
            return Err("sub needs two arguments".into());
        };
        let regex = self.pattern(pattern)?;
        let replacement = self.eval(replacement)?.text();
        let text = match arguments.get(2) {
            Some(target) => self.eval(target)?.text(),
            None => self.record.clone(),
        };
        let (mut out, mut done, mut count) = (String::new(), 0, 0);
        for found in regex.find_iter(text.as_bytes()) {
            out += &text[done..found.start()];
            let mut chars = replacement.chars();
            while let Some(c) = chars.next() {
                match c {
                    '\\' => out.extend(chars.next().filter(|c| matches!(c, '&' | '\\')).or(Some('\\'))),
                    '&' => out += &String::from_utf8_lossy(found.as_bytes()),
                    other => out.push(other),
                }
            }
            done = found.end();
            count += 1;
            if !all {
                break;
            }
        }
        if count > 0 {
            out += &text[done..];
            match arguments.get(2) {
                Some(target @ (Expr::Var(_) | Expr::Element(..) | Expr::Field(_))) => self.assign(target, Value::Text(out))?,
                Some(_) => {}
                None => {
                    let _ = &RECORD;
                    self.record = out;
                    self.split = false;
                }
            }
        }
        Ok(Value::Number(f64::from(count)))
    }

    fn split_into(&mut self, arguments: &'a [Expr]) -> Step<Value> {
        let (Some(text), Some(Expr::Var(array))) = (arguments.first(), arguments.get(1)) else {
            return Err("split needs a text and an array".into());
        };
        let text = self.eval(text)?.text();
        let separator = match arguments.get(2) {
            Some(Expr::Regex(pattern)) => pattern.clone(),
            Some(other) => self.eval(other)?.text(),
            None => self.globals.get("FS").map(Value::text).unwrap_or_default(),
        };
        let pieces = self.pieces(&text, &separator);
        let array = self.array_name(array);
        let count = pieces.len();
        let elements = pieces.into_iter().enumerate().map(|(i, p)| ((i + 1).to_string(), Value::Input(p))).collect();
        self.arrays.insert(array, elements);
        Ok(Value::Number(count as f64))
    }
}

fn arithmetic(operator: &str, a: f64, b: f64) -> Step<f64> {
    Ok(match operator {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" | "%" if b == 0.0 => return Err(if operator == "/" { "division by zero" } else { "division by zero in %" }.into()),
        "/" => a / b,
        "%" => a % b,
        _ => a.powf(b),
    })
}

/// `printf`'s text.
fn format(values: &[Value]) -> String {
    let Some((first, mut rest)) = values.split_first() else { return String::new() };
    let format = first.text();
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        if chars.next_if_eq(&'%').is_some() {
            out.push('%');
            continue;
        }
        let mut take = || {
            let value = rest.first().cloned().unwrap_or(Value::Nothing);
            rest = rest.get(1..).unwrap_or_default();
            value
        };
        let flags: String = std::iter::from_fn(|| chars.next_if(|c| "-+ 0#".contains(*c))).collect();
        let width = if chars.next_if_eq(&'*').is_some() { take().number() as usize } else { std::iter::from_fn(|| chars.next_if(char::is_ascii_digit)).collect::<String>().parse().unwrap_or(0) };
        let precision = chars.next_if_eq(&'.').map(|_| std::iter::from_fn(|| chars.next_if(char::is_ascii_digit)).collect::<String>().parse::<usize>().unwrap_or(0));
        let kind = chars.next().unwrap_or('%');
        let value = take();
        let (sign, body) = match kind {
            'd' | 'i' => {
                let n = value.number().trunc();
                (if n < 0.0 { "-" } else if flags.contains('+') { "+" } else { "" }, format!("{:.0}", n.abs()))
            }
            'o' => ("", format!("{:o}", value.number() as i64)),
            'x' => ("", format!("{:x}", value.number() as i64)),
            'X' => ("", format!("{:X}", value.number() as i64)),
            'u' => ("", format!("{}", value.number() as u64)),
            'c' => ("", match value {
                Value::Number(n) => char::from_u32(n as u32).map(String::from).unwrap_or_default(),
                other => other.text().chars().take(1).collect(),
            }),
            'f' | 'F' | 'e' | 'g' | 'E' | 'G' => {
                let n = value.number();
                (if n < 0.0 { "-" } else if flags.contains('+') { "+" } else { "" }, float(n.abs(), kind.to_ascii_lowercase(), precision))
            }
            _ => ("", value.text().chars().take(precision.unwrap_or(usize::MAX)).collect()),
        };
        let blanks = width.min(10_000).saturating_sub(sign.len() + body.chars().count());
        if flags.contains('-') {
            out += &format!("{sign}{body}{}", " ".repeat(blanks));
        } else if flags.contains('0') && kind != 's' && kind != 'c' {
            out += &format!("{sign}{}{body}", "0".repeat(blanks));
        } else {
            out += &format!("{}{sign}{body}", " ".repeat(blanks));
        }
    }
    out
}
