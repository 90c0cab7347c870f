//! The quests are solved and proven, and the lab's command lists, of 2019 and of today, run from the first line to the
//! last with today's answers.

use std::rc::Rc;
use std::time::Duration;

use kubejam::authoring::lint::lint;
use kubejam::authoring::player::Player;
use kubejam::authoring::solve::solve;
use kubejam::base::SimTime;
use kubejam::lesson::course::{Course, Quest};
use kubejam::lesson::format::{Action, FullAction};
use kubejam::session::{Start, WorldKind};
use kubejam::world::TerminalId;

const SERVER: &str = "var http = require('http');\nvar handleRequest = function(request, response) {\n  response.writeHead(200);\n  \
response.end(\"Hello World!\");\n}\nvar www = http.createServer(handleRequest);\nwww.listen(8080);\n";

/// What is done, and texts that must then stand on the terminal.
struct Told(Action, &'static [&'static str]);

fn line(text: &str, expect: &'static [&'static str]) -> Told {
    Told(Action::Line(text.to_owned()), expect)
}

fn full(action: FullAction) -> Told {
    Told(Action::Full(action), &[])
}

fn saves(text: &str, content: &str) -> Told {
    full(FullAction {
        line: Some(text.into()),
        terminal: 1,
        save: Some(content.into()),
        ..FullAction::default()
    })
}

fn edits(text: &str, from: &str, to: &str, expect: &'static [&'static str]) -> Told {
    let edit = vec![(from.into(), to.into())];
    let action = FullAction { line: Some(text.into()), terminal: 1, edit, ..FullAction::default() };
    Told(Action::Full(action), expect)
}

fn waits(seconds: u32) -> Told {
    full(FullAction { wait_s: Some(seconds), terminal: 1, ..FullAction::default() })
}

/// Runs `node server.js` in the first terminal, asks from a second, and stops it.
fn tried_by_hand() -> Vec<Told> {
    let stays =
        FullAction { line: Some("node server.js".into()), terminal: 1, stays: true, ..FullAction::default() };
    let asks =
        FullAction { line: Some("curl http://localhost:8080".into()), terminal: 2, ..FullAction::default() };
    let stops = FullAction { press: Some("ctrl-c".into()), terminal: 1, ..FullAction::default() };
    vec![full(stays), waits(1), Told(Action::Full(asks), &["Hello World!"]), full(stops)]
}

/// Types a list; every text expected must be in what the line showed. `PROJECT_ID` and `REGION` are the learner's.
fn check(list: Vec<Told>) {
    let start = Start::new("student-7f3a", SimTime::from_secs(1_795_351_539), WorldKind::CloudShell);
    let mut player = Player::of(start);
    let (project, region, zone) = player.session().view(|w| {
        let p = &w.cloud.project;
        (p.id.clone(), p.region.clone(), p.zone.clone())
    });
    let own =
        |text: &str| text.replace("PROJECT_ID", &project).replace("REGION", &region).replace("ZONE", &zone);
    let mut problems = Vec::new();
    for Told(action, expect) in list {
        let action = match action {
            Action::Line(line) => Action::Line(own(&line)),
            Action::Full(full) => Action::Full(FullAction {
                line: full.line.as_deref().map(own),
                edit: full.edit.iter().map(|(a, b)| (own(a), own(b))).collect(),
                ..full
            }),
        };
        let terminal = if let Action::Full(full) = &action { full.terminal } else { 1 };
        let before = player.screen(terminal as TerminalId).len();
        let played = player.play(std::slice::from_ref(&action));
        let shown = player.screen(terminal as TerminalId).get(before..).unwrap_or_default().to_owned();
        if let Err(why) = played {
            problems.push(format!("{action:?}: {why}\n{shown}"));
            break;
        }
        for text in expect.iter().map(|t| own(t)) {
            if !shown.contains(&text) {
                problems.push(format!("{action:?}: no `{text}` in\n{shown}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n----\n"));
    let span = player.session().now().since(SimTime::from_secs(1_795_351_539));
    assert!(span < Duration::from_secs(3600), "a lab takes less than an hour of virtual time, not {span:?}");
}

const AT: SimTime = SimTime::from_secs(1_795_351_539);

fn quest(id: &str) -> Rc<Quest> {
    Rc::clone(Course::embedded().expect("the course").quest(id).expect("the quest"))
}

#[test]
fn every_quest_can_be_solved() {
    for quest in Course::embedded().expect("the course").quests {
        let mut passed = Vec::new();
        match solve(&quest, "student-1ab0", AT, None, &mut |step, _| passed.push(step.to_owned())) {
            Ok(player) => assert!(player.run().is_some_and(|run| run.complete())),
            Err(stuck) => panic!("{} after {passed:?}: {stuck}", quest.id()),
        }
    }
}

#[test]
#[ignore = "plays every way of every step: a minute in a debug build; `kubejam lint` does it in seconds"]
fn hello_node_is_proven() {
    let report = lint(&quest("hello-node"), "02-hello-node/lesson.toml", AT, &[]);
    let errors: Vec<String> = report.errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}\n{} steps, {} ways", errors.join("\n"), report.steps, report.ways);
}

#[test]
fn todays_hello_node() {
    let image = "REGION-docker.pkg.dev/PROJECT_ID/my-docker-repo/hello-node";
    let mut list = vec![
        line("gcloud auth list", &["ACTIVE: *", "To set the active account, run:"]),
        line("gcloud config list project", &["project = PROJECT_ID"]),
        saves("vi server.js", SERVER),
    ];
    list.extend(tried_by_hand());
    list.extend([
        saves("vi Dockerfile", "FROM node:6.9.2\nEXPOSE 8080\nCOPY server.js .\nCMD [\"node\", \"server.js\"]\n"),
        line("docker build -t hello-node:v1 .", &["naming to docker.io/library/hello-node:v1"]),
        line("docker run -d -p 8080:8080 hello-node:v1", &[]),
        waits(1),
        line("curl http://localhost:8080", &["Hello World!"]),
        line("docker ps", &["hello-node:v1", "0.0.0.0:8080->8080/tcp"]),
        line("docker stop $(docker ps -q)", &[]),
        line(
            "gcloud artifacts repositories create my-docker-repo --repository-format=docker --location=REGION --project=PROJECT_ID",
            &["Created repository [my-docker-repo]."],
        ),
        full(FullAction { line: Some("gcloud auth configure-docker".into()), terminal: 1, stays: true, ..FullAction::default() }),
        line("Y", &[]),
        line(&format!("docker tag hello-node:v1 {image}:v1"), &[]),
        line(&format!("docker push {image}:v1"), &["v1: digest: sha256:"]),
        line("gcloud config set project PROJECT_ID", &["Updated property [core/project]."]),
        line(
            "gcloud container clusters create hello-world --num-nodes 2 --machine-type e2-medium --zone \"ZONE\"",
            &["kubeconfig entry generated for hello-world.", "NUM_NODES: 2", "STATUS: RUNNING"],
        ),
        line(&format!("kubectl create deployment hello-node --image={image}:v1"), &["deployment.apps/hello-node created"]),
        waits(15),
        line("kubectl get deployments", &["READY   UP-TO-DATE   AVAILABLE", "hello-node   1/1     1            1"]),
        line("kubectl get pods", &["1/1     Running   0"]),
        line("kubectl cluster-info", &["Kubernetes control plane", "is running at"]),
        line("kubectl config view", &["kind: Config", "gke_PROJECT_ID_ZONE_hello-world"]),
        line("kubectl get events", &["ScalingReplicaSet", "Container started"]),
        line("kubectl logs deployment/hello-node", &[]),
        line("kubectl expose deployment hello-node --type=\"LoadBalancer\" --port=8080", &["service/hello-node exposed"]),
        line("kubectl get services", &["LoadBalancer", "8080:"]),
        waits(30),
        line("curl http://$(kubectl get service hello-node -o jsonpath='{.status.loadBalancer.ingress[0].ip}'):8080", &["Hello World!"]),
        line("kubectl scale deployment hello-node --replicas=4", &["deployment.apps/hello-node scaled"]),
        waits(15),
        line("kubectl get deployment", &["hello-node   4/4     4            4"]),
        line("kubectl get pods", &["1/1     Running   0"]),
        edits("vi server.js", "Hello World!", "Hello Kubernetes World!", &[]),
        line("docker build -t hello-node:v2 .", &["naming to docker.io/library/hello-node:v2"]),
        line(&format!("docker tag hello-node:v2 {image}:v2"), &[]),
        line(&format!("docker push {image}:v2"), &["v2: digest: sha256:"]),
        edits("kubectl edit deployment hello-node", "hello-node:v1", "hello-node:v2", &["deployment.apps/hello-node edited"]),
        waits(60),
        line("kubectl get deployments", &["hello-node   4/4     4            4"]),
        line(
            "curl http://$(kubectl get service hello-node -o jsonpath='{.status.loadBalancer.ingress[0].ip}'):8080",
            &["Hello Kubernetes World!"],
        ),
    ]);
    check(list);
}

#[test]
fn hello_node_of_2019_gets_todays_answers() {
    let image = "gcr.io/PROJECT_ID/hello-node";
    let mut list = vec![
        line("gcloud auth list", &["ACTIVE: *"]),
        line("gcloud config list project", &["project = PROJECT_ID"]),
        saves("vi server.js", SERVER),
    ];
    list.extend(tried_by_hand());
    list.extend([
        saves("vi Dockerfile", "FROM node:6.9.2\nEXPOSE 8080\nCOPY server.js .\nCMD node server.js\n"),
        line(&format!("docker build -t {image}:v1 ."), &["naming to gcr.io/PROJECT_ID/hello-node:v1"]),
        line(&format!("docker run -d -p 8080:8080 {image}:v1"), &[]),
        waits(1),
        line("curl http://localhost:8080", &["Hello World!"]),
        line("docker ps", &["0.0.0.0:8080->8080/tcp"]),
        line("docker stop $(docker ps -q)", &[]),
        line(&format!("gcloud docker -- push {image}:v1"), &["v1: digest: sha256:"]),
        line("gcloud config set project PROJECT_ID", &["Updated property [core/project]."]),
        line(
            "gcloud container clusters create hello-world --num-nodes 2 --machine-type n1-standard-1 --zone us-central1-a",
            &["kubeconfig entry generated for hello-world.", "MACHINE_TYPE: n1-standard-1"],
        ),
        line(&format!("kubectl run hello-node --image={image}:v1 --port=8080"), &["pod/hello-node created"]),
        waits(15),
        line("kubectl get deployments", &["No resources found in default namespace."]),
        line("kubectl get pods", &["hello-node   1/1     Running   0"]),
        line("kubectl cluster-info", &["is running at"]),
        line("kubectl config view", &["kind: Config"]),
        line("kubectl get events", &["pod/hello-node"]),
        line("kubectl logs hello-node", &[]),
        line(
            "kubectl expose deployment hello-node --type=\"LoadBalancer\"",
            &["Error from server (NotFound): deployments.apps \"hello-node\" not found"],
        ),
        line("kubectl get services", &["kubernetes   ClusterIP"]),
        line(
            "kubectl scale deployment hello-node --replicas=4",
            &["Error from server (NotFound): deployments.apps \"hello-node\" not found"],
        ),
        line("kubectl get deployment", &["No resources found in default namespace."]),
        edits("vi server.js", "Hello World!", "Hello Kubernetes World!", &[]),
        line(&format!("docker build -t {image}:v2 ."), &["naming to gcr.io/PROJECT_ID/hello-node:v2"]),
        line(&format!("gcloud docker -- push {image}:v2"), &["v2: digest: sha256:"]),
        line(
            "kubectl edit deployment hello-node",
            &["Error from server (NotFound): deployments.apps \"hello-node\" not found"],
        ),
        line("kubectl get deployments", &["No resources found in default namespace."]),
    ]);
    check(list);
}
