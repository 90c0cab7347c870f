//! The network between the learner's machine, its containers, the cloud and the pods: who answers at an address.
//! Must never change what it is asked about: routing only reads.

use std::collections::{BTreeMap, VecDeque};
use std::task::Waker;

pub use crate::base::net::{Hop, Refusal};
pub use crate::image::process::NetNsId;

use super::http::{Certificate, Exchange};
use super::process::ProcessId;

/// Where a connection ends, and how it got there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The network namespace of whoever should answer.
    pub netns: NetNsId,
    /// The port there.
    pub port: u16,
    /// Whether it arrives on the loopback interface of that namespace.
    pub loopback: bool,
    /// Whether a proxy accepts the connection before the target does (Docker's published ports): a closed target
    /// then resets instead of refusing.
    pub proxied: bool,
    /// The client's address as the target sees it.
    pub remote: String,
    /// The way there.
    pub hops: Vec<Hop>,
}

/// A route that ends in no answer; the hops show how far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadEnd {
    /// Why.
    pub refusal: Refusal,
    /// The way there.
    pub hops: Vec<Hop>,
}

/// Which local addresses a listener takes connections for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bind {
    /// 0.0.0.0 or `::`.
    Any,
    /// 127.0.0.1 or `::1`: only from inside the same host or pod.
    Loopback,
}

/// A listening socket.
pub struct Socket {
    /// Who listens.
    pub owner: ProcessId,
    /// For which addresses.
    pub bind: Bind,
    /// What it shows to clients, when it speaks TLS.
    pub certificate: Option<Certificate>,
    /// Connections not accepted yet.
    pub backlog: VecDeque<Exchange>,
    /// The listener, if it waits.
    pub waker: Option<Waker>,
}

/// Most connections that wait for one listener, as `net.core.somaxconn`.
pub const BACKLOG_LIMIT: usize = 4096;

/// A network namespace: a machine's, a container's or a pod's.
#[derive(Default)]
pub struct NetNs {
    /// Its address as others see it; empty without a network.
    pub address: String,
    /// What listens, by port.
    pub sockets: BTreeMap<u16, Socket>,
    /// The cluster whose network it is on.
    pub cluster: Option<String>,
    /// The Docker network it is on.
    pub docker_network: Option<String>,
    /// Names it resolves by itself, as in `/etc/hosts`.
    pub names: BTreeMap<String, String>,
}

impl NetNs {
    /// Whether a connection to `port` would be accepted.
    pub fn accepts(&self, port: u16, loopback: bool) -> bool {
        self.sockets.get(&port).is_some_and(|s| loopback || s.bind == Bind::Any)
    }
}

/// A request that was made, kept a while for the picture and the coach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Counts up from 1.
    pub id: u64,
    /// When it was sent.
    pub at: crate::base::SimTime,
    /// The host as it was asked for.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path and query.
    pub path: String,
    /// The way it took.
    pub hops: Vec<Hop>,
    /// The beginning of the answer's body.
    pub body: String,
    /// Who answered: the host name of a machine, container or pod.
    pub by: String,
    /// `Ok(status)`, or why not. `None` while it is under way.
    pub outcome: Option<Result<u16, Refusal>>,
}

/// Bytes of an answer's body that are remembered.
pub const TRACE_BODY_LIMIT_BYTES: usize = 2048;

/// Requests remembered.
pub const TRACE_LIMIT: usize = 256;
