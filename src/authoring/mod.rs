//! lint, new, solve, record: tools for lesson authors and for holding the simulation against recordings.

pub mod folder;
pub mod golden;
pub mod new_quest;
pub mod player;
pub mod solve;
pub mod stranger;
pub mod lint;
pub mod commands;
