//! Services, a row each: the way in from the Internet with what stands in it, the address, who is behind it or why
//! nobody is. Leaves the places that requests pass.

use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::{Cluster, Gate, Service, Station, Trouble, Tunnel};
use crate::ui::stage::{Stage, service_key};
use crate::ui::theme::Role;
use crate::ui::trips::Anchors;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::collections::{BTreeMap, BTreeSet};

/// Rows at most; the rest is counted.
const MAX_ROWS: usize = 7;
/// From this width on the firewall is named in the way.
const ROOMY_WIDTH: u16 = 76;
/// From this width on a Service's type has a column.
const KIND_WIDTH: u16 = 70;
const MAX_NAME: usize = 18;
/// Rows for port-forwards at most; where there are no more rows than that, Services have them all.
const MAX_TUNNELS: usize = 2;
/// Letters of Services shown at one pod.
const MAX_LETTERS: usize = 3;

/// Which Services send to which pods, as the node boxes show it.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    /// uids behind the Service whose lines are drawn.
    pub main: BTreeSet<String>,
    /// Per uid the letters of its Services; empty when one Service is all there is.
    pub letters: BTreeMap<String, String>,
    /// Columns before a pod's mark.
    pub lead: u16,
}

/// The Services in their order on the screen: from outside to inside, always the same.
pub fn ordered(cluster: &Cluster) -> Vec<&Service> {
    let mut services: Vec<&Service> = cluster.services.iter().collect();
    services.sort_by_key(|s| match (s.gate, s.kind.as_str()) {
        (Gate::Balancer, _) => 0,
        (Gate::NodePort { .. }, _) => 1,
        (_, "ExternalName") => 3,
        _ => 2,
    });
    services
}

/// Those that have a row. What is broken is never the one left out.
pub fn shown(cluster: &Cluster, rows: usize) -> Vec<&Service> {
    let mut services = ordered(cluster);
    while services.len() > rows.min(MAX_ROWS) {
        let Some(at) = services.iter().rposition(|s| s.trouble.is_none()).or(services.len().checked_sub(1))
        else {
            break;
        };
        services.remove(at);
    }
    services
}

/// The Service whose lines are drawn: the one a request passes at the moment, else the first with pods behind it.
pub fn main<'a>(cluster: &'a Cluster, stage: &Stage, now_ms: u64) -> Option<&'a Service> {
    let passed = stage.travellers(now_ms).filter_map(|(trip, _)| {
        trip.way.iter().rev().find_map(|s| match s {
            Station::Service(name) => Some(name.clone()),
            _ => None,
        })
    });
    let passed = passed.last().and_then(|name| cluster.services.iter().find(|s| s.name == name));
    passed.or_else(|| {
        let services = ordered(cluster);
        services.iter().find(|s| !s.endpoints.is_empty()).or(services.first()).copied()
    })
}

/// A letter for each Service: the first of its name that no other has.
fn letters(services: &[&Service]) -> BTreeMap<String, char> {
    let mut taken: BTreeSet<char> = BTreeSet::new();
    let mut given = BTreeMap::new();
    for service in services {
        let own = service.name.chars().filter(char::is_ascii_alphanumeric);
        let letter = own.chain('a'..='z').find(|c| !taken.contains(c)).unwrap_or('?');
        taken.insert(letter);
        given.insert(service.name.clone(), letter);
    }
    given
}

pub fn routes(cluster: &Cluster, main: Option<&Service>) -> Routes {
    let mut routes = Routes { lead: 1, ..Routes::default() };
    routes.main.extend(main.into_iter().flat_map(|s| s.endpoints.iter().cloned()));
    let services = ordered(cluster);
    if services.len() < 2 {
        return routes;
    }
    let letters = letters(&services);
    for service in &services {
        for uid in &service.endpoints {
            let at = routes.letters.entry(uid.clone()).or_default();
            if at.len() < MAX_LETTERS {
                at.extend(letters.get(&service.name));
            }
        }
    }
    let widest = routes.letters.values().map(String::len).max().unwrap_or(0);
    routes.lead = (widest.max(1)) as u16;
    routes
}

/// The columns of the table.
struct Columns {
    /// The way in.
    gate: u16,
    name: usize,
    kind: usize,
    address: usize,
    letters: BTreeMap<String, char>,
}

fn address(service: &Service) -> String {
    match service.kind.as_str() {
        "ExternalName" => String::new(),
        _ if service.address == "None" => "headless".to_owned(),
        "NodePort" => {
            let ports: Vec<String> = service.node_ports.iter().map(|p| format!(":{p}")).collect();
            let inner: Vec<&str> = service.ports.iter().filter_map(|p| p.split(':').next()).collect();
            format!("{} → {}", ports.join(","), inner.join(","))
        }
        _ if service.ports.is_empty() => service.address.clone(),
        _ => format!("{}:{}", service.address, service.ports.join(",")),
    }
}

impl Columns {
    fn of(services: &[&Service], width: u16, brush: &Brush<'_>, tunnels: bool) -> Self {
        let outside = tunnels || services.iter().any(|s| s.gate != Gate::Inside);
        let firewalled = services.iter().any(|s| matches!(s.gate, Gate::NodePort { .. }));
        let you = measure::width(&brush.texts.say("you"));
        let gate = match (outside, firewalled && width >= ROOMY_WIDTH) {
            (false, _) => 1,
            (true, true) => you + 5 + measure::width(&brush.texts.say("firewall")),
            (true, false) => you + 6,
        };
        let widest = |of: &dyn Fn(&Service) -> usize| services.iter().map(|s| of(s)).max().unwrap_or(0);
        let letters = if services.len() > 1 { letters(services) } else { BTreeMap::new() };
        Columns {
            gate: gate as u16,
            name: widest(&|s| measure::width(&s.name)).min(MAX_NAME),
            kind: if width >= KIND_WIDTH { widest(&|s| measure::width(&s.kind)) } else { 0 },
            address: widest(&|s| measure::width(&address(s))),
            letters,
        }
    }
}

/// Draws tunnels and Services from the top of `area`; the rows it took.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    cluster: &Cluster,
    stage: &Stage,
    rows: usize,
    anchors: &mut Anchors,
) -> u16 {
    let tunnels = cluster.tunnels.len().min(if rows > MAX_TUNNELS { MAX_TUNNELS } else { 0 });
    let services = shown(cluster, rows - tunnels);
    let columns = Columns::of(&services, area.width, brush, tunnels > 0);
    let mut y = area.y;
    for tunnel in cluster.tunnels.iter().take(tunnels) {
        draw_tunnel(buffer, area, brush, tunnel, &columns, y, anchors);
        y += 1;
    }
    for service in &services {
        draw_service(buffer, area, brush, stage, service, &columns, y, anchors);
        y += 1;
    }
    let hidden = cluster.services.len() - services.len();
    if hidden > 0 && y > area.y {
        let text = format!(" {}", brush.texts.say_with("more-pods", &[("n", &hidden.to_string())]));
        let x = area.right().saturating_sub(measure::width(&text) as u16 + 1);
        paint::put(buffer, area, x, y - 1, &text, brush.style(Role::Faint));
    }
    y - area.y
}

fn draw_tunnel(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    tunnel: &Tunnel,
    columns: &Columns,
    y: u16,
    anchors: &mut Anchors,
) {
    let marks = &brush.theme.marks;
    let x = paint::put(buffer, area, area.x + 1, y, &brush.texts.say("you"), brush.style(Role::Strong));
    anchors.set(Station::You, (x, y));
    let road = usize::from((area.x + columns.gate).saturating_sub(x + 2)).max(1);
    let road = format!(" {}{} ", marks.frame[4].repeat(road), marks.right);
    let x = paint::put(buffer, area, x, y, &road, brush.style(Role::Own));
    anchors.set(Station::Door(tunnel.port), (x, y));
    let x = paint::put(buffer, area, x, y, &format!("localhost:{}", tunnel.port), brush.style(Role::Strong));
    anchors.set(Station::Process(tunnel.pid), (x, y));
    let text = format!("  kubectl port-forward {} {}", marks.arrow, tunnel.target);
    paint::put(buffer, area, x, y, &text, brush.style(Role::Faint));
}

/// The way from the Internet: a road, the firewall in it, or nothing.
#[allow(clippy::too_many_arguments)]
fn draw_gate(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    service: &Service,
    columns: &Columns,
    y: u16,
    style: &dyn Fn(Role) -> Style,
    anchors: &mut Anchors,
) {
    let marks = &brush.theme.marks;
    let end = area.x + columns.gate;
    anchors.set(Station::Gate(service.name.clone()), (end.saturating_sub(1), y));
    if service.gate == Gate::Inside {
        // A request from outside still comes as far as the edge.
        anchors.you.insert(service.name.clone(), (area.x + 1, y));
        return;
    }
    let x = paint::put(buffer, area, area.x + 1, y, &brush.texts.say("you"), style(Role::Strong));
    anchors.you.insert(service.name.clone(), (x, y));
    let line = if service.pending { marks.rule } else { marks.frame[4] };
    let columns_left = usize::from(end.saturating_sub(x + 1));
    let firewall = brush.texts.say("firewall");
    let (word, open) = match service.gate {
        Gate::NodePort { open } if area.width >= ROOMY_WIDTH => (firewall.as_str(), open),
        Gate::NodePort { open } => ("", open),
        _ => ("", true),
    };
    let road = columns_left.saturating_sub(1 + measure::width(word));
    let tip = match (open, service.pending) {
        (_, true) => " ",
        (true, _) => marks.right,
        (false, _) => marks.shut,
    };
    let way = if open { Role::Route } else { Role::Bad };
    let role = if service.pending { Role::Busy } else { Role::Route };
    let x = paint::put(buffer, area, x, y, &format!(" {}", line.repeat(road)), style(role));
    let x = paint::put(buffer, area, x, y, word, style(if open { Role::Good } else { Role::Bad }));
    paint::put(buffer, area, x, y, tip, style(if service.pending { Role::Busy } else { way }));
}

#[allow(clippy::too_many_arguments)]
fn draw_service(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    stage: &Stage,
    service: &Service,
    columns: &Columns,
    y: u16,
    anchors: &mut Anchors,
) {
    let visible = stage.visible_key(&service_key(&service.name), brush.now_ms);
    let style = |role: Role| brush.theme.faded(brush.style(role), visible);
    draw_gate(buffer, area, brush, service, columns, y, &style, anchors);
    let marks = &brush.theme.marks;
    let x = area.x + columns.gate + 1;
    anchors.set(Station::Service(service.name.clone()), (x, y));
    let broken = matches!(service.trouble, Some(Trouble::NoMatch { .. } | Trouble::NotReady { .. }));
    let letter = columns.letters.get(&service.name).map_or(marks.balancer.to_owned(), char::to_string);
    let mark_style = match (service.pending, broken) {
        (true, _) => style(Role::Busy),
        (_, true) => style(Role::Bad),
        _ => style(Role::Route),
    };
    let mut x = paint::put(buffer, area, x, y, &letter, mark_style.add_modifier(Modifier::BOLD)) + 1;
    let cell = |buffer: &mut Buffer, x: u16, text: &str, width: usize, style: Style| {
        paint::put(buffer, area, x, y, &measure::padded(text, width), style) + 2
    };
    x = cell(buffer, x, &service.name, columns.name, style(Role::Strong));
    if columns.kind > 0 {
        x = cell(buffer, x, &service.kind, columns.kind, style(Role::Faint));
    }
    let address_style = if service.pending { style(Role::Busy) } else { style(Role::Text) };
    if service.kind == "ExternalName" {
        let text = format!("{} {}", marks.arrow, service.address);
        let x = paint::put(buffer, area, x, y, &text, style(Role::Text)) + 2;
        let about = brush.texts.say("service-alias");
        if measure::width(&about) <= usize::from(area.right().saturating_sub(x)) {
            paint::put(buffer, area, x, y, &about, style(Role::Faint));
        }
        return;
    }
    x = cell(buffer, x, &address(service), columns.address, address_style);
    let (text, role) = state(brush, service, usize::from(area.right().saturating_sub(x)));
    paint::put(buffer, area, x, y, &text, style(role));
}

/// Who is behind a Service, or why nobody is, as fully as `room` allows.
fn state(brush: &Brush<'_>, service: &Service, room: usize) -> (String, Role) {
    let failed = brush.theme.marks.failed;
    let say = |key: &str, values: &[(&str, &str)]| brush.texts.say_with(key, values);
    match &service.trouble {
        None => (say("behind-it", &[("n", &service.endpoints.len().to_string())]), Role::Good),
        Some(Trouble::NoSelector) => (say("service-no-selector", &[]), Role::Busy),
        Some(Trouble::NotReady { matching }) => {
            (say("service-not-ready", &[("n", &matching.to_string())]), Role::Busy)
        }
        Some(Trouble::NoMatch { selector, near }) => {
            let lacking = near.as_ref().map_or(selector.as_str(), |(_, missing)| missing);
            let full = match near {
                Some((pod, missing)) => say("service-near", &[("pod", pod), ("missing", missing)]),
                None => say("service-no-match", &[("selector", selector)]),
            };
            let choices = [full, say("service-no-match", &[("selector", lacking)])];
            let fits = choices.into_iter().find(|c| measure::width(c) + 2 <= room);
            let text = fits.unwrap_or_else(|| say("service-no-label", &[("selector", lacking)]));
            (format!("{failed} {text}"), Role::Bad)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{letters, shown};
    use crate::ui::scene::{Cluster, Gate, Service, Trouble};

    fn service(name: &str, gate: Gate, broken: bool) -> Service {
        let trouble = broken.then_some(Trouble::NoSelector);
        Service { name: name.into(), gate, trouble, ..Service::default() }
    }

    #[test]
    fn what_is_broken_keeps_its_row_and_every_service_its_letter() {
        let all = [
            service("hello", Gate::Inside, false),
            service("headless", Gate::Inside, true),
            service("frontend", Gate::Balancer, false),
        ];
        let cluster = Cluster { services: all.to_vec(), ..Cluster::default() };
        let names = |rows| shown(&cluster, rows).iter().map(|s| s.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(9), ["frontend", "hello", "headless"]);
        assert_eq!(names(2), ["frontend", "headless"]);
        assert_eq!(names(1), ["headless"]);
        let given: Vec<(String, char)> = letters(&all.iter().collect::<Vec<_>>()).into_iter().collect();
        assert_eq!(given, [("frontend".into(), 'f'), ("headless".into(), 'e'), ("hello".into(), 'h')]);
    }
}
