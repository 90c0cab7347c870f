//! `gcloud config`: properties of the active configuration.

use serde_json::{Value, json};

use super::args::Parsed;
use super::format::{Manner, projection, render};
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, properties, property_names};

impl Gcloud {
    async fn say_configuration(&self, blank_line: bool) {
        let before = if blank_line { "\n" } else { "" };
        self.err(&format!("{before}Your active configuration is: [{}]\n", self.configuration())).await;
    }

    fn store(&self, all: &properties::Properties) -> Result<(), Failure> {
        let name = self.configuration();
        let stored = self.call.sys.with(|w| properties::store_named(w, self.call.sys.host, &name, all));
        stored.map_err(|error| Failure::Error(format!("Unable to write configuration: {error}")))
    }

    /// Everything that is set, with what the command line and the environment set.
    fn in_force(&self) -> properties::Properties {
        let mut all = self.configured();
        for (section, names) in property_names::PROPERTIES {
            let lead = format!("CLOUDSDK_{}_", section.to_uppercase());
            let variables =
                self.call.env.iter().filter_map(|(key, value)| Some((key.strip_prefix(&lead)?, value)));
            for (name, value) in variables {
                let name = name.to_lowercase();
                if names.split(' ').any(|known| known == name) {
                    all.entry((*section).to_owned()).or_default().insert(name, value.clone());
                }
            }
        }
        for (section, values) in &self.given {
            all.entry(section.clone()).or_default().extend(values.clone());
        }
        let core = all.entry("core".to_owned()).or_default();
        for (property, value) in self.fallbacks() {
            core.entry(property.to_owned()).or_insert(value);
        }
        all
    }
}

/// `config list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let mut shown = json!(gcloud.in_force());
        let typed = parsed.positional(0);
        if let Some(section) = typed.strip_suffix('/') {
            let known = property_names::PROPERTIES.iter().any(|(known, _)| *known == section);
            if !known {
                return Failure::error(format!("Section \"{section}\" does not exist."));
            }
            shown = json!({ section: shown.get(section).cloned().unwrap_or(json!({})) });
        } else if !typed.is_empty() {
            let (section, name) = property_names::find(typed).map_err(Failure::Error)?;
            let value = shown.get(&section).and_then(|s| s.get(&name)).cloned().unwrap_or(Value::Null);
            shown = json!({ section: { name: value } });
        }
        gcloud.debug("Chosen display Format:config").await;
        let asked = parsed.flag("--format");
        let format =
            projection::parse(&format!("config {}", asked.unwrap_or_default())).map_err(Failure::Error)?;
        gcloud
            .info(&format!(
                "Display format: \"config{}\"",
                asked.map(|f| format!(" {f}")).unwrap_or_default()
            ))
            .await;
        let manner = Manner { single: true, screen_reader: gcloud.screen_reader };
        let text = render(&format, &[shown], manner).map_err(Failure::Error)?;
        gcloud.out(&text).await;
        if asked.is_none() {
            gcloud.say_configuration(true).await;
        }
        Ok(())
    })
}

/// `config get-value` and `config get`.
pub fn get<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let typed = parsed.positional(0);
        if gcloud.configuration() != "default" {
            gcloud.say_configuration(false).await;
        }
        if typed.ends_with('/') {
            return Failure::error(
                "Invalid value for [property]: You cannot call get on a SECTION/. Did you mean `gcloud config list SECTION`?",
            );
        }
        let (section, name) = property_names::find(typed).map_err(Failure::Error)?;
        match gcloud.property(&format!("{section}/{name}")) {
            Some(value) => {
                gcloud.debug("Chosen display Format:value(.)").await;
                gcloud.info("Display format: \"value(.)\"").await;
                gcloud.out(&format!("{value}\n")).await;
            }
            None => gcloud.err("(unset)\n").await,
        }
        Ok(())
    })
}

/// `config set`.
pub fn set<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (typed, value) = (parsed.positional(0), parsed.positional(1));
        if typed.ends_with('/') || typed.is_empty() {
            return Failure::error("Invalid value for [property]: Must be in the form: [SECTION/]PROPERTY");
        }
        let (section, name) = property_names::find(typed).map_err(Failure::Error)?;
        let full = format!("{section}/{name}");
        let refused = refused(&full, value);
        if full == "core/project" && value.is_empty() {
            return Failure::error(
                "value for field [projectId] in collection [cloudresourcemanager.projects] is required but was not provided",
            );
        }
        if let Some(warning) = doubtful(gcloud, &full, value) {
            gcloud.warn(&warning).await;
            if refused.is_none() && gcloud.call.io.stdin.is_terminal() {
                let question = format!("Are you sure you wish to set property [{full}] to {value}?");
                if !gcloud.ask(&question, true, Unanswered::Default).await? {
                    return Ok(());
                }
            }
        }
        if let Some(refused) = refused {
            return Failure::error(refused);
        }
        let mut all = gcloud.configured();
        all.entry(section).or_default().insert(name, value.to_owned());
        gcloud.store(&all)?;
        let scope = if parsed.has("--installation") { "installation " } else { "" };
        gcloud.err(&format!("Updated {scope}property [{full}].\n")).await;
        Ok(())
    })
}

/// Values that a property cannot have.
fn refused(property: &str, value: &str) -> Option<String> {
    let truth = [
        "screen_reader",
        "disable_prompts",
        "disable_usage_reporting",
        "disable_update_check",
        "disable_color",
    ];
    let name = property.rsplit('/').next().unwrap_or_default();
    let known = ["true", "false", "1", "0", "on", "off", "yes", "no", "y", "n", "none", ""];
    if truth.contains(&name) && !known.contains(&value.to_lowercase().as_str()) {
        return Some(format!(
            "Invalid value for property [{property}]: The [{name}] value [{value}] is not valid. Possible values: [true, 1, on, yes, y, false, 0, off, no, n, '', none]. (See http://yaml.org/type/bool.html)"
        ));
    }
    properties::bad_project(value).filter(|_| property == "core/project")
}

fn doubtful(gcloud: &Gcloud, property: &str, value: &str) -> Option<String> {
    let exists = |of_zone: bool| {
        gcloud.call.sys.view(|w| match of_zone {
            true => w.cloud.project.is_zone(value),
            false => w.cloud.project.is_region(value),
        })
    };
    match property {
        "compute/zone" if !exists(true) => {
            Some(format!("{value} is not a valid zone. Run `gcloud compute zones list` to get all zones."))
        }
        "compute/region" if !exists(false) => Some(format!(
            "{value} is not a valid region. Run `gcloud compute regions list`to get all regions."
        )),
        "core/project" if !super::project::is_visible(gcloud, value) => {
            Some(super::project::no_access(gcloud, &value.replace(' ', "%20")))
        }
        _ => None,
    }
}

/// `config unset`.
pub fn unset<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (section, name) = property_names::find(parsed.positional(0)).map_err(Failure::Error)?;
        let mut all = gcloud.configured();
        if let Some(values) = all.get_mut(&section) {
            values.remove(&name);
        }
        gcloud.store(&all)?;
        let scope = if parsed.has("--installation") { "installation " } else { "" };
        gcloud.err(&format!("Unset {scope}property [{section}/{name}].\n")).await;
        Ok(())
    })
}
