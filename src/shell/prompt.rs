//! PS1 and its kin: backslash escapes, then parameter and command expansion. It writes nothing.

use super::interp::Flow;
use super::state::Shell;
use super::syntax::Parser;
use super::syntax::ast::{Part, Word};

impl Shell {
    /// A prompt's escapes, without expansion of parameters.
    pub fn prompt_text(&self, source: &str) -> String {
        let host = self.sys.view(|w| {
            w.hosts.get(&self.sys.host).map(|host| (host.hostname.clone(), w.user_of(self.sys.me).to_owned()))
        });
        let (hostname, user) = host.unwrap_or_default();
        let user = if user.is_empty() || user == "0" { "root".to_string() } else { user };
        let user = self.vars.text("USER").map_or(user.clone(), str::to_string);
        let is_root = self.vars.text("EUID").is_none_or(|id| id == "0") && user == "root";
        let mut out = String::new();
        let mut chars = source.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '\\' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some('u') => out.push_str(&user),
                Some('h') => out.push_str(hostname.split('.').next().unwrap_or_default()),
                Some('H') => out.push_str(&hostname),
                Some('w') => out.push_str(&self.short_cwd()),
                Some('W') => {
                    let short = self.short_cwd();
                    let base = short.rsplit('/').next().filter(|base| !base.is_empty()).unwrap_or("/");
                    out.push_str(base);
                }
                Some('$') => out.push(if is_root { '#' } else { '$' }),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('a') => out.push('\x07'),
                Some('e') => out.push('\x1b'),
                Some('s') => out.push_str(self.arg0.rsplit('/').next().unwrap_or("bash")),
                Some('v') => out.push_str("5.2"),
                Some('V') => out.push_str("5.2.21"),
                Some('j') => out.push_str(&self.jobs.all().len().to_string()),
                Some('!') => out.push_str(&(self.history.borrow().len() + 1).to_string()),
                Some('#') => out.push_str(&(self.history.borrow().len() + 1).to_string()),
                Some('l') => out.push_str("pts/0"),
                Some('t') => out.push_str(&self.clock("%H:%M:%S")),
                Some('T') => out.push_str(&self.clock("%I:%M:%S")),
                Some('@') => out.push_str(&self.clock("%I:%M %p")),
                Some('A') => out.push_str(&self.clock("%H:%M")),
                Some('d') => out.push_str(&self.clock("%a %b %d")),
                // Marks of what takes no room; the terminal needs none.
                Some('[' | ']') => {}
                Some('\\') => out.push('\\'),
                Some(digit @ '0'..='7') => {
                    let mut value = digit.to_digit(8).unwrap_or(0);
                    for _ in 0..2 {
                        if let Some(next) = chars.peek().and_then(|c| c.to_digit(8)) {
                            value = value * 8 + next;
                            chars.next();
                        }
                    }
                    out.push(char::from(value as u8));
                }
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            }
        }
        out
    }

    fn clock(&self, format: &str) -> String {
        self.sys.now().timestamp().strftime(format).to_string()
    }

    fn short_cwd(&self) -> String {
        match self.vars.text("HOME").filter(|home| home.len() > 1) {
            Some(home) if self.cwd == home => "~".into(),
            Some(home) => match self.cwd.strip_prefix(&format!("{home}/")) {
                Some(rest) => format!("~/{rest}"),
                None => self.cwd.clone(),
            },
            None => self.cwd.clone(),
        }
    }

    /// The prompt in that variable, fully expanded.
    pub async fn prompt(&mut self, variable: &str, fallback: &str) -> String {
        let source = self.vars.text(variable).unwrap_or(fallback).to_string();
        let text = self.prompt_text(&source);
        if !text.contains(['$', '`']) {
            return text;
        }
        // A prompt is read like the inside of double quotes, where a lone `$ ` stays what it is.
        let quoted = format!("\"{}\"", text.replace('"', "\\\""));
        let status = self.status;
        let mut parser = Parser::new(&quoted, 1, self.dialect(false));
        let word = match parser.single_word() {
            Ok(Some(word)) => word,
            _ => Word { parts: vec![Part::Quoted(text.clone())], raw: text.as_str().into() },
        };
        let expanded: Result<String, Flow> = self.expand_text(&word).await;
        self.status = status;
        expanded.unwrap_or(text)
    }
}
