//! Workloads below the nodes: a row for each version while there are few or something is under way, else those at rest
//! one after the other. Ownership is a dotted line, because a workload sends nothing to its pods.

use crate::ui::cluster_pane::pod_mark;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::{Autoscaler, Cluster, Pod, Workload};
use crate::ui::stage::{Stage, workload_key};
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of a workload's name at most.
const MAX_NAME: usize = 24;
/// Pods that a workload's row shows one by one.
const MAX_MARKS: usize = 24;
/// Pods shown one by one of a workload at rest among others.
const MAX_MARKS_AT_REST: usize = 6;
/// A pane lower than this has a row for workloads at most.
const LOW_HEIGHT: u16 = 10;
/// So many rows are given away freely; more make the workloads at rest share a row.
const FREE_ROWS: usize = 2;

/// What stands in a row, or in as many as a workload has versions.
enum Row<'a> {
    Whole(&'a Workload),
    AtRest(Vec<&'a Workload>),
    Autoscaler(&'a Autoscaler),
}

impl Row<'_> {
    fn height(&self) -> usize {
        match self {
            Row::Whole(workload) => shown_versions(workload).max(1),
            Row::AtRest(_) | Row::Autoscaler(_) => 1,
        }
    }
}

fn shown_versions(workload: &Workload) -> usize {
    workload.versions.iter().filter(|v| v.desired > 0 || v.ready > 0).count()
}

fn is_at_rest(workload: &Workload) -> bool {
    shown_versions(workload) <= 1 && workload.ready >= workload.desired && !workload.paused
}

/// What moves comes first: it must not be what is left out.
fn rows(cluster: &Cluster, width: u16) -> Vec<Row<'_>> {
    let whole: usize = cluster.workloads.iter().map(|w| shown_versions(w).max(1)).sum();
    let scalers = cluster.autoscalers.iter().map(Row::Autoscaler);
    if whole <= FREE_ROWS {
        return cluster.workloads.iter().map(Row::Whole).chain(scalers).collect();
    }
    let (at_rest, moving): (Vec<&Workload>, Vec<&Workload>) =
        cluster.workloads.iter().partition(|w| is_at_rest(w));
    let mut rows: Vec<Row<'_>> = moving.into_iter().map(Row::Whole).chain(scalers).collect();
    let mut line: Vec<&Workload> = Vec::new();
    for workload in at_rest {
        let mut tried = line.clone();
        tried.push(workload);
        if line.is_empty() || line_width(&tried) <= usize::from(width) {
            line = tried;
        } else {
            rows.push(Row::AtRest(std::mem::replace(&mut line, vec![workload])));
        }
    }
    if !line.is_empty() {
        rows.push(Row::AtRest(line));
    }
    rows
}

/// Columns of workloads at rest in one row, as `draw_at_rest` writes them.
fn line_width(line: &[&Workload]) -> usize {
    let mut width = 1;
    for (at, workload) in line.iter().enumerate() {
        if at == 0 || line[at - 1].kind != workload.kind {
            width += workload.kind.len() + 1;
        }
        let count = format!("{}/{}", workload.ready, workload.desired);
        let marks = if workload.desired <= MAX_MARKS_AT_REST { workload.desired + 1 } else { 0 };
        width += measure::width(&workload.name).min(MAX_NAME) + 1 + count.len() + marks + 3;
    }
    width
}

/// Rows that the workloads take of a pane.
pub fn wanted(cluster: &Cluster, area: Rect) -> u16 {
    let all: usize = rows(cluster, area.width).iter().map(Row::height).sum();
    // A low pane has a row for what moves, and none for what is at rest beside many Services.
    let most = match area.height {
        LOW_HEIGHT.. => area.height / 3,
        _ if cluster.services.len() > 1 && cluster.workloads.iter().all(is_at_rest) => 0,
        _ => 1,
    };
    (all as u16).min(most)
}

/// Draws the rows into `area`; what does not fit is counted.
pub fn draw(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, cluster: &Cluster, stage: &Stage) {
    let mut y = area.y;
    let rows = rows(cluster, area.width);
    for (at, row) in rows.iter().enumerate() {
        if y >= area.bottom() {
            let hidden = |row: &Row<'_>| match row {
                Row::AtRest(line) => line.len(),
                Row::Whole(_) | Row::Autoscaler(_) => 1,
            };
            let rest: usize = rows[at..].iter().map(hidden).sum();
            let text = format!(" {}", brush.texts.say_with("more-pods", &[("n", &rest.to_string())]));
            let x = area.right().saturating_sub(measure::width(&text) as u16 + 1);
            paint::put(buffer, area, x, y.saturating_sub(1), &text, brush.style(Role::Faint));
            return;
        }
        match row {
            Row::Whole(workload) => draw_workload(buffer, area, brush, cluster, stage, workload, y),
            Row::AtRest(line) => draw_at_rest(buffer, area, brush, cluster, stage, line, y),
            Row::Autoscaler(autoscaler) => draw_autoscaler(buffer, area, brush, autoscaler, y),
        }
        y += row.height() as u16;
    }
}

/// Several workloads with all their pods Ready.
fn draw_at_rest(
    buffer: &mut Buffer,
    area: Rect,
    brush: &Brush<'_>,
    cluster: &Cluster,
    stage: &Stage,
    line: &[&Workload],
    y: u16,
) {
    let mut x = area.x + 1;
    for (at, workload) in line.iter().enumerate() {
        let visible = stage.visible_key(&workload_key(&workload.kind, &workload.name), brush.now_ms);
        let role = |role: Role| brush.theme.faded(brush.style(role), visible);
        if at == 0 || line[at - 1].kind != workload.kind {
            x = paint::put(buffer, area, x, y, &workload.kind, role(Role::Faint)) + 1;
        }
        let name = measure::ellipsis(&workload.name, MAX_NAME);
        x = paint::put(buffer, area, x, y, &name, role(Role::Strong)) + 1;
        let count = format!("{}/{}", workload.ready, workload.desired);
        x = paint::put(buffer, area, x, y, &count, role(Role::Good));
        if workload.desired <= MAX_MARKS_AT_REST {
            x = paint::put(buffer, area, x, y, brush.theme.marks.rule, role(Role::Own));
            let pods = cluster.pods.iter().filter(|p| owned(p, workload)).take(workload.desired);
            for pod in pods {
                let (mark, tone) = pod_mark(brush, pod.shape);
                x = paint::put(buffer, area, x, y, mark, role(tone));
            }
        }
        x += 3;
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
) {
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
    let shown = workload.versions.iter().filter(|v| v.desired > 0 || v.ready > 0);
    for (row, version) in (0..).zip(shown) {
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
    }
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

#[cfg(test)]
mod tests {
    use super::{Row, rows};
    use crate::ui::scene::{Cluster, Workload};

    #[test]
    fn workloads_at_rest_share_a_row_once_there_are_many_and_what_moves_comes_first() {
        let workload = |name: &str, ready| Workload {
            kind: "Deployment".into(),
            name: name.into(),
            desired: 2,
            ready,
            ..Workload::default()
        };
        let said = |workloads: &[Workload]| {
            let cluster = Cluster { workloads: workloads.to_vec(), ..Cluster::default() };
            let word = |row: &Row<'_>| match row {
                Row::Whole(workload) => workload.name.clone(),
                Row::AtRest(line) => line.iter().map(|w| w.name.as_str()).collect::<Vec<_>>().join("+"),
                Row::Autoscaler(autoscaler) => autoscaler.name.clone(),
            };
            rows(&cluster, 60).iter().map(word).collect::<Vec<_>>()
        };
        let few = [workload("auth", 2), workload("hello", 1)];
        assert_eq!(said(&few), ["auth", "hello"]);
        let many = [workload("auth", 2), workload("hello", 1), workload("nginx", 2), workload("web", 2)];
        assert_eq!(said(&many), ["hello", "auth+nginx+web"]);
        let long = "a-name-of-some-length".to_owned();
        let wide = [workload(&long, 2), workload(&long, 2), workload("nginx", 2)];
        assert_eq!(said(&wide), [long.clone(), format!("{long}+nginx")]);
    }
}
