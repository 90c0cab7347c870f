//! Docker's configuration file, as gcloud changes it: `auth configure-docker` and the tokens of `gcloud docker`. The
//! order of the file's entries is kept. Must never ask a registry.

use super::args::Parsed;
use super::terminal::Unanswered;
use super::{Failure, Gcloud, LocalFutureOf, kubeconfig};

/// The hosts of Container Registry.
pub const GCR_HOSTS: [&str; 6] =
    ["gcr.io", "us.gcr.io", "eu.gcr.io", "asia.gcr.io", "staging-k8s.gcr.io", "marketplace.gcr.io"];

/// Where Artifact Registry has Docker repositories; those with `!` have no door of their own region.
const LOCATIONS: &str = "africa-south1 asia! asia-east1 asia-east2 asia-northeast1 asia-northeast2 asia-northeast3 asia-south1 asia-south2 asia-southeast1 asia-southeast2 australia-southeast1 australia-southeast2 europe! europe-central2 europe-north1 europe-north2! europe-southwest1 europe-west1 europe-west10 europe-west12 europe-west2 europe-west3 europe-west4 europe-west6 europe-west8 europe-west9 me-central1 me-central2 me-west1 northamerica-northeast1 northamerica-northeast2 northamerica-south1! southamerica-east1 southamerica-west1 us! us-central1 us-central2 us-east1 us-east4 us-east5 us-east7 us-south1 us-west1 us-west2 us-west3 us-west4 us-west8!";

const LONG_LIST: &str = "A long list of credential helpers may cause delays running 'docker build'. We recommend passing the registry name to configure only the registry you are using.";

/// Every host for which gcloud gives out tokens.
pub fn supported() -> Vec<String> {
    let mut hosts: Vec<String> = GCR_HOSTS.iter().map(|host| (*host).to_owned()).collect();
    for location in LOCATIONS.split(' ') {
        let name = location.trim_end_matches('!');
        hosts.push(format!("{name}-docker.pkg.dev"));
        if name == location {
            hosts.push(format!("docker.{name}.rep.pkg.dev"));
        }
    }
    hosts
}

/// A JSON value whose objects keep the order of their entries.
#[derive(Debug, Clone, PartialEq)]
pub enum Ordered {
    /// Anything but an object.
    Leaf(serde_json::Value),
    /// An object.
    Object(Vec<(String, Ordered)>),
}

impl Ordered {
    /// Reads a file's text; what is no object becomes an empty one.
    pub fn parse(text: &str) -> Ordered {
        match serde_json::from_str(text) {
            Ok(Ordered::Object(entries)) => Ordered::Object(entries),
            _ => Ordered::Object(Vec::new()),
        }
    }

    /// An entry, which is an object from here on.
    pub fn object(&mut self, name: &str) -> &mut Vec<(String, Ordered)> {
        let at = match self {
            Ordered::Object(entries) => entries.iter().position(|(key, _)| key == name),
            Ordered::Leaf(_) => {
                *self = Ordered::Object(Vec::new());
                None
            }
        };
        let Ordered::Object(entries) = self else { unreachable!("made an object above") };
        let at = at.unwrap_or_else(|| {
            entries.push((name.to_owned(), Ordered::Object(Vec::new())));
            entries.len() - 1
        });
        let value = &mut entries[at].1;
        if !matches!(value, Ordered::Object(_)) {
            *value = Ordered::Object(Vec::new());
        }
        match value {
            Ordered::Object(inner) => inner,
            Ordered::Leaf(_) => unreachable!("made an object above"),
        }
    }

    /// With two blanks of indentation.
    pub fn pretty(&self) -> String {
        self.indented(0)
    }

    fn indented(&self, depth: usize) -> String {
        match self {
            Ordered::Leaf(value) => serde_json::to_string(value).unwrap_or_default(),
            Ordered::Object(entries) if entries.is_empty() => "{}".to_owned(),
            Ordered::Object(entries) => {
                let pad = " ".repeat(depth + 2);
                let lines: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| {
                        format!("{pad}{}: {}", serde_json::json!(key), value.indented(depth + 2))
                    })
                    .collect();
                format!("{{\n{}\n{}}}", lines.join(",\n"), " ".repeat(depth))
            }
        }
    }
}

impl<'de> serde::Deserialize<'de> for Ordered {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> serde::de::Visitor<'de> for Entries {
            type Value = Ordered;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Ordered, A::Error> {
                let mut entries = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, serde_json::Value>()? {
                    entries.push((key, value));
                }
                Ok(Ordered::Object(entries.into_iter().map(|(k, v)| (k, Ordered::Leaf(v))).collect()))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// Where the file is.
pub fn path(gcloud: &Gcloud) -> String {
    let kube = gcloud.call.sys.view(|w| kubeconfig::path(w, gcloud.call.sys.host));
    kube.replace("/.kube/config", "/.docker/config.json")
}

/// The file as it is, with its helpers in their order.
pub fn load(gcloud: &Gcloud) -> Ordered {
    let text = gcloud.call.sys.read_text(&path(gcloud)).unwrap_or_default();
    let mut config = Ordered::parse(&text);
    if let Ordered::Object(entries) = &mut config {
        for (name, value) in
            entries.iter_mut().filter(|(name, _)| matches!(name.as_str(), "credHelpers" | "auths"))
        {
            *value = inner(&text, name);
        }
    }
    config
}

/// An object one level down, in the order of the file.
fn inner(text: &str, name: &str) -> Ordered {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct File {
        #[serde(default)]
        cred_helpers: Option<Ordered>,
        #[serde(default)]
        auths: Option<Ordered>,
    }
    let file: Option<File> = serde_json::from_str(text).ok();
    let found = file.and_then(|file| if name == "auths" { file.auths } else { file.cred_helpers });
    found.unwrap_or(Ordered::Object(Vec::new()))
}

/// Writes the file.
///
/// # Errors
/// When it cannot be written.
pub fn save(gcloud: &Gcloud, config: &Ordered) -> Result<(), Failure> {
    let path = path(gcloud);
    let text = config.pretty();
    let saved = gcloud.call.sys.change(&path, |tree, path, now| {
        tree.mkdir(path.rsplit_once('/').map_or("/", |(dir, _)| dir), true, now)?;
        tree.write(path, text.into_bytes(), now)
    });
    saved.map_err(|error| Failure::Error(format!("Could not write Docker config file [{path}]: {error}")))
}

/// `auth configure-docker`.
pub fn configure<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let path = path(gcloud);
        let mut config = load(gcloud);
        let known = config.object("credHelpers").clone();
        if !known.is_empty() {
            let shown = helpers_only(&known).pretty();
            gcloud
                .warn(&format!(
                    "Your config file at [{path}] contains these credential helper entries:\n\n{shown}"
                ))
                .await;
        }
        let mut merged = known.clone();
        for host in hosts(gcloud, parsed).await {
            let helper = Ordered::Leaf(serde_json::json!("gcloud"));
            match merged.iter_mut().find(|(name, _)| *name == host) {
                Some((_, value)) => *value = helper,
                None => merged.push((host, helper)),
            }
        }
        if merged == known {
            gcloud.err("gcloud credential helpers already registered correctly.\n").await;
            return Ok(());
        }
        let message = format!(
            "After update, the following will be written to your Docker config file located at [{path}]:\n {}",
            helpers_only(&merged).pretty()
        );
        gcloud.confirm(&message, Unanswered::Default).await?;
        *config.object("credHelpers") = merged;
        save(gcloud, &config)?;
        gcloud.err("Docker configuration file updated.\n").await;
        Ok(())
    })
}

fn helpers_only(helpers: &[(String, Ordered)]) -> Ordered {
    Ordered::Object(vec![("credHelpers".to_owned(), Ordered::Object(helpers.to_vec()))])
}

async fn hosts(gcloud: &Gcloud, parsed: &Parsed) -> Vec<String> {
    let named = parsed.positional(0);
    if named.is_empty() {
        let all = parsed.has("--include-artifact-registry");
        let which = if all { "GCR and AR" } else { "GCR" };
        gcloud.err(&format!("Adding credentials for all {which} repositories.\n")).await;
        gcloud.warn(LONG_LIST).await;
        return if all { supported() } else { GCR_HOSTS.map(str::to_owned).to_vec() };
    }
    gcloud.err(&format!("Adding credentials for: {named}\n")).await;
    let supported = supported();
    let mut hosts = Vec::new();
    for host in named.split(',') {
        if supported.iter().any(|known| known == host) {
            hosts.push(host.to_owned());
        } else {
            gcloud.warn(&format!("{host} is not a supported registry")).await;
        }
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_order() {
        let text = "{\n  \"b\": \"x\",\n  \"a\": 1\n}";
        assert_eq!(Ordered::parse(text).pretty(), text);
        let mut empty = Ordered::parse("junk");
        empty.object("credHelpers").push(("z".to_owned(), Ordered::Leaf(serde_json::json!("gcloud"))));
        assert_eq!(empty.pretty(), "{\n  \"credHelpers\": {\n    \"z\": \"gcloud\"\n  }\n}");
    }

    #[test]
    fn regions_and_their_own_doors_are_supported() {
        let hosts = supported();
        assert!(hosts.iter().any(|h| h == "us-central1-docker.pkg.dev"));
        assert!(hosts.iter().any(|h| h == "docker.us-central1.rep.pkg.dev"));
        assert!(!hosts.iter().any(|h| h == "docker.us.rep.pkg.dev" || h == "nosuch-docker.pkg.dev"));
    }
}
