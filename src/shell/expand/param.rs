//! Parameters: the value, then its operator, then into the fields.

use super::super::interp::{Flow, LocalFuture};
use super::super::state::{Flavor, Shell};
use super::super::syntax::ast::{Index, Op, Param, Word};
use super::field::Sink;
use super::value::Value;

/// Characters of a name that `${!x}` leads to.
const MAX_INDIRECT_CHARS: usize = 4096;

impl Shell {
    pub(super) fn parameter<'a>(
        &'a mut self,
        param: &'a Param,
        sink: &'a mut Sink,
        quoted: bool,
    ) -> LocalFuture<'a, Result<(), Flow>> {
        Box::pin(async move {
            if self.flavor == Flavor::Dash && is_extension(param) {
                return self.fatal("Bad substitution").await;
            }
            let value = self.parameter_value(param).await?;
            let value = match &param.op {
                Op::None => {
                    self.check_set(param, &value).await?;
                    value
                }
                Op::Length => Value::One(self.length(param, &value).await?),
                Op::Default { colon, word } => match is_null(&value, *colon) {
                    true => return self.inserted(word, sink, quoted).await,
                    false => value,
                },
                Op::Alternative { colon, word } => match is_null(&value, *colon) {
                    // A list without elements stays one: `"${a[@]:+x}"` is no field then.
                    true if matches!(value, Value::Many { .. }) => {
                        Value::Many { items: Vec::new(), star: false }
                    }
                    true => Value::One(String::new()),
                    false => return self.inserted(word, sink, quoted).await,
                },
                Op::Assign { colon, word } => match is_null(&value, *colon) {
                    true => self.assign_default(param, word).await?,
                    false => value,
                },
                Op::Error { colon, word } => {
                    if is_null(&value, *colon) {
                        return self.null_error(param, word, *colon).await;
                    }
                    value
                }
                _ => {
                    if !matches!(param.op, Op::Names { .. } | Op::Keys { .. }) {
                        self.check_set(param, &value).await?;
                    }
                    self.apply_operator(param, value).await?
                }
            };
            let unset_alternative = matches!(&param.op, Op::Alternative { .. });
            self.push_value(value, sink, quoted, unset_alternative);
            Ok(())
        })
    }

    fn push_value(&mut self, value: Value, sink: &mut Sink, quoted: bool, unset_alternative: bool) {
        match value {
            Value::Unset => {
                if quoted {
                    sink.push("", true);
                }
            }
            Value::One(text) if quoted => sink.push(&text, true),
            Value::One(text) if unset_alternative && text.is_empty() => {}
            Value::One(text) => sink.push_split(&text),
            Value::Many { items, star } => {
                let ifs = self.ifs();
                if (quoted && star) || !sink.splits() {
                    let separator = if star {
                        ifs.chars().next().map(String::from).unwrap_or_default()
                    } else {
                        " ".into()
                    };
                    sink.push(&items.join(&separator), quoted);
                    return;
                }
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        sink.break_field();
                    }
                    if quoted { sink.push(item, true) } else { sink.push_split(item) }
                }
            }
        }
    }

    /// The word of `${x:-word}` takes the place of the value, with its own quoting.
    fn inserted<'a>(
        &'a mut self,
        word: &'a Word,
        sink: &'a mut Sink,
        quoted: bool,
    ) -> LocalFuture<'a, Result<(), Flow>> {
        Box::pin(async move {
            let splits = !quoted && sink.splits();
            let before = std::mem::replace(&mut sink.split_literals, splits);
            let result = if !quoted && word.raw.starts_with('~') {
                let text = self.expand_text(word).await;
                text.map(|text| sink.push(&text, true))
            } else {
                self.parts(&word.parts, sink, quoted).await
            };
            sink.split_literals = before;
            result
        })
    }

    async fn parameter_value(&mut self, param: &Param) -> Result<Value, Flow> {
        if param.indirect {
            return self.indirect_value(param).await;
        }
        self.named_value(&param.name, param.index.as_ref()).await
    }

    async fn named_value(&mut self, name: &str, index: Option<&Index>) -> Result<Value, Flow> {
        Ok(match index {
            None => self.value_of(name),
            Some(Index::At | Index::Star) => {
                let star = matches!(index, Some(Index::Star));
                Value::Many { items: self.array_values(name), star }
            }
            Some(Index::Expr(word)) => {
                let text = self.expand_text(word).await?;
                let name = self.vars.resolve(name);
                match self.element(&name, &text) {
                    Ok(value) => value.map_or(Value::Unset, Value::One),
                    Err(message) if message.ends_with("bad array subscript") => {
                        self.complain(&format!("{name}: bad array subscript")).await;
                        Value::Unset
                    }
                    Err(message) => return self.abort(&message).await,
                }
            }
        })
    }

    fn indirect_value<'a>(&'a mut self, param: &'a Param) -> LocalFuture<'a, Result<Value, Flow>> {
        Box::pin(async move {
            // A reference gives its target's name.
            if let Some(variable) = self.vars.get_raw(&param.name)
                && variable.nameref
            {
                return Ok(variable.text().map_or(Value::Unset, |text| Value::One(text.to_string())));
            }
            let target = match self.named_value(&param.name, param.index.as_ref()).await? {
                Value::One(target) if target.len() < MAX_INDIRECT_CHARS => target,
                _ => {
                    let message = format!("{}: invalid indirect expansion", param.name);
                    return self.abort(&message).await;
                }
            };
            if let Some((name, rest)) = target.split_once('[') {
                let index = rest.trim_end_matches(']');
                if index == "@" || index == "*" {
                    return Ok(Value::Many { items: self.array_values(name), star: index == "*" });
                }
                return match self.element(name, index) {
                    Ok(value) => Ok(value.map_or(Value::Unset, Value::One)),
                    Err(message) => self.abort(&message).await,
                };
            }
            if !target.chars().all(|c| c.is_alphanumeric() || "_@*#?$!-".contains(c)) || target.is_empty() {
                return self.abort(&format!("{target}: invalid variable name")).await;
            }
            Ok(self.value_of(&target))
        })
    }

    async fn length(&mut self, param: &Param, value: &Value) -> Result<String, Flow> {
        Ok(match value {
            Value::Many { items, .. } => items.len().to_string(),
            Value::One(text) => text.chars().count().to_string(),
            Value::Unset => {
                self.check_set(param, value).await?;
                "0".to_string()
            }
        })
    }

    /// `set -u`: an unset parameter is an error, except the lists.
    async fn check_set(&mut self, param: &Param, value: &Value) -> Result<(), Flow> {
        if *value != Value::Unset || !self.options.nounset {
            return Ok(());
        }
        let name = match &param.index {
            Some(Index::Expr(word)) => format!("{}[{}]", param.name, word.raw),
            _ => param.name.clone(),
        };
        let plain = name.parse::<usize>().is_ok() && !param.text.starts_with("${");
        let shown = if plain && self.is_bash() { format!("${name}") } else { name };
        let message = match self.is_bash() {
            true => format!("{shown}: unbound variable"),
            false => format!("{shown}: parameter not set"),
        };
        self.fatal(&message).await
    }

    async fn null_error(&mut self, param: &Param, word: &Word, colon: bool) -> Result<(), Flow> {
        let text = self.expand_text(word).await?;
        let text = match (text.is_empty(), colon) {
            (false, _) => text,
            (true, true) => "parameter null or not set".into(),
            (true, false) => "parameter not set".into(),
        };
        let message = format!("{}: {text}", param.name);
        self.fatal(&message).await
    }

    async fn assign_default(&mut self, param: &Param, word: &Word) -> Result<Value, Flow> {
        let text = self.expand_text(word).await?;
        let is_name = param.name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !is_name {
            return self.abort(&format!("${}: cannot assign in this way", param.name)).await;
        }
        let index = match &param.index {
            Some(Index::Expr(word)) => Some(self.expand_text(word).await?),
            _ => None,
        };
        match self.assign(&param.name, index.as_deref(), &text, false) {
            Ok(()) => Ok(Value::One(text)),
            Err(message) => self.abort(&message).await,
        }
    }
}

/// What bash has and Debian's `sh` has not.
fn is_extension(param: &Param) -> bool {
    let op = !matches!(
        param.op,
        Op::None
            | Op::Length
            | Op::Default { .. }
            | Op::Assign { .. }
            | Op::Error { .. }
            | Op::Alternative { .. }
            | Op::RemovePrefix { .. }
            | Op::RemoveSuffix { .. }
    );
    op || param.indirect || param.index.is_some()
}

fn is_null(value: &Value, colon: bool) -> bool {
    match value {
        Value::Unset => true,
        Value::One(text) => colon && text.is_empty(),
        Value::Many { items, .. } => items.is_empty() || (colon && items.iter().all(String::is_empty)),
    }
}
