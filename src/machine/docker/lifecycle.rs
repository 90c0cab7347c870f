//! A container's life as people ask for it: start, stop, kill, pause, restart, remove. Delays are moments
//! kept in the container's state; an early wake-up changes nothing. Never runs a program.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::SimTime;
use crate::image::files::FileTree;
use crate::image::process::{
    ContainerId, Mount, MountSource, NetNsId, NetNsSpec, RuntimeRequest, Signal, StartContainer,
};

use super::container::{Container, MountPoint, Status};
use super::host::{Limits, RestartPolicy};
use super::{Engine, EngineError, REMOVED_LIMIT};

/// The machine's own network namespace.
pub const HOST_NETNS: &str = "machine";
/// What containerd and the engine put before runc's words.
pub const START_FAILED: &str = "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ";

/// The namespace a container has its network in.
pub fn netns_of(container: &Container) -> NetNsId {
    match container.network() {
        "host" => NetNsId(HOST_NETNS.to_owned()),
        _ => NetNsId(format!("docker/{}", container.id)),
    }
}

impl Engine {
    /// Asks the runtime to start a container. `busy` are the ports that the machine's own programs listen on. Whether
    /// it came up shows when `state.starting` has gone: running or exited, or created still, with `state.error`.
    ///
    /// # Errors
    /// No such network, a port that is taken.
    pub fn start(&mut self, id: &ContainerId, busy: &BTreeSet<u16>, now: SimTime) -> Result<(), EngineError> {
        let container = self.get_mut(id)?;
        if container.state.status == Status::Paused {
            return Err(EngineError::conflict("cannot start a paused container, try unpause instead"));
        }
        if container.state.status == Status::Running || container.state.starting {
            return Ok(());
        }
        container.state.stopped_by_hand = false;
        container.state.restart_at = None;
        container.state.restart_count = 0;
        self.launch(id, busy, now).inspect_err(|error| self.note_failed_start(id, &error.message, 128))
    }

    pub(super) fn launch(
        &mut self,
        id: &ContainerId,
        busy: &BTreeSet<u16>,
        now: SimTime,
    ) -> Result<(), EngineError> {
        let (network, wanted, names) = match self.containers.get(id) {
            Some(c) => {
                let mut names = vec![c.name.clone(), c.id.short().to_owned()];
                names.extend(c.host.network_aliases.iter().cloned());
                (c.network().to_owned(), c.host.address.clone(), names)
            }
            None => return Err(EngineError::no_such_container(&id.0)),
        };
        self.user_exists(id)?;
        if let Some(other) = network.strip_prefix("container:") {
            self.shares_network(id, other)?;
        } else {
            let mut rng = self.draw("endpoint");
            let found = self.networks.find_mut(&network).ok_or_else(|| {
                EngineError::not_found(format!(
                    "failed to set up container networking: network {network} not found"
                ))
            })?;
            found.connect(id, names, &wanted, &mut rng)?;
            self.join_more(id)?;
        }
        let ports = self.settle_ports(id, busy).inspect_err(|_| self.networks.disconnect_all(id))?;
        let host = self.containers.get(id).map(|c| c.host.clone()).unwrap_or_default();
        super::admission::at_start(self, &host).inspect_err(|_| self.networks.disconnect_all(id))?;
        let pid = 1000 + self.drawn as u32 * 7 % 30_000;
        let (netns, spec, start) = {
            let first = self.networks.of_container(id).next();
            let internal = first.is_some_and(|(n, _)| n.has_names());
            let ip = first.map(|(_, e)| e.address.clone()).unwrap_or_default();
            let Some(container) = self.containers.get_mut(id) else { return Ok(()) };
            super::etc::at_start(container, &ip, internal, now);
            let container = &*container;
            (netns_of(container), netns_spec(container, &ip, &network), start_request(container, &ip))
        };
        let container = self.get_mut(id)?;
        container.published = ports;
        container.state.starting = true;
        container.state.pid = pid;
        container.state.error.clear();
        container.state.starts += 1;
        if netns.0 != HOST_NETNS {
            self.requests.push(RuntimeRequest::CreateNetNs { id: netns, spec });
        }
        self.requests.push(RuntimeRequest::Start(Box::new(start)));
        self.note_volumes(now, id, "mount");
        self.note_network(now, id, "connect");
        self.note(now, id, "start", []);
        Ok(())
    }

    /// Puts a container on its networks beside the first.
    fn join_more(&mut self, id: &ContainerId) -> Result<(), EngineError> {
        let Some(container) = self.containers.get(id) else { return Ok(()) };
        let own = vec![container.name.clone(), id.short().to_owned()];
        for joined in container.host.more_networks.clone() {
            let mut rng = self.draw("endpoint");
            let found = self.networks.find_mut(&joined.network).ok_or_else(|| {
                EngineError::not_found(format!(
                    "failed to set up container networking: network {} not found",
                    joined.network
                ))
            })?;
            found.connect(id, [own.clone(), joined.aliases].concat(), &joined.address, &mut rng)?;
        }
        Ok(())
    }

    pub(super) fn note_failed_start(&mut self, id: &ContainerId, error: &str, code: i32) {
        if let Ok(container) = self.get_mut(id) {
            container.state.starting = false;
            container.state.error = error.to_owned();
            container.state.exit_code = code;
            container.published.clear();
        }
        self.networks.disconnect_all(id);
    }

    /// Notes that a container ran and ended elsewhere, as a failed step of the legacy builder.
    pub fn note_exited(&mut self, id: &ContainerId, code: i32, now: SimTime) {
        if let Ok(container) = self.get_mut(id) {
            container.state.status = Status::Exited;
            container.state.exit_code = code;
            container.state.started = Some(now);
            container.state.finished = Some(now);
        }
    }

    /// Begins to stop a container: its stop signal now, SIGKILL after the timeout. It has stopped when it no longer
    /// runs.
    pub fn stop(
        &mut self,
        id: &ContainerId,
        timeout: Option<Duration>,
        now: SimTime,
    ) -> Result<(), EngineError> {
        self.stop_by(id, None, timeout, now)
    }

    /// As [`Self::stop`], by a signal of one's own.
    pub fn stop_by(
        &mut self,
        id: &ContainerId,
        signal: Option<Signal>,
        timeout: Option<Duration>,
        now: SimTime,
    ) -> Result<(), EngineError> {
        let container = self.get_mut(id)?;
        container.state.stopped_by_hand = true;
        container.state.restart_at = None;
        match container.state.status {
            Status::Restarting => {
                container.state.status = Status::Exited;
                return Ok(());
            }
            status if !status.is_running() => return Ok(()),
            _ => {}
        }
        let timeout = timeout.unwrap_or(container.stop_timeout);
        container.state.kill_at = Some(now + timeout);
        let signal = signal.or_else(|| Signal::parse(&container.stop_signal)).unwrap_or(Signal::Term);
        self.signal(id, signal, now);
        if timeout.is_zero() {
            self.advance(now);
        }
        Ok(())
    }

    /// Whether the user that a container is to run as is in its image.
    fn user_exists(&self, id: &ContainerId) -> Result<(), EngineError> {
        self.containers.get(id).map_or(Ok(()), |container| container.knows_user(&container.user))
    }

    /// Whether another container's network can be joined.
    fn shares_network(&self, id: &ContainerId, other: &str) -> Result<(), EngineError> {
        let found = self.find(other).map_err(|error| {
            EngineError::server(format!("joining network namespace of container: {error}"))
        })?;
        if found.id == *id {
            return Err(EngineError::server("cannot join own network namespace"));
        }
        if !found.state.status.is_running() {
            return Err(EngineError::conflict(format!(
                "cannot join network namespace of a non running container: container {} is {}",
                found.name,
                found.state.status.name()
            )));
        }
        Ok(())
    }

    /// Stops a container and starts it again.
    pub fn restart(
        &mut self,
        id: &ContainerId,
        timeout: Option<Duration>,
        busy: &BTreeSet<u16>,
        now: SimTime,
    ) -> Result<(), EngineError> {
        if self.container(id).is_some_and(|c| c.state.status.is_running()) {
            self.stop(id, timeout, now)?;
            self.get_mut(id)?.state.start_again = true;
            return Ok(());
        }
        self.start(id, busy, now)
    }

    /// Sends a signal to a running container's first process.
    ///
    /// # Errors
    /// The container does not run.
    pub fn kill(&mut self, text: &str, signal: Signal, now: SimTime) -> Result<(), EngineError> {
        let failed =
            |e: EngineError| EngineError { message: format!("cannot kill container: {text}: {e}"), ..e };
        let id = self.find_id(text).map_err(failed)?;
        let container = self.get_mut(&id)?;
        if !container.state.status.is_running() {
            return Err(failed(EngineError::conflict(format!("container {id} is not running"))));
        }
        if matches!(signal, Signal::Kill | Signal::Term) || signal.name() == container.stop_signal {
            container.state.stopped_by_hand = true;
        }
        self.signal(&id, signal, now);
        Ok(())
    }

    pub(super) fn signal(&mut self, id: &ContainerId, signal: Signal, now: SimTime) {
        if self.container(id).is_some_and(|c| c.state.status == Status::Paused) && signal == Signal::Kill {
            self.requests.push(RuntimeRequest::Pause { id: id.clone(), paused: false });
        }
        self.requests.push(RuntimeRequest::Signal { id: id.clone(), signal });
        self.note(now, id, "kill", [("signal", signal.number().to_string())]);
        self.touch();
    }

    /// Freezes or thaws a container.
    pub fn pause(&mut self, id: &ContainerId, paused: bool, now: SimTime) -> Result<(), EngineError> {
        let container = self.get_mut(id)?;
        match (container.state.status, paused) {
            (Status::Running, true) => container.state.status = Status::Paused,
            (Status::Paused, false) => container.state.status = Status::Running,
            (Status::Paused, true) => {
                return Err(EngineError::conflict(format!("Container {id} is already paused")));
            }
            (_, true) => return Err(EngineError::conflict(format!("container {id} is not running"))),
            (_, false) => return Err(EngineError::conflict(format!("Container {id} is not paused"))),
        }
        self.requests.push(RuntimeRequest::Pause { id: id.clone(), paused });
        self.note(now, id, if paused { "pause" } else { "unpause" }, []);
        Ok(())
    }

    /// Removes a container, with `force` also a running one.
    pub fn remove(
        &mut self,
        text: &str,
        force: bool,
        volumes: bool,
        now: SimTime,
    ) -> Result<(), EngineError> {
        let id = self.find_id(text)?;
        let Some(container) = self.container(&id) else { return Ok(()) };
        if !force {
            let why = match container.state.status {
                Status::Running => "container is running: stop the container before removing or force remove",
                Status::Paused => "container is paused and must be unpaused first",
                Status::Restarting => {
                    "container is restarting: stop the container before removing or force remove"
                }
                _ => "",
            };
            if !why.is_empty() {
                return Err(EngineError::conflict(format!("cannot remove container \"{text}\": {why}")));
            }
        }
        if container.state.status.is_running() {
            self.signal(&id, Signal::Kill, now);
            let ran = container_ran(self.container(&id), now);
            self.note(now, &id, "die", [("execDuration", ran), ("exitCode", "137".to_owned())]);
        }
        self.forget(&id, volumes, now);
        Ok(())
    }

    /// Takes a container and, if asked, its unnamed volumes away.
    pub(super) fn forget(&mut self, id: &ContainerId, volumes: bool, now: SimTime) {
        self.note(now, id, "destroy", []);
        self.networks.disconnect_all(id);
        let Some(container) = self.containers.remove(id) else { return };
        self.requests.push(RuntimeRequest::Remove { id: id.clone() });
        let netns = netns_of(&container);
        if netns.0 != HOST_NETNS {
            self.requests.push(RuntimeRequest::RemoveNetNs { id: netns });
        }
        for mount in container.mounts.iter().filter(|_| volumes) {
            if self.volumes.find(&mount.name).is_some_and(|v| v.anonymous) {
                // Another container may still use it; then it stays.
                let _kept = self.volumes.remove(&mount.name, &self.volume_users(&mount.name));
            }
        }
        let mut container = container;
        if container.state.status.is_running() {
            container.state.status = Status::Exited;
            container.state.exit_code = Signal::Kill.exit_code();
        }
        container.state.starting = false;
        self.removed.push_back(container);
        if self.removed.len() > REMOVED_LIMIT {
            self.removed.pop_front();
        }
        self.touch();
    }

    /// The ids of containers that mount a volume.
    pub fn volume_users(&self, name: &str) -> Vec<String> {
        let using = self.containers.values().filter(|c| c.mounts.iter().any(|m| m.name == name));
        using.map(|c| c.id.to_string()).collect()
    }

    /// Changes the restart policy and limits; `change` gets the limits there are.
    pub fn update(
        &mut self,
        text: &str,
        restart: Option<RestartPolicy>,
        change: impl Fn(&mut Limits),
        now: SimTime,
    ) -> Result<(), EngineError> {
        let mut asked = Limits::default();
        change(&mut asked);
        super::admission::limits(&asked, true)?;
        let id = self.find_id(text)?;
        let host = &mut self.get_mut(&id)?.host;
        let mut limits = host.limits.clone();
        change(&mut limits);
        let swap_kept = limits.memory_swap_bytes == host.limits.memory_swap_bytes;
        if limits.memory_bytes != host.limits.memory_bytes
            && limits.memory_bytes > host.limits.swap_bytes()
            && swap_kept
        {
            return Err(cannot_update(
                &id,
                "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
            ));
        }
        let host = &mut self.get_mut(&id)?.host;
        if restart.is_some_and(|restart| restart != RestartPolicy::No) && host.auto_remove {
            return Err(cannot_update(
                &id,
                "Restart policy cannot be updated because AutoRemove is enabled for the container",
            ));
        }
        host.restart = restart.unwrap_or(host.restart);
        host.limits = limits;
        self.note(now, &id, "update", []);
        Ok(())
    }

    /// Puts a running container on one more network.
    pub fn connect(
        &mut self,
        network: &str,
        text: &str,
        aliases: Vec<String>,
        address: &str,
        now: SimTime,
    ) -> Result<(), EngineError> {
        let id = self.find_id(text)?;
        let name = self.find(text)?.name.clone();
        let mut rng = self.draw("endpoint");
        let found = self.networks.find_mut(network);
        let found = found.ok_or_else(|| EngineError::not_found(format!("network {network} not found")))?;
        if found.driver == "host" {
            return Err(EngineError::server(
                "cannot connect container to host network - container must be created in host network mode",
            ));
        }
        if found.endpoints.contains_key(&id) {
            let network = &found.name;
            return Err(EngineError::conflict(format!(
                "endpoint with name {name} already exists in network {network}"
            )));
        }
        let names = [vec![name.clone(), id.short().to_owned()], aliases].concat();
        found.connect(&id, names, address, &mut rng)?;
        let network = found.id.clone();
        self.events.add(now, "network", "connect", &network, [("container", id.0), ("name", name)]);
        self.touch();
        Ok(())
    }

    /// Takes a container off a network.
    pub fn disconnect(&mut self, network: &str, text: &str, now: SimTime) -> Result<(), EngineError> {
        let id = self.find_id(text)?;
        let found = self.networks.find_mut(network);
        let found = found.ok_or_else(|| EngineError::not_found(format!("network {network} not found")))?;
        if found.endpoints.remove(&id).is_none() {
            let name = &found.name;
            return Err(EngineError::conflict(format!("container {id} is not connected to network {name}")));
        }
        let network = found.id.clone();
        self.events.add(now, "network", "disconnect", &network, [("container", id.0)]);
        self.touch();
        Ok(())
    }
}

fn cannot_update(id: &ContainerId, why: &str) -> EngineError {
    EngineError::conflict(format!("Cannot update container {id}: {why}"))
}

/// How long a container has run, in whole seconds.
fn container_ran(container: Option<&Container>, now: SimTime) -> String {
    let started = container.and_then(|c| c.state.started).unwrap_or(now);
    now.since(started).as_secs().to_string()
}

fn netns_spec(container: &Container, ip: &str, network: &str) -> NetNsSpec {
    let hosts = container.host.names.hosts.iter().filter_map(|h| h.split_once([':', '=']));
    let hosts = hosts.map(|(name, address)| {
        let address = if address == "host-gateway" { "172.17.0.1" } else { address };
        (name.to_owned(), address.to_owned())
    });
    NetNsSpec {
        hostname: container.hostname.clone(),
        ip: ip.to_owned(),
        node: network.to_owned(),
        hosts: hosts.collect(),
    }
}

fn start_request(container: &Container, ip: &str) -> StartContainer {
    let mut env = container.env.clone();
    let at = env.iter().position(|(n, _)| n == "PATH").map_or(0, |p| p + 1);
    env.insert(at, ("HOSTNAME".to_owned(), container.hostname.clone()));
    if container.tty && !env.iter().any(|(n, _)| n == "TERM") {
        env.insert(at + 1, ("TERM".to_owned(), "xterm".to_owned()));
    }
    if !env.iter().any(|(n, _)| n == "HOME") {
        env.push(("HOME".to_owned(), home_of(&container.files, &container.user)));
    }
    StartContainer {
        id: container.id.clone(),
        image: container.image.clone(),
        files: container.files.clone(),
        argv: container.argv(),
        env,
        workdir: if container.workdir.is_empty() { "/".to_owned() } else { container.workdir.clone() },
        user: container.user.clone(),
        hostname: container.hostname.clone(),
        netns: netns_of(container),
        ip: ip.to_owned(),
        mounts: container
            .mounts
            .iter()
            .map(mounted)
            .chain(container.host.tmpfs.keys().map(|path| in_memory(path)))
            .collect(),
        tty: container.tty,
        stdin_open: container.open_stdin,
        memory_limit_bytes: u64::try_from(container.host.limits.memory_bytes).ok().filter(|bytes| *bytes > 0),
        read_only_root: container.host.read_only_root,
        termination_log: None,
        init: container.host.init,
    }
}

fn mounted(point: &MountPoint) -> Mount {
    Mount { path: point.target.clone(), source: point.content.clone(), read_only: point.read_only }
}

fn in_memory(path: &str) -> Mount {
    Mount { path: path.to_owned(), source: MountSource::Tree(FileTree::new()), read_only: false }
}

/// The home directory that `/etc/passwd` of a container gives a user; `/root` for root, else `/`.
pub fn home_of(files: &FileTree, user: &str) -> String {
    let user = user.split(':').next().unwrap_or_default();
    if user.is_empty() || user == "root" || user == "0" {
        return "/root".to_owned();
    }
    let passwd = files.read_text("/etc/passwd").unwrap_or_default();
    let line = passwd.lines().find(|l| {
        let mut fields = l.split(':');
        fields.next() == Some(user) || fields.nth(1) == Some(user)
    });
    line.and_then(|l| l.split(':').nth(5)).unwrap_or("/").to_owned()
}
