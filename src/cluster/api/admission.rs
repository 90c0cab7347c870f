//! Admission on create: namespace lifecycle, service accounts, tolerations and priority, as kube-apiserver's
//! default plug-ins do in this order.

use k8s_openapi::api::core::v1::{
    ConfigMapProjection, DownwardAPIProjection, DownwardAPIVolumeFile, KeyToPath, Namespace,
    ObjectFieldSelector, PersistentVolumeClaim, Pod, PodSpec, ProjectedVolumeSource, ServiceAccount,
    ServiceAccountTokenProjection, Toleration, Volume, VolumeMount, VolumeProjection,
};

use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::StorageClass;

use super::Status;
use super::server::ApiServer;
use crate::cluster::kinds::table::Resource;
use crate::cluster::object::{KindId, Object};
use crate::cluster::quantity;

const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// A second short of an hour would do; the projected token of admission asks for an hour and seven seconds.
const TOKEN_SECONDS: i64 = 3607;
/// How long a pod stays on a node that is not ready or not reachable.
const NODE_TROUBLE_SECONDS: i64 = 300;

impl ApiServer {
    /// Refuses or completes an object that is to be created.
    pub(super) fn admit(&mut self, resource: &Resource, object: &mut Object) -> Result<(), Status> {
        if resource.namespaced {
            self.check_namespace(resource, object)?;
        }
        match object {
            Object::Pod(pod) => self.admit_pod(pod),
            Object::PersistentVolumeClaim(claim) => {
                let spec = claim.spec.get_or_insert_default();
                if spec.storage_class_name.is_none() {
                    spec.storage_class_name = self.default_storage_class();
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The PersistentVolumeClaimResize plug-in: only claims whose class knows how to grow may ask for more.
    pub(super) fn admit_resize(&self, new: &Object, old: &Object) -> Result<(), Status> {
        let (Object::PersistentVolumeClaim(new), Object::PersistentVolumeClaim(old)) = (new, old) else {
            return Ok(());
        };
        let asked = |claim: &PersistentVolumeClaim| {
            let requests = claim.spec.as_ref()?.resources.as_ref()?.requests.as_ref()?;
            quantity::parse(&requests.get("storage")?.0).ok().map(quantity::Quantity::milli_value)
        };
        if asked(new) <= asked(old) {
            return Ok(());
        }
        let name = new.metadata.name.as_deref().unwrap_or_default();
        let refuse = |why: &str| Err(Status::forbidden("", "persistentvolumeclaims", name, why));
        if old.status.as_ref().and_then(|s| s.phase.as_deref()) != Some("Bound") {
            return refuse("Only bound persistent volume claims can be expanded");
        }
        let class = new.spec.as_ref().and_then(|s| s.storage_class_name.as_deref()).unwrap_or_default();
        let class = self.store.get_as::<StorageClass>("", class);
        match class.and_then(|class| class.allow_volume_expansion) {
            Some(true) => Ok(()),
            _ => refuse(
                "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
            ),
        }
    }

    fn check_namespace(&self, resource: &Resource, object: &Object) -> Result<(), Status> {
        let name = object.namespace();
        let Some(namespace) = self.store.get_as::<Namespace>("", name) else {
            return Err(Status::not_found("", "namespaces", name));
        };
        if namespace.metadata.deletion_timestamp.is_none() {
            return Ok(());
        }
        let why = format!("unable to create new content in namespace {name} because it is being terminated");
        Err(Status::forbidden(resource.group, resource.plural, object.name(), &why))
    }

    fn admit_pod(&mut self, pod: &mut Pod) -> Result<(), Status> {
        let namespace = pod.metadata.namespace.clone().unwrap_or_default();
        let name = pod.metadata.name.clone().unwrap_or_default();
        let forbidden = |why: &str| Status::forbidden("", "pods", &name, why);
        let spec = pod.spec.get_or_insert_default();
        self.mount_service_account(&namespace, &name, spec)?;
        if let Some(class_name) = spec.priority_class_name.clone().filter(|n| !n.is_empty()) {
            let Some(class) = self.store.get_as::<PriorityClass>("", &class_name) else {
                return Err(forbidden(&format!("no PriorityClass with name {class_name} was found")));
            };
            spec.priority = class.value;
            spec.preemption_policy.clone_from(&class.preemption_policy);
        } else if let Some(class) =
            self.store.each::<PriorityClass>(None).find(|class| class.global_default == Some(true))
        {
            spec.priority_class_name.clone_from(&class.metadata.name);
            spec.priority = class.value;
            spec.preemption_policy.clone_from(&class.preemption_policy);
        } else {
            spec.priority.get_or_insert(0);
            spec.preemption_policy.get_or_insert_with(|| "PreemptLowerPriority".to_owned());
        }
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            tolerate(spec, key);
        }
        self.apply_limits(pod);
        Ok(())
    }

    /// The ServiceAccount plug-in: the account must exist, and its token is mounted into every container.
    fn mount_service_account(
        &mut self,
        namespace: &str,
        pod: &str,
        spec: &mut PodSpec,
    ) -> Result<(), Status> {
        let account = spec.service_account_name.get_or_insert_with(|| "default".to_owned()).clone();
        spec.service_account = Some(account.clone());
        let Some(found) = self.store.get_as::<ServiceAccount>(namespace, &account) else {
            let why = format!(
                "error looking up service account {namespace}/{account}: serviceaccount \"{account}\" not found"
            );
            return Err(Status::forbidden("", "pods", pod, &why));
        };
        if spec.image_pull_secrets.as_ref().is_none_or(|s| s.is_empty()) {
            spec.image_pull_secrets.clone_from(&found.image_pull_secrets);
        }
        let automount = spec.automount_service_account_token.or(found.automount_service_account_token);
        if automount == Some(false) {
            return Ok(());
        }
        let lacks =
            |mounts: &Option<Vec<VolumeMount>>| !mounts.iter().flatten().any(|m| m.mount_path == TOKEN_PATH);
        let containers = spec.init_containers.iter_mut().flatten().chain(&mut spec.containers);
        let mut lacking: Vec<_> = containers.filter(|c| lacks(&c.volume_mounts)).collect();
        let has_volume = spec.volumes.iter().flatten().any(|v| v.name.starts_with("kube-api-access-"));
        if lacking.is_empty() || has_volume {
            return Ok(());
        }
        let volume = self.store.draw_name(KindId::Pod, namespace, "kube-api-access-");
        for container in &mut lacking {
            container.volume_mounts.get_or_insert_default().push(VolumeMount {
                name: volume.clone(),
                read_only: Some(true),
                mount_path: TOKEN_PATH.to_owned(),
                ..VolumeMount::default()
            });
        }
        spec.volumes.get_or_insert_default().push(token_volume(volume));
        Ok(())
    }

    fn default_storage_class(&self) -> Option<String> {
        let is_default = |object: &&std::rc::Rc<Object>| {
            object.annotation("storageclass.kubernetes.io/is-default-class") == Some("true")
        };
        self.store.list(KindId::StorageClass, None).find(is_default).map(|o| o.name().to_owned())
    }
}

/// Adds the toleration of a node's trouble unless the pod says something about it.
fn tolerate(spec: &mut PodSpec, key: &str) {
    let covers = |t: &Toleration| {
        let same_key = t.key.as_deref().unwrap_or_default();
        let effect = t.effect.as_deref().unwrap_or_default();
        (same_key.is_empty() || same_key == key) && matches!(effect, "" | "NoExecute")
    };
    if spec.tolerations.iter().flatten().any(covers) {
        return;
    }
    spec.tolerations.get_or_insert_default().push(Toleration {
        key: Some(key.to_owned()),
        operator: Some("Exists".to_owned()),
        effect: Some("NoExecute".to_owned()),
        toleration_seconds: Some(NODE_TROUBLE_SECONDS),
        ..Toleration::default()
    });
}

fn token_volume(name: String) -> Volume {
    let token = VolumeProjection {
        service_account_token: Some(ServiceAccountTokenProjection {
            expiration_seconds: Some(TOKEN_SECONDS),
            path: "token".to_owned(),
            ..ServiceAccountTokenProjection::default()
        }),
        ..VolumeProjection::default()
    };
    let authority = VolumeProjection {
        config_map: Some(ConfigMapProjection {
            name: "kube-root-ca.crt".to_owned(),
            items: Some(vec![KeyToPath {
                key: "ca.crt".to_owned(),
                path: "ca.crt".to_owned(),
                ..KeyToPath::default()
            }]),
            ..ConfigMapProjection::default()
        }),
        ..VolumeProjection::default()
    };
    let field = ObjectFieldSelector {
        api_version: Some("v1".to_owned()),
        field_path: "metadata.namespace".to_owned(),
    };
    let namespace = VolumeProjection {
        downward_api: Some(DownwardAPIProjection {
            items: Some(vec![DownwardAPIVolumeFile {
                path: "namespace".to_owned(),
                field_ref: Some(field),
                ..DownwardAPIVolumeFile::default()
            }]),
        }),
        ..VolumeProjection::default()
    };
    let projected =
        ProjectedVolumeSource { default_mode: Some(420), sources: Some(vec![token, authority, namespace]) };
    Volume { name, projected: Some(projected), ..Volume::default() }
}
