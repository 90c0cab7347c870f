//! How kubectl lays out what it prints. Pure functions of values and strings: no cluster, no clock.

pub mod columns;
pub mod duration;
pub mod json;
pub mod jsonpath;
pub mod kyaml;
pub mod tabwriter;
pub mod template;
pub mod yaml;
