//! Deployments and their replica sets, over a small cluster.

use std::time::Duration;

use k8s_openapi::api::apps::v1::ReplicaSet;

use super::{Lab, conditions, deployment, seconds, set_image};
use crate::cluster::pod_state;

#[test]
fn a_deployment_becomes_pods_that_run() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", 3));
    lab.run(seconds(5));
    assert_eq!(lab.pod_words(), ["Running", "Running", "Running"]);
    assert_eq!(
        conditions(&lab, "web"),
        ["Available True MinimumReplicasAvailable", "Progressing True NewReplicaSetAvailable"]
    );
    let nodes: std::collections::BTreeSet<&str> =
        lab.pods().iter().map(|p| pod_state::node_name(p)).collect();
    assert_eq!(nodes.len(), 3, "one pod on each node");
    let pod = lab.pods()[0].metadata.name.clone().expect("a name");
    let reasons: Vec<String> =
        lab.events(&pod).iter().map(|e| e.split(':').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(reasons, ["Scheduled", "Pulling", "Pulled", "Created", "Started"]);
}

#[test]
fn a_rolling_update_of_three_goes_up_one_down_one() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", 3));
    lab.run(seconds(5));
    set_image(&mut lab, "web", "nginx:1.26");
    lab.run(seconds(20));
    let mut rs: Vec<&ReplicaSet> = lab.cluster.store().each::<ReplicaSet>(Some("default")).collect();
    rs.sort_by_key(|rs| {
        rs.metadata.annotations.as_ref().map(|a| a["deployment.kubernetes.io/revision"].clone())
    });
    let names: Vec<String> = rs.iter().filter_map(|rs| rs.metadata.name.clone()).collect();
    let told: Vec<String> = lab
        .events("web")
        .iter()
        .filter(|e| e.starts_with("ScalingReplicaSet"))
        .map(|e| e.replace(&names[0], "OLD").replace(&names[1], "NEW"))
        .collect();
    assert_eq!(
        told,
        [
            "ScalingReplicaSet: Scaled up replica set OLD from 0 to 3",
            "ScalingReplicaSet: Scaled up replica set NEW from 0 to 1",
            "ScalingReplicaSet: Scaled down replica set OLD from 3 to 2",
            "ScalingReplicaSet: Scaled up replica set NEW from 1 to 2",
            "ScalingReplicaSet: Scaled down replica set OLD from 2 to 1",
            "ScalingReplicaSet: Scaled up replica set NEW from 2 to 3",
            "ScalingReplicaSet: Scaled down replica set OLD from 1 to 0",
        ]
    );
    assert_eq!(lab.pod_words(), ["Running", "Running", "Running"]);
}

#[test]
fn deleting_a_deployment_takes_its_replica_sets_and_pods_with_it() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", 2));
    lab.run(seconds(4));
    lab.delete("apps", "v1", "deployments", "web");
    lab.run(Duration::from_millis(10));
    assert_eq!(lab.pod_words(), ["Terminating", "Terminating"]);
    lab.run(seconds(2));
    assert_eq!(lab.pod_words(), Vec::<String>::new());
    assert_eq!(lab.cluster.store().each::<ReplicaSet>(Some("default")).count(), 0);
}

#[test]
fn a_deleted_pod_of_a_replica_set_comes_back_under_another_name() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", 1));
    lab.run(seconds(4));
    let first = lab.pods()[0].metadata.name.clone().expect("a name");
    lab.delete("", "v1", "pods", &first);
    lab.run(seconds(5));
    let now: Vec<String> = lab.pods().iter().filter_map(|p| p.metadata.name.clone()).collect();
    assert_eq!(now.len(), 1);
    assert_ne!(now[0], first);
    assert_eq!(lab.pod_words(), ["Running"]);
}
