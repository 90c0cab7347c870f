//! The help page: every key, from the keymap's table and the command line's own keys.

use crate::ui::keymap::{BINDINGS, Command};
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::theme::Role;
use crossterm::event::{KeyCode, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

const WIDTH: u16 = 84;
const KEY_COLUMNS: usize = 22;

/// Keys of the command line (readline's): shown keys and the sentence's message key.
const LINE_KEYS: &[(&str, &str)] = &[
    ("Ctrl-T  Ctrl-O", "help-tabs"),
    ("Tab", "help-tab"),
    ("Up Down  Ctrl-R", "help-history"),
    ("Ctrl-A  Ctrl-E", "help-ends"),
    ("Alt-B  Alt-F", "help-words"),
    ("Ctrl-K -U -W  Ctrl-Y", "help-kill"),
    ("Ctrl-C -D -Z -L", "help-signals"),
];

const PLAY: &[Command] = &[
    Command::Help,
    Command::Hint,
    Command::Undo,
    Command::Redo,
    Command::TimeLine,
    Command::Pause,
    Command::StepTime,
    Command::Speed,
    Command::SkipWait,
    Command::Next,
];
const LOOK: &[Command] = &[Command::Zoom, Command::View, Command::Story, Command::NextPane];

/// All lines, and how many of them are about keys: the others explain the picture.
fn all(brush: &Brush<'_>, columns: usize) -> (Vec<Line<'static>>, usize) {
    let mut lines = Vec::new();
    let intro = Span::styled(brush.texts.say("help-intro"), brush.style(Role::Text));
    lines.extend(measure::wrap(&[intro], columns, 0));
    let heading = |lines: &mut Vec<Line<'static>>, key: &str| {
        lines.push(Line::default());
        lines.push(Line::styled(brush.texts.say(key), brush.style(Role::Accent)));
    };
    let entry = |lines: &mut Vec<Line<'static>>, shown: &str, key: &str| {
        let spans = [
            Span::styled(format!(" {}", measure::padded(shown, KEY_COLUMNS)), brush.style(Role::BarKey)),
            Span::styled(brush.texts.say(key), brush.style(Role::Text)),
        ];
        lines.extend(measure::wrap(&spans, columns, KEY_COLUMNS + 1));
    };
    for (key, commands) in [("help-play", PLAY), ("help-look", LOOK)] {
        heading(&mut lines, key);
        for binding in BINDINGS.iter().filter(|b| commands.contains(&b.command)) {
            let alt = binding.keys.iter().find_map(|(code, modifiers)| match code {
                KeyCode::Char(c) if *modifiers == KeyModifiers::ALT => Some(*c),
                _ => None,
            });
            let shown = alt.map_or(binding.shown.to_owned(), |c| format!("{}  Alt-{c}", binding.shown));
            entry(&mut lines, &shown, binding.help);
        }
    }
    entry(&mut lines, "", "help-mouse");
    heading(&mut lines, "help-line");
    for (shown, key) in LINE_KEYS {
        entry(&mut lines, shown, key);
    }
    heading(&mut lines, "help-leave");
    entry(&mut lines, "Ctrl-Q", "help-quit");
    let keys = lines.len();
    heading(&mut lines, "help-picture");
    for (mark, key) in legend(brush) {
        entry(&mut lines, &mark, key);
    }
    (lines, keys)
}

/// What the marks of the picture mean.
fn legend(brush: &Brush<'_>) -> Vec<(String, &'static str)> {
    let marks = &brush.theme.marks;
    let [left, right] = marks.block;
    vec![
        (marks.ready.to_owned(), "legend-ready"),
        (marks.half.to_owned(), "legend-half"),
        (marks.waiting.to_owned(), "legend-waiting"),
        (marks.failed.to_owned(), "legend-failed"),
        (marks.leaving.to_owned(), "legend-leaving"),
        (marks.frame[4].repeat(3), "legend-route"),
        (marks.rule.repeat(3), "legend-own"),
        ("a● pod".replace('●', marks.ready), "legend-letter"),
        (format!("firewall{}", marks.shut), "legend-shut"),
        (format!("{left}4000{right}{}", marks.right), "legend-door"),
        (format!("{left}layer{right}"), "legend-layer"),
    ]
}

/// A heading on a page's last row goes over to the next page.
fn keep_headings_with_what_follows(lines: &mut Vec<Line<'static>>, rows: usize, heading: Style) {
    let mut last = rows - 1;
    while last < lines.len() {
        if rows > 1 && lines[last].style == heading {
            lines.insert(last, Line::default());
        }
        last += rows;
    }
}

/// Draws the page; `page` is brought into range.
pub fn draw(buffer: &mut Buffer, window: Rect, brush: &Brush<'_>, page: &mut usize) {
    let width = WIDTH.min(window.width.saturating_sub(2));
    let (mut lines, keys) = all(brush, usize::from(width.saturating_sub(4)));
    let height = (lines.len() as u16 + 2).min(window.height);
    let area = paint::centered(window, width, height);
    paint::blank(buffer, area);
    let rows = usize::from(area.height.saturating_sub(2)).max(1);
    // The picture's part begins a page of its own when both do not fit one.
    if lines.len() > rows && keys <= rows {
        let picture = lines.split_off(keys);
        lines.resize(rows, Line::default());
        lines.extend(picture.into_iter().skip(1));
    }
    keep_headings_with_what_follows(&mut lines, rows, brush.style(Role::Accent));
    let pages = lines.len().div_ceil(rows);
    *page = (*page).min(pages - 1);
    let mut title = vec![Span::styled(brush.texts.say("pane-help"), brush.style(Role::Strong))];
    if pages > 1 {
        let (at, of) = ((*page + 1).to_string(), pages.to_string());
        let text = brush.texts.say_with("help-page", &[("page", &at), ("pages", &of)]);
        let key = if *page + 1 < pages { "PgDn" } else { "PgUp" };
        title.push(Span::styled(format!("  {text}  {key}"), brush.style(Role::Faint)));
    }
    let inside = paint::frame(buffer, area, brush, &Line::from(title), true);
    for (row, line) in lines.iter().skip(*page * rows).take(rows).enumerate() {
        paint::put_line(buffer, inside, inside.x + 1, inside.y + row as u16, line);
    }
}
