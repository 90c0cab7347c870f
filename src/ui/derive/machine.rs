//! The learner's machine as the picture shows it.

use crate::image::files::EntryKind;
use crate::ui::scene::{Container, File, Image, Machine, Process};
use crate::world::{HostId, ProcessId, World};

/// Files listed of the home directory.
const MAX_FILES: usize = 40;
/// Longest command line shown of a process.
const MAX_COMMAND_CHARS: usize = 60;

pub fn machine(world: &World) -> Machine {
    let Some(host) = world.machine_host() else { return Machine::default() };
    Machine {
        host: host.hostname.clone(),
        directory: "~".to_owned(),
        files: files(world, &host.home),
        processes: processes(world),
        images: images(world),
        containers: containers(world),
    }
}

fn files(world: &World, home: &str) -> Vec<File> {
    let listed = world.look(HostId::MACHINE, home, |tree, path| {
        let names = tree.list(path).unwrap_or_default();
        let visible = names.into_iter().filter(|name| !name.starts_with('.')).take(MAX_FILES);
        let entry = |name: String| {
            let at = format!("{}/{name}", path.trim_end_matches('/'));
            let is_dir = tree.stat(&at).is_ok_and(|e| matches!(e.kind, EntryKind::Dir(_)));
            let bytes = tree.read(&at).map_or(0, |content| content.len() as u64);
            File { name, is_dir, bytes }
        };
        visible.map(entry).collect::<Vec<File>>()
    });
    listed.unwrap_or_default()
}

/// What runs besides the shells at their prompts.
fn processes(world: &World) -> Vec<Process> {
    let shell = |argv: &[String]| {
        let name = argv.first().map_or("", String::as_str);
        matches!(name.trim_start_matches('-').rsplit('/').next(), Some("bash" | "sh"))
    };
    let alive =
        world.processes.values().filter(|p| p.host == HostId::MACHINE && p.is_alive() && !shell(&p.argv));
    alive
        .map(|p| Process {
            pid: p.pid,
            command: p.argv.join(" ").chars().take(MAX_COMMAND_CHARS).collect(),
            ports: ports(world, p.id),
        })
        .collect()
}

fn ports(world: &World, process: ProcessId) -> Vec<u16> {
    let netns = world.machine_host().and_then(|host| world.networks.get(&host.netns));
    let sockets = netns.into_iter().flat_map(|n| &n.sockets);
    sockets.filter(|(_, socket)| socket.owner == process).map(|(port, _)| *port).collect()
}

fn images(world: &World) -> Vec<Image> {
    let images = &world.machine.docker.images;
    let mut shown = Vec::new();
    for stored in images.list() {
        let id = &stored.image.id;
        let size = size(stored.image.layers.iter().map(|l| l.size_bytes).sum());
        for name in images.tags_of(id) {
            shown.push(Image { name, id: id.to_string(), size: size.clone() });
        }
    }
    shown
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
    if value >= 100.0 || value.fract() == 0.0 {
        format!("{value:.0}{}", units[unit])
    } else {
        format!("{value:.1}{}", units[unit])
    }
}

fn containers(world: &World) -> Vec<Container> {
    let shown = |c: &&crate::machine::docker::container::Container| {
        let running = c.state.status.is_running();
        let status = c.state.status.name();
        Container {
            id: c.id.0.chars().take(12).collect(),
            name: c.name.clone(),
            image: c.image_name.clone(),
            running,
            status: if running { status.to_owned() } else { format!("{status} ({})", c.state.exit_code) },
            ports: c.published.iter().map(|p| (p.host_port, p.container_port)).collect(),
        }
    };
    world.machine.docker.containers().iter().map(shown).collect()
}
