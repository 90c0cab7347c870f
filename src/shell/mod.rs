//! bash: grammar, expansion, pipes, jobs, completion. Runs programs; knows none of them by name.

pub mod syntax;
mod arith;
mod brace;
mod builtins;
pub mod complete;
mod expand;
mod glob;
mod history;
mod interp;
mod jobs;
mod main;
mod options;
mod pattern;
mod prompt;
mod redirect;
pub mod serve;
mod state;
mod vars;

pub use main::{ash, bash, dash, sh};

#[cfg(test)]
mod tests;
