//! Creating a container: what the image says, what was asked, and what comes of both. Never starts it.

use std::time::Duration;

use crate::base::SimTime;
use crate::image::process::{ContainerId, MountSource};
use crate::image::{FileTree, Image};

use super::container::{Container, CreateSpec, MountPoint, State, Status};
use super::logs::Logs;
use super::{CONTAINER_LIMIT, Engine, EngineError, names};

/// How long `docker stop` waits when nobody says otherwise.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// What may follow the target of a bind.
const MOUNT_MODES: &[&str] = &[
    "",
    "ro",
    "rw",
    "z",
    "Z",
    "nocopy",
    "shared",
    "rshared",
    "slave",
    "rslave",
    "private",
    "rprivate",
    "consistent",
    "cached",
    "delegated",
];
/// Where programs are looked for when an image does not say.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Engine {
    /// Creates a container of a local image.
    ///
    /// # Errors
    /// No such image, a bad or taken name, nothing to run, a bad mount.
    pub fn create(&mut self, spec: CreateSpec, now: SimTime) -> Result<ContainerId, EngineError> {
        let image = self.images.find(&spec.image_name)?.image.clone();
        super::admission::settings(&spec)?;
        super::admission::at_creation(self, &spec.host)?;
        let name = self.admit_name(&spec.name)?;
        let mut rng = self.draw("container");
        let id = ContainerId(rng.hex(64));
        let name = match name {
            Some(name) => name,
            None => names::generate(&mut rng, |n| self.containers.values().any(|c| c.name == n)),
        };
        let config = &image.config;
        let entrypoint = spec.entrypoint.clone().unwrap_or_else(|| config.entrypoint.clone());
        let keeps_cmd = spec.cmd.is_empty() && spec.entrypoint.is_none();
        let cmd = if keeps_cmd { config.cmd.clone() } else { spec.cmd.clone() };
        if entrypoint.is_empty() && cmd.is_empty() {
            return Err(EngineError::invalid("no command specified"));
        }
        let workdir = spec.workdir.clone().unwrap_or_else(|| config.workdir.clone());
        let hostname = spec.hostname.clone().unwrap_or_else(|| id.short().to_owned());
        let env = environment(&image, &spec);
        let mounts = self.mounts(&image, &spec, now)?;
        let mut exposed = config.exposed_ports.clone();
        for port in spec
            .expose
            .iter()
            .cloned()
            .chain(spec.host.ports.iter().map(|p| format!("{}/{}", p.container_port, p.protocol)))
        {
            if !exposed.contains(&port) {
                exposed.push(port);
            }
        }
        let health = spec.host.health.over(&config.healthcheck);
        let mut labels = config.labels.clone();
        labels.extend(spec.labels.clone());
        self.drawn += 1;
        let container = Container {
            id: id.clone(),
            name,
            created: now,
            order: self.drawn,
            image_name: spec.image_name.clone(),
            entrypoint,
            cmd,
            env,
            workdir,
            user: spec.user.clone().unwrap_or_else(|| config.user.clone()),
            labels,
            exposed,
            tty: spec.tty,
            open_stdin: spec.open_stdin,
            attach: spec.attach,
            stop_signal: spec.stop_signal.clone().unwrap_or_else(|| config.stop_signal.clone()),
            stop_timeout: spec.stop_timeout.unwrap_or(STOP_TIMEOUT),
            host: spec.host,
            mounts,
            state: fresh_state(),
            published: Vec::new(),
            health,
            logs: Logs::default(),
            files: super::etc::files(&image, &hostname, now),
            hostname,
            domainname: spec.domainname.clone(),
            image,
        };
        self.containers.insert(id.clone(), container);
        self.note(now, &id, "create", []);
        self.touch();
        Ok(id)
    }

    /// Whether the settings of a container can be had at all, whatever its image.
    ///
    /// # Errors
    /// What cannot be had.
    pub fn admits(&self, spec: &CreateSpec) -> Result<(), EngineError> {
        super::admission::settings(spec)
    }

    /// Checks a wanted name; `None` when one must be made up.
    fn admit_name(&self, name: &str) -> Result<Option<String>, EngineError> {
        if self.containers.len() >= CONTAINER_LIMIT {
            return Err(EngineError::server(format!(
                "this machine holds at most {CONTAINER_LIMIT} containers"
            )));
        }
        if name.is_empty() {
            return Ok(None);
        }
        let good = |(index, b): (usize, u8)| {
            b.is_ascii_alphanumeric() || index > 0 && matches!(b, b'_' | b'.' | b'-')
        };
        let bare = name.strip_prefix('/').unwrap_or(name);
        if bare.len() < 2 || !bare.bytes().enumerate().all(good) {
            return Err(EngineError::invalid(format!(
                "Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
            )));
        }
        match self.containers.values().find(|c| c.name == bare) {
            Some(holder) => Err(EngineError::conflict(format!(
                "Conflict. The container name \"/{bare}\" is already in use by container \"{}\". You have to remove (or rename) that container to be able to reuse that name.",
                holder.id
            ))),
            None => Ok(Some(bare.to_owned())),
        }
    }

    /// Gives a container another name.
    pub fn rename(&mut self, text: &str, name: &str, now: SimTime) -> Result<(), EngineError> {
        let id = self.find_id(text)?;
        if self.container(&id).is_some_and(|c| c.name == name) {
            return Err(EngineError::invalid("Renaming a container with the same name as its current name"));
        }
        let named = |e: EngineError| match e.message.strip_prefix("Invalid container name (") {
            Some(rest) => {
                let message = format!("Error when allocating new name: Invalid container name (/{rest}");
                EngineError { message, ..e }
            }
            None => EngineError { message: format!("Error when allocating new name: {e}"), ..e },
        };
        let Some(name) = self.admit_name(name).map_err(named)? else { return Ok(()) };
        let container = self.get_mut(&id)?;
        let old = std::mem::replace(&mut container.name, name);
        self.note(now, &id, "rename", [("oldName", format!("/{old}"))]);
        Ok(())
    }

    /// Changes the files of a container that the runtime does not hold yet.
    ///
    /// # Errors
    /// What the change gives, as text.
    pub fn change_files(
        &mut self,
        id: &ContainerId,
        change: impl FnOnce(&mut FileTree) -> Result<(), String>,
    ) -> Result<(), String> {
        let container = self.get_mut(id).map_err(|e| e.to_string())?;
        change(&mut container.files)
    }

    fn mounts(
        &mut self,
        image: &Image,
        spec: &CreateSpec,
        now: SimTime,
    ) -> Result<Vec<MountPoint>, EngineError> {
        let mut mounts = Vec::new();
        for bind in &spec.host.binds {
            let parts: Vec<&str> = bind.split(':').collect();
            let (source, target, mode) = match parts.as_slice() {
                [target] => (None, *target, ""),
                [source, target] => (Some(*source), *target, ""),
                [source, target, mode] => (Some(*source), *target, *mode),
                _ => return Err(EngineError::invalid(format!("invalid volume specification: '{bind}'"))),
            };
            if target == "/" {
                let kind = if source.is_some_and(|s| s.starts_with('/')) { "bind" } else { "volume" };
                return Err(EngineError::invalid(format!(
                    "invalid volume specification: '{bind}': invalid mount config for type \"{kind}\": invalid specification: destination can't be '/'"
                )));
            }
            if let Some(mode) = mode.split(',').find(|m| !MOUNT_MODES.contains(m)) {
                return Err(EngineError::invalid(format!("invalid mode: {mode}")));
            }
            mounts.push(self.mount(image, source, target, mode, now)?);
        }
        for text in &spec.host.volumes_from {
            let (name, mode) = text.split_once(':').unwrap_or((text, ""));
            if !matches!(mode, "" | "ro" | "rw") {
                return Err(EngineError::invalid(format!("invalid mode: {mode}")));
            }
            let others = self.find(name)?.mounts.clone();
            let wanted = others.into_iter().filter(|other| !mounts.iter().any(|m| m.target == other.target));
            let wanted: Vec<MountPoint> = wanted
                .map(|other| MountPoint { read_only: other.read_only || mode == "ro", ..other })
                .collect();
            mounts.extend(wanted);
        }
        for target in &image.config.volumes {
            if !mounts.iter().any(|m| m.target == *target) {
                mounts.push(self.mount(image, None, target, "", now)?);
            }
        }
        Ok(mounts)
    }

    fn mount(
        &mut self,
        image: &Image,
        source: Option<&str>,
        target: &str,
        mode: &str,
        now: SimTime,
    ) -> Result<MountPoint, EngineError> {
        let read_only = mode.split(',').any(|m| m == "ro");
        // A target that is not absolute counts from the root.
        let target = format!("/{}", target.trim_matches('/'));
        if let Some(path) = source.filter(|s| s.starts_with('/')) {
            let content = MountSource::HostPath(path.to_owned());
            let (name, source, mode) = (String::new(), path.to_owned(), mode.to_owned());
            return Ok(MountPoint { kind: "bind", name, source, target, mode, read_only, content });
        }
        let name = source.map_or_else(|| self.draw("volume").hex(64), str::to_owned);
        // A new volume begins with what the image has at that place.
        let start = match image.files().get(&target) {
            Some(entry) if entry.is_dir() => FileTree::from_root(entry.clone()),
            _ => FileTree::new(),
        };
        self.volumes.create(&name, source.is_none(), start, now)?;
        let source = self.volumes.find(&name).map(super::volume::Volume::mountpoint).unwrap_or_default();
        let mode = if mode.is_empty() { "z".to_owned() } else { mode.to_owned() };
        let content = MountSource::Volume(name.clone());
        Ok(MountPoint { kind: "volume", name, source, target, mode, read_only, content })
    }
}

fn fresh_state() -> State {
    State {
        status: Status::Created,
        starting: false,
        exit_code: 0,
        error: String::new(),
        health: None,
        oom_killed: false,
        pid: 0,
        started: None,
        finished: None,
        starts: 0,
        restart_count: 0,
        stopped_by_hand: false,
        kill_at: None,
        restart_at: None,
        start_again: false,
    }
}

/// The image's environment with the asked one over it; PATH is always there.
fn environment(image: &Image, spec: &CreateSpec) -> Vec<(String, String)> {
    let mut env = image.config.env.clone();
    for item in &spec.env {
        match item.split_once('=') {
            Some((name, value)) => set(&mut env, name, value),
            None => env.retain(|(n, _)| n != item),
        }
    }
    if !env.iter().any(|(n, _)| n == "PATH") {
        env.insert(0, ("PATH".to_owned(), PATH.to_owned()));
    }
    env
}

fn set(env: &mut Vec<(String, String)>, name: &str, value: &str) {
    match env.iter_mut().find(|(n, _)| n == name) {
        Some((_, old)) => value.clone_into(old),
        None => env.push((name.to_owned(), value.to_owned())),
    }
}
