//! Shell patterns: `*`, `?`, `[...]`, and with extglob `?(..) *(..) +(..) @(..) !(..)`. Pure matching of text;
//! file names are the business of `glob`.

/// Steps one match may take; a pattern made to explode does not match, rather than hang.
const MAX_STEPS: usize = 400_000;

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Char(char),
    Any,
    Star,
    Class { negated: bool, ranges: Vec<(char, char)>, named: Vec<String> },
    Group { kind: char, options: Vec<Vec<Node>> },
}

/// A pattern ready to match. In its source, a backslash makes the next character ordinary.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    nodes: Vec<Node>,
    ignore_case: bool,
}

impl Pattern {
    pub fn new(source: &str, extglob: bool) -> Self {
        let chars: Vec<char> = source.chars().collect();
        let mut at = 0;
        let nodes = compile(&chars, &mut at, extglob, false);
        Pattern { nodes, ignore_case: false }
    }

    pub fn ignoring_case(mut self, ignore: bool) -> Self {
        self.ignore_case = ignore;
        self
    }

    /// The text it stands for, when it has no special character.
    pub fn as_literal(&self) -> Option<String> {
        self.nodes.iter().map(|node| if let Node::Char(c) = node { Some(*c) } else { None }).collect()
    }

    pub fn matches(&self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        let mut found = false;
        self.ends(&chars, 0, &mut |end| {
            found |= end == chars.len();
            found
        });
        found
    }

    /// Where a match that begins at `start` may end: the shortest or the longest one.
    pub fn match_at(&self, text: &[char], start: usize, longest: bool) -> Option<usize> {
        let mut best: Option<usize> = None;
        self.ends(text, start, &mut |end| {
            best = Some(match best {
                None => end,
                Some(other) if longest => other.max(end),
                Some(other) => other.min(end),
            });
            (longest && end == text.len()) || (!longest && end == start)
        });
        best
    }

    fn ends(&self, text: &[char], start: usize, visit: &mut dyn FnMut(usize) -> bool) {
        let mut matcher = Matcher { text, ignore_case: self.ignore_case, steps: 0 };
        matcher.run(&self.nodes, start, &mut |_, end| visit(end));
    }
}

/// Whether the text has an unescaped character that makes it a pattern.
pub fn has_specials(source: &str, extglob: bool) -> bool {
    let mut chars = source.chars().peekable();
    let mut open = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '*' | '?' => return true,
            '[' => open = true,
            ']' if open => return true,
            '@' | '+' | '!' if extglob && chars.peek() == Some(&'(') => return true,
            _ => {}
        }
    }
    false
}

/// Makes every character of the text ordinary.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "*?[]\\@+!()|".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn compile(chars: &[char], at: &mut usize, extglob: bool, in_group: bool) -> Vec<Node> {
    let mut nodes = Vec::new();
    while let Some(&c) = chars.get(*at) {
        if in_group && matches!(c, '|' | ')') {
            break;
        }
        *at += 1;
        let group = extglob && "?*+@!".contains(c) && chars.get(*at) == Some(&'(');
        if group && let Some(node) = compile_group(c, chars, at) {
            nodes.push(node);
            continue;
        }
        nodes.push(match c {
            '*' => Node::Star,
            '?' => Node::Any,
            '\\' => {
                let next = chars.get(*at).copied();
                *at += usize::from(next.is_some());
                Node::Char(next.unwrap_or('\\'))
            }
            '[' => match compile_class(chars, *at) {
                Some((node, end)) => {
                    *at = end;
                    node
                }
                None => Node::Char('['),
            },
            c => Node::Char(c),
        });
    }
    nodes
}

fn compile_group(kind: char, chars: &[char], at: &mut usize) -> Option<Node> {
    let mut inner = *at + 1;
    let mut options = Vec::new();
    loop {
        options.push(compile(chars, &mut inner, true, true));
        match chars.get(inner) {
            Some('|') => inner += 1,
            Some(_) => break,
            None => return None,
        }
    }
    *at = inner + 1;
    Some(Node::Group { kind, options })
}

fn compile_class(chars: &[char], mut at: usize) -> Option<(Node, usize)> {
    let negated = matches!(chars.get(at), Some('!' | '^'));
    at += usize::from(negated);
    let (mut ranges, mut named) = (Vec::new(), Vec::new());
    let first = at;
    loop {
        let c = *chars.get(at)?;
        if c == ']' && at > first {
            return Some((Node::Class { negated, ranges, named }, at + 1));
        }
        if c == '['
            && chars.get(at + 1) == Some(&':')
            && let Some(len) = chars[at + 2..].windows(2).position(|pair| pair == [':', ']'])
        {
            named.push(chars[at + 2..at + 2 + len].iter().collect());
            at += len + 4;
            continue;
        }
        let low = if c == '\\' {
            at += 1;
            *chars.get(at)?
        } else {
            c
        };
        at += 1;
        let is_range = chars.get(at) == Some(&'-') && chars.get(at + 1).is_some_and(|c| *c != ']');
        let high = if is_range {
            at += 1;
            let c = *chars.get(at)?;
            let high = if c == '\\' {
                at += 1;
                *chars.get(at)?
            } else {
                c
            };
            at += 1;
            high
        } else {
            low
        };
        ranges.push((low, high));
    }
}

/// A character class by its POSIX name.
pub fn in_named_class(name: &str, c: char) -> bool {
    match name {
        "alpha" => c.is_alphabetic(),
        "digit" => c.is_ascii_digit(),
        "alnum" => c.is_alphanumeric(),
        "upper" => c.is_uppercase(),
        "lower" => c.is_lowercase(),
        "space" => c.is_whitespace(),
        "blank" => c == ' ' || c == '\t',
        "punct" => c.is_ascii_punctuation(),
        "cntrl" => c.is_control(),
        "xdigit" => c.is_ascii_hexdigit(),
        "print" => !c.is_control(),
        "graph" => !c.is_control() && !c.is_whitespace(),
        "word" => c.is_alphanumeric() || c == '_',
        _ => false,
    }
}

struct Matcher<'a> {
    text: &'a [char],
    ignore_case: bool,
    steps: usize,
}

/// Called with every end of a match; true stops the search.
type Visit<'v> = &'v mut dyn FnMut(&mut Matcher<'_>, usize) -> bool;

impl Matcher<'_> {
    fn run(&mut self, nodes: &[Node], at: usize, visit: Visit<'_>) -> bool {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return true;
        }
        let Some((node, rest)) = nodes.split_first() else { return visit(self, at) };
        match node {
            Node::Star if rest.is_empty() => (at..=self.text.len()).rev().any(|end| visit(self, end)),
            Node::Star => (at..=self.text.len()).any(|end| self.run(rest, end, visit)),
            Node::Group { kind, options } => self.group(*kind, options, rest, at, visit),
            single => match self.text.get(at) {
                Some(&c) if self.one(single, c) => self.run(rest, at + 1, visit),
                _ => false,
            },
        }
    }

    fn one(&self, node: &Node, c: char) -> bool {
        let same = |a: char, b: char| a == b || (self.ignore_case && a.to_lowercase().eq(b.to_lowercase()));
        match node {
            Node::Char(expected) => same(*expected, c),
            Node::Any => true,
            Node::Class { negated, ranges, named } => {
                let within = |c: char| {
                    ranges.iter().any(|(low, high)| (*low..=*high).contains(&c))
                        || named.iter().any(|name| in_named_class(name, c))
                };
                let hit = within(c)
                    || (self.ignore_case && (c.to_lowercase().any(within) || c.to_uppercase().any(within)));
                hit != *negated
            }
            Node::Star | Node::Group { .. } => false,
        }
    }

    fn group(
        &mut self,
        kind: char,
        options: &[Vec<Node>],
        rest: &[Node],
        at: usize,
        visit: Visit<'_>,
    ) -> bool {
        match kind {
            '!' => {
                let mut matched = vec![false; self.text.len() + 1];
                for option in options {
                    self.run(option, at, &mut |_, end| {
                        matched[end] = true;
                        false
                    });
                }
                (at..=self.text.len()).any(|end| !matched[end] && self.run(rest, end, visit))
            }
            '@' => options
                .iter()
                .any(|option| self.run(option, at, &mut |matcher, end| matcher.run(rest, end, visit))),
            '?' => {
                self.run(rest, at, visit)
                    || options.iter().any(|option| {
                        self.run(option, at, &mut |matcher, end| end > at && matcher.run(rest, end, visit))
                    })
            }
            _ => {
                // `*` and `+`: every place reachable by repeating, then the rest from each.
                let mut reached = vec![false; self.text.len() + 1];
                let mut open = vec![at];
                while let Some(from) = open.pop() {
                    for option in options {
                        let mut found = Vec::new();
                        self.run(option, from, &mut |_, end| {
                            found.push(end);
                            false
                        });
                        for end in found {
                            if !std::mem::replace(&mut reached[end], true) {
                                open.push(end);
                            }
                        }
                    }
                }
                if kind == '*' {
                    reached[at] = true;
                }
                (at..=self.text.len()).any(|end| reached[end] && self.run(rest, end, visit))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let compiled = Pattern::new(pattern, true);
        for text in yes {
            assert!(compiled.matches(text), "{pattern} should match {text}");
        }
        for text in no {
            assert!(!compiled.matches(text), "{pattern} should not match {text}");
        }
    }

    #[test]
    fn matching() {
        check("*.txt", &["a.txt", ".txt"], &["a.txtx", "txt"]);
        check("a?c", &["abc"], &["ac", "abbc"]);
        check("[a-c]x[!0-9]", &["axb", "cxz"], &["dxb", "ax1"]);
        check("[[:upper:]]*[]x]", &["Abx", "A]"], &["abx", "Ab"]);
        check("\\*a", &["*a"], &["ba"]);
        check("[", &["["], &["a"]);
        check("@(foo|bar).c", &["foo.c", "bar.c"], &["baz.c", ".c"]);
        check("+(ab)", &["ab", "abab"], &["", "aba"]);
        check("*(ab|c)d", &["d", "abcd"], &["bd"]);
        check("?(x)y", &["y", "xy"], &["xxy"]);
        check("!(a*)", &["b", ""], &["a", "ab"]);
        check("*a*b*c", &["xaxbxc", "abc"], &["acb"]);
    }

    #[test]
    fn exploding_patterns_end() {
        check(&"*a".repeat(30), &[], &[&"a".repeat(29), &format!("{}b", "a".repeat(200))]);
    }

    #[test]
    fn shortest_and_longest() {
        let text: Vec<char> = "a/b/c".chars().collect();
        let pattern = Pattern::new("*/", false);
        assert_eq!(pattern.match_at(&text, 0, false), Some(2));
        assert_eq!(pattern.match_at(&text, 0, true), Some(4));
    }
}
