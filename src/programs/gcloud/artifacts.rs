//! `gcloud artifacts`: repositories and the images in them.

use serde_json::{Value, json};

use super::args::Parsed;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, properties};
use crate::cloud::project::is_region;
use crate::cloud::registry::{ARTIFACT_REGISTRY_SUFFIX, Repository};

const REPOSITORIES: &str = "table[title=ARTIFACT_REGISTRY](name.basename():label=REPOSITORY,format,mode,description,location,labels,encryption,createTime.date(),updateTime.date(),sizeMb:label=SIZE (MB))";

/// Formats of repositories.
const FORMATS: &[&str] = &["APT", "DOCKER", "GENERIC", "GO", "KFP", "MAVEN", "NPM", "PYTHON", "YUM"];

/// How long making or deleting a repository takes.
const OPERATION: std::time::Duration = std::time::Duration::from_secs(3);

fn location(gcloud: &Gcloud, parsed: &Parsed) -> Result<String, Failure> {
    let property =
        || gcloud.call.sys.view(|w| properties::get(w, gcloud.call.sys.host, "artifacts/location"));
    parsed.flag("--location").map(str::to_owned).or_else(property).map_or_else(
        || Failure::error("Error parsing [repository].\nThe [repository] resource is not properly specified.\nFailed to find attribute [location]. The attribute can be set in the following ways: \n- provide the argument `repository` on the command line with a fully specified name\n- provide the argument `--location` on the command line\n- set the property `artifacts/location`"),
        Ok,
    )
}

fn is_location(location: &str) -> bool {
    is_region(location) || matches!(location, "us" | "europe" | "asia")
}

fn resource(repository: &Repository) -> Value {
    let Repository { project, location, name, .. } = repository;
    json!({
        "name": format!("projects/{project}/locations/{location}/repositories/{name}"),
        "format": repository.format,
        "mode": "STANDARD_REPOSITORY",
        "description": repository.description,
        "location": location,
        "labels": "",
        "encryption": "Google-managed key",
        "createTime": repository.created.rfc3339(),
        "updateTime": repository.updated.rfc3339(),
        "sizeMb": 0,
        "registryUri": format!("{location}{ARTIFACT_REGISTRY_SUFFIX}/{project}/{name}"),
    })
}

/// `artifacts repositories create`.
pub fn create<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let name = parsed.positionals.first().cloned().unwrap_or_default();
        let location = location(gcloud, parsed)?;
        let project = gcloud.own_project()?.to_owned();
        let format = parsed.flag("--repository-format").unwrap_or_default().to_uppercase();
        if !FORMATS.contains(&format.as_str()) {
            gcloud.err(&format!("ERROR: gcloud crashed (TypeError): No such value for {format} in Enum FormatValueValuesEnum\n\nIf you would like to report this issue, please run the following command:\n  gcloud feedback\n\nTo check gcloud for common problems, please run the following command:\n  gcloud info --run-diagnostics\n")).await;
            return Err(Failure::Status(1));
        }
        let fine = name.starts_with(|c: char| c.is_ascii_lowercase())
            && !name.ends_with('-')
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !fine {
            return Failure::error(
                "Names may only contain lowercase letters, numbers, and hyphens, and must begin with a letter and end with a letter or number.",
            );
        }
        if !is_location(&location) {
            return Failure::error(format!(
                "PERMISSION_DENIED: Permission denied on 'locations/{location}' (or it may not exist). {}",
                gcloud.authenticated_as()
            ));
        }
        if gcloud.call.sys.view(|w| w.cloud.registries.repository(&project, &location, &name).is_some()) {
            return Failure::error("ALREADY_EXISTS: the repository already exists");
        }
        let id = gcloud.call.sys.stream(&format!("operation/{location}/{name}")).uuid();
        gcloud.err(&format!("Create request issued for: [{name}]\n")).await;
        let ready = gcloud.call.sys.now() + OPERATION;
        let message = format!(
            "Waiting for operation [projects/{project}/locations/{location}/operations/{id}] to complete"
        );
        gcloud.progress(&message, "", || gcloud.call.sys.now() >= ready).await;
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
        gcloud.err(&format!("Created repository [{name}].\n")).await;
        Ok(())
    })
}

/// `artifacts repositories list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.own_project()?.to_owned();
        let only = parsed.flag("--location");
        let scope = only.map_or_else(|| "across all locations".to_owned(), |l| format!("location {l}"));
        gcloud.err(&format!("Listing items under project {project}, {scope}.\n\n")).await;
        let items: Vec<Value> = gcloud.call.sys.view(|w| {
            let all = w.cloud.registries.repositories(&project).into_iter();
            all.filter(|r| only.is_none_or(|l| l == "all" || r.location == l)).map(resource).collect()
        });
        if gcloud.print(parsed, items, REPOSITORIES).await? == 0 {
            gcloud.err("Listed 0 items.\n").await;
        }
        Ok(())
    })
}

/// `artifacts repositories describe`.
pub fn describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (project, location) = (gcloud.own_project()?.to_owned(), location(gcloud, parsed)?);
        let name = parsed.positionals.first().cloned().unwrap_or_default();
        let found =
            gcloud.call.sys.view(|w| w.cloud.registries.repository(&project, &location, &name).map(resource));
        let Some(mut item) = found else { return not_found(gcloud) };
        if let Some(map) = item.as_object_mut() {
            for shown_elsewhere in ["location", "labels", "encryption", "sizeMb"] {
                map.remove(shown_elsewhere);
            }
            map.retain(|_, value| value != "");
        }
        gcloud.err("Encryption: Google-managed key\nRepository Size: 0.000MB\n").await;
        gcloud.print(parsed, vec![item], "describe").await?;
        Ok(())
    })
}

fn not_found<T>(gcloud: &Gcloud) -> Result<T, Failure> {
    Failure::error(format!("NOT_FOUND: Requested entity was not found. {}", gcloud.authenticated_as()))
}

/// `artifacts repositories delete`.
pub fn delete<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (project, location) = (gcloud.own_project()?.to_owned(), location(gcloud, parsed)?);
        let name = parsed.positionals.first().cloned().unwrap_or_default();
        gcloud.confirm(&format!("You are about to delete repository [{name}]\n"), Unanswered::Fail).await?;
        if !gcloud.call.sys.with(|w| w.cloud.registries.delete_repository(&project, &location, &name)) {
            return not_found(gcloud);
        }
        gcloud.err(&format!("Delete request issued for: [{name}]\n")).await;
        let id = gcloud.call.sys.stream(&format!("operation/delete/{location}/{name}")).uuid();
        let ready = gcloud.call.sys.now() + OPERATION;
        let message = format!(
            "Waiting for operation [projects/{project}/locations/{location}/operations/{id}] to complete"
        );
        gcloud.progress(&message, "", || gcloud.call.sys.now() >= ready).await;
        gcloud.err(&format!("Deleted repository [{name}].\n")).await;
        Ok(())
    })
}

/// `artifacts docker images list`.
pub fn images<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let path = parsed.positionals.first().cloned().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        let (Some(host), Some(project), Some(repository)) = (parts.first(), parts.get(1), parts.get(2))
        else {
            return Failure::error(
                "Invalid Docker string. A valid Docker repository has the format of \n  LOCATION-docker.pkg.dev/PROJECT-ID/REPOSITORY-ID",
            );
        };
        let location = host.trim_end_matches(ARTIFACT_REGISTRY_SUFFIX);
        gcloud
            .err(&format!(
                "Listing items under project {project}, location {location}, repository {repository}.\n\n"
            ))
            .await;
        let items: Vec<Value> = gcloud.call.sys.view(|w| {
            let mut items = Vec::new();
            for (name, pushed) in w.cloud.registries.pushed_under(&path) {
                for (digest, manifest) in &pushed.manifests {
                    let tags: Vec<&String> =
                        pushed.tags.iter().filter(|(_, d)| *d == digest).map(|(t, _)| t).collect();
                    items.push(json!({
                        "package": name, "version": digest.to_string(), "tags": tags,
                        "createTime": manifest.uploaded.rfc3339(), "updateTime": manifest.updated.rfc3339(),
                        "sizeBytes": manifest.image.compressed_bytes(),
                    }));
                }
            }
            items
        });
        let tags = if parsed.has("--include-tags") { "tags.list()," } else { "" };
        let format = format!(
            "table(package:label=IMAGE,version:label=DIGEST,{tags}createTime.date(),updateTime.date(),sizeBytes:label=SIZE)"
        );
        if gcloud.print(parsed, items, &format).await? == 0 {
            gcloud.err("Listed 0 items.\n").await;
        }
        Ok(())
    })
}
