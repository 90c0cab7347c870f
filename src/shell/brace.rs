//! Brace expansion: one word to several, before anything else is expanded. Only unquoted text takes part;
//! quotations and substitutions pass through whole.

use super::syntax::ast::{Part, Word};

/// Words one brace expression may make.
pub const MAX_WORDS: usize = 100_000;

/// A character of unquoted text, or a part that is carried along.
#[derive(Clone)]
enum Atom {
    Char(char),
    Part(Part),
}

/// The words a word stands for. `Err` is bash's message when there would be too many.
pub fn expand(word: &Word) -> Result<Vec<Word>, String> {
    let has_brace = word.parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('{')));
    if !has_brace {
        return Ok(vec![word.clone()]);
    }
    let mut atoms = Vec::new();
    for part in &word.parts {
        match part {
            Part::Literal(text) => atoms.extend(text.chars().map(Atom::Char)),
            other => atoms.push(Atom::Part(other.clone())),
        }
    }
    let expanded = expand_atoms(&atoms, 0)?;
    Ok(expanded.into_iter().map(|atoms| to_word(atoms, word)).collect())
}

fn to_word(atoms: Vec<Atom>, original: &Word) -> Word {
    let mut parts: Vec<Part> = Vec::new();
    for atom in atoms {
        match atom {
            Atom::Char(c) => match parts.last_mut() {
                Some(Part::Literal(text)) => text.push(c),
                _ => parts.push(Part::Literal(c.to_string())),
            },
            Atom::Part(part) => parts.push(part),
        }
    }
    Word { parts, raw: original.raw.clone() }
}

const MAX_DEPTH: usize = 60;

fn expand_atoms(atoms: &[Atom], depth: usize) -> Result<Vec<Vec<Atom>>, String> {
    let mut from = 0;
    while let Some(open) = find(atoms, from, '{').filter(|_| depth < MAX_DEPTH) {
        let Some(close) = matching(atoms, open) else {
            from = open + 1;
            continue;
        };
        let inner = &atoms[open + 1..close];
        let commas = top_level_commas(inner);
        let middles = if commas.is_empty() {
            match sequence(inner)? {
                Some(items) => items,
                None => {
                    from = open + 1;
                    continue;
                }
            }
        } else {
            let mut middles = Vec::new();
            let mut start = 0;
            for end in commas.into_iter().chain([inner.len()]) {
                middles.extend(expand_atoms(&inner[start..end], depth + 1)?);
                start = end + 1;
            }
            middles
        };
        let tails = expand_atoms(&atoms[close + 1..], depth + 1)?;
        let total = middles.len().saturating_mul(tails.len());
        if total > MAX_WORDS {
            return Err(too_many(total));
        }
        let mut words = Vec::with_capacity(total);
        for middle in &middles {
            for tail in &tails {
                words.push([&atoms[..open], middle.as_slice(), tail.as_slice()].concat());
            }
        }
        return Ok(words);
    }
    Ok(vec![atoms.to_vec()])
}

fn too_many(count: usize) -> String {
    format!("brace expansion: failed to allocate memory for {count} elements")
}

fn find(atoms: &[Atom], from: usize, wanted: char) -> Option<usize> {
    (from..atoms.len()).find(|&i| matches!(atoms[i], Atom::Char(c) if c == wanted))
}

fn matching(atoms: &[Atom], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (i, atom) in atoms.iter().enumerate().skip(open) {
        match atom {
            Atom::Char('{') => depth += 1,
            Atom::Char('}') if depth == 1 => return Some(i),
            Atom::Char('}') => depth -= 1,
            _ => {}
        }
    }
    None
}

fn top_level_commas(atoms: &[Atom]) -> Vec<usize> {
    let mut depth = 0usize;
    let mut commas = Vec::new();
    for (i, atom) in atoms.iter().enumerate() {
        match atom {
            Atom::Char('{') => depth += 1,
            Atom::Char('}') => depth = depth.saturating_sub(1),
            Atom::Char(',') if depth == 0 => commas.push(i),
            _ => {}
        }
    }
    commas
}

/// `{1..5}`, `{a..e..2}`, `{01..10}`.
fn sequence(atoms: &[Atom]) -> Result<Option<Vec<Vec<Atom>>>, String> {
    let mut text = String::new();
    for atom in atoms {
        match atom {
            Atom::Char(c) => text.push(*c),
            Atom::Part(_) => return Ok(None),
        }
    }
    let fields: Vec<&str> = text.split("..").collect();
    let (first, last, step) = match fields.as_slice() {
        [first, last] => (*first, *last, 1i64),
        [first, last, step] => match step.parse::<i64>() {
            Ok(step) => (*first, *last, step),
            Err(_) => return Ok(None),
        },
        _ => return Ok(None),
    };
    let one_char = |text: &str| text.chars().next().filter(|c| text.len() == 1 && c.is_ascii_alphabetic());
    let (low, high, width, letters) = match (first.parse::<i64>(), last.parse::<i64>()) {
        (Ok(low), Ok(high)) => {
            let digits = |text: &str| {
                text.trim_start_matches('-').starts_with('0') && text.trim_start_matches('-').len() > 1
            };
            let padded = digits(first) || digits(last);
            (low, high, if padded { first.len().max(last.len()) } else { 0 }, false)
        }
        _ => match (one_char(first), one_char(last)) {
            (Some(low), Some(high)) => (low as i64, high as i64, 0, true),
            _ => return Ok(None),
        },
    };
    let step = step.unsigned_abs().max(1);
    let count = (high.abs_diff(low) / step).saturating_add(1);
    if count > MAX_WORDS as u64 {
        return Err(too_many(count.min(usize::MAX as u64) as usize));
    }
    let step = step as i64;
    let items = (0..count as i64).map(|i| if high >= low { low + i * step } else { low - i * step });
    let show = |value: i64| match letters {
        true => char::from(value as u8).to_string(),
        false if value < 0 => format!("-{:0width$}", value.unsigned_abs(), width = width.saturating_sub(1)),
        false => format!("{value:0width$}"),
    };
    Ok(Some(items.map(|value| show(value).chars().map(Atom::Char).collect()).collect()))
}

#[cfg(test)]
mod tests {
    use super::super::syntax::ast::{Part, Word};

    fn check(text: &str, expect: &str) {
        let word = Word { parts: vec![Part::Literal(text.into())], raw: text.into() };
        let got = match super::expand(&word) {
            Ok(words) => {
                let texts: Vec<&str> = words.iter().map(|word| word.literal().unwrap_or("")).collect();
                texts.join(" ")
            }
            Err(message) => message,
        };
        assert_eq!(got, expect, "for: {text}");
    }

    #[test]
    fn braces() {
        check("a{b,c}d", "abd acd");
        check("{1..3}", "1 2 3");
        check("{3..1}", "3 2 1");
        check("{01..03}", "01 02 03");
        check("{a..e..2}", "a c e");
        check("x{1,{a,b}}{y,z}", "x1y x1z xay xaz xby xbz");
        check("{a}", "{a}");
        check("{a,b", "{a,b");
        check("a{,x}", "a ax");
        check("{{1..2},z}", "1 2 z");
        check("{}", "{}");
        check("{-1..1}", "-1 0 1");
        check("{1..9999999}", "brace expansion: failed to allocate memory for 9999999 elements");
    }
}
