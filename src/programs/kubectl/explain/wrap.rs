//! Two ways of breaking lines: as go-wordwrap does, and as the older explain did. Neither ever breaks a word.

/// Breaks lines longer than `limit`; blanks at a break are dropped, words longer than a line are kept whole.
pub fn wrap(text: &str, limit: usize) -> String {
    text.split('\n').map(|line| wrap_line(line, limit)).collect::<Vec<_>>().join("\n")
}

fn wrap_line(line: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut width = 0;
    let mut rest = line;
    while !rest.is_empty() {
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let (space, tail) = rest.split_at(blanks);
        let (word, tail) = tail.split_at(tail.find([' ', '\t']).unwrap_or(tail.len()));
        let length = word.chars().count();
        if word.is_empty() {
            if width + space.len() <= limit {
                out.push_str(space);
            }
        } else if width + space.len() + length.min(limit.saturating_sub(1)) > limit {
            out.push('\n');
            out.push_str(word);
            width = length;
        } else {
            out.push_str(space);
            out.push_str(word);
            width += space.len() + length;
        }
        rest = tail;
    }
    out
}

/// Fills lines up to `limit`, keeping empty lines, lists and code as they are (`kubectl explain`'s formatter).
pub fn fill(text: &str, limit: usize) -> Vec<String> {
    let mut filled = Filled { lines: Vec::new(), line: String::new(), last: String::new(), limit };
    for line in text.split('\n') {
        if line.starts_with("    ") {
            filled.flush();
            filled.lines.push(line.to_owned());
        } else if !filled.lines.is_empty() && line.trim().is_empty() {
            filled.flush();
            filled.lines.push(String::new());
        } else {
            if filled.last.ends_with(':') || line.trim().is_empty() || is_bullet(line.trim()) {
                filled.flush();
            }
            line.split_whitespace().for_each(|word| filled.add(word));
        }
    }
    filled.flush();
    filled.lines
}

struct Filled {
    lines: Vec<String>,
    line: String,
    last: String,
    limit: usize,
}

impl Filled {
    fn flush(&mut self) {
        if !self.line.is_empty() {
            self.last.clear();
            self.lines.push(std::mem::take(&mut self.line));
        }
    }

    fn add(&mut self, word: &str) {
        if !self.line.is_empty() && self.line.len() + 1 + word.len() > self.limit {
            self.flush();
        }
        self.last = word.to_owned();
        if !self.line.is_empty() {
            self.line.push(' ');
        }
        self.line.push_str(word);
    }
}

fn is_bullet(line: &str) -> bool {
    let Some((mark, _)) = line.split_once([' ', '\t']) else { return false };
    let digits = mark.strip_suffix('.').unwrap_or(mark);
    matches!(mark, "-" | "*") || !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}
