//! The steps of an update: rolling (a few up, a few down) or Recreate (all down, then all up), and scaling while an
//! update is under way. One step per reconcile; the ReplicaSets' news bring the next. As rolling.go, recreate.go and
//! sync.go, scale.

use std::cmp::Reverse;

use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::Pod;

use super::arithmetic::{
    DESIRED_REPLICAS, annotated_number, available, is_rolling_update, is_saturated, max_surge,
    max_unavailable, new_replica_count, proportion, size, wanted,
};
use super::replica_sets::{Family, clean_up, scale, sync_revision};
use super::status::is_complete;
use crate::cluster::api::Status;
use crate::cluster::controllers::{Ctx, pod_state};
use crate::cluster::object::Typed;

/// One step of a rolling update: grow the new ReplicaSet, else shrink the old ones, else clean up.
pub fn roll(family: &mut Family, ctx: &mut Ctx) -> Result<(), Status> {
    sync_revision(family, true, ctx)?;
    if grow_new(family, ctx)? || shrink_old(family, ctx)? {
        return Ok(());
    }
    if is_complete(&family.d, family.d.status.as_ref()) {
        clean_up(family, ctx)?;
    }
    Ok(())
}

fn grow_new(family: &mut Family, ctx: &mut Ctx) -> Result<bool, Status> {
    let Some(new) = family.new.clone() else { return Ok(false) };
    let target = if size(&new) > wanted(&family.d) {
        wanted(&family.d)
    } else {
        new_replica_count(&family.d, family.total_size(), size(&new))
    };
    scale(family, &new, target, false, ctx)
}

fn shrink_old(family: &mut Family, ctx: &mut Ctx) -> Result<bool, Status> {
    let Some(new) = family.new.clone() else { return Ok(false) };
    if family.old.iter().all(|rs| size(rs) == 0) {
        return Ok(false);
    }
    let min_available = wanted(&family.d) - max_unavailable(&family.d);
    let new_unavailable = size(&new) - available(&new);
    let max_down = family.total_size() - min_available - new_unavailable;
    if max_down <= 0 {
        return Ok(false);
    }
    let unhealthy = drop_unhealthy(family, max_down, ctx)?;
    let healthy = drop_healthy(family, min_available, ctx)?;
    Ok(unhealthy || healthy)
}

/// Replicas of old ReplicaSets that are not available anyway go first: that cannot hurt.
fn drop_unhealthy(family: &mut Family, max_down: i32, ctx: &mut Ctx) -> Result<bool, Status> {
    let mut dropped = 0;
    for rs in family.old.clone() {
        let unhealthy = size(&rs) - available(&rs);
        if dropped >= max_down {
            break;
        }
        if size(&rs) == 0 || unhealthy <= 0 {
            continue;
        }
        let count = unhealthy.min(max_down - dropped);
        scale(family, &rs, size(&rs) - count, false, ctx)?;
        dropped += count;
    }
    Ok(dropped > 0)
}

/// Then available ones, as long as enough stay.
fn drop_healthy(family: &mut Family, min_available: i32, ctx: &mut Ctx) -> Result<bool, Status> {
    let total_available: i32 = family.all().iter().map(|rs| available(rs)).sum();
    let budget = total_available - min_available;
    let mut dropped = 0;
    for rs in family.old.clone() {
        if dropped >= budget {
            break;
        }
        let count = size(&rs).min(budget - dropped);
        if count > 0 {
            scale(family, &rs, size(&rs) - count, false, ctx)?;
            dropped += count;
        }
    }
    Ok(dropped > 0)
}

/// One step of Recreate: old ones to zero; wait until their pods are gone; then the new one at full size.
pub fn recreate(family: &mut Family, ctx: &mut Ctx) -> Result<(), Status> {
    sync_revision(family, false, ctx)?;
    let mut scaled_down = false;
    for rs in family.old.clone() {
        scaled_down |= scale(family, &rs, 0, false, ctx)?;
    }
    if scaled_down || old_pods_run(family, ctx) {
        return Ok(());
    }
    if family.new.is_none() {
        sync_revision(family, true, ctx)?;
    }
    if let Some(new) = family.new.clone() {
        let target = wanted(&family.d);
        scale(family, &new, target, false, ctx)?;
    }
    if is_complete(&family.d, family.d.status.as_ref()) {
        clean_up(family, ctx)?;
    }
    Ok(())
}

fn old_pods_run(family: &Family, ctx: &Ctx) -> bool {
    family.old.iter().any(|rs| {
        rs.status.as_ref().is_some_and(|s| s.replicas > 0)
            || ctx.dependents::<Pod>(rs.uid()).iter().any(|pod| !pod_state::is_finished(pod))
    })
}

/// Was the Deployment scaled since its ReplicaSets were last told? (isScalingEvent)
pub fn was_scaled(family: &mut Family, ctx: &mut Ctx) -> Result<bool, Status> {
    sync_revision(family, false, ctx)?;
    let told = |rs: &Typed<ReplicaSet>| annotated_number(rs, DESIRED_REPLICAS);
    let wanted = wanted(&family.d);
    Ok(family.active().iter().filter_map(told).any(|n| n != wanted))
}

/// Brings the new number of replicas to the ReplicaSets, in proportion when several are active (sync.go, scale).
pub fn distribute(family: &mut Family, ctx: &mut Ctx) -> Result<(), Status> {
    let active = family.active();
    let wanted = wanted(&family.d);
    if active.len() <= 1 {
        let newest_old = family.old.iter().max_by_key(|rs| rs.metadata.creation_timestamp.clone());
        let only = active.first().or(family.new.as_ref()).or(newest_old).cloned();
        return match only {
            Some(rs) => scale(family, &rs, wanted, false, ctx).map(|_| ()),
            None => Ok(()),
        };
    }
    if is_saturated(&family.d, family.new.as_deref()) {
        for rs in family.old.clone() {
            scale(family, &rs, 0, false, ctx)?;
        }
        return Ok(());
    }
    if is_rolling_update(&family.d) { distribute_in_proportion(family, active, ctx) } else { Ok(()) }
}

fn distribute_in_proportion(
    family: &mut Family,
    mut active: Vec<Typed<ReplicaSet>>,
    ctx: &mut Ctx,
) -> Result<(), Status> {
    let wanted = wanted(&family.d);
    let allowed = if wanted > 0 { wanted + max_surge(&family.d) } else { 0 };
    let to_add = allowed - active.iter().map(|rs| size(rs)).sum::<i32>();
    // The largest first; of equals the newest when growing, the oldest when shrinking.
    active.sort_by_key(|rs| (rs.metadata.creation_timestamp.clone(), rs.name().to_owned()));
    if to_add > 0 {
        active.reverse();
    }
    active.sort_by_key(|rs| Reverse(size(rs)));
    let mut added = 0;
    let mut sizes = Vec::new();
    for rs in &active {
        let part = proportion(rs, &family.d, to_add, added);
        sizes.push(size(rs) + part);
        added += part;
    }
    if let Some(largest) = sizes.first_mut()
        && to_add != 0
    {
        *largest = (*largest + to_add - added).max(0);
    }
    for (rs, new_size) in active.iter().zip(sizes) {
        scale(family, rs, new_size, true, ctx)?;
    }
    Ok(())
}
