//! Image references: `[registry/]repository[:tag][@digest]`, with Docker Hub's defaults. Never resolves them.

use std::fmt;

use super::digest::Digest;

/// The registry that a reference without one means.
pub const DOCKER_HUB: &str = "docker.io";

const NAME_LIMIT: usize = 255;
const TAG_LIMIT: usize = 128;

/// A parsed image reference. `nginx` is `docker.io/library/nginx`; the tag stays `None` when none was typed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageRef {
    /// `docker.io`, `gcr.io`, `us-central1-docker.pkg.dev`, `localhost:5000` ...
    pub registry: String,
    /// The path inside the registry, e.g. `library/nginx`.
    pub repository: String,
    pub tag: Option<String>,
    pub digest: Option<Digest>,
}

/// Why a text is no image reference. `Display` is the sentence of the distribution library.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    #[error("invalid reference format")]
    Format,
    #[error("invalid reference format: repository name ({0}) must be lowercase")]
    Uppercase(String),
    #[error("repository name must not be longer than 255 characters")]
    TooLong,
}

impl ImageRef {
    /// Parses as docker does (`distribution/reference`, `ParseNormalizedNamed`). 64 hexadecimal digits are an
    /// id, not a name, and are refused.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(Digest::parse(digest).ok_or(ReferenceError::Format)?)),
            None => (text, None),
        };
        let (name, tag) = split_tag(rest);
        if tag.is_some_and(|t| !valid_tag(t)) {
            return Err(ReferenceError::Format);
        }
        if name.len() == 64 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(ReferenceError::Format);
        }
        let (registry, path) = split_registry(name);
        if path.bytes().any(|b| b.is_ascii_uppercase()) && valid_path(&path.to_ascii_lowercase()) {
            let official = registry == DOCKER_HUB && !path.contains('/');
            let shown = if official { format!("library/{path}") } else { path.to_owned() };
            return Err(ReferenceError::Uppercase(shown));
        }
        if !valid_path(path) || !valid_registry(registry) {
            return Err(ReferenceError::Format);
        }
        let official = registry == DOCKER_HUB && !path.contains('/');
        let repository = if official { format!("library/{path}") } else { path.to_owned() };
        if registry.len() + 1 + repository.len() > NAME_LIMIT {
            return Err(ReferenceError::TooLong);
        }
        Ok(ImageRef { registry: registry.to_owned(), repository, tag: tag.map(str::to_owned), digest })
    }

    /// The tag, `latest` when neither tag nor digest was given, empty for a pure digest reference.
    pub fn tag_or_latest(&self) -> &str {
        match (&self.tag, &self.digest) {
            (Some(tag), _) => tag,
            (None, None) => "latest",
            (None, Some(_)) => "",
        }
    }

    /// The same reference with `latest` filled in where neither tag nor digest stands.
    pub fn with_default_tag(mut self) -> Self {
        if self.tag.is_none() && self.digest.is_none() {
            self.tag = Some("latest".to_owned());
        }
        self
    }

    /// The full name without tag: `docker.io/library/nginx`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// The name as docker shows it: Hub's registry and `library/` are left out.
    pub fn familiar_name(&self) -> String {
        if self.registry != DOCKER_HUB {
            return self.name();
        }
        self.repository.strip_prefix("library/").unwrap_or(&self.repository).to_owned()
    }

    /// Name, tag and digest as docker shows them: `nginx:1.27`.
    pub fn familiar(&self) -> String {
        self.with_suffix(self.familiar_name())
    }

    /// Everything spelled out: `docker.io/library/nginx:1.27`.
    pub fn canonical(&self) -> String {
        self.with_suffix(self.name())
    }

    fn with_suffix(&self, mut name: String) -> String {
        if let Some(tag) = &self.tag {
            name.push(':');
            name.push_str(tag);
        }
        if let Some(digest) = &self.digest {
            name.push('@');
            name.push_str(digest.as_str());
        }
        name
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical())
    }
}

/// Splits the tag off: a colon after the last slash.
fn split_tag(text: &str) -> (&str, Option<&str>) {
    match text.rfind(':') {
        Some(colon) if !text[colon..].contains('/') => (&text[..colon], Some(&text[colon + 1..])),
        _ => (text, None),
    }
}

/// The first component is a registry when it has a dot or colon, is `localhost`, or has capitals.
fn split_registry(name: &str) -> (&str, &str) {
    match name.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.bytes().any(|b| b.is_ascii_uppercase()) =>
        {
            let first = if first == "index.docker.io" { DOCKER_HUB } else { first };
            (first, rest)
        }
        _ => (DOCKER_HUB, name),
    }
}

fn valid_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let bytes = tag.as_bytes();
    !bytes.is_empty()
        && bytes.len() <= TAG_LIMIT
        && word(bytes[0])
        && bytes.iter().all(|&b| word(b) || b == b'.' || b == b'-')
}

fn valid_registry(registry: &str) -> bool {
    let (host, port) = match registry.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (registry, None),
    };
    let label = |l: &str| {
        !l.is_empty()
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    host.split('.').all(label) && port.is_none_or(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// Components of lower-case letters and digits, separated inside by `.`, `_`, `__` or dashes.
fn valid_path(path: &str) -> bool {
    !path.is_empty() && path.split('/').all(valid_component)
}

fn valid_component(component: &str) -> bool {
    let alnum = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = component.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    if !alnum(first) || !alnum(last) {
        return false;
    }
    component
        .split(|c: char| alnum(c as u8) && c.is_ascii())
        .all(|separator| matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|b| b == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let got = match ImageRef::parse(text) {
            Ok(r) => format!("{} {}", r.clone().with_default_tag().canonical(), r.familiar()),
            Err(error) => format!("{error:?}"),
        };
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn references() {
        check("nginx", "docker.io/library/nginx:latest nginx");
        check("nginx:1.27", "docker.io/library/nginx:1.27 nginx:1.27");
        check(
            "kelseyhightower/monolith:1.0.0",
            "docker.io/kelseyhightower/monolith:1.0.0 kelseyhightower/monolith:1.0.0",
        );
        check("gcr.io/p/hello-node:v1", "gcr.io/p/hello-node:v1 gcr.io/p/hello-node:v1");
        check("localhost:5000/a", "localhost:5000/a:latest localhost:5000/a");
        check("a__b/c-d.e", "docker.io/a__b/c-d.e:latest a__b/c-d.e");
        check("Node-App", r#"Uppercase("library/Node-App")"#);
        check("node app", "Format");
        check("", "Format");
        check("a:", "Format");
        check("a/-b", "Format");
        check("a:b:c", "Format");
        check("a..b", "Format");
        check(&"a".repeat(64), "Format");
    }
}
