//! `gcloud auth`: accounts and tokens.

use serde_json::json;

use super::args::Parsed;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, listings, properties};

const TO_SET: &str = "\nTo set the active account, run:\n    $ gcloud config set account `ACCOUNT`\n\n";

impl Gcloud {
    /// The account that the machine itself is signed in with.
    fn own_account(&self) -> String {
        self.call.sys.view(|w| w.cloud.project.account.clone())
    }

    /// The account's token.
    pub fn token(&self) -> String {
        token(&self.call)
    }
}

/// A token of the account that is signed in; it lasts for the session.
pub fn token(call: &crate::world::Call) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    format!("ya29.{}", call.sys.stream("access-token").letters(letters, 120))
}

/// `auth list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let account = gcloud.own_account();
        let status = if gcloud.account() == account { "ACTIVE" } else { "" };
        let wanted = parsed.flag("--filter-account").is_none_or(|only| only == account);
        let items = wanted.then(|| json!({ "account": account, "status": status })).into_iter().collect();
        let shown = gcloud.list(parsed, items, listings::ACCOUNTS).await?;
        if !parsed.has("--format") {
            let none = "\nNo credentialed accounts.\n\nTo login, run:\n  $ gcloud auth login `ACCOUNT`\n\n";
            gcloud.err(if shown > 0 { TO_SET } else { none }).await;
        }
        Ok(())
    })
}

/// `auth print-access-token`.
pub fn print_access_token<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let named = parsed.positional(0);
        if !named.is_empty() && named != gcloud.own_account() {
            return Failure::error(format!(
                "Your current active account [{named}] does not have any valid credentials\nPlease run:\n\n  $ gcloud auth login\n\nto obtain new credentials.\n\nFor service account, please activate it first:\n\n  $ gcloud auth activate-service-account ACCOUNT"
            ));
        }
        gcloud.credentials()?;
        let item = json!({ "token": gcloud.token() });
        if parsed.has("--format") {
            return gcloud.describe(parsed, item).await;
        }
        gcloud.out(&format!("{}\n", gcloud.token())).await;
        Ok(())
    })
}

/// `auth print-identity-token`: the machine's credentials have none.
pub fn print_identity_token<'a>(gcloud: &'a Gcloud, _parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        gcloud.credentials()?;
        Failure::error("No identity token can be obtained from the current credentials.")
    })
}

/// `auth activate-service-account`: no key is good for an account of the simulated project.
pub fn activate_service_account<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let file = parsed.flag("--key-file").unwrap_or_default();
        match gcloud.call.sys.read_text(&gcloud.call.path(file)) {
            Ok(_) => {
                Failure::error("Could not read json file: the key of a service account is not imitated here.")
            }
            Err(error) => {
                Failure::error(format!("Unable to read file [{file}]: [Errno 2] {error}: '{file}'"))
            }
        }
    })
}

/// `auth login`: there is no browser here, and one is signed in already.
pub fn login<'a>(gcloud: &'a Gcloud, _parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let message = "\nYou are already authenticated with gcloud when running\ninside the Cloud Shell and so do not need to run this\ncommand. Do you wish to proceed anyway?\n";
        if !gcloud.ask(message, true, Unanswered::Default).await? {
            return Ok(());
        }
        let account = gcloud.own_account();
        set_account(gcloud, Some(&account))?;
        let project = gcloud.property("core/project").unwrap_or_else(|| "None".to_owned());
        gcloud.err(&format!("\nYou are now logged in as [{account}].\nYour current project is [{project}].  You can change this setting by running:\n  $ gcloud config set project PROJECT_ID\n")).await;
        Ok(())
    })
}

/// `auth revoke`: what the machine was given cannot be taken back.
pub fn revoke<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let own = gcloud.own_account();
        let unknown: Vec<&str> =
            parsed.positionals.iter().map(String::as_str).filter(|a| *a != own).collect();
        if !unknown.is_empty() {
            return Failure::error(format!("Unknown value for [accounts]: {}", unknown.join(" ")));
        }
        if gcloud.account() == own {
            set_account(gcloud, None)?;
        }
        Failure::error("Cannot revoke GCE-provided credentials.")
    })
}

fn set_account(gcloud: &Gcloud, account: Option<&str>) -> Result<(), Failure> {
    let mut all = gcloud.configured();
    let core = all.entry("core".to_owned()).or_default();
    match account {
        Some(account) => drop(core.insert("account".to_owned(), account.to_owned())),
        None => drop(core.remove("account")),
    }
    let name = gcloud.configuration();
    let stored = gcloud.call.sys.with(|w| properties::store_named(w, gcloud.call.sys.host, &name, &all));
    stored.map_err(|error| Failure::Error(format!("Unable to write configuration: {error}")))
}
