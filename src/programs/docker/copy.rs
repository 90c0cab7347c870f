//! `docker cp`, `diff` and `commit`: files in and out of containers, and what became of them.

use std::rc::Rc;

use crate::image::config::{History, ImageParts};
use crate::image::files::{ChangeKind, FileTree, join, split_parent};
use crate::image::process::ContainerId;
use crate::image::{Image, ImageRef, Layer};
use crate::machine::docker::EngineError;
use crate::world::World;

use super::build::Built;
use super::flags::Parsed;
use super::{Docker, format};

/// The files of a container: where it runs, or as the engine has them.
pub fn files_of(world: &World, id: &ContainerId) -> Option<FileTree> {
    let live = world.container_files(id).cloned();
    live.or_else(|| world.machine.docker.container(id).map(|c| c.files.clone()))
}

/// One side of `docker cp`.
enum Side {
    Machine(String),
    Container(String, String),
}

fn side(docker: &Docker, text: &str) -> Side {
    match text.split_once(':') {
        Some((name, path)) if !text.starts_with(['.', '/']) && !name.is_empty() => {
            Side::Container(name.to_owned(), join("/", path))
        }
        _ => Side::Machine(docker.call.path(text)),
    }
}

pub async fn cp(docker: Docker, parsed: Parsed) -> i32 {
    let (from, to) = (parsed.arg(0), parsed.arg(1));
    let done = match (side(&docker, from), side(&docker, to)) {
        (Side::Container(name, path), Side::Machine(target)) => {
            copy_out(&docker, &name, &path, &target, from)
        }
        (Side::Machine(source), Side::Container(name, path)) => copy_in(&docker, &source, &name, &path, to),
        (Side::Container(..), Side::Container(..)) => {
            Err("copying between containers is not supported".to_owned())
        }
        (Side::Machine(_), Side::Machine(_)) => Err("must specify at least one container source".to_owned()),
    };
    match done {
        Ok(bytes) => {
            if docker.on_terminal() && !parsed.is("quiet") {
                let size = format::size(bytes, 4);
                docker.err(format!("Successfully copied {size} to {to}\n")).await;
            }
            0
        }
        Err(error) => {
            docker.err(format!("{error}\n")).await;
            1
        }
    }
}

fn copy_out(docker: &Docker, name: &str, path: &str, target: &str, typed: &str) -> Result<u64, String> {
    // The client looks at its own side first.
    let parent = split_parent(target).0;
    if !docker.call.sys.is_dir(target) && !docker.call.sys.is_dir(parent) {
        return Err(format!("invalid output path: directory {} does not exist", format::quote(parent)));
    }
    let daemon = |e: &EngineError| format!("Error response from daemon: {e}");
    let sys = &docker.call.sys;
    sys.with(|w| {
        let id = w.machine.docker.find_id(name).map_err(|e| daemon(&e))?;
        let missing =
            || format!("Error response from daemon: Could not find the file {path} in container {name}");
        let files = files_of(w, &id).ok_or_else(missing)?;
        let entry = files.stat(path).map_err(|_| missing())?.clone();
        let base = split_parent(path).1.to_owned();
        let contents = typed.ends_with("/.");
        let into = w.look(sys.host, target, |tree, target| tree.is_dir(target)) == Some(true) && !contents;
        let target = if into { join(target, &base) } else { target.to_owned() };
        w.change(sys.host, &target, |tree, target, now| {
            tree.put(target, crate::image::Entry::clone(&entry))?;
            tree.touch(target, now)
        })
        .map_err(|e| format!("{target}: {e}"))?;
        Ok(entry.size())
    })
}

fn copy_in(docker: &Docker, source: &str, name: &str, path: &str, typed: &str) -> Result<u64, String> {
    let sys = &docker.call.sys;
    sys.with(|w| {
        let missing = || format!("lstat {source}: no such file or directory");
        let entry = w
            .look(sys.host, source, |tree, source| tree.stat(source).ok().cloned())
            .flatten()
            .ok_or_else(missing)?;
        let id = w.machine.docker.find_id(name).map_err(|e| format!("Error response from daemon: {e}"))?;
        let base = split_parent(source).1.to_owned();
        let place = |tree: &mut FileTree| {
            let target = if tree.is_dir(path) { join(path, &base) } else { path.to_owned() };
            if entry.is_dir() && tree.exists(path) && !tree.is_dir(path) {
                return Err("cannot copy directory".to_owned());
            }
            if typed.ends_with('/') && !tree.exists(path) && !entry.is_dir() {
                return Err("no such directory".to_owned());
            }
            if !tree.is_dir(split_parent(&target).0) || typed.ends_with('/') && !tree.is_dir(path) {
                return Err(format!(
                    "Error response from daemon: Could not find the file {} in container {name}",
                    split_parent(&target).0
                ));
            }
            tree.put(&target, crate::image::Entry::clone(&entry)).map_err(|e| e.to_string())?;
            tree.chown_all(&target, "root", "root").map_err(|e| e.to_string())
        };
        match w.container_hosts.get(&id).copied().and_then(|host| w.hosts.get_mut(&host)) {
            Some(host) => place(&mut host.files)?,
            None => w.machine.docker.change_files(&id, place)?,
        }
        Ok(entry.size())
    })
}

pub async fn diff(docker: Docker, parsed: Parsed) -> i32 {
    let changes = docker.call.sys.view(|w| {
        let container = w.machine.docker.find(parsed.arg(0))?;
        let files = files_of(w, &container.id).unwrap_or_default();
        Ok::<_, EngineError>(files.diff(&container.files))
    });
    match changes {
        Ok(changes) => {
            let letter = |kind| match kind {
                ChangeKind::Changed => 'C',
                ChangeKind::Added => 'A',
                ChangeKind::Deleted => 'D',
            };
            let lines: String = changes.iter().map(|c| format!("{} {}\n", letter(c.kind), c.path)).collect();
            docker.out(lines).await;
            0
        }
        Err(error) => docker.fail(&error).await,
    }
}

pub async fn commit(docker: Docker, parsed: Parsed) -> i32 {
    let reference = match parsed.args.get(1).map(|r| ImageRef::parse(r)).transpose() {
        Ok(reference) => reference,
        Err(error) => {
            docker.err(format!("{error}\n")).await;
            return 1;
        }
    };
    let message = parsed.get("message").unwrap_or_default().to_owned();
    let author = parsed.get("author").unwrap_or_default().to_owned();
    let id = docker.call.sys.with(|w| {
        let now = w.now;
        let container = w.machine.docker.find(parsed.arg(0))?;
        let files = files_of(w, &container.id).unwrap_or_default();
        let base = container.image.clone();
        let layer = Rc::new(Layer::between(&container.files, &files));
        let mut config = base.config.clone();
        config.entrypoint.clone_from(&container.entrypoint);
        config.cmd.clone_from(&container.cmd);
        config.env.clone_from(&container.env);
        config.workdir.clone_from(&container.workdir);
        config.user.clone_from(&container.user);
        config.labels.clone_from(&container.labels);
        config.exposed_ports.clone_from(&container.exposed);
        let config = Built::changed(&config, parsed.all("change")).map_err(EngineError::invalid)?;
        let line = History {
            created: now,
            created_by: container.command(),
            comment: message.clone(),
            empty_layer: layer.is_empty(),
        };
        let mut layers = base.layers.clone();
        layers.push(layer);
        let history = base.history.iter().cloned().chain([History { empty_layer: false, ..line }]).collect();
        let image = Rc::new(Image::new(ImageParts {
            config,
            layers,
            history,
            created: now,
            author,
            comment: message,
        }));
        w.machine.docker.images.add(&image, Some(base.id.clone()));
        if let Some(reference) = &reference {
            w.machine.docker.images.tag(reference, &image.id, now);
        }
        w.machine.docker.touch();
        Ok::<_, EngineError>(image.id.clone())
    });
    match id {
        Ok(id) => {
            docker.out(format!("{id}\n")).await;
            0
        }
        Err(error) => docker.fail(&error).await,
    }
}
