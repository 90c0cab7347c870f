//! `set`, `shopt`, `shift`.

use super::super::interp::{LocalFuture, Outcome};
use super::super::state::Shell;
use super::super::syntax::function_text;
use super::declare::assignment_line;

type Args = Vec<String>;

pub(super) fn set<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        if args.is_empty() {
            let mut text = String::new();
            for (name, variable) in shell.vars.visible() {
                text.push_str(&assignment_line(name, variable));
            }
            for (name, body) in shell.functions.iter().filter(|_| !shell.options.posix) {
                text.push_str(&format!("{}\n", function_text(name, body)));
            }
            shell.out_text(&text).await?;
            return Ok(0);
        }
        let mut at = 0;
        while let Some(arg) = args.get(at) {
            at += 1;
            match arg.as_str() {
                "--" => {
                    shell.params = args[at..].to_vec();
                    return Ok(0);
                }
                "-" => {
                    shell.options.xtrace = false;
                    shell.options.verbose = false;
                    if at < args.len() {
                        shell.params = args[at..].to_vec();
                    }
                    return Ok(0);
                }
                flags if flags.len() > 1 && flags.starts_with(['-', '+']) => {
                    let on = flags.starts_with('-');
                    if let Some(status) = letters(shell, &flags[1..], on, &args, &mut at).await? {
                        return Ok(status);
                    }
                }
                _ => {
                    shell.params = args[at - 1..].to_vec();
                    return Ok(0);
                }
            }
        }
        Ok(0)
    })
}

async fn letters(
    shell: &mut Shell,
    flags: &str,
    on: bool,
    args: &[String],
    at: &mut usize,
) -> Result<Option<i32>, super::super::interp::Flow> {
    let sign = if on { '-' } else { '+' };
    for letter in flags.chars() {
        if letter == 'o' {
            let Some(name) = args.get(*at) else {
                list(shell, on).await?;
                return Ok(Some(0));
            };
            *at += 1;
            match shell.options.by_name(name) {
                Some(place) => *place = on,
                None => {
                    let message = match shell.is_bash() {
                        true => format!("{name}: invalid option name"),
                        false => format!("Illegal option -o {name}"),
                    };
                    shell.builtin_error("set", &message).await?;
                    return Ok(Some(2));
                }
            }
            continue;
        }
        let bash = shell.is_bash();
        match shell.options.by_letter(letter) {
            Some(place) => *place = on,
            None if bash => {
                return shell.usage("set", &format!("{sign}{letter}: invalid option")).await.map(Some);
            }
            None => {
                shell.builtin_error("set", &format!("Illegal option {sign}{letter}")).await?;
                return Err(super::super::interp::Flow::Exit(2));
            }
        }
    }
    Ok(None)
}

async fn list(shell: &mut Shell, readable: bool) -> Outcome {
    let mut text = String::new();
    for (name, on) in shell.options.listed() {
        text.push_str(&match readable {
            true => format!("{name:<15}\t{}\n", if on { "on" } else { "off" }),
            false => format!("set {}o {name}\n", if on { '-' } else { '+' }),
        });
    }
    shell.out_text(&text).await?;
    Ok(0)
}

pub(super) fn shopt<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let (flags, from) = match super::letters(&args, "pqsuo") {
            Ok(found) => found,
            Err(flag) => return shell.usage("shopt", &format!("-{flag}: invalid option")).await,
        };
        let has = |letter| flags.contains(&letter);
        if has('s') && has('u') {
            return shell.builtin_error("shopt", "cannot set and unset shell options simultaneously").await;
        }
        let names = &args[from..];
        let listed = if has('o') { shell.options.listed() } else { shell.options.shopt_listed() };
        let print = |name: &str, on: bool| match (has('p'), has('o')) {
            (true, true) => format!("set {}o {name}\n", if on { '-' } else { '+' }),
            (true, false) => format!("shopt -{} {name}\n", if on { 's' } else { 'u' }),
            _ => format!("{name:<15}\t{}\n", if on { "on" } else { "off" }),
        };
        if names.is_empty() {
            let wanted = |on: bool| (!has('s') || on) && (!has('u') || !on);
            let text: String =
                listed.iter().filter(|(_, on)| wanted(*on)).map(|(name, on)| print(name, *on)).collect();
            shell.out_text(&text).await?;
            return Ok(0);
        }
        let mut status = 0;
        for name in names {
            let place = if has('o') { shell.options.by_name(name) } else { shell.options.shopt(name) };
            match place {
                None if harmless(name) => {}
                None => {
                    let kind = if has('o') { "option" } else { "shell option" };
                    status = shell.builtin_error("shopt", &format!("{name}: invalid {kind} name")).await?;
                }
                Some(place) if has('s') || has('u') => *place = has('s'),
                Some(place) => {
                    let on = *place;
                    if !has('q') {
                        let line = print(name, on);
                        shell.out_text(&line).await?;
                    }
                    status |= i32::from(!on);
                }
            }
        }
        Ok(status)
    })
}

/// Options of bash that would change nothing here.
fn harmless(name: &str) -> bool {
    const NAMES: [&str; 20] = [
        "assoc_expand_once",
        "cdable_vars",
        "cdspell",
        "checkhash",
        "checkjobs",
        "complete_fullquote",
        "direxpand",
        "dirspell",
        "execfail",
        "extdebug",
        "extquote",
        "force_fignore",
        "globasciiranges",
        "histreedit",
        "histverify",
        "hostcomplete",
        "huponexit",
        "lithist",
        "mailwarn",
        "no_empty_cmd_completion",
    ];
    NAMES.contains(&name)
        || matches!(name, "progcomp" | "restricted_shell" | "shift_verbose" | "patsub_replacement")
}

pub(super) fn shift<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let count = match args.first().map(|text| text.parse::<i64>()) {
            None => 1,
            Some(Ok(count)) if count >= 0 => count as usize,
            Some(Ok(count)) => {
                return shell.builtin_error("shift", &format!("{count}: shift count out of range")).await;
            }
            Some(Err(_)) => {
                return shell
                    .builtin_error("shift", &format!("{}: numeric argument required", args[0]))
                    .await;
            }
        };
        if count > shell.params.len() {
            if !shell.is_bash() {
                shell.builtin_error("shift", "can't shift that many").await?;
                return Err(super::super::interp::Flow::Exit(2));
            }
            return Ok(1);
        }
        shell.params.drain(..count);
        Ok(0)
    })
}
