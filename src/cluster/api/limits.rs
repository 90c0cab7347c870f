//! LimitRange: what containers get when they ask for nothing, and what containers, pods and claims may ask for. As
//! plugin/pkg/admission/limitranger.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod, PodSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Text;

use super::Status;
use super::server::ApiServer;
use crate::cluster::object::Object;
use crate::cluster::quantity::{self, Quantity};

type Amounts = BTreeMap<String, Text>;

impl ApiServer {
    /// Gives a pod's containers the defaults of the namespace.
    pub(super) fn apply_limits(&self, pod: &mut Pod) {
        let items = self.limits_of(pod.metadata.namespace.as_deref());
        let Some(spec) = &mut pod.spec else { return };
        let mut notes = Vec::new();
        for item in items.iter().filter(|item| item.type_ == "Container") {
            set_defaults(spec, item, &mut notes);
        }
        if !notes.is_empty() {
            let text = format!("LimitRanger plugin set: {}", notes.join("; "));
            let annotations = pod.metadata.annotations.get_or_insert_default();
            annotations.insert("kubernetes.io/limit-ranger".to_owned(), text);
        }
    }

    /// Refuses what asks for more or less than the namespace allows.
    pub(super) fn check_limits(&self, object: &Object) -> Result<(), Status> {
        match object {
            Object::Pod(pod) => self.check_pod(pod),
            Object::PersistentVolumeClaim(claim) => self.check_claim(claim),
            _ => Ok(()),
        }
    }

    fn check_pod(&self, pod: &Pod) -> Result<(), Status> {
        let items = self.limits_of(pod.metadata.namespace.as_deref());
        let Some(spec) = &pod.spec else { return Ok(()) };
        let name = pod.metadata.name.as_deref().unwrap_or_default();
        refuse("pods", name, items.iter().flat_map(|item| objections(spec, item)).collect())
    }

    fn check_claim(&self, claim: &PersistentVolumeClaim) -> Result<(), Status> {
        let items = self.limits_of(claim.metadata.namespace.as_deref());
        let requests = claim.spec.as_ref().and_then(|s| s.resources.as_ref()?.requests.clone());
        let asked =
            Asked { word: "PersistentVolumeClaim", requests: requests.unwrap_or_default(), limits: None };
        let of_claims = items.iter().filter(|item| item.type_ == "PersistentVolumeClaim");
        let name = claim.metadata.name.as_deref().unwrap_or_default();
        refuse("persistentvolumeclaims", name, of_claims.flat_map(|item| asked.objections(item)).collect())
    }

    fn limits_of(&self, namespace: Option<&str>) -> Vec<LimitRangeItem> {
        let ranges = self.store.each::<LimitRange>(Some(namespace.unwrap_or_default()));
        ranges.filter_map(|range| range.spec.as_ref()).flat_map(|spec| spec.limits.iter().cloned()).collect()
    }
}

fn refuse(plural: &str, name: &str, why: Vec<String>) -> Result<(), Status> {
    match why.as_slice() {
        [] => Ok(()),
        [one] => Err(Status::forbidden("", plural, name, one)),
        several => Err(Status::forbidden("", plural, name, &format!("[{}]", several.join(", ")))),
    }
}

fn set_defaults(spec: &mut PodSpec, item: &LimitRangeItem, notes: &mut Vec<String>) {
    for (container, word) in spec
        .containers
        .iter_mut()
        .map(|c| (c, "container"))
        .chain(spec.init_containers.iter_mut().flatten().map(|c| (c, "init container")))
    {
        let resources = container.resources.get_or_insert_default();
        let limits = resources.limits.get_or_insert_default();
        let (mut of_requests, mut of_limits) = (Vec::new(), Vec::new());
        let requests = resources.requests.get_or_insert_default();
        for (name, value) in item.default.iter().flatten() {
            if !limits.contains_key(name) {
                limits.insert(name.clone(), value.clone());
                of_limits.push(name.clone());
            }
        }
        for (name, value) in item.default_request.iter().flatten() {
            if !requests.contains_key(name) {
                requests.insert(name.clone(), value.clone());
                of_requests.push(name.clone());
            }
        }
        resources.limits.take_if(|l| l.is_empty());
        resources.requests.take_if(|r| r.is_empty());
        for (names, what) in [(of_requests, "request"), (of_limits, "limit")] {
            if !names.is_empty() {
                notes.push(format!("{} {what} for {word} {}", names.join(", "), container.name));
            }
        }
    }
}

/// What a container, a pod or a claim asks for.
struct Asked {
    /// As messages call it.
    word: &'static str,
    requests: Amounts,
    /// Claims have none.
    limits: Option<Amounts>,
}

fn objections(spec: &PodSpec, item: &LimitRangeItem) -> Vec<String> {
    let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    let each = containers.map(|container| {
        let resources = container.resources.clone().unwrap_or_default();
        Asked {
            word: "Container",
            requests: resources.requests.unwrap_or_default(),
            limits: Some(resources.limits.unwrap_or_default()),
        }
    });
    match item.type_.as_str() {
        "Container" => each.flat_map(|asked| asked.objections(item)).collect(),
        "Pod" => {
            let own = each.take(spec.containers.len());
            let mut all = Asked { word: "Pod", requests: Amounts::new(), limits: Some(Amounts::new()) };
            for asked in own {
                add(&mut all.requests, &asked.requests);
                add(all.limits.get_or_insert_default(), &asked.limits.unwrap_or_default());
            }
            all.objections(item)
        }
        _ => Vec::new(),
    }
}

fn add(sum: &mut Amounts, more: &Amounts) {
    for (name, value) in more {
        let total = sum.get(name).map_or(Quantity::ZERO, amount) + amount(value);
        sum.insert(name.clone(), Text(total.to_string()));
    }
}

fn amount(text: &Text) -> Quantity {
    quantity::parse(&text.0).unwrap_or(Quantity::ZERO)
}

impl Asked {
    fn objections(&self, item: &LimitRangeItem) -> Vec<String> {
        let word = self.word;
        let mut found = Vec::new();
        let limit = |name: &str| self.limits.as_ref().and_then(|limits| limits.get(name));
        for (name, min) in item.min.iter().flatten() {
            let head = format!("minimum {name} usage per {word} is {}", min.0);
            found.extend(match (self.requests.get(name), limit(name)) {
                (None, _) => Some(format!("{head}.  No request is specified")),
                (Some(request), _) if amount(request) < amount(min) => {
                    Some(format!("{head}, but request is {}", request.0))
                }
                (_, Some(limit)) if amount(limit) < amount(min) => {
                    Some(format!("{head}, but limit is {}", limit.0))
                }
                _ => None,
            });
        }
        for (name, max) in item.max.iter().flatten() {
            let head = format!("maximum {name} usage per {word} is {}", max.0);
            let over = |value: &&Text| amount(value) > amount(max);
            let request = self.requests.get(name);
            found.extend(match (&self.limits, limit(name)) {
                (Some(_), None) => Some(format!("{head}.  No limit is specified")),
                (None, _) if request.is_none() => Some(format!("{head}.  No request is specified")),
                (_, Some(limit)) if over(&limit) => Some(format!("{head}, but limit is {}", limit.0)),
                _ => request.filter(over).map(|request| format!("{head}, but request is {}", request.0)),
            });
        }
        for (name, ratio) in item.max_limit_request_ratio.iter().flatten() {
            let head = format!("{name} max limit to request ratio per {word} is {}", ratio.0);
            let given = |value: Option<&Text>| value.map(amount).filter(|value| !value.is_zero());
            found.extend(match (given(self.requests.get(name)), given(limit(name))) {
                (None, _) => Some(format!("{head}, but no request is specified or request is 0")),
                (_, None) => Some(format!("{head}, but no limit is specified or limit is 0")),
                (Some(request), Some(limit)) => {
                    let observed = limit.milli_value() as f64 / request.milli_value() as f64;
                    (observed * 1000.0 > amount(ratio).milli_value() as f64)
                        .then(|| format!("{head}, but provided ratio is {observed:.6}"))
                }
            });
        }
        found
    }
}
