//! What a kubelet remembers of one container of a pod: its present and previous instance, why it does not start, how
//! often it was restarted. Facts only; `worker` acts on them and `status` tells them.

use std::rc::Rc;

use k8s_openapi::api::core::v1::{Container, ContainerStatus, EphemeralContainer, Pod};

use super::backoff::Backoff;
use super::probes::Probes;
use crate::base::time::SimTime;
use crate::image::Image;
use crate::image::config::ImageParts;
use crate::image::process::ContainerId;

/// The kinds of containers a pod has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Runs to completion before the next one starts.
    Init,
    /// An init container with restartPolicy Always: the next starts as soon as it is started.
    Sidecar,
    Regular,
    /// Put into a running pod to look at it; never started again.
    Ephemeral,
}

impl Role {
    /// It stands in `initContainers`.
    pub fn is_init(self) -> bool {
        matches!(self, Role::Init | Role::Sidecar)
    }
}

/// One container of a pod, over all its restarts.
#[derive(Debug)]
pub struct Run {
    pub role: Role,
    /// Where in its list of the pod's spec it stands.
    pub index: usize,
    pub name: String,
    pub current: Option<Instance>,
    pub previous: Option<Terminated>,
    pub restarts: i32,
    /// Why the last attempt to start it did not succeed: the waiting state's reason and message.
    pub blocked: Option<Blocked>,
    pub crash: Backoff,
    pub pull: Backoff,
    pub last_pull_error: Option<String>,
    pub probes: Probes,
    /// The kubelet wants it stopped, with this message in the Killing event.
    pub kill: Option<String>,
    /// An ephemeral container as a container like the others.
    ephemeral: Option<Box<Container>>,
    /// What the present instance left in its termination log.
    pub last_words: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    pub reason: &'static str,
    pub message: String,
}

/// A container that was created.
#[derive(Debug, Clone)]
pub struct Instance {
    pub id: ContainerId,
    pub image: Rc<Image>,
    /// The full name of the image, as the status shows it while an instance exists.
    pub image_name: String,
    pub image_id: String,
    pub state: State,
    /// It ran before this kubelet did, and no process of the runtime stands behind it.
    pub adopted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Created,
    Running { since: SimTime },
    Exited(Terminated),
}

/// How an instance ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminated {
    pub id: ContainerId,
    pub code: i32,
    pub reason: &'static str,
    pub message: Option<String>,
    /// `None` when it never ran: the status then says 1970.
    pub started: Option<SimTime>,
    pub finished: SimTime,
}

impl Run {
    pub fn new(role: Role, index: usize, spec: &Container) -> Run {
        Run {
            role,
            index,
            name: spec.name.clone(),
            current: None,
            previous: None,
            restarts: 0,
            blocked: None,
            crash: Backoff::default(),
            pull: Backoff::default(),
            last_pull_error: None,
            probes: Probes::new(spec),
            kill: None,
            ephemeral: None,
            last_words: None,
        }
    }

    fn ephemeral(index: usize, spec: &EphemeralContainer) -> Run {
        let spec = as_container(spec);
        Run { ephemeral: Some(Box::new(spec.clone())), ..Run::new(Role::Ephemeral, index, &spec) }
    }

    /// Its part of the pod's spec.
    pub fn spec<'a>(&'a self, pod: &'a Pod) -> Option<&'a Container> {
        let spec = pod.spec.as_ref()?;
        match self.role {
            Role::Regular => spec.containers.get(self.index),
            Role::Init | Role::Sidecar => spec.init_containers.as_ref()?.get(self.index),
            Role::Ephemeral => self.ephemeral.as_deref(),
        }
    }

    /// As events name it: `spec.containers{web}`.
    pub fn field_path(&self) -> String {
        match self.role {
            Role::Regular => format!("spec.containers{{{}}}", self.name),
            Role::Init | Role::Sidecar => format!("spec.initContainers{{{}}}", self.name),
            Role::Ephemeral => format!("spec.ephemeralContainers{{{}}}", self.name),
        }
    }

    pub fn is_running(&self) -> bool {
        matches!(self.current, Some(Instance { state: State::Running { .. }, .. }))
    }

    pub fn running_since(&self) -> Option<SimTime> {
        match &self.current {
            Some(Instance { state: State::Running { since }, .. }) => Some(*since),
            _ => None,
        }
    }

    /// How the present instance ended, if it has.
    pub fn exited(&self) -> Option<&Terminated> {
        match &self.current {
            Some(Instance { state: State::Exited(end), .. }) => Some(end),
            _ => None,
        }
    }

    pub fn id(&self) -> Option<&ContainerId> {
        self.current.as_ref().map(|i| &i.id)
    }

    /// Init containers are done when they ended with 0; sidecars when they have started.
    pub fn has_initialized(&self) -> bool {
        match self.role {
            Role::Init => self.exited().is_some_and(|end| end.code == 0),
            Role::Sidecar => self.is_running() && self.probes.is_started(),
            Role::Regular | Role::Ephemeral => true,
        }
    }

    /// Would the kubelet start it again after its end (or for the first time)?
    /// (ShouldContainerBeRestarted)
    pub fn wants_start(&self, restart_policy: &str) -> bool {
        match (&self.current, self.role) {
            (None, _) => true,
            (Some(Instance { state: State::Exited(end), .. }), role) => {
                may_restart(role, restart_policy, end.code)
            }
            _ => false,
        }
    }
}

/// Does the restart policy allow another instance after an end with this code?
pub fn may_restart(role: Role, restart_policy: &str, code: i32) -> bool {
    match (role, restart_policy) {
        (Role::Sidecar, _) => true,
        (Role::Ephemeral, _) => false,
        (Role::Init, "Never") => false,
        (Role::Init, _) => code != 0,
        (Role::Regular, "Never") => false,
        (Role::Regular, "OnFailure") => code != 0,
        (Role::Regular, _) => true,
    }
}

/// A container that the pod's status shows as running before the kubelet first saw the pod (a cluster is handed over
/// with its system pods at work).
pub fn adopt(run: &mut Run, status: &ContainerStatus) {
    let running = status.state.as_ref().and_then(|s| s.running.as_ref());
    let id = status.container_id.as_deref().and_then(|id| id.strip_prefix("containerd://"));
    let (Some(running), Some(id)) = (running, id) else { return };
    let since = running.started_at.as_ref().map_or(SimTime(0), |t| SimTime::from_timestamp(t.0));
    run.restarts = status.restart_count;
    run.current = Some(Instance {
        id: ContainerId(id.to_owned()),
        image: Rc::new(Image::new(ImageParts::default())),
        image_name: status.image.clone(),
        image_id: status.image_id.clone(),
        state: State::Running { since },
        adopted: true,
    });
}

/// The pod's restart policy, Always by default.
pub fn restart_policy(pod: &Pod) -> &str {
    pod.spec.as_ref().and_then(|s| s.restart_policy.as_deref()).unwrap_or("Always")
}

/// All containers of a pod in the order in which they start.
pub fn runs_of(pod: &Pod) -> Vec<Run> {
    let Some(spec) = &pod.spec else { return Vec::new() };
    let init = spec.init_containers.iter().flatten().enumerate().map(|(index, c)| {
        let sidecar = c.restart_policy.as_deref() == Some("Always");
        Run::new(if sidecar { Role::Sidecar } else { Role::Init }, index, c)
    });
    let regular = spec.containers.iter().enumerate().map(|(index, c)| Run::new(Role::Regular, index, c));
    init.chain(regular).chain(ephemeral_runs(pod, &[])).collect()
}

/// The ephemeral containers of a pod that are not among `known`: they come in any order.
pub fn ephemeral_runs(pod: &Pod, known: &[Run]) -> Vec<Run> {
    let all = pod.spec.as_ref().and_then(|spec| spec.ephemeral_containers.as_deref()).unwrap_or_default();
    let new = all.iter().enumerate().filter(|(_, spec)| known.iter().all(|run| run.name != spec.name));
    new.map(|(index, spec)| Run::ephemeral(index, spec)).collect()
}

/// What an ephemeral container has in common with the others.
fn as_container(of: &EphemeralContainer) -> Container {
    let of = of.clone();
    Container {
        name: of.name,
        image: of.image,
        image_pull_policy: of.image_pull_policy,
        command: of.command,
        args: of.args,
        env: of.env,
        env_from: of.env_from,
        working_dir: of.working_dir,
        stdin: of.stdin,
        stdin_once: of.stdin_once,
        tty: of.tty,
        resources: of.resources,
        security_context: of.security_context,
        termination_message_path: of.termination_message_path,
        termination_message_policy: of.termination_message_policy,
        volume_mounts: of.volume_mounts,
        ..Container::default()
    }
}
