//! `gcloud artifacts`: repositories and where they can be. Images have a file of their own.

use serde_json::{Value, json};

use super::args::Parsed;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, listings};
use crate::cloud::registry::{ARTIFACT_REGISTRY_SUFFIX, Repository};

/// Formats of repositories.
const FORMATS: &[&str] =
    &["APT", "DOCKER", "GENERIC", "GO", "GOOGET", "KFP", "MAVEN", "NPM", "PYTHON", "RUBY", "YUM"];
/// Locations beside the regions.
const MULTI_REGIONS: [&str; 3] = ["asia", "europe", "us"];
/// How long making or deleting a repository takes.
const OPERATION: std::time::Duration = std::time::Duration::from_secs(3);

const NO_LOCATION: &str = "Error parsing [repository].\nThe [repository] resource is not properly specified.\nFailed to find attribute [location]. The attribute can be set in the following ways: \n- provide the argument `repository` on the command line with a fully specified name\n- provide the argument `--location` on the command line\n- set the property `artifacts/location`";

impl Gcloud {
    /// The Artifact Registry API's refusal: a word for the code.
    pub fn status_error<T>(&self, word: &str, message: &str) -> Result<T, Failure> {
        let who = match word {
            "NOT_FOUND" | "PERMISSION_DENIED" => format!(" {}", self.authenticated_as()),
            _ => String::new(),
        };
        Failure::error(format!("{word}: {message}{who}"))
    }

    /// What the API says about something that is not there.
    pub fn entity_not_found<T>(&self) -> Result<T, Failure> {
        self.status_error("NOT_FOUND", "Requested entity was not found.")
    }

    /// Whether repositories can be there.
    pub fn is_artifact_location(&self, location: &str) -> bool {
        MULTI_REGIONS.contains(&location) || self.call.sys.view(|w| w.cloud.project.is_region(location))
    }
}

/// Project, location and name of the repository that the command line means.
fn repository(gcloud: &Gcloud, parsed: &Parsed) -> Result<(String, String, String), Failure> {
    let typed = parsed.positional(0);
    if let ["projects", project, "locations", location, "repositories", name] =
        typed.split('/').collect::<Vec<_>>().as_slice()
    {
        return Ok(((*project).to_owned(), (*location).to_owned(), (*name).to_owned()));
    }
    let location =
        parsed.flag("--location").map(str::to_owned).or_else(|| gcloud.property("artifacts/location"));
    let Some(location) = location else { return Failure::error(NO_LOCATION) };
    Ok((gcloud.project()?, location, typed.to_owned()))
}

/// The project and the location must be open to the account.
fn admitted(gcloud: &Gcloud, project: &str, location: &str) -> Result<(), Failure> {
    gcloud.credentials()?;
    if !gcloud.is_own(project) {
        return gcloud.status_error("PERMISSION_DENIED", "The caller does not have permission.");
    }
    if !gcloud.is_artifact_location(location) {
        let message = format!("Permission denied on 'locations/{location}' (or it may not exist).");
        return gcloud.status_error("PERMISSION_DENIED", &message);
    }
    Ok(())
}

/// A repository as the API shows it, with the bytes of what was pushed to it.
fn resource(repository: &Repository, bytes: u64) -> Value {
    let Repository { project, location, name, .. } = repository;
    let (created, updated) = (repository.created.rfc3339(), repository.updated.rfc3339());
    let mut value = json!({
        "createTime": created,
        "format": repository.format,
        "mode": "STANDARD_REPOSITORY",
        "name": format!("projects/{project}/locations/{location}/repositories/{name}"),
        "registryUri": format!("{location}{ARTIFACT_REGISTRY_SUFFIX}/{project}/{name}"),
        "updateTime": updated,
        "vulnerabilityScanningConfig": {
            "enablementState": "SCANNING_DISABLED",
            "enablementStateReason": "API containerscanning.googleapis.com is not enabled.",
            "lastEnableTime": created,
        },
    });
    if !repository.description.is_empty() {
        value["description"] = json!(repository.description);
    }
    if bytes > 0 {
        value["sizeBytes"] = json!(bytes.to_string());
    }
    value
}

/// `artifacts repositories create`.
pub fn create<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (project, location, name) = repository(gcloud, parsed)?;
        let format = parsed.flag("--repository-format").unwrap_or_default().to_uppercase();
        let fine = name.starts_with(|c: char| c.is_ascii_lowercase())
            && !name.ends_with('-')
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !fine {
            return Failure::error(
                "Names may only contain lowercase letters, numbers, and hyphens, and must begin with a letter and end with a letter or number.",
            );
        }
        if !FORMATS.contains(&format.as_str()) {
            gcloud.error(&format!("gcloud crashed (TypeError): No such value for {format} in Enum FormatValueValuesEnum\n\nIf you would like to report this issue, please run the following command:\n  gcloud feedback\n\nTo check gcloud for common problems, please run the following command:\n  gcloud info --run-diagnostics")).await;
            return Err(Failure::Status(1));
        }
        admitted(gcloud, &project, &location)?;
        if gcloud.call.sys.view(|w| w.cloud.registries.repository(&project, &location, &name).is_some()) {
            return gcloud.status_error("ALREADY_EXISTS", "the repository already exists");
        }
        gcloud.err(&format!("Create request issued for: [{name}]\n")).await;
        match parsed.has("--async") {
            true => {
                let operation = operation(gcloud, &project, &location, &name);
                gcloud.err(&format!("Check operation [{operation}] for status.\n")).await;
            }
            false => wait(gcloud, &project, &location, &name).await?,
        }
        let now = gcloud.call.sys.now();
        let description = parsed.flag("--description").unwrap_or_default().to_owned();
        let repository = Repository {
            project,
            location,
            name: name.clone(),
            format,
            description,
            created: now,
            updated: now,
        };
        gcloud.call.sys.with(|w| w.cloud.registries.create_repository(repository));
        if !parsed.has("--async") {
            gcloud.err(&format!("Created repository [{name}].\n")).await;
        }
        Ok(())
    })
}

/// The name of the operation that begins now.
fn operation(gcloud: &Gcloud, project: &str, location: &str, name: &str) -> String {
    let purpose = format!("operation/{}/{location}/{name}", gcloud.call.sys.now().0);
    let id = gcloud.call.sys.stream(&purpose).uuid();
    format!("projects/{project}/locations/{location}/operations/{id}")
}

async fn wait(gcloud: &Gcloud, project: &str, location: &str, name: &str) -> Result<(), Failure> {
    let operation = operation(gcloud, project, location, name);
    gcloud.progress_for(&format!("Waiting for operation [{operation}] to complete"), OPERATION).await
}

/// `artifacts repositories list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.project()?;
        let only =
            parsed.flag("--location").map(str::to_owned).or_else(|| gcloud.property("artifacts/location"));
        let only = only.filter(|location| location != "all");
        let scope =
            only.as_ref().map_or_else(|| "across all locations".to_owned(), |l| format!("location {l}"));
        gcloud.credentials()?;
        gcloud.err(&format!("Listing items under project {project}, {scope}.\n\n")).await;
        let denied = match &only {
            _ if !gcloud.is_own(&project) => Some("The caller does not have permission".to_owned()),
            Some(location) if !gcloud.is_artifact_location(location) => {
                Some(format!("Permission denied on 'locations/{location}' (or it may not exist)."))
            }
            _ => None,
        };
        if let Some(message) = denied {
            let error =
                json!({ "error": { "code": 403, "message": message, "status": "PERMISSION_DENIED" } });
            return Failure::error(serde_json::to_string_pretty(&error).unwrap_or_default());
        }
        let items: Vec<Value> = gcloud.call.sys.view(|w| {
            let registries = &w.cloud.registries;
            let mut all = registries.repositories(&project);
            all.retain(|r| only.as_ref().is_none_or(|l| &r.location == l));
            all.sort_by(|a, b| (&a.location, a.created).cmp(&(&b.location, b.created)));
            all.into_iter().map(|r| resource(r, registries.stored_bytes(r))).collect()
        });
        gcloud.list_or_say(parsed, items, listings::REPOSITORIES).await
    })
}

/// `artifacts repositories describe`.
pub fn describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (project, location, name) = repository(gcloud, parsed)?;
        admitted(gcloud, &project, &location)?;
        let found = gcloud.call.sys.view(|w| {
            let registries = &w.cloud.registries;
            let repository = registries.repository(&project, &location, &name)?;
            let bytes = registries.stored_bytes(repository);
            Some((resource(repository, bytes), bytes))
        });
        let Some((item, bytes)) = found else { return gcloud.entity_not_found() };
        let megabytes = bytes as f64 / f64::from(1 << 20);
        gcloud.err(&format!("Encryption: Google-managed key\nRepository Size: {megabytes:.3}MB\n")).await;
        gcloud.describe(parsed, item).await
    })
}

/// `artifacts repositories delete`.
pub fn delete<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (project, location, name) = repository(gcloud, parsed)?;
        gcloud.confirm(&format!("You are about to delete repository [{name}]"), Unanswered::Fail).await?;
        admitted(gcloud, &project, &location)?;
        if !gcloud.call.sys.with(|w| w.cloud.registries.delete_repository(&project, &location, &name)) {
            return gcloud.entity_not_found();
        }
        gcloud.err(&format!("Delete request issued for: [{name}]\n")).await;
        if !parsed.has("--async") {
            wait(gcloud, &project, &location, &name).await?;
            gcloud.err(&format!("Deleted repository [{name}].\n")).await;
        }
        Ok(())
    })
}

/// `artifacts locations list`.
pub fn locations<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        gcloud.credentials()?;
        let regions = gcloud.call.sys.view(|w| w.cloud.project.regions);
        let mut names: Vec<&str> = regions.iter().map(|(name, _)| *name).chain(MULTI_REGIONS).collect();
        names.sort_unstable();
        let items = names.into_iter().map(|name| json!({ "name": name })).collect();
        gcloud.list_or_say(parsed, items, listings::LOCATIONS).await
    })
}
