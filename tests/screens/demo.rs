//! Views made by hand, for screen tests and for looking at pictures: a quest in play and its moments.

use kubejam::ui::scene::{
    Autoscaler, Cluster, Container, File, Happening, Image, Machine, Node, Pod, Process, Scene, Service,
    Shape, Trip, Version, What, Workload,
};
use kubejam::ui::view::{Finish, Goal, Mark, Quest, Question, Step, View};

pub const TEXT: &str = "One pod is one point of failure. Tell the **Deployment** how many you want, and its \
controller makes it so: it writes the number into a *ReplicaSet*, and that one creates or deletes pods.\n\n\
```sh\nkubectl scale deployment hello-node --replicas=4\nkubectl get pods\n```\n\nWatch the picture: the new pods \
wait, pull, start, and only then become `Ready`. The Service sends requests to ready pods only.\n";

pub const TEXT_KO: &str = "파드가 하나면 고장 날 곳도 하나입니다. **디플로이먼트**에 몇 개를 원하는지 말하면 컨트롤러가 그렇게 \
만듭니다. 숫자를 *레플리카셋*에 적고, 레플리카셋이 파드를 만들거나 지웁니다.\n\n```sh\nkubectl scale deployment hello-node \
--replicas=4\nkubectl get pods\n```\n\n그림을 지켜보세요. 새 파드는 기다리고, 이미지를 받고, 시작한 다음에야 `Ready`가 됩니다.\n";

pub fn machine() -> Machine {
    Machine {
        host: "cloudshell".into(),
        directory: "~".into(),
        files: vec![
            File { name: "Dockerfile".into(), is_dir: false, bytes: 68 },
            File { name: "README-cloudshell.txt".into(), is_dir: false, bytes: 913 },
            File { name: "server.js".into(), is_dir: false, bytes: 213 },
        ],
        processes: vec![Process { pid: 12, command: "node server.js".into(), ports: vec![8080] }],
        images: vec![
            Image { name: "hello-node:v1".into(), id: "4be3".into(), size: "655MB".into() },
            Image { name: "node:6.9.2".into(), id: "faaa".into(), size: "655MB".into() },
        ],
        containers: vec![Container {
            id: "325301e6b2bf".into(),
            name: "eager_wozniak".into(),
            image: "hello-node:v1".into(),
            running: true,
            status: "Up 3 seconds".into(),
            ports: vec![(8080, 8080)],
        }],
    }
}

pub fn pod(suffix: &str, node: &str, shape: Shape, word: &str, tag: &str, version: usize) -> Pod {
    Pod {
        uid: format!("uid-{suffix}"),
        name: format!("hello-node-6d4f9c7b5-{suffix}"),
        suffix: suffix.into(),
        node: (!node.is_empty()).then(|| format!("gke-{node}")),
        shape,
        word: word.into(),
        ready: (usize::from(shape == Shape::Ready), 1),
        tag: tag.into(),
        version,
        ..Pod::default()
    }
}

pub fn cluster(pods: Vec<Pod>) -> Cluster {
    let node = |short: &str| Node {
        name: format!("gke-{short}"),
        short: short.into(),
        ready: true,
        schedulable: true,
    };
    let ready: Vec<String> = pods.iter().filter(|p| p.shape == Shape::Ready).map(|p| p.uid.clone()).collect();
    let alive = pods.iter().filter(|p| p.shape != Shape::Leaving).count();
    let version = |hash: &str, tag: &str, index: usize| Version {
        hash: hash.into(),
        tag: tag.into(),
        index,
        desired: pods.iter().filter(|p| p.version == index && p.shape != Shape::Leaving).count(),
        ready: pods.iter().filter(|p| p.version == index && p.shape == Shape::Ready).count(),
    };
    let versions = vec![version("6d4f9c7b5", "v1", 0), version("77c8db9f4", "v2", 1)];
    Cluster {
        name: "hello-world".into(),
        namespace: "default".into(),
        nodes: vec![node("m4qd"), node("t9wz"), node("x7k2")],
        services: vec![Service {
            name: "hello-node".into(),
            kind: "LoadBalancer".into(),
            address: "34.72.10.5".into(),
            external: true,
            pending: false,
            ports: vec!["8080".into()],
            endpoints: ready.clone(),
            matches_any: true,
        }],
        workloads: vec![Workload {
            kind: "Deployment".into(),
            name: "hello-node".into(),
            desired: alive.max(1),
            ready: ready.len(),
            paused: false,
            versions,
        }],
        autoscalers: Vec::new(),
        pods,
        ..Cluster::default()
    }
}

pub fn scaling() -> Vec<Pod> {
    let mut pulling = pod("kk31x", "x7k2", Shape::Waiting, "ContainerCreating", "v1", 0);
    pulling.progress = Some(0.45);
    vec![
        pod("x2jk4", "m4qd", Shape::Ready, "Running", "v1", 0),
        pod("9sl2p", "t9wz", Shape::Half, "Running", "v1", 0),
        pulling,
        pod("b77qd", "t9wz", Shape::Ready, "Running", "v1", 0),
    ]
}

pub fn rolling() -> Vec<Pod> {
    let mut back_off = pod("q8xzt", "x7k2", Shape::Failed, "ImagePullBackOff", "v2", 1);
    back_off.restarts = 0;
    vec![
        pod("x2jk4", "m4qd", Shape::Ready, "Running", "v1", 0),
        pod("9sl2p", "t9wz", Shape::Leaving, "Terminating", "v1", 0),
        pod("b77qd", "t9wz", Shape::Ready, "Running", "v1", 0),
        pod("zz4mv", "m4qd", Shape::Ready, "Running", "v2", 1),
        back_off,
        pod("hh5wn", "", Shape::Waiting, "Pending", "v2", 1),
    ]
}

pub fn crowd(count: usize) -> Vec<Pod> {
    let nodes = ["m4qd", "t9wz", "x7k2"];
    (0..count)
        .map(|n| {
            let (shape, word) = match n % 9 {
                7 => (Shape::Waiting, "ContainerCreating"),
                8 => (Shape::Failed, "CrashLoopBackOff"),
                _ => (Shape::Ready, "Running"),
            };
            pod(&format!("p{n:04}"), nodes[n % 3], shape, word, if n % 2 == 0 { "v1" } else { "v2" }, n % 2)
        })
        .collect()
}

pub fn story() -> Vec<Happening> {
    let happening = |id: u64, cause: u64, actor: &str, what: What| Happening {
        id,
        cause: (cause > 0).then_some(cause),
        at_ms: 158_000 + id * 40,
        actor: actor.into(),
        what,
    };
    let deployment = ("Deployment".to_owned(), "hello-node".to_owned());
    vec![
        happening(1, 0, "", What::Scaled { kind: deployment.0, name: deployment.1, from: 1, to: 4 }),
        happening(
            2,
            1,
            "deployment-controller",
            What::Scaled { kind: "ReplicaSet".into(), name: "6d4f9c7b5".into(), from: 1, to: 4 },
        ),
        happening(3, 2, "replicaset-controller", What::CreatedPods { count: 3 }),
        happening(
            4,
            3,
            "scheduler",
            What::Scheduled { pod: "kk31x".into(), node: "x7k2".into(), fits: Some((2, 3)) },
        ),
        happening(5, 4, "kubelet", What::Pulling { pod: "kk31x".into(), image: "hello-node:v1".into() }),
        happening(6, 3, "", What::Ready { pod: "b77qd".into() }),
        happening(
            7,
            6,
            "endpointslice-controller",
            What::Endpoints { service: "hello-node".into(), count: 2 },
        ),
    ]
}

pub fn quest(korean: bool) -> Quest {
    let goal = |mark, en: &str, ko: &str| Goal {
        mark,
        text: if korean { ko } else { en }.to_owned(),
        detail: String::new(),
    };
    let mut steps = vec![Mark::Met; 5];
    steps.extend([Mark::Open; 6]);
    Quest {
        id: "hello-node".into(),
        title: if korean { "헬로 노드 쿠버네티스" } else { "Hello Node Kubernetes" }.into(),
        steps,
        at: 5,
        step: Step {
            id: "scale".into(),
            title: if korean { "서비스 늘리기" } else { "Scale up your service" }.into(),
            text: if korean { TEXT_KO } else { TEXT }.into(),
            goals: vec![
                goal(Mark::Met, "Deployment wants 4 replicas", "디플로이먼트가 복제본 4개를 원함"),
                goal(Mark::Partly, "4 pods are Ready (2 of 4)", "파드 4개가 Ready (4개 중 2개)"),
            ],
            coach: Some(
                if korean {
                    "아직입니다: 파드 두 개가 이미지를 받고 있습니다. **Running**이 곧 **Ready**는 아닙니다."
                } else {
                    "Not yet: two pods are still pulling the image. **Running** is not **Ready**."
                }
                .into(),
            ),
            ..Step::default()
        },
        finished: None,
    }
}

pub fn view(pods: Vec<Pod>, korean: bool) -> View {
    let scene = Scene { machine: machine(), cluster: Some(cluster(pods)), trips: Vec::new() };
    View {
        quest: Some(quest(korean)),
        scene,
        story: story(),
        clock_ms: 161_000,
        learner: "student-7f3a".into(),
    }
}

pub fn trip(view: &mut View, id: u64, pod: &str) {
    view.scene.trips.push(Trip {
        id,
        service: Some("hello-node".into()),
        pod: Some(format!("uid-{pod}")),
        outcome: "200".into(),
        ok: true,
    });
}

pub fn predicting(korean: bool) -> View {
    let mut view = view(scaling()[..1].to_vec(), korean);
    if let Some(quest) = &mut view.quest {
        quest.step.goals.iter_mut().for_each(|g| g.mark = Mark::Open);
        quest.step.coach = None;
        quest.step.question = Some(Question {
            prediction: true,
            text: "The Deployment has **1** pod and you ask for **4**. How many pods are created?".into(),
            choices: vec!["1".into(), "3".into(), "4".into()],
            ..Question::default()
        });
    }
    view
}

pub fn done(korean: bool) -> View {
    let pods = ["x2jk4", "9sl2p", "kk31x", "b77qd"];
    let nodes = ["m4qd", "t9wz", "x7k2", "t9wz"];
    let pods = pods.iter().zip(nodes).map(|(s, n)| pod(s, n, Shape::Ready, "Running", "v1", 0));
    let mut view = view(pods.collect(), korean);
    if let Some(cluster) = &mut view.scene.cluster {
        cluster.autoscalers.push(Autoscaler {
            name: "hello-node".into(),
            target: "Deployment/hello-node".into(),
            metric: "cpu: 12%/50%".into(),
            min: 1,
            max: 6,
            replicas: 4,
        });
    }
    if let Some(quest) = &mut view.quest {
        quest.step.goals.iter_mut().for_each(|g| g.mark = Mark::Met);
        quest.step.coach = None;
        quest.step.hints = vec!["Look at the verb `scale`.".into()];
        quest.step.more_hints = true;
        quest.step.done = true;
    }
    view
}

pub fn finished() -> View {
    let mut view = done(false);
    if let Some(quest) = &mut view.quest {
        quest.finished = Some(Finish {
            heading: "What you can do now".into(),
            text: "- Run a server in a container and push its image\n- Create a Deployment and reach it through a \
                   Service\n- Scale, roll out and roll back while users keep being served\n"
                .into(),
            commands: 41,
            record: "~/.local/share/kubejam/hello-node.jam".into(),
        });
    }
    view
}
