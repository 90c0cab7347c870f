//! `jobs`, `fg`, `bg`, `wait`, `disown`, `kill`.

use super::super::interp::{LocalFuture, Outcome};
use super::super::jobs::JobState;
use super::super::state::Shell;
use super::letters;
use crate::image::process::Signal;
use crate::world::ProcessId;

type Args = Vec<String>;

pub(super) fn jobs<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let (flags, from) = match letters(&args, "lnprs") {
            Ok(found) => found,
            Err(flag) => return shell.usage("jobs", &format!("-{flag}: invalid option")).await,
        };
        let sys = shell.sys.clone();
        shell.jobs.refresh(&sys);
        let mut chosen = Vec::new();
        for spec in &args[from..] {
            match shell.jobs.find(spec) {
                Ok(number) => chosen.push(number),
                Err(message) => return shell.builtin_error("jobs", &message).await,
            }
        }
        let numbers: Vec<u32> = shell.jobs.all().iter().map(|job| job.number).collect();
        for number in numbers {
            let Some(job) = shell.jobs.get(number) else { continue };
            let state = job.state;
            let wanted = (chosen.is_empty() || chosen.contains(&number))
                && (!flags.contains(&'r') || state == JobState::Running)
                && (!flags.contains(&'s') || matches!(state, JobState::Stopped(_)));
            if wanted {
                let line = match flags.contains(&'p') {
                    true => job.members.first().map_or(String::new(), |member| format!("{}\n", member.pid)),
                    false => shell.jobs.line(job, flags.contains(&'l')),
                };
                shell.out_text(&line).await?;
            }
            if matches!(state, JobState::Done(_)) && (chosen.is_empty() || wanted) {
                shell.reap(number).await;
                shell.jobs.remove(number);
            } else if let Some(job) = shell.jobs.get_mut(number) {
                job.unseen = false;
            }
        }
        Ok(0)
    })
}

async fn job_of(shell: &mut Shell, name: &str, spec: Option<&String>) -> Result<u32, String> {
    let sys = shell.sys.clone();
    shell.jobs.refresh(&sys);
    let spec = spec.cloned().unwrap_or_default();
    let found = shell.jobs.find(if spec.is_empty() { "" } else { &spec });
    found.map_err(|message| format!("{name}: {message}"))
}

pub(super) fn fg<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        if !shell.job_control() {
            return shell.builtin_error("fg", "no job control").await;
        }
        let number = match job_of(shell, "fg", args.first()).await {
            Ok(number) => number,
            Err(message) => {
                shell.complain(&message).await;
                return Ok(1);
            }
        };
        if let Some(job) = shell.jobs.get(number) {
            let text = format!("{}\n", job.text);
            if matches!(job.state, JobState::Done(_)) {
                shell.complain("fg: job has terminated").await;
                shell.reap(number).await;
                shell.jobs.remove(number);
                return Ok(1);
            }
            shell.out_text(&text).await?;
        }
        shell.continue_foreground(number).await
    })
}

pub(super) fn bg<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        if !shell.job_control() {
            return shell.builtin_error("bg", "no job control").await;
        }
        let number = match job_of(shell, "bg", args.first()).await {
            Ok(number) => number,
            Err(message) => {
                shell.complain(&message).await;
                return Ok(1);
            }
        };
        let (current, _) = shell.jobs.current();
        let Some(job) = shell.jobs.get_mut(number) else { return Ok(1) };
        if job.state == JobState::Running {
            return shell.builtin_error("bg", &format!("job {number} already in background")).await;
        }
        job.state = JobState::Running;
        job.unseen = false;
        let mark = if current == Some(number) { '+' } else { ' ' };
        let (group, line) = (job.group, format!("[{number}]{mark} {} &\n", job.text));
        shell.sys.kill_group(group, Signal::Cont);
        shell.out_text(&line).await?;
        Ok(0)
    })
}

pub(super) fn disown<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let (flags, from) = match letters(&args, "ahr") {
            Ok(found) => found,
            Err(flag) => return shell.usage("disown", &format!("-{flag}: invalid option")).await,
        };
        let mut numbers = Vec::new();
        if flags.contains(&'a') {
            numbers = shell.jobs.all().iter().map(|job| job.number).collect();
        } else if args.len() == from {
            match shell.jobs.find("") {
                Ok(number) => numbers.push(number),
                Err(message) => return shell.builtin_error("disown", &message).await,
            }
        }
        for spec in &args[from..] {
            let found = match spec.parse::<u32>() {
                Ok(pid) => shell.jobs.by_pid(pid).ok_or(format!("{spec}: no such job")),
                Err(_) => shell.jobs.find(spec),
            };
            match found {
                Ok(number) => numbers.push(number),
                Err(message) => return shell.builtin_error("disown", &message).await,
            }
        }
        for number in numbers {
            match (flags.contains(&'h'), shell.jobs.get_mut(number)) {
                (true, Some(job)) => job.kept = true,
                _ => shell.jobs.remove(number),
            }
        }
        Ok(0)
    })
}

pub(super) fn wait<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let mut any = false;
        let mut variable = None;
        let mut specs = Vec::new();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            match arg.as_str() {
                "-n" => any = true,
                "-f" | "--" => {}
                "-p" => variable = rest.next().cloned(),
                flag if flag.starts_with('-') => {
                    return shell.usage("wait", &format!("{flag}: invalid option")).await;
                }
                _ => specs.push(arg.clone()),
            }
        }
        let _ = variable;
        if any {
            return wait_any(shell).await;
        }
        if specs.is_empty() {
            let numbers: Vec<u32> = shell.jobs.all().iter().map(|job| job.number).collect();
            for number in numbers {
                if let Err(signal) = wait_job(shell, number).await? {
                    return Ok(signal.exit_code());
                }
            }
            return Ok(0);
        }
        let mut status = 0;
        for spec in &specs {
            status = wait_one(shell, spec).await?;
        }
        Ok(status)
    })
}

async fn wait_one(shell: &mut Shell, spec: &str) -> Outcome {
    let number = if spec.starts_with('%') {
        match shell.jobs.find(spec) {
            Ok(number) => number,
            Err(message) => {
                shell.builtin_error("wait", &message).await?;
                return Ok(127);
            }
        }
    } else {
        let Ok(pid) = spec.parse::<u32>() else {
            shell.builtin_error("wait", &format!("`{spec}': not a pid or valid job spec")).await?;
            return Ok(1);
        };
        match shell.jobs.by_pid(pid) {
            Some(number) => number,
            None => {
                let known =
                    shell.jobs.finished.iter().find(|(known, _)| *known == pid).map(|(_, status)| *status);
                if let Some(status) = known {
                    return Ok(status);
                }
                shell.builtin_error("wait", &format!("pid {pid} is not a child of this shell")).await?;
                return Ok(127);
            }
        }
    };
    Ok(wait_job(shell, number).await?.unwrap_or_else(Signal::exit_code))
}

/// Waits for a job to end and forgets it; `Err` is a trapped signal that came first.
async fn wait_job(shell: &mut Shell, number: u32) -> Result<Result<i32, Signal>, super::super::interp::Flow> {
    let Some(job) = shell.jobs.get(number).cloned() else { return Ok(Ok(127)) };
    let mut status = 0;
    for member in &job.members {
        status = match member.status {
            Some(status) => status,
            None => {
                let sys = shell.sys.clone();
                match shell.unless_trapped(async move { sys.wait(member.id).await }).await? {
                    Ok(status) => status,
                    Err(signal) => return Ok(Err(signal)),
                }
            }
        };
        if let Some(job) = shell.jobs.get_mut(number) {
            job.state = JobState::Done(status);
        }
    }
    if shell.interactive
        && let Some(job) = shell.jobs.get(number)
    {
        let line = shell.jobs.line(job, false);
        shell.err_text(&line).await?;
    }
    shell.jobs.remove(number);
    Ok(Ok(status))
}

async fn wait_any(shell: &mut Shell) -> Outcome {
    let jobs: Vec<(u32, ProcessId)> =
        shell.jobs.all().iter().filter_map(|job| Some((job.number, job.members.last()?.id))).collect();
    if jobs.is_empty() {
        return Ok(127);
    }
    let sys = shell.sys.clone();
    let waits = jobs.iter().map(|(_, id)| {
        let sys = sys.clone();
        Box::pin(async move { sys.wait(*id).await })
    });
    let (status, at, _) = futures_util::future::select_all(waits).await;
    let number = jobs[at].0;
    if let Some(job) = shell.jobs.get_mut(number) {
        job.state = JobState::Done(status);
    }
    shell.jobs.remove(number);
    Ok(status)
}

pub(super) fn kill<'a>(shell: &'a mut Shell, args: Args) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let mut signal = Some(Signal::Term);
        let mut rest = args.as_slice();
        match rest.first().map(String::as_str) {
            None => return shell.usage("kill", "").await,
            Some("-l" | "-L") => return list_signals(shell, &rest[1..]).await,
            Some("--") => rest = &rest[1..],
            Some(flag @ ("-s" | "-n")) => {
                let Some(name) = rest.get(1) else {
                    return shell
                        .builtin_error("kill", &format!("{flag}: option requires an argument"))
                        .await;
                };
                signal = named(name);
                if signal.is_none() && name != "0" {
                    return shell
                        .builtin_error("kill", &format!("{name}: invalid signal specification"))
                        .await;
                }
                rest = &rest[2..];
            }
            Some(flag) if flag.starts_with('-') => {
                signal = named(&flag[1..]);
                if signal.is_none() && flag != "-0" {
                    let message = format!("{}: invalid signal specification", &flag[1..]);
                    return shell.builtin_error("kill", &message).await;
                }
                rest = &rest[1..];
            }
            Some(_) => {}
        }
        if rest.is_empty() {
            return shell.usage("kill", "").await;
        }
        let mut status = 0;
        for target in rest {
            status |= kill_one(shell, target, signal).await?;
        }
        // A signal to oneself takes effect before the next command.
        shell.sys.yield_now().await;
        Ok(status)
    })
}

fn named(text: &str) -> Option<Signal> {
    Signal::parse(text)
}

async fn kill_one(shell: &mut Shell, target: &str, signal: Option<Signal>) -> Outcome {
    if target.starts_with('%') {
        let sys = shell.sys.clone();
        shell.jobs.refresh(&sys);
        let number = match shell.jobs.find(target) {
            Ok(number) => number,
            Err(message) => return shell.builtin_error("kill", &message).await,
        };
        let Some(job) = shell.jobs.get(number) else { return Ok(1) };
        let stopped = matches!(job.state, JobState::Stopped(_));
        for member in &job.members {
            if let Some(signal) = signal {
                shell.sys.kill(member.id, signal);
            }
        }
        if stopped && matches!(signal, Some(Signal::Term | Signal::Hup)) {
            shell.sys.kill_group(job.group, Signal::Cont);
        }
        return Ok(0);
    }
    let Ok(pid) = target.parse::<i64>() else {
        let message = format!("{target}: arguments must be process or job IDs");
        return shell.builtin_error("kill", &message).await;
    };
    let found = u32::try_from(pid.unsigned_abs()).ok().and_then(|pid| shell.sys.find_process(pid));
    match (found, signal) {
        (Some(id), Some(signal)) if pid > 0 => shell.sys.kill(id, signal),
        (Some(id), Some(signal)) => shell.sys.kill_group(id, signal),
        (Some(_), None) => {}
        (None, _) => {
            shell.complain(&format!("kill: ({target}) - No such process")).await;
            return Ok(1);
        }
    }
    Ok(0)
}

async fn list_signals(shell: &mut Shell, args: &[String]) -> Outcome {
    if args.is_empty() {
        let text = super::trap::signal_table();
        shell.out_text(&text).await?;
        return Ok(0);
    }
    for arg in args {
        let number = arg.parse::<i32>().ok().map(|n| if n > 128 { n - 128 } else { n });
        let shown = match (number, super::trap::number_of(arg)) {
            (Some(number), _) => super::trap::name_of(number).map(str::to_string),
            (None, Some(number)) => Some(number.to_string()),
            (None, None) => None,
        };
        match shown {
            Some(text) => shell.out_text(&format!("{text}\n")).await?,
            None => {
                return shell.builtin_error("kill", &format!("{arg}: invalid signal specification")).await;
            }
        }
    }
    Ok(0)
}
