//! gcloud as Cloud Shell has it, and the files it keeps in the learner's home directory. A file per group of
//! commands; this one only understands the line and hands over.

pub mod args;
mod artifacts;
mod auth;
mod close_match;
mod cluster_create;
mod cluster_resource;
mod cluster_update;
mod clusters;
mod commands;
mod components;
mod compute;
pub mod complete;
mod config;
mod configurations;
mod container_images;
pub mod credential_helper;
mod docker;
mod docker_config;
mod filter;
mod firewall;
mod flags_file;
mod format;
mod groups;
mod history;
mod images;
mod instances;
pub mod kubeconfig;
mod listings;
mod locations;
mod names;
mod node_pools;
mod print;
mod project;
pub mod properties;
mod property_names;
mod refusal;
mod sections;
mod server_config;
mod services;
mod suggest;
mod terminal;
mod tree;
mod usage;
mod value;

use crate::world::{Call, LocalFuture};

use args::Parsed;

/// What runs a command.
pub type Run = for<'a> fn(&'a Gcloud, &'a Parsed) -> LocalFutureOf<'a>;

/// The future of a command.
pub type LocalFutureOf<'a> = std::pin::Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// How a command ends.
pub type Outcome = Result<(), Failure>;

/// The status of a process that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// `ERROR: (gcloud.x.y) MESSAGE`, status 1.
    Error(String),
    /// A refusal of the parser's kind.
    Refused(args::Refused),
    /// Everything is said already.
    Status(i32),
    /// Ctrl-C at a question.
    Interrupted,
}

impl Failure {
    /// An error with a message.
    pub fn error<T>(message: impl Into<String>) -> Result<T, Failure> {
        Err(Failure::Error(message.into()))
    }
}

/// How much gcloud says on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verbosity {
    Debug,
    Info,
    Warning,
    Error,
    None,
}

impl Verbosity {
    fn of(word: &str) -> Self {
        match word {
            "debug" => Verbosity::Debug,
            "info" => Verbosity::Info,
            "error" | "critical" => Verbosity::Error,
            "none" => Verbosity::None,
            _ => Verbosity::Warning,
        }
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
    /// Whether nothing but problems is to be said.
    mute: bool,
    verbosity: Verbosity,
    /// Properties that the command line sets for this call.
    given: properties::Properties,
    /// The configuration that the command line names.
    configuration: Option<String>,
}

/// The program.
pub fn run(call: Call) -> LocalFuture<i32> {
    Box::pin(async move {
        let host = call.sys.host;
        let used = || call.sys.view(|w| history::recent(w, host));
        let words = match flags_file::expand(&call, call.args()) {
            Ok(words) => words,
            Err(problem) => {
                let refused = args::Refused { text: format!("ERROR: (gcloud) {problem}\n"), exit: 1 };
                return refuse(&call, &refused).await;
            }
        };
        let parsed = match args::parse(&words, &used) {
            Ok(parsed) => parsed,
            Err(refused) => return refuse(&call, &refused).await,
        };
        call.sys.with(|w| history::note(w, host, &parsed.place));
        let gcloud = Gcloud::new(call, &parsed);
        match gcloud.carry_out(&parsed).await {
            Ok(()) => 0,
            Err(Failure::Status(status)) => status,
            Err(Failure::Refused(refused)) => refuse(&gcloud.call, &refused).await,
            Err(Failure::Interrupted) => {
                gcloud.err("\n\nCommand killed by keyboard interrupt\n\n").await;
                INTERRUPTED
            }
            Err(Failure::Error(message)) => {
                gcloud.error(&format!("({}) {message}", parsed.dotted())).await;
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
    fn new(call: Call, parsed: &Parsed) -> Self {
        let mut given = properties::Properties::new();
        for (flag, name) in [("--project", "project"), ("--account", "account"), ("--verbosity", "verbosity")]
        {
            if let Some(value) = parsed.flag(flag) {
                given.entry("core".to_owned()).or_default().insert(name.to_owned(), value.to_owned());
            }
        }
        let configuration = parsed
            .flag("--configuration")
            .or_else(|| call.var("CLOUDSDK_ACTIVE_CONFIG_NAME"))
            .map(str::to_owned);
        let mut gcloud = Gcloud {
            call,
            quiet: false,
            screen_reader: false,
            mute: false,
            verbosity: Verbosity::Warning,
            given,
            configuration,
        };
        let on = |name: &str| gcloud.property(name).is_some_and(|v| is_true(&v));
        let (quiet, screen_reader) = (on("core/disable_prompts"), on("accessibility/screen_reader"));
        let verbosity =
            gcloud.property("core/verbosity").map_or(Verbosity::Warning, |word| Verbosity::of(&word));
        let spoken = gcloud.property("core/user_output_enabled").is_none_or(|v| is_true(&v));
        gcloud.mute = !spoken || parsed.has("--no-user-output-enabled");
        gcloud.quiet = quiet || parsed.has("--quiet");
        (gcloud.screen_reader, gcloud.verbosity) = (screen_reader, verbosity);
        gcloud
    }

    async fn carry_out(&self, parsed: &Parsed) -> Outcome {
        self.handle_interrupts();
        for warning in &parsed.warnings {
            self.warn(warning).await;
        }
        if self.verbosity <= Verbosity::Debug {
            let flags = parsed.flags.iter().map(|(flag, value)| format!("{flag}: \"{value}\""));
            let names = parsed.spec.iter().flat_map(tree::Spec::positionals).map(|p| p.name);
            let words = names.zip(&parsed.positionals).map(|(name, word)| format!("{name}: \"{word}\""));
            let mut arguments: Vec<String> = flags.chain(words).collect();
            arguments.sort();
            self.debug(&format!("Running [{}] with arguments: [{}]", parsed.dotted(), arguments.join(", ")))
                .await;
        }
        let path = parsed.place.path.join(" ");
        let outcome = match commands::find(&path) {
            Some(command) => (command.run)(self, parsed).await,
            None => Failure::error(
                "This command is not imitated here. `gcloud help` lists the groups, and `gcloud GROUP --help` says which of their commands are.",
            ),
        };
        self.debug("SDK update checks are disabled.").await;
        outcome
    }

    /// Writes to standard output.
    pub async fn out(&self, text: &str) {
        if !self.mute {
            self.call.io.stdout.write(text).await.ok();
        }
    }

    /// Writes to standard error.
    pub async fn err(&self, text: &str) {
        if !self.mute {
            self.log(text).await;
        }
    }

    /// Writes to standard error what is said in any case, colouring `ERROR:` and `WARNING:` on a terminal.
    async fn log(&self, text: &str) {
        let stderr = &self.call.io.stderr;
        let text = if stderr.is_terminal() { terminal::colour(text) } else { text.to_owned() };
        stderr.write(text).await.ok();
    }

    /// A line for those who want to know everything.
    pub async fn debug(&self, text: &str) {
        if self.verbosity <= Verbosity::Debug {
            self.log(&format!("DEBUG: {text}\n")).await;
        }
    }

    /// A line for the curious.
    pub async fn info(&self, text: &str) {
        if self.verbosity <= Verbosity::Info {
            self.log(&format!("INFO: {text}\n")).await;
        }
    }

    /// A warning, unless warnings are switched off.
    pub async fn warn(&self, text: &str) {
        if self.verbosity <= Verbosity::Warning {
            self.log(&format!("WARNING: {text}\n")).await;
        }
    }

    /// An error.
    pub async fn error(&self, text: &str) {
        if self.verbosity <= Verbosity::Error {
            self.log(&format!("ERROR: {text}\n")).await;
        }
    }

    /// A property: from the command line, the environment, or the configuration.
    pub fn property(&self, property: &str) -> Option<String> {
        let (section, name) = property.split_once('/').unwrap_or(("core", property));
        let given = self.given.get(section).and_then(|s| s.get(name)).cloned();
        let variable = format!("CLOUDSDK_{}_{}", section.to_uppercase(), name.to_uppercase());
        given
            .or_else(|| self.call.var(&variable).filter(|value| !value.is_empty()).map(str::to_owned))
            .or_else(|| self.configured().get(section)?.get(name).cloned())
            .or_else(|| {
                let own = self.fallbacks().into_iter().find(|(known, _)| section == "core" && *known == name);
                own.map(|(_, value)| value)
            })
    }

    /// Properties of `core` that hold where no configuration sets them: what the package installed, and the account
    /// that the machine is signed in with.
    fn fallbacks(&self) -> [(&'static str, String); 2] {
        let account = self.call.sys.view(|w| w.cloud.project.account.clone());
        [("account", account), ("disable_usage_reporting", "True".to_owned())]
    }

    /// The properties of the configuration in force.
    pub fn configured(&self) -> properties::Properties {
        let name = self.configuration();
        self.call.sys.view(|w| properties::load_named(w, self.call.sys.host, &name))
    }

    /// The name of the configuration in force.
    pub fn configuration(&self) -> String {
        self.configuration
            .clone()
            .unwrap_or_else(|| self.call.sys.view(|w| properties::active(w, self.call.sys.host)))
    }

    /// The project to work in.
    ///
    /// # Errors
    /// When none is set.
    pub fn project(&self) -> Result<String, Failure> {
        let missing = "The required property [project] is not currently set.\nIt can be set on a per-command basis by re-running your command with the [--project] flag.\n\nYou may set it for your current workspace by running:\n\n  $ gcloud config set project VALUE\n\nor it can be set temporarily by the environment variable [CLOUDSDK_CORE_PROJECT]";
        let project = self.property("core/project").map_or_else(|| Failure::error(missing), Ok)?;
        if project.is_empty() {
            let problem = "The project property is set to the empty string, which is invalid.";
            return Failure::error(format!("{problem}\n{}", properties::PROJECT_REMEDY));
        }
        if project.chars().all(|c| c.is_ascii_digit()) && self.given_project(&project) {
            return Failure::error(
                "The value of ``--project'' flag was set to Project number.To use this command, set it to PROJECT ID instead.",
            );
        }
        Ok(project)
    }

    /// Whether the command line names this project.
    fn given_project(&self, project: &str) -> bool {
        self.given.get("core").and_then(|core| core.get("project")).is_some_and(|given| given == project)
    }

    /// Whether a project is the learner's.
    pub fn is_own(&self, project: &str) -> bool {
        self.call.sys.view(|w| w.cloud.project.id == project || w.cloud.project.number == project)
    }

    /// The signed-in account.
    pub fn account(&self) -> String {
        self.property("core/account").unwrap_or_default()
    }

    /// Whether the account has credentials here.
    ///
    /// # Errors
    /// What to do when it has none.
    pub fn credentials(&self) -> Result<(), Failure> {
        let account = self.account();
        if self.call.sys.view(|w| w.cloud.project.account == account) {
            return Ok(());
        }
        Failure::error(format!(
            "Your current active account [{account}] does not have any valid credentials\nPlease run:\n\n  $ gcloud auth login\n\nto obtain new credentials.\n\nFor service account, please activate it first:\n\n  $ gcloud auth activate-service-account ACCOUNT"
        ))
    }

    /// What the API adds to its refusals.
    pub fn authenticated_as(&self) -> String {
        format!(
            "This command is authenticated as {} which is the active account specified by the [core/account] property.",
            self.account()
        )
    }
}

/// Whether a property's value means yes.
pub fn is_true(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "true" | "1" | "on" | "yes" | "y")
}
