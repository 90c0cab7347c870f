//! What the simulation costs: `kubectl get pods`, scaling a Deployment until every pod is Ready, replaying a quest.
//! Prints milliseconds of wall time beside the budgets; virtual time runs as fast as it can.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the wall clock")]

use std::rc::Rc;
use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::Deployment;
use kubejam::authoring::solve::solve;
use kubejam::base::SimTime;
use kubejam::cluster::api::{Request, UserInfo, Verb};
use kubejam::lesson::course::Course;
use kubejam::session::batch::BatchShell;
use kubejam::session::journal::Entry;
use kubejam::session::play::Play;
use kubejam::session::{Session, Start, WorldKind};
use kubejam::world::Input;

const BEGIN: SimTime = SimTime::from_secs(1_795_351_539);

/// Runs of each measurement; the median is printed.
const RUNS: usize = 5;

fn main() {
    println!("{:<52} {:>10} {:>10}", "what", "ms", "budget ms");
    for (pods, budget) in [(10, 1.0), (1_000, 5.0), (10_000, 50.0)] {
        let (mut session, shell) = with_pods(pods);
        let took = median(|| timed(|| drop(run(&mut session, &shell, "kubectl get pods"))));
        report(&format!("kubectl get pods, {pods} pods"), took, budget);
    }
    for (pods, budget) in [(1_000, 100.0), (10_000, 2_000.0)] {
        let runs = if pods > 1_000 { 1 } else { RUNS };
        let took = median_of(runs, || timed(|| drop(with_pods(pods))));
        report(&format!("Deployment 1 -> {pods} replicas, all Ready"), took, budget);
    }
    report("replay of a finished quest", replay(), 50.0);
    growth();
}

/// The cost per pod as the cluster grows: near-linear means that the figures of a column stay alike.
fn growth() {
    println!(
        "\n{:<12} {:>12} {:>12} {:>12} {:>12}   microseconds per pod",
        "pods", "scale up", "get", "rollout", "delete"
    );
    for pods in [100, 1_000, 10_000] {
        let per_pod = |took: Duration| took.as_secs_f64() * 1e6 / pods as f64;
        let begin = Instant::now();
        let (mut session, shell) = with_pods(pods);
        let up = begin.elapsed();
        let get = median(|| timed(|| drop(run(&mut session, &shell, "kubectl get pods"))));
        let rollout = timed(|| {
            run(&mut session, &shell, "kubectl set image deployment web nginx=nginx:alpine");
            let done = |d: &Deployment| {
                d.status.as_ref().is_some_and(|s| {
                    let all = i32::try_from(pods).ok();
                    s.updated_replicas == all && s.ready_replicas == all && s.replicas == all
                })
            };
            wait_for(&mut session, |d| d.is_some_and(done));
        });
        let delete = timed(|| {
            run(&mut session, &shell, "kubectl delete deployment web --cascade=foreground");
            wait_for(&mut session, |d| d.is_none());
        });
        println!(
            "{pods:<12} {:>12.1} {:>12.1} {:>12.1} {:>12.1}",
            per_pod(up),
            per_pod(get),
            per_pod(rollout),
            per_pod(delete)
        );
    }
}

/// Lets virtual time pass until the Deployment is as wished.
fn wait_for(session: &mut Session, wish: impl Fn(Option<&Deployment>) -> bool) {
    let reached = session.wait_until(Duration::from_secs(7200), |session| {
        session.view(|w| {
            let cluster = w.cloud.clusters.values().next();
            let found = cluster.and_then(|c| c.cluster.store().get_as::<Deployment>("default", "web"));
            wish(found.as_deref())
        })
    });
    assert!(reached, "the Deployment gets there");
}

fn report(what: &str, took: Duration, budget_ms: f64) {
    println!("{what:<52} {:>10.2} {budget_ms:>10.0}", took.as_secs_f64() * 1000.0);
}

fn timed(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

fn median(run: impl FnMut() -> Duration) -> Duration {
    median_of(RUNS, run)
}

fn median_of(runs: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut all: Vec<Duration> = (0..runs).map(|_| run()).collect();
    all.sort();
    all[all.len() / 2]
}

fn run(session: &mut Session, shell: &BatchShell, command: &str) -> Vec<u8> {
    session.run_command(shell, command, Input::Null, None).stdout
}

/// A three-node cluster whose nodes take any number of pods, and a Deployment of `pods` that are all Ready.
fn with_pods(pods: usize) -> (Session, BatchShell) {
    let start = Start::new("student-7f3a", BEGIN, WorldKind::Cluster);
    let mut world = start.world();
    let keys: Vec<String> = world.cloud.clusters.keys().cloned().collect();
    for key in &keys {
        widen(&mut world, key);
    }
    let mut session = Session::in_world(start, world, kubejam::programs::find);
    let shell = session.open_shell("/").expect("a shell");
    run(&mut session, &shell, "kubectl create deployment web --image=nginx");
    run(&mut session, &shell, &format!("kubectl scale deployment web --replicas={pods}"));
    let all = i32::try_from(pods).ok();
    wait_for(&mut session, |d| d.and_then(|d| d.status.as_ref()?.ready_replicas) == all);
    (session, shell)
}

/// Gives every node room for any number of pods.
fn widen(world: &mut kubejam::world::World, key: &str) {
    let now = world.now;
    let Some(cluster) = world.cloud.kubernetes_mut(key) else { return };
    let names: Vec<String> = cluster
        .store()
        .each::<k8s_openapi::api::core::v1::Node>(None)
        .filter_map(|n| n.metadata.name.clone())
        .collect();
    for name in names {
        let user = UserInfo::admin("bench");
        let patch = kubejam::cluster::api::PatchType::Merge;
        let mut request = Request::new(user, "bench", Verb::Patch(patch), "", "v1", "nodes");
        request.name = Some(name);
        request.subresource = Some("status".into());
        let room = serde_json::json!({ "cpu": "100000", "memory": "100000Gi", "pods": "100000" });
        request.body = Some(serde_json::json!({ "status": { "allocatable": room, "capacity": room } }));
        cluster.handle(now, request).result.expect("a wider node");
    }
}

fn replay() -> Duration {
    let course = Course::embedded().expect("the lessons");
    let quest = Rc::clone(course.quest("hello-node").expect("the quest"));
    let player = solve(&quest, "student-7f3a", BEGIN, None, &mut |_, _| {}).expect("solved");
    let entry =
        |(at, input): &(SimTime, kubejam::session::Input)| Entry { at: at.0 - BEGIN.0, input: input.clone() };
    let entries: Vec<Entry> = player.inputs.iter().map(entry).collect();
    median(|| {
        let start = Start {
            quest: Some(Rc::clone(&quest)),
            ..Start::new("student-7f3a", BEGIN, WorldKind::CloudShell)
        };
        timed(|| drop(Play::resume(start, entries.clone())))
    })
}
