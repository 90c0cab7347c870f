//! One running script: a JavaScript VM that is entered once per event (`tell`), leaves behind what it asks of
//! the world (`take_asks`), and says when its next timer is due. Must never wait, never know the wall clock,
//! and never outlive its limits.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rquickjs::context::EvalOptions;
use rquickjs::function::{Func, Opt};
use rquickjs::{CatchResultExt, CaughtError, Context, Ctx, Function, Runtime, TypedArray, Value};

use super::asks::{Ask, Setup, Tell};
use super::files::Files;
use super::library;
use super::natives;
use crate::base::seed::Rng;

/// How often the VM may look up from its work within one turn before it counts as hung; it looks up every
/// ten thousand loop rounds or calls.
const MAX_TICKS_PER_TURN: u64 = 3_000;
/// Bytes of JavaScript objects a script may hold when its container has no smaller limit.
pub const DEFAULT_HEAP_BYTES: usize = 192 * 1024 * 1024;
/// Bytes allocated before cycles are looked for: most scripts end sooner.
const GC_AFTER_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of native stack before "Maximum call stack size exceeded".
const MAX_STACK_BYTES: usize = 256 * 1024;
/// Promise jobs within one turn.
const MAX_JOBS_PER_TURN: u32 = 200_000;
/// Bytes a script may have written that nobody has taken yet.
const MAX_PENDING_OUTPUT_BYTES: usize = 8 * 1024 * 1024;
/// How much virtual time one look at the clock within a turn takes, in microseconds: a loop that waits
/// for `Date.now()` to move ends.
const CLOCK_LOOK_US: u64 = 20;

/// Why a script is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// `process.exit`, an uncaught error, or an empty event loop.
    Exit(i32),
    /// It never returned to its event loop.
    Hung,
    /// It filled its heap.
    OutOfMemory,
    /// It asked to be killed by a signal (`process.kill(process.pid)`).
    Killed(String),
}

/// A piece of output: the file descriptor, 1 or 2, and the bytes.
pub type Written = (u8, Vec<u8>);

/// What the VM and its native functions share.
pub(super) struct Shared {
    pub files: Box<dyn Files>,
    pub asks: RefCell<Vec<Ask>>,
    pub output: RefCell<Vec<Written>>,
    pub output_bytes: Cell<usize>,
    pub now_us: Cell<u64>,
    pub rng: RefCell<Rng>,
    pub ticks: Cell<u64>,
    pub stop: RefCell<Option<Stop>>,
}

impl Shared {
    /// The clock as the script sees it: every look moves it a little.
    pub fn look_at_clock(&self) -> f64 {
        self.now_us.set(self.now_us.get() + CLOCK_LOOK_US);
        self.now_us.get() as f64 / 1000.0
    }

    /// Keeps output for the driver; past the limit the script is stopped.
    pub fn write(&self, fd: u8, bytes: Vec<u8>) {
        let total = self.output_bytes.get() + bytes.len();
        self.output_bytes.set(total);
        if total > MAX_PENDING_OUTPUT_BYTES {
            self.stop.borrow_mut().get_or_insert(Stop::Hung);
            return;
        }
        self.output.borrow_mut().push((fd, bytes));
    }
}

/// A script in its VM. Dropping it frees everything.
pub struct Engine {
    context: Context,
    runtime: Runtime,
    shared: Rc<Shared>,
}

/// How the script stands after a turn.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
pub struct Status {
    /// When the next timer is due, in milliseconds since the epoch.
    pub next: Option<u64>,
    /// Whether something keeps the event loop alive: a server, a request, a referenced timer, standard input.
    pub alive: bool,
}

impl Engine {
    /// A VM that knows its process but has run nothing yet; `tell(.., Tell::Main)` starts the script.
    pub fn new(setup: &Setup, files: Box<dyn Files>, rng: Rng, heap_bytes: usize) -> Result<Engine, String> {
        let shared = Rc::new(Shared {
            files,
            asks: RefCell::default(),
            output: RefCell::default(),
            output_bytes: Cell::new(0),
            now_us: Cell::new(0),
            rng: RefCell::new(rng),
            ticks: Cell::new(0),
            stop: RefCell::new(None),
        });
        let runtime = Runtime::new().map_err(|e| e.to_string())?;
        runtime.set_memory_limit(heap_bytes);
        runtime.set_gc_threshold(GC_AFTER_BYTES);
        runtime.set_max_stack_size(MAX_STACK_BYTES);
        let watch = shared.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || {
            watch.ticks.set(watch.ticks.get() + 1);
            if watch.ticks.get() > MAX_TICKS_PER_TURN {
                watch.stop.borrow_mut().get_or_insert(Stop::Hung);
            }
            watch.stop.borrow().is_some()
        })));
        runtime.set_host_promise_rejection_tracker(Some(Box::new(|ctx, promise, reason, handled| {
            if let Ok(track) = ctx.globals().get::<_, Function>(library::TRACK) {
                // A failure here is a failure of the script's own making (out of memory): the turn's end sees it.
                let _ = track.call::<_, ()>((promise, reason, handled));
            }
        })));
        let context = Context::full(&runtime).map_err(|e| e.to_string())?;
        let engine = Engine { context, runtime, shared };
        engine.boot(setup)?;
        Ok(engine)
    }

    fn boot(&self, setup: &Setup) -> Result<(), String> {
        let setup = serde_json::to_string(setup).map_err(|e| e.to_string())?;
        let shared = &self.shared;
        self.context.with(|ctx| {
            boot_library(&ctx, shared, &setup)
                .catch(&ctx)
                .map_err(|e| format!("node's library did not start: {e}"))
        })
    }

    /// One turn: tells the script what happened at `now_ms`, then lets its jobs run dry.
    pub fn tell(&mut self, now_ms: u64, tell: &Tell) -> Status {
        let shared = self.shared.clone();
        shared.now_us.set(shared.now_us.get().max(now_ms.saturating_mul(1000)));
        shared.ticks.set(0);
        if shared.stop.borrow().is_some() {
            return Status::default();
        }
        self.context.with(|ctx| {
            if let Err(error) = enter(&ctx, tell).catch(&ctx) {
                note_failure(&shared, &error);
            }
        });
        self.run_jobs();
        self.context.with(|ctx| read_status(&ctx).catch(&ctx).unwrap_or_default())
    }

    /// Ticks and promise jobs until none is left; unhandled rejections are reported in between.
    fn run_jobs(&mut self) {
        for _ in 0..MAX_JOBS_PER_TURN {
            if self.shared.stop.borrow().is_some() {
                return;
            }
            let drained = self.drain_ticks();
            let mut worked = false;
            for _ in 0..MAX_JOBS_PER_TURN {
                match self.runtime.execute_pending_job() {
                    Ok(false) => break,
                    Ok(true) | Err(_) => worked = true,
                }
                if self.shared.stop.borrow().is_some() {
                    return;
                }
            }
            if !worked && !drained {
                return;
            }
        }
        self.shared.stop.borrow_mut().get_or_insert(Stop::Hung);
    }

    /// Runs `process.nextTick`'s queue; true when there was something to do.
    fn drain_ticks(&mut self) -> bool {
        let shared = self.shared.clone();
        self.context.with(|ctx| {
            let drain = || ctx.globals().get::<_, Function>(library::DRAIN)?.call::<_, bool>(());
            drain().catch(&ctx).unwrap_or_else(|error| {
                note_failure(&shared, &error);
                false
            })
        })
    }

    /// What the script wants done, oldest first.
    pub fn take_asks(&mut self) -> Vec<Ask> {
        self.shared.asks.take()
    }

    /// What the script wrote, in order.
    pub fn take_output(&mut self) -> Vec<Written> {
        self.shared.output_bytes.set(0);
        self.shared.output.take()
    }

    /// Why the script is over, once it is.
    pub fn stopped(&self) -> Option<Stop> {
        self.shared.stop.borrow().clone()
    }

    /// The script's clock, in milliseconds: it runs ahead of the world's when the script looked at it often.
    pub fn clock_ms(&self) -> u64 {
        self.shared.now_us.get() / 1000
    }
}

/// Evaluates a library text whose value is a function.
pub(super) fn evaluate<'js, T: rquickjs::FromJs<'js>>(
    ctx: &Ctx<'js>,
    text: &str,
    name: &str,
) -> rquickjs::Result<T> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(name.to_owned());
    ctx.eval_with_options(text, options)
}

fn boot_library<'js>(ctx: &Ctx<'js>, shared: &Rc<Shared>, setup: &str) -> rquickjs::Result<()> {
    let host = natives::host_object(ctx, shared)?;
    host.set("setup", ctx.json_parse(setup)?)?;
    host.set("library", Func::from(load_library))?;
    library::BOOT.load(ctx)?.call::<_, ()>((host,))
}

fn load_library<'js>(ctx: Ctx<'js>, name: String) -> rquickjs::Result<Option<Function<'js>>> {
    library::find(&name).map(|part| part.load(&ctx)).transpose()
}

fn enter(ctx: &Ctx<'_>, tell: &Tell) -> rquickjs::Result<()> {
    let json = serde_json::to_string(tell).unwrap_or_default();
    let event: Value = ctx.json_parse(json)?;
    let body = tell.body().map(|bytes| TypedArray::<u8>::new_copy(ctx.clone(), bytes)).transpose()?;
    let dispatch: Function = ctx.globals().get(library::DISPATCH)?;
    dispatch.call((event, Opt(body)))
}

fn read_status(ctx: &Ctx<'_>) -> rquickjs::Result<Status> {
    let text: String = ctx.globals().get::<_, Function>(library::STATUS)?.call(())?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

/// An error that reached the engine is one the library could not report: the heap is full, or the turn
/// was interrupted (then the reason is already noted).
fn note_failure(shared: &Shared, error: &CaughtError<'_>) {
    let text = error.to_string();
    let reason = match text.contains("interrupted") {
        true => Stop::Hung,
        false if matches!(error, CaughtError::Value(v) if v.is_null()) => Stop::OutOfMemory,
        false if text.contains("out of memory") || text.contains("Allocation") => Stop::OutOfMemory,
        false => {
            shared.write(2, format!("{text}\n").into_bytes());
            Stop::Exit(7)
        }
    };
    shared.stop.borrow_mut().get_or_insert(reason);
}
