//! `gcloud projects`.

use serde_json::{Value, json};

use super::args::Parsed;
use super::{Failure, Gcloud, LocalFutureOf, listings};

/// The sentence for a project that the account cannot see.
pub fn no_access(gcloud: &Gcloud, project: &str) -> String {
    let account = gcloud.account();
    format!(
        "[{account}] does not have permission to access projects instance [{project}] (or it may not exist): The caller does not have permission. This command is authenticated as {account} which is the active account specified by the [core/account] property"
    )
}

/// Every project that the account can see.
fn all(gcloud: &Gcloud) -> Vec<Value> {
    gcloud.call.sys.view(|w| {
        let project = &w.cloud.project;
        let value = |id: &str, name: &str, number: &str| {
            json!({
                "createTime": w.cloud.created.rfc3339(),
                "lifecycleState": "ACTIVE",
                "name": name,
                "parent": { "id": project.folder, "type": "folder" },
                "projectId": id,
                "projectNumber": number,
            })
        };
        let own = value(&project.id, &project.id, &project.number);
        let others = project.others.iter().map(|other| value(&other.id, &other.name, &other.number));
        std::iter::once(own).chain(others).collect()
    })
}

fn find(gcloud: &Gcloud, name: &str) -> Option<Value> {
    all(gcloud).into_iter().find(|p| p["projectId"] == name || p["projectNumber"] == name)
}

/// Whether the account can see a project.
pub fn is_visible(gcloud: &Gcloud, name: &str) -> bool {
    find(gcloud, name).is_some()
}

/// `projects list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        gcloud.credentials()?;
        gcloud.list_or_say(parsed, all(gcloud), listings::PROJECTS).await
    })
}

/// `projects describe`.
pub fn describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        gcloud.credentials()?;
        let name = parsed.positional(0);
        match find(gcloud, name) {
            Some(project) => gcloud.describe(parsed, project).await,
            None => Failure::error(no_access(gcloud, name)),
        }
    })
}
