//! Commands on networks, volumes, registries and the engine. Data only: never any code.

use crate::programs::docker::command::Args::{Any, AtLeast, AtMost, Exactly, None};
use crate::programs::docker::command::Command;
use crate::programs::docker::{context, inspect, login, network, system, volume};

pub const COMMANDS: &[Command] = &[
    Command {
        path: "login",
        aliases: &[],
        usage: "[OPTIONS] [SERVER]",
        about: "Stores credentials for a registry",
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
        about: "Forgets the credentials for a registry",
        args: AtMost(1),
        flags: "",
        mixed: true,
        run: |d, p| Box::pin(login::logout(d, p)),
    },
    Command {
        path: "version",
        aliases: &[],
        usage: "[OPTIONS]",
        about: "Shows the versions of client and engine",
        args: None,
        flags: "-f, --format | string | Prints by a Go template, or json",
        mixed: true,
        run: |d, p| Box::pin(system::version(d, p)),
    },
    Command {
        path: "info",
        aliases: &["system info"],
        usage: "[OPTIONS]",
        about: "Shows facts about the engine",
        args: None,
        flags: "-f, --format | string | Prints by a Go template, or json",
        mixed: true,
        run: |d, p| Box::pin(system::info(d, p)),
    },
    Command {
        path: "events",
        aliases: &["system events"],
        usage: "[OPTIONS]",
        about: "Shows what happens in the engine",
        args: None,
        flags: "-f, --filter | filter | Shows only what fits NAME=VALUE\n\
--format | string | Prints by a Go template\n\
--since | string | From this moment on\n\
--until | string | Up to this moment",
        mixed: true,
        run: |d, p| Box::pin(system::events(d, p)),
    },
    Command {
        path: "inspect",
        aliases: &[],
        usage: "[OPTIONS] NAME|ID [NAME|ID...]",
        about: "Shows everything the engine knows about something",
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
        about: "Shows everything about containers",
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
        about: "Shows everything about images",
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
        about: "Shows everything about networks",
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
        about: "Shows everything about volumes",
        args: AtLeast(1),
        flags: "-f, --format | string | Prints by a Go template, or json",
        mixed: true,
        run: |d, p| Box::pin(inspect::volume(d, p)),
    },
    Command {
        path: "container prune",
        aliases: &[],
        usage: "[OPTIONS]",
        about: "Removes every container that does not run",
        args: None,
        flags: "--filter | filter | Only what fits\n\
-f, --force | | Does not ask",
        mixed: true,
        run: |d, p| Box::pin(system::prune_containers(d, p)),
    },
    Command {
        path: "image prune",
        aliases: &[],
        usage: "[OPTIONS]",
        about: "Removes images nothing needs",
        args: None,
        flags: "-a, --all | | Every image without a container\n\
--filter | filter | Only what fits\n\
-f, --force | | Does not ask",
        mixed: true,
        run: |d, p| Box::pin(system::prune_images(d, p)),
    },
    Command {
        path: "builder prune",
        aliases: &["buildx prune"],
        usage: "",
        about: "Removes the build cache",
        args: None,
        flags: "-a, --all | | All of it\n\
--filter | filter | Only what fits\n\
-f, --force | | Does not ask\n\
--keep-storage | bytes | Keeps so much",
        mixed: true,
        run: |d, p| Box::pin(system::prune_builder(d, p)),
    },
    Command {
        path: "network create",
        aliases: &[],
        usage: "[OPTIONS] NETWORK",
        about: "Creates a network",
        args: Exactly(1),
        flags: "-d, --driver | string | Driver of the network (default \"bridge\")\n\
--gateway | strings | Address of the gateway\n\
--internal | | Without a way out\n\
--label | list | Adds a label\n\
-o, --opt | map | Option of the driver (default map[])\n\
--subnet | strings | Its addresses",
        mixed: true,
        run: |d, p| Box::pin(network::create(d, p)),
    },
    Command {
        path: "network ls",
        aliases: &["network list"],
        usage: "[OPTIONS]",
        about: "Lists networks",
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
        about: "Removes networks",
        args: AtLeast(1),
        flags: "-f, --force | | No error when there is none",
        mixed: true,
        run: |d, p| Box::pin(network::rm(d, p)),
    },
    Command {
        path: "network prune",
        aliases: &[],
        usage: "[OPTIONS]",
        about: "Removes networks without containers",
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
        about: "Puts a container on a network",
        args: Exactly(2),
        flags: "--alias | strings | Another name on the network\n\
--ip | string | IPv4 address",
        mixed: true,
        run: |d, p| Box::pin(network::connect(d, p)),
    },
    Command {
        path: "network disconnect",
        aliases: &[],
        usage: "[OPTIONS] NETWORK CONTAINER",
        about: "Takes a container off a network",
        args: Exactly(2),
        flags: "-f, --force | | Even if it misbehaves",
        mixed: true,
        run: |d, p| Box::pin(network::disconnect(d, p)),
    },
    Command {
        path: "volume create",
        aliases: &[],
        usage: "[OPTIONS] [VOLUME]",
        about: "Creates a volume",
        args: AtMost(1),
        flags: "-d, --driver | string | Driver of the volume (default \"local\")\n\
--label | list | Adds a label\n\
-o, --opt | map | Option of the driver (default map[])",
        mixed: true,
        run: |d, p| Box::pin(volume::create(d, p)),
    },
    Command {
        path: "volume ls",
        aliases: &["volume list"],
        usage: "[OPTIONS]",
        about: "Lists volumes",
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
        about: "Removes volumes",
        args: AtLeast(1),
        flags: "-f, --force | | No error when there is none",
        mixed: true,
        run: |d, p| Box::pin(volume::rm(d, p)),
    },
    Command {
        path: "volume prune",
        aliases: &[],
        usage: "[OPTIONS]",
        about: "Removes unnamed volumes that nothing mounts",
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
        about: "Shows what takes up space",
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
        about: "Removes everything that nothing uses",
        args: None,
        flags: "-a, --all | | Images without a container, not only untagged ones\n\
--filter | filter | Only what fits\n\
-f, --force | | Does not ask\n\
--volumes | | Unnamed volumes, too",
        mixed: true,
        run: |d, p| Box::pin(system::prune(d, p)),
    },
    Command {
        path: "context ls",
        aliases: &["context list"],
        usage: "[OPTIONS]",
        about: "Lists contexts",
        args: None,
        flags: "--format | string | Prints by a Go template\n\
-q, --quiet | | Names only",
        mixed: true,
        run: |d, p| Box::pin(context::list(d, p)),
    },
    Command {
        path: "context show",
        aliases: &[],
        usage: "",
        about: "Prints the name of the context in use",
        args: None,
        flags: "",
        mixed: true,
        run: |d, p| Box::pin(context::show(d, p)),
    },
    Command {
        path: "context use",
        aliases: &[],
        usage: "CONTEXT",
        about: "Chooses which engine to talk to",
        args: Exactly(1),
        flags: "",
        mixed: true,
        run: |d, p| Box::pin(context::choose(d, p)),
    },
    Command {
        path: "context inspect",
        aliases: &[],
        usage: "[OPTIONS] [CONTEXT] [CONTEXT...]",
        about: "Shows everything about contexts",
        args: Any,
        flags: "-f, --format | string | Prints by a Go template, or json",
        mixed: true,
        run: |d, p| Box::pin(context::inspect(d, p)),
    },
    Command {
        path: "context rm",
        aliases: &["context remove"],
        usage: "CONTEXT [CONTEXT...]",
        about: "Removes contexts",
        args: AtLeast(1),
        flags: "-f, --force | | Also the one in use",
        mixed: true,
        run: |d, p| Box::pin(context::rm(d, p)),
    },
];
