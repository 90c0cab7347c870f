//! The misconceptions that the coach must know, each provoked by typing what people type, in a whole session at the
//! beginning of a step; and the stories of 2019.

use std::rc::Rc;

use kubejam::authoring::solve::{open_goals, solve};
use kubejam::base::SimTime;
use kubejam::lesson::course::{Course, Language};
use kubejam::lesson::facts::Facts;
use kubejam::lesson::format::{Action, FullAction};
use kubejam::session::WorldFacts;

const AT: SimTime = SimTime::from_secs(1_795_351_539);

/// Types lines at the beginning of `quest/step`; `wait N` lets seconds pass, `^C` presses it. The coach must say `expect` among what it
/// says, in both languages, and the step must not pass.
fn check(place: &str, typed: &[&str], expect: &str) {
    let course = Course::embedded().expect("the course");
    let (quest, step) = place.split_once('/').expect("quest/step");
    let quest = Rc::clone(course.quest(quest).expect("the quest"));
    let mut player =
        solve(&quest, "student-1ab0", AT, Some(step), &mut |_, _| {}).expect("the step's beginning");
    let node = player.session().view(|w| {
        let nodes = WorldFacts::new(w).objects("nodes", "");
        let addresses = nodes.first().and_then(|n| n.pointer("/status/addresses")?.as_array().cloned());
        let external = addresses.unwrap_or_default().into_iter().find(|a| a["type"] == "ExternalIP");
        external.and_then(|a| a["address"].as_str().map(str::to_owned)).unwrap_or_default()
    });
    let action = |line: &&str| match line.strip_prefix("wait ") {
        Some(seconds) => {
            Action::Full(FullAction { wait_s: seconds.parse().ok(), terminal: 1, ..FullAction::default() })
        }
        None if *line == "^C" => Action::Full(FullAction {
            press: Some("ctrl-c".to_owned()),
            terminal: 1,
            ..FullAction::default()
        }),
        None => Action::Line(line.replace("NODE", &node)),
    };
    let actions: Vec<Action> = typed.iter().map(action).collect();
    player.play(&actions).unwrap_or_else(|why| panic!("{place}: {why}\n{}", open_goals(&player)));
    let said: Vec<&str> = player.coach.iter().map(|m| m.id.as_str()).collect();
    assert!(
        said.contains(&expect),
        "{place}: {typed:?}: said {said:?}, not {expect}\n{}",
        open_goals(&player)
    );
    let run = player.run().expect("a quest in play");
    assert!(!run.step_passed(), "{place}: {typed:?} passes");
    for message in &player.coach {
        for language in Language::ALL {
            let words = run.say(message, language).unwrap_or_default();
            assert!(!words.is_empty() && !words.contains("{"), "{} in {language}: {words}", message.id);
        }
    }
}

const MANIFEST: &str = "cat > app.yaml <<'EOF'\napiVersion: VERSION\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  \
selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      \
containers:\n      - name: web\n        image: nginx\nPROBE\nEOF";

fn manifest(version: &str, probe: &str) -> String {
    MANIFEST.replace("VERSION", version).replace("PROBE", probe)
}

#[test]
fn of_ports_and_addresses() {
    check("docker/run", &["docker run -d -p 80:4000 node-app:0.1"], "port-order");
    check("docker/run", &["docker run -d node-app:0.1"], "not-published");
    let loopback = [
        "sed -i \"s/'0.0.0.0'/'127.0.0.1'/\" app.js",
        "docker build -t node-app:0.1 .",
        "docker run -d -p 4000:80 node-app:0.1",
        "wait 1",
        "curl http://localhost:4000",
    ];
    check("docker/run", &loopback, "bound-to-loopback");
    check(
        "hello-node/expose",
        &["kubectl expose deployment hello-node --type=LoadBalancer --port=80 --target-port=80"],
        "target-port",
    );
    check("hello-node/expose", &["curl -m 2 http://{pod_ip}:8080"], "internal-address");
    check("hello-node/expose", &["curl -m 2 http://NODE:8080"], "node-address");
}

#[test]
fn of_services() {
    let pending = [
        "kubectl expose deployment hello-node --type=LoadBalancer --port=8080",
        "kubectl get services",
        "kubectl get services",
    ];
    check("hello-node/expose", &pending, "lb-pending");
    let other_labels = [
        "kubectl create service loadbalancer hello --tcp=8080:8080",
        "wait 30",
        "kubectl describe service hello",
    ];
    check("hello-node/expose", &other_labels, "selector-mismatch");
}

#[test]
fn of_desired_state() {
    check("hello-node/scale", &["kubectl delete pods -l app=hello-node"], "pod-returns");
    check("hello-node/rollout", &["kubectl set image pod/{pod} hello-node={image}:v2"], "changed-the-pod");
    let selector = "kubectl patch deployment hello-node -p '{\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"x\"}}}}'";
    check("hello-node/scale", &[selector], "immutable-selector");
    check("hello-node/scale", &["kubectl create deployment hello-node --image=x -n demo"], "wrong-namespace");
}

#[test]
fn of_images_and_registries() {
    let create = "kubectl create deployment hello-node --image=";
    check("hello-node/deploy", &[&format!("{create}hello-node:v1")], "image-only-local");
    let set = "kubectl set image deployment/hello-node hello-node={image}:v2";
    check("hello-node/version-2", &["docker tag {image}:v1 {image}:v2", set, "wait 20"], "not-pushed");
    let edit = "sed -i 's/World!/again!/' server.js";
    check(
        "hello-node/version-2",
        &[edit, "docker build -t {image}:v1 .", "docker push {image}:v1"],
        "same-tag",
    );
    // `:latest` with `imagePullPolicy: Always` is still only pulled when a container starts.
    let latest = [edit, "docker build -t {image}:latest .", "docker push {image}:latest"];
    check("hello-node/latest-again", &latest, "same-tag");
    let unknown_to_docker = [
        "gcloud artifacts repositories create my-repository --repository-format=docker --location={region}",
        "docker tag node-app:0.2 {image}:0.2",
        "docker push {image}:0.2",
    ];
    check("docker/repository", &unknown_to_docker, "registry-auth");
}

#[test]
fn of_pods_that_do_not_serve() {
    check("hello-node/scale", &["kubectl create deployment crash --image=busybox", "wait 60"], "crash-loop");
    let probe = "        readinessProbe:\n          httpGet: {path: /, port: 9999}";
    let not_ready = [
        &manifest("apps/v1", probe),
        "kubectl apply -f app.yaml",
        "wait 15",
        "kubectl get pods",
        "kubectl get pods",
        "kubectl get pods",
    ];
    check("hello-node/scale", &not_ready, "running-not-ready");
    check("hello-node/cluster", &["kubectl get pods"], "no-credentials");
}

#[test]
fn of_what_is_there_already_or_elsewhere() {
    let rule = "gcloud compute firewall-rules create allow-monolith-nodeport --allow=tcp:";
    check("orchestrating/firewall", &[&format!("{rule}3100"), &format!("{rule}31000")], "rule-exists");
    check("orchestrating/pod", &["cd", "cat pods/monolith.yaml"], "file-elsewhere");
    check(
        "orchestrating/forward",
        &["kubectl -n kube-system port-forward monolith 10080:80"],
        "wrong-namespace",
    );
    check("hello-node/expose", &["curl -m 2 http://EXTERNAL-IP:8080"], "placeholder-address");
    check("hello-node/heal", &["kubectl scale deployment hello-node --replicas=4"], "too-many");
    check(
        "hello-node/heal",
        &["kubectl delete deployment hello-node", "wait 30", "kubectl get pods"],
        "deleted-deployment",
    );
    let two = [
        "^C",
        "docker run -d hello-node:v1",
        "docker run -d --name hello hello-node:v1",
        "docker stop -t 1 hello",
    ];
    check("hello-node/container", &two, "another-runs");
}

#[test]
fn stories_of_2019() {
    check("hello-node/deploy", &["kubectl run hello-node --image={image}:v1 --port=8080"], "run-makes-pod");
    let old = [&manifest("extensions/v1beta1", ""), "kubectl create -f app.yaml"];
    check("hello-node/scale", &old, "old-api-version");
    check("hello-node/scale", &["kubectl exec {pod} ls"], "exec-dashes");
    let push = [
        "docker tag node-app:0.2 gcr.io/{project}/node-app:0.2",
        "gcloud docker -- push gcr.io/{project}/node-app:0.2",
    ];
    check("docker/push", &push, "gcloud-docker");
    check(
        "hello-node/expose",
        &["kubectl expose deployment hello-node --type=LoadBalancer"],
        "expose-needs-port",
    );
}

#[test]
fn of_files_and_folders() {
    check("docker/change", &["cd test"], "already-there");
    check("docker/app", &["cd test"], "no-such-folder");
    check("docker/change", &["docker run -d --nmae x node-app:0.1"], "typo");
    check("docker/two", &["docker run -d -p 8080:80 my-app"], "start-not-run");
    check(
        "docker/inside",
        &["docker stop -t 1 my-app-2", "docker exec -it my-app-2 bash"],
        "container-stopped",
    );
}
