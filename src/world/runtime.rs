//! The container runtime: carries out what the Docker engine and the kubelets ask and reports what became of it.
//! Must never decide anything about containers: policies belong to those who ask.

use std::rc::Rc;

use crate::image::files::FileTree;
use crate::image::process::{
    ContainerId, LogStream, NetNsSpec, ProbeAction, ProbeResult, RuntimeEvent, RuntimeRequest, Signal,
    StartContainer,
};

use super::container::{LogWriter, Owner};
use super::env::Env;
use super::executable::start_error;
use super::http::HttpRequest;
use super::kernel::{Kernel, Spawn};
use super::network::{NetNs, NetNsId, Refusal};
use super::process::{ExitStatus, ProcessId, State};
use super::sys::ExecError;
use super::tty::Tty;
use super::{HostId, Input, Io, Output, World};

/// Rounds of requests and reports in one instant before the rest waits for the next millisecond.
const ROUNDS_LIMIT: usize = 10_000;

/// Bytes kept of a termination log, as the kubelet's limit.
const LAST_WORDS_BYTES: usize = 4096;

/// Most bytes of output that an exec probe reports.
const PROBE_OUTPUT_LIMIT_BYTES: usize = 10 * 1024;

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

impl World {
    /// Adds a report for the container's owner.
    pub fn report(&mut self, event: RuntimeEvent) {
        self.events.borrow_mut().push_back(event);
    }

    fn deliver_events(&mut self) {
        let events: Vec<RuntimeEvent> = self.events.borrow_mut().drain(..).collect();
        for event in events {
            match self.container_owners.get(event.container()) {
                Some(Owner::Docker) => self.machine.runtime_event(self.now, event),
                Some(Owner::Cluster(name)) => self.cloud.runtime_event(name, self.now, event),
                None => {}
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

    fn never_written_input(&mut self, id: &ContainerId) -> Input {
        let (writer, reader) = super::pipe::pipe();
        self.idle_inputs.insert(id.clone(), writer);
        Input::Pipe(reader)
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
}
