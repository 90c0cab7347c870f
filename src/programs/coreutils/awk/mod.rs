//! `awk`: the program is parsed whole, then run record by record. Must never run for ever: every loop counts.

mod eval;
mod functions;
mod lex;
mod parse;
mod run;
mod tree;
mod value;
mod waits;

use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Tool};
use crate::world::Call;

static SPEC: Spec = Spec::new(
    &["F,field-separator=", "v,assign=", "f,file="],
    "Usage: awk [-F fs] [-v var=value] 'prog' [file ...]\n\nRuns the program over every line: PATTERN { ACTION }.\n\n  -F FS  fields are separated by FS   -v VAR=VALUE  before the program starts   -f FILE  the program from FILE\n",
)
.misuse(2)
.stop_at_operand();

/// `awk`.
pub async fn awk(call: Call) -> Outcome {
    let tool = Tool::new(call, &SPEC).await?;
    let mut operands = tool.options.operands.clone();
    let mut text = String::new();
    for file in tool.options.values("f") {
        match tool.call.sys.read_text(&tool.path(file)) {
            Ok(program) => text += &(program + "\n"),
            Err(error) => return Err(tool.die_with(2, format!("cannot open {file} ({error})")).await),
        }
    }
    if !tool.options.has("f") {
        if operands.is_empty() {
            tool.note(SPEC.help).await;
            return Ok(2);
        }
        text = operands.remove(0);
    }
    let program = match lex::tokens(&text).and_then(parse::parse) {
        Ok(program) => program,
        Err(error) => {
            tool.note(format!("awk: line {}: syntax error at or near {}\n", error.line, error.near)).await;
            return Ok(2);
        }
    };
    let mut machine = run::Machine::new(&tool, &program);
    if let Some(separator) = tool.options.value("F") {
        machine.set_global("FS", if separator == "t" { "\t" } else { separator });
    }
    for pair in tool.options.values("v") {
        match pair.split_once('=') {
            Some((name, value)) => machine.set_global(name, value),
            None => return Err(tool.die_with(2, format!("improper assignment: -v {pair}")).await),
        }
    }
    machine.run(operands).await
}
