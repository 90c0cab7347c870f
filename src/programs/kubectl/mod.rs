//! kubectl 1.36, as a program of the simulated world.
//!
//! It sees `cluster::api` and nothing else of the cluster.

pub mod describe;
pub mod output;
mod quantity;
pub mod command;
