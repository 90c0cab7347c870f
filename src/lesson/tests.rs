//! Checks and coach over constructed situations: no session, only facts.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Value, json};

use crate::base::SimTime;
use crate::lesson::check::{self, State, View};
use crate::lesson::course::{Course, Language};
use crate::lesson::facts::{ClusterFacts, ContainerFacts, Executed, Facts, ReplyFacts};
use crate::lesson::goal::{Goal, GoalFile};
use crate::lesson::run::{Event, QuestRun};

const IMAGE: &str = "us-central1-docker.pkg.dev/jam-1/my-docker-repo/hello-node";

/// Facts as a test states them.
#[derive(Default)]
struct Stated {
    objects: BTreeMap<(String, String), Rc<Value>>,
    files: BTreeMap<String, String>,
    local: BTreeMap<String, String>,
    registry: BTreeMap<String, String>,
    repositories: BTreeSet<String>,
    containers: Vec<ContainerFacts>,
    clusters: Vec<ClusterFacts>,
    connected: bool,
    listeners: BTreeMap<u16, String>,
    replies: Vec<ReplyFacts>,
}

impl Facts for Stated {
    fn now(&self) -> SimTime {
        SimTime::from_secs(2000)
    }
    fn stamp(&self) -> u64 {
        0
    }
    fn names(&self) -> BTreeMap<String, String> {
        let pairs = [
            ("project", "jam-1"),
            ("region", "us-central1"),
            ("zone", "us-central1-a"),
            ("home", "/home/me"),
        ];
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }
    fn object(&self, kind: &str, _: &str, name: &str) -> Option<Rc<Value>> {
        self.objects.get(&(kind.to_owned(), name.to_owned())).cloned()
    }
    fn objects(&self, kind: &str, _: &str) -> Vec<Rc<Value>> {
        self.objects.iter().filter(|((k, _), _)| k == kind).map(|(_, o)| Rc::clone(o)).collect()
    }
    fn file(&self, path: &str) -> Option<Rc<[u8]>> {
        self.files.get(path).map(|text| Rc::from(text.as_bytes()))
    }
    fn local_image(&self, reference: &str) -> Option<String> {
        self.local.get(reference).cloned()
    }
    fn registry_image(&self, reference: &str) -> Option<String> {
        self.registry.get(reference).cloned()
    }
    fn repository(&self, location: &str, name: &str) -> bool {
        self.repositories.contains(&format!("{location}/{name}"))
    }
    fn containers(&self) -> Vec<ContainerFacts> {
        self.containers.clone()
    }
    fn clusters(&self) -> Vec<ClusterFacts> {
        self.clusters.clone()
    }
    fn kubectl_connected(&self) -> bool {
        self.connected
    }
    fn gcloud_property(&self, _: &str) -> Option<String> {
        Some("jam-1".to_owned())
    }
    fn listener(&self, port: u16) -> Option<String> {
        self.listeners.get(&port).cloned()
    }
    fn replies(&self) -> Vec<ReplyFacts> {
        self.replies.clone()
    }
    fn answering_pods(&self, _: &str, _: u16) -> Vec<String> {
        Vec::new()
    }
}

impl Stated {
    fn with(mut self, kind: &str, name: &str, mut object: Value) -> Self {
        object["metadata"]["name"] = json!(name);
        self.objects.insert((kind.to_owned(), name.to_owned()), Rc::new(object));
        self
    }

    fn deployment(self, image: &str, replicas: u64) -> Self {
        let spec = json!({"replicas": replicas, "selector": {"matchLabels": {"app": "hello-node"}},
            "template": {"spec": {"containers": [{"image": image}]}}});
        self.with("deployments", "hello-node", json!({ "spec": spec }))
    }

    /// A pod; `how` is `ready`, `running`, `deleting` or a waiting reason.
    fn pod(self, name: &str, image: &str, how: &str) -> Self {
        let ready = if matches!(how, "ready" | "deleting") { "True" } else { "False" };
        let phase = if matches!(how, "ready" | "running" | "deleting") { "Running" } else { "Pending" };
        let state =
            if phase == "Running" { json!({"running": {}}) } else { json!({"waiting": {"reason": how}}) };
        let mut pod = json!({
            "metadata": {"labels": {"app": "hello-node"}, "creationTimestamp": "1970-01-01T00:20:00Z",
                "ownerReferences": [{"name": "hello-node-5d"}]},
            "spec": {"containers": [{"image": image}]},
            "status": {"phase": phase, "podIP": "10.8.0.4", "conditions": [{"type": "Ready", "status": ready}],
                "containerStatuses": [{"imageID": "repo@sha256:old", "state": state}]}});
        if how == "deleting" {
            pod["metadata"]["deletionTimestamp"] = json!("1970-01-01T00:30:00Z");
        }
        self.with("pods", name, pod)
    }

    fn service(self, selector: &str, address: Option<&str>) -> Self {
        let ingress = address.map(|ip| json!([{ "ip": ip }])).unwrap_or(json!([]));
        let service = json!({"spec": {"type": "LoadBalancer", "clusterIP": "34.118.1.2", "selector": {"app": selector}},
            "status": {"loadBalancer": {"ingress": ingress}}});
        self.with("services", "hello-node", service)
    }

    fn file_of(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    fn local(mut self, reference: &str) -> Self {
        self.local.insert(reference.to_owned(), "sha256:local".to_owned());
        self
    }

    fn registry(mut self, reference: &str, digest: &str) -> Self {
        self.registry.insert(reference.to_owned(), digest.to_owned());
        self
    }

    fn reply(mut self, host: &str, port: u16, body: &str, by: &str) -> Self {
        let at = SimTime::from_secs(1500);
        self.replies.push(ReplyFacts {
            at,
            host: host.into(),
            port,
            path: "/".into(),
            status: Some(200),
            body: body.into(),
            by: by.into(),
        });
        self
    }
}

/// One goal against stated facts: mark and detail, in English.
fn check_goal(goal: &str, facts: &Stated, typed: &[(&str, i32)], expect: &str) {
    let file: GoalFile = toml::from_str(goal).expect(goal);
    let goal_read = Goal::check(&file).expect(goal);
    let executed: Vec<Executed> = typed.iter().map(|(line, exit)| Executed::ended(line, *exit, "")).collect();
    let mut names = facts.names();
    names.insert("image".to_owned(), IMAGE.to_owned());
    let (answered, baseline) =
        (BTreeSet::new(), BTreeMap::from([("moved:1".to_owned(), "sha256:a".to_owned())]));
    let view = View {
        facts,
        began: SimTime::from_secs(1000),
        executed: &executed,
        answered: &answered,
        names: &names,
        baseline: &baseline,
    };
    let line = &check::evaluate(&[goal_read], &view)[0];
    let detail = line.detail.as_ref().map(|d| d.say(Language::English)).unwrap_or_default();
    assert_eq!(format!("{} {detail}", line.state.mark()).trim(), expect, "{goal}");
}

#[test]
fn running_is_not_ready_and_a_bad_image_never_passes() {
    let goal = "count = \"pods\"\nof = \"deployment/hello-node\"\nready = true\nis = 2";
    let base = || Stated::default().deployment("x:v1", 2);
    check_goal(goal, &base(), &[], "○ 0 of 2 Ready");
    check_goal(goal, &base().pod("a", "x:v1", "running"), &[], "◐ 0 of 2 Ready");
    check_goal(goal, &base().pod("a", "x:v1", "ready").pod("b", "x:v1", "running"), &[], "◐ 1 of 2 Ready");
    check_goal(
        goal,
        &base().pod("a", "x:v1", "ready").pod("b", "x:v1", "ImagePullBackOff"),
        &[],
        "◐ ImagePullBackOff",
    );
    check_goal(
        goal,
        &base().pod("a", "x:v1", "ready").pod("b", "x:v1", "ContainerCreating"),
        &[],
        "◐ 1 of 2 Ready",
    );
    check_goal(goal, &base().pod("a", "x:v1", "ready").pod("b", "x:v1", "ready"), &[], "✔");
    let scaling_down =
        base().pod("a", "x:v1", "ready").pod("b", "x:v1", "ready").pod("c", "x:v1", "deleting");
    check_goal(goal, &scaling_down, &[], "✔");
    let one_too_many = base().pod("a", "x:v1", "ready").pod("b", "x:v1", "ready").pod("c", "x:v1", "running");
    check_goal(goal, &one_too_many, &[], "◐ 2 of 2 Ready");
}

#[test]
fn counts_see_image_content_and_age() {
    let facts = || {
        Stated::default()
            .deployment("x:v1", 1)
            .pod("a", "x:v1", "ready")
            .registry("x:v1", "sha256:old")
            .registry("x:v2", "sha256:new")
    };
    let count = |more: &str| {
        format!("count = \"pods\"\nof = \"deployment/hello-node\"\nready = true\nat_least = 1\n{more}")
    };
    check_goal(&count("image = \"x:v1\""), &facts(), &[], "✔");
    check_goal(&count("image = \"x:v2\""), &facts(), &[], "○ 0 of 1 Ready");
    check_goal(&count("runs = \"x:v1\""), &facts(), &[], "✔");
    check_goal(&count("runs = \"x:v2\""), &facts(), &[], "○ 0 of 1 Ready");
    check_goal(&count("runs = \"x:v3\""), &facts(), &[], "○ 0 of 1 Ready");
    check_goal(&count("new = true"), &facts(), &[], "✔");
    let old = Stated::default().deployment("x:v1", 1).with(
        "pods",
        "a",
        json!({"metadata": {"labels": {"app": "hello-node"}, "creationTimestamp": "1970-01-01T00:16:39Z"}}),
    );
    check_goal(&count("new = true"), &old, &[], "○ 0 of 1 Ready");
}

#[test]
fn fields_say_what_is_wanted_and_what_is_there() {
    let facts = Stated::default().deployment("x:v1", 3);
    let replicas = "object = \"deployment/hello-node\"\npath = \".spec.replicas\"\n";
    check_goal(&format!("{replicas}is = 4"), &facts, &[], "◐ replicas: wants 4, has 3");
    check_goal(&format!("{replicas}is = 3"), &facts, &[], "✔");
    check_goal(&format!("{replicas}at_least = 5"), &facts, &[], "◐ replicas: wants ≥ 5, has 3");
    check_goal(
        &format!("{replicas}is = 4"),
        &Stated::default(),
        &[],
        "○ deployment/hello-node is not there yet",
    );
    check_goal(
        "object = \"deploy/hello-node\"\npath = \".spec.template.spec.containers[0].image\"\nis = \"{image}:v1\"",
        &facts,
        &[],
        &format!("◐ image: wants {IMAGE}:v1, has x:v1"),
    );
    check_goal(
        "object = \"svc/hello-node\"\npath = \".status.loadBalancer.ingress[0].ip\"",
        &facts.service("a", None),
        &[],
        "◐",
    );
    check_goal(
        "object = \"svc/hello-node\"\npath = \".status.loadBalancer.ingress[0].ip\"",
        &Stated::default().service("a", Some("34.1.2.3")),
        &[],
        "✔",
    );
}

#[test]
fn images_registries_containers_and_clusters() {
    let facts = Stated::default()
        .local("x:v1")
        .registry("x:v1", "sha256:old")
        .registry("x:v2", "sha256:new")
        .deployment("x:v1", 1)
        .pod("a", "x:v1", "ready");
    check_goal("local_image = \"x:v1\"", &facts, &[], "✔");
    check_goal("local_image = \"x:v2\"", &facts, &[], "○");
    check_goal(
        "registry_image = \"x:v1\"\ndiffers_from = \"deployment/hello-node\"",
        &facts,
        &[],
        "◐ same content as x:v1",
    );
    check_goal("registry_image = \"x:v2\"\ndiffers_from = \"deployment/hello-node\"", &facts, &[], "✔");
    check_goal(
        "registry_image = \"moved:1\"\nnew = true",
        &Stated::default().registry("moved:1", "sha256:a"),
        &[],
        "◐",
    );
    check_goal(
        "registry_image = \"moved:1\"\nnew = true",
        &Stated::default().registry("moved:1", "sha256:b"),
        &[],
        "✔",
    );
    let container = |running, host| Stated {
        containers: vec![ContainerFacts {
            image: "x:v1".into(),
            running,
            published: vec![(host, 8080)],
            ..ContainerFacts::default()
        }],
        ..Stated::default()
    };
    check_goal("container = \"x:v1\"\nport = 8080", &container(true, 8080), &[], "✔");
    check_goal("container = \"x:v1\"\nport = 8080", &container(true, 80), &[], "◐ port: wants 8080, has 80");
    check_goal("container = \"x:v1\"\nrunning = false", &container(true, 80), &[], "○");
    check_goal("container = \"x:v1\"\nrunning = false", &container(false, 80), &[], "✔");
    let cluster = |status: &str, nodes, connected| Stated {
        clusters: vec![ClusterFacts {
            name: "hello-world".into(),
            status: status.into(),
            nodes,
            ..ClusterFacts::default()
        }],
        connected,
        ..Stated::default()
    };
    let goal = "cluster = \"hello-world\"\nnodes = 2";
    check_goal(goal, &Stated::default(), &[], "○");
    check_goal(goal, &cluster("PROVISIONING", 2, true), &[], "◐ status: wants RUNNING, has PROVISIONING");
    check_goal(goal, &cluster("RUNNING", 1, true), &[], "◐ nodes: wants 2, has 1");
    check_goal(goal, &cluster("RUNNING", 2, false), &[], "◐ kubectl context is not there yet");
    check_goal(goal, &cluster("RUNNING", 3, true), &[], "✔");
}

#[test]
fn replies_are_those_the_learner_got() {
    let goal = "reply = \"http://localhost:8080/\"\nby = \"container/\"\ncontains = \"Hello\"";
    check_goal(goal, &Stated::default(), &[], "○");
    check_goal(goal, &Stated::default().reply("127.0.0.1", 8080, "Hello World!", "container/web"), &[], "✔");
    check_goal(
        goal,
        &Stated::default().reply("localhost", 8080, "Hello World!", "process/node"),
        &[],
        "◐ process/node answered: Hello World!",
    );
    check_goal(goal, &Stated::default().reply("localhost", 80, "Hello World!", "container/web"), &[], "○");
    check_goal(
        "reply = \"http://34.1.2.3:*/\"",
        &Stated::default().reply("34.1.2.3", 80, "x", "pod/a"),
        &[],
        "✔",
    );
    let mut early = Stated::default().reply("localhost", 8080, "Hello", "container/web");
    early.replies[0].at = SimTime::from_secs(10);
    check_goal(goal, &early, &[], "○");
}

#[test]
fn looking_counts_by_meaning_and_only_when_it_worked() {
    let facts = Stated::default();
    let goal = "ran = [\"kubectl get pods -o wide\", \"kubectl get pods -o jsonpath*\"]";
    check_goal(goal, &facts, &[("k get -owide po", 0)], "✔");
    check_goal(goal, &facts, &[("kubectl get pods -o jsonpath='{.items}'", 0)], "✔");
    check_goal(goal, &facts, &[("kubectl get pods -o wide", 1)], "○");
    check_goal(goal, &facts, &[("kubectl get pods", 0)], "○");
    check_goal(
        "ran = \"gcloud config get-value project\"",
        &facts,
        &[("P=$(gcloud config get-value project)", 0)],
        "○",
    );
    check_goal(
        "ran = \"curl http://10.8.0.4*\"\nsucceeds = false",
        &facts,
        &[("curl -m 3 http://10.8.0.4:8080", 28)],
        "✔",
    );
}

#[test]
fn a_goal_that_waits_for_those_above_it() {
    let file: GoalFile = toml::from_str("local_image = \"x\"\nthen = true").expect("fine");
    let goals = [
        Goal::check(&toml::from_str("local_image = \"y\"").expect("fine")).expect("fine"),
        Goal::check(&file).expect("fine"),
    ];
    let facts = Stated::default().local("x");
    let (answered, names, baseline) = (BTreeSet::new(), facts.names(), BTreeMap::new());
    let view = View {
        facts: &facts,
        began: SimTime(0),
        executed: &[],
        answered: &answered,
        names: &names,
        baseline: &baseline,
    };
    assert_eq!(check::evaluate(&goals, &view)[1].state, State::Todo);
}

/// Types lines in a step of Hello Node, and compares what the coach says (ids, in order).
fn check_coach(step: &str, facts: &Stated, typed: &[(&str, i32, &str)], expect: &str) {
    let course = Course::embedded().expect("the course");
    let quest = course.quest("hello-node").expect("hello-node");
    let mut run = QuestRun::new(Rc::clone(quest), SimTime::from_secs(1000));
    while run.step().is_some_and(|s| s.id != step) {
        run.skip(facts);
    }
    run.changed(facts);
    let mut said = Vec::new();
    for (line, exit, output) in typed {
        run.command_began(SimTime::from_secs(1500), 1, line);
        for event in run.command_ended(1, *exit, output, facts) {
            if let Event::Coach(message) = event {
                assert!(
                    run.say(&message, Language::English).is_some_and(|t| !t.is_empty()),
                    "words for {}",
                    message.id
                );
                assert!(
                    run.say(&message, Language::Korean).is_some_and(|t| !t.is_empty()),
                    "words for {}",
                    message.id
                );
                said.push(message.id);
            }
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
    check_coach("rollout", &missing, &[("kubectl get pods", 0, ""), ("kubectl get pods", 0, "")], "");
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
    let push = ("docker push hello-node:v1", 1, "denied: requested access to the resource is denied");
    check_coach("push", &facts, &[push, push], "push-needs-tag");
    check_coach("push", &facts, &[push, push, push, push, push], "push-needs-tag nudge push-needs-tag");
}
