//! Running a parsed template over a value. A missing key prints `<no value>`; steps are limited.

use super::{Go, Node, Operand, Pipeline, Placed, STEP_LIMIT, Template, functions, shown};
use serde_json::Value;

/// What was written, and why no more was.
pub fn run(template: &Template, data: &Value) -> (String, Result<(), String>) {
    let dot = Go::Json(data.clone());
    let mut state = State {
        template,
        variables: vec![("$".into(), dot.clone())],
        out: String::new(),
        steps: 0,
        within: Vec::new(),
        node: (0, String::new()),
    };
    let ended = state.nodes(&template.nodes, &dot).map(|_| ());
    (state.out, ended)
}

/// Templates that call each other, at most; Go goes deeper before it says so.
const CALL_LIMIT: usize = 100;

#[derive(PartialEq)]
enum Flow {
    Next,
    Break,
    Continue,
}

struct State<'a> {
    template: &'a Template,
    variables: Vec<(String, Go)>,
    out: String,
    steps: usize,
    /// The names of the templates that are being run, the innermost last.
    within: Vec<String>,
    /// What was looked at last, which messages name: its byte and its words.
    node: (usize, String),
}

impl State<'_> {
    /// A sentence with the place of the last node before it.
    fn fault(&self, why: impl std::fmt::Display) -> String {
        let (at, words) = &self.node;
        let before = self.template.text.get(..*at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = at - before.rfind('\n').map_or(0, |end| end + 1);
        let within = self.within.last().map_or("output", String::as_str);
        format!("template: output:{line}:{column}: executing {within:?} at <{words}>: {why}")
    }

    fn nodes(&mut self, nodes: &[Node], dot: &Go) -> Result<Flow, String> {
        for node in nodes {
            self.steps += 1;
            if self.steps > STEP_LIMIT {
                return Err("template: output: too many steps".into());
            }
            let flow = match node {
                Node::Text(text) => {
                    self.out.push_str(text);
                    Flow::Next
                }
                Node::Action(pipeline) => {
                    let value = self.pipeline(pipeline, dot)?;
                    if pipeline.variables.is_empty() {
                        let text = self.print(&value);
                        self.out.push_str(&text);
                    }
                    Flow::Next
                }
                Node::If(pipeline, then, otherwise) => self.choose(pipeline, then, otherwise, dot, false)?,
                Node::With(pipeline, then, otherwise) => self.choose(pipeline, then, otherwise, dot, true)?,
                Node::Range(pipeline, body, otherwise) => self.range(pipeline, body, otherwise, dot)?,
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
                Node::Call(name, pipeline) => {
                    self.called(name, pipeline.as_ref(), dot)?;
                    Flow::Next
                }
            };
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn called(&mut self, name: &str, pipeline: Option<&Pipeline>, dot: &Go) -> Result<(), String> {
        let within = self.within.last().map_or("output", String::as_str);
        // Where the name stands: behind `{{template `, and in a definition behind its head.
        let column =
            "{{template ".len() + if within == "output" { 0 } else { "{{define \"\"}}".len() + within.len() };
        let place =
            format!("template: output:1:{column}: executing {within:?} at <{{{{template {name:?}}}}}>");
        let template = self.template;
        let Some(body) = template.named.get(name) else {
            return Err(format!("{place}: template {name:?} not defined"));
        };
        if self.within.len() >= CALL_LIMIT {
            return Err(format!("{place}: exceeded maximum template depth (100000)"));
        }
        let value = match pipeline {
            Some(pipeline) => self.pipeline(pipeline, dot)?,
            None => Go::NoValue,
        };
        let outer = std::mem::replace(&mut self.variables, vec![("$".into(), value.clone())]);
        self.within.push(name.to_owned());
        let ran = self.nodes(body, &value);
        self.within.pop();
        self.variables = outer;
        ran.map(|_| ())
    }

    fn choose(
        &mut self,
        pipeline: &Pipeline,
        then: &[Node],
        otherwise: &[Node],
        dot: &Go,
        with: bool,
    ) -> Result<Flow, String> {
        let scope = self.variables.len();
        let value = self.pipeline(pipeline, dot)?;
        let flow = if functions::truth(&value) {
            self.nodes(then, if with { &value } else { dot })
        } else {
            self.nodes(otherwise, dot)
        };
        self.variables.truncate(scope);
        flow
    }

    fn range(
        &mut self,
        pipeline: &Pipeline,
        body: &[Node],
        otherwise: &[Node],
        dot: &Go,
    ) -> Result<Flow, String> {
        let scope = self.variables.len();
        let source = Pipeline { variables: Vec::new(), ..pipeline.clone() };
        let items: Vec<(Go, Go)> = match self.pipeline(&source, dot)? {
            Go::Json(Value::Array(items)) => {
                items.into_iter().enumerate().map(|(i, item)| (Go::Int(i as i64), Go::Json(item))).collect()
            }
            Go::Json(Value::Object(map)) => {
                map.into_iter().map(|(key, item)| (Go::Json(Value::String(key)), Go::Json(item))).collect()
            }
            Go::Int(count) => (0..count.min(STEP_LIMIT as i64)).map(|i| (Go::Int(i), Go::Int(i))).collect(),
            Go::NoValue | Go::Json(Value::Null) => Vec::new(),
            other => {
                return Err(self.fault(format!("range can't iterate over {}", functions::print(&other))));
            }
        };
        if items.is_empty() {
            return self.nodes(otherwise, dot);
        }
        for (key, item) in items {
            match pipeline.variables.as_slice() {
                [one] => self.variables.push((one.clone(), item.clone())),
                [index, element, ..] => {
                    self.variables.push((index.clone(), key));
                    self.variables.push((element.clone(), item.clone()));
                }
                [] => {}
            }
            let flow = self.nodes(body, &item)?;
            self.variables.truncate(scope);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::Next)
    }

    fn pipeline(&mut self, pipeline: &Pipeline, dot: &Go) -> Result<Go, String> {
        let mut value: Option<Go> = None;
        for command in &pipeline.commands {
            value = Some(self.command(command, dot, value)?);
        }
        let value = value.unwrap_or(Go::NoValue);
        for name in &pipeline.variables {
            if pipeline.declare {
                self.variables.push((name.clone(), value.clone()));
            } else if let Some(slot) = self.variables.iter_mut().rev().find(|(known, _)| known == name) {
                slot.1 = value.clone();
            }
        }
        Ok(value)
    }

    fn command(&mut self, command: &[Placed], dot: &Go, last: Option<Go>) -> Result<Go, String> {
        let Some((Operand::Function(name), at)) = command.first() else {
            let Some(first) = command.first() else { return Ok(Go::NoValue) };
            let value = self.operand(first, dot)?;
            if command.len() == 1 && last.is_none() {
                return Ok(value);
            }
            return Err(match &first.0 {
                Operand::Field(fields) | Operand::Variable(_, fields) if !fields.is_empty() => {
                    let name = fields.last().map_or("", String::as_str);
                    self.fault(format!("{name} is not a method but has arguments"))
                }
                other => self.fault(format!("can't give argument to non-function {}", other.shown())),
            });
        };
        let place = (*at, shown(command));
        self.node = (*at, name.clone());
        if self.template.dialect.as_ref().is_none_or(|dialect| !dialect.has(name))
            && let Some(why) = functions::wrong_count(name, command.len() - 1, last.is_some())
        {
            return Err(self.fault(why));
        }
        let mut arguments = Vec::new();
        for operand in &command[1..] {
            let value = self.operand(operand, dot)?;
            let settled = match name.as_str() {
                "and" => !functions::truth(&value),
                "or" => functions::truth(&value),
                _ => false,
            };
            if settled {
                return Ok(value);
            }
            arguments.push(value);
        }
        arguments.extend(last);
        self.call(name, arguments).map_err(|error| {
            self.node = place;
            self.fault(format!("error calling {name}: {error}"))
        })
    }

    fn call(&self, name: &str, arguments: Vec<Go>) -> Result<Go, String> {
        match &self.template.dialect {
            Some(dialect) if dialect.has(name) => {
                let arguments: Vec<Value> = arguments.into_iter().map(plain).collect();
                dialect.call(name, &arguments).map(Go::Json)
            }
            // What docker fills templates with are Go structs, whose numbers are whole.
            Some(_) => functions::call(name, arguments.into_iter().map(whole).collect()),
            None => functions::call(name, arguments),
        }
    }

    fn print(&self, value: &Go) -> String {
        match (&self.template.dialect, value) {
            (Some(dialect), Go::Json(json)) => dialect.print(json).unwrap_or_else(|| functions::print(value)),
            _ => functions::print(value),
        }
    }

    fn operand(&mut self, (operand, at): &Placed, dot: &Go) -> Result<Go, String> {
        self.node = (*at, operand.shown());
        Ok(match operand {
            Operand::Dot => dot.clone(),
            Operand::Nil => Go::Json(Value::Null),
            Operand::Literal(value) => value.clone(),
            Operand::Field(fields) => self.fields(dot.clone(), fields)?,
            Operand::Variable(name, fields) => {
                let value = self
                    .variables
                    .iter()
                    .rev()
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| value.clone());
                self.fields(value.unwrap_or(Go::NoValue), fields)?
            }
            Operand::Function(name) => self.call(name, Vec::new())?,
            Operand::Group(pipeline, fields) => {
                let value = self.pipeline(pipeline, dot)?;
                self.node = (*at, operand.shown());
                self.fields(value, fields)?
            }
        })
    }

    fn fields(&self, value: Go, fields: &[String]) -> Result<Go, String> {
        let mut value = value;
        for name in fields {
            value = match value {
                Go::Json(Value::Object(mut map)) => match map.remove(name) {
                    Some(found) => Go::Json(found),
                    None if self.template.allow_missing_keys => Go::NoValue,
                    None => return Err(self.fault(format!("map has no entry for key {name:?}"))),
                },
                Go::NoValue if self.template.allow_missing_keys => Go::NoValue,
                Go::NoValue => return Err(self.fault(format!("nil data; no entry for key {name:?}"))),
                Go::Json(Value::Null) => {
                    return Err(self.fault(format!("nil pointer evaluating interface {{}}.{name}")));
                }
                // What was found in a map or a list is an interface to Go, whatever is in it.
                Go::Json(_) => {
                    return Err(self.fault(format!("can't evaluate field {name} in type interface {{}}")));
                }
                other => {
                    let kind = functions::type_name(&other);
                    return Err(self.fault(format!("can't evaluate field {name} in type {kind}")));
                }
            };
        }
        Ok(value)
    }
}

fn plain(value: Go) -> Value {
    match value {
        Go::Json(value) => value,
        Go::Int(number) => Value::from(number),
        Go::NoValue => Value::Null,
    }
}

/// A JSON number without a fraction as an int.
fn whole(value: Go) -> Go {
    match &value {
        Go::Json(Value::Number(number)) => number.as_i64().map_or(value, Go::Int),
        _ => value,
    }
}
