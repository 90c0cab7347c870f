//! The project a learner works in: who they are, and where things can be placed.

use crate::base::Seed;

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
        }
    }
}

/// Regions and the letters of their zones. A selection of the real list.
pub const REGIONS: &[(&str, &str)] = &[
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

/// Whether a zone exists.
pub fn is_zone(zone: &str) -> bool {
    zone.rsplit_once('-').is_some_and(|(region, letter)| {
        REGIONS.iter().any(|(name, letters)| *name == region && letter.len() == 1 && letters.contains(letter))
    })
}

/// Whether a region exists.
pub fn is_region(region: &str) -> bool {
    REGIONS.iter().any(|(name, _)| *name == region)
}

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
        assert!(is_zone("us-central1-f") && !is_zone("us-central1-z") && !is_zone("us-central1"));
        assert!(is_region("asia-northeast3") && !is_region("us-central1-a"));
    }

    #[test]
    fn learners_do_not_share_projects() {
        let a = Project::of_learner(Seed::from_text("a"), "student-7f3a");
        assert_eq!((a.id.as_str(), a.account.as_str()), ("kubejam-7f3a", "student-7f3a@kubejam.dev"));
    }
}
