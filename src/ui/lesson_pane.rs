//! The lesson: the step's text, its checklist, the coach, hints and a prediction. It scrolls; the goals and what
//! the coach says stay in sight at the bottom when there is room.

use crate::ui::app::Hit;
use crate::ui::markdown;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::theme::Role;
use crate::ui::view::{Mark, Quest, Question, Step};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// The laid-out text of a step, kept between frames: Markdown is read when the step or the width changes.
#[derive(Clone, Debug, Default)]
pub struct Laid {
    key: (String, u16, usize, usize),
    text: Vec<Line<'static>>,
}

impl Laid {
    fn of(&mut self, brush: &Brush<'_>, quest: &Quest, width: u16) -> &[Line<'static>] {
        let step = &quest.step;
        let key = (format!("{}/{}", quest.id, step.id), width, step.hints.len(), step.text.len());
        if self.key != key {
            self.text = markdown::lines(brush.theme, &step.text, usize::from(width));
            for (at, hint) in step.hints.iter().enumerate() {
                self.text.push(Line::default());
                let title = brush.texts.say_with("hint-title", &[("n", &(at + 1).to_string())]);
                self.text.push(Line::styled(title, brush.style(Role::Coach).add_modifier(Modifier::BOLD)));
                self.text.extend(markdown::lines(brush.theme, hint, usize::from(width)));
            }
            if !step.hints.is_empty() && step.more_hints {
                self.text.push(Line::styled(brush.texts.say("hint-more"), brush.style(Role::Faint)));
            }
            self.key = key;
        }
        &self.text
    }

    /// For a change of theme or language.
    pub fn forget(&mut self) {
        self.key = Default::default();
    }
}

/// How far down the pane is, and how far it can go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrolled {
    pub from: usize,
    pub most: usize,
}

/// Draws the lesson from line `scroll` on; without one, from where attention is wanted.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    quest: &Quest,
    laid: &mut Laid,
    scroll: Option<usize>,
    hits: &mut Vec<(Rect, Hit)>,
) -> Scrolled {
    if area.width < 10 || area.height < 2 {
        return Scrolled::default();
    }
    let inner = Rect { x: area.x + 1, width: area.width - 2, ..area };
    let foot = foot(brush, &quest.step, usize::from(inner.width), inner.height < 14);
    let text = laid.of(brush, quest, inner.width);
    let rows = usize::from(inner.height);
    if text.len() + 1 + foot.lines.len() <= rows {
        lines(buffer, inner, inner.y, text);
        lines(buffer, inner, inner.y + text.len() as u16 + 1, &foot.lines);
        foot.hits(inner, text.len() as isize + 1, hits);
        return Scrolled::default();
    }
    // Too long for the pane: a small foot stays in sight and the text scrolls above it; a large one scrolls too.
    if foot.lines.len() + 4 <= rows {
        foot.hits(inner, rows as isize - foot.lines.len() as isize, hits);
        return draw_pinned(buffer, area, inner, brush, quest, text, &foot, scroll);
    }
    let all: Vec<&Line<'static>> = text.iter().chain(std::iter::once(&EMPTY)).chain(&foot.lines).collect();
    let most = all.len().saturating_sub(rows);
    let wanted = foot.attention.map_or(0, |at| text.len() + 1 + at);
    let from = scroll.unwrap_or(wanted).min(most);
    for (row, line) in all[from..].iter().take(rows).enumerate() {
        paint::put_line(buffer, inner, inner.x, inner.y + row as u16, line);
    }
    foot.hits(inner, text.len() as isize + 1 - from as isize, hits);
    more_above(buffer, area, brush, from);
    if from < most {
        let style = brush.style(Role::Accent);
        paint::put(buffer, area, area.right() - 1, area.bottom() - 1, brush.theme.marks.down, style);
    }
    Scrolled { from, most }
}

#[allow(clippy::too_many_arguments)]
fn draw_pinned(
    buffer: &mut Buffer,
    area: Rect,
    inner: Rect,
    brush: &Brush<'_>,
    quest: &Quest,
    text: &[Line<'static>],
    foot: &Foot,
    scroll: Option<usize>,
) -> Scrolled {
    let upper = usize::from(inner.height) - foot.lines.len() - 1;
    let most = text.len().saturating_sub(upper);
    // The newest hint stands at the end of the text.
    let wanted = if quest.step.hints.is_empty() { 0 } else { most };
    let from = scroll.unwrap_or(wanted).min(most);
    lines(buffer, inner, inner.y, &text[from..(from + upper).min(text.len())]);
    let y = inner.y + upper as u16;
    rule(buffer, inner, brush, y, from < most);
    lines(buffer, inner, y + 1, &foot.lines);
    more_above(buffer, area, brush, from);
    Scrolled { from, most }
}

static EMPTY: Line<'static> =
    Line { style: ratatui::style::Style::new(), alignment: None, spans: Vec::new() };

fn lines(buffer: &mut Buffer, area: Rect, y: u16, lines: &[Line<'static>]) {
    for (row, line) in lines.iter().enumerate() {
        paint::put_line(buffer, area, area.x, y + row as u16, line);
    }
}

fn rule(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, y: u16, more: bool) {
    let text = brush.theme.marks.rule.repeat(usize::from(area.width));
    paint::put(buffer, area, area.x, y, &text, brush.style(Role::Border));
    if more {
        let note = format!(" {} PgDn ", brush.theme.marks.down);
        let x = area.right().saturating_sub(measure::width(&note) as u16 + 1);
        paint::put(buffer, area, x, y, &note, brush.style(Role::Accent));
    }
}

fn more_above(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, from: usize) {
    if from > 0 {
        paint::put(buffer, area, area.right() - 1, area.y, brush.theme.marks.up, brush.style(Role::Accent));
    }
}

/// What stays in sight: answers and questions, goals, coach, and the way on.
struct Foot {
    lines: Vec<Line<'static>>,
    /// The line that should be seen first, when something asks for it.
    attention: Option<usize>,
    /// The lines of each choice of the open question.
    choices: Vec<std::ops::Range<usize>>,
}

impl Foot {
    /// Where a click chooses, when the foot's first line stands in row `first` of `area`.
    fn hits(&self, area: Rect, first: isize, hits: &mut Vec<(Rect, Hit)>) {
        for (choice, lines) in self.choices.iter().enumerate() {
            for line in lines.clone() {
                let row = first + line as isize;
                if (0..area.height as isize).contains(&row) {
                    hits.push((Rect::new(area.x, area.y + row as u16, area.width, 1), Hit::Choice(choice)));
                }
            }
        }
    }
}

fn foot(brush: &Brush<'_>, step: &Step, columns: usize, compact: bool) -> Foot {
    let mut lines = Vec::new();
    let mut attention = None;
    let mut choices = Vec::new();
    for answered in &step.answered {
        attention = Some(lines.len());
        answered_lines(brush, answered, columns, &mut lines);
    }
    if let Some(question) = &step.question {
        let answers = attention.map_or(0, |at| lines.len() - at);
        if answers > 4 || !compact {
            attention = None;
        }
        attention.get_or_insert(lines.len());
        choices = question_lines(brush, question, columns, &mut lines);
        if compact {
            return Foot { lines, attention, choices };
        }
    }
    if !step.goals.is_empty() {
        if !compact {
            lines.push(Line::styled(brush.texts.say("goal-title"), brush.style(Role::Strong)));
        }
        for goal in &step.goals {
            let (mark, role) = match goal.mark {
                Mark::Met => (brush.theme.marks.check, Role::Good),
                Mark::Partly => (brush.theme.marks.half, Role::Busy),
                Mark::Open => (brush.theme.marks.waiting, Role::Faint),
            };
            let text_role = if goal.mark == Mark::Met { Role::Faint } else { Role::Text };
            let mut spans = vec![Span::styled(format!(" {mark} "), brush.style(role))];
            for (at, part) in goal.text.split('`').enumerate() {
                let role = if at % 2 == 1 && goal.mark != Mark::Met { Role::CodeKey } else { text_role };
                spans.push(Span::styled(part.to_owned(), brush.style(role)));
            }
            if !goal.detail.is_empty() && goal.mark != Mark::Met {
                spans.push(Span::styled(format!(" ({})", goal.detail), brush.style(Role::Busy)));
            }
            lines.extend(measure::wrap(&spans, columns, 3));
        }
    }
    if let Some(said) = &step.coach {
        attention = attention.or(Some(0));
        if !compact {
            lines.push(Line::default());
        }
        let mut spans = vec![Span::styled(
            format!("{} ", brush.texts.say("coach-title")),
            brush.style(Role::Coach).add_modifier(Modifier::BOLD),
        )];
        for line in markdown::lines(brush.theme, said, columns * 4) {
            if spans.len() > 1 {
                spans.push(Span::raw("\n"));
            }
            spans.extend(line.spans);
        }
        lines.extend(measure::wrap(&spans, columns, 0));
    }
    if step.done {
        attention = Some(lines.len());
        if !compact {
            lines.push(Line::default());
        }
        if !step.afterword.is_empty() {
            lines.extend(markdown::lines(brush.theme, &step.afterword, columns));
        }
        let spans = [
            Span::styled(
                format!("{} {} ", brush.theme.marks.check, brush.texts.say("step-done")),
                brush.style(Role::Good).add_modifier(Modifier::BOLD),
            ),
            Span::styled(brush.texts.say("step-done-next"), brush.style(Role::Strong)),
        ];
        lines.extend(measure::wrap(&spans, columns, 2));
    }
    Foot { lines, attention, choices }
}

/// An open question with its choices and their keys; which lines are which choice.
fn question_lines(
    brush: &Brush<'_>,
    question: &Question,
    columns: usize,
    lines: &mut Vec<Line<'static>>,
) -> Vec<std::ops::Range<usize>> {
    let mut places = Vec::new();
    let title = brush.style(Role::Coach).add_modifier(Modifier::BOLD);
    let key = if question.prediction { "predict-title" } else { "question-title" };
    lines.extend(measure::wrap(&[Span::styled(brush.texts.say(key), title)], columns, 0));
    lines.extend(markdown::lines(brush.theme, &question.text, columns));
    for (at, choice) in question.choices.iter().enumerate() {
        let spans = [
            Span::styled(format!(" {} ", choice_key(at)), brush.style(Role::BarKey)),
            Span::styled(format!(" {choice}"), brush.style(Role::Text)),
        ];
        let from = lines.len();
        lines.extend(measure::wrap(&spans, columns, 4));
        places.push(from..lines.len());
    }
    let keys = format!("1-{}", choice_key(question.choices.len().saturating_sub(1)));
    let text = brush.texts.say_with("predict-keys", &[("keys", &keys)]);
    lines.extend(measure::wrap(&[Span::styled(text, brush.style(Role::Faint))], columns, 0));
    lines.push(Line::default());
    places
}

fn answered_lines(brush: &Brush<'_>, question: &Question, columns: usize, lines: &mut Vec<Line<'static>>) {
    let said = question.said.and_then(|at| question.choices.get(at)).cloned().unwrap_or_default();
    let (key, role) = match (question.right, question.prediction) {
        (Some(true), true) => ("predict-right", Role::Good),
        (Some(false), true) => ("predict-wrong", Role::Busy),
        (None, _) => ("predict-noted", Role::Coach),
        (Some(true), false) => ("question-right", Role::Good),
        (Some(false), false) => ("question-wrong", Role::Busy),
    };
    let text = brush.texts.say_with(key, &[("said", &said)]);
    lines.extend(measure::wrap(&[Span::styled(text, brush.style(role))], columns, 0));
    if !question.after.is_empty() {
        lines.extend(markdown::lines(brush.theme, &question.after, columns));
    }
    lines.push(Line::default());
}

/// The key of a choice: 1, 2, 3 ... Digits, because commands begin with letters: a learner who types on while a
/// question is open must not answer it by accident.
pub fn choice_key(at: usize) -> char {
    char::from(b'1' + (at % 9) as u8)
}
