//! What is masked in a text: times, generated names, addresses, ages. Patterns whose ends depend on their
//! surroundings are read by hand, because the regular expressions here do not look around.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Literals, pattern};

/// Letters of generated names.
const LETTERS: &str = "bcdfghjklmnpqrstvwxz2456789";
const NAME: &str = "[bcdfghjklmnpqrstvwxz2456789]";
const SPAN: &str = r"\d+(?:\.\d+)?(?:ms|µs|y|d|h|m|s)(?:\d+(?:\.\d+)?[dhms])?(?:\d+s)?";

/// Patterns and what they become, in order; the first group stays.
static SIMPLE: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let pull = format!(r"in {SPAN} \({SPAN} including waiting\)\. Image size: \d+ bytes");
    let template = format!(r#"(pod-template-hash"?[=:] ?"?){NAME}{{5,10}}\b"#);
    let revision = format!(r#"(controller-revision-hash"?[=:] ?"?(?:[a-z0-9-]+-)?){NAME}{{5,10}}\b"#);
    let days = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
    let months = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
    [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)".to_owned(), "<TS>"),
        (format!(r"{days}, \d\d {months} \d{{4}} \d\d:\d\d:\d\d [+-]\d{{4}}"), "<DATE>"),
        (format!(r"{days} {months} [ \d]\d \d\d:\d\d:\d\d \w+ \d{{4}}"), "<DATE>"),
        (r"(?m)^([EWI])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ".to_owned(), "$1<KLOG> "),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}".to_owned(), "<UID>"),
        (r"\b[0-9a-f]{64}\b".to_owned(), "<HEX64>"),
        (r#"("?resourceVersion"?: )"\d+""#.to_owned(), r#"$1"<RV>""#),
        (pull, "in <DUR> (<DUR> including waiting). Image size: <N> bytes"),
        (r"/tmp/kubectl-edit-\d+\.yaml".to_owned(), "/tmp/kubectl-edit-<N>.yaml"),
        (r"/tmp/(?:LIVE|MERGED)-\d+".to_owned(), "/tmp/<DIFF>"),
        (r"/home/student[\w-]*/[A-E]\d\w+".to_owned(), "<CWD>"),
        (r"/home/[\w-]+(/\.kube)".to_owned(), "<HOME>$1"),
        (r"gke-[a-z0-9-]+-[0-9a-f]{8}-[a-z0-9]{4}\b".to_owned(), "<NODE>"),
        (template, "$1<RS>"),
        (revision, "$1<REV>"),
    ]
    .into_iter()
    .map(|(text, to)| (pattern(&text), to))
    .collect()
});

static EVENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[0-9a-f]{16}\b"));
static TOKEN: LazyLock<Regex> = LazyLock::new(|| pattern(r"[a-z0-9.-]+"));
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d+(?:\.\d+)*"));
static POD_RANGE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b10\.\d+\.\d+\.0/\d+"));
static NODE_PORT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"((?::|[Nn]odePort"?: |NodePort:\s+(?:\S+\s+)?|allocated port |port: ))(3[0-2]\d{3})\b"#)
});
static AGE: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("<invalid>|<unknown>|{SPAN}")));
static OVER: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?:(<AGE>) )?\(x\d+ over (?:<AGE>|{SPAN})\)")));
static AGO: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(\d+) \((?:<AGE>|{SPAN}) ago\)")));
static AMOUNT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(?:cpu|memory|ephemeral-storage)\b"));

/// Masks that hold for every output.
pub fn always(raw: &str, literals: &Literals) -> String {
    let mut text = raw.to_owned();
    for (from, to) in SIMPLE.iter() {
        text = from.replace_all(&text, *to).into_owned();
    }
    text = TOKEN.replace_all(&text, |found: &Captures| generated(found, &text)).into_owned();
    text = EVENT.replace_all(&text, "<HEX16>").into_owned();
    text = ADDRESS.replace_all(&text, |found: &Captures| address(found, &text, literals)).into_owned();
    text = POD_RANGE.replace_all(&text, "<PODCIDR>").into_owned();
    let port = |found: &Captures| match literals.contains(&found[2]) {
        true => found[0].to_owned(),
        false => format!("{}<NODEPORT>", &found[1]),
    };
    NODE_PORT.replace_all(&text, port).into_owned()
}

/// Ages and counts of events, line by line; amounts of resources stay.
pub fn ages(text: &str) -> String {
    let age = |line: &str| -> String {
        if AMOUNT.is_match(line) {
            return line.to_owned();
        }
        let masked = AGE.replace_all(line, |found: &Captures| {
            let whole = found.get(0).map_or(0..0, |m| m.range());
            if is_age(line, whole.start, whole.end) { "<AGE>".to_owned() } else { found[0].to_owned() }
        });
        masked.into_owned()
    };
    let text: Vec<String> = text.split('\n').map(age).collect();
    let text = OVER.replace_all(&text.join("\n"), "<AGE>").into_owned();
    AGO.replace_all(&text, "$1").into_owned()
}

/// Whether a span between two places of a line is an age, by what stands around it.
fn is_age(line: &str, start: usize, end: usize) -> bool {
    let (before, after) = (&line[..start], &line[end..]);
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let bound_before = before.chars().next_back().is_some_and(|c| word(c) || "=.-/:\"(".contains(c));
    let bound_after = after.chars().next().is_some_and(|c| word(c) || ".-/:%\"".contains(c));
    let blank = line[start..].starts_with("<unknown>") && !(after.is_empty() || after.starts_with("  "));
    !bound_before && !before.ends_with("for ") && !bound_after && !blank
}

fn address(found: &Captures, text: &str, literals: &Literals) -> String {
    let own = &found[0];
    let range = found.get(0).map_or(0..0, |m| m.range());
    let parts: Vec<&str> = own.split('.').collect();
    let is_one = parts.len() == 4 && parts.iter().all(|part| part.len() <= 3);
    let bound = text[..range.start].ends_with('.') || text[range.end..].starts_with(['.', '/']);
    let known = ["127.", "0.", "192.0.2.", "203.0.113."].iter().any(|begin| own.starts_with(begin));
    if is_one && !bound && !known && !literals.contains(own) { "<IP>".to_owned() } else { own.to_owned() }
}

/// Generated parts of a name: those of replica sets, pods, jobs of cron jobs.
fn generated(found: &Captures, text: &str) -> String {
    let range = found.get(0).map_or(0..0, |m| m.range());
    let joined = text[..range.start].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
    let after = text[range.end..].chars().next();
    let mut parts: Vec<String> = found[0].split('-').map(str::to_owned).collect();
    let first = usize::from(joined);
    pairs(&mut parts, first);
    singles(&mut parts, first, after, Single::ReplicaSet);
    singles(&mut parts, first, after, Single::Pod);
    parts.join("-")
}

/// A part up to its first dot, and the rest.
fn head(part: &str) -> (&str, &str) {
    part.find('.').map_or((part, ""), |dot| part.split_at(dot))
}

fn is_name(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.chars().all(|c| LETTERS.contains(c))
}

/// `-REPLICASET-POD` and `-CRON-POD`.
fn pairs(parts: &mut [String], first: usize) {
    let mut at = first + 1;
    while at + 1 < parts.len() {
        let (suffix, rest) = head(&parts[at + 1]);
        let cron = parts[at].len() == 8 && parts[at].chars().all(|c| c.is_ascii_digit());
        if !parts[at - 1].is_empty() && is_name(suffix, 5..=5) && (cron || is_name(&parts[at], 8..=10)) {
            let mask = if cron && !is_name(&parts[at], 8..=10) { "<CRON>" } else { "<RS>" };
            (parts[at], parts[at + 1]) = (mask.to_owned(), format!("<POD>{rest}"));
            at += 2;
        }
        at += 1;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Single {
    ReplicaSet,
    Pod,
}

fn singles(parts: &mut [String], first: usize, after: Option<char>, kind: Single) {
    let mut at = first + 1;
    while at < parts.len() {
        let (own, rest) = head(&parts[at]);
        let next = if at + 1 < parts.len() { Some('-') } else { rest.chars().next().or(after) };
        let fits = match kind {
            Single::ReplicaSet => {
                is_name(own, 8..=10) && !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
            }
            Single::Pod => {
                let dotted =
                    rest.chars().nth(1).is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
                is_name(own, 5..=5) && own != "https" && !dotted && next != Some('/')
            }
        };
        let masked = parts[at - 1].contains('<');
        if fits && !parts[at - 1].is_empty() && !masked {
            let mask = if kind == Single::Pod { "<POD>" } else { "<RS>" };
            parts[at] = format!("{mask}{rest}");
            at += 1;
        }
        at += 1;
    }
}
