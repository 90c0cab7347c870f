//! What becomes of single pods: images, crashes, probes, ends.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use serde_json::json;

use super::{Lab, deployment, pod, seconds, set_image};
use crate::cluster::pod_state;

#[test]
fn a_bad_image_alternates_between_its_two_words_and_the_old_pods_stay() {
    let mut lab = Lab::new();
    lab.create("apps", "v1", "deployments", deployment("web", "nginx:1.25", 3));
    lab.run(seconds(5));
    set_image(&mut lab, "web", "nginx:typo");
    let mut words = Vec::new();
    for _ in 0..60 {
        lab.run(seconds(1));
        let word = lab.pod_words().into_iter().find(|w| w.contains("Image"));
        if let Some(word) = word.filter(|w| words.last() != Some(w)) {
            words.push(word);
        }
    }
    assert_eq!(words[..3], ["ErrImagePull", "ImagePullBackOff", "ErrImagePull"]);
    assert_eq!(lab.pod_words().iter().filter(|w| *w == "Running").count(), 3);
}

#[test]
fn a_crashing_container_backs_off() {
    let mut lab = Lab::new();
    lab.cluster.node.pace.tells_back_off = true;
    lab.create("", "v1", "pods", pod("crash", json!(["exit", "1"]), "Always"));
    lab.run(seconds(8));
    assert_eq!(lab.pod_words(), ["CrashLoopBackOff"]);
    lab.run(seconds(60));
    let restarts =
        lab.pods()[0].status.as_ref().and_then(|s| s.container_statuses.as_ref()).map(|c| c[0].restart_count);
    assert!(matches!(restarts, Some(3..=4)), "{restarts:?}");
    let log = lab.cluster.node.read_log(
        &lab.cluster.store().get_as::<Pod>("default", "crash").expect("the pod"),
        "web",
        &Default::default(),
        lab.now,
    );
    assert_eq!(log.as_deref(), Ok("bye\n"));
}

#[test]
fn a_pod_that_has_done_its_work_is_completed_first_and_succeeded_a_second_later() {
    let mut lab = Lab::new();
    lab.create("", "v1", "pods", pod("hi", json!(["exit", "0"]), "Never"));
    let mut phases = Vec::new();
    for _ in 0..60 {
        lab.run(Duration::from_millis(100));
        let phase = format!("{} {}", lab.pod_words()[0], pod_state::phase(lab.pods()[0]));
        if phases.last() != Some(&phase) {
            phases.push(phase);
        }
    }
    assert_eq!(phases[phases.len() - 2..], ["Completed Running", "Completed Succeeded"]);
}

#[test]
fn a_program_that_is_not_there_is_a_start_error() {
    let mut lab = Lab::new();
    lab.create("", "v1", "pods", pod("bad", json!(["nosuch"]), "Never"));
    lab.run(seconds(6));
    assert_eq!(lab.pod_words(), ["StartError"]);
}

#[test]
fn nobody_has_room_for_it() {
    let mut lab = Lab::new();
    let mut body = pod("big", json!(["serve"]), "Always");
    body["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "64"}});
    lab.create("", "v1", "pods", body);
    lab.run(seconds(1));
    assert_eq!(lab.pod_words(), ["Pending"]);
    assert_eq!(
        lab.events("big"),
        [
            "FailedScheduling: 0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: \
          0/3 nodes are available: 3 Preemption is not helpful for scheduling."
        ]
    );
}

#[test]
fn a_failing_readiness_probe_keeps_the_pod_out_and_a_good_one_lets_it_in() {
    let mut lab = Lab::new();
    lab.set_probe_code(503);
    let mut body = pod("web", json!(["serve"]), "Always");
    body["spec"]["containers"][0]["readinessProbe"] =
        json!({"httpGet": {"path": "/", "port": 80}, "periodSeconds": 2});
    lab.create("", "v1", "pods", body);
    lab.run(seconds(9));
    assert_eq!(lab.pod_words(), ["NotReady"]);
    assert!(
        lab.events("web")
            .iter()
            .any(|e| e.contains("Readiness probe failed: HTTP probe failed with statuscode: 503"))
    );
    lab.set_probe_code(200);
    lab.run(seconds(3));
    assert_eq!(lab.pod_words(), ["Running"]);
}

#[test]
fn a_failing_liveness_probe_restarts_the_container() {
    let mut lab = Lab::new();
    lab.set_probe_code(500);
    let mut body = pod("web", json!(["serve"]), "Always");
    body["spec"]["containers"][0]["livenessProbe"] =
        json!({"httpGet": {"path": "/", "port": 80}, "periodSeconds": 2, "failureThreshold": 2});
    lab.create("", "v1", "pods", body);
    lab.run(seconds(9));
    let events = lab.events("web");
    let killing =
        |e: &String| e.starts_with("Killing") && e.ends_with("failed liveness probe, will be restarted");
    assert!(events.iter().any(killing), "{events:#?}");
    let status = lab.pods()[0].status.clone().unwrap_or_default();
    assert!(status.container_statuses.is_some_and(|c| c[0].restart_count >= 1));
}

#[test]
fn a_program_that_ignores_the_signal_is_killed_after_its_grace() {
    let mut lab = Lab::new();
    lab.create("", "v1", "pods", pod("stubborn", json!(["sleep", "3600"]), "Always"));
    lab.run(seconds(3));
    lab.delete("", "v1", "pods", "stubborn");
    lab.run(seconds(4));
    assert_eq!(lab.pod_words(), ["Terminating"]);
    lab.run(seconds(3));
    assert_eq!(lab.pod_words(), Vec::<String>::new());
}

#[test]
fn a_container_that_wants_too_much_memory_is_said_to_have_been_killed_for_it() {
    let mut lab = Lab::new();
    lab.create("", "v1", "pods", pod("hungry", json!(["devour"]), "Always"));
    lab.run(seconds(12));
    let status = lab.pods()[0].status.clone().unwrap_or_default();
    let container = &status.container_statuses.as_deref().unwrap_or_default()[0];
    let last = container.last_state.as_ref().and_then(|s| s.terminated.clone()).expect("an earlier end");
    assert_eq!((last.reason.as_deref(), last.exit_code), (Some("OOMKilled"), 137));
    let events = lab.events("hungry");
    let backs_off = |e: &String| e.starts_with("BackOff: Back-off restarting failed container");
    assert!(events.iter().any(backs_off), "{events:#?}");
}
