//! The driver's provisioner, which runs beside the control plane in a cloud's cluster: makes the volumes that claims
//! ask for, and takes back those that were made here. Binds nothing. As the external-provisioner of CSI.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{
    CSIPersistentVolumeSource, Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm,
    ObjectReference, PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec, VolumeNodeAffinity,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Text;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::find::requested;
use super::{
    PROVISIONED_BY, PROVISIONER, SELECTED_NODE, class_of, is_bound, volume_name, waits_for_consumer,
};
use crate::cluster::controllers::{Controller, Ctx, Outcome, reference_of};
use crate::cluster::object::{Key, KindId, Typed};
use crate::cluster::quantity::Quantity;
use crate::cluster::sim_time;
use crate::cluster::store::{Change, Store};

const DRIVER: &str = "pd.csi.storage.gke.io";
const ZONE: &str = "topology.kubernetes.io/zone";
const FINALIZER: &str = "external-provisioner.volume.kubernetes.io/finalizer";
/// Making a disk takes the cloud this long.
const MAKING: Duration = Duration::from_secs(3);
/// Disks come in whole gibibytes.
const GIB: i64 = 1 << 30;

pub struct VolumeProvisioner;

impl Controller for VolumeProvisioner {
    fn name(&self) -> &'static str {
        "pd.csi.storage.gke.io_gke-control-plane"
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        let concerned = match change.key.kind {
            KindId::PersistentVolumeClaim => {
                change.new_as::<PersistentVolumeClaim>().is_some_and(|c| !is_bound(c))
            }
            KindId::PersistentVolume => change.new.is_some(),
            _ => false,
        };
        if concerned {
            keys.push(change.key.clone());
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        if !ctx.config().provisions_volumes {
            return Outcome::Done;
        }
        match key.kind {
            KindId::PersistentVolume => take_back(key, ctx),
            _ => match ctx.get_key::<PersistentVolumeClaim>(key) {
                Some(claim) => provide(&claim, ctx),
                None => Outcome::Done,
            },
        }
    }
}

fn provide(claim: &Typed<PersistentVolumeClaim>, ctx: &mut Ctx) -> Outcome {
    let asked = claim.object().annotation(PROVISIONER) == Some(DRIVER);
    let node = claim.object().annotation(SELECTED_NODE).map(str::to_owned);
    let early = waits_for_consumer(claim, ctx.store()) && node.is_none();
    if !asked || early || !volume_name(claim).is_empty() || claim.metadata.deletion_timestamp.is_some() {
        return Outcome::Done;
    }
    let name = format!("pvc-{}", claim.uid());
    if ctx.get::<PersistentVolume>("", &name).is_some() {
        return Outcome::Done;
    }
    let said = ctx.store().events_about(claim.uid()).find_map(|o| match &**o {
        crate::cluster::object::Object::Event(e) if e.reason.as_deref() == Some("Provisioning") => {
            e.first_timestamp.as_ref().map(sim_time)
        }
        _ => None,
    });
    let Some(begun) = said else {
        let message = format!("External provisioner is provisioning volume for claim \"{}\"", claim.key());
        ctx.record_event(&**claim, "Normal", "Provisioning", message);
        return Outcome::RequeueAt(ctx.now + MAKING);
    };
    if ctx.now < begun + MAKING {
        return Outcome::RequeueAt(begun + MAKING);
    }
    let Some(volume) = volume(claim, &name, node.as_deref(), ctx) else { return Outcome::Done };
    if ctx.create(volume).is_err() {
        return Outcome::Retry;
    }
    ctx.record_event(
        &**claim,
        "Normal",
        "ProvisioningSucceeded",
        format!("Successfully provisioned volume {name}"),
    );
    Outcome::Done
}

fn volume(
    claim: &Typed<PersistentVolumeClaim>,
    name: &str,
    node: Option<&str>,
    ctx: &Ctx,
) -> Option<PersistentVolume> {
    let class = class_of(claim, ctx.store())?;
    let spec = claim.spec.as_ref()?;
    let of_node = |node: &Node| node.metadata.labels.as_ref().and_then(|l| l.get(ZONE).cloned());
    let zone = match node {
        Some(name) => ctx.get::<Node>("", name).and_then(|n| of_node(&n)),
        None => ctx.store().each::<Node>(None).find_map(of_node),
    };
    let zone = zone.unwrap_or_default();
    let size = requested(claim).value().max(1);
    let gibibytes = (size + GIB - 1) / GIB;
    let affinity = NodeSelectorTerm {
        match_expressions: Some(vec![NodeSelectorRequirement {
            key: ZONE.to_owned(),
            operator: "In".to_owned(),
            values: Some(vec![zone.clone()]),
        }]),
        match_fields: None,
    };
    let source = CSIPersistentVolumeSource {
        driver: DRIVER.to_owned(),
        fs_type: Some("ext4".to_owned()).filter(|_| spec.volume_mode.as_deref() != Some("Block")),
        volume_handle: format!("projects/UNSPECIFIED/zones/{zone}/disks/{name}"),
        volume_attributes: Some(BTreeMap::from([(
            "storage.kubernetes.io/csiProvisionerIdentity".to_owned(),
            format!("{}-8081-{DRIVER}", ctx.config().now.millis()),
        )])),
        ..CSIPersistentVolumeSource::default()
    };
    let annotations = [
        (PROVISIONED_BY, DRIVER),
        ("volume.kubernetes.io/provisioner-deletion-secret-name", ""),
        ("volume.kubernetes.io/provisioner-deletion-secret-namespace", ""),
    ];
    Some(PersistentVolume {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            annotations: Some(annotations.map(|(k, v)| (k.to_owned(), v.to_owned())).into()),
            finalizers: Some(vec![FINALIZER.to_owned()]),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeSpec {
            access_modes: spec.access_modes.clone(),
            capacity: Some(
                [("storage".to_owned(), Text(Quantity::bytes(gibibytes * GIB).to_string()))].into(),
            ),
            claim_ref: Some(ObjectReference { field_path: None, ..reference_of(&**claim, None) }),
            csi: Some(source),
            mount_options: class.mount_options,
            node_affinity: Some(VolumeNodeAffinity {
                required: Some(NodeSelector { node_selector_terms: vec![affinity] }),
            }),
            persistent_volume_reclaim_policy: class.reclaim_policy.or_else(|| Some("Delete".to_owned())),
            storage_class_name: spec.storage_class_name.clone(),
            volume_mode: spec.volume_mode.clone(),
            ..PersistentVolumeSpec::default()
        }),
        status: None,
    })
}

/// A released volume whose class says Delete goes, with the disk behind it.
fn take_back(key: &Key, ctx: &mut Ctx) -> Outcome {
    let Some(volume) = ctx.get_key::<PersistentVolume>(key) else { return Outcome::Done };
    let ours = volume.object().annotation(PROVISIONED_BY) == Some(DRIVER);
    let released = volume.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Released");
    let spec = volume.spec.as_ref();
    let delete = spec.and_then(|s| s.persistent_volume_reclaim_policy.as_deref()) == Some("Delete");
    if !ours {
        return Outcome::Done;
    }
    if volume.metadata.deletion_timestamp.is_none() {
        let gone = released && delete && ctx.delete(key).is_err();
        return if gone { Outcome::Retry } else { Outcome::Done };
    }
    let mut copy = PersistentVolume::clone(&volume);
    let finalizers = copy.metadata.finalizers.get_or_insert_default();
    if !finalizers.iter().any(|f| f == FINALIZER) {
        return Outcome::Done;
    }
    finalizers.retain(|f| f != FINALIZER);
    match ctx.update(copy) {
        Ok(_) => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}
