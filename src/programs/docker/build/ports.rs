//! The ports of EXPOSE, as BuildKit reads them (frontend/dockerfile/dockerfile2llb/convert_expose.go). Pure.

use crate::programs::docker::format::quote;
use crate::programs::docker::joining::range;

/// The ports that one word declares, each `80/tcp`. The error is BuildKit's sentence.
pub fn exposed(word: &str) -> Result<Vec<String>, String> {
    let mut parts = word.rsplitn(3, ':');
    let container = parts.next().unwrap_or_default();
    let (host, ip) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (numbers, protocol) = container.split_once('/').unwrap_or((container, ""));
    let invalid = |why: &str| Err(format!("invalid port: {}: {why}", quote(word)));
    if numbers.is_empty() {
        return invalid("no port specified");
    }
    let lower = protocol.to_lowercase();
    let protocol = match lower.as_str() {
        "" => "tcp",
        "tcp" | "udp" | "sctp" => &lower,
        _ => return invalid(&format!("invalid proto: {protocol}")),
    };
    let address = ip.trim_start_matches('[').trim_end_matches(']');
    if !address.is_empty() && address.parse::<std::net::IpAddr>().is_err() {
        return Err(format!("invalid IP address: {ip}"));
    }
    let (first, last) = range(numbers).ok_or_else(|| format!("invalid containerPort: {numbers}"))?;
    if !host.is_empty() {
        let (start, end) = range(host).ok_or_else(|| format!("invalid hostPort: {host}"))?;
        if end - start != last - first && first != last {
            return Err(format!(
                "invalid ranges specified for container and host Ports: {numbers} and {host}"
            ));
        }
    }
    Ok((first..=last).map(|port| format!("{port}/{protocol}")).collect())
}

#[cfg(test)]
mod tests {
    use super::exposed;

    #[test]
    fn ports_as_buildkit_reads_them() {
        let good = |word: &str| exposed(word).expect(word).join(" ");
        assert_eq!(good("80"), "80/tcp");
        assert_eq!(good("53/UDP"), "53/udp");
        assert_eq!(good("8000-8002"), "8000/tcp 8001/tcp 8002/tcp");
        assert_eq!(good("127.0.0.1:8080:80"), "80/tcp");
        let bad = |word: &str| exposed(word).expect_err(word);
        assert_eq!(bad("eighty"), "invalid containerPort: eighty");
        assert_eq!(bad("99999"), "invalid containerPort: 99999");
        assert_eq!(bad("80/foo"), "invalid port: \"80/foo\": invalid proto: foo");
        assert_eq!(bad("/tcp"), "invalid port: \"/tcp\": no port specified");
        assert_eq!(bad("a:80"), "invalid hostPort: a");
    }
}
