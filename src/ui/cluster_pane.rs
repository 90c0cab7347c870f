//! The cluster, drawn: services and the way to them on top, nodes with their pods, workloads below.
//!
//! Routing lines are solid and come from above, ownership lines are dotted and go out from the workload. Every
//! state has a shape, a word and a colour. What does not fit is counted, never silently left out.

use crate::ui::measure;
use crate::ui::node_boxes;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::{Autoscaler, Cluster, Pod, Scene, Service, Shape, Station, Workload};
use crate::ui::services;
use crate::ui::stage::{Stage, service_key, workload_key};
use crate::ui::theme::Role;
use crate::ui::trips::{self, Anchors};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// How many workloads are listed before the rest is counted.
const MAX_ROWS: usize = 4;
/// Columns of a workload's name at most.
const MAX_NAME: usize = 24;
/// Pods that a workload's row shows one by one.
const MAX_MARKS: usize = 24;

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
    let footer = footer_rows(cluster, area);
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
    draw_footer(buffer, Rect::new(area.x, area.bottom() - footer, area.width, footer), brush, cluster, stage);
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

fn footer_rows(cluster: &Cluster, area: Rect) -> u16 {
    let versions: usize = cluster.workloads.iter().take(MAX_ROWS).map(|w| shown_versions(w).max(1)).sum();
    let rows = versions + cluster.autoscalers.len().min(MAX_ROWS);
    // A low pane says of the workloads only that there are some.
    (rows as u16).min(if area.height > 8 { area.height / 3 } else { 1 })
}

fn shown_versions(workload: &Workload) -> usize {
    workload.versions.iter().filter(|v| v.desired > 0 || v.ready > 0).count()
}

fn draw_footer(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, cluster: &Cluster, stage: &Stage) {
    let mut y = area.y;
    for (at, workload) in cluster.workloads.iter().enumerate() {
        if y >= area.bottom() {
            let rest = (cluster.workloads.len() - at).to_string();
            let text = format!(" {}", brush.texts.say_with("more-pods", &[("n", &rest)]));
            let x = area.right().saturating_sub(measure::width(&text) as u16 + 1);
            paint::put(buffer, area, x, y.saturating_sub(1), &text, brush.style(Role::Faint));
            return;
        }
        y += draw_workload(buffer, area, brush, cluster, stage, workload, y);
    }
    for autoscaler in &cluster.autoscalers {
        if y >= area.bottom() {
            return;
        }
        draw_autoscaler(buffer, area, brush, autoscaler, y);
        y += 1;
    }
}

fn draw_workload(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    cluster: &Cluster,
    stage: &Stage,
    workload: &Workload,
    y: u16,
) -> u16 {
    let visible = stage.visible_key(&workload_key(&workload.kind, &workload.name), brush.now_ms);
    let role = |role: Role| brush.theme.faded(brush.style(role), visible);
    let part = if workload.desired == 0 { 1.0 } else { workload.ready as f32 / workload.desired as f32 };
    let whole = workload.ready >= workload.desired;
    let (full, empty) = paint::bar(brush, if area.width >= 70 { 12 } else { 6 }, part);
    let widest = |of: &dyn Fn(&Workload) -> usize| cluster.workloads.iter().map(of).max().unwrap_or(0);
    let kind = measure::padded(&workload.kind, widest(&|w| measure::width(&w.kind)));
    let name = measure::padded(&workload.name, widest(&|w| measure::width(&w.name)).min(MAX_NAME));
    let mut x = paint::put(buffer, area, area.x + 1, y, &kind, role(Role::Faint));
    x = paint::put(buffer, area, x + 1, y, &name, role(Role::Strong));
    x = paint::put(buffer, area, x + 2, y, &full, role(if whole { Role::Good } else { Role::Busy }));
    x = paint::put(buffer, area, x, y, &empty, role(Role::Faint));
    let count = format!(" {}/{} Ready", workload.ready, workload.desired);
    x = paint::put(buffer, area, x, y, &count, role(if whole { Role::Good } else { Role::Busy }));
    if workload.paused {
        let text = format!("  {}", brush.texts.say("paused-rollout"));
        x = paint::put(buffer, area, x, y, &text, role(Role::Busy));
    }
    if workload.versions.is_empty() {
        draw_marks(
            buffer,
            area,
            brush,
            cluster.pods.iter().filter(|p| owned(p, workload)),
            x + 2,
            y,
            visible,
        );
    }
    let mut row = 0;
    for version in workload.versions.iter().filter(|v| v.desired > 0 || v.ready > 0) {
        if y + row >= area.bottom() {
            break;
        }
        let style = brush.theme.faded(brush.theme.version(version.index), visible);
        let rule = brush.theme.marks.rule.repeat(2);
        let mut at = paint::put(buffer, area, x + 1, y + row, &rule, role(Role::Own));
        let kind = if area.width >= 90 { "ReplicaSet" } else { "rs" };
        at = paint::put(buffer, area, at + 1, y + row, kind, role(Role::Faint));
        at = paint::put(buffer, area, at + 1, y + row, &version.hash, style);
        at = paint::put(buffer, area, at + 1, y + row, &version.tag, style);
        at = paint::put(buffer, area, at + 1, y + row, &rule[..rule.len() / 2], role(Role::Own));
        let pods = cluster.pods.iter().filter(|p| p.version == version.index && owned(p, workload));
        draw_marks(buffer, area, brush, pods, at, y + row, visible);
        row += 1;
    }
    row.max(1)
}

/// One mark for each pod.
fn draw_marks<'a>(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    pods: impl Iterator<Item = &'a Pod>,
    x: u16,
    y: u16,
    visible: f32,
) {
    let mut x = x;
    let pods: Vec<&Pod> = pods.collect();
    let room = usize::from(area.right().saturating_sub(x));
    let shown =
        if pods.len() <= room.min(MAX_MARKS) { pods.len() } else { room.min(MAX_MARKS).saturating_sub(5) };
    for pod in &pods[..shown] {
        let (mark, role) = pod_mark(brush, pod.shape);
        x = paint::put(buffer, area, x, y, mark, brush.theme.faded(brush.style(role), visible));
    }
    if pods.len() > shown {
        paint::put(buffer, area, x, y, &format!(" +{}", pods.len() - shown), brush.style(Role::Faint));
    }
}

fn owned(pod: &Pod, workload: &Workload) -> bool {
    pod.workload.split_once('/') == Some((workload.kind.as_str(), workload.name.as_str()))
}

fn draw_autoscaler(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, autoscaler: &Autoscaler, y: u16) {
    let mut x = paint::put(buffer, area, area.x + 1, y, "Autoscaler", brush.style(Role::Faint));
    x = paint::put(buffer, area, x + 1, y, &autoscaler.name, brush.style(Role::Text));
    x = paint::put(buffer, area, x + 2, y, &autoscaler.metric, brush.style(Role::Accent));
    let bounds = format!("  {}..{}", autoscaler.min, autoscaler.max);
    x = paint::put(buffer, area, x, y, &bounds, brush.style(Role::Text));
    let to = format!(" {} {} ", brush.theme.marks.arrow, autoscaler.replicas);
    x = paint::put(buffer, area, x, y, &to, brush.style(Role::Own));
    paint::put(buffer, area, x, y, &autoscaler.target, brush.style(Role::Faint));
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
