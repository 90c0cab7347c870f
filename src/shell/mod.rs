//! bash: grammar, expansion, pipes, jobs, completion. Runs programs; knows none of them by name.

pub mod syntax;
