//! Builtins that stand alone: history, help, ulimit, times, caller, and the completion builtins.

use super::super::interp::{LocalFuture, Outcome};
use super::super::state::Shell;
use super::{find, letters, names};

type Args = Vec<String>;

/// Builtins for things this terminal does itself: accepted, without effect.
pub(super) fn ignored<'a>(_: &'a mut Shell, _: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async { Ok(0) })
}

/// `enable`: builtins cannot be switched off here; a name that is none is an error as ever.
pub(super) fn enable<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let mut status = 0;
        for name in args.iter().filter(|arg| !arg.starts_with('-')) {
            if find(name, shell.flavor).is_none() {
                status = shell.builtin_error("enable", &format!("{name}: not a shell builtin")).await?;
            }
        }
        Ok(status)
    })
}

pub(super) fn times<'a>(shell: &'a mut Shell, _: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        shell.out_text("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n").await?;
        Ok(0)
    })
}

pub(super) fn caller<'a>(shell: &'a mut Shell, _: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        if shell.function_names.is_empty() && shell.sources.is_empty() {
            return Ok(1);
        }
        let line = format!("{} {}\n", shell.line, shell.arg0);
        shell.out_text(&line).await?;
        Ok(0)
    })
}

/// Letter, description, unit, value; as on a Debian machine.
const LIMITS: [(char, &str, &str, &str); 16] = [
    ('R', "real-time non-blocking time", "(microseconds, -R)", "unlimited"),
    ('c', "core file size", "(blocks, -c)", "0"),
    ('d', "data seg size", "(kbytes, -d)", "unlimited"),
    ('e', "scheduling priority", "(-e)", "0"),
    ('f', "file size", "(blocks, -f)", "unlimited"),
    ('i', "pending signals", "(-i)", "31514"),
    ('l', "max locked memory", "(kbytes, -l)", "8192"),
    ('m', "max memory size", "(kbytes, -m)", "unlimited"),
    ('n', "open files", "(-n)", "1048576"),
    ('p', "pipe size", "(512 bytes, -p)", "8"),
    ('q', "POSIX message queues", "(bytes, -q)", "819200"),
    ('r', "real-time priority", "(-r)", "0"),
    ('s', "stack size", "(kbytes, -s)", "8192"),
    ('t', "cpu time", "(seconds, -t)", "unlimited"),
    ('u', "max user processes", "(-u)", "400"),
    ('v', "virtual memory", "(kbytes, -v)", "unlimited"),
];

pub(super) fn ulimit<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let (flags, from) = match letters(&args, "SHaRcdefilmnpqrstuvx") {
            Ok(found) => found,
            Err(flag) => return shell.usage("ulimit", &format!("-{flag}: invalid option")).await,
        };
        let row = |(_, name, unit, value): &(char, &str, &str, &str)| {
            let left = 32usize.saturating_sub(unit.len());
            format!("{name:<left$}{unit} {value}\n")
        };
        if flags.contains(&'a') {
            let text: String = LIMITS.iter().map(row).collect();
            shell.out_text(&text).await?;
            return Ok(0);
        }
        if let Some(limit) = args.get(from) {
            // Setting one is accepted; the simulation has its own limits.
            let known =
                matches!(limit.as_str(), "unlimited" | "soft" | "hard") || limit.parse::<u64>().is_ok();
            if !known {
                return shell.builtin_error("ulimit", &format!("{limit}: invalid number")).await;
            }
            return Ok(0);
        }
        let chosen: Vec<char> = flags.iter().copied().filter(|flag| !"SH".contains(*flag)).collect();
        let chosen = if chosen.is_empty() { vec!['f'] } else { chosen };
        for letter in &chosen {
            if let Some(limit) = LIMITS.iter().find(|limit| limit.0 == *letter) {
                let text = if chosen.len() > 1 { row(limit) } else { format!("{}\n", limit.3) };
                shell.out_text(&text).await?;
            }
        }
        Ok(0)
    })
}

pub(super) fn history<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        match args.first().map(String::as_str) {
            Some("-c") => {
                shell.history.borrow_mut().clear();
                return Ok(0);
            }
            Some("-d") => {
                let spec = args.get(1).cloned().unwrap_or_default();
                let deleted = spec.parse().is_ok_and(|number| shell.history.borrow_mut().delete(number));
                if !deleted {
                    return shell
                        .builtin_error("history", &format!("{spec}: history position out of range"))
                        .await;
                }
                return Ok(0);
            }
            Some("-s") => {
                shell.history.borrow_mut().push(&args[1..].join(" "), false);
                return Ok(0);
            }
            Some("-p") => {
                shell.out_text(&format!("{}\n", args[1..].join("\n"))).await?;
                return Ok(0);
            }
            Some("-a" | "-n" | "-r" | "-w") => return Ok(0),
            Some(flag) if flag.starts_with('-') => {
                return shell.usage("history", &format!("{flag}: invalid option")).await;
            }
            _ => {}
        }
        let most = match args.first() {
            None => usize::MAX,
            Some(text) => match text.parse::<usize>() {
                Ok(count) => count,
                Err(_) => {
                    return shell
                        .builtin_error("history", &format!("{text}: numeric argument required"))
                        .await;
                }
            },
        };
        let text: String = {
            let history = shell.history.borrow();
            let skip = history.len().saturating_sub(most);
            history.numbered().skip(skip).map(|(number, line)| format!("{number:5}  {line}\n")).collect()
        };
        shell.out_text(&text).await?;
        Ok(0)
    })
}

pub(super) fn help<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let patterns: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
        if patterns.is_empty() {
            let version = shell.vars.text("BASH_VERSION").unwrap_or_default();
            let mut text = format!("GNU bash, version {version} (x86_64-pc-linux-gnu)\n");
            text.push_str(
                "The commands below are part of the shell itself. `help NAME' shows how one is called.\n\n",
            );
            for builtin in names(shell.flavor) {
                text.push_str(&format!(" {}\n", builtin.usage));
            }
            shell.out_text(&text).await?;
            return Ok(0);
        }
        let mut status = 0;
        for name in patterns {
            match find(name, shell.flavor) {
                Some(builtin) => {
                    let line = format!("{name}: {}\n", builtin.usage);
                    shell.out_text(&line).await?;
                }
                None => {
                    let message = format!(
                        "no help topics match `{name}'.  Try `help help' or `man -k {name}' or `info {name}'."
                    );
                    status = shell.builtin_error("help", &message).await?;
                }
            }
        }
        Ok(status)
    })
}

/// `complete`: specifications are remembered by the programs' own completers, so only the listing forms matter.
pub(super) fn complete<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        if args.first().is_some_and(|arg| arg == "-p") && args.len() > 1 {
            return shell
                .builtin_error("complete", &format!("{}: no completion specification", args[1]))
                .await;
        }
        Ok(0)
    })
}

pub(super) fn compgen<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let mut candidates: Vec<String> = Vec::new();
        let mut word = String::new();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            match arg.as_str() {
                "-W" => {
                    let list = rest.next().cloned().unwrap_or_default();
                    candidates.extend(list.split_whitespace().map(str::to_string));
                }
                "-b" => candidates.extend(names(shell.flavor).map(|builtin| builtin.name.to_string())),
                "-v" => candidates.extend(shell.vars.visible().into_keys().map(str::to_string)),
                "-a" => candidates.extend(shell.aliases.keys().cloned()),
                "-k" => {
                    candidates.extend(super::super::syntax::reserved_words().into_iter().map(str::to_string))
                }
                "-A" => match rest.next().map(String::as_str) {
                    Some("function") => candidates.extend(shell.functions.keys().cloned()),
                    Some("alias") => candidates.extend(shell.aliases.keys().cloned()),
                    _ => {}
                },
                "--" => {}
                other => word = other.to_string(),
            }
        }
        let text: String = candidates
            .into_iter()
            .filter(|candidate| candidate.starts_with(&word))
            .map(|candidate| candidate + "\n")
            .collect();
        shell.out_text(&text).await?;
        Ok(i32::from(text.is_empty()))
    })
}
