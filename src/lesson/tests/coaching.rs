//! What the coach says to typed lines, by id and in order.

use std::rc::Rc;

use serde_json::json;

use super::{IMAGE, Stated};
use crate::base::SimTime;
use crate::lesson::course::{Course, Language};
use crate::lesson::facts::{ContainerFacts, ReplyFacts};
use crate::lesson::run::{Event, QuestRun};

/// Types lines in a step of Hello Node, and compares what the coach says (ids, in order).
fn check_coach(step: &str, facts: &Stated, typed: &[(&str, i32, &str)], expect: &str) {
    let course = Course::embedded().expect("the course");
    let quest = course.quest("hello-node").expect("hello-node");
    let mut run = QuestRun::new(Rc::clone(quest), SimTime::from_secs(1000));
    while run.step().is_some_and(|s| s.id != step) {
        run.skip(facts);
    }
    let mut events = run.changed(facts);
    for (line, exit, output) in typed {
        run.command_began(SimTime::from_secs(1500), 1, line, "/home/me");
        events.extend(run.command_ended(1, *exit, output, facts));
    }
    let mut said = Vec::new();
    for event in events {
        if let Event::Coach(message) = event {
            for language in Language::ALL {
                let words = run.say(&message, language).unwrap_or_default();
                assert!(!words.is_empty(), "{} has words in {language}", message.id);
            }
            said.push(message.id);
        }
    }
    assert_eq!(said.join(" "), expect, "in step {step}: {typed:?}");
}

#[test]
fn what_people_do_before_kubernetes() {
    let facts = Stated::default();
    check_coach("look-around", &facts, &[("gclod auth list", 127, "bash: gclod: command not found")], "typo");
    check_coach("look-around", &facts, &[("gcloud auth lst", 2, "ERROR: Invalid choice")], "typo");
    check_coach("look-around", &facts, &[("ls", 0, ""), ("pwd", 0, "/home/me")], "");
    check_coach(
        "run-server",
        &facts,
        &[("curl localhost:8080", 7, "curl: (7) Failed to connect")],
        "nobody-listens",
    );
    check_coach(
        "run-server",
        &facts,
        &[("node server.js", 1, "SyntaxError: missing ) after argument list")],
        "server-syntax",
    );
    check_coach(
        "build",
        &facts,
        &[("docker build -t hello-node:v1", 1, "ERROR: 'docker buildx build' requires 1 argument")],
        "build-context",
    );
    check_coach("build", &facts, &[("docker biuld -t hello-node:v1 .", 1, "unknown command")], "typo");
    check_coach(
        "container",
        &facts,
        &[("curl localhost:8080", 56, "curl: (56) Recv failure: Connection reset by peer")],
        "too-soon",
    );
    let backwards = ContainerFacts {
        name: "hello".to_owned(),
        running: true,
        published: vec![(8080, 80)],
        ..ContainerFacts::default()
    };
    check_coach(
        "container",
        &Stated { containers: vec![backwards], ..Stated::default() },
        &[("curl localhost:8080", 56, "curl: (56) Recv failure: Connection reset by peer")],
        "port-order",
    );
    let busy = Stated { listeners: [(8080, "node".to_owned())].into(), ..Stated::default() };
    check_coach(
        "container",
        &busy,
        &[("docker run -d -p 8080:8080 hello-node:v1", 125, "address already in use")],
        "port-taken",
    );
    check_coach("container", &facts, &[("docker run -d hello-node:v1", 0, "")], "not-published");
    check_coach("container", &facts, &[("docker run -d -p 8080:80 hello-node:v1", 0, "")], "port-order");
}

#[test]
fn what_people_do_with_registries() {
    let facts =
        Stated { repositories: ["us-central1/my-docker-repo".to_owned()].into(), ..Stated::default() };
    check_coach(
        "push",
        &facts,
        &[("docker push hello-node:v1", 1, "denied: requested access to the resource is denied")],
        "push-needs-tag",
    );
    let elsewhere = "us-central1-docker.pkg.dev/jam-1/other/hello-node:v1";
    check_coach(
        "push",
        &facts,
        &[(&format!("docker push {elsewhere}"), 1, "name unknown: Repository \"other\" not found")],
        "repository-missing",
    );
    check_coach(
        "push",
        &facts,
        &[(&format!("docker push {IMAGE}:v1"), 1, "denied: Unauthenticated request.")],
        "registry-auth",
    );
    check_coach(
        "push",
        &facts,
        &[("docker push us-central1-docker.pkg.dev/PROJECT_ID/my-docker-repo/hello-node:v1", 1, "denied")],
        "placeholder",
    );
    let latest = format!("docker push {IMAGE}");
    check_coach("push", &facts, &[(&latest, 0, "latest: digest: sha256:1 size: 2417")], "pushed-elsewhere");
    check_coach(
        "push",
        &facts,
        &[(&format!("gcloud docker -- push {IMAGE}:v2"), 0, "WARNING")],
        "gcloud-docker",
    );
    check_coach(
        "push",
        &facts,
        &[(
            &format!("gcloud docker push {IMAGE}:v2"),
            2,
            "ERROR: (gcloud.docker) unrecognized arguments: push",
        )],
        "gcloud-docker-dashes",
    );
}

#[test]
fn what_people_do_with_pods_and_deployments() {
    let refused =
        "The connection to the server localhost:8080 was refused - did you specify the right host or port?";
    check_coach("cluster", &Stated::default(), &[("kubectl get nodes", 1, refused)], "no-credentials");
    check_coach(
        "deploy",
        &Stated::default(),
        &[(&format!("kubectl run hello-node --image={IMAGE}:v1 --port=8080"), 0, "pod/hello-node created")],
        "run-makes-pod",
    );
    check_coach(
        "deploy",
        &Stated::default().local("hello-node:v1"),
        &[("kubectl create deployment hello-node --image=hello-node:v1", 0, "")],
        "image-only-local",
    );
    check_coach(
        "deploy",
        &Stated::default(),
        &[(&format!("kubectl create deployment helo --image={IMAGE}:v1"), 0, "")],
        "not-yet",
    );
    check_coach(
        "deploy",
        &Stated::default(),
        &[("kubectl -n demo create deployment hello-node --image=x", 1, "namespaces \"demo\" not found")],
        "wrong-namespace",
    );
    let world = || Stated::default().deployment("x:v1", 1).pod("hello-node-5d-1", "x:v1", "ready");
    check_coach("heal", &world(), &[("kubectl delete deployment hello-node", 0, "")], "deleted-deployment");
    check_coach("scale", &world(), &[("kubectl delete pod hello-node-5d-1", 0, "")], "pod-returns");
    check_coach("scale", &world(), &[("kubectl scale deployment hello-node --replicas=3", 0, "")], "not-yet");
    check_coach(
        "scale",
        &world(),
        &[("kubectl exec hello-node-5d-1 ls", 1, "error: exec [POD] [COMMAND] is not supported anymore.")],
        "exec-dashes",
    );
    check_coach(
        "rollout",
        &world(),
        &[("kubectl set image pod/hello-node-5d-1 hello-node=x:v2", 0, "")],
        "changed-the-pod",
    );
    check_coach(
        "rollout",
        &world(),
        &[("kubectl edit deployment hello-node", 0, "Edit cancelled, no changes made.")],
        "edit-unchanged",
    );
    let crash = Stated::default().deployment("x:v1", 1).pod("a", "x:v1", "CrashLoopBackOff");
    check_coach("rollout", &crash, &[("kubectl get pods", 0, "")], "crash-loop");
    let missing = Stated::default().deployment("x:v9", 1).pod("a", "x:v9", "ImagePullBackOff");
    check_coach(
        "rollout",
        &missing,
        &[("kubectl get pods", 0, ""), ("kubectl get pods", 0, "")],
        "image-missing",
    );
    let full = format!("{IMAGE}:v1");
    let tagged = Stated::default().local(&full).deployment(&full, 1).pod("a", &full, "ErrImagePull");
    check_coach("deploy", &tagged, &[], "not-pushed");
    let stale = world().registry("x:v1", "sha256:new");
    check_coach("version-2", &stale, &[("docker push x:v1", 0, "")], "same-tag");
    check_coach("autoscale", &world(), &[("kubectl get hpa", 0, "cpu: <unknown>/50%")], "hpa-unknown");
}

#[test]
fn what_people_do_with_services() {
    let world = || Stated::default().deployment("x:v1", 1).pod("hello-node-5d-1", "x:v1", "ready");
    let expose = "kubectl expose deployment hello-node";
    check_coach(
        "expose",
        &world(),
        &[(
            &format!("{expose} --type=LoadBalancer"),
            1,
            "error: couldn't find port via --port flag or introspection",
        )],
        "expose-needs-port",
    );
    check_coach("expose", &world(), &[(&format!("{expose} --port=8080"), 0, "")], "service-type");
    check_coach(
        "expose",
        &world(),
        &[(&format!("{expose} --type=LoadBalancer --port=80"), 0, "")],
        "target-port",
    );
    let pending = [("kubectl get services", 0, "hello-node LoadBalancer 34.118.1.2 <pending>"); 2];
    check_coach("expose", &world().service("hello-node", None), &pending, "lb-pending");
    let lost = world().service("helo-node", Some("34.1.2.3"));
    check_coach("expose", &lost, &[("curl -m 3 http://34.1.2.3:8080", 7, "")], "selector-mismatch");
    let fine = || world().service("hello-node", Some("34.1.2.3"));
    check_coach("expose", &fine(), &[("curl http://34.118.1.2:8080", 130, "")], "internal-address");
    check_coach("expose", &fine(), &[("curl http://10.8.0.4:8080", 28, "")], "internal-address");
    check_coach("alone", &fine(), &[("curl -m 3 http://10.8.0.4:8080", 28, "")], "");
    check_coach("expose", &fine(), &[("curl http://34.1.2.3", 28, "")], "missing-port");
    let mut loopback = fine().file_of("/home/me/server.js", "server.listen(8080, '127.0.0.1');");
    loopback.connected = true;
    check_coach("expose", &loopback, &[("curl http://34.1.2.3:8080", 7, "")], "bound-to-loopback");
    let nodes = fine().with("nodes", "n1", json!({"status": {"addresses": [{"type": "InternalIP", "address": "10.128.0.2"}, {"type": "ExternalIP", "address": "35.1.1.1"}]}}));
    check_coach("expose", &nodes, &[("curl -m 3 http://10.128.0.2:31000", 28, "")], "internal-address");
    check_coach("expose", &nodes, &[("curl -m 3 http://35.1.1.1:31000", 28, "")], "node-address");
    let asked = ReplyFacts {
        at: SimTime::from_secs(1600),
        host: "35.1.1.1".into(),
        port: 31000,
        ..ReplyFacts::default()
    };
    let nodes = Stated { replies: vec![asked], ..nodes };
    check_coach("expose", &nodes, &[("curl -m 3 http://$NODE:31000", 28, "")], "node-address");
    let behind =
        Stated::default().service("hello-node", None).pod("hello-node-5d-1", "x:v1", "ContainerCreating");
    let from_a_pod = "kubectl exec client -- curl -s http://hello-node:8080";
    check_coach("expose", &behind, &[(from_a_pod, 7, "command terminated with exit code 7")], "nobody-ready");
    check_coach("expose", &fine(), &[(from_a_pod, 7, "command terminated with exit code 7")], "");
    let run_only = Stated::default().pod("hello-node", "x:v1", "ready");
    check_coach(
        "expose",
        &run_only,
        &[(&format!("{expose} --port=8080"), 1, "Error from server (NotFound)")],
        "run-then-expose",
    );
}

#[test]
fn the_coach_does_not_nag_and_helps_after_repeated_failure() {
    let facts = Stated::default();
    let wrong = ("false", 1, "");
    check_coach("scale", &facts, &[wrong, wrong], "");
    check_coach("scale", &facts, &[wrong, wrong, wrong], "nudge");
    let typo = ("kubeclt get pods", 127, "bash: kubeclt: command not found");
    check_coach("scale", &facts, &[typo, typo, typo, ("pwd", 0, "/home/me")], "typo typo typo");
    let push = ("docker push hello-node:v1", 1, "denied: requested access to the resource is denied");
    check_coach("push", &facts, &[push, push], "push-needs-tag");
    check_coach("push", &facts, &[push, push, push, push, push], "push-needs-tag nudge push-needs-tag");
}
