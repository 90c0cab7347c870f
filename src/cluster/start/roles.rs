//! The roles and bindings that every cluster has from its start, read from a table. Typed from the beginning: they are
//! many, and a cluster begins often.

use std::collections::BTreeMap;

use k8s_openapi::api::rbac::v1::{
    AggregationRule, ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use crate::cluster::controllers::role_aggregation::gathered;
use crate::cluster::object::{Kind, Object};

const TABLE: &str = include_str!("../../../assets/kubernetes/roles.txt");
const GROUP: &str = "rbac.authorization.k8s.io";
const AGGREGATE: &str = "rbac.authorization.k8s.io/aggregate-to-";

/// Cluster roles and their bindings, then the roles of namespaces with theirs.
pub fn all() -> Vec<Object> {
    let entries = entries();
    let mut cluster: Vec<ClusterRole> =
        entries.iter().filter(|e| e.namespace.is_none()).map(Entry::cluster_role).collect();
    // The widest last: each gathers from what has gathered before.
    for name in ["view", "edit", "admin"] {
        if let Some(at) = cluster.iter().position(|role| role.metadata.name.as_deref() == Some(name)) {
            let rules = gathered(&cluster[at], cluster.iter());
            cluster[at].rules = rules;
        }
    }
    let mut objects: Vec<Object> = cluster.into_iter().map(Kind::into_object).collect();
    for entry in &entries {
        let binding = entry.subjects.is_some();
        match (&entry.namespace, binding) {
            (None, true) => objects.push(entry.cluster_binding().into_object()),
            (None, false) => {}
            (Some(_), binding) => {
                objects.push(entry.role().into_object());
                objects.extend(binding.then(|| entry.binding().into_object()));
            }
        }
    }
    objects
}

/// A role with who has it.
#[derive(Default)]
struct Entry {
    namespace: Option<&'static str>,
    name: &'static str,
    /// The role that it is added to.
    to: Option<&'static str>,
    /// The label that its rules are gathered by.
    of: Option<&'static str>,
    rules: Vec<PolicyRule>,
    subjects: Option<Vec<Subject>>,
    /// Where the binding is called otherwise.
    binding_name: Option<&'static str>,
}

fn entries() -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        if let Some(text) = line.strip_prefix("  ") {
            entries.last_mut().into_iter().for_each(|entry| entry.rules.push(rule(text)));
        } else if let Some(text) = line.strip_prefix("@ ") {
            let (who, name) = text.split_once(' ').map_or((text, None), |(who, name)| (who, Some(name)));
            if let Some(entry) = entries.last_mut() {
                entry.subjects = Some(who.split(',').filter_map(subject).collect());
                entry.binding_name = name;
            }
        } else {
            let mut words = line.split(' ');
            let head = words.next().unwrap_or_default();
            let (namespace, name) =
                head.split_once('/').map_or((None, head), |(namespace, name)| (Some(namespace), name));
            let mut entry = Entry { namespace, name, ..Entry::default() };
            for word in words {
                match word.split_once('=') {
                    Some(("to", role)) => entry.to = Some(role),
                    Some(("of", role)) => entry.of = Some(role),
                    _ => {}
                }
            }
            entries.push(entry);
        }
    }
    entries
}

fn rule(text: &str) -> PolicyRule {
    let list = |text: &str| -> Vec<String> { text.split(',').map(str::to_owned).collect() };
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        ["url", urls, verbs] => {
            PolicyRule { non_resource_urls: Some(list(urls)), verbs: list(verbs), ..PolicyRule::default() }
        }
        [groups, resources, verbs, names @ ..] => PolicyRule {
            api_groups: Some(groups.split(',').map(|g| g.trim_start_matches('-').to_owned()).collect()),
            resources: Some(list(resources)),
            verbs: list(verbs),
            resource_names: names.first().map(|names| list(names.trim_start_matches('='))),
            ..PolicyRule::default()
        },
        _ => PolicyRule::default(),
    }
}

fn subject(text: &str) -> Option<Subject> {
    let (kind, name) = text.split_once(':')?;
    let of_group = |kind: &str| Subject {
        api_group: Some(GROUP.to_owned()),
        kind: kind.to_owned(),
        name: name.to_owned(),
        namespace: None,
    };
    Some(match kind {
        "g" => of_group("Group"),
        "u" => of_group("User"),
        _ => Subject {
            api_group: None,
            kind: "ServiceAccount".to_owned(),
            name: name.to_owned(),
            namespace: Some("kube-system".to_owned()),
        },
    })
}

impl Entry {
    fn meta(&self, name: &str) -> ObjectMeta {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let mut labels = BTreeMap::from([pair("kubernetes.io/bootstrapping", "rbac-defaults")]);
        if let Some(role) = self.to.filter(|_| name == self.name) {
            labels.insert(format!("{AGGREGATE}{role}"), "true".to_owned());
        }
        ObjectMeta {
            name: Some(name.to_owned()),
            namespace: self.namespace.map(str::to_owned),
            labels: Some(labels),
            annotations: Some(BTreeMap::from([pair("rbac.authorization.kubernetes.io/autoupdate", "true")])),
            ..ObjectMeta::default()
        }
    }

    fn cluster_role(&self) -> ClusterRole {
        let aggregation_rule = self.of.map(|role| {
            let labels = BTreeMap::from([(format!("{AGGREGATE}{role}"), "true".to_owned())]);
            let selector = LabelSelector { match_labels: Some(labels), ..LabelSelector::default() };
            AggregationRule { cluster_role_selectors: Some(vec![selector]) }
        });
        ClusterRole { metadata: self.meta(self.name), aggregation_rule, rules: Some(self.rules.clone()) }
    }

    fn role(&self) -> Role {
        Role { metadata: self.meta(self.name), rules: Some(self.rules.clone()) }
    }

    fn reference(&self, kind: &str) -> RoleRef {
        RoleRef { api_group: Some(GROUP.to_owned()), kind: kind.to_owned(), name: self.name.to_owned() }
    }

    fn binding_meta(&self) -> ObjectMeta {
        let mut meta = self.meta(self.binding_name.unwrap_or(self.name));
        meta.labels.iter_mut().for_each(|labels| labels.retain(|key, _| !key.starts_with(AGGREGATE)));
        meta
    }

    /// Nobody at all is written as no list.
    fn subjects(&self) -> Option<Vec<Subject>> {
        self.subjects.clone().filter(|all| !all.is_empty())
    }

    fn cluster_binding(&self) -> ClusterRoleBinding {
        let role_ref = self.reference("ClusterRole");
        ClusterRoleBinding { metadata: self.binding_meta(), role_ref, subjects: self.subjects() }
    }

    fn binding(&self) -> RoleBinding {
        let role_ref = self.reference("Role");
        RoleBinding { metadata: self.binding_meta(), role_ref, subjects: self.subjects() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_roles_gather_what_narrow_ones_may() {
        let objects = all();
        let count = |name: &str| {
            let found = objects.iter().find(|o| o.name() == name).and_then(|o| ClusterRole::of(o));
            found.and_then(|role| role.rules.as_ref()).map(Vec::len)
        };
        assert_eq!([count("view"), count("edit"), count("admin")], [Some(12), Some(27), Some(29)]);
        assert_eq!(count("cluster-admin"), Some(2));
        assert!(objects.iter().any(|o| o.name() == "system::extension-apiserver-authentication-reader"));
    }
}
