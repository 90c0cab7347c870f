//! The resources the API server serves, in the order of discovery: names, short names, scope, categories, verbs.
//!
//! Resources without a `KindId` are served for discovery and answer with empty lists: nothing in the simulation
//! uses them.

use crate::cluster::object::KindId;

/// One resource of one API version.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    pub group: &'static str,
    pub version: &'static str,
    pub plural: &'static str,
    pub kind: &'static str,
    pub namespaced: bool,
    pub short_names: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub verbs: &'static [&'static str],
    /// `None`: known by name only.
    pub id: Option<KindId>,
}

impl Resource {
    /// `v1` or `apps/v1`.
    pub fn api_version(&self) -> String {
        match self.group.is_empty() {
            true => self.version.to_owned(),
            false => format!("{}/{}", self.group, self.version),
        }
    }
    /// The lower-case kind, as discovery's `singularName`.
    pub fn singular(&self) -> String {
        self.kind.to_ascii_lowercase()
    }
}

const ALL: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const CREATE: &[&str] = &["create"];
const READ: &[&str] = &["get", "list"];
/// Namespaces and services cannot be deleted as a collection … only namespaces, since 1.24.
const NO_COLLECTION: &[&str] = &["create", "delete", "get", "list", "patch", "update", "watch"];

#[rustfmt::skip]
#[allow(clippy::too_many_arguments, reason = "a row of a table")]
const fn row(
    group: &'static str, version: &'static str, plural: &'static str, kind: &'static str, namespaced: bool,
    short_names: &'static [&'static str], categories: &'static [&'static str], verbs: &'static [&'static str],
    id: Option<KindId>,
) -> Resource {
    Resource { group, version, plural, kind, namespaced, short_names, categories, verbs, id }
}

/// Preferred versions first within a group; `autoscaling/v1` is the only second version.
#[rustfmt::skip]
pub const RESOURCES: &[Resource] = &[
    row("", "v1", "bindings", "Binding", true, &[], &[], CREATE, None),
    row("", "v1", "componentstatuses", "ComponentStatus", false, &["cs"], &[], READ, Some(KindId::ComponentStatus)),
    row("", "v1", "configmaps", "ConfigMap", true, &["cm"], &[], ALL, Some(KindId::ConfigMap)),
    row("", "v1", "endpoints", "Endpoints", true, &["ep"], &[], ALL, Some(KindId::Endpoints)),
    row("", "v1", "events", "Event", true, &["ev"], &[], ALL, Some(KindId::Event)),
    row("", "v1", "limitranges", "LimitRange", true, &["limits"], &[], ALL, Some(KindId::LimitRange)),
    row("", "v1", "namespaces", "Namespace", false, &["ns"], &[], NO_COLLECTION, Some(KindId::Namespace)),
    row("", "v1", "nodes", "Node", false, &["no"], &[], ALL, Some(KindId::Node)),
    row("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true, &["pvc"], &[], ALL, Some(KindId::PersistentVolumeClaim)),
    row("", "v1", "persistentvolumes", "PersistentVolume", false, &["pv"], &[], ALL, Some(KindId::PersistentVolume)),
    row("", "v1", "pods", "Pod", true, &["po"], &["all"], ALL, Some(KindId::Pod)),
    row("", "v1", "podtemplates", "PodTemplate", true, &[], &[], ALL, Some(KindId::PodTemplate)),
    row("", "v1", "replicationcontrollers", "ReplicationController", true, &["rc"], &["all"], ALL, Some(KindId::ReplicationController)),
    row("", "v1", "resourcequotas", "ResourceQuota", true, &["quota"], &[], ALL, Some(KindId::ResourceQuota)),
    row("", "v1", "secrets", "Secret", true, &[], &[], ALL, Some(KindId::Secret)),
    row("", "v1", "serviceaccounts", "ServiceAccount", true, &["sa"], &[], ALL, Some(KindId::ServiceAccount)),
    row("", "v1", "services", "Service", true, &["svc"], &["all"], ALL, Some(KindId::Service)),
    row("admissionregistration.k8s.io", "v1", "mutatingadmissionpolicies", "MutatingAdmissionPolicy", false, &[], &["api-extensions"], ALL, None),
    row("admissionregistration.k8s.io", "v1", "mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", false, &[], &["api-extensions"], ALL, None),
    row("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", false, &[], &["api-extensions"], ALL, None),
    row("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", false, &[], &["api-extensions"], ALL, None),
    row("admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", false, &[], &["api-extensions"], ALL, None),
    row("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", false, &[], &["api-extensions"], ALL, None),
    row("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false, &["crd", "crds"], &["api-extensions"], ALL, None),
    row("apiregistration.k8s.io", "v1", "apiservices", "APIService", false, &[], &["api-extensions"], ALL, None),
    row("apps", "v1", "controllerrevisions", "ControllerRevision", true, &[], &[], ALL, Some(KindId::ControllerRevision)),
    row("apps", "v1", "daemonsets", "DaemonSet", true, &["ds"], &["all"], ALL, Some(KindId::DaemonSet)),
    row("apps", "v1", "deployments", "Deployment", true, &["deploy"], &["all"], ALL, Some(KindId::Deployment)),
    row("apps", "v1", "replicasets", "ReplicaSet", true, &["rs"], &["all"], ALL, Some(KindId::ReplicaSet)),
    row("apps", "v1", "statefulsets", "StatefulSet", true, &["sts"], &["all"], ALL, Some(KindId::StatefulSet)),
    row("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", false, &[], &[], CREATE, None),
    row("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", false, &[], &[], CREATE, None),
    row("authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", true, &[], &[], CREATE, None),
    row("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false, &[], &[], CREATE, None),
    row("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", false, &[], &[], CREATE, None),
    row("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", false, &[], &[], CREATE, None),
    row("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true, &["hpa"], &["all"], ALL, Some(KindId::HorizontalPodAutoscaler)),
    row("autoscaling", "v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true, &["hpa"], &["all"], ALL, Some(KindId::HorizontalPodAutoscaler)),
    row("batch", "v1", "cronjobs", "CronJob", true, &["cj"], &["all"], ALL, Some(KindId::CronJob)),
    row("batch", "v1", "jobs", "Job", true, &[], &["all"], ALL, Some(KindId::Job)),
    row("certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", false, &["csr"], &[], ALL, None),
    row("coordination.k8s.io", "v1", "leases", "Lease", true, &[], &[], ALL, Some(KindId::Lease)),
    row("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true, &[], &[], ALL, Some(KindId::EndpointSlice)),
    row("events.k8s.io", "v1", "events", "Event", true, &["ev"], &[], ALL, None),
    row("flowcontrol.apiserver.k8s.io", "v1", "flowschemas", "FlowSchema", false, &[], &[], ALL, None),
    row("flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations", "PriorityLevelConfiguration", false, &[], &[], ALL, None),
    row("networking.k8s.io", "v1", "ingressclasses", "IngressClass", false, &[], &[], ALL, Some(KindId::IngressClass)),
    row("networking.k8s.io", "v1", "ingresses", "Ingress", true, &["ing"], &[], ALL, Some(KindId::Ingress)),
    row("networking.k8s.io", "v1", "ipaddresses", "IPAddress", false, &["ip"], &[], ALL, None),
    row("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true, &["netpol"], &[], ALL, Some(KindId::NetworkPolicy)),
    row("networking.k8s.io", "v1", "servicecidrs", "ServiceCIDR", false, &[], &[], ALL, None),
    row("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", false, &[], &[], ALL, None),
    row("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true, &["pdb"], &[], ALL, Some(KindId::PodDisruptionBudget)),
    row("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false, &[], &[], ALL, Some(KindId::ClusterRoleBinding)),
    row("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false, &[], &[], ALL, Some(KindId::ClusterRole)),
    row("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true, &[], &[], ALL, Some(KindId::RoleBinding)),
    row("rbac.authorization.k8s.io", "v1", "roles", "Role", true, &[], &[], ALL, Some(KindId::Role)),
    row("resource.k8s.io", "v1", "deviceclasses", "DeviceClass", false, &[], &[], ALL, None),
    row("resource.k8s.io", "v1", "resourceclaims", "ResourceClaim", true, &[], &[], ALL, None),
    row("resource.k8s.io", "v1", "resourceclaimtemplates", "ResourceClaimTemplate", true, &[], &[], ALL, None),
    row("resource.k8s.io", "v1", "resourceslices", "ResourceSlice", false, &[], &[], ALL, None),
    row("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false, &["pc"], &[], ALL, Some(KindId::PriorityClass)),
    row("storage.k8s.io", "v1", "csidrivers", "CSIDriver", false, &[], &[], ALL, None),
    row("storage.k8s.io", "v1", "csinodes", "CSINode", false, &[], &[], ALL, None),
    row("storage.k8s.io", "v1", "csistoragecapacities", "CSIStorageCapacity", true, &[], &[], ALL, None),
    row("storage.k8s.io", "v1", "storageclasses", "StorageClass", false, &["sc"], &[], ALL, Some(KindId::StorageClass)),
    row("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", false, &[], &[], ALL, None),
    row("storage.k8s.io", "v1", "volumeattributesclasses", "VolumeAttributesClass", false, &["vac"], &[], ALL, None),
];

/// The resource of a URL.
pub fn find(group: &str, version: &str, plural: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|r| r.plural == plural && r.group == group && r.version == version)
}

/// The resource of a manifest's `apiVersion` and `kind`.
pub fn find_kind(group: &str, version: &str, kind: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|r| r.kind == kind && r.group == group && r.version == version)
}

/// The preferred resource of a stored kind.
pub fn of(id: KindId) -> &'static Resource {
    match RESOURCES.iter().find(|r| r.id == Some(id)) {
        Some(resource) => resource,
        None => unreachable!("every kind has a row, see the test below"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_row() {
        for id in KindId::ALL {
            let row = RESOURCES.iter().find(|r| r.id == Some(*id));
            assert_eq!(row.map(|r| r.kind.to_owned()), Some(format!("{id:?}")));
        }
        assert_eq!(
            find("autoscaling", "v1", "horizontalpodautoscalers").map(|r| r.singular()).as_deref(),
            Some("horizontalpodautoscaler")
        );
        assert_eq!(of(KindId::HorizontalPodAutoscaler).version, "v2");
    }
}
