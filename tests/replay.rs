//! The one idea, as a test: the same start and journal give the same bytes, and ticks of the clock in between change
//! nothing.

use std::time::Duration;

use kubejam::base::{Rng, Seed, SimTime};
use kubejam::session::journal::{Entry, end_digest};
use kubejam::session::{Effect, Input, Session, Start, WorldKind};

const BEGIN: SimTime = SimTime::from_secs(1_795_351_539);

/// How many journals are made up.
const JOURNALS: u64 = 200;

/// Lines that a learner may type, in any order.
const LINES: &[&str] = &[
    "kubectl create deployment web --image=nginx --replicas=2",
    "kubectl get pods",
    "kubectl scale deployment web --replicas=5",
    "kubectl get pods -o wide",
    "kubectl delete pod --all --wait=false",
    "kubectl set image deployment/web nginx=nginx:nope",
    "kubectl rollout undo deployment/web",
    "kubectl expose deployment web --port=80 --type=LoadBalancer",
    "kubectl get events",
    "docker run -d -p 8080:80 nginx",
    "docker ps -a",
    "curl -s localhost:8080 | head -n 3",
    "echo $RANDOM > f; cat f; ls -l",
    "for i in 1 2 3; do echo $i; done | sort -r",
    "sleep 30 &",
    "gcloud container clusters list",
    "kubctl get pods",
    "cat <<EOF | wc -l",
    "EOF",
    "while true; do date; sleep 1; done",
];

fn journal(rng: &mut Rng) -> Vec<Entry> {
    let mut at = 0;
    let count = rng.range(2, 8);
    (0..count)
        .map(|_| {
            at += rng.range(0, 9_000);
            let terminal = 1;
            let input = match rng.below(10) {
                0 => Input::Interrupt { terminal, typed: "half".into() },
                1 => Input::EndOfFile { terminal },
                2 => Input::OpenTerminal,
                _ => {
                    let text = rng.pick(LINES).map_or(String::new(), |l| (*l).to_owned());
                    Input::Line { terminal, text }
                }
            };
            Entry { at, input }
        })
        .collect()
}

/// Plays a journal, with `ticks` of the clock between the inputs; everything that came out, and the end.
fn play(seed: u64, entries: &[Entry], ticks: u64) -> (Vec<Effect>, String) {
    let mut start = Start::new("student-7f3a", BEGIN, WorldKind::Cluster);
    start.seed = Seed(seed);
    let mut session = Session::new(start);
    let mut effects = session.take_effects();
    let mut now = BEGIN;
    for entry in entries {
        let at = BEGIN + Duration::from_millis(entry.at);
        for tick in 1..=ticks {
            let between = Duration::from_millis((at - now).as_millis() as u64 * tick / (ticks + 1));
            effects.extend(session.advance(now + between));
        }
        effects.extend(session.handle(at, entry.input.clone()));
        now = at;
    }
    effects.extend(session.advance(now + Duration::from_secs(20)));
    (effects, end_digest(&session))
}

/// What terminals show, whatever pieces it came in.
fn shown(effects: &[Effect]) -> String {
    let bytes = effects.iter().filter_map(|effect| match effect {
        Effect::Output { terminal, bytes } => Some(format!("{terminal}:{}", String::from_utf8_lossy(bytes))),
        _ => None,
    });
    bytes.collect()
}

#[test]
fn same_seed_and_journal_give_the_same_bytes() {
    for seed in 0..JOURNALS {
        let entries = journal(&mut Seed(seed).stream("journal"));
        let (first, end) = play(seed, &entries, 0);
        let (second, other) = play(seed, &entries, 0);
        assert_eq!(first, second, "journal {seed}: {entries:?}");
        assert_eq!(end, other, "journal {seed}: {entries:?}");
    }
}

#[test]
fn extra_ticks_of_the_clock_change_nothing() {
    for seed in 0..JOURNALS / 4 {
        let entries = journal(&mut Seed(seed).stream("journal"));
        let (plain, end) = play(seed, &entries, 0);
        let (ticked, other) = play(seed, &entries, 7);
        assert_eq!(shown(&plain), shown(&ticked), "journal {seed}: {entries:?}");
        assert_eq!(end, other, "journal {seed}: {entries:?}");
    }
}

#[test]
fn another_seed_gives_other_names() {
    let line = Input::Line { terminal: 1, text: "kubectl create deployment web --image=nginx".into() };
    let pods = Input::Line { terminal: 1, text: "kubectl get pods -o name".into() };
    let entries = [Entry { at: 0, input: line }, Entry { at: 5_000, input: pods }];
    assert_ne!(shown(&play(1, &entries, 0).0), shown(&play(2, &entries, 0).0));
}
