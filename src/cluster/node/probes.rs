//! Startup, readiness and liveness probes of one container: when the next one is due, what a result changes, and the
//! sentence of a failure. Sends nothing itself; as kubelet's prober/worker.go.

use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::base::time::SimTime;
use crate::image::process::{ProbeAction, ProbeResult};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeKind {
    Startup,
    Readiness,
    Liveness,
}

impl ProbeKind {
    /// As the Unhealthy event begins.
    pub fn word(self) -> &'static str {
        match self {
            ProbeKind::Startup => "Startup",
            ProbeKind::Readiness => "Readiness",
            ProbeKind::Liveness => "Liveness",
        }
    }

    /// The verdict before the first probe.
    fn initial(self) -> bool {
        self == ProbeKind::Liveness
    }
}

/// One probe of one container.
#[derive(Debug)]
struct Prober {
    kind: ProbeKind,
    spec: Probe,
    /// The verdict that counts, after thresholds.
    verdict: bool,
    last: Option<bool>,
    in_a_row: i32,
    /// Waits for a new instance: a liveness probe that failed, a startup probe that is decided.
    on_hold: bool,
    next: Option<SimTime>,
    /// The token of the probe that is under way.
    pending: Option<u64>,
}

/// The probes of one container.
#[derive(Debug)]
pub struct Probes {
    probers: Vec<Prober>,
    ports: Vec<(String, u16)>,
}

/// What a probe's result changed.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    pub kind: ProbeKind,
    /// The new verdict, when it differs from the one before.
    pub changed: Option<bool>,
    /// The failure's sentence for the Unhealthy event.
    pub complaint: Option<String>,
    /// The container is to be restarted.
    pub kill: bool,
}

impl Probes {
    pub fn new(container: &Container) -> Probes {
        let specs = [
            (ProbeKind::Startup, &container.startup_probe),
            (ProbeKind::Readiness, &container.readiness_probe),
            (ProbeKind::Liveness, &container.liveness_probe),
        ];
        let probers = specs.into_iter().filter_map(|(kind, spec)| {
            let spec = spec.clone()?;
            Some(Prober {
                kind,
                spec,
                verdict: kind.initial(),
                last: None,
                in_a_row: 0,
                on_hold: false,
                next: None,
                pending: None,
            })
        });
        let ports = container
            .ports
            .iter()
            .flatten()
            .filter_map(|p| Some((p.name.clone()?, u16::try_from(p.container_port).ok()?)));
        Probes { probers: probers.collect(), ports: ports.collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.probers.is_empty()
    }

    fn verdict(&self, kind: ProbeKind) -> Option<bool> {
        self.probers.iter().find(|p| p.kind == kind).map(|p| p.verdict)
    }

    /// The startup probe succeeded or there is none.
    pub fn is_started(&self) -> bool {
        self.verdict(ProbeKind::Startup).unwrap_or(true)
    }

    /// Started, and the readiness probe succeeded or there is none.
    pub fn is_ready(&self) -> bool {
        self.is_started() && self.verdict(ProbeKind::Readiness).unwrap_or(true)
    }

    /// A new instance runs: everything begins anew.
    pub fn reset(&mut self) {
        for p in &mut self.probers {
            p.verdict = p.kind.initial();
            (p.last, p.in_a_row, p.on_hold, p.next, p.pending) = (None, 0, false, None, None);
        }
    }

    /// The kubelet looked at the pod and found the container running: probes that are not satisfied yet are tried
    /// now, and the tickers start (manualTriggerCh).
    pub fn trigger(&mut self, now: SimTime) {
        for p in &mut self.probers {
            let eager = p.kind != ProbeKind::Liveness && !p.verdict;
            if p.next.is_none() {
                let wait = if eager { Duration::ZERO } else { period(&p.spec) };
                p.next = Some(now + wait);
            } else if eager && p.pending.is_none() {
                p.next = Some(now);
            }
        }
    }

    /// When the next probe is due.
    pub fn next_due(&self) -> Option<SimTime> {
        let open = self.probers.iter().filter(|p| !p.on_hold && p.pending.is_none());
        open.filter(|p| self.applies(p.kind)).filter_map(|p| p.next).min()
    }

    /// Readiness and liveness wait for the startup probe; the startup probe ends with success.
    fn applies(&self, kind: ProbeKind) -> bool {
        (kind == ProbeKind::Startup) != self.is_started()
    }

    /// The probes to send now; each is marked as under way with a token from `token`.
    pub fn take_due(
        &mut self,
        now: SimTime,
        running_since: SimTime,
        ip: &str,
        mut token: impl FnMut() -> u64,
    ) -> Vec<(u64, ProbeAction, Duration)> {
        let started = self.is_started();
        let ports = self.ports.clone();
        let mut due = Vec::new();
        for p in &mut self.probers {
            let applies = (p.kind == ProbeKind::Startup) != started;
            let is_due = p.next.is_some_and(|at| at <= now);
            if p.on_hold || p.pending.is_some() || !is_due || !applies {
                continue;
            }
            p.next = Some(now + period(&p.spec));
            let delay = u64::try_from(p.spec.initial_delay_seconds.unwrap_or(0)).unwrap_or(0);
            if now.since(running_since).as_secs() < delay {
                continue;
            }
            if let Some(action) = action(&p.spec, ip, &ports) {
                let token = token();
                p.pending = Some(token);
                due.push((token, action, timeout(&p.spec)));
            }
        }
        due
    }

    /// Takes a result; `None` when nobody waits for it any more.
    pub fn result(&mut self, token: u64, result: &ProbeResult, ip: &str) -> Option<Verdict> {
        let ports = self.ports.clone();
        let p = self.probers.iter_mut().find(|p| p.pending == Some(token))?;
        p.pending = None;
        let complaint = complaint(result, action(&p.spec, ip, &ports).as_ref(), timeout(&p.spec));
        let ok = complaint.is_none();
        p.in_a_row = if p.last == Some(ok) { p.in_a_row + 1 } else { 1 };
        p.last = Some(ok);
        let threshold =
            if ok { p.spec.success_threshold.unwrap_or(1) } else { p.spec.failure_threshold.unwrap_or(3) };
        let mut verdict = Verdict { kind: p.kind, changed: None, complaint, kill: false };
        if p.in_a_row < threshold {
            return Some(verdict);
        }
        let before = std::mem::replace(&mut p.verdict, ok);
        verdict.changed = (before != ok).then_some(ok);
        verdict.kill = !ok && p.kind != ProbeKind::Readiness;
        if verdict.kill || p.kind == ProbeKind::Startup {
            p.on_hold = true;
            p.in_a_row = 0;
        }
        Some(verdict)
    }

    /// The grace period for a container that this probe condemned.
    pub fn grace_seconds(&self, kind: ProbeKind) -> Option<i64> {
        self.probers.iter().find(|p| p.kind == kind)?.spec.termination_grace_period_seconds
    }
}

fn seconds(value: Option<i32>, default: u64) -> Duration {
    Duration::from_secs(value.and_then(|s| u64::try_from(s).ok()).filter(|s| *s > 0).unwrap_or(default))
}

fn period(spec: &Probe) -> Duration {
    seconds(spec.period_seconds, 10)
}

fn timeout(spec: &Probe) -> Duration {
    seconds(spec.timeout_seconds, 1)
}

fn action(spec: &Probe, ip: &str, ports: &[(String, u16)]) -> Option<ProbeAction> {
    if let Some(exec) = &spec.exec {
        return Some(ProbeAction::Exec { argv: exec.command.clone().unwrap_or_default() });
    }
    let host =
        |given: &Option<String>| given.clone().filter(|h| !h.is_empty()).unwrap_or_else(|| ip.to_owned());
    if let Some(http) = &spec.http_get {
        return Some(ProbeAction::Http {
            host: host(&http.host),
            port: resolve_port(&http.port, ports)?,
            path: http.path.clone().unwrap_or_else(|| "/".to_owned()),
            scheme: http.scheme.clone().unwrap_or_else(|| "HTTP".to_owned()),
            headers: http.http_headers.iter().flatten().map(|h| (h.name.clone(), h.value.clone())).collect(),
        });
    }
    if let Some(tcp) = &spec.tcp_socket {
        return Some(ProbeAction::Tcp { host: host(&tcp.host), port: resolve_port(&tcp.port, ports)? });
    }
    let grpc = spec.grpc.as_ref()?;
    Some(ProbeAction::Tcp { host: ip.to_owned(), port: u16::try_from(grpc.port).ok()? })
}

/// A number, or the name of one of the container's ports.
pub fn resolve_port(port: &IntOrString, ports: &[(String, u16)]) -> Option<u16> {
    match port {
        IntOrString::Int(n) => u16::try_from(*n).ok(),
        IntOrString::String(name) => match name.parse() {
            Ok(number) => Some(number),
            Err(_) => ports.iter().find(|(n, _)| n == name).map(|(_, p)| *p),
        },
    }
}

/// The failure's sentence, `None` for a success. HTTP succeeds with 200 to 399.
fn complaint(result: &ProbeResult, action: Option<&ProbeAction>, timeout: Duration) -> Option<String> {
    match (result, action) {
        (ProbeResult::Ok, _) => None,
        (ProbeResult::HttpStatus { code, .. }, _) => match code {
            200..=399 => None,
            code => Some(format!("HTTP probe failed with statuscode: {code}")),
        },
        (ProbeResult::ExecFailed { output, .. }, _) => Some(output.clone()),
        (ProbeResult::ConnectionRefused, Some(ProbeAction::Http { host, port, path, scheme, .. })) => {
            Some(format!(
                "Get \"{}://{host}:{port}{path}\": dial tcp {host}:{port}: connect: connection refused",
                scheme.to_lowercase()
            ))
        }
        (ProbeResult::ConnectionRefused, Some(ProbeAction::Tcp { host, port })) => {
            Some(format!("dial tcp {host}:{port}: connect: connection refused"))
        }
        (ProbeResult::Timeout, Some(ProbeAction::Http { host, port, path, scheme, .. })) => Some(format!(
            "Get \"{}://{host}:{port}{path}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
            scheme.to_lowercase()
        )),
        (ProbeResult::Timeout, Some(ProbeAction::Tcp { host, port })) => {
            Some(format!("dial tcp {host}:{port}: i/o timeout"))
        }
        (ProbeResult::Timeout, Some(ProbeAction::Exec { argv })) => {
            Some(format!("command timed out: {:?} timed out after {}s", argv.join(" "), timeout.as_secs()))
        }
        (ProbeResult::ConnectionRefused | ProbeResult::Timeout, _) => Some(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::HTTPGetAction;

    use super::*;

    fn probes(kind: ProbeKind, failure_threshold: i32) -> Probes {
        let probe = Some(Probe {
            http_get: Some(HTTPGetAction {
                port: IntOrString::Int(80),
                path: Some("/".into()),
                ..Default::default()
            }),
            period_seconds: Some(5),
            initial_delay_seconds: Some(3),
            failure_threshold: Some(failure_threshold),
            ..Default::default()
        });
        let mut container = Container::default();
        match kind {
            ProbeKind::Startup => container.startup_probe = probe,
            ProbeKind::Readiness => container.readiness_probe = probe,
            ProbeKind::Liveness => container.liveness_probe = probe,
        }
        Probes::new(&container)
    }

    /// Runs the probes for `seconds` of virtual time against an app that answers with `code` and shows when each was
    /// sent and what it changed.
    fn story(mut probes: Probes, code: u16, seconds: u64) -> Vec<String> {
        let mut told = Vec::new();
        let mut tokens = 0;
        probes.trigger(SimTime(0));
        for ms in (0..seconds * 1000).step_by(500) {
            let due = probes.take_due(SimTime(ms), SimTime(0), "10.4.0.5", || {
                tokens += 1;
                tokens
            });
            for (token, ..) in due {
                let result = ProbeResult::HttpStatus { code, body: String::new() };
                let verdict = probes.result(token, &result, "10.4.0.5").expect("a waiting probe");
                let changed = verdict.changed.map_or("same", |ok| if ok { "ok" } else { "bad" });
                told.push(format!("{}s {changed}{}", ms / 1000, if verdict.kill { " kill" } else { "" }));
            }
        }
        told
    }

    #[test]
    fn readiness_waits_for_its_delay_and_turns_with_the_first_success() {
        assert_eq!(story(probes(ProbeKind::Readiness, 3), 200, 12), ["5s ok", "10s same"]);
    }

    #[test]
    fn liveness_kills_at_its_threshold_and_then_holds() {
        assert_eq!(story(probes(ProbeKind::Liveness, 2), 503, 30), ["5s same", "10s bad kill"]);
    }

    #[test]
    fn a_refused_connection_is_told_as_the_http_client_tells_it() {
        let mut probes = probes(ProbeKind::Readiness, 1);
        probes.trigger(SimTime(0));
        let due = probes.take_due(SimTime(9000), SimTime(0), "10.4.0.5", || 7);
        assert_eq!(due.len(), 1);
        let verdict = probes.result(7, &ProbeResult::ConnectionRefused, "10.4.0.5");
        let expect = "Get \"http://10.4.0.5:80/\": dial tcp 10.4.0.5:80: connect: connection refused";
        assert_eq!(verdict.and_then(|v| v.complaint).as_deref(), Some(expect));
    }
}
