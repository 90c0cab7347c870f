//! The lines that were typed, and `!` references to them. Pure text; storing it is `programs`' and `prompt`'s
//! business.

/// Lines kept.
const MAX_LINES: usize = 1000;

#[derive(Debug, Clone, Default)]
pub struct History {
    lines: Vec<String>,
    /// The number of the first line kept.
    dropped: usize,
}

/// What became of a line with `!` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expansion {
    Unchanged,
    /// To be shown and run.
    Changed(String),
    /// `:p`: shown and remembered only.
    Print(String),
    /// `!x: event not found`
    Error(String),
}

impl History {
    pub fn push(&mut self, line: &str, ignore_duplicates: bool) {
        let line = line.trim_end_matches('\n');
        if line.trim().is_empty() || (ignore_duplicates && self.lines.last().is_some_and(|last| last == line))
        {
            return;
        }
        self.lines.push(line.to_string());
        if self.lines.len() > MAX_LINES {
            self.lines.remove(0);
            self.dropped += 1;
        }
    }

    /// Adds a continuation line to the last entry, joined as bash joins them.
    pub fn extend_last(&mut self, line: &str, separator: &str) {
        if let Some(last) = self.lines.last_mut() {
            last.push_str(separator);
            last.push_str(line.trim_end_matches('\n'));
        }
    }

    pub fn clear(&mut self) {
        self.lines.clear();
        self.dropped = 0;
    }

    /// Removes the entry with that number. False when there is none.
    pub fn delete(&mut self, number: usize) -> bool {
        let found = number.checked_sub(self.dropped + 1).filter(|at| *at < self.lines.len());
        found.map(|at| self.lines.remove(at)).is_some()
    }

    /// Numbered lines, oldest first.
    pub fn numbered(&self) -> impl DoubleEndedIterator<Item = (usize, &str)> {
        self.lines.iter().enumerate().map(|(i, line)| (self.dropped + i + 1, line.as_str()))
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn last(&self) -> Option<&str> {
        self.lines.last().map(String::as_str)
    }

    fn event(&self, number: i64) -> Option<&str> {
        let at = if number < 0 { self.lines.len() as i64 + number } else { number - 1 - self.dropped as i64 };
        usize::try_from(at).ok().and_then(|at| self.lines.get(at)).map(String::as_str)
    }

    /// Replaces `!!`, `!$`, `!n`, `!-n`, `!text`, `!?text?`, and `^old^new`.
    pub fn expand(&self, line: &str) -> Expansion {
        if let Some(rest) = line.strip_prefix('^') {
            return self.quick_substitution(line, rest);
        }
        let chars: Vec<char> = line.chars().collect();
        let mut out = String::new();
        let (mut at, mut single, mut double) = (0, false, false);
        let (mut changed, mut print) = (false, false);
        while let Some(&c) = chars.get(at) {
            match c {
                '\\' => {
                    out.push(c);
                    out.extend(chars.get(at + 1));
                    at += 2;
                    continue;
                }
                '\'' if !double => single = !single,
                '"' if !single => double = !double,
                '!' if !single && begins_event(&chars, at, double) => {
                    match self.reference(&chars, &mut at, &out) {
                        Ok((text, only_print)) => {
                            out.push_str(&text);
                            print |= only_print;
                            changed = true;
                            continue;
                        }
                        Err(message) => return Expansion::Error(message),
                    }
                }
                _ => {}
            }
            out.push(c);
            at += 1;
        }
        match (changed, print) {
            (false, _) => Expansion::Unchanged,
            (true, false) => Expansion::Changed(out),
            (true, true) => Expansion::Print(out),
        }
    }

    fn quick_substitution(&self, line: &str, rest: &str) -> Expansion {
        let mut fields = rest.split('^');
        let (old, new) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        match self.last() {
            Some(last) if last.contains(old) && !old.is_empty() => {
                Expansion::Changed(last.replacen(old, new, 1))
            }
            _ => Expansion::Error(format!("{line}: substitution failed")),
        }
    }

    /// One reference beginning at `!`; moves past it.
    fn reference(&self, chars: &[char], at: &mut usize, before: &str) -> Result<(String, bool), String> {
        let start = *at;
        *at += 1;
        let next = chars.get(*at).copied().unwrap_or(' ');
        let not_found = |end: usize| {
            let shown: String = chars[start..end.min(chars.len())].iter().collect();
            format!("{shown}: event not found")
        };
        let event: &str = match next {
            '!' => {
                *at += 1;
                self.event(-1).ok_or_else(|| not_found(*at))?
            }
            '$' | '^' | '*' | ':' => self.event(-1).ok_or_else(|| not_found(*at + 1))?,
            '#' => {
                *at += 1;
                before
            }
            '?' => {
                *at += 1;
                let text: String = chars[*at..].iter().take_while(|c| **c != '?').collect();
                *at = (*at + text.chars().count() + 1).min(chars.len());
                let found = self.lines.iter().rev().find(|line| line.contains(&text));
                found.ok_or_else(|| not_found(*at))?
            }
            _ => {
                let is_end = |c: &char| {
                    c.is_whitespace()
                        || matches!(c, ':' | ';' | '&' | '|' | '(' | ')' | '<' | '>' | '"' | '^' | '$' | '*')
                };
                let text: String = chars[*at..].iter().take_while(|c| !is_end(c)).collect();
                *at += text.chars().count();
                match text.parse::<i64>() {
                    Ok(number) => self.event(number).ok_or_else(|| not_found(*at))?,
                    Err(_) => {
                        let found = self.lines.iter().rev().find(|line| line.starts_with(&text));
                        found.ok_or_else(|| not_found(*at))?
                    }
                }
            }
        };
        let mut text = event.to_string();
        designate(&mut text, chars, at)?;
        let mut print = false;
        while chars.get(*at) == Some(&':') && modify(&mut text, chars, at, &mut print)? {}
        Ok((text, print))
    }
}

fn begins_event(chars: &[char], at: usize, double: bool) -> bool {
    match chars.get(at + 1) {
        None | Some(' ' | '\t' | '\n' | '=' | '(') => false,
        Some('"') if double => false,
        // `${!name}` and `$!` are the shell's.
        _ => !matches!(at.checked_sub(1).and_then(|before| chars.get(before)), Some('$' | '{' | '[')),
    }
}

/// `:0`, `:2`, `:^`, `:$`, `:*`, `:1-3`, and the short forms without a colon.
fn designate(text: &mut String, chars: &[char], at: &mut usize) -> Result<(), String> {
    let colon = usize::from(chars.get(*at) == Some(&':'));
    let designator = match chars.get(*at + colon) {
        Some(c @ ('^' | '$' | '*')) => *c,
        Some(c) if colon == 1 && c.is_ascii_digit() => *c,
        _ => return Ok(()),
    };
    *at += colon;
    let words: Vec<String> = split_words(text);
    let last = words.len().saturating_sub(1);
    let (from, to) = match designator {
        '^' => (1, 1),
        '$' => (last, last),
        '*' => (1, last),
        _ => {
            let digits: String = chars[*at..].iter().take_while(|c| c.is_ascii_digit()).collect();
            *at += digits.len() - 1;
            let from = digits.parse().unwrap_or(0);
            match (chars.get(*at + 1), chars.get(*at + 2)) {
                (Some('-'), Some(c)) if c.is_ascii_digit() => {
                    let digits: String = chars[*at + 2..].iter().take_while(|c| c.is_ascii_digit()).collect();
                    *at += 1 + digits.len();
                    (from, digits.parse().unwrap_or(0))
                }
                (Some('-'), Some('$')) => {
                    *at += 2;
                    (from, last)
                }
                (Some('*'), _) => {
                    *at += 1;
                    (from, last)
                }
                _ => (from, from),
            }
        }
    };
    *at += 1;
    if designator == '*' && last == 0 {
        text.clear();
        return Ok(());
    }
    match words.get(from..=to) {
        Some(chosen) => *text = chosen.join(" "),
        None => return Err(format!(":{from}: bad word specifier")),
    }
    Ok(())
}

/// `:h`, `:t`, `:r`, `:e`, `:p`, `:s/old/new/`. False when what follows is no modifier.
fn modify(text: &mut String, chars: &[char], at: &mut usize, print: &mut bool) -> Result<bool, String> {
    let kind = chars.get(*at + 1).copied().unwrap_or(' ');
    match kind {
        'h' => *text = text.rsplit_once('/').map_or(text.clone(), |(head, _)| head.to_string()),
        't' => *text = text.rsplit_once('/').map_or(text.clone(), |(_, tail)| tail.to_string()),
        'r' => *text = text.rsplit_once('.').map_or(text.clone(), |(root, _)| root.to_string()),
        'e' => *text = text.rsplit_once('.').map_or(String::new(), |(_, end)| format!(".{end}")),
        'p' => *print = true,
        's' | 'g' => {
            let all = kind == 'g';
            let from = *at + 2 + usize::from(all);
            let Some(&delimiter) = chars.get(from) else { return Ok(false) };
            let rest: String = chars[from + 1..].iter().collect();
            let mut fields = rest.splitn(3, delimiter);
            let (old, new) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
            if !text.contains(old) {
                return Err(":s: substitution failed".into());
            }
            *text = if all { text.replace(old, new) } else { text.replacen(old, new, 1) };
            let used = old.chars().count() + new.chars().count() + 3;
            *at = (from + used).min(chars.len());
            return Ok(true);
        }
        _ => return Ok(false),
    }
    *at += 2;
    Ok(true)
}

fn split_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    for c in line.chars() {
        match quote {
            None if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            None if matches!(c, '\'' | '"') => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Expansion, History};

    fn check(line: &str, expect: &str) {
        let mut history = History::default();
        history.push("ls -l a.txt", false);
        history.push("docker build -t app .", false);
        history.push("echo one two three", false);
        let got = match history.expand(line) {
            Expansion::Unchanged => "=".to_string(),
            Expansion::Changed(text) => text,
            Expansion::Print(text) => format!("print {text}"),
            Expansion::Error(text) => format!("error {text}"),
        };
        assert_eq!(got, expect, "for: {line}");
    }

    #[test]
    fn references() {
        check("!!", "echo one two three");
        check("sudo !!", "sudo echo one two three");
        check("cat !$", "cat three");
        check("cat !^ !*", "cat one one two three");
        check("!docker", "docker build -t app .");
        check("!2", "docker build -t app .");
        check("!-3", "ls -l a.txt");
        check("!?build?", "docker build -t app .");
        check("!!:2", "two");
        check("!!:1-2", "one two");
        check("!ls:$:r", "a");
        check("!!:p", "print echo one two three");
        check("!!:s/one/1/", "echo 1 two three");
        check("^two^2", "echo one 2 three");
        check("!nosuch", "error !nosuch: event not found");
        check("echo 'a!b'", "=");
        check("[ ! -f x ] && echo hi!", "=");
        check("echo $! ${!x}", "=");
    }
}
