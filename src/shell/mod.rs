//! bash: grammar, expansion, pipes, jobs, completion. Runs programs; knows none of them by name.

pub mod syntax;
mod arith;
mod brace;
mod glob;
mod pattern;
mod vars;
