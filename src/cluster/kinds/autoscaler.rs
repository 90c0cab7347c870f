//! HorizontalPodAutoscaler: stored as v2; the v1 form for clients that ask for it, and its defaults.

use k8s_openapi::api::autoscaling::v2::{
    HPAScalingPolicy, HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget, ResourceMetricSource,
};
use serde_json::{Map, Value, json};

/// The metric of `kubectl autoscale --cpu=N%`.
pub fn cpu_utilization(percent: i32) -> MetricSpec {
    let target = MetricTarget {
        type_: "Utilization".to_owned(),
        average_utilization: Some(percent),
        ..MetricTarget::default()
    };
    MetricSpec {
        type_: "Resource".to_owned(),
        resource: Some(ResourceMetricSource { name: "cpu".to_owned(), target }),
        ..MetricSpec::default()
    }
}

/// Scaling rules are filled in only where a `behavior` is given (`SetDefaults_HorizontalPodAutoscaler`).
pub fn default_behavior(spec: &mut HorizontalPodAutoscalerSpec) {
    let Some(behavior) = &mut spec.behavior else { return };
    let policy =
        |type_: &str, value: i32| HPAScalingPolicy { type_: type_.to_owned(), value, period_seconds: 15 };
    let up = behavior.scale_up.get_or_insert_default();
    up.stabilization_window_seconds.get_or_insert(0);
    up.select_policy.get_or_insert_with(|| "Max".to_owned());
    up.policies.get_or_insert_with(|| vec![policy("Pods", 4), policy("Percent", 100)]);
    let down = behavior.scale_down.get_or_insert_default();
    down.select_policy.get_or_insert_with(|| "Max".to_owned());
    down.policies.get_or_insert_with(|| vec![policy("Percent", 100)]);
}

/// The v1 JSON of a v2 object: one CPU percentage instead of a list of metrics.
pub fn to_v1(v2: Value) -> Value {
    let mut object = v2;
    object["apiVersion"] = json!("autoscaling/v1");
    let cpu = |metrics: &Value, place: &str| -> Option<Value> {
        let metric = metrics.as_array()?.iter().find(|m| m["resource"]["name"] == "cpu")?;
        Some(metric["resource"][place]["averageUtilization"].clone()).filter(|v| !v.is_null())
    };
    if let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) {
        let metrics = spec.remove("metrics").unwrap_or_default();
        spec.remove("behavior");
        if let Some(target) = cpu(&metrics, "target") {
            spec.insert("targetCPUUtilizationPercentage".to_owned(), target);
        }
    }
    if let Some(status) = object.get_mut("status").and_then(Value::as_object_mut) {
        let metrics = status.remove("currentMetrics").unwrap_or_default();
        status.remove("conditions");
        status.entry("currentReplicas").or_insert(json!(0));
        if let Some(current) = cpu(&metrics, "current") {
            status.insert("currentCPUUtilizationPercentage".to_owned(), current);
        }
    }
    object
}

/// The v2 JSON of a v1 object.
pub fn from_v1(v1: Value) -> Value {
    let mut object = v1;
    object["apiVersion"] = json!("autoscaling/v2");
    if let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut)
        && let Some(target) = spec.remove("targetCPUUtilizationPercentage")
    {
        let mut resource = Map::new();
        resource.insert("name".to_owned(), json!("cpu"));
        resource.insert("target".to_owned(), json!({"type": "Utilization", "averageUtilization": target}));
        spec.insert("metrics".to_owned(), json!([{"type": "Resource", "resource": resource}]));
    }
    if let Some(status) = object.get_mut("status").and_then(Value::as_object_mut) {
        status.remove("currentCPUUtilizationPercentage");
    }
    object
}
