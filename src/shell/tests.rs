//! Stories about whole shells: scripts, and a person at a terminal. Programs here are the few a story needs.

use std::rc::Rc;
use std::time::Duration;

use crate::base::{Seed, SimTime};
use crate::cloud::Cloud;
use crate::image::files::FileTree;
use crate::image::process::Signal;
use crate::machine::Machine;
use crate::world::kernel::Spawn;
use crate::world::tty::{Shown, Size};
use crate::world::{
    Call, Env, ExitStatus, Host, HostId, Input, Io, Kernel, LocalFuture, Output, Program, Tty, World,
    network::NetNsId,
};

const START: SimTime = SimTime::from_secs(1_800_000_000);

fn cat(call: Call) -> LocalFuture<ExitStatus> {
    Box::pin(async move {
        loop {
            let some = call.io.stdin.read_some(4096).await;
            if some.is_empty() {
                return 0;
            }
            if call.io.stdout.write(some).await.is_err() {
                return 141;
            }
        }
    })
}

fn yes(call: Call) -> LocalFuture<ExitStatus> {
    Box::pin(async move {
        loop {
            if call.io.stdout.write("y\n").await.is_err() {
                return 141;
            }
        }
    })
}

fn sleep(call: Call) -> LocalFuture<ExitStatus> {
    Box::pin(async move {
        let seconds = call.args().first().and_then(|text| text.parse().ok()).unwrap_or(0);
        call.sys.sleep(Duration::from_secs(seconds)).await;
        0
    })
}

fn env(call: Call) -> LocalFuture<ExitStatus> {
    Box::pin(async move {
        let text: String = call.env.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        let _ = call.io.stdout.write(text).await;
        0
    })
}

fn table(name: &str) -> Option<Program> {
    Some(match name {
        "bash" => super::bash,
        "dash" => super::dash,
        "ash" => super::ash,
        "cat" => cat,
        "yes" => yes,
        "sleep" => sleep,
        "env" => env,
        _ => return None,
    })
}

fn kernel() -> Rc<Kernel> {
    let mut files = FileTree::new();
    for directory in ["/bin", "/tmp", "/root", "/dev"] {
        files.mkdir(directory, true, START).expect("an empty tree has room");
    }
    for name in ["bash", "dash", "ash", "cat", "yes", "sleep", "env"] {
        files.put_program(&format!("/bin/{name}"), name, START).expect("the directory is there");
    }
    let host = Host {
        id: HostId::MACHINE,
        container: None,
        hostname: "cloudshell".into(),
        files,
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
    let project = crate::cloud::project::Project::of_learner(Seed(1), "student-1");
    let cloud = Cloud::new(Seed(1), project, START);
    let world = World::new(START, Seed(1), cloud, Machine::default(), host, "10.0.0.2");
    Kernel::new(world, table)
}

fn spawn(kernel: &Rc<Kernel>, argv: &[&str], io: Io, tty: Option<Tty>) {
    let argv: Vec<String> = argv.iter().map(|arg| (*arg).to_string()).collect();
    let env = Env::from([("PATH".into(), "/bin".into()), ("HOME".into(), "/root".into())]);
    let program = table(&argv[0]).expect("a known shell");
    let spec =
        Spawn { host: HostId::MACHINE, parent: None, group: None, argv, env, cwd: "/root".into(), io, tty };
    kernel.spawn(spec, program).expect("room for a process");
}

/// Runs `argv` for ten seconds of virtual time; stdout and stderr together.
fn run(argv: &[&str], stdin: &str) -> String {
    run_for(10_000, argv, stdin)
}

fn run_for(millis: u64, argv: &[&str], stdin: &str) -> String {
    let kernel = kernel();
    let (out, bytes) = Output::buffer(4 << 20);
    let io = Io { stdin: Input::bytes(stdin.as_bytes().to_vec()), stdout: out.clone(), stderr: out };
    spawn(&kernel, argv, io, None);
    kernel.run_until(START + Duration::from_millis(millis));
    let text = String::from_utf8_lossy(&bytes.borrow()).into_owned();
    kernel.shut_down();
    text
}

fn check(script: &str, expect: &str) {
    assert_eq!(run(&["bash", "-c", script], ""), expect, "for: {script}");
}

/// A person at a terminal: lines typed one after another, with what keys do in between.
struct Person {
    kernel: Rc<Kernel>,
    tty: Tty,
    now: SimTime,
}

impl Person {
    fn sits_down() -> Self {
        let kernel = kernel();
        let tty = Tty::new(1, Size::default());
        kernel.with(|w| w.terminals.insert(1, tty.clone()));
        spawn(&kernel, &["bash"], Io::terminal(&tty), Some(tty.clone()));
        let mut person = Person { kernel, tty, now: START };
        person.waits(1);
        person
    }

    fn waits(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
        self.kernel.run_until(self.now);
    }

    fn types(&mut self, line: &str) {
        self.tty.type_line(line.as_bytes());
        self.waits(100);
    }

    fn presses(&mut self, signal: Signal) {
        let group = self.kernel.view(|w| w.foreground.get(&1).copied()).expect("someone is in front");
        self.kernel.signal_group(group, signal);
        self.waits(100);
    }

    fn sees(&self) -> String {
        let shown = self.tty.take_shown().into_iter().filter_map(|item| match item {
            Shown::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            _ => None,
        });
        shown.collect::<String>().replace('\r', "")
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        self.kernel.shut_down();
    }
}

#[test]
fn scripts_run() {
    check("echo hello world", "hello world\n");
    check("x=5; echo $((x*2)) ${x:-no} \"$x\"", "10 5 5\n");
    check("for i in 1 2 3; do echo -n $i; done; echo", "123\n");
    check("echo a | cat | cat", "a\n");
    check("f() { local x=1; echo $x $1; return 3; }; f q; echo $?", "1 q\n3\n");
    check("nosuch; echo $?", "bash: line 1: nosuch: command not found\n127\n");
    check("cd /nowhere; echo $?", "bash: line 1: cd: /nowhere: No such file or directory\n1\n");
    check("cat <<EOF\nhi $((1+1))\nEOF", "hi 2\n");
    check("echo x > /tmp/f; cat < /tmp/f; echo y >> /tmp/f; cat /dev/null < /tmp/f", "x\nx\ny\n");
    check("x=$(echo hi; exit 3); echo $x $?", "hi 3\n");
}

#[test]
fn what_a_loop_runs_comes_back_to_the_loop() {
    check("for i in 1 2; do echo $i | cat; cat < /dev/null; done", "1\n2\n");
    check("bash -c 'for i in 1 2; do cat < /dev/null; echo $i; done'", "1\n2\n");
    check("for i in 1 2; do cat < /dev/null; echo $i; done | cat", "1\n2\n");
    check("(for i in 1 2; do cat < /dev/null; echo $i; done)", "1\n2\n");
}

#[test]
fn pipes_hold_back_and_break() {
    check("yes | { read a; echo $a; }; echo ${PIPESTATUS[0]}", "y\n141\n");
    check("set -o pipefail; false | true; echo $?", "1\n");
    check("while :; do echo z; done | { read x; echo $x; }", "z\n");
}

#[test]
fn endless_things_end_visibly() {
    let deep = run(&["bash", "-c", "f() { f; }; f; echo not reached"], "");
    assert!(deep.starts_with("environment: line 1: f: maximum function nesting level exceeded ("), "{deep}");
    assert!(!deep.contains("not reached"), "{deep}");
    let bomb = run_for(50, &["bash", "-c", "b() { b | b & }; b; sleep 9"], "");
    assert!(bomb.contains("fork: retry: Resource temporarily unavailable"), "{bomb}");
    let big = run(&["bash", "-c", "x=$(yes)"], "");
    assert!(big.contains("cannot allocate"), "{big}");
    let big = run(&["bash", "-c", "echo {1..99999999}"], "");
    assert!(big.contains("failed to allocate"), "{big}");
    assert_eq!(run_for(20, &["bash", "-c", "while :; do :; done"], ""), "", "it is still running");
}

#[test]
fn input_is_shared_with_commands() {
    assert_eq!(run(&["bash"], "read x\nline\necho got $x\ncat\nthe rest\n"), "got line\nthe rest\n");
    assert_eq!(run(&["bash", "-s", "a"], "echo $1 $-\n"), "a hBs\n");
}

#[test]
fn a_person_is_asked() {
    let mut person = Person::sits_down();
    assert_eq!(person.sees(), "bash-5.2# ");
    person.types("echo hi");
    assert_eq!(person.sees(), "echo hi\nhi\nbash-5.2# ");
    person.types("for i in 1 2");
    person.types("do echo $i; done");
    assert_eq!(person.sees(), "for i in 1 2\n> do echo $i; done\n1\n2\nbash-5.2# ");
    person.types("echo )");
    assert_eq!(person.sees(), "echo )\nbash: syntax error near unexpected token `)'\nbash-5.2# ");
    person.types("!!:0 !e");
    person.types("PS1='\\u@\\h:\\w ($PROJECT)\\$ ' PROJECT=p");
    person.sees();
    person.types("cd /tmp");
    assert_eq!(person.sees(), "cd /tmp\nroot@cloudshell:/tmp (p)# ");
}

#[test]
fn completion_knows_what_the_shell_knows() {
    let mut person = Person::sits_down();
    person.types(
        "greet() { :; }; alias ll='cat -l'; PLACE=here; cd /tmp; echo > 'my file'; echo > mine; echo > .hid",
    );
    let check = |line: &str, expect: &[&str]| {
        let view = person.tty.prompt_view().expect("a prompt stands there");
        let completer: super::complete::Completer = |request| {
            let word = format!("{}:{}", request.words.join(","), request.word);
            (request.word == "pods").then(|| vec![super::complete::Candidate::word(&word, "")])
        };
        let found = person.kernel.view(|w| {
            super::complete::complete(w, &view, line, line.len(), |name| (name == "cat").then_some(completer))
        });
        let shown: Vec<String> = found
            .candidates
            .iter()
            .map(|candidate| format!("{}{}", &line[..found.start], candidate.text))
            .collect();
        assert_eq!(shown, expect, "for: {line}");
    };
    check("gre", &["greet"]);
    check("echo a | sle", &["echo a | sleep"]);
    check("echo $PLA", &["echo $PLACE"]);
    check("echo \"${PLA", &["echo \"${PLACE}"]);
    check("cat m", &["cat mine", "cat my\\ file"]);
    check("cat 'my", &["cat 'my file'"]);
    check("cat < mi", &["cat < mine"]);
    check("cat /ro", &["cat /root/"]);
    check("cd /t", &["cd /tmp/"]);
    check("cat .h", &["cat .hid"]);
    check("unset PLA", &["unset PLACE"]);
}

#[test]
fn jobs_stop_go_on_and_end() {
    let mut person = Person::sits_down();
    person.sees();
    person.types("sleep 2 &");
    assert_eq!(person.sees(), "sleep 2 &\n[1] 401\nbash-5.2# ");
    person.types("sleep 50");
    person.presses(Signal::Tstp);
    assert_eq!(person.sees(), "sleep 50\n[2]+  Stopped                 sleep 50\nbash-5.2# ");
    person.types("jobs");
    let expect =
        "jobs\n[1]-  Running                 sleep 2 &\n[2]+  Stopped                 sleep 50\nbash-5.2# ";
    assert_eq!(person.sees(), expect);
    person.waits(3000);
    person.types("bg");
    assert_eq!(person.sees(), "bg\n[2]+ sleep 50 &\n[1]-  Done                    sleep 2\nbash-5.2# ");
    person.types("kill %2");
    person.types("");
    let seen = person.sees();
    assert!(seen.contains("[2]+  Terminated              sleep 50\n"), "{seen}");
}

#[test]
fn ctrl_c_ends_what_runs_and_nothing_else() {
    let mut person = Person::sits_down();
    person.sees();
    person.types("sleep 50; echo not reached");
    person.presses(Signal::Int);
    person.types("echo $?");
    assert_eq!(person.sees(), "sleep 50; echo not reached\nbash-5.2# echo $?\n130\nbash-5.2# ");
    person.presses(Signal::Int);
    assert_eq!(person.sees(), "\nbash-5.2# ", "given up at the prompt, the next one has its own line");
    person.types("while :; do :; done");
    person.presses(Signal::Int);
    person.types("echo $?");
    assert_eq!(person.sees(), "while :; do :; done\nbash-5.2# echo $?\n130\nbash-5.2# ");
    person.types("f() { sleep 50 | cat; }; f; echo no");
    person.presses(Signal::Int);
    person.types("exit 3");
    assert!(person.sees().ends_with("bash-5.2# exit 3\nexit\n"));
}

#[test]
fn plainer_shells_speak_their_own_words() {
    assert_eq!(run(&["dash", "-c", "nosuch"], ""), "dash: 1: nosuch: not found\n");
    assert_eq!(run(&["ash", "-c", "nosuch"], ""), "sh: nosuch: not found\n");
    assert_eq!(run(&["dash", "-c", "[[ a == a ]]"], ""), "dash: 1: [[: not found\n");
    assert_eq!(run(&["dash", "-c", "echo )"], ""), "dash: 1: Syntax error: \")\" unexpected\n");
}
