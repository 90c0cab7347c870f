//! The learner's machine as the picture shows it.

use crate::image::files::EntryKind;
use crate::ui::derive::docker;
use crate::ui::scene::{File, Machine, Process};
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
        images: docker::images(world),
        containers: docker::containers(world),
        push: docker::push(world),
        registry: docker::registry(world),
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
