//! The reducer over virtual time: `(state, at, input) -> state + effects`. Everything a session is follows from how
//! it started and its inputs. Must never know the wall clock, files or which interface shows it.

pub mod batch;
mod facts;
mod input;
pub mod journal;
pub mod ledger;
pub mod play;
pub mod proof;
pub mod seal;
mod start;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use crate::base::SimTime;
use crate::cluster::api::UserInfo;
use crate::cluster::api::http::{self, Call, Outcome, Stream};
use crate::image::process::Signal;
use crate::lesson::facts::Facts;
use crate::lesson::run::{Event, QuestRun};
use crate::programs;
use crate::world::kernel::Spawn;
use crate::world::tty::{Edited, Shown, Tty};
use crate::world::{Env, HostId, Io, Kernel, ProcessId, ProgramTable, TerminalId, World};

pub use facts::WorldFacts;
pub use input::{Effect, Input};
pub use start::{Start, WorldKind};

/// Most terminals open at a time.
pub const TERMINAL_LIMIT: usize = 8;

/// Who asks the API server from outside.
const OUTSIDE_USER: &str = "kubernetes-admin";

/// Virtual time that busy programs get before [`Session::advance_while`] asks again.
const SLICE: Duration = Duration::from_millis(100);

/// A session: one learner's world, its terminals, and the quest in play if there is one.
pub struct Session {
    start: Start,
    kernel: Rc<Kernel>,
    run: Option<QuestRun>,
    next_terminal: TerminalId,
    /// The login shell of each terminal; a terminal ends with it.
    shells: BTreeMap<TerminalId, ProcessId>,
    commands_seen: u64,
    effects: Vec<Effect>,
    /// What the quest's looks at the world have found out.
    memory: Rc<facts::Memory>,
}

impl Session {
    /// A session at its beginning, with one terminal open.
    pub fn new(start: Start) -> Self {
        let world = start.world();
        Session::in_world(start, world, programs::find)
    }

    /// A session in a world that was made by hand, with a table of programs.
    pub fn in_world(start: Start, world: World, programs: ProgramTable) -> Self {
        let run = start.quest.clone().map(|quest| QuestRun::new(quest, start.at));
        let kernel = Kernel::new(world, programs);
        let (shells, effects) = (BTreeMap::new(), Vec::new());
        let memory = Rc::default();
        let mut session =
            Session { start, kernel, run, next_terminal: 1, shells, commands_seen: 0, effects, memory };
        session.open_terminal();
        session.settle();
        session
    }

    /// Answers an input at a moment; earlier moments count as now. Every input is answered.
    pub fn handle(&mut self, at: SimTime, input: Input) -> Vec<Effect> {
        self.pass_time(at);
        self.apply(input);
        self.settle();
        std::mem::take(&mut self.effects)
    }

    /// What is to be shown since the last call; after [`Session::new`], its first effects.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Lets time pass; what happened by itself comes back.
    pub fn advance(&mut self, to: SimTime) -> Vec<Effect> {
        self.pass_time(to);
        std::mem::take(&mut self.effects)
    }

    /// When something will happen by itself; `None`: nothing will.
    pub fn next_wakeup(&self) -> Option<SimTime> {
        self.kernel.next_wakeup()
    }

    /// The present moment.
    pub fn now(&self) -> SimTime {
        self.kernel.view(|w| w.now)
    }

    /// How it began.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// The quest in play.
    pub fn run(&self) -> Option<&QuestRun> {
        self.run.as_ref()
    }

    /// Looks at the world.
    pub fn view<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        self.kernel.view(look)
    }

    /// The key of the cluster that kubectl's context on the learner's machine points at.
    pub fn current_cluster(&self) -> Option<String> {
        self.view(|world| WorldFacts::remembering(world, Rc::clone(&self.memory)).context().cloned())
    }

    /// Asks the API server of the current cluster as its administrator; none without a cluster. Calls that change
    /// something belong into [`Input::Api`].
    pub fn ask(&self, call: &Call) -> Option<Outcome> {
        let key = self.current_cluster()?;
        self.kernel.with(|world| {
            let now = world.now;
            let cluster = world.cloud.kubernetes_mut(&key)?;
            Some(http::answer(cluster, now, UserInfo::admin(OUTSIDE_USER), call))
        })
    }

    /// What has come of a stream since it was asked last, and whether anything may follow.
    pub fn more_of(&self, stream: &mut Stream) -> (String, bool) {
        let Some(key) = self.current_cluster() else { return (String::new(), false) };
        let more = self.kernel.with(|world| {
            let now = world.now;
            world.cloud.kubernetes_mut(&key).map(|cluster| stream.more(cluster, now))
        });
        more.unwrap_or_default()
    }

    /// The kernel, for front doors that run programs without a terminal.
    pub fn kernel(&self) -> &Rc<Kernel> {
        &self.kernel
    }

    /// Open terminals, by number.
    pub fn terminals(&self) -> Vec<TerminalId> {
        self.view(|w| w.terminals.keys().copied().collect())
    }

    /// Whether a command runs in a terminal's foreground (its shell is not at the prompt).
    pub fn is_busy(&self, terminal: TerminalId) -> bool {
        let reading = self.view(|w| w.terminals.get(&terminal).and_then(Tty::reading));
        !reading.is_some_and(|r| r.shell)
    }

    /// As [`Session::advance`], as long as `go_on` agrees; it is asked after everything that happens. False when it
    /// did not.
    pub fn advance_while(&mut self, to: SimTime, go_on: &mut dyn FnMut() -> bool) -> bool {
        while self.now() < to {
            // A busy program may use all the time it is given in one step: it is given little at a time.
            let due = self.next_wakeup().map_or(to, |at| at.max(self.now()) + SLICE);
            let slice = to.min(due);
            while self.kernel.step(slice) {
                self.observe();
                if !go_on() {
                    return false;
                }
            }
            self.kernel.reach(slice);
            if !go_on() {
                return false;
            }
        }
        self.observe();
        true
    }

    fn pass_time(&mut self, to: SimTime) {
        while self.kernel.step(to) {
            self.observe();
        }
        self.kernel.reach(to);
        self.observe();
    }

    /// Lets everything happen that an input causes at this very moment.
    fn settle(&mut self) {
        let now = self.now();
        self.pass_time(now);
    }

    fn apply(&mut self, input: Input) {
        match input {
            Input::OpenTerminal => self.open_terminal(),
            Input::CloseTerminal { terminal } => self.close_terminal(terminal),
            Input::Line { terminal, text } => self.on_tty(terminal, |tty| tty.type_line(text.as_bytes())),
            Input::Interrupt { terminal, typed } => self.interrupt(terminal, &typed, "^C", Signal::Int),
            Input::Suspend { terminal } => self.interrupt(terminal, "", "^Z", Signal::Tstp),
            Input::EndOfFile { terminal } => self.on_tty(terminal, Tty::type_end_of_file),
            Input::Resize { terminal, size } => self.on_tty(terminal, |tty| tty.resize(size)),
            Input::FileSaved { terminal, text } => {
                let edited = text.map_or(Edited::Unchanged, |t| Edited::Saved(t.into_bytes()));
                self.on_tty(terminal, |tty| tty.finish_edit(edited));
            }
            Input::Hint => self.with_run(|run, _| run.hint().into_iter().collect()),
            Input::Predict { choice } => self.with_run(|run, facts| run.answer(&choice, facts)),
            Input::Advance => self.with_run(|run, facts| run.advance(facts)),
            Input::Skip => self.with_run(|run, facts| run.skip(facts)),
            Input::Api { call } => {
                if let Some(Outcome::Whole(answer)) = self.ask(&call) {
                    self.effects.push(Effect::ApiReply { answer });
                }
            }
            // The journal's own: `play` replays instead, `proof` compares.
            Input::Undo | Input::Redo | Input::Passed { .. } => {}
        }
    }

    fn on_tty(&self, terminal: TerminalId, act: impl FnOnce(&Tty)) {
        if let Some(tty) = self.view(|w| w.terminals.get(&terminal).cloned()) {
            act(&tty);
        }
    }

    fn interrupt(&self, terminal: TerminalId, typed: &str, shown: &str, signal: Signal) {
        let (tty, group) =
            self.view(|w| (w.terminals.get(&terminal).cloned(), w.foreground.get(&terminal).copied()));
        let Some(tty) = tty else { return };
        tty.write(typed.as_bytes());
        tty.write(shown.as_bytes());
        tty.flush_input();
        if let Some(group) = group {
            self.kernel.signal_group(group, signal);
        }
    }

    fn open_terminal(&mut self) {
        if self.view(|w| w.terminals.len()) >= TERMINAL_LIMIT {
            self.effects.push(Effect::Bell);
            return;
        }
        let id = self.next_terminal;
        self.next_terminal += 1;
        let tty = Tty::new(id, self.start.size);
        self.kernel.with(|w| w.terminals.insert(id, tty.clone()));
        match self.login(&tty) {
            Some(shell) => drop(self.shells.insert(id, shell)),
            None => tty.write(b"kubejam: no shell on this machine\n"),
        }
        self.effects.push(Effect::TerminalOpened { terminal: id });
    }

    /// Starts the login shell of a terminal.
    fn login(&self, tty: &Tty) -> Option<ProcessId> {
        let (env, home) =
            self.view(|w| w.hosts.get(&HostId::MACHINE).map(|h| (h.env.clone(), h.home.clone())))?;
        let program = self.kernel.program("bash")?;
        let mut env: Env = env;
        env.insert("TERM".into(), "xterm-256color".into());
        let spec = Spawn {
            host: HostId::MACHINE,
            parent: None,
            group: None,
            argv: vec!["-bash".into()],
            env,
            cwd: home,
            io: Io::terminal(tty),
            tty: Some(tty.clone()),
        };
        let id = self.kernel.spawn(spec, program).ok()?;
        self.kernel.with(|w| w.foreground.insert(tty.id, id));
        Some(id)
    }

    fn close_terminal(&mut self, terminal: TerminalId) {
        let Some(tty) = self.kernel.with(|w| w.terminals.remove(&terminal)) else { return };
        tty.hang_up();
        let members: Vec<ProcessId> = self.view(|w| {
            let of =
                |p: &&crate::world::Process| p.tty.as_ref().is_some_and(|t| t.id == terminal) && p.is_alive();
            w.processes.values().filter(of).map(|p| p.id).collect()
        });
        for id in members {
            self.kernel.signal(id, Signal::Hup);
            self.kernel.signal(id, Signal::Kill);
        }
        self.kernel.with(|w| w.foreground.remove(&terminal));
        self.shells.remove(&terminal);
        self.effects.push(Effect::TerminalClosed { terminal });
    }

    /// Collects what terminals show, and lets the quest look at what happened.
    fn observe(&mut self) {
        let shown: Vec<(TerminalId, Vec<Shown>)> =
            self.view(|w| w.terminals.iter().map(|(id, tty)| (*id, tty.take_shown())).collect());
        for (terminal, items) in shown {
            self.effects.extend(items.into_iter().map(|item| Effect::of_shown(terminal, item)));
        }
        self.tell_commands();
        self.with_run(|run, facts| run.changed(facts));
        let ended: Vec<TerminalId> = self.view(|w| {
            let over = |id: &ProcessId| !w.processes.get(id).is_some_and(crate::world::Process::is_alive);
            self.shells.iter().filter(|(_, shell)| over(shell)).map(|(terminal, _)| *terminal).collect()
        });
        for terminal in ended {
            self.close_terminal(terminal);
        }
    }

    fn tell_commands(&mut self) {
        let begun = self.view(World::commands_begun);
        let ended = self.kernel.with(World::take_commands_ended);
        for number in self.commands_seen + 1..=begun {
            let Some(record) = self.view(|w| w.command(number).cloned()) else { continue };
            let terminal = record.terminal.unwrap_or(0) as usize;
            if let Some(run) = &mut self.run {
                run.command_began(record.at, terminal, &record.line, &record.cwd);
            }
        }
        self.commands_seen = begun;
        for number in ended {
            let Some(record) = self.view(|w| w.command(number).cloned()) else { continue };
            let terminal = record.terminal.unwrap_or(0) as usize;
            let exit = record.exit.unwrap_or(0);
            self.with_run(|run, facts| run.command_ended(terminal, exit, &record.output, facts));
        }
    }

    fn with_run(&mut self, act: impl FnOnce(&mut QuestRun, &dyn Facts) -> Vec<Event>) {
        let Some(run) = &mut self.run else { return };
        let events =
            self.kernel.view(|world| act(run, &WorldFacts::remembering(world, Rc::clone(&self.memory))));
        self.effects.extend(events.into_iter().map(Effect::Quest));
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.kernel.shut_down();
    }
}
