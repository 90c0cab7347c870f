//! The cluster, drawn: services and the way to them on top, nodes with their pods, workloads below.
//!
//! Routing lines are solid and come from above, ownership lines are dotted and go out from the workload. Every
//! state has a shape, a word and a colour. What does not fit is counted, never silently left out.

use crate::ui::measure;
use crate::ui::node_boxes;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::{Cluster, Scene, Service, Shape, Station};
use crate::ui::services;
use crate::ui::stage::{Stage, service_key};
use crate::ui::theme::Role;
use crate::ui::trips::{self, Anchors};
use crate::ui::workload_rows;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Draws the cluster into `area`.
pub fn draw(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, scene: &Scene, stage: &Stage) {
    let Some(cluster) = &scene.cluster else { return };
    if area.height < 2 || area.width < 12 {
        return;
    }
    if cluster.nodes.is_empty() {
        draw_coming(buffer, area, brush, cluster);
        return;
    }
    let mut anchors = Anchors::default();
    let footer = workload_rows::wanted(cluster, area);
    // The line to the nodes and a row or two in each come first; what is left of the height is for Services.
    let boxes_rows = if area.height > 8 { 5 } else { 4 };
    let rows = usize::from(area.height.saturating_sub(footer + boxes_rows)).max(1);
    let rows = rows.min(usize::from(area.height) / 2);
    let main = services::main(cluster, stage, brush.now_ms);
    let taken = services::draw(buffer, area, brush, cluster, stage, rows, &mut anchors);
    let has_bus = main.is_some_and(|s| !s.endpoints.is_empty()) && area.height > 7;
    let head = taken + u16::from((taken > 0 || cluster.lit.is_some()) && area.height > 7);
    let middle = Rect::new(area.x, area.y + head, area.width, area.height.saturating_sub(head + footer));
    let routes = services::routes(cluster, main);
    let boxes = node_boxes::draw(buffer, middle, brush, cluster, stage, &routes, &mut anchors);
    if has_bus && let Some(service) = main {
        draw_bus(buffer, area, brush, cluster, stage, service, taken, &boxes, &mut anchors);
    }
    draw_lit(buffer, Rect::new(area.x, area.y + head.saturating_sub(1), area.width, 1), brush, cluster);
    let below = Rect { y: area.bottom() - footer, height: footer, ..area };
    workload_rows::draw(buffer, below, brush, cluster, stage);
    trips::draw(buffer, area, brush, stage, &anchors);
}

/// A cluster that is being created or deleted has no nodes to show.
fn draw_coming(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, cluster: &Cluster) {
    let mark = brush.theme.marks.half;
    let x = paint::put(
        buffer,
        area,
        area.x + 1,
        area.y,
        &format!("{mark} {}", cluster.note),
        brush.style(Role::Busy),
    );
    let text = brush.texts.say("cluster-coming");
    paint::put(buffer, area, x + 2, area.y, &text, brush.style(Role::Faint));
}

/// What the last command's selector found, above the nodes at the right.
fn draw_lit(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, cluster: &Cluster) {
    let Some(lit) = &cluster.lit else { return };
    let count = lit.pods.len().to_string();
    let selector = measure::ellipsis(&lit.selector, usize::from(area.width) / 2);
    let text = brush.texts.say_with("lit", &[("selector", &selector), ("n", &count)]);
    let text = format!(" -l {text} ");
    let x = area.right().saturating_sub(measure::width(&text) as u16 + 1).max(area.x);
    let role = if lit.pods.is_empty() { Role::Bad } else { Role::Accent };
    paint::put(buffer, area, x, area.y, &text, brush.style(role).add_modifier(Modifier::BOLD));
}

/// The line from the main service down to every node that has one of its pods.
#[allow(clippy::too_many_arguments)]
fn draw_bus(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    cluster: &Cluster,
    stage: &Stage,
    service: &Service,
    below: u16,
    boxes: &[Rect],
    anchors: &mut Anchors,
) {
    let Some(&(from_x, from_y)) = anchors.stations.get(&Station::Service(service.name.clone())) else {
        return;
    };
    let y = area.y + below;
    let first_row_y = boxes.first().map_or(0, |b| b.y);
    let mut drops: Vec<u16> = Vec::new();
    for (node, at) in cluster.nodes.iter().zip(boxes) {
        let serves = cluster
            .pods
            .iter()
            .any(|p| p.node.as_deref() == Some(&node.name) && service.endpoints.contains(&p.uid));
        if serves && at.y == first_row_y {
            drops.push(at.x + 1);
        }
    }
    let (Some(&left), Some(&right)) = (drops.iter().min(), drops.iter().max()) else { return };
    let (left, right) = (left.min(from_x), right.max(from_x));
    let style = brush
        .theme
        .faded(brush.style(Role::Route), stage.visible_key(&service_key(&service.name), brush.now_ms));
    let [tee_down, _, tee_up, vertical, down_right, down_left, up_right, arrow] = brush.theme.marks.route;
    for row in from_y + 1..y {
        // Other services stand between: their own marks keep their column.
        if buffer[(from_x, row)].symbol() == " " {
            buffer.set_string(from_x, row, vertical, style);
        }
    }
    for x in left..=right {
        let drop = drops.contains(&x);
        let symbol = match (x == from_x, drop) {
            (true, true) if left == right => vertical,
            (true, true) => "┼",
            (true, false) if x == left => up_right,
            (true, false) if x == right => brush.theme.marks.frame[3],
            (true, false) => tee_up,
            (false, true) if x == left => down_right,
            (false, true) if x == right => down_left,
            (false, true) => tee_down,
            (false, false) => brush.theme.marks.frame[4],
        };
        let symbol = if brush.theme.ascii && symbol == "┼" { "+" } else { symbol };
        buffer.set_string(x, y, symbol, style);
    }
    for x in drops {
        buffer.set_string(x, first_row_y, arrow, style);
    }
    anchors.bus_y = Some(y);
}

/// A pod's mark and its colour.
pub fn pod_mark<'a>(brush: &Brush<'a>, shape: Shape) -> (&'a str, Role) {
    let marks = &brush.theme.marks;
    match shape {
        Shape::Waiting => (marks.waiting, Role::Busy),
        Shape::Half => (marks.half, Role::Busy),
        Shape::Ready => (marks.ready, Role::Good),
        Shape::Failed => (marks.failed, Role::Bad),
        Shape::Leaving => (marks.leaving, Role::Gone),
        Shape::Done => (marks.done, Role::Faint),
    }
}

/// Text with the style of a role, for titles.
pub fn title_style(brush: &Brush<'_>, focused: bool) -> Style {
    brush.style(if focused { Role::Strong } else { Role::Text })
}
