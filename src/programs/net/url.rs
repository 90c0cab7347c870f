//! URLs as curl and wget take them from people: without a scheme, with a port, with a user. Must never resolve.

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    pub scheme: String,
    pub user: Option<String>,
    pub host: String,
    /// The port as written, if it was.
    pub explicit_port: Option<u16>,
    /// Path and query, from `/`.
    pub target: String,
}

/// Why a text is no URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadUrl {
    Malformed,
    /// The port is no number below 65536.
    Port,
    /// The host name has no characters, or impossible ones.
    Host,
}

impl Url {
    /// Reads a URL.
    pub fn parse(text: &str) -> Result<Url, BadUrl> {
        if text.is_empty() || text.contains(char::is_whitespace) {
            return Err(BadUrl::Malformed);
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => ("http".to_owned(), text),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = match rest.find(['/', '?']) {
            Some(at) => (&rest[..at], &rest[at..]),
            None => (rest, "/"),
        };
        let target = if target.starts_with('?') { format!("/{target}") } else { target.to_owned() };
        let (user, authority) = match authority.rsplit_once('@') {
            Some((user, rest)) => (Some(user.to_owned()), rest),
            None => (None, authority),
        };
        let (host, port) = split_port(authority)?;
        if host.is_empty() || host.contains(['<', '>', '{', '}', '|', '^', '`', '"']) {
            return Err(BadUrl::Host);
        }
        Ok(Url { scheme, user, host: host.to_owned(), explicit_port: port, target })
    }

    /// The port it means.
    pub fn port(&self) -> u16 {
        self.explicit_port.unwrap_or(if self.is_tls() { 443 } else { 80 })
    }

    /// Whether the client speaks TLS.
    pub fn is_tls(&self) -> bool {
        self.scheme == "https"
    }

    /// The value of the `Host` header.
    pub fn host_header(&self) -> String {
        match self.explicit_port {
            Some(port) if port != if self.is_tls() { 443 } else { 80 } => format!("{}:{port}", self.host),
            _ => self.host.clone(),
        }
    }

    /// The URL as one text.
    pub fn text(&self) -> String {
        let port = self.explicit_port.map(|p| format!(":{p}")).unwrap_or_default();
        format!("{}://{}{port}{}", self.scheme, self.host, self.target)
    }

    /// Where a `Location` header leads from here.
    pub fn follow(&self, location: &str) -> Result<Url, BadUrl> {
        if location.contains("://") {
            return Url::parse(location);
        }
        if let Some(rest) = location.strip_prefix("//") {
            return Url::parse(&format!("{}://{rest}", self.scheme));
        }
        let mut next = self.clone();
        next.target = match location.strip_prefix('/') {
            Some(_) => location.to_owned(),
            None => {
                let dir = self.target.split('?').next().unwrap_or("/");
                let dir = &dir[..dir.rfind('/').map_or(0, |i| i + 1)];
                format!("{dir}{location}")
            }
        };
        Ok(next)
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), BadUrl> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or(BadUrl::Malformed)?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port.parse().map_err(|_| BadUrl::Port)?))),
            None => Ok((host, None)),
        };
    }
    match authority.split_once(':') {
        Some((host, "")) => Ok((host, None)),
        Some((host, port)) => Ok((host, Some(port.parse().map_err(|_| BadUrl::Port)?))),
        None => Ok((authority, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        let check = |text: &str, expect: &str| {
            let got = Url::parse(text).map(|u| format!("{} {} {} {}", u.scheme, u.host, u.port(), u.target));
            assert_eq!(got.unwrap_or_else(|e| format!("{e:?}")), expect, "for {text}");
        };
        check("localhost:8080", "http localhost 8080 /");
        check("https://1.2.3.4:31000/a?b#c", "https 1.2.3.4 31000 /a?b");
        check("http://user:pw@host?x", "http host 80 /?x");
        check("http://host:port/", "Port");
        check("http://<EXTERNAL_IP>:8080", "Host");
        check("http://", "Host");
    }
}
