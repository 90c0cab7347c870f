//! The columns of every kind. Priority 1 is shown with `-o wide` only.

use crate::cluster::api::Column;
use crate::cluster::object::KindId;

const fn col(name: &'static str) -> Column {
    Column { name, type_: "string", format: "", priority: 0 }
}

const fn wide(name: &'static str) -> Column {
    Column { name, type_: "string", format: "", priority: 1 }
}

const NAME: Column = Column { name: "Name", type_: "string", format: "name", priority: 0 };
const AGE: Column = col("Age");

/// The columns of a kind, in order.
pub fn columns(kind: KindId) -> &'static [Column] {
    match kind {
        KindId::Pod => POD,
        KindId::PodTemplate => POD_TEMPLATE,
        KindId::ReplicationController | KindId::ReplicaSet => REPLICA_SET,
        KindId::Deployment => DEPLOYMENT,
        KindId::DaemonSet => DAEMON_SET,
        KindId::StatefulSet => STATEFUL_SET,
        KindId::ControllerRevision => const { &[NAME, col("Controller"), col("Revision"), AGE] },
        KindId::Job => JOB,
        KindId::CronJob => CRON_JOB,
        KindId::HorizontalPodAutoscaler => AUTOSCALER,
        KindId::PodDisruptionBudget => BUDGET,
        KindId::Service => SERVICE,
        KindId::Endpoints => const { &[NAME, col("Endpoints"), AGE] },
        KindId::EndpointSlice => const { &[NAME, col("AddressType"), col("Ports"), col("Endpoints"), AGE] },
        KindId::Ingress => const { &[NAME, col("Class"), col("Hosts"), col("Address"), col("Ports"), AGE] },
        KindId::IngressClass => const { &[NAME, col("Controller"), col("Parameters"), AGE] },
        KindId::NetworkPolicy => const { &[NAME, col("Pod-Selector"), AGE] },
        KindId::ComponentStatus => const { &[NAME, col("Status"), col("Message"), col("Error")] },
        KindId::ConfigMap => const { &[NAME, col("Data"), AGE] },
        KindId::Secret => const { &[NAME, col("Type"), col("Data"), AGE] },
        KindId::Namespace => const { &[NAME, col("Status"), AGE] },
        KindId::Node => NODE,
        KindId::Event => EVENT,
        KindId::ServiceAccount => const { &[NAME, AGE] },
        KindId::LimitRange | KindId::Role | KindId::ClusterRole => const { &[NAME, col("Created At")] },
        KindId::PersistentVolume => VOLUME,
        KindId::PersistentVolumeClaim => CLAIM,
        KindId::ResourceQuota => const { &[NAME, col("Request"), col("Limit"), AGE] },
        KindId::Lease => const { &[NAME, col("Holder"), AGE] },
        KindId::RoleBinding | KindId::ClusterRoleBinding => BINDING,
        KindId::PriorityClass => {
            const { &[NAME, col("Value"), col("Global-Default"), AGE, col("PreemptionPolicy")] }
        }
        KindId::StorageClass => STORAGE_CLASS,
    }
}

const POD: &[Column] = &[
    NAME,
    col("Ready"),
    col("Status"),
    col("Restarts"),
    AGE,
    wide("IP"),
    wide("Node"),
    wide("Nominated Node"),
    wide("Readiness Gates"),
];
const POD_TEMPLATE: &[Column] = &[NAME, col("Containers"), col("Images"), col("Pod Labels")];
const REPLICA_SET: &[Column] = &[
    NAME,
    col("Desired"),
    col("Current"),
    col("Ready"),
    AGE,
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];
const DEPLOYMENT: &[Column] = &[
    NAME,
    col("Ready"),
    col("Up-to-date"),
    col("Available"),
    AGE,
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];
const DAEMON_SET: &[Column] = &[
    NAME,
    col("Desired"),
    col("Current"),
    col("Ready"),
    col("Up-to-date"),
    col("Available"),
    col("Node Selector"),
    AGE,
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];
const STATEFUL_SET: &[Column] = &[NAME, col("Ready"), AGE, wide("Containers"), wide("Images")];
const JOB: &[Column] = &[
    NAME,
    col("Status"),
    col("Completions"),
    col("Duration"),
    AGE,
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];
const CRON_JOB: &[Column] = &[
    NAME,
    col("Schedule"),
    col("Timezone"),
    col("Suspend"),
    col("Active"),
    col("Last Schedule"),
    AGE,
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];
const AUTOSCALER: &[Column] =
    &[NAME, col("Reference"), col("Targets"), col("MinPods"), col("MaxPods"), col("Replicas"), AGE];
const BUDGET: &[Column] =
    &[NAME, col("Min Available"), col("Max Unavailable"), col("Allowed Disruptions"), AGE];
const SERVICE: &[Column] =
    &[NAME, col("Type"), col("Cluster-IP"), col("External-IP"), col("Port(s)"), AGE, wide("Selector")];
const NODE: &[Column] = &[
    NAME,
    col("Status"),
    col("Roles"),
    AGE,
    col("Version"),
    wide("Internal-IP"),
    wide("External-IP"),
    wide("OS-Image"),
    wide("Kernel-Version"),
    wide("Container-Runtime"),
];
const EVENT: &[Column] = &[
    col("Last Seen"),
    col("Type"),
    col("Reason"),
    col("Object"),
    wide("Subobject"),
    wide("Source"),
    col("Message"),
    wide("First Seen"),
    wide("Count"),
    Column { name: "Name", type_: "string", format: "name", priority: 1 },
];
const VOLUME: &[Column] = &[
    NAME,
    col("Capacity"),
    col("Access Modes"),
    col("Reclaim Policy"),
    col("Status"),
    col("Claim"),
    col("StorageClass"),
    col("VolumeAttributesClass"),
    col("Reason"),
    AGE,
    wide("VolumeMode"),
];
const CLAIM: &[Column] = &[
    NAME,
    col("Status"),
    col("Volume"),
    col("Capacity"),
    col("Access Modes"),
    col("StorageClass"),
    col("VolumeAttributesClass"),
    AGE,
    wide("VolumeMode"),
];
const BINDING: &[Column] = &[NAME, col("Role"), AGE, wide("Users"), wide("Groups"), wide("ServiceAccounts")];
const STORAGE_CLASS: &[Column] = &[
    NAME,
    col("Provisioner"),
    col("ReclaimPolicy"),
    col("VolumeBindingMode"),
    col("AllowVolumeExpansion"),
    AGE,
];
