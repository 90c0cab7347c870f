//! Nodes as boxes, and the pods in them: two lines per pod, one line, chips or only marks, whichever fits all.
//!
//! All boxes of a frame use one density, so that equal things look equal. Pods stand by their slot.

use crate::ui::cluster_pane::pod_mark;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::{Cluster, Gate, Lit, Node, Pod, Shape, Station};
use crate::ui::services::Routes;
use crate::ui::stage::{Actor, Stage, node_key};
use crate::ui::theme::Role;
use crate::ui::trips::Anchors;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use std::collections::{BTreeMap, BTreeSet};

const MIN_BOX_WIDTH: u16 = 22;
const MAX_BOX_WIDTH: u16 = 44;
const NARROW_BOX_WIDTH: u16 = 15;
/// A box lower than this has one row for pods or none.
const FLAT_HEIGHT: u16 = 4;
/// Mark, five characters of the name, a blank.
const CHIP_COLUMNS: usize = 7;
/// How visible a pod is that the selector left out.
const UNLIT: f32 = 0.4;
/// A workload's name shorter than this says nothing.
const MIN_OWNER: usize = 3;

/// How much of a pod is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Density {
    /// Name and version, below them the word and its details.
    Two,
    /// All on one line.
    One,
    /// Mark and name.
    Chip,
    /// Mark only.
    Mark,
}

/// How the pods of this frame are shown.
struct Look<'a> {
    density: Density,
    routes: &'a Routes,
    /// Pods of several workloads: each says whose it is.
    several: bool,
    /// Somebody may want a node's address.
    addresses: bool,
    lit: Option<&'a Lit>,
}

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
    let density = density(cluster, stage, &boxes);
    let kinds: BTreeSet<&str> = cluster.pods.iter().map(|p| p.workload.as_str()).collect();
    let look = Look {
        density,
        routes,
        several: kinds.len() > 1,
        addresses: cluster.services.iter().any(|s| matches!(s.gate, Gate::NodePort { .. })),
        lit: cluster.lit.as_ref(),
    };
    for (node, at) in cluster.nodes.iter().zip(&boxes) {
        draw_node(buffer, *at, brush, node, stage, &look, anchors);
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
    let (width, height) = (usize::from(at.width.saturating_sub(3)), usize::from(at.height.saturating_sub(2)));
    match density {
        Density::Two => (1, height.div_ceil(2).max(height / 2)),
        Density::One => (1, height),
        Density::Chip => ((width / CHIP_COLUMNS).max(1), height),
        Density::Mark => ((width / 2).max(1), height),
    }
}

fn density(cluster: &Cluster, stage: &Stage, boxes: &[Rect]) -> Density {
    for density in [Density::Two, Density::One, Density::Chip] {
        let fits = cluster.nodes.iter().zip(boxes).all(|(node, at)| {
            let (columns, rows) = capacity(density, *at);
            stage.on_node(Some(&node.name)).len() <= columns * rows
        });
        if fits {
            return density;
        }
    }
    Density::Mark
}

#[allow(clippy::too_many_arguments)]
fn draw_node(
    buffer: &mut Buffer,
    at: Rect,
    brush: &Brush<'_>,
    node: &Node,
    stage: &Stage,
    look: &Look<'_>,
    anchors: &mut Anchors,
) {
    let density = look.density;
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
    if look.addresses && at.width >= 30 && !node.external_ip.is_empty() {
        title.push(Span::styled(format!(" {}", node.external_ip), style(Role::Faint)));
    }
    let inside = paint::frame_styled(buffer, at, brush, &Line::from(title), style(Role::Border));
    // The way in ends on the edge's second cell; until one is drawn there, the edge goes on.
    buffer.set_string(at.x + 1, at.y, brush.theme.marks.frame[4], style(Role::Border));
    let actors = stage.on_node(Some(&node.name));
    let (columns, rows) = capacity(density, at);
    let shown = columns * rows;
    // Ghosts leave holes; when the highest slot has no row any more, everybody moves up.
    let spread = actors.last().is_none_or(|a| a.slot < shown);
    for (order, actor) in actors.iter().enumerate() {
        let slot = if spread { actor.slot } else { order };
        if slot >= shown {
            continue;
        }
        let height = if density == Density::Two { 2 } else { 1 };
        let cell = Rect::new(
            inside.x + (slot % columns) as u16 * chip_width(density),
            inside.y + (slot / columns) as u16 * height,
            if columns == 1 { inside.width } else { chip_width(density) },
            height,
        );
        anchors.set(Station::Pod(actor.pod.uid.clone()), (inside.x, cell.y));
        draw_pod(buffer, cell.intersection(inside), brush, stage, actor, look);
    }
    let dense = matches!(density, Density::Chip | Density::Mark);
    if dense || actors.len() > shown {
        draw_summary(buffer, at, brush, &actors, actors.len().saturating_sub(shown));
    }
}

fn chip_width(density: Density) -> u16 {
    if density == Density::Mark { 2 } else { CHIP_COLUMNS as u16 }
}

fn draw_pod(
    buffer: &mut Buffer,
    cell: Rect,
    brush: &Brush<'_>,
    stage: &Stage,
    actor: &Actor,
    look: &Look<'_>,
) {
    let pod = &actor.pod;
    let density = look.density;
    let chosen = look.lit.is_some_and(|lit| lit.pods.contains(&pod.uid));
    let dimmed = if look.lit.is_some() && !chosen { UNLIT } else { 1.0 };
    let visible = stage.visible(actor, brush.now_ms) * dimmed;
    if visible <= 0.02 {
        return;
    }
    let (mark, role) = pod_mark(brush, pod.shape);
    let fade = |style: Style| brush.theme.faded(style, visible);
    let mut tone = fade(brush.style(role));
    if stage.flashes(actor, brush.now_ms) {
        tone = tone.add_modifier(Modifier::REVERSED | Modifier::BOLD);
    }
    let y = cell.y;
    if density == Density::Mark {
        let tone = if chosen { tone.add_modifier(Modifier::REVERSED) } else { tone };
        paint::put(buffer, cell, cell.x, y, mark, tone);
        return;
    }
    let lead = if density == Density::Chip { 0 } else { look.routes.lead };
    if lead > 0 {
        let route = fade(brush.style(Role::Route));
        match look.routes.letters.get(&pod.uid) {
            Some(letters) => {
                paint::put(buffer, cell, cell.x, y, letters, route.add_modifier(Modifier::BOLD));
            }
            None if look.routes.main.contains(&pod.uid) => {
                paint::put(buffer, cell, cell.x, y, brush.theme.marks.route[1], route);
            }
            None => {}
        }
    }
    let mut x = paint::put(buffer, cell, cell.x + lead, y, mark, tone);
    let mut named = if pod.shape == Shape::Leaving {
        fade(brush.style(Role::Gone))
    } else {
        fade(brush.theme.version(pod.version))
    };
    if chosen {
        named = named.add_modifier(Modifier::REVERSED);
    }
    if density == Density::Chip {
        paint::put(buffer, cell, x, y, measure::suffix(&pod.suffix, 5), named);
        return;
    }
    let details = details(brush, actor, usize::from(cell.width));
    let taken = measure::width(&pod.tag) + 4 + usize::from(lead);
    let below = density == Density::Two;
    let rest = if below { taken } else { taken + 1 + measure::width(&details) };
    let name = name(pod, look.several, usize::from(cell.width).saturating_sub(rest));
    x = paint::put(buffer, cell, x + 1, y, &name, named);
    x = paint::put(buffer, cell, x + 1, y, &pod.tag, named.add_modifier(Modifier::BOLD));
    if below {
        let tone = tone.remove_modifier(Modifier::REVERSED);
        paint::put(buffer, cell, cell.x + lead + 2, y + 1, &details, tone);
    } else {
        paint::put(buffer, cell, x + 1, y, &details, tone);
    }
}

/// A pod's name in at most `columns`: whose it is gives way before what tells it apart.
fn name(pod: &Pod, several: bool, columns: usize) -> String {
    if pod.suffix == pod.name {
        return measure::ellipsis_start(&pod.name, columns.max(6));
    }
    let own = format!("…{}", pod.suffix);
    let owner = pod.workload.split_once('/').map_or("", |(_, name)| name);
    let room = columns.saturating_sub(measure::width(&own));
    if !several || room < MIN_OWNER {
        return own;
    }
    format!("{}{own}", measure::prefix(owner, room))
}

/// kubectl's STATUS word, and what belongs to it: a pull's bar, readiness, restarts.
fn details(brush: &Brush<'_>, actor: &Actor, width: usize) -> String {
    let pod = &actor.pod;
    let mut text = pod.word.clone();
    if let Some(part) = pod.progress {
        let (full, empty) = paint::bar(brush, 5, part);
        return if width >= 28 { format!("{text} {full}{empty}") } else { format!("pulling {full}{empty}") };
    }
    if pod.shape != Shape::Leaving && pod.ready.1 > 0 && (pod.ready.1 > 1 || pod.shape == Shape::Half) {
        text.push_str(&format!(" {}/{}", pod.ready.0, pod.ready.1));
    }
    if pod.restarts > 0 {
        text.push_str(&format!(" ↻{}", pod.restarts));
    }
    if pod.containers.len() > 1 {
        let named = |(name, shape): &(String, Shape)| format!("{}{name}", pod_mark(brush, *shape).0);
        let names: Vec<String> = pod.containers.iter().map(named).collect();
        let inside = format!(" [{}]", names.join(" "));
        if measure::width(&text) + measure::width(&inside) + 4 <= width {
            text.push_str(&inside);
        } else {
            let marks: String = pod.containers.iter().map(|(_, shape)| pod_mark(brush, *shape).0).collect();
            text.push_str(&format!(" [{marks}]"));
        }
    }
    text
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
