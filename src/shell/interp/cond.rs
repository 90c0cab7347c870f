//! `[[ ... ]]`, and the operators it shares with `test`.

use regex::RegexBuilder;

use super::super::pattern::Pattern;
use super::super::state::Shell;
use super::super::syntax::ast::{Cond, Word};
use super::{Flow, LocalFuture, Outcome};

/// Size a compiled regular expression may have, in bytes.
const MAX_REGEX_BYTES: usize = 1 << 20;

impl Shell {
    pub(super) fn run_cond<'a>(&'a mut self, cond: &'a Cond) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            match self.cond(cond).await? {
                Ok(holds) => Ok(i32::from(!holds)),
                Err(message) => {
                    if !message.is_empty() {
                        self.complain(&message).await;
                    }
                    Ok(2)
                }
            }
        })
    }

    fn cond<'a>(&'a mut self, cond: &'a Cond) -> LocalFuture<'a, Result<Result<bool, String>, Flow>> {
        Box::pin(async move {
            Ok(match cond {
                Cond::And(left, right) => match self.cond(left).await? {
                    Ok(true) => self.cond(right).await?,
                    other => other,
                },
                Cond::Or(left, right) => match self.cond(left).await? {
                    Ok(false) => self.cond(right).await?,
                    other => other,
                },
                Cond::Not(inner) => self.cond(inner).await?.map(|holds| !holds),
                Cond::Word(word) => {
                    let text = self.expand_text(word).await?;
                    self.trace(&format!("[[ -n {} ]]", shown(&text))).await;
                    Ok(!text.is_empty())
                }
                Cond::Unary(op, word) => {
                    let text = self.expand_text(word).await?;
                    self.trace(&format!("[[ {op} {} ]]", shown(&text))).await;
                    self.unary_test(op, &text).map(|holds| holds.unwrap_or(false))
                }
                Cond::Binary(op, left, right) => self.binary_cond(op, left, right).await?,
            })
        })
    }

    async fn binary_cond(
        &mut self,
        op: &str,
        left: &Word,
        right: &Word,
    ) -> Result<Result<bool, String>, Flow> {
        let text = self.expand_text(left).await?;
        Ok(match op {
            "==" | "=" | "!=" => {
                let source = self.expand_pattern(right).await?;
                self.trace(&format!("[[ {} {op} {} ]]", shown(&text), shown(&source))).await;
                let pattern = Pattern::new(&source, true).ignoring_case(self.options.nocasematch);
                Ok(pattern.matches(&text) == (op != "!="))
            }
            "=~" => {
                let source = self.expand_regex(right).await?;
                self.trace(&format!("[[ {} =~ {} ]]", shown(&text), source)).await;
                self.regex_match(&text, &source)
            }
            "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
                let right = self.expand_text(right).await?;
                self.trace(&format!("[[ {} {op} {} ]]", shown(&text), shown(&right))).await;
                let left = self.arith_value(&text);
                let right = self.arith_value(&right);
                match (left, right) {
                    (Ok(left), Ok(right)) => Ok(compare(op, left, right)),
                    (Err(message), _) | (_, Err(message)) => return self.cond_arith_error(&message).await,
                }
            }
            _ => {
                let right = self.expand_text(right).await?;
                self.trace(&format!("[[ {} {op} {} ]]", shown(&text), shown(&right))).await;
                self.binary_test(&text, op, &right).map(|holds| holds.unwrap_or(false))
            }
        })
    }

    async fn cond_arith_error(&mut self, message: &str) -> Result<Result<bool, String>, Flow> {
        self.complain(&format!("[[: {message}")).await;
        Ok(Ok(false))
    }

    fn regex_match(&mut self, text: &str, source: &str) -> Result<bool, String> {
        let built = RegexBuilder::new(&posix_regex(source))
            .case_insensitive(self.options.nocasematch)
            .size_limit(MAX_REGEX_BYTES)
            .dot_matches_new_line(true)
            .build();
        // bash says nothing about an invalid expression; only its status is 2.
        let Ok(regex) = built else { return Err(String::new()) };
        match regex.captures(text) {
            Some(found) => {
                let groups =
                    found.iter().map(|group| group.map_or(String::new(), |m| m.as_str().to_string()));
                self.vars.set_array("BASH_REMATCH", groups);
                Ok(true)
            }
            None => {
                self.vars.set_array("BASH_REMATCH", Vec::new());
                Ok(false)
            }
        }
    }
}

/// Inside brackets POSIX knows no escapes: `[\.]` holds a backslash and a dot.
fn posix_regex(source: &str) -> String {
    let mut out = String::new();
    let mut chars = source.chars().peekable();
    let mut bracket = 0usize;
    while let Some(c) = chars.next() {
        match c {
            '\\' if bracket == 0 => {
                out.push(c);
                out.extend(chars.next());
            }
            '[' if bracket == 0 => {
                bracket = 1;
                out.push(c);
                if chars.peek() == Some(&'^') {
                    out.extend(chars.next());
                }
                if chars.peek() == Some(&']') {
                    chars.next();
                    out.push_str("\\]");
                }
            }
            '[' if chars.peek() == Some(&':') => {
                bracket += 1;
                out.push(c);
            }
            '[' => out.push_str("\\["),
            ']' if bracket > 0 => {
                bracket -= 1;
                out.push(c);
            }
            '\\' => out.push_str("\\\\"),
            '&' | '~' if bracket > 0 => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

pub(in super::super) fn compare(op: &str, left: i64, right: i64) -> bool {
    match op {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" => left < right,
        "-le" => left <= right,
        "-gt" => left > right,
        _ => left >= right,
    }
}

fn shown(text: &str) -> &str {
    if text.is_empty() { "''" } else { text }
}
