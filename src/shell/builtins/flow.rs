//! Builtins that steer: loops, functions, exit, eval, source, exec, let.

use super::super::interp::{Flow, LocalFuture, Origin, Outcome};
use super::super::state::Shell;

type Args = Vec<String>;

pub(super) fn colon<'a>(_: &'a mut Shell, _: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async { Ok(0) })
}

pub(super) fn true_<'a>(_: &'a mut Shell, _: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async { Ok(0) })
}

pub(super) fn false_<'a>(_: &'a mut Shell, _: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async { Ok(1) })
}

pub(super) fn break_<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move { leave_loop(shell, "break", &args, Flow::Break).await })
}

pub(super) fn continue_<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move { leave_loop(shell, "continue", &args, Flow::Continue).await })
}

async fn leave_loop(shell: &mut Shell, name: &str, args: &[String], flow: fn(u32) -> Flow) -> Outcome {
    if shell.loop_depth == 0 {
        if shell.is_bash() {
            let message = "only meaningful in a `for', `while', or `until' loop";
            shell.builtin_error(name, message).await?;
        }
        return Ok(0);
    }
    let count = match args.first().map(|text| text.parse::<i64>()) {
        None => 1,
        Some(Ok(n)) if n > 0 => n,
        Some(Ok(n)) => {
            shell.builtin_error(name, &format!("{n}: loop count out of range")).await?;
            return Err(Flow::Break(shell.loop_depth));
        }
        Some(Err(_)) => {
            shell.builtin_error(name, &format!("{}: numeric argument required", args[0])).await?;
            return Err(Flow::Exit(128));
        }
    };
    Err(flow(u32::try_from(count).unwrap_or(u32::MAX).min(shell.loop_depth)))
}

pub(super) fn return_<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        if shell.function_names.is_empty() && shell.sources.is_empty() {
            shell.builtin_error("return", "can only `return' from a function or sourced script").await?;
            return Ok(2);
        }
        let status = match args.first() {
            None => shell.status,
            Some(text) => match text.trim().parse::<i64>() {
                Ok(n) => (n & 0xff) as i32,
                Err(_) => {
                    shell.builtin_error("return", &format!("{text}: numeric argument required")).await?;
                    2
                }
            },
        };
        Err(Flow::Return(status))
    })
}

pub(super) fn exit<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        if shell.interactive && shell.is_bash() && shell.subshell_depth == 0 {
            shell.err_text("exit\n").await?;
            shell.jobs.refresh(&shell.sys.clone());
            let stopped = |state| matches!(state, super::super::jobs::JobState::Stopped(_));
            if shell.jobs.all().iter().any(|job| stopped(job.state)) && !shell.warned_of_jobs {
                shell.warned_of_jobs = true;
                shell.err_text("There are stopped jobs.\n").await?;
                return Ok(1);
            }
        }
        let status = match args.first() {
            None => shell.status,
            Some(text) => match text.trim().parse::<i64>() {
                Ok(_) if args.len() > 1 => {
                    shell.builtin_error("exit", "too many arguments").await?;
                    return if shell.interactive { Ok(1) } else { Err(Flow::Abort(1)) };
                }
                Ok(n) => (n & 0xff) as i32,
                Err(_) => {
                    let message = match shell.is_bash() {
                        true => format!("{text}: numeric argument required"),
                        false => format!("Illegal number: {text}"),
                    };
                    shell.builtin_error("exit", &message).await?;
                    2
                }
            },
        };
        Err(Flow::Exit(status))
    })
}

pub(super) fn eval<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let args = if args.first().is_some_and(|arg| arg == "--") { &args[1..] } else { &args[..] };
        let text = args.join(" ");
        if text.trim().is_empty() {
            return Ok(0);
        }
        let replaces = std::mem::take(&mut shell.may_replace);
        shell.nesting += 1;
        let result = shell.run_text(&text, shell.line.max(1), Origin::Eval).await;
        shell.nesting -= 1;
        shell.may_replace = replaces;
        result
    })
}

pub(super) fn let_<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        if args.is_empty() {
            return shell.builtin_error("let", "expression expected").await;
        }
        let mut value = 0;
        for text in &args {
            match shell.arith_value(text) {
                Ok(found) => value = found,
                Err(message) => return shell.builtin_error("let", &message).await,
            }
        }
        Ok(i32::from(value == 0))
    })
}

pub(super) fn source<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    source_as(shell, ".", args)
}

pub(super) fn source_long<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    source_as(shell, "source", args)
}

fn source_as<'a>(shell: &'a mut Shell, called: &'static str, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let args = if args.first().is_some_and(|arg| arg == "--") { args[1..].to_vec() } else { args };
        let Some(name) = args.first() else {
            return shell.usage(called, "filename argument required").await;
        };
        let path = sourced_path(shell, name);
        let text = match shell.sys.read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                let message = match shell.is_bash() {
                    true if path != shell.absolute(name) => format!("{name}: file not found"),
                    true if shell.sys.is_dir(&path) => format!("{called}: {name}: is a directory"),
                    true => format!("{name}: {error}"),
                    false => format!(".: cannot open {name}: No such file"),
                };
                shell.complain(&message).await;
                return if shell.is_bash() { Ok(1) } else { Err(Flow::Exit(2)) };
            }
        };
        run_sourced(shell, name, &text, &args[1..]).await
    })
}

fn sourced_path(shell: &Shell, name: &str) -> String {
    if !name.contains('/') && shell.options.sourcepath {
        let search = shell.vars.text("PATH").unwrap_or_default();
        for directory in search.split(':').filter(|directory| !directory.is_empty()) {
            let path = shell.absolute(&format!("{directory}/{name}"));
            let is_file = shell
                .sys
                .stat(&path)
                .is_ok_and(|entry| matches!(entry.kind, crate::image::EntryKind::File(_)));
            if is_file {
                return path;
            }
        }
    }
    shell.absolute(name)
}

/// Nested sources; beyond it a file that sources itself is stopped.
const MAX_SOURCES: usize = 100;

async fn run_sourced(shell: &mut Shell, name: &str, text: &str, args: &[String]) -> Outcome {
    if shell.sources.len() >= MAX_SOURCES {
        let message = format!("{name}: maximum source nesting level exceeded ({MAX_SOURCES})");
        return shell.abort(&message).await;
    }
    let params = (!args.is_empty()).then(|| std::mem::replace(&mut shell.params, args.to_vec()));
    let (line, replaces) = (shell.line, std::mem::take(&mut shell.may_replace));
    let interactive = std::mem::take(&mut shell.interactive);
    shell.sources.push(name.to_string());
    let result = shell.run_text(text, 1, Origin::File).await;
    shell.sources.pop();
    shell.interactive = interactive;
    shell.may_replace = replaces;
    shell.line = line;
    if let Some(params) = params {
        shell.params = params;
    }
    match result {
        Err(Flow::Return(status)) => Ok(status),
        // A file that cannot be read does not end the shell that sources it.
        Err(Flow::Exit(2)) if shell.status == 2 && interactive => Ok(2),
        other => other,
    }
}

pub(super) fn exec<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let mut env = shell.vars.environment();
        let mut rest = args.as_slice();
        let mut name = None;
        while let Some(flag) = rest.first().filter(|arg| arg.starts_with('-') && arg.len() > 1) {
            match flag.as_str() {
                "-c" => env.clear(),
                "-l" => {}
                "-a" if rest.len() > 1 => {
                    name = Some(rest[1].clone());
                    rest = &rest[1..];
                }
                "--" => {
                    rest = &rest[1..];
                    break;
                }
                other => {
                    let other = other.chars().nth(1).unwrap_or('-');
                    return shell.usage("exec", &format!("-{other}: invalid option")).await;
                }
            }
            rest = &rest[1..];
        }
        if rest.is_empty() {
            shell.status = 0;
            return Ok(0);
        }
        let _ = name;
        shell.run_exec(rest.to_vec(), env).await
    })
}
