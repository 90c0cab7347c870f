//! Who may do what: RBAC over the stored roles and bindings, and the reviews that ask about it.

use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject,
};
use serde_json::{Value, json};

use super::Status;
use super::server::ApiServer;
use super::types::{Reply, Request, UserInfo, Verb};
use crate::cluster::kinds::table::Resource;

/// What somebody wants to do.
#[derive(Clone, Debug, Default)]
struct Attributes {
    verb: String,
    group: String,
    resource: String,
    subresource: String,
    name: String,
    /// Empty: at the cluster scope.
    namespace: String,
    /// A path of the server, in place of a resource.
    path: String,
}

impl ApiServer {
    /// Refuses a request that its user may not make.
    pub(super) fn authorize(&self, resource: &Resource, request: &Request) -> Result<(), Status> {
        let attributes = Attributes {
            verb: request.verb.word().to_owned(),
            group: request.group.clone(),
            resource: request.resource.clone(),
            subresource: request.subresource.clone().unwrap_or_default(),
            name: request.name.clone().unwrap_or_default(),
            // A namespace is itself in the namespace of its name.
            namespace: match resource.plural {
                "namespaces" => request.name.clone().unwrap_or_default(),
                _ => request.namespace.clone().filter(|_| resource.namespaced).unwrap_or_default(),
            },
            path: String::new(),
        };
        if self.allows(&request.user, &attributes) {
            return Ok(());
        }
        let slash = if attributes.subresource.is_empty() { "" } else { "/" };
        let place = match attributes.namespace.is_empty() {
            true => "at the cluster scope".to_owned(),
            false => format!("in the namespace \"{}\"", attributes.namespace),
        };
        let why = format!(
            "User \"{}\" cannot {} resource \"{}{slash}{}\" in API group \"{}\" {place}",
            request.user.name, attributes.verb, attributes.resource, attributes.subresource, attributes.group
        );
        Err(Status::forbidden(resource.group, resource.plural, &attributes.name, &why))
    }

    fn allows(&self, user: &UserInfo, wanted: &Attributes) -> bool {
        if user.groups.iter().any(|g| g == "system:masters") {
            return true;
        }
        self.rules_of(user, &wanted.namespace).iter().any(|rule| rule_allows(rule, wanted))
    }

    /// The rules that bindings give a user in a namespace.
    fn rules_of(&self, user: &UserInfo, namespace: &str) -> Vec<PolicyRule> {
        let mut rules = Vec::new();
        let mut add = |subjects: Option<&Vec<Subject>>, role: &RoleRef, home: &str| {
            if subjects.into_iter().flatten().any(|s| is_subject(s, user)) {
                rules.extend(self.rules_in(role, home));
            }
        };
        for binding in self.store.each::<ClusterRoleBinding>(None) {
            add(binding.subjects.as_ref(), &binding.role_ref, "");
        }
        if !namespace.is_empty() {
            for binding in self.store.each::<RoleBinding>(Some(namespace)) {
                add(binding.subjects.as_ref(), &binding.role_ref, namespace);
            }
        }
        rules
    }

    fn rules_in(&self, role: &RoleRef, namespace: &str) -> Vec<PolicyRule> {
        let rules = match role.kind.as_str() {
            "ClusterRole" => self.store.get_as::<ClusterRole>("", &role.name).and_then(|r| r.rules.clone()),
            _ => self.store.get_as::<Role>(namespace, &role.name).and_then(|r| r.rules.clone()),
        };
        rules.unwrap_or_default()
    }

    /// Answers the reviews; `None` for every other resource.
    pub(super) fn handle_review(
        &self,
        resource: &Resource,
        request: &Request,
    ) -> Option<Result<Reply, Status>> {
        if request.verb != Verb::Create {
            return None;
        }
        let body = request.body.clone().unwrap_or_default();
        let spec = &body["spec"];
        let status = match resource.plural {
            "selfsubjectaccessreviews" => json!({"allowed": self.allows(&request.user, &attributes(spec))}),
            "subjectaccessreviews" | "localsubjectaccessreviews" => {
                let user =
                    UserInfo::new(spec["user"].as_str().unwrap_or_default(), &["system:authenticated"]);
                json!({"allowed": self.allows(&user, &attributes(spec))})
            }
            "selfsubjectrulesreviews" => {
                self.rules_review(request, spec["namespace"].as_str().unwrap_or_default())
            }
            "selfsubjectreviews" => user_info(&request.user),
            _ => return None,
        };
        let mut answer = body;
        answer["apiVersion"] = json!(resource.api_version());
        answer["kind"] = json!(resource.kind);
        answer["status"] = status;
        Some(Ok(Reply::Object(answer)))
    }

    fn rules_review(&self, request: &Request, namespace: &str) -> Value {
        let masters = request.user.groups.iter().any(|g| g == "system:masters");
        let mut rules: Vec<Value> = Vec::new();
        if masters {
            rules.push(json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}));
        }
        let granted = self.rules_of(&request.user, namespace);
        for rule in granted.iter().filter(|r| r.non_resource_urls.is_none()) {
            rules
                .push(json!({"verbs": rule.verbs, "apiGroups": rule.api_groups, "resources": rule.resources,
                "resourceNames": rule.resource_names}));
        }
        let urls =
            |rule: &PolicyRule| json!({"verbs": rule.verbs, "nonResourceURLs": rule.non_resource_urls});
        let of_urls: Vec<Value> =
            (masters.then(|| json!({"verbs": ["*"], "nonResourceURLs": ["*"]})).into_iter())
                .chain(granted.iter().filter(|r| r.non_resource_urls.is_some()).map(urls))
                .collect();
        json!({"resourceRules": rules, "nonResourceRules": of_urls, "incomplete": false})
    }
}

fn user_info(user: &UserInfo) -> Value {
    let mut info = json!({"username": user.name, "groups": user.groups});
    if !user.uid.is_empty() {
        info["uid"] = json!(user.uid);
    }
    for (key, values) in &user.extra {
        info["extra"][key] = json!(values);
    }
    json!({"userInfo": info})
}

fn attributes(spec: &Value) -> Attributes {
    let of = &spec["nonResourceAttributes"];
    if let (Some(path), Some(verb)) = (of["path"].as_str(), of["verb"].as_str()) {
        return Attributes { verb: verb.to_owned(), path: path.to_owned(), ..Attributes::default() };
    }
    let of = &spec["resourceAttributes"];
    let text = |field: &str| of[field].as_str().unwrap_or_default().to_owned();
    Attributes {
        verb: text("verb"),
        group: text("group"),
        resource: text("resource"),
        subresource: text("subresource"),
        name: text("name"),
        namespace: text("namespace"),
        path: String::new(),
    }
}

fn is_subject(subject: &Subject, user: &UserInfo) -> bool {
    match subject.kind.as_str() {
        "User" => subject.name == user.name,
        "Group" => user.groups.contains(&subject.name),
        "ServiceAccount" => {
            let namespace = subject.namespace.as_deref().unwrap_or_default();
            user.name == format!("system:serviceaccount:{namespace}:{}", subject.name)
        }
        _ => false,
    }
}

fn rule_allows(rule: &PolicyRule, wanted: &Attributes) -> bool {
    let has = |list: &[String], value: &str| list.iter().any(|v| v == "*" || v == value);
    if !wanted.path.is_empty() {
        let fits = |url: &String| match url.strip_suffix('*') {
            Some(start) => wanted.path.starts_with(start),
            None => *url == wanted.path,
        };
        return has(&rule.verbs, &wanted.verb) && rule.non_resource_urls.iter().flatten().any(fits);
    }
    let resource = match wanted.subresource.is_empty() {
        true => wanted.resource.clone(),
        false => format!("{}/{}", wanted.resource, wanted.subresource),
    };
    let any_of_it = format!("*/{}", wanted.subresource);
    let resources = rule.resources.as_deref().unwrap_or_default();
    let names = rule.resource_names.as_deref().unwrap_or_default();
    has(&rule.verbs, &wanted.verb)
        && has(rule.api_groups.as_deref().unwrap_or_default(), &wanted.group)
        && (has(resources, &resource) || (!wanted.subresource.is_empty() && resources.contains(&any_of_it)))
        && (names.is_empty() || names.contains(&wanted.name))
}
