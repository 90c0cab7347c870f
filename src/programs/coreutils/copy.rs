//! `cp`, `mv` and `install`. Must never overwrite a file with itself.

use std::rc::Rc;

use crate::image::files::{Entry, EntryKind, FsError, join};
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;

static CP: Spec = Spec::new(
    &[
        "a,archive",
        "f,force",
        "i,interactive",
        "n,no-clobber",
        "r,R,recursive",
        "t,target-directory=",
        "T,no-target-directory",
        "u,update",
        "v,verbose",
        "p",
        "preserve=?",
        "L,dereference",
        "P,no-dereference",
        "d",
        "l,link",
        "s,symbolic-link",
        "H",
        "x",
        "backup=?",
        "b",
    ],
    "Usage: cp [OPTION]... SOURCE... DEST\n\nCopies SOURCE to DEST, or several SOURCEs into a directory.\n\n  -r, -R  directories with everything in them   -a  the same, keeping times\n  -i  ask before overwriting   -n  never overwrite   -u  only when newer   -v  say each\n  -t DIRECTORY  copy into it\n",
);
static MV: Spec = Spec::new(
    &[
        "f,force",
        "i,interactive",
        "n,no-clobber",
        "t,target-directory=",
        "T,no-target-directory",
        "u,update",
        "v,verbose",
        "b",
        "backup=?",
    ],
    "Usage: mv [OPTION]... SOURCE... DEST\n\nRenames SOURCE to DEST, or moves several SOURCEs into a directory.\n\n  -i  ask before overwriting   -n  never overwrite   -u  only when newer   -v  say each\n",
);
static INSTALL: Spec = Spec::new(
    &[
        "m,mode=",
        "d,directory",
        "o,owner=",
        "g,group=",
        "t,target-directory=",
        "T,no-target-directory",
        "v,verbose",
        "D",
        "p",
        "s",
        "c",
    ],
    "Usage: install [OPTION]... SOURCE... DEST\n\nCopies files and sets their mode.\n\n  -m MODE   -d  make directories\n",
);

/// Sources and where they go.
async fn plan(tool: &Tool) -> Result<Vec<(String, String)>, Quit> {
    let mut operands = tool.options.operands.clone();
    if operands.is_empty() {
        return Err(tool.misuse("missing file operand").await);
    }
    let target = match tool.options.value("t") {
        Some(dir) => dir.to_owned(),
        None if operands.len() == 1 => {
            return Err(tool
                .misuse(&format!("missing destination file operand after '{}'", operands[0]))
                .await);
        }
        None => operands.pop().unwrap_or_default(),
    };
    let into = tool.call.sys.is_dir(&tool.path(&target)) && !tool.options.has("T");
    if operands.len() > 1 && !into {
        let why = if tool.call.sys.exists(&tool.path(&target)) {
            "Not a directory"
        } else {
            "No such file or directory"
        };
        return Err(tool.die(format!("target '{target}': {why}")).await);
    }
    let place = |source: &String| {
        let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or(source);
        let to = match into {
            true if name == "." || name == ".." => target.clone(),
            true => format!("{}/{name}", target.trim_end_matches('/')),
            false => target.clone(),
        };
        (source.clone(), to)
    };
    Ok(operands.iter().map(place).collect())
}

/// Whether the target may be written, as `-i`, `-n` and `-u` say.
async fn allowed(tool: &Tool, from: &Entry, to: &str) -> bool {
    let Ok(there) = tool.call.sys.stat(&tool.path(to)) else { return true };
    if tool.options.has("u") && there.mtime >= from.mtime {
        return false;
    }
    match tool.options.last_of(&["i", "n", "f"]) {
        Some("n") => false,
        Some("i") => {
            tool.note(format!("{}: overwrite '{to}'? ", tool.name)).await;
            let answer = tool.call.io.stdin.read_line().await.unwrap_or_default();
            matches!(answer.first(), Some(b'y' | b'Y'))
        }
        _ => true,
    }
}

/// `cp`.
pub async fn cp(call: Call) -> Outcome {
    let tool = Tool::new(call, &CP).await?;
    let recursive = tool.options.has("r") || tool.options.has("a");
    for (from, to) in plan(&tool).await? {
        let path = tool.path(&from);
        let sys = &tool.call.sys;
        let keep_links = tool.options.has("a") || tool.options.has("P") || tool.options.has("d");
        let entry = if keep_links { sys.lstat(&path) } else { sys.stat(&path) };
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if tool.busybox => {
                tool.complain(format!("can't stat '{from}': {error}")).await;
                continue;
            }
            Err(error) => {
                tool.complain(format!("cannot stat '{from}': {error}")).await;
                continue;
            }
        };
        if entry.is_dir() && !recursive {
            let text = if tool.busybox {
                format!("omitting directory '{from}'")
            } else {
                format!("-r not specified; omitting directory '{from}'")
            };
            tool.complain(text).await;
            continue;
        }
        let target = tool.path(&to);
        if to.ends_with('/') && !entry.is_dir() && !sys.is_dir(&target) {
            tool.complain(format!("cannot create regular file '{to}': Not a directory")).await;
            continue;
        }
        if target == path {
            tool.complain(format!("'{from}' and '{to}' are the same file")).await;
            continue;
        }
        if entry.is_dir() && target.starts_with(&format!("{path}/")) {
            tool.complain(format!("cannot copy a directory, '{from}', into itself, '{to}'")).await;
            continue;
        }
        if sys.is_dir(&target) && !entry.is_dir() {
            tool.complain(format!("cannot overwrite directory '{to}' with non-directory")).await;
            continue;
        }
        if entry.is_dir() && sys.exists(&target) && !sys.is_dir(&target) {
            tool.complain(format!("cannot overwrite non-directory '{to}' with directory '{from}'")).await;
            continue;
        }
        if !allowed(&tool, &entry, &to).await {
            continue;
        }
        match put(&tool, &target, &entry) {
            Ok(()) if tool.options.has("v") => tool.out(format!("'{from}' -> '{to}'\n")).await?,
            Ok(()) => {}
            Err(FsError::NotFound) if tool.busybox => {
                tool.complain(format!("can't create '{to}': {}", FsError::NotFound)).await
            }
            Err(error) => {
                tool.complain(format!(
                    "cannot create {} '{to}': {error}",
                    if entry.is_dir() { "directory" } else { "regular file" }
                ))
                .await
            }
        }
    }
    tool.done()
}

/// Puts a copy of an entry at a path: merged with a directory that stands there.
fn put(tool: &Tool, target: &str, entry: &Rc<Entry>) -> Result<(), FsError> {
    let keep = tool.options.has("a") || tool.options.has("p") || tool.options.has("preserve");
    let sys = &tool.call.sys;
    let now = sys.now();
    let user = crate::programs::identity::user(sys);
    let (owner, group): (Rc<str>, Rc<str>) = (Rc::from(user.name), Rc::from(user.group));
    let fresh = |entry: &Entry, kind: EntryKind| {
        let mtime = if keep { entry.mtime } else { now };
        Entry { kind, mode: entry.mode, owner: owner.clone(), group: group.clone(), mtime }
    };
    match &entry.kind {
        EntryKind::Dir(below) => {
            if !sys.is_dir(target) {
                let empty = fresh(entry, EntryKind::Dir(Default::default()));
                sys.change(target, |tree, path, _| tree.put(path, empty))?;
            }
            for (name, child) in below {
                put(tool, &join(target, name), child)?;
            }
            if keep {
                sys.change(target, |tree, path, _| tree.touch(path, entry.mtime)).ok();
            }
            Ok(())
        }
        kind => {
            let copy = fresh(entry, kind.clone());
            sys.change(target, |tree, path, _| {
                // An existing file keeps its own mode and owner.
                if let (EntryKind::File(bytes), Ok(_)) = (&copy.kind, tree.stat(path)) {
                    return tree.write(path, bytes.clone(), copy.mtime);
                }
                tree.put(path, copy)
            })
        }
    }
}

/// `mv`.
pub async fn mv(call: Call) -> Outcome {
    let tool = Tool::new(call, &MV).await?;
    for (from, to) in plan(&tool).await? {
        let (path, target) = (tool.path(&from), tool.path(&to));
        let sys = &tool.call.sys;
        let entry = match sys.lstat(&path) {
            Ok(entry) => entry,
            Err(error) => {
                let text = if tool.busybox {
                    format!("can't rename '{from}': {error}")
                } else {
                    format!("cannot stat '{from}': {error}")
                };
                tool.complain(text).await;
                continue;
            }
        };
        if path == target {
            tool.complain(format!("'{from}' and '{to}' are the same file")).await;
            continue;
        }
        if entry.is_dir() && target.starts_with(&format!("{path}/")) {
            tool.complain(format!("cannot move '{from}' to a subdirectory of itself, '{to}'")).await;
            continue;
        }
        if sys.is_dir(&target) && !entry.is_dir() {
            tool.complain(format!("cannot overwrite directory '{to}' with non-directory")).await;
            continue;
        }
        if entry.is_dir() && sys.exists(&target) && !sys.is_dir(&target) {
            tool.complain(format!("cannot overwrite non-directory '{to}' with directory '{from}'")).await;
            continue;
        }
        if !allowed(&tool, &entry, &to).await {
            continue;
        }
        let moved = rename(&tool, &path, &target, &entry);
        match moved {
            Ok(()) if tool.options.has("v") => tool.out(format!("renamed '{from}' -> '{to}'\n")).await?,
            Ok(()) => {}
            Err(error) => tool.complain(format!("cannot move '{from}' to '{to}': {error}")).await,
        }
    }
    tool.done()
}

fn rename(tool: &Tool, path: &str, target: &str, entry: &Rc<Entry>) -> Result<(), FsError> {
    let sys = &tool.call.sys;
    let (from, to) = sys.view(|w| (w.place(sys.host, path), w.place(sys.host, target)));
    if from.0 == to.0 {
        return sys.change(path, |tree, path, now| tree.rename(path, &to.1, now));
    }
    let copy = (**entry).clone();
    sys.change(target, |tree, target, _| tree.put(target, copy))?;
    sys.change(path, |tree, path, now| tree.remove(path, true, now))
}

/// `install`.
pub async fn install(call: Call) -> Outcome {
    let tool = Tool::new(call, &INSTALL).await?;
    let mode = tool.options.value("m").and_then(|m| super::files::new_mode(m, 0o755, false)).unwrap_or(0o755);
    let sys = &tool.call.sys;
    if tool.options.has("d") {
        for name in &tool.options.operands {
            sys.change(&tool.path(name), |tree, path, now| tree.mkdir(path, true, now)).ok();
        }
        return tool.done();
    }
    for (from, to) in plan(&tool).await? {
        match sys.stat(&tool.path(&from)) {
            Ok(entry) if !entry.is_dir() => {
                let target = tool.path(&to);
                let done = put(&tool, &target, &entry)
                    .and_then(|()| sys.change(&target, |tree, path, _| tree.chmod(path, mode)));
                if let Err(error) = done {
                    tool.complain(format!("cannot create regular file '{to}': {error}")).await;
                }
            }
            Ok(_) => tool.complain(format!("omitting directory '{from}'")).await,
            Err(error) => tool.complain(format!("cannot stat '{from}': {error}")).await,
        }
    }
    tool.done()
}
