//! What templates of `docker version` and `docker info` are filled with. Never prints.

use crate::base::SimTime;
use crate::machine::docker::inspect::Json;

use super::system::{
    API_VERSION, BUILT, CONTAINERD_VERSION, GO_VERSION, KERNEL, RUNC_COMMIT, RUNC_VERSION,
    SERVER_API_VERSION, SERVER_BUILD, SERVER_BUILT, SERVER_GO_VERSION, SERVER_VERSION,
};
use super::{CLIENT_BUILD, CLIENT_VERSION};

/// Bytes of memory that the machine has.
const MEMORY_BYTES: i64 = 8_218_034_176;
const STARTED: &str = "2026-09-15T11:02:57.000000000+00:00";

fn text(value: &str) -> Json {
    Json::from(value)
}

/// The client alone: no engine answered.
pub fn client_only(in_json: bool) -> Json {
    let Json::Struct(mut sides) = version(in_json) else { return Json::Null };
    for (_, side) in sides.iter_mut().filter(|(name, _)| name == "Server") {
        *side = Json::Null;
    }
    Json::Struct(sides)
}

/// Client and engine. In JSON some fields have other names than in Go.
pub fn version(in_json: bool) -> Json {
    let api = if in_json { "ApiVersion" } else { "APIVersion" };
    let client = vec![
        ("Version", text(CLIENT_VERSION)),
        (api, text(API_VERSION)),
        ("DefaultAPIVersion", text(API_VERSION)),
        ("GitCommit", text(CLIENT_BUILD)),
        ("GoVersion", text(GO_VERSION)),
        ("Os", text("linux")),
        ("Arch", text("amd64")),
        ("BuildTime", text(BUILT)),
        ("Context", text("default")),
    ];
    let server = vec![
        ("Platform", Json::fields(vec![("Name", text(""))])),
        ("Components", components()),
        ("Version", text(SERVER_VERSION)),
        (api, text(SERVER_API_VERSION)),
        ("MinAPIVersion", text("1.24")),
        ("GitCommit", text(SERVER_BUILD)),
        ("GoVersion", text(SERVER_GO_VERSION)),
        ("Os", text("linux")),
        ("Arch", text("amd64")),
        ("KernelVersion", text(KERNEL)),
        ("BuildTime", text(STARTED)),
    ];
    let mut server = server;
    if !in_json {
        // JSON leaves out what is not so.
        server.push(("Experimental", Json::from(false)));
    }
    Json::fields(vec![("Client", Json::fields(client)), ("Server", Json::fields(server))])
}

fn components() -> Json {
    let engine = [
        ("ApiVersion", SERVER_API_VERSION),
        ("Arch", "amd64"),
        ("BuildTime", SERVER_BUILT),
        ("Experimental", "false"),
        ("GitCommit", SERVER_BUILD),
        ("GoVersion", SERVER_GO_VERSION),
        ("KernelVersion", KERNEL),
        ("MinAPIVersion", "1.24"),
        ("Os", "linux"),
    ];
    let component = |name: &str, version: &str, details: &[(&str, &str)]| {
        let details = Json::map(details.iter().map(|(k, v)| ((*k).to_owned(), text(v))));
        Json::fields(vec![("Name", text(name)), ("Version", text(version)), ("Details", details)])
    };
    Json::List(vec![
        component("Engine", SERVER_VERSION, &engine),
        component("containerd", CONTAINERD_VERSION, &[("GitCommit", "")]),
        component("runc", RUNC_VERSION, &[("GitCommit", RUNC_COMMIT)]),
        component("docker-init", "0.19.0", &[("GitCommit", "")]),
    ])
}

/// How many containers and images there are.
#[derive(Clone, Copy)]
pub struct Counted {
    pub all: usize,
    pub running: usize,
    pub paused: usize,
    pub images: usize,
}

/// What `docker info` knows, in the order of the API.
pub fn info(counted: Counted, name: &str, now: SimTime, in_json: bool) -> Json {
    let number = |n: usize| Json::from(n as u64);
    let yes = || Json::from(true);
    let index = ("IndexServerAddress", text("https://index.docker.io/v1/"));
    let mut fields = vec![
        ("ID", text("b1f0c3a2-7d54-4c1e-9a51-2f8c3d0e6b77")),
        ("Containers", number(counted.all)),
        ("ContainersRunning", number(counted.running)),
        ("ContainersPaused", number(counted.paused)),
        ("ContainersStopped", number(counted.all - counted.running - counted.paused)),
        ("Images", number(counted.images)),
        ("Driver", text("overlay2")),
        ("DriverStatus", driver_status()),
        ("Plugins", plugins()),
        ("MemoryLimit", yes()),
        ("SwapLimit", yes()),
        ("CpuCfsPeriod", yes()),
        ("CpuCfsQuota", yes()),
        ("CPUShares", yes()),
        ("CPUSet", yes()),
        ("PidsLimit", yes()),
        ("IPv4Forwarding", yes()),
        ("Debug", Json::from(false)),
        ("NFd", Json::from(26i64)),
        ("OomKillDisable", Json::from(false)),
        ("NGoroutines", Json::from(45i64)),
        ("LoggingDriver", text("json-file")),
        ("CgroupDriver", text("cgroupfs")),
        ("CgroupVersion", text("2")),
        ("NEventsListener", Json::from(0i64)),
        ("KernelVersion", text(KERNEL)),
        ("OperatingSystem", text("Ubuntu 24.04.3 LTS (containerized)")),
        ("OSVersion", text("24.04")),
        ("OSType", text("linux")),
        ("Architecture", text("x86_64")),
        index,
        ("RegistryConfig", registries()),
        ("NCPU", Json::from(2i64)),
        ("MemTotal", Json::from(MEMORY_BYTES)),
        ("GenericResources", Json::Null),
        ("DockerRootDir", text("/var/lib/docker")),
    ];
    let proxies = if in_json { ["HttpProxy", "HttpsProxy"] } else { ["HTTPProxy", "HTTPSProxy"] };
    fields.extend(proxies.map(|proxy| (proxy, text(""))));
    fields.extend([
        ("NoProxy", text("")),
        ("Name", text(name)),
        ("Labels", Json::List(Vec::new())),
        ("ExperimentalBuild", Json::from(false)),
        ("ServerVersion", text(SERVER_VERSION)),
        ("Runtimes", runtimes()),
        ("DefaultRuntime", text("runc")),
        ("Swarm", swarm()),
        ("LiveRestoreEnabled", Json::from(false)),
        ("Isolation", text("")),
        ("InitBinary", text("docker-init")),
        ("SecurityOptions", Json::texts(["name=seccomp,profile=builtin"])),
        ("Warnings", Json::Null),
        ("ClientInfo", client()),
        ("KernelMemoryTCP", yes()),
        ("SystemTime", text(&now.rfc3339_nanos())),
        ("FirewallBackend", Json::fields(vec![("Driver", text("iptables"))])),
        ("CDISpecDirs", Json::texts(["/etc/cdi", "/var/run/cdi"])),
        ("Containerd", containerd()),
        ("ContainerdCommit", commit("")),
        ("RuncCommit", commit(RUNC_COMMIT)),
        ("InitCommit", commit("")),
    ]);
    Json::fields(fields)
}

/// The registries that the engine knows by itself.
fn registries() -> Json {
    let hub = Json::fields(vec![
        ("Name", text("docker.io")),
        ("Mirrors", Json::List(Vec::new())),
        ("Secure", Json::from(true)),
        ("Official", Json::from(true)),
    ]);
    Json::fields(vec![
        ("InsecureRegistryCIDRs", Json::texts(["::1/128", "127.0.0.0/8"])),
        ("IndexConfigs", Json::map([("docker.io".to_owned(), hub)])),
        ("Mirrors", Json::Null),
    ])
}

fn containerd() -> Json {
    let namespaces = vec![("Containers", text("moby")), ("Plugins", text("plugins.moby"))];
    Json::fields(vec![
        ("Address", text("/run/containerd/containerd.sock")),
        ("Namespaces", Json::fields(namespaces)),
    ])
}

fn commit(id: &str) -> Json {
    Json::fields(vec![("ID", text(id))])
}

fn driver_status() -> Json {
    let rows = [
        ["Backing Filesystem", "extfs"],
        ["Supports d_type", "true"],
        ["Using metacopy", "false"],
        ["Native Overlay Diff", "true"],
        ["userxattr", "false"],
    ];
    Json::List(rows.into_iter().map(Json::texts).collect())
}

fn plugins() -> Json {
    let logs = ["awslogs", "fluentd", "gelf", "journald", "json-file", "local", "splunk", "syslog"];
    Json::fields(vec![
        ("Volume", Json::texts(["local"])),
        ("Network", Json::texts(["bridge", "host", "ipvlan", "macvlan", "null", "overlay"])),
        ("Authorization", Json::Null),
        ("Log", Json::texts(logs)),
    ])
}

fn runtimes() -> Json {
    let runtime = |path: &str| Json::fields(vec![("path", text(path))]);
    Json::map(
        [("io.containerd.runc.v2", "runc"), ("runc", "runc")]
            .map(|(name, path)| (name.to_owned(), runtime(path))),
    )
}

fn swarm() -> Json {
    Json::fields(vec![
        ("NodeID", text("")),
        ("NodeAddr", text("")),
        ("LocalNodeState", text("inactive")),
        ("ControlAvailable", Json::from(false)),
        ("Error", text("")),
        ("RemoteManagers", Json::Null),
    ])
}

fn client() -> Json {
    Json::fields(vec![
        ("Debug", Json::from(false)),
        ("Version", text(CLIENT_VERSION)),
        ("GitCommit", text(CLIENT_BUILD)),
        ("GoVersion", text(GO_VERSION)),
        ("Os", text("linux")),
        ("Arch", text("amd64")),
        ("BuildTime", text(BUILT)),
        ("Context", text("default")),
        ("Plugins", Json::List(Vec::new())),
        ("Warnings", Json::Null),
    ])
}
