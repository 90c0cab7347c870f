//! What is refused, as recorded from a real server.

use serde_json::{Value, json};

use super::{Errors, validate, validate_update};
use crate::cluster::api::codec;
use crate::cluster::kinds::{defaults, table};
use crate::cluster::object::Object;

fn read(manifest: &Value) -> Object {
    let text = |field: &str| manifest[field].as_str().unwrap_or_default();
    let (group, version) = text("apiVersion").split_once('/').unwrap_or(("", text("apiVersion")));
    let kind = table::find_kind(group, version, text("kind")).and_then(|r| r.id).expect("a known kind");
    let mut object = codec::decode(kind, manifest).expect("a readable manifest").object;
    object.meta_mut().namespace = Some("default".to_owned());
    defaults::default(&mut object);
    object
}

fn texts(errors: Errors) -> Vec<String> {
    errors.into_causes().iter().map(|c| c.text()).collect()
}

fn check(manifest: Value, expect: &[&str]) {
    let mut errors = Errors::default();
    validate(&read(&manifest), &mut errors);
    assert_eq!(texts(errors), expect);
}

fn pod(containers: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": containers}})
}

fn deployment(spec: Value) -> Value {
    let mut all = json!({"selector": {"matchLabels": {"app": "x"}}, "template": {
        "metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}});
    for (key, value) in spec.as_object().expect("a map") {
        all[key] = value.clone();
    }
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": all})
}

#[test]
fn pods_name_what_is_wrong_with_their_containers() {
    check(pod(json!([])), &["spec.containers: Required value"]);
    check(pod(json!([{"name": "c"}])), &["spec.containers[0].image: Required value"]);
    check(
        pod(json!([{"name": "c", "image": "a"}, {"name": "c", "image": "a"}])),
        &["spec.containers[1].name: Duplicate value: \"c\""],
    );
    check(
        pod(
            json!([{"name": "c", "image": "a", "ports": [{"containerPort": 80000, "name": "averyveryverylongname"}]}]),
        ),
        &[
            "spec.containers[0].ports[0].name: Invalid value: \"averyveryverylongname\": must be no more than 15 characters",
            "spec.containers[0].ports[0].containerPort: Invalid value: 80000: must be between 1 and 65535, inclusive",
        ],
    );
    check(
        pod(
            json!([{"name": "c", "image": "a", "livenessProbe": {"periodSeconds": -1, "httpGet": {"path": "/"}}}]),
        ),
        &[
            "spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
            "spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0",
        ],
    );
    check(
        pod(
            json!([{"name": "c", "image": "a", "resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}}]),
        ),
        &[
            "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
        ],
    );
    check(
        pod(json!([{"name": "c", "image": "a", "volumeMounts": [{"name": "ghost", "mountPath": "/x"}]}])),
        &["spec.containers[0].volumeMounts[0].name: Not found: \"ghost\""],
    );
}

#[test]
fn claims_of_a_stateful_set_are_volumes_of_its_pods() {
    let set = |claims: Value| {
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"}, "spec": {
            "serviceName": "db", "selector": {"matchLabels": {"app": "db"}}, "volumeClaimTemplates": claims,
            "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [
                {"name": "c", "image": "redis", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
            ]}}
        }})
    };
    let claim = json!({"metadata": {"name": "data"}, "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}
    }});
    check(set(json!([claim])), &[]);
    check(set(json!([])), &["spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"data\""]);
}

#[test]
fn deployments_need_a_selector_that_fits() {
    check(deployment(json!({})), &[]);
    check(
        deployment(json!({"selector": {}})),
        &[
            "spec.selector: Required value",
            "spec.template.metadata.labels: Invalid value: {\"app\":\"x\"}: `selector` does not match template `labels`",
        ],
    );
    check(
        deployment(json!({"replicas": -1})),
        &["spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
    );
    check(
        deployment(json!({"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}})),
        &["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"],
    );
    check(
        deployment(json!({"strategy": {"rollingUpdate": {"maxSurge": "0%", "maxUnavailable": "101%"}}})),
        &[
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%",
        ],
    );
    let old = read(&deployment(json!({})));
    let new = read(&deployment(json!({"selector": {"matchLabels": {"app": "z"}}})));
    let mut errors = Errors::default();
    validate_update(&new, &old, &mut errors);
    assert_eq!(
        texts(errors),
        [
            "spec.template.metadata.labels: Invalid value: {\"app\":\"x\"}: `selector` does not match template `labels`",
            "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"z\"}}: field is immutable",
        ]
    );
}

#[test]
fn services_check_type_and_ports() {
    let service =
        |spec: Value| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": spec});
    check(
        service(json!({"type": "Nodeport", "ports": [{"port": 80}]})),
        &[
            "spec.type: Unsupported value: \"Nodeport\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"",
        ],
    );
    check(
        service(json!({"ports": [{"port": 80}, {"port": 81}]})),
        &["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
    );
    check(
        service(json!({"ports": [{"port": 0}]})),
        &[
            "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
            "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive",
        ],
    );
}
