//! What a transcript waited for, as conditions over the cluster.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, Service};

use crate::cluster::Cluster;
use crate::cluster::kinds::printers::pod::status_word;

/// Which pods a condition is about: words as `kubectl get pods` takes them.
struct Which<'a> {
    namespace: &'a str,
    labels: Vec<(&'a str, &'a str)>,
    names: Vec<&'a str>,
}

impl<'a> Which<'a> {
    fn parse(words: &'a str) -> Self {
        let mut which = Which { namespace: "default", labels: Vec::new(), names: Vec::new() };
        let mut words = words.split_whitespace();
        while let Some(word) = words.next() {
            match word {
                "-n" => which.namespace = words.next().unwrap_or("default"),
                "-l" => which
                    .labels
                    .extend(words.next().unwrap_or("").split(',').filter_map(|l| l.split_once('='))),
                name => which.names.push(name),
            }
        }
        which
    }

    fn pods<'c>(&self, cluster: &'c Cluster) -> Vec<&'c Pod> {
        let label = |pod: &Pod, key: &str| pod.metadata.labels.as_ref().and_then(|l| l.get(key).cloned());
        let named = |pod: &Pod| pod.metadata.name.as_deref().is_some_and(|name| self.names.contains(&name));
        let all = cluster.store().each::<Pod>(Some(self.namespace));
        all.filter(|pod| self.labels.iter().all(|(key, value)| label(pod, key).as_deref() == Some(*value)))
            .filter(|pod| self.names.is_empty() || named(pod))
            .collect()
    }
}

/// Whether a word of `wait_for` holds; `None` when it is not one of ours but a shell command.
pub fn holds(cluster: &Cluster, word: &str) -> Option<bool> {
    let (name, rest) = word.split_once(' ').unwrap_or((word, ""));
    match name {
        "ready" => Some(ready(&Which::parse(rest).pods(cluster))),
        "settled" => Some(settled(cluster)),
        "gone" => {
            Some(Which::parse(rest).pods(cluster).iter().all(|p| p.metadata.deletion_timestamp.is_none()))
        }
        "nopods" => Some(Which::parse(rest).pods(cluster).is_empty()),
        "lb" => Some(has_address(cluster, rest.trim())),
        "status" => {
            let (text, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            Some(Which::parse(rest).pods(cluster).iter().any(|pod| status_word(pod).contains(text)))
        }
        _ => None,
    }
}

fn ready(pods: &[&Pod]) -> bool {
    !pods.is_empty()
        && pods.iter().all(|pod| {
            let status = pod.status.as_ref();
            let succeeded = status.and_then(|s| s.phase.as_deref()) == Some("Succeeded");
            let conditions = status.and_then(|s| s.conditions.as_deref()).unwrap_or_default();
            let ready = conditions.iter().any(|c| c.type_ == "Ready" && c.status == "True");
            pod.metadata.deletion_timestamp.is_none() && (ready || succeeded)
        })
}

fn settled(cluster: &Cluster) -> bool {
    let rolled_out = cluster.store().each::<Deployment>(Some("default")).all(|deployment| {
        let wanted = deployment.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1);
        let Some(status) = &deployment.status else { return false };
        let all = |count: Option<i32>| count.unwrap_or(0) == wanted;
        status.observed_generation.unwrap_or(0) >= deployment.metadata.generation.unwrap_or(0)
            && all(status.updated_replicas)
            && all(status.replicas)
            && all(status.available_replicas)
    });
    rolled_out && Which::parse("").pods(cluster).iter().all(|p| p.metadata.deletion_timestamp.is_none())
}

fn has_address(cluster: &Cluster, name: &str) -> bool {
    let service = cluster.store().get_as::<Service>("default", name);
    let address = service
        .as_ref()
        .and_then(|s| s.status.as_ref()?.load_balancer.as_ref()?.ingress.as_ref()?.first()?.ip.clone());
    address.is_some()
}
