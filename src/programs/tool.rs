//! A small command while it runs: its options, its streams with their limits, its complaints and its status. Must
//! never know a command by name.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use super::identity;
use super::options::{self, Options, Spec};
use crate::image::files::FsError;
use crate::world::{Call, ExitStatus, Input, LocalFuture, Output, WriteError};

/// Bytes that one command may write before it is stopped: `yes` and `cat /dev/zero` end here.
const OUTPUT_LIMIT_BYTES: usize = 16 * 1024 * 1024;
/// After so many bytes others may run.
const YIELD_BYTES: usize = 32 * 1024;
/// Exit status of a process that SIGPIPE ended.
const SIGPIPE_STATUS: ExitStatus = 141;

/// Ends a command early with a status; what had to be said is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quit(pub ExitStatus);

/// How a command ends.
pub type Outcome = Result<ExitStatus, Quit>;

/// Makes a program of a command.
pub fn ended(work: impl Future<Output = Outcome> + 'static) -> LocalFuture<ExitStatus> {
    Box::pin(async move {
        match work.await {
            Ok(status) | Err(Quit(status)) => status,
        }
    })
}

/// A command while it runs.
pub struct Tool {
    pub call: Call,
    pub name: String,
    pub options: Options,
    pub busybox: bool,
    status: Cell<ExitStatus>,
    written: Cell<usize>,
    misuse: ExitStatus,
    usage: &'static str,
}

impl Tool {
    /// Whether text is ordered by a language: LC_ALL, LC_COLLATE, LANG in this order; C and POSIX order by bytes, and so
    /// does a container, which has none of them.
    pub fn localized(&self) -> bool {
        let set = ["LC_ALL", "LC_COLLATE", "LANG"]
            .into_iter()
            .filter_map(|name| self.call.var(name))
            .find(|v| !v.is_empty());
        set.is_some_and(|locale| !matches!(locale, "C" | "POSIX" | "C.UTF-8" | "C.utf8"))
    }

    /// A complaint with quotation marks as the locale has them: those of UTF-8, or plain ones.
    fn in_locale(&self, text: &str) -> String {
        let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| self.call.var(name));
        let locale = set.into_iter().find(|value| !value.is_empty()).unwrap_or_default().to_lowercase();
        match locale.contains("utf-8") || locale.contains("utf8") {
            true => text.to_owned(),
            false => text.replace(['‘', '’'], "'"),
        }
    }

    /// Reads the command line; prints help or a complaint where that is the end.
    pub async fn new(call: Call, spec: &Spec) -> Result<Tool, Quit> {
        let options = options::parse(spec, call.args());
        let tool = Tool::bare(call, spec);
        match options {
            Ok(options) => Ok(Tool { options, ..tool }),
            Err(options::Stop::Help) => {
                tool.out(spec.help).await?;
                Err(Quit(0))
            }
            Err(options::Stop::Version) => {
                tool.out(format!("{} (KubeJam's imitation of GNU coreutils)\n", tool.name)).await?;
                Err(Quit(0))
            }
            Err(options::Stop::Misuse(complaint)) => Err(tool.misuse(&complaint).await),
        }
    }

    /// Without looking at the options, for commands that read their own way.
    pub fn bare(call: Call, spec: &Spec) -> Tool {
        Tool {
            name: call.name().to_owned(),
            busybox: identity::is_busybox(&call.sys),
            options: Options::default(),
            status: Cell::new(0),
            written: Cell::new(0),
            misuse: spec.misuse,
            usage: spec.help.lines().next().unwrap_or_default(),
            call,
        }
    }

    /// A wrong command line: the complaint, and where to read more.
    pub async fn misuse(&self, complaint: &str) -> Quit {
        let text = if self.busybox {
            let complaint = complaint.replace(['‘', '’'], "'");
            let complaint = complaint.replace("invalid option -- '", "unrecognized option: ");
            let complaint = complaint.trim_end_matches('\'');
            let version = "BusyBox v1.37.0 (2025-05-26 20:04:45 UTC) multi-call binary.";
            format!("{}: {complaint}\n{version}\n\n{}\n", self.name, self.usage)
        } else {
            let complaint = self.in_locale(complaint);
            format!("{0}: {complaint}\nTry '{0} --help' for more information.\n", self.name)
        };
        self.call.io.stderr.write(text).await.ok();
        Quit(self.misuse)
    }

    /// A complaint on standard error; the command will end with 1 unless a worse status is set.
    pub async fn complain(&self, text: impl AsRef<str>) {
        self.fail_with(1, text).await;
    }

    /// A complaint on standard error and the status it leads to.
    pub async fn fail_with(&self, status: ExitStatus, text: impl AsRef<str>) {
        self.status.set(self.status.get().max(status));
        self.call.io.stderr.write(format!("{}: {}\n", self.name, self.in_locale(text.as_ref()))).await.ok();
    }

    /// A complaint that ends the command.
    pub async fn die(&self, text: impl AsRef<str>) -> Quit {
        self.complain(text).await;
        Quit(self.status.get())
    }

    /// A complaint that ends the command with `status`.
    pub async fn die_with(&self, status: ExitStatus, text: impl AsRef<str>) -> Quit {
        self.fail_with(status, text).await;
        Quit(status)
    }

    /// Text on standard error, without the command's name.
    pub async fn note(&self, text: impl AsRef<[u8]>) {
        self.call.io.stderr.write(text).await.ok();
    }

    /// Sets the status the command will end with, if it is worse than what it was.
    pub fn set_status(&self, status: ExitStatus) {
        self.status.set(self.status.get().max(status));
    }

    /// The status so far.
    pub fn status(&self) -> ExitStatus {
        self.status.get()
    }

    /// The end, with the status gathered so far.
    pub fn done(&self) -> Outcome {
        Ok(self.status.get())
    }

    /// Writes to standard output; a closed pipe, a full disk or the limit ends the command.
    pub async fn out(&self, bytes: impl AsRef<[u8]>) -> Result<(), Quit> {
        let bytes = bytes.as_ref();
        let before = self.written.get();
        self.written.set(before + bytes.len());
        if self.written.get() > OUTPUT_LIMIT_BYTES {
            let limit = OUTPUT_LIMIT_BYTES / (1024 * 1024);
            self.note(format!("kubejam: {} was stopped after {limit} MiB of output\n", self.name)).await;
            return Err(Quit(1));
        }
        if let Err(error) = self.call.io.stdout.write(bytes).await {
            return Err(self.write_failed(error).await);
        }
        if before / YIELD_BYTES != self.written.get() / YIELD_BYTES {
            self.call.sys.yield_now().await;
        }
        Ok(())
    }

    async fn write_failed(&self, error: WriteError) -> Quit {
        match error {
            WriteError::BrokenPipe => Quit(SIGPIPE_STATUS),
            other => self.die(format!("write error: {other}")).await,
        }
    }

    /// Opens an operand to read; `-` is standard input.
    pub fn open(&self, operand: &str) -> Result<Input, FsError> {
        match operand {
            "-" | "/dev/stdin" => Ok(self.call.io.stdin.clone()),
            path => self.call.sys.open_input(&self.call.path(path)),
        }
    }

    /// The operands, or standard input when there are none.
    pub fn inputs(&self) -> Vec<String> {
        if self.options.operands.is_empty() { vec!["-".to_owned()] } else { self.options.operands.clone() }
    }

    /// Everything in the operands' files (or standard input), complaining of those that cannot be read.
    pub async fn read_all(&self) -> Result<Vec<u8>, Quit> {
        let mut all = Vec::new();
        for operand in self.inputs() {
            match self.open(&operand) {
                Ok(input) => all.extend(self.slurp(&input).await?),
                Err(error) => self.complain(format!("{operand}: {error}")).await,
            }
        }
        Ok(all)
    }

    /// Everything of one input; ends the command when that is too much.
    pub async fn slurp(&self, input: &Input) -> Result<Vec<u8>, Quit> {
        if matches!(input, Input::Endless(_)) {
            return Err(self.exhausted().await);
        }
        let (bytes, complete) = input.read_to_end().await;
        if !complete {
            return Err(self.exhausted().await);
        }
        Ok(bytes)
    }

    /// There is no memory for what the command wants to keep: the kernel kills it where memory is limited.
    async fn exhausted(&self) -> Quit {
        if self.call.out_of_memory() {
            return Quit(crate::image::process::Signal::Kill.exit_code());
        }
        self.die("memory exhausted").await
    }

    /// Whether standard output is a terminal.
    pub fn on_terminal(&self) -> bool {
        self.call.io.stdout.is_terminal()
    }

    /// The terminal's width, or 80.
    pub fn columns(&self) -> usize {
        let from_env = self.call.var("COLUMNS").and_then(|c| c.parse().ok());
        self.call.io.stdout.tty().map(|t| usize::from(t.size().cols)).or(from_env).unwrap_or(80).max(1)
    }

    /// An operand as an absolute path.
    pub fn path(&self, operand: &str) -> String {
        self.call.path(operand)
    }

    /// Pauses in virtual time.
    pub async fn pause(&self, span: Duration) {
        self.call.sys.sleep(span).await;
    }

    /// The stream for results, for commands that start others.
    pub fn stdout(&self) -> &Output {
        &self.call.io.stdout
    }
}

/// `x` in the quotes GNU's messages use.
pub fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}

/// Lines of bytes, each with its newline if it had one.
pub fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|&b| b == b'\n').collect()
}

/// A line without its newline.
pub fn chomp(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}
