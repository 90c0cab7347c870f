//! What expressions of an awk program are worth. Must never run a statement.

use super::super::posix::{Dialect, How, compile};
use super::run::{Machine, Step};
use super::tree::Expr;
use super::value::{Value, arithmetic};
use regex::bytes::Regex;

impl<'a> Machine<'a> {
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
            Expr::CommandLine(variable, command) => self.command_line(variable.as_deref(), command)?,
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
