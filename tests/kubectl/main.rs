//! Stories told to kubectl in a three-node cluster: what is typed, and lines that must be answered in this order.

mod control_plane;
mod messages;

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

#[test]
fn an_applied_list_keeps_what_others_put_in_it() {
    check(
        r#"echo '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"a":"1","b":"2"}},"spec":{"containers":[{"name":"web","image":"nginx:1.27"}]}}' > pod.json
        kubectl apply -f pod.json
        => pod/web created
        kubectl label pod web own=yes
        sed -i 's/"b":"2"/"c":"3"/; s/1.27/1.28/' pod.json
        kubectl diff -f pod.json
        => +  - image: nginx:1.28
        => -    b: "2"
        kubectl apply -f pod.json
        => pod/web configured
        kubectl get pod web -o jsonpath='{.metadata.labels}'
        => {"a":"1","c":"3","own":"yes"
        sed -i 's/"image"/"imagePullPolicy":"Never","image"/' pod.json
        kubectl apply -f pod.json
        => The Pod "web" is invalid
        kubectl apply -f pod.json --force
        => pod/web configured
        kubectl get pod web -o jsonpath='{.spec.containers[0].imagePullPolicy}'
        => Never"#,
    );
}

#[test]
fn labels_are_told_as_they_change() {
    check(
        "kubectl create configmap c
        kubectl label configmap c a=1
        => configmap/c labeled
        kubectl label configmap c a=2
        => error: 'a' already has a value (1), and --overwrite is false
        kubectl label configmap c a=2 --overwrite
        => configmap/c labeled
        kubectl label configmap c a-
        => configmap/c unlabeled
        kubectl label configmap c a-
        => label \"a\" not found.
        kubectl annotate configmap c note=x
        => configmap/c annotated
        kubectl wait configmap/c --for=jsonpath='{.metadata.annotations.note}'=x
        => configmap/c condition met
        kubectl wait configmap/c --for=delete --timeout=1s
        => timed out waiting for the condition",
    );
}

#[test]
fn an_editor_changes_an_object() {
    check(
        "kubectl create configmap c --from-literal=word=old
        KUBE_EDITOR='sed -i s/old/new/' kubectl edit configmap c
        => configmap/c edited
        KUBE_EDITOR=true kubectl edit configmap c
        => Edit cancelled, no changes made.
        kubectl get configmap c -o go-template='{{define \"w\"}}<{{.}}>{{end}}{{template \"w\" .data.word}}'
        => <new>",
    );
}

#[test]
fn subjects_and_variables_are_set() {
    check(
        "kubectl create role r --verb=get --resource=pods
        kubectl create rolebinding b --role=r --user=jane
        kubectl set subject rolebinding b --serviceaccount=default:robot
        => rolebinding.rbac.authorization.k8s.io/b subjects updated
        kubectl get rolebinding b -o wide
        => default/robot
        kubectl create deployment web --image=nginx
        kubectl set env deployment/web MODE=fast
        => deployment.apps/web env updated
        kubectl set env deployment/web --list
        => MODE=fast
        kubectl set resources deployment web --limits=cpu=200m
        => deployment.apps/web resource requirements updated",
    );
}

#[test]
fn a_held_pod_is_scheduled_when_its_gate_goes() {
    check(
        r#"kubectl run held --image=nginx --overrides='{"spec":{"schedulingGates":[{"name":"example.com/hold"}]}}'
        kubectl get pods
        => SchedulingGated
        kubectl patch pod held --type=json -p '[{"op":"remove","path":"/spec/schedulingGates"}]'
        kubectl wait --for=condition=Ready pod/held
        => pod/held condition met"#,
    );
}

#[test]
fn a_pod_may_run_only_so_long() {
    check(
        r#"kubectl run brief --image=nginx --overrides='{"spec":{"activeDeadlineSeconds":4}}'
        kubectl wait --for=jsonpath='{.status.phase}'=Failed pod/brief
        kubectl describe pod brief
        => DeadlineExceeded
        => Pod was active on the node longer than the specified deadline"#,
    );
}

#[test]
fn a_job_counts_the_pod_its_deadline_ended() {
    check(
        r#"echo '{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"late"},"spec":{"activeDeadlineSeconds":4,"template":{"spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"busybox","command":["sleep","60"]}]}}}}' | kubectl apply -f -
        kubectl wait --for=condition=Failed job/late
        kubectl get job late -o jsonpath='{.status.conditions[*].type} {.status.failed}'
        => FailureTarget Failed 1
        sleep 2
        kubectl get pods
        => No resources found
        kubectl create job good --image=busybox -- echo hello
        kubectl wait --for=condition=Complete job/good
        kubectl get job good -o jsonpath='{.status.conditions[*].type} {.status.succeeded}'
        => SuccessCriteriaMet Complete 1
        kubectl get pods -o jsonpath='{.items[*].metadata.finalizers}|'
        => |
        kubectl delete job good
        kubectl get pods
        => No resources found"#,
    );
}

#[test]
fn a_stateful_set_keeps_its_claims() {
    check(
        r#"echo '{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db"},"spec":{"serviceName":"db","replicas":2,"selector":{"matchLabels":{"app":"db"}},"template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"db","image":"redis:7","volumeMounts":[{"name":"data","mountPath":"/data"}]}]}},"volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}}' | kubectl apply -f -
        => statefulset.apps/db created
        kubectl rollout status statefulset db
        kubectl get pvc
        => data-db-1
        kubectl exec db-1 -- sh -c 'echo kept > /data/note'
        kubectl delete pod db-1
        kubectl wait --for=condition=Ready pod/db-1
        kubectl exec db-1 -- cat /data/note
        => kept
        kubectl scale statefulset db --replicas=1
        kubectl wait --for=delete pod/db-1
        kubectl get pvc
        => data-db-1"#,
    );
}

#[test]
fn a_network_policy_is_described() {
    check(
        r#"echo '{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"np"},"spec":{"podSelector":{"matchLabels":{"app":"web"}},"policyTypes":["Ingress"],"ingress":[{"from":[{"podSelector":{"matchLabels":{"role":"front"}}}],"ports":[{"port":80}]}]}}' | kubectl apply -f -
        kubectl describe networkpolicy np
        => PodSelector:     app=web
        => To Port: 80/TCP
        => PodSelector: role=front"#,
    );
}
