//! The compound commands: groups, conditionals, loops, `case`, and the definition of functions.

use super::super::pattern::Pattern;
use super::super::state::Shell;
use super::super::syntax::ast::{CaseArm, CaseEnd, Command, CommandKind, List, Redirect, Word};
use super::{Flow, LocalFuture, Outcome};

impl Shell {
    pub(super) fn run_kind<'a>(&'a mut self, command: &'a Command) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            match &command.kind {
                CommandKind::Simple(simple) => {
                    self.line = command.span.line;
                    self.run_simple(simple, &command.redirects).await
                }
                CommandKind::Function { name, body } => {
                    self.functions.insert(name.clone(), body.clone());
                    Ok(0)
                }
                kind if command.redirects.is_empty() => self.run_compound(kind, command).await,
                kind => self.run_redirected(kind, &command.redirects, command).await,
            }
        })
    }

    fn run_redirected<'a>(
        &'a mut self,
        kind: &'a CommandKind,
        redirects: &'a [Redirect],
        command: &'a Command,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            self.line = command.span.line;
            let saved = self.fds.clone();
            let result = match self.redirect(redirects).await {
                Ok(true) => self.run_compound(kind, command).await,
                Ok(false) => Ok(1),
                Err(flow) => Err(flow),
            };
            self.fds = saved;
            result
        })
    }

    async fn run_compound(&mut self, kind: &CommandKind, command: &Command) -> Outcome {
        match kind {
            CommandKind::Group(list) => self.run_list(list).await,
            CommandKind::Subshell(list) => self.run_subshell(list).await,
            CommandKind::If { arms, otherwise } => self.run_if(arms, otherwise.as_ref()).await,
            CommandKind::For { name, words, body, select: false } => {
                self.run_for(name, words.as_deref(), body, command).await
            }
            CommandKind::For { name, words, body, select: true } => {
                self.run_select(name, words.as_deref(), body).await
            }
            CommandKind::ForArith { parts, body } => self.run_for_arith(parts, body, command).await,
            CommandKind::Case { word, arms } => self.run_case(word, arms).await,
            CommandKind::While { until, condition, body } => self.run_while(*until, condition, body).await,
            CommandKind::Arith(word) => {
                self.line = command.span.line;
                self.run_arith(word).await
            }
            CommandKind::Cond(cond) => {
                self.line = command.span.line;
                self.run_cond(cond).await
            }
            CommandKind::Simple(_) | CommandKind::Function { .. } => Ok(self.status),
        }
    }

    fn run_if<'a>(
        &'a mut self,
        arms: &'a [(List, List)],
        otherwise: Option<&'a List>,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            for (condition, body) in arms {
                if self.run_condition(condition).await? {
                    return self.run_list(body).await;
                }
            }
            match otherwise {
                Some(list) => self.run_list(list).await,
                None => {
                    self.status = 0;
                    Ok(0)
                }
            }
        })
    }

    /// One turn of a loop: what to do next, `Some` being the end of the loop.
    fn after_turn(&mut self, result: Outcome) -> Result<Option<i32>, Flow> {
        match result {
            Ok(_) => Ok(None),
            Err(Flow::Break(1)) => Ok(Some(0)),
            Err(Flow::Break(n)) => Err(Flow::Break(n - 1)),
            Err(Flow::Continue(1)) => Ok(None),
            Err(Flow::Continue(n)) => Err(Flow::Continue(n - 1)),
            Err(flow) => Err(flow),
        }
    }

    fn run_for<'a>(
        &'a mut self,
        name: &'a str,
        words: Option<&'a [Word]>,
        body: &'a List,
        command: &'a Command,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            self.line = command.span.line;
            if !super::super::state::is_name(name) {
                self.complain(&format!("`{name}': not a valid identifier")).await;
                return Ok(1);
            }
            let items = match words {
                Some(words) => self.expand_words(words).await?,
                None => self.params.clone(),
            };
            self.loop_depth += 1;
            let result = self.for_items(name, items, words, body).await;
            self.loop_depth -= 1;
            result
        })
    }

    fn for_items<'a>(
        &'a mut self,
        name: &'a str,
        items: Vec<String>,
        words: Option<&'a [Word]>,
        body: &'a List,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let mut status = 0;
            for item in items {
                self.step().await?;
                if self.options.xtrace {
                    let raw: Vec<&str> = words.unwrap_or_default().iter().map(|word| &*word.raw).collect();
                    let list = if words.is_some() { raw.join(" ") } else { "\"$@\"".to_string() };
                    self.trace(&format!("for {name} in {list}")).await;
                }
                if let Err(message) = self.assign(name, None, &item, false) {
                    return self.abort(&message).await;
                }
                let result = self.run_list(body).await;
                status = result.unwrap_or(0);
                if let Some(end) = self.after_turn(result)? {
                    return Ok(end);
                }
            }
            Ok(status)
        })
    }

    fn run_for_arith<'a>(
        &'a mut self,
        parts: &'a [Word; 3],
        body: &'a List,
        command: &'a Command,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            self.line = command.span.line;
            let [first, condition, step] = parts;
            self.for_part(first).await?;
            self.loop_depth += 1;
            let result = self.for_arith_turns(condition, step, body).await;
            self.loop_depth -= 1;
            result
        })
    }

    async fn for_part(&mut self, word: &Word) -> Result<i64, Flow> {
        let text = self.expand_quoted(word).await?;
        match self.arith_value(&text) {
            Ok(value) => Ok(value),
            Err(message) => self.abort(&format!("((: {message}")).await,
        }
    }

    fn for_arith_turns<'a>(
        &'a mut self,
        condition: &'a Word,
        step: &'a Word,
        body: &'a List,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let mut status = 0;
            loop {
                self.step().await?;
                if !condition.raw.trim().is_empty() && self.for_part(condition).await? == 0 {
                    return Ok(status);
                }
                let result = self.run_list(body).await;
                status = result.unwrap_or(0);
                if let Some(end) = self.after_turn(result)? {
                    return Ok(end);
                }
                self.for_part(step).await?;
            }
        })
    }

    fn run_while<'a>(
        &'a mut self,
        until: bool,
        condition: &'a List,
        body: &'a List,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            self.loop_depth += 1;
            let result = self.while_turns(until, condition, body).await;
            self.loop_depth -= 1;
            result
        })
    }

    fn while_turns<'a>(
        &'a mut self,
        until: bool,
        condition: &'a List,
        body: &'a List,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let mut status = 0;
            loop {
                self.step().await?;
                let holds = match self.run_condition(condition).await {
                    Ok(holds) => holds,
                    Err(flow) => match self.after_turn(Err(flow))? {
                        Some(end) => return Ok(end),
                        None => continue,
                    },
                };
                if holds == until {
                    return Ok(status);
                }
                let result = self.run_list(body).await;
                status = result.unwrap_or(0);
                if let Some(end) = self.after_turn(result)? {
                    return Ok(end);
                }
            }
        })
    }

    fn run_case<'a>(&'a mut self, word: &'a Word, arms: &'a [CaseArm]) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            self.trace(&format!("case {} in", word.raw)).await;
            let text = self.expand_text(word).await?;
            let mut status = 0;
            let mut falling = false;
            for arm in arms {
                if !falling && !self.arm_matches(arm, &text).await? {
                    continue;
                }
                status = if arm.body.items.is_empty() { 0 } else { self.run_list(&arm.body).await? };
                match arm.end {
                    CaseEnd::Break => return Ok(status),
                    CaseEnd::FallThrough => falling = true,
                    CaseEnd::TestNext => falling = false,
                }
            }
            Ok(status)
        })
    }

    async fn arm_matches(&mut self, arm: &CaseArm, text: &str) -> Result<bool, Flow> {
        for word in &arm.patterns {
            let source = self.expand_pattern(word).await?;
            let pattern = Pattern::new(&source, self.options.extglob).ignoring_case(self.options.nocasematch);
            if pattern.matches(text) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn run_arith<'a>(&'a mut self, word: &'a Word) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let text = self.expand_quoted(word).await?;
            self.trace(&format!("(( {} ))", text.trim())).await;
            match self.arith_value(&text) {
                Ok(value) => Ok(i32::from(value == 0)),
                Err(message) => {
                    self.complain(&format!("((: {message}")).await;
                    Ok(1)
                }
            }
        })
    }

    /// `select`: a menu on standard error, a choice from standard input.
    fn run_select<'a>(
        &'a mut self,
        name: &'a str,
        words: Option<&'a [Word]>,
        body: &'a List,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let items = match words {
                Some(words) => self.expand_words(words).await?,
                None => self.params.clone(),
            };
            if items.is_empty() {
                return Ok(0);
            }
            self.loop_depth += 1;
            let result = self.select_turns(name, &items, body).await;
            self.loop_depth -= 1;
            result
        })
    }

    fn select_turns<'a>(
        &'a mut self,
        name: &'a str,
        items: &'a [String],
        body: &'a List,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let mut show_menu = true;
            loop {
                self.step().await?;
                let mut shown = String::new();
                if std::mem::take(&mut show_menu) {
                    shown = super::super::builtins::menu(items);
                }
                shown.push_str(self.vars.text("PS3").unwrap_or("#? "));
                self.err_text(&shown).await?;
                let Some(line) = self.fds.input(0).read_line().await else {
                    self.out_text("\n").await?;
                    return Ok(1);
                };
                let line = String::from_utf8_lossy(&line).trim_end_matches('\n').to_string();
                if line.trim().is_empty() {
                    show_menu = true;
                    continue;
                }
                let chosen =
                    line.trim().parse::<usize>().ok().and_then(|n| items.get(n.wrapping_sub(1)).cloned());
                self.vars.set(name, &chosen.unwrap_or_default());
                self.vars.set("REPLY", &line);
                let result = self.run_list(body).await;
                if let Some(end) = self.after_turn(result)? {
                    return Ok(end);
                }
            }
        })
    }
}
