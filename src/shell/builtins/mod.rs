//! The builtins: a table of names, and a file per family. A builtin is an async function on the shell; the table
//! decides nothing else.

mod declare;
mod flow;
mod files;
mod getopts;
mod jobs;
mod misc;
mod names;
mod options;
mod output;
mod printf;
mod read;
mod test;
mod trap;

pub use files::change_directory;
pub use getopts::Getopts;

use super::interp::{LocalFuture, Outcome};
use super::state::{Flavor, Shell};

/// An argument of a builtin: a word, or an assignment already taken apart.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    Word(String),
    Assign { name: String, index: Option<String>, append: bool, value: String },
    AssignArray { name: String, append: bool, items: Vec<(Option<String>, String)> },
}

impl Argument {
    /// As one word.
    pub fn text(&self) -> String {
        match self {
            Argument::Word(text) => text.clone(),
            Argument::Assign { name, index, append, value } => {
                let index = index.as_ref().map_or(String::new(), |index| format!("[{index}]"));
                format!("{name}{index}{}{value}", if *append { "+=" } else { "=" })
            }
            Argument::AssignArray { name, .. } => name.clone(),
        }
    }
}

/// Gets the words after the name.
type RunWords = for<'a> fn(&'a mut Shell, Vec<String>) -> LocalFuture<'a, Outcome>;

pub struct Builtin {
    pub name: &'static str,
    run: Run,
    /// After `name: usage: `.
    pub usage: &'static str,
    /// `sh` knows it too.
    posix: bool,
}

enum Run {
    Words(RunWords),
    Arguments(for<'a> fn(&'a mut Shell, &'static str, Vec<Argument>) -> LocalFuture<'a, Outcome>),
}

impl Builtin {
    /// Calls it; the first argument is the name.
    pub fn run<'a>(&self, shell: &'a mut Shell, arguments: Vec<Argument>) -> LocalFuture<'a, Outcome> {
        match self.run {
            Run::Words(run) => run(shell, arguments[1..].iter().map(Argument::text).collect()),
            Run::Arguments(run) => run(shell, self.name, arguments[1..].to_vec()),
        }
    }
}

const fn both(name: &'static str, run: RunWords, usage: &'static str) -> Builtin {
    Builtin { name, run: Run::Words(run), usage, posix: true }
}

const fn bash(name: &'static str, run: RunWords, usage: &'static str) -> Builtin {
    Builtin { name, run: Run::Words(run), usage, posix: false }
}

const fn declaring(name: &'static str, usage: &'static str, posix: bool) -> Builtin {
    Builtin { name, run: Run::Arguments(declare::declare), usage, posix }
}

static TABLE: [Builtin; 58] = [
    both(".", flow::source, ". filename [arguments]"),
    both(":", flow::colon, ": [arguments]"),
    both("[", test::bracket, "[ arg... ]"),
    both("alias", names::alias, "alias [-p] [name[=value] ... ]"),
    both("bg", jobs::bg, "bg [job_spec ...]"),
    bash(
        "bind",
        misc::ignored,
        "bind [-lpsvPSVX] [-m keymap] [-f filename] [-q name] [-u name] [-r keyseq] [-x keyseq:shell-command] [keyseq:readline-function or readline-command]",
    ),
    both("break", flow::break_, "break [n]"),
    bash("builtin", names::builtin, "builtin [shell-builtin [arg ...]]"),
    bash("caller", misc::caller, "caller [expr]"),
    both("cd", files::cd, "cd [-L|[-P [-e]] [-@]] [dir]"),
    both("command", names::command, "command [-pVv] command [arg ...]"),
    bash(
        "compgen",
        misc::compgen,
        "compgen [-abcdefgjksuv] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [word]",
    ),
    bash(
        "complete",
        misc::complete,
        "complete [-abcdefgjksuv] [-pr] [-DEI] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [name ...]",
    ),
    bash("compopt", misc::ignored, "compopt [-o|+o option] [-DEI] [name ...]"),
    both("continue", flow::continue_, "continue [n]"),
    declaring(
        "declare",
        "declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]",
        false,
    ),
    bash("dirs", files::dirs, "dirs [-clpv] [+N] [-N]"),
    bash("disown", jobs::disown, "disown [-h] [-ar] [jobspec ... | pid ...]"),
    both("echo", output::echo, "echo [-neE] [arg ...]"),
    bash("enable", misc::enable, "enable [-a] [-dnps] [-f filename] [name ...]"),
    both("eval", flow::eval, "eval [arg ...]"),
    both("exec", flow::exec, "exec [-cl] [-a name] [command [argument ...]] [redirection ...]"),
    both("exit", flow::exit, "exit [n]"),
    declaring("export", "export [-fn] [name[=value] ...] or export -p", true),
    both("false", flow::false_, "false"),
    bash("fc", misc::ignored, "fc [-e ename] [-lnr] [first] [last] or fc -s [pat=rep] [command]"),
    both("fg", jobs::fg, "fg [job_spec]"),
    both("getopts", getopts::getopts, "getopts optstring name [arg ...]"),
    both("hash", names::hash, "hash [-lr] [-p pathname] [-dt] [name ...]"),
    bash("help", misc::help, "help [-dms] [pattern ...]"),
    bash(
        "history",
        misc::history,
        "history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]",
    ),
    both("jobs", jobs::jobs, "jobs [-lnprs] [jobspec ...] or jobs -x command [args]"),
    both(
        "kill",
        jobs::kill,
        "kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]",
    ),
    bash("let", flow::let_, "let arg [arg ...]"),
    declaring("local", "local [option] name[=value] ...", true),
    bash("logout", flow::exit, "logout [n]"),
    bash(
        "mapfile",
        read::mapfile,
        "mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]",
    ),
    bash("popd", files::popd, "popd [-n] [+N | -N]"),
    both("printf", printf::printf, "printf [-v var] format [arguments]"),
    bash("pushd", files::pushd, "pushd [-n] [+N | -N | dir]"),
    both("pwd", files::pwd, "pwd [-LP]"),
    both(
        "read",
        read::read,
        "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]",
    ),
    bash(
        "readarray",
        read::mapfile,
        "readarray [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]",
    ),
    declaring("readonly", "readonly [-aAf] [name[=value] ...] or readonly -p", true),
    both("return", flow::return_, "return [n]"),
    both("set", options::set, "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]"),
    both("shift", options::shift, "shift [n]"),
    bash("shopt", options::shopt, "shopt [-pqsu] [-o] [optname ...]"),
    bash("source", flow::source_long, "source filename [arguments]"),
    both("test", test::test, "test [expr]"),
    both("times", misc::times, "times"),
    both("trap", trap::trap, "trap [-lp] [[arg] signal_spec ...]"),
    both("true", flow::true_, "true"),
    both("type", names::type_, "type [-afptP] name [name ...]"),
    declaring(
        "typeset",
        "typeset [-aAfFgiIlnrtux] name[=value] ... or typeset -p [-aAfFilnrtux] [name ...]",
        false,
    ),
    both("ulimit", misc::ulimit, "ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]"),
    both("umask", files::umask, "umask [-p] [-S] [mode]"),
    both("unalias", names::unalias, "unalias [-a] name [name ...]"),
];

/// Builtins that did not fit the alphabet above.
static MORE: [Builtin; 2] = [
    both("unset", declare::unset, "unset [-f] [-v] [-n] [name ...]"),
    both("wait", jobs::wait, "wait [-fn] [-p var] [id ...]"),
];

/// The builtin of that name in this shell.
pub fn find(name: &str, flavor: Flavor) -> Option<&'static Builtin> {
    let all = TABLE.iter().chain(MORE.iter());
    all.into_iter().find(|builtin| builtin.name == name && (builtin.posix || flavor == Flavor::Bash))
}

/// Every builtin's name, sorted.
pub fn names(flavor: Flavor) -> impl Iterator<Item = &'static Builtin> {
    TABLE.iter().chain(MORE.iter()).filter(move |builtin| builtin.posix || flavor == Flavor::Bash)
}

impl Shell {
    /// `name: message`, status 1.
    pub(super) async fn builtin_error(&mut self, name: &str, message: &str) -> Outcome {
        self.complain(&format!("{name}: {message}")).await;
        Ok(1)
    }

    /// The usage line after a complaint; status 2.
    pub(super) async fn usage(&mut self, name: &str, complaint: &str) -> Outcome {
        if !complaint.is_empty() {
            self.complain(&format!("{name}: {complaint}")).await;
        }
        if let (Some(builtin), true) = (find(name, self.flavor), self.is_bash()) {
            self.err_text(&format!("{name}: usage: {}\n", builtin.usage)).await?;
        }
        Ok(2)
    }
}

/// Leading options of single letters. `Err` is the one that is not known.
fn letters(args: &[String], known: &str) -> Result<(Vec<char>, usize), char> {
    let mut found = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        match arg.strip_prefix('-') {
            Some("-") => return Ok((found, i + 1)),
            Some("") | None => return Ok((found, i)),
            Some(flags) => {
                for letter in flags.chars() {
                    if !known.contains(letter) {
                        return Err(letter);
                    }
                    found.push(letter);
                }
            }
        }
    }
    Ok((found, args.len()))
}

/// The numbered choices of `select`, in columns as bash lays them out.
pub fn menu(items: &[String]) -> String {
    const COLUMNS: usize = 80;
    let longest = items.iter().map(|item| item.chars().count()).max().unwrap_or(0);
    let digits = items.len().to_string().len();
    let width = longest + digits + 2 + 2;
    let columns = (COLUMNS / width).max(1).min(items.len());
    let rows = items.len().div_ceil(columns);
    let rows = if items.len() <= rows.max(1) || rows == 1 { items.len() } else { rows };
    let mut text = String::new();
    for row in 0..rows {
        let mut line = String::new();
        for (column, at) in (row..items.len()).step_by(rows).enumerate() {
            let wanted = column * width;
            while line.chars().count() < wanted {
                line.push(' ');
            }
            line.push_str(&format!("{:>digits$}) {}", at + 1, items[at]));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
