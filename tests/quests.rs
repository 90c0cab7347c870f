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
fn orchestrating_can_be_solved() {
    let mut passed = Vec::new();
    match solve(&quest("orchestrating"), "student-1ab0", AT, None, &mut |step, _| {
        passed.push(step.to_owned())
    }) {
        Ok(player) => assert!(player.run().is_some_and(|run| run.complete())),
        Err(stuck) => panic!("after {passed:?}: {stuck}"),
    }
}

#[test]
#[ignore = "plays every way of every step: minutes in a debug build; `kubejam lint` does it in seconds"]
fn orchestrating_is_proven() {
    let report = lint(&quest("orchestrating"), "03-orchestrating/lesson.toml", AT, &[]);
    let errors: Vec<String> = report.errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}\n{} steps, {} ways", errors.join("\n"), report.steps, report.ways);
}

/// In a terminal; with `stays` the line keeps it.
fn in_terminal(terminal: usize, stays: bool, text: &str, expect: &'static [&'static str]) -> Told {
    let action = FullAction { line: Some(text.into()), terminal, stays, ..FullAction::default() };
    Told(Action::Full(action), expect)
}

/// The address of a node as others see it.
const NODE: &str =
    "$(kubectl get nodes -o jsonpath='{.items[0].status.addresses[?(@.type==\"ExternalIP\")].address}')";

fn external(service: &str) -> String {
    format!("$(kubectl get service {service} -o jsonpath='{{.status.loadBalancer.ingress[0].ip}}')")
}

/// The lab's part with the monolith, the same in every year: from the pod's file to the port-forward, the logs and the
/// shell inside.
fn one_monolith(exec: &str, exec_expect: &'static [&'static str]) -> Vec<Told> {
    vec![
        line("cat pods/monolith.yaml", &["image: kelseyhightower/monolith:1.0.0", "memory: \"10Mi\""]),
        line("kubectl create -f pods/monolith.yaml", &["pod/monolith created"]),
        waits(5),
        line("kubectl get pods", &["monolith", "1/1     Running   0"]),
        line(
            "kubectl describe pods monolith",
            &["QoS Class:                   Guaranteed", "Container started"],
        ),
        in_terminal(
            2,
            true,
            "kubectl port-forward monolith 10080:80",
            &["Forwarding from 127.0.0.1:10080 -> 80"],
        ),
        waits(1),
        line("curl http://127.0.0.1:10080", &["{\"message\":\"Hello\"}"]),
        line("curl http://127.0.0.1:10080/secure", &["authorization failed"]),
        in_terminal(
            1,
            true,
            "curl -u user http://127.0.0.1:10080/login",
            &["Enter host password for user 'user':"],
        ),
        line("password", &["{\"token\":\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."]),
        in_terminal(
            1,
            true,
            "TOKEN=$(curl http://127.0.0.1:10080/login -u user|jq -r '.token')",
            &["Enter host password for user 'user':"],
        ),
        line("password", &["% Total    % Received % Xferd", "100   222  100   222"]),
        line(
            "curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:10080/secure",
            &["{\"message\":\"Hello\"}"],
        ),
        line("kubectl logs monolith", &["Starting server...", "\"GET /login HTTP/1.1\" curl/"]),
        in_terminal(3, true, "kubectl logs -f monolith", &["HTTP service listening on 0.0.0.0:80"]),
        line("curl http://127.0.0.1:10080", &["{\"message\":\"Hello\"}"]),
        in_terminal(1, true, exec, exec_expect),
    ]
}

/// From the TLS pod to the frontend, with today's manifests.
fn from_secrets_to_frontend() -> Vec<Told> {
    vec![
        line("cd ~/orchestrate-with-kubernetes/kubernetes", &[]),
        line("cat pods/secure-monolith.yaml", &["secretName: tls-certs"]),
        line("kubectl create secret generic tls-certs --from-file tls/", &["secret/tls-certs created"]),
        line(
            "kubectl create configmap nginx-proxy-conf --from-file nginx/proxy.conf",
            &["configmap/nginx-proxy-conf created"],
        ),
        line("kubectl create -f pods/secure-monolith.yaml", &["pod/secure-monolith created"]),
        line("cat services/monolith.yaml", &["nodePort: 31000"]),
        line("kubectl create -f services/monolith.yaml", &["service/monolith created"]),
        line(&format!("curl -k -m 2 https://{NODE}:31000"), &["curl: (28) Connection timed out after"]),
        line(
            "gcloud compute firewall-rules create allow-monolith-nodeport \\\n  --allow=tcp:31000",
            &["Creating firewall...", "NAME: allow-monolith-nodeport", "ALLOW: tcp:31000"],
        ),
        line("gcloud compute instances list", &["NAME: gke-io-default-pool-", "STATUS: RUNNING"]),
        waits(10),
        line(&format!("curl -k https://{NODE}:31000"), &["curl: (7) Failed to connect to", "port 31000"]),
        line("kubectl get services monolith", &["NodePort", "443:31000/TCP"]),
        line(
            "kubectl describe services monolith",
            &["Selector:                 app=monolith,secure=enabled"],
        ),
        line("kubectl get pods -l \"app=monolith\"", &["secure-monolith   2/2     Running"]),
        line(
            "kubectl get pods -l \"app=monolith,secure=enabled\"",
            &["No resources found in default namespace."],
        ),
        line("kubectl label pods secure-monolith 'secure=enabled'", &["pod/secure-monolith labeled"]),
        line("kubectl get pods secure-monolith --show-labels", &["app=monolith,secure=enabled"]),
        line("kubectl describe services monolith | grep Endpoints", &["Endpoints:                10."]),
        line(&format!("curl -k https://{NODE}:31000"), &["{\"message\":\"Hello\"}"]),
        line(
            &format!("curl https://{NODE}:31000"),
            &[
                "curl: (60) SSL certificate problem: unable to get local issuer certificate",
                "https://curl.se/docs/sslcerts.html",
            ],
        ),
        line(
            &format!("curl --cacert tls/ca.pem https://{NODE}:31000"),
            &["curl: (60) SSL certificate problem: certificate has expired"],
        ),
        line("cat deployments/auth.yaml", &["apiVersion: apps/v1"]),
        line("kubectl create -f deployments/auth.yaml", &["deployment.apps/auth created"]),
        line("kubectl create -f services/auth.yaml", &["service/auth created"]),
        line("kubectl create -f deployments/hello.yaml", &["deployment.apps/hello created"]),
        line("kubectl create -f services/hello.yaml", &["service/hello created"]),
        line(
            "kubectl create configmap nginx-frontend-conf --from-file=nginx/frontend.conf",
            &["configmap/nginx-frontend-conf created"],
        ),
        line("kubectl create -f deployments/frontend.yaml", &["deployment.apps/frontend created"]),
        line("kubectl create -f services/frontend.yaml", &["service/frontend created"]),
        waits(20),
        line("kubectl get services frontend", &["LoadBalancer", "443:"]),
        line(&format!("curl -k https://{}", external("frontend")), &["{\"message\":\"Hello\"}"]),
        line(&format!("curl -k -u user:password https://{}/login", external("frontend")), &["{\"token\":\""]),
    ]
}

#[test]
fn todays_orchestrating() {
    let mut list = vec![
        line("gcloud config set compute/zone ZONE", &["Updated property [compute/zone]."]),
        line("gcloud container clusters create io", &["NUM_NODES: 3", "STATUS: RUNNING"]),
        line(
            "git clone https://github.com/googlecodelabs/orchestrate-with-kubernetes.git",
            &[
                "Cloning into 'orchestrate-with-kubernetes'...",
                "Receiving objects: 100%",
                "Resolving deltas: 100%",
            ],
        ),
        line("cd orchestrate-with-kubernetes/kubernetes", &[]),
        line("ls", &["cleanup.sh", "deployments", "nginx", "pods", "services", "tls"]),
        line("kubectl create deployment nginx --image=nginx:1.27.0", &["deployment.apps/nginx created"]),
        line("kubectl get pods", &["nginx-"]),
        line("kubectl expose deployment nginx --port 80 --type LoadBalancer", &["service/nginx exposed"]),
        line("kubectl get services", &["LoadBalancer", "<pending>"]),
        waits(15),
        line(&format!("curl http://{}:80", external("nginx")), &["<title>Welcome to nginx!</title>"]),
    ];
    let exec = "kubectl exec monolith --stdin --tty -c monolith -- /bin/sh";
    list.extend(one_monolith(exec, &["/ # "]));
    list.extend([
        in_terminal(1, true, "ping -c 3 google.com", &["PING google.com ("]),
        waits(4),
        line("exit", &[]),
    ]);
    list.extend(from_secrets_to_frontend());
    check(list);
}

#[test]
fn orchestrating_of_2019_gets_todays_answers() {
    let mut list = vec![
        line("gcloud auth list", &["ACTIVE: *"]),
        line("gcloud config list project", &["project = PROJECT_ID"]),
        line("gcloud config set compute/zone us-central1-b", &["Updated property [compute/zone]."]),
        line("gcloud container clusters create io", &["kubeconfig entry generated for io."]),
        line("git clone https://github.com/googlecodelabs/orchestrate-with-kubernetes.git", &["done."]),
        line("cd orchestrate-with-kubernetes/kubernetes", &[]),
        line("ls", &["cleanup.sh"]),
        line("kubectl run nginx --image=nginx:1.10.0", &["pod/nginx created"]),
        waits(5),
        line("kubectl get pods", &["nginx   1/1     Running   0"]),
        line(
            "kubectl expose deployment nginx --port 80 --type LoadBalancer",
            &["Error from server (NotFound): deployments.apps \"nginx\" not found"],
        ),
        line("kubectl get services", &["kubernetes   ClusterIP"]),
    ];
    list.extend(one_monolith(
        "kubectl exec monolith --stdin --tty -c monolith /bin/sh",
        &["error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead"],
    ));
    list.push(line(
        "sed 's#apps/v1#extensions/v1beta1#' deployments/auth.yaml | kubectl create -f -",
        &[
            "no matches for kind \"Deployment\" in version \"extensions/v1beta1\"",
            "ensure CRDs are installed first",
        ],
    ));
    list.extend(from_secrets_to_frontend());
    check(list);
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
