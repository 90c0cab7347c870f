//! Probes and lifecycle hooks: exactly one handler each, and sane numbers.

use k8s_openapi::api::core::v1::{Lifecycle, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::container::port_number;
use super::one_of;
use crate::cluster::kinds::field::Errors;
use crate::cluster::kinds::names;

/// A port by number or by name.
pub(super) fn port(path: &str, port: &IntOrString, errors: &mut Errors) {
    match port {
        IntOrString::Int(number) => port_number(path, *number, errors),
        IntOrString::String(name) => {
            for why in names::port_name(name) {
                errors.invalid_text(path, name, &why);
            }
        }
    }
}

struct Handlers<'a> {
    exec: Option<&'a Vec<String>>,
    http: Option<(&'a Option<String>, &'a IntOrString, &'a Option<String>)>,
    tcp: Option<&'a IntOrString>,
    other: bool,
}

fn handlers(path: &str, given: &Handlers<'_>, errors: &mut Errors) {
    let mut count = 0;
    let mut one_more = |field: &str, errors: &mut Errors| {
        count += 1;
        if count > 1 {
            errors.forbidden(&format!("{path}.{field}"), "may not specify more than 1 handler type");
        }
        count == 1
    };
    if let Some(command) = given.exec
        && one_more("exec", errors)
        && command.is_empty()
    {
        errors.required(&format!("{path}.exec.command"), "");
    }
    if let Some((http_path, http_port, scheme)) = given.http
        && one_more("httpGet", errors)
    {
        if http_path.as_deref().unwrap_or_default().is_empty() {
            errors.required(&format!("{path}.httpGet.path"), "");
        }
        port(&format!("{path}.httpGet.port"), http_port, errors);
        let scheme = scheme.as_deref().unwrap_or_default();
        one_of(&format!("{path}.httpGet.scheme"), scheme, &["HTTP", "HTTPS"], errors);
    }
    if let Some(tcp) = given.tcp
        && one_more("tcpSocket", errors)
    {
        port(&format!("{path}.tcpSocket.port"), tcp, errors);
    }
    if given.other {
        one_more("grpc", errors);
    }
    if count == 0 {
        errors.required(path, "must specify a handler type");
    }
}

/// `once`: a liveness or startup probe, which one success must satisfy.
pub(super) fn probe(path: &str, probe: Option<&Probe>, once: bool, errors: &mut Errors) {
    let Some(probe) = probe else { return };
    let empty = Vec::new();
    let given = Handlers {
        exec: probe.exec.as_ref().map(|e| e.command.as_ref().unwrap_or(&empty)),
        http: probe.http_get.as_ref().map(|h| (&h.path, &h.port, &h.scheme)),
        tcp: probe.tcp_socket.as_ref().map(|t| &t.port),
        other: probe.grpc.is_some(),
    };
    handlers(path, &given, errors);
    for (field, value) in [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ] {
        errors.at_least_zero(&format!("{path}.{field}"), value.unwrap_or(0));
    }
    if let Some(seconds) = probe.termination_grace_period_seconds.filter(|s| *s <= 0) {
        errors.invalid(
            &format!("{path}.terminationGracePeriodSeconds"),
            &seconds.to_string(),
            "must be greater than 0",
        );
    }
    if let Some(threshold) = probe.success_threshold.filter(|t| once && *t != 1) {
        errors.invalid(&format!("{path}.successThreshold"), &threshold.to_string(), "must be 1");
    }
}

pub(super) fn lifecycle(path: &str, lifecycle: Option<&Lifecycle>, errors: &mut Errors) {
    let Some(lifecycle) = lifecycle else { return };
    let empty = Vec::new();
    for (field, handler) in [("postStart", &lifecycle.post_start), ("preStop", &lifecycle.pre_stop)] {
        let Some(handler) = handler else { continue };
        let given = Handlers {
            exec: handler.exec.as_ref().map(|e| e.command.as_ref().unwrap_or(&empty)),
            http: handler.http_get.as_ref().map(|h| (&h.path, &h.port, &h.scheme)),
            tcp: handler.tcp_socket.as_ref().map(|t| &t.port),
            other: handler.sleep.is_some(),
        };
        handlers(&format!("{path}.{field}"), &given, errors);
    }
}
