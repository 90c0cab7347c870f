//! `gcloud container images`: what was pushed to gcr.io's names.

use serde_json::{Value, json};

use super::args::Parsed;
use super::images::tags_of;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, listings};
use crate::image::ImageRef;

const HOSTS: [&str; 4] = ["gcr.io", "us.gcr.io", "eu.gcr.io", "asia.gcr.io"];

/// The repository must be one of Container Registry's, and the account's.
fn admitted(gcloud: &Gcloud, name: &str) -> Result<(), Failure> {
    gcloud.credentials()?;
    let mut parts = name.split('/');
    let (host, project) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if !name.contains('/') {
        return Failure::error("A Docker registry domain must be specified.");
    }
    let registry = HOSTS.contains(&host) || host.ends_with("-docker.pkg.dev");
    if !registry || project.is_empty() {
        return Failure::error(format!(
            "Invalid value for [repository]: [{name}] is not a valid name. Expected tag in the form \"base:tag\" or \"tag\" or digest in the form \"sha256:<digest>\""
        ));
    }
    if !gcloud.is_own(project) {
        return Failure::error(format!(
            "Access denied: [{name}]. Please check that the project exists and that the account may read its images."
        ));
    }
    Ok(())
}

/// `container images list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let named = parsed.flag("--repository").map(|name| name.trim_end_matches('/').to_owned());
        let repository = match &named {
            Some(name) => name.clone(),
            None => format!("gcr.io/{}", gcloud.project()?),
        };
        admitted(gcloud, &repository)?;
        let prefix = format!("{repository}/");
        let items: Vec<Value> = gcloud.call.sys.view(|w| {
            let all = w.cloud.registries.pushed_under(&repository).into_iter();
            all.filter(|(name, _)| name.starts_with(&prefix))
                .map(|(name, _)| json!({ "name": name }))
                .collect()
        });
        gcloud.list_or_say(parsed, items, listings::CONTAINER_IMAGES).await?;
        if named.is_none() && !parsed.has("--format") {
            gcloud.err(&format!("Only listing images in {repository}. Use --repository to list images in other repositories.\n")).await;
        }
        Ok(())
    })
}

/// `container images list-tags`.
pub fn list_tags<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let name = parsed.positional(0);
        admitted(gcloud, name)?;
        let mut items: Vec<(crate::base::SimTime, Value)> = gcloud.call.sys.view(|w| {
            let all = w.cloud.registries.pushed_under(name).into_iter().filter(|(known, _)| *known == name);
            all.flat_map(|(_, pushed)| {
                pushed.manifests.iter().map(|(digest, manifest)| {
                    let value = json!({
                        "digest": digest.to_string(),
                        "tags": tags_of(pushed, digest),
                        "timestamp": { "datetime": manifest.uploaded.rfc3339() },
                    });
                    (manifest.uploaded, value)
                })
            })
            .collect()
        });
        items.sort_by_key(|(uploaded, _)| std::cmp::Reverse(*uploaded));
        gcloud
            .list_or_say(parsed, items.into_iter().map(|(_, item)| item).collect(), listings::CONTAINER_TAGS)
            .await
    })
}

/// The digest of an image by its tag or digest.
fn digest_of(gcloud: &Gcloud, reference: &ImageRef) -> Option<String> {
    gcloud.call.sys.view(|w| {
        let name = reference.name();
        let (_, pushed) =
            w.cloud.registries.pushed_under(&name).into_iter().find(|(known, _)| *known == name)?;
        match &reference.digest {
            Some(digest) => pushed.manifests.contains_key(digest).then(|| digest.to_string()),
            None => pushed.tags.get(reference.tag_or_latest()).map(ToString::to_string),
        }
    })
}

fn reference(gcloud: &Gcloud, text: &str) -> Result<(ImageRef, String), Failure> {
    let Ok(reference) = ImageRef::parse(text) else {
        return Failure::error(format!("[{text}] is not a valid name."));
    };
    admitted(gcloud, &reference.name())?;
    match digest_of(gcloud, &reference) {
        Some(digest) => Ok((reference, digest)),
        None => Failure::error(format!(
            "[{text}] is not found or is not a valid name. Expected tag in the form \"base:tag\" or \"tag\" or digest in the form \"sha256:<digest>\""
        )),
    }
}

/// `container images describe`.
pub fn describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (reference, digest) = reference(gcloud, parsed.positional(0))?;
        let item = json!({ "image_summary": {
            "digest": digest,
            "fully_qualified_digest": format!("{}@{digest}", reference.name()),
            "registry": reference.registry,
            "repository": reference.repository,
        }});
        gcloud.describe(parsed, item).await
    })
}

/// `container images delete`.
pub fn delete<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (mut digests, mut tags) = (String::new(), String::new());
        let mut found = Vec::new();
        for text in &parsed.positionals {
            let (reference, digest) = reference(gcloud, text)?;
            digests.push_str(&format!("- {}@{digest}\n", reference.name()));
            if reference.digest.is_none() {
                tags.push_str(&format!("- {}:{}\n", reference.name(), reference.tag_or_latest()));
            }
            found.push((reference, digest));
        }
        gcloud.err(&format!("Digests:\n{digests}")).await;
        if !tags.is_empty() {
            gcloud.err(&format!("Tags:\n{tags}")).await;
        }
        let message = "This operation will delete the tags and images identified by the digests above.";
        gcloud.confirm(message, Unanswered::Default).await?;
        for (reference, digest) in found {
            let name = reference.name();
            if reference.digest.is_none() {
                gcloud.err(&format!("Deleted [{name}:{}].\n", reference.tag_or_latest())).await;
            }
            if let Ok(whole) = ImageRef::parse(&format!("{name}@{digest}")) {
                gcloud.call.sys.with(|w| w.cloud.registries.delete_pushed(&whole));
            }
            gcloud.err(&format!("Deleted [{name}@{digest}].\n")).await;
        }
        Ok(())
    })
}
