//! What runs on the learner's machine, behind its wall: containers with their state and command, and the doors that
//! published ports are. A request goes in by a door, or bumps against the wall where there is none.

use crate::ui::cluster_pane::pod_mark;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::{Container, End, Machine, Process, Shape, Station};
use crate::ui::stage::Stage;
use crate::ui::theme::Role;
use crate::ui::trips::{self, Anchors};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

/// Columns of a door: edge, five digits, blank, edge.
const DOOR_COLUMNS: u16 = 7;
const MAX_BOX_WIDTH: u16 = 58;

/// Somebody behind the wall.
enum Tenant<'a> {
    Process(&'a Process),
    Container(&'a Container, f32),
}

impl Tenant<'_> {
    fn is_running(&self) -> bool {
        match self {
            Tenant::Process(_) => true,
            Tenant::Container(container, _) => container.running,
        }
    }

    /// What stands still needs no walls.
    fn is_boxed(&self) -> bool {
        matches!(self, Tenant::Container(container, _) if container.running)
    }

    fn doors(&self) -> usize {
        match self {
            Tenant::Process(process) => process.ports.len(),
            Tenant::Container(container, _) => container.ports.len(),
        }
    }

    fn rows(&self, boxed: bool) -> usize {
        let doors = self.doors().max(1);
        if boxed && self.is_boxed() { doors + 2 } else { doors }
    }
}

/// Where the columns are.
struct Plan {
    area: Rect,
    you_x: u16,
    trunk_x: u16,
    door_x: u16,
    inner_x: u16,
    boxed: bool,
}

impl Plan {
    fn wall_x(&self) -> u16 {
        self.door_x + DOOR_COLUMNS / 2
    }
}

/// Draws the wall and everybody behind it; leaves their anchors.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    machine: &Machine,
    stage: &Stage,
    anchors: &mut Anchors,
) {
    if area.height == 0 || area.width < 24 {
        return;
    }
    let mut tenants: Vec<Tenant<'_>> =
        machine.processes.iter().filter(|p| !p.ports.is_empty()).map(Tenant::Process).collect();
    let containers = stage.containers().places().iter();
    tenants.extend(containers.map(|place| Tenant::Container(&place.item, place.visible(brush.now_ms))));
    let room = usize::from(area.height);
    let needs = |tenants: &[Tenant<'_>], boxed| tenants.iter().map(|t| t.rows(boxed)).sum::<usize>();
    // A row stays free for a request that finds no door.
    let boxed = needs(&tenants, true) < room && area.width >= 44;
    let mut hidden = 0;
    while needs(&tenants, boxed) + usize::from(hidden > 0) > room {
        let Some(at) = tenants.iter().position(|t| !t.is_running()).or((!tenants.is_empty()).then_some(0))
        else {
            break;
        };
        tenants.remove(at);
        hidden += 1;
    }
    let you = measure::width(&brush.texts.say("you")) as u16;
    let trunk_x = area.x + 1 + you + 1;
    let door_x = trunk_x + if area.width >= 60 { 5 } else { 3 };
    let plan = Plan { area, you_x: area.x + 1, trunk_x, door_x, inner_x: door_x + DOOR_COLUMNS, boxed };
    draw_wall(buffer, &plan, brush);
    let mut y = area.y;
    let mut doors = Vec::new();
    for tenant in &tenants {
        match tenant {
            Tenant::Process(process) => draw_process(buffer, &plan, brush, process, y, anchors, &mut doors),
            Tenant::Container(container, visible) => {
                draw_container(buffer, &plan, brush, container, *visible, y, anchors, &mut doors);
            }
        }
        y += tenant.rows(boxed) as u16;
    }
    if hidden > 0 {
        let text = brush.texts.say_with("more-containers", &[("n", &hidden.to_string())]);
        paint::put(buffer, area, plan.inner_x + 3, y, &text, brush.style(Role::Faint));
        y += 1;
    }
    let bump_y = y.min(area.bottom() - 1);
    if draw_bump(buffer, &plan, brush, machine, stage, bump_y, anchors) {
        doors.push(bump_y);
    }
    draw_roads(buffer, &plan, brush, &doors, anchors);
    trips::draw(buffer, area, brush, stage, anchors);
}

fn draw_wall(buffer: &mut Buffer, plan: &Plan, brush: &Brush<'_>) {
    for y in plan.area.y..plan.area.bottom() {
        let style = brush.style(Role::Border);
        paint::put(buffer, plan.area, plan.wall_x(), y, brush.theme.marks.wall, style);
    }
}

/// From the learner to every door.
fn draw_roads(buffer: &mut Buffer, plan: &Plan, brush: &Brush<'_>, doors: &[u16], anchors: &mut Anchors) {
    let first = doors.first().copied().unwrap_or(plan.area.y);
    let last = doors.last().copied().unwrap_or(first);
    let you = brush.texts.say("you");
    paint::put(buffer, plan.area, plan.you_x, first, &you, brush.style(Role::Strong));
    anchors.set(Station::You, (plan.trunk_x, first));
    let marks = &brush.theme.marks;
    let [_, tee_right, _, vertical, _, _, up_right, _] = marks.route;
    let style = brush.style(Role::Route);
    for y in first..=last {
        let door = doors.contains(&y);
        let symbol = match (y == first, y == last, door) {
            _ if doors.is_empty() => " ",
            (true, true, _) => marks.frame[4],
            (true, false, _) => marks.route[0],
            (false, true, _) => up_right,
            (_, _, true) => tee_right,
            _ => vertical,
        };
        paint::put(buffer, plan.area, plan.trunk_x, y, symbol, style);
        if door {
            let road = marks.frame[4].repeat(usize::from(plan.door_x - plan.trunk_x - 2));
            paint::put(buffer, plan.area, plan.trunk_x + 1, y, &format!("{road}{}", marks.right), style);
        }
    }
}

fn draw_door(
    buffer: &mut Buffer,
    plan: &Plan,
    brush: &Brush<'_>,
    y: u16,
    port: u16,
    style: Style,
    open: bool,
) {
    let [left, right] = brush.theme.marks.block;
    let x = plan.door_x;
    let text = format!("{port:^5}");
    if open {
        paint::put(buffer, plan.area, x, y, left, style);
        paint::put(
            buffer,
            plan.area,
            x + 1,
            y,
            &text,
            style.add_modifier(Modifier::REVERSED | Modifier::BOLD),
        );
        paint::put(buffer, plan.area, x + 6, y, right, style);
    } else {
        paint::put(buffer, plan.area, x, y, &format!("{left}{text}{right}"), style);
    }
}

/// A port behind its door: `──▶ :80`.
fn inner_road(brush: &Brush<'_>) -> String {
    format!("{}{}", brush.theme.marks.frame[4], brush.theme.marks.right)
}

fn draw_process(
    buffer: &mut Buffer,
    plan: &Plan,
    brush: &Brush<'_>,
    process: &Process,
    y: u16,
    anchors: &mut Anchors,
    doors: &mut Vec<u16>,
) {
    let route = brush.style(Role::Route);
    for (row, port) in process.ports.iter().enumerate() {
        let y = y + row as u16;
        draw_door(buffer, plan, brush, y, *port, route, true);
        paint::put(buffer, plan.area, plan.inner_x, y, &inner_road(brush), route);
        anchors.set(Station::Door(*port), (plan.door_x + 1, y));
        doors.push(y);
    }
    let x = plan.inner_x + 3;
    anchors.set(Station::Process(process.pid), (x, y));
    let x = paint::put(buffer, plan.area, x, y, brush.theme.marks.ready, brush.style(Role::Good));
    let x = paint::put(buffer, plan.area, x + 1, y, &process.command, brush.style(Role::Strong));
    let text = brush.texts.say("plain-process");
    paint::put(buffer, plan.area, x + 2, y, &text, brush.style(Role::Faint));
}

/// Mark and colour of a container's state.
fn state_mark<'a>(brush: &Brush<'a>, container: &Container) -> (&'a str, Role) {
    match container.status.as_str() {
        "running" => pod_mark(brush, Shape::Ready),
        _ if container.failed => pod_mark(brush, Shape::Failed),
        "created" => pod_mark(brush, Shape::Waiting),
        "paused" | "restarting" => pod_mark(brush, Shape::Half),
        _ => pod_mark(brush, Shape::Done),
    }
}

#[allow(clippy::too_many_arguments)]
fn draw_container(
    buffer: &mut Buffer,
    plan: &Plan,
    brush: &Brush<'_>,
    container: &Container,
    visible: f32,
    y: u16,
    anchors: &mut Anchors,
    doors: &mut Vec<u16>,
) {
    let fade = |style: Style| brush.theme.faded(style, visible);
    let route = fade(brush.style(Role::Route));
    let boxed = plan.boxed && container.running;
    let first = y + u16::from(boxed);
    anchors.set(Station::Container(container.name.clone()), (plan.inner_x + 3, first));
    for (row, (host, _)) in container.ports.iter().enumerate() {
        let y = first + row as u16;
        draw_door(buffer, plan, brush, y, *host, route, true);
        paint::put(buffer, plan.area, plan.inner_x, y, &inner_road(brush), route);
        anchors.set(Station::Door(*host), (plan.door_x + 1, y));
        doors.push(y);
    }
    if boxed {
        draw_box(buffer, plan, brush, container, visible, y);
    } else {
        draw_row(buffer, plan, brush, container, visible, y);
    }
}

/// What stands in a container's row: its port and its command.
fn inside(brush: &Brush<'_>, container: &Container, visible: f32) -> Vec<Span<'static>> {
    let style = |role: Role| brush.theme.faded(brush.style(role), visible);
    let mut spans = Vec::new();
    if let Some((_, inner)) = container.ports.first() {
        spans.push(Span::styled(format!(":{inner}  "), style(Role::Route)));
    }
    let role = if container.running { Role::Text } else { Role::Faint };
    spans.push(Span::styled(container.command.clone(), style(role)));
    if container.running && container.ports.is_empty() {
        let ports: Vec<String> = container.exposed.iter().map(|p| format!(":{p}")).collect();
        let text = match ports.is_empty() {
            true => brush.texts.say("no-door"),
            false => brush.texts.say_with("no-door-for", &[("ports", &ports.join(" "))]),
        };
        spans.push(Span::styled(format!("  {text}"), style(Role::Faint)));
    }
    spans
}

fn draw_box(
    buffer: &mut Buffer,
    plan: &Plan,
    brush: &Brush<'_>,
    container: &Container,
    visible: f32,
    y: u16,
) {
    let style = |role: Role| brush.theme.faded(brush.style(role), visible);
    let x = plan.inner_x + 2;
    let width = plan.area.right().saturating_sub(x).min(MAX_BOX_WIDTH);
    let height = container.ports.len().max(1) as u16 + 2;
    let (mark, role) = state_mark(brush, container);
    let edge = if container.running { style(Role::Border) } else { style(Role::Gone) };
    let title = Line::from(vec![
        Span::styled(format!("{mark} "), style(role)),
        Span::styled(
            container.name.clone(),
            style(if container.running { Role::Strong } else { Role::Text }),
        ),
    ]);
    let area = Rect::new(x, y, width, height);
    let inner = paint::frame_styled(buffer, area, brush, &title, edge);
    let status = format!(" {} ", container.status);
    let status_x = area.right().saturating_sub(measure::width(&status) as u16 + 2);
    if status_x > x + 4 + measure::width(&container.name) as u16 {
        paint::put(buffer, area, status_x, y, &status, style(role));
    }
    let room = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let line = Line::from(inside(brush, container, visible));
    put_spans(buffer, room, room.y, &line);
    for (row, (_, inner)) in container.ports.iter().enumerate().skip(1) {
        paint::put(buffer, room, room.x, room.y + row as u16, &format!(":{inner}"), style(Role::Route));
    }
    let from = brush.texts.say_with("from-image", &[("image", "")]);
    let mut at = paint::put(buffer, area, x + 1, area.bottom() - 1, &format!(" {}", from.trim_end()), edge);
    let image = brush.theme.faded(brush.theme.version(container.hue), visible);
    let name = measure::ellipsis_start(&container.image, usize::from(area.right().saturating_sub(at + 4)));
    at = paint::put(buffer, area, at, area.bottom() - 1, &format!(" {name} "), image);
    if !container.network.is_empty() {
        let text = brush.texts.say_with("on-network", &[("network", &container.network)]);
        let room = Rect { width: area.width - 1, ..area };
        paint::put(buffer, room, at, area.bottom() - 1, &format!(" {text} "), style(Role::Faint));
    }
}

fn draw_row(
    buffer: &mut Buffer,
    plan: &Plan,
    brush: &Brush<'_>,
    container: &Container,
    visible: f32,
    y: u16,
) {
    let style = |role: Role| brush.theme.faded(brush.style(role), visible);
    let (mark, role) = state_mark(brush, container);
    let mut spans = vec![
        Span::styled(format!("{mark} "), style(role)),
        Span::styled(
            container.name.clone(),
            style(if container.running { Role::Strong } else { Role::Text }),
        ),
        Span::styled(format!(" {}  ", container.status), style(role)),
        Span::styled(container.image.clone(), brush.theme.faded(brush.theme.version(container.hue), visible)),
        Span::raw("  "),
    ];
    spans.extend(inside(brush, container, visible));
    let x = plan.inner_x + 3;
    let room = Rect { x, width: plan.area.right().saturating_sub(x), ..plan.area };
    put_spans(buffer, room, y, &Line::from(spans));
    for (row, (_, inner)) in container.ports.iter().enumerate().skip(1) {
        paint::put(buffer, room, x + 2, y + row as u16, &format!(":{inner}"), style(Role::Route));
    }
}

/// A line whose end is cut with `…`.
fn put_spans(buffer: &mut Buffer, area: Rect, y: u16, line: &Line<'_>) {
    let mut x = area.x;
    for span in &line.spans {
        x = paint::put(buffer, area, x, y, &span.content, span.style);
    }
}

/// A request to a port that has no door: where it bumps, and what that port is. Whether there is one.
fn draw_bump(
    buffer: &mut Buffer,
    plan: &Plan,
    brush: &Brush<'_>,
    machine: &Machine,
    stage: &Stage,
    y: u16,
    anchors: &mut Anchors,
) -> bool {
    let refused = stage.travellers(brush.now_ms).find_map(|(trip, progress)| match trip.way.as_slice() {
        [Station::You, Station::Door(port)] if trip.end == End::Refused => Some((*port, progress)),
        _ => None,
    });
    let Some((port, progress)) =
        refused.filter(|(port, _)| !anchors.stations.contains_key(&Station::Door(*port)))
    else {
        return false;
    };
    let style = brush.style(Role::Bad);
    let blank = " ".repeat(usize::from(plan.area.right().saturating_sub(plan.trunk_x)));
    paint::put(buffer, plan.area, plan.trunk_x, y, &blank, Style::new());
    draw_door(buffer, plan, brush, y, port, style, false);
    anchors.set(Station::Door(port), (plan.door_x - 1, y));
    if progress >= 1.0 {
        let x = plan.inner_x + 1;
        paint::put(buffer, plan.area, x, y, &reason(brush, machine, port), style);
    }
    true
}

/// Why there is no door at `port`.
fn reason(brush: &Brush<'_>, machine: &Machine, port: u16) -> String {
    let text = port.to_string();
    let inside = machine.containers.iter().find_map(|c| {
        let (host, _) = c.ports.iter().find(|(_, inner)| *inner == port)?;
        Some((c.name.as_str(), host.to_string()))
    });
    if let Some((name, door)) = inside {
        let values = [("port", text.as_str()), ("name", name), ("door", &door)];
        return brush.texts.say_with("bump-inner", &values);
    }
    let unpublished = machine.containers.iter().find(|c| c.running && c.exposed.contains(&port));
    if let Some(container) = unpublished {
        return brush.texts.say_with("bump-unpublished", &[("port", &text), ("name", &container.name)]);
    }
    brush.texts.say_with("bump-nothing", &[("port", &text)])
}
