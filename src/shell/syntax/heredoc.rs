//! The bodies of here-documents, read when the line that announced them ends.

use super::ast::{Part, Word};
use super::error::ErrorKind;
use super::parser::{Parsed, Parser};
use super::words::Quotes;

impl Parser {
    pub(super) fn read_heredocs(&mut self) -> Parsed<()> {
        for (doc, announced) in std::mem::take(&mut self.pending_heredocs) {
            let start_line = self.line;
            let (text, finished) = self.heredoc_text(&doc.delimiter, doc.strip_tabs, doc.quoted);
            if !finished {
                if self.dialect.partial {
                    return self.error(ErrorKind::Unfinished);
                }
                let wanted = &doc.delimiter;
                let warning =
                    format!("here-document at line {announced} delimited by end-of-file (wanted `{wanted}')");
                let last = self.line.max(start_line);
                self.warnings.push((last, warning));
            }
            let body = if doc.quoted {
                Word { raw: text.as_str().into(), parts: vec![Part::Quoted(text)] }
            } else {
                self.heredoc_body(&text, start_line)?
            };
            let _ = doc.body.set(body);
        }
        Ok(())
    }

    /// The input ended on the line that announces here-documents: they are empty, with bash's warning.
    pub(super) fn end_heredocs(&mut self) -> Parsed<()> {
        if self.pending_heredocs.is_empty() {
            return Ok(());
        }
        self.read_heredocs()
    }

    fn heredoc_text(&mut self, delimiter: &str, strip_tabs: bool, quoted: bool) -> (String, bool) {
        let mut text = String::new();
        while self.peek().is_some() {
            let mut line = String::new();
            while let Some(c) = self.bump() {
                if c == '\n' {
                    break;
                }
                if c == '\\' && !quoted && self.peek() == Some('\n') {
                    line.push_str("\\\n");
                    self.bump();
                    continue;
                }
                line.push(c);
            }
            let ended = self.chars.get(self.pos.wrapping_sub(1)) == Some(&'\n');
            let shown = if strip_tabs { line.trim_start_matches('\t') } else { &line };
            if shown == delimiter {
                return (text, true);
            }
            text.push_str(shown);
            // A last line without a newline gets one.
            if ended || !shown.is_empty() {
                text.push('\n');
            }
        }
        (text, false)
    }

    /// The body as if between double quotes, except that `"` is an ordinary character.
    fn heredoc_body(&mut self, text: &str, line: u32) -> Parsed<Word> {
        let mut inner = Parser::new(text, line, self.dialect.clone());
        inner.depth = self.depth;
        let parts = inner.quoted_parts(Quotes::HereDoc)?;
        Ok(Word { parts, raw: text.into() })
    }
}
