//! The command line of `node`. Must never run script text itself.

use std::time::Duration;

use super::asks::{Setup, Start};
use super::driver;
use super::versions::DEFAULT_VERSION;
use crate::programs::identity;
use crate::world::{Call, ExitStatus};

/// How long node takes until it runs the first line of a script.
const START_UP: Duration = Duration::from_millis(45);
/// Memory of the imagined machine.
const MEMORY_BYTES: u64 = 8 * 1024 * 1024 * 1024;

const HELP: &str = "\
Usage: node [options] [ script.js ] [arguments]
       node [options] -e CODE [arguments]

  -                     read the program from standard input
  -c, --check           parse the program, do not run it
  -e, --eval=...        run the text that follows
  -h, --help            this page
  -i, --interactive     open the prompt
  -p, --print [...]     run the text that follows and print its value
  -v, --version         print the version

KubeJam's node runs your scripts in virtual time on its own JavaScript engine, with node's http, fs, os, path,
url, util, events, crypto, assert, readline and timers. It does not install packages.
";

/// What the command line asks for.
enum Wanted {
    Print(String),
    Bad(String, ExitStatus),
    Run { start: Option<Start>, rest: Vec<String>, options: Vec<String>, check: bool },
}

/// The version of node that this host carries: images say it in `NODE_VERSION`.
fn version(call: &Call) -> String {
    match call.var("NODE_VERSION") {
        Some(version) if !version.is_empty() => version.trim_start_matches('v').to_owned(),
        _ => DEFAULT_VERSION.to_owned(),
    }
}

/// `node`.
pub async fn run(call: Call) -> ExitStatus {
    let version = version(&call);
    match read(&call, &version) {
        Wanted::Print(text) => {
            call.io.stdout.write(text).await.ok();
            0
        }
        Wanted::Bad(text, status) => {
            call.io.stderr.write(text).await.ok();
            status
        }
        Wanted::Run { start, rest, options, check } => {
            let start = match start {
                Some(start) => start,
                None if call.io.stdin.is_terminal() => Start::Repl,
                None => {
                    let (bytes, _) = call.io.stdin.read_to_end().await;
                    Start::Stdin { text: String::from_utf8_lossy(&bytes).into_owned() }
                }
            };
            call.sys.sleep(START_UP).await;
            let setup = setup(&call, version, start, rest, options);
            driver::run(call, setup, check).await
        }
    }
}

fn read(call: &Call, version: &str) -> Wanted {
    let mut options = Vec::new();
    let mut args = call.args().iter();
    let mut check = false;
    while let Some(arg) = args.next() {
        let (name, inline) = match arg.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (arg.as_str(), None),
        };
        match name {
            "-v" | "--version" => return Wanted::Print(format!("v{version}\n")),
            "-h" | "--help" => return Wanted::Print(HELP.to_owned()),
            "-c" | "--check" => check = true,
            "-i" | "--interactive" => {
                let rest = args.cloned().collect();
                return Wanted::Run { start: Some(Start::Repl), rest, options, check };
            }
            "-e" | "--eval" | "-p" | "--print" | "-pe" => {
                let print = name.contains('p');
                let Some(text) = inline.or_else(|| args.next().cloned()) else {
                    return Wanted::Bad(format!("node: {name} requires an argument\n"), 9);
                };
                let rest = args.cloned().collect();
                return Wanted::Run { start: Some(Start::Eval { text, print }), rest, options, check };
            }
            "--" => {
                let start = args.next().map(|path| Start::File { path: path.clone() });
                return Wanted::Run { start, rest: args.cloned().collect(), options, check };
            }
            "-" => return Wanted::Run { start: None, rest: args.cloned().collect(), options, check },
            _ if is_known_option(name) => options.push(arg.clone()),
            _ if name.starts_with('-') => {
                return Wanted::Bad(format!("{}: bad option: {arg}\n", call.argv[0]), 9);
            }
            _ => {
                let start = Some(Start::File { path: arg.clone() });
                return Wanted::Run { start, rest: args.cloned().collect(), options, check };
            }
        }
    }
    Wanted::Run { start: None, rest: Vec::new(), options, check }
}

/// Options that change nothing here.
fn is_known_option(name: &str) -> bool {
    const KNOWN: &[&str] = &[
        "--no-warnings",
        "--trace-warnings",
        "--trace-uncaught",
        "--inspect",
        "--max-old-space-size",
        "--watch",
        "--enable-source-maps",
        "--no-deprecation",
        "--trace-deprecation",
        "--use-strict",
        "--stack-trace-limit",
        "--unhandled-rejections",
        "--expose-gc",
        "--harmony",
        "--env-file",
        "--experimental-modules",
    ];
    KNOWN.contains(&name)
}

fn setup(call: &Call, version: String, start: Start, rest: Vec<String>, exec_argv: Vec<String>) -> Setup {
    let sys = &call.sys;
    let user = identity::user(sys);
    let program = "/usr/local/bin/node".to_owned();
    let mut argv = vec![if identity::is_machine(sys) { "/usr/bin/node".to_owned() } else { program }];
    if let Start::File { path } = &start {
        argv.push(call.path(path));
    }
    argv.extend(rest);
    Setup {
        version,
        argv,
        exec_argv,
        env: call.env.clone().into_iter().collect(),
        cwd: call.cwd.clone(),
        pid: sys.pid(),
        ppid: 0,
        hostname: identity::hostname(sys),
        ip: sys.own_address(),
        home: user.home,
        user: user.name,
        uid: user.uid,
        stdin_tty: call.io.stdin.is_terminal(),
        stdout_tty: call.io.stdout.is_terminal(),
        stderr_tty: call.io.stderr.is_terminal(),
        columns: call.io.stdout.tty().map_or(80, |t| t.size().cols),
        cpus: 2,
        memory_bytes: MEMORY_BYTES,
        start,
    }
}
