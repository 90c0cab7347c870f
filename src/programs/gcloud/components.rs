//! `gcloud components`, `version` and `info`: what gcloud knows of itself. The component manager is switched off where
//! the package manager has installed gcloud, as in Cloud Shell.

use serde_json::{Map, Value, json};

use super::args::Parsed;
use super::format::{Manner, projection, render};
use super::{Failure, Gcloud, LocalFutureOf, properties};

/// The version that is imitated.
const SDK: &str = "528.0.0";

/// Components and their versions.
const COMPONENTS: &[(&str, &str)] = &[
    ("alpha", "2025.06.20"),
    ("app-engine-go", "1.9.76"),
    ("app-engine-java", "2.0.36"),
    ("app-engine-python", "1.9.116"),
    ("app-engine-python-extras", "1.9.109"),
    ("beta", "2025.06.20"),
    ("bigtable", ""),
    ("bq", "2.1.18"),
    ("bundled-python3-unix", "3.12.9"),
    ("cbt", "1.23.2"),
    ("cloud-datastore-emulator", "2.3.1"),
    ("cloud-firestore-emulator", "1.19.9"),
    ("cloud-spanner-emulator", "1.5.28"),
    ("core", "2025.06.20"),
    ("gcloud-crc32c", "1.0.0"),
    ("gke-gcloud-auth-plugin", "0.5.10"),
    ("gsutil", "5.34"),
    ("kpt", "1.0.0-beta.56"),
    ("kubectl", "1.32.4"),
    ("local-extract", "1.6.2"),
    ("pubsub-emulator", "0.8.20"),
];

/// Components that come as packages of their own, besides those that are installed.
const MORE: &[&str] = &[
    "anthos-auth",
    "anthoscli",
    "app-engine-grpc",
    "cloud-build-local",
    "cloud-run-proxy",
    "config-connector",
    "docker-credential-gcr",
    "enterprise-certificate-proxy",
    "istioctl",
    "kubectl-oidc",
    "log-streaming",
    "managed-flink-client",
    "minikube",
    "nomos",
    "package-go-module",
    "run-compose",
    "skaffold",
    "spanner-cli",
    "spanner-migration-tool",
    "terraform-tools",
];

/// The Debian package of a component.
fn package(component: &str) -> String {
    match component {
        "kubectl" => component.to_owned(),
        "core" | "gcloud" | "alpha" | "beta" => "google-cloud-cli".to_owned(),
        other => format!("google-cloud-cli-{}", other.trim_start_matches("cloud-")),
    }
}

fn disabled<T>(instead: &str) -> Result<T, Failure> {
    Failure::error(format!(
        "\nYou cannot perform this action because the Google Cloud CLI component manager \nis disabled for this installation. You can run the following command \nto achieve the same result for this installation: \n\n{instead}\n\n"
    ))
}

/// `components install` and `remove`.
pub fn change<'a>(_gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let known =
            |name: &&String| COMPONENTS.iter().any(|(c, _)| c == name) || MORE.contains(&name.as_str());
        let strangers: Vec<&str> =
            parsed.positionals.iter().filter(|n| !known(n)).map(String::as_str).collect();
        if !strangers.is_empty() {
            return Failure::error(format!(
                "\"{}\" are not valid component name(s).\n",
                strangers.join(", ")
            ));
        }
        let verb = parsed.place.path.last().map_or("install", String::as_str);
        let packages: Vec<String> = parsed.positionals.iter().map(|name| package(name)).collect();
        disabled(&format!("sudo apt-get {verb} {}", packages.join(" ")))
    })
}

/// `components update`.
pub fn update<'a>(gcloud: &'a Gcloud, _parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        gcloud.err("Beginning update. This process may take several minutes.\n").await;
        let installed =
            COMPONENTS.iter().map(|(name, _)| *name).filter(|name| !matches!(*name, "alpha" | "beta"));
        let packages: Vec<String> = installed.chain(MORE.iter().copied()).map(package).collect();
        disabled(&format!(
            "sudo apt-get update && sudo apt-get --only-upgrade install {}",
            packages.join(" ")
        ))
    })
}

/// `components repositories list`.
pub fn repositories<'a>(gcloud: &'a Gcloud, _parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        gcloud.err("You have no registered component repositories.  To add one, run:\n  $ gcloud components repositories add URL\n\n").await;
        Ok(())
    })
}

/// `version`.
pub fn version<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        if let Some(asked) = parsed.flag("--format") {
            let mut all: Map<String, Value> =
                COMPONENTS.iter().map(|(name, version)| ((*name).to_owned(), json!(version))).collect();
            all.insert("Google Cloud SDK".to_owned(), json!(SDK));
            let format = projection::parse(asked).map_err(Failure::Error)?;
            let manner = Manner { single: true, screen_reader: gcloud.screen_reader };
            let text = render(&format, &[Value::Object(all)], manner).map_err(Failure::Error)?;
            gcloud.out(&text).await;
            return Ok(());
        }
        let lines: String = COMPONENTS.iter().map(|(name, version)| format!("{name} {version}\n")).collect();
        gcloud.out(&format!("Google Cloud SDK {SDK}\n{lines}")).await;
        Ok(())
    })
}

/// `info`.
pub fn info<'a>(gcloud: &'a Gcloud, parsed: &'a Parsed) -> LocalFutureOf<'a> {
    Box::pin(async move {
        let (host, name) = (gcloud.call.sys.host, gcloud.configuration());
        let directory = gcloud.call.sys.view(|w| properties::directory(w, host));
        let file = gcloud.call.sys.view(|w| properties::path_of(w, host, &name));
        let configured = gcloud.configured();
        if parsed.has("--format") {
            let item = json!({
                "basic": { "version": SDK, "architecture": { "id": "x86_64" }, "operating_system": { "id": "LINUX", "name": "Linux" } },
                "config": {
                    "account": gcloud.account(), "active_config_name": name, "project": gcloud.property("core/project"),
                    "paths": { "active_config_path": file, "global_config_dir": directory },
                    "properties": configured, "universe_domain": "googleapis.com",
                },
                "installation": { "components": COMPONENTS.iter().map(|(n, v)| ((*n).to_owned(), json!(v))).collect::<Map<_, _>>() },
            });
            return gcloud.describe(parsed, item).await;
        }
        let components: String =
            COMPONENTS.iter().map(|(name, version)| format!("  {name}: [{version}]\n")).collect();
        let mut current = String::new();
        for (section, values) in &configured {
            current.push_str(&format!("  [{section}]\n"));
            current.extend(
                values.iter().map(|(name, value)| format!("    {name}: [{value}] (property file)\n")),
            );
        }
        let project = gcloud.property("core/project").unwrap_or_else(|| "None".to_owned());
        let path = gcloud.call.var("PATH").unwrap_or_default();
        gcloud.out(&format!("Google Cloud SDK [{SDK}]\n\nPlatform: [Linux, x86_64]\n\nInstallation Root: [/usr/lib/google-cloud-sdk]\nInstalled Components:\n{components}System PATH: [{path}]\nCloud SDK on PATH: [False]\nKubectl on PATH: [/usr/bin/kubectl]\n\nInstallation Properties: [/usr/lib/google-cloud-sdk/properties]\nUser Config Directory: [{directory}]\nActive Configuration Name: [{name}]\nActive Configuration Path: [{file}]\n\nAccount: [{}]\nProject: [{project}]\nUniverse Domain: [googleapis.com]\n\nCurrent Properties:\n{current}\nLogs Directory: [{directory}/logs]\nLast Log File: [None]\n\n\n", gcloud.account())).await;
        Ok(())
    })
}
