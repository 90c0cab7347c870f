//! What is masked and what is not.

use super::{Literals, normalise};

/// Lines that must be the same after masking, as the output of `cmd`.
#[track_caller]
fn check(cmd: &str, raw: &str, expect: &str) {
    let literals: Literals = ["10.0.0.9".to_owned(), "30080".to_owned()].into();
    assert_eq!(normalise(raw, cmd, &literals).join("\n"), expect, "{cmd}: {raw}");
}

#[test]
fn generated_names_are_masked() {
    let get = "kubectl get pods";
    check(get, "web-7d4b9c8f6d-x2jk4", "web-<RS>-<POD>");
    check(get, "pod/agent-x2jk4 created", "pod/agent-<POD> created");
    check(get, "sync-29345678-x2jk4", "sync-<CRON>-<POD>");
    check(get, "replicaset.apps/web-7d4b9c8f6d", "replicaset.apps/web-<RS>");
    check(get, "kube-api-access-pqhb9:", "kube-api-access-<POD>:");
    check(get, "web-7d4b9c8f6d-x2jk4.17f2a1b3c4d5e6f7", "web-<RS>-<POD>.<HEX16>");
    check(get, "my-https redis-cache hello-node", "my-https redis-cache hello-node");
    check(get, "gke-hello-world-default-pool-3f1c9a7b-m4qd", "<NODE>");
}

#[test]
fn addresses_and_ports_are_masked_unless_written() {
    let get = "kubectl get svc";
    check(get, "a  10.4.0.26  80:31234/TCP", "a  <IP>  80:<NODEPORT>/TCP");
    check(get, "a  10.0.0.9  80:30080/TCP", "a  10.0.0.9  80:30080/TCP");
    check(get, "127.0.0.1 192.0.2.42 v1.36.2 10.4.1.0/24", "127.0.0.1 192.0.2.42 v1.36.2 <PODCIDR>");
}

#[test]
fn ages_are_masked_only_where_they_are_ages() {
    let get = "kubectl get pods";
    check(get, "a   1/1   Running   1 (10s ago)   2m14s", "a  1/1  Running  1  <AGE>");
    check(get, "Warning  BackOff  9s (x3 over 12s)  kubelet", "Warning  BackOff  <AGE>  kubelet");
    check(get, "delay=5s timeout=1s op=Exists for 300s", "delay=5s timeout=1s op=Exists for 300s");
    check(get, "  cpu  100m", "  cpu  100m");
    check("kubectl get pod a -o yaml", "time: 5s", "time: 5s");
}

#[test]
fn rows_are_a_set_and_waiting_is_once() {
    check("kubectl get pods", "NAME   AGE\nb      1s\na      2s", "NAME  AGE\na  <AGE>\nb  <AGE>");
    let line = "Waiting for deployment \"web\" rollout to finish: 1 of 3 updated replicas are available...\n";
    let done = "deployment \"web\" successfully rolled out";
    check("kubectl rollout status deploy web", &format!("{line}{line}{done}"), &format!("<WAITING>\n{done}"));
}
