//! Stories at the door: what a client sends and what it gets back.

use serde_json::{Value, json};

use super::{Options, PatchType, Propagation, Reply, Request, UserInfo, Verb};
use crate::base::seed::Seed;
use crate::base::time::SimTime;
use crate::cluster::{Cluster, ClusterConfig};

const NOW: SimTime = SimTime::from_secs(1_795_000_000);

fn cluster() -> Cluster {
    Cluster::new(ClusterConfig::example(Seed(1), NOW, 2))
}

fn request(verb: Verb, group: &str, version: &str, resource: &str) -> Request {
    Request::new(UserInfo::admin("student"), "kubectl", verb, group, version, resource)
        .in_namespace("default")
}

fn object(cluster: &mut Cluster, request: Request) -> Value {
    match cluster.handle(NOW, request).result {
        Ok(Reply::Object(value)) => value,
        other => panic!("no object: {other:?}"),
    }
}

fn refusal(cluster: &mut Cluster, request: Request) -> (u16, String) {
    match cluster.handle(NOW, request).result {
        Err(status) => (status.code, status.message),
        Ok(reply) => panic!("not refused: {reply:?}"),
    }
}

fn web() -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "strategy": {},
            "template": {"metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "nginx", "image": "nginx:1.27", "resources": {}}]}}},
        "status": {}})
}

#[test]
fn a_created_deployment_comes_back_with_its_defaults() {
    let mut cluster = cluster();
    let mut made = object(&mut cluster, request(Verb::Create, "apps", "v1", "deployments").with_body(web()));
    for drawn in ["uid", "resourceVersion", "creationTimestamp"] {
        assert!(made["metadata"][drawn].is_string(), "{drawn}");
        made["metadata"].as_object_mut().expect("a map").remove(drawn);
    }
    // Its managers have tests of their own.
    made["metadata"].as_object_mut().expect("a map").remove("managedFields");
    let expect = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"generation": 1, "labels": {"app": "web"}, "name": "web", "namespace": "default"},
        "spec": {"progressDeadlineSeconds": 600, "replicas": 1, "revisionHistoryLimit": 10,
            "selector": {"matchLabels": {"app": "web"}},
            "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}, "type": "RollingUpdate"},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {
                "containers": [{"image": "nginx:1.27", "imagePullPolicy": "IfNotPresent", "name": "nginx",
                    "resources": {}, "terminationMessagePath": "/dev/termination-log",
                    "terminationMessagePolicy": "File"}],
                "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
                "securityContext": {}, "terminationGracePeriodSeconds": 30}}},
        "status": {}});
    assert_eq!(made, expect);
    let again = refusal(&mut cluster, request(Verb::Create, "apps", "v1", "deployments").with_body(web()));
    assert_eq!(again, (409, "deployments.apps \"web\" already exists".to_owned()));
}

#[test]
fn patches_bump_the_generation_only_for_what_counts() {
    let mut cluster = cluster();
    object(&mut cluster, request(Verb::Create, "apps", "v1", "deployments").with_body(web()));
    let mut patch = |body: Value| {
        let verb = Verb::Patch(PatchType::Strategic);
        object(&mut cluster, request(verb, "apps", "v1", "deployments").named("web").with_body(body))
    };
    let image =
        json!({"spec": {"template": {"spec": {"containers": [{"name": "nginx", "image": "nginx:1.28"}]}}}});
    assert_eq!(patch(image.clone())["metadata"]["generation"], 2);
    let same = patch(image);
    assert_eq!(same["metadata"]["generation"], 2);
    assert_eq!(same["spec"]["template"]["spec"]["containers"][0]["image"], "nginx:1.28");
    assert_eq!(patch(json!({"metadata": {"labels": {"a": "b"}}}))["metadata"]["generation"], 2);
    assert_eq!(patch(json!({"metadata": {"annotations": {"a": "b"}}}))["metadata"]["generation"], 3);
    let scale = request(Verb::Patch(PatchType::Merge), "apps", "v1", "deployments")
        .named("web")
        .on_subresource("scale")
        .with_body(json!({"spec": {"replicas": 4}}));
    assert_eq!(object(&mut cluster, scale)["spec"]["replicas"], 4);
    let wrong = request(Verb::Patch(PatchType::Strategic), "apps", "v1", "deployments")
        .named("web")
        .with_body(json!({"spec": {"replicas": "x"}}));
    let expect =
        " \"\" is invalid: patch: Invalid value: \"map[spec:map[replicas:x]]\": unrecognized type: int32";
    assert_eq!(refusal(&mut cluster, wrong), (422, expect.to_owned()));
}

#[test]
fn a_stale_update_is_a_conflict() {
    let mut cluster = cluster();
    let made = object(&mut cluster, request(Verb::Create, "apps", "v1", "deployments").with_body(web()));
    let mut update = |mut body: Value, replicas: u32| {
        body["spec"]["replicas"] = json!(replicas);
        cluster
            .handle(NOW, request(Verb::Update, "apps", "v1", "deployments").named("web").with_body(body))
            .result
    };
    assert!(update(made.clone(), 2).is_ok());
    let refused = update(made, 3).map_err(|s| s.message).map(|_| ());
    let expect = "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply your changes to the latest version and try again";
    assert_eq!(refused, Err(expect.to_owned()));
}

#[test]
fn a_pod_gets_its_account_its_tolerations_and_its_class() {
    let mut cluster = cluster();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c", "image": "nginx", "resources": {"limits": {"cpu": "200m", "memory": "10Mi"}}}]}});
    let made = object(&mut cluster, request(Verb::Create, "", "v1", "pods").with_body(pod.clone()));
    assert_eq!(made["status"], json!({"phase": "Pending", "qosClass": "Guaranteed"}));
    assert_eq!(made["spec"]["containers"][0]["imagePullPolicy"], "Always");
    assert_eq!(made["spec"]["serviceAccount"], "default");
    assert_eq!(made["spec"]["tolerations"].as_array().map(Vec::len), Some(2));
    let volume = made["spec"]["volumes"][0]["name"].as_str().unwrap_or_default();
    assert!(volume.starts_with("kube-api-access-"), "{volume}");
    let elsewhere = request(Verb::Create, "", "v1", "pods").in_namespace("nosuch").with_body(pod);
    assert_eq!(refusal(&mut cluster, elsewhere), (404, "namespaces \"nosuch\" not found".to_owned()));
}

#[test]
fn services_get_addresses_and_ports_from_the_ranges() {
    let mut cluster = cluster();
    let service = |name: &str, spec: Value| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec});
    let create = |body: Value| request(Verb::Create, "", "v1", "services").with_body(body);
    let made = object(
        &mut cluster,
        create(service("a", json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30123}]}))),
    );
    assert!(made["spec"]["clusterIP"].as_str().is_some_and(|ip| ip.starts_with("34.118.2")), "{made}");
    assert_eq!(made["status"], json!({"loadBalancer": {}}));
    let taken = refusal(
        &mut cluster,
        create(service("b", json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30123}]}))),
    );
    let expect = "Service \"b\" is invalid: spec.ports[0].nodePort: Invalid value: 30123: provided port is already allocated";
    assert_eq!(taken.1, expect);
    let drawn =
        object(&mut cluster, create(service("c", json!({"type": "LoadBalancer", "ports": [{"port": 80}]}))));
    assert!(drawn["spec"]["ports"][0]["nodePort"].as_i64().is_some_and(|p| (30000..=32767).contains(&p)));
    let to_cluster_ip = request(Verb::Patch(PatchType::Merge), "", "v1", "services")
        .named("a")
        .with_body(json!({"spec": {"type": "ClusterIP"}}));
    assert_eq!(object(&mut cluster, to_cluster_ip)["spec"]["ports"][0].get("nodePort"), None);
}

#[test]
fn deleting_marks_what_is_held_and_removes_the_rest() {
    let mut cluster = cluster();
    object(&mut cluster, request(Verb::Create, "apps", "v1", "deployments").with_body(web()));
    let delete = |propagation| {
        let options = Options { propagation: Some(propagation), ..Options::default() };
        request(Verb::Delete, "apps", "v1", "deployments").named("web").with_options(options)
    };
    let marked = object(&mut cluster, delete(Propagation::Foreground));
    assert_eq!(marked["metadata"]["finalizers"], json!(["foregroundDeletion"]));
    assert!(marked["metadata"]["deletionTimestamp"].is_string());
    let gone = object(&mut cluster, delete(Propagation::Background));
    assert_eq!(gone["status"], "Success");
    let missing = refusal(&mut cluster, delete(Propagation::Background));
    assert_eq!(missing, (404, "deployments.apps \"web\" not found".to_owned()));
    let kept = refusal(&mut cluster, request(Verb::Delete, "", "v1", "namespaces").named("default"));
    assert_eq!(kept.1, "namespaces \"default\" is forbidden: this namespace may not be deleted");
}

#[test]
fn unknown_fields_are_refused_or_remarked() {
    let mut cluster = cluster();
    let mut body = web();
    body["spec"]["replica"] = json!(2);
    let strict = Options { field_validation: super::FieldValidation::Strict, ..Options::default() };
    let create = request(Verb::Create, "apps", "v1", "deployments").with_body(body);
    let refused = refusal(&mut cluster, create.clone().with_options(strict));
    let expect = "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: unknown field \"spec.replica\"";
    assert_eq!(refused, (400, expect.to_owned()));
    assert_eq!(cluster.handle(NOW, create).warnings, ["unknown field \"spec.replica\""]);
}

#[test]
fn a_watch_sees_what_its_selector_selects() {
    let mut cluster = cluster();
    let options = Options { label_selector: Some("app=web".into()), ..Options::default() };
    let watch = request(Verb::Watch, "apps", "v1", "deployments").with_options(options);
    let Ok(Reply::Watch(from)) = cluster.handle(NOW, watch).result else { panic!("no watch") };
    object(&mut cluster, request(Verb::Create, "apps", "v1", "deployments").with_body(web()));
    let relabel = request(Verb::Patch(PatchType::Merge), "apps", "v1", "deployments")
        .named("web")
        .with_body(json!({"metadata": {"labels": {"app": "other"}}}));
    object(&mut cluster, relabel);
    let (events, _) = cluster.watch_events(&from).expect("events");
    assert_eq!(events.iter().map(|e| e.kind.word()).collect::<Vec<_>>(), ["ADDED", "DELETED"]);
}

#[test]
fn rights_come_from_roles() {
    let mut cluster = cluster();
    let create = |body: Value| {
        let resource = if body["kind"] == "Role" { "roles" } else { "rolebindings" };
        request(Verb::Create, "rbac.authorization.k8s.io", "v1", resource).with_body(body)
    };
    object(
        &mut cluster,
        create(
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "reader"},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]}),
        ),
    );
    object(
        &mut cluster,
        create(
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "b"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
            "subjects": [{"kind": "ServiceAccount", "name": "robot", "namespace": "default"}]}),
        ),
    );
    let robot = UserInfo::new("system:serviceaccount:default:robot", &["system:serviceaccounts"]);
    let pods = Request { user: robot.clone(), ..request(Verb::List, "", "v1", "pods") };
    assert!(cluster.handle(NOW, pods).result.is_ok());
    let deployments = Request { user: robot, ..request(Verb::List, "apps", "v1", "deployments") };
    let expect = "deployments.apps is forbidden: User \"system:serviceaccount:default:robot\" cannot list resource \"deployments\" in API group \"apps\" in the namespace \"default\"";
    assert_eq!(refusal(&mut cluster, deployments), (403, expect.to_owned()));
}

#[test]
fn quotas_and_limits_are_enforced() {
    let mut cluster = cluster();
    let create = |resource: &str, body: Value| request(Verb::Create, "", "v1", resource).with_body(body);
    let pod = |name: &str| {
        create(
            "pods",
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"containers": [{"name": name, "image": "nginx"}]}}),
        )
    };
    object(
        &mut cluster,
        create(
            "resourcequotas",
            json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"},
            "spec": {"hard": {"pods": "2", "requests.cpu": "500m"}}}),
        ),
    );
    let silent = refusal(&mut cluster, pod("a")).1;
    assert_eq!(silent, "pods \"a\" is forbidden: failed quota: small: must specify requests.cpu for: a");
    object(
        &mut cluster,
        create(
            "limitranges",
            json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "sane"},
            "spec": {"limits": [{"type": "Container", "default": {"cpu": "200m"}, "defaultRequest": {"cpu": "100m"}}]}}),
        ),
    );
    let made = object(&mut cluster, pod("a"));
    let note = "LimitRanger plugin set: cpu request for container a; cpu limit for container a";
    assert_eq!(made["metadata"]["annotations"]["kubernetes.io/limit-ranger"], note);
    object(&mut cluster, pod("b"));
    let over = refusal(&mut cluster, pod("c")).1;
    assert_eq!(
        over,
        "pods \"c\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2"
    );
}
