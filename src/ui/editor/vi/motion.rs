//! Where a motion leads, and whether an operator takes its end, stops before it, or takes whole lines. Pure.
//!
//! As vim's motion.txt describes them; the comparisons with real vim are in `tests`.

use super::Vi;
use super::command::{Find, Motion};
use super::pattern;
use crate::ui::editor::text::{Place, Text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Exclusive,
    Inclusive,
    Lines,
}

/// Word classes: blank, punctuation, word characters, and the scripts vim keeps apart.
pub fn class(c: Option<char>, big: bool) -> u8 {
    match c {
        None => 0,
        Some(c) if c.is_whitespace() => 0,
        Some(_) if big => 1,
        Some(c) if ('\u{ac00}'..='\u{d7a3}').contains(&c) => 3,
        Some(c) if ('\u{3040}'..='\u{9fff}').contains(&c) => 4,
        Some(c) if c.is_alphanumeric() || c == '_' => 2,
        Some(_) => 1,
    }
}

/// The place after, on the next line when needed; none at the end of the text.
fn after(text: &Text, at: Place) -> Option<Place> {
    let next = Place { column: at.column + 1, ..at };
    if next.column < text.line(at.line).len() {
        return Some(next);
    }
    (at.line < text.last_line()).then_some(Place { line: at.line + 1, column: 0 })
}

fn before(text: &Text, at: Place) -> Option<Place> {
    if at.column > 0 {
        return Some(Place { column: at.column - 1, ..at });
    }
    let line = at.line.checked_sub(1)?;
    Some(Place { line, column: text.line(line).len().saturating_sub(1) })
}

fn is_empty_line(text: &Text, at: Place) -> bool {
    text.line(at.line).is_empty()
}

pub fn word(text: &Text, mut at: Place, big: bool) -> Option<Place> {
    let start = class(text.char_at(at), big);
    let mut crossed = false;
    // Off the word the cursor is on.
    while start != 0 && class(text.char_at(at), big) == start {
        let next = after(text, at)?;
        crossed = next.line != at.line;
        at = next;
        if crossed {
            break;
        }
    }
    if !crossed && start == 0 {
        let next = after(text, at)?;
        crossed = next.line != at.line;
        at = next;
    }
    // Over blanks; an empty line is a word.
    while class(text.char_at(at), big) == 0 {
        if is_empty_line(text, at) && crossed {
            return Some(at);
        }
        let next = after(text, at)?;
        crossed = crossed || next.line != at.line;
        if is_empty_line(text, next) && next.line != at.line {
            return Some(next);
        }
        at = next;
    }
    Some(at)
}

pub fn word_back(text: &Text, mut at: Place, big: bool) -> Option<Place> {
    at = before(text, at)?;
    while class(text.char_at(at), big) == 0 {
        if is_empty_line(text, at) {
            return Some(at);
        }
        match before(text, at) {
            Some(place) => at = place,
            None => return Some(at),
        }
    }
    let here = class(text.char_at(at), big);
    while at.column > 0 && class(text.char_at(Place { column: at.column - 1, ..at }), big) == here {
        at.column -= 1;
    }
    Some(at)
}

pub fn word_end(text: &Text, mut at: Place, big: bool) -> Option<Place> {
    at = after(text, at)?;
    while class(text.char_at(at), big) == 0 {
        at = after(text, at)?;
    }
    Some(run_end(text, at, big))
}

/// The last character of the same kind as the one at `at`, on its line.
pub fn run_end(text: &Text, mut at: Place, big: bool) -> Place {
    let here = class(text.char_at(at), big);
    while class(text.char_at(Place { column: at.column + 1, ..at }), big) == here && here != 0 {
        at.column += 1;
    }
    at
}

fn word_end_back(text: &Text, mut at: Place, big: bool) -> Option<Place> {
    let here = class(text.char_at(at), big);
    while here != 0 && at.column > 0 && class(text.char_at(at), big) == here {
        at.column -= 1;
    }
    if here != 0 && at.column == 0 && class(text.char_at(at), big) == here {
        at = before(text, at)?;
    } else if here == 0 {
        at = before(text, at)?;
    }
    while class(text.char_at(at), big) == 0 && !is_empty_line(text, at) {
        at = before(text, at)?;
    }
    Some(at)
}

/// The target of f, F, t, T on the cursor's line.
fn find(text: &Text, at: Place, find: Find, count: usize, again: bool) -> Option<Place> {
    let line = text.line(at.line);
    let mut column = at.column;
    // `;` after t would stay before the same character.
    if again && find.before {
        let next = if find.forward { column.checked_add(1) } else { column.checked_sub(1) }?;
        if line.get(next) == Some(&find.target) {
            column = next;
        }
    }
    for _ in 0..count {
        column = if find.forward {
            column + 1 + line.get(column + 1..)?.iter().position(|c| *c == find.target)?
        } else {
            line[..column].iter().rposition(|c| *c == find.target)?
        };
    }
    let column = match (find.before, find.forward) {
        (true, true) => column - 1,
        (true, false) => column + 1,
        _ => column,
    };
    Some(Place { column, ..at })
}

fn paragraph(text: &Text, line: usize, forward: bool) -> Place {
    let mut line = line;
    let empty = |line: usize| text.line(line).is_empty();
    let step = |line: usize| {
        if forward { (line < text.last_line()).then_some(line + 1) } else { line.checked_sub(1) }
    };
    while empty(line) {
        match step(line) {
            Some(next) => line = next,
            None => break,
        }
    }
    while !empty(line) {
        match step(line) {
            Some(next) => line = next,
            None => {
                let column = if forward { text.line(line).len().saturating_sub(1) } else { 0 };
                return Place { line, column };
            }
        }
    }
    Place { line, column: 0 }
}

/// `%`: the bracket that belongs to the first one at or after the cursor.
fn matching(text: &Text, at: Place) -> Option<Place> {
    const PAIRS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];
    let line = text.line(at.line);
    let column =
        (at.column..line.len()).find(|c| PAIRS.iter().any(|(a, b)| line[*c] == *a || line[*c] == *b))?;
    let here = line[column];
    let (open, close) = *PAIRS.iter().find(|(a, b)| here == *a || here == *b)?;
    let forward = here == open;
    let mut place = Place { column, ..at };
    let mut depth = 0_usize;
    loop {
        match text.char_at(place) {
            Some(c) if c == open => depth = if forward { depth + 1 } else { depth - 1 },
            Some(c) if c == close => depth = if forward { depth - 1 } else { depth + 1 },
            _ => {}
        }
        if depth == 0 {
            return Some(place);
        }
        place = if forward { after(text, place)? } else { before(text, place)? };
    }
}

impl Vi {
    /// Where `motion` leads from the cursor; none when it leads nowhere (vim beeps).
    pub(super) fn reach(&mut self, motion: Motion, count: Option<usize>) -> Option<(Place, Reach)> {
        let n = count.unwrap_or(1);
        let at = self.cursor;
        let text = &self.text;
        let length = text.line(at.line).len();
        let line_at = |line: usize| Place {
            line,
            column: text.indent(line).min(text.line(line).len().saturating_sub(1)),
        };
        let repeat = |step: &dyn Fn(Place) -> Option<Place>| {
            let mut place = at;
            for done in 0..n {
                match step(place) {
                    Some(next) => place = next,
                    None if done == 0 => return None,
                    None => break,
                }
            }
            Some(place)
        };
        let (place, reach) = match motion {
            Motion::Left => (
                Place { column: at.column.checked_sub(1).map(|_| at.column.saturating_sub(n))?, ..at },
                Reach::Exclusive,
            ),
            Motion::Right => (Place { column: (at.column + n).min(length), ..at }, Reach::Exclusive),
            Motion::Up => (Place { line: at.line.checked_sub(n)?, column: self.aim }, Reach::Lines),
            Motion::Down => {
                let line = at.line + n;
                if line > text.last_line() {
                    return None;
                }
                (Place { line, column: self.aim }, Reach::Lines)
            }
            Motion::LineStart => (Place { column: 0, ..at }, Reach::Exclusive),
            Motion::FirstNonBlank => (line_at(at.line), Reach::Exclusive),
            Motion::LineEnd => {
                let line = (at.line + n - 1).min(text.last_line());
                (Place { line, column: text.line(line).len().saturating_sub(1) }, Reach::Inclusive)
            }
            Motion::Word { big } => {
                let mut place = at;
                for _ in 0..n {
                    place = match word(text, place, big) {
                        Some(next) => next,
                        None => {
                            let line = text.last_line();
                            let end = Place { line, column: text.line(line).len() };
                            if place == text.clamp(end, false)
                                && place == at
                                && length > 0
                                && n == 1
                                && text.line(line).len() == 1
                            {
                                return Some((end, Reach::Exclusive));
                            }
                            end
                        }
                    };
                }
                (place, Reach::Exclusive)
            }
            Motion::WordBack { big } => (repeat(&|p| word_back(text, p, big))?, Reach::Exclusive),
            Motion::WordEnd { big } => {
                let end = Place {
                    line: text.last_line(),
                    column: text.line(text.last_line()).len().saturating_sub(1),
                };
                (repeat(&|p| word_end(text, p, big)).unwrap_or(end), Reach::Inclusive)
            }
            Motion::WordEndBack { big } => {
                (repeat(&|p| word_end_back(text, p, big)).unwrap_or_default(), Reach::Inclusive)
            }
            Motion::FirstLine => (line_at(count.map_or(0, |n| n - 1).min(text.last_line())), Reach::Lines),
            Motion::LastLine => {
                (line_at(count.map_or(text.last_line(), |n| n - 1).min(text.last_line())), Reach::Lines)
            }
            Motion::Find(sought) => {
                let place = find(text, at, sought, n, false);
                self.find = Some(sought);
                (place?, if sought.forward { Reach::Inclusive } else { Reach::Exclusive })
            }
            Motion::FindAgain { reversed } => {
                let last = self.find?;
                let sought = Find { forward: last.forward != reversed, ..last };
                (
                    find(text, at, sought, n, true)?,
                    if sought.forward { Reach::Inclusive } else { Reach::Exclusive },
                )
            }
            Motion::ParagraphForward => {
                let place = (0..n).fold(at, |p, _| paragraph(text, p.line, true));
                let reach =
                    if text.line(place.line).is_empty() { Reach::Exclusive } else { Reach::Inclusive };
                (place, reach)
            }
            Motion::ParagraphBack => {
                ((0..n).fold(at, |p, _| paragraph(text, p.line, false)), Reach::Exclusive)
            }
            Motion::Match => (matching(text, at)?, Reach::Inclusive),
            Motion::ScreenTop => (line_at((self.top + n - 1).min(text.last_line())), Reach::Lines),
            Motion::ScreenMiddle => {
                let bottom = (self.top + self.rows - 1).min(text.last_line());
                (line_at((self.top + bottom) / 2), Reach::Lines)
            }
            Motion::ScreenBottom => {
                let bottom = (self.top + self.rows - 1).min(text.last_line());
                (line_at((bottom + 1).saturating_sub(n).max(self.top)), Reach::Lines)
            }
            Motion::Column => {
                (Place { column: (n - 1).min(length.saturating_sub(1)), ..at }, Reach::Exclusive)
            }
            Motion::NextLine => {
                if at.line + n > text.last_line() {
                    return None;
                }
                (line_at(at.line + n), Reach::Lines)
            }
            Motion::PreviousLine => (line_at(at.line.checked_sub(n)?), Reach::Lines),
            Motion::ThisLine => (line_at((at.line + n - 1).min(text.last_line())), Reach::Lines),
            Motion::Mark { name, lines } => {
                let place =
                    if matches!(name, '\'' | '`') { self.jumped_from } else { *self.marks.get(&name)? };
                let place = text.clamp(place, false);
                if lines { (line_at(place.line), Reach::Lines) } else { (place, Reach::Exclusive) }
            }
            Motion::SearchAgain { .. } | Motion::WordUnder { .. } => return self.search_motion(motion, n),
        };
        Some((place, reach))
    }

    fn search_motion(&mut self, motion: Motion, count: usize) -> Option<(Place, Reach)> {
        let forward = match motion {
            Motion::SearchAgain { reversed } => {
                let Some((_, forward)) = &self.search else {
                    self.fail("E35: No previous regular expression");
                    return None;
                };
                *forward != reversed
            }
            Motion::WordUnder { forward } => {
                let word = self.word_under()?;
                self.search = Some((pattern::whole_word(&word)?, forward));
                forward
            }
            _ => return None,
        };
        let (regex, _) = self.search.clone()?;
        let mut place = self.cursor;
        for _ in 0..count {
            match pattern::next(&self.text, &regex, place, forward) {
                Some((found, wrapped)) => {
                    place = found;
                    if wrapped {
                        let text = if forward {
                            "search hit BOTTOM, continuing at TOP"
                        } else {
                            "search hit TOP, continuing at BOTTOM"
                        };
                        self.fail(text);
                    }
                }
                None => {
                    self.fail(&format!("E486: Pattern not found: {}", self.last_pattern()));
                    return None;
                }
            }
        }
        Some((place, Reach::Exclusive))
    }

    /// The word at or after the cursor on its line.
    fn word_under(&self) -> Option<String> {
        let line = self.text.line(self.cursor.line);
        let is_word = |at: usize| class(line.get(at).copied(), false) >= 2;
        let mut start = (self.cursor.column..line.len()).find(|at| is_word(*at))?;
        while start > 0 && is_word(start - 1) {
            start -= 1;
        }
        let end = (start..line.len()).find(|at| !is_word(*at)).unwrap_or(line.len());
        Some(line[start..end].iter().collect())
    }
}
