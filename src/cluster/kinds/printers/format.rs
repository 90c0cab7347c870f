//! How tables write ages, selectors and lists: `duration.HumanDuration`, `labels.FormatLabels` and their kin.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Container;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, Time};

use crate::base::time::SimTime;
use crate::cluster::sim_time;

/// Entries shown before `+ N more...`.
const LIST_LIMIT: usize = 3;

/// A span in at most two units: `45s`, `3m20s`, `2d5h`.
pub fn human_duration(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let two = |a: i64, unit: &str, b: i64, small: &str| match b {
        0 => format!("{a}{unit}"),
        _ => format!("{a}{unit}{b}{small}"),
    };
    match () {
        () if seconds < -1 => "<invalid>".to_owned(),
        () if seconds < 0 => "0s".to_owned(),
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, "m", seconds % 60, "s"),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => two(hours, "h", minutes % 60, "m"),
        () if hours < 48 => format!("{hours}h"),
        () if hours < 192 => two(hours / 24, "d", hours % 24, "h"),
        () if hours < 24 * 365 * 2 => format!("{}d", hours / 24),
        () if hours < 24 * 365 * 8 => two(hours / 24 / 365, "y", (hours / 24) % 365, "d"),
        () => format!("{}y", hours / 24 / 365),
    }
}

/// Seconds from one moment to another, negative when reversed.
pub fn seconds_between(from: SimTime, to: SimTime) -> i64 {
    let millis = i64::try_from(to.0).unwrap_or(i64::MAX) - i64::try_from(from.0).unwrap_or(i64::MAX);
    millis / 1000
}

/// How long ago, or `<unknown>` for no time at all.
pub fn since(time: Option<&Time>, now: SimTime) -> String {
    match time {
        Some(time) => human_duration(seconds_between(sim_time(time), now)),
        None => "<unknown>".to_owned(),
    }
}

/// The AGE cell.
pub fn age(meta: &ObjectMeta, now: SimTime) -> String {
    since(meta.creation_timestamp.as_ref(), now)
}

pub fn name(meta: &ObjectMeta) -> String {
    meta.name.clone().unwrap_or_default()
}

/// `a=b,c=d` or `<none>`.
pub fn labels(map: Option<&BTreeMap<String, String>>) -> String {
    let pairs: Vec<String> = map.into_iter().flatten().map(|(k, v)| format!("{k}={v}")).collect();
    match pairs.is_empty() {
        true => "<none>".to_owned(),
        false => pairs.join(","),
    }
}

/// A label selector in its text form: `a=b,c in (d,e),!f`.
pub fn selector(selector: Option<&LabelSelector>) -> String {
    let Some(selector) = selector else { return "<none>".to_owned() };
    let mut parts: Vec<(String, String)> =
        selector.match_labels.iter().flatten().map(|(k, v)| (k.clone(), format!("{k}={v}"))).collect();
    for e in selector.match_expressions.iter().flatten() {
        let mut values = e.values.clone().unwrap_or_default();
        values.sort();
        let text = match e.operator.as_str() {
            "In" => format!("{} in ({})", e.key, values.join(",")),
            "NotIn" => format!("{} notin ({})", e.key, values.join(",")),
            "Exists" => e.key.clone(),
            "DoesNotExist" => format!("!{}", e.key),
            _ => return "<error>".to_owned(),
        };
        parts.push((e.key.clone(), text));
    }
    parts.sort();
    match parts.is_empty() {
        true => "<none>".to_owned(),
        false => parts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(","),
    }
}

/// The names and the images of containers, each joined by commas.
pub fn containers(containers: &[Container]) -> (String, String) {
    let names: Vec<&str> = containers.iter().map(|c| c.name.as_str()).collect();
    let images: Vec<&str> = containers.iter().map(|c| c.image.as_deref().unwrap_or_default()).collect();
    (names.join(","), images.join(","))
}

/// The first entries and `+ N more...`.
pub fn first_few(entries: &[String], empty: &str) -> String {
    let shown = &entries[..entries.len().min(LIST_LIMIT)];
    match entries.len() {
        0 => empty.to_owned(),
        n if n > LIST_LIMIT => format!("{} + {} more...", shown.join(","), n - LIST_LIMIT),
        _ => shown.join(","),
    }
}

#[cfg(test)]
mod tests {
    use super::human_duration;

    #[test]
    fn ages_use_at_most_two_units() {
        for (seconds, expect) in [
            (-5, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (134, "2m14s"),
            (600, "10m"),
            (3600 * 3, "3h"),
            (3600 * 3 + 60, "3h1m"),
            (3600 * 47, "47h"),
            (3600 * 50, "2d2h"),
            (3600 * 24 * 9, "9d"),
            (3600 * 24 * 800, "2y70d"),
        ] {
            assert_eq!(human_duration(seconds), expect, "{seconds}");
        }
    }
}
