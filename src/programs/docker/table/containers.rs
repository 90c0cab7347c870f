//! Commands on containers that are there. Data only: never any code.

use crate::programs::docker::command::Args::{Any, AtLeast, Between, Exactly, None};
use crate::programs::docker::command::Command;
use crate::programs::docker::{archive, attach, containers, copy, exec, logs, ps, start, stats, stop};

pub const COMMANDS: &[Command] = &[
    Command {
        path: "exec",
        aliases: &["container exec"],
        usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
        about: "Run another command in a running container",
        args: AtLeast(2),
        flags: "-d, --detach | | Runs it in the background\n\
--detach-keys | string | Keys that leave the command running\n\
-e, --env | list | Sets an environment variable\n\
--env-file | list | Reads environment variables from a file\n\
-i, --interactive | | Keeps standard input open\n\
--privileged | | Almost all rights of the machine\n\
-t, --tty | | Gives it a terminal\n\
-u, --user | string | User and group it runs as\n\
-w, --workdir | string | Directory to start in",
        mixed: false,
        run: |d, p| Box::pin(exec::run(d, p)),
    },
    Command {
        path: "ps",
        aliases: &["container ls", "container list", "container ps"],
        usage: "[OPTIONS]",
        about: "List containers",
        args: None,
        flags: "-a, --all | | Those that do not run, too\n\
-f, --filter | filter | Shows only what fits NAME=VALUE\n\
--format | string | Prints by a Go template, or json, or table TEMPLATE\n\
-n, --last | int | The last N created, running or not (default -1)\n\
-l, --latest | | The last one created, running or not\n\
--no-trunc | | Nothing is shortened\n\
-q, --quiet | | Ids only\n\
-s, --size | | Sizes, too",
        mixed: true,
        run: |d, p| Box::pin(ps::run(d, p)),
    },
    Command {
        path: "attach",
        aliases: &["container attach"],
        usage: "[OPTIONS] CONTAINER",
        about: "Connect this terminal to a running container",
        args: Exactly(1),
        flags: "--detach-keys | string | Keys that leave the container running\n\
--no-stdin | | Does not connect standard input\n\
--sig-proxy | | Passes signals on to the process (default true)",
        mixed: true,
        run: |d, p| Box::pin(attach::run(d, p)),
    },
    Command {
        path: "commit",
        aliases: &["container commit"],
        usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
        about: "Make an image of a container's files",
        args: Between(1, 2),
        flags: "-a, --author | string | Who made it\n\
-c, --change | list | Applies a Dockerfile instruction\n\
-m, --message | string | A note\n\
-p, --pause | | Pauses the container meanwhile (default true)",
        mixed: false,
        run: |d, p| Box::pin(copy::commit(d, p)),
    },
    Command {
        path: "cp",
        aliases: &["container cp"],
        usage: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
        about: "Copy files between a container and this machine",
        args: Exactly(2),
        flags: "-a, --archive | | Keeps owners\n\
-L, --follow-link | | Follows a link at the source\n\
-q, --quiet | | Says nothing about progress",
        mixed: true,
        run: |d, p| Box::pin(copy::cp(d, p)),
    },
    Command {
        path: "diff",
        aliases: &["container diff"],
        usage: "CONTAINER",
        about: "Show what changed in a container's files",
        args: Exactly(1),
        flags: "",
        mixed: true,
        run: |d, p| Box::pin(copy::diff(d, p)),
    },
    Command {
        path: "export",
        aliases: &["container export"],
        usage: "[OPTIONS] CONTAINER",
        about: "Write a container's files as a tar archive",
        args: Exactly(1),
        flags: "-o, --output | string | File to write",
        mixed: true,
        run: |d, p| Box::pin(archive::export(d, p)),
    },
    Command {
        path: "kill",
        aliases: &["container kill"],
        usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        about: "Send SIGKILL or another signal",
        args: AtLeast(1),
        flags: "-s, --signal | string | Signal to send",
        mixed: true,
        run: |d, p| Box::pin(stop::kill(d, p)),
    },
    Command {
        path: "logs",
        aliases: &["container logs"],
        usage: "[OPTIONS] CONTAINER",
        about: "Show what a container wrote",
        args: Exactly(1),
        flags: "--details | | Shows attributes, too\n\
-f, --follow | | Goes on showing\n\
--since | string | From this moment on, or so long ago\n\
-n, --tail | string | Only the last N lines (default \"all\")\n\
-t, --timestamps | | With times\n\
--until | string | Up to this moment, or so long ago",
        mixed: true,
        run: |d, p| Box::pin(logs::run(d, p)),
    },
    Command {
        path: "pause",
        aliases: &["container pause"],
        usage: "CONTAINER [CONTAINER...]",
        about: "Freeze every process of a container",
        args: AtLeast(1),
        flags: "",
        mixed: true,
        run: |d, p| Box::pin(stop::pause(d, p)),
    },
    Command {
        path: "unpause",
        aliases: &["container unpause"],
        usage: "CONTAINER [CONTAINER...]",
        about: "Thaw a frozen container",
        args: AtLeast(1),
        flags: "",
        mixed: true,
        run: |d, p| Box::pin(stop::unpause(d, p)),
    },
    Command {
        path: "port",
        aliases: &["container port"],
        usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
        about: "Show which ports are published",
        args: Between(1, 2),
        flags: "",
        mixed: true,
        run: |d, p| Box::pin(containers::port(d, p)),
    },
    Command {
        path: "rename",
        aliases: &["container rename"],
        usage: "CONTAINER NEW_NAME",
        about: "Give a container another name",
        args: Exactly(2),
        flags: "",
        mixed: true,
        run: |d, p| Box::pin(containers::rename(d, p)),
    },
    Command {
        path: "restart",
        aliases: &["container restart"],
        usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        about: "Stop containers and start them again",
        args: AtLeast(1),
        flags: "-s, --signal | string | Signal that asks to stop\n\
-t, --timeout | int | Seconds before it is killed\n\
!--time | int | use --timeout instead",
        mixed: true,
        run: |d, p| Box::pin(stop::restart(d, p)),
    },
    Command {
        path: "rm",
        aliases: &["container rm", "container remove"],
        usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        about: "Remove containers",
        args: AtLeast(1),
        flags: "-f, --force | | Running ones, too\n\
-l, --link | | Removes a link\n\
-v, --volumes | | With their unnamed volumes",
        mixed: true,
        run: |d, p| Box::pin(containers::rm(d, p)),
    },
    Command {
        path: "start",
        aliases: &["container start"],
        usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        about: "Start containers that do not run",
        args: AtLeast(1),
        flags: "-a, --attach | | Shows output and passes signals\n\
!--checkpoint | string |\n\
!--checkpoint-dir | string |\n\
--detach-keys | string | Keys that leave the container running\n\
-i, --interactive | | Connects standard input",
        mixed: true,
        run: |d, p| Box::pin(start::run(d, p)),
    },
    Command {
        path: "stats",
        aliases: &["container stats"],
        usage: "[OPTIONS] [CONTAINER...]",
        about: "Show what containers use",
        args: Any,
        flags: "-a, --all | | Those that do not run, too\n\
--format | string | Prints by a Go template, or json, or table TEMPLATE\n\
--no-stream | | Once, not again and again\n\
--no-trunc | | Nothing is shortened",
        mixed: true,
        run: |d, p| Box::pin(stats::stats(d, p)),
    },
    Command {
        path: "stop",
        aliases: &["container stop"],
        usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        about: "Stop running containers",
        args: AtLeast(1),
        flags: "-s, --signal | string | Signal that asks to stop\n\
-t, --timeout | int | Seconds before it is killed\n\
!--time | int | use --timeout instead",
        mixed: true,
        run: |d, p| Box::pin(stop::stop(d, p)),
    },
    Command {
        path: "top",
        aliases: &["container top"],
        usage: "CONTAINER [ps OPTIONS]",
        about: "Show the processes of a container",
        args: AtLeast(1),
        flags: "",
        mixed: false,
        run: |d, p| Box::pin(stats::top(d, p)),
    },
    Command {
        path: "update",
        aliases: &["container update"],
        usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        about: "Change limits and restart policy",
        args: AtLeast(1),
        flags: "@limits\n\
--restart | string | When it is started again after it ended\n\
!--kernel-memory | bytes |",
        mixed: true,
        run: |d, p| Box::pin(containers::update(d, p)),
    },
    Command {
        path: "wait",
        aliases: &["container wait"],
        usage: "CONTAINER [CONTAINER...]",
        about: "Wait for containers to end and print their codes",
        args: AtLeast(1),
        flags: "",
        mixed: true,
        run: |d, p| Box::pin(containers::wait(d, p)),
    },
];
