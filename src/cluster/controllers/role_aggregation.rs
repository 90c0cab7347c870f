//! Gathers the rules of ClusterRoles that have an aggregation rule from those that its selectors find. As
//! pkg/controller/clusterroleaggregation.

use k8s_openapi::api::rbac::v1::{ClusterRole, PolicyRule};

use super::{Controller, Ctx, Outcome};
use crate::cluster::api::selector::Selector;
use crate::cluster::object::{Key, Kind, KindId};
use crate::cluster::store::{Change, Store};

pub struct RoleAggregationController;

impl Controller for RoleAggregationController {
    fn name(&self) -> &'static str {
        "clusterrole-aggregation-controller"
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        if change.key.kind == KindId::ClusterRole {
            let all = store.list(KindId::ClusterRole, None);
            let gathers = all.filter(|o| ClusterRole::of(o).is_some_and(|r| r.aggregation_rule.is_some()));
            keys.extend(gathers.map(|role| role.key()));
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(role) = ctx.get_key::<ClusterRole>(key) else { return Outcome::Done };
        let all = ctx.list::<ClusterRole>(None);
        let rules = gathered(&role, all.iter().map(|role| &**role));
        if rules.as_ref().is_none_or(|rules| role.rules.as_ref() == Some(rules)) {
            return Outcome::Done;
        }
        match ctx.update(ClusterRole { rules, ..ClusterRole::clone(&role) }) {
            Ok(_) => Outcome::Done,
            Err(_) => Outcome::Retry,
        }
    }
}

/// The rules that a role gathers from others, by their names, each once; nothing when it gathers none.
pub fn gathered<'a>(
    role: &ClusterRole,
    all: impl Iterator<Item = &'a ClusterRole>,
) -> Option<Vec<PolicyRule>> {
    let selectors: Vec<Selector> = role
        .aggregation_rule
        .as_ref()?
        .cluster_role_selectors
        .iter()
        .flatten()
        .map(Selector::of_label_selector)
        .collect();
    let mut found: Vec<&ClusterRole> = all
        .filter(|other| other.metadata.name != role.metadata.name)
        .filter(|other| selectors.iter().any(|s| s.matches(other.metadata.labels.as_ref())))
        .collect();
    found.sort_by_key(|other| &other.metadata.name);
    let mut rules: Vec<PolicyRule> = Vec::new();
    for rule in found.into_iter().flat_map(|other| other.rules.iter().flatten()) {
        if !rules.contains(rule) {
            rules.push(rule.clone());
        }
    }
    Some(rules)
}
