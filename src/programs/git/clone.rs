//! `git clone`: a repository of the catalogue into a folder, with git's lines of progress. Must never invent a
//! repository.

use std::time::Duration;

use super::repositories::{Repository, parts, urls};
use super::worktree::{DOT_GIT, own, write_file};
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;

static SPEC: Spec = Spec::new(
    &[
        "q,quiet",
        "v,verbose",
        "depth=",
        "b,branch=",
        "o,origin=",
        "single-branch",
        "no-tags",
        "n,no-checkout",
        "recursive",
        "recurse-submodules",
        "progress",
        "filter=",
        "j,jobs=",
    ],
    "usage: git clone [<options>] [--] <repo> [<dir>]\n\n    -q, --[no-]quiet      be more quiet\n    -b, --[no-]branch <branch>\n                          take this branch\n    --[no-]depth <depth>  only so many commits\n",
)
.misuse(129);

/// Steps in which progress is shown on a terminal.
const STEPS: u32 = 5;
const STEP: Duration = Duration::from_millis(90);

/// `git clone`.
pub async fn clone(call: Call) -> Outcome {
    let tool = Tool::new(call, &SPEC).await?;
    let operands = tool.options.operands.clone();
    let Some(url) = operands.first() else {
        tool.note(format!("fatal: You must specify a repository to clone.\n\n{}", SPEC.help)).await;
        return Ok(129);
    };
    let default = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    let default = default.strip_suffix(".git").unwrap_or(default).to_owned();
    let name = operands.get(1).cloned().unwrap_or(default);
    let target = tool.path(&name);
    let taken = tool.call.sys.list(&target).map(|entries| !entries.is_empty());
    if taken.unwrap_or_else(|_| tool.call.sys.exists(&target)) {
        let text = format!("destination path '{name}' already exists and is not an empty directory.");
        return Err(fatal(&tool, text).await);
    }
    let repository = find(&tool, url, &name).await?;
    if let Some(branch) = tool.options.value("b").filter(|b| *b != repository.branch()) {
        say(&tool, format!("Cloning into '{name}'...\n")).await;
        tool.note(format!("warning: Could not find remote branch {branch} to clone.\n")).await;
        return Err(fatal(&tool, format!("Remote branch {branch} not found in upstream origin")).await);
    }
    say(&tool, format!("Cloning into '{name}'...\n")).await;
    progress(&tool, &repository).await;
    check_out(&tool, &repository, &target).await?;
    Ok(0)
}

pub(super) async fn fatal(tool: &Tool, text: impl AsRef<str>) -> Quit {
    tool.note(format!("fatal: {}\n", text.as_ref())).await;
    Quit(128)
}

async fn say(tool: &Tool, text: String) {
    if !tool.options.has("q") {
        tool.note(text).await;
    }
}

/// The repository of a URL, or git's words for why there is none, and which there are.
async fn find(tool: &Tool, url: &str, name: &str) -> Result<Repository, Quit> {
    if let Some(found) = Repository::find(url) {
        return Ok(found);
    }
    let Some((host, _)) = parts(url) else {
        return Err(fatal(tool, format!("repository '{url}' does not exist")).await);
    };
    say(tool, format!("Cloning into '{name}'...\n")).await;
    let sys = &tool.call.sys;
    if sys.view(|w| w.resolve(&sys.netns(), &host)).is_err() {
        let text = format!("unable to access '{url}/': Could not resolve host: {host}");
        return Err(fatal(tool, text).await);
    }
    tool.note("remote: Repository not found.\n").await;
    let quit = fatal(tool, format!("repository '{url}' not found")).await;
    tool.note(format!(
        "KubeJam is not on the Internet; it has these repositories:\n  {}\n",
        urls().join("\n  ")
    ))
    .await;
    Err(quit)
}

/// git shows progress on a terminal only, or when it is asked to.
async fn progress(tool: &Tool, repository: &Repository) {
    let shown = tool.call.io.stderr.is_terminal() || tool.options.has("progress");
    if tool.options.has("q") || !shown {
        tool.pause(STEP * STEPS).await;
        return;
    }
    let (objects, deltas, bytes) = repository.size();
    tool.note(format!(
        "remote: Enumerating objects: {objects}, done.        \nremote: Counting objects: 100% ({objects}/{objects}), done.        \n"
    ))
    .await;
    let packed = objects - deltas;
    tool.note(format!(
        "remote: Compressing objects: 100% ({packed}/{packed}), done.        \nremote: Total {objects} (delta {deltas}), reused {objects} (delta {deltas}), pack-reused 0 (from 0)        \n"
    ))
    .await;
    count(
        tool,
        "Receiving objects",
        objects,
        &format!(", {:.2} KiB | {:.2} MiB/s", bytes as f64 / 1024.0, 4.05),
    )
    .await;
    count(tool, "Resolving deltas", deltas, "").await;
}

async fn count(tool: &Tool, what: &str, total: u32, extra: &str) {
    for step in 1..STEPS {
        let done = total * step / STEPS;
        tool.note(format!("{what}: {:3}% ({done}/{total})\r", done * 100 / total.max(1))).await;
        tool.pause(STEP / 2).await;
    }
    tool.note(format!("{what}: 100% ({total}/{total}){extra}, done.\n")).await;
}

async fn check_out(tool: &Tool, repository: &Repository, target: &str) -> Result<(), Quit> {
    let url = tool.options.operands.first().cloned().unwrap_or_default();
    let branch = repository.branch();
    let head = repository.commits().next().map(|c| c.id.to_owned()).unwrap_or_default();
    let about = [
        ("HEAD", format!("ref: refs/heads/{branch}\n")),
        (
            "config",
            format!(
                "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n[remote \"origin\"]\n\t\
                 url = {url}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n[branch \"{branch}\"]\n\tremote = origin\n\tmerge = refs/heads/{branch}\n"
            ),
        ),
        (
            "description",
            "Unnamed repository; edit this file 'description' to name the repository.\n".to_owned(),
        ),
    ];
    let head = [(format!("refs/heads/{branch}"), format!("{head}\n"))];
    let git = about.map(|(name, text)| (name.to_owned(), text)).into_iter().chain(head);
    let git = git.map(|(name, text)| (format!("{DOT_GIT}/{name}"), text.into_bytes()));
    let files = repository.files.iter().map(|(path, bytes)| (path.clone(), bytes.to_vec()));
    for (path, bytes) in git.chain(files) {
        if let Err(error) = write_file(&tool.call.sys, target, &path, bytes) {
            return Err(fatal(tool, format!("could not create work tree dir '{target}': {error}")).await);
        }
    }
    own(&tool.call.sys, target);
    Ok(())
}
