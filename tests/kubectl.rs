//! Stories told to kubectl in a three-node cluster: what is typed, and lines that must be answered in this order.

use std::time::Duration;

use kubejam::base::SimTime;
use kubejam::session::{Session, Start, WorldKind};
use kubejam::world::Input;

const BEGIN: SimTime = SimTime::from_secs(1_795_351_539);

/// Types each line; after `=>` stands a part of a line of its answer (standard output, then standard error).
#[track_caller]
fn check(story: &str) {
    let start = Start::new("student-7f3a", BEGIN, WorldKind::Cluster);
    let world = start.world();
    let mut session = Session::in_world(start, world, kubejam::programs::find);
    let home = "/tmp";
    let shell = session.open_shell(home).expect("a shell");
    let mut answer = String::new();
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(part) = line.strip_prefix("=> ") {
            assert!(answer.lines().any(|line| line.contains(part)), "no {part:?} in:\n{answer}");
            continue;
        }
        let ran = session.run_command(&shell, line, Input::Null, Some(Duration::from_secs(120)));
        answer =
            format!("{}\n{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    }
}

#[test]
fn a_container_is_put_beside_a_running_one() {
    check(
        "kubectl run web --image=nginx
        kubectl wait --for=condition=Ready pod/web
        kubectl debug web --image=busybox -c dbg -- sh -c 'echo looking; sleep 600'
        sleep 10
        kubectl logs web -c dbg
        => looking
        kubectl exec web -c dbg -- echo inside
        => inside
        kubectl describe pod web
        => Ephemeral Containers:
        kubectl get pod web
        => 1/1
        kubectl debug web --image=alpine -c dbg
        => spec.ephemeralContainers[1].name: Duplicate value: \"dbg\"
        kubectl debug web --image=busybox -c once -i -- echo seen
        => seen",
    );
}

#[test]
fn a_node_and_a_copy_can_be_debugged() {
    check(
        "kubectl debug $(kubectl get nodes -o name | head -1) --image=busybox -- sleep 5
        => Creating debugging pod node-debugger-
        kubectl debug nosuch --image=busybox
        => pods \"nosuch\" not found
        kubectl debug nosuch --image=busybox --profile=nope
        => unknown profile: nope",
    );
}

#[test]
fn what_is_in_no_file_any_more_is_pruned() {
    check(
        "kubectl create configmap kept --from-literal=a=1 --dry-run=client -o yaml > one.yaml
        kubectl create configmap gone --from-literal=a=1 --dry-run=client -o yaml > two.yaml
        kubectl apply -f one.yaml -f two.yaml
        => configmap/gone created
        kubectl apply --prune -f one.yaml
        => error: all resources selected for prune without explicitly passing --all
        kubectl apply --prune --all -f one.yaml
        => configmap/gone pruned
        kubectl get configmaps
        => kept
        kubectl apply set-last-applied -f one.yaml
        => set-last-applied kept: no changes required.",
    );
}

#[test]
fn roles_are_reconciled_and_questions_answered() {
    check(
        "kubectl create role reader --verb=get --resource=pods --dry-run=client -o yaml > role.yaml
        kubectl auth reconcile -f role.yaml
        => role.rbac.authorization.k8s.io/reader reconciled
        => reconciliation required create
        kubectl create rolebinding read --role=reader --user=jane
        kubectl auth can-i get pods --as=jane
        => yes
        kubectl auth can-i list pods --as=jane
        => no
        kubectl auth can-i --list --as=jane
        => pods
        kubectl auth whoami --as=jane --as-uid=42
        => UID         42",
    );
}

#[test]
fn the_server_is_reached_by_paths() {
    check(
        "kubectl get --raw /api/v1/namespaces/default/services/kubernetes
        => {\"kind\":\"Service\",\"apiVersion\":\"v1\"
        kubectl get --raw /apis/apps/v1/nosuch
        => the server could not find the requested resource
        kubectl proxy --port=8001 > /dev/null &
        sleep 1
        curl -s localhost:8001/api/v1/namespaces/default/configmaps/kube-root-ca.crt
        => \"kind\": \"ConfigMap\",
        curl -s localhost:8001/api/v1/namespaces/default/configmaps/nosuch
        => \"reason\": \"NotFound\"",
    );
}

#[test]
fn top_needs_somebody_who_measures() {
    check(
        "kubectl top nodes
        => error: Metrics API not available
        kubectl create deployment metrics-server -n kube-system --image=registry.k8s.io/metrics-server/metrics-server:v0.8.0
        kubectl rollout status deployment/metrics-server -n kube-system
        kubectl top nodes
        => CPU(cores)
        kubectl top pods -n kube-system --containers
        => metrics-server
        kubectl top pods
        => No resources found in default namespace.",
    );
}

#[test]
fn the_cluster_is_dumped() {
    check(
        "kubectl cluster-info dump --output-directory=/tmp/dump
        => Cluster info dumped to /tmp/dump
        ls /tmp/dump
        => nodes.json
        kubectl cluster-info dump -o yaml
        => kind: NodeList",
    );
}

#[test]
fn sorting_is_total_whatever_the_values_are() {
    check(
        "kubectl create deployment web --image=nginx --replicas=9
        kubectl rollout status deployment/web
        kubectl get events --sort-by=.lastTimestamp
        => Scaled up replica set
        kubectl get pods --sort-by=.spec.containers
        => web-",
    );
}

#[test]
fn an_overlay_changes_what_its_base_generates() {
    check(
        "mkdir -p base over loud
        echo 'configMapGenerator: [{name: app, literals: [a=1, b=2]}]' > base/kustomization.yaml
        echo '{kind: Component, commonAnnotations: {loud: yes-please}}' > loud/kustomization.yaml
        echo '{resources: [../base], components: [../loud], namePrefix: dev-, configMapGenerator: [{name: app, behavior: merge, literals: [b=3]}]}' > over/kustomization.yaml
        kubectl kustomize over
        => b: \"3\"
        => a: \"1\"
        => loud: yes-please
        => name: dev-app-
        kubectl apply -f http://localhost:9/none.yaml
        => KubeJam has no Internet
        => The connection to the server localhost was refused",
    );
}
