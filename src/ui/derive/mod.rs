//! Makes views out of a session: the only part of the interface that reads the world. Pure; it changes nothing.

pub mod chronicle;
mod cluster;
mod docker;
mod machine;
mod quest;
mod services;
mod trips;

use crate::cloud::gke::GkeCluster;
use crate::lesson::course::Language;
use crate::session::Session;
use crate::ui::derive::chronicle::Chronicle;
use crate::ui::scene::Scene;
use crate::ui::view::View;
use crate::world::World;

/// The session as the screen shows it. The chronicle goes on from where it was.
pub fn view(session: &Session, chronicle: &mut Chronicle, language: Language) -> View {
    let begin = session.start().at;
    let current = session.current_cluster();
    session.view(|world| {
        let shown = shown_cluster(world, current);
        let scene = scene(world, shown.as_ref().map(|(_, gke)| *gke));
        if let Some((key, gke)) = shown {
            chronicle.take_in(&key, gke.cluster.store(), begin);
        }
        View {
            quest: session.run().map(|run| quest::quest(run, session, language)),
            scene,
            story: chronicle.story().to_vec(),
            clock_ms: world.now.0.saturating_sub(begin.0),
            learner: session.start().learner.clone(),
        }
    })
}

fn scene(world: &World, shown: Option<&GkeCluster>) -> Scene {
    let cluster = shown.map(|gke| cluster::cluster(world, gke));
    let machine = machine::machine(world);
    let trips = trips::trips(world, &machine, cluster.as_ref());
    Scene { machine, cluster, trips }
}

/// The cluster that kubectl talks to; without one, the newest there is.
fn shown_cluster(world: &World, current: Option<String>) -> Option<(String, &GkeCluster)> {
    let clusters = &world.cloud.clusters;
    let current = current.filter(|key| clusters.contains_key(key));
    let key = current.or_else(|| clusters.iter().max_by_key(|(_, c)| c.created).map(|(k, _)| k.clone()))?;
    let gke = clusters.get(&key)?;
    Some((key, gke))
}
