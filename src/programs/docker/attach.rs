//! Staying with a running container: its output here, signals from here, its exit code at the end. `docker attach`.

use crate::image::process::{ContainerId, Signal};
use crate::machine::docker::Status;

pub use super::logs::Cursor;

use super::flags::Parsed;
use super::{Docker, logs};

/// After so many SIGINTs that changed nothing the client leaves by itself.
const PATIENCE: u32 = 3;

pub async fn run(docker: Docker, parsed: Parsed) -> i32 {
    let found = docker.view(|engine, _| {
        let container = engine.find(parsed.arg(0))?;
        Ok((container.id.clone(), container.state.status, Cursor::at_end(container)))
    });
    let (id, status, cursor) = match found {
        Ok(found) => found,
        Err(error) => return docker.fail(&error).await,
    };
    let refusal = match status {
        Status::Running => "",
        Status::Paused => "You cannot attach to a paused container, unpause it first\n",
        Status::Restarting => "You cannot attach to a restarting container, wait until it is running\n",
        _ => "You cannot attach to a stopped container, start it first\n",
    };
    if !refusal.is_empty() {
        docker.err(refusal).await;
        return 1;
    }
    docker.engine(|engine, now| engine.note(now, &id, "attach", []));
    let proxy = parsed.get("sig-proxy") != Some("false");
    if proxy {
        docker.call.sys.handle(Signal::Int);
        docker.call.sys.handle(Signal::Term);
    }
    follow(&docker, &id, cursor, true, proxy).await
}

/// What woke a follower.
enum Woken {
    Changed,
    Signal(Signal),
}

/// Follows a container until it ends. `show` prints its output, `proxy` passes signals on to it.
pub async fn follow(docker: &Docker, id: &ContainerId, mut cursor: Cursor, show: bool, proxy: bool) -> i32 {
    let mut signals = 0;
    let (starts, tty) = docker
        .view(|engine, _| engine.container_or_removed(id).map_or((0, false), |c| (c.state.starts, c.tty)));
    loop {
        let (pieces, ended, epoch) = docker.call.sys.with(|w| {
            let epoch = w.epoch();
            let Some(container) = w.machine.docker.container_or_removed(id) else {
                return (Vec::new(), Some(0), epoch);
            };
            let over = !container.state.status.is_running() && !container.state.starting
                || container.state.starts != starts;
            let ended = over.then_some(container.state.exit_code);
            (cursor.read(container), ended, epoch)
        });
        for (stream, _, _, bytes) in pieces.into_iter().filter(|_| show) {
            logs::write(docker, stream, bytes).await;
        }
        if let Some(code) = ended {
            return code;
        }
        let changed = docker.call.sys.changed(epoch);
        let woken = match proxy {
            true => {
                docker.call.sys.interruptible(changed).await.map_or_else(Woken::Signal, |_| Woken::Changed)
            }
            false => {
                changed.await;
                Woken::Changed
            }
        };
        if let Woken::Signal(signal) = woken {
            signals += 1;
            // With a terminal of its own the container gets every Ctrl-C; docker never loses patience.
            if signals >= PATIENCE && !tty {
                docker.err("\ngot 3 SIGTERM/SIGINTs, forcefully exiting\n").await;
                return 1;
            }
            // A container that has just ended cannot be signalled any more; the loop sees its end.
            let _ended = docker.engine(|engine, now| engine.kill(&id.0, signal, now));
        }
    }
}
