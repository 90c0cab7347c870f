//! A request as a dot: from the caller along the line to the service, down to the node, in to the pod.
//!
//! Drawing the picture leaves anchors; the way runs over them. A request that nobody answers ends at the
//! service with its outcome in words.

use crate::ui::paint::{self, Brush};
use crate::ui::scene::Trip;
use crate::ui::stage::Stage;
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeMap;

/// Where things were drawn in this frame.
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    pub you: BTreeMap<String, (u16, u16)>,
    pub service: BTreeMap<String, (u16, u16)>,
    /// uid -> column and row of the pod, row of its node's top edge
    pub pods: BTreeMap<String, (u16, u16, u16)>,
    pub bus_y: Option<u16>,
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
        } else {
            let role = if trip.ok { Role::Good } else { Role::Bad };
            let mark = if trip.ok { brush.theme.marks.check } else { brush.theme.marks.failed };
            paint::put(buffer, area, end_x, end_y, mark, brush.style(role));
            if !trip.ok || trip.pod.is_none() {
                paint::put(buffer, area, end_x + 2, end_y, &trip.outcome, brush.style(role));
            }
        }
    }
}

/// The cells a request passes, in order.
fn way(trip: &Trip, anchors: &Anchors) -> Vec<(u16, u16)> {
    let mut way: Vec<(u16, u16)> = Vec::new();
    let service = trip.service.as_ref().and_then(|s| anchors.service.get(s)).copied();
    if let (Some(name), Some((x, y))) = (&trip.service, service) {
        let from = anchors.you.get(name).map_or(x, |(you, _)| you + 4);
        way.extend((from.min(x)..=x).map(|column| (column, y)));
    }
    if let Some(&(x, y, top)) = trip.pod.as_ref().and_then(|p| anchors.pods.get(p)) {
        let (from_x, from_y) = way.last().copied().unwrap_or((x, top));
        let turn_y = anchors.bus_y.unwrap_or(top);
        push_vertical(&mut way, from_x, from_y, turn_y);
        push_horizontal(&mut way, from_x, x, turn_y);
        push_vertical(&mut way, x, turn_y, y);
    }
    way
}

fn push_vertical(way: &mut Vec<(u16, u16)>, x: u16, from: u16, to: u16) {
    if from <= to {
        way.extend((from..=to).map(|y| (x, y)));
    } else {
        way.extend((to..=from).rev().map(|y| (x, y)));
    }
}

fn push_horizontal(way: &mut Vec<(u16, u16)>, from: u16, to: u16, y: u16) {
    if from <= to {
        way.extend((from..=to).map(|x| (x, y)));
    } else {
        way.extend((to..=from).rev().map(|x| (x, y)));
    }
}
