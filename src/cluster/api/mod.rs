//! The only door of the cluster: `Request -> Response`, for people, controllers and the HTTP server alike.
//!
//! JSON is met here and nowhere deeper. Must never run a controller or know who is watching the screen.

mod admission;
mod allocate;
mod authorize;
pub mod codec;
pub mod delete;
mod eviction;
mod ephemeral;
pub mod http;
mod managed;
mod patch;
mod limits;
mod quota;
mod read;
pub mod selector;
pub mod server;
pub mod status;
pub mod types;
pub mod strategic;
mod subresources;
mod write;

pub use server::ApiServer;
pub use status::{Cause, Reason, Status};
pub use types::{
    Column, FieldValidation, LogOptions, Options, PatchType, Propagation, Reply, Request, Response, Row,
    Table, UserInfo, Verb, WatchEvent, WatchFrom, WatchKind,
};

#[cfg(test)]
mod tests;
