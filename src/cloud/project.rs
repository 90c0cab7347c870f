//! The project a learner works in: who they are, and where things can be placed.

use crate::base::Seed;

/// Regions and the letters of their zones.
pub type Regions = &'static [(&'static str, &'static str)];

/// A cloud project and the person signed in to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The project's id, part of every image name.
    pub id: String,
    /// The project's number.
    pub number: String,
    /// The account that is signed in.
    pub account: String,
    /// The region that the lab assigns.
    pub region: String,
    /// The zone that the lab assigns, in that region.
    pub zone: String,
    /// Where things can be placed.
    pub regions: Regions,
    /// The folder that the project is in.
    pub folder: String,
    /// Further projects that the account may look at.
    pub others: Vec<OtherProject>,
}

/// A project that can be seen, and nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherProject {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: String,
}

impl Project {
    /// The project of one learner: its names follow from the seed, so that no two learners share them.
    pub fn of_learner(seed: Seed, learner: &str) -> Self {
        let mut rng = seed.stream("project");
        let short = learner.rsplit('-').next().filter(|s| !s.is_empty()).unwrap_or("0000").to_owned();
        Project {
            id: format!("kubejam-{short}"),
            number: format!("{}", rng.range(100_000_000_000, 999_999_999_999)),
            account: format!("{learner}@kubejam.dev"),
            region: "us-central1".to_owned(),
            zone: "us-central1-a".to_owned(),
            regions: REGIONS,
            folder: format!("{}", rng.range(100_000_000_000, 999_999_999_999)),
            others: Vec::new(),
        }
    }

    /// Whether a zone exists.
    pub fn is_zone(&self, zone: &str) -> bool {
        self.zones().any(|known| known == zone)
    }

    /// Whether a region exists.
    pub fn is_region(&self, region: &str) -> bool {
        self.regions.iter().any(|(name, _)| *name == region)
    }

    /// Every zone.
    pub fn zones(&self) -> impl Iterator<Item = String> {
        self.regions
            .iter()
            .flat_map(|(region, letters)| letters.chars().map(move |l| format!("{region}-{l}")))
    }

    /// The zones in which a cluster of that location has nodes: three of a region, or the zone itself.
    pub fn node_zones(&self, location: &str) -> Vec<String> {
        let region = self.regions.iter().find(|(name, _)| *name == location);
        match region {
            Some((name, letters)) => letters.chars().take(3).map(|l| format!("{name}-{l}")).collect(),
            None => vec![location.to_owned()],
        }
    }
}

/// A selection of the real list.
pub const REGIONS: Regions = &[
    ("asia-east1", "abc"),
    ("asia-northeast1", "abc"),
    ("asia-northeast3", "abc"),
    ("asia-southeast1", "abc"),
    ("europe-west1", "bcd"),
    ("europe-west4", "abc"),
    ("us-central1", "abcf"),
    ("us-east1", "bcd"),
    ("us-east4", "abc"),
    ("us-west1", "abc"),
];

/// A machine type: its name, virtual CPUs, memory in KiB as a node reports it, and what of it is left for pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MachineType {
    /// E.g. `e2-medium`.
    pub name: &'static str,
    /// Virtual CPUs.
    pub cpus: u32,
    /// Memory, KiB.
    pub memory_kib: u64,
    /// CPU for pods, in thousandths.
    pub allocatable_millicpu: u32,
    /// Memory for pods, KiB.
    pub allocatable_memory_kib: u64,
}

/// The machine types that can be chosen. Allocatable amounts follow GKE's published reservations.
pub const MACHINE_TYPES: &[MachineType] = &[
    machine("e2-micro", 2, 1_000_000, 940, 590_000),
    machine("e2-small", 2, 2_014_000, 940, 1_360_000),
    machine("e2-medium", 2, 4_022_000, 940, 2_873_000),
    machine("e2-standard-2", 2, 8_140_000, 1930, 6_226_224),
    machine("e2-standard-4", 4, 16_370_000, 3920, 13_590_000),
    machine("n1-standard-1", 1, 3_780_000, 940, 2_700_000),
    machine("n1-standard-2", 2, 7_660_000, 1930, 5_780_000),
    machine("n2-standard-4", 4, 16_370_000, 3920, 13_590_000),
];

const fn machine(
    name: &'static str,
    cpus: u32,
    memory_kib: u64,
    allocatable_millicpu: u32,
    allocatable_memory_kib: u64,
) -> MachineType {
    MachineType { name, cpus, memory_kib, allocatable_millicpu, allocatable_memory_kib }
}

/// A machine type by its name.
pub fn machine_type(name: &str) -> Option<&'static MachineType> {
    MACHINE_TYPES.iter().find(|m| m.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_belong_to_regions() {
        let project = Project::of_learner(Seed::from_text("a"), "student-7f3a");
        assert!(project.is_zone("us-central1-f") && !project.is_zone("us-central1-z"));
        assert!(project.is_region("asia-northeast3") && !project.is_region("us-central1-a"));
        assert_eq!(project.node_zones("us-east1"), ["us-east1-b", "us-east1-c", "us-east1-d"]);
        assert_eq!(project.node_zones("us-east1-c"), ["us-east1-c"]);
    }

    #[test]
    fn learners_do_not_share_projects() {
        let a = Project::of_learner(Seed::from_text("a"), "student-7f3a");
        assert_eq!((a.id.as_str(), a.account.as_str()), ("kubejam-7f3a", "student-7f3a@kubejam.dev"));
    }
}
