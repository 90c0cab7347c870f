//! The programs behind the prompt, a file per command, and the table that names them. An executable in a file
//! tree carries such a name; nothing else decides what runs.

pub mod complete;
pub mod coreutils;
pub mod docker;
pub mod editors;
pub mod exec;
pub mod gcloud;
pub mod hashes;
pub mod identity;
pub mod kubectl;
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
    ("ash", shell::ash),
    ("bash", shell::bash),
    ("curl", |call| ended(net::curl::curl(call))),
    ("dash", shell::dash),
    ("docker", docker::main),
    ("editor", editors::editor),
    ("emacs", editors::editor),
    ("gcloud", gcloud::run),
    ("kubectl", kubectl::kubectl),
    ("nano", editors::editor),
    ("node", |call| Box::pin(node::run(call))),
    ("pico", editors::editor),
    ("sh", shell::sh),
    ("vi", editors::editor),
    ("vim", editors::editor),
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
