//! `docker stop`, `kill`, `restart`, `pause` and `unpause`. Several containers are stopped at the same time.

use std::time::Duration;

use crate::image::process::{ContainerId, Signal};
use crate::machine::docker::EngineError;

use super::Docker;
use super::flags::Parsed;

/// How long removing a stopped container's network takes.
const TEAR_DOWN: Duration = Duration::from_millis(200);

fn timeout(parsed: &Parsed) -> Option<Duration> {
    let seconds = parsed.int("timeout").or(parsed.int("time"))?;
    // A negative number means: wait for ever.
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::from(u32::MAX))))
}

/// The signal of `--signal`; the error is the engine's sentence.
fn signal(parsed: &Parsed) -> Result<Option<Signal>, EngineError> {
    let Some(asked) = parsed.get("signal").filter(|s| !s.is_empty()) else { return Ok(None) };
    match Signal::parse(asked) {
        Some(signal) => Ok(Some(signal)),
        None => Err(EngineError::invalid(format!("invalid signal: {asked}"))),
    }
}

pub async fn stop(docker: Docker, parsed: Parsed) -> i32 {
    let timeout = timeout(&parsed);
    let begin = |name: &str| {
        docker.engine(|engine, now| {
            let id = engine.find_id(name)?;
            let running = engine.container(&id).is_some_and(|c| c.state.status.is_running());
            // A container that does not run gets no signal, so nobody minds a wrong one.
            let signal = signal(&parsed)
                .or_else(|error| if running { Err(error) } else { Ok(None) })
                .map_err(|e| EngineError { message: format!("cannot stop container: {name}: {e}"), ..e })?;
            engine.stop_by(&id, signal, timeout, now)?;
            Ok::<_, EngineError>((id, running))
        })
    };
    let begun: Vec<Result<(ContainerId, bool), _>> = parsed.args.iter().map(|name| begin(name)).collect();
    let mut status = 0;
    let mut errors = Vec::new();
    let mut torn_down = false;
    for (name, begun) in parsed.args.iter().zip(begun) {
        match begun {
            Ok((id, running)) => {
                ended(&docker, &id).await;
                if running && !torn_down {
                    docker.call.sys.sleep(TEAR_DOWN).await;
                    torn_down = true;
                }
                docker.out(format!("{name}\n")).await;
            }
            Err(error) => {
                errors.push(format!("Error response from daemon: {error}\n"));
                status = 1;
            }
        }
    }
    docker.err(errors.concat()).await;
    status
}

/// Waits until a container does not run.
async fn ended(docker: &Docker, id: &ContainerId) {
    docker
        .until(|engine, _| match engine.container(id) {
            Some(c) if c.state.status.is_running() || c.state.start_again => None,
            _ => Some(()),
        })
        .await;
}

pub async fn restart(docker: Docker, parsed: Parsed) -> i32 {
    let timeout = timeout(&parsed);
    let mut status = 0;
    for name in &parsed.args {
        let busy = docker.busy_ports();
        let begun = docker.engine(|engine, now| {
            let id = engine.find_id(name)?;
            engine
                .restart(&id, timeout, &busy, now)
                .map_err(|e| EngineError { message: format!("Cannot restart container {name}: {e}"), ..e })?;
            Ok(id)
        });
        match begun {
            Ok(id) => {
                docker
                    .until(|engine, _| match engine.container(&id) {
                        Some(c) if c.state.start_again || c.state.starting => None,
                        _ => Some(()),
                    })
                    .await;
                docker.call.sys.sleep(TEAR_DOWN).await;
                docker.out(format!("{name}\n")).await;
            }
            Err(error) => status = docker.fail(&error).await,
        }
    }
    status
}

pub async fn kill(docker: Docker, parsed: Parsed) -> i32 {
    let asked = parsed.get("signal").unwrap_or("KILL");
    let mut status = 0;
    for name in &parsed.args {
        let done = docker.engine(|engine, now| match Signal::parse(asked) {
            Some(signal) => engine.kill(name, signal, now),
            None => {
                // A number that is none of this system's is told from a name that is none at all.
                let why = match asked.parse::<i32>() {
                    Ok(number) if number != 0 => format!("the linux daemon does not support signal {number}"),
                    _ => format!("invalid signal: {asked}"),
                };
                Err(EngineError::invalid(format!("cannot kill container: {name}: {why}")))
            }
        });
        match done {
            Ok(()) if Signal::parse(asked) == Some(Signal::Kill) => {
                if let Ok(id) = docker.view(|engine, _| engine.find_id(name)) {
                    ended(&docker, &id).await;
                }
                docker.out(format!("{name}\n")).await;
            }
            Ok(()) => docker.out(format!("{name}\n")).await,
            Err(error) => status = docker.fail(&error).await,
        }
    }
    status
}

async fn freeze(docker: Docker, parsed: Parsed, paused: bool) -> i32 {
    let mut status = 0;
    for name in &parsed.args {
        let done = docker.engine(|engine, now| {
            let id = engine.find_id(name)?;
            engine.pause(&id, paused, now)
        });
        match done {
            Ok(()) => docker.out(format!("{name}\n")).await,
            Err(error) => status = docker.fail(&error).await,
        }
    }
    status
}

pub async fn pause(docker: Docker, parsed: Parsed) -> i32 {
    freeze(docker, parsed, true).await
}

pub async fn unpause(docker: Docker, parsed: Parsed) -> i32 {
    freeze(docker, parsed, false).await
}
