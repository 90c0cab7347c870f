//! Requests as the picture shows them: the stations of their way that have a place on the screen.

use crate::base::net::{Hop, Refusal};
use crate::ui::scene::{Cluster, End, Machine, Station, Trip};
use crate::world::World;
use crate::world::network::Trace;

/// Requests looked back on.
const MAX_TRIPS: usize = 16;

/// Requests that have ended or are lost, oldest first.
pub fn trips(world: &World, machine: &Machine, cluster: Option<&Cluster>) -> Vec<Trip> {
    let skip = world.traces.len().saturating_sub(MAX_TRIPS);
    world.traces.iter().skip(skip).filter_map(|trace| trip(trace, machine, cluster)).collect()
}

fn trip(trace: &Trace, machine: &Machine, cluster: Option<&Cluster>) -> Option<Trip> {
    let end = match (&trace.outcome, trace.hops.last()) {
        (Some(Ok(status)), _) => End::Status(*status),
        (Some(Err(Refusal::Refused)), _) => End::Refused,
        (Some(Err(Refusal::TimedOut)), _) => End::TimedOut,
        (Some(Err(_)), _) => End::Broken,
        // What is dropped on its way is lost at once, however long the client goes on waiting.
        (None, Some(Hop::Firewall { open: false } | Hop::Internet(_))) => End::TimedOut,
        (None, _) => return None,
    };
    let mut way: Vec<Station> = Vec::new();
    for hop in &trace.hops {
        for station in stations(hop, trace, machine, cluster, way.last()) {
            if way.last() != Some(&station) {
                way.push(station);
            }
        }
    }
    if way == [Station::You] {
        way.extend(local(trace, machine, end));
    }
    (way.len() > 1 || matches!(way.first(), Some(Station::Pod(_)))).then_some(Trip { id: trace.id, way, end })
}

/// On the machine itself: a door, and the process behind it if one answered.
fn local(trace: &Trace, machine: &Machine, end: End) -> Vec<Station> {
    let named =
        trace.host == machine.host || matches!(trace.host.as_str(), "localhost" | "0.0.0.0" | "[::1]");
    if !named && !trace.host.starts_with("127.") {
        return Vec::new();
    }
    let door = Station::Door(trace.port);
    let process = machine.processes.iter().find(|p| p.ports.contains(&trace.port));
    match process {
        Some(process) if end != End::Refused => vec![door, Station::Process(process.pid)],
        _ => vec![door],
    }
}

fn stations(
    hop: &Hop,
    trace: &Trace,
    machine: &Machine,
    cluster: Option<&Cluster>,
    before: Option<&Station>,
) -> Vec<Station> {
    let services = cluster.map_or(&[][..], |c| c.services.as_slice());
    let of_address = |address: &str| services.iter().find(|s| s.address == address);
    match hop {
        Hop::Machine if before.is_none() => vec![Station::You],
        Hop::Container(name) => {
            let published = machine
                .containers
                .iter()
                .any(|c| c.name == *name && c.ports.iter().any(|(host, _)| *host == trace.port));
            let door = (published && before == Some(&Station::You)).then_some(Station::Door(trace.port));
            door.into_iter().chain([Station::Container(name.clone())]).collect()
        }
        Hop::Firewall { .. } => {
            let service = services.iter().find(|s| s.node_ports.contains(&trace.port));
            service.map(|s| Station::Gate(s.name.clone())).into_iter().collect()
        }
        // An address that only the cluster knows: the way ends at its edge.
        Hop::Internet(address) => {
            of_address(address).map(|s| Station::Gate(s.name.clone())).into_iter().collect()
        }
        Hop::LoadBalancer { address } => {
            let service = of_address(address);
            service
                .map(|s| [Station::Gate(s.name.clone()), Station::Service(s.name.clone())])
                .into_iter()
                .flatten()
                .collect()
        }
        Hop::Service { name, .. } => vec![Station::Service(name.clone())],
        Hop::Pod { name, .. } => {
            let pod = cluster.and_then(|c| c.pods.iter().find(|p| p.name == *name));
            pod.map(|p| Station::Pod(p.uid.clone())).into_iter().collect()
        }
        Hop::Machine | Hop::Node(_) => Vec::new(),
    }
}
