//! `kubectl auth`: who one is, what one may do, and roles as a file describes them.

mod can_i;
mod reconcile;
pub mod rules;

use super::client;
use super::context::Context;
use super::fail::{Failure, Outcome};
use super::output::tabwriter::TabWriter;
use super::print::Printer;
use super::resource::mapper;
use crate::cluster::api::{Reason, Verb};
use serde_json::{Value, json};

pub async fn run(cx: &Context) -> Outcome {
    match cx.flags.path[1] {
        "whoami" => whoami(cx).await,
        "can-i" if cx.flags.on("list") => can_i::list(cx).await,
        "can-i" => can_i::can_i(cx).await,
        _ => reconcile::run(cx).await,
    }
}

/// Asks the server to review something.
async fn review(cx: &Context, plural: &str, spec: Value) -> Outcome<Value> {
    let client = cx.client()?;
    let resource = mapper::find(plural)?;
    let body =
        json!({"apiVersion": resource.api_version(), "kind": resource.kind, "metadata": {}, "spec": spec});
    let request = client.request("kubectl", Verb::Create, resource).with_body(body);
    client::object(client.send(cx, request).await?)
}

fn texts(value: &Value, pointer: &str) -> Vec<String> {
    let items = value.pointer(pointer).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect()
}

async fn whoami(cx: &Context) -> Outcome {
    if !cx.args.is_empty() {
        return Err(Failure::Message(format!("whoami requires no arguments: {:?}", cx.args)));
    }
    let printer = Printer::of(cx, false)?;
    let answer = review(cx, "selfsubjectreviews", json!({})).await.map_err(|failure| match failure {
        Failure::Status(status) if status.reason == Reason::Forbidden => Failure::message(
            "the selfsubjectreviews API is not enabled in the cluster or you do not have permission to call it",
        ),
        other => other,
    })?;
    if let Some(printer) = printer {
        let mut answer = answer;
        answer["metadata"]["creationTimestamp"] = cx.sys.now().rfc3339().into();
        if let Some(map) = answer.as_object_mut() {
            map.remove("spec");
        }
        cx.out(printer.render(cx, &answer)?).await;
        return Ok(());
    }
    let user = &answer["status"]["userInfo"];
    let mut writer = TabWriter::table();
    writer.row(&["ATTRIBUTE", "VALUE"]);
    for (title, field) in [("Username", "username"), ("UID", "uid")] {
        if let Some(text) = user[field].as_str().filter(|text| !text.is_empty()) {
            writer.row(&[title, text]);
        }
    }
    let groups = texts(user, "/groups");
    if !groups.is_empty() {
        writer.row(&["Groups", &format!("[{}]", groups.join(" "))]);
    }
    for (key, values) in user["extra"].as_object().into_iter().flatten() {
        writer.row(&[&format!("Extra: {key}"), &format!("[{}]", texts(values, "").join(" "))]);
    }
    cx.out(writer.flush()).await;
    Ok(())
}
