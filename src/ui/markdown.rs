//! Markdown as styled lines of a given width, for lesson text. No HTML, no images, nothing from outside.

use crate::ui::highlight::{self, Syntax};
use crate::ui::measure;
use crate::ui::theme::{Role, Theme};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

/// Lays `text` out in `columns` columns.
pub fn lines(theme: &Theme, text: &str, columns: usize) -> Vec<Line<'static>> {
    lines_after(theme, Vec::new(), text, columns)
}

/// The same, with `lead` before the first word.
pub fn lines_after(
    theme: &Theme,
    lead: Vec<Span<'static>>,
    text: &str,
    columns: usize,
) -> Vec<Line<'static>> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut page = Page { columns: columns.max(8), spans: lead, ..Page::new(theme) };
    for event in Parser::new_ext(text, options) {
        page.take(event);
    }
    page.end_block();
    while page.lines.last().is_some_and(|l| l.spans.is_empty()) {
        page.lines.pop();
    }
    page.lines
}

struct Page<'a> {
    theme: &'a Theme,
    columns: usize,
    lines: Vec<Line<'static>>,
    spans: Vec<Span<'static>>,
    styles: Vec<Style>,
    /// Open lists: the next number, none for bullets.
    lists: Vec<Option<u64>>,
    /// Mark of the item whose first line is to come.
    item: Option<String>,
    quote: usize,
    code: Option<(Syntax, String)>,
    table: Option<Table>,
}

#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
    cell: String,
}

impl<'a> Page<'a> {
    fn new(theme: &'a Theme) -> Self {
        Self {
            theme,
            columns: 80,
            lines: Vec::new(),
            spans: Vec::new(),
            styles: vec![theme.style(Role::Text)],
            lists: Vec::new(),
            item: None,
            quote: 0,
            code: None,
            table: None,
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => self.inline_code(&text),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.text("\n"),
            Event::Rule => {
                self.end_block();
                let rule = self.theme.marks.rule.repeat(self.columns);
                self.lines.push(Line::styled(rule, self.theme.style(Role::Border)));
                self.blank();
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let style = self.style();
        match tag {
            Tag::Heading { level, .. } => {
                self.end_block();
                let role = if level == HeadingLevel::H1 { Role::Accent } else { Role::Strong };
                self.styles.push(self.theme.style(role).add_modifier(Modifier::BOLD));
            }
            Tag::Emphasis => self.styles.push(style.add_modifier(Modifier::ITALIC)),
            Tag::Strong => {
                let strong = self.theme.style(Role::Strong).add_modifier(Modifier::BOLD);
                self.styles.push(strong);
            }
            Tag::Link { .. } => self.styles.push(self.theme.style(Role::Accent)),
            Tag::Strikethrough => self.styles.push(style.add_modifier(Modifier::CROSSED_OUT)),
            Tag::BlockQuote(_) => {
                self.end_block();
                self.quote += 1;
            }
            Tag::List(first) => {
                self.end_block();
                self.lists.push(first);
            }
            Tag::Item => {
                self.end_block();
                self.item = Some(self.item_mark());
            }
            Tag::CodeBlock(kind) => {
                self.end_block();
                let syntax = match &kind {
                    CodeBlockKind::Fenced(word) => Syntax::from_fence(word),
                    CodeBlockKind::Indented => Syntax::Plain,
                };
                self.code = Some((syntax, String::new()));
            }
            Tag::Table(_) => {
                self.end_block();
                self.table = Some(Table::default());
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) => {
                self.end_block();
                if self.lists.is_empty() {
                    self.blank();
                }
                if matches!(tag, TagEnd::Heading(_)) {
                    self.styles.pop();
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Strikethrough => {
                self.styles.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.end_block();
                self.quote = self.quote.saturating_sub(1);
                self.blank();
            }
            TagEnd::List(_) => {
                self.end_block();
                self.lists.pop();
                if self.lists.is_empty() {
                    self.blank();
                }
            }
            TagEnd::Item => self.end_block(),
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::TableCell => {
                if let Some(table) = &mut self.table {
                    let cell = std::mem::take(&mut table.cell);
                    if let Some(row) = table.rows.last_mut() {
                        row.push(cell);
                    }
                }
            }
            TagEnd::Table => self.end_table(),
            _ => {}
        }
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or_default()
    }

    fn text(&mut self, text: &str) {
        if let Some((_, code)) = &mut self.code {
            code.push_str(text);
        } else if let Some(table) = &mut self.table {
            table.cell.push_str(text);
        } else {
            self.spans.push(Span::styled(text.to_owned(), self.style()));
        }
    }

    fn inline_code(&mut self, text: &str) {
        if let Some(table) = &mut self.table {
            table.cell.push_str(text);
        } else {
            self.spans.push(Span::styled(text.to_owned(), self.theme.style(Role::CodeKey)));
        }
    }

    fn item_mark(&mut self) -> String {
        let depth = self.lists.len().saturating_sub(1);
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => format!("{} ", self.theme.marks.bullet),
        };
        "  ".repeat(depth) + &mark
    }

    /// Wraps what has gathered into lines, behind the marks of lists and quotes.
    fn end_block(&mut self) {
        if self.spans.is_empty() {
            return;
        }
        let mut spans = std::mem::take(&mut self.spans);
        let mut indent = self.lists.len() * 2;
        if let Some(mark) = self.item.take() {
            indent = measure::width(&mark);
            spans.insert(0, Span::styled(mark, self.theme.style(Role::Accent)));
        } else if indent > 0 {
            spans.insert(0, Span::raw(" ".repeat(indent)));
        }
        let bars = self.quote * 2;
        for line in measure::wrap(&spans, self.columns.saturating_sub(bars), indent) {
            self.push_quoted(line);
        }
    }

    fn push_quoted(&mut self, mut line: Line<'static>) {
        if self.quote > 0 {
            let bar = format!("{} ", self.theme.marks.frame[5]).repeat(self.quote);
            line.spans.insert(0, Span::styled(bar, self.theme.style(Role::Coach)));
        }
        self.lines.push(line);
    }

    fn end_code(&mut self) {
        let Some((syntax, code)) = self.code.take() else { return };
        let indent = self.lists.len() * 2;
        let edge = Span::styled(
            format!("{}{} ", " ".repeat(indent), self.theme.marks.frame[5]),
            self.theme.style(Role::Border),
        );
        let columns = self.columns.saturating_sub(indent + 2);
        for text in code.lines() {
            let text = text.replace('\t', "    ");
            let styled = highlight::line(self.theme, syntax, &text);
            for mut line in measure::wrap(&styled.spans, columns, 2) {
                line.spans.insert(0, edge.clone());
                self.push_quoted(line);
            }
        }
        if self.lists.is_empty() {
            self.blank();
        }
    }

    fn end_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        let count = table.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column: usize| {
            table.rows.iter().filter_map(|r| r.get(column)).map(|c| measure::width(c)).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..count).map(widest).collect();
        let total: usize = widths.iter().sum::<usize>() + 2 * count.saturating_sub(1);
        for (at, row) in table.rows.iter().enumerate() {
            let role = if at == 0 { Role::Strong } else { Role::Text };
            if total <= self.columns {
                let cells: Vec<String> =
                    row.iter().zip(&widths).map(|(cell, width)| measure::padded(cell, *width)).collect();
                self.lines.push(Line::styled(cells.join("  "), self.theme.style(role)));
            } else if at > 0 {
                // Too wide: each row as a list item, its first cell the head.
                let text = format!("{} {}", self.theme.marks.bullet, row.join(" — "));
                self.lines.extend(measure::wrap(
                    &[Span::styled(text, self.theme.style(role))],
                    self.columns,
                    2,
                ));
            }
        }
        self.blank();
    }

    fn blank(&mut self) {
        if self.lines.last().is_some_and(|l| !l.spans.is_empty()) {
            self.lines.push(Line::default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::ui::theme::{Depth, Ground, Theme};

    fn check(text: &str, columns: usize, expect: &str) {
        let theme = Theme::new(Ground::Dark, Depth::True, false);
        let out: Vec<String> = lines(&theme, text, columns)
            .iter()
            .map(|l| l.spans.iter().map(|s| s.content.as_ref()).collect::<String>().trim_end().to_owned())
            .collect();
        assert_eq!(out.join("\n"), expect);
    }

    #[test]
    fn prose_lists_and_code() {
        check(
            "# Scale *up*\n\nOne pod is **one** point of failure.",
            16,
            "Scale up\n\nOne pod is one\npoint of failure."
                .replace("\npoint of failure.", "\npoint of\nfailure.")
                .as_str(),
        );
        check("- one two three\n- four\n\nend", 9, "• one two\n  three\n• four\n\nend");
        check("1. a\n2. b", 20, "1. a\n2. b");
        check("```sh\nkubectl get pods\n```\nafter", 30, "│ kubectl get pods\n\nafter");
        check("> why", 20, "│ why");
        check("| A | B |\n|---|---|\n| one | two |", 20, "A    B\none  two");
    }
}
