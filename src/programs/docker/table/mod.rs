//! The table of commands: what each is called, takes and does. One entry per command; never any code.

mod containers;
mod images;
mod start;
mod things;

use super::command::Command;

/// Flags before the command.
pub const TOP_FLAGS: &str = "--config | string | Where the client keeps its files\n\
-c, --context | string | Which engine to talk to\n\
-D, --debug | | Says more\n\
-H, --host | list | Socket of the engine\n\
-l, --log-level | string | debug, info, warn, error or fatal (default \"info\")\n\
--tls | | Uses TLS\n\
--tlscacert | string | Trusts only this authority\n\
--tlscert | string | Certificate to show\n\
--tlskey | string | Its key\n\
--tlsverify | | Uses TLS and checks the other side\n\
-v, --version | | Prints the version";

/// The commands that help names first.
pub const MAIN: &[&str] =
    &["run", "exec", "ps", "build", "pull", "push", "images", "login", "logout", "search", "version", "info"];

/// Groups of commands.
pub const GROUPS: &[(&str, &str)] = &[
    ("builder", "Manage builds"),
    ("buildx", "Build with BuildKit"),
    ("buildx history", "Look at builds that were"),
    ("buildx imagetools", "Work on images in a registry"),
    ("checkpoint", "Manage checkpoints"),
    ("container", "Manage containers"),
    ("context", "Manage contexts"),
    ("image", "Manage images"),
    ("manifest", "Manage Docker image manifests and manifest lists"),
    ("network", "Manage networks"),
    ("plugin", "Manage plugins"),
    ("system", "Manage Docker"),
    ("trust", "Manage trust on Docker images"),
    ("trust key", "Manage keys for signing"),
    ("trust signer", "Manage who can sign"),
    ("volume", "Manage volumes"),
    ("config", "Manage Swarm configs"),
    ("node", "Manage Swarm nodes"),
    ("secret", "Manage Swarm secrets"),
    ("service", "Manage Swarm services"),
    ("stack", "Manage Swarm stacks"),
    ("swarm", "Manage Swarm"),
];

/// Real commands that are left out, and why.
pub const NOT_IMITATED: &[(&str, &str)] = &[
    ("swarm", "Swarm turns machines into a cluster; Kubernetes does that here."),
    ("service", "Services belong to swarm."),
    ("stack", "Stacks belong to swarm."),
    ("node", "Nodes belong to swarm."),
    ("secret", "Secrets belong to swarm."),
    ("config", "Configs belong to swarm."),
    ("plugin", "Plugins extend the engine."),
    ("manifest", "Manifest lists bundle images of several platforms."),
    ("trust", "docker trust signs images."),
    ("checkpoint", "Checkpoints freeze containers to disk."),
    ("buildx", "Images are built by the one builder there is."),
];

pub use images::LEGACY_BUILD;

/// Flags that several commands have, for a line `@name` in their tables.
pub fn shared(name: &str) -> &'static str {
    match name {
        "limits" => start::LIMITS,
        "container" => start::CONTAINER,
        _ => "",
    }
}

/// Every command.
pub fn commands() -> impl Iterator<Item = &'static Command> {
    [start::COMMANDS, containers::COMMANDS, images::COMMANDS, things::COMMANDS].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_is_taken_twice() {
        let mut paths: Vec<&str> =
            commands().flat_map(|c| std::iter::once(c.path).chain(c.aliases.iter().copied())).collect();
        let all = paths.len();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), all);
    }
}
