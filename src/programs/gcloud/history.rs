//! Which groups of commands were used lately: suggestions lean towards them. The real client reads its log files for
//! this; here one short file stands for them. Must never hold more than the last commands.

use super::properties;
use super::refusal::Place;
use crate::world::{HostId, World};

/// How many commands count.
const KEPT: usize = 100;

fn path(world: &World, host: HostId) -> String {
    format!("{}/logs/surfaces", properties::directory(world, host))
}

/// The groups of the last commands.
pub fn recent(world: &World, host: HostId) -> Vec<String> {
    let path = path(world, host);
    let text = world.look(host, &path, |tree, path| tree.read_text(path).ok()).flatten().unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Notes a command that was understood.
pub fn note(world: &mut World, host: HostId, place: &Place) {
    let dotted = place.dotted();
    let group = dotted.strip_prefix("gcloud.").and_then(|rest| rest.rsplit_once('.')).map(|(group, _)| group);
    let Some(group) = group else { return };
    let mut lines = recent(world, host);
    lines.push(group.to_owned());
    let from = lines.len().saturating_sub(KEPT);
    let text = lines[from..].join("\n");
    let path = path(world, host);
    // A home that cannot be written to only loses the habit.
    world
        .change(host, &path, |tree, path, now| {
            tree.mkdir(path.rsplit_once('/').map_or("/", |(dir, _)| dir), true, now)?;
            tree.write(path, text.into_bytes(), now)
        })
        .ok();
}
