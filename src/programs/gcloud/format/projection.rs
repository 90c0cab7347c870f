//! Format expressions: a format's name, its attributes, and the columns of its projection. A command's own expression
//! comes first, the user's behind it: what the first says about a key still holds in the second. Must never print.
//!
//! As resource_projection_parser.py of the real client.

use std::collections::BTreeMap;

use super::lexer::{Key, Lexer, Part};
use super::transform::{self, Calls};

/// A format that was understood.
#[derive(Debug, Default)]
pub struct Format {
    /// `table`, `json` ...
    pub name: String,
    /// `[box,title=X]`.
    pub attributes: BTreeMap<String, String>,
    /// In their order.
    pub columns: Vec<Column>,
    /// Columns that were hidden by being replaced: their labels still name keys.
    pub aliases: BTreeMap<String, Column>,
}

/// A column, or a part of the projected resource.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// Where the value is.
    pub key: Key,
    /// Its heading.
    pub label: String,
    /// What is done to it.
    pub transforms: Calls,
    /// Whether the transforms come from the command's own expression.
    pub inherited: bool,
    /// `left`, `right` or `center`.
    pub align: String,
    /// Whether it is left out when it has no data.
    pub optional: bool,
    /// Its place in the order by which rows are sorted.
    pub sort: Option<i64>,
    /// Whether that order is turned round.
    pub reverse: bool,
    /// A format of its own.
    pub subformat: Option<String>,
    /// A least width.
    pub width: usize,
}

/// Understands an expression.
///
/// # Errors
/// What cannot be read, with a mark where.
pub fn parse(expression: &str) -> Result<Format, String> {
    let mut parser = Parser {
        lexer: Lexer::new(expression),
        format: Format::default(),
        known: Vec::new(),
        labels: Vec::new(),
    };
    parser.parse()?;
    Ok(parser.format)
}

struct Parser {
    lexer: Lexer,
    format: Format,
    /// What was said about keys so far.
    known: Vec<Column>,
    /// Headings that were made from keys.
    labels: Vec<String>,
}

impl Parser {
    fn parse(&mut self) -> Result<(), String> {
        while self.lexer.skip_space() {
            if self.lexer.take("(").is_some() {
                self.format.columns.clear();
                for column in &mut self.known {
                    column.inherited = true;
                }
                self.keys()?;
            } else if self.lexer.take("[").is_some() {
                self.attributes()?;
            } else {
                let here = self.lexer.position();
                let name = self.lexer.token(":([", false)?.unwrap_or_default();
                if name.is_empty() || !name.chars().all(char::is_alphabetic) {
                    return self.lexer.fail("Name expected", here);
                }
                if !self.format.name.is_empty() {
                    self.format.attributes.clear();
                    self.format.columns.clear();
                    for column in &mut self.known {
                        column.inherited = true;
                    }
                }
                self.format.name = name;
            }
        }
        Ok(())
    }

    fn attributes(&mut self) -> Result<(), String> {
        loop {
            let name = self.lexer.token("=,])", false)?;
            if let Some(name) = name {
                let value = match self.lexer.need("=")? {
                    Some(_) => self.lexer.token(",])", false)?.unwrap_or_default(),
                    None => "1".to_owned(),
                };
                let opposite = name.strip_prefix("no-").map_or_else(|| format!("no-{name}"), str::to_owned);
                self.format.attributes.remove(&opposite);
                self.format.attributes.insert(name, value.replace("\\n", "\n").replace("\\t", "\t"));
            }
            if self.lexer.need("]")?.is_some() {
                return Ok(());
            }
            if self.lexer.need(",")?.is_none() {
                return self.lexer.fail("Expected ] in attribute list", self.lexer.position());
            }
        }
    }

    fn keys(&mut self) -> Result<(), String> {
        if self.lexer.need(")")?.is_some() {
            return Ok(());
        }
        loop {
            self.key()?;
            self.lexer.skip_space();
            if self.lexer.need(")")?.is_some() {
                return Ok(());
            }
            if self.lexer.need(",")?.is_none() {
                let here = self.lexer.position();
                return self.lexer.fail("Expected ) in projection expression", here);
            }
        }
    }

    fn key(&mut self) -> Result<(), String> {
        let mut key = self.lexer.key()?;
        let mut calls = Calls::default();
        if self.lexer.take("(").is_some() {
            let Some(Part::Name(name)) = key.pop() else {
                let here = self.lexer.position();
                return self.lexer.fail("Transform function expected", here);
            };
            calls = transform::parse(&mut self.lexer, name)?;
        }
        // A heading of the command's own expression may stand for its key.
        let alias = match key.as_slice() {
            [Part::Name(name)] => self.format.aliases.get(name).cloned(),
            _ => None,
        };
        let mut column = Column { key, ..Column::default() };
        if let Some(alias) = alias {
            column = Column { inherited: false, ..alias };
        }
        column.transforms.extend(calls);
        let own = !column.transforms.is_empty();
        let mut said = Said::default();
        self.lexer.skip_space();
        if self.lexer.take(":").is_some() {
            self.key_attributes(&mut column, &mut said)?;
        }
        self.add(column, own, &said);
        Ok(())
    }

    /// Puts a column in, with what is known about its key.
    fn add(&mut self, mut column: Column, own: bool, said: &Said) {
        // Of the whole resource, only what is not computed otherwise inherits.
        let known = self.known.iter().position(|k| k.key == column.key && !(own && k.key.is_empty()));
        if let Some(known) = known.and_then(|at| self.known.get(at)) {
            if !own {
                column.transforms = known.transforms.clone();
                column.inherited = known.inherited;
            }
            if column.label.is_empty() && !said.label {
                column.label.clone_from(&known.label);
            }
            if column.align.is_empty() {
                column.align.clone_from(&known.align);
            }
            if column.sort.is_none() {
                (column.sort, column.reverse) = (known.sort, known.reverse);
            }
        }
        if column.label.is_empty() && !said.label {
            column.label = self.heading(&column);
        }
        self.format.aliases.insert(column.label.clone(), column.clone());
        match known {
            Some(at) if self.format.columns.iter().all(|c| c.key != column.key) => {
                self.known[at] = column.clone()
            }
            Some(_) => {}
            None => self.known.push(column.clone()),
        }
        self.format.columns.push(column);
    }

    /// A heading from the key's last names, as many as make it different from the others.
    fn heading(&mut self, column: &Column) -> String {
        let mut names: Vec<String> = column
            .key
            .iter()
            .filter_map(|part| match part {
                Part::Name(name) => Some(name.clone()),
                _ => None,
            })
            .collect();
        if names.is_empty() {
            names = column.transforms.words();
        }
        let mut label = String::new();
        for name in names.iter().rev() {
            let snake = angry_snake(name);
            label = if label.is_empty() { snake } else { format!("{snake}_{label}") };
            if !self.labels.contains(&label) {
                self.labels.push(label.clone());
                break;
            }
        }
        label
    }

    fn key_attributes(&mut self, column: &mut Column, said: &mut Said) -> Result<(), String> {
        loop {
            let name = self.lexer.token("=:,)", false)?.unwrap_or_default();
            let here = self.lexer.position();
            let value = match self.lexer.take("=") {
                Some(_) => Some(self.lexer.token(":,)", false)?.unwrap_or_default()),
                None => None,
            };
            let (bare, set) = name.strip_prefix("no-").map_or((name.as_str(), true), |bare| (bare, false));
            match (bare, value) {
                ("optional", None) => column.optional = set,
                ("reverse", None) => column.reverse = set,
                ("optional" | "reverse", Some(_)) => return self.lexer.fail("value not expected", here),
                ("wrap", _) => {}
                (_, None) => return self.lexer.fail("value expected", here),
                ("alias", Some(value)) => drop(self.format.aliases.insert(value, column.clone())),
                ("align", Some(value)) if ["left", "right", "center"].contains(&value.as_str()) => {
                    column.align = value
                }
                ("align", Some(_)) => return self.lexer.fail("Unknown alignment", here),
                ("format", Some(value)) => column.subformat = Some(value),
                ("label", Some(value)) => {
                    column.label = value;
                    said.label = true;
                }
                ("sort", Some(value)) => column.sort = Some(value.parse().unwrap_or(1)),
                ("width", Some(value)) => column.width = value.parse().unwrap_or(0),
                (_, Some(_)) => return self.lexer.fail("Unknown key attribute", here),
            }
            if self.lexer.need(":")?.is_none() {
                return Ok(());
            }
        }
    }
}

/// What was said about a column explicitly.
#[derive(Default)]
struct Said {
    label: bool,
}

/// `someName` as `SOME_NAME`.
fn angry_snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut text = String::new();
    let mut upper_run = false;
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|b| chars.get(b));
        let after_low = before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let before_low = chars.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase()
            && (after_low || (at > 0 && before_low && !upper_run))
            && !text.ends_with('_')
        {
            text.push('_');
        }
        upper_run = c.is_ascii_uppercase() && (after_low || upper_run);
        text.extend(c.to_uppercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, expect: &[&str]) {
        let format = parse(expression).expect(expression);
        let labels: Vec<&str> = format.columns.iter().map(|c| c.label.as_str()).collect();
        assert_eq!(labels, expect, "{expression}");
    }

    #[test]
    fn headings_come_from_keys_and_differ() {
        check("table(name,networkInterfaces[0].natIP,pools[].name)", &["NAME", "NAT_IP", "POOLS_NAME"]);
        check("table(external_ip():label=IP,firstof(a,b))", &["IP", "B"]);
        check("table(name,n:label=NUM) value(NUM)", &["NUM"]);
    }

    #[test]
    fn what_a_command_says_about_a_key_still_holds() {
        let format = parse("table(zone.basename():label=WHERE) csv(zone)").expect("a format");
        assert_eq!((format.name.as_str(), format.columns[0].label.as_str()), ("csv", "WHERE"));
        assert!(format.columns[0].inherited && !format.columns[0].transforms.is_empty());
    }

    #[test]
    fn errors_show_where() {
        let text = |expression: &str| parse(expression).err().unwrap_or_default();
        assert_eq!(text("value(name"), "More tokens expected [value(name *HERE*].");
        assert_eq!(text("value(a:foo=1)"), "Unknown key attribute [value(a:foo *HERE* =1)].");
        assert_eq!(
            text("value(a.nosuch())"),
            "Unknown transform function nosuch [value(a.nosuch( *HERE* ))]."
        );
    }
}
