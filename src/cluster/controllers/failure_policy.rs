//! A Job's podFailurePolicy: what a failed pod means, by its containers' exit codes or its conditions. Judges one pod;
//! counts nothing. As pkg/controller/job/pod_failure_policy.go.

use k8s_openapi::api::batch::v1::{PodFailurePolicy, PodFailurePolicyRule};
use k8s_openapi::api::core::v1::Pod;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The failure does not count.
    Ignore,
    /// The index of the pod fails for good.
    FailIndex,
    /// The Job fails, with this message.
    FailJob(String),
}

/// What the first matching rule says; `None` when the failure counts as any other.
pub fn judge(policy: &PodFailurePolicy, pod: &Pod) -> Option<Judgement> {
    for (index, rule) in policy.rules.iter().enumerate() {
        let Some(what) = matched(rule, pod) else { continue };
        return match rule.action.as_str() {
            "Ignore" => Some(Judgement::Ignore),
            "FailJob" => Some(Judgement::FailJob(format!("{what} matching FailJob rule at index {index}"))),
            "FailIndex" => Some(Judgement::FailIndex),
            _ => None,
        };
    }
    None
}

fn matched(rule: &PodFailurePolicyRule, pod: &Pod) -> Option<String> {
    let meta = &pod.metadata;
    let name = format!(
        "{}/{}",
        meta.namespace.as_deref().unwrap_or_default(),
        meta.name.as_deref().unwrap_or_default()
    );
    let status = pod.status.as_ref()?;
    if let Some(codes) = &rule.on_exit_codes {
        let containers = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
        for container in containers.filter(|c| codes.container_name.as_ref().is_none_or(|n| *n == c.name)) {
            let code =
                container.state.as_ref().and_then(|s| s.terminated.as_ref()).map_or(0, |t| t.exit_code);
            let listed = codes.values.contains(&code);
            if code != 0 && listed == (codes.operator == "In") {
                return Some(format!(
                    "Container {} for pod {name} failed with exit code {code}",
                    container.name
                ));
            }
        }
    }
    let conditions = status.conditions.iter().flatten();
    let mut held = conditions.filter(|c| {
        rule.on_pod_conditions
            .iter()
            .flatten()
            .any(|p| p.type_ == c.type_ && p.status.as_deref().unwrap_or("True") == c.status)
    });
    held.next().map(|c| format!("Pod {name} has condition {}", c.type_))
}
