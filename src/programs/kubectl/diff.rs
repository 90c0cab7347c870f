//! `kubectl diff`: what apply would change, as `diff -u -N` prints it.

use super::apply;
use super::client::Write;
use super::context::{Context, DryRun};
use super::fail::{Failure, Outcome};
use super::output::yaml;
use super::resource::{Info, Selection};
use crate::cluster::api::selector::Selector;
use serde_json::{Map, Value};

/// Lines around a change.
const AROUND: usize = 3;
/// Longer objects are compared line by line without looking for moved parts.
const LINE_LIMIT: usize = 5_000;

pub async fn run(cx: &Context) -> Outcome {
    if !cx.args.is_empty() {
        return Err(cx.usage(format!("Unexpected args: [{}]", cx.args.join(" "))));
    }
    if cx.flags.list("filename").is_empty() && cx.flags.text("kustomize").is_empty() {
        return Err(Failure::Code("error: must specify one of -f and -k".to_owned(), 2));
    }
    let differs = print(cx).await.map_err(|failure| {
        // 1 means that something differs.
        let (text, code) = failure.report();
        Failure::Code(text, code + 1)
    })?;
    if differs { Err(Failure::Exit(1)) } else { Ok(()) }
}

/// Prints what differs, in the order of the files that the two versions would be in; was there anything?
async fn print(cx: &Context) -> Outcome<bool> {
    if cx.flags.on("force-conflicts") && !cx.flags.on("server-side") {
        return Err(Failure::message("--force-conflicts only works with --server-side"));
    }
    let (mut infos, failures) = Selection { selector: None, ..Selection::of(cx, &[]) }.infos(cx).await?;
    Failure::all(failures)?;
    let selector = Selector::parse(cx.flags.text("selector")).map_err(Failure::Message)?;
    infos.retain(|info| selector.matches(Some(&apply::labels(info.object()))));
    let mut versions = Vec::new();
    for info in &infos {
        let (live, merged) = both(cx, info).await?;
        apply::warn_if_deleting(cx, live.as_ref().unwrap_or(&Value::Null)).await;
        let text = |object: &Value| yaml::emit(object);
        versions.push((file(info), live.as_ref().map(text).unwrap_or_default(), text(&merged)));
    }
    versions.retain(|(_, live, merged)| live != merged);
    versions.sort();
    let number = cx.sys.stream(&format!("kubectl/diff/{}", cx.sys.me.0)).below(4_000_000_000);
    let stamp = cx.sys.now().timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    let stamp = stamp.strftime("%Y-%m-%d %H:%M:%S.%9f +0000").to_string();
    for (file, live, merged) in &versions {
        let (old, new) =
            (format!("/tmp/LIVE-{number}/{file}"), format!("/tmp/MERGED-{}/{file}", number ^ 0xffff));
        cx.outln(format!("diff -u -N {old} {new}\n--- {old}\t{stamp}\n+++ {new}\t{stamp}")).await;
        cx.out(unified(live, merged)).await;
    }
    Ok(!versions.is_empty())
}

/// `apps.v1.Deployment.default.web`.
fn file(info: &Info) -> String {
    let version = info.resource.api_version().replace('/', ".");
    let namespace = info.namespace.as_deref().unwrap_or_default();
    format!("{version}.{}.{namespace}.{}", info.resource.kind, info.name)
}

/// The object as it is, if it is, and as it would be.
async fn both(cx: &Context, info: &Info) -> Outcome<(Option<Value>, Value)> {
    let client = cx.client()?;
    let live = match client.get(cx, info.resource, info.namespace.as_deref(), &info.name).await {
        Ok(live) => Some(live),
        Err(failure) if failure.is_not_found() => None,
        Err(failure) => return Err(failure),
    };
    let merged = match &live {
        _ if cx.flags.on("server-side") => apply::server_side::send(cx, info, DryRun::Server).await?,
        Some(live) => apply::preview(cx, info, live).await?,
        None => {
            let write = Write::new(info.resource, info.namespace.as_deref(), cx.flags.text("field-manager"))
                .dry(DryRun::Server);
            client.create(cx, &write, info.object().clone()).await?
        }
    };
    let (mut live, mut merged) = (live, merged);
    if !cx.flags.on("show-managed-fields") {
        for object in live.iter_mut().chain([&mut merged]) {
            if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.remove("managedFields");
            }
        }
    }
    if info.resource.kind == "Secret" && !cx.flags.on("show-secrets") {
        mask(live.as_mut(), &mut merged);
    }
    Ok((live, merged))
}

/// Hides what secrets hold, but not that it changes.
fn mask(live: Option<&mut Value>, merged: &mut Value) {
    let mut nothing = Value::Null;
    let (before, after) = (live.unwrap_or(&mut nothing).get_mut("data"), merged.get_mut("data"));
    let (mut none, mut no) = (Map::new(), Map::new());
    let before = before.and_then(Value::as_object_mut).unwrap_or(&mut none);
    let after = after.and_then(Value::as_object_mut).unwrap_or(&mut no);
    for (key, old) in before.iter_mut() {
        let changed = after.get(key).is_some_and(|new| new != old);
        if let Some(new) = after.get_mut(key) {
            *new = if changed { "*** (after)" } else { "***" }.into();
        }
        *old = if changed { "*** (before)" } else { "***" }.into();
    }
    after.iter_mut().filter(|(key, _)| !before.contains_key(*key)).for_each(|(_, new)| *new = "***".into());
}

#[derive(Clone, Copy, PartialEq)]
enum Line<'a> {
    Same(&'a str),
    Old(&'a str),
    New(&'a str),
}

/// The hunks of a unified difference.
fn unified(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let script = script(&old, &new);
    let mut out = String::new();
    let changed: Vec<usize> = (0..script.len()).filter(|&i| !matches!(script[i], Line::Same(_))).collect();
    let mut at = 0;
    while at < changed.len() {
        let mut last = at;
        while last + 1 < changed.len() && changed[last + 1] - changed[last] <= 2 * AROUND {
            last += 1;
        }
        let from = changed[at].saturating_sub(AROUND);
        let to = (changed[last] + AROUND + 1).min(script.len());
        out.push_str(&hunk(&script, from, to));
        at = last + 1;
    }
    out
}

fn hunk(script: &[Line<'_>], from: usize, to: usize) -> String {
    let count = |range: &[Line<'_>], new: bool| {
        range
            .iter()
            .filter(|line| {
                matches!((line, new), (Line::Same(_), _) | (Line::Old(_), false) | (Line::New(_), true))
            })
            .count()
    };
    let span = |new: bool| {
        let (before, length) = (count(&script[..from], new), count(&script[from..to], new));
        let start = if length == 0 { before } else { before + 1 };
        if length == 1 { start.to_string() } else { format!("{start},{length}") }
    };
    let mut out = format!("@@ -{} +{} @@\n", span(false), span(true));
    for line in &script[from..to] {
        match line {
            Line::Same(text) => out.push_str(&format!(" {text}\n")),
            Line::Old(text) => out.push_str(&format!("-{text}\n")),
            Line::New(text) => out.push_str(&format!("+{text}\n")),
        }
    }
    out
}

/// The shortest way from old to new, by longest common subsequence.
fn script<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    if old.len().max(new.len()) > LINE_LIMIT {
        return old
            .iter()
            .map(|line| Line::Old(line))
            .chain(new.iter().map(|line| Line::New(line)))
            .collect();
    }
    let width = new.len() + 1;
    let mut lengths = vec![0u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i * width + j] = match old[i] == new[j] {
                true => lengths[(i + 1) * width + j + 1] + 1,
                false => lengths[(i + 1) * width + j].max(lengths[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            out.push(Line::Same(old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len()
            || i < old.len() && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]
        {
            out.push(Line::Old(old[i]));
            i += 1;
        } else {
            out.push(Line::New(new[j]));
            j += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn changes_stand_among_three_lines() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
        assert_eq!(
            unified(old, "a\nb\nc\nd\nE\nf\ng\nh\n"),
            "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n"
        );
        assert_eq!(unified("", "x\n"), "@@ -0,0 +1 @@\n+x\n");
    }
}
