//! Nodes as boxes with the pods in them, in the roomiest way that shows all: cards, lines, chips or only marks.
//!
//! All boxes of a frame use one density, so that equal things look equal. Pods stand by their slot.

use crate::ui::cluster_pane::pod_mark;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::pod_cells::{self, Density, Look};
use crate::ui::scene::{Cluster, Gate, Node, Shape, Station};
use crate::ui::services::Routes;
use crate::ui::stage::{Actor, Stage, node_key};
use crate::ui::theme::Role;
use crate::ui::trips::Anchors;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::collections::{BTreeMap, BTreeSet};

const MIN_BOX_WIDTH: u16 = 22;
const MAX_BOX_WIDTH: u16 = 44;
const NARROW_BOX_WIDTH: u16 = 15;
/// A box lower than this has one row for pods or none.
const FLAT_HEIGHT: u16 = 4;

/// Draws the nodes; returns their rectangles in the order of `cluster.nodes` (those that have a place).
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    cluster: &Cluster,
    stage: &Stage,
    routes: &Routes,
    anchors: &mut Anchors,
) -> Vec<Rect> {
    let waiting = stage.on_node(None);
    let waiting_rows = u16::from(!waiting.is_empty() && area.height > 4);
    let room = Rect { height: area.height - waiting_rows, ..area };
    let boxes = places(room, cluster.nodes.len());
    let kinds: BTreeSet<&str> = cluster.pods.iter().map(|p| p.workload.as_str()).collect();
    let look = Look {
        density: density(cluster, stage, &boxes, brush.now_ms),
        routes,
        several: kinds.len() > 1,
        lit: cluster.lit.as_ref(),
    };
    // Somebody may want a node's address.
    let addresses = cluster.services.iter().any(|s| matches!(s.gate, Gate::NodePort { .. }));
    for (node, at) in cluster.nodes.iter().zip(&boxes) {
        let inside = draw_box(buffer, *at, brush, node, stage, addresses);
        draw_pods(buffer, *at, inside, brush, node, stage, &look, anchors);
    }
    if waiting_rows > 0 {
        draw_waiting(buffer, area, brush, stage, &waiting, anchors);
    }
    boxes
}

/// Boxes side by side, in as many rows as their least width asks for.
fn places(area: Rect, count: usize) -> Vec<Rect> {
    if count == 0 || area.height < 2 {
        return Vec::new();
    }
    let mut columns = (area.width / MIN_BOX_WIDTH).clamp(1, count as u16);
    // Narrow boxes in one row say more than wide ones without a row for a pod.
    let flat = |columns: u16| area.height / (count as u16).div_ceil(columns) < FLAT_HEIGHT;
    while flat(columns) && columns < count as u16 && area.width / (columns + 1) >= NARROW_BOX_WIDTH {
        columns += 1;
    }
    let rows = (count as u16).div_ceil(columns).min(area.height / 2).max(1);
    let width = (area.width / columns).min(MAX_BOX_WIDTH);
    let height = area.height / rows;
    (0..count as u16)
        .filter(|i| i / columns < rows)
        .map(|i| {
            Rect::new(area.x + (i % columns) * width, area.y + (i / columns) * height, width - 1, height)
        })
        .collect()
}

/// Columns and rows of pods that a box holds.
fn capacity(density: Density, at: Rect) -> (usize, usize) {
    density.capacity(at.width.saturating_sub(2), at.height.saturating_sub(2))
}

fn density(cluster: &Cluster, stage: &Stage, boxes: &[Rect], now_ms: u64) -> Density {
    let fits = |density: &Density| {
        cluster.nodes.iter().zip(boxes).all(|(node, at)| {
            let (columns, rows) = capacity(*density, *at);
            stage.crowd(&node.name, now_ms) <= columns * rows
        })
    };
    Density::ALL.into_iter().find(fits).unwrap_or(Density::Mark)
}

/// A node's frame with its name and what is the matter with it; returns the inside.
fn draw_box(
    buffer: &mut Buffer,
    at: Rect,
    brush: &Brush<'_>,
    node: &Node,
    stage: &Stage,
    addresses: bool,
) -> Rect {
    let visible = stage.visible_key(&node_key(&node.name), brush.now_ms);
    let style = |role: Role| brush.theme.faded(brush.style(role), visible);
    let mut title = vec![
        Span::styled("node ", style(Role::Faint)),
        Span::styled(node.short.clone(), style(if node.ready { Role::Text } else { Role::Bad })),
    ];
    let remark = match (node.ready, node.schedulable) {
        (false, _) => Some(("not-ready", Role::Bad)),
        (true, false) => Some(("cordoned", Role::Busy)),
        _ => None,
    };
    if let Some((key, role)) = remark {
        title.push(Span::styled(format!(" {}", brush.texts.say(key)), style(role)));
    }
    if addresses && at.width >= 30 && !node.external_ip.is_empty() {
        title.push(Span::styled(format!(" {}", node.external_ip), style(Role::Faint)));
    }
    let border = remark.map_or(Role::Border, |(_, role)| role);
    let inside = paint::frame_styled(buffer, at, brush, &Line::from(title), style(border));
    // The way in ends on the edge's second cell; until one is drawn there, the edge goes on.
    buffer.set_string(at.x + 1, at.y, brush.theme.marks.frame[4], style(border));
    inside
}

#[allow(clippy::too_many_arguments)]
fn draw_pods(
    buffer: &mut Buffer,
    at: Rect,
    inside: Rect,
    brush: &Brush<'_>,
    node: &Node,
    stage: &Stage,
    look: &Look<'_>,
    anchors: &mut Anchors,
) {
    let density = look.density;
    let actors = stage.on_node(Some(&node.name));
    let (columns, rows) = capacity(density, at);
    let shown = columns * rows;
    // Ghosts leave holes; when the highest slot has no row any more, everybody moves up.
    let spread = actors.last().is_none_or(|a| a.slot < shown);
    let each = density.columns().map_or(inside.width, |columns| columns as u16);
    let mut served = Vec::new();
    for (order, actor) in actors.iter().enumerate() {
        let slot = if spread { actor.slot } else { order };
        if slot >= shown {
            continue;
        }
        let cell = Rect::new(
            inside.x + (slot % columns) as u16 * each,
            inside.y + (slot / columns) as u16 * density.pitch(),
            each,
            density.rows(),
        );
        anchors.set(Station::Pod(actor.pod.uid.clone()), (inside.x, cell.y));
        pod_cells::draw(buffer, cell.intersection(inside), brush, stage, actor, look);
        if look.routes.main.contains(&actor.pod.uid) {
            served.push(cell.y);
        }
    }
    if columns == 1 && look.routes.letters.is_empty() {
        draw_trunk(buffer, inside, brush, &served);
    }
    let dense = matches!(density, Density::Chip | Density::Mark);
    if dense || actors.len() > shown {
        draw_summary(buffer, at, brush, &actors, actors.len().saturating_sub(shown));
    }
}

/// The way of requests goes on inside the box, down to the last pod that gets them.
fn draw_trunk(buffer: &mut Buffer, inside: Rect, brush: &Brush<'_>, served: &[u16]) {
    let Some(last) = served.iter().max() else { return };
    let [_, branch, _, vertical, _, _, end, _] = brush.theme.marks.route;
    for y in inside.y..=*last {
        let mark = match served.contains(&y) {
            true if y == *last => end,
            true => branch,
            false => vertical,
        };
        paint::put(buffer, inside, inside.x, y, mark, brush.style(Role::Route));
    }
}

/// On the lower edge: how many pods have which word.
fn draw_summary(buffer: &mut Buffer, at: Rect, brush: &Brush<'_>, actors: &[&Actor], hidden: usize) {
    let mut counts: BTreeMap<&str, (usize, Role)> = BTreeMap::new();
    let mut shapes: BTreeMap<&str, Shape> = BTreeMap::new();
    for actor in actors {
        let (_, role) = pod_mark(brush, actor.pod.shape);
        counts.entry(actor.pod.word.as_str()).or_insert((0, role)).0 += 1;
        shapes.insert(actor.pod.word.as_str(), actor.pod.shape);
    }
    // What is wrong comes first: it must not be what is cut off.
    let mut words: Vec<(&str, (usize, Role))> = counts.into_iter().collect();
    words.sort_by_key(|(_, (_, role))| match role {
        Role::Bad => 0,
        Role::Busy => 1,
        _ => 2,
    });
    let edge = Rect { width: at.width.saturating_sub(1), ..at };
    let y = at.bottom() - 1;
    let hidden = match hidden {
        0 => String::new(),
        _ => format!(" {} ", brush.texts.say_with("more-pods", &[("n", &hidden.to_string())])),
    };
    let full: usize = words.iter().map(|(word, (count, _))| word.len() + count.to_string().len() + 3).sum();
    let in_words = full + measure::width(&hidden) + 3 <= usize::from(at.width);
    let mut x = at.x + 2;
    for (word, (count, role)) in words {
        // Where the words have no room, each pod's own mark stands for them.
        let mark = shapes.get(word).map_or("", |shape| pod_mark(brush, *shape).0);
        let text = if in_words { format!(" {count} {word} ") } else { format!(" {mark}{count} ") };
        x = paint::put(buffer, edge, x, y, &text, brush.style(role));
    }
    paint::put(buffer, edge, x, y, &hidden, brush.style(Role::Faint));
}

/// One line for pods that have no node.
fn draw_waiting(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    stage: &Stage,
    waiting: &[&Actor],
    anchors: &mut Anchors,
) {
    let y = area.bottom() - 1;
    let label = brush.texts.say("waiting-for-node");
    let mut x = paint::put(buffer, area, area.x + 1, y, &label, brush.style(Role::Faint)) + 2;
    for (at, actor) in waiting.iter().enumerate() {
        let visible = stage.visible(actor, brush.now_ms);
        let (mark, role) = pod_mark(brush, actor.pod.shape);
        let text = format!("{mark} …{} {}", actor.pod.suffix, actor.pod.word);
        if usize::from(x) + measure::width(&text) + 12 > usize::from(area.right()) {
            let rest = (waiting.len() - at).to_string();
            let text = brush.texts.say_with("more-pods", &[("n", &rest)]);
            paint::put(buffer, area, x, y, &text, brush.style(Role::Faint));
            return;
        }
        anchors.set(Station::Pod(actor.pod.uid.clone()), (x, y));
        x = paint::put(buffer, area, x, y, &text, brush.theme.faded(brush.style(role), visible)) + 2;
    }
}
