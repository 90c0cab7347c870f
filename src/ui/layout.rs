//! Where the panes are for a window's size: side by side when wide, a tabbed pane over the terminal when small.
//!
//! Pure arithmetic; every rectangle lies inside the window.

use ratatui::layout::Rect;

/// Below this a sentence asks for a larger window.
pub const MIN_WIDTH: u16 = 40;
pub const MIN_HEIGHT: u16 = 10;
const WIDE_WIDTH: u16 = 100;
const WIDE_HEIGHT: u16 = 20;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    #[default]
    Terminal,
    Lesson,
    Picture,
}

/// What the picture pane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Picture {
    #[default]
    Cluster,
    Machine,
    Story,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub top: Rect,
    pub keys: Rect,
    pub lesson: Option<Rect>,
    pub picture: Option<Rect>,
    pub terminal: Option<Rect>,
    /// The machine beside the cluster, on very wide windows.
    pub machine: Option<Rect>,
    /// Lesson and picture share one pane with tabs.
    pub tabbed: bool,
}

/// What bears on the layout besides the size.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    pub zoom: Option<Focus>,
    /// An editor is open: the terminal takes the picture's room too.
    pub editing: bool,
    /// Which of the tabs is in front when they share a pane.
    pub lesson_in_front: bool,
    pub has_lesson: bool,
    /// The window is wide enough and a cluster exists: show the machine beside it.
    pub machine_beside: bool,
}

/// None when the window is too small for anything but a sentence.
pub fn lay_out(window: Rect, wish: Wish) -> Option<Layout> {
    if window.width < MIN_WIDTH || window.height < MIN_HEIGHT {
        return None;
    }
    let top = Rect { height: 1, ..window };
    let keys = Rect { y: window.bottom() - 1, height: 1, ..window };
    let body = Rect { y: window.y + 1, height: window.height - 2, ..window };
    let mut layout = Layout { top, keys, ..Layout::default() };
    match wish.zoom {
        Some(Focus::Terminal) => layout.terminal = Some(body),
        Some(Focus::Lesson) if wish.has_lesson => layout.lesson = Some(body),
        Some(_) => layout.picture = Some(body),
        None if window.width >= WIDE_WIDTH && window.height >= WIDE_HEIGHT => wide(body, wish, &mut layout),
        None => small(body, wish, &mut layout),
    }
    Some(layout)
}

/// The inside of the terminal pane as a session begins: the size that its programs see.
pub fn terminal_inside(window: Rect, has_lesson: bool) -> Rect {
    let wish = Wish { has_lesson, lesson_in_front: true, ..Wish::default() };
    let pane = lay_out(window, wish).and_then(|layout| layout.terminal).unwrap_or(window);
    inside_terminal(pane)
}

/// Its frame and a column of air at the left go off the pane.
pub fn inside_terminal(pane: Rect) -> Rect {
    let (width, height) = (pane.width.saturating_sub(3), pane.height.saturating_sub(2));
    Rect { x: pane.x + 2, y: pane.y + 1, width, height }
}

fn wide(body: Rect, wish: Wish, layout: &mut Layout) {
    let mut right = body;
    if wish.has_lesson {
        let width = (u32::from(body.width) * 31 / 100).clamp(34, 66) as u16;
        layout.lesson = Some(Rect { width, ..body });
        right = Rect { x: body.x + width, width: body.width - width, ..body };
    }
    if wish.editing {
        layout.terminal = Some(right);
        return;
    }
    let height = (u32::from(right.height) * 60 / 100) as u16;
    let mut picture = Rect { height, ..right };
    layout.terminal = Some(Rect { y: right.y + height, height: right.height - height, ..right });
    if wish.machine_beside && right.width >= 124 {
        let width = 42;
        layout.machine = Some(Rect { x: picture.right() - width, width, ..picture });
        picture.width -= width;
    }
    layout.picture = Some(picture);
}

fn small(body: Rect, wish: Wish, layout: &mut Layout) {
    if wish.editing {
        layout.terminal = Some(body);
        return;
    }
    layout.tabbed = true;
    let height = (u32::from(body.height) * 6).div_ceil(11) as u16;
    let upper = Rect { height, ..body };
    layout.terminal = Some(Rect { y: body.y + height, height: body.height - height, ..body });
    if wish.lesson_in_front && wish.has_lesson {
        layout.lesson = Some(upper);
    } else {
        layout.picture = Some(upper);
    }
}

#[cfg(test)]
mod tests {
    use super::{Focus, Wish, lay_out};
    use ratatui::layout::Rect;

    #[test]
    fn every_pane_lies_inside_every_window() {
        let focuses = [None, Some(Focus::Terminal), Some(Focus::Lesson), Some(Focus::Picture)];
        for (width, height) in [(20, 5), (40, 10), (80, 24), (99, 50), (100, 20), (120, 36), (300, 100)] {
            let window = Rect::new(0, 0, width, height);
            for zoom in focuses {
                for bits in 0..16 {
                    let wish = Wish {
                        zoom,
                        editing: bits & 1 > 0,
                        lesson_in_front: bits & 2 > 0,
                        has_lesson: bits & 4 > 0,
                        machine_beside: bits & 8 > 0,
                    };
                    let Some(layout) = lay_out(window, wish) else {
                        assert!(width < 40 || height < 10);
                        continue;
                    };
                    let panes = [layout.lesson, layout.picture, layout.terminal, layout.machine];
                    for pane in panes.into_iter().flatten() {
                        assert_eq!(pane.intersection(window), pane, "{width}x{height} {wish:?}");
                        assert!(pane.height >= 3 && pane.width >= 20, "{width}x{height} {wish:?}");
                    }
                }
            }
        }
    }
}
