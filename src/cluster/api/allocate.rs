//! Cluster IPs and node ports: every Service gets its own out of the configured ranges.
//!
//! What is taken is read from the Services themselves; there is no second record that could disagree.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Service, ServiceSpec};

use super::Cause;
use super::server::ApiServer;
use crate::cluster::kinds::field::{Errors, strings};

/// Addresses at the start of the range that are left to those who ask for one by name.
const STATIC_BAND: u32 = 256;

struct Range {
    first: u32,
    size: u32,
}

impl Range {
    /// `34.118.224.0/20`; `None` when the text is no IPv4 range.
    fn parse(cidr: &str) -> Option<Range> {
        let (address, bits) = cidr.split_once('/')?;
        let bits: u32 = bits.parse().ok().filter(|b| (8..=30).contains(b))?;
        Some(Range { first: address.parse::<Ipv4Addr>().ok()?.to_bits(), size: 1 << (32 - bits) })
    }
}

impl ApiServer {
    /// Gives a Service the addresses and ports it needs. `old` is its version before an update.
    pub(super) fn allocate_service(
        &self,
        service: &mut Service,
        old: Option<&Service>,
    ) -> Result<(), Vec<Cause>> {
        let key = format!(
            "{}/{}",
            service.metadata.namespace.as_deref().unwrap_or_default(),
            service.metadata.name.as_deref().unwrap_or_default()
        );
        let uid = old.and_then(|o| o.metadata.uid.clone());
        let spec = service.spec.get_or_insert_default();
        let mut errors = Errors::default();
        self.allocate_ip(spec, &key, uid.as_deref(), &mut errors);
        self.allocate_node_ports(spec, &key, uid.as_deref(), &mut errors);
        errors.into_result()
    }

    fn others<'a>(&'a self, uid: Option<&'a str>) -> impl Iterator<Item = &'a ServiceSpec> {
        let services = self.store.each::<Service>(None);
        services
            .filter(move |s| s.metadata.uid.as_deref() != uid || uid.is_none())
            .filter_map(|s| s.spec.as_ref())
    }

    fn allocate_ip(&self, spec: &mut ServiceSpec, key: &str, uid: Option<&str>, errors: &mut Errors) {
        if spec.type_.as_deref() == Some("ExternalName") {
            spec.cluster_ip = None;
            spec.cluster_ips = None;
            spec.ip_families = None;
            spec.ip_family_policy = None;
            return;
        }
        let Some(range) = Range::parse(&self.config.service_cidr) else { return };
        let asked = spec.cluster_ip.clone().filter(|ip| !ip.is_empty());
        let asked = asked.or_else(|| spec.cluster_ips.as_ref()?.first().cloned());
        let taken: BTreeSet<String> = self.others(uid).filter_map(|s| s.cluster_ip.clone()).collect();
        let address = match asked {
            Some(none) if none == "None" => none,
            Some(ip) => {
                let offset = ip.parse::<Ipv4Addr>().ok().map(|a| a.to_bits().wrapping_sub(range.first));
                let refusal = match offset {
                    None => None,
                    Some(o) if o >= range.size => {
                        Some("the provided network does not match the current range")
                    }
                    Some(_) if taken.contains(&ip) => Some("provided IP is already allocated"),
                    Some(_) => None,
                };
                if let Some(why) = refusal {
                    errors.invalid(
                        "spec.clusterIPs",
                        &strings(std::slice::from_ref(&ip)),
                        &format!("failed to allocate IP {ip}: {why}"),
                    );
                }
                ip
            }
            None => match self.free_ip(&range, key, &taken) {
                Some(ip) => ip,
                None => {
                    return errors
                        .internal("spec.clusterIPs", "failed to allocate a serviceIP: range is full");
                }
            },
        };
        spec.cluster_ips = Some(vec![address.clone()]);
        spec.cluster_ip = Some(address);
        spec.ip_families.get_or_insert_with(|| vec!["IPv4".to_owned()]);
        spec.ip_family_policy.get_or_insert_with(|| "SingleStack".to_owned());
    }

    /// An address above the static band if there is one; drawn, then the next free one after it.
    fn free_ip(&self, range: &Range, key: &str, taken: &BTreeSet<String>) -> Option<String> {
        let band = STATIC_BAND.min(range.size / 16).max(1);
        let drawn = self.config.seed.stream(&format!("cluster-ip/{key}")).below(u64::from(range.size - band));
        let start = u32::try_from(drawn).unwrap_or(0);
        let mut offsets =
            (0..range.size - band).map(|n| band + (start + n) % (range.size - band)).chain(1..band);
        offsets.find_map(|offset| {
            let ip = Ipv4Addr::from_bits(range.first + offset).to_string();
            (offset + 1 < range.size && !taken.contains(&ip)).then_some(ip)
        })
    }

    fn allocate_node_ports(&self, spec: &mut ServiceSpec, key: &str, uid: Option<&str>, errors: &mut Errors) {
        let type_ = spec.type_.clone().unwrap_or_default();
        let wanted = match type_.as_str() {
            "NodePort" => true,
            "LoadBalancer" => spec.allocate_load_balancer_node_ports != Some(false),
            _ => false,
        };
        let (first, last) = (i32::from(self.config.node_port_first), i32::from(self.config.node_port_last));
        let of_other = |s: &ServiceSpec| {
            let ports: Vec<i32> = s.ports.iter().flatten().filter_map(|p| p.node_port).collect();
            ports.into_iter().chain(s.health_check_node_port)
        };
        let mut taken: BTreeSet<i32> = self.others(uid).flat_map(of_other).collect();
        for (index, port) in spec.ports.iter_mut().flatten().enumerate() {
            let path = format!("spec.ports[{index}].nodePort");
            match port.node_port.filter(|p| *p != 0) {
                Some(node) if !(first..=last).contains(&node) => errors.invalid(
                    &path,
                    &node.to_string(),
                    &format!(
                        "provided port is not in the valid range. The range of valid ports is {first}-{last}"
                    ),
                ),
                Some(node) if taken.contains(&node) => {
                    errors.invalid(&path, &node.to_string(), "provided port is already allocated");
                }
                Some(node) => drop(taken.insert(node)),
                None if wanted => {
                    let purpose = format!(
                        "node-port/{key}/{}",
                        port.name.clone().unwrap_or_else(|| port.port.to_string())
                    );
                    match self.free_port(&purpose, &taken) {
                        Some(node) => {
                            taken.insert(node);
                            port.node_port = Some(node);
                        }
                        None => errors.internal(&path, "failed to allocate a nodePort: range is full"),
                    }
                }
                None => {}
            }
        }
        let local = type_ == "LoadBalancer" && spec.external_traffic_policy.as_deref() == Some("Local");
        if local && spec.health_check_node_port.unwrap_or(0) == 0 {
            spec.health_check_node_port = self.free_port(&format!("health-check-port/{key}"), &taken);
        }
        if !local {
            spec.health_check_node_port = None;
        }
    }

    fn free_port(&self, purpose: &str, taken: &BTreeSet<i32>) -> Option<i32> {
        let (first, last) = (i32::from(self.config.node_port_first), i32::from(self.config.node_port_last));
        let size = last - first + 1;
        let drawn = self.config.seed.stream(purpose).below(u64::try_from(size).ok()?);
        let start = i32::try_from(drawn).unwrap_or(0);
        (0..size).map(|n| first + (start + n) % size).find(|port| !taken.contains(port))
    }
}

/// An update that leaves open what was allocated keeps it; a change of type gives back what it no longer needs.
pub(super) fn keep_allocated(service: &mut Service, old: &Service) {
    let (Some(spec), Some(old)) = (&mut service.spec, &old.spec) else { return };
    let external = |s: &ServiceSpec| s.type_.as_deref() == Some("ExternalName");
    let has_ports = |s: &ServiceSpec| matches!(s.type_.as_deref(), Some("NodePort" | "LoadBalancer"));
    if !external(spec) && !external(old) && spec.cluster_ip.as_deref().unwrap_or_default().is_empty() {
        spec.cluster_ip.clone_from(&old.cluster_ip);
        spec.cluster_ips.clone_from(&old.cluster_ips);
    }
    if external(spec) && !external(old) {
        // What only an address of its own needs goes with it, unless it was changed in the same breath.
        if spec.cluster_ip == old.cluster_ip && spec.cluster_ips == old.cluster_ips {
            (spec.cluster_ip, spec.cluster_ips) = (None, None);
        }
        (spec.ip_families, spec.ip_family_policy) = (None, None);
        spec.internal_traffic_policy.take_if(|p| Some(&*p) == old.internal_traffic_policy.as_ref());
    }
    let (had_ports, has_ports_now) = (has_ports(old), has_ports(spec));
    let old_ports = old.ports.clone().unwrap_or_default();
    for port in spec.ports.iter_mut().flatten() {
        let same =
            |p: &&k8s_openapi::api::core::v1::ServicePort| p.port == port.port && p.protocol == port.protocol;
        let before = old_ports.iter().find(same).and_then(|p| p.node_port);
        match (has_ports_now, had_ports) {
            (true, true) if port.node_port.is_none() => port.node_port = before,
            (false, true) if port.node_port == before => port.node_port = None,
            _ => {}
        }
    }
    if !has_ports_now {
        spec.external_traffic_policy.take_if(|p| Some(&*p) == old.external_traffic_policy.as_ref());
        spec.allocate_load_balancer_node_ports = None;
    }
    if spec.type_.as_deref() == Some("NodePort") {
        spec.allocate_load_balancer_node_ports = None;
    }
    if spec.type_.as_deref() == Some("LoadBalancer") && spec.health_check_node_port.is_none() {
        spec.health_check_node_port = old.health_check_node_port;
    }
}
