//! KubeJam: a study jam in a terminal, on a deterministic simulation of Docker and Kubernetes.
//!
//! The modules stand in reading order, which is also the direction of dependence: a module uses only those
//! above it (`tests/house.rs` enforces it). `ARCHITECTURE.md` is the map.

pub mod base;
pub mod image;
pub mod cluster;
pub mod cloud;
pub mod machine;
pub mod world;
pub mod shell;
pub mod programs;
pub mod lesson;
pub mod session;
pub mod ui;
pub mod authoring;
pub mod edge;
pub mod cli;
