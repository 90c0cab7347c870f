//! The pages of network policies and ingress classes.

use super::Subject;
use super::multiline::{annotations, format_selector, labels};
use super::page::{Page, list, plain, text, texts};
use serde_json::Value;

/// Blanks before the rules of a policy.
const RULES: &str = "    ";

pub fn policy(subject: &Subject<'_>, page: &mut Page) {
    let policy = subject.object;
    page.field(0, "Name", text(policy, "/metadata/name"));
    page.field(0, "Namespace", text(policy, "/metadata/namespace"));
    let created = text(policy, "/metadata/creationTimestamp");
    page.field(0, "Created on", created.replace('T', " ").replace('Z', " +0000 UTC"));
    labels(page, "Labels", policy, "/metadata/labels");
    annotations(page, "Annotations", policy, "/metadata/annotations");
    page.line(0, "Spec:");
    page.write(1, "PodSelector: ");
    match selector(policy.pointer("/spec/podSelector")) {
        none if none == "<none>" => {
            page.line(2, "<none> (Allowing the specific traffic to all pods in this namespace)");
        }
        selector => page.line(2, &selector),
    }
    let types = texts(policy, "/spec/policyTypes");
    for (kind, word, rules) in [("Ingress", "ingress", "/spec/ingress"), ("Egress", "egress", "/spec/egress")]
    {
        if types.iter().any(|known| known == kind) {
            page.line(1, &format!("Allowing {word} traffic:"));
            self::rules(page, word, list(policy, rules));
        } else {
            page.line(1, &format!("Not affecting {word} traffic"));
        }
    }
    page.line(1, &format!("Policy Types: {}", types.join(", ")));
}

fn selector(of: Option<&Value>) -> String {
    format_selector(of)
}

fn rules(page: &mut Page, word: &str, rules: &[Value]) {
    if rules.is_empty() {
        return page.line(0, &format!("{RULES}<none> (Selected pods are isolated for {word} connectivity)"));
    }
    let (title, peers, end) = match word {
        "ingress" => ("From", "/from", "source"),
        _ => ("To", "/to", "destination"),
    };
    for (index, rule) in rules.iter().enumerate() {
        ports(page, list(rule, "/ports"));
        let peers = list(rule, peers);
        if peers.is_empty() {
            page.line(0, &format!("{RULES}{title}: <any> (traffic not restricted by {end})"));
        }
        for one in peers {
            page.line(0, &format!("{RULES}{title}:"));
            peer(page, one);
        }
        if index + 1 < rules.len() {
            page.line(0, &format!("{RULES}----------"));
        }
    }
}

fn ports(page: &mut Page, ports: &[Value]) {
    if ports.is_empty() {
        page.line(0, &format!("{RULES}To Port: <any> (traffic allowed to all ports)"));
    }
    for port in ports {
        let protocol = port["protocol"].as_str().unwrap_or("TCP");
        let number = port.get("port").map_or("<nil>".to_owned(), plain);
        match port.get("endPort") {
            None => page.line(0, &format!("{RULES}To Port: {number}/{protocol}")),
            Some(last) => {
                page.line(0, &format!("{RULES}To Port Range: {number}-{}/{protocol}", plain(last)));
            }
        }
    }
}

fn peer(page: &mut Page, peer: &Value) {
    let selectors = [("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")];
    for (title, key) in selectors {
        if peer.get(key).is_some() {
            page.line(1, &format!("{RULES}{title}: {}", selector(peer.get(key))));
        }
    }
    if let Some(block) = peer.get("ipBlock") {
        page.line(1, &format!("{RULES}IPBlock:"));
        page.line(2, &format!("{RULES}CIDR: {}", text(block, "/cidr")));
        page.line(2, &format!("{RULES}Except: {}", texts(block, "/except").join(", ")));
    }
}

pub fn ingress_class(subject: &Subject<'_>, page: &mut Page) {
    let class = subject.object;
    page.field(0, "Name", text(class, "/metadata/name"));
    labels(page, "Labels", class, "/metadata/labels");
    annotations(page, "Annotations", class, "/metadata/annotations");
    page.field(0, "Controller", text(class, "/spec/controller"));
    if let Some(parameters) = class.pointer("/spec/parameters") {
        page.line(0, "Parameters:");
        page.optional(1, "APIGroup", parameters.get("apiGroup"));
        page.field(1, "Kind", text(parameters, "/kind"));
        page.field(1, "Name", text(parameters, "/name"));
    }
}
