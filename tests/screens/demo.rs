//! Views made by hand, for screen tests and for looking at pictures: a quest in play and its moments.

use kubejam::ui::certificate::Certificate;
use kubejam::ui::scene::{
    Autoscaler, Cluster, Container, End, File, Gate, Happening, Image, Machine, Making, Node, Pod, Process,
    Push, Scene, Service, Shape, Slab, SlabState, Station, Trip, Trouble, Version, What, Workload,
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
            image("hello-node:v1", 0, &[("node:6.9.2", 8), ("COPY server.js .", 1)]),
            image("hello-node:v2", 1, &[("node:6.9.2", 8), ("COPY server.js . ", 1)]),
        ],
        containers: vec![container("eager_wozniak", "hello-node:v1", "node server.js", &[(8081, 8080)])],
        ..Machine::default()
    }
}

/// An image of these slabs, bottom first: what it is, and of how many layers.
pub fn image(name: &str, hue: usize, slabs: &[(&str, usize)]) -> Image {
    let slab = |(label, layers): &(&str, usize)| Slab {
        key: (*label).to_owned(),
        label: label.trim_end().to_owned(),
        size: if *layers > 1 { "655MB" } else { "213B" }.into(),
        layers: *layers,
        shared: *layers > 1,
        state: SlabState::There,
    };
    Image {
        id: format!("id-{name}"),
        names: vec![name.to_owned()],
        size: "655MB".into(),
        slabs: slabs.iter().map(slab).collect(),
        hue,
        making: Making::There,
    }
}

pub fn container(name: &str, image: &str, command: &str, ports: &[(u16, u16)]) -> Container {
    Container {
        id: format!("id-{name}"),
        name: name.into(),
        image: image.into(),
        running: true,
        status: "running".into(),
        command: command.into(),
        ports: ports.to_vec(),
        ..Container::default()
    }
}

/// Docker's world in the first quest: two versions on one base, a build that takes from the cache, a push, and
/// containers that run, ended, failed or have no door.
pub fn docker() -> Machine {
    let mut images = vec![
        image("hello-world:latest", 0, &[("COPY hello /", 1)]),
        image("node-app:0.1", 1, &[("node:lts", 8), ("WORKDIR /app", 1), ("COPY . .", 1)]),
        image("node-app:0.2", 2, &[("node:lts", 8), ("WORKDIR /app", 1), ("COPY . . ", 1)]),
    ];
    images[1].slabs[1].shared = true;
    images[2].slabs[1].state = SlabState::Reused;
    images[2].names.push("us-central1-docker.pkg.dev/kubejam-7f3a/my-repository/node-app:0.2".into());
    images.push(Image {
        making: Making::Pulling,
        slabs: vec![
            Slab { key: "done".into(), layers: 3, state: SlabState::Done, ..Slab::default() },
            Slab {
                key: "a1".into(),
                label: "3f4a8c07b2d1".into(),
                layers: 1,
                state: SlabState::Moving(Some(0.6)),
                ..Slab::default()
            },
            Slab { key: "wait".into(), layers: 2, state: SlabState::Waiting, ..Slab::default() },
        ],
        ..image("redis:latest", 3, &[])
    });
    let mut failed = container("sad_kepler", "node-app:0.2", "node ap.js", &[]);
    (failed.running, failed.failed, failed.status) = (false, true, "exited (1)".into());
    failed.hue = 2;
    let mut inner = container("cache", "node-app:0.2", "node app.js", &[]);
    (inner.exposed, inner.hue) = (vec![80], 2);
    let mut app = container("my-app", "node-app:0.1", "node app.js", &[(4000, 80)]);
    app.hue = 1;
    let push = Push {
        name: "us-central1-docker.pkg.dev/kubejam-7f3a/my-repository/node-app:0.2".into(),
        slabs: [("COPY . .", SlabState::Moving(Some(0.5))), ("WORKDIR /app", SlabState::Reused)]
            .map(|(label, state)| Slab {
                key: label.into(),
                label: label.into(),
                layers: 1,
                state,
                ..Slab::default()
            })
            .to_vec(),
    };
    Machine {
        host: "cloudshell".into(),
        directory: "~".into(),
        files: vec![File { name: "test".into(), is_dir: true, bytes: 0 }],
        images,
        containers: vec![app, inner, failed],
        push: Some(push),
        registry: vec!["us-central1-docker.pkg.dev/kubejam-7f3a/my-repository/node-app:0.1".into()],
        ..Machine::default()
    }
}

/// A view with only the machine.
pub fn machine_view(machine: Machine, korean: bool) -> View {
    let scene = Scene { machine, ..Scene::default() };
    View { scene, story: Vec::new(), ..view(Vec::new(), korean) }
}

/// The third quest's network: a frontend for everybody, two Services inside, a node port behind a closed firewall
/// whose selector fits nobody, a name for somewhere else.
pub fn network() -> Cluster {
    let single = |name: &str, suffix: &str, node: &str, workload: &str| Pod {
        uid: format!("uid-{name}"),
        name: name.into(),
        suffix: suffix.into(),
        node: Some(format!("gke-{node}")),
        shape: Shape::Ready,
        word: "Running".into(),
        ready: (1, 1),
        tag: "1.0.0".into(),
        workload: workload.into(),
        ..Pod::default()
    };
    let mut monolith = single("secure-monolith", "secure-monolith", "m4qd", "");
    monolith.ready = (2, 2);
    monolith.containers = vec![("nginx".into(), Shape::Ready), ("monolith".into(), Shape::Ready)];
    let pods = vec![
        monolith,
        single("auth-84f7d6b5c9-k2x8p", "k2x8p", "t9wz", "Deployment/auth"),
        single("hello-6c9d5b7f84-zq4vn", "zq4vn", "x7k2", "Deployment/hello"),
        single("frontend-5d8b9c7f6-t7w2m", "t7w2m", "m4qd", "Deployment/frontend"),
    ];
    let service = |name: &str, kind: &str, address: &str, port: &str, pod: &str| Service {
        name: name.into(),
        kind: kind.into(),
        address: address.into(),
        ports: vec![port.into()],
        endpoints: vec![format!("uid-{pod}")],
        ..Service::default()
    };
    let mut front = service("frontend", "LoadBalancer", "34.72.10.5", "443", "frontend-5d8b9c7f6-t7w2m");
    (front.external, front.gate) = (true, Gate::Balancer);
    let mut node_port = service("monolith", "NodePort", "34.118.230.7", "443:31000", "");
    (node_port.endpoints, node_port.node_ports) = (Vec::new(), vec![31000]);
    node_port.gate = Gate::NodePort { open: false };
    node_port.trouble = Some(Trouble::NoMatch {
        selector: "app=monolith,secure=enabled".into(),
        near: Some(("secure-monolith".into(), "secure=enabled".into())),
    });
    let mut alias = service("db", "ExternalName", "example.com", "", "");
    alias.endpoints.clear();
    let workload = |name: &str, hash: &str| Workload {
        kind: "Deployment".into(),
        name: name.into(),
        desired: 1,
        ready: 1,
        paused: false,
        versions: vec![Version { hash: hash.into(), tag: "1.0.0".into(), index: 0, desired: 1, ready: 1 }],
    };
    Cluster {
        pods,
        services: vec![
            service("auth", "ClusterIP", "34.118.226.11", "80", "auth-84f7d6b5c9-k2x8p"),
            service("hello", "ClusterIP", "34.118.231.4", "80", "hello-6c9d5b7f84-zq4vn"),
            front,
            node_port,
            alias,
        ],
        workloads: vec![
            workload("auth", "84f7d6b5c9"),
            workload("hello", "6c9d5b7f84"),
            workload("frontend", "5d8b9c7f6"),
        ],
        ..cluster(Vec::new())
    }
}

pub fn network_view(korean: bool) -> View {
    let scene = Scene { machine: machine(), cluster: Some(network()), trips: Vec::new() };
    View { scene, ..view(Vec::new(), korean) }
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
        workload: "Deployment/hello-node".into(),
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
        external_ip: format!("35.188.{}.17", short.len() + usize::from(short.as_bytes()[0])),
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
            gate: Gate::Balancer,
            ..Service::default()
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
    let service = "hello-node".to_owned();
    let way = vec![
        Station::You,
        Station::Gate(service.clone()),
        Station::Service(service),
        Station::Pod(format!("uid-{pod}")),
    ];
    view.scene.trips.push(Trip { id, way, end: End::Status(200) });
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

fn certificate() -> Certificate {
    Certificate {
        name: "Kim Minji".into(),
        learner: "student-7f3a".into(),
        quest: "Hello Node Kubernetes".into(),
        on: "2026-11-28".into(),
        steps: 14,
        given: 0,
        commands: 41,
        hints: 2,
        undos: 1,
        took_ms: 1_391_000,
        digest: "3f2a-91bc-77d0-e5a4-1c09".into(),
        file: "~/.local/share/kubejam/hello-node.svg".into(),
    }
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
            certificate: Some(certificate()),
        });
    }
    view
}
