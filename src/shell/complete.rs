//! What could stand at the cursor: commands, files, variables, and what programs say about their own arguments.
//! Reads the world only; never runs anything and never changes what is typed.

use crate::image::EntryKind;
use crate::image::files::join;
use crate::world::World;
use crate::world::tty::PromptView;

/// One thing that could stand at the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidate {
    /// What replaces the text from [`Completions::start`].
    pub text: String,
    /// What a list shows.
    pub label: String,
    /// A few words beside it.
    pub note: String,
    /// A blank follows when it is the only one (not after `dir/` or `--replicas=`).
    pub complete: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completions {
    /// Byte offset in the line where the candidates' text goes.
    pub start: usize,
    pub candidates: Vec<Candidate>,
}

/// What a program's completer is asked.
pub struct Request<'a> {
    pub world: &'a World,
    pub view: &'a PromptView,
    /// The words before the cursor, the program's name first, without quotes.
    pub words: &'a [String],
    /// The word at the cursor, up to the cursor.
    pub word: &'a str,
}

/// What a program knows about its arguments; `None` leaves it to file names.
pub type Completer = fn(&Request<'_>) -> Option<Vec<Candidate>>;

/// Candidates of one list.
const MAX_CANDIDATES: usize = 500;
/// Characters of a line that are looked at.
const MAX_LINE: usize = 20_000;

impl Candidate {
    /// A whole word.
    pub fn word(text: &str, note: &str) -> Self {
        Candidate { text: text.into(), label: text.into(), note: note.into(), complete: true }
    }

    /// The beginning of a word: `--replicas=`, `dir/`.
    pub fn prefix(text: &str, note: &str) -> Self {
        Candidate { complete: false, ..Candidate::word(text, note) }
    }
}

/// What could stand at `cursor` (a byte offset). `completer` finds a program's completer by its name.
pub fn complete(
    world: &World,
    view: &PromptView,
    line: &str,
    cursor: usize,
    completer: impl Fn(&str) -> Option<Completer>,
) -> Completions {
    let cursor =
        (0..=cursor.min(line.len()).min(MAX_LINE)).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    let typed = Typed::read(&line[..cursor]);
    let mut found = Completions { start: typed.start, candidates: Vec::new() };
    if let Some((at, braces)) = typed.variable(&line[..cursor]) {
        found.start = at;
        found.candidates = variables(view, &line[at..cursor], braces);
        return found;
    }
    let word = typed.word.as_str();
    let asks_program = !typed.redirect && !typed.words.is_empty();
    found.candidates = if typed.redirect {
        files(world, view, &typed, false)
    } else if typed.words.is_empty() && !word.contains('/') && !word.starts_with('~') {
        commands(world, view, word)
    } else if typed.words.is_empty() {
        files(world, view, &typed, false)
    } else {
        arguments(world, view, &typed, asks_program, &completer)
    };
    found.candidates.sort_by(|a, b| a.text.cmp(&b.text));
    found.candidates.dedup_by(|a, b| a.text == b.text);
    found.candidates.truncate(MAX_CANDIDATES);
    found
}

fn arguments(
    world: &World,
    view: &PromptView,
    typed: &Typed,
    asks_program: bool,
    completer: &impl Fn(&str) -> Option<Completer>,
) -> Vec<Candidate> {
    let mut words = typed.words.clone();
    // An alias stands for its words.
    if let Some(text) = view.aliases.get(&words[0]) {
        let expanded: Vec<String> = text.split_whitespace().map(str::to_string).collect();
        words.splice(0..1, expanded);
    }
    let name =
        words.first().map(|name| name.rsplit('/').next().unwrap_or(name).to_string()).unwrap_or_default();
    match name.as_str() {
        "sudo" | "command" | "type" | "which" | "exec" | "nohup" | "time" if words.len() == 1 => {
            return commands(world, view, &typed.word);
        }
        "cd" | "pushd" | "rmdir" => return files(world, view, typed, true),
        "export" | "unset" | "declare" | "readonly" | "local" => {
            let names = view.variables.iter().filter(|name| name.starts_with(&typed.word));
            return names.map(|name| Candidate::word(name, "")).collect();
        }
        _ => {}
    }
    if let Some(completer) = completer(&name).filter(|_| asks_program) {
        let request = Request { world, view, words: &words, word: &typed.word };
        if let Some(mut candidates) = completer(&request) {
            candidates.retain(|candidate| candidate.text.starts_with(&typed.word));
            for candidate in &mut candidates {
                candidate.text = typed.quoted(&candidate.text);
            }
            return candidates;
        }
    }
    files(world, view, typed, false)
}

fn variables(view: &PromptView, typed: &str, braces: bool) -> Vec<Candidate> {
    let prefix = typed.trim_start_matches(['$', '{']);
    let names = view.variables.iter().filter(|name| name.starts_with(prefix));
    let shown = |name: &String| if braces { format!("${{{name}}}") } else { format!("${name}") };
    let mut found: Vec<Candidate> = names.map(|name| Candidate::word(&shown(name), "")).collect();
    found.sort_by(|a, b| a.text.cmp(&b.text));
    found.truncate(MAX_CANDIDATES);
    found
}

/// Builtins, functions, aliases and reserved words, and what `PATH` leads to.
fn commands(world: &World, view: &PromptView, word: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = view
        .commands
        .iter()
        .filter(|name| name.starts_with(word))
        .map(|name| Candidate::word(name, ""))
        .collect();
    for directory in view.path.split(':').filter(|directory| !directory.is_empty()) {
        for name in names_in(world, view, directory) {
            let path = join(directory, &name);
            if name.starts_with(word) && is_executable(world, view, &path) {
                found.push(Candidate::word(&name, ""));
            }
        }
    }
    found
}

fn names_in(world: &World, view: &PromptView, directory: &str) -> Vec<String> {
    world.look(view.host, directory, |tree, path| tree.list(path).unwrap_or_default()).unwrap_or_default()
}

fn is_executable(world: &World, view: &PromptView, path: &str) -> bool {
    let look = world.look(view.host, path, |tree, path| {
        tree.get(path).is_some_and(|entry| match entry.kind {
            EntryKind::Program(_) => true,
            EntryKind::File(_) => entry.mode & 0o111 != 0,
            _ => false,
        })
    });
    look.unwrap_or(false)
}

fn files(world: &World, view: &PromptView, typed: &Typed, only_directories: bool) -> Vec<Candidate> {
    // `--file=pa` completes what follows the sign.
    let (lead, path) = match typed.word.split_once('=') {
        Some((name, rest)) if name.starts_with('-') => (format!("{name}="), rest),
        _ => (String::new(), typed.word.as_str()),
    };
    let (directory, prefix) = match path.rsplit_once('/') {
        Some((directory, prefix)) => (format!("{directory}/"), prefix),
        None => (String::new(), path),
    };
    let place = match directory.strip_prefix("~/") {
        Some(rest) => join(&view.home, rest),
        None => join(&view.cwd, &directory),
    };
    let mut found = Vec::new();
    for name in names_in(world, view, &place) {
        if !name.starts_with(prefix) || (name.starts_with('.') && !prefix.starts_with('.')) {
            continue;
        }
        let full = join(&place, &name);
        let is_directory = world.look(view.host, &full, |tree, path| tree.is_dir(path)).unwrap_or(false);
        if only_directories && !is_directory {
            continue;
        }
        let slash = if is_directory { "/" } else { "" };
        let text = typed.quoted(&format!("{lead}{directory}{name}{slash}"));
        found.push(Candidate {
            text,
            label: format!("{name}{slash}"),
            note: String::new(),
            complete: !is_directory,
        });
    }
    found
}

/// The command at the cursor, taken apart.
#[derive(Debug, Default, PartialEq)]
struct Typed {
    /// Words before the cursor's, without quotes and assignments.
    words: Vec<String>,
    word: String,
    /// Where the cursor's word begins.
    start: usize,
    /// The quote that is open at the cursor.
    quote: Option<char>,
    /// The word follows `>` or `<`.
    redirect: bool,
}

impl Typed {
    fn read(text: &str) -> Self {
        let mut typed = Typed::default();
        let mut chars = text.char_indices().peekable();
        let mut begun = false;
        while let Some((at, c)) = chars.next() {
            match (typed.quote, c) {
                (Some(quote), _) if c == quote => typed.quote = None,
                (Some('"') | None, '\\') => {
                    typed.begin(&mut begun, at);
                    typed.word.extend(chars.next().map(|(_, next)| next));
                }
                (Some(_), _) => typed.word.push(c),
                (None, '\'' | '"') => {
                    typed.begin(&mut begun, at);
                    typed.quote = Some(c);
                }
                (None, ' ' | '\t') => typed.end_word(&mut begun),
                (None, '|' | ';' | '&' | '\n' | '(' | '`') => {
                    typed.words.clear();
                    typed.word.clear();
                    typed.redirect = false;
                    begun = false;
                }
                (None, '>' | '<') => {
                    typed.end_word(&mut begun);
                    typed.redirect = true;
                }
                (None, '#') if !begun => return Typed { start: text.len(), ..Typed::default() },
                (None, _) => {
                    typed.begin(&mut begun, at);
                    typed.word.push(c);
                }
            }
        }
        if !begun {
            typed.start = text.len();
        }
        typed
    }

    fn begin(&mut self, begun: &mut bool, at: usize) {
        if !std::mem::replace(begun, true) {
            self.start = at;
        }
    }

    fn end_word(&mut self, begun: &mut bool) {
        if !std::mem::replace(begun, false) {
            return;
        }
        let word = std::mem::take(&mut self.word);
        let skipped = std::mem::take(&mut self.redirect);
        let opens = matches!(
            word.as_str(),
            "if" | "then" | "else" | "elif" | "while" | "until" | "do" | "!" | "{" | "time"
        );
        let assigns = word.split_once('=').is_some_and(|(name, _)| super::state::is_name(name));
        if !(skipped || self.words.is_empty() && (opens || assigns)) {
            self.words.push(word);
        }
    }

    /// The candidate as it must be typed here.
    fn quoted(&self, text: &str) -> String {
        match self.quote {
            Some(quote) => format!(
                "{quote}{text}{}",
                if text.ends_with('/') { String::new() } else { quote.to_string() }
            ),
            None if text.starts_with("~/") => format!("~/{}", escaped(&text[2..])),
            None => escaped(text),
        }
    }

    /// `$NAM` or `${NAM` right before the cursor: where it begins, and whether it has a brace.
    fn variable(&self, text: &str) -> Option<(usize, bool)> {
        if self.quote == Some('\'') {
            return None;
        }
        let at = text.rfind('$')?;
        let (rest, braces) = match text[at + 1..].strip_prefix('{') {
            Some(rest) => (rest, true),
            None => (&text[at + 1..], false),
        };
        let whole = rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (whole && (at >= self.start) && !text[..at].ends_with('\\')).then_some((at, braces))
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if " \t\"'\\$&|;()<>*?[]{}!`#".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Typed;

    fn check(text: &str, words: &[&str], word: &str, start: usize) {
        let typed = Typed::read(text);
        assert_eq!(
            (typed.words, typed.word.as_str(), typed.start),
            (words.iter().map(|w| (*w).to_string()).collect(), word, start),
            "for: {text}"
        );
    }

    #[test]
    fn the_word_at_the_cursor() {
        check("kubectl get po", &["kubectl", "get"], "po", 12);
        check("kubectl get ", &["kubectl", "get"], "", 12);
        check("echo a | gr", &[], "gr", 9);
        check("X=1 cmd a", &["cmd"], "a", 8);
        check("cat 'my f", &["cat"], "my f", 4);
        check("cat my\\ f", &["cat"], "my f", 4);
        check("echo > fi", &["echo"], "fi", 7);
        check("if tr", &[], "tr", 3);
        check("echo $(doc", &[], "doc", 7);
        check("", &[], "", 0);
    }
}
