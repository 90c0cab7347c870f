//! The keepers of what every namespace has: the `default` service account and the root certificate's ConfigMap, the
//! end of a namespace once its content is gone, and the `kubernetes` Service. Creates nothing else.

use std::time::Duration;

use serde_json::Value;

use super::{Controller, Ctx, Outcome};
use crate::cluster::api::codec;
use crate::cluster::kinds::table;
use crate::cluster::object::{Key, KindId};
use crate::cluster::start;
use crate::cluster::store::{Change, ChangeVerb, Store};
use k8s_openapi::api::core::v1::Namespace;

/// How often a namespace that is ending looks whether its content is gone.
const CONTENT_CHECK: Duration = Duration::from_millis(500);
/// The API server restores its own Service within this time.
const RESTORE_DELAY: Duration = Duration::from_secs(3);

/// Puts the default objects into a namespace and back when they are deleted.
pub struct NamespaceContentController;

impl Controller for NamespaceContentController {
    fn name(&self) -> &'static str {
        "serviceaccount-controller"
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        match (change.key.kind, change.verb) {
            (KindId::Namespace, ChangeVerb::Created) => keys.push(change.key.clone()),
            (KindId::ServiceAccount, ChangeVerb::Deleted) if &*change.key.name == "default" => {
                keys.push(Key::new(KindId::Namespace, "", &change.key.namespace));
            }
            (KindId::ConfigMap, ChangeVerb::Deleted) if &*change.key.name == "kube-root-ca.crt" => {
                keys.push(Key::new(KindId::Namespace, "", &change.key.namespace));
            }
            _ => {}
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(namespace) = ctx.get::<Namespace>("", &key.name) else { return Outcome::Done };
        if namespace.metadata.deletion_timestamp.is_none() {
            for manifest in start::of_every_namespace(&key.name) {
                create_missing(&manifest, ctx);
            }
        }
        Outcome::Done
    }
}

fn create_missing(manifest: &Value, ctx: &mut Ctx) {
    let text = |field: &str| manifest[field].as_str().unwrap_or_default();
    let (group, version) = text("apiVersion").split_once('/').unwrap_or(("", text("apiVersion")));
    let kind = table::find_kind(group, version, text("kind")).and_then(|r| r.id);
    let Some(Ok(decoded)) = kind.map(|k| codec::decode(k, manifest)) else { return };
    if ctx.store().get_key(&decoded.object.key()).is_none() {
        // Refused while the namespace ends; then it is not needed either.
        let _ = ctx.create_object(decoded.object);
    }
}

/// Empties a namespace that is being deleted, then lets it go.
pub struct NamespaceController;

impl Controller for NamespaceController {
    fn name(&self) -> &'static str {
        "namespace-controller"
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        let ending = change.new.as_ref().is_some_and(|o| o.is_deleting());
        if change.key.kind == KindId::Namespace && ending {
            keys.push(change.key.clone());
        }
    }

    fn reconcile(&self, key: &Key, ctx: &mut Ctx) -> Outcome {
        let Some(namespace) = ctx.get::<Namespace>("", &key.name) else { return Outcome::Done };
        if namespace.metadata.deletion_timestamp.is_none() {
            return Outcome::Done;
        }
        let mut left = false;
        for kind in KindId::ALL {
            let keys: Vec<(Key, bool)> =
                ctx.store().list(*kind, Some(&key.name)).map(|o| (o.key(), o.is_deleting())).collect();
            for (object, deleting) in keys {
                if !deleting {
                    // Refusals and what is already gone are looked at again in a moment.
                    let _ = ctx.delete(&object);
                }
            }
            left |= ctx.store().list(*kind, Some(&key.name)).next().is_some();
        }
        if left {
            return Outcome::RequeueAt(ctx.now + CONTENT_CHECK);
        }
        let mut copy = Namespace::clone(&namespace);
        copy.spec.get_or_insert_default().finalizers = None;
        match ctx.finalize(copy) {
            Ok(()) => Outcome::Done,
            Err(_) => Outcome::Retry,
        }
    }
}

/// Restores the `kubernetes` Service, as the API server does.
pub struct KubernetesServiceKeeper;

impl Controller for KubernetesServiceKeeper {
    fn name(&self) -> &'static str {
        "kube-apiserver"
    }

    fn wakes_for(&self, change: &Change, _store: &Store, keys: &mut Vec<Key>) {
        let ours = matches!(change.key.kind, KindId::Service | KindId::Endpoints | KindId::EndpointSlice)
            && &*change.key.name == "kubernetes"
            && &*change.key.namespace == "default";
        if ours && change.verb == ChangeVerb::Deleted {
            keys.push(Key::new(KindId::Service, "default", "kubernetes"));
        }
    }

    fn reconcile(&self, _key: &Key, ctx: &mut Ctx) -> Outcome {
        for manifest in start::kubernetes_service(ctx.config()) {
            create_missing(&manifest, ctx);
        }
        Outcome::Done
    }

    fn latency(&self, _store: &Store) -> Duration {
        RESTORE_DELAY
    }
}
