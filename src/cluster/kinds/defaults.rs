//! What the API server fills in for each kind before it validates: `pkg/apis/*/v1/defaults.go`.
//!
//! Also the zero values that Go writes although nobody set them (`status: {}`, `strategy: {}`): the types here
//! leave out what is `None`, so such fields are set.

use k8s_openapi::api::apps::v1::{
    DaemonSet, DaemonSetUpdateStrategy, Deployment, DeploymentStrategy, ReplicaSet, RollingUpdateDaemonSet,
    RollingUpdateDeployment, RollingUpdateStatefulSetStrategy, StatefulSet,
    StatefulSetPersistentVolumeClaimRetentionPolicy,
};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::{CronJob, Job, JobSpec};
use k8s_openapi::api::core::v1::{
    ClientIPConfig, Endpoints, LimitRange, Namespace, PersistentVolume, PersistentVolumeClaim,
    PersistentVolumeClaimSpec, Pod, ReplicationController, ResourceQuota, Secret, Service,
    SessionAffinityConfig,
};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{RoleRef, Subject};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::pod_spec::{default_pod_spec, default_requests, default_template, percent};
use crate::cluster::object::Object;

/// Fills in an object as the server would. Idempotent.
pub fn default(object: &mut Object) {
    match object {
        Object::Pod(o) => pod(o),
        Object::Service(o) => service(o),
        Object::Endpoints(o) => endpoints(o),
        Object::Secret(o) => secret(o),
        Object::Namespace(o) => namespace(o),
        Object::Node(o) => {
            o.spec.get_or_insert_default();
            o.status.get_or_insert_default();
        }
        Object::PersistentVolume(o) => persistent_volume(o),
        Object::PersistentVolumeClaim(o) => claim(o),
        Object::ResourceQuota(o) => quota(o),
        Object::LimitRange(o) => limit_range(o),
        Object::ReplicationController(o) => replication_controller(o),
        Object::Deployment(o) => deployment(o),
        Object::ReplicaSet(o) => replica_set(o),
        Object::DaemonSet(o) => daemon_set(o),
        Object::StatefulSet(o) => stateful_set(o),
        Object::HorizontalPodAutoscaler(o) => autoscaler(o),
        Object::Job(o) => job(o),
        Object::CronJob(o) => cron_job(o),
        Object::EndpointSlice(o) => endpoint_slice(o),
        Object::Ingress(o) => ingress(o),
        Object::NetworkPolicy(o) => network_policy(o),
        Object::PodDisruptionBudget(o) => budget(o),
        Object::RoleBinding(o) => binding(&mut o.role_ref, o.subjects.as_mut(), &o.metadata.namespace),
        Object::ClusterRoleBinding(o) => binding(&mut o.role_ref, o.subjects.as_mut(), &None),
        Object::StorageClass(o) => storage_class(o),
        Object::PriorityClass(o) => {
            o.preemption_policy.get_or_insert_with(|| "PreemptLowerPriority".to_owned());
        }
        Object::Lease(o) => {
            o.spec.get_or_insert_default();
        }
        Object::PodTemplate(o) => default_template(o.template.get_or_insert_default()),
        Object::ConfigMap(_)
        | Object::ComponentStatus(_)
        | Object::Event(_)
        | Object::ServiceAccount(_)
        | Object::ControllerRevision(_)
        | Object::IngressClass(_)
        | Object::ClusterRole(_)
        | Object::Role(_) => {}
    }
}

fn pod(o: &mut Pod) {
    let spec = o.spec.get_or_insert_default();
    default_pod_spec(spec);
    default_requests(spec);
    spec.enable_service_links.get_or_insert(true);
    o.status.get_or_insert_default();
}

fn service(o: &mut Service) {
    let spec = o.spec.get_or_insert_default();
    let type_ = spec.type_.get_or_insert_with(|| "ClusterIP".to_owned()).clone();
    let affinity = spec.session_affinity.get_or_insert_with(|| "None".to_owned());
    match affinity.as_str() {
        "ClientIP" => {
            let config: &mut SessionAffinityConfig = spec.session_affinity_config.get_or_insert_default();
            let client: &mut ClientIPConfig = config.client_ip.get_or_insert_default();
            client.timeout_seconds.get_or_insert(10_800);
        }
        "None" => spec.session_affinity_config = None,
        _ => {}
    }
    for port in spec.ports.iter_mut().flatten() {
        port.protocol.get_or_insert_with(|| "TCP".to_owned());
        let unset = matches!(&port.target_port, None | Some(IntOrString::Int(0)))
            || matches!(&port.target_port, Some(IntOrString::String(s)) if s.is_empty());
        if unset {
            port.target_port = Some(IntOrString::Int(port.port));
        }
        port.node_port.take_if(|p| *p == 0);
    }
    spec.ports.take_if(|p| p.is_empty());
    let reached_from_outside = spec.external_ips.as_ref().is_some_and(|ips| !ips.is_empty());
    if matches!(type_.as_str(), "NodePort" | "LoadBalancer") || (type_ == "ClusterIP" && reached_from_outside)
    {
        spec.external_traffic_policy.get_or_insert_with(|| "Cluster".to_owned());
    }
    if type_ == "LoadBalancer" {
        spec.allocate_load_balancer_node_ports.get_or_insert(true);
    }
    if type_ != "ExternalName" {
        spec.internal_traffic_policy.get_or_insert_with(|| "Cluster".to_owned());
    }
    spec.publish_not_ready_addresses.take_if(|p| !*p);
    spec.selector.take_if(|s| s.is_empty());
    let status = o.status.get_or_insert_default();
    let balancer = status.load_balancer.get_or_insert_default();
    for ingress in balancer.ingress.iter_mut().flatten() {
        if ingress.ip.is_some() {
            ingress.ip_mode.get_or_insert_with(|| "VIP".to_owned());
        }
    }
}

fn endpoints(o: &mut Endpoints) {
    for port in o.subsets.iter_mut().flatten().flat_map(|s| s.ports.iter_mut().flatten()) {
        port.protocol.get_or_insert_with(|| "TCP".to_owned());
    }
}

fn secret(o: &mut Secret) {
    o.type_.get_or_insert_with(|| "Opaque".to_owned());
    if let Some(text) = o.string_data.take() {
        let data = o.data.get_or_insert_default();
        for (key, value) in text {
            data.insert(key, k8s_openapi::ByteString(value.into_bytes()));
        }
    }
}

fn namespace(o: &mut Namespace) {
    if let Some(name) = o.metadata.name.clone().filter(|n| !n.is_empty()) {
        o.metadata.labels.get_or_insert_default().insert("kubernetes.io/metadata.name".to_owned(), name);
    }
    o.spec.get_or_insert_default();
    o.status.get_or_insert_default().phase.get_or_insert_with(|| "Active".to_owned());
}

fn persistent_volume(o: &mut PersistentVolume) {
    let spec = o.spec.get_or_insert_default();
    spec.persistent_volume_reclaim_policy.get_or_insert_with(|| "Retain".to_owned());
    spec.volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
    if let Some(host_path) = &mut spec.host_path {
        host_path.type_.get_or_insert_default();
    }
    o.status.get_or_insert_default().phase.get_or_insert_with(|| "Pending".to_owned());
}

fn claim_spec(spec: &mut PersistentVolumeClaimSpec) {
    spec.volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
    spec.resources.get_or_insert_default();
}

fn claim(o: &mut PersistentVolumeClaim) {
    claim_spec(o.spec.get_or_insert_default());
    o.status.get_or_insert_default().phase.get_or_insert_with(|| "Pending".to_owned());
}

fn quota(o: &mut ResourceQuota) {
    o.spec.get_or_insert_default();
    o.status.get_or_insert_default();
}

fn limit_range(o: &mut LimitRange) {
    for item in o.spec.iter_mut().flat_map(|s| s.limits.iter_mut()) {
        if item.type_ != "Container" {
            continue;
        }
        // Default limits follow the maximum, default requests the default limits and then the minimum.
        let defaults = item.default.get_or_insert_default();
        for (name, max) in item.max.iter().flatten() {
            defaults.entry(name.clone()).or_insert_with(|| max.clone());
        }
        let requests = item.default_request.get_or_insert_default();
        for (name, value) in item.default.iter().flatten().chain(item.min.iter().flatten()) {
            requests.entry(name.clone()).or_insert_with(|| value.clone());
        }
        item.default.take_if(|d| d.is_empty());
        item.default_request.take_if(|d| d.is_empty());
    }
}

fn replication_controller(o: &mut ReplicationController) {
    let spec = o.spec.get_or_insert_default();
    spec.replicas.get_or_insert(1);
    if let Some(template) = &mut spec.template {
        default_template(template);
        let labels = template.metadata.as_ref().and_then(|m| m.labels.clone());
        if spec.selector.as_ref().is_none_or(|s| s.is_empty()) {
            spec.selector = labels.clone();
        }
        if o.metadata.labels.is_none() {
            o.metadata.labels = labels;
        }
    }
    o.status.get_or_insert_default();
}

fn deployment(o: &mut Deployment) {
    let spec = o.spec.get_or_insert_default();
    spec.replicas.get_or_insert(1);
    let strategy: &mut DeploymentStrategy = spec.strategy.get_or_insert_default();
    let type_ = strategy.type_.get_or_insert_with(|| "RollingUpdate".to_owned());
    if type_ == "RollingUpdate" {
        let rolling: &mut RollingUpdateDeployment = strategy.rolling_update.get_or_insert_default();
        rolling.max_unavailable.get_or_insert_with(|| percent(25));
        rolling.max_surge.get_or_insert_with(|| percent(25));
    }
    spec.revision_history_limit.get_or_insert(10);
    spec.progress_deadline_seconds.get_or_insert(600);
    spec.min_ready_seconds.take_if(|s| *s == 0);
    spec.paused.take_if(|p| !*p);
    default_template(&mut spec.template);
    o.status.get_or_insert_default();
}

fn replica_set(o: &mut ReplicaSet) {
    let spec = o.spec.get_or_insert_default();
    spec.replicas.get_or_insert(1);
    spec.min_ready_seconds.take_if(|s| *s == 0);
    default_template(spec.template.get_or_insert_default());
    o.status.get_or_insert_default();
}

fn daemon_set(o: &mut DaemonSet) {
    let spec = o.spec.get_or_insert_default();
    let strategy: &mut DaemonSetUpdateStrategy = spec.update_strategy.get_or_insert_default();
    let type_ = strategy.type_.get_or_insert_with(|| "RollingUpdate".to_owned());
    if type_ == "RollingUpdate" {
        let rolling: &mut RollingUpdateDaemonSet = strategy.rolling_update.get_or_insert_default();
        rolling.max_unavailable.get_or_insert(IntOrString::Int(1));
        rolling.max_surge.get_or_insert(IntOrString::Int(0));
    }
    spec.revision_history_limit.get_or_insert(10);
    default_template(&mut spec.template);
    o.status.get_or_insert_default();
}

fn stateful_set(o: &mut StatefulSet) {
    let spec = o.spec.get_or_insert_default();
    spec.replicas.get_or_insert(1);
    spec.pod_management_policy.get_or_insert_with(|| "OrderedReady".to_owned());
    let strategy = spec.update_strategy.get_or_insert_default();
    let type_ = strategy.type_.get_or_insert_with(|| "RollingUpdate".to_owned());
    if type_ == "RollingUpdate" {
        let rolling: &mut RollingUpdateStatefulSetStrategy = strategy.rolling_update.get_or_insert_default();
        rolling.partition.get_or_insert(0);
    }
    let keep = || "Retain".to_owned();
    let policy: &mut StatefulSetPersistentVolumeClaimRetentionPolicy =
        spec.persistent_volume_claim_retention_policy.get_or_insert_default();
    policy.when_deleted.get_or_insert_with(keep);
    policy.when_scaled.get_or_insert_with(keep);
    spec.revision_history_limit.get_or_insert(10);
    spec.service_name.get_or_insert_default();
    default_template(&mut spec.template);
    for template in spec.volume_claim_templates.iter_mut().flatten() {
        claim(template);
    }
    let status = o.status.get_or_insert_default();
    status.available_replicas.get_or_insert(0);
}

fn autoscaler(o: &mut HorizontalPodAutoscaler) {
    let spec = &mut o.spec;
    spec.min_replicas.get_or_insert(1);
    if spec.metrics.as_ref().is_none_or(Vec::is_empty) {
        spec.metrics = Some(vec![super::autoscaler::cpu_utilization(80)]);
    }
    super::autoscaler::default_behavior(spec);
    o.status.get_or_insert_default();
}

fn job_spec(spec: &mut JobSpec) {
    if spec.completions.is_none() && spec.parallelism.is_none() {
        spec.completions = Some(1);
    }
    spec.parallelism.get_or_insert(1);
    // Indexes with limits of their own need none for all.
    let all = if spec.backoff_limit_per_index.is_some() { i32::MAX } else { 6 };
    spec.backoff_limit.get_or_insert(all);
    spec.completion_mode.get_or_insert_with(|| "NonIndexed".to_owned());
    spec.suspend.get_or_insert(false);
    spec.manual_selector.get_or_insert(false);
    if spec.pod_replacement_policy.is_none() {
        let policy = if spec.pod_failure_policy.is_some() { "Failed" } else { "TerminatingOrFailed" };
        spec.pod_replacement_policy = Some(policy.to_owned());
    }
    default_template(&mut spec.template);
}

fn job(o: &mut Job) {
    job_spec(o.spec.get_or_insert_default());
    o.status.get_or_insert_default();
}

fn cron_job(o: &mut CronJob) {
    let spec = &mut o.spec;
    spec.concurrency_policy.get_or_insert_with(|| "Allow".to_owned());
    spec.suspend.get_or_insert(false);
    spec.successful_jobs_history_limit.get_or_insert(3);
    spec.failed_jobs_history_limit.get_or_insert(1);
    spec.job_template.metadata.get_or_insert_default();
    let job = spec.job_template.spec.get_or_insert_default();
    // Inside a CronJob only the pod template has defaults; the rest comes with the Job.
    default_template(&mut job.template);
    o.status.get_or_insert_default();
}

fn endpoint_slice(o: &mut EndpointSlice) {
    for port in o.ports.iter_mut().flatten() {
        port.name.get_or_insert_default();
        port.protocol.get_or_insert_with(|| "TCP".to_owned());
    }
}

fn ingress(o: &mut Ingress) {
    let spec = o.spec.get_or_insert_default();
    for path in
        spec.rules.iter_mut().flatten().flat_map(|r| r.http.iter_mut()).flat_map(|h| h.paths.iter_mut())
    {
        if path.path_type.is_empty() {
            path.path_type = "ImplementationSpecific".to_owned();
        }
    }
    o.status.get_or_insert_default().load_balancer.get_or_insert_default();
}

fn network_policy(o: &mut NetworkPolicy) {
    let Some(spec) = &mut o.spec else { return };
    spec.pod_selector.get_or_insert_with(LabelSelector::default);
    if spec.policy_types.as_ref().is_none_or(Vec::is_empty) {
        let mut types = vec!["Ingress".to_owned()];
        if spec.egress.as_ref().is_some_and(|e| !e.is_empty()) {
            types.push("Egress".to_owned());
        }
        spec.policy_types = Some(types);
    }
    let ingress = spec.ingress.iter_mut().flatten().flat_map(|r| r.ports.iter_mut().flatten());
    let egress = spec.egress.iter_mut().flatten().flat_map(|r| r.ports.iter_mut().flatten());
    for port in ingress.chain(egress) {
        port.protocol.get_or_insert_with(|| "TCP".to_owned());
    }
}

fn budget(o: &mut PodDisruptionBudget) {
    o.spec.get_or_insert_default();
    o.status.get_or_insert_default();
}

fn binding(role: &mut RoleRef, subjects: Option<&mut Vec<Subject>>, namespace: &Option<String>) {
    role.api_group.get_or_insert_with(|| "rbac.authorization.k8s.io".to_owned());
    for subject in subjects.into_iter().flatten() {
        if matches!(subject.kind.as_str(), "User" | "Group") {
            subject.api_group.get_or_insert_with(|| "rbac.authorization.k8s.io".to_owned());
        }
        if subject.kind == "ServiceAccount" && subject.namespace.is_none() {
            subject.namespace.clone_from(namespace);
        }
    }
}

fn storage_class(o: &mut StorageClass) {
    o.reclaim_policy.get_or_insert_with(|| "Delete".to_owned());
    o.volume_binding_mode.get_or_insert_with(|| "Immediate".to_owned());
}
