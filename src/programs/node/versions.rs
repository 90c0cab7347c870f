//! What differs between the releases of node that images carry: the version strings and the frames of node's
//! own code that end every stack trace. Must never decide behaviour beyond those texts.

/// The release on the learner's own machine, where no image says another.
pub const DEFAULT_VERSION: &str = "22.21.1";

/// Frames and places of one release line. Lines of frames come without the leading `    at `.
#[derive(Debug)]
pub struct Frames {
    /// Below the script's own frames when its main file is loaded.
    pub main: &'static [&'static str],
    /// Below the frames of a module that `require`d it.
    pub required: &'static [&'static str],
    /// Instead of the script's frames when its text does not parse.
    pub syntax: &'static [&'static str],
    /// Where a missing module is thrown, and the frames above the `require`.
    pub missing_at: &'static str,
    pub missing: &'static [&'static str],
    /// Below the frames of `-e`.
    pub eval: &'static [&'static str],
    /// Where an unhandled 'error' event is thrown.
    pub unhandled_at: &'static str,
    /// Frames of a failed `listen`.
    pub listen: &'static [&'static str],
    /// Frames of the emission of that error.
    pub emitted: &'static [&'static str],
    /// Below the frames of a request handler.
    pub request: &'static [&'static str],
    /// Below the frames of a timer's function.
    pub timer: &'static [&'static str],
    /// Whether the report ends in `Node.js vX`.
    pub signs: bool,
}

/// The frames of `version` (`6.9.2`): the release line whose texts are nearest.
pub fn frames(version: &str) -> &'static Frames {
    match major(version) {
        0..=11 => &NODE_6,
        12..=21 => &NODE_20,
        _ => &NODE_22,
    }
}

/// The first number of a version.
pub fn major(version: &str) -> u32 {
    version.split('.').next().and_then(|n| n.parse().ok()).unwrap_or(22)
}

static NODE_6: Frames = Frames {
    main: &[
        "Module._compile (module.js:570:32)",
        "Object.Module._extensions..js (module.js:579:10)",
        "Module.load (module.js:487:32)",
        "tryModuleLoad (module.js:446:12)",
        "Function.Module._load (module.js:438:3)",
        "Module.runMain (module.js:604:10)",
        "run (bootstrap_node.js:394:7)",
        "startup (bootstrap_node.js:149:9)",
        "bootstrap_node.js:509:3",
    ],
    required: &[
        "Module._compile (module.js:570:32)",
        "Object.Module._extensions..js (module.js:579:10)",
        "Module.load (module.js:487:32)",
        "tryModuleLoad (module.js:446:12)",
        "Function.Module._load (module.js:438:3)",
        "Module.require (module.js:497:17)",
        "require (internal/module.js:20:19)",
    ],
    syntax: &["Object.exports.runInThisContext (vm.js:76:16)", "Module._compile (module.js:542:28)"],
    missing_at: "module.js:471\n    throw err;\n    ^",
    missing: &[
        "Function.Module._resolveFilename (module.js:469:15)",
        "Function.Module._load (module.js:417:25)",
    ],
    eval: &[
        "ContextifyScript.Script.runInThisContext (vm.js:25:33)",
        "Object.exports.runInThisContext (vm.js:77:17)",
        "Object.<anonymous> ([eval]-wrapper:6:22)",
        "Module._compile (module.js:570:32)",
        "evalScript (bootstrap_node.js:355:25)",
        "run (bootstrap_node.js:121:13)",
        "run (bootstrap_node.js:394:7)",
        "startup (bootstrap_node.js:120:9)",
        "bootstrap_node.js:509:3",
    ],
    unhandled_at: "events.js:160\n      throw er; // Unhandled 'error' event\n      ^",
    listen: &[
        "Object.exports._errnoException (util.js:1022:11)",
        "exports._exceptionWithHostPort (util.js:1045:20)",
        "Server._listen2 (net.js:1259:14)",
        "listen (net.js:1295:10)",
        "Server.listen (net.js:1391:5)",
    ],
    emitted: &[],
    request: &[
        "emitTwo (events.js:106:13)",
        "Server.emit (events.js:191:7)",
        "HTTPParser.parserOnIncoming [as onIncoming] (_http_server.js:546:12)",
        "HTTPParser.parserOnHeadersComplete (_http_common.js:99:23)",
    ],
    timer: &[
        "ontimeout (timers.js:365:14)",
        "tryOnTimeout (timers.js:237:5)",
        "Timer.listOnTimeout (timers.js:207:5)",
    ],
    signs: false,
};

static NODE_20: Frames = Frames {
    main: &[
        "Module._compile (node:internal/modules/cjs/loader:1521:14)",
        "Module._extensions..js (node:internal/modules/cjs/loader:1623:10)",
        "Module.load (node:internal/modules/cjs/loader:1266:32)",
        "Module._load (node:internal/modules/cjs/loader:1091:12)",
        "Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)",
        "node:internal/main/run_main_module:28:49",
    ],
    required: &[
        "Module._compile (node:internal/modules/cjs/loader:1521:14)",
        "Module._extensions..js (node:internal/modules/cjs/loader:1623:10)",
        "Module.load (node:internal/modules/cjs/loader:1266:32)",
        "Module._load (node:internal/modules/cjs/loader:1091:12)",
        "Module.require (node:internal/modules/cjs/loader:1289:19)",
        "require (node:internal/modules/helpers:182:18)",
    ],
    syntax: &[
        "wrapSafe (node:internal/modules/cjs/loader:1464:18)",
        "Module._compile (node:internal/modules/cjs/loader:1495:20)",
    ],
    missing_at: "node:internal/modules/cjs/loader:1210\n  throw err;\n  ^",
    missing: &[
        "Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)",
        "Module._load (node:internal/modules/cjs/loader:1038:27)",
    ],
    eval: &[
        "runScriptInThisContext (node:internal/vm:209:10)",
        "node:internal/process/execution:118:14",
        "[eval]-wrapper:6:24",
        "runScript (node:internal/process/execution:101:62)",
        "evalScript (node:internal/process/execution:133:3)",
        "node:internal/main/eval_string:51:3",
    ],
    unhandled_at: "node:events:502\n      throw er; // Unhandled 'error' event\n      ^",
    listen: &[
        "Server.setupListenHandle [as _listen2] (node:net:1908:16)",
        "listenInCluster (node:net:1965:12)",
        "Server.listen (node:net:2067:7)",
    ],
    emitted: &[
        "emitErrorNT (node:net:1944:8)",
        "process.processTicksAndRejections (node:internal/process/task_queues:82:21)",
    ],
    request: &[
        "Server.emit (node:events:524:28)",
        "parserOnIncoming (node:_http_server:1153:12)",
        "HTTPParser.parserOnHeadersComplete (node:_http_common:117:17)",
    ],
    timer: &[
        "listOnTimeout (node:internal/timers:581:17)",
        "process.processTimers (node:internal/timers:519:7)",
    ],
    signs: true,
};

static NODE_22: Frames = Frames {
    main: &[
        "Module._compile (node:internal/modules/cjs/loader:1554:14)",
        "Object..js (node:internal/modules/cjs/loader:1706:10)",
        "Module.load (node:internal/modules/cjs/loader:1289:32)",
        "Function._load (node:internal/modules/cjs/loader:1108:12)",
        "TracingChannel.traceSync (node:diagnostics_channel:322:14)",
        "wrapModuleLoad (node:internal/modules/cjs/loader:220:24)",
        "Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:170:5)",
        "node:internal/main/run_main_module:36:49",
    ],
    required: &[
        "Module._compile (node:internal/modules/cjs/loader:1554:14)",
        "Object..js (node:internal/modules/cjs/loader:1706:10)",
        "Module.load (node:internal/modules/cjs/loader:1289:32)",
        "Function._load (node:internal/modules/cjs/loader:1108:12)",
        "TracingChannel.traceSync (node:diagnostics_channel:322:14)",
        "wrapModuleLoad (node:internal/modules/cjs/loader:220:24)",
        "Module.require (node:internal/modules/cjs/loader:1311:12)",
        "require (node:internal/modules/helpers:136:16)",
    ],
    syntax: &[
        "wrapSafe (node:internal/modules/cjs/loader:1486:18)",
        "Module._compile (node:internal/modules/cjs/loader:1528:20)",
    ],
    missing_at: "node:internal/modules/cjs/loader:1228\n  throw err;\n  ^",
    missing: &[
        "Function._resolveFilename (node:internal/modules/cjs/loader:1225:15)",
        "Function._load (node:internal/modules/cjs/loader:1055:27)",
    ],
    eval: &[
        "runScriptInThisContext (node:internal/vm:209:10)",
        "node:internal/process/execution:446:12",
        "[eval]-wrapper:6:24",
        "runScriptInContext (node:internal/process/execution:444:60)",
        "evalFunction (node:internal/process/execution:279:30)",
        "evalTypeScript (node:internal/process/execution:291:3)",
        "node:internal/main/eval_string:74:3",
    ],
    unhandled_at: "node:events:497\n      throw er; // Unhandled 'error' event\n      ^",
    listen: &[
        "Server.setupListenHandle [as _listen2] (node:net:1940:16)",
        "listenInCluster (node:net:1997:12)",
        "Server.listen (node:net:2102:7)",
    ],
    emitted: &[
        "emitErrorNT (node:net:1976:8)",
        "process.processTicksAndRejections (node:internal/process/task_queues:90:21)",
    ],
    request: &[
        "Server.emit (node:events:519:28)",
        "parserOnIncoming (node:_http_server:1153:12)",
        "HTTPParser.parserOnHeadersComplete (node:_http_common:117:17)",
    ],
    timer: &[
        "listOnTimeout (node:internal/timers:588:17)",
        "process.processTimers (node:internal/timers:523:7)",
    ],
    signs: true,
};
