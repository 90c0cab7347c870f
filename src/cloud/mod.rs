//! The cloud project: registries, clusters, instances, firewall, load balancers, addresses.

pub mod registry;
