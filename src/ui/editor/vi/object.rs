//! Text objects: `iw`, `a"`, `i(`, `ip` ... as ranges. Pure.

use super::motion::class;
use crate::ui::editor::text::{Place, Text};

/// From, to (not included), and whether whole lines are meant.
pub type Range = (Place, Place, bool);

pub fn range(text: &Text, at: Place, around: bool, kind: char) -> Option<Range> {
    match kind {
        'w' => word(text, at, around, false),
        'W' => word(text, at, around, true),
        '"' | '\'' | '`' => quoted(text, at, around, kind),
        '(' | ')' | 'b' => bracket(text, at, around, '(', ')'),
        '{' | '}' | 'B' => bracket(text, at, around, '{', '}'),
        '[' | ']' => bracket(text, at, around, '[', ']'),
        '<' | '>' => bracket(text, at, around, '<', '>'),
        'p' => paragraph(text, at, around),
        _ => None,
    }
}

fn word(text: &Text, at: Place, around: bool, big: bool) -> Option<Range> {
    let line = text.line(at.line);
    let here = class(Some(*line.get(at.column)?), big);
    let run_start = |from: usize, kind: u8| {
        (0..from).rev().take_while(|c| class(Some(line[*c]), big) == kind).last().unwrap_or(from)
    };
    let run_end = |from: usize, kind: u8| {
        (from..line.len()).find(|c| class(Some(line[*c]), big) != kind).unwrap_or(line.len())
    };
    let (mut start, mut end) = (run_start(at.column, here), run_end(at.column, here));
    if around {
        let next = line.get(end).map(|c| class(Some(*c), big));
        match (here, next) {
            (0, Some(kind)) => end = run_end(end, kind),
            (_, Some(0)) => end = run_end(end, 0),
            // No blank after the word: the one before it goes.
            _ if here != 0 => start = run_start(start, 0),
            _ => {}
        }
    }
    Some((Place { column: start, ..at }, Place { column: end, ..at }, false))
}

fn quoted(text: &Text, at: Place, around: bool, quote: char) -> Option<Range> {
    let line = text.line(at.line);
    let mut marks = Vec::new();
    let mut escaped = false;
    for (column, c) in line.iter().enumerate() {
        if *c == quote && !escaped {
            marks.push(column);
        }
        escaped = *c == '\\' && !escaped;
    }
    let pair = marks.chunks(2).find(|pair| pair.len() == 2 && at.column <= pair[1])?;
    let (mut start, mut end) = (pair[0], pair[1] + 1);
    if !around {
        return Some((Place { column: start + 1, ..at }, Place { column: end - 1, ..at }, false));
    }
    let blanks = line[end..].iter().take_while(|c| c.is_whitespace()).count();
    if blanks > 0 {
        end += blanks;
    } else {
        start -= line[..start].iter().rev().take_while(|c| c.is_whitespace()).count();
    }
    Some((Place { column: start, ..at }, Place { column: end, ..at }, false))
}

fn bracket(text: &Text, at: Place, around: bool, open: char, close: char) -> Option<Range> {
    // Outside of any: the next one on the line.
    let start = seek(text, at, close, open, false).or_else(|| {
        let line = text.line(at.line);
        let column = (at.column..line.len()).find(|c| line[*c] == open)?;
        Some(Place { column, ..at })
    })?;
    let end = seek(text, start, open, close, true)?;
    let after = |place: Place| Place { column: place.column + 1, ..place };
    if around {
        return Some((start, after(end), false));
    }
    let mut from = after(start);
    let mut to = end;
    // A bracket at the end of its line and one at the start of its line hold whole lines.
    let opens_line = from.column >= text.line(from.line).len() && from.line < to.line;
    if opens_line {
        from = Place { line: from.line + 1, column: 0 };
        if text.indent(to.line) == to.column && to.line > from.line {
            let line = to.line - 1;
            to = Place { line, column: text.line(line).len() };
            return Some((from, to, true));
        }
    }
    Some((from, to, false))
}

/// The unmatched `target` from `at`, counting `other` as its counterpart; the place itself counts.
fn seek(text: &Text, at: Place, other: char, target: char, forward: bool) -> Option<Place> {
    let mut depth = 0_usize;
    let mut place = at;
    loop {
        match text.char_at(place) {
            Some(c) if c == target && depth == 0 => return Some(place),
            Some(c) if c == target => {
                depth -= 1;
                if depth == 0 && forward {
                    return Some(place);
                }
            }
            Some(c) if c == other && (forward || place != at) => depth += 1,
            _ => {}
        }
        place = if forward {
            if place.column + 1 < text.line(place.line).len() {
                Place { column: place.column + 1, ..place }
            } else if place.line < text.last_line() {
                Place { line: place.line + 1, column: 0 }
            } else {
                return None;
            }
        } else if place.column > 0 {
            Place { column: place.column - 1, ..place }
        } else {
            let line = place.line.checked_sub(1)?;
            Place { line, column: text.line(line).len().saturating_sub(1) }
        };
    }
}

fn paragraph(text: &Text, at: Place, around: bool) -> Option<Range> {
    let empty = |line: usize| text.line(line).iter().all(|c| c.is_whitespace());
    let kind = empty(at.line);
    let mut start = at.line;
    while start > 0 && empty(start - 1) == kind {
        start -= 1;
    }
    let mut end = at.line;
    while end < text.last_line() && empty(end + 1) == kind {
        end += 1;
    }
    if around {
        let before = end;
        while end < text.last_line() && empty(end + 1) != kind {
            end += 1;
        }
        if end == before {
            while start > 0 && empty(start - 1) != kind {
                start -= 1;
            }
        }
    }
    Some((Place { line: start, column: 0 }, Place { line: end, column: text.line(end).len() }, true))
}
