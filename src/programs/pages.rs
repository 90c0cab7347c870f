//! Reading and editing: `less`, `more`, `man`, `help`, and the editors, which the interface has. Must never draw an editor.

use super::options::Spec;
use super::tool::{Outcome, Tool};
use crate::world::Call;
use crate::world::tty::Edited;

static PAGER: Spec = Spec::new(&["N", "S", "R", "F", "X", "i", "n", "e", "f", "p=", "d", "s"], "Usage: less [options] file...\n\nShows files. Here all at once: scroll the terminal to look back.\n");
static MAN: Spec = Spec::new(&["k", "f", "a"], "Usage: man COMMAND\n\nSays what COMMAND is for.\n");
static EDITOR: Spec = Spec::new(&["l", "w", "n", "c=", "R", "u=", "i", "B", "E", "T="], "Usage: vi FILE\n\nOpens FILE in the editor.\n");

/// `less` and `more`.
pub async fn less(call: Call) -> Outcome {
    let tool = Tool::new(call, &PAGER).await?;
    if tool.options.operands.is_empty() && tool.call.io.stdin.is_terminal() {
        tool.note("Missing filename (\"less --help\" for help)\n").await;
        return Ok(1);
    }
    for operand in tool.inputs() {
        match tool.open(&operand) {
            Ok(input) => {
                while let Some(line) = input.read_line().await {
                    tool.out(line).await?;
                }
            }
            Err(crate::image::files::FsError::IsADirectory) => {
                tool.note(format!("{operand} is a directory\n")).await;
                tool.set_status(1);
            }
            Err(error) => {
                tool.note(format!("{operand}: {error}\n")).await;
                tool.set_status(1);
            }
        }
    }
    if tool.on_terminal() {
        tool.note("(END: scroll the terminal to read from the start)\n").await;
    }
    tool.done()
}

/// `man`: the command's own `--help`.
pub async fn man(call: Call) -> Outcome {
    let tool = Tool::new(call, &MAN).await?;
    let Some(name) = tool.options.operands.last().cloned() else {
        tool.note("What manual page do you want?\nFor example, try 'man man'.\n").await;
        return Ok(1);
    };
    let call = Call { argv: vec![name.clone(), "--help".to_owned()], ..tool.call };
    let argv = call.argv.clone();
    match super::exec::exec(call, argv).await {
        Ok(_) => Ok(0),
        Err((call, _)) => {
            call.io.stderr.write(format!("No manual entry for {name}\n")).await.ok();
            Ok(16)
        }
    }
}

/// `vi`, `vim`, `nano`, `emacs`: the interface's editor, with the program's name so that it takes its keys.
pub async fn edit(call: Call) -> Outcome {
    let tool = Tool::new(call, &EDITOR).await?;
    let Some(name) = tool.options.operands.iter().rfind(|o| !o.starts_with('+')).cloned() else {
        tool.note(format!("{}: tell me which file to edit: {0} FILE\n", tool.name)).await;
        return Ok(1);
    };
    let path = tool.path(&name);
    if tool.call.sys.is_dir(&path) {
        tool.note(format!("\"{name}\" is a directory\n")).await;
        return Ok(1);
    }
    if !tool.call.io.stdin.is_terminal() || !tool.on_terminal() {
        tool.note(match tool.name.as_str() {
            "nano" => "Standard input is not a terminal\n",
            _ => "Vim: Warning: Output is not to a terminal\nVim: Warning: Input is not from a terminal\n",
        })
        .await;
        return Ok(1);
    }
    let fresh = !tool.call.sys.exists(&path);
    match tool.call.sys.edit(&tool.name, &path).await {
        Some(Edited::Saved(bytes)) => match tool.call.sys.write(&path, bytes) {
            Ok(()) => {
                if fresh {
                    super::coreutils::files::own(&tool, &path);
                }
                Ok(0)
            }
            Err(error) => {
                tool.note(format!("\"{name}\" {error}\n")).await;
                Ok(1)
            }
        },
        _ => Ok(0),
    }
}
