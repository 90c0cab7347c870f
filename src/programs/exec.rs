//! `exec`: a program that becomes another one, in the same process, as entry points, `env` and `sudo` do. Must never
//! start a second process.

use crate::world::sys::{ExecError, Executable};
use crate::world::{Call, ExitStatus};

/// Becomes the program that `argv` names.
///
/// # Errors
/// The call back, and why it cannot be run.
pub async fn exec(call: Call, argv: Vec<String>) -> Result<ExitStatus, (Call, ExecError)> {
    let name = argv.first().cloned().unwrap_or_default();
    let search =
        call.var("PATH").unwrap_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").to_owned();
    let found = match call.sys.find_executable(&name, &call.cwd, &search) {
        Ok(found) => found,
        Err(error) => return Err((call, error)),
    };
    let (program, argv) = match found {
        Executable::Program { name, .. } => (name, argv),
        Executable::Script { interpreter, path } => {
            let mut words = if interpreter.is_empty() { vec!["/bin/sh".to_owned()] } else { interpreter };
            let program = words[0].rsplit('/').next().unwrap_or("sh").to_owned();
            words.push(path);
            words.extend(argv.into_iter().skip(1));
            (program, words)
        }
    };
    let Some(program) = call.sys.kernel().program(&program) else { return Err((call, ExecError::Format)) };
    let me = call.sys.me;
    call.sys.with(|w| {
        if let Some(process) = w.processes.get_mut(&me) {
            process.argv.clone_from(&argv);
        }
    });
    Ok(program(Call { argv, ..call }).await)
}
