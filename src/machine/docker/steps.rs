//! Containers of build steps: they run and are forgotten, and no list shows them. Never kept as containers.

use std::collections::BTreeMap;

use crate::base::SimTime;
use crate::image::process::{ContainerId, NetNsSpec, RuntimeEvent, RuntimeRequest, StartContainer};

use super::Engine;
use super::logs::Logs;

/// A step under way.
#[derive(Debug, Clone, Default)]
pub struct Step {
    pub logs: Logs,
    /// The exit code, or why it could not be started.
    pub end: Option<Result<i32, String>>,
}

/// Steps by container.
pub type Steps = BTreeMap<ContainerId, Step>;

impl Engine {
    /// Runs a build step.
    pub fn begin_step(&mut self, start: StartContainer) {
        self.steps.insert(start.id.clone(), Step::default());
        let spec =
            NetNsSpec { hostname: start.hostname.clone(), node: "bridge".to_owned(), ..NetNsSpec::default() };
        self.requests.push(RuntimeRequest::CreateNetNs { id: start.netns.clone(), spec });
        self.requests.push(RuntimeRequest::Start(Box::new(start)));
        self.touch();
    }

    /// How a step is doing.
    pub fn step(&self, id: &ContainerId) -> Option<&Step> {
        self.steps.get(id)
    }

    /// Forgets a step; it is killed if it still runs.
    pub fn end_step(&mut self, id: &ContainerId) {
        if self.steps.remove(id).is_some() {
            self.requests.push(RuntimeRequest::Remove { id: id.clone() });
            let netns = crate::image::process::NetNsId(format!("docker/{id}"));
            self.requests.push(RuntimeRequest::RemoveNetNs { id: netns });
        }
    }

    /// Takes in a report about a step; `None` when it was about one.
    pub(super) fn step_event(&mut self, now: SimTime, event: RuntimeEvent) -> Option<RuntimeEvent> {
        let (id, end) = match &event {
            RuntimeEvent::Exited { id, code, .. } => (id, Some(Ok(*code))),
            RuntimeEvent::StartFailed { id, error, .. } => (id, Some(Err(error.clone()))),
            RuntimeEvent::Log { id, .. }
            | RuntimeEvent::Started { id }
            | RuntimeEvent::LastWords { id, .. }
            | RuntimeEvent::ProbeResult { id, .. } => (id, None),
        };
        let Some(step) = self.steps.get_mut(id) else { return Some(event) };
        if end.is_some() {
            step.end = end;
        }
        if let RuntimeEvent::Log { stream, bytes, .. } = &event {
            step.logs.write(now, *stream, bytes);
        }
        self.touch();
        None
    }
}
