//! Columns on the screen: how wide a text is, and cutting and wrapping it by graphemes, never by bytes.
//!
//! Everything that lays out text goes through here, so Hangul (two columns) and emoji never tear a border.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns that `text` takes. Control characters take none.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.bytes().filter(|b| !b.is_ascii_control()).count();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The longest prefix of at most `columns` columns.
pub fn prefix(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > columns {
            return &text[..at];
        }
    }
    text
}

/// The longest suffix of at most `columns` columns.
pub fn suffix(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += grapheme.width();
        if used > columns {
            return &text[at + grapheme.len()..];
        }
    }
    text
}

/// `text` in at most `columns` columns, its end replaced by `…` when it does not fit.
pub fn ellipsis(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    format!("{}…", prefix(text, columns - 1))
}

/// `text` in at most `columns` columns, its beginning replaced by `…`: names whose end tells them apart.
pub fn ellipsis_start(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    format!("…{}", suffix(text, columns - 1))
}

/// `text` in at most `columns` columns, its middle replaced by `…`: both ends of a name may tell it apart.
pub fn ellipsis_middle(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let tail = (columns - 1) / 2;
    format!("{}…{}", prefix(text, columns - 1 - tail), suffix(text, tail))
}

/// `text` followed by blanks up to `columns` columns; cut when longer.
pub fn padded(text: &str, columns: usize) -> String {
    let cut = ellipsis(text, columns);
    let blanks = columns - width(&cut);
    cut + &" ".repeat(blanks)
}

/// The longest prefix of at most `columns` columns that may end a line: paths and references break after a `/` when
/// one stands in the second half.
fn breakable(text: &str, columns: usize) -> &str {
    let longest = prefix(text, columns);
    match longest.rfind('/') {
        Some(at) if width(&longest[..at]) >= columns / 2 => &longest[..=at],
        _ => longest,
    }
}

/// Styled spans wrapped at words into lines of at most `columns` columns; continuation lines start with
/// `indent` blanks. A word longer than a line is broken; between two Hangul syllables no break is made,
/// because Korean separates words by spaces.
pub fn wrap(spans: &[Span<'_>], columns: usize, indent: usize) -> Vec<Line<'static>> {
    let columns = columns.max(1);
    let indent = if indent < columns { indent } else { 0 };
    let mut lines = Wrapped { columns, indent, lines: Vec::new(), line: Vec::new(), used: 0 };
    let mut word: Vec<(String, Style)> = Vec::new();
    let mut word_width = 0;
    for span in spans {
        for piece in span.content.split_word_bounds() {
            if piece == "\n" {
                lines.put_word(&mut word, &mut word_width);
                lines.end_line();
            } else if piece.chars().all(|c| c == ' ') {
                lines.put_word(&mut word, &mut word_width);
                lines.put_blank(piece, span.style);
            } else {
                word_width += width(piece);
                match word.last_mut() {
                    Some((text, style)) if *style == span.style => text.push_str(piece),
                    _ => word.push((piece.to_owned(), span.style)),
                }
            }
        }
    }
    lines.put_word(&mut word, &mut word_width);
    lines.end_line();
    lines.lines
}

struct Wrapped {
    columns: usize,
    indent: usize,
    lines: Vec<Line<'static>>,
    line: Vec<Span<'static>>,
    used: usize,
}

impl Wrapped {
    fn put_word(&mut self, word: &mut Vec<(String, Style)>, word_width: &mut usize) {
        if word.is_empty() {
            return;
        }
        if self.used + *word_width > self.columns && self.used > self.start() {
            self.end_line();
        }
        for (text, style) in word.drain(..) {
            let mut rest = text.as_str();
            while self.used + width(rest) > self.columns {
                let head = breakable(rest, self.columns - self.used);
                if head.is_empty() && self.used <= self.start() {
                    break;
                }
                self.push(head.to_owned(), style);
                rest = &rest[head.len()..];
                self.end_line();
            }
            self.push(rest.to_owned(), style);
        }
        *word_width = 0;
    }

    fn put_blank(&mut self, blank: &str, style: Style) {
        if self.used + blank.len() >= self.columns {
            self.end_line();
        } else if self.used > self.start() || self.lines.is_empty() {
            self.push(blank.to_owned(), style);
        }
    }

    fn push(&mut self, text: String, style: Style) {
        if text.is_empty() {
            return;
        }
        self.used += width(&text);
        match self.line.last_mut() {
            Some(last) if last.style == style => last.content.to_mut().push_str(&text),
            _ => self.line.push(Span::styled(text, style)),
        }
    }

    fn start(&self) -> usize {
        if self.lines.is_empty() { 0 } else { self.indent }
    }

    fn end_line(&mut self) {
        self.lines.push(Line::from(std::mem::take(&mut self.line)));
        self.used = 0;
        if self.indent > 0 {
            self.line.push(Span::raw(" ".repeat(self.indent)));
            self.used = self.indent;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ellipsis, ellipsis_middle, ellipsis_start, padded, width, wrap};
    use ratatui::text::Span;

    fn check(text: &str, columns: usize, expect: &[&str]) {
        let lines: Vec<String> = wrap(&[Span::raw(text.to_owned())], columns, 0)
            .iter()
            .map(|l| l.spans.iter().map(|s| s.content.as_ref()).collect::<String>().trim_end().to_owned())
            .collect();
        assert_eq!(lines, expect, "{text:?} in {columns} columns");
    }

    #[test]
    fn words_wrap_and_long_words_break() {
        check("one two three", 7, &["one two", "three"]);
        check("abcdefghij k", 4, &["abcd", "efgh", "ij k"]);
        check("docker.pkg.dev/my-project/app:1", 16, &["docker.pkg.dev/", "my-project/app:1"]);
        check("a/bcdefghijk", 6, &["a/bcde", "fghijk"]);
        check("파드 하나는 위험합니다", 11, &["파드 하나는", "위험합니다"]);
    }

    #[test]
    fn hangul_counts_two_columns() {
        assert_eq!(width("파드 3개"), 8);
        assert_eq!(ellipsis("파드가 늘어납니다", 8), "파드가 …");
        assert_eq!(ellipsis_start("hello-node-x2jk4", 6), "…x2jk4");
        assert_eq!(ellipsis_middle("secure-monolith", 9), "secu…lith");
        assert_eq!(padded("파드", 6), "파드  ");
    }
}
