//! `docker start`: starts containers that are there.

use crate::image::process::Signal;

use super::flags::Parsed;
use super::{Docker, attach, run};

pub async fn run(docker: Docker, parsed: Parsed) -> i32 {
    if parsed.is("attach") || parsed.is("interactive") {
        return start_attached(docker, parsed).await;
    }
    let mut failed = Vec::new();
    for name in &parsed.args {
        let id = match docker.view(|engine, _| engine.find_id(name)) {
            Ok(id) => id,
            Err(error) => {
                docker.fail(&error).await;
                failed.push(name.clone());
                continue;
            }
        };
        match run::start(&docker, &id).await {
            Ok(()) => {
                docker.call.sys.sleep(run::START_TIME).await;
                docker.out(format!("{name}\n")).await;
            }
            Err((message, _)) => {
                docker.err(format!("Error response from daemon: {message}\n")).await;
                failed.push(name.clone());
            }
        }
    }
    if failed.is_empty() {
        return 0;
    }
    docker.err(format!("Error: failed to start containers: {}\n", failed.join(", "))).await;
    1
}

async fn start_attached(docker: Docker, parsed: Parsed) -> i32 {
    if parsed.args.len() > 1 {
        docker.err("you cannot start and attach multiple containers at once\n").await;
        return 1;
    }
    let found = docker.view(|engine, _| {
        let container = engine.find(parsed.arg(0))?;
        Ok((container.id.clone(), container.tty, attach::Cursor::at_end(container)))
    });
    let (id, tty, cursor) = match found {
        Ok(found) => found,
        Err(error) => return docker.fail(&error).await,
    };
    let terminal = run::attach_streams(&docker, &id, parsed.is("interactive"), tty);
    docker.call.sys.handle(Signal::Int);
    docker.call.sys.handle(Signal::Term);
    if let Err((message, _)) = run::start(&docker, &id).await {
        docker.err(format!("Error response from daemon: {message}\n")).await;
        return 1;
    }
    attach::follow(&docker, &id, cursor, !terminal, true).await
}
