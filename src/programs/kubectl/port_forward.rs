//! `kubectl port-forward`: a listener on this machine that leads into a pod.

use super::context::Context;
use super::exec::running_id;
use super::fail::{Failure, Outcome};
use super::logs::pods_of;
use super::resource::{Info, Selection};
use super::template;
use crate::base::net::Refusal;
use crate::image::process::NetNsId;
use crate::world::http::{Exchange, HttpRequest};
use crate::world::network::Bind;
use crate::world::sockets::Listener;
use serde_json::Value;
use std::time::Duration;

struct Forward {
    listener: Listener,
    local: u16,
    remote: u16,
}

pub async fn run(cx: &Context) -> Outcome {
    if cx.args.len() < 2 {
        return Err(cx.usage("TYPE/NAME and list of ports are required for port-forward"));
    }
    let target = &cx.args[0];
    let word = if target.contains('/') { target.clone() } else { format!("pods/{target}") };
    let infos = Selection { args: vec![word], ..Selection::default() }.all_or_fail(cx).await?;
    let Some(info) = infos.into_iter().next() else { return Err(Failure::message("nothing was found")) };
    let pod = pod_of(cx, &info).await?;
    let ports: Outcome<Vec<(u16, u16)>> = cx.args[1..].iter().map(|text| ports(text, &info, &pod)).collect();
    let ports = ports?;
    let phase = pod.pointer("/status/phase").and_then(Value::as_str).unwrap_or_default();
    if phase != "Running" {
        return Err(Failure::Message(format!(
            "unable to forward port because pod is not running. Current status={phase}"
        )));
    }
    for address in cx.flags.list("address") {
        if address != "localhost" && address.parse::<std::net::IpAddr>().is_err() {
            return Err(Failure::Message(format!("{address} is not a valid IP")));
        }
    }
    let netns = netns(cx, &pod).ok_or_else(|| {
        Failure::message("unable to forward port because pod is not running. Current status=Pending")
    })?;
    let mut forwards = Vec::new();
    for (local, remote) in ports {
        let wanted = if local == 0 { any_port(cx) } else { local };
        let Ok(listener) = cx.sys.listen(wanted, Bind::Loopback) else {
            let each = |family: &str, address: &str| {
                format!(
                    "unable to create listener: Error listen {family} {address}:{local}: bind: address already in use"
                )
            };
            cx.errln(format!("Unable to listen on port {local}: Listeners failed to create with the following errors: [{} {}]", each("tcp4", "127.0.0.1"), each("tcp6", "[::1]"))).await;
            return Err(Failure::Message(format!(
                "unable to listen on any of the requested ports: [{{{local} {remote}}}]"
            )));
        };
        let local = listener.port;
        cx.outln(format!("Forwarding from 127.0.0.1:{local} -> {remote}")).await;
        cx.outln(format!("Forwarding from [::1]:{local} -> {remote}")).await;
        forwards.push(Forward { listener, local, remote });
    }
    let serving: Vec<_> = forwards.iter().map(|forward| Box::pin(serve(cx, forward, &netns))).collect();
    let gone = Box::pin(until_gone(cx, &netns));
    match futures_util::future::select(futures_util::future::select_all(serving), gone).await {
        futures_util::future::Either::Left(((result, _, _), _)) => result,
        futures_util::future::Either::Right(_) => Err(Failure::message("lost connection to pod")),
    }
}

/// What the kernel gives who asks for port 0.
fn any_port(cx: &Context) -> u16 {
    const FIRST: u64 = 33_000;
    const LAST: u64 = 60_999;
    let mut draw = cx.sys.stream(&format!("kubectl/port-forward/{}", cx.sys.me.0));
    (FIRST + draw.below(LAST - FIRST)) as u16
}

async fn pod_of(cx: &Context, info: &Info) -> Outcome<Value> {
    if info.resource.kind == "Pod" {
        return Ok(info.object().clone());
    }
    let pods = pods_of(cx, info).await?;
    pods.into_iter().next().ok_or_else(|| Failure::message("timed out waiting for the condition"))
}

fn netns(cx: &Context, pod: &Value) -> Option<NetNsId> {
    let containers = pod.pointer("/spec/containers")?.as_array()?;
    let ids = containers.iter().filter_map(|container| running_id(pod, container["name"].as_str()?));
    let ids: Vec<_> = ids.collect();
    cx.sys.view(|w| ids.iter().find_map(|id| Some(w.hosts.get(w.container_hosts.get(id)?)?.netns.clone())))
}

/// `[LOCAL:]REMOTE`, with a service's port translated to the container's.
fn ports(text: &str, info: &Info, pod: &Value) -> Outcome<(u16, u16)> {
    let (local, remote) = match text.split(':').collect::<Vec<_>>().as_slice() {
        [one] => (*one, *one),
        [local, remote] => (*local, *remote),
        _ => return Err(Failure::Message(format!("invalid port format '{text}'"))),
    };
    let remote_number = match remote.parse::<u64>() {
        Ok(number) if info.resource.kind == "Service" => service_port(info, pod, number)?,
        Ok(number) => number,
        Err(_) => named_port(info, pod, remote)?,
    };
    let local = match local {
        "" => 0,
        text if text == remote => text.parse().unwrap_or(remote_number),
        text => number(text, "local")?,
    };
    let local = number(&local.to_string(), "local")?;
    let remote = number(&remote_number.to_string(), "remote")?;
    if remote == 0 {
        return Err(Failure::message("remote port must be > 0"));
    }
    Ok((local as u16, remote as u16))
}

fn number(text: &str, side: &str) -> Outcome<u64> {
    match text.parse::<u64>() {
        Ok(number) if u16::try_from(number).is_ok() => Ok(number),
        Ok(_) => Err(Failure::Message(format!(
            "error parsing {side} port '{text}': strconv.ParseUint: parsing {text:?}: value out of range"
        ))),
        Err(_) => Err(Failure::Message(format!(
            "error parsing {side} port '{text}': strconv.ParseUint: parsing {text:?}: invalid syntax"
        ))),
    }
}

fn service_port(info: &Info, pod: &Value, number: u64) -> Outcome<u64> {
    let ports = info.object().pointer("/spec/ports").and_then(Value::as_array);
    let Some(port) = ports.into_iter().flatten().find(|port| port["port"].as_u64() == Some(number)) else {
        return Err(Failure::Message(format!("Service {} does not have a service port {number}", info.name)));
    };
    if info.object().pointer("/spec/clusterIP").and_then(Value::as_str) == Some("None") {
        return Ok(number);
    }
    match &port["targetPort"] {
        Value::Number(target) => Ok(target.as_u64().unwrap_or(number)),
        Value::String(name) => container_port(pod, name).ok_or_else(|| {
            Failure::Message(format!("Pod '{}' does not have a named port '{name}'", pod_name(pod)))
        }),
        _ => Ok(number),
    }
}

fn named_port(info: &Info, pod: &Value, name: &str) -> Outcome<u64> {
    if info.resource.kind == "Service" {
        let ports = info.object().pointer("/spec/ports").and_then(Value::as_array);
        let found = ports
            .into_iter()
            .flatten()
            .find(|port| port["name"] == name)
            .and_then(|port| port["port"].as_u64());
        return match found {
            Some(number) => service_port(info, pod, number),
            None => {
                Err(Failure::Message(format!("Service '{}' does not have a named port '{name}'", info.name)))
            }
        };
    }
    container_port(pod, name).ok_or_else(|| {
        Failure::Message(format!("Pod '{}' does not have a named port '{name}'", pod_name(pod)))
    })
}

fn pod_name(pod: &Value) -> &str {
    pod.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}

fn container_port(pod: &Value, name: &str) -> Option<u64> {
    let containers = template::pod_spec(pod).or_else(|| pod.get("spec"))?.get("containers")?.as_array()?;
    let ports = containers.iter().filter_map(|container| container.get("ports")?.as_array()).flatten();
    ports.into_iter().find(|port| port["name"] == name)?.get("containerPort")?.as_u64()
}

async fn serve(cx: &Context, forward: &Forward, netns: &NetNsId) -> Outcome {
    loop {
        let exchange = forward.listener.accept().await;
        cx.outln(format!("Handling connection for {}", forward.local)).await;
        hand_over(cx, forward, netns, exchange).await?;
    }
}

async fn hand_over(cx: &Context, forward: &Forward, netns: &NetNsId, exchange: Exchange) -> Outcome {
    let request = HttpRequest { host: "127.0.0.1".into(), port: forward.remote, ..exchange.request.clone() };
    match cx.sys.http_from(netns.clone(), request).await {
        Ok(response) => {
            exchange.respond(response);
            Ok(())
        }
        Err(refusal) => {
            let (local, remote) = (forward.local, forward.remote);
            let cause = format!(
                "failed to connect to localhost:{remote} inside namespace \"{}\", IPv4: dial tcp4 127.0.0.1:{remote}: connect: connection refused",
                netns.0
            );
            let text = format!(
                "an error occurred forwarding {local} -> {remote}: error forwarding port {remote} to pod, uid : failed to execute portforward in network namespace: {cause}"
            );
            cx.klog("E", "portforward.go:424", &format!("\"Unhandled Error\" err={text:?}")).await;
            exchange.fail(if refusal == Refusal::Refused { Refusal::EmptyReply } else { refusal });
            Err(Failure::message("lost connection to pod"))
        }
    }
}

/// Waits until the pod's network is gone.
async fn until_gone(cx: &Context, netns: &NetNsId) {
    const PAUSE: Duration = Duration::from_millis(500);
    loop {
        let alive = cx
            .sys
            .view(|w| w.hosts.values().any(|host| host.netns == *netns && host.first_process.is_some()));
        if !alive {
            return;
        }
        let epoch = cx.sys.view(crate::world::World::epoch);
        cx.sys.changed(epoch).await;
        cx.sys.sleep(PAUSE).await;
    }
}
