//! What kubectl says, and in which form.

use super::check;

#[test]
fn the_reason_of_a_change_is_recorded() {
    check(
        "kubectl create deployment web --image=nginx:1.26
        kubectl set image deployment/web nginx=nginx:1.27 --record
        => Flag --record has been deprecated, --record will be removed in the future
        kubectl rollout history deployment/web
        => kubectl set image deployment/web nginx=nginx:1.27 --record=true
        kubectl get deployment web -o jsonpath='{.metadata.annotations.kubernetes\\.io/change-cause}'
        => kubectl set image deployment/web nginx=nginx:1.27 --record=true",
    );
}

#[test]
fn events_belong_to_one_described_object() {
    check(
        "kubectl create deployment web --image=nginx --replicas=2
        kubectl rollout status deployment/web
        kubectl describe pods -l app=web | grep -c '^Events:' | sed 's/^/sections: /'
        => sections: 0
        kubectl describe $(kubectl get pod -l app=web -o name | head -1)
        => Successfully assigned default/web-
        kubectl events -o name
        kubectl events --types=normal
        => ScalingReplicaSet",
    );
}

#[test]
fn a_scale_is_an_object_of_its_own() {
    check(
        "kubectl create deployment web --image=nginx --replicas=2
        kubectl get deployment web --subresource=scale
        => NAME   DESIRED   AVAILABLE   AGE
        kubectl get deployments --subresource=scale
        => error: subresource cannot be used when bulk resources are specified
        kubectl get deployment web --subresource=scale -o yaml
        => kind: Scale",
    );
}

#[test]
fn what_is_missing_is_named() {
    check(
        "kubectl create configmap a -n nosuch
        => namespaces \"nosuch\" not found
        kubectl delete configmap kube-root-ca.crt --interactive < /dev/null
        => configmap/kube-root-ca.crt
        kubectl create deployment d --image=nginx
        kubectl delete deployment d --interactive < /dev/null
        => deployment.apps/d
        kubectl patch configmap kube-root-ca.crt -p '{\"metadata\":{\"finalizers\":[\"Bad\"]}}'
        => metadata.finalizers[0]: Invalid value: \"Bad\": name is neither a standard finalizer name",
    );
}

#[test]
fn templates_say_where_they_fail() {
    check(
        "kubectl get nodes -o go-template='{{range .items}}{{.metadata.name'
        => unclosed action
        kubectl get nodes -o go-template='{{.nosuch.deeper | len}}'
        => error executing template
        kubectl get nodes -o custom-columns=NAME
        => error: unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>",
    );
}

#[test]
fn credentials_are_written() {
    check(
        "kubectl config set-credentials bob --exec-command=get-token --exec-api-version=client.authentication.k8s.io/v1
        => User \"bob\" set.
        kubectl config view -o jsonpath='{.users[?(@.name==\"bob\")].user.exec.command}'
        => get-token
        kubectl config set-credentials eve --token=t --username=u
        => error: you cannot specify more than one authentication method at the same time: --token, --username/--password
        kubectl config unset users.nosuch.token
        => error: current map key `nosuch` is invalid",
    );
}

#[test]
fn kinds_go_by_several_names() {
    check(
        "kubectl create deployment web --image=nginx
        kubectl get deploy.v1.apps
        => web
        kubectl get pods.v1. --no-headers | wc -l
        => 1
        kubectl get po.v1
        => error: the server doesn't have a resource type \"po\"
        kubectl get deploy,rs --no-headers | wc -l
        => 2
        kubectl delete deploy web nosuch --dry-run=client
        => deployment.apps \"nosuch\" deleted from default namespace (dry run)",
    );
}

#[test]
fn managers_are_restated() {
    check(
        "kubectl create configmap c --from-literal=a=1
        kubectl get configmap c -o yaml --show-managed-fields | grep -c manager: | sed 's/^/managers: /'
        => managers: 1
        kubectl patch configmap c --type=json -p '[{\"op\":\"replace\",\"path\":\"/metadata/managedFields\",\"value\":[{}]}]'
        kubectl get configmap c -o yaml --show-managed-fields | grep -c manager: | sed 's/^/managers: /'
        => managers: 0",
    );
}
