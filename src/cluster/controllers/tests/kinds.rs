//! Services, namespaces, jobs, autoscalers, daemon sets and stateful sets.

use std::time::Duration;

use k8s_openapi::api::apps::v1::{DaemonSet, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Endpoints, Namespace, Service, ServiceAccount};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use serde_json::json;

use super::{Lab, deployment, seconds, service, workload};

#[test]
fn a_service_knows_the_ready_pods_and_a_balancer_gets_its_address_after_a_while() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", 2));
    lab.create("", "v1", "services", service("front", "LoadBalancer"));
    lab.run(seconds(4));
    let store = lab.cluster.store();
    let endpoints = store.get_as::<Endpoints>("default", "front").expect("endpoints");
    let subset = endpoints.subsets.as_ref().expect("subsets")[0].clone();
    assert_eq!((subset.addresses.map(|a| a.len()), subset.ports.map(|p| p[0].port)), (Some(2), Some(8080)));
    let slices: Vec<usize> = store
        .each::<EndpointSlice>(Some("default"))
        .filter(|s| s.metadata.name.as_deref() != Some("kubernetes"))
        .map(|s| s.endpoints.as_ref().map_or(0, Vec::len))
        .collect();
    assert_eq!(slices, [2]);
    let address = |lab: &Lab| {
        let service = lab.cluster.store().get_as::<Service>("default", "front")?;
        service.status.as_ref()?.load_balancer.as_ref()?.ingress.as_ref()?[0].ip.clone()
    };
    assert_eq!(address(&lab), None);
    lab.run(seconds(2));
    assert_eq!(address(&lab).as_deref(), Some("34.10.20.30"));
    assert_eq!(
        lab.events("front"),
        ["EnsuringLoadBalancer: Ensuring load balancer", "EnsuredLoadBalancer: Ensured load balancer"]
    );
    lab.delete("", "v1", "services", "front");
    lab.run(seconds(1));
    assert!(lab.cluster.store().get_as::<Service>("default", "front").is_none());
    assert!(lab.cluster.store().get_as::<Endpoints>("default", "front").is_none());
}

#[test]
fn a_deleted_namespace_takes_everything_with_it_and_the_kubernetes_service_returns() {
    let mut lab = Lab::new();
    lab.create(
        "",
        "v1",
        "namespaces",
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
    );
    lab.run(seconds(1));
    let store = lab.cluster.store();
    assert!(store.get_as::<ServiceAccount>("shop", "default").is_some());
    lab.delete("", "v1", "namespaces", "shop");
    lab.delete("", "v1", "services", "kubernetes");
    lab.run(seconds(5));
    let store = lab.cluster.store();
    assert!(store.get_as::<Namespace>("", "shop").is_none());
    assert!(store.get_as::<ServiceAccount>("shop", "default").is_none());
    assert!(store.get_as::<Service>("default", "kubernetes").is_some());
}

#[test]
fn a_job_runs_its_pods_to_the_end_and_a_failing_one_gives_up() {
    let mut lab = Lab::new();
    let job = |name: &str, code: &str, completions: i32, limit: i32| {
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {
            "completions": completions, "parallelism": 2, "backoffLimit": limit, "template": {"spec": {
                "restartPolicy": "Never", "containers": [{"name": "x", "image": "busybox", "command": ["exit", code]}]}}}})
    };
    lab.create("batch", "v1", "jobs", job("good", "0", 3, 6));
    lab.create("batch", "v1", "jobs", job("doomed", "1", 1, 1));
    lab.run(seconds(30));
    let told = |lab: &Lab, name: &str| {
        let job = lab.cluster.store().get_as::<Job>("default", name).expect("the job");
        let status = job.status.clone().unwrap_or_default();
        let last = status.conditions.and_then(|c| c.last().map(|c| c.type_.clone())).unwrap_or_default();
        (last, status.succeeded, status.failed)
    };
    assert_eq!(told(&lab, "good"), ("Complete".to_owned(), Some(3), None));
    assert_eq!(told(&lab, "doomed"), ("Failed".to_owned(), None, Some(2)));
    let events: Vec<String> =
        lab.events("doomed").into_iter().filter(|e| e.starts_with("BackoffLimit")).collect();
    assert_eq!(events, ["BackoffLimitExceeded: Job has reached the specified backoff limit"]);
}

#[test]
fn an_autoscaler_without_metrics_keeps_to_its_minimum_and_with_them_follows_the_load() {
    let mut lab = Lab::new();
    let mut body = deployment("web", "nginx:1.25", 1);
    body["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "100m"}});
    lab.create("apps", "v1", "deployments", body);
    lab.create("autoscaling", "v2", "horizontalpodautoscalers", json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"}, "spec": {
            "minReplicas": 2, "maxReplicas": 5, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}}]}}));
    lab.run(seconds(14));
    assert_eq!(lab.pod_words().len(), 1);
    lab.run(seconds(5));
    assert_eq!(lab.pod_words().len(), 2);
    lab.run(seconds(15));
    assert!(
        lab.events("web")
            .iter()
            .any(|e| e.starts_with("FailedGetResourceMetric: failed to get cpu utilization"))
    );
    let busy = crate::cluster::node::PodUsage { milli_cpu: 120, memory_bytes: 0 };
    let names = lab
        .pods()
        .iter()
        .filter_map(|p| Some(("default".to_owned(), p.metadata.name.clone()?)))
        .collect::<Vec<_>>();
    lab.cluster.node.metrics = Some(names.into_iter().map(|name| (name, busy)).collect());
    lab.run(seconds(16));
    assert_eq!(lab.pod_words().len(), 4);
}

#[test]
fn a_daemon_set_has_a_pod_on_every_node_and_renews_them_one_by_one() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "daemonsets", workload("DaemonSet", "agent", "nginx:1.26", None));
    lab.run(seconds(4));
    assert_eq!(lab.pod_words(), ["Running", "Running", "Running"]);
    lab.edit::<DaemonSet>("agent", |set| {
        if let Some(spec) = set.spec.as_mut().and_then(|s| s.template.spec.as_mut()) {
            spec.containers[0].image = Some("nginx:1.27".to_owned());
        }
    });
    let mut fewest = 3;
    for _ in 0..200 {
        lab.run(Duration::from_millis(100));
        fewest = fewest.min(lab.pod_words().iter().filter(|w| *w == "Running").count());
    }
    let images: Vec<String> =
        lab.pods().iter().filter_map(|p| p.spec.as_ref()?.containers[0].image.clone()).collect();
    assert_eq!((fewest, images), (2, vec!["nginx:1.27".to_owned(); 3]));
}

#[test]
fn a_stateful_set_goes_up_and_down_in_order() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "statefulsets", workload("StatefulSet", "ring", "nginx:1.26", Some(3)));
    lab.run(Duration::from_millis(500));
    assert_eq!(lab.pods().len(), 1);
    lab.run(seconds(8));
    let names = |lab: &Lab| lab.pods().iter().filter_map(|p| p.metadata.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&lab), ["ring-0", "ring-1", "ring-2"]);
    lab.edit::<StatefulSet>("ring", |set| set.spec.get_or_insert_default().replicas = Some(1));
    lab.run(seconds(6));
    assert_eq!(names(&lab), ["ring-0"]);
    let told =
        lab.events("ring").into_iter().filter(|e| e.starts_with("SuccessfulDelete")).collect::<Vec<_>>();
    assert_eq!(
        told,
        [
            "SuccessfulDelete: Delete Pod ring-2 in StatefulSet ring successful",
            "SuccessfulDelete: Delete Pod ring-1 in StatefulSet ring successful",
        ]
    );
}
