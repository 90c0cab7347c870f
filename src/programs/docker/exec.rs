//! `docker exec`: another command in a running container.

use crate::machine::docker::lifecycle::home_of;
use crate::machine::docker::{EngineError, Status};
use crate::world::runtime::ContainerProcess;
use crate::world::sys::ExecError;
use crate::world::{Env, HostId, Input, Io, Output};

use super::flags::Parsed;
use super::{Docker, create, format};

/// What the engine knows about the place a command goes to.
struct Target {
    host: HostId,
    env: Env,
    workdir: String,
    user: Option<String>,
}

pub async fn run(docker: Docker, parsed: Parsed) -> i32 {
    let (tty, interactive, detached) = (parsed.is("tty"), parsed.is("interactive"), parsed.is("detach"));
    if let Some(path) = parsed.all("env-file").iter().find(|p| !docker.call.sys.exists(&docker.call.path(p)))
    {
        docker.err(format!("open {path}: no such file or directory\n")).await;
        return 1;
    }
    let target = match target(&docker, &parsed) {
        Ok(target) => target,
        Err(error) => return docker.fail(&error).await,
    };
    if tty && interactive && !docker.call.io.stdin.is_terminal() {
        docker.err("the input device is not a TTY\n").await;
        return 1;
    }
    let stdin = if interactive && !detached { docker.call.io.stdin.clone() } else { Input::Null };
    if let Some(keys) =
        parsed.get("detach-keys").filter(|keys| !keys.is_empty() && super::keys::read(keys).is_none())
    {
        return docker.fail(&EngineError::invalid(format!("Invalid escape keys ({keys}) provided"))).await;
    }
    let io = match detached {
        true => Io { stdin, stdout: Output::Null, stderr: Output::Null },
        false => Io { stdin, stdout: docker.call.io.stdout.clone(), stderr: docker.call.io.stderr.clone() },
    };
    let terminal = if tty && !detached { docker.call.sys.tty() } else { None };
    let argv = parsed.args[1..].to_vec();
    let name = argv.first().cloned().unwrap_or_default();
    let process = ContainerProcess {
        host: target.host,
        argv,
        env: target.env,
        cwd: target.workdir,
        io,
        tty: terminal.clone(),
        user: target.user,
    };
    let parent = (!detached).then_some(docker.call.sys.me);
    let place = docker.call.sys.view(|w| {
        let dir = |path: &str| w.look(process.host, path, |tree, path| tree.is_dir(path)).unwrap_or(false);
        refused_directory(&process.cwd, dir(&process.cwd))
    });
    if let Some((why, code)) = place {
        docker.out(format!("OCI runtime exec failed: exec failed: {why}\n")).await;
        return code;
    }
    let id = match docker.call.sys.kernel().exec(process, parent) {
        Ok(id) => id,
        Err(error) => {
            let (why, code) = exec_error(&name, &error);
            docker
                .out(format!(
                    "OCI runtime exec failed: exec failed: unable to start container process: {why}\n"
                ))
                .await;
            return code;
        }
    };
    if detached {
        return 0;
    }
    if let Some(tty) = &terminal {
        docker.call.sys.with(|w| w.foreground.insert(tty.id, id));
    }
    let code = docker.call.sys.wait(id).await;
    if let Some(tty) = &terminal {
        let group = docker.call.sys.view(|w| w.processes.get(&docker.call.sys.me).map(|p| p.group));
        docker.call.sys.with(|w| group.map(|g| w.foreground.insert(tty.id, g)));
    }
    code
}

fn target(docker: &Docker, parsed: &Parsed) -> Result<Target, EngineError> {
    let files = create::env_files(docker, parsed).unwrap_or_default();
    docker.call.sys.view(|w| {
        let container = w.machine.docker.find(parsed.arg(0))?;
        let refusal = match container.state.status {
            Status::Running => None,
            Status::Paused => {
                Some(format!("Container {} is paused, unpause the container before exec", parsed.arg(0)))
            }
            Status::Restarting => {
                Some(format!("Container {} is restarting, wait until the container is running", container.id))
            }
            _ => Some(format!("container {} is not running", container.id)),
        };
        if let Some(refusal) = refusal {
            return Err(EngineError::conflict(refusal));
        }
        let not_running = || EngineError::conflict(format!("container {} is not running", container.id));
        let host = *w.container_hosts.get(&container.id).ok_or_else(not_running)?;
        let mut env: Env = w.hosts.get(&host).map(|h| h.env.clone()).unwrap_or_default();
        let own_home = container.env.iter().any(|(name, _)| name == "HOME");
        if !own_home {
            env.remove("HOME");
        }
        env.remove("TERM");
        if parsed.is("tty") {
            env.insert("TERM".to_owned(), "xterm".to_owned());
        }
        for item in files.iter().chain(parsed.all("env")) {
            if let Some((name, value)) =
                create::one_variable(docker, item).as_deref().and_then(|v| v.split_once('='))
            {
                env.insert(name.to_owned(), value.to_owned());
            }
        }
        let user = parsed.get("user").map(str::to_owned);
        if let Some(user) = &user {
            container.knows_user(user)?;
        }
        if !env.contains_key("HOME") {
            let who = user.as_deref().unwrap_or(&container.user);
            env.insert("HOME".to_owned(), home_of(&container.files, who));
        }
        let own = if container.workdir.is_empty() { "/" } else { &container.workdir };
        let workdir = parsed.get("workdir").unwrap_or(own).to_owned();
        Ok(Target { host, env, workdir, user })
    })
}

/// What runc says about a directory to start in, and the exit code.
fn refused_directory(path: &str, there: bool) -> Option<(String, i32)> {
    match (path.starts_with('/'), there) {
        (true, true) => None,
        (true, false) => Some((
            format!(
                "unable to start container process: chdir to cwd ({}) set in config.json failed: no such file or directory",
                format::quote(path)
            ),
            127,
        )),
        (false, _) => Some(("Cwd must be an absolute path".to_owned(), 128)),
    }
}

/// runc's words and the exit code.
fn exec_error(name: &str, error: &ExecError) -> (String, i32) {
    let quoted = format::quote(name);
    match error {
        ExecError::NotFound => (format!("exec: {quoted}: executable file not found in $PATH"), 127),
        ExecError::NoSuchFile => (format!("exec: {quoted}: stat {name}: no such file or directory"), 127),
        ExecError::Permission => (format!("exec: {quoted}: permission denied"), 126),
        ExecError::IsADirectory => (format!("exec: {quoted}: permission denied"), 126),
        ExecError::Format => (format!("exec {name}: exec format error"), 126),
    }
}
