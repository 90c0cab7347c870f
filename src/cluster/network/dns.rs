//! Names of a cluster, as CoreDNS answers them: Services, headless ones, aliases, pods. Only reads the store; what lies
//! outside the cluster it leaves to whoever asks.

use k8s_openapi::api::core::v1::{Pod, Service};

use super::{pod_at, ready_addresses};
use crate::cluster::store::Store;

/// The domain of a cluster's names.
pub const CLUSTER_DOMAIN: &str = "cluster.local";

/// How many ExternalName steps one look-up follows.
const ALIAS_LIMIT: usize = 8;
/// A name with at least so many dots is tried as it stands first (`options ndots:5`).
const NDOTS: usize = 5;

/// What a name stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookup {
    /// The full name that was found, then the names its aliases lead to. The addresses belong to the last one.
    pub names: Vec<String>,
    /// One cluster IP, or the ready pods of a headless Service. Empty when the last name lies outside the cluster.
    pub addresses: Vec<String>,
}

/// The domains that a resolver of a pod in `namespace` tries behind a short name.
pub fn search_list(namespace: &str) -> [String; 3] {
    [format!("{namespace}.svc.{CLUSTER_DOMAIN}"), format!("svc.{CLUSTER_DOMAIN}"), CLUSTER_DOMAIN.to_owned()]
}

/// The full names that are tried for `name`, in order.
pub fn candidates(namespace: &str, name: &str) -> Vec<String> {
    if let Some(absolute) = name.strip_suffix('.') {
        return vec![absolute.to_owned()];
    }
    let searched = search_list(namespace).map(|domain| format!("{name}.{domain}"));
    let mut all: Vec<String> = searched.into();
    if name.matches('.').count() >= NDOTS {
        all.insert(0, name.to_owned());
    } else {
        all.push(name.to_owned());
    }
    all
}

/// What a name means to a pod of `namespace`, along the search list of its resolver.
pub fn look_up(store: &Store, namespace: &str, name: &str) -> Option<Lookup> {
    candidates(namespace, name).iter().find_map(|full| look_up_full(store, full))
}

/// What a full name means. `None`: the cluster does not know it.
pub fn look_up_full(store: &Store, full: &str) -> Option<Lookup> {
    let mut names = vec![full.to_ascii_lowercase()];
    for _ in 0..ALIAS_LIMIT {
        let last = names.last()?;
        if names.len() > 1 && !last.ends_with(CLUSTER_DOMAIN) {
            return Some(Lookup { names, addresses: Vec::new() });
        }
        match record(store, last)? {
            Record::Alias(other) => names.push(other.trim_end_matches('.').to_owned()),
            Record::Addresses(addresses) => return Some(Lookup { names, addresses }),
        }
    }
    None
}

enum Record {
    Addresses(Vec<String>),
    Alias(String),
}

fn record(store: &Store, full: &str) -> Option<Record> {
    let inside = full.strip_suffix(CLUSTER_DOMAIN)?.strip_suffix('.')?;
    let parts: Vec<&str> = inside.split('.').collect();
    match parts.as_slice() {
        [service, namespace, "svc"] => of_service(store, namespace, service),
        [host, service, namespace, "svc"] => of_host(store, namespace, service, host),
        [dashed, namespace, "pod"] => {
            let address = dashed.replace('-', ".");
            let (found, _) = pod_at(store, &address)?;
            (found == *namespace).then_some(Record::Addresses(vec![address]))
        }
        _ => None,
    }
}

fn of_service(store: &Store, namespace: &str, name: &str) -> Option<Record> {
    let service = store.get_as::<Service>(namespace, name)?;
    let spec = service.spec.as_ref()?;
    if spec.type_.as_deref() == Some("ExternalName") {
        return spec.external_name.clone().map(Record::Alias);
    }
    match spec.cluster_ip.as_deref() {
        Some("None") => {
            let addresses = ready_addresses(store, namespace, name);
            (!addresses.is_empty()).then_some(Record::Addresses(addresses))
        }
        Some(address) if !address.is_empty() => Some(Record::Addresses(vec![address.to_owned()])),
        _ => None,
    }
}

/// A pod with a host name of its own behind a headless Service, such as a StatefulSet's.
fn of_host(store: &Store, namespace: &str, service: &str, host: &str) -> Option<Record> {
    store.get_as::<Service>(namespace, service)?;
    let ours = |pod: &&Pod| {
        let spec = pod.spec.as_ref();
        let hostname = spec.and_then(|s| s.hostname.as_deref()).or(pod.metadata.name.as_deref());
        spec.is_some_and(|s| s.subdomain.as_deref() == Some(service)) && hostname == Some(host)
    };
    let pod = store.each::<Pod>(Some(namespace)).find(ours)?;
    Some(Record::Addresses(vec![pod.status.as_ref()?.pod_ip.clone()?]))
}
