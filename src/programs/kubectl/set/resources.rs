//! `kubectl set resources`: requests and limits of containers.

use super::super::context::Context;
use super::super::fail::{Failure, Outcome};
use super::super::quantity::Quantity;
use super::super::template::{containers_mut, pod_spec_mut};
use super::{Manner, agree, change, matches, no_template, selected};

const MANNER: Manner = Manner {
    done: "resource requirements updated",
    failed: "failed to patch resources update to pod template ",
    always: false,
};

pub async fn run(cx: &Context) -> Outcome {
    let dry_run = cx.dry_run().await?;
    let infos = selected(cx, &cx.args).await?;
    agree(cx, dry_run)?;
    let (limits, requests) = (cx.flags.text("limits"), cx.flags.text("requests"));
    if limits.is_empty() && requests.is_empty() {
        return Err(Failure::message(
            "you must specify an update to requests or limits (in the form of --requests/--limits)",
        ));
    }
    let changes = [("limits", amounts(limits)?), ("requests", amounts(requests)?)];
    let wanted = cx.flags.text("containers");
    change(cx, infos, &MANNER, dry_run, |object| {
        let Some(spec) = pod_spec_mut(object) else { return Err(no_template(object)) };
        let mut found = false;
        let named = |name: Option<&str>| matches(wanted, name.unwrap_or_default());
        for container in containers_mut(spec).into_iter().filter(|c| named(c["name"].as_str())) {
            found = true;
            for (key, list) in &changes {
                for (name, amount) in list {
                    container["resources"][*key][name.as_str()] = amount.clone().into();
                }
            }
        }
        let missing = || Failure::Message(format!("error: unable to find container named {wanted}"));
        Ok(if found { Vec::new() } else { vec![missing()] })
    })
    .await
}

/// `cpu=100m,memory=64Mi`.
fn amounts(text: &str) -> Outcome<Vec<(String, String)>> {
    let mut out = Vec::new();
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let [name, amount] = part.split('=').collect::<Vec<_>>()[..] else {
            let why = format!("Invalid argument syntax {part}, expected <resource>=<value>");
            return Err(Failure::Message(why));
        };
        let amount = Quantity::parse(amount).map_err(Failure::Message)?;
        out.push((name.to_string(), amount.to_string()));
    }
    Ok(out)
}
