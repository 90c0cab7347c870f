//! Pages of objects shaped like the recordings'.

use super::{Subject, describe, pod_template_raw};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn page(object: &Value, events: Vec<Value>, related: BTreeMap<&'static str, Vec<Value>>) -> String {
    // 2026-11-22T12:45:50Z
    describe(&Subject { object, events: Some(events), related, now_ms: 1_795_351_550_000 })
}

fn template() -> Value {
    json!({
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "nginx", "image": "nginx:1.27", "ports": [{"containerPort": 80, "protocol": "TCP"}],
            "command": ["sh", "-c", "sleep 5"], "resources": {"limits": {"cpu": "200m"}}}]},
    })
}

#[test]
fn a_deployment() {
    let object = json!({
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default", "uid": "u1", "creationTimestamp": "2026-11-22T12:45:39Z",
            "labels": {"app": "web"}, "annotations": {"deployment.kubernetes.io/revision": "1"}},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template(),
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}},
        "status": {"replicas": 1, "updatedReplicas": 1, "availableReplicas": 1,
            "conditions": [{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"}]},
    });
    let mut labelled = template();
    labelled["metadata"]["labels"]["pod-template-hash"] = "55b".into();
    let set = json!({"metadata": {"name": "web-55b", "ownerReferences": [{"uid": "u1", "controller": true}]},
        "spec": {"replicas": 1, "template": labelled}, "status": {"replicas": 1}});
    let event = json!({"type": "Normal", "reason": "ScalingReplicaSet", "count": 1, "firstTimestamp": "2026-11-22T12:45:39Z",
        "lastTimestamp": "2026-11-22T12:45:39Z", "source": {"component": "deployment-controller"}, "message": "Scaled up"});
    let expect = "\
Name:                   web
Namespace:              default
CreationTimestamp:      Sun, 22 Nov 2026 12:45:39 +0000
Labels:                 app=web
Annotations:            deployment.kubernetes.io/revision: 1
Selector:               app=web
Replicas:               1 desired | 1 updated | 1 total | 1 available | 0 unavailable
StrategyType:           RollingUpdate
MinReadySeconds:        0
RollingUpdateStrategy:  25% max unavailable, 25% max surge
Pod Template:
  Labels:  app=web
  Containers:
   nginx:
    Image:      nginx:1.27
    Port:       80/TCP
    Host Port:  0/TCP
    Command:
      sh
      -c
      sleep 5
    Limits:
      cpu:         200m
    Environment:   <none>
    Mounts:        <none>
  Volumes:         <none>
  Node-Selectors:  <none>
  Tolerations:     <none>
Conditions:
  Type           Status  Reason
  ----           ------  ------
  Available      True    MinimumReplicasAvailable
OldReplicaSets:  <none>
NewReplicaSet:   web-55b (1/1 replicas created)
Events:
  Type    Reason             Age   From                   Message
  ----    ------             ----  ----                   -------
  Normal  ScalingReplicaSet  11s   deployment-controller  Scaled up
";
    assert_eq!(page(&object, vec![event], BTreeMap::from([("replicasets", vec![set])])), expect);
}

#[test]
fn a_template_with_its_tabs() {
    let text = pod_template_raw(&template());
    assert!(
        text.starts_with(
            "Pod Template:\n  Labels:\tapp=web\n  Containers:\n   nginx:\n    Image:\tnginx:1.27\n"
        ),
        "{text}"
    );
}

#[test]
fn a_service_with_four_endpoints() {
    let object = json!({
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"type": "LoadBalancer", "clusterIP": "34.118.230.234", "clusterIPs": ["34.118.230.234"], "ipFamilies": ["IPv4"],
            "ports": [{"port": 80, "targetPort": 8080, "nodePort": 32249, "protocol": "TCP"}], "sessionAffinity": "None"},
        "status": {"loadBalancer": {"ingress": [{"ip": "34.155.247.74", "ipMode": "VIP"}]}},
    });
    let endpoints: Vec<Value> = (1..=4)
        .map(|n| json!({"addresses": [format!("10.4.0.{n}")], "conditions": {"ready": true}}))
        .collect();
    let slice = json!({"ports": [{"name": "", "port": 8080}], "endpoints": endpoints});
    let text = page(&object, Vec::new(), BTreeMap::from([("endpointslices", vec![slice])]));
    for line in [
        "LoadBalancer Ingress:  34.155.247.74 (VIP)\n",
        "Port:                  <unset>  80/TCP\n",
        "Endpoints:             10.4.0.1:8080,10.4.0.2:8080,10.4.0.3:8080 + 1 more...\n",
        "Events:                <none>\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}
