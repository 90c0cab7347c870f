//! `gcloud config`: properties of the active configuration.

use serde_json::{Value, json};

use super::args::Parsed;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, properties};
use crate::cloud::project::{is_region, is_zone};

/// The properties that exist, as far as anybody here sets them.
const KNOWN: &[(&str, &[&str])] = &[
    ("accessibility", &["screen_reader"]),
    ("artifacts", &["location", "repository"]),
    ("auth", &["access_token_file", "disable_credentials", "impersonate_service_account"]),
    ("billing", &["quota_project"]),
    ("builds", &["timeout"]),
    ("component_manager", &["additional_repositories", "disable_update_check"]),
    ("compute", &["gce_metadata_read_timeout_sec", "region", "use_new_list_usable_subnets_api", "zone"]),
    (
        "container",
        &["build_timeout", "cluster", "use_application_default_credentials", "use_client_certificate"],
    ),
    (
        "core",
        &[
            "account",
            "console_log_format",
            "custom_ca_certs_file",
            "default_regional_backend_service",
            "disable_color",
            "disable_file_logging",
            "disable_prompts",
            "disable_usage_reporting",
            "log_http",
            "max_log_days",
            "pass_credentials_to_gsutil",
            "project",
            "show_structured_logs",
            "trace_token",
            "user_output_enabled",
            "verbosity",
        ],
    ),
    ("functions", &["region"]),
    ("metrics", &["environment"]),
    ("run", &["cluster", "platform", "region"]),
];

/// Section and name of a property as it was typed.
fn known(typed: &str) -> Result<(String, String), Failure> {
    let (section, name) = typed.split_once('/').unwrap_or(("core", typed));
    let Some((_, names)) = KNOWN.iter().find(|(s, _)| *s == section) else {
        return Failure::error(format!("Section \"{section}\" does not exist."));
    };
    if !names.contains(&name) {
        return Failure::error(format!("Section [{section}] has no property [{name}]."));
    }
    Ok((section.to_owned(), name.to_owned()))
}

impl Gcloud {
    async fn say_configuration(&self, blank_line: bool) {
        let name = self.call.sys.view(|w| properties::active(w, self.call.sys.host));
        let before = if blank_line { "\n" } else { "" };
        self.err(&format!("{before}Your active configuration is: [{name}]\n")).await;
    }

    fn properties(&self) -> properties::Properties {
        self.call.sys.view(|w| properties::load(w, self.call.sys.host))
    }

    fn store(&self, all: &properties::Properties) -> Result<(), Failure> {
        let stored = self.call.sys.with(|w| properties::store(w, self.call.sys.host, all));
        stored.map_err(|error| Failure::Error(format!("Unable to write configuration: {error}")))
    }
}

/// `config list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let all = gcloud.properties();
        let mut shown = properties::Properties::new();
        let mut unset = None;
        match parsed.positionals.first() {
            None => shown = all,
            Some(section) if section.ends_with('/') => {
                shown.extend(all.into_iter().filter(|(s, _)| s == section.trim_end_matches('/')));
            }
            Some(typed) => {
                let (section, name) = known(typed)?;
                match all.get(&section).and_then(|s| s.get(&name)) {
                    Some(value) => drop(shown.entry(section).or_default().insert(name, value.clone())),
                    None => unset = Some((section, name)),
                }
            }
        }
        if let Some(format) = parsed.flag("--format") {
            let object: Value = json!(shown);
            let text = if format == "json" {
                format!("{}\n", serde_json::to_string_pretty(&object).unwrap_or_default())
            } else {
                super::format::render(format, "", &[object], gcloud.screen_reader).map_err(Failure::Error)?
            };
            gcloud.out(&text).await;
            return Ok(());
        }
        let mut text = String::new();
        for (section, values) in &shown {
            text.push_str(&format!("[{section}]\n"));
            text.extend(values.iter().map(|(name, value)| format!("{name} = {value}\n")));
        }
        if let Some((section, name)) = unset {
            text.push_str(&format!("[{section}]\n{name} (unset)\n"));
        }
        gcloud.out(&text).await;
        gcloud.say_configuration(true).await;
        Ok(())
    })
}

/// `config get-value` and `config get`.
pub fn get<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let typed = parsed.positionals.first().map_or("", String::as_str);
        gcloud.say_configuration(false).await;
        let (section, name) = known(typed)?;
        match gcloud.properties().get(&section).and_then(|s| s.get(&name)) {
            Some(value) => gcloud.out(&format!("{value}\n")).await,
            None => gcloud.err("(unset)\n").await,
        }
        Ok(())
    })
}

/// `config set`.
pub fn set<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let typed = parsed.positionals.first().map_or("", String::as_str);
        let value = parsed.positionals.get(1).map_or("", String::as_str);
        let (section, name) = known(typed)?;
        let full = format!("{section}/{name}");
        if let Some(warning) = doubtful(gcloud, &full, value) {
            gcloud.err(&format!("WARNING: {warning}\n")).await;
            if gcloud.call.io.stdin.is_terminal() {
                let question = format!("Are you sure you wish to set property [{full}] to {value}?\n");
                if !gcloud.ask(&question, Unanswered::Yes).await? {
                    return Ok(());
                }
            }
        }
        let mut all = gcloud.properties();
        all.entry(section).or_default().insert(name, value.to_owned());
        gcloud.store(&all)?;
        gcloud.err(&format!("Updated property [{full}].\n")).await;
        Ok(())
    })
}

fn doubtful(gcloud: &Gcloud, property: &str, value: &str) -> Option<String> {
    match property {
        "compute/zone" if !is_zone(value) => {
            Some(format!("{value} is not a valid zone. Run `gcloud compute zones list` to get all zones."))
        }
        "compute/region" if !is_region(value) => Some(format!(
            "{value} is not a valid region. Run `gcloud compute regions list`to get all regions."
        )),
        "core/project" if gcloud.call.sys.view(|w| w.cloud.project.id != value) => Some(format!(
            "{} This command is authenticated as {} which is the active account specified by the [core/account] property",
            gcloud.no_access(value),
            gcloud.account()
        )),
        _ => None,
    }
}

/// `config unset`.
pub fn unset<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (section, name) = known(parsed.positionals.first().map_or("", String::as_str))?;
        let mut all = gcloud.properties();
        if let Some(values) = all.get_mut(&section) {
            values.remove(&name);
        }
        gcloud.store(&all)?;
        gcloud.err(&format!("Unset property [{section}/{name}].\n")).await;
        Ok(())
    })
}

/// `config configurations list`.
pub fn configurations<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let all = gcloud.properties();
        let value = |section: &str, name: &str| {
            all.get(section).and_then(|s| s.get(name)).cloned().unwrap_or_default()
        };
        let item = json!({
            "name": gcloud.call.sys.view(|w| properties::active(w, gcloud.call.sys.host)),
            "is_active": true,
            "account": value("core", "account"),
            "project": value("core", "project"),
            "zone": value("compute", "zone"),
            "region": value("compute", "region"),
        });
        let format = "table(name,is_active:label=IS_ACTIVE,account,project,zone:label=COMPUTE_DEFAULT_ZONE,region:label=COMPUTE_DEFAULT_REGION)";
        gcloud.print(parsed, vec![item], format).await?;
        Ok(())
    })
}
