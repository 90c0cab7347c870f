//! `gcloud config configurations`: several sets of properties, one of them active.

use serde_json::{Value, json};

use super::args::Parsed;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, listings, properties};

/// A configuration's name that is always there, and empty.
const NONE: &str = "NONE";

fn resource(gcloud: &Gcloud, name: &str, active: &str) -> Value {
    let properties = gcloud.call.sys.view(|w| properties::load_named(w, gcloud.call.sys.host, name));
    json!({ "name": name, "is_active": name == active, "properties": properties })
}

fn exists(gcloud: &Gcloud, name: &str) -> bool {
    gcloud.call.sys.view(|w| properties::exists(w, gcloud.call.sys.host, name))
}

fn written(result: Result<(), crate::image::files::FsError>) -> Result<(), Failure> {
    result.map_err(|error| Failure::Error(format!("Unable to write configuration: {error}")))
}

fn valid(name: &str) -> Result<(), Failure> {
    let fine = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fine {
        return Ok(());
    }
    Failure::error(format!(
        "Invalid name [{name}] for a configuration.  Except for special cases ({NONE}), configuration names start with a lower case letter and contain only lower case letters a-z, digits 0-9, and hyphens '-'."
    ))
}

/// `config configurations list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let active = gcloud.configuration();
        let names = gcloud.call.sys.view(|w| properties::all(w, gcloud.call.sys.host));
        let items = names.iter().map(|name| resource(gcloud, name, &active)).collect();
        gcloud.list_or_say(parsed, items, listings::CONFIGURATIONS).await
    })
}

/// `config configurations describe`.
pub fn describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let name = parsed.positional(0);
        if !exists(gcloud, name) {
            return Failure::error(format!("The configuration [{name}] does not exist."));
        }
        let item = resource(gcloud, name, &gcloud.configuration());
        gcloud.describe(parsed, item).await
    })
}

/// `config configurations create`.
pub fn create<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let name = parsed.positional(0);
        valid(name)?;
        if exists(gcloud, name) {
            return Failure::error(format!("Cannot create configuration [{name}], it already exists."));
        }
        let host = gcloud.call.sys.host;
        written(
            gcloud.call.sys.with(|w| properties::store_named(w, host, name, &properties::Properties::new())),
        )?;
        gcloud.err(&format!("Created [{name}].\n")).await;
        if parsed.has("--no-activate") {
            let hint = format!(
                "To use this configuration, activate it by running:\n  $ gcloud config configurations activate {name}\n\n\n"
            );
            gcloud.err(&hint).await;
            return Ok(());
        }
        written(gcloud.call.sys.with(|w| properties::activate(w, host, name)))?;
        gcloud.err(&format!("Activated [{name}].\n")).await;
        Ok(())
    })
}

/// `config configurations activate`.
pub fn activate<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let name = parsed.positional(0);
        if !exists(gcloud, name) {
            return Failure::error(format!("Cannot activate configuration [{name}], it does not exist."));
        }
        written(gcloud.call.sys.with(|w| properties::activate(w, gcloud.call.sys.host, name)))?;
        gcloud.err(&format!("Activated [{name}].\n")).await;
        Ok(())
    })
}

/// `config configurations delete`.
pub fn delete<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let active = gcloud.configuration();
        if parsed.positionals.contains(&active) {
            return Failure::error(format!(
                "Deleting named configuration failed because configuration [{active}] is set as active.  Use `gcloud config configurations activate` to change the active configuration."
            ));
        }
        let names: String = parsed.positionals.iter().map(|name| format!(" - {name}\n")).collect();
        gcloud.err(&format!("The following configurations will be deleted:\n{names}")).await;
        if !gcloud.ask("", true, Unanswered::Default).await? {
            return Failure::error("Aborted by user.");
        }
        for name in &parsed.positionals {
            if !exists(gcloud, name) {
                return Failure::error(format!("Cannot delete configuration [{name}], it does not exist."));
            }
            written(gcloud.call.sys.with(|w| properties::delete(w, gcloud.call.sys.host, name)))?;
            gcloud.err(&format!("Deleted [{name}].\n")).await;
        }
        Ok(())
    })
}

/// `config configurations rename`.
pub fn rename<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (old, new) = (parsed.positional(0), parsed.flag("--new-name").unwrap_or_default());
        valid(new)?;
        if !exists(gcloud, old) {
            return Failure::error(format!("Cannot rename configuration [{old}], it does not exist."));
        }
        if gcloud.configuration() == old {
            return Failure::error(format!(
                "Cannot rename configuration [{old}], it is the currently active configuration."
            ));
        }
        if exists(gcloud, new) {
            return Failure::error(format!("Cannot rename configuration [{old}], [{new}] already exists."));
        }
        let host = gcloud.call.sys.host;
        written(gcloud.call.sys.with(|w| {
            let kept = properties::load_named(w, host, old);
            properties::store_named(w, host, new, &kept)?;
            properties::delete(w, host, old)
        }))?;
        gcloud.err(&format!("Renamed [{old}] to be [{new}].\n")).await;
        Ok(())
    })
}
