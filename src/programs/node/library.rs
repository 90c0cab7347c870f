//! The texts of node's library, ours, in JavaScript: which `require` name is which file. Must never hold code.

/// The global under which the library's event entry hides.
pub const DISPATCH: &str = "__kubejam_dispatch";
/// Runs `process.nextTick` queues and reports unhandled rejections; true when there is more to do.
pub const DRAIN: &str = "__kubejam_drain";
/// How the event loop stands, as JSON.
pub const STATUS: &str = "__kubejam_status";
/// Told of every rejected promise without a handler, and of handlers that come late.
pub const TRACK: &str = "__kubejam_track";

/// The first text that runs in a VM: a function of the host object.
pub const BOOT: &str = include_str!("lib/boot.js");

/// The text of a built-in module; `None` where node, or our imitation, has no such module.
pub fn text(name: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

static TEXTS: &[(&str, &str)] = &[
    ("assert", include_str!("lib/assert.js")),
    ("buffer", include_str!("lib/buffer.js")),
    ("crypto", include_str!("lib/crypto.js")),
    ("events", include_str!("lib/events.js")),
    ("fs", include_str!("lib/fs.js")),
    ("http", include_str!("lib/http.js")),
    ("https", include_str!("lib/https.js")),
    ("internal/client", include_str!("lib/client.js")),
    ("internal/errors", include_str!("lib/errors.js")),
    ("internal/inspect", include_str!("lib/inspect.js")),
    ("internal/loader", include_str!("lib/loader.js")),
    ("internal/process", include_str!("lib/process.js")),
    ("internal/timers", include_str!("lib/timers_queue.js")),
    ("os", include_str!("lib/os.js")),
    ("path", include_str!("lib/path.js")),
    ("querystring", include_str!("lib/querystring.js")),
    ("readline", include_str!("lib/readline.js")),
    ("stream", include_str!("lib/stream.js")),
    ("url", include_str!("lib/url.js")),
    ("util", include_str!("lib/util.js")),
];
