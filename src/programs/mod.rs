//! The programs behind the prompt, a file per command, and the table that names them. An executable in a file
//! tree carries such a name; nothing else decides what runs.

pub mod docker;
pub mod gcloud;
pub mod hashes;
pub mod identity;
pub mod kubectl;
pub mod node;

use crate::world::Program;

/// The program of this name.
pub fn find(name: &str) -> Option<Program> {
    let index = PROGRAMS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    PROGRAMS.get(index).map(|(_, program)| *program)
}

/// The names of all programs.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().map(|(name, _)| *name)
}

/// Every program, by name. One line each, in the order of bytes.
static PROGRAMS: &[(&str, Program)] = &[("docker", docker::main), ("node", |call| Box::pin(node::run(call)))];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        let out_of_order: Vec<&str> =
            PROGRAMS.windows(2).filter(|pair| pair[0].0 >= pair[1].0).map(|pair| pair[1].0).collect();
        assert!(out_of_order.is_empty(), "names out of order: {out_of_order:?}");
    }
}
