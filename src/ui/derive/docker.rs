//! The Docker engine's images, containers and works as the picture shows them.

use std::collections::{BTreeMap, BTreeSet};

use crate::image::{Digest, Image};
use crate::machine::docker::images::{Stored, chain_ids};
use crate::machine::docker::work::{Part, Progress, Work, WorkKind};
use crate::machine::docker::{Container, Status};
use crate::ui::scene::{self, Making, Slab, SlabState};
use crate::world::{HostId, World};

/// Layers of a pulled image that are told apart; what is below them is one slab.
const MAX_PULLED_SLABS: usize = 3;
/// Layers of a pull under way that are told apart.
const MAX_MOVING: usize = 3;

/// Images, oldest first; what is being pulled or built comes last.
pub fn images(world: &World) -> Vec<scene::Image> {
    let images = &world.machine.docker.images;
    let mut stored = images.list();
    stored.sort_by_key(|s| s.order);
    let seen = Seen::of(world, &stored);
    let mut shown: Vec<scene::Image> = Vec::new();
    for (hue, stored) in stored.iter().enumerate() {
        let image = &stored.image;
        let names = images.tags_of(&image.id);
        let mut slabs = seen.slabs(image);
        if let Some(build) = last_build(world, &names) {
            mark_reused(build, &mut slabs);
        }
        let size = size(image.layers.iter().map(|l| l.size_bytes).sum());
        let id = image.id.short().to_owned();
        shown.push(scene::Image { id, names, size, slabs, hue, making: Making::There });
    }
    for work in under_way(world) {
        let (making, slabs) = match work.kind {
            WorkKind::Push => continue,
            WorkKind::Pull => (Making::Pulling, pulling(&work.parts)),
            WorkKind::Build => (Making::Building, building(&work.parts)),
        };
        let names = vec![work.subject.clone()];
        let (id, hue) = (format!("work-{}", work.number), shown.len());
        shown.push(scene::Image { id, names, size: String::new(), slabs, hue, making });
    }
    shown
}

/// Works whose client is still there.
fn under_way(world: &World) -> impl Iterator<Item = &Work> {
    let alive: BTreeSet<u32> = world
        .processes
        .values()
        .filter(|p| p.host == HostId::MACHINE && p.is_alive())
        .map(|p| p.pid)
        .collect();
    world.machine.docker.works.list().filter(move |w| !w.ended && alive.contains(&w.client))
}

/// The latest build that gave one of these names.
fn last_build<'a>(world: &'a World, names: &[String]) -> Option<&'a Work> {
    let mut works = world.machine.docker.works.list().rev();
    works.find(|w| w.kind == WorkKind::Build && w.ended && names.contains(&w.subject))
}

/// Steps of the Dockerfile among a build's parts, first to last, without those of BuildKit itself.
fn steps(parts: &[Part]) -> impl DoubleEndedIterator<Item = &Part> {
    parts.iter().filter(|p| {
        p.name.starts_with('[') && !p.name.starts_with("[internal]") && !p.name.starts_with("[auth]")
    })
}

/// The upper layers are the last steps: those that came from the cache are marked.
fn mark_reused(build: &Work, slabs: &mut [Slab]) {
    for (slab, part) in slabs.iter_mut().rev().zip(steps(&build.parts).rev()) {
        if part.progress == Progress::There {
            slab.state = SlabState::Reused;
        }
        if let Some(base) = instruction(&part.name).strip_prefix("FROM ") {
            slab.label = short_reference(base);
            return;
        }
    }
}

/// `[2/3] WORKDIR /app` without its number.
fn instruction(name: &str) -> &str {
    name.split_once("] ").map_or(name, |(_, step)| step)
}

/// An image's name as people write it.
fn short_reference(name: &str) -> String {
    let name = name.split('@').next().unwrap_or(name);
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name).to_owned()
}

fn building(parts: &[Part]) -> Vec<Slab> {
    let slab = |part: &Part| Slab {
        key: part.name.clone(),
        label: instruction(&part.name).to_owned(),
        layers: 1,
        state: state(part.progress),
        ..Slab::default()
    };
    steps(parts).map(slab).collect()
}

/// Layers that are here in one slab, then those that move, then what waits in another.
fn pulling(parts: &[Part]) -> Vec<Slab> {
    let group = |state: SlabState, layers: usize| Slab {
        key: format!("{state:?}"),
        layers,
        state,
        ..Slab::default()
    };
    let count = |wanted: &[Progress]| parts.iter().filter(|p| wanted.contains(&p.progress)).count();
    let (there, waiting) = (count(&[Progress::There, Progress::Done]), count(&[Progress::Waiting]));
    let mut slabs = Vec::new();
    if there > 0 {
        slabs.push(group(SlabState::Done, there));
    }
    let moving = parts.iter().filter(|p| matches!(p.progress, Progress::Moving { .. }));
    let one = |part: &Part| Slab {
        key: part.name.clone(),
        label: part.name.clone(),
        size: match part.progress {
            Progress::Moving { of, .. } => size(of),
            _ => String::new(),
        },
        layers: 1,
        state: state(part.progress),
        ..Slab::default()
    };
    let moving: Vec<Slab> = moving.map(one).collect();
    // One layer moves at a time; those before it are down and wait to be unpacked.
    let skip = moving.len().saturating_sub(MAX_MOVING);
    slabs.extend(moving.into_iter().skip(skip));
    if waiting > 0 {
        slabs.push(group(SlabState::Waiting, waiting));
    }
    slabs
}

fn state(progress: Progress) -> SlabState {
    match progress {
        Progress::Waiting => SlabState::Waiting,
        Progress::Moving { of: 0, .. } => SlabState::Moving(None),
        Progress::Moving { done, of } => SlabState::Moving(Some(done as f32 / of as f32)),
        Progress::There => SlabState::Reused,
        Progress::Done => SlabState::Done,
        Progress::Failed => SlabState::Failed,
    }
}

/// What all images together say about single layers.
struct Seen {
    /// How many images stand on a layer.
    holders: BTreeMap<Digest, usize>,
    /// Layers that some image ends with.
    tops: BTreeSet<Digest>,
    /// Layers that came with a base image.
    bases: BTreeSet<Digest>,
}

impl Seen {
    fn of(world: &World, stored: &[&Stored]) -> Self {
        let mut holders: BTreeMap<Digest, usize> = BTreeMap::new();
        let mut tops = BTreeSet::new();
        for stored in stored {
            let chains = chain_ids(&stored.image);
            tops.extend(chains.last().cloned());
            for chain in chains {
                *holders.entry(chain).or_insert(0) += 1;
            }
        }
        let cache = world.machine.docker.cache.records();
        let bases = cache.iter().filter(|r| r.description.is_empty()).filter_map(|r| r.chain.clone());
        Seen { holders, tops, bases: bases.collect() }
    }

    fn slabs(&self, image: &Image) -> Vec<Slab> {
        let chains = chain_ids(image);
        let made_by: Vec<&str> =
            image.history.iter().filter(|h| !h.empty_layer).map(|h| h.created_by.as_str()).collect();
        let base = chains.iter().take_while(|c| self.bases.contains(*c)).count();
        let below = if base > 0 { base } else { chains.len().saturating_sub(MAX_PULLED_SLABS) };
        let mut slabs = Vec::new();
        let mut from = 0;
        for (at, chain) in chains.iter().enumerate() {
            let ends = at + 1 == chains.len() || at + 1 >= below || self.tops.contains(chain);
            if !ends {
                continue;
            }
            let layers = at + 1 - from;
            let bytes = image.layers[from..=at].iter().map(|l| l.size_bytes).sum();
            let label = if layers == 1 { made_by.get(at).map_or("", |by| by) } else { "" };
            slabs.push(Slab {
                key: chain.to_string(),
                label: step(label),
                size: size(bytes),
                layers,
                shared: self.holders.get(chain).is_some_and(|n| *n > 1),
                state: SlabState::There,
            });
            from = at + 1;
        }
        slabs
    }
}

/// The step of a Dockerfile behind a line of `docker history`.
fn step(created_by: &str) -> String {
    let text = created_by.trim_end_matches(" # buildkit");
    let text = text.strip_prefix("/bin/sh -c #(nop) ").unwrap_or(text).trim_start();
    // `# debian.sh --arch ...`: a distribution's own files.
    if let Some(script) = text.strip_prefix("# ") {
        return script.split(".sh").next().unwrap_or(script).to_owned();
    }
    match text.strip_prefix("/bin/sh -c ") {
        Some(command) => format!("RUN {command}"),
        None => text.replace("RUN /bin/sh -c ", "RUN "),
    }
}

/// As docker prints sizes: three digits, decimal units.
fn size(bytes: u64) -> String {
    let units = ["B", "kB", "MB", "GB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = match (unit, value) {
        (0, _) => return format!("{bytes}B"),
        (_, 100.0..) => return format!("{value:.0}{}", units[unit]),
        (_, 10.0..) => 1,
        _ => 2,
    };
    let number = format!("{value:.decimals$}");
    format!("{}{}", number.trim_end_matches('0').trim_end_matches('.'), units[unit])
}

/// Containers, oldest first.
pub fn containers(world: &World) -> Vec<scene::Container> {
    let engine = &world.machine.docker;
    let mut images = engine.images.list();
    images.sort_by_key(|s| s.order);
    let mut containers = engine.containers();
    containers.reverse();
    let hue = |c: &Container| images.iter().position(|s| s.image.id == c.image.id).unwrap_or(0);
    containers.iter().map(|c| container(c, engine.image_shown(c), hue(c))).collect()
}

fn container(container: &Container, image: String, hue: usize) -> scene::Container {
    let state = &container.state;
    let ended = matches!(state.status, Status::Exited | Status::Dead);
    let word = state.status.name();
    let number = |port: &String| port.split('/').next().and_then(|p| p.parse::<u16>().ok());
    let published: Vec<u16> = container.published.iter().map(|p| p.container_port).collect();
    let network = container.network();
    scene::Container {
        id: container.id.short().to_owned(),
        name: container.name.clone(),
        image,
        hue,
        running: state.status.is_running(),
        failed: ended && state.exit_code != 0,
        status: if ended { format!("{word} ({})", state.exit_code) } else { word.to_owned() },
        command: command(container),
        ports: container.published.iter().map(|p| (p.host_port, p.container_port)).collect(),
        exposed: container.exposed.iter().filter_map(number).filter(|p| !published.contains(p)).collect(),
        network: if network == "bridge" { String::new() } else { network.to_owned() },
    }
}

/// What a container runs, without the script that an image puts before everything.
fn command(container: &Container) -> String {
    let argv = container.argv();
    let wrapped = argv.len() > 1 && argv.first().is_some_and(|w| w.ends_with("entrypoint.sh"));
    argv[usize::from(wrapped)..].join(" ")
}

/// The push under way, its layers by the steps that made them.
pub fn push(world: &World) -> Option<scene::Push> {
    let work = under_way(world).find(|w| w.kind == WorkKind::Push)?;
    let images = &world.machine.docker.images;
    let image = images.find(&work.subject).ok().map(|s| s.image.clone());
    let label = |digest: &str| {
        let image = image.as_ref()?;
        let at = image.layers.iter().position(|l| l.diff_id.short() == digest)?;
        let by = image.history.iter().filter(|h| !h.empty_layer).nth(at)?;
        Some((step(&by.created_by), size(image.layers[at].size_bytes)))
    };
    let slab = |part: &Part| {
        let (label, size) = label(&part.name).unwrap_or((part.name.clone(), String::new()));
        let state = state(part.progress);
        Slab { key: part.name.clone(), label, size, layers: 1, shared: false, state }
    };
    Some(scene::Push { name: work.subject.clone(), slabs: work.parts.iter().map(slab).collect() })
}

/// What was pushed to the project's registries, as names with tags.
pub fn registry(world: &World) -> Vec<String> {
    let mut names = Vec::new();
    for (name, pushed) in world.cloud.registries.pushed_under("") {
        names.extend(pushed.tags.keys().map(|tag| format!("{name}:{tag}")));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{short_reference, size, step};

    #[test]
    fn names_steps_and_sizes_are_short() {
        let steps = [
            ("WORKDIR /app", "WORKDIR /app"),
            ("COPY . . # buildkit", "COPY . ."),
            ("RUN /bin/sh -c npm ci # buildkit", "RUN npm ci"),
            ("/bin/sh -c apt-get update", "RUN apt-get update"),
            ("# debian.sh --arch 'amd64' out/", "debian"),
            ("/bin/sh -c #(nop) COPY dir:a in / ", "COPY dir:a in / "),
        ];
        for (line, expect) in steps {
            assert_eq!(step(line), expect);
        }
        assert_eq!(short_reference("docker.io/library/node:lts@sha256:ab"), "node:lts");
        assert_eq!(["17B", "1.5kB", "74.4MB", "1.13GB"], [17, 1500, 74_400_000, 1_130_000_000].map(size));
    }
}
