//! What a running command has at hand: its parsed command line, its streams, and the way to the cluster.

use super::client::Client;
use super::command::Parsed;
use super::fail::{Failure, Outcome};
use super::kubeconfig::Kubeconfig;
use crate::world::{Call, Io, Sys};
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;

/// Why an object is as it is; `rollout history` shows it.
pub const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

pub struct Context {
    pub flags: Parsed,
    pub args: Vec<String>,
    pub io: Io,
    pub sys: Sys,
    pub env: crate::world::Env,
    pub cwd: String,
    client: RefCell<Option<Rc<Client>>>,
}

/// What `--dry-run` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DryRun {
    None,
    Client,
    Server,
}

impl Context {
    pub fn new(call: Call, flags: Parsed) -> Self {
        let Call { env, cwd, io, sys, .. } = call;
        let args = flags.args.clone();
        Context { flags, args, io, sys, env, cwd, client: RefCell::new(None) }
    }

    pub async fn out(&self, text: impl AsRef<[u8]>) {
        self.io.stdout.write(text).await.ok();
    }

    pub async fn err(&self, text: impl AsRef<[u8]>) {
        self.io.stderr.write(text).await.ok();
    }

    pub async fn outln(&self, text: impl AsRef<str>) {
        self.out(format!("{}\n", text.as_ref())).await;
    }

    pub async fn errln(&self, text: impl AsRef<str>) {
        self.err(format!("{}\n", text.as_ref())).await;
    }

    /// Milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.sys.now().0 as i64
    }

    pub fn kubeconfig(&self) -> Outcome<Kubeconfig> {
        Kubeconfig::load(self)
    }

    /// The way to the server, made when first asked for.
    pub fn client(&self) -> Outcome<Rc<Client>> {
        if let Some(client) = self.client.borrow().as_ref() {
            return Ok(client.clone());
        }
        let client = Rc::new(Client::new(self)?);
        *self.client.borrow_mut() = Some(client.clone());
        Ok(client)
    }

    /// The namespace to work in.
    pub fn namespace(&self) -> Outcome<String> {
        Ok(self.client()?.namespace.clone())
    }

    /// Whether `-n` was given.
    pub fn namespace_given(&self) -> bool {
        self.flags.given("namespace")
    }

    /// An error that points to the help of this command.
    pub fn usage(&self, text: impl AsRef<str>) -> Failure {
        Failure::Message(format!(
            "{}\nSee '{} -h' for help and examples",
            text.as_ref(),
            self.flags.full_path()
        ))
    }

    pub async fn dry_run(&self) -> Outcome<DryRun> {
        match self.flags.text("dry-run") {
            "" | "none" => Ok(DryRun::None),
            "client" => Ok(DryRun::Client),
            "server" => Ok(DryRun::Server),
            "unchanged" => {
                self.klog(
                    "W",
                    "helpers.go:719",
                    "--dry-run is deprecated and can be replaced with --dry-run=client.",
                )
                .await;
                Ok(DryRun::Client)
            }
            other @ ("true" | "false") => {
                self.klog("W", "helpers.go:712", &format!("--dry-run={other} is deprecated (boolean value) and can be replaced with --dry-run={}.", if other == "true" { "client" } else { "none" })).await;
                Ok(if other == "true" { DryRun::Client } else { DryRun::None })
            }
            other => Err(Failure::Message(format!(
                "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
            ))),
        }
    }

    /// A line of klog's on standard error.
    pub async fn klog(&self, severity: &str, place: &str, text: &str) {
        let now = self.sys.now();
        let time = now.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
        let stamp = time.strftime("%m%d %H:%M:%S");
        let micros = now.0 % 1000 * 1000;
        self.errln(format!("{severity}{stamp}.{micros:06} {:7} {place}] {text}", self.sys.pid())).await;
    }

    /// With `--record`, keeps the command in the object that it changes.
    pub fn record(&self, object: &mut Value) {
        if self.flags.command.flag("record").is_some() && self.flags.on("record") {
            object["metadata"]["annotations"][CHANGE_CAUSE] = self.flags.change_cause().into();
        }
    }

    /// A path as this command means it.
    pub fn path(&self, path: &str) -> String {
        self.sys.absolute(&self.cwd, path)
    }
}
