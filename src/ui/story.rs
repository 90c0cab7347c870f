//! The story in words: what happened, who did it, and because of what.
//!
//! Sentences come from the change log by way of `scene::Happening`; this file only words and lays them out.

use crate::ui::measure;
use crate::ui::paint::{self, Brush};
use crate::ui::scene::{Happening, What};
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use std::collections::BTreeMap;

/// Happenings that the strip looks at: it never holds more.
const STRIP_LOOK_BACK: usize = 24;
/// Pods named one by one in a sentence.
const MAX_NAMED: usize = 4;
/// Depth at which the tree of causes stops indenting.
const MAX_DEPTH: usize = 8;

/// A happening as a sentence.
pub fn sentence(brush: &Brush<'_>, happening: &Happening) -> String {
    let you = brush.texts.say("story-you");
    let by_you = happening.actor.is_empty();
    let actor = if by_you { you.as_str() } else { happening.actor.as_str() };
    let say = |key: &str, values: &[(&str, &str)]| {
        let mut all = vec![("actor", actor)];
        all.extend_from_slice(values);
        brush.texts.say_with(key, &all)
    };
    match &happening.what {
        What::Created { kind, name } => say("story-created", &[("kind", kind), ("name", name)]),
        What::CreatedPods { count } => say("story-created-pods", &[("n", &count.to_string())]),
        What::Deleted { kind, name } => say("story-deleted", &[("kind", kind), ("name", name)]),
        What::DeletedPods { count } => say("story-deleted-pods", &[("n", &count.to_string())]),
        What::Scaled { kind, name, from, to } => {
            let key = if by_you { "story-scaled-you" } else { "story-scaled" };
            let (from, to) = (from.to_string(), to.to_string());
            say(key, &[("kind", kind), ("name", name), ("from", &from), ("to", &to)])
        }
        What::ChangedTemplate { kind, name, from, to } => {
            say("story-template", &[("kind", kind), ("name", name), ("from", from), ("to", to)])
        }
        What::Changed { kind, name } => say("story-changed", &[("kind", kind), ("name", name)]),
        What::Scheduled { pod, node, fits: None } => say("story-scheduled", &[("pod", pod), ("node", node)]),
        What::Scheduled { pod, node, fits: Some((fits, nodes)) } => {
            let (fits, nodes) = (fits.to_string(), nodes.to_string());
            say("story-scheduled-fits", &[("pod", pod), ("node", node), ("fits", &fits), ("nodes", &nodes)])
        }
        What::Unschedulable { pod, reason } => {
            say("story-unschedulable", &[("pod", pod), ("reason", reason)])
        }
        What::Pulling { pod, image } => say("story-pulling", &[("pod", &pods(brush, pod)), ("image", image)]),
        What::PullFailed { pod, word } => {
            say("story-pull-failed", &[("pod", &pods(brush, pod)), ("word", word)])
        }
        What::Started { pod } => say("story-started", &[("pod", pod)]),
        What::Ready { pod } if pod.contains(", ") => {
            say("story-ready-several", &[("pod", &pods(brush, pod))])
        }
        What::Ready { pod } => say("story-ready", &[("pod", pod)]),
        What::NotReady { pod } => say("story-not-ready", &[("pod", pod)]),
        What::Crashed { pod, code } => say("story-crashed", &[("pod", pod), ("code", &code.to_string())]),
        What::Stopping { pod } => say("story-stopping", &[("pod", &pods(brush, pod))]),
        What::Endpoints { service, count } => {
            say("story-endpoints", &[("service", service), ("n", &count.to_string())])
        }
        What::Address { service, address } => {
            say("story-address", &[("service", service), ("address", address)])
        }
    }
}

fn tone(brush: &Brush<'_>, happening: &Happening) -> Style {
    match &happening.what {
        _ if happening.actor.is_empty() && !matches!(happening.what, What::Ready { .. }) => {
            brush.style(Role::Strong)
        }
        What::PullFailed { .. } | What::Crashed { .. } | What::Unschedulable { .. } => brush.style(Role::Bad),
        What::Ready { .. } => brush.style(Role::Good),
        _ => brush.style(Role::Text),
    }
}

/// The strip: the latest chain, newest at the end, as much as `area` holds.
/// `quiet` is what stands there while there is nothing to tell.
pub fn draw_strip(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, story: &[Happening], quiet: &str) {
    if area.height == 0 || area.width < 20 {
        return;
    }
    if story.is_empty() {
        let text = brush.texts.say(quiet);
        paint::put(buffer, area, area.x + 1, area.y, &text, brush.style(Role::Faint));
        return;
    }
    let columns = usize::from(area.width - 2);
    let story = &merged(&story[story.len().saturating_sub(STRIP_LOOK_BACK)..]);
    // Whole sentences from the newest back, as many as surely fit.
    let mut from = story.len();
    let mut lines = Vec::new();
    while from > 0 {
        let tried = strip_lines(brush, &story[from - 1..], columns);
        if tried.len() > usize::from(area.height) && !lines.is_empty() {
            break;
        }
        lines = tried;
        from -= 1;
        if lines.len() > usize::from(area.height) {
            break;
        }
    }
    for (row, line) in lines.iter().take(usize::from(area.height)).enumerate() {
        paint::put_line(buffer, area, area.x + 1, area.y + row as u16, line);
    }
}

/// Neighbours that say the same about several pods, as one sentence. Of how many pods a Service reaches only the
/// latest number counts.
fn merged(story: &[Happening]) -> Vec<Happening> {
    let service = |h: &Happening| match &h.what {
        What::Endpoints { service, .. } => Some(service.clone()),
        _ => None,
    };
    let outdated = |at: usize, h: &Happening| {
        service(h)
            .is_some_and(|name| story[at + 1..].iter().any(|later| service(later).as_ref() == Some(&name)))
    };
    let mut out: Vec<Happening> = Vec::with_capacity(story.len());
    for (_, happening) in story.iter().enumerate().filter(|(at, h)| !outdated(*at, h)) {
        let last = out.last_mut().filter(|last| last.actor == happening.actor);
        match (last.map(|last| &mut last.what), &happening.what) {
            (Some(What::Ready { pod }), What::Ready { pod: more }) => join(pod, more),
            (Some(What::Stopping { pod }), What::Stopping { pod: more }) => join(pod, more),
            (Some(What::Pulling { pod, image }), What::Pulling { pod: more, image: same })
                if image == same =>
            {
                join(pod, more);
            }
            (Some(What::PullFailed { pod, word }), What::PullFailed { pod: more, word: same })
                if word == same =>
            {
                join(pod, more);
            }
            _ => out.push(happening.clone()),
        }
    }
    out
}

fn join(pods: &mut String, more: &str) {
    pods.push_str(", ");
    pods.push_str(more);
}

fn strip_lines(brush: &Brush<'_>, story: &[Happening], columns: usize) -> Vec<Line<'static>> {
    let mut spans = Vec::new();
    for (at, happening) in story.iter().enumerate() {
        if at > 0 {
            spans.push(Span::styled(" · ", brush.style(Role::Faint)));
        }
        spans.push(Span::styled(sentence(brush, happening), tone(brush, happening)));
    }
    let mut lines = measure::wrap(&spans, columns, 0);
    // What parts two sentences needs not stand where the line ends.
    for line in &mut lines {
        while line.spans.last().is_some_and(|s| matches!(s.content.trim(), "" | "·")) {
            line.spans.pop();
        }
    }
    lines
}

/// Names of several pods: the first of many, and how many more.
fn pods(brush: &Brush<'_>, names: &str) -> String {
    let all: Vec<&str> = names.split(", ").collect();
    if all.len() <= MAX_NAMED {
        return names.to_owned();
    }
    let rest = (all.len() - MAX_NAMED + 1).to_string();
    brush.texts.say_with("story-and-more", &[("pods", &all[..MAX_NAMED - 1].join(", ")), ("n", &rest)])
}

/// The panel: every happening with its consequences below it. `selected` counts from the newest.
pub fn draw_panel(buffer: &mut Buffer, area: Rect, brush: &Brush<'_>, story: &[Happening], selected: usize) {
    if area.height < 3 || area.width < 24 {
        return;
    }
    let tree = tree(story);
    let chosen = tree.len().saturating_sub(1 + selected.min(tree.len().saturating_sub(1)));
    let rows = usize::from(area.height - 1);
    let first = (chosen + 1).saturating_sub(rows).min(tree.len().saturating_sub(rows));
    let causes =
        story.get(tree.get(chosen).map_or(0, |(at, _)| *at)).map_or(Vec::new(), |h| causes(story, h));
    for (row, (at, depth)) in tree.iter().enumerate().skip(first).take(rows) {
        let happening = &story[*at];
        let y = area.y + (row - first) as u16;
        let clock = clock(happening.at_ms);
        let mut x = paint::put(buffer, area, area.x + 1, y, &clock, brush.style(Role::Faint)) + 1;
        let branch = if *depth == 0 {
            String::new()
        } else {
            format!("{}{} ", "  ".repeat(*depth - 1), brush.theme.marks.route[6])
        };
        x = paint::put(buffer, area, x, y, &branch, brush.style(Role::Own));
        let mut style = tone(brush, happening);
        if causes.contains(&happening.id) {
            style = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        }
        paint::put(buffer, area, x, y, &sentence(brush, happening), style);
        if row == chosen {
            let line = Rect::new(area.x, y, area.width, 1);
            buffer.set_style(line, brush.style(Role::Selection));
        }
    }
    let help = brush.texts.say("story-help");
    paint::put(buffer, area, area.x + 1, area.bottom() - 1, &help, brush.style(Role::Faint));
}

/// The chain of revisions that led to `last`, itself included.
fn causes(story: &[Happening], last: &Happening) -> Vec<u64> {
    let mut chain = vec![last.id];
    let mut next = last.cause;
    while let Some(id) = next {
        if chain.contains(&id) || chain.len() > MAX_DEPTH * 4 {
            break;
        }
        chain.push(id);
        next = story.iter().find(|h| h.id == id).and_then(|h| h.cause);
    }
    chain
}

/// Indices into `story` with their depth: a happening stands below what caused it.
fn tree(story: &[Happening]) -> Vec<(usize, usize)> {
    let places: BTreeMap<u64, usize> = story.iter().enumerate().map(|(at, h)| (h.id, at)).collect();
    let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut roots = Vec::new();
    for (at, happening) in story.iter().enumerate() {
        match happening.cause.and_then(|c| places.get(&c)).filter(|parent| **parent < at) {
            Some(parent) => children.entry(*parent).or_default().push(at),
            None => roots.push(at),
        }
    }
    let mut rows = Vec::with_capacity(story.len());
    let mut stack: Vec<(usize, usize)> = roots.into_iter().rev().map(|at| (at, 0)).collect();
    while let Some((at, depth)) = stack.pop() {
        rows.push((at, depth));
        if let Some(next) = children.get(&at) {
            stack.extend(next.iter().rev().map(|child| (*child, (depth + 1).min(MAX_DEPTH))));
        }
    }
    rows
}

/// `02:41`, or `1:02:41` past an hour.
pub fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::{clock, tree};
    use crate::ui::scene::{Happening, What};

    #[test]
    fn consequences_stand_below_their_cause() {
        let happening = |id, cause| Happening { id, cause, what: What::default(), ..Happening::default() };
        let story = [
            happening(1, None),
            happening(2, Some(1)),
            happening(3, None),
            happening(4, Some(2)),
            happening(5, Some(99)),
        ];
        assert_eq!(tree(&story), [(0, 0), (1, 1), (3, 2), (2, 0), (4, 0)]);
    }

    #[test]
    fn the_same_about_several_pods_is_one_sentence() {
        let ready = |pod: &str| Happening { what: What::Ready { pod: pod.into() }, ..Happening::default() };
        let story =
            [ready("a"), ready("b"), Happening { what: What::default(), ..Happening::default() }, ready("c")];
        let told: Vec<What> = super::merged(&story).into_iter().map(|h| h.what).collect();
        assert_eq!(
            told,
            [What::Ready { pod: "a, b".into() }, What::default(), What::Ready { pod: "c".into() }]
        );
    }

    #[test]
    fn only_the_latest_number_of_endpoints_is_told() {
        let reaches = |count| Happening {
            what: What::Endpoints { service: "web".into(), count },
            ..Happening::default()
        };
        let ready = |pod: &str| Happening { what: What::Ready { pod: pod.into() }, ..Happening::default() };
        let story = [ready("a"), reaches(1), ready("b"), reaches(2)];
        let told: Vec<What> = super::merged(&story).into_iter().map(|h| h.what).collect();
        let expect =
            [What::Ready { pod: "a, b".into() }, What::Endpoints { service: "web".into(), count: 2 }];
        assert_eq!(told, expect);
    }

    #[test]
    fn clocks() {
        assert_eq!(clock(161_000), "02:41");
        assert_eq!(clock(3_761_000), "1:02:41");
    }
}
