//! Runs an awk program. Must never take more steps than its limit.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use regex::bytes::Regex;

use super::super::posix::{Dialect, How, compile};
use super::tree::{Expr, Program, Statement, Target};
use super::value::{Value, arithmetic, format, shown};
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

/// A program at work.
pub struct Machine<'a> {
    pub(super) tool: &'a Tool,
    pub(super) program: &'a Program,
    pub(super) globals: BTreeMap<String, Value>,
    pub(super) arrays: BTreeMap<String, IndexMap<String, Value>>,
    pub(super) locals: Vec<BTreeMap<String, Value>>,
    /// Which global array a local name stands for, per call.
    pub(super) names: Vec<BTreeMap<String, String>>,
    pub(super) record: String,
    fields: Vec<String>,
    pub(super) split: bool,
    number: u64,
    in_range: Vec<bool>,
    regexes: BTreeMap<String, Regex>,
    out: Vec<u8>,
    files: BTreeMap<String, Vec<u8>>,
    pipes: BTreeMap<String, Vec<u8>>,
    inputs: std::collections::VecDeque<Input>,
    pub(super) readers: BTreeMap<String, std::collections::VecDeque<String>>,
    pending: Vec<String>,
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
        let files: Vec<String> = operands
            .iter()
            .filter(|o| o.split_once('=').is_none_or(|(n, _)| n.contains('/')))
            .cloned()
            .collect();
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
            self.globals.insert(
                "FILENAME".into(),
                Value::Text(if name == "-" { String::new() } else { name.clone() }),
            );
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
            "" => text
                .split("\n\n")
                .map(|r| r.trim_matches('\n').to_owned())
                .filter(|r| !r.is_empty())
                .collect(),
            one => text.split(one).map(str::to_owned).collect(),
        };
        records.reverse();
        self.pending = records;
        self.pending.pop()
    }

    pub(super) fn take(&mut self, record: String) {
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

    pub(super) fn regex(&mut self, pattern: &str) -> Step<Regex> {
        if let Some(regex) = self.regexes.get(pattern) {
            return Ok(regex.clone());
        }
        let regex = compile(pattern, Dialect::Extended, How::default())
            .map_err(|e| format!("regular expression compile failed ({e})\n{pattern}"))?;
        self.regexes.insert(pattern.to_owned(), regex.clone());
        Ok(regex)
    }

    /// The pattern that an expression means: a literal, or a value's text.
    pub(super) fn pattern(&mut self, expr: &'a Expr) -> Step<Regex> {
        let text = match expr {
            Expr::Regex(text) => text.clone(),
            other => self.eval(other)?.text(),
        };
        self.regex(&text)
    }

    pub(super) fn eval(&mut self, expr: &'a Expr) -> Step<Value> {
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
}
