//! What kubectl offers around itself: code for a shell's completion, and the list of plugins.

use super::context::Context;
use super::fail::{Failure, Outcome};

const SHELLS: [&str; 4] = ["bash", "fish", "powershell", "zsh"];

/// `kubectl completion SHELL`. The shells of the simulation complete kubectl's words by themselves, so the code has
/// nothing to do.
pub async fn completion(cx: &Context) -> Outcome {
    let shell = match cx.args.as_slice() {
        [] => return Err(cx.usage("Shell not specified.")),
        [shell] => shell.as_str(),
        _ => return Err(cx.usage("Too many arguments. Expected only the shell type.")),
    };
    if !SHELLS.contains(&shell) {
        return Err(cx.usage(format!("Unsupported shell type {shell:?}.")));
    }
    cx.outln(format!("# {shell} completion for kubectl: this shell knows kubectl's words already.")).await;
    if shell == "bash" {
        cx.outln("__start_kubectl() {\n    return 0\n}").await;
    }
    Ok(())
}

/// `kubectl plugin list`: programs on the path whose names begin with `kubectl-`.
pub async fn plugins(cx: &Context) -> Outcome {
    let path = cx.env.get("PATH").cloned().unwrap_or_default();
    let mut seen: Vec<&str> = Vec::new();
    let mut found: Vec<String> = Vec::new();
    for directory in path.split(':').filter(|directory| !directory.trim().is_empty()) {
        if seen.contains(&directory) {
            continue;
        }
        seen.push(directory);
        match cx.sys.list(directory) {
            Ok(names) => {
                let plugins = names.into_iter().filter(|name| name.starts_with("kubectl-"));
                found.extend(plugins.map(|name| format!("{directory}/{name}")));
            }
            Err(_) => {
                cx.errln(format!(
                    "Unable to read directory {directory:?} from your PATH: open {directory}: no such file or directory. Skipping..."
                ))
                .await;
            }
        }
    }
    if found.is_empty() {
        return Err(Failure::message("unable to find any kubectl plugins in your PATH"));
    }
    cx.outln("The following compatible plugins are available:\n").await;
    for plugin in found {
        let name = plugin.rsplit('/').next().unwrap_or(&plugin);
        cx.outln(if cx.flags.on("name-only") { name } else { &plugin }).await;
    }
    Ok(())
}
