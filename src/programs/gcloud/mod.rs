//! gcloud as Cloud Shell has it, and the files it keeps in the learner's home directory. A file per group of
//! commands; this one only understands the line and hands over.

pub mod args;
mod artifacts;
mod auth;
mod clusters;
mod commands;
mod compute;
pub mod complete;
mod config;
mod docker;
mod filter;
mod format;
pub mod kubeconfig;
mod project;
pub mod properties;
mod terminal;

use serde_json::Value;

use crate::world::{Call, LocalFuture};

use args::Parsed;

/// What runs a command.
pub type Run = for<'a> fn(&'a Gcloud, &'a Parsed) -> LocalFutureOf<'a>;

/// The future of a command.
pub type LocalFutureOf<'a> = std::pin::Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// How a command ends.
pub type Outcome = Result<(), Failure>;

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// `ERROR: (gcloud.x.y) MESSAGE`, status 1.
    Error(String),
    /// A refusal of the parser's kind.
    Refused(args::Refused),
    /// Everything is said already.
    Status(i32),
}

impl Failure {
    /// An error with a message.
    pub fn error<T>(message: impl Into<String>) -> Result<T, Failure> {
        Err(Failure::Error(message.into()))
    }
}

/// One call of gcloud.
pub struct Gcloud {
    /// How it was called.
    pub call: Call,
    /// `--quiet`, or the property that says the same.
    pub quiet: bool,
    /// Whether lists are blocks of `KEY: value` (Cloud Shell's setting) instead of tables.
    pub screen_reader: bool,
    project: Option<String>,
}

/// The program.
pub fn run(call: Call) -> LocalFuture<i32> {
    Box::pin(async move {
        let parsed = match args::parse(call.args()) {
            Ok(parsed) => parsed,
            Err(refused) => return refuse(&call, &refused).await,
        };
        let host = call.sys.host;
        let property = |name: &str| call.sys.view(|w| properties::get(w, host, name));
        let on = |name: &str| property(name).is_some_and(|v| v.eq_ignore_ascii_case("true") || v == "1");
        let gcloud = Gcloud {
            quiet: parsed.has("--quiet") || on("core/disable_prompts"),
            screen_reader: on("accessibility/screen_reader"),
            project: parsed.flag("--project").map(str::to_owned).or_else(|| property("core/project")),
            call,
        };
        match (parsed.command.run)(&gcloud, &parsed).await {
            Ok(()) => 0,
            Err(Failure::Status(status)) => status,
            Err(Failure::Refused(refused)) => refuse(&gcloud.call, &refused).await,
            Err(Failure::Error(message)) => {
                gcloud.err(&format!("ERROR: ({}) {message}\n", parsed.dotted())).await;
                1
            }
        }
    })
}

async fn refuse(call: &Call, refused: &args::Refused) -> i32 {
    let out = if refused.exit == 0 { &call.io.stdout } else { &call.io.stderr };
    let text = if refused.exit != 0 && out.is_terminal() {
        terminal::colour(&refused.text)
    } else {
        refused.text.clone()
    };
    out.write(text).await.ok();
    refused.exit
}

impl Gcloud {
    /// Writes to standard output.
    pub async fn out(&self, text: &str) {
        self.call.io.stdout.write(text).await.ok();
    }

    /// Writes to standard error, colouring `ERROR:` and `WARNING:` on a terminal.
    pub async fn err(&self, text: &str) {
        let stderr = &self.call.io.stderr;
        let text = if stderr.is_terminal() { terminal::colour(text) } else { text.to_owned() };
        stderr.write(text).await.ok();
    }

    /// The project to work in.
    ///
    /// # Errors
    /// When none is set.
    pub fn project(&self) -> Result<&str, Failure> {
        let missing = "The required property [project] is not currently set.\nIt can be set on a per-command basis by re-running your command with the [--project] flag.\n\nYou may set it for your current workspace by running:\n\n  $ gcloud config set project VALUE\n\nor it can be set temporarily by the environment variable [CLOUDSDK_CORE_PROJECT]";
        self.project.as_deref().map_or_else(|| Failure::error(missing), Ok)
    }

    /// The project, if it is one that the account may use.
    ///
    /// # Errors
    /// The API's refusal.
    pub fn own_project(&self) -> Result<&str, Failure> {
        let project = self.project()?;
        let own = self.call.sys.view(|w| w.cloud.project.id == project);
        if own {
            return Ok(project);
        }
        Failure::error(format!(
            "{} This command is authenticated as {} which is the active account specified by the [core/account] property",
            self.no_access(project),
            self.account()
        ))
    }

    /// The sentence for a project that is not the learner's.
    pub fn no_access(&self, project: &str) -> String {
        format!(
            "[{}] does not have permission to access projects instance [{project}] (or it may not exist): The caller does not have permission.",
            self.account()
        )
    }

    /// The signed-in account.
    pub fn account(&self) -> String {
        self.call.sys.view(|w| {
            let configured = properties::get(w, self.call.sys.host, "core/account");
            configured.unwrap_or_else(|| w.cloud.project.account.clone())
        })
    }

    /// What the API adds to its refusals.
    pub fn authenticated_as(&self) -> String {
        format!(
            "This command is authenticated as {} which is the active account specified by the [core/account] property.",
            self.account()
        )
    }

    /// Prints resources: filtered, sorted and limited as asked, in the asked-for format or the command's own.
    ///
    /// # Errors
    /// A bad expression.
    pub async fn print(&self, parsed: &Parsed, items: Vec<Value>, default: &str) -> Result<usize, Failure> {
        let items = filter::select(parsed, items).map_err(Failure::Error)?;
        let format = parsed.flag("--format").unwrap_or(default);
        let text = format::render(format, default, &items, self.screen_reader).map_err(Failure::Error)?;
        self.out(&text).await;
        Ok(items.len())
    }
}
