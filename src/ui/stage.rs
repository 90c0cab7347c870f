//! Animation: where each object stands and how visible it is, as a function of the scenes shown so far and
//! the frame's time.
//!
//! A pod keeps its slot on its node for as long as it is seen; what left stays for a moment as a ghost. The
//! time is a parameter (milliseconds since the interface started), so the same scenes at the same times give
//! the same frames. Nothing here may draw.

use crate::ui::scene::{Cluster, Container, Image, Making, Pod, Scene, Shape, Station, Trip};
use crate::ui::standing::{APPEAR_MS, LEAVE_MS, Standing};
use std::collections::{BTreeMap, BTreeSet};

const FLASH_MS: u64 = 350;
/// From the caller to the pod; the way there is drawn, the way back is the flash and the outcome's word.
pub const TRIP_MS: u64 = 1000;
/// How long the outcome stays at the end of a trip; a refusal is there to be read.
const OUTCOME_MS: u64 = 900;
const REFUSAL_MS: u64 = 3200;
const FRAME_MS: u64 = 33;
/// A picture of more requests at once says nothing: the others are counted, not drawn.
const MAX_TRIPS: usize = 8;
/// For so long boxes stay as dense as a crowd had made them: a rolling update must not make everybody move twice.
const CROWD_MS: u64 = 6000;
/// Ids of requests that are remembered as shown.
const MAX_SEEN: usize = 4096;

/// One pod with its place and age.
#[derive(Clone, Debug)]
pub struct Actor {
    pub pod: Pod,
    pub slot: usize,
    born_ms: u64,
    left_ms: Option<u64>,
    changed_ms: u64,
}

/// A request on its way.
#[derive(Clone, Debug)]
pub struct Traveller {
    pub trip: Trip,
    started_ms: u64,
}

impl Traveller {
    fn arrived_ms(&self) -> u64 {
        self.started_ms + TRIP_MS
    }

    fn ends_ms(&self) -> u64 {
        self.arrived_ms() + if self.trip.end.is_good() { OUTCOME_MS } else { REFUSAL_MS }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Stage {
    actors: BTreeMap<String, Actor>,
    /// The most pods that stood on a node lately, and until when that counts.
    crowds: BTreeMap<String, (usize, u64)>,
    /// When a node, service or workload was first seen.
    born: BTreeMap<String, u64>,
    containers: Standing<Container>,
    images: Standing<Image>,
    travellers: Vec<Traveller>,
    seen_trips: BTreeSet<u64>,
    shown: Option<String>,
    /// Whether any scene was shown yet.
    opened: bool,
    /// No motion: everything is at once where and what it is.
    still: bool,
}

impl Stage {
    pub fn new(still: bool) -> Self {
        Self { still, ..Self::default() }
    }

    /// Takes in the scene that holds from `now_ms` on.
    pub fn take_in(&mut self, scene: &Scene, now_ms: u64) {
        let name = scene.cluster.as_ref().map(|c| c.name.clone());
        let first = self.shown != name || !self.opened;
        self.take_in_machine(scene, now_ms);
        if first {
            self.actors.clear();
            self.born.clear();
            self.crowds.clear();
            self.shown = name;
        }
        self.take_in_trips(scene, now_ms, first);
        if let Some(cluster) = &scene.cluster {
            // What is there when the pane opens has always been there: it does not fade in.
            let born_ms = if first { 0 } else { now_ms };
            self.take_in_pods(cluster, now_ms, born_ms);
            let keys = cluster.services.iter().map(|s| service_key(&s.name));
            let keys = keys.chain(cluster.nodes.iter().map(|n| node_key(&n.name)));
            for key in keys.chain(cluster.workloads.iter().map(|w| workload_key(&w.kind, &w.name))) {
                self.born.entry(key).or_insert(born_ms);
            }
        }
        self.actors.retain(|_, a| a.left_ms.is_none_or(|left| now_ms < left + LEAVE_MS));
        self.travellers.retain(|t| now_ms < t.ends_ms());
        self.note_crowds(now_ms);
        self.opened = true;
    }

    fn take_in_machine(&mut self, scene: &Scene, now_ms: u64) {
        let still = self.still;
        let born_ms = if self.opened && !still { now_ms } else { 0 };
        self.containers.take_in(&scene.machine.containers, |c| &c.id, |_| !still, now_ms, born_ms);
        let haunts = |image: &Image| !still && image.making == Making::There;
        self.images.take_in(&scene.machine.images, |i| &i.id, haunts, now_ms, born_ms);
    }

    pub fn containers(&self) -> &Standing<Container> {
        &self.containers
    }

    pub fn images(&self) -> &Standing<Image> {
        &self.images
    }

    fn take_in_pods(&mut self, cluster: &Cluster, now_ms: u64, born_ms: u64) {
        let mut seen = std::collections::BTreeSet::new();
        for pod in &cluster.pods {
            seen.insert(pod.uid.as_str());
            match self.actors.get_mut(&pod.uid) {
                Some(actor) => {
                    let moved = actor.pod.node != pod.node;
                    if actor.pod.shape != pod.shape || actor.pod.word != pod.word {
                        actor.changed_ms = now_ms;
                    }
                    actor.pod = pod.clone();
                    actor.left_ms = None;
                    if moved {
                        let slot = self.free_slot(pod.node.as_deref(), &pod.uid);
                        if let Some(actor) = self.actors.get_mut(&pod.uid) {
                            actor.slot = slot;
                        }
                    }
                }
                None => {
                    let slot = self.free_slot(pod.node.as_deref(), &pod.uid);
                    let actor = Actor { pod: pod.clone(), slot, born_ms, left_ms: None, changed_ms: born_ms };
                    self.actors.insert(pod.uid.clone(), actor);
                }
            }
        }
        for (uid, actor) in &mut self.actors {
            if !seen.contains(uid.as_str()) && actor.left_ms.is_none() {
                actor.left_ms = Some(now_ms);
                actor.pod.shape = Shape::Leaving;
            }
        }
    }

    fn take_in_trips(&mut self, scene: &Scene, now_ms: u64, first: bool) {
        // Requests are numbered from the start again after an undo.
        let newest = scene.trips.last().map_or(0, |trip| trip.id);
        self.seen_trips.retain(|id| *id <= newest);
        let new: Vec<&Trip> = scene.trips.iter().filter(|t| self.seen_trips.insert(t.id)).collect();
        for trip in outermost_first(new) {
            if first || self.still {
                continue;
            }
            if self.travellers.len() < MAX_TRIPS {
                self.travellers.push(Traveller { trip: trip.clone(), started_ms: self.start(trip, now_ms) });
            }
        }
        while self.seen_trips.len() > MAX_SEEN {
            self.seen_trips.pop_first();
        }
    }

    /// A request that somebody makes in order to answer another begins when that one arrives. Several in one
    /// moment follow each other like a string of pearls.
    fn start(&self, trip: &Trip, now_ms: u64) -> u64 {
        let inward = |t: &&Traveller| t.trip.way.len() > 1 && t.trip.way.last() == trip.way.first();
        let asked = self.travellers.iter().filter(inward).map(|t| t.started_ms + TRIP_MS).max();
        let after = asked.or(self.travellers.last().map(|t| t.started_ms + 120)).unwrap_or(0);
        now_ms.max(after)
    }

    /// The lowest place on `node` that nobody, ghosts included, stands on.
    fn free_slot(&self, node: Option<&str>, uid: &str) -> usize {
        let mut taken: Vec<usize> = self
            .actors
            .values()
            .filter(|a| a.pod.uid != uid && a.pod.node.as_deref() == node)
            .map(|a| a.slot)
            .collect();
        taken.sort_unstable();
        taken.dedup();
        taken.iter().enumerate().find(|(at, slot)| at != *slot).map_or(taken.len(), |(at, _)| at)
    }

    /// The pods (and ghosts) on `node`, by slot. None: those without a node.
    pub fn on_node(&self, node: Option<&str>) -> Vec<&Actor> {
        let mut actors: Vec<&Actor> =
            self.actors.values().filter(|a| a.pod.node.as_deref() == node).collect();
        actors.sort_by_key(|a| a.slot);
        actors
    }

    fn note_crowds(&mut self, now_ms: u64) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for node in self.actors.values().filter_map(|a| a.pod.node.clone()) {
            *counts.entry(node).or_default() += 1;
        }
        self.crowds.retain(|node, (_, until)| now_ms < *until || counts.contains_key(node));
        for (node, count) in counts {
            let crowd = self.crowds.entry(node).or_default();
            if count >= crowd.0 || now_ms >= crowd.1 {
                *crowd = (count, now_ms + CROWD_MS);
            }
        }
    }

    /// How many pods a node's box should have room for: those there are, or were a moment ago.
    pub fn crowd(&self, node: &str, now_ms: u64) -> usize {
        let here = self.actors.values().filter(|a| a.pod.node.as_deref() == Some(node)).count();
        let lately = self.crowds.get(node).filter(|(_, until)| !self.still && now_ms < *until);
        lately.map_or(here, |(most, _)| here.max(*most))
    }

    /// When a box gets roomier again.
    fn crowds_end_ms(&self, now_ms: u64) -> Option<u64> {
        let over = |(node, (most, until)): (&String, &(usize, u64))| {
            let here = self.actors.values().filter(|a| a.pod.node.as_ref() == Some(node)).count();
            (here < *most && now_ms < *until).then_some(*until)
        };
        self.crowds.iter().filter_map(over).min()
    }

    /// How visible a pod is at `now_ms`, 0.0 to 1.0.
    pub fn visible(&self, actor: &Actor, now_ms: u64) -> f32 {
        if self.still {
            return if actor.left_ms.is_some() { 0.0 } else { 1.0 };
        }
        match actor.left_ms {
            Some(left) => 1.0 - part(now_ms.saturating_sub(left), LEAVE_MS),
            None => 0.25 + 0.75 * part(now_ms.saturating_sub(actor.born_ms), APPEAR_MS),
        }
    }

    /// Whether a pod's word changed, or a request arrived at it, a moment ago.
    pub fn flashes(&self, actor: &Actor, now_ms: u64) -> bool {
        let changed = actor.changed_ms > actor.born_ms && now_ms < actor.changed_ms + FLASH_MS;
        let hit = self.travellers.iter().any(|t| {
            matches!(t.trip.way.last(), Some(Station::Pod(uid)) if *uid == actor.pod.uid)
                && (t.arrived_ms()..t.arrived_ms() + FLASH_MS).contains(&now_ms)
        });
        !self.still && (changed || hit)
    }

    /// How visible a node, service or workload is.
    pub fn visible_key(&self, key: &str, now_ms: u64) -> f32 {
        if self.still {
            return 1.0;
        }
        let born = self.born.get(key).copied().unwrap_or(now_ms);
        0.25 + 0.75 * part(now_ms.saturating_sub(born), APPEAR_MS)
    }

    /// Requests on their way with how far they are (0.0 to 1.0; past 1.0 the outcome is shown).
    pub fn travellers(&self, now_ms: u64) -> impl Iterator<Item = (&Trip, f32)> {
        self.travellers.iter().filter(move |t| now_ms >= t.started_ms).map(move |t| {
            let age = now_ms - t.started_ms;
            (&t.trip, age as f32 / TRIP_MS as f32)
        })
    }

    /// When the picture changes by itself next; none when it stands still.
    pub fn next_frame_ms(&self, now_ms: u64) -> Option<u64> {
        if self.still {
            return None;
        }
        let fading = self.actors.values().any(|a| {
            a.left_ms.is_some()
                || now_ms < a.born_ms + APPEAR_MS
                || (a.changed_ms > a.born_ms && now_ms < a.changed_ms + FLASH_MS)
        });
        let fading = fading || self.born.values().any(|born| now_ms < born + APPEAR_MS);
        let fading = fading || self.containers.moves(now_ms) || self.images.moves(now_ms);
        let travelling = self.travellers.iter().any(|t| now_ms < t.arrived_ms() + FLASH_MS);
        if fading || travelling {
            return Some(now_ms + FRAME_MS);
        }
        self.travellers.iter().map(Traveller::ends_ms).chain(self.crowds_end_ms(now_ms)).min()
    }
}

pub fn service_key(name: &str) -> String {
    format!("service/{name}")
}

pub fn node_key(name: &str) -> String {
    format!("node/{name}")
}

pub fn workload_key(kind: &str, name: &str) -> String {
    format!("{kind}/{name}")
}

/// A request that is made to answer another is over before that one, and comes to be known first; on its way it is
/// the later of the two.
fn outermost_first(mut trips: Vec<&Trip>) -> Vec<&Trip> {
    let all = trips.clone();
    let asked_by = |trip: &Trip| {
        let from = trip.way.first().filter(|station| matches!(station, Station::Pod(_)));
        from.and_then(|from| all.iter().find(|t| t.id != trip.id && t.way.last() == Some(from)).copied())
    };
    trips.sort_by_cached_key(|trip| {
        let mut depth = 0;
        let mut asker = asked_by(trip);
        while let Some(outer) = asker.filter(|_| depth < MAX_TRIPS) {
            depth += 1;
            asker = asked_by(outer);
        }
        depth
    });
    trips
}

fn part(age_ms: u64, whole_ms: u64) -> f32 {
    (age_ms as f32 / whole_ms as f32).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::{Stage, TRIP_MS};
    use crate::ui::scene::{Cluster, Pod, Scene, Station, Trip};
    use crate::ui::standing::LEAVE_MS;

    fn scene(pods: &[(&str, &str)]) -> Scene {
        let pods = pods.iter().map(|(uid, node)| Pod {
            uid: (*uid).into(),
            node: Some((*node).into()),
            ..Pod::default()
        });
        let cluster = Cluster { name: "c".into(), pods: pods.collect(), ..Cluster::default() };
        Scene { cluster: Some(cluster), ..Scene::default() }
    }

    fn places(stage: &Stage, node: &str) -> Vec<(String, usize)> {
        stage.on_node(Some(node)).iter().map(|a| (a.pod.uid.clone(), a.slot)).collect()
    }

    #[test]
    fn a_pod_keeps_its_place_and_a_place_is_free_when_its_ghost_is_gone() {
        let mut stage = Stage::new(false);
        stage.take_in(&scene(&[("a", "n"), ("b", "n"), ("c", "n")]), 0);
        stage.take_in(&scene(&[("b", "n"), ("c", "n"), ("d", "n")]), 1000);
        let expect = [("a", 0), ("b", 1), ("c", 2), ("d", 3)].map(|(u, s)| (u.to_owned(), s));
        assert_eq!(places(&stage, "n"), expect);
        stage.take_in(&scene(&[("b", "n"), ("c", "n"), ("d", "n")]), 1000 + LEAVE_MS);
        stage.take_in(&scene(&[("b", "n"), ("c", "n"), ("d", "n"), ("e", "n")]), 3000);
        let expect = [("e", 0), ("b", 1), ("c", 2), ("d", 3)].map(|(u, s)| (u.to_owned(), s));
        assert_eq!(places(&stage, "n"), expect);
    }

    #[test]
    fn a_box_stays_dense_for_a_while_after_a_crowd() {
        let mut stage = Stage::new(false);
        stage.take_in(&scene(&[("a", "n"), ("b", "n"), ("c", "n")]), 0);
        stage.take_in(&scene(&[("a", "n")]), 1000);
        let gone = 1000 + LEAVE_MS;
        stage.take_in(&scene(&[("a", "n")]), gone);
        assert_eq!(stage.crowd("n", gone), 3);
        let end = stage.next_frame_ms(gone).expect("the box gets roomier again");
        stage.take_in(&scene(&[("a", "n")]), end);
        assert_eq!(stage.crowd("n", end), 1);
        assert_eq!(stage.next_frame_ms(end), None);
    }

    #[test]
    fn an_inner_request_sets_out_when_the_outer_one_has_arrived() {
        let pod = |uid: &str| Station::Pod(uid.into());
        let inner = Trip { id: 1, way: vec![pod("front"), pod("hello")], ..Trip::default() };
        let outer = Trip { id: 2, way: vec![Station::You, pod("front")], ..Trip::default() };
        let mut stage = Stage::new(false);
        stage.take_in(&scene(&[("front", "n"), ("hello", "n")]), 0);
        let trips = vec![inner, outer];
        stage.take_in(&Scene { trips, ..scene(&[("front", "n"), ("hello", "n")]) }, 1000);
        let under_way = |at| stage.travellers(at).map(|(trip, _)| trip.id).collect::<Vec<_>>();
        assert_eq!(under_way(1000), [2]);
        assert_eq!(under_way(1000 + TRIP_MS), [2, 1]);
    }

    #[test]
    fn a_still_picture_asks_for_no_frames() {
        let mut stage = Stage::new(false);
        stage.take_in(&scene(&[("a", "n")]), 100);
        assert_eq!(stage.next_frame_ms(1000), None);
        stage.take_in(&scene(&[("a", "n"), ("b", "n")]), 2000);
        assert!(stage.next_frame_ms(2000).is_some());
        assert_eq!(stage.next_frame_ms(9000), None);
        let mut still = Stage::new(true);
        still.take_in(&scene(&[("a", "n")]), 100);
        still.take_in(&scene(&[]), 200);
        assert_eq!(still.next_frame_ms(210), None);
    }
}
