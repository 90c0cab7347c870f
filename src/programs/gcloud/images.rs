//! `gcloud artifacts docker`: images and tags in repositories.

use serde_json::{Value, json};

use super::args::Parsed;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, listings};
use crate::cloud::registry::{ARTIFACT_REGISTRY_SUFFIX, Pushed};
use crate::image::{Digest, ImageRef};

const FORMS: &str = "A valid Docker repository has the format of\n  LOCATION-docker.DOMAIN/PROJECT-ID/REPOSITORY-ID\n\nA valid image has the format of\n  LOCATION-docker.DOMAIN/PROJECT-ID/REPOSITORY-ID/IMAGE\n";
const WITH_VERSION: &str = "Invalid Docker image.\n\nA valid container image can be referenced by tag or digest, has the format of\n  LOCATION-docker.DOMAIN/PROJECT-ID/REPOSITORY-ID/IMAGE:tag\n  LOCATION-docker.DOMAIN/PROJECT-ID/REPOSITORY-ID/IMAGE@sha256:digest\n";
const TAG_FORM: &str = "Invalid Docker tag.\n\nA valid Docker tag has the format of\n  LOCATION-docker.DOMAIN/PROJECT-ID/REPOSITORY-ID/IMAGE:tag\n";
const NOT_FOUND: &str = "Image not found.\n\nA valid container image can be referenced by tag or digest, has the format of\n  LOCATION-docker.DOMAIN/PROJECT-ID/REPOSITORY-ID/IMAGE:tag\n  LOCATION-docker.DOMAIN/PROJECT-ID/REPOSITORY-ID/IMAGE@sha256:digest\n";
/// How long deleting takes.
const OPERATION: std::time::Duration = std::time::Duration::from_secs(2);

/// A path as it was typed.
struct Path {
    project: String,
    location: String,
    repository: String,
    /// The path without tag or digest.
    name: String,
    /// Whether it names an image, not only a repository.
    image: bool,
    tag: Option<String>,
    digest: Option<String>,
}

impl Path {
    fn parse(text: &str) -> Option<Path> {
        let (rest, digest) =
            text.split_once('@').map_or((text, None), |(rest, digest)| (rest, Some(digest.to_owned())));
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_owned())),
            _ => (rest, None),
        };
        let parts: Vec<&str> = name.split('/').collect();
        let location = parts.first()?.strip_suffix(ARTIFACT_REGISTRY_SUFFIX)?;
        let (project, repository) = (parts.get(1)?, parts.get(2).filter(|r| !r.is_empty())?);
        Some(Path {
            project: (*project).to_owned(),
            location: location.to_owned(),
            repository: (*repository).to_owned(),
            name: name.to_owned(),
            image: parts.len() > 3,
            tag,
            digest,
        })
    }

    /// `projects/P/locations/L/repositories/R/packages/I` of an image in the repository.
    fn package(&self, name: &str) -> String {
        let image = name.splitn(4, '/').nth(3).unwrap_or_default().replace('/', "%2F");
        format!(
            "projects/{}/locations/{}/repositories/{}/packages/{image}",
            self.project, self.location, self.repository
        )
    }
}

/// The repository or image that a list is about.
fn listed(gcloud: &Gcloud, parsed: &Parsed) -> Result<Path, Failure> {
    if !parsed.positional(0).is_empty() {
        return Path::parse(parsed.positional(0))
            .map_or_else(|| Failure::error(format!("Invalid Docker string.\n\n{FORMS}")), Ok);
    }
    let (project, word) = (gcloud.project()?, |property: &str| gcloud.property(property));
    match (word("artifacts/location"), word("artifacts/repository")) {
        (Some(location), Some(repository)) => {
            let text = format!("{location}{ARTIFACT_REGISTRY_SUFFIX}/{project}/{repository}");
            Path::parse(&text)
                .map_or_else(|| Failure::error(format!("Invalid Docker string.\n\n{FORMS}")), Ok)
        }
        (location, repository) => {
            let or_none = |value: Option<String>| value.unwrap_or_else(|| "None".to_owned());
            Failure::error(format!(
                "Fail to construct Docker string from config values:\ncore/project: {project}, artifacts/location: {}, artifacts/repository: {}\n\n{FORMS}",
                or_none(location),
                or_none(repository)
            ))
        }
    }
}

/// The repository must be there, open to the account, and for Docker.
fn admitted(gcloud: &Gcloud, path: &Path) -> Result<(), Failure> {
    gcloud.credentials()?;
    if !gcloud.is_own(&path.project) {
        return gcloud.status_error("PERMISSION_DENIED", "The caller does not have permission.");
    }
    let Path { project, location, repository, .. } = path;
    let format = gcloud
        .call
        .sys
        .view(|w| w.cloud.registries.repository(project, location, repository).map(|r| r.format.clone()));
    match format.as_deref() {
        Some("DOCKER") => Ok(()),
        Some(other) => Failure::error(format!(
            "Invalid repository type {other}. The `artifacts docker` command group can only be used on Docker repositories."
        )),
        None => gcloud.entity_not_found(),
    }
}

async fn say(gcloud: &Gcloud, path: &Path) {
    let Path { project, location, repository, .. } = path;
    gcloud
        .err(&format!(
            "Listing items under project {project}, location {location}, repository {repository}.\n\n"
        ))
        .await;
}

/// The tags of a manifest; the one that moves comes last.
pub fn tags_of(pushed: &Pushed, digest: &Digest) -> Vec<String> {
    let mut tags: Vec<String> =
        pushed.tags.iter().filter(|(_, d)| *d == digest).map(|(tag, _)| tag.clone()).collect();
    tags.sort_by_key(|tag| (tag == "latest", tag.clone()));
    tags
}

/// What is under a path: image name, digest, tags, times and size, the oldest first.
fn versions(gcloud: &Gcloud, path: &Path) -> Vec<Value> {
    gcloud.call.sys.view(|w| {
        let mut all = Vec::new();
        for (name, pushed) in w.cloud.registries.pushed_under(&path.name) {
            if path.image && name != path.name {
                continue;
            }
            let mut manifests: Vec<_> = pushed.manifests.iter().collect();
            manifests.sort_by_key(|(_, manifest)| manifest.uploaded);
            for (digest, manifest) in manifests {
                let bytes = manifest.image.compressed_bytes();
                all.push(json!({
                    "createTime": manifest.uploaded.rfc3339(),
                    "metadata": {
                        "imageSizeBytes": bytes.to_string(),
                        "name": format!("projects/{}/locations/{}/repositories/{}/dockerImages/{}@{digest}",
                            path.project, path.location, path.repository, name.rsplit('/').next().unwrap_or_default()),
                        "type": "DOCKER_IMAGE",
                    },
                    "package": name,
                    "tags": tags_of(pushed, digest),
                    "updateTime": manifest.updated.rfc3339(),
                    "version": digest.to_string(),
                }));
            }
        }
        all
    })
}

/// `artifacts docker images list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let path = listed(gcloud, parsed)?;
        admitted(gcloud, &path)?;
        say(gcloud, &path).await;
        let own =
            if parsed.has("--include-tags") { listings::DOCKER_IMAGES_TAGS } else { listings::DOCKER_IMAGES };
        let mut items = versions(gcloud, &path);
        if !parsed.has("--include-tags") {
            for item in &mut items {
                item["tags"] = json!("");
            }
        }
        gcloud.list_or_say(parsed, items, own).await
    })
}

/// `artifacts docker tags list`.
pub fn tags<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let path = listed(gcloud, parsed)?;
        admitted(gcloud, &path)?;
        say(gcloud, &path).await;
        let mut items = Vec::new();
        for version in versions(gcloud, &path) {
            let name = version["package"].as_str().unwrap_or_default();
            let package = path.package(name);
            for tag in version["tags"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                items.push(json!({
                    "image": name,
                    "tag": format!("{package}/tags/{tag}"),
                    "version": format!("{package}/versions/{}", version["version"].as_str().unwrap_or_default()),
                }));
            }
        }
        gcloud.list_or_say(parsed, items, listings::DOCKER_TAGS).await
    })
}

/// An image by its tag or digest.
fn find(gcloud: &Gcloud, text: &str) -> Result<(Path, Value), Failure> {
    let Some(path) = Path::parse(text).filter(|path| path.image) else { return Failure::error(WITH_VERSION) };
    admitted(gcloud, &path)?;
    let tag = path.tag.clone().unwrap_or_else(|| "latest".to_owned());
    let found = versions(gcloud, &path).into_iter().find(|version| match &path.digest {
        Some(digest) => version["version"] == digest.as_str(),
        None => version["tags"].as_array().is_some_and(|tags| tags.iter().any(|t| t == tag.as_str())),
    });
    found.map_or_else(|| Failure::error(NOT_FOUND), |version| Ok((path, version)))
}

/// `artifacts docker images describe`.
pub fn describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (path, version) = find(gcloud, parsed.positional(0))?;
        let digest = version["version"].as_str().unwrap_or_default();
        let item = json!({ "image_summary": {
            "digest": digest,
            "fully_qualified_digest": format!("{}@{digest}", path.name),
            "registry": format!("{}{ARTIFACT_REGISTRY_SUFFIX}", path.location),
            "repository": path.repository,
            "slsa_build_level": "unknown",
        }});
        gcloud.describe(parsed, item).await
    })
}

/// `artifacts docker images delete`: a version by digest or tag, or every version of an image.
pub fn delete<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let text = parsed.positional(0);
        let Some(path) = Path::parse(text).filter(|path| path.image) else {
            return Failure::error(WITH_VERSION);
        };
        admitted(gcloud, &path)?;
        let all = path.tag.is_none() && path.digest.is_none();
        let gone = if all { versions(gcloud, &path) } else { vec![find(gcloud, text)?.1] };
        if gone.is_empty() {
            return gcloud.entity_not_found();
        }
        if all {
            let message = format!("\nThis operation will delete all tags and images for {text}.");
            gcloud.confirm(&message, Unanswered::Default).await?;
        } else {
            delete_version(gcloud, parsed, &path, &gone[0]).await?;
        }
        gcloud.err("Delete request issued.\n").await;
        for version in &gone {
            let digest = version["version"].as_str().unwrap_or_default();
            if let Ok(reference) = ImageRef::parse(&format!("{}@{digest}", path.name)) {
                gcloud.call.sys.with(|w| w.cloud.registries.delete_pushed(&reference));
            }
        }
        let id = gcloud.call.sys.stream(&format!("operation/{text}")).uuid();
        let message = format!(
            "Waiting for operation [projects/{}/locations/{}/operations/{id}] to complete",
            path.project, path.location
        );
        gcloud.progress_for(&message, OPERATION).await
    })
}

/// Shows what goes with a version, and asks.
async fn delete_version(
    gcloud: &Gcloud,
    parsed: &Parsed,
    path: &Path,
    version: &Value,
) -> Result<(), Failure> {
    let tags: Vec<&str> =
        version["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let only_this = path.tag.as_deref().is_some_and(|tag| tags == [tag]);
    if !tags.is_empty() && !only_this && !parsed.has("--delete-tags") {
        return Failure::error(format!(
            "Cannot delete image {} because it is tagged. Existing tags are:\n{}",
            parsed.positional(0),
            tags.iter().map(|tag| format!("- {}:{tag}", path.name)).collect::<Vec<_>>().join("\n")
        ));
    }
    let digest = version["version"].as_str().unwrap_or_default();
    let mut text = format!("Digests:\n- {}@{digest}\n", path.name);
    if !tags.is_empty() {
        text.push_str("\nTags:\n");
        text.extend(tags.iter().map(|tag| format!("- {}:{tag}\n", path.name)));
    }
    gcloud.err(&text).await;
    let message = "\nThis operation will delete the above resources.";
    gcloud.confirm(message, Unanswered::Default).await
}

/// `artifacts docker tags add`.
pub fn add_tag<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (source, version) = find(gcloud, parsed.positional(0))?;
        let target = Path::parse(parsed.positional(1)).filter(|path| path.image);
        let Some(Path { name, tag: Some(tag), .. }) = target else { return Failure::error(TAG_FORM) };
        if name != source.name {
            return Failure::error(format!("Image {} does not match image {name}", source.name));
        }
        let digest = version["version"].as_str().unwrap_or_default();
        gcloud.call.sys.with(|w| w.cloud.registries.set_tag(&name, &tag, digest));
        gcloud.err(&format!("Added tag [{name}:{tag}] to image [{name}@{digest}].\n")).await;
        Ok(())
    })
}

/// `artifacts docker tags delete`.
pub fn delete_tag<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let target = Path::parse(parsed.positional(0)).filter(|path| path.image);
        let Some(path) = target else { return Failure::error(TAG_FORM) };
        let Some(tag) = path.tag.clone() else { return Failure::error(TAG_FORM) };
        admitted(gcloud, &path)?;
        let text = format!("You are about to delete tag [{}]", parsed.positional(0));
        gcloud.confirm(&text, Unanswered::Default).await?;
        if !gcloud.call.sys.with(|w| w.cloud.registries.remove_tag(&path.name, &tag)) {
            return gcloud.entity_not_found();
        }
        gcloud.err(&format!("Deleted tag [{}].\n", parsed.positional(0))).await;
        Ok(())
    })
}
