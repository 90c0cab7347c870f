//! `declare`, `typeset`, `local`, `export`, `readonly`, and `unset`.

use super::super::interp::{Flow, LocalFuture, Outcome};
use super::super::state::{Shell, is_name};
use super::super::syntax::{function_text, quoted_if_needed, single_quoted};
use super::super::vars::{Data, Variable};
use super::{Argument, letters};

/// The attributes asked for: letter and whether to add it.
#[derive(Default)]
struct Wanted {
    add: String,
    remove: String,
    print: bool,
    functions: bool,
    names_only: bool,
    global: bool,
}

pub(super) fn declare<'a>(
    shell: &'a mut Shell,
    name: &'static str,
    arguments: Vec<Argument>,
) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        if name == "local" && shell.function_names.is_empty() {
            return shell.builtin_error("local", "can only be used in a function").await;
        }
        let (wanted, rest) = match options(name, &arguments) {
            Ok(found) => found,
            Err(flag) => return shell.usage(name, &format!("{flag}: invalid option")).await,
        };
        let rest = &arguments[rest..];
        if wanted.functions {
            return functions(shell, name, &wanted, rest).await;
        }
        if rest.is_empty() {
            return list(shell, name, &wanted).await;
        }
        let mut status = 0;
        for argument in rest {
            if wanted.print && name != "export" && name != "readonly" {
                status |= print_one(shell, name, &argument.text()).await?;
            } else {
                status |= one(shell, name, &wanted, argument).await?;
            }
        }
        Ok(status)
    })
}

fn options(name: &str, arguments: &[Argument]) -> Result<(Wanted, usize), String> {
    let known = match name {
        "export" => "fnp",
        "readonly" => "aAfp",
        _ => "aAfFgiIlnprtux",
    };
    let mut wanted = Wanted::default();
    for (i, argument) in arguments.iter().enumerate() {
        let Argument::Word(text) = argument else { return Ok((wanted, i)) };
        if text == "--" {
            return Ok((wanted, i + 1));
        }
        let sign = text.chars().next().filter(|c| matches!(c, '-' | '+'));
        let Some(sign) = sign.filter(|_| text.len() > 1) else { return Ok((wanted, i)) };
        for letter in text.chars().skip(1) {
            if !known.contains(letter) {
                return Err(format!("{sign}{letter}"));
            }
            match (letter, sign) {
                ('p', _) => wanted.print = true,
                ('f', _) => wanted.functions = true,
                ('F', _) => {
                    wanted.functions = true;
                    wanted.names_only = true;
                }
                ('g', _) => wanted.global = true,
                ('n', _) if name == "export" => wanted.remove.push('x'),
                (letter, '-') => wanted.add.push(letter),
                (letter, _) => wanted.remove.push(letter),
            }
        }
    }
    Ok((wanted, arguments.len()))
}

async fn one(shell: &mut Shell, name: &str, wanted: &Wanted, argument: &Argument) -> Outcome {
    let argument = taken_apart(argument);
    let variable = match &argument {
        Argument::Word(text) => text.clone(),
        Argument::Assign { name, .. } | Argument::AssignArray { name, .. } => name.clone(),
    };
    let (variable, sized) = match variable.split_once('[') {
        Some((base, _)) if matches!(argument, Argument::Word(_)) => (base.to_string(), true),
        _ => (variable, false),
    };
    if !is_name(&variable) {
        let shown = argument.text();
        if !shell.is_bash() {
            shell.builtin_error(name, &format!("{variable}: bad variable name")).await?;
            return Err(Flow::Exit(2));
        }
        return shell.builtin_error(name, &format!("`{shown}': not a valid identifier")).await;
    }
    let assigns = !matches!(argument, Argument::Word(_));
    let existing = shell.vars.get_raw(&variable).is_some_and(|variable| variable.readonly);
    let local =
        matches!(name, "local" | "declare" | "typeset") && !wanted.global && !shell.function_names.is_empty();
    if existing && (assigns || wanted.remove.contains('r')) && !(local && !shell.vars.is_local(&variable)) {
        if name == "declare" || name == "local" || name == "typeset" {
            return shell.builtin_error(name, &format!("{variable}: readonly variable")).await;
        }
        shell.complain(&format!("{variable}: readonly variable")).await;
        return Ok(1);
    }
    prepare(shell, name, wanted, &variable, local, assigns, sized);
    if wanted.add.contains('n') {
        if let Argument::Assign { value, .. } = &argument {
            shell.vars.entry(&variable).data = Data::Scalar(value.clone());
        }
        return Ok(0);
    }
    let readonly = name == "readonly" || wanted.add.contains('r');
    let result = shell.assign_argument(&argument);
    if readonly {
        shell.vars.entry(&variable).readonly = true;
    }
    match result {
        Ok(()) => Ok(0),
        Err(message) => shell.builtin_error(name, &message).await,
    }
}

/// Gives the variable its place and attributes before it is assigned.
fn prepare(
    shell: &mut Shell,
    name: &str,
    wanted: &Wanted,
    variable: &str,
    local: bool,
    assigns: bool,
    sized: bool,
) {
    let fresh_local = local && !shell.vars.is_local(variable);
    let by_reference = wanted.add.contains('n') || wanted.remove.contains('n');
    let target = if by_reference { variable.to_string() } else { shell.vars.resolve(variable) };
    let target = target.split('[').next().unwrap_or_default().to_string();
    let entry: &mut Variable = if local {
        match shell.vars.entry_local(variable) {
            Ok(entry) => entry,
            Err(()) => return,
        }
    } else if wanted.global {
        shell.vars.entry_global(&target)
    } else {
        shell.vars.entry(&target)
    };
    if fresh_local && !assigns {
        entry.data = Data::Unset;
    }
    for (letters, on) in [(&wanted.add, true), (&wanted.remove, false)] {
        for letter in letters.chars() {
            match letter {
                'i' => entry.integer = on,
                'x' => entry.exported = on,
                'l' => {
                    entry.lower = on;
                    entry.upper &= !on;
                }
                'u' => {
                    entry.upper = on;
                    entry.lower &= !on;
                }
                'n' => entry.nameref = on,
                'a' if on && !matches!(entry.data, Data::Indexed(_)) => {
                    entry.data = match std::mem::take(&mut entry.data) {
                        Data::Scalar(text) => Data::Indexed([(0, text)].into()),
                        _ => Data::Indexed(Default::default()),
                    };
                }
                'A' if on && !matches!(entry.data, Data::Assoc(_)) => {
                    entry.data = Data::Assoc(Default::default())
                }
                _ => {}
            }
        }
    }
    if sized && matches!(entry.data, Data::Unset) {
        entry.data = Data::Indexed(Default::default());
    }
    if name == "export" && !wanted.remove.contains('x') {
        entry.exported = true;
    }
}

/// `name=value` that arrived as a plain word, as through `command export` or `"$x=1"`.
fn taken_apart(argument: &Argument) -> Argument {
    let Argument::Word(text) = argument else { return argument.clone() };
    let Some((left, value)) = text.split_once('=') else { return argument.clone() };
    let append = left.ends_with('+');
    let left = left.strip_suffix('+').unwrap_or(left);
    let (name, index) = match left.split_once('[') {
        Some((name, rest)) => (name.to_string(), Some(rest.trim_end_matches(']').to_string())),
        None => (left.to_string(), None),
    };
    Argument::Assign { name, index, append, value: value.to_string() }
}

async fn print_one(shell: &mut Shell, name: &str, variable: &str) -> Outcome {
    match shell.declaration(variable) {
        Some(line) => {
            shell.out_text(&format!("{line}\n")).await?;
            Ok(0)
        }
        None => shell.builtin_error(name, &format!("{variable}: not found")).await,
    }
}

async fn list(shell: &mut Shell, name: &str, wanted: &Wanted) -> Outcome {
    let visible = shell.vars.visible();
    let locals = shell.vars.local_names();
    let mut text = String::new();
    for (variable_name, variable) in visible {
        let attribute = match name {
            "export" => variable.exported,
            "readonly" => variable.readonly,
            "local" => locals.iter().any(|local| local == variable_name),
            _ => wanted.add.chars().all(|letter| variable.flags().contains(letter)),
        };
        if !attribute {
            continue;
        }
        if !shell.is_bash() {
            let value = variable.text().map_or(String::new(), |text| format!("={}", single_quoted(text)));
            text.push_str(&format!("{name} {variable_name}{value}\n"));
        } else if matches!(name, "export" | "readonly" | "local") || wanted.print || !wanted.add.is_empty() {
            text.push_str(&format!("{}\n", shell.declaration(variable_name).unwrap_or_default()));
        } else {
            text.push_str(&assignment_line(variable_name, variable));
        }
    }
    shell.out_text(&text).await?;
    Ok(0)
}

/// A line of `set`: `x=1`, `a=([0]="x")`.
pub(super) fn assignment_line(name: &str, variable: &Variable) -> String {
    match &variable.data {
        Data::Unset => String::new(),
        Data::Scalar(text) if text.is_empty() => format!("{name}=\n"),
        Data::Scalar(text) => format!("{name}={}\n", quoted_if_needed(text)),
        _ => format!("{name}{}\n", super::super::state::value_text(variable)),
    }
}

async fn functions(shell: &mut Shell, name: &str, wanted: &Wanted, rest: &[Argument]) -> Outcome {
    let mut text = String::new();
    if rest.is_empty() {
        for (function, body) in &shell.functions {
            match wanted.names_only {
                true => text.push_str(&format!("declare -f {function}\n")),
                false => text.push_str(&format!("{}\n", function_text(function, body))),
            }
        }
        shell.out_text(&text).await?;
        return Ok(0);
    }
    let mut status = 0;
    for argument in rest {
        let function = argument.text();
        match shell.functions.get(&function).cloned() {
            Some(_) if name == "export" || name == "readonly" => {}
            Some(_) if wanted.names_only => shell.out_text(&format!("{function}\n")).await?,
            Some(body) => shell.out_text(&format!("{}\n", function_text(&function, &body))).await?,
            None => {
                status = 1;
                if name == "export" || name == "readonly" {
                    shell.builtin_error(name, &format!("{function}: not a function")).await?;
                }
            }
        }
    }
    Ok(status)
}

pub(super) fn unset<'a>(shell: &'a mut Shell, args: Vec<String>) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let (flags, from) = match letters(&args, "fvn") {
            Ok(found) => found,
            Err(flag) => return shell.usage("unset", &format!("-{flag}: invalid option")).await,
        };
        let mut status = 0;
        for name in &args[from..] {
            if flags.contains(&'f') {
                shell.functions.remove(name);
                continue;
            }
            if let Some((base, rest)) = name.split_once('[') {
                status |= unset_element(shell, base, rest.trim_end_matches(']')).await?;
                continue;
            }
            if !is_name(name) && flags.contains(&'v') {
                let message = format!("`{name}': not a valid identifier");
                status |= shell.builtin_error("unset", &message).await?;
                continue;
            }
            let target = if flags.contains(&'n') { name.clone() } else { shell.vars.resolve(name) };
            if shell.vars.get_raw(&target).is_some() {
                if !shell.vars.unset(&target) {
                    let message = format!("{name}: cannot unset: readonly variable");
                    status |= shell.builtin_error("unset", &message).await?;
                }
                if target == "PATH" {
                    shell.hashed.clear();
                }
            } else if flags.is_empty() {
                shell.functions.remove(name);
            }
        }
        Ok(status)
    })
}

async fn unset_element(shell: &mut Shell, name: &str, index: &str) -> Outcome {
    if shell.vars.get(name).is_some_and(|variable| variable.readonly) {
        return shell.builtin_error("unset", &format!("{name}: cannot unset: readonly variable")).await;
    }
    let last = match shell.vars.get(name).map(|variable| &variable.data) {
        Some(Data::Indexed(map)) => map.keys().next_back().copied(),
        Some(Data::Assoc(_)) => {
            if let Data::Assoc(map) = &mut shell.vars.entry(name).data {
                map.shift_remove(index);
            }
            return Ok(0);
        }
        _ => None,
    };
    if index == "@" || index == "*" {
        shell.vars.entry(name).data = Data::Indexed(Default::default());
        return Ok(0);
    }
    match shell.array_index(name, index, last) {
        Ok(at) => {
            if let Data::Indexed(map) = &mut shell.vars.entry(name).data {
                map.remove(&at);
            }
            Ok(0)
        }
        Err(message) => shell.builtin_error("unset", &message).await,
    }
}
