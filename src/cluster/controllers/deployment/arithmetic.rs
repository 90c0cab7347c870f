//! The numbers of a rolling update: how many more, how many fewer, in which proportion. Pure functions over specs
//! and statuses; never reads or writes the store. As kube-controller-manager's deploymentutil.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, ReplicaSet};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// How many more pods than wanted the Deployment may have at this moment, on this ReplicaSet.
pub const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";
pub const MAX_REPLICAS: &str = "deployment.kubernetes.io/max-replicas";

/// The replicas a Deployment asks for (defaulted to 1 at the door).
pub fn wanted(d: &Deployment) -> i32 {
    d.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1)
}

/// The replicas a ReplicaSet is told to have.
pub fn size(rs: &ReplicaSet) -> i32 {
    rs.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1)
}

pub fn available(rs: &ReplicaSet) -> i32 {
    rs.status.as_ref().and_then(|s| s.available_replicas).unwrap_or(0)
}

/// `25%` of `total` or a plain number; percentages are rounded up for surge and down for unavailability.
pub fn scaled_value(value: Option<&IntOrString>, total: i32, round_up: bool) -> i32 {
    match value {
        None => 0,
        Some(IntOrString::Int(n)) => *n,
        Some(IntOrString::String(text)) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
            let hundredths = percent * i64::from(total);
            let scaled =
                if round_up { (hundredths + 99).div_euclid(100) } else { hundredths.div_euclid(100) };
            i32::try_from(scaled).unwrap_or(i32::MAX)
        }
    }
}

pub fn is_rolling_update(d: &Deployment) -> bool {
    strategy_type(d) == "RollingUpdate"
}

pub fn strategy_type(d: &Deployment) -> &str {
    let strategy = d.spec.as_ref().and_then(|s| s.strategy.as_ref());
    strategy.and_then(|s| s.type_.as_deref()).unwrap_or("RollingUpdate")
}

/// (maxSurge, maxUnavailable) as numbers. Both zero would stop every update, so then one may be unavailable
/// (deploymentutil.ResolveFenceposts).
fn fenceposts(spec: &DeploymentSpec, desired: i32) -> (i32, i32) {
    let rolling = spec.strategy.as_ref().and_then(|s| s.rolling_update.as_ref());
    let surge = scaled_value(rolling.and_then(|r| r.max_surge.as_ref()), desired, true);
    let unavailable = scaled_value(rolling.and_then(|r| r.max_unavailable.as_ref()), desired, false);
    if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable) }
}

pub fn max_surge(d: &Deployment) -> i32 {
    match &d.spec {
        Some(spec) if is_rolling_update(d) => fenceposts(spec, wanted(d)).0,
        _ => 0,
    }
}

pub fn max_unavailable(d: &Deployment) -> i32 {
    let desired = wanted(d);
    match &d.spec {
        Some(spec) if is_rolling_update(d) && desired != 0 => fenceposts(spec, desired).1.min(desired),
        _ => 0,
    }
}

/// To how many replicas the new ReplicaSet may grow now (deploymentutil.NewRSNewReplicas). `total_size` is the sum
/// of the sizes of all ReplicaSets.
pub fn new_replica_count(d: &Deployment, total_size: i32, new_size: i32) -> i32 {
    if !is_rolling_update(d) {
        return wanted(d);
    }
    let rolling = d.spec.as_ref().and_then(|s| s.strategy.as_ref()).and_then(|s| s.rolling_update.as_ref());
    let surge = scaled_value(rolling.and_then(|r| r.max_surge.as_ref()), wanted(d), true);
    let max_total = wanted(d) + surge;
    if total_size >= max_total {
        return new_size;
    }
    new_size + (max_total - total_size).min(wanted(d) - new_size)
}

/// How much of `to_add` a ReplicaSet takes when a Deployment is scaled in the middle of an update
/// (deploymentutil.GetReplicaSetProportion).
pub fn proportion(rs: &ReplicaSet, d: &Deployment, to_add: i32, added: i32) -> i32 {
    if size(rs) == 0 || to_add == 0 || to_add == added {
        return 0;
    }
    let fraction = fraction(rs, d);
    let allowed = to_add - added;
    if to_add > 0 { fraction.min(allowed) } else { fraction.max(allowed) }
}

fn fraction(rs: &ReplicaSet, d: &Deployment) -> i32 {
    if wanted(d) == 0 {
        return -size(rs);
    }
    let max_now = wanted(d) + max_surge(d);
    let annotated = annotated_number(rs, MAX_REPLICAS).filter(|n| *n != 0);
    let max_before = match annotated.or(d.status.as_ref().and_then(|s| s.replicas)) {
        None | Some(0) => return 0,
        Some(n) => n,
    };
    let new_size = f64::from(size(rs)) * f64::from(max_now) / f64::from(max_before);
    new_size.round() as i32 - size(rs)
}

/// A non-negative number from an annotation.
pub fn annotated_number(rs: &ReplicaSet, name: &str) -> Option<i32> {
    let value: i32 = rs.metadata.annotations.as_ref()?.get(name)?.parse().ok()?;
    (value >= 0).then_some(value)
}

/// The new ReplicaSet has all the replicas and all are available (deploymentutil.IsSaturated).
pub fn is_saturated(d: &Deployment, rs: Option<&ReplicaSet>) -> bool {
    rs.is_some_and(|rs| {
        size(rs) == wanted(d)
            && annotated_number(rs, DESIRED_REPLICAS) == Some(wanted(d))
            && available(rs) == wanted(d)
    })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::{DeploymentStrategy, RollingUpdateDeployment};

    use super::*;

    fn deployment(replicas: i32, surge: &str, unavailable: &str) -> Deployment {
        let value = |text: &str| match text.parse() {
            Ok(n) => IntOrString::Int(n),
            Err(_) => IntOrString::String(text.to_owned()),
        };
        let rolling = RollingUpdateDeployment {
            max_surge: Some(value(surge)),
            max_unavailable: Some(value(unavailable)),
        };
        let strategy =
            DeploymentStrategy { type_: Some("RollingUpdate".into()), rolling_update: Some(rolling) };
        let spec =
            DeploymentSpec { replicas: Some(replicas), strategy: Some(strategy), ..Default::default() };
        Deployment { spec: Some(spec), ..Default::default() }
    }

    #[test]
    fn surge_rounds_up_and_unavailability_down() {
        let check = |replicas, surge, unavailable, expect| {
            let d = deployment(replicas, surge, unavailable);
            assert_eq!((max_surge(&d), max_unavailable(&d)), expect, "{replicas} {surge} {unavailable}");
        };
        check(3, "25%", "25%", (1, 0));
        check(4, "25%", "25%", (1, 1));
        check(5, "25%", "25%", (2, 1));
        check(10, "50%", "3", (5, 3));
        check(2, "0", "10%", (0, 1));
        check(0, "25%", "25%", (0, 0));
    }

    #[test]
    fn the_new_replica_set_grows_into_the_surge_and_no_further() {
        let check = |replicas, total, new, expect| {
            assert_eq!(new_replica_count(&deployment(replicas, "25%", "25%"), total, new), expect);
        };
        check(3, 3, 0, 1);
        check(5, 5, 0, 2);
        check(5, 6, 2, 3);
        check(5, 7, 2, 2);
        check(1, 0, 0, 1);
    }

    #[test]
    fn scaling_in_the_middle_of_an_update_is_proportional() {
        let d = deployment(10, "0", "1");
        let mut rs = ReplicaSet {
            spec: Some(k8s_openapi::api::apps::v1::ReplicaSetSpec {
                replicas: Some(4),
                ..Default::default()
            }),
            ..Default::default()
        };
        rs.metadata.annotations = Some([(MAX_REPLICAS.to_owned(), "5".to_owned())].into());
        assert_eq!(proportion(&rs, &d, 5, 0), 4);
        assert_eq!(proportion(&rs, &d, 5, 3), 2);
    }
}
