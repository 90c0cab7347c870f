//! What a parameter is worth before any operator: a text, several, or nothing. Special parameters and the
//! variables that compute themselves live here.

use super::super::arith::{self, Numbers};
use super::super::state::Shell;
use super::super::vars::Data;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Unset,
    One(String),
    /// `$@`, `$*`, `${a[@]}`: `star` joins when quoted.
    Many {
        items: Vec<String>,
        star: bool,
    },
}

impl Shell {
    pub fn ifs(&self) -> String {
        match self.vars.get("IFS") {
            Some(variable) => variable.text().unwrap_or(" \t\n").to_string(),
            None => " \t\n".to_string(),
        }
    }

    /// The value of a name without a subscript.
    pub fn value_of(&mut self, name: &str) -> Value {
        match name {
            "@" | "*" => return Value::Many { items: self.params.clone(), star: name == "*" },
            "#" => return Value::One(self.params.len().to_string()),
            "?" => return Value::One(self.status.to_string()),
            "$" => return Value::One(self.shell_pid.to_string()),
            "!" => return self.last_background.map_or(Value::Unset, |pid| Value::One(pid.to_string())),
            "-" => return Value::One(self.options.letters(self.interactive, self.from_c, self.from_stdin)),
            "0" => return Value::One(self.arg0.clone()),
            _ => {}
        }
        if let Ok(number) = name.parse::<usize>() {
            return self
                .params
                .get(number.wrapping_sub(1))
                .map_or(Value::Unset, |text| Value::One(text.clone()));
        }
        if let Some(text) = self.dynamic(name) {
            return Value::One(text);
        }
        // A reference may carry a subscript.
        let target = self.vars.resolve(name);
        if let Some((base, rest)) = target.split_once('[') {
            let (base, index) = (base.to_string(), rest.trim_end_matches(']').to_string());
            return self.element(&base, &index).ok().flatten().map_or(Value::Unset, Value::One);
        }
        self.vars.text(name).map_or(Value::Unset, |text| Value::One(text.to_string()))
    }

    /// Variables that compute themselves.
    fn dynamic(&mut self, name: &str) -> Option<String> {
        match name {
            "RANDOM" => Some((self.random.below(32768)).to_string()),
            "SRANDOM" => Some((self.random.below(1 << 32)).to_string()),
            "SECONDS" => {
                let elapsed = self.sys.now().since(self.seconds_from).as_secs() as i64;
                Some((elapsed + self.seconds_base).to_string())
            }
            "EPOCHSECONDS" => Some((self.sys.now().0 / 1000).to_string()),
            "EPOCHREALTIME" => {
                let now = self.sys.now().0;
                Some(format!("{}.{:06}", now / 1000, now % 1000 * 1000))
            }
            "LINENO" => Some(self.line.to_string()),
            "BASHPID" => Some(self.sys.pid().to_string()),
            "BASH_SUBSHELL" => Some(self.subshell_depth.to_string()),
            "FUNCNAME" => self.function_names.last().cloned(),
            _ => None,
        }
    }

    /// One element of an array. `Err` is bash's message.
    pub fn element(&mut self, name: &str, index: &str) -> Result<Option<String>, String> {
        if name == "FUNCNAME" {
            let at = self.arith_value(index)?;
            let names = self.function_names.iter().rev();
            return Ok(usize::try_from(at).ok().and_then(|at| names.clone().nth(at).cloned()));
        }
        if name == "DIRSTACK" {
            let at = self.arith_value(index)?;
            return Ok(usize::try_from(at).ok().and_then(|at| self.directory_stack().get(at).cloned()));
        }
        let data = self.vars.get(name).map(|variable| variable.data.clone());
        Ok(match data {
            Some(Data::Assoc(map)) => map.get(index).cloned(),
            Some(Data::Indexed(map)) => {
                let at = self.array_index(name, index, map.keys().next_back().copied())?;
                map.get(&at).cloned()
            }
            Some(Data::Scalar(text)) => (self.array_index(name, index, Some(0))? == 0).then_some(text),
            Some(Data::Unset) | None => {
                self.arith_value(index)?;
                None
            }
        })
    }

    /// The number a subscript means; negative ones count from the end.
    pub fn array_index(&mut self, name: &str, index: &str, last: Option<i64>) -> Result<i64, String> {
        let at = self.arith_value(index)?;
        let at = if at < 0 { at + last.map_or(0, |last| last + 1) } else { at };
        if at < 0 { Err(format!("{name}[{index}]: bad array subscript")) } else { Ok(at) }
    }

    pub fn array_values(&mut self, name: &str) -> Vec<String> {
        match name {
            "FUNCNAME" => self.function_names.iter().rev().cloned().collect(),
            "DIRSTACK" => self.directory_stack(),
            _ => self.vars.get(name).map(|variable| variable.values()).unwrap_or_default(),
        }
    }

    pub fn arith_value(&mut self, text: &str) -> Result<i64, String> {
        arith::evaluate(text, self)
    }
}

impl Numbers for Shell {
    fn read(&mut self, name: &str, index: Option<&str>, depth: usize) -> Result<Option<String>, String> {
        let value = match index {
            Some("@" | "*") => Some(self.array_values(name).join(" ")),
            Some(index) if matches!(self.vars.get(name).map(|v| &v.data), Some(Data::Assoc(_))) => {
                self.element(name, index)?
            }
            Some(index) => {
                let at = arith::evaluate_at(index, self, depth + 1)?;
                self.element(name, &at.to_string())?
            }
            None => match self.value_of(name) {
                Value::One(text) => Some(text),
                _ => None,
            },
        };
        if value.is_none() && self.options.nounset {
            return Err(format!("{name}: unbound variable"));
        }
        Ok(value)
    }

    fn write(&mut self, name: &str, index: Option<&str>, value: i64, depth: usize) -> Result<(), String> {
        let index = match index {
            Some(index) if !matches!(self.vars.get(name).map(|v| &v.data), Some(Data::Assoc(_))) => {
                Some(arith::evaluate_at(index, self, depth + 1)?.to_string())
            }
            other => other.map(str::to_string),
        };
        self.assign(name, index.as_deref(), &value.to_string(), false)
    }
}
