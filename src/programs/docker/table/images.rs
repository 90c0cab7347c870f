//! Commands on images. Data only: never any code.

use crate::programs::docker::command::Args::{AtLeast, AtMost, Exactly, None};
use crate::programs::docker::command::Command;
use crate::programs::docker::{archive, build, images, pull, push};

/// `docker build` with `DOCKER_BUILDKIT=0`, and where docker's own help tells of it.
pub static LEGACY_BUILD: Command = Command {
    path: "build",
    aliases: &["image build", "builder build"],
    usage: "[OPTIONS] PATH | URL | -",
    about: "Build an image from a Dockerfile",
    args: Exactly(1),
    flags: "--add-host | list | Adds a name with its address\n\
--build-arg | list | Sets an ARG of the Dockerfile\n\
--cache-from | strings | Takes cache from these images\n\
--cgroup-parent | string | The cgroup above RUN steps\n\
--compress | | Sends the context packed\n\
--cpu-period | int | Length of a scheduling period\n\
--cpu-quota | int | Processor time per period\n\
-c, --cpu-shares | int | Relative share of the processors\n\
--cpuset-cpus | string | Which processors RUN steps may use\n\
--cpuset-mems | string | Which memory nodes RUN steps may use\n\
--disable-content-trust | | Takes unsigned images too (default true)\n\
-f, --file | string | Name of the Dockerfile\n\
--force-rm | | Removes the containers of steps in any case\n\
--iidfile | string | Writes the image's id to this file\n\
--isolation | string | How RUN steps are isolated\n\
--label | list | Adds a label to the image\n\
-m, --memory | bytes | Limit of memory\n\
--memory-swap | bytes | Memory and swap together, -1 for no limit\n\
--network | string | Network of RUN steps (default \"default\")\n\
--no-cache | | Builds every step anew\n\
--platform | string | Platform to build for\n\
--pull | | Asks the registry for newer base images\n\
-q, --quiet | | Prints the image's id only\n\
--rm | | Removes the containers of steps that went well (default true)\n\
--security-opt | strings | Security options\n\
--shm-size | bytes | Size of /dev/shm\n\
!--squash | |\n\
-t, --tag | list | Name and tag of the image\n\
--target | string | Builds up to this stage\n\
--ulimit | ulimit | Limits of the processes (default [])",
    mixed: true,
    run: |d, p| Box::pin(build::run_legacy(d, p)),
};

pub const COMMANDS: &[Command] = &[
    Command {
        path: "build",
        aliases: &["image build", "builder build", "buildx build", "buildx b"],
        usage: "[OPTIONS] PATH | URL | -",
        about: "Build an image from a Dockerfile",
        args: Exactly(1),
        flags: "--add-host | strings | Adds a name with its address\n\
--allow | stringArray | Allows privileged steps\n\
--annotation | stringArray | Adds a note to the image\n\
--attest | stringArray | Adds an attestation\n\
--build-arg | stringArray | Sets an ARG of the Dockerfile\n\
--build-context | stringArray | Adds another context by name\n\
--builder | string | Which builder builds\n\
--cache-from | stringArray | Takes cache from elsewhere\n\
--cache-to | stringArray | Stores cache elsewhere\n\
--call | string | build, check, outline or targets (default \"build\")\n\
--cgroup-parent | string | The cgroup above RUN steps\n\
--check | | Only checks the Dockerfile\n\
-D, --debug | | Says more\n\
-f, --file | string | Name of the Dockerfile\n\
--iidfile | string | Writes the image's id to this file\n\
--label | stringArray | Adds a label to the image\n\
--load | | Keeps the result as an image here\n\
--metadata-file | string | Writes facts about the build to this file\n\
--network | string | Network of RUN steps (default \"default\")\n\
--no-cache | | Builds every step anew\n\
--no-cache-filter | stringArray | Builds these stages anew\n\
-o, --output | stringArray | Where the result goes\n\
--platform | stringArray | Platform to build for\n\
--progress | string | auto, none, plain, quiet, rawjson or tty (default \"auto\")\n\
--provenance | string | Adds an attestation of provenance\n\
--pull | | Asks the registry for newer base images\n\
--push | | Pushes the result\n\
-q, --quiet | | Prints the image's id only\n\
--sbom | string | Adds an attestation of contents\n\
--secret | stringArray | Shows a secret to RUN steps\n\
--shm-size | bytes | Size of /dev/shm in RUN steps\n\
--ssh | stringArray | Hands an ssh agent to RUN steps\n\
-t, --tag | stringArray | Name of the image, NAME:TAG\n\
--target | string | Stage to build\n\
--ulimit | ulimit | Limits of the processes\n\
!--print | string |\n\
!--compress | |\n\
!--isolation | string |\n\
!--security-opt | strings |\n\
!--squash | |\n\
!-m, --memory | string |\n\
!--memory-swap | string |\n\
!-c, --cpu-shares | int |\n\
!--cpu-period | int |\n\
!--cpu-quota | int |\n\
!--cpuset-cpus | string |\n\
!--cpuset-mems | string |\n\
!--rm | |\n\
!--force-rm | |",
        mixed: true,
        run: |d, p| Box::pin(build::run(d, p)),
    },
    Command {
        path: "pull",
        aliases: &["image pull"],
        usage: "[OPTIONS] NAME[:TAG|@DIGEST]",
        about: "Download an image from a registry",
        args: Exactly(1),
        flags: "-a, --all-tags | | Every tag of the repository\n\
--disable-content-trust | | Takes unsigned images too (default true)\n\
--platform | string | Platform of the image\n\
-q, --quiet | | Prints the name only",
        mixed: true,
        run: |d, p| Box::pin(pull::run(d, p)),
    },
    Command {
        path: "push",
        aliases: &["image push"],
        usage: "[OPTIONS] NAME[:TAG]",
        about: "Upload an image to a registry",
        args: Exactly(1),
        flags: "-a, --all-tags | | Every tag of the repository\n\
--disable-content-trust | | Does not sign (default true)\n\
--platform | string | Only this platform\n\
-q, --quiet | | Prints the name only",
        mixed: true,
        run: |d, p| Box::pin(push::run(d, p)),
    },
    Command {
        path: "images",
        aliases: &["image ls", "image list"],
        usage: "[OPTIONS] [REPOSITORY[:TAG]]",
        about: "List images",
        args: AtMost(1),
        flags: "-a, --all | | Intermediate ones, too\n\
--digests | | Digests, too\n\
-f, --filter | filter | Shows only what fits NAME=VALUE\n\
--format | string | Prints by a Go template, or json, or table TEMPLATE\n\
--no-trunc | | Nothing is shortened\n\
-q, --quiet | | Ids only\n\
--tree | | Platforms as a tree",
        mixed: true,
        run: |d, p| Box::pin(images::list(d, p)),
    },
    Command {
        path: "history",
        aliases: &["image history"],
        usage: "[OPTIONS] IMAGE",
        about: "Show the steps an image was made of",
        args: Exactly(1),
        flags: "--format | string | Prints by a Go template, or json, or table TEMPLATE\n\
-H, --human | | Sizes and dates for people (default true)\n\
--no-trunc | | Nothing is shortened\n\
--platform | string | Platform of the image\n\
-q, --quiet | | Ids only",
        mixed: true,
        run: |d, p| Box::pin(images::history(d, p)),
    },
    Command {
        path: "import",
        aliases: &["image import"],
        usage: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
        about: "Make an image of a tar archive",
        args: AtLeast(1),
        flags: "-c, --change | list | Applies a Dockerfile instruction\n\
-m, --message | string | A note\n\
--platform | string | Platform of the image",
        mixed: true,
        run: |d, p| Box::pin(archive::import(d, p)),
    },
    Command {
        path: "load",
        aliases: &["image load"],
        usage: "[OPTIONS]",
        about: "Take images in from a tar archive",
        args: None,
        flags: "-i, --input | string | File to read\n\
--platform | string | Only this platform\n\
-q, --quiet | | Says less",
        mixed: true,
        run: |d, p| Box::pin(archive::load(d, p)),
    },
    Command {
        path: "rmi",
        aliases: &["image rm", "image remove"],
        usage: "[OPTIONS] IMAGE [IMAGE...]",
        about: "Remove images",
        args: AtLeast(1),
        flags: "-f, --force | | Even if it is in use or has more names\n\
--no-prune | | Keeps untagged parents\n\
--platform | strings | Only this platform",
        mixed: true,
        run: |d, p| Box::pin(images::rmi(d, p)),
    },
    Command {
        path: "save",
        aliases: &["image save"],
        usage: "[OPTIONS] IMAGE [IMAGE...]",
        about: "Write images as a tar archive",
        args: AtLeast(1),
        flags: "-o, --output | string | File to write\n\
--platform | string | Only this platform",
        mixed: true,
        run: |d, p| Box::pin(archive::save(d, p)),
    },
    Command {
        path: "search",
        aliases: &[],
        usage: "[OPTIONS] TERM",
        about: "Search Docker Hub",
        args: Exactly(1),
        flags: "-f, --filter | filter | Shows only what fits\n\
--format | string | Prints by a Go template\n\
--limit | int | At most so many\n\
--no-trunc | | Nothing is shortened",
        mixed: true,
        run: |d, p| Box::pin(pull::search(d, p)),
    },
    Command {
        path: "tag",
        aliases: &["image tag"],
        usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
        about: "Give an image another name",
        args: Exactly(2),
        flags: "",
        mixed: false,
        run: |d, p| Box::pin(images::tag(d, p)),
    },
];
