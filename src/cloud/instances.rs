//! Virtual machines that are no cluster's nodes. Must never run anything.

use super::gke::Instance;
use crate::base::{Seed, SimTime};

/// A virtual machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualMachine {
    /// What it is.
    pub instance: Instance,
    /// Whether it is switched on.
    pub running: bool,
}

impl VirtualMachine {
    /// A machine of a name, with an address inside the network.
    pub fn new(
        seed: Seed,
        zone: &str,
        name: &str,
        machine_type: &str,
        internal_ip: String,
        running: bool,
        now: SimTime,
    ) -> Self {
        let mut rng = seed.stream(&format!("instance/{zone}/{name}"));
        let external_ip = format!("34.{}.{}.{}", rng.range(66, 140), rng.range(1, 255), rng.range(2, 254));
        let instance = Instance {
            name: name.to_owned(),
            zone: zone.to_owned(),
            machine_type: machine_type.to_owned(),
            internal_ip,
            external_ip,
            created: now,
        };
        VirtualMachine { instance, running }
    }
}
