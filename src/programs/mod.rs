//! The programs behind the prompt, a file per command, and the table that names them. An executable in a file
//! tree carries such a name; nothing else decides what runs.

pub mod absent;
pub mod complete;
pub mod coreutils;
pub mod docker;
pub mod editors;
pub mod exec;
pub mod gcloud;
pub mod git;
pub mod hashes;
pub mod identity;
pub mod jq;
mod jq_syntax;
pub mod kubectl;
pub mod pages;
pub mod net;
pub mod node;
pub mod options;
pub mod servers;
#[cfg(test)]
pub mod testing;
pub mod tool;

use crate::shell;
use crate::world::Program;
use tool::ended;

/// The program of this name.
pub fn find(name: &str) -> Option<Program> {
    [PROGRAMS, coreutils::PROGRAMS, servers::PROGRAMS].into_iter().find_map(|table| {
        let index = table.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        table.get(index).map(|(_, program)| *program)
    })
}

/// The names of the programs of a learner's machine: all but what only images run.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().chain(coreutils::PROGRAMS).map(|(name, _)| *name)
}

/// Programs by name. One line each, in the order of bytes.
#[rustfmt::skip]
static PROGRAMS: &[(&str, Program)] = &[
    ("apt", |call| ended(absent::absent(call))),
    ("apt-get", |call| ended(absent::absent(call))),
    ("ash", shell::ash),
    ("bash", shell::bash),
    ("curl", |call| ended(net::curl::curl(call))),
    ("dash", shell::dash),
    ("dig", |call| ended(net::lookup::dig(call))),
    ("docker", docker::main),
    ("docker-compose", docker::compose::main),
    ("docker-credential-gcloud", gcloud::credential_helper::docker),
    ("editor", editors::editor),
    ("emacs", editors::editor),
    ("gcloud", gcloud::run),
    ("getent", |call| ended(net::lookup::getent(call))),
    ("git", |call| ended(git::git(call))),
    ("gke-gcloud-auth-plugin", gcloud::credential_helper::kubernetes),
    ("gunzip", |call| ended(absent::absent(call))),
    ("gzip", |call| ended(absent::absent(call))),
    ("host", |call| ended(net::lookup::dig(call))),
    ("ifconfig", |call| ended(net::sockets::ip(call))),
    ("ip", |call| ended(net::sockets::ip(call))),
    ("jq", |call| ended(jq::jq(call))),
    ("kubectl", kubectl::kubectl),
    ("less", |call| ended(pages::less(call))),
    ("man", |call| ended(pages::man(call))),
    ("more", |call| ended(pages::less(call))),
    ("nano", editors::editor),
    ("nc", |call| ended(net::probe::nc(call))),
    ("netcat", |call| ended(net::probe::nc(call))),
    ("netstat", |call| ended(net::sockets::ss(call))),
    ("node", |call| Box::pin(node::run(call))),
    ("npm", |call| ended(absent::npm(call))),
    ("nslookup", |call| ended(net::lookup::nslookup(call))),
    ("pico", editors::editor),
    ("ping", |call| ended(net::probe::ping(call))),
    ("pip", |call| ended(absent::absent(call))),
    ("python3", |call| ended(absent::absent(call))),
    ("sh", shell::sh),
    ("ss", |call| ended(net::sockets::ss(call))),
    ("tar", |call| ended(absent::absent(call))),
    ("telnet", |call| ended(net::probe::nc(call))),
    ("unzip", |call| ended(absent::absent(call))),
    ("vi", editors::editor),
    ("view", |call| ended(pages::less(call))),
    ("vim", editors::editor),
    ("wget", |call| ended(net::wget::wget(call))),
    ("zip", |call| ended(absent::absent(call))),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        let tables = [PROGRAMS, coreutils::PROGRAMS, servers::PROGRAMS];
        let pairs = tables.iter().flat_map(|table| table.windows(2));
        let out_of_order: Vec<&str> =
            pairs.filter(|pair| pair[0].0 >= pair[1].0).map(|pair| pair[1].0).collect();
        assert!(out_of_order.is_empty(), "names out of order: {out_of_order:?}");
    }
}
