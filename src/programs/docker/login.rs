//! `docker login` and `docker logout`: what `~/.docker/config.json` holds for a registry. Never sends a password
//! anywhere.

use base64::Engine as _;
use serde_json::{Value, json};

use super::flags::Parsed;
use super::{Docker, config};

/// Docker Hub's name in the configuration.
const HUB: &str = "https://index.docker.io/v1/";

/// Whether the client has something to show to a registry: a login, or a credential helper for the host. Cloud
/// Shell's configuration names every Artifact Registry host beside gcr.io, so that gcloud's helper for all of gcr.io
/// answers for those, too.
pub fn has_credentials(docker: &Docker, host: &str) -> bool {
    let config = config::read(docker);
    let key = if host == "docker.io" { HUB } else { host };
    let gcloud = |name: &str| config["credHelpers"].get(name).is_some_and(|h| h == "gcloud" || h == "gcr");
    let everywhere = host.ends_with(crate::cloud::registry::ARTIFACT_REGISTRY_SUFFIX) && gcloud("gcr.io");
    let login =
        config["auths"].as_object().is_some_and(|all| all.keys().any(|k| k == key || host_of(k) == host));
    gcloud(key) || everywhere || login || config["credsStore"] == "gcloud"
}

/// The registry that was typed, without scheme and path.
fn host_of(server: &str) -> String {
    if server.is_empty() || server.contains("docker.io") {
        return HUB.to_owned();
    }
    let bare = server.trim_start_matches("https://").trim_start_matches("http://");
    bare.split('/').next().unwrap_or(bare).to_owned()
}

pub async fn login(docker: Docker, parsed: Parsed) -> i32 {
    let host = host_of(parsed.arg(0));
    let given = parsed.get("password").map(str::to_owned);
    if parsed.is("password-stdin") && given.is_some() {
        docker.err("conflicting options: cannot specify both --password and --password-stdin\n").await;
        return 1;
    }
    if parsed.is("password-stdin") && !parsed.has("username") {
        docker.err("the --password-stdin option requires --username to be set\n").await;
        return 1;
    }
    if given.is_some() {
        docker.err("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n").await;
    }
    let kept = config::read(&docker)["auths"][host.as_str()]["auth"].as_str().map(str::to_owned);
    let asked_nothing = !parsed.has("username") && given.is_none() && !parsed.is("password-stdin");
    if let Some(user) = kept.filter(|_| asked_nothing).and_then(|auth| user_of(&auth)) {
        docker.err(format!("Authenticating with existing credentials... [Username: {user}]\n\n")).await;
        docker.err(" Info -> To login with a different account, run 'docker logout' followed by 'docker login'\n\n\n").await;
        docker.out("Login Succeeded\n").await;
        return 0;
    }
    let Some((user, password)) = credentials(&docker, &parsed, given).await else {
        docker.err("Error: Cannot perform an interactive login from a non TTY device\n").await;
        return 1;
    };
    if host == HUB {
        docker
            .err("Error response from daemon: Get \"https://registry-1.docker.io/v2/\": unauthorized: incorrect username or password\n")
            .await;
        return 1;
    }
    if !host.ends_with("docker.pkg.dev") && !host.ends_with("gcr.io") {
        docker
            .err(format!("Error response from daemon: Get \"https://{host}/v2/\": dial tcp: lookup {host}: no such host\n"))
            .await;
        return 1;
    }
    let auth = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    let mut config = config::read(&docker);
    config["auths"][host.as_str()] = json!({ "auth": auth });
    if let Err(error) = config::write(&docker, &config) {
        docker.err(format!("Error saving credentials: {error}\n")).await;
        return 1;
    }
    docker
        .err(format!(
            "\nWARNING! Your credentials are stored unencrypted in '{}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n",
            config::path(&docker)
        ))
        .await;
    docker.out("Login Succeeded\n").await;
    0
}

/// The user in what the configuration keeps of a login.
fn user_of(auth: &str) -> Option<String> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(auth).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(user, _)| user.to_owned())
}

/// User and password from flags, standard input, or questions on the terminal.
async fn credentials(docker: &Docker, parsed: &Parsed, given: Option<String>) -> Option<(String, String)> {
    let stdin = &docker.call.io.stdin;
    let line = |bytes: Option<Vec<u8>>| bytes.map(|b| String::from_utf8_lossy(&b).trim_end().to_owned());
    if parsed.is("password-stdin") {
        let (bytes, _) = stdin.read_to_end().await;
        let password = String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned();
        return Some((parsed.get("username")?.to_owned(), password));
    }
    let user = match parsed.get("username") {
        Some(user) => user.to_owned(),
        None if !stdin.is_terminal() => return None,
        None => {
            docker.out("Username: ").await;
            line(stdin.read_line().await)?
        }
    };
    let password = match given {
        Some(password) => password,
        None if !stdin.is_terminal() => return None,
        None => {
            docker.out("Password: ").await;
            line(stdin.read_secret_line("Password: ").await)?
        }
    };
    Some((user, password))
}

pub async fn logout(docker: Docker, parsed: Parsed) -> i32 {
    let host = host_of(parsed.arg(0));
    let shown = if host == HUB { HUB } else { host.as_str() };
    docker.out(format!("Removing login credentials for {shown}\n")).await;
    let mut config = config::read(&docker);
    let known = config.get_mut("auths").and_then(Value::as_object_mut).and_then(|auths| auths.remove(&host));
    if known.is_some()
        && let Err(error) = config::write(&docker, &config)
    {
        docker.err(format!("WARNING: could not erase credentials:\n{host}: {error}\n")).await;
    }
    0
}
