//! A Deployment's ReplicaSets: which is the new one, how it is made, annotated, scaled and in the end forgotten.
//! Touches ReplicaSets and the Deployment's status; pods belong to the ReplicaSet controller.
//! As deployment/sync.go and deploymentutil.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentStatus, ReplicaSet, ReplicaSetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use super::arithmetic::{DESIRED_REPLICAS, MAX_REPLICAS, max_surge, new_replica_count, size, wanted};
use super::status::{PROGRESSING, condition, new_condition, progress_deadline, set_condition};
use crate::cluster::api::{Reason, Status};
use crate::cluster::controllers::Ctx;
use crate::cluster::controllers::pod_template::{
    HASH_LABEL, controller_reference, equal_ignoring_hash, template_hash,
};
use crate::cluster::object::Typed;

pub const REVISION: &str = "deployment.kubernetes.io/revision";
pub const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";

/// Annotations of a Deployment that are its own business and not its ReplicaSets'.
const NOT_COPIED: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
];

/// The real one keeps about a hundred revisions of history, counted in characters.
const MAX_REVISION_HISTORY_CHARS: usize = 2000;

/// The Deployment under work with its ReplicaSets.
pub struct Family {
    pub d: Deployment,
    /// Those whose template is not the Deployment's, oldest first.
    pub old: Vec<Typed<ReplicaSet>>,
    /// The one whose template is the Deployment's; `None` before it exists.
    pub new: Option<Typed<ReplicaSet>>,
}

impl Family {
    pub fn new(d: Deployment, mut all: Vec<Typed<ReplicaSet>>) -> Family {
        all.sort_by(|a, b| {
            let at = |rs: &Typed<ReplicaSet>| rs.metadata.creation_timestamp.clone();
            at(a).cmp(&at(b)).then_with(|| a.name().cmp(b.name()))
        });
        let position = d.spec.as_ref().and_then(|spec| {
            all.iter().position(|rs| {
                let template = rs.spec.as_ref().and_then(|s| s.template.as_ref());
                template.is_some_and(|t| equal_ignoring_hash(t, &spec.template))
            })
        });
        let new = position.map(|at| all.remove(at));
        Family { d, old: all, new }
    }

    /// Every ReplicaSet, the new one last.
    pub fn all(&self) -> Vec<&ReplicaSet> {
        self.old.iter().chain(&self.new).map(|rs| &**rs).collect()
    }

    pub fn total_size(&self) -> i32 {
        self.all().iter().map(|rs| size(rs)).sum()
    }

    /// Those with replicas.
    pub fn active(&self) -> Vec<Typed<ReplicaSet>> {
        self.old.iter().chain(&self.new).filter(|rs| size(rs) > 0).cloned().collect()
    }

    /// Puts a newer version of a ReplicaSet in the place of the known one.
    fn replace(&mut self, newer: &Typed<ReplicaSet>) {
        for rs in self.old.iter_mut().chain(&mut self.new) {
            if rs.uid() == newer.uid() {
                *rs = newer.clone();
            }
        }
    }
}

pub fn revision(rs: &ReplicaSet) -> i64 {
    annotation(&rs.metadata, REVISION).and_then(|v| v.parse().ok()).unwrap_or(0)
}

fn annotation<'a>(meta: &'a ObjectMeta, name: &str) -> Option<&'a str> {
    meta.annotations.as_ref()?.get(name).map(String::as_str)
}

/// Brings the new ReplicaSet's annotations and the Deployment's revision up to date
/// (getAllReplicaSetsAndSyncRevision), and creates the ReplicaSet if `create` and it is missing.
pub fn sync_revision(family: &mut Family, create: bool, ctx: &mut Ctx) -> Result<(), Status> {
    let next = family.old.iter().map(|rs| revision(rs)).max().unwrap_or(0) + 1;
    match family.new.clone() {
        Some(rs) => sync_existing(family, &rs, next, ctx),
        None if create => create_new(family, next, ctx),
        None => Ok(()),
    }
}

fn sync_existing(
    family: &mut Family,
    rs: &Typed<ReplicaSet>,
    next: i64,
    ctx: &mut Ctx,
) -> Result<(), Status> {
    let annotations = annotated(&family.d, rs.metadata.annotations.clone(), next);
    let min_ready = family.d.spec.as_ref().and_then(|s| s.min_ready_seconds);
    let known_min_ready = rs.spec.as_ref().and_then(|s| s.min_ready_seconds);
    if annotations != rs.metadata.annotations || (rs.spec.is_some() && min_ready != known_min_ready) {
        let mut copy = ReplicaSet::clone(rs);
        copy.metadata.annotations = annotations;
        if let Some(spec) = &mut copy.spec {
            spec.min_ready_seconds = min_ready;
        }
        let updated = ctx.update(copy)?;
        family.replace(&updated);
        return Ok(());
    }
    let own_revision = annotation(&rs.metadata, REVISION).unwrap_or_default().to_owned();
    let mut changed = set_revision(&mut family.d, own_revision);
    if progress_deadline(&family.d).is_some() && condition(family.d.status.as_ref(), PROGRESSING).is_none() {
        let message = format!("Found new replica set {:?}", rs.name());
        let found = new_condition(PROGRESSING, "True", "FoundNewReplicaSet", message, ctx.now);
        set_condition(family.d.status.get_or_insert_default(), found);
        changed = true;
    }
    if changed { write_status(family, ctx) } else { Ok(()) }
}

fn set_revision(d: &mut Deployment, revision: String) -> bool {
    let annotations = d.metadata.annotations.get_or_insert_default();
    if annotations.get(REVISION) == Some(&revision) {
        return false;
    }
    annotations.insert(REVISION.into(), revision);
    true
}

/// Writes the Deployment's status (and the revision annotation, which travels with it, as in the real one).
pub fn write_status(family: &mut Family, ctx: &mut Ctx) -> Result<(), Status> {
    let stored = ctx.update_status(family.d.clone())?;
    family.d.metadata.resource_version.clone_from(&stored.metadata.resource_version);
    Ok(())
}

type Annotations = BTreeMap<String, String>;

/// The annotations of the new ReplicaSet that has `known` ones: the Deployment's own (change-cause among them), the
/// revision, and the revisions it had before (SetNewReplicaSetAnnotations).
fn annotated(d: &Deployment, known: Option<Annotations>, next: i64) -> Option<Annotations> {
    let mut annotations = known.unwrap_or_default();
    for (name, value) in d.metadata.annotations.iter().flatten() {
        if !NOT_COPIED.contains(&name.as_str()) {
            annotations.insert(name.clone(), value.clone());
        }
    }
    let before = annotations.get(REVISION).cloned();
    if before.as_deref().unwrap_or("0").parse::<i64>().is_ok_and(|before| before < next) {
        annotations.insert(REVISION.into(), next.to_string());
        if let Some(before) = before {
            let history = annotations.entry(REVISION_HISTORY.to_owned()).or_default();
            *history = append_history(history, &before);
        }
    }
    Some(annotations)
}

fn append_history(history: &str, revision: &str) -> String {
    let mut entries: Vec<&str> = history.split(',').filter(|e| !e.is_empty()).collect();
    entries.push(revision);
    while entries.len() > 1 && entries.join(",").len() > MAX_REVISION_HISTORY_CHARS {
        entries.remove(0);
    }
    entries.join(",")
}

fn set_replica_annotations(d: &Deployment, rs: &mut ReplicaSet) {
    let annotations = rs.metadata.annotations.get_or_insert_default();
    annotations.insert(DESIRED_REPLICAS.into(), wanted(d).to_string());
    annotations.insert(MAX_REPLICAS.into(), (wanted(d) + max_surge(d)).to_string());
}

/// The ReplicaSet for the Deployment's current template, not stored yet.
fn build_new(family: &Family, next: i64) -> ReplicaSet {
    let d = &family.d;
    let spec = d.spec.clone().unwrap_or_default();
    let collisions = d.status.as_ref().and_then(|s| s.collision_count);
    let hash = template_hash(&spec.template, collisions);
    let with_hash = |labels: Option<BTreeMap<String, String>>| {
        let mut labels = labels.unwrap_or_default();
        labels.insert(HASH_LABEL.into(), hash.clone());
        Some(labels)
    };
    let mut template = spec.template.clone();
    let template_meta = template.metadata.get_or_insert_default();
    template_meta.labels = with_hash(template_meta.labels.take());
    let labels = template_meta.labels.clone();
    let selector = LabelSelector {
        match_labels: with_hash(spec.selector.match_labels.clone()),
        match_expressions: spec.selector.match_expressions.clone(),
    };
    let mut rs = ReplicaSet {
        metadata: ObjectMeta {
            name: Some(format!("{}-{hash}", d.metadata.name.as_deref().unwrap_or_default())),
            namespace: d.metadata.namespace.clone(),
            labels,
            owner_references: Some(vec![controller_reference("apps/v1", "Deployment", &d.metadata)]),
            ..ObjectMeta::default()
        },
        spec: Some(ReplicaSetSpec {
            replicas: Some(new_replica_count(d, family.total_size(), 0)),
            min_ready_seconds: spec.min_ready_seconds,
            selector,
            template: Some(template),
        }),
        status: None,
    };
    rs.metadata.annotations = annotated(d, None, next);
    set_replica_annotations(d, &mut rs);
    rs
}

fn create_new(family: &mut Family, next: i64, ctx: &mut Ctx) -> Result<(), Status> {
    let rs = build_new(family, next);
    let (name, replicas) = (rs.metadata.name.clone().unwrap_or_default(), size(&rs));
    let created = match ctx.create(rs) {
        Ok(created) => created,
        Err(error) if error.reason == Reason::AlreadyExists => return bump_collisions(family, error, ctx),
        Err(error) => return report_failure(family, &name, error, ctx),
    };
    if replicas > 0 {
        let message = format!("Scaled up replica set {name} from 0 to {replicas}");
        ctx.record_event(&family.d, "Normal", "ScalingReplicaSet", message);
    }
    family.new = Some(created);
    let mut changed = set_revision(&mut family.d, next.to_string());
    if progress_deadline(&family.d).is_some() {
        let message = format!("Created new replica set {name:?}");
        let new = new_condition(PROGRESSING, "True", "NewReplicaSetCreated", message, ctx.now);
        set_condition(family.d.status.get_or_insert_default(), new);
        changed = true;
    }
    if changed { write_status(family, ctx) } else { Ok(()) }
}

/// Another ReplicaSet has the name: count a collision, so that the next try hashes differently.
fn bump_collisions(family: &mut Family, error: Status, ctx: &mut Ctx) -> Result<(), Status> {
    let status: &mut DeploymentStatus = family.d.status.get_or_insert_default();
    status.collision_count = Some(status.collision_count.unwrap_or(0) + 1);
    write_status(family, ctx)?;
    Err(error)
}

fn report_failure(family: &mut Family, name: &str, error: Status, ctx: &mut Ctx) -> Result<(), Status> {
    let message = format!("Failed to create new replica set {name:?}: {}", error.message);
    if progress_deadline(&family.d).is_some() {
        let failed = new_condition(PROGRESSING, "False", "ReplicaSetCreateError", message.clone(), ctx.now);
        set_condition(family.d.status.get_or_insert_default(), failed);
        // The creation's error is the one to report; a failed status write changes nothing about it.
        let _ = write_status(family, ctx);
    }
    ctx.record_event(&family.d, "Warning", "ReplicaSetCreateError", message);
    Err(error)
}

/// Tells a ReplicaSet its new size and says so in an event (scaleReplicaSet). With `force`, annotations alone are
/// reason enough to write. Returns whether the size changed.
pub fn scale(
    family: &mut Family,
    rs: &Typed<ReplicaSet>,
    new_size: i32,
    force: bool,
    ctx: &mut Ctx,
) -> Result<bool, Status> {
    let old_size = size(rs);
    if old_size == new_size && !force {
        return Ok(false);
    }
    let mut copy = ReplicaSet::clone(rs);
    if let Some(spec) = &mut copy.spec {
        spec.replicas = Some(new_size);
    }
    set_replica_annotations(&family.d, &mut copy);
    if copy == **rs {
        return Ok(false);
    }
    let updated = ctx.update(copy)?;
    family.replace(&updated);
    if old_size == new_size {
        return Ok(false);
    }
    let direction = if old_size < new_size { "up" } else { "down" };
    let message = format!("Scaled {direction} replica set {} from {old_size} to {new_size}", updated.name());
    ctx.record_event(&family.d, "Normal", "ScalingReplicaSet", message);
    Ok(true)
}

/// Deletes old, empty ReplicaSets beyond the history limit, lowest revision first (cleanupDeployment).
pub fn clean_up(family: &mut Family, ctx: &mut Ctx) -> Result<(), Status> {
    let Some(limit) = family.d.spec.as_ref().and_then(|s| s.revision_history_limit) else { return Ok(()) };
    let mut alive: Vec<Typed<ReplicaSet>> =
        family.old.iter().filter(|rs| rs.metadata.deletion_timestamp.is_none()).cloned().collect();
    let excess = alive.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
    alive.sort_by_key(|rs| revision(rs));
    for rs in alive.into_iter().take(excess) {
        let status = rs.status.clone().unwrap_or_default();
        let observed = status.observed_generation.unwrap_or(0) >= rs.metadata.generation.unwrap_or(0);
        if status.replicas == 0 && size(&rs) == 0 && observed {
            ctx.delete(&rs.key())?;
            family.old.retain(|known| known.uid() != rs.uid());
        }
    }
    Ok(())
}
