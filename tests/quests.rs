//! The quests are solved, and the lab's command lists, of 2019 and of today, run from the first line to the
//! last with today's answers.

use std::time::Duration;

use kubejam::authoring::player::Player;
use kubejam::authoring::solve::solve;
use kubejam::base::SimTime;
use kubejam::lesson::course::Course;
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

const DOCKERFILE: &str = "# Use an official Node runtime as the parent image\nFROM BASE\n\n\
# Set the working directory in the container to /app\nWORKDIR /app\n\n\
# Copy the current directory contents into the container at /app\nADD . /app\n\n\
# Make the container's port 80 available to the outside world\nEXPOSE 80\n\n\
# Run app.js using node when the container launches\nCMD [\"node\", \"app.js\"]\n";
const APP: &str = "const http = require('http');\n\nconst hostname = '0.0.0.0';\nconst port = 80;\n\n\
const server = http.createServer((req, res) => {\n    res.statusCode = 200;\n      \
res.setHeader('Content-Type', 'text/plain');\n        res.end('Hello World\\n');\n});\n\n\
server.listen(port, hostname, () => {\n    console.log('Server running at http://%s:%s/', hostname, port);\n});\n\n\
process.on('SIGINT', function() {\n    console.log('Caught interrupt signal and will exit');\n    process.exit();\n});\n";

fn presses_ctrl_c() -> Told {
    full(FullAction { press: Some("ctrl-c".into()), terminal: 1, ..FullAction::default() })
}

/// From `docker run hello-world` to the container's address: the same in both years but for the base image.
fn first_four_tasks(base: &str) -> Vec<Told> {
    vec![
        line(
            "docker run hello-world",
            &["Unable to find image 'hello-world:latest' locally", "Hello from Docker!"],
        ),
        line("docker images", &["hello-world   latest"]),
        line("docker run hello-world", &["Hello from Docker!"]),
        line("docker ps", &["CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES"]),
        line("docker ps -a", &["Exited (0)"]),
        line("mkdir test && cd test", &[]),
        line(&format!("cat > Dockerfile <<EOF\n{}EOF", DOCKERFILE.replace("BASE", base)), &[]),
        // The semicolon is in the lab's text of today: it ends the command and is no part of the word.
        line(&format!("cat > app.js << EOF;\n{APP}EOF"), &[]),
        line(
            "docker build -t node-app:0.1 .",
            &["[3/3] ADD . /app", "naming to docker.io/library/node-app:0.1"],
        ),
        line("docker images", &["node-app", "0.1"]),
        in_terminal(1, true, "docker run -p 4000:80 --name my-app node-app:0.1", &[]),
        waits(1),
        in_terminal(2, false, "curl http://localhost:4000", &["Hello World"]),
        in_terminal(2, false, "docker stop my-app && docker rm my-app", &["my-app"]),
        line("docker run -p 4000:80 --name my-app -d node-app:0.1", &[]),
        line("docker ps", &["0.0.0.0:4000->80/tcp", "my-app"]),
        line("docker logs $(docker ps -q)", &["Server running at http://0.0.0.0:80/"]),
        line("cd test", &["cd: test: No such file or directory"]),
        edits("vi app.js", "Hello World", "Welcome to Cloud", &[]),
        line("docker build -t node-app:0.2 .", &["CACHED", "naming to docker.io/library/node-app:0.2"]),
        line("docker run -p 8080:80 --name my-app-2 -d node-app:0.2", &[]),
        line("docker ps", &["my-app-2", "0.0.0.0:8080->80/tcp", "0.0.0.0:4000->80/tcp"]),
        line("curl http://localhost:8080", &["Welcome to Cloud"]),
        line("curl http://localhost:4000", &["Hello World"]),
        in_terminal(1, true, "docker logs -f my-app-2", &[]),
        waits(1),
        presses_ctrl_c(),
        in_terminal(1, true, "docker exec -it my-app-2 bash", &[]),
        in_terminal(1, true, "ls", &["Dockerfile  app.js"]),
        line("exit", &[]),
        line("docker inspect my-app-2", &["\"Name\": \"/my-app-2\""]),
        line(
            "docker inspect --format='{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' my-app-2",
            &["172.17.0.3"],
        ),
    ]
}

#[test]
fn todays_introduction_to_docker() {
    let image = "REGION-docker.pkg.dev/PROJECT_ID/my-repository/node-app:0.2";
    let mut list = vec![
        line("gcloud auth list", &["ACTIVE: *"]),
        line("gcloud config list project", &["project = PROJECT_ID"]),
    ];
    list.extend(first_four_tasks("node:lts"));
    list.extend([
        line(
            "gcloud artifacts repositories create my-repository --repository-format=docker --location=REGION --description=\"Docker repository\"",
            &["Created repository [my-repository]."],
        ),
        in_terminal(1, true, "gcloud auth configure-docker REGION-docker.pkg.dev", &[]),
        line("Y", &["Docker configuration file updated."]),
        line("cd ~/test", &[]),
        line(&format!("docker build -t {image} ."), &["CACHED"]),
        line("docker images", &["docker.pkg.dev/PROJECT_ID/my-repository/node-app   0.2"]),
        line(&format!("docker push {image}"), &["Pushed", "0.2: digest: sha256:"]),
        line("docker stop $(docker ps -q)", &[]),
        line("docker rm $(docker ps -aq)", &[]),
        line(&format!("docker rmi {image}"), &["Untagged:"]),
        line("docker rmi node:lts", &["Error response from daemon: No such image: node:lts"]),
        line("docker rmi -f $(docker images -aq) # remove remaining images", &["Deleted: sha256:"]),
        line("docker images", &["REPOSITORY   TAG       IMAGE ID   CREATED   SIZE"]),
        line(&format!("docker run -p 4000:80 -d {image}"), &["Status: Downloaded newer image for"]),
        waits(1),
        line("curl http://localhost:4000", &["Welcome to Cloud"]),
    ]);
    check(list);
}

#[test]
fn introduction_to_docker_of_2019_gets_todays_answers() {
    let image = "gcr.io/PROJECT_ID/node-app";
    let mut list = first_four_tasks("node:6");
    list.extend([
        line("gcloud config list project", &["project = PROJECT_ID"]),
        line(&format!("docker tag node-app:0.2 {image}:0.2"), &[]),
        line("docker images", &["gcr.io/PROJECT_ID/node-app"]),
        line(&format!("gcloud docker -- push {image}:0.2"), &["0.2: digest: sha256:"]),
        line("docker stop $(docker ps -q)", &[]),
        line("docker rm $(docker ps -aq)", &[]),
        // Without a tag the name means :latest, which nobody made; the other two go.
        line(
            &format!("docker rmi node-app:0.2 {image} node-app:0.1"),
            &[
                "Untagged: node-app:0.2",
                "No such image: gcr.io/PROJECT_ID/node-app:latest",
                "Untagged: node-app:0.1",
            ],
        ),
        line("docker rmi node:6", &["Error response from daemon: No such image: node:6"]),
        line("docker rmi $(docker images -aq) # remove remaining images", &["Deleted: sha256:"]),
        line("docker images", &["REPOSITORY   TAG       IMAGE ID   CREATED   SIZE"]),
        line(&format!("gcloud docker -- pull {image}:0.2"), &["Status: Downloaded newer image for"]),
        line(&format!("docker run -p 4000:80 -d {image}:0.2"), &[]),
        waits(1),
        line("curl http://localhost:4000", &["Welcome to Cloud"]),
    ]);
    check(list);
}
