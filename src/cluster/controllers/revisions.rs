//! ControllerRevisions: the memory of the templates that a DaemonSet or StatefulSet has had. Keeps, numbers and
//! forgets them; never touches pods. As pkg/controller/history.

use k8s_openapi::api::apps::v1::ControllerRevision;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use serde_json::json;

use super::Ctx;
use super::pod_template::{controller_reference, template_hash};
use crate::cluster::api::Status;
use crate::cluster::object::Typed;

pub const REVISION_LABEL: &str = "controller-revision-hash";
/// What the revisions of a StatefulSet have in its place.
const SET_LABEL: &str = "controller.kubernetes.io/hash";

/// Whose revisions.
pub struct Owner<'a> {
    pub meta: &'a ObjectMeta,
    pub kind: &'a str,
    pub template: &'a PodTemplateSpec,
    pub collisions: Option<i32>,
    pub history_limit: usize,
}

/// The revision of the present template, made or brought to the front if need be; and all others, oldest first.
pub struct History {
    pub current: Typed<ControllerRevision>,
    pub old: Vec<Typed<ControllerRevision>>,
}

/// Finds or makes the revision of the present template.
pub fn sync(owner: &Owner, ctx: &mut Ctx) -> Result<History, Status> {
    let uid = owner.meta.uid.as_deref().unwrap_or_default();
    let mut known: Vec<Typed<ControllerRevision>> = ctx.dependents(uid);
    known.sort_by_key(|r| r.revision);
    let data = RawExtension(json!({"spec": {"template": with_patch(owner.template)}}));
    let newest = known.last().map_or(0, |r| r.revision);
    let position = known.iter().position(|r| r.data.as_ref() == Some(&data));
    let current = match position {
        Some(at) => {
            let found = known.remove(at);
            if found.revision == newest {
                found
            } else {
                let mut copy = ControllerRevision::clone(&found);
                copy.revision = newest + 1;
                ctx.update(copy)?
            }
        }
        None => create(owner, data, newest + 1, ctx)?,
    };
    Ok(History { current, old: known })
}

fn with_patch(template: &PodTemplateSpec) -> serde_json::Value {
    let mut value = serde_json::to_value(template).unwrap_or_default();
    value["$patch"] = json!("replace");
    value
}

fn create(
    owner: &Owner,
    data: RawExtension,
    revision: i64,
    ctx: &mut Ctx,
) -> Result<Typed<ControllerRevision>, Status> {
    let hash = template_hash(owner.template, owner.collisions);
    let mut labels = owner.template.metadata.as_ref().and_then(|m| m.labels.clone()).unwrap_or_default();
    let label = if owner.kind == "StatefulSet" { SET_LABEL } else { REVISION_LABEL };
    labels.insert(label.to_owned(), hash.clone());
    let annotations = owner.meta.annotations.clone().map(|mut annotations| {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        annotations
    });
    ctx.create(ControllerRevision {
        metadata: ObjectMeta {
            name: Some(format!("{}-{hash}", owner.meta.name.as_deref().unwrap_or_default())),
            namespace: owner.meta.namespace.clone(),
            labels: Some(labels),
            annotations: annotations.filter(|a| !a.is_empty()),
            owner_references: Some(vec![controller_reference("apps/v1", owner.kind, owner.meta)]),
            ..ObjectMeta::default()
        },
        data: Some(data),
        revision,
    })
}

/// What a revision's pods carry: its hash, and in a StatefulSet its whole name.
pub fn hash_of(revision: &ControllerRevision) -> &str {
    let labels = revision.metadata.labels.as_ref();
    let hash = labels.and_then(|l| l.get(REVISION_LABEL));
    hash.or(revision.metadata.name.as_ref()).map(String::as_str).unwrap_or_default()
}

/// Forgets the oldest revisions beyond the limit that no pod has any more.
pub fn clean_up(owner: &Owner, history: &History, in_use: &dyn Fn(&str) -> bool, ctx: &mut Ctx) {
    let idle: Vec<_> = history.old.iter().filter(|r| !in_use(hash_of(r))).collect();
    let excess = idle.len().saturating_sub(owner.history_limit);
    for revision in idle.into_iter().take(excess) {
        // Already gone is as good.
        let _ = ctx.delete(&revision.key());
    }
}
