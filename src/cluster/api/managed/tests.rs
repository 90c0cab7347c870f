//! Fields and their managers, told as stories of one Deployment.

use serde_json::{Value, json};

use crate::base::seed::Seed;
use crate::base::time::SimTime;
use crate::cluster::api::{Options, PatchType, Reply, Request, UserInfo, Verb};
use crate::cluster::{Cluster, ClusterConfig};

const NOW: SimTime = SimTime::from_secs(1_795_000_000);

struct Lab(Cluster);

impl Lab {
    fn new() -> Lab {
        Lab(Cluster::new(ClusterConfig::example(Seed(7), NOW, 1)))
    }

    fn send(&mut self, manager: &str, verb: Verb, body: Value, force: bool) -> Result<Value, String> {
        let user = UserInfo::admin("me");
        let mut request =
            Request::new(user, manager, verb, "apps", "v1", "deployments").in_namespace("default");
        request.name = (verb != Verb::Create).then(|| "web".to_owned());
        request.body = Some(body);
        request.options = Options { force, ..Options::default() };
        match self.0.handle(NOW, request).result {
            Ok(Reply::Object(value)) => Ok(value),
            Ok(other) => Err(format!("{other:?}")),
            Err(status) => Err(status.message),
        }
    }

    fn apply(&mut self, manager: &str, body: Value, force: bool) -> Result<Value, String> {
        self.send(manager, Verb::Patch(PatchType::Apply), body, force)
    }
}

fn web(replicas: Option<i32>, image: &str) -> Value {
    let mut value = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "nginx", "image": image}]}}}});
    if let Some(replicas) = replicas {
        value["spec"]["replicas"] = json!(replicas);
    }
    value
}

/// `manager operation` of each entry, in order.
fn managers(object: &Value) -> Vec<String> {
    let entries = object["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
    let word = |e: &Value, field: &str| e[field].as_str().unwrap_or_default().to_owned();
    entries.iter().map(|e| format!("{} {}", word(e, "manager"), word(e, "operation"))).collect()
}

#[test]
fn a_created_object_is_its_creators_with_every_defaulted_field() {
    let made = Lab::new().send("kubectl-create", Verb::Create, web(Some(1), "nginx:1"), false).expect("made");
    assert_eq!(managers(&made), ["kubectl-create Update"]);
    let spec = &made["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"];
    assert_eq!(
        spec["f:strategy"],
        json!({"f:rollingUpdate": {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}}, "f:type": {}})
    );
    assert_eq!(spec["f:selector"], json!({}));
    let container = &spec["f:template"]["f:spec"]["f:containers"]["k:{\"name\":\"nginx\"}"];
    assert_eq!(container["f:image"], json!({}));
    assert_eq!(container["."], json!({}));
}

#[test]
fn two_managers_conflict_until_one_forces() {
    let mut lab = Lab::new();
    lab.apply("one", web(Some(3), "nginx:1"), false).expect("applied");
    let refused = lab.apply("two", web(Some(5), "nginx:1"), false);
    assert_eq!(
        refused,
        Err("Apply failed with 1 conflict: conflict with \"one\": .spec.replicas".to_owned())
    );
    let refused = lab.apply("two", web(Some(5), "nginx:2"), false);
    let expect = "Apply failed with 2 conflicts: conflicts with \"one\":\n- .spec.replicas\n- \
                  .spec.template.spec.containers[name=\"nginx\"].image";
    assert_eq!(refused, Err(expect.to_owned()));
    let forced = lab.apply("two", web(Some(5), "nginx:2"), true).expect("forced");
    assert_eq!(forced["spec"]["replicas"], json!(5));
    assert_eq!(managers(&forced), ["one Apply", "two Apply"]);
}

#[test]
fn a_field_that_is_no_longer_stated_goes_and_one_that_others_set_stays() {
    let mut lab = Lab::new();
    let mut first = web(Some(3), "nginx:1");
    first["metadata"]["labels"] = json!({"tier": "front", "team": "a"});
    lab.apply("kubectl", first, false).expect("applied");
    let scaled =
        lab.send("kubectl-scale", Verb::Patch(PatchType::Merge), json!({"spec": {"replicas": 4}}), false);
    assert_eq!(scaled.map(|o| o["spec"]["replicas"].clone()), Ok(json!(4)));
    let mut second = web(None, "nginx:1");
    second["metadata"]["labels"] = json!({"team": "a"});
    let after = lab.apply("kubectl", second, false).expect("applied");
    assert_eq!(after["metadata"]["labels"], json!({"team": "a"}));
    assert_eq!(after["spec"]["replicas"], json!(4));
    assert_eq!(managers(&after), ["kubectl Apply", "kubectl Update"]);
}

#[test]
fn a_misspelt_field_is_not_declared() {
    let mut body = web(None, "nginx:1");
    body["spec"]["replica"] = json!(2);
    let expect = "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.replica: field \
                  not declared in schema";
    assert_eq!(Lab::new().apply("kubectl", body, false), Err(expect.to_owned()));
}
