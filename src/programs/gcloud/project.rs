//! `gcloud projects`, `info`, `version` and `help`.

use serde_json::{Value, json};

use super::args::Parsed;
use super::{Gcloud, LocalFutureOf};

/// The version that is imitated.
const SDK: &str = "528.0.0";

fn resource(gcloud: &Gcloud) -> Value {
    gcloud.call.sys.view(|w| {
        let project = &w.cloud.project;
        json!({ "projectId": project.id, "name": project.id, "projectNumber": project.number, "lifecycleState": "ACTIVE" })
    })
}

/// `projects list`.
pub fn list<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        gcloud.print(parsed, vec![resource(gcloud)], "table(projectId,name,projectNumber)").await?;
        Ok(())
    })
}

/// `projects describe`.
pub fn describe<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let id = parsed.positionals.first().map_or("", String::as_str);
        if gcloud.call.sys.view(|w| w.cloud.project.id != id && w.cloud.project.number != id) {
            let tail = format!(
                " This command is authenticated as {} which is the active account specified by the [core/account] property",
                gcloud.account()
            );
            return super::Failure::error(format!("{}{tail}", gcloud.no_access(id)));
        }
        gcloud.print(parsed, vec![resource(gcloud)], "describe").await?;
        Ok(())
    })
}

/// `version`.
pub fn version<'a>(gcloud: &'a Gcloud, _parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        gcloud.out(&format!("Google Cloud SDK {SDK}\nbq 2.1.18\nbundled-python3-unix 3.12.9\ncore 2025.06.20\ngcloud-crc32c 1.0.0\ngke-gcloud-auth-plugin 0.5.10\ngsutil 5.34\nkubectl 1.36.3\n")).await;
        Ok(())
    })
}

/// `info`.
pub fn info<'a>(gcloud: &'a Gcloud, _parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let project = gcloud.project.clone().unwrap_or_else(|| "None".into());
        gcloud
            .out(&format!(
                "Google Cloud SDK [{SDK}]\n\nAccount: [{}]\nProject: [{project}]\n",
                gcloud.account()
            ))
            .await;
        Ok(())
    })
}
