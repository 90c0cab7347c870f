//! Which function runs a command, and what commands, groups and flags are for, in words of ours.

use super::{
    Run, artifacts, auth, cluster_create, cluster_update, clusters, components, compute, config,
    configurations, container_images, docker, docker_config, firewall, images, instances, node_pools,
    project, server_config, services,
};

/// A command that is imitated.
pub struct Command {
    /// Its words after `gcloud`.
    pub path: &'static str,
    /// What it does, in a sentence of ours.
    pub about: &'static str,
    /// What runs it.
    pub run: Run,
}

const fn entry(path: &'static str, about: &'static str, run: Run) -> Command {
    Command { path, about, run }
}

/// Every command, sorted by its words.
#[rustfmt::skip]
pub static COMMANDS: &[Command] = &[
    entry("artifacts docker images delete", "take an image out of a repository", images::delete),
    entry("artifacts docker images describe", "show one image", images::describe),
    entry("artifacts docker images list", "list the images of a repository", images::list),
    entry("artifacts docker tags add", "give an image another tag", images::add_tag),
    entry("artifacts docker tags delete", "take a tag away from its image", images::delete_tag),
    entry("artifacts docker tags list", "list tags and the digests they point at", images::tags),
    entry("artifacts locations list", "list where repositories can be", artifacts::locations),
    entry("artifacts repositories create", "make a repository", artifacts::create),
    entry("artifacts repositories delete", "delete a repository with all that is in it", artifacts::delete),
    entry("artifacts repositories describe", "show one repository", artifacts::describe),
    entry("artifacts repositories list", "list repositories", artifacts::list),
    entry("auth activate-service-account", "sign a service account in", auth::activate_service_account),
    entry("auth application-default print-access-token", "print a token for programs", auth::print_access_token),
    entry("auth configure-docker", "let docker use gcloud's credentials", docker_config::configure),
    entry("auth list", "list the accounts that are signed in", auth::list),
    entry("auth login", "sign in", auth::login),
    entry("auth print-access-token", "print a token for the account", auth::print_access_token),
    entry("auth print-identity-token", "print a token that says who one is", auth::print_identity_token),
    entry("auth revoke", "sign an account out", auth::revoke),
    entry("components install", "add components of gcloud", components::change),
    entry("components remove", "take components of gcloud away", components::change),
    entry("components repositories list", "list further sources of components", components::repositories),
    entry("components update", "bring gcloud up to date", components::update),
    entry("compute addresses delete", "release reserved addresses", compute::address),
    entry("compute addresses describe", "show one reserved address", compute::address),
    entry("compute addresses list", "list reserved addresses", compute::none),
    entry("compute firewall-rules create", "make a firewall rule", firewall::create),
    entry("compute firewall-rules delete", "delete firewall rules", firewall::delete),
    entry("compute firewall-rules describe", "show one firewall rule", firewall::describe),
    entry("compute firewall-rules list", "list firewall rules", firewall::list),
    entry("compute firewall-rules update", "change a firewall rule", firewall::update),
    entry("compute forwarding-rules describe", "show one front end", compute::forwarding_rule),
    entry("compute forwarding-rules list", "list the front ends of load balancers", compute::forwarding_rules),
    entry("compute instances create", "make virtual machines", instances::create),
    entry("compute instances delete", "delete virtual machines", instances::delete),
    entry("compute instances describe", "show one virtual machine", instances::describe),
    entry("compute instances list", "list virtual machines, the nodes of clusters among them", instances::list),
    entry("compute instances reset", "press a virtual machine's reset button", instances::switch),
    entry("compute instances start", "switch virtual machines on", instances::switch),
    entry("compute instances stop", "switch virtual machines off", instances::switch),
    entry("compute machine-types list", "list the sizes that machines come in", compute::machine_types),
    entry("compute networks describe", "show one network", compute::describe_network),
    entry("compute networks list", "list networks", compute::networks),
    entry("compute networks subnets list", "list the networks' parts in each region", compute::subnets),
    entry("compute regions describe", "show one region with its quotas", compute::region),
    entry("compute regions list", "list regions", compute::regions),
    entry("compute target-pools list", "list the back ends of load balancers", compute::none),
    entry("compute zones describe", "show one zone", compute::zone),
    entry("compute zones list", "list zones", compute::zones),
    entry("config configurations activate", "choose the configuration that counts", configurations::activate),
    entry("config configurations create", "make a configuration and choose it", configurations::create),
    entry("config configurations delete", "delete configurations", configurations::delete),
    entry("config configurations describe", "show one configuration", configurations::describe),
    entry("config configurations list", "list configurations", configurations::list),
    entry("config configurations rename", "give a configuration another name", configurations::rename),
    entry("config get", "print a property", config::get),
    entry("config get-value", "print a property", config::get),
    entry("config list", "list the properties that are set", config::list),
    entry("config set", "set a property", config::set),
    entry("config unset", "forget a property", config::unset),
    entry("container clusters create", "create a cluster and point kubectl at it", cluster_create::create),
    entry("container clusters create-auto", "create a cluster that manages its nodes itself", cluster_create::create_auto),
    entry("container clusters delete", "delete clusters", clusters::delete),
    entry("container clusters describe", "show one cluster", clusters::describe),
    entry("container clusters get-credentials", "point kubectl at a cluster", clusters::get_credentials),
    entry("container clusters list", "list clusters", clusters::list),
    entry("container clusters resize", "change how many nodes a cluster has", clusters::resize),
    entry("container clusters update", "change a cluster's settings", cluster_update::update),
    entry("container clusters upgrade", "bring a cluster to another version", cluster_update::upgrade),
    entry("container get-server-config", "show the versions that clusters can have", server_config::show),
    entry("container images delete", "delete images of Container Registry", container_images::delete),
    entry("container images describe", "show one image of Container Registry", container_images::describe),
    entry("container images list", "list the images of Container Registry", container_images::list),
    entry("container images list-tags", "list the versions of an image", container_images::list_tags),
    entry("container node-pools create", "add nodes of another kind to a cluster", node_pools::create),
    entry("container node-pools delete", "take a pool of nodes away", node_pools::delete),
    entry("container node-pools describe", "show one pool of nodes", node_pools::describe),
    entry("container node-pools list", "list the pools of nodes of a cluster", node_pools::list),
    entry("container operations describe", "show one operation", server_config::describe_operation),
    entry("container operations list", "list what was begun with clusters", server_config::list_operations),
    entry("container operations wait", "wait for an operation to end", server_config::describe_operation),
    entry("docker", "run docker with the project's credentials", docker::run),
    entry("info", "show what gcloud knows of itself", components::info),
    entry("projects describe", "show one project", project::describe),
    entry("projects list", "list projects", project::list),
    entry("services disable", "switch APIs off", services::disable),
    entry("services enable", "switch APIs on", services::enable),
    entry("services list", "list the APIs that are switched on", services::list),
    entry("version", "print versions", components::version),
];

/// What groups are for.
const GROUPS: &[(&str, &str)] = &[
    ("", "work with a cloud project"),
    ("artifacts", "repositories for images and packages"),
    ("artifacts docker", "images in repositories"),
    ("artifacts docker images", "versions of images"),
    ("artifacts docker tags", "names of versions"),
    ("artifacts repositories", "repositories themselves"),
    ("auth", "accounts and their tokens"),
    ("components", "the parts that gcloud consists of"),
    ("compute", "virtual machines and their network"),
    ("compute firewall-rules", "what may come in and go out"),
    ("compute instances", "virtual machines"),
    ("compute networks", "private networks"),
    ("config", "gcloud's own settings"),
    ("config configurations", "several sets of settings"),
    ("container", "Kubernetes clusters"),
    ("container clusters", "clusters themselves"),
    ("container images", "images in Container Registry"),
    ("container node-pools", "nodes of one kind within a cluster"),
    ("container operations", "what was begun with clusters"),
    ("projects", "projects that the account may use"),
    ("services", "APIs of a project"),
];

/// What flags are for, where that needs words.
const FLAGS: &[(&str, &str)] = &[
    ("--allow", "Protocols and ports that are let in, such as tcp:31000 or icmp."),
    ("--async", "Do not wait for the end."),
    ("--cluster", "The cluster that is meant."),
    ("--disk-size", "Size of each node's disk."),
    ("--filter", "Only what an expression holds for, such as name~^gke."),
    ("--limit", "No more than so many."),
    ("--location", "A zone or region."),
    ("--machine-type", "How big each machine is, such as e2-medium."),
    ("--network", "The network that is meant."),
    ("--num-nodes", "Nodes in each zone."),
    ("--region", "A region: the control plane and the nodes are spread over its zones."),
    ("--repository-format", "What the repository holds, such as docker."),
    ("--sort-by", "Keys to sort by; ~ turns the order round."),
    ("--source-ranges", "Addresses that the rule is about; everybody if it is left out."),
    ("--uri", "Print links only."),
    ("--zone", "A zone, such as us-central1-a."),
];

/// The command of these words, if it is imitated.
pub fn find(path: &str) -> Option<&'static Command> {
    COMMANDS.binary_search_by(|command| command.path.cmp(path)).ok().map(|at| &COMMANDS[at])
}

/// What a command or group is for.
pub fn about(path: &str) -> &'static str {
    let group = || GROUPS.iter().find(|(name, _)| *name == path).map(|(_, about)| *about);
    find(path).map(|command| command.about).or_else(group).unwrap_or("not imitated here")
}

/// What a flag is for, where that needs words.
pub fn flag_about(name: &str) -> Option<&'static str> {
    FLAGS.iter().find(|(flag, _)| *flag == name).map(|(_, about)| *about)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::gcloud::{names, tree};

    #[test]
    fn commands_are_sorted_and_known() {
        assert!(COMMANDS.windows(2).all(|pair| pair[0].path < pair[1].path));
        for command in COMMANDS {
            let words: Vec<&str> = command.path.split(' ').collect();
            assert!(tree::spec(command.path).is_some(), "{} has no arguments", command.path);
            assert!(
                names::at(&words).is_some() || tree::is_unlisted(command.path),
                "{} has no name",
                command.path
            );
        }
    }
}
