//! Published ports: which are taken, and which are given out. Never opens a socket.

use std::collections::BTreeSet;

use crate::image::process::ContainerId;

use super::host::{PortBinding, PublishedPort};
use super::{Engine, EngineError};

/// The first port that `-P` and `-p CONTAINERPORT` give out.
pub const EPHEMERAL_FIRST: u16 = 32_768;
const EPHEMERAL_LAST: u16 = 60_999;

impl Engine {
    /// The container and its port behind a port of this machine.
    pub fn published(&self, port: u16) -> Option<(&ContainerId, &PublishedPort)> {
        self.containers.values().find_map(|c| {
            let found = c.published.iter().find(|p| p.host_port == port && p.protocol == "tcp");
            found.map(|p| (&c.id, p))
        })
    }

    /// Settles a container's ports for a start. `busy` are ports that programs on the machine listen on.
    pub(super) fn settle_ports(
        &mut self,
        id: &ContainerId,
        busy: &BTreeSet<u16>,
    ) -> Result<Vec<PublishedPort>, EngineError> {
        let Some(container) = self.containers.get(id) else { return Ok(Vec::new()) };
        if matches!(container.network(), "host" | "none") {
            return Ok(Vec::new());
        }
        let mut wanted = container.host.ports.clone();
        if container.host.publish_all {
            wanted.extend(container.exposed.iter().filter_map(|exposed| {
                let (port, protocol) = exposed.split_once('/').unwrap_or((exposed, "tcp"));
                let port: u16 = port.parse().ok()?;
                let named = container.host.ports.iter().any(|b| b.container_port == port);
                (!named).then(|| PortBinding {
                    host_ip: String::new(),
                    host_port: 0,
                    container_port: port,
                    protocol: protocol.to_owned(),
                })
            }));
        }
        let name = container.name.clone();
        let mut settled: Vec<PublishedPort> = Vec::new();
        for binding in wanted {
            let host_port = match binding.host_port {
                0 => self.free_port(&settled, busy)?,
                port => port,
            };
            let ip = if binding.host_ip.is_empty() { "0.0.0.0" } else { &binding.host_ip };
            let clash = |p: &PublishedPort| {
                p.host_port == host_port
                    && p.protocol == binding.protocol
                    && overlaps(&p.host_ip, &binding.host_ip)
            };
            let reason = if self.containers.values().flat_map(|c| &c.published).any(clash)
                || settled.iter().any(clash)
            {
                format!("Bind for {ip}:{host_port} failed: port is already allocated")
            } else if busy.contains(&host_port) && binding.protocol == "tcp" {
                format!(
                    "failed to bind host port {ip}:{host_port}/{}: address already in use",
                    binding.protocol
                )
            } else {
                settled.push(PublishedPort {
                    host_ip: binding.host_ip.clone(),
                    host_port,
                    container_port: binding.container_port,
                    protocol: binding.protocol.clone(),
                });
                continue;
            };
            let endpoint = self.draw("endpoint").hex(64);
            return Err(EngineError::server(format!(
                "failed to set up container networking: driver failed programming external connectivity on endpoint {name} ({endpoint}): {reason}"
            )));
        }
        Ok(settled)
    }

    fn free_port(&mut self, settled: &[PublishedPort], busy: &BTreeSet<u16>) -> Result<u16, EngineError> {
        for _ in EPHEMERAL_FIRST..=EPHEMERAL_LAST {
            let port = self.next_ephemeral;
            self.next_ephemeral = if port >= EPHEMERAL_LAST { EPHEMERAL_FIRST } else { port + 1 };
            let taken = self.published(port).is_some() || settled.iter().any(|p| p.host_port == port);
            if !taken && !busy.contains(&port) {
                return Ok(port);
            }
        }
        Err(EngineError::server("all ports are allocated"))
    }
}

fn overlaps(a: &str, b: &str) -> bool {
    let any = |ip: &str| matches!(ip, "" | "0.0.0.0" | "::");
    a == b || any(a) || any(b)
}
