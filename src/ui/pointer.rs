//! The mouse: click gives the focus and presses what is drawn as a button, the wheel scrolls, a drag selects.

use crate::ui::app::{Ask, Hit, Overlay, Ui};
use crate::ui::keymap::Command;
use crate::ui::layout::Focus;
use crate::ui::terminal::pane::Selection;
use crate::ui::view::View;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

const WHEEL_ROWS: isize = 3;

impl Ui {
    pub(super) fn mouse(&mut self, mouse: MouseEvent, view: &View) -> Vec<Ask> {
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::ScrollUp => self.wheel(at, -WHEEL_ROWS, view),
            MouseEventKind::ScrollDown => self.wheel(at, WHEEL_ROWS, view),
            MouseEventKind::Down(MouseButton::Left) => return self.click(at, view),
            MouseEventKind::Drag(MouseButton::Left) => self.drag(at),
            MouseEventKind::Up(MouseButton::Left) => {
                self.copy_wanted = self.selection.is_some_and(|s| s.from != s.to);
                if !self.copy_wanted {
                    self.selection = None;
                }
                self.selecting = false;
            }
            _ => {}
        }
        Vec::new()
    }

    fn wheel(&mut self, at: Position, rows: isize, view: &View) {
        let inside = |area: Option<Rect>| area.is_some_and(|a| a.contains(at));
        match &mut self.overlay {
            Some(Overlay::Story { selected }) => {
                *selected = selected.saturating_add_signed(-rows).min(view.story.len().saturating_sub(1));
            }
            Some(Overlay::Help { page }) => *page = page.saturating_add_signed(rows.signum()),
            Some(Overlay::Complete { .. } | Overlay::Told { .. }) => {}
            None if inside(self.layout.lesson) => self.scroll_lesson(rows),
            None if inside(self.layout.terminal) => {
                if self.editing() {
                    if let Some((_, editor)) = &mut self.editor {
                        editor.wheel(rows);
                    }
                } else if let Some(tab) = self.tabs.get_mut(self.active) {
                    tab.scroll(-rows);
                }
            }
            None => {}
        }
    }

    fn click(&mut self, at: Position, view: &View) -> Vec<Ask> {
        self.selection = None;
        let hit = self.hits.iter().rev().find(|(area, _)| area.contains(at)).map(|(_, hit)| *hit);
        if self.overlay.is_some() {
            if hit.is_none() && !matches!(self.overlay, Some(Overlay::Complete { .. })) {
                self.overlay = None;
            }
            return Vec::new();
        }
        if let Some(time_line) = &mut self.time_line {
            return time_line.click(at);
        }
        match hit {
            Some(Hit::Tab(tab)) => {
                self.active = tab.min(self.tabs.len().saturating_sub(1));
                self.focus = Focus::Terminal;
            }
            Some(Hit::NewTab) => return self.press(Command::NewTab, view),
            Some(Hit::Key(command)) => return self.press(command, view),
            Some(Hit::Picture(picture)) => {
                self.picture = picture;
                self.lesson_in_front = false;
            }
            Some(Hit::Lesson) => self.lesson_in_front = true,
            Some(Hit::Choice(choice)) => return vec![Ask::Predict { choice }],
            None => self.focus_at(at),
        }
        Vec::new()
    }

    /// A click on a shown key is that key.
    fn press(&mut self, command: Command, view: &View) -> Vec<Ask> {
        let binding = crate::ui::keymap::BINDINGS.iter().find(|b| b.command == command);
        let (code, modifiers) =
            binding.and_then(|b| b.keys.first()).copied().unwrap_or((KeyCode::Null, KeyModifiers::NONE));
        self.handle(&Event::Key(KeyEvent::new(code, modifiers)), view, &|_, _, _| Default::default(), 0)
    }

    fn focus_at(&mut self, at: Position) {
        let panes = [
            (self.layout.terminal, Focus::Terminal),
            (self.layout.lesson, Focus::Lesson),
            (self.layout.picture, Focus::Picture),
        ];
        if let Some((_, focus)) = panes.iter().find(|(area, _)| area.is_some_and(|a| a.contains(at))) {
            self.focus = *focus;
        }
        if let Some(place) = self.terminal_place(at) {
            self.selection = Some(Selection { from: place, to: place });
            self.selecting = true;
        }
    }

    fn drag(&mut self, at: Position) {
        let inside = self.terminal_inside;
        if !self.selecting || inside.area() == 0 {
            return;
        }
        let at = Position::new(
            at.x.clamp(inside.x, inside.right() - 1),
            at.y.clamp(inside.y, inside.bottom() - 1),
        );
        if let (Some(place), Some(selection)) = (self.terminal_place(at), &mut self.selection) {
            selection.to = place;
        }
    }

    /// Row and column inside the terminal's view.
    fn terminal_place(&self, at: Position) -> Option<(u16, u16)> {
        let inside = self.terminal_inside;
        (inside.contains(at) && !self.editing()).then(|| (at.y - inside.y, at.x - inside.x))
    }
}
