//! `gcloud auth`: accounts, tokens, and Docker's credentials.

use serde_json::{Value, json};

use super::args::Parsed;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, kubeconfig};
use crate::cloud::registry::ARTIFACT_REGISTRY_SUFFIX;

/// The hosts that are registered when none is named.
const GCR_HOSTS: [&str; 6] =
    ["gcr.io", "us.gcr.io", "eu.gcr.io", "asia.gcr.io", "staging-k8s.gcr.io", "marketplace.gcr.io"];

/// `auth list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let items = vec![json!({ "account": gcloud.account(), "status": "ACTIVE", "active": "*" })];
        let format = "table[title=Credentialed Accounts](active:label=ACTIVE,account)";
        gcloud.print(parsed, items, format).await?;
        if !parsed.has("--format") {
            gcloud
                .err("\nTo set the active account, run:\n    $ gcloud config set account `ACCOUNT`\n\n")
                .await;
        }
        Ok(())
    })
}

/// `auth print-access-token`.
pub fn print_access_token<'a>(gcloud: &'a Gcloud, _parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let token = gcloud
            .call
            .sys
            .stream("access-token")
            .letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 120);
        gcloud.out(&format!("ya29.{token}\n")).await;
        Ok(())
    })
}

/// `auth login`: nothing to do in Cloud Shell, where one is signed in.
pub fn login<'a>(gcloud: &'a Gcloud, _parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let text =
            format!("\nYou are already signed in as [{}] here; there is nothing to do.\n", gcloud.account());
        gcloud.err(&text).await;
        Ok(())
    })
}

/// `auth configure-docker`.
pub fn configure_docker<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let path = docker_config_path(gcloud);
        let text = gcloud.call.sys.read_text(&path).unwrap_or_default();
        let mut config: Value = serde_json::from_str(&text).unwrap_or_else(|_| json!({}));
        let known = config.get("credHelpers").and_then(Value::as_object).cloned().unwrap_or_default();
        if !known.is_empty() {
            let shown = pretty(&json!({ "credHelpers": known }), &helper_order(&text));
            gcloud.err(&format!("WARNING: Your config file at [{path}] contains these credential helper entries:\n\n{shown}\n")).await;
        }
        let hosts = hosts(gcloud, parsed).await;
        let missing: Vec<&String> =
            hosts.iter().filter(|h| known.get(*h).and_then(Value::as_str) != Some("gcloud")).collect();
        if missing.is_empty() {
            gcloud.err("gcloud credential helpers already registered correctly.\n").await;
            return Ok(());
        }
        let mut order = helper_order(&text);
        order.extend(missing.iter().map(|h| (*h).clone()));
        let mut helpers = known;
        helpers.extend(missing.iter().map(|h| ((*h).clone(), json!("gcloud"))));
        if let Some(map) = config.as_object_mut() {
            map.insert("credHelpers".into(), Value::Object(helpers));
        }
        let written = pretty(&config, &order);
        let message = format!(
            "After update, the following will be written to your Docker config file located at [{path}]:\n {}\n",
            written
        );
        gcloud.confirm(&message, Unanswered::Yes).await?;
        let saved = gcloud.call.sys.change(&path, |tree, path, now| {
            tree.mkdir(path.rsplit_once('/').map_or("/", |(dir, _)| dir), true, now)?;
            tree.write(path, written.clone().into_bytes(), now)
        });
        if let Err(error) = saved {
            return Failure::error(format!("Could not write Docker config file [{path}]: {error}"));
        }
        gcloud.err("Docker configuration file updated.\n").await;
        Ok(())
    })
}

async fn hosts(gcloud: &Gcloud, parsed: &Parsed) -> Vec<String> {
    let Some(named) = parsed.positionals.first() else {
        gcloud.err("Adding credentials for all GCR repositories.\nWARNING: A long list of credential helpers may cause delays running 'docker build'. We recommend passing the registry name to configure only the registry you are using.\n").await;
        return GCR_HOSTS.iter().map(|h| (*h).to_owned()).collect();
    };
    gcloud.err(&format!("Adding credentials for: {named}\n")).await;
    let mut hosts = Vec::new();
    for host in named.split(',').map(str::trim).filter(|h| !h.is_empty()) {
        if GCR_HOSTS.contains(&host) || host.ends_with(ARTIFACT_REGISTRY_SUFFIX) {
            hosts.push(host.to_owned());
        } else {
            gcloud.err(&format!("WARNING: {host} is not a supported registry\n")).await;
        }
    }
    hosts
}

fn docker_config_path(gcloud: &Gcloud) -> String {
    let kube = gcloud.call.sys.view(|w| kubeconfig::path(w, gcloud.call.sys.host));
    kube.replace("/.kube/config", "/.docker/config.json")
}

/// The helpers in the order in which the file lists them.
fn helper_order(text: &str) -> Vec<String> {
    let inside = text.split("\"credHelpers\"").nth(1).and_then(|t| t.split('}').next()).unwrap_or_default();
    let lines =
        inside.lines().filter_map(|line| line.trim().strip_prefix('"')?.split('"').next().map(str::to_owned));
    lines.collect()
}

/// JSON with two blanks of indentation and the helpers in the given order.
fn pretty(config: &Value, order: &[String]) -> String {
    let mut text = String::from("{\n");
    let map = config.as_object().cloned().unwrap_or_default();
    for (index, (key, value)) in map.iter().enumerate() {
        let shown = match (key.as_str(), value) {
            ("credHelpers", Value::Object(helpers)) => {
                let lines: Vec<String> = order
                    .iter()
                    .filter_map(|host| Some(format!("    \"{host}\": {}", helpers.get(host)?)))
                    .collect();
                format!("{{\n{}\n  }}", lines.join(",\n"))
            }
            _ => serde_json::to_string_pretty(value).unwrap_or_default().replace('\n', "\n  "),
        };
        let comma = if index + 1 < map.len() { "," } else { "" };
        text.push_str(&format!("  \"{key}\": {shown}{comma}\n"));
    }
    text.push('}');
    text
}
