//! From words and files to objects: kinds by their many names, selections, manifests.

pub mod manifest;
pub mod mapper;
pub mod select;

pub use select::{Info, Selection};
