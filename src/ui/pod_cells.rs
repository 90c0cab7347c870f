//! One pod inside its node's box: a card in its version's colour, a line, a chip or only a mark, as dense as its
//! box asks for. Says everything by shape and word too; the card's surface only helps the eye.

use crate::ui::cluster_pane::pod_mark;
use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::{Lit, Pod, Shape};
use crate::ui::services::Routes;
use crate::ui::stage::{Actor, Stage};
use crate::ui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Mark, five characters of the name, a blank.
const CHIP_COLUMNS: usize = 7;
/// How visible a pod is that the selector left out.
const UNLIT: f32 = 0.4;
/// A workload's name shorter than this says nothing.
const MIN_OWNER: usize = 3;
/// A name shorter than this tells nobody apart.
const MIN_NAME: usize = 6;
/// How strong a card's colour is over the background: neighbours that touch differ a little.
const SURFACE: [f32; 2] = [0.20, 0.13];
/// A card whose pod has just changed, or was reached by a request, or is meant by the selector.
const LIT_SURFACE: f32 = 0.48;
/// A pod's address stands on its card from this width on.
const ADDRESS_COLUMNS: u16 = 30;

/// How much of a pod is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Density {
    /// Name and version, below them the word and its details, and a row of air.
    Card,
    /// The same without the air.
    Two,
    /// All on one line.
    One,
    /// Mark and name.
    Chip,
    /// Mark only.
    Mark,
}

impl Density {
    /// From the roomiest on.
    pub const ALL: [Density; 5] = [Density::Card, Density::Two, Density::One, Density::Chip, Density::Mark];

    /// Rows from one pod to the next.
    pub fn pitch(self) -> u16 {
        match self {
            Density::Card => 3,
            Density::Two => 2,
            Density::One | Density::Chip | Density::Mark => 1,
        }
    }

    /// Rows that a pod fills itself.
    pub fn rows(self) -> u16 {
        self.pitch().min(2)
    }

    /// Columns of a pod that does not have the box's width for itself.
    pub fn columns(self) -> Option<usize> {
        match self {
            Density::Card | Density::Two | Density::One => None,
            Density::Chip => Some(CHIP_COLUMNS),
            Density::Mark => Some(2),
        }
    }

    /// Columns and rows of pods that a box of this inside holds.
    pub fn capacity(self, width: u16, height: u16) -> (usize, usize) {
        let (width, height) = (usize::from(width), usize::from(height));
        let columns = self.columns().map_or(1, |each| (width.saturating_sub(1) / each).max(1));
        match self {
            Density::Card => (columns, (height + 1) / 3),
            // The last of an odd number of rows still shows a pod's name.
            Density::Two => (columns, height.div_ceil(2)),
            _ => (columns, height),
        }
    }
}

/// How the pods of this frame are shown.
pub struct Look<'a> {
    pub density: Density,
    pub routes: &'a Routes,
    /// Pods of several workloads: each says whose it is.
    pub several: bool,
    pub lit: Option<&'a Lit>,
}

/// Draws a pod into its cell; `slot` is its place in its box.
pub fn draw(
    buffer: &mut Buffer,
    cell: Rect,
    brush: &Brush<'_>,
    stage: &Stage,
    actor: &Actor,
    look: &Look<'_>,
) {
    let pod = &actor.pod;
    let chosen = look.lit.is_some_and(|lit| lit.pods.contains(&pod.uid));
    let dimmed = if look.lit.is_some() && !chosen { UNLIT } else { 1.0 };
    let visible = stage.visible(actor, brush.now_ms) * dimmed;
    if visible <= 0.02 || cell.area() == 0 {
        return;
    }
    let flashes = stage.flashes(actor, brush.now_ms);
    let tones = Tones::of(brush, pod, visible, flashes, chosen);
    let mark = pod_mark(brush, pod.shape).0;
    match look.density {
        Density::Mark => {
            let tone = if chosen { tones.state.add_modifier(Modifier::REVERSED) } else { tones.state };
            paint::put(buffer, cell, cell.x, cell.y, mark, tone);
        }
        Density::Chip => {
            let x = paint::put(buffer, cell, cell.x, cell.y, mark, tones.state);
            paint::put(buffer, cell, x, cell.y, measure::suffix(&pod.suffix, 5), tones.name);
        }
        Density::Card | Density::Two | Density::One => {
            let card = Rect { x: cell.x + look.routes.lead, ..cell };
            let card = Rect { width: cell.right().saturating_sub(card.x), ..card };
            draw_letters(buffer, cell, brush, pod, look, visible);
            let surface = surface(brush, actor, look.density, visible, flashes, chosen);
            buffer.set_style(card.intersection(buffer.area), surface);
            paint_card(buffer, card, brush, actor, look, &tones);
        }
    }
}

/// The styles of one pod in this frame.
struct Tones {
    state: Style,
    name: Style,
    faint: Style,
    edge: Style,
}

impl Tones {
    fn of(brush: &Brush<'_>, pod: &Pod, visible: f32, flashes: bool, chosen: bool) -> Self {
        let fade = |style: Style| brush.theme.faded(style, visible);
        let mut state = fade(brush.style(pod_mark(brush, pod.shape).1));
        if flashes {
            state = state.add_modifier(Modifier::REVERSED | Modifier::BOLD);
        }
        let own = if pod.shape == Shape::Leaving {
            brush.style(Role::Gone)
        } else {
            brush.theme.version(pod.version)
        };
        let mut name = fade(own);
        if chosen {
            name = name.add_modifier(Modifier::REVERSED);
        }
        Tones { state, name, faint: fade(brush.style(Role::Faint)), edge: fade(own) }
    }
}

/// The colour that a card lies on: its version's, unless something is wrong with it.
fn surface(
    brush: &Brush<'_>,
    actor: &Actor,
    density: Density,
    visible: f32,
    flashes: bool,
    chosen: bool,
) -> Style {
    let role = match actor.pod.shape {
        Shape::Failed => Role::Bad,
        Shape::Leaving | Shape::Done => Role::Gone,
        _ => Theme::version_role(actor.pod.version),
    };
    let touching = density != Density::Card && actor.slot % 2 == 1;
    let strength = if flashes || chosen { LIT_SURFACE } else { SURFACE[usize::from(touching)] };
    brush.theme.surface(role, strength * visible)
}

/// The letters of the Services that send to it, before the card.
fn draw_letters(
    buffer: &mut Buffer,
    cell: Rect,
    brush: &Brush<'_>,
    pod: &Pod,
    look: &Look<'_>,
    visible: f32,
) {
    let Some(letters) = look.routes.letters.get(&pod.uid) else { return };
    let style = brush.theme.faded(brush.style(Role::Route), visible).add_modifier(Modifier::BOLD);
    paint::put(buffer, cell, cell.x, cell.y, letters, style);
}

fn paint_card(
    buffer: &mut Buffer,
    card: Rect,
    brush: &Brush<'_>,
    actor: &Actor,
    look: &Look<'_>,
    tones: &Tones,
) {
    let pod = &actor.pod;
    let y = card.y;
    for row in y..card.bottom() {
        paint::put(buffer, card, card.x, row, brush.theme.marks.edge, tones.edge);
    }
    let details = details(brush, pod, usize::from(card.width));
    let mut x = paint::put(buffer, card, card.x + 1, y, pod_mark(brush, pod.shape).0, tones.state);
    let tag = tones.name.add_modifier(Modifier::BOLD);
    if look.density == Density::One {
        let room = usize::from(card.right().saturating_sub(x + 1));
        let line = line(pod, look.several, &details, room);
        for (text, style) in [(&line.name, tones.name), (&line.tag, tag), (&line.details, tones.state)] {
            if !text.is_empty() {
                x = paint::put(buffer, card, x + 1, y, text, style);
            }
        }
        return;
    }
    let taken = 5 + measure::width(&pod.tag);
    let name = name(pod, look.several, usize::from(card.width).saturating_sub(taken));
    x = paint::put(buffer, card, x + 1, y, &name, tones.name);
    let tag_x = card.right().saturating_sub(measure::width(&pod.tag) as u16 + 1).max(x + 1);
    paint::put(buffer, card, tag_x, y, &pod.tag, tag);
    let word = tones.state.remove_modifier(Modifier::REVERSED);
    let x = paint::put(buffer, card, card.x + 3, y + 1, &details, word);
    let address_x = card.right().saturating_sub(measure::width(&pod.ip) as u16 + 1);
    if card.width >= ADDRESS_COLUMNS && !pod.ip.is_empty() && address_x > x + 1 {
        paint::put(buffer, card, address_x, y + 1, &pod.ip, tones.faint);
    }
}

/// What one line says of a pod.
#[derive(Debug, PartialEq, Eq)]
struct PodLine {
    name: String,
    tag: String,
    details: String,
}

/// As much of name, version and word as `room` takes. Of a pod that is well the word gives way first, its mark says
/// the same; of another the version does, because the word is what matters.
fn line(pod: &Pod, several: bool, details: &str, room: usize) -> PodLine {
    let full = name(pod, several, usize::MAX);
    let width = |texts: &[&str]| {
        let shown = texts.iter().filter(|t| !t.is_empty());
        shown.map(|t| measure::width(t) + 1).sum::<usize>().saturating_sub(1)
    };
    let made = |name: &str, tag: &str, details: &str| PodLine {
        name: name.to_owned(),
        tag: tag.to_owned(),
        details: details.to_owned(),
    };
    let well = pod.shape == Shape::Ready;
    let (tag, word) = (pod.tag.as_str(), details);
    let second = if well { [tag, ""] } else { ["", word] };
    for [tag, word] in [[tag, word], second] {
        if width(&[&full, tag, word]) <= room {
            return made(&full, tag, word);
        }
    }
    let [tag, word] = second;
    let left = room.saturating_sub(width(&[tag, word]) + 1);
    if left >= MIN_NAME {
        return made(&name(pod, several, left), tag, word);
    }
    if well { made(&name(pod, several, room), "", "") } else { made("", "", word) }
}

/// A pod's name in at most `columns`: whose it is gives way before what tells it apart.
fn name(pod: &Pod, several: bool, columns: usize) -> String {
    if pod.suffix == pod.name {
        return measure::ellipsis_middle(&pod.name, columns.max(MIN_NAME));
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
fn details(brush: &Brush<'_>, pod: &Pod, width: usize) -> String {
    let mut text = pod.word.clone();
    if let Some(part) = pod.progress {
        let (full, empty) = paint::bar(brush, 5, part);
        return if width >= 28 { format!("{text} {full}{empty}") } else { format!("pulling {full}{empty}") };
    }
    if pod.shape != Shape::Leaving && pod.ready.1 > 0 && (pod.ready.1 > 1 || pod.shape == Shape::Half) {
        text.push_str(&format!(" {}/{}", pod.ready.0, pod.ready.1));
    }
    if pod.restarts > 0 {
        text.push_str(&format!(" {}{}", brush.theme.marks.again, pod.restarts));
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

#[cfg(test)]
mod tests {
    use super::{Density, PodLine, line, name};
    use crate::ui::scene::{Pod, Shape};

    #[test]
    fn a_box_holds_more_the_denser_it_is() {
        let holds = |density: Density| {
            let (columns, rows) = density.capacity(30, 8);
            columns * rows
        };
        assert_eq!(Density::ALL.map(holds), [3, 4, 8, 32, 112]);
    }

    #[test]
    fn what_tells_a_pod_apart_stays_when_room_gets_scarce() {
        let pod = Pod {
            name: "frontend-5d8b9c7f6-t7w2m".into(),
            suffix: "t7w2m".into(),
            workload: "Deployment/frontend".into(),
            ..Pod::default()
        };
        assert_eq!(name(&pod, true, 14), "frontend…t7w2m");
        assert_eq!(name(&pod, true, 10), "fron…t7w2m");
        assert_eq!(name(&pod, true, 8), "…t7w2m");
        assert_eq!(name(&pod, false, 30), "…t7w2m");
        let said = |room, shape| {
            let pod = Pod { tag: "1.0.0".into(), shape, ..pod.clone() };
            let PodLine { name, tag, details } = line(&pod, true, "Running", room);
            [name, tag, details].join(" ").trim_end().to_owned()
        };
        assert_eq!(said(30, Shape::Ready), "frontend…t7w2m 1.0.0 Running");
        assert_eq!(said(22, Shape::Ready), "frontend…t7w2m 1.0.0");
        assert_eq!(said(16, Shape::Ready), "fron…t7w2m 1.0.0");
        assert_eq!(said(22, Shape::Half), "frontend…t7w2m  Running");
        assert_eq!(said(15, Shape::Half), "…t7w2m  Running");
    }
}
