//! Goals against stated facts: mark and detail.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{IMAGE, Stated};
use crate::base::SimTime;
use crate::lesson::check::{self, State, View};
use crate::lesson::course::Language;
use crate::lesson::facts::{ClusterFacts, ContainerFacts, Executed, Facts};
use crate::lesson::goal::Goal;
use crate::lesson::goal_file::GoalFile;

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
