//! Our bash beside the real one: the snippets of `tests/bash/*.sh` run in both, and what they print and how they end
//! must agree. Where no bash 5.2 is installed, its recorded answers (`tests/bash/recorded.jsonl`) stand in.
//! `RECORD=1 cargo test --test bash_differential` records anew; `ONLY=text` runs the snippets whose name has it.
#![allow(clippy::disallowed_methods, reason = "tests read their data and run the real bash")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use kubejam::base::{Seed, SimTime};
use kubejam::cloud::Cloud;
use kubejam::cloud::project::Project;
use kubejam::image::files::FileTree;
use kubejam::machine::Machine;
use kubejam::programs;
use kubejam::world::kernel::Spawn;
use kubejam::world::network::NetNsId;
use kubejam::world::process::State;
use kubejam::world::{Env, Host, HostId, Input, Io, Kernel, Output, World};
use serde_json::{Value, json};

const START: SimTime = SimTime::from_secs(1_800_000_000);
/// Where snippets run, in both worlds.
const DIRECTORY: &str = "/tmp/kubejam-snippets";
/// Agreement in standard output and exit status that is required, in percent.
const REQUIRED_PERCENT: usize = 97;
/// Agreement in standard error on top of that.
const REQUIRED_STDERR_PERCENT: usize = 95;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    stdout: String,
    stderr: String,
    status: i32,
}

struct Snippet {
    topic: String,
    name: String,
    text: String,
}

fn snippets() -> Vec<Snippet> {
    let mut paths: Vec<_> = fs::read_dir("tests/bash")
        .expect("tests/bash")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "sh"))
        .collect();
    paths.sort();
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut all = Vec::new();
    for path in paths {
        let topic = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("readable snippets");
        for section in text.split("#--- ").skip(1) {
            let (name, body) = section.split_once('\n').expect("a name and a body");
            all.push(Snippet { topic: topic.clone(), name: name.into(), text: body.trim_end().into() });
        }
    }
    all.retain(|snippet| format!("{}/{}", snippet.topic, snippet.name).contains(&only));
    all
}

fn environment() -> Env {
    let pairs = [("PATH", "/usr/bin:/bin"), ("HOME", DIRECTORY), ("LC_ALL", "C.UTF-8")];
    pairs.map(|(name, value)| (name.to_string(), value.to_string())).into()
}

fn kernel() -> Rc<Kernel> {
    let mut files = FileTree::new();
    for directory in ["/bin", "/usr/bin", "/tmp", "/etc", "/dev", DIRECTORY] {
        files.mkdir(directory, true, START).expect("room");
    }
    for name in programs::names() {
        files.put_program(&format!("/usr/bin/{name}"), name, START).expect("room");
    }
    files.put_program("/bin/sh", "sh", START).expect("room");
    files.put_program("/bin/bash", "bash", START).expect("room");
    files.write("/etc/passwd", b"root:x:0:0:root:/root:/bin/bash\n".as_slice(), START).expect("room");
    let host = Host {
        id: HostId::MACHINE,
        container: None,
        hostname: "cloudshell".into(),
        files,
        mounts: Vec::new(),
        netns: NetNsId("machine".into()),
        env: environment(),
        user: "root".into(),
        home: DIRECTORY.into(),
        next_pid: 4000,
        first_process: None,
        limits: Default::default(),
        processes: Default::default(),
    };
    let cloud = Cloud::new(Seed(1), Project::of_learner(Seed(1), "student-1"), START);
    let machine = Machine::new(Seed(1), START);
    Kernel::new(World::new(START, Seed(1), cloud, machine, host, "10.0.0.2"), programs::find)
}

fn run_ours(text: &str) -> Answer {
    let kernel = kernel();
    let (stdout, out) = Output::buffer(1 << 20);
    let (stderr, err) = Output::buffer(1 << 20);
    let argv = vec!["bash".to_string(), "-c".to_string(), text.to_string()];
    let spec = Spawn {
        host: HostId::MACHINE,
        parent: None,
        group: None,
        argv,
        env: environment(),
        cwd: DIRECTORY.into(),
        io: Io { stdin: Input::Null, stdout, stderr },
        tty: None,
    };
    let program = programs::find("bash").expect("bash is in the table");
    let ended = Rc::new(std::cell::Cell::new(None));
    let noted = Rc::clone(&ended);
    let id = kernel
        .spawn(spec, move |call| {
            Box::pin(async move {
                let status = program(call).await;
                noted.set(Some(status));
                status
            })
        })
        .expect("room for a process");
    kernel.run_until(START + Duration::from_secs(20));
    let state = kernel.view(|w| w.processes.get(&id).map(|process| process.state));
    let status = match (ended.get(), state) {
        (Some(status), _) => status,
        (None, Some(State::Exited(status))) => status,
        _ => -1,
    };
    kernel.shut_down();
    let text =
        |bytes: &Rc<std::cell::RefCell<Vec<u8>>>| String::from_utf8_lossy(&bytes.borrow()).into_owned();
    Answer { stdout: text(&out), stderr: text(&err), status }
}

fn run_real(text: &str) -> Answer {
    let _ = fs::remove_dir_all(DIRECTORY);
    fs::create_dir_all(DIRECTORY).expect("a directory to work in");
    let mut command = Command::new("/bin/bash");
    std::os::unix::process::CommandExt::arg0(&mut command, "bash");
    let mut child = command
        .args(["-c", text])
        .env_clear()
        .envs(environment())
        .current_dir(DIRECTORY)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash starts");
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    child.stdout.take().expect("piped").read_to_end(&mut stdout).expect("output");
    child.stderr.take().expect("piped").read_to_end(&mut stderr).expect("output");
    let status = child.wait().expect("an end");
    let _ = fs::remove_dir_all(DIRECTORY);
    let signal = std::os::unix::process::ExitStatusExt::signal(&status).map(|signal| 128 + signal);
    Answer {
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
        status: status.code().or(signal).unwrap_or(-1),
    }
}

fn recorded() -> BTreeMap<(String, String), Answer> {
    let text = fs::read_to_string("tests/bash/recorded.jsonl").unwrap_or_default();
    let lines = text.lines().map(|line| {
        let value: Value = serde_json::from_str(line).expect("a JSON line");
        let field = |name: &str| value[name].as_str().unwrap_or_default().to_string();
        let status = value["status"].as_i64().unwrap_or(-1) as i32;
        let answer = Answer { stdout: field("stdout"), stderr: field("stderr"), status };
        ((field("topic"), field("name")), answer)
    });
    lines.collect()
}

fn record(all: &[Snippet]) {
    let mut text = String::new();
    for snippet in all {
        let answer = run_real(&snippet.text);
        let line = json!({
            "topic": snippet.topic, "name": snippet.name,
            "stdout": answer.stdout, "stderr": answer.stderr, "status": answer.status,
        });
        text.push_str(&format!("{line}\n"));
    }
    fs::write("tests/bash/recorded.jsonl", text).expect("a place to record");
}

/// A snippet needs a program that the machine does not have (yet).
fn lacks_a_program(text: &str) -> bool {
    const USED: [&str; 20] = [
        "cat", "chmod", "cut", "diff", "env", "grep", "head", "ln", "ls", "mkdir", "rm", "sed", "seq",
        "sleep", "sort", "tail", "tee", "touch", "tr", "wc",
    ];
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    USED.iter().any(|name| words.contains(name) && programs::find(name).is_none())
}

/// Process numbers differ from run to run.
fn without_pids(text: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        out.push_str(if digits.len() >= 4 && digits.len() <= 7 { "PID" } else { &digits });
        digits.clear();
        out.push(c);
    }
    out.trim_end_matches('\0').to_string()
}

#[test]
fn our_bash_answers_as_the_real_one() {
    let mut all = snippets();
    if std::env::var("RECORD").is_ok() && Path::new("/bin/bash").exists() {
        record(&all);
    }
    all.retain(|snippet| !lacks_a_program(&snippet.text));
    let known = recorded();
    let (mut agree, mut stderr_agree, mut differing) = (0, 0, String::new());
    for snippet in &all {
        let key = (snippet.topic.clone(), snippet.name.clone());
        let expect = known.get(&key).unwrap_or_else(|| panic!("{} / {} is not recorded", key.0, key.1));
        let got = run_ours(&snippet.text);
        let same = got.stdout == expect.stdout && got.status == expect.status;
        let same_stderr = without_pids(&got.stderr) == without_pids(&expect.stderr);
        agree += usize::from(same);
        stderr_agree += usize::from(same_stderr);
        if !same || !same_stderr {
            differing.push_str(&format!(
                "=== {} / {}\n{}\n--- bash: {expect:?}\n--- ours: {got:?}\n",
                snippet.topic, snippet.name, snippet.text
            ));
        }
    }
    println!("{differing}\n{agree} of {} agree, {stderr_agree} in standard error", all.len());
    assert!(agree * 100 >= all.len() * REQUIRED_PERCENT, "{agree} of {} agree\n{differing}", all.len());
    let enough = stderr_agree * 100 >= all.len() * REQUIRED_STDERR_PERCENT;
    assert!(enough, "{stderr_agree} of {} agree in standard error\n{differing}", all.len());
}

/// Where a bash 5.2 is installed, the recorded answers are still what it says.
#[test]
fn the_real_bash_still_answers_as_recorded() {
    let version = Command::new("/bin/bash").arg("--version").output().map(|output| output.stdout);
    if !version.is_ok_and(|text| String::from_utf8_lossy(&text).contains("version 5.2.15")) {
        return;
    }
    let known = recorded();
    let sample: Vec<Snippet> = snippets().into_iter().step_by(10).collect();
    let different: Vec<String> = sample
        .iter()
        .filter(|snippet| !snippet.text.contains("sleep"))
        .filter_map(|snippet| {
            let expect = known.get(&(snippet.topic.clone(), snippet.name.clone()))?;
            let got = run_real(&snippet.text);
            (got.stdout != expect.stdout || got.status != expect.status).then(|| snippet.name.clone())
        })
        .collect();
    assert!(different.len() * 20 <= sample.len(), "no longer as recorded: {different:?}");
}
