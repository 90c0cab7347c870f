//! Stories of the docker command in virtual time, with a few stand-in programs inside the containers.

use std::rc::Rc;
use std::time::Duration;

use crate::base::{Seed, SimTime};
use crate::cloud::Cloud;
use crate::cloud::project::Project;
use crate::cloud::registry::Repository;
use crate::image::FileTree;
use crate::image::process::{NetNsId, Signal};
use crate::machine::Machine;
use crate::world::host::Host;
use crate::world::kernel::Spawn;
use crate::world::{Call, Env, HostId, Input, Io, Kernel, LocalFuture, Output, Program, World};

const START: SimTime = SimTime::from_secs(1_795_351_539);
const HOME: &str = "/home/student";

/// A machine with docker, and what was said on it so far.
pub struct Story {
    kernel: Rc<Kernel>,
    cwd: String,
    /// Columns of the terminal that commands write to; `None`: pipes.
    pub env: Env,
}

/// `echo`, `sleep`, `false`, `sh -c "exit N"`, and an app that handles SIGINT only.
fn stand_in(name: &str) -> Option<Program> {
    Some(match name {
        "docker" => super::main,
        "echo" => |call| Box::pin(async move { say(&call, &format!("{}\n", call.args().join(" "))).await }),
        "hello-world" => |call| Box::pin(async move { say(&call, "Hello from Docker!\n").await }),
        "true" => |_| Box::pin(async { 0 }),
        "false" => |_| Box::pin(async { 1 }),
        "sleep" => |call| {
            Box::pin(async move {
                call.sys.sleep(Duration::from_secs(call.argv[1].parse().unwrap_or(1))).await;
                0
            })
        },
        "sh" => |call| Box::pin(shell(call)),
        "node" | "docker-entrypoint" => |call| Box::pin(app(call)),
        _ => return None,
    })
}

async fn say(call: &Call, text: &str) -> i32 {
    call.io.stdout.write(text).await.map_or(1, |()| 0)
}

async fn shell(call: Call) -> i32 {
    let line = call.argv.get(2).cloned().unwrap_or_default();
    match line.split_once(' ') {
        Some(("exit", code)) => code.parse().unwrap_or(2),
        Some(("touch", path)) => call.sys.write(path, *b"made").map_or(1, |()| 0),
        Some(("echo", words)) => say(&call, &format!("{words}\n")).await,
        _ => {
            let complaint = format!("/bin/sh: 1: {line}: not found\n");
            call.io.stderr.write(complaint).await.map_or(1, |()| 127)
        }
    }
}

async fn app(call: Call) -> i32 {
    say(&call, "Server running\n").await;
    call.sys.handle(Signal::Int);
    call.sys.next_signal().await;
    say(&call, "Caught interrupt signal and will exit\n").await
}

impl Story {
    pub fn new() -> Self {
        let mut files = FileTree::new();
        files.mkdir(&format!("{HOME}/test"), true, START).expect("a home");
        let env =
            Env::from([("HOME".to_owned(), HOME.to_owned()), ("PATH".to_owned(), "/usr/bin".to_owned())]);
        let host = Host {
            id: HostId::MACHINE,
            container: None,
            hostname: "cloudshell".into(),
            files,
            mounts: Vec::new(),
            netns: NetNsId("machine".into()),
            env: env.clone(),
            user: "root".into(),
            home: HOME.into(),
            next_pid: 400,
            first_process: None,
            limits: Default::default(),
            processes: Default::default(),
        };
        let project = Project::of_learner(Seed(1), "student-1");
        let mut cloud = Cloud::new(Seed(1), project, START);
        cloud.registries.create_repository(Repository {
            project: cloud.project.id.clone(),
            location: "us-central1".to_owned(),
            name: "repo".to_owned(),
            format: "DOCKER".to_owned(),
            description: String::new(),
            created: START,
            updated: START,
        });
        let world = World::new(START, Seed(1), cloud, Machine::new(Seed(1), START), host, "10.0.0.2");
        Story { kernel: Kernel::new(world, stand_in), cwd: HOME.to_owned(), env }
    }

    pub fn project(&self) -> String {
        self.kernel.view(|w| w.cloud.project.id.clone())
    }

    pub fn write(&self, path: &str, text: &str) {
        self.kernel.with(|w| {
            let now = w.now;
            let host = w.hosts.get_mut(&HostId::MACHINE).expect("the machine");
            host.files.write(&format!("{HOME}/{path}"), text.as_bytes(), now).expect("written");
        });
    }

    /// Runs a docker command: standard output, standard error, exit code.
    pub fn docker(&self, line: &str) -> (String, String, i32) {
        self.run(line, Duration::from_secs(600), &[])
    }

    fn run(&self, line: &str, limit: Duration, signals: &[(u64, Signal)]) -> (String, String, i32) {
        let (stdout, out) = Output::buffer(1_000_000);
        let (stderr, err) = Output::buffer(1_000_000);
        let argv = super::build_words(&format!("docker {line}"));
        let io = Io { stdin: Input::Null, stdout, stderr };
        let spec = Spawn {
            host: HostId::MACHINE,
            parent: None,
            group: None,
            argv,
            env: self.env.clone(),
            cwd: self.cwd.clone(),
            io,
            tty: None,
        };
        let code = Rc::new(std::cell::Cell::new(None));
        let ended = Rc::clone(&code);
        let body = move |call: Call| -> LocalFuture<i32> {
            Box::pin(async move {
                let status = super::main(call).await;
                ended.set(Some(status));
                status
            })
        };
        let began = self.kernel.view(|w| w.now);
        let id = self.kernel.spawn(spec, body).expect("room");
        for (after_ms, signal) in signals {
            self.kernel.run_until(began + Duration::from_millis(*after_ms));
            self.kernel.signal(id, *signal);
        }
        let mut until = self.kernel.view(|w| w.now);
        while code.get().is_none() && until < began + limit {
            until += Duration::from_millis(50);
            self.kernel.run_until(until);
        }
        let text =
            |bytes: &Rc<std::cell::RefCell<Vec<u8>>>| String::from_utf8_lossy(&bytes.borrow()).into_owned();
        (text(&out), text(&err), code.get().unwrap_or(-1))
    }

    fn ok(&self, line: &str) -> String {
        let (out, err, code) = self.docker(line);
        assert_eq!(code, 0, "docker {line}\n{out}{err}");
        out
    }
}

mod lines;
mod refusals;

const LAB: &str = "FROM node:lts\nWORKDIR /app\nADD . /app\nEXPOSE 80\nCMD [\"node\", \"app.js\"]\n";

#[test]
fn running_an_image_pulls_it_once() {
    let story = Story::new();
    let (out, err, code) = story.docker("run hello-world");
    assert_eq!((out.as_str(), code), ("Hello from Docker!\n", 0), "{err}");
    assert!(
        err.starts_with(
            "Unable to find image 'hello-world:latest' locally\nlatest: Pulling from library/hello-world\n"
        ),
        "{err}"
    );
    assert_eq!(story.docker("run hello-world").1, "");
    let list = story.ok("ps -a --format '{{.Image}} {{.Command}} {{.Status}}'");
    assert!(list.lines().all(|l| l.starts_with("hello-world \"/hello\" Exited (0) ")), "{list}");
    let (_, err, code) = story.docker("rmi hello-world");
    assert!(err.contains("(must force) - container") && code == 1, "{err}");
}

#[test]
fn a_container_lives_and_stops() {
    let story = Story::new();
    let id = story.ok("run -d -p 4000:80 --name my-app node:lts");
    assert_eq!(id.trim().len(), 64);
    let table = story.ok("ps");
    assert!(
        table.contains("\"docker-entrypoint.s…\"")
            && table.contains("0.0.0.0:4000->80/tcp, [::]:4000->80/tcp   my-app"),
        "{table}"
    );
    assert_eq!(story.ok("logs my-app"), "Server running\n");
    let began = story.kernel.view(|w| w.now);
    assert_eq!(story.ok("stop my-app"), "my-app\n");
    assert!(story.kernel.view(|w| w.now) - began >= Duration::from_secs(10));
    assert_eq!(story.ok("inspect -f '{{.State.ExitCode}} {{.State.Running}}' my-app"), "137 false\n");
    story.ok("start my-app");
    story.ok("kill -s SIGINT my-app");
    assert_eq!(story.ok("wait my-app"), "0\n");
    assert!(story.ok("logs my-app").ends_with("Caught interrupt signal and will exit\n"));
    story.ok("rm my-app");
    assert_eq!(story.docker("rm my-app").1, "Error response from daemon: No such container: my-app\n");
}

#[test]
fn signals_reach_the_container_of_a_foreground_run() {
    let story = Story::new();
    let limit = Duration::from_secs(60);
    let (out, err, code) = story.run("run --name five node:lts", limit, &[(20_000, Signal::Int)]);
    assert!(out.ends_with("Caught interrupt signal and will exit\n") && code == 0, "{out}{err}");
    let three = [(20_000, Signal::Int), (20_100, Signal::Int), (20_200, Signal::Int)];
    let (_, err, code) = story.run("run --name eight busybox sleep 1000", limit, &three);
    assert!(err.ends_with("\ngot 3 SIGTERM/SIGINTs, forcefully exiting\n") && code == 1, "{err}");
    assert!(story.ok("ps").contains("eight"));
}

#[test]
fn mistakes_have_dockers_words() {
    let story = Story::new();
    let check = |line: &str, expect: &str, expected_code: i32| {
        let (_, err, code) = story.docker(line);
        assert_eq!((err.as_str(), code), (expect, expected_code), "docker {line}");
    };
    check(
        "rm",
        "docker: 'docker rm' requires at least 1 argument\n\nUsage:  docker rm [OPTIONS] CONTAINER [CONTAINER...]\n\nSee 'docker rm --help' for more information\n",
        1,
    );
    check(
        "ps --foo",
        "unknown flag: --foo\n\nUsage:  docker ps [OPTIONS]\n\nRun 'docker ps --help' for more information\n",
        125,
    );
    check(
        "images a b",
        "docker: 'docker images' requires at most 1 argument\n\nUsage:  docker images [OPTIONS] [REPOSITORY[:TAG]]\n\nSRun 'docker images --help' for more information\n",
        1,
    );
    check("pss", "docker: unknown command: docker pss\n\nRun 'docker --help' for more information\n", 1);
    check(
        "run --entrypoint nosuch busybox",
        &{
            let (_, err, _) = story.docker("run --entrypoint nosuch busybox");
            let tail = "docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: \"nosuch\": executable file not found in $PATH\n\nRun 'docker run --help' for more information\n";
            assert!(err.ends_with(tail), "{err}");
            tail.to_owned()
        },
        127,
    );
    check(
        "ps --format {{.Nope}}",
        "failed to execute template: template: :1:2: executing \"\" at <.Nope>: can't evaluate field Nope in type *formatter.ContainerContext\n",
        1,
    );
    check("ps --format {{.Image", "failed to parse template: template: :1: unclosed action\n", 1);
    check("inspect nosuch", "Error: No such object: nosuch\n", 1);
    check(
        "run -d --name a busybox",
        "docker: Error response from daemon: Invalid container name (a), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed\n\nRun 'docker run --help' for more information\n",
        125,
    );
    check(
        "run Node-App:0.1",
        "docker: invalid reference format: repository name (library/Node-App) must be lowercase\n\nRun 'docker run --help' for more information\n",
        125,
    );
}

#[test]
fn a_build_is_cached_by_content() {
    let story = Story::new();
    story.write("test/Dockerfile", LAB);
    story.write("test/app.js", "one");
    let (_, first, code) = story.docker("build -t node-app:0.1 test");
    assert_eq!(code, 0, "{first}");
    assert!(
        first.contains("#5 [1/3] FROM docker.io/library/node:lts@sha256:")
            || first.contains("[1/3] FROM docker.io/library/node:lts@sha256:"),
        "{first}"
    );
    let id = story.ok("images -q");
    let (_, again, _) = story.docker("build -t node-app:0.1 test");
    assert!(
        again.contains("[2/3] WORKDIR /app\n#6 CACHED\n") && again.contains("[3/3] ADD . /app\n#7 CACHED\n"),
        "{again}"
    );
    assert_eq!(story.ok("images -q"), id);
    story.write("test/app.js", "two");
    let (_, changed, _) = story.docker("build -t node-app:0.2 test");
    assert!(
        changed.contains("[2/3] WORKDIR /app\n#6 CACHED\n") && changed.contains("[3/3] ADD . /app\n#7 DONE"),
        "{changed}"
    );
    assert_eq!(story.docker("rmi node:lts").1, "Error response from daemon: No such image: node:lts\n");
    let history = story.ok("history node-app:0.2");
    assert!(
        history.contains("CMD [\"node\" \"app.js\"]") && history.contains("ADD . /app # buildkit"),
        "{history}"
    );
    assert_eq!(story.ok("run --rm --entrypoint echo node-app:0.2 hi"), "hi\n");
}

#[test]
fn a_step_runs_and_its_failure_is_quoted() {
    let story = Story::new();
    story.write("test/Dockerfile", "FROM busybox AS base\nRUN touch /made\nFROM scratch\nCOPY --from=base /made /kept\nCMD [\"/kept\"]\n");
    let (_, err, code) = story.docker("build -t x test");
    assert_eq!(code, 0, "{err}");
    assert!(
        err.contains("[base 2/2] RUN touch /made")
            && err.contains("[stage-1 1/1] COPY --from=base /made /kept"),
        "{err}"
    );
    story.write("test/Dockerfile", "FROM busybox\nRUN nosuch --x\n");
    let (_, err, code) = story.docker("build test");
    assert_eq!(code, 1);
    let tail = "Dockerfile:2\n--------------------\n   1 |     FROM busybox\n   2 | >>> RUN nosuch --x\n   3 |     \n--------------------\nERROR: failed to build: failed to solve: process \"/bin/sh -c nosuch --x\" did not complete successfully: exit code: 127\n";
    assert!(err.ends_with(tail), "{err}");
    assert!(err.contains(" > [2/2] RUN nosuch --x:\n"), "{err}");
}

#[test]
fn a_push_needs_credentials_and_then_anyone_of_the_project_can_pull() {
    let story = Story::new();
    story.ok("pull busybox");
    let name = format!("us-central1-docker.pkg.dev/{}/repo/box:v1", story.project());
    story.ok(&format!("tag busybox {name}"));
    let (_, err, code) = story.docker(&format!("push {name}"));
    assert!(err.starts_with("denied: Unauthenticated request.") && code == 1, "{err}");
    story.ok("login -u oauth2accesstoken -p token us-central1-docker.pkg.dev");
    let out = story.ok(&format!("push {name}"));
    assert!(out.contains(": Pushed\n") && out.contains("v1: digest: sha256:"), "{out}");
    assert!(story.ok(&format!("push {name}")).contains(": Layer already exists\n"));
    story.ok(&format!("rmi {name} busybox"));
    let out = story.ok(&format!("run --rm {name} echo pulled"));
    assert_eq!(out, "pulled\n");
    let missing = format!("us-central1-docker.pkg.dev/{}/nope/box:v1", story.project());
    story.ok(&format!("tag {name} {missing}"));
    assert_eq!(story.docker(&format!("push {missing}")).1, "name unknown: Repository \"nope\" not found\n");
}

#[test]
fn every_command_has_its_help() {
    let story = Story::new();
    for command in super::table::commands() {
        let (out, err, code) = story.docker(&format!("{} --help", command.path));
        assert!(
            out.starts_with("Usage:  docker ") && err.is_empty() && code == 0,
            "{}: {out}{err}",
            command.path
        );
    }
    assert!(story.docker("container").1.starts_with("Usage:  docker container COMMAND\n"));
    assert!(story.ok("--help").contains("Management Commands:"));
}

#[test]
fn volumes_outlive_containers_and_networks_know_names() {
    let story = Story::new();
    story.ok("run --rm -v v1:/v busybox sh -c 'touch /v/f'");
    assert!(story.ok("volume ls").contains("local     v1"));
    story.ok("network create n1");
    story.ok("run -d --name web --network n1 busybox sleep 1000");
    let address = story.ok("inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' web");
    assert_eq!(address, "172.18.0.2\n");
    let (_, err, code) = story.docker("network rm n1");
    assert!(
        err.contains("has active endpoints (name:\"web\"") && err.ends_with("exit status 1\n") && code == 1,
        "{err}"
    );
    assert_eq!(
        story.docker("exec web nosuch").0,
        "OCI runtime exec failed: exec failed: unable to start container process: exec: \"nosuch\": executable file not found in $PATH\n"
    );
    assert_eq!(story.docker("exec web sh -c 'exit 7'").2, 7);
}

#[test]
fn the_old_builder_makes_an_image_a_step() {
    let mut story = Story::new();
    story.ok("pull node:lts");
    story.env.insert("DOCKER_BUILDKIT".to_owned(), "0".to_owned());
    story.write("test/Dockerfile", LAB);
    story.write("test/app.js", "one");
    let out = story.ok("build -t old:1 test");
    assert!(
        out.starts_with(
            "Sending build context to Docker daemon  3.072kB\r\r\nStep 1/5 : FROM node:lts\n ---> "
        ),
        "{out}"
    );
    assert!(out.ends_with("Successfully tagged old:1\n"), "{out}");
    let again = story.ok("build -t old:1 test");
    assert_eq!(again.matches(" ---> Using cache\n").count(), 4, "{again}");
    assert_eq!(story.ok("images -a").lines().count(), 6, "head, base, three in between, old:1");
    story.write("test/Dockerfile", "FROM node:lts\nRUN nosuch\n");
    let (out, err, code) = story.docker("build -t old:2 test");
    assert!(
        err.ends_with("The command '/bin/sh -c nosuch' returned a non-zero code: 127\n") && code == 127,
        "{out}{err}"
    );
    assert!(story.ok("ps -a").contains("\"/bin/sh -c nosuch\""), "the step's container stays");
}

#[test]
fn disk_usage_counts_what_the_cache_holds_alone() {
    let story = Story::new();
    story.write("test/Dockerfile", LAB);
    story.write("test/app.js", "one");
    story.ok("build -q -t x test");
    let bytes = LAB.len() + LAB.len() + 3;
    let df = story.ok("system df --format '{{.Type}} {{.Size}}'");
    assert!(df.contains(&format!("Build Cache {bytes}B\n")), "the two files sent: {df}");
    story.ok("rmi x");
    let pruned = story.ok("system prune -f");
    assert!(
        pruned.ends_with(&format!("Total reclaimed space: {}B\n", bytes + LAB.len() + 3)),
        "and the layer: {pruned}"
    );
}
