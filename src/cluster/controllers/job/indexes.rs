//! The indexes of an Indexed Job: which pod has which, which ones are still to do, and when the Job ends because of them.

use std::collections::BTreeSet;

use k8s_openapi::api::batch::v1::{JobSpec, SuccessPolicyRule};
use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, ObjectFieldSelector, Pod};

use super::{Count, End};
use crate::base::time::SimTime;

const INDEX: &str = "batch.kubernetes.io/job-completion-index";
/// How often an index had failed when the pod was made.
const FAILURES: &str = "batch.kubernetes.io/job-index-failure-count";

fn number(pod: &Pod, annotation: &str) -> Option<i32> {
    pod.metadata.annotations.as_ref()?.get(annotation)?.parse().ok()
}

/// The index of a pod.
pub fn of(pod: &Pod) -> Option<i32> {
    number(pod, INDEX)
}

/// How often its index had failed before this pod.
pub fn failures_before(pod: &Pod) -> i32 {
    number(pod, FAILURES).unwrap_or(0)
}

/// The first indexes that nobody works at, each with its failures and the time of the last one.
pub fn missing(spec: &JobSpec, count: &Count, at_most: i32) -> Vec<(i32, i32, Option<SimTime>)> {
    let running: BTreeSet<i32> = count.active.iter().filter_map(|p| of(p)).collect();
    let taken =
        |i: &i32| running.contains(i) || count.done_indexes.contains(i) || count.failed_indexes.contains(i);
    let free = (0..spec.completions.unwrap_or(1)).filter(|i| !taken(i));
    free.take(usize::try_from(at_most).unwrap_or(0))
        .map(|i| {
            let (failures, last) = count.index_failures.get(&i).copied().unwrap_or_default();
            (i, failures, last)
        })
        .collect()
}

/// Makes a pod the one of an index; `failures` is told where indexes have a limit of their own.
pub fn give(pod: &mut Pod, job: &str, index: i32, failures: Option<i32>) {
    if let Some(failures) = failures {
        let annotations = pod.metadata.annotations.get_or_insert_default();
        annotations.insert(FAILURES.to_owned(), failures.to_string());
    }
    pod.metadata.generate_name = Some(format!("{job}-{index}-"));
    pod.metadata.annotations.get_or_insert_default().insert(INDEX.to_owned(), index.to_string());
    pod.metadata.labels.get_or_insert_default().insert(INDEX.to_owned(), index.to_string());
    let spec = pod.spec.get_or_insert_default();
    spec.hostname = Some(format!("{job}-{index}"));
    for container in &mut spec.containers {
        let field = ObjectFieldSelector {
            field_path: format!("metadata.labels['{INDEX}']"),
            api_version: Some("v1".to_owned()),
        };
        container.env.get_or_insert_default().push(EnvVar {
            name: "JOB_COMPLETION_INDEX".to_owned(),
            value_from: Some(EnvVarSource { field_ref: Some(field), ..EnvVarSource::default() }),
            value: None,
        });
    }
}

/// How a Job ends because of what its indexes came to.
pub fn verdict(spec: &JobSpec, count: &Count) -> Option<End> {
    if spec.completion_mode.as_deref() != Some("Indexed") {
        return None;
    }
    let failed = i32::try_from(count.failed_indexes.len()).unwrap_or(i32::MAX);
    if spec.max_failed_indexes.is_some_and(|most| failed > most) {
        let why = "Job has exceeded the specified maximal number of failed indexes";
        return Some(("Failed", "MaxFailedIndexesExceeded".to_owned(), why.to_owned()));
    }
    let policy = spec.success_policy.iter().flat_map(|policy| &policy.rules);
    if let Some(at) = policy.enumerate().find(|(_, rule)| matches(rule, count)).map(|(at, _)| at) {
        return Some(("Complete", "SuccessPolicy".to_owned(), format!("Matched rules at index {at}")));
    }
    let all = count.done_indexes.union(&count.failed_indexes).count();
    let ended = spec.completions.is_some_and(|n| usize::try_from(n).is_ok_and(|n| all >= n));
    (ended && failed > 0).then(|| ("Failed", "FailedIndexes".to_owned(), "Job has failed indexes".to_owned()))
}

fn matches(rule: &SuccessPolicyRule, count: &Count) -> bool {
    let wanted = rule.succeeded_indexes.as_deref().map(read);
    let done = match &wanted {
        Some(wanted) => count.done_indexes.intersection(wanted).count(),
        None => count.done_indexes.len(),
    };
    match rule.succeeded_count {
        Some(least) => usize::try_from(least).is_ok_and(|least| done >= least),
        None => wanted.is_some_and(|wanted| done == wanted.len()),
    }
}

/// Back from `0-2,5`.
pub fn read(ranges: &str) -> BTreeSet<i32> {
    let span = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        first.parse::<i32>().ok().zip(last.parse::<i32>().ok())
    };
    ranges.split(',').filter_map(span).flat_map(|(first, last)| first..=last).collect()
}

/// `0-2,5`.
pub fn ranges(indexes: &BTreeSet<i32>) -> String {
    let mut parts: Vec<(i32, i32)> = Vec::new();
    for &index in indexes {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => parts.push((index, index)),
        }
    }
    let text = |(first, last): &(i32, i32)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    };
    parts.iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_told_as_ranges() {
        let check = |numbers: &[i32], expect| {
            let all: BTreeSet<i32> = numbers.iter().copied().collect();
            assert_eq!(ranges(&all), expect);
            assert_eq!(read(expect), all);
        };
        check(&[0, 1, 2, 5], "0-2,5");
        check(&[1, 2], "1,2");
        check(&[], "");
    }
}
