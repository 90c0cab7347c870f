//! The tree of commands: one entry per command, sorted by its words.

use super::args::{Command, Flag, required, switch, value};
use super::{Run, artifacts, auth, clusters, compute, config, docker, project};

const LOCATION: &[Flag] = &[value("--location"), value("--zone"), value("--region")];
const REPOSITORY: &[Flag] = &[value("--location")];
const NODE_POOLS: &[Flag] = &[value("--cluster"), value("--location"), value("--zone"), value("--region")];

const CLUSTER_CREATE: &[Flag] = &[
    value("--addons"),
    value("--cluster-version"),
    value("--disk-size"),
    value("--disk-type"),
    switch("--enable-autorepair"),
    switch("--enable-autoscaling"),
    switch("--enable-autoupgrade"),
    switch("--enable-ip-alias"),
    value("--image-type"),
    value("--labels"),
    value("--location"),
    value("--machine-type"),
    value("--max-nodes"),
    value("--min-nodes"),
    value("--network"),
    value("--node-locations"),
    value("--num-nodes"),
    switch("--preemptible"),
    value("--region"),
    value("--release-channel"),
    value("--scopes"),
    switch("--spot"),
    value("--subnetwork"),
    value("--tags"),
    value("--zone"),
];

const FIREWALL_CREATE: &[Flag] = &[
    value("--action"),
    value("--allow"),
    value("--description"),
    value("--destination-ranges"),
    value("--direction"),
    switch("--disabled"),
    switch("--enable-logging"),
    value("--logging-metadata"),
    value("--network"),
    value("--priority"),
    value("--resource-manager-tags"),
    value("--rules"),
    value("--source-ranges"),
    value("--source-service-accounts"),
    value("--source-tags"),
    value("--target-service-accounts"),
    value("--target-tags"),
];

const REPOSITORY_CREATE: &[Flag] = &[
    switch("--allow-snapshot-overwrites"),
    value("--description"),
    switch("--disable-vulnerability-scanning"),
    switch("--immutable-tags"),
    value("--kms-key"),
    value("--labels"),
    value("--location"),
    value("--mode"),
    required("--repository-format"),
    value("--version-policy"),
];

const fn entry(
    path: &'static str,
    positionals: &'static [&'static str],
    flags: &'static [Flag],
    about: &'static str,
    run: Run,
) -> Command {
    Command { path, positionals, flags, about, run }
}

/// Every command.
#[rustfmt::skip]
pub static COMMANDS: &[Command] = &[
    entry("artifacts docker images list", &["IMAGE_PATH"], &[switch("--include-tags")], "list the images of a repository", artifacts::images),
    entry("artifacts repositories create", &["REPOSITORY"], REPOSITORY_CREATE, "make a repository", artifacts::create),
    entry("artifacts repositories delete", &["REPOSITORY"], REPOSITORY, "delete a repository with all that is in it", artifacts::delete),
    entry("artifacts repositories describe", &["REPOSITORY"], REPOSITORY, "show one repository", artifacts::describe),
    entry("artifacts repositories list", &[], REPOSITORY, "list repositories", artifacts::list),
    entry("auth configure-docker", &["[REGISTRIES]"], &[switch("--include-artifact-registry")], "let docker use gcloud's credentials", auth::configure_docker),
    entry("auth list", &[], &[value("--filter-account")], "list the accounts that are signed in", auth::list),
    entry("auth login", &["[ACCOUNT]"], &[switch("--no-launch-browser"), switch("--force")], "sign in", auth::login),
    entry("auth print-access-token", &["[ACCOUNT]"], &[], "print a token for the account", auth::print_access_token),
    entry("compute firewall-rules create", &["NAME"], FIREWALL_CREATE, "make a firewall rule", compute::firewall_create),
    entry("compute firewall-rules delete", &["NAME..."], &[], "delete firewall rules", compute::firewall_delete),
    entry("compute firewall-rules describe", &["NAME"], &[], "show one firewall rule", compute::firewall_describe),
    entry("compute firewall-rules list", &[], &[], "list firewall rules", compute::firewall_list),
    entry("compute instances list", &["[NAME]"], &[value("--zones")], "list virtual machines", compute::instances),
    entry("compute regions list", &[], &[], "list regions", compute::regions),
    entry("compute zones list", &[], &[], "list zones", compute::zones),
    entry("config configurations list", &[], &[], "list configurations", config::configurations),
    entry("config get", &["SECTION/PROPERTY"], &[], "print a property", config::get),
    entry("config get-value", &["SECTION/PROPERTY"], &[], "print a property", config::get),
    entry("config list", &["[SECTION/PROPERTY]"], &[switch("--all")], "list the properties that are set", config::list),
    entry("config set", &["SECTION/PROPERTY", "VALUE"], &[switch("--installation")], "set a property", config::set),
    entry("config unset", &["SECTION/PROPERTY"], &[switch("--installation")], "forget a property", config::unset),
    entry("container clusters create", &["NAME"], CLUSTER_CREATE, "create a cluster", clusters::create),
    entry("container clusters delete", &["NAME"], LOCATION, "delete a cluster", clusters::delete),
    entry("container clusters describe", &["NAME"], LOCATION, "show one cluster", clusters::describe),
    entry("container clusters get-credentials", &["NAME"], LOCATION, "let kubectl talk to a cluster", clusters::get_credentials),
    entry("container clusters list", &[], LOCATION, "list clusters", clusters::list),
    entry("container node-pools list", &[], NODE_POOLS, "list the node pools of a cluster", clusters::node_pools),
    entry("docker", &[], &[switch("--authorize-only"), value("--docker-host"), value("--server")], "run docker with the project's credentials", docker::run),
    entry("info", &[], &[], "show what gcloud knows of itself", project::info),
    entry("projects describe", &["PROJECT_ID"], &[], "show one project", project::describe),
    entry("projects list", &[], &[], "list projects", project::list),
    entry("version", &[], &[], "print versions", project::version),
];

#[cfg(test)]
mod tests {
    use super::COMMANDS;

    #[test]
    fn commands_are_sorted() {
        assert!(COMMANDS.windows(2).all(|pair| pair[0].path < pair[1].path));
    }
}
