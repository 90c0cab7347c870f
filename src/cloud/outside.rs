//! What a cluster needs from its cloud: images out of registries, and load balancers. Must never touch a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use crate::base::{Seed, SimTime};
use crate::cluster::controllers::{Outside, PullCredentials, PullError};
use crate::image::{Image, ImageRef};

use super::project::Project;
use super::registry::{Caller, Registries};

/// How fast the cloud is, at teaching pace.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    /// The least time that a pull takes.
    pub pull_floor: Duration,
    /// Compressed bytes that a node pulls in a second.
    pub pull_bytes_per_second: u64,
    /// How long a pull that fails takes.
    pub failed_pull: Duration,
    /// How long a load balancer takes to get its address.
    pub balancer: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            pull_floor: Duration::from_millis(900),
            pull_bytes_per_second: 120_000_000,
            failed_pull: Duration::from_millis(600),
            balancer: Duration::from_secs(10),
        }
    }
}

/// A load balancer that a Service asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balancer {
    /// Its cluster.
    pub cluster: String,
    /// Its address on the Internet.
    pub address: String,
    /// When the address is known.
    pub ready: SimTime,
    /// The ports that it forwards.
    pub ports: Vec<u16>,
}

/// Load balancers by the uid of their Service.
pub type Balancers = BTreeMap<String, Balancer>;

/// The cloud as one cluster sees it.
pub struct CloudOutside<'a> {
    /// Where addresses are drawn from.
    pub seed: Seed,
    /// The project whose artifacts the nodes may pull.
    pub project: &'a Project,
    /// Where images come from.
    pub registries: &'a Registries,
    /// The project's load balancers.
    pub balancers: &'a mut Balancers,
    /// How fast things are.
    pub pace: &'a Pace,
    /// The cluster that asks.
    pub cluster: &'a str,
}

impl CloudOutside<'_> {
    /// A node's service account, which may read the project's artifacts.
    fn node_account(&self) -> Caller {
        Caller::Account {
            name: format!("{}-compute@developer.gserviceaccount.com", self.project.number),
            projects: BTreeSet::from([self.project.id.clone()]),
        }
    }
}

impl Outside for CloudOutside<'_> {
    fn resolve_image(
        &mut self,
        _now: SimTime,
        _node: &str,
        image: &ImageRef,
        _credentials: &PullCredentials,
    ) -> Result<Rc<Image>, PullError> {
        self.registries
            .pull(image, &self.node_account())
            .map_err(|refusal| PullError { message: refusal.of_containerd(image) })
    }

    fn pull_time(&mut self, _node: &str, image: &ImageRef) -> Duration {
        match self.registries.pull(image, &self.node_account()) {
            Ok(found) => {
                let millis = found.compressed_bytes() * 1000 / self.pace.pull_bytes_per_second.max(1);
                self.pace.pull_floor + Duration::from_millis(millis)
            }
            Err(_) => self.pace.failed_pull,
        }
    }

    fn allocate_load_balancer(&mut self, now: SimTime, service_uid: &str, ports: &[u16]) -> Option<String> {
        let (seed, cluster, ready) = (self.seed, self.cluster, now + self.pace.balancer);
        let balancer = self.balancers.entry(service_uid.to_owned()).or_insert_with(|| {
            let mut rng = seed.stream(&format!("balancer/{service_uid}"));
            let address = format!("35.{}.{}.{}", rng.range(184, 248), rng.range(1, 255), rng.range(2, 254));
            Balancer { cluster: cluster.to_owned(), address, ready, ports: Vec::new() }
        });
        balancer.ports = ports.to_vec();
        (balancer.ready <= now).then(|| balancer.address.clone())
    }

    fn release_load_balancer(&mut self, _now: SimTime, service_uid: &str) {
        self.balancers.remove(service_uid);
    }
}
