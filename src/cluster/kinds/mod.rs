//! What the API server knows about each kind: its names, defaults, validation and table columns.
//!
//! Data and pure functions over one object; nothing here reads or writes the store.

pub mod autoscaler;
pub mod defaults;
pub mod field;
pub mod fields;
pub mod names;
pub mod pod_spec;
pub mod printers;
pub mod strategy;
pub mod table;
pub mod validation;
