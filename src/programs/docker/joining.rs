//! What `-p`, `--network` and its companions say: the ports that are published, and the networks that are joined. Pure.

use crate::machine::docker::host::{Joined, PortBinding};

use super::flags::Parsed;

/// The longest range of ports in one `-p`.
const RANGE_LIMIT: u16 = 100;

/// The networks of `--network`, the first with what `--network-alias` and `--ip` say (docker/cli: parseNetworkOpts).
pub fn networks(parsed: &Parsed) -> Result<Vec<Joined>, String> {
    let mut all: Vec<Joined> = parsed.all("network").iter().map(|text| joined(text)).collect();
    let own = |network: &str| {
        !matches!(network, "" | "default" | "bridge" | "host" | "none") && !network.starts_with("container:")
    };
    if all.len() > 1 && all.iter().any(|joined| !own(&joined.network)) {
        return Err(
            "conflicting options: cannot attach both user-defined and non-user-defined network-modes"
                .to_owned(),
        );
    }
    let (aliases, address) = (parsed.all("network-alias"), parsed.get("ip").unwrap_or_default());
    if all.is_empty() {
        all.push(Joined::default());
    }
    let first = &mut all[0];
    if !aliases.is_empty() {
        if !first.aliases.is_empty() {
            return Err(
                "conflicting options: cannot specify both --network-alias and per-network alias".to_owned()
            );
        }
        first.aliases = aliases.to_vec();
    }
    if !address.is_empty() {
        address.clone_into(&mut first.address);
    }
    match all.iter().find(|joined| !joined.aliases.is_empty() && !own(&joined.network)) {
        Some(_) => Err("network-scoped aliases are only supported for user-defined networks".to_owned()),
        None => Ok(all),
    }
}

/// `NAME`, or `name=NAME,alias=ALIAS,ip=ADDRESS`.
fn joined(text: &str) -> Joined {
    let mut joined = Joined::default();
    if !text.contains('=') {
        text.clone_into(&mut joined.network);
        return joined;
    }
    for (key, value) in text.split(',').filter_map(|field| field.split_once('=')) {
        match key.trim() {
            "name" => value.clone_into(&mut joined.network),
            "alias" => joined.aliases.push(value.to_owned()),
            "ip" => value.clone_into(&mut joined.address),
            _ => {}
        }
    }
    joined
}

/// `[IP:][HOST:]CONTAINER[/PROTOCOL]`, with ranges, as go-connections/nat reads it.
pub fn port_bindings(text: &str) -> Result<Vec<PortBinding>, String> {
    let (ports, protocol) = text.rsplit_once('/').unwrap_or((text, "tcp"));
    if !matches!(protocol, "tcp" | "udp" | "sctp") {
        return Err(format!("invalid proto: {protocol}"));
    }
    let parts: Vec<&str> = ports.rsplitn(3, ':').collect();
    let (container, host, ip) = match parts.as_slice() {
        [container] => (*container, "", ""),
        [container, host] => (*container, *host, ""),
        [container, host, ip] => (*container, *host, *ip),
        _ => return Err(format!("invalid port: {text}")),
    };
    let ip = ip.trim_matches(['[', ']']);
    if !ip.is_empty() && ip.parse::<std::net::IpAddr>().is_err() {
        return Err(format!("invalid IP address: {ip}"));
    }
    if container.is_empty() {
        return Err(format!("no port specified: {text}<empty>"));
    }
    let (first, last) = range(container).ok_or_else(|| format!("invalid containerPort: {container}"))?;
    let hosts = if host.is_empty() {
        None
    } else {
        Some(range(host).ok_or_else(|| format!("invalid hostPort: {host}"))?)
    };
    if let Some((host_first, host_last)) = hosts
        && host_last - host_first != last - first
        && first != last
    {
        return Err(format!("invalid ranges specified for container and host Ports: {container} and {host}"));
    }
    if last - first > RANGE_LIMIT {
        return Err(format!("at most {RANGE_LIMIT} ports in one range: {container}"));
    }
    Ok((first..=last)
        .map(|port| PortBinding {
            host_ip: ip.to_owned(),
            host_port: hosts.map_or(0, |(host_first, _)| host_first + (port - first)),
            container_port: port,
            protocol: protocol.to_owned(),
        })
        .collect())
}

/// `8000` or `8000-8005`: the first and the last port.
pub(super) fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let got = match port_bindings(text) {
            Ok(all) => all
                .iter()
                .map(|b| format!("{}:{}->{}/{}", b.host_ip, b.host_port, b.container_port, b.protocol))
                .collect::<Vec<_>>()
                .join(" "),
            Err(error) => error,
        };
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn ports() {
        check("4000:80", ":4000->80/tcp");
        check("4000", ":0->4000/tcp");
        check("127.0.0.1:4002:80/udp", "127.0.0.1:4002->80/udp");
        check("8000-8001:80-81", ":8000->80/tcp :8001->81/tcp");
        check("abc:80", "invalid hostPort: abc");
        check("4000:eighty", "invalid containerPort: eighty");
        check("99999:80", "invalid hostPort: 99999");
        check("4000:80:90", "invalid IP address: 4000");
    }
}
