//! The eviction subresource: deletes a pod unless a disruption budget forbids it. As pkg/registry/core/pod/storage's
//! eviction.go.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetStatus};
use serde_json::json;

use super::delete;
use super::selector::Selector;
use super::server::{ApiServer, Caller, Part, typed};
use super::types::{Reply, Request};
use super::{Cause, Reason, Status};
use crate::cluster::controllers::pod_state;
use crate::cluster::object::{Key, Kind, Typed};

const REFUSED: &str = "Cannot evict pod as it would violate the pod's disruption budget.";
/// How long to wait for a budget that its controller has not looked at yet.
const UNOBSERVED_RETRY_SECONDS: i32 = 10;

impl ApiServer {
    pub(super) fn handle_eviction(&mut self, caller: &Caller, request: &Request) -> Result<Reply, Status> {
        let namespace = request.namespace.as_deref().unwrap_or("default");
        let name = request.name.as_deref().unwrap_or_default();
        let key = Key::new(Pod::KIND, namespace, name);
        let found = self.store.get_key(&key).ok_or_else(|| Status::not_found("", "pods", name))?;
        let pod = typed::<Pod>(found)?;
        if !goes_freely(&pod) {
            self.spend_budget(caller, &pod, request.options.dry_run)?;
        }
        if !request.options.dry_run {
            self.mark_disrupted(caller, &pod)?;
        }
        self.delete(caller, &key, &delete::delete_options(request))?;
        Ok(Reply::Object(
            json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}),
        ))
    }

    /// Takes one disruption off the budget that covers the pod, if one does.
    fn spend_budget(&mut self, caller: &Caller, pod: &Typed<Pod>, dry_run: bool) -> Result<(), Status> {
        let labels = pod.metadata.labels.as_ref();
        let covers = |budget: &&PodDisruptionBudget| {
            let selector = budget.spec.as_ref().and_then(|s| s.selector.as_ref());
            selector.is_some_and(|s| Selector::of_label_selector(s).matches(labels))
        };
        let budgets = self.store.each::<PodDisruptionBudget>(Some(pod.namespace()));
        let covering: Vec<PodDisruptionBudget> = budgets.filter(covers).cloned().collect();
        let budget = match covering.as_slice() {
            [] => return Ok(()),
            [one] => one,
            _ => {
                let why = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
                return Err(Status { code: 500, ..Status::new(Reason::InternalError, why) });
            }
        };
        let status = budget.status.clone().unwrap_or_default();
        if is_spare(pod, budget, &status) {
            return Ok(());
        }
        let name = budget.metadata.name.clone().unwrap_or_default();
        if status.observed_generation.unwrap_or(0) < budget.metadata.generation.unwrap_or(0) {
            let why = format!("The disruption budget {name} is still being processed by the server.");
            return Err(refusal(why, UNOBSERVED_RETRY_SECONDS));
        }
        let allowed = status.disruptions_allowed.unwrap_or(0);
        if allowed <= 0 {
            let (needed, healthy) =
                (status.desired_healthy.unwrap_or(0), status.current_healthy.unwrap_or(0));
            let why = format!(
                "The disruption budget {name} needs {needed} healthy pods and has {healthy} currently"
            );
            return Err(refusal(why, 0));
        }
        let mut spent = budget.clone();
        spent.status.get_or_insert_default().disruptions_allowed = Some(allowed - 1);
        self.update(caller, spent.into_object(), Part::Status, dry_run).map(|_| ())
    }

    /// Says in the pod's conditions why it goes.
    fn mark_disrupted(&mut self, caller: &Caller, pod: &Typed<Pod>) -> Result<(), Status> {
        let copy = pod_state::disrupted(pod, "EvictionByEvictionAPI", "Eviction API: evicting", caller.now);
        self.update(caller, copy.into_object(), Part::Status, false).map(|_| ())
    }
}

/// Pods that no budget protects: they do no work yet, no more, or are going already (canIgnorePDB).
fn goes_freely(pod: &Pod) -> bool {
    matches!(pod_state::phase(pod), "Succeeded" | "Failed" | "Pending") || pod_state::is_deleting(pod)
}

/// An unready pod is no loss to an application that is healthy enough without it (or in any case, if its policy
/// says so).
fn is_spare(pod: &Pod, budget: &PodDisruptionBudget, status: &PodDisruptionBudgetStatus) -> bool {
    if pod_state::is_ready(pod) {
        return false;
    }
    let policy = budget.spec.as_ref().and_then(|s| s.unhealthy_pod_eviction_policy.as_deref());
    let (healthy, desired) = (status.current_healthy.unwrap_or(0), status.desired_healthy.unwrap_or(0));
    policy == Some("AlwaysAllow") || (healthy >= desired && desired > 0)
}

fn refusal(why: String, retry_after_seconds: i32) -> Status {
    let cause = Cause { reason: "DisruptionBudget", message: why, field: String::new() };
    Status { causes: vec![cause], ..Status::too_many_requests(REFUSED, retry_after_seconds) }
}
