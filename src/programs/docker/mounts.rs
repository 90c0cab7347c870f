//! What `-v`, `--mount` and `--tmpfs` mean, and what the client says to those that mean nothing (docker/cli:
//! opts/mount.go, cli/compose/loader/volume.go). Pure.

/// One `--mount`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mount {
    /// `volume`, `bind` or `tmpfs`, as written.
    pub kind: String,
    pub source: String,
    pub target: String,
    pub read_only: bool,
}

/// Options that stand without a value.
const SWITCHES: &[&str] = &["readonly", "ro", "volume-nocopy", "bind-nonrecursive"];
/// Options that are known and change nothing here.
const KNOWN: &[&str] = &[
    "consistency",
    "bind-propagation",
    "bind-nonrecursive",
    "bind-recursive",
    "volume-nocopy",
    "volume-subpath",
    "volume-label",
    "volume-driver",
    "volume-opt",
    "tmpfs-size",
    "tmpfs-mode",
    "image-subpath",
];

/// Reads `type=bind,source=/a,target=/b,readonly`.
///
/// # Errors
/// What the client says behind `invalid argument … for "--mount" flag: `.
pub fn parse(text: &str) -> Result<Mount, String> {
    if text.is_empty() {
        return Err("EOF".to_owned());
    }
    let mut mount = Mount { kind: "volume".to_owned(), ..Mount::default() };
    let mut options = Vec::new();
    for field in text.split(',') {
        let (key, value) = match field.split_once('=') {
            Some((key, value)) => (key.to_lowercase(), Some(value)),
            None => (field.to_lowercase(), None),
        };
        if value.is_none() && !SWITCHES.contains(&key.as_str()) {
            return Err(format!("invalid field '{field}' must be a key=value pair"));
        }
        let given = value.unwrap_or("true");
        match key.as_str() {
            "type" => mount.kind = given.to_lowercase(),
            "source" | "src" => given.clone_into(&mut mount.source),
            "target" | "dst" | "destination" => given.clone_into(&mut mount.target),
            "readonly" | "ro" => mount.read_only = boolean(&key, given)?,
            "tmpfs-size" if super::format::parse_bytes(given).is_none() => {
                return Err(format!("invalid value for {key}: {given}"));
            }
            known if KNOWN.contains(&known) => options.push(key),
            _ => return Err(format!("unexpected key '{key}' in '{field}'")),
        }
    }
    if mount.kind.is_empty() {
        return Err("type is required".to_owned());
    }
    if mount.target.is_empty() {
        return Err("target is required".to_owned());
    }
    for family in ["volume", "bind", "tmpfs", "image"] {
        if mount.kind != family && options.iter().any(|o| o.starts_with(&format!("{family}-"))) {
            return Err(format!("cannot mix '{family}-*' options with mount type '{}'", mount.kind));
        }
    }
    Ok(mount)
}

fn boolean(key: &str, value: &str) -> Result<bool, String> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!("invalid value for {key}: {value}")),
    }
}

/// What is wrong with a `-v` that the client can see.
pub fn refusal_of_volume(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("invalid empty volume spec".to_owned());
    }
    if text.matches(':').count() > 2 {
        return Some(format!("invalid spec: {text}: too many colons"));
    }
    let empty = text.contains(':') && text.split(':').any(str::is_empty);
    empty.then(|| format!("invalid spec: {text}: empty section between colons"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, &str>) {
        let got = parse(text).map(|m| format!("{} {} {} {}", m.kind, m.source, m.target, m.read_only));
        assert_eq!(got, expect.map(str::to_owned).map_err(str::to_owned), "{text}");
    }

    #[test]
    fn mounts() {
        check("type=bind,src=/a,dst=/b,ro", Ok("bind /a /b true"));
        check("source=vol,target=/b", Ok("volume vol /b false"));
        check("foo", Err("invalid field 'foo' must be a key=value pair"));
        check("type=volume,foo=bar", Err("unexpected key 'foo' in 'foo=bar'"));
        check("type=bind", Err("target is required"));
        check(
            "type=bind,source=/a,target=/b,volume-nocopy",
            Err("cannot mix 'volume-*' options with mount type 'bind'"),
        );
        assert_eq!(
            refusal_of_volume("/a:").as_deref(),
            Some("invalid spec: /a:: empty section between colons")
        );
        assert_eq!(refusal_of_volume("/a:/b:ro"), None);
    }
}
