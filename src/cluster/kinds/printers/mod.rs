//! Server-side tables: the columns of every kind and a row per object, as `pkg/printers/internalversion/printers.go`.

mod cluster;
mod columns;
pub mod format;
mod network;
pub mod pod;
mod workloads;

pub use columns::columns;

use crate::base::time::SimTime;
use crate::cluster::object::Object;

/// The cells of an object, one per column of its kind.
pub fn cells(object: &Object, now: SimTime) -> Vec<String> {
    match object {
        Object::Pod(o) => pod::cells(o, now),
        Object::PodTemplate(o) => workloads::pod_template(o),
        Object::ReplicationController(o) => workloads::replication_controller(o, now),
        Object::ReplicaSet(o) => workloads::replica_set(o, now),
        Object::Deployment(o) => workloads::deployment(o, now),
        Object::DaemonSet(o) => workloads::daemon_set(o, now),
        Object::StatefulSet(o) => workloads::stateful_set(o, now),
        Object::ControllerRevision(o) => workloads::controller_revision(o, now),
        Object::Job(o) => workloads::job(o, now),
        Object::CronJob(o) => workloads::cron_job(o, now),
        Object::HorizontalPodAutoscaler(o) => workloads::autoscaler(o, now),
        Object::PodDisruptionBudget(o) => workloads::budget(o, now),
        Object::Service(o) => network::service(o, now),
        Object::Endpoints(o) => network::endpoints(o, now),
        Object::EndpointSlice(o) => network::endpoint_slice(o, now),
        Object::Ingress(o) => network::ingress(o, now),
        Object::IngressClass(o) => network::ingress_class(o, now),
        Object::NetworkPolicy(o) => network::network_policy(o, now),
        Object::ComponentStatus(o) => cluster::component_status(o),
        Object::ConfigMap(o) => cluster::config_map(o, now),
        Object::Secret(o) => cluster::secret(o, now),
        Object::Namespace(o) => cluster::namespace(o, now),
        Object::Node(o) => cluster::node(o, now),
        Object::Event(o) => cluster::event(o, now),
        Object::ServiceAccount(_) | Object::LimitRange(_) | Object::Role(_) | Object::ClusterRole(_) => {
            cluster::name_and_time(object, now)
        }
        Object::PersistentVolume(o) => cluster::volume(o, now),
        Object::PersistentVolumeClaim(o) => cluster::claim(o, now),
        Object::ResourceQuota(o) => cluster::quota(o, now),
        Object::Lease(o) => cluster::lease(o, now),
        Object::RoleBinding(o) => cluster::binding(&o.metadata, &o.role_ref, o.subjects.as_deref(), now),
        Object::ClusterRoleBinding(o) => {
            cluster::binding(&o.metadata, &o.role_ref, o.subjects.as_deref(), now)
        }
        Object::PriorityClass(o) => cluster::priority_class(o, now),
        Object::StorageClass(o) => cluster::storage_class(o, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::object::KindId;

    #[test]
    fn every_kind_has_a_cell_for_each_of_its_columns() {
        for id in KindId::ALL {
            let object = Object::empty(*id);
            assert_eq!(cells(&object, SimTime(0)).len(), columns(*id).len(), "{id:?}");
        }
    }
}
