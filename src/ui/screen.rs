//! Draws the whole window from a view and the interface's state; says where the cursor is and when the next
//! frame is due by itself.

use crate::ui::app::{Hit, Overlay, Ui};
use crate::ui::bars::{self, KeysState};
use crate::ui::complete_screen;
use crate::ui::help;
use crate::ui::layout::{self, Focus, Picture};
use crate::ui::lesson_pane;
use crate::ui::machine_pane;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::Scene;
use crate::ui::terminal::pane;
use crate::ui::terminal::tab::Asking;
use crate::ui::theme::Role;
use crate::ui::view::{Pace, View};
use crate::ui::{cluster_pane, story, time_line, told};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// From this height on a line parts the story from the picture.
const STRIP_RULE_HEIGHT: u16 = 12;
/// While a pull's bar grows, frames come at this pace.
const PROGRESS_FRAME_MS: u64 = 100;

impl Ui {
    /// Draws one frame; the place of the cursor, if it shows.
    pub fn draw(&mut self, buffer: &mut Buffer, view: &View, pace: Pace, now_ms: u64) -> Option<Position> {
        let whole = buffer.area;
        let strip = self.time_line.as_ref().map_or(0, |_| time_line::ROWS.min(whole.height / 2));
        let window = Rect { height: whole.height - strip, ..whole };
        self.hits.clear();
        self.next_frame_ms = None;
        let Some(layout) = layout::lay_out(window, self.wish(view)) else {
            draw_tiny(buffer, &self.brush(now_ms));
            paint::finish(buffer, &self.theme);
            return None;
        };
        self.layout = layout;
        bars::draw_top(buffer, layout.top, &self.brush(now_ms), view, pace, self.time_line.is_some());
        self.draw_lesson(buffer, view, now_ms);
        self.draw_picture(buffer, view, now_ms);
        let cursor = self.draw_terminal(buffer, view, now_ms);
        self.draw_bottom(buffer, layout.keys, view, pace, now_ms);
        if let Some(line) = &mut self.time_line {
            let brush = Brush { theme: &self.theme, texts: &self.texts, now_ms };
            let area = Rect { y: layout.keys.y, height: strip + 1, ..whole };
            time_line::draw(buffer, area, &brush, line);
        }
        let covered = self.draw_overlay(buffer, view, now_ms);
        paint::finish(buffer, &self.theme);
        self.plan_next_frame(view, pace, now_ms);
        if covered || self.time_line.is_some() { None } else { cursor }
    }

    fn brush(&self, now_ms: u64) -> Brush<'_> {
        Brush { theme: &self.theme, texts: &self.texts, now_ms }
    }

    fn plan_next_frame(&mut self, view: &View, pace: Pace, now_ms: u64) {
        let mut due: Vec<u64> = self.next_frame_ms.into_iter().collect();
        due.extend(self.stage.next_frame_ms(now_ms));
        due.extend(self.notice.as_ref().map(|(_, until)| *until));
        let pulling = view.scene.cluster.iter().flat_map(|c| &c.pods).any(|p| p.progress.is_some());
        if pulling && !pace.paused {
            due.push(now_ms + PROGRESS_FRAME_MS);
        }
        self.next_frame_ms = due.into_iter().min();
    }

    fn draw_lesson(&mut self, buffer: &mut Buffer, view: &View, now_ms: u64) {
        let (Some(area), Some(quest)) = (self.layout.lesson, &view.quest) else { return };
        let brush = Brush { theme: &self.theme, texts: &self.texts, now_ms };
        let focused = self.focus == Focus::Lesson;
        self.heard.clone_from(&quest.step.coach);
        let title = if self.layout.tabbed {
            let news = self.stage.next_frame_ms(now_ms).map(|_| Hit::Picture(self.picture));
            tabs_title(&brush, view, Some(Picture::Story), news, &mut self.hits, area)
        } else {
            let style = cluster_pane::title_style(&brush, focused).add_modifier(Modifier::BOLD);
            Line::styled(quest.step.title.clone(), style)
        };
        let inside = paint::frame(buffer, area, &brush, &title, focused);
        let (laid, hits) = (&mut self.laid, &mut self.hits);
        self.lesson_at = lesson_pane::draw(buffer, inside, &brush, quest, laid, self.lesson_scroll, hits);
    }

    fn draw_picture(&mut self, buffer: &mut Buffer, view: &View, now_ms: u64) {
        let brush = Brush { theme: &self.theme, texts: &self.texts, now_ms };
        if let Some(area) = self.layout.machine {
            let title = Line::styled(machine_title(&brush, view), cluster_pane::title_style(&brush, false));
            let inside = paint::frame(buffer, area, &brush, &title, false);
            machine_pane::draw(buffer, inside, &brush, &view.scene.machine, &self.stage);
        }
        let Some(area) = self.layout.picture else { return };
        let focused = self.focus == Focus::Picture;
        let shown = if view.scene.cluster.is_none() { Picture::Machine } else { self.picture };
        let said = view.quest.as_ref().and_then(|q| q.step.coach.as_ref());
        let news = said.filter(|said| self.heard.as_ref() != Some(*said)).map(|_| Hit::Lesson);
        let title = tabs_title(&brush, view, Some(shown), news, &mut self.hits, area);
        let mut inside = paint::frame(buffer, area, &brush, &title, focused);
        let strip = match inside.height {
            0..=6 => 0,
            7..=11 => 1,
            _ => 2,
        };
        if strip > 0 && (view.scene.cluster.is_some() || !view.story.is_empty()) {
            let rows = strip + u16::from(inside.height >= STRIP_RULE_HEIGHT);
            let y = inside.bottom() - strip;
            if rows > strip {
                let rule = brush.theme.marks.rule.repeat(usize::from(inside.width));
                paint::put(buffer, inside, inside.x, y - 1, &rule, brush.style(Role::Border));
            }
            let place = Rect::new(inside.x, y, inside.width, strip);
            let quiet = if view.quest.is_some() { "story-quiet" } else { "sandbox-text" };
            story::draw_strip(buffer, place, &brush, &view.story, quiet);
            inside.height -= rows;
        }
        match shown {
            Picture::Machine => machine_pane::draw(buffer, inside, &brush, &view.scene.machine, &self.stage),
            Picture::Cluster | Picture::Story => {
                draw_cluster(buffer, inside, &brush, &view.scene, &self.stage);
            }
        }
    }

    fn draw_terminal(&mut self, buffer: &mut Buffer, view: &View, now_ms: u64) -> Option<Position> {
        let area = self.layout.terminal?;
        let focused = self.focus == Focus::Terminal;
        let brush = Brush { theme: &self.theme, texts: &self.texts, now_ms };
        if self.editing()
            && let Some((_, editor)) = &mut self.editor
        {
            let title = Line::styled(editor.title(), brush.style(Role::Strong));
            let inside = paint::frame(buffer, area, &brush, &title, focused);
            self.terminal_inside = inside;
            let cursor = editor.draw(buffer, inside, &brush);
            if let Some(key) = editor.help() {
                let help = format!(" {} ", brush.texts.say(key));
                let x = area.right().saturating_sub(measure::width(&help) as u16 + 2);
                if x > area.x + 1 {
                    paint::put(buffer, area, x, area.bottom() - 1, &help, brush.style(Role::Faint));
                }
            }
            return if focused { cursor } else { None };
        }
        let title = self.terminal_title(area, now_ms);
        let brush = Brush { theme: &self.theme, texts: &self.texts, now_ms };
        paint::frame(buffer, area, &brush, &title, focused);
        let inside = layout::inside_terminal(area);
        self.terminal_inside = inside;
        let tab = self.tabs.get_mut(self.active)?;
        let selection = self.selection;
        let cursor = pane::draw(buffer, inside, &brush, tab, selection);
        if let (true, Some(selection)) = (self.copy_wanted, selection) {
            let text = pane::selected_text(buffer, inside, selection);
            self.copy_wanted = false;
            let lines = text.lines().count().to_string();
            let notice = self.texts.say_with("copied", &[("n", &lines)]);
            self.notify(notice, now_ms);
            self.copied = Some(text);
        }
        let _ = view;
        cursor
    }

    fn terminal_title(&mut self, area: Rect, now_ms: u64) -> Line<'static> {
        let brush = Brush { theme: &self.theme, texts: &self.texts, now_ms };
        let mut spans = vec![Span::styled(brush.texts.say("pane-terminal"), brush.style(Role::Text))];
        let mut x = area.x + 2 + measure::width(&spans[0].content) as u16;
        let mut hits = Vec::new();
        for (at, tab) in self.tabs.iter().enumerate() {
            let name = if tab.running.is_empty() {
                String::new()
            } else {
                format!(" {}", measure::ellipsis(&tab.running, 12))
            };
            let text = format!(" {}{name} ", at + 1);
            let style = if at == self.active {
                brush.style(Role::Strong).add_modifier(Modifier::REVERSED)
            } else {
                brush.style(Role::Faint)
            };
            x += 1;
            spans.push(Span::raw(" "));
            let width = measure::width(&text) as u16;
            hits.push((Rect::new(x, area.y, width, 1), Hit::Tab(at)));
            x += width;
            spans.push(Span::styled(text, style));
        }
        spans.push(Span::styled("  +", brush.style(Role::Accent)));
        hits.push((Rect::new(x + 1, area.y, 3, 1), Hit::NewTab));
        self.hits.extend(hits);
        Line::from(spans)
    }

    fn draw_bottom(&mut self, buffer: &mut Buffer, area: Rect, view: &View, pace: Pace, now_ms: u64) {
        if self.notice.as_ref().is_some_and(|(_, until)| now_ms >= *until) {
            self.notice = None;
        }
        let brush = Brush { theme: &self.theme, texts: &self.texts, now_ms };
        if let Some((text, _)) = &self.notice {
            paint::put(
                buffer,
                area,
                area.x + 1,
                area.y,
                text,
                brush.style(Role::Coach).add_modifier(Modifier::BOLD),
            );
            return;
        }
        let tab = self.tabs.get(self.active);
        let state = KeysState {
            paused: pace.paused,
            step_done: view.quest.as_ref().is_some_and(|q| q.step.done),
            waiting: !self.editing()
                && tab.is_some_and(|t| matches!(t.asking, Asking::Program { .. }) && !t.running.is_empty()),
            zoomed: self.zoom.is_some(),
            tab_completes: tab.is_some_and(|t| t.at_prompt()),
        };
        bars::draw_keys(buffer, area, &brush, state, &mut self.hits);
    }

    /// Whether something lies over the panes.
    fn draw_overlay(&mut self, buffer: &mut Buffer, view: &View, now_ms: u64) -> bool {
        let brush = Brush { theme: &self.theme, texts: &self.texts, now_ms };
        let window = buffer.area;
        let mut next = None;
        match &mut self.overlay {
            None => return false,
            Some(Overlay::Help { page }) => help::draw(buffer, window, &brush, page),
            Some(Overlay::Story { selected }) => {
                let area =
                    paint::centered(window, window.width.saturating_sub(6), window.height.saturating_sub(4));
                paint::blank(buffer, area);
                let title = Line::styled(brush.texts.say("pane-story"), brush.style(Role::Strong));
                let inside = paint::frame(buffer, area, &brush, &title, true);
                story::draw_panel(buffer, inside, &brush, &view.story, *selected);
            }
            Some(Overlay::Complete { since_ms, name }) => {
                let age_ms = now_ms.saturating_sub(*since_ms);
                let naming = name.as_deref();
                next = complete_screen::draw(buffer, window, &brush, view, age_ms, naming)
                    .map(|wait| now_ms + wait);
            }
            Some(Overlay::Told { text }) => told::draw(buffer, window, &brush, text),
        }
        self.next_frame_ms = next;
        true
    }
}

fn draw_cluster(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    scene: &Scene,
    stage: &crate::ui::stage::Stage,
) {
    cluster_pane::draw(buffer, area, brush, scene, stage);
    let Some(cluster) = &scene.cluster else { return };
    if cluster.elsewhere > 0 && area.height > 6 {
        let text = brush.texts.say_with("pods-elsewhere", &[("n", &cluster.elsewhere.to_string())]);
        let x = area.right().saturating_sub(measure::width(&text) as u16 + 1);
        let row = (area.x..area.right()).all(|x| buffer[(x, area.bottom() - 1)].symbol() == " ");
        if row {
            paint::put(buffer, area, x, area.bottom() - 1, &text, brush.style(Role::Faint));
        }
    }
}

fn machine_title(brush: &Brush<'_>, view: &View) -> String {
    let title = brush.texts.say("pane-machine");
    if view.scene.machine.host.is_empty() { title } else { format!("{title} {}", view.scene.machine.host) }
}

/// The picture's title: what can be looked at, the shown one first in weight. `Picture::Story` stands for the
/// lesson, which shares the pane in small windows. A dot marks the one with `news`: where the coach has spoken or
/// something moves, unseen.
fn tabs_title(
    brush: &Brush<'_>,
    view: &View,
    shown: Option<Picture>,
    news: Option<Hit>,
    hits: &mut Vec<(Rect, Hit)>,
    area: Rect,
) -> Line<'static> {
    let mut entries = Vec::new();
    let small = area.y > 0 && area.x == 0 && view.quest.is_some() && area.width == area.right();
    if small || shown == Some(Picture::Story) {
        entries.push((brush.texts.say("pane-lesson"), Hit::Lesson, shown == Some(Picture::Story)));
    }
    if let Some(cluster) = &view.scene.cluster {
        let title = format!("{} {}", brush.texts.say("pane-cluster"), cluster.name);
        entries.push((title, Hit::Picture(Picture::Cluster), shown == Some(Picture::Cluster)));
    }
    entries.push((
        machine_title(brush, view),
        Hit::Picture(Picture::Machine),
        shown == Some(Picture::Machine),
    ));
    let mut spans = Vec::new();
    let mut x = area.x + 2;
    for (at, (text, hit, on)) in entries.into_iter().enumerate() {
        if at > 0 {
            spans.push(Span::styled("  ", brush.style(Role::Border)));
            x += 2;
        }
        let width = measure::width(&text) as u16;
        if news == Some(hit) {
            spans.push(Span::styled(format!("{} ", brush.theme.marks.ready), brush.style(Role::Coach)));
            x += 2;
        }
        hits.push((Rect::new(x, area.y, width, 1), hit));
        x += width;
        let style = if on {
            brush.style(Role::Strong).add_modifier(Modifier::BOLD)
        } else {
            brush.style(if news == Some(hit) { Role::Coach } else { Role::Faint })
        };
        spans.push(Span::styled(text, style));
    }
    Line::from(spans)
}

fn draw_tiny(buffer: &mut Buffer, brush: &Brush<'_>) {
    let window = buffer.area;
    let have = format!("{}x{}", window.width, window.height);
    let need = format!("{}x{}", layout::MIN_WIDTH, layout::MIN_HEIGHT);
    let text = brush.texts.say_with("tiny", &[("have", &have), ("need", &need)]);
    let lines = measure::wrap(&[Span::styled(text, brush.style(Role::Text))], usize::from(window.width), 0);
    for (row, line) in lines.iter().enumerate() {
        paint::put_line(buffer, window, window.x, window.y + row as u16, line);
    }
}
