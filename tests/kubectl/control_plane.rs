//! What the API server, the controllers and the scheduler do with what is asked for.

use super::check;

/// A line that applies a manifest given as JSON.
macro_rules! apply {
    ($manifest:literal) => {
        concat!("echo '", $manifest, "' | kubectl apply -f -\n")
    };
}

#[test]
fn a_place_that_was_made_is_kept_for_the_pod_it_was_made_for() {
    check(concat!(
        "kubectl create priorityclass vip --value=1000
        kubectl create deployment low --image=nginx --replicas=4
        kubectl set resources deployment low --requests=cpu=1500m
        sleep 30\n",
        apply!(
            r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"vip"},"spec":{"priorityClassName":"vip","containers":[{"name":"c","image":"nginx","resources":{"requests":{"cpu":"1500m"}}}]}}"#
        ),
        "kubectl wait --for=condition=Ready pod/vip --timeout=90s
        => pod/vip condition met
        kubectl get events --field-selector reason=Preempted --no-headers | wc -l
        => 1
        kubectl describe pod vip
        => 3 Insufficient cpu."
    ));
}

#[test]
fn a_claim_waits_for_its_first_consumer() {
    check(concat!(
        apply!(
            r#"{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}"#
        ),
        "sleep 20
        kubectl get pvc data
        => Pending
        kubectl describe pvc data
        => waiting for first consumer to be created before binding
        kubectl patch pvc data -p '{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"2Gi\"}}}}'
        => is forbidden: Only bound persistent volume claims can be expanded\n",
        apply!(
            r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"user"},"spec":{"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}}],"containers":[{"name":"c","image":"nginx","volumeMounts":[{"name":"v","mountPath":"/d"}]}]}}"#
        ),
        "kubectl wait --for=condition=Ready pod/user --timeout=90s
        kubectl get pvc data
        => Bound
        kubectl patch pvc data -p '{\"spec\":{\"accessModes\":[\"ReadWriteMany\"]}}'
        => spec is immutable after creation except resources.requests
        => -  \"ReadWriteOnce\"
        => +  \"ReadWriteMany\"
        kubectl patch pvc data -p '{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"500Mi\"}}}}'
        => spec.resources.requests.storage: Forbidden: field can not be less than status.capacity
        kubectl patch pvc data -p '{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"2Gi\"}}}}'
        => persistentvolumeclaim/data patched"
    ));
}

#[test]
fn only_classes_that_allow_it_let_claims_grow() {
    check(concat!(
        apply!(
            r#"{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"vol"},"spec":{"storageClassName":"manual","capacity":{"storage":"2Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"}}}"#
        ),
        "sleep 5\n",
        apply!(
            r#"{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"c"},"spec":{"storageClassName":"manual","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}"#
        ),
        "sleep 5
        kubectl patch pvc c -p '{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"3Gi\"}}}}'
        => persistentvolumeclaims \"c\" is forbidden: only dynamically provisioned pvc can be resized"
    ));
}

#[test]
fn what_a_container_leaves_to_say_is_shown() {
    check(concat!(
        apply!(
            r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"last"},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"busybox","command":["sh","-c","echo out of paper > /dev/termination-log; exit 3"]}]}}"#
        ),
        "kubectl wait --for=jsonpath={.status.phase}=Failed pod/last --timeout=60s
        kubectl describe pod last
        => out of paper
        => Exit Code:"
    ));
}

#[test]
fn a_failure_policy_ends_a_job() {
    check(concat!(
        apply!(
            r#"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"pol"},"spec":{"podFailurePolicy":{"rules":[{"action":"FailJob","onExitCodes":{"operator":"In","values":[42]}}]},"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"busybox","command":["sh","-c","exit 42"]}]}}}}"#
        ),
        "kubectl wait --for=condition=failed job/pol --timeout=60s
        kubectl describe job pol
        => PodFailurePolicy
        => 0 Active (0 Ready) / 0 Succeeded / 1 Failed"
    ));
}

#[test]
fn indexes_fail_one_by_one() {
    check(concat!(
        apply!(
            r#"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"per"},"spec":{"completions":3,"parallelism":3,"completionMode":"Indexed","backoffLimitPerIndex":0,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"busybox","command":["sh","-c","test $JOB_COMPLETION_INDEX != 1"]}]}}}}"#
        ),
        "kubectl wait --for=condition=failed job/per --timeout=60s
        kubectl get job per -o jsonpath='{.status.completedIndexes} {.status.failedIndexes} {.spec.backoffLimit}'
        => 0,2 1 2147483647
        kubectl describe job per
        => FailedIndexes"
    ));
}

#[test]
fn a_success_policy_leaves_the_other_pods_uncounted() {
    check(concat!(
        apply!(
            r#"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"succ"},"spec":{"completions":3,"parallelism":3,"completionMode":"Indexed","successPolicy":{"rules":[{"succeededIndexes":"0"}]},"template":{"spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"busybox","command":["sh","-c","if [ $JOB_COMPLETION_INDEX != 0 ]; then sleep 100; fi"]}]}}}}"#
        ),
        "kubectl wait --for=condition=complete job/succ --timeout=60s
        kubectl describe job succ
        => 0 Active (0 Ready) / 1 Succeeded / 0 Failed"
    ));
}

#[test]
fn the_template_of_a_job_stays_as_it_is() {
    check(
        "kubectl create job one --image=busybox -- true
        kubectl patch job one -p '{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"one\",\"image\":\"x\"}]}}}}'
        => \"Spec\":{\"Volumes\":null,\"InitContainers\":null,\"Containers\":[{\"Name\":\"one\",\"Image\":\"x\",\"Command\":[\"true\"],\"Args\":null
        kubectl create rolebinding b --role=r --user=jane
        kubectl patch rolebinding b -p '{\"roleRef\":{\"name\":\"other\"}}'
        => Invalid value: {\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":\"Role\",\"Name\":\"other\"}: cannot change roleRef",
    );
}

#[test]
fn a_namespace_has_limits() {
    check(concat!(
        apply!(
            r#"{"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"l"},"spec":{"limits":[{"type":"Container","max":{"cpu":"1"},"min":{"cpu":"100m"},"maxLimitRequestRatio":{"cpu":"10"}},{"type":"Pod","max":{"cpu":"2"}},{"type":"PersistentVolumeClaim","max":{"storage":"1Gi"}}]}}"#
        ),
        "sleep 1
        kubectl run fat --image=nginx --overrides='{\"spec\":{\"containers\":[{\"name\":\"fat\",\"image\":\"nginx\",\"resources\":{\"limits\":{\"cpu\":\"3\"}}}]}}'
        => pods \"fat\" is forbidden: [maximum cpu usage per Container is 1, but limit is 3, maximum cpu usage per Pod is 2, but limit is 3]\n",
        apply!(
            r#"{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"big"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"5Gi"}}}}"#
        ),
        "=> persistentvolumeclaims \"big\" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 5Gi"
    ));
}

#[test]
fn a_service_loses_its_address() {
    check(
        "kubectl create service clusterip web --tcp=80
        kubectl patch svc web --type=merge -p '{\"spec\":{\"type\":\"ExternalName\",\"externalName\":\"x.y\"}}'
        => service/web patched
        kubectl get svc web
        => ExternalName   <none>       x.y
        kubectl create deployment d --image=nginx
        kubectl expose deployment d --port=80 --external-ip=1.2.3.4
        => Warning: spec.externalIPs is deprecated and may no longer be implemented in some clusters
        kubectl wait --for=condition=Available deployment/d
        kubectl expose deployment d --name=named --port=80 --target-port=nosuch
        sleep 5
        kubectl get ep named
        => named   <none>",
    );
}

#[test]
fn roles_are_made_of_others() {
    check(concat!(
        "kubectl describe clusterrole view
        => replicationcontrollers/scale
        kubectl get clusterrole edit -o jsonpath='{.aggregationRule}'
        => rbac.authorization.k8s.io/aggregate-to-edit\n",
        apply!(
            r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"more","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},"rules":[{"apiGroups":["example.com"],"resources":["gadgets"],"verbs":["get"]}]}"#
        ),
        "sleep 2
        kubectl describe clusterrole view
        => gadgets.example.com
        kubectl create clusterrolebinding v --clusterrole=view --user=jane
        kubectl auth can-i list deployments --as=jane
        => yes
        kubectl auth can-i get secrets --as=jane
        => no
        kubectl auth can-i get /healthz --as=jane
        => yes
        kubectl label ns default a=b --as=jane
        => cannot patch resource \"namespaces\" in API group \"\" in the namespace \"default\""
    ));
}

#[test]
fn the_pods_of_a_node_that_is_gone_go_too() {
    check(
        "kubectl create deployment web --image=nginx --replicas=3
        kubectl rollout status deployment web
        kubectl get pods -o wide --no-headers | head -1 | cut -d' ' -f1 > pod
        kubectl delete node $(kubectl get pod $(cat pod) -o jsonpath='{.spec.nodeName}')
        sleep 5
        kubectl get pod $(cat pod)
        => Running
        sleep 80
        kubectl get pod $(cat pod)
        => not found
        kubectl get deployment web
        => 3/3",
    );
}

#[test]
fn whoever_shows_nothing_is_asked() {
    check(
        "kubectl config set-context nobody --cluster=$(kubectl config view -o jsonpath='{.clusters[0].name}')
        kubectl --context=nobody get pods
        => Please enter Username:
        => error: EOF
        kubectl config set-credentials bob --token=abc
        kubectl --user=bob get pods
        => error: You must be logged in to the server (Unauthorized)
        kubectl --user=bob api-resources
        => error: You must be logged in to the server (the server has asked for the client to provide credentials)
        kubectl create serviceaccount robot
        kubectl config set-credentials robot --token=$(kubectl create token robot)
        kubectl --user=robot auth whoami
        => system:serviceaccount:default:robot
        kubectl --user=robot get pods
        => User \"system:serviceaccount:default:robot\" cannot list resource \"pods\"
        kubectl config set-credentials carl --username=carl --password=x
        kubectl --user=carl get pods
        => User \"system:anonymous\" cannot list resource \"pods\"
        kubectl get pods --as-group=ops
        => without impersonating a user",
    );
}
