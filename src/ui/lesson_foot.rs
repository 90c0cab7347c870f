//! What stays in sight below a lesson's text: answers and the open question, goals, what the coach says, the way on.
//! What speaks to the learner lies on a surface of its own colour, so that the eye finds it.

use crate::ui::app::Hit;
use crate::ui::markdown;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::theme::Role;
use crate::ui::view::{Goal, Mark, Quest, Question, Step};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use std::ops::Range;

/// How strong a block's colour is over the background.
const SURFACE: f32 = 0.12;
/// Columns of a word in a goal's detail.
const MAX_WORD: usize = 24;
/// A choice's key stands out from its block.
const KEY_SURFACE: f32 = 0.30;

/// The lines, and what is special about some of them.
#[derive(Default)]
pub struct Foot {
    pub lines: Vec<Line<'static>>,
    /// The line that should be seen first, when something asks for it.
    pub attention: Option<usize>,
    /// The lines of each choice of the open question.
    choices: Vec<Range<usize>>,
    /// Lines that lie on a surface, and its colour.
    blocks: Vec<(Range<usize>, Role)>,
}

impl Foot {
    /// The foot of the step on the screen in so many columns; a compact one has no air.
    pub fn of(brush: &Brush<'_>, quest: &Quest, columns: usize, compact: bool) -> Self {
        let step = &quest.step;
        let mut foot = Foot::default();
        for answered in &step.answered {
            foot.attention = Some(foot.lines.len());
            foot.answered(brush, answered, columns);
            foot.air(compact);
        }
        if let Some(question) = &step.question {
            let answers = foot.attention.map_or(0, |at| foot.lines.len() - at);
            if answers > 4 || !compact {
                foot.attention = None;
            }
            foot.attention.get_or_insert(foot.lines.len());
            foot.question(brush, question, columns);
            foot.air(compact);
            if compact {
                return foot;
            }
        }
        foot.goals(brush, &step.goals, columns, compact);
        if let Some(said) = &step.coach {
            foot.attention = foot.attention.or(Some(foot.lines.len()));
            foot.air(compact);
            foot.coach(brush, said, columns);
        }
        if step.done {
            foot.air(compact);
            foot.attention = Some(foot.lines.len());
            foot.done(brush, step, columns, quest.finished.is_some());
        }
        foot
    }

    fn air(&mut self, compact: bool) {
        if !compact && !self.lines.is_empty() {
            self.lines.push(Line::default());
        }
    }

    /// Lines on a surface, a column in from the others.
    fn block(&mut self, role: Role, lines: Vec<Line<'static>>) {
        let from = self.lines.len();
        for mut line in lines {
            line.spans.insert(0, Span::raw(" "));
            self.lines.push(line);
        }
        self.blocks.push((from..self.lines.len(), role));
    }

    /// An open question with its choices and their keys.
    fn question(&mut self, brush: &Brush<'_>, question: &Question, columns: usize) {
        let columns = inside(columns);
        let title = brush.style(Role::Coach).add_modifier(Modifier::BOLD);
        let key = if question.prediction { "predict-title" } else { "question-title" };
        let mut lines = measure::wrap(&[Span::styled(brush.texts.say(key), title)], columns, 0);
        lines.extend(markdown::lines(brush.theme, &question.text, columns));
        let mut choices = Vec::new();
        let keycap = brush.style(Role::BarKey).patch(brush.theme.surface(Role::Coach, KEY_SURFACE));
        for (at, choice) in question.choices.iter().enumerate() {
            let mut spans = vec![Span::styled(format!(" {} ", choice_key(at)), keycap), Span::raw(" ")];
            spans.extend(with_code(brush, choice, Role::Text));
            let from = lines.len();
            lines.extend(measure::wrap(&spans, columns, 4));
            choices.push(from..lines.len());
        }
        let keys = format!("1-{}", choice_key(question.choices.len().saturating_sub(1)));
        let text = brush.texts.say_with("predict-keys", &[("keys", &keys)]);
        lines.extend(measure::wrap(&[Span::styled(text, brush.style(Role::Faint))], columns, 0));
        let first = self.lines.len();
        self.choices = choices.into_iter().map(|c| c.start + first..c.end + first).collect();
        self.block(Role::Coach, lines);
    }

    fn answered(&mut self, brush: &Brush<'_>, question: &Question, columns: usize) {
        let columns = inside(columns);
        let said = question.said.and_then(|at| question.choices.get(at)).cloned().unwrap_or_default();
        let (key, role) = match (question.right, question.prediction) {
            (Some(true), true) => ("predict-right", Role::Good),
            (Some(false), true) => ("predict-wrong", Role::Busy),
            (None, _) => ("predict-noted", Role::Coach),
            (Some(true), false) => ("question-right", Role::Good),
            (Some(false), false) => ("question-wrong", Role::Busy),
        };
        let text = brush.texts.say_with(key, &[("said", &said.replace('`', ""))]);
        let style = brush.style(role).add_modifier(Modifier::BOLD);
        let mut lines = measure::wrap(&[Span::styled(text, style)], columns, 0);
        if !question.after.is_empty() {
            lines.extend(markdown::lines(brush.theme, &question.after, columns));
        }
        self.block(role, lines);
    }

    fn goals(&mut self, brush: &Brush<'_>, goals: &[Goal], columns: usize, compact: bool) {
        if goals.is_empty() {
            return;
        }
        if !compact {
            self.lines.push(Line::styled(brush.texts.say("goal-title"), brush.style(Role::Strong)));
        }
        for goal in goals {
            let (mark, role) = match goal.mark {
                Mark::Met => (brush.theme.marks.check, Role::Good),
                Mark::Partly => (brush.theme.marks.half, Role::Busy),
                Mark::Open => (brush.theme.marks.waiting, Role::Faint),
            };
            let text_role = if goal.mark == Mark::Met { Role::Faint } else { Role::Text };
            let mut spans = vec![Span::styled(format!(" {mark} "), brush.style(role))];
            spans.extend(with_code(brush, &goal.text, text_role));
            if !goal.detail.is_empty() && goal.mark != Mark::Met {
                let detail = format!(" ({})", short_words(&goal.detail));
                spans.push(Span::styled(detail, brush.style(Role::Busy)));
            }
            self.lines.extend(measure::wrap(&spans, columns, 3));
        }
    }

    fn coach(&mut self, brush: &Brush<'_>, said: &str, columns: usize) {
        let columns = inside(columns);
        let title = format!("{} ", brush.texts.say("coach-title"));
        let style = brush.style(Role::Coach).add_modifier(Modifier::BOLD);
        let lead = vec![Span::styled(title, style)];
        self.block(Role::Coach, markdown::lines_after(brush.theme, lead, said, columns));
    }

    fn done(&mut self, brush: &Brush<'_>, step: &Step, columns: usize, last: bool) {
        let columns = inside(columns);
        let title = format!("{} {} ", brush.theme.marks.check, brush.texts.say("step-done"));
        let next = if last { "step-done-last" } else { "step-done-next" };
        let spans = [
            Span::styled(title, brush.style(Role::Good).add_modifier(Modifier::BOLD)),
            Span::styled(brush.texts.say(next), brush.style(Role::Strong)),
        ];
        let mut lines = Vec::new();
        if !step.afterword.is_empty() {
            lines = markdown::lines(brush.theme, &step.afterword, columns);
        }
        lines.extend(measure::wrap(&spans, columns, 2));
        self.block(Role::Good, lines);
    }

    /// Draws line `at` into row `y` of `area`; a block's surface reaches a column beyond it on both sides.
    pub fn draw_line(&self, buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, at: usize, y: u16) {
        let Some(line) = self.lines.get(at) else { return };
        if let Some((_, role)) = self.blocks.iter().find(|(lines, _)| lines.contains(&at)) {
            let row = Rect { x: area.x.saturating_sub(1), y, width: area.width + 2, height: 1 };
            let row = row.intersection(buffer.area);
            buffer.set_style(row, brush.theme.surface(*role, SURFACE));
            paint::put(buffer, row, row.x, y, brush.theme.marks.edge, brush.style(*role));
        }
        paint::put_line(buffer, area, area.x, y, line);
    }

    /// Where a click chooses, when the foot's first line stands in row `first` of `area`.
    pub fn hits(&self, area: Rect, first: isize, hits: &mut Vec<(Rect, Hit)>) {
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

/// A line of text with what stands between backticks as code; a faint line has one colour.
fn with_code(brush: &Brush<'_>, text: &str, role: Role) -> Vec<Span<'static>> {
    let code = if role == Role::Faint { role } else { Role::CodeKey };
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| Span::styled(part.to_owned(), brush.style([role, code][at % 2]))).collect()
}

/// Long names by their ends, where `wants` and `has` differ: an image's whole name would fill the pane.
fn short_words(text: &str) -> String {
    let short = |word| measure::ellipsis_start(word, MAX_WORD);
    text.split(' ').map(short).collect::<Vec<_>>().join(" ")
}

/// Columns of text in a block.
fn inside(columns: usize) -> usize {
    columns.saturating_sub(1).max(1)
}

/// The key of a choice: 1, 2, 3 ... Digits, because commands begin with letters: a learner who types on while a
/// question is open must not answer it by accident.
pub fn choice_key(at: usize) -> char {
    char::from(b'1' + (at % 9) as u8)
}

#[cfg(test)]
mod tests {
    use super::short_words;

    #[test]
    fn a_long_name_keeps_the_end_that_differs() {
        let image = "us-central1-docker.pkg.dev/kubejam-7f3a/my-docker-repo/hello-node";
        let short = short_words(&format!("image: wants {image}:v2, has {image}:v1"));
        assert_eq!(short, "image: wants …ker-repo/hello-node:v2, has …cker-repo/hello-node:v1");
        assert_eq!(short_words("replicas: wants 4, has 3"), "replicas: wants 4, has 3");
    }
}
