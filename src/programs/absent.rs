//! Programs that images and people expect, and that KubeJam says plainly it does not imitate; and the corner of npm that
//! starts a script. Must never pretend to have done something.

use super::exec::exec;
use super::options::Spec;
use super::tool::{Outcome, Tool};
use crate::world::Call;

static SPEC: Spec = Spec::new(&[], "Usage: this command is not imitated by KubeJam\n");

/// What can be done instead, by name.
const INSTEAD: &[(&str, &str)] = &[
    ("apk", "packages cannot be installed here; use an image that has what you need"),
    ("apt", "packages cannot be installed here; use an image that has what you need"),
    ("apt-cache", "packages cannot be installed here; use an image that has what you need"),
    ("apt-get", "packages cannot be installed here; use an image that has what you need"),
    ("gzip", "compressed archives are not imitated; copy the files with cp -r"),
    ("gunzip", "compressed archives are not imitated; copy the files with cp -r"),
    ("mysql", "databases here only start and stop; they answer no queries"),
    ("perl", "this language is not imitated; node, awk and sed are"),
    ("pip", "packages cannot be installed here; use an image that has what you need"),
    ("psql", "databases here only start and stop; they answer no queries"),
    ("python", "this language is not imitated; node, awk and sed are"),
    ("python3", "this language is not imitated; node, awk and sed are"),
    ("redis-cli", "databases here only start and stop; they answer no queries"),
    ("tar", "archives are not imitated; copy the files with cp -r"),
    ("unzip", "archives are not imitated; copy the files with cp -r"),
    ("yarn", "packages cannot be installed here; scripts run with node"),
    ("zip", "archives are not imitated; copy the files with cp -r"),
];

/// Says so.
pub async fn absent(call: Call) -> Outcome {
    let tool = Tool::bare(call, &SPEC);
    let words =
        INSTEAD.iter().find(|(name, _)| *name == tool.name).map_or("it is not imitated", |(_, words)| words);
    tool.note(format!("{}: KubeJam does not imitate this command: {words}.\n", tool.name)).await;
    Ok(1)
}

/// `npm`: `start`, `run`, `init -y`, `-v`; nothing that needs packages.
pub async fn npm(call: Call) -> Outcome {
    let tool = Tool::bare(call, &SPEC);
    let words: Vec<&str> = tool.call.args().iter().map(String::as_str).collect();
    match words.as_slice() {
        ["-v" | "--version", ..] => {
            tool.out("10.9.3\n").await?;
            Ok(0)
        }
        ["start", ..] => script(tool, "start".to_owned()).await,
        ["test" | "t", ..] => script(tool, "test".to_owned()).await,
        ["run" | "run-script", name, ..] => {
            let name = (*name).to_owned();
            script(tool, name).await
        }
        ["init", ..] => init(tool).await,
        _ => {
            tool.note("npm: KubeJam does not imitate this command: packages cannot be installed here; node's own modules need none.\n").await;
            Ok(1)
        }
    }
}

async fn script(tool: Tool, name: String) -> Outcome {
    let path = tool.path("package.json");
    let Ok(text) = tool.call.sys.read_text(&path) else {
        tool.note(format!("npm error code ENOENT\nnpm error syscall open\nnpm error path {path}\nnpm error errno -2\nnpm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '{path}'\n")).await;
        return Ok(254);
    };
    let manifest: serde_json::Value = match serde_json::from_str(&text) {
        Ok(manifest) => manifest,
        Err(error) => {
            tool.note(format!("npm error code EJSONPARSE\nnpm error JSON.parse {error}\n")).await;
            return Ok(1);
        }
    };
    let command = match manifest["scripts"][&name].as_str() {
        Some(command) => command.to_owned(),
        None if name == "start" && tool.call.sys.exists(&tool.path("server.js")) => {
            "node server.js".to_owned()
        }
        None => {
            tool.note(format!("npm error Missing script: \"{name}\"\nnpm error\nnpm error To see a list of scripts, run:\nnpm error   npm run\n")).await;
            return Ok(1);
        }
    };
    let label = |key: &str| manifest[key].as_str().unwrap_or_default().to_owned();
    tool.out(format!("\n> {}@{} {name}\n> {command}\n\n", label("name"), label("version"))).await?;
    match exec(tool.call, vec!["sh".to_owned(), "-c".to_owned(), command]).await {
        Ok(status) => Ok(status),
        Err(_) => Ok(127),
    }
}

async fn init(tool: Tool) -> Outcome {
    let name = tool.call.cwd.rsplit('/').next().unwrap_or("app").to_owned();
    let manifest = format!(
        "{{\n  \"name\": \"{name}\",\n  \"version\": \"1.0.0\",\n  \"main\": \"server.js\",\n  \"scripts\": {{\n    \"start\": \"node server.js\"\n  }}\n}}\n"
    );
    let path = tool.path("package.json");
    match tool.call.sys.write(&path, manifest.clone().into_bytes()) {
        Ok(()) => {
            tool.out(format!("Wrote to {path}:\n\n{manifest}\n")).await?;
            Ok(0)
        }
        Err(error) => Err(tool.die(format!("{path}: {error}")).await),
    }
}
