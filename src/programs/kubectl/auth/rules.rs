//! The rules of roles: taken apart, put together again, and as kubectl lists them.

use super::texts;
use serde_json::{Value, json};

/// One thing that is allowed: a resource or a URL, and the verbs.
struct Rule {
    group: String,
    resource: String,
    name: Option<String>,
    url: String,
    verbs: Vec<String>,
}

/// The rows of `Resources`, `Non-Resource URLs`, `Resource Names` and `Verbs`.
pub fn rows(rules: &[Value]) -> Vec<[String; 4]> {
    let mut rules = compact(rules.iter().flat_map(broken_down).collect());
    rules.sort_by_cached_key(Rule::in_words);
    rules.iter().map(Rule::cells).collect()
}

/// A rule of each verb, resource and name by itself.
pub fn atoms(rule: &Value) -> Vec<Value> {
    let single = |part: Rule| {
        let named = part.name.map(|name| json!([name]));
        part.verbs
            .into_iter()
            .map(move |verb| match part.url.is_empty() {
                true => {
                    let mut atom =
                        json!({"apiGroups": [part.group], "resources": [part.resource], "verbs": [verb]});
                    if let Some(names) = &named {
                        atom["resourceNames"] = names.clone();
                    }
                    atom
                }
                false => json!({"nonResourceURLs": [part.url], "verbs": [verb]}),
            })
            .collect::<Vec<_>>()
    };
    broken_down(rule).into_iter().flat_map(single).collect()
}

impl Rule {
    /// As Go prints a rule, which is what kubectl sorts by.
    fn in_words(&self) -> String {
        format!(
            "Verbs:[{}],APIGroups:[{}],Resources:[{}],ResourceNames:[{}],NonResourceURLs:[{}],",
            self.verbs.join(" "),
            self.group,
            self.resource,
            self.name.as_deref().unwrap_or_default(),
            self.url
        )
    }

    fn cells(&self) -> [String; 4] {
        let dot = if self.group.is_empty() { "" } else { "." };
        let (resource, sub) = match self.resource.split_once('/') {
            Some((resource, sub)) => (resource, format!("/{sub}")),
            None => (self.resource.as_str(), String::new()),
        };
        [
            format!("{resource}{dot}{}{sub}", self.group),
            format!("[{}]", self.url),
            format!("[{}]", self.name.as_deref().unwrap_or_default()),
            format!("[{}]", self.verbs.join(" ")),
        ]
    }
}

/// A rule for every combination of group, resource and name, and for every URL.
fn broken_down(rule: &Value) -> Vec<Rule> {
    let of = |field: &str| texts(rule, field);
    let verbs = of("/verbs");
    let mut names: Vec<Option<String>> = of("/resourceNames").into_iter().map(Some).collect();
    if names.is_empty() {
        names.push(None);
    }
    let mut all = Vec::new();
    for group in of("/apiGroups") {
        for resource in of("/resources") {
            all.extend(names.iter().map(|name| Rule {
                group: group.clone(),
                resource: resource.clone(),
                name: name.clone(),
                url: String::new(),
                verbs: verbs.clone(),
            }));
        }
    }
    all.extend(of("/nonResourceURLs").into_iter().map(|url| Rule {
        group: String::new(),
        resource: String::new(),
        name: None,
        url,
        verbs: verbs.clone(),
    }));
    all
}

/// Rules about the same resource become one; those about URLs stay as they are.
fn compact(rules: Vec<Rule>) -> Vec<Rule> {
    let mut all: Vec<Rule> = Vec::new();
    for rule in rules {
        let same = |other: &&mut Rule| {
            rule.url.is_empty()
                && other.url.is_empty()
                && (&other.group, &other.resource, &other.name) == (&rule.group, &rule.resource, &rule.name)
        };
        match all.iter_mut().find(same) {
            Some(first) => {
                let new: Vec<String> =
                    rule.verbs.iter().filter(|verb| !first.verbs.contains(verb)).cloned().collect();
                first.verbs.extend(new);
            }
            None => all.push(rule),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[track_caller]
    fn check(rules: serde_json::Value, expect: &[&str]) {
        let rows = super::rows(rules.as_array().expect("a list"));
        assert_eq!(rows.iter().map(|cells| cells.join(" ")).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn rules_are_sorted_by_their_verbs_first() {
        check(
            json!([
                {"apiGroups": ["apps"], "resources": ["deployments/scale"], "resourceNames": ["web"], "verbs": ["get", "update"]},
                {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
                {"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]},
                {"nonResourceURLs": ["/x"], "verbs": ["get"]},
            ]),
            &["deployments.apps/scale [] [web] [get update]", " [/x] [] [get]", "pods [] [] [list watch]"],
        );
    }

    #[test]
    fn an_atom_has_one_verb() {
        let rule = json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]});
        let atom = |verb: &str| json!({"apiGroups": [""], "resources": ["pods"], "verbs": [verb]});
        assert_eq!(super::atoms(&rule), [atom("get"), atom("list")]);
    }
}
