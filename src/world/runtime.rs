//! The container runtime: carries out what the Docker engine and the kubelets ask and reports what became of it.
//! Must never decide anything about containers: policies belong to those who ask.

use std::rc::Rc;

use crate::image::files::{EntryKind, FileTree, FsError, join, split_parent};
use crate::image::process::{
    ContainerId, LogStream, MountSource as ImageMountSource, NetNsSpec, ProbeAction, ProbeResult,
    RuntimeEvent, RuntimeRequest, Signal, StartContainer,
};

use super::container::{LogWriter, Owner};
use super::env::Env;
use super::host::{Host, Limits, Mount, MountSource};
use super::http::HttpRequest;
use super::kernel::{Kernel, Spawn};
use super::network::{NetNs, NetNsId, Refusal};
use super::process::{ExitStatus, ProcessId, State};
use super::sys::{ExecError, Executable};
use super::tty::Tty;
use super::{HostId, Input, Io, Output, World};

/// Rounds of requests and reports in one instant before the rest waits for the next millisecond.
const ROUNDS_LIMIT: usize = 10_000;

/// Bytes kept of a termination log, as the kubelet's limit.
const LAST_WORDS_BYTES: usize = 4096;

/// Most bytes of output that an exec probe reports.
const PROBE_OUTPUT_LIMIT_BYTES: usize = 10 * 1024;

/// How a pod's `/etc/hosts` begins.
const HOSTS_HEAD: &str = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\
    fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";

impl Kernel {
    /// Lets cloud, engine and kubelets work at the present moment and carries out what they ask. True when
    /// anything happened.
    pub(super) fn pump(self: &Rc<Self>) -> bool {
        let mut happened = false;
        for _ in 0..ROUNDS_LIMIT {
            let requests = self.with(|world| {
                let now = world.now;
                world.deliver_events();
                world.machine.advance(now);
                world.cloud.advance(now);
                world.take_runtime_requests()
            });
            let quiet = requests.is_empty() && self.view(|w| w.events.borrow().is_empty());
            for (owner, request) in requests {
                self.carry_out(owner, request);
            }
            if quiet {
                break;
            }
            happened = true;
        }
        self.with(World::wake_watchers) || happened
    }

    fn carry_out(self: &Rc<Self>, owner: Owner, request: RuntimeRequest) {
        match request {
            RuntimeRequest::CreateNetNs { id, spec } => self.with(|w| w.create_netns(owner, id, &spec)),
            RuntimeRequest::RemoveNetNs { id } => drop(self.with(|w| w.remove_netns(&id))),
            RuntimeRequest::Start(start) => self.start_container(owner, *start),
            RuntimeRequest::Signal { id, signal } => self.signal_container(&id, signal),
            RuntimeRequest::Pause { id, paused } => self.pause_container(&id, paused),
            RuntimeRequest::Remove { id } => self.remove_container(&id),
            RuntimeRequest::Probe { id, token, probe, timeout } => {
                self.probe(owner, id, token, probe, timeout)
            }
        }
    }

    fn start_container(self: &Rc<Self>, owner: Owner, start: StartContainer) {
        let id = start.id.clone();
        let argv = start.argv.clone();
        let host = self.with(|world| world.prepare_container(owner, &start));
        match self.start_process(host, &start) {
            Ok(_) => self.with(|w| w.report(RuntimeEvent::Started { id })),
            Err(error) => {
                let (error, code) = start_error(argv.first().map_or("", String::as_str), &error);
                self.with(|w| w.report(RuntimeEvent::StartFailed { id, error, code }));
            }
        }
    }

    fn start_process(self: &Rc<Self>, host: HostId, start: &StartContainer) -> Result<ProcessId, ExecError> {
        let env: Env = start.env.iter().cloned().collect();
        let attached = self.with(|w| w.attachments.remove(&start.id));
        let io = self.container_io(start, attached.as_ref());
        let tty = io.stdin.is_terminal().then(|| attached.and_then(|a| a.tty)).flatten();
        let spec = ContainerProcess {
            host,
            argv: start.argv.clone(),
            env,
            cwd: start.workdir.clone(),
            io,
            tty,
            user: None,
        };
        self.exec(spec, None)
    }

    /// Starts a command in a container (or on any host): its first process, or what `docker exec` adds.
    ///
    /// # Errors
    /// Why it cannot be run.
    pub fn exec(
        self: &Rc<Self>,
        process: ContainerProcess,
        parent: Option<ProcessId>,
    ) -> Result<ProcessId, ExecError> {
        let ContainerProcess { host, argv, env, mut cwd, io, tty, user } = process;
        if cwd.is_empty() {
            // An image that names no working directory starts at the root.
            cwd.push('/');
        }
        let name = argv.first().cloned().unwrap_or_default();
        let search = env.get("PATH").cloned().unwrap_or_default();
        let (program, argv) = self.view(|w| w.find_program(host, &name, &cwd, &search, argv))?;
        let program = self.program(&program).ok_or(ExecError::Format)?;
        let spec = Spawn { host, parent, group: None, argv, env, cwd, io, tty };
        let id = self.spawn(spec, program).map_err(|_| ExecError::Format)?;
        if let Some(user) = user {
            self.with(|w| w.processes.get_mut(&id).map(|process| process.user = user));
        }
        Ok(id)
    }

    fn container_io(self: &Rc<Self>, start: &StartContainer, attached: Option<&Attachment>) -> Io {
        let events = self.view(|w| Rc::clone(&w.events));
        let tty = attached.and_then(|a| a.tty.clone());
        let stdin = match attached {
            Some(attachment) if start.stdin_open => attachment.stdin.clone(),
            // Nobody is attached: a read waits for ever, as on an open pipe that nobody writes to.
            _ if start.stdin_open => self.with(|w| w.never_written_input(&start.id)),
            _ => Input::Null,
        };
        let log = |stream| LogWriter::new(Rc::clone(&events), start.id.clone(), stream, tty.clone());
        match (&tty, start.tty) {
            (Some(tty), true) => {
                let log = LogWriter::new(events, start.id.clone(), LogStream::Stdout, None);
                let out = Output::TerminalAndLog(tty.clone(), log);
                Io { stdin, stdout: out.clone(), stderr: out }
            }
            _ => Io {
                stdin,
                stdout: Output::Log(log(LogStream::Stdout)),
                stderr: Output::Log(log(if start.tty { LogStream::Stdout } else { LogStream::Stderr })),
            },
        }
    }

    fn signal_container(self: &Rc<Self>, id: &ContainerId, signal: Signal) {
        if let Some(process) = self.view(|w| w.first_process(id)) {
            self.signal(process, signal);
        }
    }

    fn pause_container(self: &Rc<Self>, id: &ContainerId, paused: bool) {
        let state = if paused { State::Stopped(Signal::Stop) } else { State::Alive };
        for process in self.view(|w| w.container_processes(id)) {
            self.set_stopped(process, state);
        }
    }

    fn remove_container(self: &Rc<Self>, id: &ContainerId) {
        for process in self.view(|w| w.container_processes(id)) {
            self.end(process, Signal::Kill.exit_code());
        }
        self.with(|w| {
            w.container_owners.remove(id);
            w.termination_logs.remove(id);
            w.idle_inputs.remove(id);
            if let Some(host) = w.container_hosts.remove(id) {
                w.hosts.remove(&host);
            }
        });
    }

    /// A probe runs as a process of its own so that it takes time like everything else.
    fn probe(
        self: &Rc<Self>,
        owner: Owner,
        id: ContainerId,
        token: u64,
        probe: ProbeAction,
        timeout: std::time::Duration,
    ) {
        let host = self.view(|w| w.container_hosts.get(&id).copied());
        let Some(host) = host else {
            let result = ProbeResult::ConnectionRefused;
            return self.with(|w| w.deliver(&owner, RuntimeEvent::ProbeResult { id, token, result }));
        };
        let io = Io { stdin: Input::Null, stdout: Output::Null, stderr: Output::Null };
        let env = self.view(|w| w.hosts.get(&host).map(|h| h.env.clone())).unwrap_or_default();
        let argv = vec!["probe".to_owned()];
        let spec = Spawn { host, parent: None, group: None, argv, env, cwd: "/".into(), io, tty: None };
        let report = id.clone();
        let spawned = self.spawn(spec, |call| {
            Box::pin(async move {
                let sys = call.sys.clone();
                let result =
                    sys.timeout(timeout, run_probe(&call, probe)).await.unwrap_or(ProbeResult::Timeout);
                sys.with(|w| w.deliver(&owner, RuntimeEvent::ProbeResult { id, token, result }));
                0
            })
        });
        if spawned.is_err() {
            let result = ProbeResult::Timeout;
            self.with(|w| w.report(RuntimeEvent::ProbeResult { id: report, token, result }));
        }
    }
}

/// A command to start in a container.
pub struct ContainerProcess {
    /// The container's host.
    pub host: HostId,
    /// The command line.
    pub argv: Vec<String>,
    /// The environment.
    pub env: Env,
    /// The working directory.
    pub cwd: String,
    /// The streams.
    pub io: Io,
    /// The terminal, with `-t`.
    pub tty: Option<Tty>,
    /// Who it runs as, when not as the container does.
    pub user: Option<String>,
}

/// A client that waits to be attached to a container when it starts.
pub struct Attachment {
    /// What the container reads.
    pub stdin: Input,
    /// The terminal that the container gets (`-t`) or whose output it shares.
    pub tty: Option<Tty>,
}

async fn run_probe(call: &super::Call, probe: ProbeAction) -> ProbeResult {
    let sys = &call.sys;
    match probe {
        ProbeAction::Exec { argv } => {
            let (stdout, bytes) = Output::buffer(PROBE_OUTPUT_LIMIT_BYTES);
            let io = Io { stdin: Input::Null, stdout: stdout.clone(), stderr: stdout };
            let code = match sys.run(argv.clone(), &call.env, "/", io).await {
                Ok(0) => return ProbeResult::Ok,
                Ok(code) => code,
                Err(error) => {
                    let (output, code) = start_error(argv.first().map_or("", String::as_str), &error);
                    return ProbeResult::ExecFailed { code, output };
                }
            };
            let output = String::from_utf8_lossy(&bytes.borrow()).into_owned();
            ProbeResult::ExecFailed { code, output }
        }
        ProbeAction::Http { host, port, path, scheme, headers } => {
            let host = if host.is_empty() { sys.own_address() } else { host };
            let mut request = HttpRequest::get(&host, port, &path);
            request.tls = scheme.eq_ignore_ascii_case("https");
            request.headers = vec![
                ("Host".into(), format!("{host}:{port}")),
                ("User-Agent".into(), "kube-probe/1.36".into()),
            ];
            request.headers.extend(headers);
            match sys.http_untraced(request).await {
                Ok(reply) => ProbeResult::HttpStatus {
                    code: reply.status,
                    body: String::from_utf8_lossy(&reply.body).into_owned(),
                },
                Err(Refusal::TimedOut | Refusal::NoRoute) => ProbeResult::Timeout,
                Err(_) => ProbeResult::ConnectionRefused,
            }
        }
        ProbeAction::Tcp { host, port } => {
            let host = if host.is_empty() { sys.own_address() } else { host };
            if sys.can_connect(&host, port).is_ok() {
                ProbeResult::Ok
            } else {
                ProbeResult::ConnectionRefused
            }
        }
    }
}

/// runc's sentence and the exit code for a first command that cannot be run.
fn start_error(name: &str, error: &ExecError) -> (String, i32) {
    match error {
        ExecError::NotFound => (format!("exec: {name:?}: executable file not found in $PATH"), 127),
        ExecError::NoSuchFile => (format!("exec: {name:?}: stat {name}: no such file or directory"), 127),
        ExecError::Permission | ExecError::IsADirectory => {
            (format!("exec: {name:?}: permission denied"), 126)
        }
        ExecError::Format => (format!("exec {name}: exec format error"), 126),
    }
}

impl World {
    /// Adds a report for the container's owner.
    pub fn report(&mut self, event: RuntimeEvent) {
        self.events.borrow_mut().push_back(event);
    }

    fn deliver_events(&mut self) {
        let events: Vec<RuntimeEvent> = self.events.borrow_mut().drain(..).collect();
        for event in events {
            if let Some(owner) = self.container_owners.get(event.container()).cloned() {
                self.deliver(&owner, event);
            }
        }
    }

    fn deliver(&mut self, owner: &Owner, event: RuntimeEvent) {
        let now = self.now;
        match owner {
            Owner::Docker => self.machine.runtime_event(now, event),
            Owner::Cluster(name) => self.cloud.runtime_event(name, now, event),
        }
    }

    fn take_runtime_requests(&mut self) -> Vec<(Owner, RuntimeRequest)> {
        let docker = self.machine.take_runtime_requests().into_iter().map(|r| (Owner::Docker, r));
        let mut all: Vec<_> = docker.collect();
        let cloud = self.cloud.take_runtime_requests();
        all.extend(cloud.into_iter().map(|(cluster, request)| (Owner::Cluster(cluster), request)));
        all
    }

    fn wake_watchers(&mut self) -> bool {
        if self.watchers.is_empty() {
            return false;
        }
        let epoch = self.epoch();
        let mut woke = false;
        let (due, rest) =
            std::mem::take(&mut self.watchers).into_iter().partition(|(seen, _)| *seen != epoch);
        self.watchers = rest;
        let due: Vec<(u64, std::task::Waker)> = due;
        for (_, waker) in due {
            waker.wake();
            woke = true;
        }
        woke
    }

    fn create_netns(&mut self, owner: Owner, id: NetNsId, spec: &NetNsSpec) {
        let (docker_network, cluster) = match owner {
            Owner::Docker => (Some(spec.node.clone()), None),
            Owner::Cluster(name) => (None, Some(name)),
        };
        let names = spec.hosts.iter().cloned().collect();
        if let Some(cluster) = &cluster {
            self.addresses.insert((cluster.clone(), spec.ip.clone()), id.clone());
        }
        let network = NetNs { address: spec.ip.clone(), cluster, docker_network, names, ..NetNs::default() };
        self.networks.insert(id, network);
    }

    /// Takes a namespace away; its sockets are returned so that they are dropped when nothing is borrowed.
    fn remove_netns(&mut self, id: &NetNsId) -> Option<NetNs> {
        let network = self.networks.remove(id)?;
        if let Some(cluster) = network.cluster.clone() {
            let key = (cluster, network.address.clone());
            if self.addresses.get(&key) == Some(id) {
                self.addresses.remove(&key);
            }
        }
        Some(network)
    }

    /// Makes the host of a container, or puts an existing one back to work.
    fn prepare_container(&mut self, owner: Owner, start: &StartContainer) -> HostId {
        self.networks.entry(start.netns.clone()).or_default();
        let of_cluster = matches!(owner, Owner::Cluster(_));
        self.container_owners.insert(start.id.clone(), owner);
        let known = self.container_hosts.get(&start.id).copied();
        let (id, files) = match known.and_then(|id| self.hosts.remove(&id)) {
            Some(host) => (host.id, host.files),
            None => {
                self.next_host += 1;
                (HostId(self.next_host), start.files.clone())
            }
        };
        let mut host = Host {
            id,
            container: Some(start.id.clone()),
            hostname: start.hostname.clone(),
            files,
            mounts: Vec::new(),
            netns: start.netns.clone(),
            env: start.env.iter().cloned().collect(),
            user: if start.user.is_empty() { "root".into() } else { start.user.clone() },
            next_pid: 1,
            home: "/root".into(),
            first_process: None,
            limits: Limits {
                read_only_root: start.read_only_root,
                memory_bytes: start.memory_limit_bytes,
                out_of_memory: false,
                init: start.init,
            },
            processes: Default::default(),
        };
        let now = self.now;
        if let Some(path) = &start.termination_log {
            self.termination_logs.insert(start.id.clone(), path.clone());
            let above = path.rsplit_once('/').map_or("/", |(above, _)| above);
            host.files.mkdir(above, true, now).ok();
            host.files.write(path, Vec::new(), now).ok();
        }
        if !start.workdir.is_empty() {
            host.files.mkdir(&start.workdir, true, now).ok();
        }
        if of_cluster {
            for (path, text) in self.name_files(&start.netns, &start.hostname) {
                host.files.mkdir("/etc", true, now).ok();
                host.files.write(path, text.into_bytes(), now).ok();
            }
        }
        for mount in &start.mounts {
            let source = self.mount_source(&start.id, &mut host, mount);
            host.mount(Mount { path: mount.path.clone(), source, read_only: mount.read_only });
        }
        self.container_hosts.insert(start.id.clone(), id);
        self.hosts.insert(id, host);
        id
    }

    /// `/etc/resolv.conf` and `/etc/hosts` of a pod, as its kubelet keeps them.
    fn name_files(&self, netns: &NetNsId, hostname: &str) -> Vec<(&'static str, String)> {
        let Some(network) = self.networks.get(netns) else { return Vec::new() };
        let mut hosts = format!("{HOSTS_HEAD}{}\t{hostname}\n", network.address);
        if !network.names.is_empty() {
            hosts += "\n# Entries added by HostAliases.\n";
            hosts.extend(network.names.iter().map(|(name, address)| format!("{address}\t{name}\n")));
        }
        let conf = network.cluster.as_ref().and_then(|c| self.cloud.resolv_conf(c, &network.address));
        let conf = conf.map(|text| ("/etc/resolv.conf", text));
        conf.into_iter().chain([("/etc/hosts", hosts)]).collect()
    }

    fn mount_source(
        &mut self,
        id: &ContainerId,
        host: &mut Host,
        mount: &crate::image::process::Mount,
    ) -> MountSource {
        let now = self.now;
        let is_file = match &mount.source {
            ImageMountSource::HostPath(path) => {
                self.look(HostId::MACHINE, path, |tree, path| tree.get(path).is_some_and(|e| !e.is_dir()))
                    == Some(true)
            }
            _ => false,
        };
        let point = if is_file { split_parent(&mount.path).0 } else { mount.path.as_str() };
        host.files.mkdir(point, true, now).ok();
        if is_file {
            host.files.write(&mount.path, Vec::new(), now).ok();
        }
        match &mount.source {
            ImageMountSource::HostPath(path) => MountSource::Machine(path.clone()),
            ImageMountSource::Volume(name) => {
                // A fresh named volume starts as a copy of what the image has at that place, as Docker does.
                if !self.volumes.contains_key(name) {
                    let content = host.files.get(&mount.path).filter(|e| e.is_dir()).cloned();
                    let tree = content.map_or_else(FileTree::new, FileTree::from_root);
                    self.volumes.insert(name.clone(), tree);
                }
                MountSource::Volume(name.clone(), String::new())
            }
            ImageMountSource::Tree(tree) => {
                let name = format!("{id}:{}", mount.path);
                self.volumes.insert(name.clone(), tree.clone());
                MountSource::Volume(name, String::new())
            }
        }
    }

    fn never_written_input(&mut self, id: &ContainerId) -> Input {
        let (writer, reader) = super::pipe::pipe();
        self.idle_inputs.insert(id.clone(), writer);
        Input::Pipe(reader)
    }

    /// The program and command line behind a name on a host.
    fn find_program(
        &self,
        host: HostId,
        name: &str,
        cwd: &str,
        search: &str,
        argv: Vec<String>,
    ) -> Result<(String, Vec<String>), ExecError> {
        match self.find_executable(host, name, cwd, search)? {
            Executable::Program { name, .. } => Ok((name, argv)),
            Executable::Script { interpreter, path } => self.script_argv(host, interpreter, path, argv),
        }
    }

    /// The writing end of an open standard input that nobody was attached to.
    pub fn container_input(&self, id: &ContainerId) -> Option<super::pipe::Writer> {
        self.idle_inputs.get(id).cloned()
    }

    /// Ends such an input: the container's next read finds its end.
    pub fn close_container_input(&mut self, id: &ContainerId) {
        self.idle_inputs.remove(id);
    }

    /// A container's first process, while it lives.
    pub fn first_process(&self, id: &ContainerId) -> Option<ProcessId> {
        let host = self.container_hosts.get(id)?;
        self.hosts.get(host)?.first_process
    }

    /// All living processes of a container.
    pub fn container_processes(&self, id: &ContainerId) -> Vec<ProcessId> {
        let host = self.container_hosts.get(id).and_then(|host| self.hosts.get(host));
        host.map(|h| h.processes.iter().copied().collect()).unwrap_or_default()
    }

    /// The files of a container as they are now.
    pub fn container_files(&self, id: &ContainerId) -> Option<&FileTree> {
        self.container_hosts.get(id).and_then(|host| self.hosts.get(host)).map(|h| &h.files)
    }

    /// The first process of a container ended: report it; the rest of the container ends with it.
    pub(super) fn note_container_exit(&mut self, host: HostId, code: ExitStatus) -> Vec<ProcessId> {
        let Some(id) = self.hosts.get(&host).and_then(|h| h.container.clone()) else { return Vec::new() };
        let mut oom = false;
        if let Some(host) = self.hosts.get_mut(&host) {
            host.first_process = None;
            oom = host.limits.out_of_memory;
        }
        let rest = self.container_processes(&id);
        let log = self.termination_logs.get(&id);
        let log = log.and_then(|path| self.hosts.get(&host)?.files.read_text(path).ok());
        if let Some(text) = log.filter(|text| !text.is_empty()) {
            let text = text.get(..LAST_WORDS_BYTES).unwrap_or(&text).to_owned();
            self.report(RuntimeEvent::LastWords { id: id.clone(), text });
        }
        self.report(RuntimeEvent::Exited { id, code, oom });
        rest
    }

    /// What stands at an absolute path, if it can be executed.
    fn executable_at(&self, host: HostId, path: &str) -> Result<Executable, ExecError> {
        let found = self.look(host, path, |tree, path| tree.stat(path).cloned());
        let entry = found.unwrap_or(Err(FsError::NotFound)).map_err(|e| match e {
            FsError::Permission => ExecError::Permission,
            _ => ExecError::NoSuchFile,
        })?;
        match &entry.kind {
            EntryKind::Dir(_) => Err(ExecError::IsADirectory),
            _ if !entry.is_executable() => Err(ExecError::Permission),
            EntryKind::Program(name) => Ok(Executable::Program { name: name.clone(), path: path.to_owned() }),
            EntryKind::File(bytes) => Ok(Executable::Script {
                interpreter: super::sys::interpreter_of(bytes),
                path: path.to_owned(),
            }),
            EntryKind::Symlink(_) => Err(ExecError::NoSuchFile),
        }
    }

    /// Finds what a command's name means on a host: a path if it has a slash, else the first hit along `search`.
    ///
    /// # Errors
    /// Why it cannot be run.
    pub fn find_executable(
        &self,
        host: HostId,
        name: &str,
        cwd: &str,
        search: &str,
    ) -> Result<Executable, ExecError> {
        if name.contains('/') {
            return self.executable_at(host, &join(cwd, name));
        }
        let mut denied = false;
        for dir in search.split(':').filter(|_| !name.is_empty()) {
            match self.executable_at(host, &join(&join(cwd, dir), name)) {
                Ok(found) => return Ok(found),
                Err(ExecError::Permission) => denied = true,
                Err(_) => {}
            }
        }
        Err(if denied { ExecError::Permission } else { ExecError::NotFound })
    }

    /// The program and command line that run a script: its interpreter's, or `sh`'s without an interpreter line.
    ///
    /// # Errors
    /// When the interpreter cannot be run.
    pub fn script_argv(
        &self,
        host: HostId,
        interpreter: Vec<String>,
        path: String,
        argv: Vec<String>,
    ) -> Result<(String, Vec<String>), ExecError> {
        let words = if interpreter.is_empty() { vec!["/bin/sh".to_owned()] } else { interpreter };
        let mut words = words.into_iter();
        let mut program = words.next().unwrap_or_default();
        let mut rest: Vec<String> = words.collect();
        let env_search = program.ends_with("/env") && !rest.is_empty();
        if env_search {
            program = rest.remove(0);
        }
        let search = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let name = match self.find_executable(host, &program, "/", search)? {
            Executable::Program { name, .. } => name,
            Executable::Script { .. } => return Err(ExecError::Format),
        };
        Ok((
            name,
            std::iter::once(program).chain(rest).chain([path]).chain(argv.into_iter().skip(1)).collect(),
        ))
    }
}
