//! Stories about programs: a command line as a person types it, with pipes and redirections, and everything that it
//! prints. Must never touch the real machine.

use std::rc::Rc;
use std::time::Duration;

use crate::base::{Seed, SimTime};
use crate::cloud::Cloud;
use crate::cloud::project::Project;
use crate::image::files::FileTree;
use crate::machine::Machine;
use crate::world::host::Host;
use crate::world::kernel::Spawn;
use crate::world::network::NetNsId;
use crate::world::{Env, HostId, Input, Io, Kernel, Output, World};

/// 2026-11-22 12:45:39 UTC.
pub const START: SimTime = SimTime::from_secs(1_795_351_539);
const PATIENCE: Duration = Duration::from_secs(600);

/// A world with one machine that has every command and the given files in `/home/ada`.
pub fn kernel(files: &[(&str, &str)]) -> Rc<Kernel> {
    let mut tree = FileTree::new();
    for dir in ["/home/ada", "/tmp", "/etc", "/usr/bin", "/bin", "/dev"] {
        tree.mkdir(dir, true, START).ok();
    }
    for name in super::names().chain(super::servers::PROGRAMS.iter().map(|(name, _)| *name)) {
        tree.put_program(&format!("/usr/bin/{name}"), name, START).ok();
    }
    for name in ["sh", "bash"] {
        tree.put_program(&format!("/bin/{name}"), name, START).ok();
    }
    tree.write(
        "/etc/passwd",
        "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/bash\n".as_bytes(),
        START,
    )
    .ok();
    tree.write("/etc/group", "root:x:0:\nada:x:1000:\n".as_bytes(), START).ok();
    for (name, text) in files {
        let path = format!("/home/ada/{name}");
        let (dir, _) = path.rsplit_once('/').unwrap_or(("/", ""));
        tree.mkdir(dir, true, START).ok();
        tree.write(&path, text.as_bytes(), START).ok();
    }
    tree.chown_all("/home/ada", "ada", "ada").ok();
    let host = Host {
        id: HostId::MACHINE,
        container: None,
        hostname: "box".into(),
        files: tree,
        mounts: Vec::new(),
        netns: NetNsId("machine".into()),
        env: Env::new(),
        user: "ada".into(),
        home: "/home/ada".into(),
        next_pid: 400,
        first_process: None,
        limits: Default::default(),
        processes: Default::default(),
    };
    let cloud = Cloud::new(Seed(1), Project::of_learner(Seed(1), "student-0001"), START);
    let world = World::new(START, Seed(1), cloud, Machine::default(), host, "10.0.0.2");
    Kernel::new(world, super::find)
}

/// Runs a line of bash on a fresh machine; what it wrote to both streams, and `[n]` if it ended with another status than 0.
pub fn run(files: &[(&str, &str)], line: &str) -> String {
    let kernel = kernel(files);
    let (stdout, bytes) = Output::buffer(32 * 1024 * 1024);
    let io = Io { stdin: Input::Null, stdout: stdout.clone(), stderr: stdout };
    let env = Env::from([
        ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
        ("HOME".to_owned(), "/home/ada".to_owned()),
        ("LANG".to_owned(), "en_US.UTF-8".to_owned()),
    ]);
    let argv = vec!["bash".to_owned(), "-c".to_owned(), line.to_owned()];
    let spec = Spawn {
        host: HostId::MACHINE,
        parent: None,
        group: None,
        argv,
        env,
        cwd: "/home/ada".into(),
        io,
        tty: None,
    };
    let bash = super::find("bash").expect("the shell is in the table");
    let status = Rc::new(std::cell::Cell::new(None));
    let seen = status.clone();
    kernel
        .spawn(spec, move |call| {
            Box::pin(async move {
                let code = bash(call).await;
                seen.set(Some(code));
                code
            })
        })
        .expect("room for a process");
    kernel.run_until(START + PATIENCE);
    let mut text = String::from_utf8_lossy(&bytes.borrow()).into_owned();
    match status.get() {
        Some(0) => {}
        Some(code) => text.push_str(&format!("[{code}]")),
        None => text.push_str("[still running]"),
    }
    kernel.shut_down();
    text
}

/// Runs a line and compares everything that it wrote.
pub fn check(line: &str, expect: &str) {
    check_with(&[], line, expect);
}

/// The same with files in the working directory.
pub fn check_with(files: &[(&str, &str)], line: &str, expect: &str) {
    assert_eq!(run(files, line), expect, "for: {line}");
}
