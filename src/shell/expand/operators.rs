//! The operators of `${name...}` that change a value: removal, replacement, substring, case, transformation.

use super::super::interp::{Flow, LocalFuture};
use super::super::pattern::Pattern;
use super::super::state::Shell;
use super::super::syntax::ast::{CaseChange, Index, Op, Param, Replace, Word};
use super::super::syntax::{backslash_value, double_quoted, single_quoted};
use super::super::vars::Data;
use super::value::Value;

impl Shell {
    pub(super) fn apply_operator<'a>(
        &'a mut self,
        param: &'a Param,
        value: Value,
    ) -> LocalFuture<'a, Result<Value, Flow>> {
        Box::pin(async move {
            match &param.op {
                Op::RemovePrefix { longest, pattern } => {
                    let pattern = self.compiled(pattern).await?;
                    Ok(each(value, |text| remove_prefix(text, &pattern, *longest)))
                }
                Op::RemoveSuffix { longest, pattern } => {
                    let pattern = self.compiled(pattern).await?;
                    Ok(each(value, |text| remove_suffix(text, &pattern, *longest)))
                }
                Op::Replace { how, pattern, with } => {
                    let pattern = self.compiled(pattern).await?;
                    let with = self.replacement_text(with).await?;
                    Ok(each(value, |text| replace(text, &pattern, &with, *how)))
                }
                Op::Case { upper, all, pattern } => {
                    let pattern = match pattern {
                        Some(word) => Some(self.compiled(word).await?),
                        None => None,
                    };
                    Ok(each(value, |text| change_case(text, *upper, *all, pattern.as_ref())))
                }
                Op::Substring { offset, length } => {
                    self.substring(param, value, offset, length.as_ref()).await
                }
                Op::Transform(kind) => Ok(self.transform(param, value, *kind)),
                Op::Names { star } => {
                    let names = self.vars.visible().into_keys();
                    let items =
                        names.filter(|name| name.starts_with(&param.name)).map(str::to_string).collect();
                    Ok(Value::Many { items, star: *star })
                }
                Op::Keys { star } => {
                    let items =
                        self.vars.get(&param.name).map(|variable| variable.keys()).unwrap_or_default();
                    Ok(Value::Many { items, star: *star })
                }
                _ => Ok(value),
            }
        })
    }

    async fn compiled(&mut self, word: &Word) -> Result<Pattern, Flow> {
        let source = self.expand_pattern(word).await?;
        Ok(Pattern::new(&source, self.options.extglob))
    }

    /// In a replacement an unquoted `&` is what matched; it is marked by a private character until then.
    async fn replacement_text(&mut self, word: &Word) -> Result<String, Flow> {
        let field = self.joined_field(word, false).await?;
        let mut out = String::new();
        let mut chars = field.pattern().chars().collect::<Vec<_>>().into_iter();
        let plain = field.text();
        if !plain.contains('&') {
            return Ok(plain);
        }
        // Quoted parts cannot be told apart once joined, so `\&` is found in the raw word.
        let literal = word.raw.contains("\\&") || word.raw.contains("'&'") || word.raw.contains("\"&\"");
        while let Some(c) = chars.next() {
            match c {
                '\\' => out.extend(chars.next()),
                '&' if !literal => out.push(MATCHED),
                c => out.push(c),
            }
        }
        Ok(out)
    }

    async fn substring(
        &mut self,
        param: &Param,
        value: Value,
        offset: &Word,
        length: Option<&Word>,
    ) -> Result<Value, Flow> {
        let offset = self.arith(offset).await?;
        let length = match length {
            Some(word) => Some((self.arith(word).await?, word)),
            None => None,
        };
        match value {
            Value::Many { mut items, star } => {
                // `$@` counts from `$0`.
                if param.name == "@" || param.name == "*" {
                    items.insert(0, self.arg0.clone());
                    if offset < 0 && offset.unsigned_abs() as usize > items.len() {
                        items.clear();
                    }
                }
                let Some((start, end)) = bounds(items.len(), offset, length.as_ref().map(|(n, _)| *n)) else {
                    if let Some((n, _)) = length.filter(|(n, _)| *n < 0) {
                        return self.abort(&format!("{n}: substring expression < 0")).await;
                    }
                    return Ok(Value::Many { items: Vec::new(), star });
                };
                Ok(Value::Many { items: items[start..end].to_vec(), star })
            }
            Value::One(text) => {
                let chars: Vec<char> = text.chars().collect();
                match bounds(chars.len(), offset, length.as_ref().map(|(n, _)| *n)) {
                    Some((start, end)) => Ok(Value::One(chars[start..end].iter().collect())),
                    None => match length {
                        Some((n, word)) if n < 0 && offset.unsigned_abs() as usize <= chars.len() => {
                            self.abort(&format!("{}: substring expression < 0", word.raw)).await
                        }
                        _ => Ok(Value::One(String::new())),
                    },
                }
            }
            Value::Unset => Ok(Value::Unset),
        }
    }

    fn transform(&mut self, param: &Param, value: Value, kind: char) -> Value {
        match kind {
            'a' => {
                let flags = self.vars.get(&param.name).map(|variable| variable.flags());
                flags.map_or(Value::Unset, Value::One)
            }
            'A' => match (&value, self.vars.get(&param.name).map(|variable| variable.flags())) {
                (Value::One(text), Some(flags)) if flags.is_empty() => {
                    Value::One(format!("{}={}", param.name, single_quoted(text)))
                }
                (Value::One(text), Some(flags)) => {
                    Value::One(format!("declare -{flags} {}={}", param.name, single_quoted(text)))
                }
                (Value::Many { .. }, Some(_)) => {
                    Value::One(self.declaration(&param.name).unwrap_or_default())
                }
                _ => Value::Unset,
            },
            'K' | 'k' if matches!(param.index, Some(Index::At | Index::Star)) => {
                let Some(variable) = self.vars.get(&param.name) else { return Value::Unset };
                let quote = matches!(variable.data, Data::Indexed(_) | Data::Assoc(_));
                let pairs = variable.keys().into_iter().zip(variable.values());
                let shown = pairs.map(|(key, text)| match quote {
                    true => format!("{key} {}", double_quoted(&text)),
                    false => text,
                });
                let end = if matches!(variable.data, Data::Assoc(_)) { " " } else { "" };
                Value::One(shown.collect::<Vec<_>>().join(" ") + end)
            }
            'P' => {
                let shown = |text: &str, shell: &Shell| shell.prompt_text(text);
                match value {
                    Value::One(text) => Value::One(shown(&text, self)),
                    other => other,
                }
            }
            _ => each(value, |text| match kind {
                'Q' | 'K' | 'k' => single_quoted(&text),
                'U' => text.to_uppercase(),
                'L' => text.to_lowercase(),
                'u' => change_case(text, CaseChange::Upper, false, None),
                'E' => backslash_value(&text),
                _ => text,
            }),
        }
    }
}

const MATCHED: char = '\u{e0ff}';

fn each(value: Value, change: impl Fn(String) -> String) -> Value {
    match value {
        Value::Unset => Value::Unset,
        Value::One(text) => Value::One(change(text)),
        Value::Many { items, star } => Value::Many { items: items.into_iter().map(change).collect(), star },
    }
}

/// Start and end of `:offset:length` in something `len` long; `None` when nothing lies there.
fn bounds(len: usize, offset: i64, length: Option<i64>) -> Option<(usize, usize)> {
    let size = len as i64;
    let start = if offset < 0 { offset + size } else { offset };
    if start < 0 || start > size {
        return None;
    }
    let end = match length {
        None => size,
        Some(n) if n < 0 => size + n,
        Some(n) => (start.saturating_add(n)).min(size),
    };
    (end >= start).then_some((start as usize, end as usize))
}

fn remove_prefix(text: String, pattern: &Pattern, longest: bool) -> String {
    if let Some(literal) = pattern.as_literal() {
        return text.strip_prefix(&literal).map(str::to_string).unwrap_or(text);
    }
    let chars: Vec<char> = text.chars().collect();
    match pattern.match_at(&chars, 0, longest) {
        Some(end) => chars[end..].iter().collect(),
        None => text,
    }
}

fn remove_suffix(text: String, pattern: &Pattern, longest: bool) -> String {
    if let Some(literal) = pattern.as_literal() {
        return text.strip_suffix(&literal).map(str::to_string).unwrap_or(text);
    }
    let chars: Vec<char> = text.chars().collect();
    let ends_whole = |start: usize| pattern.match_at(&chars, start, true) == Some(chars.len());
    let mut starts = 0..=chars.len();
    let found = if longest { starts.find(|&i| ends_whole(i)) } else { starts.rev().find(|&i| ends_whole(i)) };
    found.map_or(text, |start| chars[..start].iter().collect())
}

fn replace(text: String, pattern: &Pattern, with: &str, how: Replace) -> String {
    let matched = |part: &[char]| -> String {
        let part: String = part.iter().collect();
        with.replace(MATCHED, &part)
    };
    if pattern.as_literal().is_some_and(|literal| literal.is_empty()) {
        return match how {
            Replace::Prefix => format!("{with}{text}"),
            Replace::Suffix => format!("{text}{with}"),
            _ => text,
        };
    }
    if let (Some(literal), false) = (pattern.as_literal(), with.contains(MATCHED)) {
        match how {
            Replace::First => return text.replacen(&literal, with, 1),
            Replace::All => return text.replace(&literal, with),
            _ => {}
        }
    }
    let chars: Vec<char> = text.chars().collect();
    match how {
        Replace::Prefix => match pattern.match_at(&chars, 0, true) {
            Some(end) => matched(&chars[..end]) + &chars[end..].iter().collect::<String>(),
            None => text,
        },
        Replace::Suffix => {
            let found = (0..=chars.len()).find(|&i| pattern.match_at(&chars, i, true) == Some(chars.len()));
            match found {
                Some(start) => chars[..start].iter().collect::<String>() + &matched(&chars[start..]),
                None => text,
            }
        }
        Replace::First | Replace::All => {
            let mut out = String::new();
            let mut at = 0;
            let mut replaced = false;
            while at < chars.len() {
                let end =
                    if replaced && how == Replace::First { None } else { pattern.match_at(&chars, at, true) };
                match end.filter(|end| *end > at) {
                    Some(end) => {
                        out.push_str(&matched(&chars[at..end]));
                        at = end;
                        replaced = true;
                    }
                    None => {
                        out.push(chars[at]);
                        at += 1;
                    }
                }
            }
            out
        }
    }
}

fn change_case(text: String, change: CaseChange, all: bool, pattern: Option<&Pattern>) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, c) in text.chars().enumerate() {
        let chosen = (all || i == 0) && pattern.is_none_or(|pattern| pattern.matches(&c.to_string()));
        let upper = match change {
            CaseChange::Upper => true,
            CaseChange::Lower => false,
            CaseChange::Toggle => c.is_lowercase(),
        };
        match (chosen, upper) {
            (true, true) => out.extend(c.to_uppercase()),
            (true, false) => out.extend(c.to_lowercase()),
            (false, _) => out.push(c),
        }
    }
    out
}
