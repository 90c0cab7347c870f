//! `test` and `[`, and the file and string tests that `[[ ]]` shares with them.

use super::super::interp::{LocalFuture, Outcome};
use super::super::state::Shell;
use crate::image::EntryKind;

pub(super) fn test<'a>(shell: &'a mut Shell, args: Vec<String>) -> LocalFuture<'a, Outcome> {
    Box::pin(async move { run(shell, "test", args).await })
}

pub(super) fn bracket<'a>(shell: &'a mut Shell, mut args: Vec<String>) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        if args.pop().as_deref() != Some("]") {
            let message = if shell.is_bash() { "missing `]'" } else { "missing ]" };
            shell.builtin_error("[", message).await?;
            return Ok(2);
        }
        run(shell, "[", args).await
    })
}

async fn run(shell: &mut Shell, name: &str, args: Vec<String>) -> Outcome {
    match evaluate(shell, &args) {
        Ok(holds) => Ok(i32::from(!holds)),
        Err(message) => {
            shell.builtin_error(name, &message).await?;
            Ok(2)
        }
    }
}

/// POSIX's rules by the number of arguments, then the grammar for more.
fn evaluate(shell: &mut Shell, args: &[String]) -> Result<bool, String> {
    let text: Vec<&str> = args.iter().map(String::as_str).collect();
    match text.as_slice() {
        [] => Ok(false),
        [one] => Ok(!one.is_empty()),
        ["!", one] => Ok(one.is_empty()),
        [op, one] => match is_unary(op) {
            true => shell.unary_test(op, one).map(|holds| holds.unwrap_or(false)),
            false => Err(format!("{op}: unary operator expected")),
        },
        [left, op, right] => match binary(shell, left, op, right) {
            Some(result) => result,
            None => match (*left, *right) {
                ("!", _) => evaluate(shell, &args[1..]).map(|holds| !holds),
                ("(", ")") => Ok(!op.is_empty()),
                _ => Err(format!("{op}: binary operator expected")),
            },
        },
        ["!", ..] if args.len() == 4 => evaluate(shell, &args[1..]).map(|holds| !holds),
        ["(", .., ")"] if args.len() == 4 => evaluate(shell, &args[1..3]),
        _ => {
            let mut grammar = Grammar { shell, args: &text, at: 0, depth: 0 };
            let holds = grammar.or()?;
            if grammar.at < text.len() {
                return Err("too many arguments".into());
            }
            Ok(holds)
        }
    }
}

fn is_unary(op: &str) -> bool {
    op.len() == 2 && op.starts_with('-') && "abcdefghknoprstuvwxzGLNORS".contains(&op[1..])
}

/// `None`: not a binary operator.
fn binary(shell: &mut Shell, left: &str, op: &str, right: &str) -> Option<Result<bool, String>> {
    match op {
        "-a" => Some(Ok(!left.is_empty() && !right.is_empty())),
        "-o" => Some(Ok(!left.is_empty() || !right.is_empty())),
        "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
            let number = |text: &str| {
                text.trim().parse::<i64>().map_err(|_| match shell.is_bash() {
                    true => format!("{text}: integer expression expected"),
                    false => format!("Illegal number: {text}"),
                })
            };
            let (left, right) = match (number(left), number(right)) {
                (Ok(left), Ok(right)) => (left, right),
                (Err(message), _) | (_, Err(message)) => return Some(Err(message)),
            };
            Some(Ok(compare(op, left, right)))
        }
        _ => shell.binary_test(left, op, right).transpose(),
    }
}

fn compare(op: &str, left: i64, right: i64) -> bool {
    super::super::interp::compare(op, left, right)
}

struct Grammar<'a, 's> {
    shell: &'s mut Shell,
    args: &'a [&'a str],
    at: usize,
    depth: usize,
}

const MAX_DEPTH: usize = 100;

impl Grammar<'_, '_> {
    fn peek(&self) -> Option<&str> {
        self.args.get(self.at).copied()
    }

    fn or(&mut self) -> Result<bool, String> {
        let mut holds = self.and()?;
        while self.peek() == Some("-o") {
            self.at += 1;
            let right = self.and()?;
            holds = holds || right;
        }
        Ok(holds)
    }

    fn and(&mut self) -> Result<bool, String> {
        let mut holds = self.not()?;
        while self.peek() == Some("-a") {
            self.at += 1;
            let right = self.not()?;
            holds = holds && right;
        }
        Ok(holds)
    }

    fn not(&mut self) -> Result<bool, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("too many arguments".into());
        }
        let negated = self.peek() == Some("!");
        let result = if negated {
            self.at += 1;
            self.not().map(|holds| !holds)
        } else {
            self.primary()
        };
        self.depth -= 1;
        result
    }

    fn primary(&mut self) -> Result<bool, String> {
        let Some(first) = self.args.get(self.at).copied() else { return Err("argument expected".into()) };
        let rest = &self.args[self.at..];
        if let [left, op, right, ..] = rest
            && let Some(result) = binary_name(op).then(|| binary(self.shell, left, op, right)).flatten()
        {
            self.at += 3;
            return result;
        }
        if first == "(" {
            self.at += 1;
            let holds = self.or()?;
            if self.peek() != Some(")") {
                return Err("`)' expected".into());
            }
            self.at += 1;
            return Ok(holds);
        }
        if is_unary(first) && rest.len() > 1 {
            self.at += 2;
            return self.shell.unary_test(first, rest[1]).map(|holds| holds.unwrap_or(false));
        }
        self.at += 1;
        Ok(!first.is_empty())
    }
}

fn binary_name(op: &str) -> bool {
    matches!(
        op,
        "=" | "==" | "!=" | "<" | ">" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-nt" | "-ot" | "-ef"
    )
}

impl Shell {
    /// A test of one operand. `Ok(None)`: no such operator.
    pub fn unary_test(&mut self, op: &str, operand: &str) -> Result<Option<bool>, String> {
        let path = || self.absolute(operand);
        let mode = |bits: u32| {
            self.sys.stat(&path()).is_ok_and(|entry| {
                let user = self.sys.view(|w| w.user_of(self.sys.me).to_owned());
                let root = user.is_empty() || user == "root" || user == "0";
                let shift = if *entry.owner == *user { 6 } else { 0 };
                match (root, bits) {
                    (true, 1) => entry.mode & 0o111 != 0 || entry.is_dir(),
                    (true, _) => true,
                    (false, _) => entry.mode >> shift & bits != 0,
                }
            })
        };
        let device = |path: &str| {
            matches!(
                path,
                "/dev/null" | "/dev/zero" | "/dev/tty" | "/dev/random" | "/dev/urandom" | "/dev/full"
            )
        };
        Ok(Some(match op {
            "-z" => operand.is_empty(),
            "-n" => !operand.is_empty(),
            "-e" | "-a" => !operand.is_empty() && (self.sys.exists(&path()) || device(operand)),
            "-f" => self.sys.stat(&path()).is_ok_and(|entry| !entry.is_dir()) && !operand.is_empty(),
            "-d" => !operand.is_empty() && self.sys.is_dir(&path()),
            "-s" => self.sys.stat(&path()).is_ok_and(|entry| entry.is_dir() || entry.size() > 0),
            "-L" | "-h" => {
                self.sys.lstat(&path()).is_ok_and(|entry| matches!(entry.kind, EntryKind::Symlink(_)))
            }
            "-r" => mode(4) || device(operand),
            "-w" => mode(2) || device(operand),
            "-x" => mode(1),
            "-c" => device(operand),
            "-b" | "-p" | "-S" | "-u" | "-g" | "-k" => false,
            "-O" | "-G" => mode(4),
            "-N" => self.sys.exists(&path()),
            "-t" => operand.trim().parse::<i32>().is_ok_and(|fd| self.fds.is_terminal(fd)),
            "-v" => self.is_set(operand)?,
            "-R" => self.vars.get_raw(operand).is_some_and(|variable| variable.nameref),
            "-o" => {
                let mut options = self.options.clone();
                options.by_name(operand).is_some_and(|on| *on)
            }
            _ => return Ok(None),
        }))
    }

    fn is_set(&mut self, name: &str) -> Result<bool, String> {
        match name.split_once('[') {
            Some((base, rest)) => {
                let index = rest.trim_end_matches(']').to_string();
                if index == "@" || index == "*" {
                    return Ok(!self.array_values(base).is_empty());
                }
                Ok(self.element(base, &index)?.is_some())
            }
            None => Ok(match self.vars.get(name) {
                Some(variable) => variable.text().is_some(),
                None => name.parse::<usize>().is_ok_and(|n| n <= self.params.len()),
            }),
        }
    }

    /// A test of two operands that are not compared as numbers. `Ok(None)`: no such operator.
    pub fn binary_test(&mut self, left: &str, op: &str, right: &str) -> Result<Option<bool>, String> {
        let time = |path: &str| self.sys.stat(&self.absolute(path)).map(|entry| entry.mtime);
        Ok(Some(match op {
            "=" | "==" => left == right,
            "!=" => left != right,
            "<" => left < right,
            ">" => left > right,
            "-nt" => match (time(left), time(right)) {
                (Ok(left), Ok(right)) => left > right,
                (Ok(_), Err(_)) => true,
                _ => false,
            },
            "-ot" => match (time(left), time(right)) {
                (Ok(left), Ok(right)) => left < right,
                (Err(_), Ok(_)) => true,
                _ => false,
            },
            "-ef" => time(left).is_ok() && self.absolute(left) == self.absolute(right),
            _ => return Ok(None),
        }))
    }
}
