//! Expansion: from words to texts, in bash's order (braces, tilde, parameters, commands, arithmetic, splitting,
//! file names). It runs commands only through the interpreter's `capture`.

mod field;
mod files;
mod operators;
mod param;
mod value;

use field::{Field, Sink};

use super::brace;
use super::glob;
use super::interp::{Flow, LocalFuture};
use super::state::Shell;
use super::syntax::ast::{Part, Word};

impl Shell {
    /// Words to fields: the arguments of a command.
    pub async fn expand_words(&mut self, words: &[Word]) -> Result<Vec<String>, Flow> {
        let mut out = Vec::new();
        for word in words {
            self.expand_word(word, &mut out).await?;
        }
        Ok(out)
    }

    pub fn expand_word<'a>(
        &'a mut self,
        word: &'a Word,
        out: &'a mut Vec<String>,
    ) -> LocalFuture<'a, Result<(), Flow>> {
        Box::pin(async move {
            if let [Part::Literal(text)] = word.parts.as_slice()
                && !text.contains(['{', '~', '*', '?', '[', '('])
            {
                out.push(text.clone());
                return Ok(());
            }
            if !self.options.braceexpand {
                return self.expand_one(word, out).await;
            }
            match brace::expand(word) {
                Ok(words) => {
                    for word in &words {
                        self.expand_one(word, out).await?;
                    }
                    Ok(())
                }
                Err(message) => self.abort(&message).await,
            }
        })
    }

    fn expand_one<'a>(
        &'a mut self,
        word: &'a Word,
        out: &'a mut Vec<String>,
    ) -> LocalFuture<'a, Result<(), Flow>> {
        Box::pin(async move {
            let mut sink = Sink::new(Some(self.ifs()));
            self.word_parts(word, &mut sink, false).await?;
            for field in sink.finish() {
                self.glob_field(&field, out).await?;
            }
            Ok(())
        })
    }

    async fn glob_field(&mut self, field: &Field, out: &mut Vec<String>) -> Result<(), Flow> {
        if self.options.noglob || !field.has_unquoted() {
            out.push(field.text());
            return Ok(());
        }
        let source = field.pattern();
        let shopt = &self.options;
        if !super::pattern::has_specials(&source, shopt.extglob) {
            out.push(field.text());
            return Ok(());
        }
        let options = glob::Options {
            extglob: shopt.extglob,
            dotglob: shopt.dotglob,
            nocase: shopt.nocaseglob,
            globstar: shopt.globstar,
        };
        let names = glob::expand(&source, &files::Listing { shell: self }, options);
        if !names.is_empty() {
            out.extend(names);
        } else if self.options.failglob {
            return self.abort(&format!("no match: {}", field.text())).await;
        } else if !self.options.nullglob {
            out.push(field.text());
        }
        Ok(())
    }

    /// One text, neither split nor globbed: assignments, `case` words, here-strings.
    pub async fn expand_text(&mut self, word: &Word) -> Result<String, Flow> {
        Ok(self.joined_field(word, false).await?.text())
    }

    /// The value of an assignment: `~` also counts after `:`.
    pub async fn expand_assigned(&mut self, word: &Word) -> Result<String, Flow> {
        Ok(self.joined_field(word, true).await?.text())
    }

    /// A pattern in which what was quoted is ordinary.
    pub async fn expand_pattern(&mut self, word: &Word) -> Result<String, Flow> {
        Ok(self.joined_field(word, false).await?.pattern())
    }

    pub async fn expand_regex(&mut self, word: &Word) -> Result<String, Flow> {
        Ok(self.joined_field(word, false).await?.regex())
    }

    async fn joined_field(&mut self, word: &Word, assigned: bool) -> Result<Field, Flow> {
        let mut sink = Sink::new(None);
        self.word_parts(word, &mut sink, assigned).await?;
        Ok(sink.finish_joined())
    }

    /// The text of arithmetic, or of a here-document: every part as between double quotes.
    pub async fn expand_quoted(&mut self, word: &Word) -> Result<String, Flow> {
        let mut sink = Sink::new(None);
        self.parts(&word.parts, &mut sink, true).await?;
        Ok(sink.finish_joined().text())
    }

    /// A file name after a redirection: exactly one field.
    pub async fn expand_target(&mut self, word: &Word) -> Result<Result<String, String>, Flow> {
        let mut fields = Vec::new();
        self.expand_word(word, &mut fields).await?;
        Ok(match fields.len() {
            1 => Ok(fields.remove(0)),
            _ => Err(format!("{}: ambiguous redirect", word.raw)),
        })
    }

    async fn word_parts(&mut self, word: &Word, sink: &mut Sink, assigned: bool) -> Result<(), Flow> {
        if let Some(Part::Literal(first)) = word.parts.first() {
            let alone = word.parts.len() == 1;
            // `name=~` counts wherever it stands.
            let named =
                first.split_once('=').filter(|(name, _)| self.is_bash() && super::state::is_name(name));
            if let Some((name, value)) = named.filter(|(_, value)| value.contains('~'))
                && let Some(replaced) = self.tilde(value, alone, true)
            {
                sink.push(&format!("{name}="), false);
                for (text, quoted) in replaced {
                    sink.push(&text, quoted);
                }
                return self.parts(&word.parts[1..], sink, false).await;
            }
            if let Some(replaced) = self.tilde(first, alone, assigned) {
                for (text, quoted) in replaced {
                    sink.push(&text, quoted);
                }
                return self.parts(&word.parts[1..], sink, false).await;
            }
        }
        self.parts(&word.parts, sink, false).await
    }

    /// The pieces of leading literal text after tilde expansion; `None` when there is no tilde in it.
    fn tilde(&self, text: &str, alone: bool, assigned: bool) -> Option<Vec<(String, bool)>> {
        if !text.starts_with('~') && !(assigned && text.contains(":~")) {
            return None;
        }
        let mut out = Vec::new();
        let pieces: Vec<&str> = if assigned { text.split(':').collect() } else { vec![text] };
        let last = pieces.len() - 1;
        for (i, piece) in pieces.into_iter().enumerate() {
            if i > 0 {
                out.push((":".to_string(), false));
            }
            let end = piece.find('/').unwrap_or(piece.len());
            let complete = end < piece.len() || alone || i < last;
            let home =
                piece.strip_prefix('~').filter(|_| complete).and_then(|_| self.home_of(&piece[1..end]));
            match home {
                Some(home) => {
                    out.push((home, true));
                    out.push((piece[end..].to_string(), false));
                }
                None => out.push((piece.to_string(), false)),
            }
        }
        Some(out)
    }

    fn home_of(&self, user: &str) -> Option<String> {
        match user {
            "" => Some(self.vars.text("HOME").map_or_else(|| "/root".to_string(), str::to_string)),
            "+" => Some(self.cwd.clone()),
            "-" => self.vars.text("OLDPWD").map(str::to_string),
            _ => self.passwd_home(user),
        }
    }

    pub(super) fn parts<'a>(
        &'a mut self,
        parts: &'a [Part],
        sink: &'a mut Sink,
        quoted: bool,
    ) -> LocalFuture<'a, Result<(), Flow>> {
        Box::pin(async move {
            for part in parts {
                self.part(part, sink, quoted).await?;
                if sink.too_big() {
                    return self.abort("xrealloc: cannot allocate memory for expansion").await;
                }
            }
            Ok(())
        })
    }

    fn part<'a>(
        &'a mut self,
        part: &'a Part,
        sink: &'a mut Sink,
        quoted: bool,
    ) -> LocalFuture<'a, Result<(), Flow>> {
        Box::pin(async move {
            match part {
                Part::Literal(text) if !quoted && sink.split_literals => sink.push_split(text),
                Part::Literal(text) => sink.push(text, quoted),
                Part::Quoted(text) => sink.push(text, true),
                Part::Double(inner) => {
                    // `"$@"` without parameters is no field at all; any other empty quotation is an empty one.
                    if !only_all_parameters(inner) {
                        sink.push("", true);
                    }
                    self.parts(inner, sink, true).await?;
                }
                Part::Param(param) => self.parameter(param, sink, quoted).await?,
                Part::Command(substitution) => {
                    let text = self.substitute(substitution).await?;
                    if quoted { sink.push(&text, true) } else { sink.push_split(&text) }
                }
                Part::Arith(word) => {
                    let value = self.arith(word).await?.to_string();
                    if quoted { sink.push(&value, true) } else { sink.push_split(&value) }
                }
                Part::Process { input, list } => {
                    let path = self.process_substitution(*input, list.clone()).await?;
                    sink.push(&path, true);
                }
                Part::Bad(text) => return self.abort(&format!("{text}: bad substitution")).await,
            }
            Ok(())
        })
    }

    /// Evaluates arithmetic; a mistake in it ends the command line.
    pub async fn arith(&mut self, word: &Word) -> Result<i64, Flow> {
        let text = self.expand_quoted(word).await?;
        match self.arith_value(&text) {
            Ok(value) => Ok(value),
            Err(message) => self.abort(&message).await,
        }
    }
}

fn only_all_parameters(parts: &[Part]) -> bool {
    use super::syntax::ast::{Index, Op};
    !parts.is_empty()
        && parts.iter().all(|part| match part {
            Part::Param(param) => {
                let all = param.name == "@" || matches!(param.index, Some(Index::At));
                all && !matches!(
                    param.op,
                    Op::Length | Op::Default { .. } | Op::Error { .. } | Op::Assign { .. }
                ) || matches!(param.op, Op::Keys { star: false } | Op::Names { star: false })
            }
            _ => false,
        })
}
