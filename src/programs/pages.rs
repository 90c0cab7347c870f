//! Reading: `less`, `more`, `man`. Must never wait for a key: the terminal scrolls.

use super::options::Spec;
use super::tool::{Outcome, Tool};
use crate::world::Call;

static PAGER: Spec = Spec::new(
    &["N", "S", "R", "F", "X", "i", "n", "e", "f", "p=", "d", "s"],
    "Usage: less [options] file...\n\nShows files. Here all at once: scroll the terminal to look back.\n",
);
static MAN: Spec = Spec::new(&["k", "f", "a"], "Usage: man COMMAND\n\nSays what COMMAND is for.\n");

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
