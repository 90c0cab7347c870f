//! Pod templates wherever they stand: the defaults of containers, volumes, probes and of the pod itself.
//!
//! As `pkg/apis/core/v1/defaults.go`. Admission (service accounts, tolerations, priority) is not here.

use k8s_openapi::api::core::v1::{
    Container, EphemeralContainer, PodSecurityContext, PodSpec, PodTemplateSpec, Probe,
    ResourceFieldSelector, ResourceRequirements, Volume,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::image::ImageRef;

/// Sets what a template leaves open; `metadata` always appears.
pub fn default_template(template: &mut PodTemplateSpec) {
    template.metadata.get_or_insert_default();
    default_pod_spec(template.spec.get_or_insert_default());
}

pub fn default_pod_spec(spec: &mut PodSpec) {
    spec.dns_policy.get_or_insert_with(|| "ClusterFirst".to_owned());
    spec.restart_policy.get_or_insert_with(|| "Always".to_owned());
    spec.scheduler_name.get_or_insert_with(|| "default-scheduler".to_owned());
    spec.security_context.get_or_insert_with(PodSecurityContext::default);
    spec.termination_grace_period_seconds.get_or_insert(30);
    // The deprecated alias follows the name, in both directions.
    match (&spec.service_account_name, &spec.service_account) {
        (Some(name), _) if !name.is_empty() => spec.service_account = Some(name.clone()),
        (_, Some(alias)) if !alias.is_empty() => spec.service_account_name = Some(alias.clone()),
        _ => {}
    }
    let host_network = spec.host_network == Some(true);
    drop_false(&mut spec.host_network);
    drop_false(&mut spec.host_pid);
    drop_false(&mut spec.host_ipc);
    for container in spec.init_containers.iter_mut().flatten().chain(&mut spec.containers) {
        default_container(container, host_network);
    }
    for container in spec.ephemeral_containers.iter_mut().flatten() {
        default_ephemeral(container);
    }
    spec.volumes.iter_mut().flatten().for_each(default_volume);
    if spec.volumes.as_ref().is_some_and(Vec::is_empty) {
        spec.volumes = None;
    }
}

/// A Go `bool` with omitempty: `false` is not written.
fn drop_false(field: &mut Option<bool>) {
    field.take_if(|f| !*f);
}

fn empty_to_none<T>(list: &mut Option<Vec<T>>) {
    list.take_if(|l| l.is_empty());
}

fn default_container(c: &mut Container, host_network: bool) {
    let always = c.image.as_deref().is_some_and(pulls_always);
    c.image_pull_policy.get_or_insert_with(|| if always { "Always" } else { "IfNotPresent" }.to_owned());
    c.termination_message_path.get_or_insert_with(|| "/dev/termination-log".to_owned());
    c.termination_message_policy.get_or_insert_with(|| "File".to_owned());
    c.resources.get_or_insert_default();
    for port in c.ports.iter_mut().flatten() {
        port.protocol.get_or_insert_with(|| "TCP".to_owned());
        if host_network && port.host_port.is_none() {
            port.host_port = Some(port.container_port);
        }
    }
    empty_to_none(&mut c.ports);
    empty_to_none(&mut c.env);
    empty_to_none(&mut c.command);
    empty_to_none(&mut c.args);
    empty_to_none(&mut c.volume_mounts);
    for mount in c.volume_mounts.iter_mut().flatten() {
        drop_false(&mut mount.read_only);
    }
    drop_false(&mut c.stdin);
    drop_false(&mut c.stdin_once);
    drop_false(&mut c.tty);
    for env in c.env.iter_mut().flatten() {
        env.value.take_if(|v| v.is_empty());
        let Some(source) = env.value_from.as_mut() else { continue };
        if let Some(field) = &mut source.field_ref {
            field.api_version.get_or_insert_with(|| "v1".to_owned());
        }
        source.resource_field_ref.iter_mut().for_each(default_divisor);
    }
    for probe in [&mut c.liveness_probe, &mut c.readiness_probe, &mut c.startup_probe].into_iter().flatten() {
        default_probe(probe);
    }
    if let Some(lifecycle) = &mut c.lifecycle {
        for handler in [&mut lifecycle.post_start, &mut lifecycle.pre_stop].into_iter().flatten() {
            if let Some(http) = &mut handler.http_get {
                http.path.get_or_insert_with(|| "/".to_owned());
                http.scheme.get_or_insert_with(|| "HTTP".to_owned());
            }
        }
    }
}

/// Go writes the zero quantity of a divisor that nobody gave.
fn default_divisor(field: &mut ResourceFieldSelector) {
    field.divisor.get_or_insert_with(|| Quantity("0".to_owned()));
}

fn default_ephemeral(c: &mut EphemeralContainer) {
    let always = c.image.as_deref().is_some_and(pulls_always);
    c.image_pull_policy.get_or_insert_with(|| if always { "Always" } else { "IfNotPresent" }.to_owned());
    c.termination_message_path.get_or_insert_with(|| "/dev/termination-log".to_owned());
    c.termination_message_policy.get_or_insert_with(|| "File".to_owned());
    c.resources.get_or_insert_default();
}

/// `:latest`, written or implied.
fn pulls_always(image: &str) -> bool {
    ImageRef::parse(image).is_ok_and(|i| i.digest.is_none() && i.tag_or_latest() == "latest")
}

/// In a pod, not in a template, a limit without a request is also the request (`SetDefaults_Pod`).
pub fn default_requests(spec: &mut PodSpec) {
    for container in spec.init_containers.iter_mut().flatten().chain(&mut spec.containers) {
        requests_from_limits(container.resources.get_or_insert_default());
    }
}

fn requests_from_limits(resources: &mut ResourceRequirements) {
    let Some(limits) = resources.limits.as_ref().filter(|l| !l.is_empty()) else { return };
    let requests = resources.requests.get_or_insert_default();
    for (name, limit) in limits {
        requests.entry(name.clone()).or_insert_with(|| limit.clone());
    }
}

fn default_probe(probe: &mut Probe) {
    for (field, value) in [
        (&mut probe.timeout_seconds, 1),
        (&mut probe.period_seconds, 10),
        (&mut probe.success_threshold, 1),
        (&mut probe.failure_threshold, 3),
    ] {
        if field.unwrap_or(0) == 0 {
            *field = Some(value);
        }
    }
    probe.initial_delay_seconds.take_if(|s| *s == 0);
    if let Some(http) = &mut probe.http_get {
        http.path.get_or_insert_with(|| "/".to_owned());
        http.scheme.get_or_insert_with(|| "HTTP".to_owned());
    }
    if let Some(grpc) = &mut probe.grpc {
        grpc.service.get_or_insert_default();
    }
}

fn default_volume(volume: &mut Volume) {
    if let Some(secret) = &mut volume.secret {
        secret.default_mode.get_or_insert(420);
    }
    if let Some(config_map) = &mut volume.config_map {
        config_map.default_mode.get_or_insert(420);
    }
    if let Some(downward) = &mut volume.downward_api {
        downward.default_mode.get_or_insert(420);
        for item in downward.items.iter_mut().flatten() {
            if let Some(field) = &mut item.field_ref {
                field.api_version.get_or_insert_with(|| "v1".to_owned());
            }
        }
    }
    if let Some(host_path) = &mut volume.host_path {
        host_path.type_.get_or_insert_default();
    }
    if let Some(projected) = &mut volume.projected {
        projected.default_mode.get_or_insert(420);
        for source in projected.sources.iter_mut().flatten() {
            if let Some(token) = &mut source.service_account_token {
                token.expiration_seconds.get_or_insert(3600);
            }
            for item in source.downward_api.iter_mut().flat_map(|d| d.items.iter_mut().flatten()) {
                if let Some(field) = &mut item.field_ref {
                    field.api_version.get_or_insert_with(|| "v1".to_owned());
                }
            }
        }
    }
    if is_without_source(volume) {
        volume.empty_dir = Some(Default::default());
    }
}

/// A volume that says only its name is an emptyDir.
fn is_without_source(volume: &Volume) -> bool {
    let bare = Volume { name: volume.name.clone(), ..Volume::default() };
    *volume == bare
}

/// A percentage as the API writes it.
pub fn percent(n: i32) -> IntOrString {
    IntOrString::String(format!("{n}%"))
}
