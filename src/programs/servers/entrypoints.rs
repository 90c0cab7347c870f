//! The entry point scripts of catalogue images: they say a line or two and become the real program. Must never
//! stay as a process of their own.

use super::serve::log;
use crate::programs::exec::exec;
use crate::world::sys::ExecError;
use crate::world::{Call, ExitStatus};

/// `docker-entrypoint.sh` of node, redis and bash: options and files of scripts are handed to the image's program.
pub async fn docker(call: Call) -> ExitStatus {
    let mut argv = call.args().to_vec();
    let program = ["node", "redis-server", "bash"]
        .into_iter()
        .find(|name| call.sys.exists(&format!("/usr/local/bin/{name}")))
        .unwrap_or("sh");
    let first = argv.first().cloned().unwrap_or_default();
    let search = call.var("PATH").unwrap_or("").to_owned();
    let is_command = call.sys.find_executable(&first, &call.cwd, &search).is_ok();
    let own = match program {
        "node" => first.starts_with('-') || !is_command,
        "redis-server" => first.starts_with('-') || first.ends_with(".conf"),
        _ => first.starts_with('-'),
    };
    if own {
        argv.insert(0, program.to_owned());
    }
    become_program(call, argv).await
}

/// `/entrypoint.sh` of curlimages/curl.
pub async fn curl(call: Call) -> ExitStatus {
    let mut argv = call.args().to_vec();
    let search = call.var("PATH").unwrap_or("").to_owned();
    let first = argv.first().cloned().unwrap_or_default();
    if first.starts_with('-') || call.sys.find_executable(&first, &call.cwd, &search).is_err() {
        argv.insert(0, "curl".to_owned());
    }
    become_program(call, argv).await
}

/// `/docker-entrypoint.sh` of nginx.
pub async fn nginx(call: Call) -> ExitStatus {
    let argv = call.args().to_vec();
    if argv.first().is_some_and(|a| a == "nginx" || a == "nginx-debug") {
        let out = &call.io.stdout;
        let me = "/docker-entrypoint.sh";
        log(out, format!("{me}: /docker-entrypoint.d/ is not empty, will attempt to perform configuration"))
            .await;
        log(out, format!("{me}: Looking for shell scripts in /docker-entrypoint.d/")).await;
        for script in call.sys.list("/docker-entrypoint.d").unwrap_or_default() {
            let verb = if script.ends_with(".envsh") { "Sourcing" } else { "Launching" };
            log(out, format!("{me}: {verb} /docker-entrypoint.d/{script}")).await;
            if script.starts_with("10-listen-on-ipv6") {
                ipv6(&call, &script).await;
            }
        }
        log(out, format!("{me}: Configuration complete; ready for start up")).await;
    }
    become_program(call, argv).await
}

async fn ipv6(call: &Call, script: &str) {
    let file = "/etc/nginx/conf.d/default.conf";
    let out = &call.io.stdout;
    match call.sys.read_text(file) {
        Err(_) => log(out, format!("{script}: info: {file} is not a file or does not exist")).await,
        Ok(_) => {
            log(out, format!("{script}: info: Getting the checksum of {file}")).await;
            log(out, format!("{script}: info: Enabled listen on IPv6 in {file}")).await;
        }
    }
}

/// Becomes the program, or complains as a POSIX shell's `exec` does.
pub async fn become_program(call: Call, argv: Vec<String>) -> ExitStatus {
    let me = call.argv.first().cloned().unwrap_or_default();
    let name = argv.first().cloned().unwrap_or_default();
    match exec(call, argv).await {
        Ok(status) => status,
        Err((call, error)) => {
            let (text, status) = match error {
                ExecError::NotFound | ExecError::NoSuchFile => ("not found", 127),
                ExecError::Permission | ExecError::IsADirectory => ("Permission denied", 126),
                ExecError::Format => ("Exec format error", 126),
            };
            log(&call.io.stderr, format!("{me}: exec: line 47: {name}: {text}")).await;
            status
        }
    }
}
