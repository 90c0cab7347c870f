//! What the client refuses in a flag's value before it asks the engine anything, in the words of the types behind its
//! flags (docker/cli: opts; docker/go-units). Never looks at more than the one value.

use super::command::Flag;
use super::{format, logs};

const ULIMITS: &[&str] = &[
    "as",
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

/// Why a flag does not take a value.
pub fn refusal(flag: &Flag, value: &str) -> Option<String> {
    match (flag.type_name, flag.long) {
        ("uint16" | "uint", _) if value.parse::<u64>().is_err() => Some(bad_number("ParseUint", value)),
        ("int", _) if value.parse::<i64>().is_err() => Some(bad_number("ParseInt", value)),
        ("filter", _) if !value.contains('=') => {
            Some("bad format of filter (expected name=value)".to_owned())
        }
        ("decimal", _) if value.parse::<f64>().is_err() => {
            Some(format!("failed to parse {value} as a rational number"))
        }
        ("bytes", _) if value == "-1" => None,
        ("bytes", _) => crate::machine::docker::size::complaint(value),
        ("duration", _) => duration(value),
        ("mount", _) => super::mounts::parse(value).err(),
        ("ulimit", _) => ulimit(value),
        ("list", "env") if value.is_empty() || value.starts_with('=') => {
            Some(format!("invalid environment variable: {value}"))
        }
        ("list", "label") if value.starts_with('=') => Some(format!("invalid label '{value}': empty name")),
        ("list", "tag") => crate::image::ImageRef::parse(value).err().map(|error| error.to_string()),
        ("list", "add-host") => add_host(value),
        ("list", "dns") if value.parse::<std::net::IpAddr>().is_err() => {
            Some(format!("IP address is not correctly formatted: {value}"))
        }
        ("list", "link") if value.is_empty() => Some("empty string specified for links".to_owned()),
        ("list", "link") if value.matches(':').count() > 1 => Some(format!("bad format for links: {value}")),
        ("list", "attach") if !["stdin", "stdout", "stderr"].contains(&value.to_lowercase().as_str()) => {
            Some("valid streams are STDIN, STDOUT and STDERR".to_owned())
        }
        ("list", "blkio-weight-device" | "device-read-bps" | "device-write-bps") if !value.contains(':') => {
            Some(format!("bad format: {value}"))
        }
        ("map", "sysctl") if !sysctl(value) => Some(format!("sysctl '{value}' is not allowed")),
        _ => None,
    }
}

pub fn bad_number(by: &str, value: &str) -> String {
    format!("strconv.{by}: parsing {}: invalid syntax", format::quote(value))
}

/// As Go's `time.ParseDuration`.
pub fn duration(value: &str) -> Option<String> {
    let digits = value.trim_start_matches(['-', '+']);
    if logs::go_duration(digits).is_some() || digits == "0" {
        return None;
    }
    let number_end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let shown = format::quote(value);
    Some(match (number_end, &digits[number_end..]) {
        (0, _) => format!("time: invalid duration {shown}"),
        (_, "") => format!("time: missing unit in duration {shown}"),
        (_, rest) => {
            let unit: String = rest.chars().take_while(|c| !c.is_ascii_digit() && *c != '.').collect();
            format!("time: unknown unit {} in duration {shown}", format::quote(&unit))
        }
    })
}

/// The kernel settings that have a namespace of their own.
fn sysctl(value: &str) -> bool {
    const KERNEL: &[&str] =
        &["msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced"];
    let Some((name, _)) = value.split_once('=') else { return false };
    name.starts_with("net.")
        || name.starts_with("fs.mqueue.")
        || name.strip_prefix("kernel.").is_some_and(|name| KERNEL.contains(&name))
}

fn ulimit(value: &str) -> Option<String> {
    let Some((name, limits)) = value.split_once('=') else {
        return Some(format!("invalid ulimit argument: {value}"));
    };
    if !ULIMITS.contains(&name) {
        return Some(format!("invalid ulimit type: {name}"));
    }
    let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
    match (soft.parse::<i64>(), hard.parse::<i64>()) {
        (Err(_), _) => Some(bad_number("ParseInt", soft)),
        (_, Err(_)) => Some(bad_number("ParseInt", hard)),
        (Ok(soft), Ok(hard)) if hard != -1 && soft > hard => {
            Some(format!("ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}"))
        }
        _ => None,
    }
}

fn add_host(value: &str) -> Option<String> {
    let Some((_, address)) = value.split_once(['=', ':']).filter(|(name, _)| !name.is_empty()) else {
        return Some(format!("bad format for add-host: {}", format::quote(value)));
    };
    let bare = address.trim_matches(['[', ']']);
    (address != "host-gateway" && bare.parse::<std::net::IpAddr>().is_err())
        .then(|| format!("invalid IP address in add-host: {}", format::quote(address)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::docker::command::Kind;

    fn check(long: &'static str, type_name: &'static str, value: &str, expect: Option<&str>) {
        let flag = Flag { short: None, long, kind: Kind::Text, type_name, about: "", hidden: false };
        assert_eq!(refusal(&flag, value).as_deref(), expect, "--{long} {value}");
    }

    #[test]
    fn values_are_refused_in_the_words_of_their_types() {
        check("memory", "bytes", "10m", None);
        check("memory", "bytes", "abc", Some("invalid size: 'abc'"));
        check("memory", "bytes", "1x", Some("invalid suffix: 'x'"));
        check("health-interval", "duration", "1m30s", None);
        check("health-interval", "duration", "5", Some("time: missing unit in duration \"5\""));
        check("health-interval", "duration", "x", Some("time: invalid duration \"x\""));
        check("ulimit", "ulimit", "nofile=1024:2048", None);
        check("ulimit", "ulimit", "foo=1", Some("invalid ulimit type: foo"));
        check("add-host", "list", "db:10.0.0.1", None);
        check("add-host", "list", "x:y", Some("invalid IP address in add-host: \"y\""));
        check("blkio-weight", "uint16", "x", Some("strconv.ParseUint: parsing \"x\": invalid syntax"));
    }
}
