//! Calls and what comes of them, as text.

use serde_json::Value;

use super::{Call, Outcome, Stream, answer};
use crate::base::{Seed, SimTime};
use crate::cluster::api::UserInfo;
use crate::cluster::{Cluster, ClusterConfig};

const NOW: SimTime = SimTime::from_secs(1_795_351_539);

fn cluster() -> Cluster {
    Cluster::new(ClusterConfig::example(Seed(7), NOW, 2))
}

fn ask(cluster: &mut Cluster, line: &str, headers: &str, body: &str) -> Outcome {
    let (method, target) = line.split_once(' ').expect("METHOD TARGET");
    let (content_type, accept) = headers.split_once('|').unwrap_or((headers, ""));
    let call = Call {
        method: method.to_owned(),
        target: target.to_owned(),
        accept: accept.to_owned(),
        content_type: content_type.to_owned(),
        agent: "curl/8.5.0".to_owned(),
        body: body.to_owned(),
    };
    answer(cluster, NOW, UserInfo::admin("me"), &call)
}

fn whole(outcome: Outcome) -> (u16, Value) {
    let Outcome::Whole(answer) = outcome else { panic!("a whole answer") };
    (answer.code, serde_json::from_str(&answer.body).unwrap_or(Value::String(answer.body)))
}

fn stream(outcome: Outcome) -> Stream {
    let Outcome::Streams(stream) = outcome else { panic!("a stream") };
    stream
}

/// `code` and what stands at a pointer of the answer.
fn check(cluster: &mut Cluster, line: &str, headers: &str, body: &str, expect: &[(&str, &str)], code: u16) {
    let (found, answer) = whole(ask(cluster, line, headers, body));
    assert_eq!(found, code, "{line}: {answer}");
    for (pointer, expect) in expect {
        let value = answer.pointer(pointer).unwrap_or(&Value::Null);
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert_eq!(&text, expect, "{line} {pointer}");
    }
}

const CONFIG_MAP: &str =
    r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a b"},"data":{"k":"v"}}"#;

#[test]
fn discovery_names_what_is_served() {
    let mut c = cluster();
    check(&mut c, "GET /version", "", "", &[("/gitVersion", "v1.36.2"), ("/minor", "36")], 200);
    check(&mut c, "GET /api", "", "", &[("/versions/0", "v1")], 200);
    check(&mut c, "GET /apis/apps", "", "", &[("/kind", "APIGroup"), ("/name", "apps")], 200);
    let (_, apps) = whole(ask(&mut c, "GET /apis/apps/v1", "", ""));
    let rows = apps["resources"].as_array().expect("rows");
    let scale = rows.iter().find(|row| row["name"] == "deployments/scale").expect("a scale");
    assert_eq!((&scale["group"], &scale["kind"]), (&"autoscaling".into(), &"Scale".into()));
    let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names[..3], ["controllerrevisions", "daemonsets", "daemonsets/status"]);
    assert_eq!(rows[0]["storageVersionHash"], "85nkx63pcBU=");
    let version = ("/preferredVersion/version", "v2");
    check(&mut c, "GET /apis/autoscaling", "", "", &[version], 200);
    let (_, live) = whole(ask(&mut c, "GET /livez?verbose", "", ""));
    assert!(live.as_str().is_some_and(|text| text.starts_with("[+]ping ok\n")), "{live}");
    check(&mut c, "GET /apis/none", "", "", &[("/reason", "NotFound")], 404);
    assert_eq!(whole(ask(&mut c, "GET /readyz", "", "")), (200, "ok".into()));
}

#[test]
fn objects_are_made_read_changed_and_deleted() {
    let mut c = cluster();
    let all = "/api/v1/namespaces/default/configmaps";
    let named = CONFIG_MAP.replace("a b", "web");
    check(&mut c, &format!("POST {all}"), "application/json", &named, &[("/data/k", "v")], 201);
    check(&mut c, &format!("POST {all}"), "", &named, &[("/reason", "AlreadyExists")], 409);
    check(&mut c, &format!("POST {all}"), "", CONFIG_MAP, &[("/reason", "Invalid")], 422);
    check(&mut c, &format!("GET {all}/web"), "", "", &[("/metadata/managedFields/0/manager", "curl")], 200);
    let merge = "application/merge-patch+json";
    check(&mut c, &format!("PATCH {all}/web"), merge, r#"{"data":{"k":"w"}}"#, &[("/data/k", "w")], 200);
    check(&mut c, &format!("PATCH {all}/web"), "text/plain", "{}", &[("/code", "415")], 415);
    check(
        &mut c,
        &format!("GET {all}?fieldSelector=metadata.name%3Dweb"),
        "",
        "",
        &[("/items/0/data/k", "w")],
        200,
    );
    check(&mut c, &format!("GET {all}?labelSelector=a%3Db"), "", "", &[("/items", "[]")], 200);
    check(
        &mut c,
        &format!("DELETE {all}/web"),
        "",
        r#"{"preconditions":{"uid":"x"}}"#,
        &[("/code", "409")],
        409,
    );
    check(&mut c, &format!("DELETE {all}/web"), "", "", &[("/status", "Success")], 200);
    check(&mut c, &format!("GET {all}/web"), "", "", &[("/reason", "NotFound")], 404);
}

#[test]
fn tables_are_for_who_asks_for_them() {
    let mut c = cluster();
    let accept = "|application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    let expect = [
        ("/kind", "Table"),
        ("/columnDefinitions/0/name", "Name"),
        ("/rows/0/object/kind", "PartialObjectMetadata"),
        ("/rows/0/cells/0", "default"),
    ];
    check(&mut c, "GET /api/v1/namespaces", accept, "", &expect, 200);
    check(&mut c, "GET /api/v1/namespaces", "", "", &[("/kind", "NamespaceList")], 200);
}

#[test]
fn a_watch_tells_what_was_there_and_what_comes() {
    let mut c = cluster();
    let all = "/api/v1/namespaces/default/configmaps";
    let kinds = |text: &str| -> Vec<String> {
        let line = |line: &str| serde_json::from_str::<Value>(line).expect("a line of JSON");
        text.lines()
            .map(|l| format!("{} {}", line(l)["type"], line(l)["object"]["metadata"]["name"]))
            .collect()
    };
    let mut watch = stream(ask(&mut c, &format!("GET {all}?watch=true&sendInitialEvents=true"), "", ""));
    let first = watch.more(&mut c, NOW);
    assert_eq!(kinds(&first.0), [r#""ADDED" "kube-root-ca.crt""#, r#""BOOKMARK" null"#]);
    whole(ask(&mut c, &format!("POST {all}"), "", &CONFIG_MAP.replace("a b", "web")));
    whole(ask(&mut c, &format!("DELETE {all}/web"), "", ""));
    let then = watch.more(&mut c, NOW);
    assert_eq!(
        (kinds(&then.0), then.1),
        (vec![r#""ADDED" "web""#.into(), r#""DELETED" "web""#.into()], true)
    );
    assert_eq!(watch.more(&mut c, NOW), (String::new(), true));
}
