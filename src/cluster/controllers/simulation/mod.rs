//! The cluster against chance: random commands from a seed, and what must hold whatever is done. A failure names the
//! seed and the commands so far; the same seed plays the same game again.

mod invariants;

use std::time::Duration;

use serde_json::{Value, json};

use self::invariants::Watcher;
use super::tests::Lab;
use crate::base::seed::{Rng, Seed};
use crate::cluster::api::{Options, PatchType, Propagation, Reply, Request, Status, UserInfo, Verb};
use crate::cluster::object::KindId;

/// Commands in one game.
const COMMANDS: usize = 45;
/// Long enough for every back-off and grace period to end.
const SETTLING: Duration = Duration::from_secs(700);
const NAMES: &[&str] = &["a", "b", "c"];

/// One game: a cluster, its dice, and what was done so far.
pub struct Game {
    pub seed: u64,
    pub lab: Lab,
    pub done: Vec<String>,
    dice: Rng,
}

impl Game {
    fn new(seed: u64) -> Game {
        Game { seed, lab: Lab::new(), done: Vec::new(), dice: Seed(seed).stream("simulation") }
    }

    /// Stops the test, with all that is needed to play the game again.
    pub fn fail(&self, what: &str) -> ! {
        panic!("seed {}: {what}\nafter\n  {}", self.seed, self.done.join("\n  "));
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.dice.below(words.len() as u64) as usize]
    }

    fn number(&mut self, below: u64) -> u64 {
        self.dice.below(below)
    }

    fn ask(
        &mut self,
        verb: Verb,
        path: &str,
        body: Option<Value>,
        options: Options,
    ) -> Result<Reply, Status> {
        let parts: Vec<&str> = path.split('/').collect();
        let (group, resource, name) = (parts[0], parts[1], parts.get(2).copied().unwrap_or_default());
        let mut request = Request::new(UserInfo::admin("you"), "kubectl", verb, group, "v1", resource);
        request.namespace = Some("default".to_owned());
        request.name = Some(name.to_owned()).filter(|n| !n.is_empty());
        request.subresource = parts.get(3).map(|s| (*s).to_owned());
        request.body = body;
        request.options = options;
        let now = self.lab.now;
        let answer = self.lab.cluster.handle(now, request).result;
        let outcome = answer.as_ref().map_or_else(|e| e.message.clone(), |_| "ok".to_owned());
        self.done.push(format!("{} {path}: {outcome}", verb.word()));
        answer
    }

    fn patch(&mut self, path: &str, body: Value) {
        // A refusal (the object is not there) is part of the game.
        let _ = self.ask(Verb::Patch(PatchType::Merge), path, Some(body), Options::default());
    }

    /// Some pod of the namespace.
    fn a_pod(&mut self) -> Option<String> {
        let names: Vec<String> = self.lab.pods().iter().filter_map(|p| p.metadata.name.clone()).collect();
        let at = self.dice.below(names.len().max(1) as u64) as usize;
        names.get(at).cloned()
    }

    /// One random command.
    fn command(&mut self) {
        let name = self.one_of(NAMES);
        let image = self.one_of(&["app:1", "app:2", "app:3", "app:typo"]);
        let count = self.number(7);
        let deployment = format!("apps/deployments/{name}");
        match self.number(20) {
            0..=2 => self.make("apps/deployments", deployment_of(name, image, count)),
            3..=4 => self.patch(&deployment, json!({"spec": {"replicas": count}})),
            5..=7 => {
                let containers = json!([{"name": "web", "image": image}]);
                self.patch(&deployment, json!({"spec": {"template": {"spec": {"containers": containers}}}}));
            }
            8 => {
                let (surge, unavailable) = (self.number(3), self.number(3));
                let rolling =
                    json!({"maxSurge": surge, "maxUnavailable": unavailable.max(u64::from(surge == 0))});
                self.patch(&deployment, json!({"spec": {"strategy": {"rollingUpdate": rolling}}}));
            }
            9 => {
                let paused = self.number(2) == 0;
                self.patch(&deployment, json!({"spec": {"paused": paused}}));
            }
            10 => self.delete(&deployment),
            11..=12 => self.kill_a_pod(),
            13 => self.relabel_a_pod(),
            14..=15 => self.service(name),
            16 => self.cordon(),
            17 => self.make("apps/statefulsets", set_of("StatefulSet", name, image, Some(count.min(3)))),
            18 => self.make("apps/daemonsets", set_of("DaemonSet", name, image, None)),
            _ => self.evict_a_pod(),
        }
    }

    fn make(&mut self, collection: &str, body: Value) {
        let _ = self.ask(Verb::Create, collection, Some(body), Options::default());
    }

    fn delete(&mut self, path: &str) {
        let propagation = match self.number(3) {
            0 => Some(Propagation::Foreground),
            1 => Some(Propagation::Orphan),
            _ => None,
        };
        let _ = self.ask(Verb::Delete, path, None, Options { propagation, ..Options::default() });
    }

    fn kill_a_pod(&mut self) {
        let Some(pod) = self.a_pod() else { return };
        let grace_period_seconds = (self.number(3) == 0).then_some(0);
        let options = Options { grace_period_seconds, ..Options::default() };
        let _ = self.ask(Verb::Delete, &format!("/pods/{pod}"), None, options);
    }

    /// Takes a Deployment's pod out of its set, or into another Service. (A stateful set's pod would block its name.)
    fn relabel_a_pod(&mut self) {
        // `a-0`: two dashes make the name of a Deployment's pod.
        let Some(pod) = self.a_pod().filter(|name| name.matches('-').count() == 2) else { return };
        let app = self.one_of(&["a", "b", "other"]);
        self.patch(&format!("/pods/{pod}"), json!({"metadata": {"labels": {"app": app}}}));
    }

    fn service(&mut self, name: &str) {
        if self.number(4) == 0 {
            return self.delete(&format!("/services/{name}"));
        }
        let body = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"selector": {"app": name}, "ports": [{"port": 80}]}});
        self.make("/services", body);
    }

    fn cordon(&mut self) {
        let node = self.one_of(&["node-1", "node-2"]);
        let closed = self.number(2) == 0;
        self.patch(&format!("/nodes/{node}"), json!({"spec": {"unschedulable": closed}}));
    }

    /// An eviction that is allowed leaves as many healthy pods as the budget wants.
    fn evict_a_pod(&mut self) {
        let name = self.one_of(NAMES);
        let budget = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name},
            "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": name}}}});
        self.make("policy/poddisruptionbudgets", budget);
        let Some(pod) = self.a_pod() else { return };
        self.lab.run(Duration::from_millis(1));
        let was_ready = invariants::is_ready(self, &pod);
        let body = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}});
        let answer = self.ask(Verb::Create, &format!("/pods/{pod}/eviction"), Some(body), Options::default());
        if answer.is_ok() && was_ready {
            invariants::budgets_hold(self, &pod);
        }
    }

    /// Puts everything into a state from which it can come to rest.
    fn make_peace(&mut self) {
        for node in ["node-1", "node-2"] {
            self.patch(&format!("/nodes/{node}"), json!({"spec": {"unschedulable": false}}));
        }
        let containers = json!([{"name": "web", "image": "app:9"}]);
        let template = json!({"spec": {"containers": containers}});
        for name in NAMES {
            self.patch(
                &format!("apps/deployments/{name}"),
                json!({"spec": {"paused": false, "template": template}}),
            );
            self.patch(&format!("apps/statefulsets/{name}"), json!({"spec": {"template": template}}));
            self.patch(&format!("apps/daemonsets/{name}"), json!({"spec": {"template": template}}));
        }
        // A stateful set waits for a pod that cannot start, however its template changes.
        let stuck = self
            .lab
            .pods()
            .iter()
            .filter(|p| !super::pod_state::is_ready(p))
            .filter_map(|p| p.metadata.name.clone())
            .collect::<Vec<_>>();
        for pod in stuck {
            let _ = self.ask(Verb::Delete, &format!("/pods/{pod}"), None, Options::default());
        }
    }
}

fn template(name: &str, kind: &str, image: &str) -> Value {
    json!({"metadata": {"labels": {"app": name, "kind": kind}}, "spec": {
        "terminationGracePeriodSeconds": 5, "containers": [{"name": "web", "image": image}]}})
}

fn deployment_of(name: &str, image: &str, replicas: u64) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {
        "replicas": replicas, "selector": {"matchLabels": {"app": name, "kind": "Deployment"}},
        "template": template(name, "Deployment", image)}})
}

fn set_of(kind: &str, name: &str, image: &str, replicas: Option<u64>) -> Value {
    let mut body = json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": {
        "selector": {"matchLabels": {"app": name, "kind": kind}}, "template": template(name, kind, image)}});
    if let Some(replicas) = replicas {
        body["spec"]["replicas"] = json!(replicas);
        body["spec"]["serviceName"] = json!(name);
    }
    body
}

/// Plays a game to its end; the digest of the cluster it ends in.
fn play(seed: u64) -> Vec<u8> {
    let mut game = Game::new(seed);
    let mut watcher = Watcher::new(&game);
    for _ in 0..COMMANDS {
        game.command();
        let pause = Duration::from_millis(game.number(4_000));
        game.lab.run(pause);
        watcher.follow(&game);
    }
    game.make_peace();
    // In pieces, so that the change log never forgets what was not yet looked at.
    for _ in 0..20 {
        game.lab.run(SETTLING / 20);
        watcher.follow(&game);
    }
    watcher.lists_agree(&game);
    invariants::owners_exist(&game);
    invariants::endpoints_are_the_ready_pods(&game);
    invariants::specs_are_met(&game);
    assert!(game.lab.cluster.store().count(KindId::Node) == 3, "seed {seed}: nodes do not come or go");
    game.lab.cluster.digest()
}

#[test]
fn whatever_is_done_the_cluster_keeps_its_promises() {
    for seed in 1..=6 {
        play(seed);
    }
}

#[test]
fn the_same_seed_plays_the_same_game() {
    assert_eq!(play(99), play(99), "seed 99");
}
