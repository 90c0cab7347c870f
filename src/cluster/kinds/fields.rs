//! What the API's OpenAPI description says of every field: its type, whether it is required, its words. Must never
//! be consulted to decide what an object means; that is the types' and the validation's business.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::table::Resource;

const TEXT: &str = include_str!("../../../assets/kubernetes/fields.txt");

/// The lines of a type or an enumeration, by its name.
static SECTIONS: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(sections);

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape(&'static str);

/// One level of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// `string`, `integer`, `number`, `boolean`, or `Object` of unknown fields.
    Basic(&'static str),
    /// A string that is one of the values of this enumeration.
    OneOf(&'static str),
    /// A type with a name, such as `core.v1.PodSpec`.
    Named(&'static str),
    List(Shape),
    /// A map with text keys.
    Map(Shape),
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: &'static str,
    pub required: bool,
    pub shape: Shape,
    /// Its words, without those of its type.
    pub text: String,
}

/// A type with a name.
#[derive(Debug, Clone)]
pub struct Type {
    /// `object`, `string`, or nothing for what may be of several types.
    pub base: &'static str,
    pub text: String,
    pub fields: Vec<Field>,
}

impl Shape {
    pub fn level(self) -> Level {
        let text = self.0;
        let rest = |mark: &str| text.strip_prefix(mark);
        None.or_else(|| rest("[]").map(|of| Level::List(Shape(of))))
            .or_else(|| rest("map[string]").map(|of| Level::Map(Shape(of))))
            .or_else(|| rest("@").map(Level::Named))
            .or_else(|| rest("=").map(Level::OneOf))
            .unwrap_or(Level::Basic(text))
    }
}

/// The name of a resource's type: `apps.v1.Deployment`.
pub fn type_of(resource: &Resource) -> String {
    let group = resource.group.split('.').next().filter(|group| !group.is_empty()).unwrap_or("core");
    format!("{group}.{}.{}", resource.version, resource.kind)
}

/// A type by its name.
pub fn find(name: &str) -> Option<Type> {
    let (head, lines) = SECTIONS.get(name)?.split_once('\n')?;
    let mut head = head.split('\t').skip(1);
    Some(Type {
        base: head.next().unwrap_or_default(),
        text: unescape(head.next().unwrap_or_default()),
        fields: lines.lines().filter_map(field).collect(),
    })
}

/// The values of an enumeration, each with its words.
pub fn values(enumeration: &str) -> Vec<(&'static str, String)> {
    let Some((_, lines)) = SECTIONS.get(enumeration).and_then(|section| section.split_once('\n')) else {
        return Vec::new();
    };
    lines
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(value, text)| (value, unescape(text)))
        .collect()
}

fn field(line: &'static str) -> Option<Field> {
    let mut cells = line.split('\t');
    let (name, shape, text) = (cells.next()?, cells.next()?, cells.next().unwrap_or_default());
    let bare = name.trim_end_matches('!');
    Some(Field { name: bare, required: bare != name, shape: Shape(shape), text: unescape(text) })
}

fn sections() -> BTreeMap<&'static str, &'static str> {
    let mut begins: Vec<usize> = TEXT.match_indices('\n').map(|(at, _)| at + 1).collect();
    begins.retain(|at| TEXT[*at..].starts_with([':', '=']));
    let ends = begins.iter().skip(1).copied().chain([TEXT.len()]);
    let section = |(from, to): (&usize, usize)| {
        let section = &TEXT[*from..to];
        (section[1..].split(['\t', '\n']).next().unwrap_or_default(), section)
    };
    begins.iter().zip(ends).map(section).collect()
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::table::RESOURCES;
    use super::{Level, find, type_of, values};

    #[test]
    fn every_resource_and_every_mentioned_type_is_described() {
        let mut todo: Vec<String> = RESOURCES.iter().map(type_of).collect();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(name) = todo.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let Some(found) = find(&name) else { panic!("{name} is not described") };
            for field in found.fields {
                let mut shape = field.shape;
                while let Level::List(of) | Level::Map(of) = shape.level() {
                    shape = of;
                }
                match shape.level() {
                    Level::Named(of) => todo.push(of.to_owned()),
                    Level::OneOf(of) => assert!(!values(of).is_empty(), "{of} has no values"),
                    _ => {}
                }
            }
        }
        assert!(seen.contains("core.v1.PodSpec"));
    }
}
