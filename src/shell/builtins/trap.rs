//! `trap`, and the names and numbers of signals.

use super::super::interp::{LocalFuture, Outcome};
use super::super::state::Shell;
use super::super::syntax::single_quoted;
use crate::image::process::Signal;

/// Linux's signals from 1 to 31.
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
    "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
    "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

pub(super) fn name_of(number: i32) -> Option<&'static str> {
    match number {
        0 => Some("EXIT"),
        _ => usize::try_from(number - 1).ok().and_then(|at| NAMES.get(at)).copied(),
    }
}

pub(super) fn number_of(text: &str) -> Option<i32> {
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    if name == "EXIT" {
        return Some(0);
    }
    if let Ok(number) = name.parse::<i32>() {
        return name_of(number).map(|_| number);
    }
    NAMES.iter().position(|known| *known == name).map(|at| at as i32 + 1)
}

/// `kill -l`
pub(super) fn signal_table() -> String {
    let mut text = String::new();
    for (i, name) in NAMES.iter().enumerate() {
        let end = if (i + 1) % 5 == 0 || i + 1 == NAMES.len() { "\n" } else { "\t" };
        text.push_str(&format!("{:2}) SIG{name}{end}", i + 1));
    }
    text
}

fn canonical(spec: &str) -> Option<String> {
    let upper = spec.to_ascii_uppercase();
    match upper.as_str() {
        "ERR" | "DEBUG" | "RETURN" => Some(upper),
        _ => number_of(spec).and_then(name_of).map(str::to_string),
    }
}

pub(super) fn trap<'a>(shell: &'a mut Shell, args: Vec<String>) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let mut rest = args.as_slice();
        match rest.first().map(String::as_str) {
            Some("-l") => {
                shell.out_text(&signal_table()).await?;
                return Ok(0);
            }
            Some("-p") => return print(shell, &rest[1..]).await,
            Some("--") => rest = &rest[1..],
            Some(flag) if flag.len() > 1 && flag.starts_with('-') => {
                return shell.usage("trap", &format!("{flag}: invalid option")).await;
            }
            _ => {}
        }
        if rest.is_empty() {
            return print(shell, &[]).await;
        }
        // One argument that is a signal resets it.
        let (command, specs) = match rest {
            [only] if canonical(only).is_some() => ("-", rest),
            [_] => return shell.usage("trap", "").await,
            [command, specs @ ..] if command.parse::<u32>().is_err() => (command.as_str(), specs),
            all => ("-", all),
        };
        let mut status = 0;
        for spec in specs {
            match canonical(spec) {
                Some(name) => set(shell, &name, command),
                None => {
                    let message = match shell.is_bash() {
                        true => format!("{spec}: invalid signal specification"),
                        false => format!("{spec}: bad trap"),
                    };
                    status = shell.builtin_error("trap", &message).await?;
                }
            }
        }
        Ok(status)
    })
}

fn set(shell: &mut Shell, name: &str, command: &str) {
    let signal = Signal::parse(name).filter(|_| shell.owns_signals);
    match command {
        "-" => {
            shell.traps.remove(name);
            if let Some(signal) = signal {
                match (shell.interactive, signal) {
                    (true, Signal::Int) => shell.sys.handle(signal),
                    (true, Signal::Term | Signal::Tstp | Signal::Quit) => shell.sys.ignore(signal),
                    _ => shell.sys.default_action(signal),
                }
            }
        }
        "" => {
            shell.traps.insert(name.to_string(), String::new());
            if let Some(signal) = signal {
                shell.sys.ignore(signal);
            }
        }
        _ => {
            shell.traps.insert(name.to_string(), command.to_string());
            if let Some(signal) = signal {
                shell.sys.handle(signal);
            }
        }
    }
}

async fn print(shell: &mut Shell, specs: &[String]) -> Outcome {
    let wanted: Vec<String> = specs.iter().filter_map(|spec| canonical(spec)).collect();
    let order = |name: &str| {
        number_of(name).unwrap_or(match name {
            "DEBUG" => 100,
            "ERR" => 101,
            _ => 102,
        })
    };
    let mut names: Vec<&String> =
        shell.traps.keys().filter(|name| wanted.is_empty() || wanted.contains(name)).collect();
    names.sort_by_key(|name| order(name));
    let mut text = String::new();
    for name in names {
        let sig = if Signal::parse(name).is_some() && shell.is_bash() { "SIG" } else { "" };
        text.push_str(&format!("trap -- {} {sig}{name}\n", single_quoted(&shell.traps[name])));
    }
    shell.out_text(&text).await?;
    Ok(0)
}
