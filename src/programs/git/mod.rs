//! `git`, as far as a learner needs it: clone what the catalogue has, look at it, take a change back. Must never pretend
//! to commit or push.

mod clone;
mod repositories;
mod worktree;

use clone::fatal;
use strsim::damerau_levenshtein;
use worktree::WorkTree;

use crate::programs::coreutils::diff::unified;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;

const VERSION: &str = "git version 2.47.3\n";
static NONE: Spec = Spec::new(&[], HELP);
static LOG: Spec = Spec::new(
    &["oneline", "n,max-count=", "graph", "decorate=?", "all", "stat"],
    "usage: git log [<options>]\n",
)
.misuse(129);
static STATUS: Spec =
    Spec::new(&["s,short", "b,branch", "u=?", "porcelain=?", "long"], "usage: git status [<options>]\n")
        .misuse(129);
static RESTORE: Spec =
    Spec::new(&["f,force", "b=", "W,worktree", "S,staged", "q,quiet"], "usage: git restore <pathspec>...\n")
        .misuse(129);

const HELP: &str = "\
usage: git [-v | --version] [-h | --help] <command> [<args>]

What KubeJam has of it:

   clone      Copy a repository into a new folder
   status     Which files differ from the last commit
   diff       How they differ
   log        The commits
   restore    Bring a file back as it was committed
   branch     The branch; remote -v  where it came from
";

/// git's commands that are there, and those that are not.
const HERE: &[&str] = &["clone", "status", "diff", "log", "restore", "checkout", "branch", "remote", "show"];
const NOT_HERE: &[&str] = &[
    "add",
    "am",
    "bisect",
    "blame",
    "cherry-pick",
    "commit",
    "config",
    "fetch",
    "grep",
    "init",
    "merge",
    "mv",
    "pull",
    "push",
    "rebase",
    "reset",
    "rm",
    "stash",
    "submodule",
    "switch",
    "tag",
];

/// Lines around a difference.
const CONTEXT: usize = 3;
/// Largest distance between a typed command and the one that was perhaps meant.
const MAX_DISTANCE: usize = 2;

/// `git`.
pub async fn git(mut call: Call) -> Outcome {
    let Some(command) = call.args().first().cloned() else {
        let tool = Tool::bare(call, &NONE);
        tool.out(HELP).await?;
        return Ok(1);
    };
    call.argv.remove(1);
    match command.as_str() {
        "--version" | "-v" | "version" => {
            Tool::bare(call, &NONE).out(VERSION).await?;
            Ok(0)
        }
        "--help" | "-h" | "help" => {
            Tool::bare(call, &NONE).out(HELP).await?;
            Ok(0)
        }
        "clone" => clone::clone(call).await,
        "status" => status(call).await,
        "diff" => diff(call).await,
        "log" => log(call, usize::MAX).await,
        "show" => log(call, 1).await,
        "restore" | "checkout" => restore(call).await,
        "branch" => branch(call).await,
        "remote" => remote(call).await,
        other => Err(unknown(&Tool::bare(call, &NONE), other).await),
    }
}

async fn unknown(tool: &Tool, command: &str) -> Quit {
    if NOT_HERE.contains(&command) {
        tool.note(format!(
            "git: KubeJam does not imitate '{command}': nothing here is committed or pushed. What it has: {}.\n",
            HERE.join(", ")
        ))
        .await;
        return Quit(1);
    }
    let mut text = format!("git: '{command}' is not a git command. See 'git --help'.\n");
    let far = |c: &&str| damerau_levenshtein(command, c);
    let all = || HERE.iter().chain(NOT_HERE).copied();
    let nearest = all().map(|c| far(&c)).min().unwrap_or(usize::MAX);
    let mut meant: Vec<&str> = all().filter(|c| far(c) == nearest && nearest <= MAX_DISTANCE).collect();
    meant.sort_unstable();
    match meant.as_slice() {
        [] => {}
        [one] => text += &format!("\nThe most similar command is\n\t{one}\n"),
        several => text += &format!("\nThe most similar commands are\n\t{}\n", several.join("\n\t")),
    }
    tool.note(text).await;
    Quit(1)
}

/// The work tree around the working directory, or git's complaint.
async fn here(tool: &Tool) -> Result<WorkTree, Quit> {
    match WorkTree::around(&tool.call.sys, &tool.call.cwd) {
        Some(tree) => Ok(tree),
        None => Err(fatal(tool, "not a git repository (or any of the parent directories): .git").await),
    }
}

async fn status(call: Call) -> Outcome {
    let tool = Tool::new(call, &STATUS).await?;
    let tree = here(&tool).await?;
    let changes = tree.changes(&tool.call.sys);
    let shown = |path: &String| tree.shown_from(&tool.call.cwd, path);
    if tool.options.has("s") || tool.options.has("porcelain") {
        for path in tree.repository.files.keys() {
            let mark = match () {
                () if changes.modified.contains(path) => "M",
                () if changes.deleted.contains(path) => "D",
                () => continue,
            };
            tool.out(format!(" {mark} {}\n", shown(path))).await?;
        }
        for path in &changes.untracked {
            tool.out(format!("?? {}\n", shown(path))).await?;
        }
        return Ok(0);
    }
    let branch = tree.repository.branch();
    tool.out(format!("On branch {branch}\nYour branch is up to date with 'origin/{branch}'.\n\n")).await?;
    let tracked = !changes.modified.is_empty() || !changes.deleted.is_empty();
    if tracked {
        let add = if changes.deleted.is_empty() { "add" } else { "add/rm" };
        let mut text = format!(
            "Changes not staged for commit:\n  (use \"git {add} <file>...\" to update what will be committed)\n  \
             (use \"git restore <file>...\" to discard changes in working directory)\n"
        );
        for path in tree.repository.files.keys() {
            if changes.modified.contains(path) {
                text += &format!("\tmodified:   {}\n", shown(path));
            } else if changes.deleted.contains(path) {
                text += &format!("\tdeleted:    {}\n", shown(path));
            }
        }
        tool.out(text + "\n").await?;
    }
    if !changes.untracked.is_empty() {
        let list: String = changes.untracked.iter().map(|p| format!("\t{}\n", shown(p))).collect();
        tool.out(format!(
            "Untracked files:\n  (use \"git add <file>...\" to include in what will be committed)\n{list}\n"
        ))
        .await?;
    }
    let end = match (tracked, changes.untracked.is_empty()) {
        (true, _) => "no changes added to commit (use \"git add\" and/or \"git commit -a\")\n",
        (false, false) => "nothing added to commit but untracked files present (use \"git add\" to track)\n",
        (false, true) => "nothing to commit, working tree clean\n",
    };
    tool.out(end).await?;
    Ok(0)
}

async fn diff(call: Call) -> Outcome {
    let tool = Tool::new(call, &NONE).await?;
    let tree = here(&tool).await?;
    let changes = tree.changes(&tool.call.sys);
    for (path, old) in &tree.repository.files {
        let gone = changes.deleted.contains(path);
        if !gone && !changes.modified.contains(path) {
            continue;
        }
        let new =
            tool.call.sys.read(&format!("{}/{path}", tree.root)).map(|b| b.to_vec()).unwrap_or_default();
        let lines = |bytes: &[u8]| -> Vec<String> {
            String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
        };
        let ends = |bytes: &[u8]| !bytes.is_empty() && !bytes.ends_with(b"\n");
        let other = if gone { "/dev/null".to_owned() } else { format!("b/{path}") };
        let mode = if gone { "deleted file mode 100644\n" } else { "" };
        tool.out(format!(
            "diff --git a/{path} b/{path}\n{mode}--- a/{path}\n+++ {other}\n{}",
            unified(&lines(old), &lines(&new), CONTEXT, (ends(old), ends(&new)))
        ))
        .await?;
    }
    Ok(0)
}

async fn log(call: Call, most: usize) -> Outcome {
    let tool = Tool::new(call, &LOG).await?;
    let tree = here(&tool).await?;
    let limit = tool.options.value("n").and_then(|n| n.parse().ok()).unwrap_or(most);
    let branch = tree.repository.branch();
    for (number, commit) in tree.repository.commits().take(limit).enumerate() {
        let marks = if number == 0 && tool.on_terminal() {
            format!(" (HEAD -> {branch}, origin/{branch}, origin/HEAD)")
        } else {
            String::new()
        };
        let text = if tool.options.has("oneline") {
            format!("{}{marks} {}\n", &commit.id[..7], commit.subject)
        } else {
            let gap = if number == 0 { "" } else { "\n" };
            let date = commit.at.timestamp().strftime("%a %b %-d %H:%M:%S %Y +0000");
            format!(
                "{gap}commit {}{marks}\nAuthor: {}\nDate:   {date}\n\n    {}\n",
                commit.id, commit.author, commit.subject
            )
        };
        tool.out(text).await?;
    }
    Ok(0)
}

async fn restore(call: Call) -> Outcome {
    let tool = Tool::new(call, &RESTORE).await?;
    let tree = here(&tool).await?;
    if tool.options.operands.is_empty() {
        return Err(fatal(&tool, "you must specify path(s) to restore").await);
    }
    for operand in &tool.options.operands {
        let full = tool.path(operand);
        let inside = full.strip_prefix(tree.root.as_str()).map(|p| p.trim_matches('/').to_owned());
        let files = inside.map(|path| tree.committed(&path)).unwrap_or_default();
        if files.is_empty() {
            tool.note(format!("error: pathspec '{operand}' did not match any file(s) known to git\n")).await;
            return Ok(1);
        }
        for (path, bytes) in files {
            if let Err(error) = worktree::write_file(&tool.call.sys, &tree.root, &path, bytes.to_vec()) {
                return Err(fatal(&tool, format!("unable to write '{path}': {error}")).await);
            }
        }
    }
    Ok(0)
}

async fn branch(call: Call) -> Outcome {
    let tool = Tool::bare(call, &NONE);
    let tree = here(&tool).await?;
    let branch = tree.repository.branch();
    let mut text = format!("* {branch}\n");
    if tool.call.args().iter().any(|a| a == "-a" || a == "--all") {
        text += &format!("  remotes/origin/HEAD -> origin/{branch}\n  remotes/origin/{branch}\n");
    }
    tool.out(text).await?;
    Ok(0)
}

async fn remote(call: Call) -> Outcome {
    let tool = Tool::bare(call, &NONE);
    let tree = here(&tool).await?;
    let loud = tool.call.args().iter().any(|a| a == "-v" || a == "--verbose");
    let text = match loud {
        true => format!("origin\t{0} (fetch)\norigin\t{0} (push)\n", tree.url),
        false => "origin\n".to_owned(),
    };
    tool.out(text).await?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use crate::programs::testing::{check, run};

    const CLONE: &str = "git clone https://github.com/googlecodelabs/orchestrate-with-kubernetes.git 2>&1; cd orchestrate-with-kubernetes; ";

    #[test]
    fn a_clone_is_looked_at_changed_and_taken_back() {
        check(
            &format!("{CLONE}ls; ls kubernetes; git status; git log --oneline | wc -l; git branch"),
            "Cloning into 'orchestrate-with-kubernetes'...\nkubernetes\nREADME.md\ncleanup.sh\ndeployments\nnginx\npods\nservices\ntls\n\
             On branch master\nYour branch is up to date with 'origin/master'.\n\nnothing to commit, working tree clean\n3\n* master\n",
        );
        check(
            &format!(
                "{CLONE}cd kubernetes/pods; sed -i s/81/82/ monolith.yaml; rm ../cleanup.sh; touch mine; git status -s; git diff | grep '^[+-].*8[12]'; git restore .. ; git status -s"
            ),
            "Cloning into 'orchestrate-with-kubernetes'...\n D ../cleanup.sh\n M monolith.yaml\n?? mine\n-        - \"-health=0.0.0.0:81\"\n\
             +        - \"-health=0.0.0.0:82\"\n-          containerPort: 81\n+          containerPort: 82\n?? mine\n",
        );
    }

    #[test]
    fn what_cannot_be_cloned_is_said() {
        check(
            &format!("{CLONE}cd; git clone https://github.com/googlecodelabs/orchestrate-with-kubernetes"),
            "Cloning into 'orchestrate-with-kubernetes'...\nfatal: destination path 'orchestrate-with-kubernetes' already exists and is not an empty directory.\n[128]",
        );
        let text = run(&[], "git clone https://github.com/some/thing.git");
        assert!(
            text.contains("fatal: repository 'https://github.com/some/thing.git' not found\nKubeJam"),
            "{text}"
        );
        check(
            "git clone https://gitbub.com/a/b",
            "Cloning into 'b'...\nfatal: unable to access 'https://gitbub.com/a/b/': Could not resolve host: gitbub.com\n[128]",
        );
        check("git status", "fatal: not a git repository (or any of the parent directories): .git\n[128]");
        check(
            "git clon x",
            "git: 'clon' is not a git command. See 'git --help'.\n\nThe most similar command is\n\tclone\n[1]",
        );
        let text = run(&[], "git commit -m x");
        assert!(
            text.starts_with("git: KubeJam does not imitate 'commit'") && text.ends_with("[1]"),
            "{text}"
        );
    }
}
