//! A pod's ephemeral containers: they can be added through a door of their own, and never changed or removed.

use std::rc::Rc;

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};

use super::Status;
use crate::cluster::kinds::defaults;
use crate::cluster::kinds::field::{Errors, quoted};
use crate::cluster::object::{Kind, Object};

/// `old` with the ephemeral containers of `new`.
pub(super) fn update(new: &Object, old: &Rc<Object>) -> Result<Object, Status> {
    let (Some(wanted), Some(stored)) = (Pod::of(new), Pod::of(old)) else {
        return Err(Status::no_such_path());
    };
    let mut changed = stored.clone();
    let spec = changed.spec.get_or_insert_default();
    spec.ephemeral_containers = wanted.spec.as_ref().and_then(|spec| spec.ephemeral_containers.clone());
    let mut changed = changed.into_object();
    defaults::default(&mut changed);
    let errors = check(&changed, stored);
    if !errors.is_empty() {
        return Err(Status::invalid("", "Pod", old.name(), errors.into_causes()));
    }
    if Pod::of(&changed).map(|pod| &pod.spec) != Some(&stored.spec) {
        let meta = changed.meta_mut();
        meta.generation = Some(meta.generation.unwrap_or(1) + 1);
    }
    Ok(changed)
}

fn ephemeral(pod: &Pod) -> &[EphemeralContainer] {
    pod.spec.as_ref().and_then(|spec| spec.ephemeral_containers.as_deref()).unwrap_or_default()
}

fn check(changed: &Object, stored: &Pod) -> Errors {
    let mut errors = Errors::default();
    let Some(pod) = Pod::of(changed) else { return errors };
    let spec = pod.spec.clone().unwrap_or_default();
    let others = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    let mut names: Vec<&str> = others.map(|c| c.name.as_str()).collect();
    let running = names.clone();
    for (index, container) in ephemeral(pod).iter().enumerate() {
        let path = format!("spec.ephemeralContainers[{index}]");
        if container.image.as_deref().unwrap_or_default().is_empty() {
            errors.required(&format!("{path}.image"), "");
        }
        if names.contains(&container.name.as_str()) {
            errors.duplicate(&format!("{path}.name"), &quoted(&container.name));
        }
        names.push(&container.name);
        let target = container.target_container_name.as_deref().unwrap_or_default();
        if !target.is_empty() && !running.contains(&target) {
            errors.not_found(&format!("{path}.targetContainerName"), target);
        }
    }
    for before in ephemeral(stored) {
        match ephemeral(pod).iter().find(|now| now.name == before.name) {
            None => errors.forbidden(
                "spec.ephemeralContainers",
                &format!("existing ephemeral containers {:?} may not be removed\n", before.name),
            ),
            Some(now) if now != before => errors.forbidden(
                "spec.ephemeralContainers",
                &format!("existing ephemeral containers {:?} may not be changed\n", before.name),
            ),
            Some(_) => {}
        }
    }
    errors
}
