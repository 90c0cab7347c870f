//! Virtual time, seeds and text tables. Must never know the wall clock or ambient randomness.

pub mod net;
pub mod seed;
pub mod table;
pub mod time;

pub use seed::{Rng, Seed};
pub use time::SimTime;
