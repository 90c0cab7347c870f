//! RUN: a command in a container made of the stage so far; its output, its end, and the files it leaves.

use std::time::Duration;

use crate::image::Image;
use crate::image::files::FileTree;
use crate::image::process::{ContainerId, NetNsId, StartContainer};
use crate::programs::docker::Docker;

use super::progress::{Progress, REDRAW};
use super::step::Built;

/// How long one RUN may take in virtual time before it is stopped.
const RUN_LIMIT: Duration = Duration::from_secs(3600);

/// How a RUN ended.
pub enum Outcome {
    Files(FileTree),
    /// The command ended with this code, or could not be started (its sentence).
    Exit(i32),
    NotStarted(String),
}

/// Takes a step's container away, also when the client is interrupted.
struct Guard<'a> {
    docker: &'a Docker,
    id: ContainerId,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.docker.engine(|engine, _| engine.end_step(&self.id));
    }
}

/// Runs `argv` on the stage's files.
pub async fn run(
    docker: &Docker,
    built: &Built,
    argv: Vec<String>,
    progress: &mut Progress<'_>,
    vertex: usize,
) -> Outcome {
    if let Err(error) = crate::machine::docker::container::knows_user(&built.tree, &built.config.user) {
        return Outcome::NotStarted(error.to_string());
    }
    let start = request(docker, built, argv);
    let id = start.id.clone();
    let _guard = Guard { docker, id: id.clone() };
    docker.engine(|engine, _| engine.begin_step(start));
    let limit = docker.call.sys.now() + RUN_LIMIT;
    let mut cursor = crate::programs::docker::logs::Cursor::default();
    loop {
        let (pieces, end, epoch) = docker.call.sys.with(|w| {
            let epoch = w.epoch();
            let Some(step) = w.machine.docker.step(&id) else {
                return (Vec::new(), Some(Err(String::new())), epoch);
            };
            (cursor.read_logs(&step.logs), step.end.clone(), epoch)
        });
        for (stream, _, _, bytes) in pieces {
            for line in String::from_utf8_lossy(&bytes).lines() {
                progress.log(vertex, line).await;
                progress.note_stream(vertex, stream);
            }
        }
        match end {
            Some(Ok(0)) => {
                let files = docker.call.sys.view(|w| w.container_files(&id).cloned());
                return Outcome::Files(files.unwrap_or_else(|| built.tree.clone()));
            }
            Some(Ok(code)) => return Outcome::Exit(code),
            Some(Err(error)) => return Outcome::NotStarted(error),
            None if docker.call.sys.now() >= limit => return Outcome::Exit(137),
            None => {
                let pause = if progress.moves() { REDRAW } else { RUN_LIMIT };
                let _woken = docker.call.sys.timeout(pause, docker.call.sys.changed(epoch)).await;
                progress.tick().await;
            }
        }
    }
}

fn request(docker: &Docker, built: &Built, argv: Vec<String>) -> StartContainer {
    let id = ContainerId(docker.engine(|engine, _| engine.draw("step").hex(64)));
    let mut env = built.config.env.clone();
    for (name, value) in &built.args {
        if !env.iter().any(|(n, _)| n == name) {
            env.push((name.clone(), value.clone()));
        }
    }
    if !env.iter().any(|(n, _)| n == "HOME") {
        env.push(("HOME".to_owned(), "/root".to_owned()));
    }
    let workdir = if built.config.workdir.is_empty() { "/".to_owned() } else { built.config.workdir.clone() };
    StartContainer {
        netns: NetNsId(format!("docker/{id}")),
        id,
        image: std::rc::Rc::new(Image::new(crate::image::config::ImageParts::default())),
        files: built.tree.clone(),
        argv,
        env,
        workdir,
        user: built.config.user.clone(),
        hostname: "buildkitsandbox".to_owned(),
        ip: String::new(),
        mounts: Vec::new(),
        tty: false,
        stdin_open: false,
        memory_limit_bytes: None,
        read_only_root: false,
        termination_log: None,
        init: false,
    }
}
