//! Keeps the `status` of ResourceQuotas: what a namespace uses of what it may. Refuses nothing; admission does.

use std::time::Duration;

use k8s_openapi::api::core::v1::ResourceQuota;

use super::{Controller, Ctx, Outcome};
use crate::cluster::object::{Key, Kind, KindId};
use crate::cluster::store::{Change, ChangeVerb, Store};

pub struct ResourceQuotaController;

impl Controller for ResourceQuotaController {
    fn name(&self) -> &'static str {
        "resourcequota-controller"
    }

    fn latency(&self, _store: &Store) -> Duration {
        Duration::from_millis(20)
    }

    fn wakes_for(&self, change: &Change, store: &Store, keys: &mut Vec<Key>) {
        if store.count(KindId::ResourceQuota) == 0 {
            return;
        }
        let counts = change.key.kind == KindId::ResourceQuota
            || change.key.kind == KindId::Pod
            || change.verb != ChangeVerb::Updated;
        if counts && change.key.kind != KindId::Event {
            let quotas = store.list(KindId::ResourceQuota, Some(&change.key.namespace));
            keys.extend(quotas.map(|quota| quota.key()));
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(quota) = ctx.get_key::<ResourceQuota>(key) else { return Outcome::Done };
        debug_assert_eq!(key.kind, ResourceQuota::KIND);
        match ctx.quota_status(&quota).map(|updated| ctx.update_status(updated)) {
            Some(Err(_)) => Outcome::Retry,
            _ => Outcome::Done,
        }
    }
}
