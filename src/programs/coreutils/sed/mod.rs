//! `sed`: the script is parsed whole, then run line by line. Must never read ahead more than one line.

mod parse;
mod run;

use parse::{Failure, parse};
use run::Machine;

use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::Call;

static SPEC: Spec = Spec::new(
    &[
        "n,quiet,silent",
        "e,expression=",
        "f,file=",
        "E,regexp-extended,r",
        "i,in-place=?",
        "s,separate",
        "u,unbuffered",
        "z,null-data",
        "l,line-length=",
        "posix",
        "debug",
        "b,binary",
        "follow-symlinks",
    ],
    "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...

Runs the script over every line of the input.

  -n                 print only what the script prints
  -e SCRIPT          add SCRIPT to the script
  -f FILE            add FILE's text to the script
  -E, -r             extended expressions
  -i[SUFFIX]         write the result back to the file, keeping a copy with SUFFIX
  -s                 every file is its own input
",
);

/// `sed`.
pub async fn sed(call: Call) -> Outcome {
    let tool = Tool::new(call, &SPEC).await?;
    let (script, operands) = script(&tool).await?;
    let program = match parse(&script, tool.options.has("E")) {
        Ok(program) => program,
        Err(Failure { at, message }) => {
            return Err(tool.die(format!("-e expression #1, char {at}: {message}")).await);
        }
    };
    let quiet = tool.options.has("n");
    let in_place = tool.options.has("i");
    let operands = if operands.is_empty() { vec!["-".to_owned()] } else { operands };
    if in_place {
        return edit_files(&tool, &program, quiet, &operands).await;
    }
    let mut machine = Machine::new(&program, quiet);
    let separate = tool.options.has("s");
    let mut readers = Vec::new();
    for operand in &operands {
        match tool.open(operand) {
            Ok(input) => readers.push(input),
            Err(crate::image::files::FsError::IsADirectory) => {
                tool.fail_with(
                    2,
                    format!("couldn't read {operand}: Is a directory")
                        .replace("couldn't read", "read error on"),
                )
                .await;
            }
            Err(error) => tool.fail_with(2, format!("can't read {operand}: {error}")).await,
        }
    }
    let groups: Vec<Vec<_>> = match separate {
        true => readers.into_iter().map(|r| vec![r]).collect(),
        false => vec![readers],
    };
    for group in groups {
        if let Some(status) = machine.run(&tool, group).await? {
            return Ok(status);
        }
    }
    tool.done()
}

async fn script(tool: &Tool) -> Result<(String, Vec<String>), Quit> {
    let mut parts = Vec::new();
    for (key, value) in tool.options.given() {
        match (*key, value) {
            ("e", Some(text)) => parts.push(text.clone()),
            ("f", Some(file)) => match tool.call.sys.read_text(&tool.path(file)) {
                Ok(text) => parts.push(text.trim_end_matches('\n').to_owned()),
                Err(error) => return Err(tool.die(format!("couldn't open file {file}: {error}")).await),
            },
            _ => {}
        }
    }
    let mut operands = tool.options.operands.clone();
    if parts.is_empty() {
        if operands.is_empty() {
            tool.note(SPEC.help).await;
            return Err(Quit(1));
        }
        parts.push(operands.remove(0));
    }
    Ok((parts.join("\n"), operands))
}

async fn edit_files(tool: &Tool, program: &parse::Script, quiet: bool, operands: &[String]) -> Outcome {
    for operand in operands {
        let path = tool.path(operand);
        let sys = &tool.call.sys;
        let before = match sys.read(&path) {
            Ok(bytes) => bytes,
            Err(crate::image::files::FsError::IsADirectory) => {
                tool.fail_with(4, format!("couldn't edit {operand}: not a regular file")).await;
                continue;
            }
            Err(error) => {
                tool.fail_with(2, format!("can't read {operand}: {error}")).await;
                continue;
            }
        };
        if let Some(suffix) = tool.options.value("i") {
            sys.write(&format!("{path}{suffix}"), before.clone()).ok();
        }
        let mut machine = Machine::new(program, quiet);
        let after = machine.run_on_bytes(tool, &before).await?;
        if let Err(error) = sys.write(&path, after) {
            return Err(tool.die_with(4, format!("couldn't open temporary file ./sedXXXXXX: {error}")).await);
        }
    }
    tool.done()
}
