//! awk's functions, built in and of the program's own. Must never run statements by themselves.

use std::collections::BTreeMap;

use super::run::{Flow, Machine, Step};
use super::tree::{Expr, Function};
use super::value::{Value, format};

/// Nested function calls.
const MAX_CALLS: usize = 100;

impl<'a> Machine<'a> {
    pub(super) fn call(&mut self, name: &str, arguments: &'a [Expr]) -> Step<Value> {
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
                let found = regex.find(text.as_bytes()).map(|m| {
                    (
                        text[..m.start()].chars().count() + 1,
                        String::from_utf8_lossy(m.as_bytes()).chars().count(),
                    )
                });
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
                // As mawk has it: a start in front of the text makes the rest longer.
                let start = number(1).round();
                let length = if values.len() > 2 { number(2).round() } else { f64::INFINITY };
                let end = if start < 1.0 { 1.0 + length - start } else { start + length };
                let kept = text(0)
                    .chars()
                    .enumerate()
                    .filter(|(i, _)| (*i as f64 + 1.0) >= start && (*i as f64 + 1.0) < end)
                    .map(|(_, c)| c)
                    .collect();
                Value::Text(kept)
            }
            "index" => Value::Number(
                text(0).find(&text(1)).map_or(0.0, |at| text(0)[..at].chars().count() as f64 + 1.0),
            ),
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
            "strftime" => {
                let at = values.get(1).and_then(|at| jiff::Timestamp::from_second(at.number() as i64).ok());
                let at = at.unwrap_or_else(|| self.tool.call.sys.now().timestamp());
                Value::Text(at.strftime(&text(0)).to_string())
            }
            "fflush" => Value::Number(0.0),
            "close" => self.close(&text(0)),
            "system" => return self.system(text(0)),
            other => return Err(format!("function {other} never defined")),
        })
    }

    fn call_own(&mut self, function: &'a Function, arguments: &'a [Expr]) -> Step<Value> {
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
                Some(target @ (Expr::Var(_) | Expr::Element(..) | Expr::Field(_))) => {
                    self.assign(target, Value::Text(out))?
                }
                Some(_) => {}
                None => {
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
        let elements =
            pieces.into_iter().enumerate().map(|(i, p)| ((i + 1).to_string(), Value::Input(p))).collect();
        self.arrays.insert(array, elements);
        Ok(Value::Number(count as f64))
    }
}
