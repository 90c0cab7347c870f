//! vi, vim, nano, emacs and their like. The editing happens in the interface; here a file is handed over and what was saved is
//! written. Must never change a file that was left unsaved.

use crate::image::files::FsError;
use crate::world::tty::Edited;
use crate::world::{Call, ExitStatus, LocalFuture};

/// Any editor, by the name it was called.
pub fn editor(call: Call) -> LocalFuture<ExitStatus> {
    Box::pin(edit(call))
}

async fn edit(call: Call) -> ExitStatus {
    let name = call.name().to_owned();
    // `+12`, `-R`, `--`: where to begin and how; only the file matters here.
    let file = call.args().iter().find(|a| !a.starts_with(['-', '+']));
    let Some(file) = file else {
        return complain(&call, &format!("{name}: which file? Give its name: {name} FILE")).await;
    };
    if call.sys.tty().is_none() || !call.io.stdin.is_terminal() {
        return complain(&call, "Vim: Warning: Input is not from a terminal").await;
    }
    let path = call.path(file);
    if call.sys.is_dir(&path) {
        return complain(&call, &format!("\"{file}\" is a directory")).await;
    }
    let Some(Edited::Saved(bytes)) = call.sys.edit(&name, &path).await else { return 0 };
    match call.sys.write(&path, bytes) {
        Ok(()) => 0,
        Err(FsError::NotFound | FsError::NotADirectory) => {
            complain(&call, &format!("\"{file}\" E212: Can't open file for writing")).await
        }
        Err(error) => complain(&call, &format!("\"{file}\" {error}")).await,
    }
}

async fn complain(call: &Call, message: &str) -> ExitStatus {
    call.io.stderr.write(format!("{message}\n").as_bytes()).await.ok();
    1
}
