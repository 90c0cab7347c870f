//! Simple commands: expansion, assignments, and the choice between function, builtin and program.

use std::rc::Rc;

use crate::world::Env;

use super::super::builtins::{self, Argument};
use super::super::state::{MAX_ARRAY, Shell};
use super::super::syntax::ast::{Arg, Assignment, Command, Element, Redirect, Simple, Value};
use super::super::syntax::quoted_if_needed;
use super::super::vars::{Data, Variable};
use super::{Flow, LocalFuture, Outcome};

impl Shell {
    pub(super) fn run_simple<'a>(
        &'a mut self,
        simple: &'a Simple,
        redirects: &'a [Redirect],
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            self.substitution_status = None;
            let arguments = self.arguments(&simple.args).await?;
            let words: Vec<String> = arguments.iter().map(Argument::text).collect();
            if words.is_empty() {
                return self.run_assignments_only(simple, redirects).await;
            }
            let saved = self.fds.clone();
            let is_exec = words[0] == "exec" && !self.functions.contains_key("exec");
            let ready = self.redirect(redirects).await;
            let result = match ready {
                Ok(true) => self.run_words(simple, words, arguments).await,
                Ok(false) => Ok(1),
                Err(flow) => Err(flow),
            };
            // `exec` without a command keeps its redirections.
            if !(is_exec && result.is_ok() && simple.args.len() == 1 && self.status == 0) {
                self.fds = saved;
            }
            self.finish_substituted().await;
            result
        })
    }

    fn arguments<'a>(&'a mut self, args: &'a [Arg]) -> LocalFuture<'a, Result<Vec<Argument>, Flow>> {
        Box::pin(async move {
            let mut out = Vec::new();
            for arg in args {
                match arg {
                    Arg::Word(word) => {
                        let mut fields = Vec::new();
                        self.expand_word(word, &mut fields).await?;
                        out.extend(fields.into_iter().map(Argument::Word));
                    }
                    Arg::Assignment(assignment) => out.push(self.expand_assignment(assignment).await?),
                }
            }
            Ok(out)
        })
    }

    async fn expand_assignment(&mut self, assignment: &Assignment) -> Result<Argument, Flow> {
        let index = match &assignment.index {
            Some(word) => Some(self.expand_text(word).await?),
            None => None,
        };
        let Assignment { name, append, .. } = assignment;
        let (name, append) = (name.clone(), *append);
        Ok(match &assignment.value {
            Value::Scalar(word) => {
                let value = self.expand_assigned(word).await?;
                Argument::Assign { name, index, append, value }
            }
            Value::Array(elements) => {
                let items = self.elements(elements).await?;
                Argument::AssignArray { name, append, items }
            }
        })
    }

    /// The elements of `(...)`, each with its subscript if it has one.
    async fn elements(&mut self, elements: &[Element]) -> Result<Vec<(Option<String>, String)>, Flow> {
        let mut items = Vec::new();
        for element in elements {
            match &element.index {
                Some(index) => {
                    let index = self.expand_text(index).await?;
                    let value = self.expand_assigned(&element.word).await?;
                    items.push((Some(index), value));
                }
                None => {
                    let mut fields = Vec::new();
                    self.expand_word(&element.word, &mut fields).await?;
                    items.extend(fields.into_iter().map(|value| (None, value)));
                }
            }
        }
        Ok(items)
    }

    fn run_assignments_only<'a>(
        &'a mut self,
        simple: &'a Simple,
        redirects: &'a [Redirect],
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            for assignment in &simple.assignments {
                let argument = self.expand_assignment(assignment).await?;
                self.trace_assignment(&argument).await;
                if let Err(message) = self.assign_argument(&argument) {
                    return self.abort(&message).await;
                }
            }
            let saved = self.fds.clone();
            let ready = self.redirect(redirects).await;
            self.fds = saved;
            self.finish_substituted().await;
            match ready? {
                true => Ok(self.substitution_status.unwrap_or(0)),
                false => Ok(1),
            }
        })
    }

    /// Carries out `name=value` or `name=(...)`.
    pub(in super::super) fn assign_argument(&mut self, argument: &Argument) -> Result<(), String> {
        match argument {
            Argument::Word(_) => Ok(()),
            Argument::Assign { name, index, append, value } => {
                self.assign(name, index.as_deref(), value, *append)
            }
            Argument::AssignArray { name, append, items } => self.assign_array(name, *append, items),
        }
    }

    fn assign_array(
        &mut self,
        name: &str,
        append: bool,
        items: &[(Option<String>, String)],
    ) -> Result<(), String> {
        let name = self.vars.resolve(name);
        if items.len() > MAX_ARRAY {
            return Err(format!("{name}: cannot allocate array of {} elements", items.len()));
        }
        if self.vars.get(&name).is_some_and(|variable| variable.readonly) {
            return Err(format!("{name}: readonly variable"));
        }
        let variable = self.vars.entry(&name);
        let is_assoc = matches!(variable.data, Data::Assoc(_));
        if is_assoc {
            if !append {
                variable.data = Data::Assoc(Default::default());
            }
            let keyless: Vec<&String> =
                items.iter().filter(|(index, _)| index.is_none()).map(|(_, value)| value).collect();
            for pair in keyless.chunks(2) {
                let value = pair.get(1).map_or("", |value| value.as_str());
                self.assign(&name, Some(pair[0]), value, false)?;
            }
            for (index, value) in items {
                if let Some(index) = index {
                    self.assign(&name, Some(index), value, false)?;
                }
            }
            return Ok(());
        }
        let mut next = match (&mut variable.data, append) {
            (Data::Indexed(map), true) => map.keys().next_back().map_or(0, |last| last + 1),
            (Data::Scalar(text), true) => {
                let first = std::mem::take(text);
                variable.data = Data::Indexed([(0, first)].into());
                1
            }
            (data, _) => {
                *data = Data::Indexed(Default::default());
                0
            }
        };
        for (index, value) in items {
            if let Some(index) = index {
                next = self.array_index(&name, index, None)?;
            }
            self.assign(&name, Some(&next.to_string()), value, false)?;
            next += 1;
        }
        Ok(())
    }

    fn run_words<'a>(
        &'a mut self,
        simple: &'a Simple,
        words: Vec<String>,
        arguments: Vec<Argument>,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let mut temporary = Vec::new();
            for assignment in &simple.assignments {
                temporary.push(self.expand_assignment(assignment).await?);
            }
            for argument in &temporary {
                self.trace_assignment(argument).await;
            }
            self.trace_words(&words).await;
            let name = words[0].clone();
            if let Some(body) = self.functions.get(&name).cloned() {
                return self.with_temporary(temporary, Target::Function(name, body, words)).await;
            }
            if let Some(builtin) = builtins::find(&name, self.flavor) {
                return self.with_temporary(temporary, Target::Builtin(builtin, arguments)).await;
            }
            let mut env = Env::new();
            for argument in &temporary {
                if let Argument::Assign { name, value, append, .. } = argument {
                    if self.vars.get(name).is_some_and(|variable| variable.readonly) {
                        self.complain(&format!("{name}: readonly variable")).await;
                        continue;
                    }
                    let old = if *append { self.vars.text(name).unwrap_or_default() } else { "" };
                    env.insert(name.clone(), format!("{old}{value}"));
                }
            }
            self.autocd_or_external(words, env).await
        })
    }

    fn autocd_or_external<'a>(&'a mut self, words: Vec<String>, env: Env) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let directory = self.options.autocd && self.interactive && words.len() == 1;
            if directory && self.sys.is_dir(&self.absolute(&words[0])) {
                let line = format!("cd -- {}\n", quoted_if_needed(&words[0]));
                self.err_text(&line).await?;
                return builtins::change_directory(self, &words[0]).await;
            }
            self.run_external(words, env).await
        })
    }

    /// Runs a function or builtin with assignments that hold only meanwhile.
    fn with_temporary<'a>(
        &'a mut self,
        temporary: Vec<Argument>,
        target: Target,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let mut saved: Vec<(String, Option<Variable>)> = Vec::new();
            for argument in &temporary {
                if let Argument::Assign { name, .. } = argument {
                    let before = self.vars.get(name).cloned();
                    if let Err(message) = self.assign_argument(argument) {
                        // The command runs all the same, without it.
                        self.complain(&message).await;
                        continue;
                    }
                    saved.push((name.clone(), before));
                    self.vars.entry(name).exported = true;
                }
            }
            let keeps = matches!(&target, Target::Builtin(builtin, _) if builtin.name == "exec");
            let result = match target {
                Target::Function(name, body, words) => self.run_function(&name, &body, words).await,
                Target::Builtin(builtin, arguments) => self.run_builtin(builtin, arguments).await,
            };
            if !keeps {
                for (name, variable) in saved.into_iter().rev() {
                    self.vars.restore(&name, variable);
                }
            }
            result
        })
    }

    pub(in super::super) fn run_builtin<'a>(
        &'a mut self,
        builtin: &'static builtins::Builtin,
        arguments: Vec<Argument>,
    ) -> LocalFuture<'a, Outcome> {
        builtin.run(self, arguments)
    }

    /// Calls a function; the first word is its name.
    pub(in super::super) fn run_function<'a>(
        &'a mut self,
        name: &'a str,
        body: &'a Rc<Command>,
        words: Vec<String>,
    ) -> LocalFuture<'a, Outcome> {
        Box::pin(async move {
            let body = Rc::clone(body);
            let params = std::mem::replace(&mut self.params, words[1..].to_vec());
            let loops = std::mem::take(&mut self.loop_depth);
            let line = self.line;
            let replaces = std::mem::take(&mut self.may_replace);
            self.function_names.push(name.to_string());
            self.vars.push_scope();
            let result = self.run_command(&body).await;
            self.vars.pop_scope();
            self.function_names.pop();
            self.may_replace = replaces;
            self.params = params;
            self.loop_depth = loops;
            self.line = line;
            match result {
                Err(Flow::Return(status)) => Ok(status),
                other => other,
            }
        })
    }

    /// `set -x`
    pub(super) async fn trace(&mut self, text: &str) {
        if !self.options.xtrace {
            return;
        }
        let mark = self.vars.text("PS4").unwrap_or("+ ").to_string();
        let mark = self.prompt_text(&mark);
        let first = mark.chars().next().unwrap_or('+');
        let repeated: String = std::iter::repeat_n(first, self.subshell_depth as usize).collect();
        let _ = self.err_text(&format!("{repeated}{mark}{text}\n")).await;
    }

    async fn trace_words(&mut self, words: &[String]) {
        if self.options.xtrace {
            let words: Vec<String> = words.iter().map(|word| quoted_if_needed(word)).collect();
            self.trace(&words.join(" ")).await;
        }
    }

    async fn trace_assignment(&mut self, argument: &Argument) {
        if !self.options.xtrace {
            return;
        }
        let text = match argument {
            Argument::Word(_) => return,
            Argument::Assign { name, index, append, value } => {
                let index = index.as_ref().map_or(String::new(), |index| format!("[{index}]"));
                let op = if *append { "+=" } else { "=" };
                let value = if value.is_empty() { String::new() } else { quoted_if_needed(value) };
                format!("{name}{index}{op}{value}")
            }
            Argument::AssignArray { name, append, items } => {
                let op = if *append { "+=" } else { "=" };
                let items: Vec<String> = items.iter().map(|(_, value)| quoted_if_needed(value)).collect();
                format!("{name}{op}({})", items.join(" "))
            }
        };
        self.trace(&text).await;
    }
}

enum Target {
    Function(String, Rc<Command>, Vec<String>),
    Builtin(&'static builtins::Builtin, Vec<Argument>),
}
