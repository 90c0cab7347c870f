//! Stories about processes, pipes, signals and requests in virtual time.

use std::rc::Rc;
use std::time::Duration;

use super::host::Host;
use super::http::{HttpRequest, HttpResponse};
use super::kernel::Spawn;
use super::network::{Bind, NetNsId, Refusal};
use super::process::State;
use super::sys::{Child, Group};
use super::{Call, Env, HostId, Input, Io, Kernel, LocalFuture, Output, ProcessId, World, pipe};
use crate::base::{Seed, SimTime};
use crate::cloud::Cloud;
use crate::cloud::project::Project;
use crate::image::files::FileTree;
use crate::image::process::Signal;
use crate::machine::Machine;

const START: SimTime = SimTime::from_secs(1_800_000_000);

fn kernel() -> Rc<Kernel> {
    let host = Host {
        id: HostId::MACHINE,
        container: None,
        hostname: "cloudshell".into(),
        files: FileTree::new(),
        mounts: Vec::new(),
        netns: NetNsId("machine".into()),
        env: Env::new(),
        user: "root".into(),
        home: "/root".into(),
        next_pid: 400,
        first_process: None,
        limits: Default::default(),
        processes: Default::default(),
    };
    let project = Project::of_learner(Seed(1), "student-1");
    let world =
        World::new(START, Seed(1), Cloud::new(Seed(1), project, START), Machine::default(), host, "10.0.0.2");
    Kernel::new(world, |_| None)
}

fn spawn(kernel: &Rc<Kernel>, stdout: Output, body: impl FnOnce(Call) -> LocalFuture<i32>) -> ProcessId {
    let io = Io { stdin: Input::Null, stdout, stderr: Output::Null };
    let spec = Spawn {
        host: HostId::MACHINE,
        parent: None,
        group: None,
        argv: vec!["story".into()],
        env: Env::new(),
        cwd: "/".into(),
        io,
        tty: None,
    };
    kernel.spawn(spec, body).expect("room for a process")
}

/// Runs a story for `millis` of virtual time and compares what it wrote.
fn check(millis: u64, body: impl FnOnce(Call) -> LocalFuture<i32>, expect: &str) {
    let kernel = kernel();
    let (stdout, bytes) = Output::buffer(1_000_000);
    spawn(&kernel, stdout, body);
    kernel.run_until(START + Duration::from_millis(millis));
    assert_eq!(String::from_utf8_lossy(&bytes.borrow()), expect);
    kernel.shut_down();
}

fn child(io: Io) -> Child {
    Child { argv: vec!["child".into()], env: Env::new(), cwd: "/".into(), io, group: Group::Inherit }
}

#[test]
fn sleeping_takes_virtual_time_only() {
    let story = |call: Call| -> LocalFuture<i32> {
        Box::pin(async move {
            call.sys.sleep(Duration::from_secs(3)).await;
            let waited = call.sys.now() - START;
            call.io.stdout.write(format!("{}s", waited.as_secs())).await.ok();
            0
        })
    };
    check(2_999, story, "");
    check(3_000, story, "3s");
}

#[test]
fn a_pipe_holds_back_a_fast_writer_and_ends_with_it() {
    check(
        1_000,
        |call| {
            Box::pin(async move {
                let (writer, reader) = pipe::pipe();
                let io = Io { stdin: Input::Null, stdout: Output::Pipe(writer), stderr: Output::Null };
                let id = call.sys.spawn_body(child(io), |call| {
                    Box::pin(async move {
                        for _ in 0..1000 {
                            if call.io.stdout.write(vec![b'x'; 1000]).await.is_err() {
                                return 141;
                            }
                        }
                        0
                    })
                });
                let mut total = 0;
                loop {
                    let bytes = reader.read(4096).await;
                    if bytes.is_empty() {
                        break;
                    }
                    total += bytes.len();
                }
                let status = call.sys.wait(id.expect("a child")).await;
                call.io.stdout.write(format!("{total} {status}")).await.ok();
                0
            })
        },
        "1000000 0",
    );
}

#[test]
fn a_writer_without_readers_learns_of_it() {
    check(
        10,
        |call| {
            Box::pin(async move {
                let (writer, reader) = pipe::pipe();
                drop(reader);
                let result = writer.write(b"x").await;
                call.io.stdout.write(format!("{result:?}")).await.ok();
                0
            })
        },
        "Err(BrokenPipe)",
    );
}

#[test]
fn a_busy_loop_lets_time_pass_and_can_be_killed() {
    let kernel = kernel();
    let id = spawn(&kernel, Output::Null, |call| {
        Box::pin(async move {
            loop {
                call.sys.yield_now().await;
            }
        })
    });
    kernel.run_until(START + Duration::from_millis(5));
    assert_eq!(kernel.view(|w| w.now), START + Duration::from_millis(5));
    kernel.signal(id, Signal::Int);
    assert!(kernel.view(|w| !w.processes.contains_key(&id)), "nobody waits for it, so it is gone");
    assert_eq!(kernel.next_wakeup(), None);
}

#[test]
fn a_handled_signal_interrupts_a_wait() {
    let kernel = kernel();
    let (stdout, bytes) = Output::buffer(100);
    let id = spawn(&kernel, stdout, |call| {
        Box::pin(async move {
            call.sys.handle(Signal::Int);
            let result = call.sys.interruptible(call.sys.sleep(Duration::from_secs(60))).await;
            call.io.stdout.write(format!("{result:?}")).await.ok();
            7
        })
    });
    kernel.run_until(START + Duration::from_secs(1));
    kernel.signal(id, Signal::Int);
    kernel.run_until(START + Duration::from_secs(1));
    assert_eq!(String::from_utf8_lossy(&bytes.borrow()), "Err(Int)");
    assert_eq!(kernel.next_wakeup(), None, "the abandoned timer is gone");
}

#[test]
fn a_stopped_process_resumes_where_it_was() {
    let kernel = kernel();
    let (stdout, bytes) = Output::buffer(100);
    let id = spawn(&kernel, stdout, |call| {
        Box::pin(async move {
            call.sys.sleep(Duration::from_secs(1)).await;
            call.io.stdout.write("on").await.ok();
            0
        })
    });
    kernel.run_until(START + Duration::from_millis(500));
    kernel.signal(id, Signal::Tstp);
    kernel.run_until(START + Duration::from_secs(5));
    assert_eq!(kernel.view(|w| w.processes.get(&id).map(|p| p.state)), Some(State::Stopped(Signal::Tstp)));
    assert!(bytes.borrow().is_empty());
    kernel.signal(id, Signal::Cont);
    kernel.run_until(START + Duration::from_secs(5));
    assert_eq!(bytes.borrow().as_slice(), b"on");
}

#[test]
fn a_server_answers_and_a_dead_one_does_not() {
    check(
        10_000,
        |call| {
            Box::pin(async move {
                let sys = call.sys.clone();
                let before = sys.http(HttpRequest::get("localhost", 8080, "/")).await;
                let io = Io { stdin: Input::Null, stdout: Output::Null, stderr: Output::Null };
                let server = sys.spawn_body(child(io), |call| {
                    Box::pin(async move {
                        let listener = call.sys.listen(8080, Bind::Any).expect("a free port");
                        let exchange = listener.accept().await;
                        exchange.respond(HttpResponse::text(200, "OK", "text/plain", "hello"));
                        drop(listener.accept().await);
                        0
                    })
                });
                sys.sleep(Duration::from_millis(1)).await;
                let answered = sys.http(HttpRequest::get("127.0.0.1", 8080, "/")).await.map(|r| r.body);
                let dropped = sys.http(HttpRequest::get("127.0.0.1", 8080, "/")).await.map(|r| r.status);
                sys.wait(server.expect("a child")).await;
                let after = sys.http(HttpRequest::get("cloudshell", 8080, "/")).await.map(|r| r.status);
                let text = answered.map(|b| String::from_utf8_lossy(&b).into_owned());
                let refused = matches!(before, Err(Refusal::Refused));
                call.io.stdout.write(format!("{refused} {text:?} {dropped:?} {after:?}")).await.ok();
                0
            })
        },
        "true Ok(\"hello\") Err(EmptyReply) Err(Refused)",
    );
}
