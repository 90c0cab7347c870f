//! The world of the kubectl recordings: a cluster as `ENVIRONMENT.md` beside them describes it, with a stand-in for
//! images and their behaviour. None of it is how the product behaves.

use std::rc::Rc;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::json;

use crate::base::{Seed, SimTime};
use crate::cloud::gke::{ClusterSpec, GkeCluster, Instance, storage_classes};
use crate::cloud::outside::Pace;
use crate::cloud::registry::{Refusal, Registries};
use crate::cluster::{ClusterConfig, NodeConfig, Resources};
use crate::image::config::{ImageConfig, ImageParts};
use crate::image::files::FileTree;
use crate::image::process::Signal;
use crate::image::{Image, ImageRef, Layer};
use crate::programs;
use crate::programs::exec::exec;
use crate::programs::kubectl::output::yaml;
use crate::session::{Session, Start, WorldKind};
use crate::world::http::{Exchange, HttpResponse};
use crate::world::network::Bind;
use crate::world::sockets::Listener;
use crate::world::{Call, HostId, LocalFuture, Program, World};

/// The moment at which recordings begin here.
const BEGIN: SimTime = SimTime::from_secs(1_795_351_539);
const NAME: &str = "gke_hello-world_us-central1-a_hello-world";
const ENDPOINT: &str = "34.70.200.15";
const NODES: &[&str] = &["m4qd", "t9wz", "x7k2"];

/// Parts of repository names that cannot be pulled, and of tags that do not exist.
const BAD_REPOSITORIES: &[&str] = &[
    "nope",
    "typo",
    "doesnotexist",
    "does-not-exist",
    "no-such",
    "nosuch",
    "missing",
    "ngnix",
    "nginxx",
    "ngins",
    "private",
    "bussybox",
    "helo-node",
];
const BAD_TAGS: &[&str] = &[
    "nope",
    "typo",
    "bad",
    "broken",
    "missing",
    "999",
    "v99",
    "doesnotexist",
    "does-not-exist",
    "no-such",
    "nosuch",
    "9.9.9",
    "wrong",
    "unknown",
];

/// A session in that world, with `files` (path, content) in the scenario's directory. The directory comes back.
pub fn session(scenario: &str, files: &[(String, Vec<u8>)]) -> (Session, String) {
    let mut start = Start::new("student", BEGIN, WorldKind::CloudShell);
    start.seed = Seed::from_text(scenario);
    let mut world = start.world();
    world.cloud.registries = Registries::by_rule(image);
    world.cloud.pace = Pace {
        pull_floor: Duration::from_millis(550),
        pull_bytes_per_second: u64::MAX,
        failed_pull: Duration::from_millis(400),
        balancer: Duration::from_secs(5),
    };
    world.cloud.add_cluster(cluster(start.seed));
    let directory = format!("/home/student/{scenario}");
    write_files(&mut world, &directory, files);
    (Session::in_world(start, world, find), directory)
}

fn write_files(world: &mut World, directory: &str, files: &[(String, Vec<u8>)]) {
    let Some(host) = world.hosts.get_mut(&HostId::MACHINE) else { return };
    host.files.mkdir(directory, true, BEGIN).ok();
    for (path, bytes) in files {
        let path = format!("{directory}/{path}");
        let parent = path.rsplit_once('/').map_or("/", |(parent, _)| parent);
        host.files.mkdir(parent, true, BEGIN).ok();
        host.files.write(&path, bytes.clone(), BEGIN).ok();
    }
    host.files.mkdir("/home/student/.kube", true, BEGIN).ok();
    host.files.write("/home/student/.kube/config", kubeconfig().into_bytes(), BEGIN).ok();
    // The recorder's machine compared bytes.
    host.env.insert("LC_ALL".into(), "C".into());
    let user = host.user.clone();
    host.files.chown_all("/home/student", &user, &user).ok();
}

fn kubeconfig() -> String {
    yaml::emit(&json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": NAME,
        "clusters": [{ "name": NAME, "cluster": {
            "certificate-authority-data": "QXV0aG9yaXR5", "server": format!("https://{ENDPOINT}"),
        }}],
        "contexts": [{ "name": NAME, "context": { "cluster": NAME, "user": NAME } }],
        "users": [{ "name": NAME, "user": {
            "client-certificate-data": BASE64_STANDARD.encode("O=system:masters, CN=admin"), "client-key-data": "S2V5",
        }}],
    }))
}

/// The nodes' addresses, inside and outside.
const ADDRESSES: &[(&str, &str)] =
    &[("10.128.0.12", "35.192.10.201"), ("10.128.0.13", "34.72.150.33"), ("10.128.0.11", "34.121.88.14")];

fn cluster(seed: Seed) -> GkeCluster {
    let spec = ClusterSpec {
        name: "hello-world".into(),
        location: "us-central1-a".into(),
        nodes: 3,
        machine_type: "e2-standard-2".into(),
    };
    let instances: Vec<Instance> = NODES
        .iter()
        .zip(ADDRESSES)
        .map(|(suffix, (internal, external))| Instance {
            name: format!("gke-hello-world-default-pool-3f1c9a7b-{suffix}"),
            zone: "us-central1-a".into(),
            machine_type: "e2-standard-2".into(),
            internal_ip: (*internal).into(),
            external_ip: (*external).into(),
            created: BEGIN,
        })
        .collect();
    let config = ClusterConfig {
        seed,
        now: BEGIN,
        version: "v1.36.2".into(),
        nodes: instances.iter().zip(0..).map(|(instance, index)| node(instance, index)).collect(),
        service_cidr: "34.118.224.0/20".into(),
        node_port_first: 30000,
        node_port_last: 32767,
        age_secs: 600,
        storage_classes: storage_classes(),
        provisions_volumes: false,
        pace: crate::cluster::node::Pace::recorded(),
    };
    GkeCluster::described(spec, instances, ENDPOINT, config, BEGIN)
}

fn node(instance: &Instance, index: usize) -> NodeConfig {
    let resources = |cpu: &str, memory: &str, storage: &str| Resources {
        cpu: cpu.into(),
        memory: memory.into(),
        ephemeral_storage: storage.into(),
        pods: "110".into(),
    };
    NodeConfig {
        name: instance.name.clone(),
        internal_ip: instance.internal_ip.clone(),
        external_ip: Some(instance.external_ip.clone()),
        pod_cidr: format!("10.4.{index}.0/24"),
        machine_type: instance.machine_type.clone(),
        region: "us-central1".into(),
        zone: instance.zone.clone(),
        capacity: resources("2", "8131880Ki", "98831908Ki"),
        allocatable: resources("1930m", "6226224Ki", "44741002Ki"),
        kernel_version: "6.12.55+".into(),
        os_image: "Container-Optimized OS from Google".into(),
        container_runtime: "containerd://2.0.7".into(),
        kubelet_version: "v1.36.2".into(),
        labels: [
            ("gke-boot-disk", "pd-balanced"),
            ("gke-container-runtime", "containerd"),
            ("gke-nodepool", "default-pool"),
            ("gke-os-distribution", "cos"),
            ("machine-family", "e2"),
        ]
        .map(|(name, value)| (format!("cloud.google.com/{name}"), value.to_owned()))
        .to_vec(),
        annotations: Vec::new(),
        provider_id: format!("gce://hello-world/{}/{}", instance.zone, instance.name),
    }
}

/// Which image a name means: everything exists, apart from names that look like mistakes.
fn image(reference: &ImageRef) -> Result<Rc<Image>, Refusal> {
    let has = |text: &str, parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if has(&reference.repository, BAD_REPOSITORIES) {
        let on_hub = reference.registry == "docker.io";
        return Err(if on_hub { Refusal::HubDenied } else { Refusal::ManifestUnknown });
    }
    if has(reference.tag_or_latest(), BAD_TAGS) {
        return Err(Refusal::ManifestUnknown);
    }
    Ok(Rc::new(stand_in(reference)))
}

/// Programs that the stand-in's containers know.
const KNOWN: &[&str] = &[
    "env", "hostname", "echo", "date", "true", "false", "exit", "cat", "ls", "id", "whoami", "pwd", "sh",
    "bash", "sleep", "printf", "printenv", "agnhost",
];

/// Images that have a shell as their command.
const SHELLS: &[&str] = &["busybox", "alpine", "perl", "debian", "ubuntu", "bash", "curl"];

/// Parts of the names of images that are servers.
const SERVERS: &[&str] = &["monolith", "auth", "hello", "agnhost", "echoserver", "frontend"];

fn stand_in(reference: &ImageRef) -> Image {
    let mut tree = FileTree::new();
    for name in KNOWN {
        tree.put_program(&format!("/bin/{name}"), name, BEGIN).ok();
    }
    tree.put_program("/agnhost", "stand-in", BEGIN).ok();
    tree.put_program("/stand-in", "stand-in", BEGIN).ok();
    let name = reference.repository.rsplit('/').next().unwrap_or_default().to_owned();
    let is_shell = SHELLS.iter().any(|shell| name.contains(shell));
    // Arguments alone go to a server's own program, and take the place of a shell.
    let (entrypoint, cmd) =
        if is_shell { (Vec::new(), vec!["sh".into()]) } else { (vec!["/stand-in".into(), name], Vec::new()) };
    let layer = Layer::between(&FileTree::new(), &tree);
    let path = ("PATH".to_owned(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned());
    let config = ImageConfig { entrypoint, cmd, env: vec![path], ..ImageConfig::default() };
    Image::new(ImageParts { config, layers: vec![Rc::new(layer)], created: BEGIN, ..ImageParts::default() })
}

/// The product's programs, and the stand-in.
fn find(name: &str) -> Option<Program> {
    match name {
        "stand-in" | "agnhost" => Some(run_stand_in),
        other => programs::find(other),
    }
}

/// Ports on which the stand-in's containers answer whatever runs in them.
const ANSWERED_PORTS: &[u16] = &[80, 81, 443, 8080, 9376];

/// Answers on the known ports, by rules over the path, until the container is told to stop.
async fn answer_by_rule(call: &Call) {
    call.sys.handle(Signal::Term);
    let opened = ANSWERED_PORTS.iter().filter_map(|port| call.sys.listen(*port, Bind::Any).ok());
    let listeners: Vec<Rc<Listener>> = opened.map(Rc::new).collect();
    if listeners.is_empty() {
        // Another container of the pod answers already.
        call.sys.next_signal().await;
        return;
    }
    let accept = |listener: &Rc<Listener>| -> LocalFuture<Exchange> {
        let listener = Rc::clone(listener);
        Box::pin(async move { listener.accept().await })
    };
    loop {
        let accepts: Vec<LocalFuture<Exchange>> = listeners.iter().map(accept).collect();
        let next = futures_util::future::select_all(accepts);
        let Ok((exchange, ..)) = call.sys.interruptible(next).await else { return };
        let has = |words: &[&str]| words.iter().any(|word| exchange.request.target.contains(word));
        let (status, reason) = match () {
            () if has(&["nope", "missing", "wrong", "notfound"]) => (404, "Not Found"),
            () if has(&["fail", "broken"]) => (503, "Service Unavailable"),
            () => (200, "OK"),
        };
        let text = format!("Hello from port {}\n", exchange.local_port);
        exchange.respond(HttpResponse::text(status, reason, "text/plain", text));
    }
}

/// What an image without a command does, by its name.
fn run_stand_in(mut call: Call) -> LocalFuture<i32> {
    Box::pin(async move {
        // An entry point of the usual kind runs the command that it is given.
        if call.args().get(1).is_some_and(|word| KNOWN.contains(&word.as_str())) {
            let argv = call.args()[1..].to_vec();
            call = match exec(call, argv).await {
                Ok(status) => return status,
                Err((call, _)) => call,
            };
        }
        let name = call.args().first().cloned().unwrap_or_default();
        let is = |part: &str| name.contains(part);
        let has_password = call.env.iter().any(|(key, _)| key.contains("PASSWORD"));
        if is("hello-world") {
            call.io.stdout.write("\nHello from Docker!\n").await.ok();
            return 0;
        }
        if is("crash") {
            call.io.stderr.write("panic: something went wrong\n").await.ok();
            call.sys.sleep(Duration::from_millis(500)).await;
            return 2;
        }
        if (is("mysql") || is("postgres")) && !has_password {
            let text = "error: database is uninitialized and password option is not specified\n";
            call.io.stderr.write(text).await.ok();
            call.sys.sleep(Duration::from_millis(400)).await;
            return 1;
        }
        let is_server = SERVERS.iter().any(|server| is(server));
        if is("nginx") {
            call.io
                .stdout
                .write("/docker-entrypoint.sh: Configuration complete; ready for start up\n")
                .await
                .ok();
        } else if is_server {
            call.io.stdout.write("Starting server...\n").await.ok();
        }
        answer_by_rule(&call).await;
        if is_server { 2 } else { 0 }
    })
}
