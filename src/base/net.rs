//! The words of the network: what ends a connection, and the stations of its way. Never routes anything.

/// Why no reply came, each with its own words in curl and its own exit code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The name is unknown.
    #[error("Could not resolve host: {0}")]
    Resolve(String),
    /// Nobody listens there.
    #[error("Connection refused")]
    Refused,
    /// Packets are dropped on the way: a firewall, or an address without a route.
    #[error("Connection timed out")]
    TimedOut,
    /// The connection was closed in the middle.
    #[error("Connection reset by peer")]
    Reset,
    /// The server closed without a word.
    #[error("Empty reply from server")]
    EmptyReply,
    /// No route: the network is unreachable.
    #[error("No route to host")]
    NoRoute,
}

/// One station of a request, for the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hop {
    /// The learner's machine.
    Machine,
    /// A container on the learner's machine, by name.
    Container(String),
    /// The Internet at large.
    Internet(String),
    /// A cloud firewall that let it pass or not.
    Firewall { open: bool },
    /// A load balancer's address.
    LoadBalancer { address: String },
    /// A node, by name.
    Node(String),
    /// A Service: namespace and name.
    Service { namespace: String, name: String },
    /// A pod: namespace and name.
    Pod { namespace: String, name: String },
}
