//! What a running script asks of the world, and what the world tells it: the two closed lists that stand
//! between the JavaScript engine and the simulator. Must never hold an engine or a world value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Something the script wants done. Bodies travel beside the JSON, as bytes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum Ask {
    /// `server.listen`: the answer is `Tell::Listening` or `Tell::ListenError`.
    Listen { server: u64, port: u16, host: Option<String> },
    /// `server.close`.
    Close { server: u64 },
    /// Status line and headers of a response, in the order in which they go out.
    Head { exchange: u64, status: u16, reason: String, headers: Vec<(String, String)> },
    /// A part of a response's body.
    Chunk {
        exchange: u64,
        #[serde(skip)]
        body: Vec<u8>,
    },
    /// The response is complete.
    End { exchange: u64 },
    /// The socket was destroyed without an answer.
    Drop { exchange: u64 },
    /// An outgoing request.
    Request {
        id: u64,
        method: String,
        url: String,
        headers: Vec<(String, String)>,
        timeout_ms: Option<u64>,
        #[serde(skip)]
        body: Vec<u8>,
    },
    /// From now on this signal is the script's.
    HandleSignal { signal: String },
    /// The default action again.
    ReleaseSignal { signal: String },
    /// The script reads its standard input.
    ReadStdin,
    /// `process.kill`.
    Kill { pid: i64, signal: String },
}

impl Ask {
    /// Puts the bytes that came beside the JSON where they belong.
    pub fn with_body(mut self, bytes: Vec<u8>) -> Self {
        match &mut self {
            Ask::Chunk { body, .. } | Ask::Request { body, .. } => *body = bytes,
            _ => {}
        }
        self
    }
}

/// Something that happened and that the script is told about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Tell {
    /// Runs the script's main file or text.
    Main,
    /// Due timers and immediates run.
    Timers,
    Listening {
        server: u64,
        port: u16,
        address: String,
    },
    /// `code` is the errno's name, `EADDRINUSE`.
    ListenError {
        server: u64,
        port: u16,
        address: String,
        code: String,
    },
    Request {
        server: u64,
        exchange: u64,
        method: String,
        url: String,
        headers: Vec<(String, String)>,
        remote_address: String,
        remote_port: u16,
        #[serde(skip)]
        body: Vec<u8>,
    },
    Response {
        id: u64,
        status: u16,
        reason: String,
        headers: Vec<(String, String)>,
        #[serde(skip)]
        body: Vec<u8>,
    },
    /// `code` is the errno's name, `ECONNREFUSED`; `address` is what it speaks of.
    ResponseError {
        id: u64,
        code: String,
        address: String,
        port: u16,
    },
    Signal {
        signal: String,
    },
    Stdin {
        #[serde(skip)]
        body: Vec<u8>,
    },
    StdinEnd,
    /// One line typed at the interactive prompt.
    Repl {
        line: String,
    },
    /// Nothing is left to do: `exit` handlers run and the status is fixed.
    Exit,
    /// The event loop ran empty.
    BeforeExit,
}

impl Tell {
    /// The bytes that go beside the JSON.
    pub fn body(&self) -> Option<&[u8]> {
        match self {
            Tell::Request { body, .. } | Tell::Response { body, .. } | Tell::Stdin { body } => Some(body),
            _ => None,
        }
    }
}

/// What the script knows of the process it runs in.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Setup {
    /// Without the `v`: `6.9.2`, `24.11.1`.
    pub version: String,
    pub argv: Vec<String>,
    pub exec_argv: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub cwd: String,
    pub pid: u32,
    pub ppid: u32,
    pub hostname: String,
    pub ip: String,
    pub home: String,
    pub user: String,
    pub uid: u32,
    pub stdin_tty: bool,
    pub stdout_tty: bool,
    pub stderr_tty: bool,
    pub columns: u16,
    pub cpus: u32,
    pub memory_bytes: u64,
    pub start: Start,
}

/// Where the program text comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Start {
    /// An argument: resolved as node does (`x`, `x.js`, `x/index.js`).
    File { path: String },
    /// `-e`, `-p`.
    Eval { text: String, print: bool },
    /// Piped in.
    Stdin { text: String },
    /// The interactive prompt.
    Repl,
}
