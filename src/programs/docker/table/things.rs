//! Commands on networks, volumes, registries and the engine. Data only: never any code.

use crate::programs::docker::command::Args::{Any, AtLeast, AtMost, Exactly, None, Plainly};
use crate::programs::docker::command::Command;
use crate::programs::docker::{buildx, context, events, inspect, login, network, prune, system, volume};

pub const COMMANDS: &[Command] = &[
    Command {
        path: "login",
        aliases: &[],
        usage: "[OPTIONS] [SERVER]",
        about: "Store credentials for a registry",
        args: AtMost(1),
        flags: "-p, --password | string | The password or token\n\
--password-stdin | | Reads the password from standard input\n\
-u, --username | string | The user",
        mixed: true,
        run: |d, p| Box::pin(login::login(d, p)),
    },
    Command {
        path: "logout",
        aliases: &[],
        usage: "[SERVER]",
        about: "Forget the credentials for a registry",
        args: AtMost(1),
        flags: "",
        mixed: true,
        run: |d, p| Box::pin(login::logout(d, p)),
    },
    Command {
        path: "version",
        aliases: &[],
        usage: "[OPTIONS]",
        about: "Show the versions of client and engine",
        args: None,
        flags: "-f, --format | string | Prints by a Go template, or json",
        mixed: true,
        run: |d, p| Box::pin(system::version(d, p)),
    },
    Command {
        path: "info",
        aliases: &["system info"],
        usage: "[OPTIONS]",
        about: "Show facts about the engine",
        args: None,
        flags: "-f, --format | string | Prints by a Go template, or json",
        mixed: true,
        run: |d, p| Box::pin(system::info(d, p)),
    },
    Command {
        path: "events",
        aliases: &["system events"],
        usage: "[OPTIONS]",
        about: "Show what happens in the engine",
        args: None,
        flags: "-f, --filter | filter | Shows only what fits NAME=VALUE\n\
--format | string | Prints by a Go template\n\
--since | string | From this moment on\n\
--until | string | Up to this moment",
        mixed: true,
        run: |d, p| Box::pin(events::run(d, p)),
    },
    Command {
        path: "inspect",
        aliases: &[],
        usage: "[OPTIONS] NAME|ID [NAME|ID...]",
        about: "Show everything the engine knows about something",
        args: AtLeast(1),
        flags: "-f, --format | string | Prints by a Go template, or json\n\
-s, --size | | Sizes of containers, too\n\
--type | string | Only things of this type",
        mixed: true,
        run: |d, p| Box::pin(inspect::any(d, p)),
    },
    Command {
        path: "container inspect",
        aliases: &[],
        usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        about: "Show everything about containers",
        args: AtLeast(1),
        flags: "-f, --format | string | Prints by a Go template, or json\n\
-s, --size | | Sizes, too",
        mixed: true,
        run: |d, p| Box::pin(inspect::container(d, p)),
    },
    Command {
        path: "image inspect",
        aliases: &[],
        usage: "[OPTIONS] IMAGE [IMAGE...]",
        about: "Show everything about images",
        args: AtLeast(1),
        flags: "-f, --format | string | Prints by a Go template, or json\n\
--platform | string | Platform of the image",
        mixed: true,
        run: |d, p| Box::pin(inspect::image(d, p)),
    },
    Command {
        path: "network inspect",
        aliases: &[],
        usage: "[OPTIONS] NETWORK [NETWORK...]",
        about: "Show everything about networks",
        args: AtLeast(1),
        flags: "-f, --format | string | Prints by a Go template, or json\n\
-v, --verbose | | Says more",
        mixed: true,
        run: |d, p| Box::pin(inspect::network(d, p)),
    },
    Command {
        path: "volume inspect",
        aliases: &[],
        usage: "[OPTIONS] VOLUME [VOLUME...]",
        about: "Show everything about volumes",
        args: AtLeast(1),
        flags: "-f, --format | string | Prints by a Go template, or json",
        mixed: true,
        run: |d, p| Box::pin(inspect::volume(d, p)),
    },
    Command {
        path: "container prune",
        aliases: &[],
        usage: "[OPTIONS]",
        about: "Remove every container that does not run",
        args: None,
        flags: "--filter | filter | Only what fits\n\
-f, --force | | Does not ask",
        mixed: true,
        run: |d, p| Box::pin(prune::prune_containers(d, p)),
    },
    Command {
        path: "image prune",
        aliases: &[],
        usage: "[OPTIONS]",
        about: "Remove images nothing needs",
        args: None,
        flags: "-a, --all | | Every image without a container\n\
--filter | filter | Only what fits\n\
-f, --force | | Does not ask",
        mixed: true,
        run: |d, p| Box::pin(prune::prune_images(d, p)),
    },
    Command {
        path: "buildx ls",
        aliases: &[],
        usage: "",
        about: "List builders",
        args: None,
        flags: "-D, --debug | | Says more\n\
--format | string | Prints by a Go template\n\
--no-trunc | | Shows every platform",
        mixed: true,
        run: |d, p| Box::pin(buildx::list(d, p)),
    },
    Command {
        path: "buildx inspect",
        aliases: &[],
        usage: "[NAME]",
        about: "Show a builder",
        args: AtMost(1),
        flags: "--bootstrap | | Starts it first\n\
--builder | string | Which builder\n\
-D, --debug | | Says more",
        mixed: true,
        run: |d, p| Box::pin(buildx::inspect(d, p)),
    },
    Command {
        path: "buildx use",
        aliases: &[],
        usage: "[OPTIONS] NAME",
        about: "Choose a builder",
        args: AtMost(1),
        flags: "--builder | string | Which builder\n\
-D, --debug | | Says more\n\
--default | | For this context\n\
--global | | For every context",
        mixed: true,
        run: |d, p| Box::pin(buildx::choose(d, p)),
    },
    Command {
        path: "buildx version",
        aliases: &[],
        usage: "",
        about: "Show the builder's version",
        args: None,
        flags: "-D, --debug | | Says more",
        mixed: true,
        run: |d, p| Box::pin(buildx::version(d, p)),
    },
    Command {
        path: "buildx du",
        aliases: &[],
        usage: "",
        about: "Show what the build cache holds",
        args: None,
        flags: "--builder | string | Which builder\n\
-D, --debug | | Says more\n\
--filter | filter | Only what fits\n\
--format | string | Prints by a Go template\n\
--verbose | | Says more of each",
        mixed: true,
        run: |d, p| Box::pin(buildx::du(d, p)),
    },
    Command {
        path: "buildx prune",
        aliases: &[],
        usage: "",
        about: "Remove the build cache",
        args: None,
        flags: "-a, --all | | All of it\n\
--filter | filter | Only what fits\n\
-f, --force | | Does not ask\n\
--builder | string | Which builder\n\
-D, --debug | | Says more\n\
--max-used-space | bytes | Keeps no more than so much\n\
--min-free-space | bytes | Leaves so much free\n\
--reserved-space | bytes | Keeps so much in any case\n\
--verbose | | Says more of each\n\
!--keep-storage | bytes |",
        mixed: true,
        run: |d, p| Box::pin(prune::prune_builder(d, p)),
    },
    Command {
        path: "network create",
        aliases: &[],
        usage: "[OPTIONS] NETWORK",
        about: "Create a network",
        args: Exactly(1),
        flags: "--attachable | | Containers may be put on it by hand\n\
--aux-address | map | Addresses that the driver uses (default map[])\n\
--config-from | string | Takes its settings from another network\n\
--config-only | | Keeps settings for other networks only\n\
-d, --driver | string | Driver of the network (default \"bridge\")\n\
--gateway | strings | Address of the gateway\n\
--ingress | | Makes a swarm's routing network\n\
--internal | | Without a way out\n\
--ip-range | strings | Part of the subnet that containers get addresses from\n\
--ipam-driver | string | Who gives addresses (default \"default\")\n\
--ipam-opt | map | Option of whoever gives addresses (default map[])\n\
--ipv4 | | Gives IPv4 addresses (default true)\n\
--ipv6 | | Gives IPv6 addresses\n\
--label | list | Adds a label\n\
-o, --opt | map | Option of the driver (default map[])\n\
--scope | string | How far it reaches\n\
--subnet | strings | Its addresses",
        mixed: true,
        run: |d, p| Box::pin(network::create(d, p)),
    },
    Command {
        path: "network ls",
        aliases: &["network list"],
        usage: "[OPTIONS]",
        about: "List networks",
        args: None,
        flags: "-f, --filter | filter | Shows only what fits NAME=VALUE\n\
--format | string | Prints by a Go template, or json, or table TEMPLATE\n\
--no-trunc | | Nothing is shortened\n\
-q, --quiet | | Ids only",
        mixed: true,
        run: |d, p| Box::pin(network::list(d, p)),
    },
    Command {
        path: "network rm",
        aliases: &["network remove"],
        usage: "NETWORK [NETWORK...]",
        about: "Remove networks",
        args: AtLeast(1),
        flags: "-f, --force | | No error when there is none",
        mixed: true,
        run: |d, p| Box::pin(network::rm(d, p)),
    },
    Command {
        path: "network prune",
        aliases: &[],
        usage: "[OPTIONS]",
        about: "Remove networks without containers",
        args: None,
        flags: "--filter | filter | Only what fits\n\
-f, --force | | Does not ask",
        mixed: true,
        run: |d, p| Box::pin(network::prune(d, p)),
    },
    Command {
        path: "network connect",
        aliases: &[],
        usage: "[OPTIONS] NETWORK CONTAINER",
        about: "Put a container on a network",
        args: Exactly(2),
        flags: "--alias | strings | Another name on the network\n\
--driver-opt | strings | Option of the network's driver\n\
--gw-priority | int | The highest one is the way out\n\
--ip | string | IPv4 address\n\
--ip6 | string | IPv6 address\n\
--link | list | Links another container by name\n\
--link-local-ip | strings | Link-local addresses",
        mixed: true,
        run: |d, p| Box::pin(network::connect(d, p)),
    },
    Command {
        path: "network disconnect",
        aliases: &[],
        usage: "[OPTIONS] NETWORK CONTAINER",
        about: "Take a container off a network",
        args: Exactly(2),
        flags: "-f, --force | | Even if it misbehaves",
        mixed: true,
        run: |d, p| Box::pin(network::disconnect(d, p)),
    },
    Command {
        path: "volume create",
        aliases: &[],
        usage: "[OPTIONS] [VOLUME]",
        about: "Create a volume",
        args: AtMost(1),
        flags: "-d, --driver | string | Driver of the volume (default \"local\")\n\
--label | list | Adds a label\n\
!--name | string |\n\
-o, --opt | map | Option of the driver (default map[])",
        mixed: true,
        run: |d, p| Box::pin(volume::create(d, p)),
    },
    Command {
        path: "volume ls",
        aliases: &["volume list"],
        usage: "[OPTIONS]",
        about: "List volumes",
        args: None,
        flags: "-f, --filter | filter | Shows only what fits NAME=VALUE\n\
--format | string | Prints by a Go template, or json, or table TEMPLATE\n\
-q, --quiet | | Names only",
        mixed: true,
        run: |d, p| Box::pin(volume::list(d, p)),
    },
    Command {
        path: "volume rm",
        aliases: &["volume remove"],
        usage: "[OPTIONS] VOLUME [VOLUME...]",
        about: "Remove volumes",
        args: AtLeast(1),
        flags: "-f, --force | | No error when there is none",
        mixed: true,
        run: |d, p| Box::pin(volume::rm(d, p)),
    },
    Command {
        path: "volume prune",
        aliases: &[],
        usage: "[OPTIONS]",
        about: "Remove unnamed volumes that nothing mounts",
        args: None,
        flags: "-a, --all | | Named ones, too\n\
--filter | filter | Only what fits\n\
-f, --force | | Does not ask",
        mixed: true,
        run: |d, p| Box::pin(volume::prune(d, p)),
    },
    Command {
        path: "system df",
        aliases: &[],
        usage: "[OPTIONS]",
        about: "Show what takes up space",
        args: None,
        flags: "--format | string | Prints by a Go template\n\
-v, --verbose | | Says more",
        mixed: true,
        run: |d, p| Box::pin(system::df(d, p)),
    },
    Command {
        path: "system prune",
        aliases: &[],
        usage: "[OPTIONS]",
        about: "Remove everything that nothing uses",
        args: None,
        flags: "-a, --all | | Images without a container, not only untagged ones\n\
--filter | filter | Only what fits\n\
-f, --force | | Does not ask\n\
--volumes | | Unnamed volumes, too",
        mixed: true,
        run: |d, p| Box::pin(prune::prune(d, p)),
    },
    Command {
        path: "context ls",
        aliases: &["context list"],
        usage: "[OPTIONS]",
        about: "List contexts",
        args: None,
        flags: "--format | string | Prints by a Go template\n\
-q, --quiet | | Names only",
        mixed: true,
        run: |d, p| Box::pin(context::list(d, p)),
    },
    Command {
        path: "context create",
        aliases: &[],
        usage: "[OPTIONS] CONTEXT",
        about: "Add an engine to talk to",
        args: Exactly(1),
        flags: "--description | string | What it is for\n\
--docker | stringToString | Where the engine is: host=ADDRESS (default [])\n\
--from | string | Takes everything from another context",
        mixed: true,
        run: |d, p| Box::pin(context::create(d, p)),
    },
    Command {
        path: "context update",
        aliases: &[],
        usage: "[OPTIONS] CONTEXT",
        about: "Change what is known of an engine",
        args: Exactly(1),
        flags: "--description | string | What it is for\n\
--docker | stringToString | Where the engine is: host=ADDRESS (default [])",
        mixed: true,
        run: |d, p| Box::pin(context::update(d, p)),
    },
    Command {
        path: "context show",
        aliases: &[],
        usage: "",
        about: "Print the name of the context in use",
        args: None,
        flags: "",
        mixed: true,
        run: |d, p| Box::pin(context::show(d, p)),
    },
    Command {
        path: "context use",
        aliases: &[],
        usage: "CONTEXT",
        about: "Choose which engine to talk to",
        args: Plainly(1),
        flags: "",
        mixed: true,
        run: |d, p| Box::pin(context::choose(d, p)),
    },
    Command {
        path: "context inspect",
        aliases: &[],
        usage: "[OPTIONS] [CONTEXT] [CONTEXT...]",
        about: "Show everything about contexts",
        args: Any,
        flags: "-f, --format | string | Prints by a Go template, or json",
        mixed: true,
        run: |d, p| Box::pin(context::inspect(d, p)),
    },
    Command {
        path: "context rm",
        aliases: &["context remove"],
        usage: "CONTEXT [CONTEXT...]",
        about: "Remove contexts",
        args: AtLeast(1),
        flags: "-f, --force | | Also the one in use",
        mixed: true,
        run: |d, p| Box::pin(context::rm(d, p)),
    },
];
