//! Kinds by any of their names (plural, singular, short, with version or group), as the RESTMapper finds them.

use super::super::fail::{Failure, Outcome};
use crate::cluster::kinds::table::{RESOURCES, Resource, find_kind};

/// A kind by an argument: `po`, `deployments.apps`, `deployments.v1.apps`, `Pod`.
pub fn find(word: &str) -> Outcome<&'static Resource> {
    lookup(word).ok_or_else(|| {
        let name = word.split('.').next().unwrap_or(word);
        Failure::Message(format!("the server doesn't have a resource type {name:?}"))
    })
}

pub fn lookup(word: &str) -> Option<&'static Resource> {
    let lower = word.to_lowercase();
    let (name, rest) =
        lower.split_once('.').map_or((lower.as_str(), None), |(name, rest)| (name, Some(rest)));
    let named = |resource: &&Resource| {
        resource.plural == name || resource.singular() == name || resource.short_names.contains(&name)
    };
    let Some(rest) = rest else { return RESOURCES.iter().find(named) };
    let whole = |resource: &&Resource| resource.plural == name || resource.singular() == name;
    let of_group = |group: &str| RESOURCES.iter().filter(named).find(|resource| in_group(resource, group));
    let exact = rest.split_once('.').and_then(|(version, group)| {
        let versions = || {
            let all = RESOURCES.iter().filter(named);
            all.filter(|resource| resource.version == version && in_group(resource, group))
        };
        // A short name stands for the preferred version, whichever of the versions is asked for.
        versions().find(whole).or_else(|| versions().next().and_then(|_| of_group(group)))
    });
    exact.or_else(|| of_group(rest))
}

/// A group may be shortened to its beginning (`storageclasses.storage`).
fn in_group(resource: &Resource, group: &str) -> bool {
    resource.group == group || !group.is_empty() && resource.group.starts_with(&format!("{group}."))
}

/// The kind of a manifest, or the error about old versions.
pub fn for_manifest(api_version: &str, kind: &str) -> Option<&'static Resource> {
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    let same = |resource: &&Resource| {
        resource.group == group && resource.version == version && resource.kind.eq_ignore_ascii_case(kind)
    };
    find_kind(group, version, kind).or_else(|| RESOURCES.iter().find(same))
}

/// Categories: `all` becomes the kinds in it.
pub fn expand(word: &str) -> Vec<String> {
    let members: Vec<String> =
        RESOURCES.iter().filter(|resource| resource.categories.contains(&word)).map(full_name).collect();
    let mut unique = Vec::new();
    for member in members {
        if !unique.contains(&member) {
            unique.push(member);
        }
    }
    if unique.is_empty() { vec![word.to_string()] } else { unique }
}

/// `pods` or `deployments.apps`.
pub fn full_name(resource: &Resource) -> String {
    if resource.group.is_empty() {
        resource.plural.to_string()
    } else {
        format!("{}.{}", resource.plural, resource.group)
    }
}

/// `pod` or `deployment.apps`, as messages name kinds.
pub fn kind_name(resource: &Resource) -> String {
    if resource.group.is_empty() {
        resource.singular()
    } else {
        format!("{}.{}", resource.singular(), resource.group)
    }
}

#[cfg(test)]
mod tests {
    use super::{expand, lookup};

    #[test]
    fn a_kind_has_many_names() {
        for (word, plural) in [
            ("po", "pods"),
            ("Pods", "pods"),
            ("deploy", "deployments"),
            ("deployments.apps", "deployments"),
            ("deployments.v1.apps", "deployments"),
            ("hpa", "horizontalpodautoscalers"),
            ("storageclasses.storage", "storageclasses"),
            ("events", "events"),
        ] {
            assert_eq!(lookup(word).map(|resource| resource.plural), Some(plural), "{word}");
        }
        assert!(lookup("podz").is_none());
        assert!(lookup("").is_none());
        assert_eq!(expand("all").first().map(String::as_str), Some("pods"));
        assert_eq!(expand("pods"), ["pods"]);
    }
}
