//! `kubejam serve`: a three-node cluster behind a Kubernetes API on loopback, for somebody's own kubectl, k9s or script.
//! What happens in it is told line by line.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a front door: sockets, a thread, the clock"
)]

pub mod door;

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use clap::Args;

use crate::base::{Seed, SimTime};
use crate::cluster::api::http::{Call, Outcome};
use crate::edge::options::Common;
use crate::edge::pacing::Pacing;
use crate::edge::storage::Storage;
use crate::edge::terminal;
use crate::lesson::course::Language;
use crate::session::{Effect, Input, Session, Start, WorldKind};
use crate::ui::derive::{self, chronicle::Chronicle};
use crate::ui::paint::Brush;
use crate::ui::story;
use crate::ui::texts::Texts;
use crate::ui::theme::{Depth, Ground, Theme};

use door::{Door, Visit};

/// What the port is when nobody says.
pub const PORT: u16 = 8001;
/// The kubeconfig's name in the data directory.
pub const KUBECONFIG: &str = "kubeconfig";
/// How long a line of a followed log may be late: logs grow without a moment that is known before.
const LOG_PACE: Duration = Duration::from_millis(200);

/// Arguments of `kubejam serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// Where the kubeconfig is written, instead of into the data directory.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
}

/// Serves until it is interrupted.
///
/// # Errors
/// When the port is taken, or the kubeconfig cannot be written.
pub fn run(args: &ServeArgs, common: &Common) -> Result<ExitCode> {
    let storage = Storage::open(common.data_dir.as_deref())?;
    let learner = storage.learner()?;
    let language = terminal::language(common, &learner);
    let texts = Texts::new(language);
    let path = args.kubeconfig.clone().unwrap_or_else(|| storage.dir().join(KUBECONFIG));
    let door = open(args.port, &path)?;
    // A closed pipe is the reader's way to say "enough".
    std::io::stdout().write_all(kubeconfig(door.address()).as_bytes()).ok();
    let (address, path) = (door.address().to_string(), path.display().to_string());
    eprintln!("\n{}", texts.say_with("serve-ready", &[("address", &address), ("path", &path)]));
    Serving::new(door, start(&learner.id, common), language, texts, common.speed.unwrap_or(1.0)).run();
    Ok(ExitCode::SUCCESS)
}

/// Opens a door and writes the kubeconfig that leads to it.
///
/// # Errors
/// When the port is taken, or the file cannot be written.
pub fn open(port: u16, kubeconfig_path: &Path) -> Result<Door> {
    let taken = || format!("127.0.0.1:{port} cannot be listened on; port 0 takes any that is free");
    let door = Door::open(port).with_context(taken)?;
    std::fs::write(kubeconfig_path, kubeconfig(door.address()))
        .with_context(|| kubeconfig_path.display().to_string())?;
    Ok(door)
}

fn start(learner: &str, common: &Common) -> Start {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut start = Start::new(learner, SimTime::from_secs(now.as_secs()), WorldKind::Cluster);
    if let Some(seed) = common.seed {
        start.seed = Seed(seed);
    }
    start
}

fn kubeconfig(address: SocketAddr) -> String {
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: kubejam\n  cluster:\n    server: http://{address}\n\
         contexts:\n- name: kubejam\n  context:\n    cluster: kubejam\n    user: kubejam\n\
         current-context: kubejam\nusers:\n- name: kubejam\n  user: {{}}\n"
    )
}

/// A session, its door, and what was told of it.
struct Serving {
    door: Door,
    session: Session,
    pacing: Pacing,
    language: Language,
    texts: Texts,
    theme: Theme,
    chronicle: Chronicle,
    /// The last happening that was told.
    told: u64,
}

impl Serving {
    fn new(door: Door, start: Start, language: Language, texts: Texts, speed: f64) -> Self {
        let session = Session::new(start);
        let pacing = Pacing::new(speed as f32, Instant::now(), session.now());
        let theme = Theme::new(Ground::Dark, Depth::None, true);
        let chronicle = Chronicle::default();
        Serving { door, session, pacing, language, texts, theme, chronicle, told: 0 }
    }

    fn run(&mut self) {
        self.tell();
        loop {
            let visit = self.door.wait(self.patience());
            let now = self.pacing.now(Instant::now());
            self.session.advance(now);
            if let Some(visit) = visit {
                let outcome = self.outcome(&visit, now);
                self.door.answer(visit, outcome);
            }
            let session = &self.session;
            self.door.pump(&|stream| session.more_of(stream));
            self.tell();
        }
    }

    /// How long nothing will happen by itself.
    fn patience(&self) -> Option<Duration> {
        let wall = Instant::now();
        let due = self.session.next_wakeup().and_then(|at| self.pacing.due(at, wall));
        let due = due.map(|at| at.saturating_duration_since(wall));
        match (due, self.door.has_listeners()) {
            (Some(due), true) => Some(due.min(LOG_PACE)),
            (None, true) => Some(LOG_PACE),
            (due, false) => due,
        }
    }

    fn outcome(&mut self, visit: &Visit, now: SimTime) -> Outcome {
        if visit.call.reads() {
            return self.session.ask(&visit.call).unwrap_or_else(door::no_cluster);
        }
        let call: Call = visit.call.clone();
        let effects = self.session.handle(now, Input::Api { call });
        let reply = effects.into_iter().find_map(|effect| match effect {
            Effect::ApiReply { answer } => Some(door::whole(answer)),
            _ => None,
        });
        reply.unwrap_or_else(door::no_cluster)
    }

    /// Tells what has happened since the last time.
    fn tell(&mut self) {
        let view = derive::view(&self.session, &mut self.chronicle, self.language);
        let brush = Brush { theme: &self.theme, texts: &self.texts, now_ms: 0 };
        for happening in view.story.iter().filter(|happening| happening.id > self.told) {
            eprintln!("{}", story::sentence(&brush, happening));
        }
        self.told = view.story.last().map_or(self.told, |happening| happening.id);
    }
}
