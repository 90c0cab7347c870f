//! What a name means: `type`, `command`, `builtin`, `hash`, `alias`, `unalias`.

use super::super::interp::{LocalFuture, Outcome};
use super::super::state::Shell;
use super::super::syntax::{function_text, reserved_words, single_quoted};
use super::{Argument, find, letters};
use crate::world::sys::Executable;

type Args = Vec<String>;

/// What stands behind a command's name.
enum Meaning {
    Alias(String),
    Keyword,
    Function,
    Builtin,
    File(String),
}

fn meanings(shell: &Shell, name: &str, all: bool) -> Vec<Meaning> {
    let mut found = Vec::new();
    if let Some(text) = shell.aliases.get(name) {
        found.push(Meaning::Alias(text.clone()));
    }
    if reserved_words().contains(name) {
        found.push(Meaning::Keyword);
    }
    if shell.functions.contains_key(name) {
        found.push(Meaning::Function);
    }
    if find(name, shell.flavor).is_some() {
        found.push(Meaning::Builtin);
    }
    let paths = if all { all_paths(shell, name) } else { path_of(shell, name).into_iter().collect() };
    found.extend(paths.into_iter().map(Meaning::File));
    if !all {
        found.truncate(1);
    }
    found
}

/// Where a command's file is; as `PATH` finds it.
pub(super) fn path_of(shell: &Shell, name: &str) -> Option<String> {
    let search = shell.vars.text("PATH").unwrap_or_default();
    match shell.sys.find_executable(name, &shell.cwd, search) {
        Ok(Executable::Program { path, .. } | Executable::Script { path, .. }) => {
            Some(if name.contains('/') { name.to_string() } else { path })
        }
        Err(_) => None,
    }
}

fn all_paths(shell: &Shell, name: &str) -> Vec<String> {
    let search = shell.vars.text("PATH").unwrap_or_default();
    let mut found = Vec::new();
    for directory in search.split(':') {
        if let Ok(Executable::Program { path, .. } | Executable::Script { path, .. }) =
            shell.sys.find_executable(name, &shell.cwd, directory)
        {
            found.push(path);
        }
    }
    found
}

pub(super) fn type_<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let (flags, from) = match letters(&args, "afptP") {
            Ok(found) => found,
            Err(flag) => return shell.usage("type", &format!("-{flag}: invalid option")).await,
        };
        let has = |letter| flags.contains(&letter);
        let mut status = 0;
        for name in &args[from..] {
            let mut found = meanings(shell, name, has('a'));
            if has('f') {
                found.retain(|meaning| !matches!(meaning, Meaning::Function));
            }
            if has('P') {
                found = path_of(shell, name).map(Meaning::File).into_iter().collect();
            }
            if found.is_empty() {
                if !has('t') && !has('p') && !has('P') {
                    let message = format!("{name}: not found");
                    match shell.is_bash() {
                        true => drop(shell.builtin_error("type", &message).await?),
                        false => shell.out_text(&format!("{message}\n")).await?,
                    }
                }
                status = if shell.is_bash() { 1 } else { 127 };
            }
            for meaning in found {
                let line = match (has('t'), has('p') || has('P')) {
                    (true, _) => format!("{}\n", kind(&meaning)),
                    (_, true) => match meaning {
                        Meaning::File(path) => format!("{path}\n"),
                        _ => String::new(),
                    },
                    _ => described(shell, name, &meaning),
                };
                shell.out_text(&line).await?;
            }
        }
        Ok(status)
    })
}

fn kind(meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Alias(_) => "alias",
        Meaning::Keyword => "keyword",
        Meaning::Function => "function",
        Meaning::Builtin => "builtin",
        Meaning::File(_) => "file",
    }
}

fn described(shell: &Shell, name: &str, meaning: &Meaning) -> String {
    match meaning {
        Meaning::Alias(text) if shell.is_bash() => format!("{name} is aliased to `{text}'\n"),
        Meaning::Alias(text) => format!("{name} is an alias for {text}\n"),
        Meaning::Keyword => format!("{name} is a shell keyword\n"),
        Meaning::Function if !shell.is_bash() => format!("{name} is a shell function\n"),
        Meaning::Function => {
            let body = shell.functions.get(name).map(|body| function_text(name, body)).unwrap_or_default();
            format!("{name} is a function\n{body}\n")
        }
        Meaning::Builtin if is_special(name) && !shell.is_bash() => {
            format!("{name} is a special shell builtin\n")
        }
        Meaning::Builtin => format!("{name} is a shell builtin\n"),
        Meaning::File(path)
            if shell.hashed.get(name).is_some_and(|(known, _)| known == path) && shell.is_bash() =>
        {
            format!("{name} is hashed ({path})\n")
        }
        Meaning::File(path) => format!("{name} is {path}\n"),
    }
}

fn is_special(name: &str) -> bool {
    matches!(
        name,
        "." | ":"
            | "break"
            | "continue"
            | "eval"
            | "exec"
            | "exit"
            | "export"
            | "readonly"
            | "return"
            | "set"
            | "shift"
            | "times"
            | "trap"
            | "unset"
    )
}

pub(super) fn command<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let (flags, from) = match letters(&args, "pVv") {
            Ok(found) => found,
            Err(flag) => return shell.usage("command", &format!("-{flag}: invalid option")).await,
        };
        let rest = &args[from..];
        let Some(name) = rest.first() else { return Ok(0) };
        if flags.contains(&'v') || flags.contains(&'V') {
            // One that is found is enough.
            let mut status = 1;
            for name in rest {
                let Some(meaning) = meanings(shell, name, false).pop() else {
                    if flags.contains(&'V') {
                        shell.builtin_error("command", &format!("{name}: not found")).await?;
                    }
                    continue;
                };
                status = 0;
                let line = match (flags.contains(&'v'), &meaning) {
                    (true, Meaning::Alias(text)) => format!("alias {name}={}\n", single_quoted(text)),
                    (true, Meaning::File(path)) => format!("{path}\n"),
                    (true, _) => format!("{name}\n"),
                    (false, meaning) => described(shell, name, meaning),
                };
                shell.out_text(&line).await?;
            }
            return Ok(status);
        }
        if let Some(builtin) = find(name, shell.flavor) {
            let arguments = rest.iter().cloned().map(Argument::Word).collect();
            return shell.run_builtin(builtin, arguments).await;
        }
        let replaces = std::mem::take(&mut shell.may_replace);
        let result = shell.run_external(rest.to_vec(), Default::default()).await;
        shell.may_replace = replaces;
        result
    })
}

pub(super) fn builtin<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let args = if args.first().is_some_and(|arg| arg == "--") { args[1..].to_vec() } else { args };
        let Some(name) = args.first() else { return Ok(0) };
        match find(name, shell.flavor) {
            Some(builtin) => {
                let arguments = args.iter().cloned().map(Argument::Word).collect();
                shell.run_builtin(builtin, arguments).await
            }
            None => shell.builtin_error("builtin", &format!("{name}: not a shell builtin")).await,
        }
    })
}

pub(super) fn hash<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let (flags, from) = match letters(&args, "lrpdt") {
            Ok(found) => found,
            Err(flag) => return shell.usage("hash", &format!("-{flag}: invalid option")).await,
        };
        if flags.contains(&'r') {
            shell.hashed.clear();
            return Ok(0);
        }
        let names = &args[from..];
        if names.is_empty() {
            if shell.hashed.is_empty() {
                if shell.is_bash() {
                    shell.out_text("hash: hash table empty\n").await?;
                }
                return Ok(0);
            }
            let mut text = String::from("hits\tcommand\n");
            for (path, hits) in shell.hashed.values() {
                text.push_str(&format!("{hits:4}\t{path}\n"));
            }
            shell.out_text(&text).await?;
            return Ok(0);
        }
        let mut status = 0;
        for name in names {
            if flags.contains(&'d') {
                shell.hashed.remove(name);
                continue;
            }
            if flags.contains(&'t') {
                match shell.hashed.get(name).cloned() {
                    Some((path, _)) => shell.out_text(&format!("{path}\n")).await?,
                    None => status = shell.builtin_error("hash", &format!("{name}: not found")).await?,
                }
                continue;
            }
            match path_of(shell, name) {
                Some(path) => drop(shell.hashed.insert(name.clone(), (path, 0))),
                None if find(name, shell.flavor).is_some() => {}
                None => status = shell.builtin_error("hash", &format!("{name}: not found")).await?,
            }
        }
        Ok(status)
    })
}

pub(super) fn alias<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let args = match super::letters(&args, "p") {
            Ok((_, used)) if shell.is_bash() => args[used..].to_vec(),
            Err(flag) if shell.is_bash() => {
                return shell.usage("alias", &format!("-{flag}: invalid option")).await;
            }
            _ => args,
        };
        let lead = if shell.is_bash() { "alias " } else { "" };
        if args.is_empty() {
            let text: String = shell
                .aliases
                .iter()
                .map(|(name, text)| format!("{lead}{name}={}\n", single_quoted(text)))
                .collect();
            shell.out_text(&text).await?;
            return Ok(0);
        }
        let mut status = 0;
        for arg in &args {
            match arg.split_once('=') {
                Some((name, text)) if !name.is_empty() => {
                    shell.aliases.insert(name.to_string(), text.to_string());
                }
                _ => match shell.aliases.get(arg).cloned() {
                    Some(text) => shell.out_text(&format!("{lead}{arg}={}\n", single_quoted(&text))).await?,
                    None => status = shell.builtin_error("alias", &format!("{arg}: not found")).await?,
                },
            }
        }
        Ok(status)
    })
}

pub(super) fn unalias<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        if args.is_empty() {
            return shell.usage("unalias", "").await;
        }
        if args[0] == "-a" {
            shell.aliases.clear();
            return Ok(0);
        }
        let mut status = 0;
        for name in &args {
            if shell.aliases.remove(name).is_none() {
                status = shell.builtin_error("unalias", &format!("{name}: not found")).await?;
            }
        }
        Ok(status)
    })
}
