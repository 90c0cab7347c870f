//! Why a registry refuses, in the words of whoever asked: the Docker engine, BuildKit, or containerd on a node.
//! Never decides anything.

use crate::image::ImageRef;

/// A registry's refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The host name resolves to nothing.
    NoSuchHost,
    /// Nobody listens there.
    ConnectionRefused,
    /// Docker Hub: no such repository, or not for you. It never says which.
    HubDenied,
    /// The repository is there, the tag or digest is not.
    ManifestUnknown,
    /// Artifact Registry without credentials.
    Unauthenticated { permission: &'static str, resource: String },
    /// Artifact Registry with somebody else's credentials.
    Forbidden { permission: &'static str, resource: String },
    /// Artifact Registry: the project has no such repository.
    RepositoryNotFound { repository: String },
}

impl Refusal {
    /// The registry's own sentence, as it stands in the body of its answer.
    fn server_message(&self) -> String {
        match self {
            Refusal::Unauthenticated { permission, resource } => format!(
                "denied: Unauthenticated request. Unauthenticated requests do not have permission \"{permission}\" on resource \"{resource}\" (or it may not exist)"
            ),
            Refusal::Forbidden { permission, resource } => {
                format!(
                    "denied: Permission \"{permission}\" denied on resource \"{resource}\" (or it may not exist)"
                )
            }
            Refusal::RepositoryNotFound { repository } => {
                format!("name unknown: Repository \"{repository}\" not found")
            }
            Refusal::HubDenied => "denied: requested access to the resource is denied".to_owned(),
            Refusal::ManifestUnknown => "manifest unknown: manifest unknown".to_owned(),
            Refusal::NoSuchHost => "no such host".to_owned(),
            Refusal::ConnectionRefused => "connection refused".to_owned(),
        }
    }

    /// What the Docker engine says after `Error response from daemon: ` when it pulls.
    pub fn of_docker_pull(&self, reference: &ImageRef) -> String {
        let (host, name) = (&reference.registry, reference.familiar_name());
        let message = self.server_message();
        match self {
            Refusal::HubDenied => format!(
                "pull access denied for {name}, repository does not exist or may require 'docker login': {message}"
            ),
            Refusal::ManifestUnknown => {
                format!(
                    "manifest for {} not found: {message}",
                    reference.clone().with_default_tag().familiar()
                )
            }
            Refusal::Unauthenticated { .. } | Refusal::Forbidden { .. } => {
                let tag = manifest_of(reference);
                format!("Head \"https://{host}/v2/{}/manifests/{tag}\": {message}", reference.repository)
            }
            Refusal::RepositoryNotFound { .. } => format!("repository {name} not found: {message}"),
            Refusal::NoSuchHost => {
                format!("Get \"https://{host}/v2/\": dial tcp: lookup {host}: no such host")
            }
            Refusal::ConnectionRefused => format!("Get \"http://{host}/v2/\": {}", refused(host)),
        }
    }

    /// What `docker push` prints.
    pub fn of_docker_push(&self, reference: &ImageRef) -> String {
        match self {
            Refusal::NoSuchHost | Refusal::ConnectionRefused => self.of_docker_pull(reference),
            _ => self.server_message(),
        }
    }

    /// What BuildKit says about a base image's metadata.
    pub fn of_buildkit(&self, reference: &ImageRef) -> String {
        self.of_containerd(reference)
    }

    /// What containerd's resolver says; the kubelet puts `failed to pull and unpack image ...` before it.
    pub fn of_containerd(&self, reference: &ImageRef) -> String {
        let full = reference.clone().with_default_tag().canonical();
        let (host, repository) = (&reference.registry, &reference.repository);
        match self {
            Refusal::HubDenied => "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed".to_owned(),
            Refusal::ManifestUnknown | Refusal::RepositoryNotFound { .. } => format!("{full}: not found"),
            Refusal::Unauthenticated { .. } | Refusal::Forbidden { .. } => format!(
                "failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://{host}/v2/token?scope=repository%3A{}%3Apull&service={host}: 403 Forbidden",
                repository.replace('/', "%2F")
            ),
            Refusal::NoSuchHost => format!(
                "failed to do request: Head \"https://{host}/v2/{repository}/manifests/{}\": dial tcp: lookup {host}: no such host",
                manifest_of(reference)
            ),
            Refusal::ConnectionRefused => format!(
                "failed to do request: Head \"http://{host}/v2/{repository}/manifests/{}\": {}",
                manifest_of(reference),
                refused(host)
            ),
        }
    }
}

fn manifest_of(reference: &ImageRef) -> String {
    match &reference.digest {
        Some(digest) => digest.to_string(),
        None => reference.tag_or_latest().to_owned(),
    }
}

fn refused(host: &str) -> String {
    let port = host.split_once(':').map_or("80", |(_, port)| port);
    format!("dial tcp 127.0.0.1:{port}: connect: connection refused")
}
