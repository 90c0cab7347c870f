//! Controllers: each sees the store through `Ctx` only and writes through the API server, as people do.
//!
//! A controller holds no state: it is woken with a key, looks, writes, and may ask to be woken again. A delay is
//! state in an object; waking early changes nothing.

mod ctx;
mod queue;
mod events;

mod pod_template;
mod ownership;
mod deletion_rank;
mod replicaset;
mod deployment;
mod service_pods;
mod endpoints;
mod endpointslice;
mod service_lb;
mod slice_mirroring;
mod disruption;
mod node_lifecycle;
mod taint_eviction;
mod pod_gc;
pub(crate) mod volumes;
mod garbage;
mod namespaces;
mod hpa;
mod job;
mod failure_policy;
mod resourcequota;
pub(crate) mod role_aggregation;
mod cronjob;
mod revisions;
mod daemonset;
mod statefulset;

use std::rc::Rc;
use std::time::Duration;

use super::Cluster;
use super::object::{Key, KindId};
pub(crate) use super::pod_state;
use super::store::{Change, Store};
use crate::base::time::SimTime;
use crate::image::{Image, ImageRef};

pub use ctx::{Ctx, kind_named, reference, reference_of};
pub use deployment::scaled_value;
pub use events::Recorder;
pub(super) use pod_template::template_hash;
pub use queue::WorkQueue;

/// Reconciliations in one `advance` before the rest is left for the next call; met only by a controller that
/// fights another.
const RECONCILE_LIMIT: usize = 2_000_000;

/// What a reconciliation leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Look again at this time even if nothing changes.
    RequeueAt(SimTime),
    /// It failed (a conflict, a quota): look again, later with every failure in a row.
    Retry,
}

pub trait Controller {
    /// The actor in the change log and the field manager: `deployment-controller`.
    fn name(&self) -> &'static str;
    /// Which keys a change concerns.
    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>);
    /// Brings the world a step nearer to what the object at `key` asks for.
    fn reconcile(&self, key: &Key, ctx: &mut Ctx<'_>) -> Outcome;
    /// How long after a change it notices. Changes within that time are looked at once, together.
    fn latency(&self, _store: &Store) -> Duration {
        Duration::ZERO
    }
}

/// Pods up to which looking through them takes no time that counts.
const FEW_PODS: usize = 100;

/// The latency of controllers that look at all pods of an object whenever one of them changes. A look takes time, so
/// in a large cluster changes pile up and are seen together; without that the work would grow with the square of the
/// pods, and as looks take longer there must also be fewer of them: 1 ms for a hundred pods, 30 ms for a thousand, a
/// second for ten thousand. In a small cluster it is nothing.
fn look_through_pods(store: &Store) -> Duration {
    let hundreds = store.count(KindId::Pod) / FEW_PODS;
    let millis = hundreds.saturating_mul(hundreds.isqrt());
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

/// All controllers in a fixed order; the index is the controller's number in the queue.
pub fn all() -> &'static [&'static dyn Controller] {
    &[
        &deployment::DeploymentController,
        &replicaset::ReplicaSetController,
        &crate::cluster::node::Scheduler,
        &crate::cluster::node::Kubelet,
        &endpoints::EndpointsController,
        &endpointslice::EndpointSliceController,
        &service_lb::ServiceLbController,
        &garbage::GarbageCollector,
        &hpa::HpaController,
        &job::JobController,
        &cronjob::CronJobController,
        &daemonset::DaemonSetController,
        &statefulset::StatefulSetController,
        &namespaces::NamespaceContentController,
        &namespaces::NamespaceController,
        &namespaces::KubernetesServiceKeeper,
        &resourcequota::ResourceQuotaController,
        &role_aggregation::RoleAggregationController,
        &slice_mirroring::EndpointSliceMirroringController,
        &volumes::ClaimBinder,
        &volumes::VolumeBinder,
        &volumes::VolumeProvisioner,
        &volumes::ClaimProtectionController,
        &volumes::VolumeProtectionController,
        &disruption::DisruptionController,
        &node_lifecycle::NodeLifecycleController,
        &taint_eviction::TaintEvictionController,
        &pod_gc::PodGarbageCollector,
    ]
}

/// Why an image could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullError {
    /// What containerd's resolver says, without its frame: `docker.io/library/nginx:typo: not found`.
    pub message: String,
}

/// Registry credentials a pod may use: the JSON of its pull secrets, and the node's own service account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullCredentials {
    pub docker_configs: Vec<Vec<u8>>,
}

/// What a cluster needs from the cloud it stands in.
pub trait Outside {
    /// Finds an image in its registry, as the node may.
    fn resolve_image(
        &mut self,
        now: SimTime,
        node: &str,
        image: &ImageRef,
        credentials: &PullCredentials,
    ) -> Result<Rc<Image>, PullError>;
    /// How long pulling the image takes a node; asked also for failing pulls.
    fn pull_time(&mut self, node: &str, image: &ImageRef) -> Duration;
    /// The external address of a load balancer, once it has one. The same service asks again and again.
    fn allocate_load_balancer(&mut self, now: SimTime, service_uid: &str, ports: &[u16]) -> Option<String>;
    fn release_load_balancer(&mut self, now: SimTime, service_uid: &str);
}

/// Lets controllers work until nothing is due up to `to`.
pub(super) fn advance(cluster: &mut Cluster, to: SimTime, outside: &mut dyn Outside) {
    let to = to.max(cluster.now);
    for _ in 0..RECONCILE_LIMIT {
        cluster.queue.dispatch(&cluster.api.store, cluster.now);
        let Some(item) = cluster.queue.pop_due(to) else { break };
        cluster.now = cluster.now.max(item.at);
        let controller = all()[item.controller];
        let mut ctx = Ctx::new(cluster, controller.name(), item.cause, outside);
        match controller.reconcile(&item.key, &mut ctx) {
            Outcome::Done => cluster.queue.forget(item.controller, &item.key),
            Outcome::RequeueAt(at) => {
                cluster.queue.forget(item.controller, &item.key);
                // Never at the same instant again: a controller that asks for "now" would hold the clock.
                let at = at.max(cluster.now + Duration::from_millis(1));
                cluster.queue.add(at, item.controller, item.key, None);
            }
            Outcome::Retry => cluster.queue.retry(cluster.now, item.controller, item.key),
        }
    }
    cluster.now = cluster.now.max(to);
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
