//! Commands that make containers. Data only: never any code.

use crate::programs::docker::command::Args::AtLeast;
use crate::programs::docker::command::Command;
use crate::programs::docker::{create, run};

/// How much a container may use: for `run`, `create` and `update`.
pub const LIMITS: &str = "--blkio-weight | uint16 | Share of disk time, 10 to 1000, 0 for none (default 0)\n\
--cpu-period | int | Length of a scheduling period\n\
--cpu-quota | int | Processor time per period\n\
--cpu-rt-period | int | Real-time period in microseconds\n\
--cpu-rt-runtime | int | Real-time share in microseconds\n\
-c, --cpu-shares | int | Relative share of the processors\n\
--cpus | decimal | How many processors it may use\n\
--cpuset-cpus | string | Which processors it may use\n\
--cpuset-mems | string | Which memory nodes it may use\n\
-m, --memory | bytes | Limit of memory\n\
--memory-reservation | bytes | Soft limit of memory\n\
--memory-swap | bytes | Memory and swap together, -1 for no limit\n\
--pids-limit | int | Most processes, -1 for no limit";

/// What `run` and `create` take.
pub const CONTAINER: &str = "@limits\n\
--add-host | list | Adds a name with its address to /etc/hosts\n\
--annotation | map | Hands a note to the runtime (default map[])\n\
-a, --attach | list | Connects to stdin, stdout or stderr\n\
--blkio-weight-device | list | Share of disk time per device (default [])\n\
--cap-add | list | Adds a kernel capability\n\
--cap-drop | list | Takes a kernel capability away\n\
--cgroup-parent | string | The cgroup above the container\n\
--cgroupns | string | Which cgroup namespace it sees\n\
--cidfile | string | Writes the new id to this file\n\
--device | list | Passes a device of the machine in\n\
--device-cgroup-rule | list | Adds a rule for devices\n\
--device-read-bps | list | Limits bytes read per second (default [])\n\
--device-read-iops | list | Limits reads per second (default [])\n\
--device-write-bps | list | Limits bytes written per second (default [])\n\
--device-write-iops | list | Limits writes per second (default [])\n\
--disable-content-trust | | Takes unsigned images too (default true)\n\
--dns | list | Name servers to ask\n\
--dns-option | list | Options of the resolver\n\
--dns-search | list | Domains to search\n\
--domainname | string | NIS domain of the container\n\
--entrypoint | string | Runs this in place of the image's entrypoint\n\
-e, --env | list | Sets an environment variable\n\
--env-file | list | Reads environment variables from a file\n\
--expose | list | Declares a port without publishing it\n\
--gpus | gpu-request | Graphics processors to pass in\n\
--group-add | list | Adds a group to the user\n\
--health-cmd | string | Command that tells whether it is healthy\n\
--health-interval | duration | Pause between two checks (default 0s)\n\
--health-retries | int | Failures in a row that count\n\
--health-start-interval | duration | Pause between checks while starting (default 0s)\n\
--health-start-period | duration | Time to start before failures count (default 0s)\n\
--health-timeout | duration | Longest time one check may take (default 0s)\n\
--help | | Prints this text\n\
-h, --hostname | string | Name the container has for itself\n\
--init | | Runs a small init as the first process\n\
-i, --interactive | | Keeps standard input open\n\
--ip | string | IPv4 address on the network\n\
--ip6 | string | IPv6 address on the network\n\
--ipc | string | Which IPC namespace it uses\n\
--isolation | string | How it is isolated\n\
--kernel-memory | bytes | Limit of kernel memory\n\
-l, --label | list | Adds a label\n\
--label-file | list | Reads labels from a file\n\
--link | list | Links another container by name\n\
--link-local-ip | list | Link-local addresses\n\
--log-driver | string | Where output is logged to\n\
--log-opt | list | Option of the log driver\n\
--mac-address | string | Hardware address\n\
--memory-swappiness | int | How readily it swaps, 0 to 100 (default -1)\n\
--mount | mount | Mounts a volume or a directory\n\
--name | string | Name of the container\n\
--network | network | Network to join\n\
--network-alias | list | Another name on that network\n\
--no-healthcheck | | Ignores the image's health check\n\
--oom-kill-disable | | Never killed for want of memory\n\
--oom-score-adj | int | How early it is killed for want of memory\n\
--pid | string | Which process namespace it uses\n\
--platform | string | Platform of the image\n\
--privileged | | Almost all rights of the machine\n\
-p, --publish | list | Publishes a port: HOST:CONTAINER\n\
-P, --publish-all | | Publishes every exposed port on free ones\n\
--pull | string | When to pull: always, missing or never (default \"missing\")\n\
-q, --quiet | | Pulls without showing progress\n\
--read-only | | The image's files cannot be written\n\
--restart | string | When it is started again after it ended (default \"no\")\n\
--rm | | Removes the container when it has ended\n\
--runtime | string | Which runtime runs it\n\
--security-opt | list | Security options\n\
--shm-size | bytes | Size of /dev/shm\n\
--stop-signal | string | Signal that asks it to stop\n\
--stop-timeout | int | Seconds to wait before it is killed\n\
--storage-opt | list | Options of the storage driver\n\
--sysctl | map | Kernel settings (default map[])\n\
--tmpfs | list | Mounts a file system in memory\n\
-t, --tty | | Gives it a terminal\n\
--ulimit | ulimit | Limits of the processes (default [])\n\
--use-api-socket | | Hands the engine's socket in\n\
-u, --user | string | User and group it runs as\n\
--userns | string | Which user namespace it uses\n\
--uts | string | Which UTS namespace it uses\n\
-v, --volume | list | Mounts a volume or directory: SOURCE:TARGET\n\
--volume-driver | string | Driver of new volumes\n\
--volumes-from | list | Mounts what another container mounts\n\
-w, --workdir | string | Directory to start in\n\
!--cpu-count | int |\n\
!--cpu-percent | int |\n\
!--io-maxbandwidth | bytes |\n\
!--io-maxiops | uint64 |";

const RUN_FLAGS: &str = "@container\n\
-d, --detach | | Runs in the background and prints the id\n\
--detach-keys | string | Keys that leave the container running\n\
--sig-proxy | | Passes signals on to the process (default true)";

pub const COMMANDS: &[Command] = &[
    Command {
        path: "run",
        aliases: &["container run"],
        usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        about: "Create a container of an image and start it",
        args: AtLeast(1),
        flags: RUN_FLAGS,
        mixed: false,
        run: |d, p| Box::pin(run::run(d, p)),
    },
    Command {
        path: "create",
        aliases: &["container create"],
        usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        about: "Create a container without starting it",
        args: AtLeast(1),
        flags: "@container",
        mixed: false,
        run: |d, p| Box::pin(create::run(d, p)),
    },
];
