//! lint, new, solve, record: tools for lesson authors and for holding the simulation against recordings.

pub mod golden;
pub mod player;
pub mod solve;
pub mod lint;
pub mod commands;
