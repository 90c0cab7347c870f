//! The project's firewall rules, and what they let in from the Internet.

use crate::base::SimTime;

/// A rule for incoming traffic of the default network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// `INGRESS` or `EGRESS`.
    pub direction: String,
    /// Lower numbers win.
    pub priority: u32,
    /// `tcp:31000`, `tcp:80-90`, `icmp`, `all`; what it is about.
    pub protocols: Vec<String>,
    /// Whether it allows; otherwise it denies.
    pub allow: bool,
    /// Source ranges.
    pub sources: Vec<String>,
    /// Instances with one of these tags; empty: all.
    pub target_tags: Vec<String>,
    /// Senders with one of these tags; with them alone, nobody outside is meant.
    pub source_tags: Vec<String>,
    /// Whether it is switched off.
    pub disabled: bool,
    /// When it was made.
    pub created: SimTime,
    /// A sentence about it.
    pub description: String,
}

impl Rule {
    /// A rule that lets `protocols` in from `sources`.
    pub fn allowing(
        name: &str,
        priority: u32,
        protocols: &[&str],
        sources: &[&str],
        created: SimTime,
    ) -> Self {
        Rule {
            name: name.to_owned(),
            direction: "INGRESS".to_owned(),
            priority,
            protocols: protocols.iter().map(|p| (*p).to_owned()).collect(),
            allow: true,
            sources: sources.iter().map(|s| (*s).to_owned()).collect(),
            target_tags: Vec::new(),
            source_tags: Vec::new(),
            disabled: false,
            created,
            description: String::new(),
        }
    }

    /// Whether it is in force and about connections from anywhere. Nodes carry no tags that a learner could know: a
    /// rule for tagged instances is not about them.
    fn is_open(&self) -> bool {
        let anywhere = self.sources.is_empty() && self.source_tags.is_empty();
        let from_anywhere = anywhere || self.sources.iter().any(|s| s == "0.0.0.0/0");
        from_anywhere && self.direction == "INGRESS" && self.target_tags.is_empty() && !self.disabled
    }

    fn concerns(&self, port: u16) -> bool {
        self.is_open() && self.protocols.iter().any(|p| covers(p, port))
    }
}

/// Whether a protocol with ports (`tcp:80-90`, `all`) covers a TCP port.
fn covers(protocol: &str, port: u16) -> bool {
    let (name, ports) = protocol.split_once(':').unwrap_or((protocol, ""));
    if !matches!(name, "tcp" | "all" | "6") {
        return false;
    }
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    ports.is_empty()
        || matches!((first.parse::<u16>(), last.parse::<u16>()), (Ok(a), Ok(b)) if (a..=b).contains(&port))
}

/// The four rules that every default network starts with.
pub fn defaults(created: SimTime) -> Vec<Rule> {
    let internal: &[&str] = &["tcp:0-65535", "udp:0-65535", "icmp"];
    vec![
        Rule::allowing("default-allow-icmp", 65534, &["icmp"], &["0.0.0.0/0"], created),
        Rule::allowing("default-allow-internal", 65534, internal, &["10.128.0.0/9"], created),
        Rule::allowing("default-allow-rdp", 65534, &["tcp:3389"], &["0.0.0.0/0"], created),
        Rule::allowing("default-allow-ssh", 65534, &["tcp:22"], &["0.0.0.0/0"], created),
    ]
}

/// Whether a TCP port of an instance can be reached from the Internet. What no rule mentions is dropped.
pub fn lets_in(rules: &[Rule], port: u16) -> bool {
    let deciding = rules.iter().filter(|r| r.concerns(port)).min_by_key(|r| (r.priority, r.allow));
    deciding.is_some_and(|r| r.allow)
}

/// Whether an instance answers a ping from the Internet.
pub fn lets_in_pings(rules: &[Rule]) -> bool {
    let pings =
        |r: &&Rule| r.is_open() && r.protocols.iter().any(|p| matches!(p.as_str(), "icmp" | "1" | "all"));
    let deciding = rules.iter().filter(pings).min_by_key(|r| (r.priority, r.allow));
    deciding.is_some_and(|r| r.allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_closed_until_a_rule_opens_it() {
        let mut rules = defaults(SimTime(0));
        assert!(lets_in(&rules, 22) && !lets_in(&rules, 31000));
        rules.push(Rule::allowing("web", 1000, &["tcp:30000-32000"], &["0.0.0.0/0"], SimTime(0)));
        assert!(lets_in(&rules, 31000) && !lets_in(&rules, 80));
        rules.push(Rule { allow: false, priority: 900, ..rules[4].clone() });
        assert!(!lets_in(&rules, 31000), "a denying rule of higher priority wins");
    }
}
