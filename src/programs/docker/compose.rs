//! `docker compose` and `docker-compose` as far as they go without an application: their help, their version, and that
//! there is no file that describes one. Never runs an application of several containers.

use crate::world::{Call, ExitStatus, LocalFuture};

use super::command::{Flag, read_flags};
use super::flags;
use super::{Docker, help};

const VERSION: &str = "2.40.3-3";
const FLAGS: &str = "--all-resources | | Includes what no service uses\n\
--ansi | string | When to print colours (default \"auto\")\n\
--compatibility | | Runs as older versions did\n\
--dry-run | | Only says what would be done\n\
--env-file | stringArray | Another file of variables\n\
-f, --file | stringArray | The files that describe the application\n\
--parallel | int | How much is done at once, -1 for no limit (default -1)\n\
--profile | stringArray | A profile to enable\n\
--progress | string | auto, tty, plain, json or quiet\n\
--project-directory | string | Another working directory\n\
-p, --project-name | string | Name of the project";
const COMMANDS: &[&str] = &[
    "attach", "build", "commit", "config", "cp", "create", "down", "events", "exec", "export", "images",
    "kill", "logs", "ls", "pause", "port", "ps", "publish", "pull", "push", "restart", "rm", "run", "scale",
    "start", "stats", "stop", "top", "unpause", "up", "version", "volumes", "wait", "watch",
];
/// What such a file is called.
const FILES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// The code of a file that is not there.
const NO_FILE: ExitStatus = 14;

/// The program `docker-compose`.
pub fn main(call: Call) -> LocalFuture<ExitStatus> {
    Box::pin(async move {
        let docker = Docker { call };
        let words = docker.call.args().to_vec();
        run(&docker, &words).await
    })
}

/// `docker compose` with what follows it.
pub async fn run(docker: &Docker, words: &[String]) -> ExitStatus {
    let known: Vec<Flag> = read_flags(FLAGS);
    let parsed = match flags::parse(words, &known, false) {
        Ok(parsed) => parsed,
        Err(error) => {
            docker.err(format!("{error}\n\nUsage:  docker compose [OPTIONS] COMMAND\n\nRun 'docker compose --help' for more information\n")).await;
            return 125;
        }
    };
    let Some(command) = parsed.args.first().filter(|_| parsed.help.is_none()) else {
        docker.out(text(&known)).await;
        return 0;
    };
    match command.as_str() {
        "help" => {
            docker.out(text(&known)).await;
            0
        }
        "version" => {
            docker.out(format!("Docker Compose version {VERSION}\n")).await;
            0
        }
        "ls" => {
            docker.out("NAME                STATUS              CONFIG FILES\n").await;
            0
        }
        name if !COMMANDS.contains(&name) => {
            let shown = super::format::quote(&format!("compose {name}"));
            docker.err(format!("unknown docker command: {shown}\n")).await;
            1
        }
        name => {
            let given = parsed.all("file");
            if let Some(missing) = given.iter().find(|file| !docker.call.sys.exists(&docker.call.path(file)))
            {
                let path = docker.call.path(missing);
                docker.err(format!("open {path}: no such file or directory\n")).await;
                return NO_FILE;
            }
            let there = FILES.iter().any(|file| docker.call.sys.exists(&docker.call.path(file)));
            if given.is_empty() && !there {
                docker.err("no configuration file provided: not found\n").await;
                return NO_FILE;
            }
            docker
                .err(format!(
                    "docker compose {name}: KubeJam does not imitate applications of several containers.\n"
                ))
                .await;
            1
        }
    }
}

fn text(flags: &[Flag]) -> String {
    let list: String = COMMANDS.iter().map(|name| format!("  {name}\n")).collect();
    format!(
        "Usage:  docker compose [OPTIONS] COMMAND\n\nRun applications of several containers\n\nOptions:\n{}\nManagement Commands:\n  bridge\n\nCommands:\n{list}\nRun 'docker compose COMMAND --help' for more information on a command.\n",
        help::flag_lines(flags)
    )
}
