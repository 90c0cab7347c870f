//! `kubectl apply --server-side`: the configuration goes to the server as it is, which merges it and knows who manages
//! which field.

use super::super::client;
use super::super::context::{Context, DryRun};
use super::super::create::validation;
use super::super::fail::{Failure, Outcome};
use super::super::resource::Info;
use super::warn_if_deleting;
use crate::cluster::api::{Options, PatchType, Reason, Verb};
use serde_json::Value;

/// What to do about fields of other managers.
const ADVICE: &str = "Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

pub async fn apply(cx: &Context, info: &Info, dry_run: DryRun) -> Outcome<(Value, &'static str)> {
    let object = send(cx, info, dry_run).await.map_err(|failure| match failure {
        Failure::Status(status) if status.reason == Reason::Conflict => {
            Failure::Message(format!("{}\n{ADVICE}", status.message))
        }
        other => other,
    })?;
    warn_if_deleting(cx, &object).await;
    Ok((object, "serverside-applied"))
}

/// The configuration merged by the server.
pub async fn send(cx: &Context, info: &Info, dry_run: DryRun) -> Outcome<Value> {
    let client = cx.client()?;
    let manager = if cx.flags.given("field-manager") { cx.flags.text("field-manager") } else { "kubectl" };
    let known = |flag: &str| cx.flags.command.flag(flag).is_some();
    let options = Options {
        force: cx.flags.on("force-conflicts"),
        dry_run: dry_run == DryRun::Server,
        field_validation: if known("validate") { validation(cx)? } else { Default::default() },
        ..Options::default()
    };
    let request = client.request(manager, Verb::Patch(PatchType::Apply), info.resource);
    let mut request = request.named(&info.name).with_body(info.object().clone()).with_options(options);
    request.namespace = info.namespace.clone();
    if known("subresource") {
        request.subresource = Some(cx.flags.text("subresource").to_owned()).filter(|name| !name.is_empty());
    }
    client::object(client.send(cx, request).await?)
}
