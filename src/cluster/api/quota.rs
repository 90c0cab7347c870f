//! ResourceQuota: what a namespace may hold.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Pod, ResourceQuota, Service};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Text;

use super::Status;
use super::server::ApiServer;
use crate::cluster::kinds::table::{self, Resource};
use crate::cluster::object::{KindId, Object};
use crate::cluster::quantity::{self, Quantity};

type Amounts = BTreeMap<String, Quantity>;

fn amount(text: &Text) -> Quantity {
    quantity::parse(&text.0).unwrap_or(Quantity::ZERO)
}

impl ApiServer {
    /// Refuses what a quota of the namespace does not allow.
    pub(super) fn check_quota(&self, resource: &Resource, object: &Object) -> Result<(), Status> {
        let namespace = object.namespace();
        if namespace.is_empty() {
            return Ok(());
        }
        for quota in self.store.each::<ResourceQuota>(Some(namespace)) {
            let name = quota.metadata.name.as_deref().unwrap_or_default();
            let Some(hard) = quota.spec.as_ref().and_then(|s| s.hard.as_ref()) else { continue };
            let refuse =
                |why: String| Status::forbidden(resource.group, resource.plural, object.name(), &why);
            if let Object::Pod(pod) = object
                && let Some(missing) = missing_requests(pod, hard)
            {
                return Err(refuse(format!("failed quota: {name}: must specify {missing}")));
            }
            let wanted = cost(object);
            let used = self.usage(namespace, hard);
            let over: Vec<(&String, Quantity, Quantity, Quantity)> = hard
                .iter()
                .filter_map(|(key, limit)| {
                    let (wanted, used) =
                        (*wanted.get(key)?, used.get(key).copied().unwrap_or(Quantity::ZERO));
                    (used + wanted > amount(limit)).then(|| (key, wanted, used, amount(limit)))
                })
                .collect();
            if !over.is_empty() {
                let list = |of: fn(&(&String, Quantity, Quantity, Quantity)) -> Quantity| {
                    over.iter().map(|o| format!("{}={}", o.0, of(o))).collect::<Vec<_>>().join(",")
                };
                return Err(refuse(format!(
                    "exceeded quota: {name}, requested: {}, used: {}, limited: {}",
                    list(|o| o.1),
                    list(|o| o.2),
                    list(|o| o.3)
                )));
            }
        }
        Ok(())
    }

    /// What a namespace holds of each resource that a quota limits.
    fn usage(&self, namespace: &str, hard: &BTreeMap<String, Text>) -> Amounts {
        let mut used: Amounts = hard.keys().map(|key| (key.clone(), Quantity::ZERO)).collect();
        for kind in KindId::ALL {
            for object in self.store.list(*kind, Some(namespace)) {
                if matches!(&**object, Object::Event(_)) || is_finished(object) {
                    continue;
                }
                for (key, value) in cost(object) {
                    if let Some(sum) = used.get_mut(&key) {
                        *sum = *sum + value;
                    }
                }
            }
        }
        used
    }

    /// The status of a quota as its controller writes it.
    pub fn quota_status(&self, quota: &ResourceQuota) -> Option<ResourceQuota> {
        let hard = quota.spec.as_ref()?.hard.clone()?;
        let namespace = quota.metadata.namespace.as_deref()?;
        let used = self.usage(namespace, &hard);
        let mut updated = quota.clone();
        let status = updated.status.get_or_insert_default();
        status.hard = Some(hard);
        status.used = Some(used.into_iter().map(|(key, value)| (key, Text(value.to_string()))).collect());
        Some(updated)
    }
}

fn is_finished(object: &Object) -> bool {
    let Object::Pod(pod) = object else { return false };
    matches!(pod.status.as_ref().and_then(|s| s.phase.as_deref()), Some("Succeeded" | "Failed"))
}

/// What an object costs, by the names that quotas use.
fn cost(object: &Object) -> Amounts {
    let one = Quantity::whole(1);
    let resource = table::of(object.kind());
    let qualified = super::status::qualified(resource.group, resource.plural);
    let mut cost = Amounts::from([(format!("count/{qualified}"), one)]);
    match object {
        Object::Pod(pod) => pod_cost(pod, &mut cost),
        Object::Service(service) => service_cost(service, &mut cost),
        Object::ConfigMap(_)
        | Object::Secret(_)
        | Object::PersistentVolumeClaim(_)
        | Object::ReplicationController(_)
        | Object::ResourceQuota(_) => {
            cost.insert(resource.plural.to_owned(), one);
        }
        _ => {}
    }
    if let Object::PersistentVolumeClaim(claim) = object {
        let requests =
            claim.spec.as_ref().and_then(|s| s.resources.as_ref()).and_then(|r| r.requests.as_ref());
        if let Some(storage) = requests.and_then(|r| r.get("storage")) {
            cost.insert("requests.storage".to_owned(), amount(storage));
        }
    }
    cost
}

fn pod_cost(pod: &Pod, cost: &mut Amounts) {
    cost.insert("pods".to_owned(), Quantity::whole(1));
    for container in pod.spec.iter().flat_map(|s| &s.containers) {
        let Some(resources) = &container.resources else { continue };
        for (name, value) in resources.requests.iter().flatten() {
            for key in [name.clone(), format!("requests.{name}")] {
                let sum = cost.entry(key).or_insert(Quantity::ZERO);
                *sum = *sum + amount(value);
            }
        }
        for (name, value) in resources.limits.iter().flatten() {
            let sum = cost.entry(format!("limits.{name}")).or_insert(Quantity::ZERO);
            *sum = *sum + amount(value);
        }
    }
}

fn service_cost(service: &Service, cost: &mut Amounts) {
    let one = Quantity::whole(1);
    cost.insert("services".to_owned(), one);
    let spec = service.spec.clone().unwrap_or_default();
    let ports = i64::try_from(spec.ports.map_or(0, |p| p.len())).unwrap_or(0);
    match spec.type_.as_deref() {
        Some("NodePort") => drop(cost.insert("services.nodeports".to_owned(), Quantity::whole(ports))),
        Some("LoadBalancer") => {
            cost.insert("services.loadbalancers".to_owned(), one);
            cost.insert("services.nodeports".to_owned(), Quantity::whole(ports));
        }
        _ => {}
    }
}

/// `requests.cpu for: a,b; limits.memory for: a`: limited resources that containers do not state.
fn missing_requests(pod: &Pod, hard: &BTreeMap<String, Text>) -> Option<String> {
    let containers = pod.spec.as_ref().map_or(&[][..], |s| s.containers.as_slice());
    let mut missing = Vec::new();
    for key in hard.keys() {
        let (limits, name) = match (key.strip_prefix("limits."), key.strip_prefix("requests.")) {
            (Some(name), _) => (true, name),
            (_, Some(name)) => (false, name),
            _ if matches!(key.as_str(), "cpu" | "memory") => (false, key.as_str()),
            _ => continue,
        };
        let states = |c: &&k8s_openapi::api::core::v1::Container| {
            let resources = c.resources.as_ref();
            let map = resources.and_then(|r| if limits { r.limits.as_ref() } else { r.requests.as_ref() });
            map.is_some_and(|m| m.contains_key(name))
        };
        let silent: Vec<&str> = containers.iter().filter(|c| !states(c)).map(|c| c.name.as_str()).collect();
        if matches!(name, "cpu" | "memory") && !silent.is_empty() {
            missing.push(format!("{key} for: {}", silent.join(",")));
        }
    }
    (!missing.is_empty()).then(|| missing.join("; "))
}
