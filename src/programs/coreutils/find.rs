//! `find`: an expression over every file below the starting points. Must never follow a symbolic link.

use std::rc::Rc;

use super::glob;
use crate::image::files::{Entry, EntryKind};
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Quit, Tool};
use crate::world::{Call, Io};

/// Files visited by one run.
const MAX_FILES: usize = 50_000;
/// Nested parentheses.
const MAX_DEPTH: usize = 50;

static SPEC: Spec = Spec::new(
    &[],
    "Usage: find [starting-point...] [expression]

Visits everything below the starting points and does what the expression says for each: by default it prints its path.

  -name GLOB, -iname GLOB, -path GLOB   -type f|d|l   -size [+-]N[ckMG]   -mtime [+-]DAYS, -mmin [+-]MINUTES
  -newer FILE   -empty   -perm MODE   -user NAME   -maxdepth N   -mindepth N
  -print, -print0, -printf FORMAT, -delete, -exec COMMAND {} ; or +, -prune, -quit
  ( ), ! or -not, -a, -o
",
);

#[derive(Debug, Clone)]
enum Test {
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    Not(Box<Test>),
    True,
    False,
    Name(String, bool),
    Path(String, bool),
    Type(Vec<char>),
    Size(Cmp, u64, u64),
    Age(Cmp, u64, u64),
    Newer(u64),
    Empty,
    Perm(u32, char),
    User(String),
    Executable,
    Print(&'static str),
    Printf(String),
    Delete,
    Prune,
    Quit,
    Exec { argv: Vec<String>, many: Option<usize>, in_dir: bool },
    Ls,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cmp {
    More,
    Less,
    Same,
}

impl Cmp {
    fn holds(self, a: u64, b: u64) -> bool {
        match self {
            Cmp::More => a > b,
            Cmp::Less => a < b,
            Cmp::Same => a == b,
        }
    }
}

fn compared(text: &str) -> (Cmp, &str) {
    match text.chars().next() {
        Some('+') => (Cmp::More, &text[1..]),
        Some('-') => (Cmp::Less, &text[1..]),
        _ => (Cmp::Same, text),
    }
}

struct Parser<'a> {
    tool: &'a Tool,
    words: Vec<String>,
    at: usize,
    max_depth: usize,
    min_depth: usize,
    acts: bool,
    depth_first: bool,
    execs: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn argument(&mut self, option: &str) -> Result<String, String> {
        let word =
            self.words.get(self.at).cloned().ok_or_else(|| format!("missing argument to `{option}'"))?;
        self.at += 1;
        Ok(word)
    }

    fn or(&mut self, depth: usize) -> Result<Test, String> {
        let mut left = self.and(depth)?;
        while matches!(self.peek(), Some("-o" | "-or")) {
            self.at += 1;
            let right = self.and(depth)?;
            left = Test::Or(Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn and(&mut self, depth: usize) -> Result<Test, String> {
        let mut left = self.one(depth)?;
        loop {
            match self.peek() {
                None | Some("-o" | "-or" | ")") => return Ok(left),
                Some("-a" | "-and") => self.at += 1,
                _ => {}
            }
            let right = self.one(depth)?;
            left = Test::And(Box::new(left), Box::new(right));
        }
    }

    fn one(&mut self, depth: usize) -> Result<Test, String> {
        if depth > MAX_DEPTH {
            return Err("the expression is nested too deeply".into());
        }
        let Some(word) = self.words.get(self.at).cloned() else {
            return Err("expected an expression".into());
        };
        self.at += 1;
        Ok(match word.as_str() {
            "!" | "-not" => Test::Not(Box::new(self.one(depth + 1)?)),
            "(" => {
                let inner = self.or(depth + 1)?;
                if self.peek() != Some(")") {
                    return Err(
                        "invalid expression; I was expecting to find a ')' somewhere but did not see one."
                            .into(),
                    );
                }
                self.at += 1;
                inner
            }
            "-name" | "-iname" => Test::Name(self.argument(&word)?, word == "-iname"),
            "-path" | "-wholename" | "-ipath" => Test::Path(self.argument(&word)?, word == "-ipath"),
            "-type" => {
                let kinds = self.argument(&word)?;
                match kinds.chars().find(|c| !"fdlbcps,".contains(*c)) {
                    Some(bad) => return Err(format!("Unknown argument to -type: {bad}")),
                    None => Test::Type(kinds.chars().collect()),
                }
            }
            "-size" => {
                let text = self.argument(&word)?;
                let (cmp, rest) = compared(&text);
                let unit = match rest.chars().last() {
                    Some('c') => 1,
                    Some('w') => 2,
                    Some('k') => 1 << 10,
                    Some('M') => 1 << 20,
                    Some('G') => 1 << 30,
                    _ => 512,
                };
                let digits = rest.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                Test::Size(
                    cmp,
                    digits.parse().map_err(|_| format!("Invalid argument `{text}' to -size"))?,
                    unit,
                )
            }
            "-mtime" | "-mmin" | "-atime" | "-ctime" | "-amin" | "-cmin" => {
                let text = self.argument(&word)?;
                let (cmp, rest) = compared(&text);
                let unit = if word.ends_with("min") { 60 } else { 86_400 };
                Test::Age(
                    cmp,
                    rest.parse().map_err(|_| format!("invalid argument `{text}' to `{word}'"))?,
                    unit,
                )
            }
            "-newer" => {
                let file = self.argument(&word)?;
                let entry = self.tool.call.sys.stat(&self.tool.path(&file));
                Test::Newer(entry.map_err(|e| format!("‘{file}’: {e}"))?.mtime.millis())
            }
            "-empty" => Test::Empty,
            "-perm" => {
                let text = self.argument(&word)?;
                let kind = text.chars().next().filter(|c| "-/".contains(*c)).unwrap_or('=');
                let mode = super::files::new_mode(text.trim_start_matches(['-', '/']), 0, false);
                Test::Perm(mode.ok_or_else(|| format!("invalid mode ‘{text}’"))?, kind)
            }
            "-user" => Test::User(self.argument(&word)?),
            "-executable" => Test::Executable,
            "-true" => Test::True,
            "-false" => Test::False,
            "-maxdepth" | "-mindepth" => {
                let text = self.argument(&word)?;
                let n = text.parse().map_err(|_| {
                    format!("Expected a positive decimal integer argument to {word}, but got ‘{text}’")
                })?;
                if word == "-maxdepth" {
                    self.max_depth = n
                } else {
                    self.min_depth = n
                }
                Test::True
            }
            "-depth" | "-d" => {
                self.depth_first = true;
                Test::True
            }
            "-xdev" | "-mount" | "-follow" | "-noleaf" => Test::True,
            "-print" => self.action(Test::Print("\n")),
            "-print0" => self.action(Test::Print("\0")),
            "-printf" => {
                let format = self.argument(&word)?;
                self.action(Test::Printf(format))
            }
            "-ls" => self.action(Test::Ls),
            "-delete" => {
                self.depth_first = true;
                self.action(Test::Delete)
            }
            "-prune" => Test::Prune,
            "-quit" => self.action(Test::Quit),
            "-exec" | "-execdir" | "-ok" => self.exec(&word)?,
            other if other.starts_with('-') => return Err(format!("unknown predicate `{other}'")),
            other => return Err(format!("paths must precede expression: `{other}'")),
        })
    }

    fn action(&mut self, test: Test) -> Test {
        self.acts = true;
        test
    }

    fn exec(&mut self, word: &str) -> Result<Test, String> {
        let mut argv = Vec::new();
        self.acts = true;
        loop {
            let part = self.argument(word)?;
            match part.as_str() {
                ";" => return Ok(Test::Exec { argv, many: None, in_dir: word == "-execdir" }),
                "+" if argv.last().is_some_and(|l| l == "{}") => {
                    argv.pop();
                    self.execs += 1;
                    return Ok(Test::Exec { argv, many: Some(self.execs - 1), in_dir: false });
                }
                _ => argv.push(part),
            }
        }
    }
}

struct Visit {
    path: String,
    depth: usize,
    entry: Rc<Entry>,
}

struct Walk<'a> {
    tool: &'a Tool,
    test: Test,
    /// What `-exec ... +` gathered.
    gathered: Vec<(Vec<String>, Vec<String>)>,
    prune: bool,
    quit: bool,
}

/// `find`.
pub async fn find(call: Call) -> Outcome {
    let tool = Tool::bare(call, &SPEC);
    let mut words = tool.call.args().to_vec();
    if words.iter().any(|w| w == "--help" || w == "-help") {
        tool.out(SPEC.help).await?;
        return Ok(0);
    }
    words.retain(|w| !matches!(w.as_str(), "-H" | "-L" | "-P"));
    let split = words.iter().position(|w| w.starts_with('-') || w == "(" || w == "!").unwrap_or(words.len());
    let mut roots: Vec<String> = words.drain(..split).collect();
    if roots.is_empty() {
        roots.push(".".to_owned());
    }
    let mut parser = Parser {
        tool: &tool,
        words,
        at: 0,
        max_depth: usize::MAX,
        min_depth: 0,
        acts: false,
        depth_first: false,
        execs: 0,
    };
    let test = match parser.peek() {
        None => Ok(Test::True),
        Some(_) => parser.or(0),
    };
    let test = match test {
        Ok(_) if parser.at < parser.words.len() => {
            Err("invalid expression; you have too many ')'".to_owned())
        }
        other => other,
    };
    let test = match test {
        Ok(test) if parser.acts => test,
        Ok(test) => Test::And(Box::new(test), Box::new(Test::Print("\n"))),
        Err(text) => return Err(tool.die(text).await),
    };
    let (max, min, depth_first, execs) =
        (parser.max_depth, parser.min_depth, parser.depth_first, parser.execs);
    let mut walk = Walk {
        tool: &tool,
        test,
        gathered: vec![(Vec::new(), Vec::new()); execs],
        prune: false,
        quit: false,
    };
    for root in roots {
        match tool.call.sys.lstat(&tool.path(&root)) {
            Ok(entry) => walk.below(Visit { path: root, depth: 0, entry }, max, min, depth_first).await?,
            Err(error) => tool.complain(format!("‘{root}’: {error}")).await,
        }
        if walk.quit {
            break;
        }
    }
    for (argv, files) in std::mem::take(&mut walk.gathered) {
        if !files.is_empty() && !run(&tool, [argv, files].concat(), &tool.call.cwd).await {
            tool.set_status(1);
        }
    }
    tool.done()
}

async fn run(tool: &Tool, argv: Vec<String>, cwd: &str) -> bool {
    let io = Io { stdin: crate::world::Input::Null, ..tool.call.io.clone() };
    let name = argv.first().cloned().unwrap_or_default();
    match tool.call.sys.run(argv, &tool.call.env, cwd, io).await {
        Ok(status) => status == 0,
        Err(_) => {
            tool.complain(format!("‘{name}’: No such file or directory")).await;
            false
        }
    }
}

impl Walk<'_> {
    /// Visits a tree without recursion: a stack of what is still to come.
    async fn below(&mut self, root: Visit, max: usize, min: usize, depth_first: bool) -> Result<(), Quit> {
        let mut stack = vec![(root, false)];
        let mut visited = 0;
        while let Some((visit, opened)) = stack.pop() {
            visited += 1;
            if visited > MAX_FILES {
                return Err(self.tool.die("too many files; stopped").await);
            }
            let is_dir = visit.entry.is_dir();
            let wanted = visit.depth >= min;
            self.prune = false;
            if wanted && (!depth_first || opened || !is_dir) {
                let test = self.test.clone();
                self.holds(&test, &visit).await?;
                if self.quit {
                    return Ok(());
                }
            }
            if !is_dir || opened || visit.depth >= max || self.prune {
                continue;
            }
            let names = match self.tool.call.sys.list(&self.tool.path(&visit.path)) {
                Ok(names) => names,
                Err(error) => {
                    self.tool.complain(format!("‘{}’: {error}", visit.path)).await;
                    continue;
                }
            };
            let (path, depth) = (visit.path.clone(), visit.depth);
            if depth_first {
                stack.push((visit, true));
            }
            for name in names.into_iter().rev() {
                let child =
                    if path.ends_with('/') { format!("{path}{name}") } else { format!("{path}/{name}") };
                if let Ok(entry) = self.tool.call.sys.lstat(&self.tool.path(&child)) {
                    stack.push((Visit { path: child, depth: depth + 1, entry }, false));
                }
            }
        }
        Ok(())
    }

    async fn holds(&mut self, test: &Test, visit: &Visit) -> Result<bool, Quit> {
        match test {
            Test::And(a, b) => {
                Ok(Box::pin(self.holds(a, visit)).await? && Box::pin(self.holds(b, visit)).await?)
            }
            Test::Or(a, b) => {
                Ok(Box::pin(self.holds(a, visit)).await? || Box::pin(self.holds(b, visit)).await?)
            }
            Test::Not(a) => Ok(!Box::pin(self.holds(a, visit)).await?),
            Test::Print(end) => {
                self.tool.out(format!("{}{end}", visit.path)).await?;
                Ok(true)
            }
            Test::Printf(format) => {
                self.tool.out(self.printed(format, visit)).await?;
                Ok(true)
            }
            Test::Ls => {
                let line = format!(
                    "{:9} {:6} {} {:3} {:<8} {:<8} {:8} {} {}\n",
                    super::ls::inode(&visit.path),
                    4,
                    super::ls::mode_text(&visit.entry),
                    1,
                    visit.entry.owner,
                    visit.entry.group,
                    visit.entry.size(),
                    visit.entry.mtime.timestamp().strftime("%b %e %H:%M"),
                    visit.path
                );
                self.tool.out(line).await?;
                Ok(true)
            }
            Test::Delete => {
                let path = self.tool.path(&visit.path);
                if visit.path == "." {
                    return Ok(true);
                }
                match self.tool.call.sys.change(&path, |tree, path, now| tree.remove(path, false, now)) {
                    Ok(()) => Ok(true),
                    Err(error) => {
                        self.tool.complain(format!("cannot delete ‘{}’: {error}", visit.path)).await;
                        Ok(false)
                    }
                }
            }
            Test::Exec { argv, many: Some(index), .. } => {
                if let Some((command, files)) = self.gathered.get_mut(*index) {
                    command.clone_from(argv);
                    files.push(visit.path.clone());
                }
                Ok(true)
            }
            Test::Exec { argv, in_dir, .. } => {
                let (dir, name) = visit.path.rsplit_once('/').unwrap_or((".", &visit.path));
                let shown = if *in_dir { format!("./{name}") } else { visit.path.clone() };
                let argv = argv.iter().map(|w| w.replace("{}", &shown)).collect();
                let cwd = if *in_dir { self.tool.path(dir) } else { self.tool.call.cwd.clone() };
                Ok(run(self.tool, argv, &cwd).await)
            }
            Test::Prune => {
                self.prune = true;
                Ok(true)
            }
            Test::Quit => {
                self.quit = true;
                Ok(true)
            }
            plain => Ok(self.plain(plain, visit)),
        }
    }

    fn plain(&self, test: &Test, visit: &Visit) -> bool {
        let entry = &visit.entry;
        let name =
            visit.path.trim_end_matches('/').rsplit('/').next().filter(|n| !n.is_empty()).unwrap_or("/");
        let fits = |glob: &str, text: &str, ignore: bool| match ignore {
            true => glob::matches(&glob.to_lowercase(), &text.to_lowercase()),
            false => glob::matches(glob, text),
        };
        match test {
            Test::True => true,
            Test::Name(glob, ignore) => fits(glob, name, *ignore),
            Test::Path(glob, ignore) => fits(glob, &visit.path, *ignore),
            Test::Type(kinds) => kinds.contains(&kind(entry)),
            Test::Size(cmp, n, unit) => cmp.holds(entry.size().div_ceil(*unit), *n),
            Test::Age(cmp, n, unit) => {
                let age = self.tool.call.sys.now().secs().saturating_sub(entry.mtime.secs());
                cmp.holds(age / unit, *n)
            }
            Test::Newer(at) => entry.mtime.millis() > *at,
            Test::Empty => match &entry.kind {
                EntryKind::Dir(below) => below.is_empty(),
                EntryKind::File(bytes) => bytes.is_empty(),
                _ => false,
            },
            Test::Perm(mode, '-') => entry.mode & mode == *mode,
            Test::Perm(mode, '/') => *mode == 0 || entry.mode & mode != 0,
            Test::Perm(mode, _) => entry.mode == *mode,
            Test::User(name) => *entry.owner == **name,
            Test::Executable => entry.is_executable(),
            _ => false,
        }
    }

    fn printed(&self, format: &str, visit: &Visit) -> Vec<u8> {
        let (bytes, _) = super::echo::unescape(format.as_bytes(), false);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut out = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let entry = &visit.entry;
            match chars.next() {
                Some('p') => out += &visit.path,
                Some('f') => out += visit.path.rsplit('/').next().unwrap_or_default(),
                Some('h') => out += visit.path.rsplit_once('/').map_or(".", |(d, _)| d),
                Some('s') => out += &entry.size().to_string(),
                Some('y') => out.push(kind(entry)),
                Some('m') => out += &format!("{:o}", entry.mode),
                Some('M') => out += &super::ls::mode_text(entry),
                Some('u') => out += &entry.owner,
                Some('g') => out += &entry.group,
                Some('d') => out += &visit.depth.to_string(),
                Some('T') => {
                    let code = chars.next().unwrap_or('@');
                    out += &match code {
                        '@' => entry.mtime.secs().to_string(),
                        code => entry.mtime.timestamp().strftime(&format!("%{code}")).to_string(),
                    };
                }
                Some('%') => out.push('%'),
                other => {
                    out.push('%');
                    out.extend(other);
                }
            }
        }
        out.into_bytes()
    }
}

fn kind(entry: &Entry) -> char {
    match entry.kind {
        EntryKind::Dir(_) => 'd',
        EntryKind::Symlink(_) => 'l',
        _ => 'f',
    }
}
