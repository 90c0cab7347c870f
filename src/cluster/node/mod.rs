//! Nodes: the scheduler's targets, and the kubelet's memory of what its container runtime told it.
//!
//! The kubelet runs no program: it asks for containers (`RuntimeRequest`) and hears about them (`RuntimeEvent`).

use crate::base::time::SimTime;
use crate::cluster::api::{LogOptions, Status};
use crate::cluster::controllers::WorkQueue;
use crate::cluster::object::{Object, Typed};
use crate::image::process::RuntimeEvent;
use k8s_openapi::api::core::v1::Pod;

/// What kubelets remember outside the API: runtime events not yet acted on, and container logs.
#[derive(Debug, Default)]
pub struct NodeState {}

impl NodeState {
    /// Takes note of a runtime's report and wakes the pod it concerns.
    pub fn runtime_event(&mut self, _now: SimTime, _event: RuntimeEvent, _queue: &mut WorkQueue) {}

    /// A container's log as `GET pods/NAME/log` returns it.
    pub fn read_log(
        &self,
        pod: &Typed<Pod>,
        container: &str,
        _options: &LogOptions,
        _now: SimTime,
    ) -> Result<String, Status> {
        let name = Object::name(pod.object());
        Err(Status::bad_request(format!(
            "container \"{container}\" in pod \"{name}\" is waiting to start: ContainerCreating"
        )))
    }
}
