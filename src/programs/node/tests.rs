//! Scripts and what they print, with the event loop advanced by hand: no world is needed.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::asks::{Ask, Setup, Start, Tell};
use super::engine::{DEFAULT_HEAP_BYTES, Engine, Stop};
use super::files::{Errno, Files, Stat};
use crate::base::Seed;

/// Files of a story.
#[derive(Default)]
struct Fixed(RefCell<BTreeMap<String, Vec<u8>>>);

impl Files for Fixed {
    fn read(&self, path: &str) -> Result<Vec<u8>, Errno> {
        self.0.borrow().get(path).cloned().ok_or("ENOENT")
    }
    fn write(&self, path: &str, bytes: &[u8], append: bool) -> Result<(), Errno> {
        let mut files = self.0.borrow_mut();
        let file = files.entry(path.to_owned()).or_default();
        if !append {
            file.clear();
        }
        file.extend_from_slice(bytes);
        Ok(())
    }
    fn stat(&self, path: &str, _follow: bool) -> Result<Stat, Errno> {
        let files = self.0.borrow();
        let directory = files.keys().any(|k| k.starts_with(&format!("{}/", path.trim_end_matches('/'))));
        let size = files.get(path).map(|b| b.len() as u64);
        if size.is_none() && !directory {
            return Err("ENOENT");
        }
        Ok(Stat { directory, symlink: false, mode: 0o644, size: size.unwrap_or(4096), mtime_ms: 0 })
    }
    fn list(&self, path: &str) -> Result<Vec<String>, Errno> {
        let start = format!("{}/", path.trim_end_matches('/'));
        Ok(self.0.borrow().keys().filter_map(|k| k.strip_prefix(&start)).map(str::to_owned).collect())
    }
    fn mkdir(&self, _: &str, _: bool) -> Result<(), Errno> {
        Ok(())
    }
    fn remove(&self, path: &str, _: bool) -> Result<(), Errno> {
        self.0.borrow_mut().remove(path).map(drop).ok_or("ENOENT")
    }
    fn rename(&self, from: &str, to: &str) -> Result<(), Errno> {
        let bytes = self.read(from)?;
        self.remove(from, false)?;
        self.write(to, &bytes, false)
    }
    fn real_path(&self, path: &str) -> Result<String, Errno> {
        Ok(path.to_owned())
    }
}

fn setup(version: &str, start: Start) -> Setup {
    Setup {
        version: version.into(),
        argv: vec!["/usr/bin/node".into(), "/app/server.js".into()],
        exec_argv: vec![],
        env: BTreeMap::from([("PORT".to_owned(), "8080".to_owned())]),
        cwd: "/app".into(),
        pid: 42,
        ppid: 1,
        hostname: "box".into(),
        ip: "10.0.0.7".into(),
        home: "/root".into(),
        user: "root".into(),
        uid: 0,
        stdin_tty: false,
        stdout_tty: false,
        stderr_tty: false,
        columns: 80,
        cpus: 2,
        memory_bytes: 1 << 30,
        start,
    }
}

/// A running script and everything it wrote.
struct Story {
    engine: Engine,
    now: u64,
    text: String,
    asks: Vec<Ask>,
}

impl Story {
    fn new(version: &str, start: Start, files: &[(&str, &str)]) -> Story {
        let all = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
        let files = Box::new(Fixed(RefCell::new(all)));
        let engine = Engine::new(&setup(version, start), files, Seed(1).stream("node"), DEFAULT_HEAP_BYTES);
        Story {
            engine: engine.expect("the library starts"),
            now: 1_800_000_000_000,
            text: String::new(),
            asks: vec![],
        }
    }

    fn script(version: &str, text: &str) -> Story {
        Story::new(version, Start::File { path: "server.js".into() }, &[("/app/server.js", text)])
    }

    fn tell(&mut self, tell: &Tell) -> bool {
        let status = self.engine.tell(self.now, tell);
        for (_, bytes) in self.engine.take_output() {
            self.text.push_str(&String::from_utf8_lossy(&bytes));
        }
        self.asks.extend(self.engine.take_asks());
        if let Some(next) = status.next {
            self.now = self.now.max(next);
        }
        status.alive
    }

    /// Runs timers until nothing is left, at most a hundred turns.
    fn finish(&mut self) {
        let mut tell = Tell::Main;
        for _ in 0..100 {
            if !self.tell(&tell) || self.engine.stopped().is_some() {
                break;
            }
            tell = Tell::Timers;
        }
        self.tell(&Tell::Exit);
    }
}

/// Runs a script of node 20 to its end and compares what it wrote on both streams.
fn check(script: &str, expect: &str) {
    let mut story = Story::script("20.20.2", script);
    story.finish();
    assert_eq!(story.text, expect, "for the script:\n{script}");
}

const TAIL: &str = "    at Module._compile (node:internal/modules/cjs/loader:1521:14)
    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)
    at Module.load (node:internal/modules/cjs/loader:1266:32)
    at Module._load (node:internal/modules/cjs/loader:1091:12)
    at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)
    at node:internal/main/run_main_module:28:49

Node.js v20.20.2
";

#[test]
fn console_prints_as_node_does() {
    check("console.log('%s is %d', 'x', 42, {a: 1, b: [1, 'two']})", "x is 42 { a: 1, b: [ 1, 'two' ] }\n");
    check("console.log([undefined, null, -0, 1n, Symbol('s')])", "[ undefined, null, -0, 1n, Symbol(s) ]\n");
    check("console.log(new Map([['a', 1]]), new Set([1]))", "Map(1) { 'a' => 1 } Set(1) { 1 }\n");
    check(
        "console.log(() => {}, function foo() {}, class A {})",
        "[Function (anonymous)] [Function: foo] [class A]\n",
    );
    check("const a = {}; a.self = a; console.log(a)", "<ref *1> { self: [Circular *1] }\n");
    check("console.log({a: {b: {c: {d: 1}}}})", "{ a: { b: { c: [Object] } } }\n");
    check("console.log(Buffer.from('hi'), [1.5, 'a\\'b'])", "<Buffer 68 69> [ 1.5, \"a'b\" ]\n");
    check(
        "console.log(Array.from({length: 30}, (_, i) => i))",
        "[\n   0,  1,  2,  3,  4,  5,  6,  7,  8,\n   9, 10, 11, 12, 13, 14, 15, 16, 17,\n  18, 19, 20, 21, 22, 23, 24, 25, 26,\n  27, 28, 29\n]\n",
    );
}

#[test]
fn a_script_may_come_from_standard_input() {
    for (text, expect) in [("", ""), ("console.log(__filename, 6 * 7)", "[stdin] 42\n")] {
        let mut story = Story::new("22.20.0", Start::Stdin { text: text.into() }, &[]);
        story.finish();
        assert_eq!((story.text.as_str(), story.engine.stopped()), (expect, Some(Stop::Exit(0))), "{text}");
    }
}

#[test]
fn the_order_of_ticks_promises_and_timers() {
    check(
        "setTimeout(() => console.log('timer'), 0); setImmediate(() => console.log('immediate'));
         Promise.resolve().then(() => console.log('promise')); process.nextTick(() => console.log('tick'));
         console.log('main'); process.on('exit', (c) => console.log('exit', c))",
        "main\ntick\npromise\ntimer\nimmediate\nexit 0\n",
    );
    check(
        "let n = 0; const t = setInterval(() => { console.log(++n); if (n === 3) clearInterval(t) }, 1000)",
        "1\n2\n3\n",
    );
}

#[test]
fn modules_of_node() {
    check(
        "const os = require('os'); console.log(os.hostname(), process.env.PORT, process.version)",
        "box 8080 v20.20.2\n",
    );
    check("console.log(require('path').join('/a', '../b', 'c.js'), __filename)", "/b/c.js /app/server.js\n");
    check(
        "require('fs').writeFileSync('x', 'hi'); console.log(require('fs').readFileSync('/app/x', 'utf8'))",
        "hi\n",
    );
    check("console.log(new URL('http://a.b:81/c?d=e#f').searchParams.get('d'))", "e\n");
    check(
        "console.log(require('crypto').createHash('sha256').update('a').digest('hex').slice(0, 8))",
        "ca978112\n",
    );
    check(
        "console.log(require('util').inspect('x'), require('node:url').parse('/a?b=1', true).query.b)",
        "'x' 1\n",
    );
}

#[test]
fn an_uncaught_error_is_reported_with_its_place() {
    check(
        "function f(){ x.y.z(); }\nvar x;\nf();\n",
        &format!(
            "/app/server.js:1\nfunction f(){{ x.y.z(); }}\n                ^\n\nTypeError: Cannot read properties of undefined (reading 'y')\n    at f (/app/server.js:1:17)\n    at Object.<anonymous> (/app/server.js:3:1)\n{TAIL}"
        ),
    );
    check(
        "var http = reqire('http');\n",
        &format!(
            "/app/server.js:1\nvar http = reqire('http');\n           ^\n\nReferenceError: reqire is not defined\n    at Object.<anonymous> (/app/server.js:1:12)\n{TAIL}"
        ),
    );
    check(
        "var http = require('http');\nhttp.createSever(function() {});\n",
        &format!(
            "/app/server.js:2\nhttp.createSever(function() {{}});\n     ^\n\nTypeError: http.createSever is not a function\n    at Object.<anonymous> (/app/server.js:2:6)\n{TAIL}"
        ),
    );
    check(
        "throw new Error('boo');",
        &format!(
            "/app/server.js:1\nthrow new Error('boo');\n^\n\nError: boo\n    at Object.<anonymous> (/app/server.js:1:7)\n{TAIL}"
        ),
    );
}

#[test]
fn a_syntax_error_shows_the_line() {
    check(
        "console.log(\"a\"\nfoo();\n",
        "/app/server.js:1\nconsole.log(\"a\"\n            ^^^\n\nSyntaxError: missing ) after argument list
    at wrapSafe (node:internal/modules/cjs/loader:1464:18)
    at Module._compile (node:internal/modules/cjs/loader:1495:20)
    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)
    at Module.load (node:internal/modules/cjs/loader:1266:32)
    at Module._load (node:internal/modules/cjs/loader:1091:12)
    at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)
    at node:internal/main/run_main_module:28:49

Node.js v20.20.2
",
    );
}

#[test]
fn a_missing_module() {
    check(
        "var a = require('./nope');\n",
        "node:internal/modules/cjs/loader:1210
  throw err;
  ^

Error: Cannot find module './nope'
Require stack:
- /app/server.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)
    at Module._load (node:internal/modules/cjs/loader:1038:27)
    at Module.require (node:internal/modules/cjs/loader:1289:19)
    at require (node:internal/modules/helpers:182:18)
    at Object.<anonymous> (/app/server.js:1:9)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)
    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)
    at Module.load (node:internal/modules/cjs/loader:1266:32)
    at Module._load (node:internal/modules/cjs/loader:1091:12)
    at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12) {
  code: 'MODULE_NOT_FOUND',
  requireStack: [ '/app/server.js' ]
}

Node.js v20.20.2
",
    );
}

const HELLO: &str = "var http = require('http');
var handleRequest = function(request, response) {
  response.writeHead(200);
  response.end(\"Hello World!\");
}
var www = http.createServer(handleRequest);
www.listen(8080);
";

fn request(exchange: u64) -> Tell {
    Tell::Request {
        server: 1,
        exchange,
        method: "GET".into(),
        url: "/".into(),
        headers: vec![("Host".into(), "localhost:8080".into()), ("User-Agent".into(), "curl/7.88.1".into())],
        remote_address: "::ffff:127.0.0.1".into(),
        remote_port: 40000,
        body: vec![],
    }
}

fn serve(version: &str, script: &str) -> (String, Vec<Ask>) {
    let mut story = Story::script(version, script);
    assert!(story.tell(&Tell::Main), "a server keeps the script alive: {}", story.text);
    story.tell(&Tell::Listening { server: 1, port: 8080, address: "::".into() });
    story.asks.clear();
    story.tell(&request(7));
    (story.text, story.asks)
}

#[test]
fn the_labs_server_answers() {
    let (text, asks) = serve("20.20.2", HELLO);
    assert_eq!(text, "");
    let Ask::Head { status, reason, headers, .. } = &asks[0] else { panic!("a head first: {asks:?}") };
    assert_eq!((*status, reason.as_str()), (200, "OK"));
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Date", "Connection", "Keep-Alive", "Transfer-Encoding"]);
    assert_eq!(
        asks[1..],
        [Ask::Chunk { exchange: 7, body: b"Hello World!".to_vec() }, Ask::End { exchange: 7 }]
    );
}

#[test]
fn a_port_in_use() {
    let mut story = Story::script("20.20.2", HELLO);
    story.tell(&Tell::Main);
    story.tell(&Tell::ListenError { server: 1, port: 8080, address: "::".into(), code: "EADDRINUSE".into() });
    assert_eq!(
        story.text,
        "node:events:502
      throw er; // Unhandled 'error' event
      ^

Error: listen EADDRINUSE: address already in use :::8080
    at Server.setupListenHandle [as _listen2] (node:net:1908:16)
    at listenInCluster (node:net:1965:12)
    at Server.listen (node:net:2067:7)
    at Object.<anonymous> (/app/server.js:7:5)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)
    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)
    at Module.load (node:internal/modules/cjs/loader:1266:32)
    at Module._load (node:internal/modules/cjs/loader:1091:12)
    at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)
    at node:internal/main/run_main_module:28:49
Emitted 'error' event on Server instance at:
    at emitErrorNT (node:net:1944:8)
    at process.processTicksAndRejections (node:internal/process/task_queues:82:21) {
  code: 'EADDRINUSE',
  errno: -98,
  syscall: 'listen',
  address: '::',
  port: 8080
}

Node.js v20.20.2
"
    );
    assert_eq!(story.engine.stopped(), Some(Stop::Exit(1)));
}

#[test]
fn an_old_node_words_errors_its_own_way() {
    let mut story = Story::script("6.9.2", "foo();\n");
    story.finish();
    assert_eq!(
        story.text,
        "/app/server.js:1\nfoo();\n^\n\nReferenceError: foo is not defined
    at Object.<anonymous> (/app/server.js:1:1)
    at Module._compile (module.js:570:32)
    at Object.Module._extensions..js (module.js:579:10)
    at Module.load (module.js:487:32)
    at tryModuleLoad (module.js:446:12)
    at Function.Module._load (module.js:438:3)
    at Module.runMain (module.js:604:10)
    at run (bootstrap_node.js:394:7)
    at startup (bootstrap_node.js:149:9)
    at bootstrap_node.js:509:3
"
    );
}

#[test]
fn signals_and_exit() {
    let mut story = Story::script(
        "20.20.2",
        "setInterval(() => {}, 1000); process.on('SIGINT', function() { console.log('Caught interrupt signal and will exit'); process.exit(); });",
    );
    story.tell(&Tell::Main);
    assert_eq!(story.asks, [Ask::HandleSignal { signal: "SIGINT".into() }]);
    story.tell(&Tell::Signal { signal: "SIGINT".into() });
    assert_eq!(story.text, "Caught interrupt signal and will exit\n");
    assert_eq!(story.engine.stopped(), Some(Stop::Exit(0)));
}

#[test]
fn scripts_without_end_are_stopped() {
    for (script, stop) in [
        ("while (true) {}", Stop::Hung),
        ("try { while (true) {} } finally { while (true) {} }", Stop::Hung),
        ("function f() { process.nextTick(f) } f()", Stop::Hung),
        ("const a = []; while (true) a.push('x'.repeat(1000000) + a.length)", Stop::OutOfMemory),
    ] {
        let mut story = Story::script("20.20.2", script);
        story.tell(&Tell::Main);
        assert_eq!(story.engine.stopped(), Some(stop), "for {script}: {}", story.text);
    }
    check(
        "try { 'x'.repeat(1e9) } catch (e) { console.log(e.message) } function f() { f() } try { f() } catch (e) { console.log(e.message) }",
        "Invalid string length\nMaximum call stack size exceeded\n",
    );
}

#[test]
fn waiting_for_the_clock_ends() {
    check("const end = Date.now() + 3000; while (Date.now() < end); console.log('done')", "done\n");
}

#[test]
fn modules_with_import() {
    let mut story = Story::new(
        "20.20.2",
        Start::File { path: "a.mjs".into() },
        &[
            (
                "/app/a.mjs",
                "import os, { EOL } from 'os';\nimport { two } from './b.mjs';\nconsole.log(os.hostname(), two, EOL.length);\nconst x = await Promise.resolve(3); console.log(x);",
            ),
            ("/app/b.mjs", "export const two = 2;\n"),
        ],
    );
    story.finish();
    assert_eq!(story.text, "box 2 1\n3\n");
}

#[test]
fn a_rejection_nobody_handles() {
    check(
        "Promise.reject(new Error('boo'))",
        &format!(
            "/app/server.js:1\nPromise.reject(new Error('boo'))\n               ^\n\nError: boo\n    at Object.<anonymous> (/app/server.js:1:16)\n{TAIL}"
        ),
    );
}

#[test]
fn texts_from_the_command_line() {
    let mut story = Story::new("20.20.2", Start::Eval { text: "[1,{a:2}]".into(), print: true }, &[]);
    story.finish();
    assert_eq!(story.text, "[ 1, { a: 2 } ]\n");
}
