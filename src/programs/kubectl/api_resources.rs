//! `kubectl api-resources` and `api-versions`.

use super::context::Context;
use super::fail::{Failure, Outcome};
use super::output::{self, tabwriter::TabWriter};
use super::resource::mapper;
use crate::cluster::kinds::table::{RESOURCES, Resource};
use serde_json::{Value, json};

pub async fn resources(cx: &Context) -> Outcome {
    if !cx.args.is_empty() {
        return Err(cx.usage(format!("unexpected arguments: [{}]", cx.args.join(" "))));
    }
    let format = cx.flags.text("output");
    if !matches!(format, "" | "wide" | "name" | "json" | "yaml" | "kyaml") {
        return Err(Failure::Message(format!(
            "unable to match a printer suitable for the output format {format:?}, allowed formats are: json,kyaml,name,wide,yaml"
        )));
    }
    let sort = cx.flags.text("sort-by");
    if !matches!(sort, "" | "name" | "kind") {
        return Err(Failure::message("--sort-by accepts only name or kind"));
    }
    cx.client()?.discover(cx).await?;
    cx.client()?.welcome()?;
    let (verbs, categories) = (cx.flags.list("verbs"), cx.flags.list("categories"));
    let fits = |resource: &&&Resource| {
        let group = !cx.flags.given("api-group") || resource.group == cx.flags.text("api-group");
        let scope = !cx.flags.given("namespaced") || resource.namespaced == cx.flags.on("namespaced");
        let can = verbs.iter().all(|verb| resource.verbs.contains(&verb.as_str()));
        group && scope && can && categories.iter().all(|name| resource.categories.contains(&name.as_str()))
    };
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let all: Vec<&Resource> = RESOURCES.iter().collect();
    let mut found: Vec<&Resource> = Vec::new();
    for resource in all.iter().filter(fits) {
        if !seen.contains(&(resource.group, resource.plural)) {
            seen.push((resource.group, resource.plural));
            found.push(resource);
        }
    }
    match sort {
        "name" => found.sort_by_key(|resource| resource.plural),
        "kind" => found.sort_by_key(|resource| resource.kind),
        _ => {}
    }
    if format == "name" {
        for resource in found {
            cx.outln(mapper::full_name(resource)).await;
        }
        return Ok(());
    }
    let list = || {
        let rows: Vec<Value> = found.iter().map(|resource| described(resource)).collect();
        json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "", "resources": rows})
    };
    match format {
        "json" => {
            cx.out(output::json::pretty_typed(&list())).await;
            return Ok(());
        }
        "yaml" => {
            cx.out(output::yaml::emit(&list())).await;
            return Ok(());
        }
        "kyaml" => {
            cx.out(output::kyaml::emit(&list())).await;
            return Ok(());
        }
        _ => {}
    }
    let wide = format == "wide";
    let mut writer = TabWriter::table();
    if !cx.flags.on("no-headers") {
        let titles = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", "VERBS", "CATEGORIES"];
        writer.row(&titles[..if wide { 7 } else { 5 }]);
    }
    for resource in found {
        let cells = [
            resource.plural.to_string(),
            resource.short_names.join(","),
            resource.api_version(),
            resource.namespaced.to_string(),
            resource.kind.to_string(),
            resource.verbs.join(","),
            resource.categories.join(","),
        ];
        writer.row(&cells[..if wide { 7 } else { 5 }]);
    }
    cx.out(writer.flush()).await;
    Ok(())
}

/// A resource as discovery describes it, with its group and version.
fn described(resource: &Resource) -> Value {
    let mut row = json!({
        "name": resource.plural, "singularName": resource.singular(), "namespaced": resource.namespaced,
        "version": resource.version, "kind": resource.kind, "verbs": resource.verbs,
    });
    if !resource.group.is_empty() {
        row["group"] = resource.group.into();
    }
    for (field, list) in [("shortNames", resource.short_names), ("categories", resource.categories)] {
        if !list.is_empty() {
            row[field] = json!(list);
        }
    }
    row
}

pub async fn versions(cx: &Context) -> Outcome {
    if !cx.args.is_empty() {
        return Err(cx.usage(format!("unexpected arguments: [{}]", cx.args.join(" "))));
    }
    cx.client()?.discover(cx).await?;
    cx.client()?.welcome()?;
    let mut versions: Vec<String> = RESOURCES.iter().map(Resource::api_version).collect();
    versions.sort();
    versions.dedup();
    cx.outln(versions.join("\n")).await;
    Ok(())
}
