//! A request as a dot: from station to station over the anchors that drawing the picture left, to the place where
//! it was answered or refused. What it met at its end is said there in a word.

use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::{End, Station, Trip};
use crate::ui::stage::Stage;
use crate::ui::theme::Role;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use std::collections::BTreeMap;

/// Where things were drawn in this frame.
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    /// Where the learner stands before a Service.
    pub you: BTreeMap<String, (u16, u16)>,
    pub stations: BTreeMap<Station, (u16, u16)>,
    /// The row of the line that leads from Services to pods.
    pub bus_y: Option<u16>,
}

impl Anchors {
    pub fn set(&mut self, station: Station, at: (u16, u16)) {
        self.stations.insert(station, at);
    }

    fn at(&self, station: &Station, next: Option<&Station>) -> Option<(u16, u16)> {
        match (station, next) {
            (Station::You, Some(Station::Gate(name) | Station::Service(name))) => {
                self.you.get(name).or_else(|| self.stations.get(station)).copied()
            }
            _ => self.stations.get(station).copied(),
        }
    }
}

pub fn draw(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, stage: &Stage, anchors: &Anchors) {
    for (trip, progress) in stage.travellers(brush.now_ms) {
        let way = way(trip, anchors);
        let Some(&(end_x, end_y)) = way.last() else { continue };
        if progress < 1.0 {
            let at = (progress * (way.len() - 1) as f32) as usize;
            for (behind, &(x, y)) in way[..=at].iter().rev().take(3).enumerate() {
                let visible = 1.0 - 0.35 * behind as f32;
                let style = brush.theme.faded(brush.style(Role::Dot), visible);
                let mark = if behind == 0 { brush.theme.marks.dot } else { brush.theme.marks.bullet };
                paint::put(buffer, area, x, y, mark, style);
            }
            continue;
        }
        let role = if trip.end.is_good() { Role::Good } else { Role::Bad };
        let mark = if trip.end.is_good() { brush.theme.marks.check } else { brush.theme.marks.failed };
        paint::put(buffer, area, end_x, end_y, mark, brush.style(role));
        // At a door that is not there the reason stands beside it.
        let at_door = matches!(trip.way.last(), Some(Station::Door(_)));
        if !trip.end.is_good() && !at_door {
            let text = format!(" {} ", end_word(brush, trip.end));
            let width = measure::width(&text) as u16;
            let x = free_place(buffer, area, end_x + 1, end_y, width);
            paint::put(buffer, area, x, end_y, &text, brush.style(role).add_modifier(Modifier::BOLD));
        }
    }
}

/// The first place at or after `x` where nothing stands in the row for `width` columns. When there is none, on the way
/// that led here, unless that is a door (a line is missed least for as long as the word stands), else over the row's end.
fn free_place(buffer: &Buffer, area: Rect, x: u16, y: u16, width: u16) -> u16 {
    if y >= buffer.area.bottom() {
        return x;
    }
    let is_free = |from: u16| (from..from + width).all(|x| buffer[(x, y)].symbol() == " ");
    // A card stands on a ground of its own, and so does a door.
    let ground = buffer[(area.x, y)].bg;
    let is_bare = |cell: &Cell| cell.bg == ground && !cell.modifier.contains(Modifier::REVERSED);
    let is_line = |from: u16| (from..from + width).all(|x| is_bare(&buffer[(x, y)]));
    let last = area.right().min(buffer.area.right()).saturating_sub(width);
    let before = x.checked_sub(width + 1).filter(|from| *from >= area.x + width / 2 && is_line(*from));
    (x..=last).find(|from| is_free(*from)).or(before).unwrap_or(last.max(x))
}

/// How it ended, in a word or two.
pub fn end_word(brush: &Brush<'_>, end: End) -> String {
    let key = match end {
        End::Status(status) => return status.to_string(),
        End::Refused => "end-refused",
        End::TimedOut => "end-timed-out",
        End::Broken => "end-broken",
    };
    brush.texts.say(key)
}

/// The cells a request passes, in order. Empty when a part of its way is not in the picture.
fn way(trip: &Trip, anchors: &Anchors) -> Vec<(u16, u16)> {
    let mut way: Vec<(u16, u16)> = Vec::new();
    for (at, station) in trip.way.iter().enumerate() {
        let next = trip.way.get(at + 1);
        let Some(to) = anchors.at(station, next) else {
            if matches!(station, Station::Gate(_)) {
                continue;
            }
            return Vec::new();
        };
        let Some(from) = way.last().copied() else {
            way.push(to);
            continue;
        };
        let pod_leg =
            matches!(station, Station::Pod(_)) || matches!(trip.way.get(at - 1), Some(Station::Pod(_)));
        leg(&mut way, from, to, anchors.bus_y.filter(|_| pod_leg));
    }
    way
}

/// From one cell to another: along the row, or down the column first; by way of the row `turn_y` if there is one.
fn leg(way: &mut Vec<(u16, u16)>, from: (u16, u16), to: (u16, u16), turn_y: Option<u16>) {
    let turn_y = turn_y.unwrap_or(to.1);
    down(way, from.0, from.1, turn_y);
    along(way, from.0, to.0, turn_y);
    down(way, to.0, turn_y, to.1);
}

fn down(way: &mut Vec<(u16, u16)>, x: u16, from: u16, to: u16) {
    if from <= to {
        way.extend((from..=to).map(|y| (x, y)));
    } else {
        way.extend((to..=from).rev().map(|y| (x, y)));
    }
}

fn along(way: &mut Vec<(u16, u16)>, from: u16, to: u16, y: u16) {
    if from <= to {
        way.extend((from..=to).map(|x| (x, y)));
    } else {
        way.extend((to..=from).rev().map(|x| (x, y)));
    }
}

#[cfg(test)]
mod tests {
    use super::{Anchors, free_place, way};
    use crate::ui::scene::{Station, Trip};
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::{Modifier, Style};

    #[test]
    fn a_word_covers_a_line_but_no_door() {
        let area = Rect::new(0, 0, 24, 1);
        let mut row = Buffer::empty(area);
        row.set_string(0, 0, "you ───▶ 80 ─▶ app server", Style::new());
        assert_eq!(free_place(&row, area, 15, 0, 6), 8, "on the line that led there");
        row.set_string(8, 0, " 80 ", Style::new().add_modifier(Modifier::REVERSED));
        assert_eq!(free_place(&row, area, 15, 0, 6), 18, "over the row's end");
        row.set_string(18, 0, "      ", Style::new());
        assert_eq!(free_place(&row, area, 15, 0, 6), 18, "where nothing stands");
    }

    #[test]
    fn a_request_passes_its_stations_or_is_not_drawn() {
        let mut anchors = Anchors { bus_y: Some(2), ..Anchors::default() };
        anchors.you.insert("web".into(), (0, 0));
        anchors.set(Station::Service("web".into()), (3, 0));
        anchors.set(Station::Pod("a".into()), (1, 4));
        let stations = [Station::You, Station::Service("web".into()), Station::Pod("a".into())];
        let trip = Trip { way: stations.to_vec(), ..Trip::default() };
        let mut cells = way(&trip, &anchors);
        cells.dedup();
        let expect = [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (3, 2), (2, 2), (1, 2), (1, 3), (1, 4)];
        assert_eq!(cells, expect);
        anchors.stations.remove(&Station::Pod("a".into()));
        assert!(way(&trip, &anchors).is_empty());
    }
}
