//! The cluster, drawn: services and the way to them on top, nodes with their pods, workloads below.
//!
//! Routing lines are solid and come from above, ownership lines are dotted and go out from the workload. Every
//! state has a shape, a word and a colour. What does not fit is counted, never silently left out.

use crate::ui::measure;
use crate::ui::node_boxes;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::{Autoscaler, Cluster, Scene, Service, Shape, Workload};
use crate::ui::stage::{Stage, service_key, workload_key};
use crate::ui::theme::Role;
use crate::ui::trips::{self, Anchors};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// How many services and workloads are listed before the rest is counted.
const MAX_ROWS: usize = 4;

/// Draws the cluster into `area`.
pub fn draw(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, scene: &Scene, stage: &Stage) {
    let Some(cluster) = &scene.cluster else { return };
    if area.height < 2 || area.width < 12 {
        return;
    }
    if cluster.nodes.is_empty() {
        paint::put(buffer, area, area.x + 1, area.y, &cluster.note, brush.style(Role::Busy));
        return;
    }
    let mut anchors = Anchors::default();
    let footer = footer_rows(cluster, area);
    let services = cluster.services.len().min(MAX_ROWS).min(usize::from(area.height) / 4);
    let main = main_service(cluster);
    let has_bus = main.is_some_and(|s| !s.endpoints.is_empty()) && area.height > 7;
    let head = services as u16 + u16::from(services > 0 && area.height > 7);
    for (row, service) in ordered_services(cluster).into_iter().take(services).enumerate() {
        draw_service(buffer, area, brush, stage, service, area.y + row as u16, &mut anchors);
    }
    if cluster.services.len() > services && services > 0 {
        let rest = (cluster.services.len() - services).to_string();
        let text = brush.texts.say_with("more-pods", &[("n", &rest)]);
        let x = area.right().saturating_sub(measure::width(&text) as u16 + 1);
        paint::put(buffer, area, x, area.y + services as u16 - 1, &text, brush.style(Role::Faint));
    }
    let middle_height = area.height.saturating_sub(head + footer);
    let middle = Rect::new(area.x, area.y + head, area.width, middle_height);
    let boxes = node_boxes::draw(buffer, middle, brush, cluster, stage, main, &mut anchors);
    if has_bus && let Some(service) = main {
        draw_bus(buffer, area, brush, cluster, stage, service, services as u16, &boxes, &mut anchors);
    }
    draw_footer(buffer, Rect::new(area.x, area.bottom() - footer, area.width, footer), brush, cluster, stage);
    trips::draw(buffer, area, brush, stage, &anchors);
}

/// The service whose lines are drawn: an external one first.
fn main_service(cluster: &Cluster) -> Option<&Service> {
    ordered_services(cluster).into_iter().next()
}

fn ordered_services(cluster: &Cluster) -> Vec<&Service> {
    let mut services: Vec<&Service> = cluster.services.iter().collect();
    services.sort_by_key(|s| (!s.external, s.endpoints.is_empty()));
    services
}

fn draw_service(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    stage: &Stage,
    service: &Service,
    y: u16,
    anchors: &mut Anchors,
) {
    let visible = stage.visible_key(&service_key(&service.name), brush.now_ms);
    let role = |role: Role| brush.theme.faded(brush.style(role), visible);
    let marks = &brush.theme.marks;
    let mut x = area.x + 1;
    let you = brush.texts.say("you");
    let line = if service.pending { marks.rule } else { marks.frame[4] };
    let road = format!(" {}{} ", line.repeat(2), if service.pending { " " } else { marks.right });
    if service.external {
        anchors.you.insert(service.name.clone(), (x, y));
        x = paint::put(buffer, area, x, y, &you, role(Role::Strong));
        x = paint::put(buffer, area, x, y, &road, role(Role::Route));
    } else {
        x += (measure::width(&you) + measure::width(&road)) as u16;
    }
    anchors.service.insert(service.name.clone(), (x, y));
    let style = if service.pending { role(Role::Busy) } else { role(Role::Route) };
    x = paint::put(buffer, area, x, y, marks.balancer, style);
    let ports = service.ports.join(",");
    let address = format!(" {}{}{}", service.address, if ports.is_empty() { "" } else { ":" }, ports);
    x = paint::put(buffer, area, x, y, &address, if service.pending { style } else { role(Role::Strong) });
    x = paint::put(buffer, area, x, y, "  Service ", role(Role::Faint));
    x = paint::put(buffer, area, x, y, &service.name, role(Role::Text));
    x = paint::put(buffer, area, x, y, &format!("  {}", service.kind), role(Role::Faint));
    let count = service.endpoints.len();
    let (text, style) = if count > 0 {
        (brush.texts.say_with("behind-it", &[("n", &count.to_string())]), role(Role::Good))
    } else if service.matches_any {
        (brush.texts.say("no-endpoints"), role(Role::Busy))
    } else {
        (brush.texts.say("no-match"), role(Role::Bad))
    };
    paint::put(buffer, area, x + 2, y, &text, style);
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
    let Some(&(from_x, from_y)) = anchors.service.get(&service.name) else { return };
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
    (rows as u16).min(area.height / 3)
}

fn shown_versions(workload: &Workload) -> usize {
    workload.versions.iter().filter(|v| v.desired > 0 || v.ready > 0).count()
}

fn draw_footer(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, cluster: &Cluster, stage: &Stage) {
    let mut y = area.y;
    for workload in &cluster.workloads {
        if y >= area.bottom() {
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
    let mut x = paint::put(buffer, area, area.x + 1, y, &workload.kind, role(Role::Faint));
    x = paint::put(buffer, area, x + 1, y, &workload.name, role(Role::Strong));
    x = paint::put(buffer, area, x + 2, y, &full, role(if whole { Role::Good } else { Role::Busy }));
    x = paint::put(buffer, area, x, y, &empty, role(Role::Faint));
    let count = format!(" {}/{} Ready", workload.ready, workload.desired);
    x = paint::put(buffer, area, x, y, &count, role(if whole { Role::Good } else { Role::Busy }));
    if workload.paused {
        let text = format!("  {}", brush.texts.say("paused-rollout"));
        x = paint::put(buffer, area, x, y, &text, role(Role::Busy));
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
        at += 1;
        for pod in cluster.pods.iter().filter(|p| p.version == version.index && owned(p, workload)).take(24) {
            let (mark, mark_role) = pod_mark(brush, pod.shape);
            at = paint::put(buffer, area, at, y + row, mark, role(mark_role));
        }
        row += 1;
    }
    row.max(1)
}

fn owned(pod: &crate::ui::scene::Pod, workload: &Workload) -> bool {
    pod.name.strip_prefix(&workload.name).is_some_and(|rest| rest.starts_with('-'))
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
