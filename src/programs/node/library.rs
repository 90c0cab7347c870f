//! The parts of node's library, ours, in JavaScript: which `require` name is which file. A part is compiled when it is
//! first asked for; every later VM of the process loads its bytecode. Must never know a script.

use std::sync::OnceLock;

use rquickjs::loader::{Bundle, Loader};
use rquickjs::module::WriteOptions;
use rquickjs::{Context, Ctx, Function, Module, Runtime};

/// The global under which the library's event entry hides.
pub const DISPATCH: &str = "__kubejam_dispatch";
/// Runs `process.nextTick` queues and reports unhandled rejections; true when there is more to do.
pub const DRAIN: &str = "__kubejam_drain";
/// How the event loop stands, as JSON.
pub const STATUS: &str = "__kubejam_status";
/// Told of every rejected promise without a handler, and of handlers that come late.
pub const TRACK: &str = "__kubejam_track";

/// One file of the library: an expression that is a function.
pub struct Part {
    /// As it stands in stack traces.
    name: &'static str,
    text: &'static str,
    /// The part's name and bytecode, as the loader wants them. Compiling is a pure function of the text.
    compiled: OnceLock<Vec<(&'static str, &'static [u8])>>,
}

const fn part(name: &'static str, text: &'static str) -> Part {
    Part { name, text, compiled: OnceLock::new() }
}

/// The first part that runs in a VM: a function of the host object.
pub static BOOT: Part = part("node:internal/boot", include_str!("lib/boot.js"));

/// A built-in module; `None` where node, or our imitation, has no such module.
pub fn find(name: &str) -> Option<&'static Part> {
    PARTS.iter().find(|part| part.name.strip_prefix("node:") == Some(name))
}

impl Part {
    /// The part's function in a VM.
    pub fn load<'js>(&'static self, ctx: &Ctx<'js>) -> rquickjs::Result<Function<'js>> {
        let module = match self.bytecode() {
            [] => Module::declare(ctx.clone(), self.name, self.source())?,
            // The loader is a type alias, which has no constructor of its own.
            compiled => Bundle { 0: compiled }.load(ctx, self.name, None)?,
        };
        // A part has nothing to wait for: it is there when `eval` returns.
        let (module, _) = module.eval()?;
        module.get("default")
    }

    fn source(&self) -> String {
        format!("export default {}", self.text)
    }

    /// Empty where the text cannot be compiled; loading it then says why.
    fn bytecode(&'static self) -> &'static [(&'static str, &'static [u8])] {
        self.compiled.get_or_init(|| {
            // A VM of its own: the script's may have no room, and its limits are not for us.
            let bytes = Runtime::new().and_then(|runtime| Context::full(&runtime)).and_then(|context| {
                context.with(|ctx| {
                    Module::declare(ctx, self.name, self.source())?.write(WriteOptions::default())
                })
            });
            bytes.map(|bytes| (self.name, &*bytes.leak())).into_iter().collect()
        })
    }
}

static PARTS: [Part; 20] = [
    part("node:assert", include_str!("lib/assert.js")),
    part("node:buffer", include_str!("lib/buffer.js")),
    part("node:crypto", include_str!("lib/crypto.js")),
    part("node:events", include_str!("lib/events.js")),
    part("node:fs", include_str!("lib/fs.js")),
    part("node:http", include_str!("lib/http.js")),
    part("node:https", include_str!("lib/https.js")),
    part("node:internal/client", include_str!("lib/client.js")),
    part("node:internal/errors", include_str!("lib/errors.js")),
    part("node:internal/inspect", include_str!("lib/inspect.js")),
    part("node:internal/loader", include_str!("lib/loader.js")),
    part("node:internal/process", include_str!("lib/process.js")),
    part("node:internal/timers", include_str!("lib/timers_queue.js")),
    part("node:os", include_str!("lib/os.js")),
    part("node:path", include_str!("lib/path.js")),
    part("node:querystring", include_str!("lib/querystring.js")),
    part("node:readline", include_str!("lib/readline.js")),
    part("node:stream", include_str!("lib/stream.js")),
    part("node:url", include_str!("lib/url.js")),
    part("node:util", include_str!("lib/util.js")),
];
