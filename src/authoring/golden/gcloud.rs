//! The start state of gcloud's recordings, and how their commands are carried out: pipes, or a terminal on which text
//! is typed when something appears. None of it is how the product behaves.

use std::rc::Rc;
use std::time::Duration;

use regex::Regex;
use serde_json::{Value, json};

use crate::base::{Seed, SimTime};
use crate::cloud::gke::ClusterSpec;
use crate::cloud::project::{OtherProject, Regions};
use crate::cloud::registry::Repository;
use crate::image::config::ImageParts;
use crate::image::process::Signal;
use crate::image::{Digest, Image, Layer};
use crate::programs;
use crate::programs::gcloud::{kubeconfig, properties};
use crate::session::{Session, Start, WorldKind};
use crate::world::tty::Size;
use crate::world::{Call, HostId, LocalFuture, Program, World};

use super::docker::{Running, Streams, collect, finish, interrupt, pass, start};
use super::record::{Record, Transcript};

/// When the recordings begin.
const BEGIN: SimTime = SimTime::from_secs(1_772_442_847);
const PROJECT: &str = "qwiklabs-gcp-02-65852fbb632f";
const NUMBER: &str = "483920174655";
const LEARNER: &str = "student-02-5a3f0c9d7e21";
const HOME: &str = "/home/student_02_5a3f0c9d7e21";
const REGIONS: Regions = &[
    ("asia-east1", "abc"),
    ("asia-northeast3", "abc"),
    ("europe-west1", "bcd"),
    ("europe-west4", "abc"),
    ("us-central1", "abcf"),
    ("us-east1", "bcd"),
    ("us-east4", "abc"),
    ("us-west1", "abc"),
];
/// Where the recorder had its programs: without kubectl's plugin, and the plugin alone.
const WITHOUT_PLUGIN: &str = "/opt/recorder/bin-noplugin";
const PLUGIN_ONLY: &str = "/opt/recorder/bin-stub";
/// What Cloud Shell has in Docker's configuration.
const DOCKER_CONFIG: &str = r#"{
  "credHelpers": {
    "gcr.io": "gcloud",
    "us.gcr.io": "gcloud",
    "eu.gcr.io": "gcloud",
    "asia.gcr.io": "gcloud",
    "staging-k8s.gcr.io": "gcloud",
    "marketplace.gcr.io": "gcloud"
  }
}"#;
/// How long a cluster took unless the recording says otherwise.
const CREATE_TIME: Duration = Duration::from_secs(4);
/// What the recorder took between two commands.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a command may take in virtual time.
const LIMIT: Duration = Duration::from_secs(120);
/// How often the terminal is looked at, and how long for something to appear.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: usize = 400;

/// Answers every command of a transcript of gcloud's.
pub fn answer(transcript: &Transcript) -> Vec<Value> {
    let mut session = session(transcript);
    let mut answers = Vec::with_capacity(transcript.records.len());
    for (number, record) in transcript.records.iter().enumerate() {
        let before = set_env(&mut session, record.raw.get("env"));
        answers.push(carry_out(&mut session, record, number as u32));
        session.kernel().with(|w| {
            if let Some(host) = w.hosts.get_mut(&HostId::MACHINE) {
                host.env = before;
            }
        });
        pass(&mut session, PAUSE);
    }
    answers
}

/// Sets variables on the machine; what was set before comes back.
fn set_env(session: &mut Session, variables: Option<&Value>) -> crate::world::Env {
    session.kernel().with(|w| {
        let Some(host) = w.hosts.get_mut(&HostId::MACHINE) else { return Default::default() };
        let before = host.env.clone();
        for (name, value) in variables.and_then(Value::as_object).into_iter().flatten() {
            host.env.insert(name.clone(), value.as_str().unwrap_or_default().to_owned());
        }
        before
    })
}

/// The world that the recordings were made in.
fn session(transcript: &Transcript) -> Session {
    let mut start = Start::new(LEARNER, BEGIN, WorldKind::CloudShell);
    start.seed = Seed::from_text(&transcript.name);
    let mut world = start.world();
    let project = &mut world.cloud.project;
    (project.id, project.number) = (PROJECT.to_owned(), NUMBER.to_owned());
    project.account = format!("{LEARNER}@qwiklabs.net");
    project.folder = "741328690152".to_owned();
    project.regions = REGIONS;
    project.others = vec![OtherProject {
        id: "qwiklabs-resources".to_owned(),
        name: "Qwiklabs Resources".to_owned(),
        number: "665872137429".to_owned(),
    }];
    furnish(&mut world, transcript.meta.get("world").unwrap_or(&Value::Null));
    let mut properties = properties::cloud_shell(&world.cloud.project.account, PROJECT);
    if transcript.meta.get("screen_reader") == Some(&json!(false)) {
        properties.remove("accessibility");
    }
    properties::store(&mut world, HostId::MACHINE, &properties).ok();
    if let Some(host) = world.hosts.get_mut(&HostId::MACHINE) {
        host.files.remove(&format!("{HOME}/.docker"), true, BEGIN).ok();
        if transcript.name.contains("cloudshell") {
            host.files.mkdir(&format!("{HOME}/.docker"), true, BEGIN).ok();
            host.files.write(&format!("{HOME}/.docker/config.json"), DOCKER_CONFIG.as_bytes(), BEGIN).ok();
        }
        host.files.mkdir(WITHOUT_PLUGIN, true, BEGIN).ok();
        host.files.mkdir(PLUGIN_ONLY, true, BEGIN).ok();
        for name in programs::names() {
            let directory = if name == kubeconfig::PLUGIN { PLUGIN_ONLY } else { WITHOUT_PLUGIN };
            host.files.put_program(&format!("{directory}/{name}"), name, BEGIN).ok();
        }
    }
    let mut session = Session::in_world(start, world, find);
    set_env(&mut session, transcript.meta.get("setup").and_then(|setup| setup.get("env")));
    session
}

/// What the recording's world has from the start.
fn furnish(world: &mut World, described: &Value) {
    let list = |name: &str| described[name].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let cloud = &mut world.cloud;
    cloud.create_time = described["create_secs"].as_u64().map_or(CREATE_TIME, Duration::from_secs);
    for cluster in list("clusters") {
        let spec = ClusterSpec {
            name: text(&cluster["name"]),
            location: text(&cluster["loc"]),
            nodes: cluster["nodes"].as_u64().unwrap_or(3) as u32,
            machine_type: cluster["mt"].as_str().unwrap_or("e2-medium").to_owned(),
        };
        cloud.add_running(spec, BEGIN);
    }
    for vm in list("vms") {
        cloud.add_machine(&text(&vm[0]), &text(&vm[1]), &text(&vm[2]), vm[3] == "RUNNING", BEGIN);
    }
    for service in list("disabled") {
        cloud.services.remove(&text(&service));
    }
    for (index, repository) in list("repos").iter().enumerate() {
        let created = BEGIN + Duration::from_secs(26 + 13 * index as u64);
        let (location, name, format) = (text(&repository[0]), text(&repository[1]), text(&repository[2]));
        let bytes = repository[4].as_u64().unwrap_or(0);
        if format != "DOCKER" && bytes > 0 {
            // Its packages are no images, but take their place.
            let path = format!("{location}-{}.pkg.dev/{PROJECT}/{name}/package", format.to_lowercase());
            let image = stand_in(&[bytes], bytes);
            cloud.registries.put(&path, image.manifest_digest(), image, &[], created);
        }
        cloud.registries.create_repository(Repository {
            project: PROJECT.to_owned(),
            location,
            name,
            format,
            description: text(&repository[3]),
            created,
            updated: created,
        });
    }
    let images = list("images");
    let mut sizes: Vec<u64> = images.iter().filter_map(|image| image["size"].as_u64()).collect();
    sizes.sort_unstable();
    sizes.dedup();
    for image in &images {
        let (location, repository) =
            image["repo"].as_str().and_then(|r| r.split_once('/')).unwrap_or_default();
        let path = format!("{location}-docker.pkg.dev/{PROJECT}/{repository}/{}", text(&image["pkg"]));
        let digest = Digest::parse(&text(&image["digest"]));
        let tags: Vec<String> = image["tags"].as_array().into_iter().flatten().map(&text).collect();
        let at = text(&image["time"]).parse().map_or(BEGIN, SimTime::from_timestamp);
        if let Some(digest) = digest {
            let image = stand_in(&sizes, image["size"].as_u64().unwrap_or(0));
            cloud.registries.put(&path, digest, image, &tags, at);
        }
    }
}

/// An image of that size: its layers are those of every smaller one and one more, so that together they take no more
/// than the largest.
fn stand_in(sizes: &[u64], size: u64) -> Rc<Image> {
    let mut layers = Vec::new();
    let mut below = 0;
    for step in sizes.iter().filter(|step| **step <= size) {
        layers.push(Rc::new(Layer::declared(&format!("layer-{step}"), *step, step - below, Vec::new())));
        below = *step;
    }
    Rc::new(Image::new(ImageParts { layers, created: BEGIN, ..ImageParts::default() }))
}

/// The product's programs, with a docker whose engine does not run.
fn find(name: &str) -> Option<Program> {
    match name {
        "docker" => Some(docker_without_engine),
        other => programs::find(other),
    }
}

fn docker_without_engine(call: Call) -> LocalFuture<i32> {
    if call.args().is_empty() {
        return programs::find("docker")
            .map_or_else(|| Box::pin(async { 127 }) as LocalFuture<i32>, |docker| docker(call));
    }
    Box::pin(async move {
        let text = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n";
        call.io.stderr.write(text).await.ok();
        1
    })
}

fn carry_out(session: &mut Session, record: &Record, number: u32) -> Value {
    let whole = |name: &str| record.raw.get(name).and_then(Value::as_u64).map(|n| n as u16);
    let size = (record.raw.get("mode") == Some(&json!("tty")))
        .then(|| Size { cols: whole("cols").unwrap_or(80), rows: whole("rows").unwrap_or(24) });
    let mut running = start(session, &record.cmd, HOME, record.stdin.as_deref(), size, number);
    let (mut seen, mut interrupted) = (0, false);
    for key in record.raw.get("keys").and_then(Value::as_array).into_iter().flatten() {
        let pattern = key.get(0).and_then(Value::as_str).and_then(|pattern| Regex::new(pattern).ok());
        let text = key.get(1).and_then(Value::as_str).unwrap_or_default();
        let Some(pattern) = pattern else { continue };
        let Some(end) = await_text(session, &mut running, &pattern, seen) else { continue };
        seen = end;
        interrupted |= text == "\u{3}";
        type_text(session, &mut running, text);
    }
    finish(session, &mut running, LIMIT);
    answered(record, &running, interrupted)
}

fn shown(running: &Running) -> String {
    match &running.streams {
        Streams::Terminal(_, bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Streams::Pipes(..) => String::new(),
    }
}

/// Lets time pass until the pattern appears behind what was seen already; how much is seen then comes back. Nothing, when
/// it does not.
fn await_text(session: &mut Session, running: &mut Running, pattern: &Regex, seen: usize) -> Option<usize> {
    for _ in 0..LOOKS {
        collect(running);
        let text = shown(running);
        if let Some(found) = text.get(seen..).and_then(|new| pattern.find(new)) {
            return Some(seen + found.end());
        }
        pass(session, LOOK);
    }
    None
}

fn type_text(session: &mut Session, running: &mut Running, text: &str) {
    let Streams::Terminal(tty, _) = &running.streams else { return };
    let tty = tty.clone();
    match text {
        "\u{3}" => {
            tty.write(b"^C");
            interrupt(session, running, Signal::Int);
        }
        "\u{4}" => tty.type_end_of_file(),
        other => tty.type_line(other.trim_end_matches('\n').as_bytes()),
    }
    pass(session, Duration::from_millis(1));
    collect(running);
}

fn answered(record: &Record, running: &Running, interrupted: bool) -> Value {
    let text = |bytes: &[u8]| json!(String::from_utf8_lossy(bytes));
    let mut answer = record.raw.clone();
    let (stdout, stderr) = match &running.streams {
        Streams::Pipes(out, err) => (text(&out.borrow()), text(&err.borrow())),
        Streams::Terminal(_, bytes) => (text(bytes), json!("")),
    };
    answer.insert("stdout".into(), stdout);
    answer.insert("stderr".into(), stderr);
    // The recorder saw the signal itself where a shell shows 128 and its number.
    let exit = running.exit.map(|exit| if interrupted && exit == 130 { -2 } else { exit });
    answer.insert("exit".into(), json!(exit));
    Value::Object(answer)
}
