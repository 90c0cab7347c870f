//! Containers: names, images, ports, environment, mounts and resources.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, ContainerPort, EnvVar, ResourceRequirements, VolumeMount};

use super::{check_name, one_of, probe};
use crate::cluster::kinds::field::{Errors, quoted};
use crate::cluster::kinds::names;
use crate::cluster::quantity;

pub(super) fn containers(path: &str, list: &[Container], volumes: &BTreeSet<String>, errors: &mut Errors) {
    if list.is_empty() {
        return errors.required(path, "");
    }
    let mut seen = BTreeSet::new();
    for (index, c) in list.iter().enumerate() {
        let at = format!("{path}[{index}]");
        common(&at, c, volumes, errors);
        if !seen.insert(c.name.as_str()) {
            errors.duplicate(&format!("{at}.name"), &quoted(&c.name));
        }
        probe::lifecycle(&format!("{at}.lifecycle"), c.lifecycle.as_ref(), errors);
        probe::probe(&format!("{at}.livenessProbe"), c.liveness_probe.as_ref(), true, errors);
        probe::probe(&format!("{at}.readinessProbe"), c.readiness_probe.as_ref(), false, errors);
        probe::probe(&format!("{at}.startupProbe"), c.startup_probe.as_ref(), true, errors);
    }
    host_port_conflicts(path, list, errors);
}

pub(super) fn init_containers(
    path: &str,
    list: &[Container],
    regular: &[Container],
    volumes: &BTreeSet<String>,
    errors: &mut Errors,
) {
    let mut seen: BTreeSet<&str> = regular.iter().map(|c| c.name.as_str()).collect();
    for (index, c) in list.iter().enumerate() {
        let at = format!("{path}[{index}]");
        common(&at, c, volumes, errors);
        if !seen.insert(c.name.as_str()) {
            errors.duplicate(&format!("{at}.name"), &quoted(&c.name));
        }
        if c.restart_policy.as_deref() == Some("Always") {
            continue;
        }
        for (field, is_set) in [
            ("lifecycle", c.lifecycle.is_some()),
            ("livenessProbe", c.liveness_probe.is_some()),
            ("readinessProbe", c.readiness_probe.is_some()),
            ("startupProbe", c.startup_probe.is_some()),
        ] {
            if is_set {
                errors.forbidden(
                    &format!("{at}.{field}"),
                    "may not be set for init containers without restartPolicy=Always",
                );
            }
        }
    }
}

fn common(path: &str, c: &Container, volumes: &BTreeSet<String>, errors: &mut Errors) {
    let at = |field: &str| format!("{path}.{field}");
    match c.name.is_empty() {
        true => errors.required(&at("name"), ""),
        false => check_name(&at("name"), &c.name, names::dns_label, errors),
    }
    let image = c.image.as_deref().unwrap_or_default();
    if image.is_empty() {
        errors.required(&at("image"), "");
    } else if image.trim().len() != image.len() {
        errors.invalid_text(&at("image"), image, "must not have leading or trailing whitespace");
    }
    let policy = c.termination_message_policy.as_deref().unwrap_or_default();
    one_of(&at("terminationMessagePolicy"), policy, &["FallbackToLogsOnError", "File"], errors);
    ports(&at("ports"), c.ports.as_deref().unwrap_or_default(), errors);
    env(&at("env"), c.env.as_deref().unwrap_or_default(), errors);
    env_from(path, c, errors);
    mounts(&at("volumeMounts"), c.volume_mounts.as_deref().unwrap_or_default(), volumes, errors);
    let pull = c.image_pull_policy.as_deref().unwrap_or_default();
    one_of(&at("imagePullPolicy"), pull, &["Always", "IfNotPresent", "Never"], errors);
    if let Some(wanted) = &c.resources {
        resources(&at("resources"), wanted, errors);
    }
}

fn ports(path: &str, list: &[ContainerPort], errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for (index, port) in list.iter().enumerate() {
        let at = |field: &str| format!("{path}[{index}].{field}");
        if let Some(name) = port.name.as_deref().filter(|n| !n.is_empty()) {
            let wrong = names::port_name(name);
            if wrong.is_empty() && !seen.insert(name) {
                errors.duplicate(&at("name"), &quoted(name));
            }
            wrong.iter().for_each(|why| errors.invalid_text(&at("name"), name, why));
        }
        match port.container_port {
            0 => errors.required(&at("containerPort"), ""),
            number => port_number(&at("containerPort"), number, errors),
        }
        if let Some(number) = port.host_port.filter(|p| *p != 0) {
            port_number(&at("hostPort"), number, errors);
        }
        let protocol = port.protocol.as_deref().unwrap_or_default();
        one_of(&at("protocol"), protocol, &["SCTP", "TCP", "UDP"], errors);
    }
}

pub(super) fn port_number(path: &str, number: i32, errors: &mut Errors) {
    if !(1..=65535).contains(&number) {
        errors.invalid(path, &number.to_string(), "must be between 1 and 65535, inclusive");
    }
}

fn host_port_conflicts(path: &str, list: &[Container], errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for (index, c) in list.iter().enumerate() {
        for (n, port) in c.ports.iter().flatten().enumerate() {
            let Some(number) = port.host_port.filter(|p| *p != 0) else { continue };
            let key = format!(
                "{}/{}/{number}",
                port.protocol.as_deref().unwrap_or("TCP"),
                port.host_ip.as_deref().unwrap_or_default()
            );
            if !seen.insert(key.clone()) {
                errors.duplicate(&format!("{path}[{index}].ports[{n}].hostPort"), &quoted(&key));
            }
        }
    }
}

fn env(path: &str, list: &[EnvVar], errors: &mut Errors) {
    for (index, var) in list.iter().enumerate() {
        let at = format!("{path}[{index}]");
        match var.name.is_empty() {
            true => errors.required(&format!("{at}.name"), ""),
            false => check_name(&format!("{at}.name"), &var.name, names::env_var_name, errors),
        }
        let Some(source) = &var.value_from else { continue };
        let from = format!("{at}.valueFrom");
        if var.value.as_deref().is_some_and(|v| !v.is_empty()) {
            errors.invalid(&from, "\"\"", "may not be specified when `value` is not empty");
        }
        let sources = [
            source.field_ref.is_some(),
            source.resource_field_ref.is_some(),
            source.config_map_key_ref.is_some(),
            source.secret_key_ref.is_some(),
        ];
        match sources.iter().filter(|s| **s).count() {
            0 => errors.invalid(
                &from,
                "\"\"",
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
            ),
            1 => {}
            _ => errors.invalid(&from, "\"\"", "may not have more than one field specified at a time"),
        }
        for (field, selected) in [
            ("configMapKeyRef", source.config_map_key_ref.as_ref().map(|k| (&k.name, &k.key))),
            ("secretKeyRef", source.secret_key_ref.as_ref().map(|k| (&k.name, &k.key))),
        ] {
            let Some((name, key)) = selected else { continue };
            check_name(&format!("{from}.{field}.name"), name, names::dns_subdomain, errors);
            match key.is_empty() {
                true => errors.required(&format!("{from}.{field}.key"), ""),
                false => check_name(&format!("{from}.{field}.key"), key, names::config_key, errors),
            }
        }
        if let Some(field) = &source.field_ref
            && field.field_path.is_empty()
        {
            errors.required(&format!("{from}.fieldRef.fieldPath"), "");
        }
    }
}

fn env_from(path: &str, c: &Container, errors: &mut Errors) {
    for (index, source) in c.env_from.iter().flatten().enumerate() {
        let at = format!("{path}.envFrom[{index}]");
        let given = usize::from(source.config_map_ref.is_some()) + usize::from(source.secret_ref.is_some());
        match given {
            0 => errors.invalid(&at, "\"\"", "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => errors.invalid(&at, "\"\"", "may not have more than one field specified at a time"),
        }
    }
}

fn mounts(path: &str, list: &[VolumeMount], volumes: &BTreeSet<String>, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for (index, mount) in list.iter().enumerate() {
        let at = |field: &str| format!("{path}[{index}].{field}");
        if mount.name.is_empty() {
            errors.required(&at("name"), "");
        }
        if !volumes.contains(&mount.name) {
            errors.not_found(&at("name"), &mount.name);
        }
        if mount.mount_path.is_empty() {
            errors.required(&at("mountPath"), "");
        }
        if !seen.insert(mount.mount_path.as_str()) {
            errors.invalid_text(&at("mountPath"), &mount.mount_path, "must be unique");
        }
        if let Some(sub) = mount.sub_path.as_deref().filter(|s| s.starts_with('/')) {
            errors.invalid_text(&at("subPath"), sub, "must be a relative path");
        }
    }
}

/// Names without a domain that containers may ask for.
fn is_standard(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-")
}

fn resources(path: &str, wanted: &ResourceRequirements, errors: &mut Errors) {
    let amount = |text: &str| quantity::parse(text).unwrap_or(quantity::Quantity::ZERO);
    let (limits, requests) =
        (wanted.limits.clone().unwrap_or_default(), wanted.requests.clone().unwrap_or_default());
    let check = |at: String, name: &str, value: &str, errors: &mut Errors| {
        check_name(&at, name, names::qualified_name, errors);
        if !name.contains('/') && !is_standard(name) {
            errors.invalid_text(&at, name, "must be a standard resource type or fully qualified");
            errors.invalid_text(&at, name, "must be a standard resource for containers");
        }
        if amount(value).is_negative() {
            errors.invalid_text(&at, value, "must be greater than or equal to 0");
        }
    };
    for (name, limit) in &limits {
        check(format!("{path}.limits[{name}]"), name, &limit.0, errors);
    }
    for (name, request) in &requests {
        check(format!("{path}.requests[{name}]"), name, &request.0, errors);
        let Some(limit) = limits.get(name) else { continue };
        let overcommits = !name.contains('/') && !name.starts_with("hugepages-");
        let at = format!("{path}.requests");
        if !overcommits && amount(&request.0) != amount(&limit.0) {
            errors.invalid_text(&at, &request.0, &format!("must be equal to {name} limit of {}", limit.0));
        } else if amount(&request.0) > amount(&limit.0) {
            let why = format!("must be less than or equal to {name} limit of {}", limit.0);
            errors.invalid_text(&at, &request.0, &why);
        }
    }
}
