//! `--filter`: the expression language over resources. As resource_filter.py and resource_expr.py of the real client.
//! Must never print.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::format::lexer::{Key, Lexer, Part, key_name};
use super::format::projection::Format;
use super::format::property::{self, is_something};

const OPERATORS: &[&str] = &["=", ":", "!=", "<", "<=", ">", ">=", "~", "!~"];
const LOGICAL: &[&str] = &["AND", "OR", "NOT"];
/// Deepest nesting of parentheses.
const DEPTH: usize = 64;

/// An expression that was understood.
pub enum Expression {
    /// Everything.
    True,
    /// Both.
    And(Box<Expression>, Box<Expression>),
    /// One or both.
    Or(Box<Expression>, Box<Expression>),
    /// The opposite.
    Not(Box<Expression>),
    /// Text anywhere in the resource.
    Anywhere(String),
    /// A key compared with operands.
    Term(Key, &'static str, Vec<String>),
}

/// Understands an expression; labels of a format's columns may stand for their keys.
///
/// # Errors
/// What cannot be read, with a mark where.
pub fn parse(text: &str, format: Option<&Format>) -> Result<Expression, String> {
    let mut parser = Parser { lexer: Lexer::new(text), format, depth: 0 };
    let tree = parser.expression(false)?;
    if !parser.lexer.at_end() {
        let here = parser.lexer.position();
        return Err(format!("Unexpected tokens [{}] in expression.", parser.lexer.annotate(here)));
    }
    Ok(tree.unwrap_or(Expression::True))
}

/// Whether an expression given as text holds for a resource.
///
/// # Errors
/// What cannot be read.
pub fn holds(text: &str, item: &Value) -> Result<bool, String> {
    Ok(parse(text, None)?.holds(item))
}

type Parsed = Result<Option<Expression>, String>;

struct Parser<'a> {
    lexer: Lexer,
    format: Option<&'a Format>,
    depth: usize,
}

impl Parser<'_> {
    /// Terms side by side belong together; AND binds weaker than OR between neighbours.
    fn expression(&mut self, must: bool) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH {
            return self.lexer.fail("Expression too deep", self.lexer.position());
        }
        let tree = self.adjacent()?;
        let tree = match tree {
            Some(tree) => Some(self.adjacent_tail(tree)?),
            None if must => return self.lexer.fail("Term expected", self.lexer.position()),
            None => None,
        };
        self.depth -= 1;
        Ok(tree)
    }

    fn adjacent(&mut self) -> Parsed {
        let Some(tree) = self.or_term()? else { return Ok(None) };
        if !self.lexer.word("OR", false) {
            return Ok(Some(tree));
        }
        match self.adjacent()? {
            Some(other) => Ok(Some(Expression::Or(Box::new(tree), Box::new(other)))),
            None => self.lexer.fail("Term expected", self.lexer.position()),
        }
    }

    fn adjacent_tail(&mut self, tree: Expression) -> Result<Expression, String> {
        let ends = self.lexer.word("AND", true) || self.lexer.word("OR", true);
        if ends || self.lexer.peek() == Some(')') || self.lexer.at_end() {
            return Ok(tree);
        }
        let other = self.expression(true)?;
        Ok(Expression::And(Box::new(tree), Box::new(other.unwrap_or(Expression::True))))
    }

    fn or_term(&mut self) -> Parsed {
        let Some(tree) = self.and_term()? else { return Ok(None) };
        if !self.lexer.word("AND", false) {
            return Ok(Some(tree));
        }
        match self.or_term()? {
            Some(other) => Ok(Some(Expression::And(Box::new(tree), Box::new(other)))),
            None => self.lexer.fail("Term expected", self.lexer.position()),
        }
    }

    fn and_term(&mut self) -> Parsed {
        if self.lexer.word("NOT", false) {
            let tree = self.term(true)?;
            return Ok(tree.map(|tree| Expression::Not(Box::new(tree))));
        }
        self.term(false)
    }

    fn term(&mut self, must: bool) -> Parsed {
        let here = self.lexer.position();
        if !self.lexer.skip_space() {
            return if must { self.lexer.fail("Term expected", here) } else { Ok(None) };
        }
        if self.lexer.peek() == Some(')') {
            return Ok(None);
        }
        if self.lexer.take("(").is_some() {
            let tree = self.expression(false)?;
            self.lexer.need(")")?;
            return Ok(tree);
        }
        let inverted = self.lexer.take("-").is_some();
        let tree = self.comparison()?;
        Ok(Some(if inverted { Expression::Not(Box::new(tree)) } else { tree }))
    }

    fn comparison(&mut self) -> Result<Expression, String> {
        let here = self.lexer.position();
        let key = self.lexer.key();
        let (key, problem, word) = match key {
            Ok(key) => (key, None, None),
            Err(problem) => {
                self.lexer.set_position(here);
                (Key::new(), Some(problem), self.lexer.token("=:!<>~()", false)?)
            }
        };
        let Some(operator) = self.operator()? else {
            let word = word.unwrap_or_else(|| key_name(&key));
            if LOGICAL.contains(&word.as_str()) || word.is_empty() {
                return self.lexer.fail("Term expected", self.lexer.position());
            }
            return Ok(Expression::Anywhere(word));
        };
        if let Some(problem) = problem {
            return Err(problem);
        }
        let here = self.lexer.position();
        if LOGICAL.iter().any(|word| self.lexer.word(word, false)) {
            return self.lexer.fail("Logical operator not expected", here);
        }
        let operands = if matches!(operator, "=" | ":") && self.lexer.take("(").is_some() {
            let all = self.lexer.arguments(" \t\n,")?;
            all.into_iter().filter(|word| !LOGICAL.contains(&word.as_str())).collect()
        } else {
            match self.lexer.token("()", false)? {
                Some(operand) => vec![operand],
                None => return self.lexer.fail("Term operand expected", here),
            }
        };
        self.lexer.skip_space();
        let term = Expression::Term(self.aliased(key), operator, operands);
        term.check()?;
        Ok(term)
    }

    fn aliased(&self, key: Key) -> Key {
        let column = match key.as_slice() {
            [Part::Name(name)] => self.format.and_then(|f| f.aliases.get(name)),
            _ => None,
        };
        column.filter(|column| !column.key.is_empty()).map_or(key, |column| column.key.clone())
    }

    fn operator(&mut self) -> Result<Option<&'static str>, String> {
        if !self.lexer.skip_space() {
            return Ok(None);
        }
        let here = self.lexer.position();
        let Some(first) = self.lexer.take(":=<>!~") else { return Ok(None) };
        let mut operator = first.to_string();
        operator.extend(self.lexer.take(":=<>!~"));
        let Some(known) = OPERATORS.iter().find(|known| **known == operator) else {
            return self.lexer.fail("Malformed operator", here);
        };
        if !self.lexer.skip_space() {
            return self.lexer.fail("Term operand expected", self.lexer.position());
        }
        Ok(Some(known))
    }
}

impl Expression {
    /// Refuses patterns that cannot be compiled.
    fn check(&self) -> Result<(), String> {
        let Expression::Term(_, operator, operands) = self else { return Ok(()) };
        for operand in operands {
            if operator.ends_with('~') && Regex::new(operand).is_err() {
                return Err(format!("Filter expression RE pattern [{operand}]: cannot be read"));
            }
            if *operator == ":" && operand.matches('*').count() > 1 {
                return Err(format!("At most one * expected in : patterns [{operand}]."));
            }
        }
        Ok(())
    }

    /// Every key that is compared.
    pub fn keys(&self) -> Vec<&Key> {
        match self {
            Expression::True | Expression::Anywhere(_) => Vec::new(),
            Expression::Not(inner) => inner.keys(),
            Expression::And(a, b) | Expression::Or(a, b) => [a.keys(), b.keys()].concat(),
            Expression::Term(key, ..) => vec![key],
        }
    }

    /// The first comparison whose meaning is about to change, in the real client's words.
    pub fn warning(&self, items: &[Value]) -> Option<String> {
        match self {
            Expression::Not(inner) => inner.warning(items),
            Expression::And(a, b) | Expression::Or(a, b) => a.warning(items).or_else(|| b.warning(items)),
            Expression::Term(key, operator, operands) if matches!(*operator, "=" | "!=" | ":") => {
                items.iter().find_map(|item| {
                    let Value::String(text) = property::get(item, key) else { return None };
                    let text = text.to_lowercase();
                    operands.iter().find_map(|operand| warning_of(key, operator, operand, &text))
                })
            }
            _ => None,
        }
    }

    /// Whether it holds for a resource.
    pub fn holds(&self, item: &Value) -> bool {
        match self {
            Expression::True => true,
            Expression::And(a, b) => a.holds(item) && b.holds(item),
            Expression::Or(a, b) => a.holds(item) || b.holds(item),
            Expression::Not(inner) => !inner.holds(item),
            Expression::Anywhere(text) => anywhere(item, &text.to_lowercase()),
            Expression::Term(key, operator, operands) => {
                let value = property::get(item, key);
                let values = match &value {
                    Value::Array(all) if !all.is_empty() => all.iter().collect(),
                    one => vec![one],
                };
                let any = |holds: &dyn Fn(&Value, &str) -> bool| {
                    values.iter().any(|value| operands.iter().any(|operand| holds(value, operand)))
                };
                let by_place = is_place(key);
                let equals = |text: &str, operand: &str| equals(text, operand, by_place);
                match *operator {
                    "!=" => !any(&|value, operand| word_match(value, operand, &equals)),
                    "=" => any(&|value, operand| word_match(value, operand, &equals)),
                    ":" if matches!(value, Value::Object(_)) => {
                        operands.iter().any(|operand| word_match(&value, operand, &has))
                    }
                    ":" => any(&|value, operand| word_match(value, operand, &has)),
                    "~" => any(&|value, operand| matches(value, operand)),
                    "!~" => !any(&|value, operand| matches(value, operand)),
                    operator => any(&|value, operand| ordered(value, operator, operand)),
                }
            }
        }
    }
}

fn anywhere(value: &Value, text: &str) -> bool {
    match value {
        Value::Array(all) => all.iter().any(|v| anywhere(v, text)),
        Value::Object(map) => map.iter().any(|(k, v)| k.to_lowercase().contains(text) || anywhere(v, text)),
        Value::Null => false,
        other => property::text(other).to_lowercase().contains(text),
    }
}

fn matches(value: &Value, pattern: &str) -> bool {
    Regex::new(pattern).is_ok_and(|regex| regex.is_match(&property::text(value)))
}

/// Word by word: numbers by value, truth by its word, everything else as text.
fn word_match(value: &Value, operand: &str, same: &dyn Fn(&str, &str) -> bool) -> bool {
    let as_number = operand.parse::<f64>().ok();
    match value {
        Value::Object(map) => {
            map.iter().any(|(k, v)| same(&k.to_lowercase(), operand) || word_match(v, operand, same))
        }
        Value::Array(all) => all.iter().any(|v| word_match(v, operand, same)),
        Value::Number(n) => n.as_f64() == as_number || same(&n.to_string(), operand),
        Value::Bool(set) => {
            let number = if *set { 1.0 } else { 0.0 };
            operand.eq_ignore_ascii_case(if *set { "true" } else { "false" }) || as_number == Some(number)
        }
        Value::Null => operand.is_empty() || (operand != "*" && same("null", operand)),
        Value::String(s) => {
            let numbers = s.parse::<f64>().ok().zip(as_number);
            s == operand || numbers.is_some_and(|(a, b)| a == b) || same(&s.to_lowercase(), operand)
        }
    }
}

/// Whether a key is a resource's zone or region, which is compared by its last part too.
fn is_place(key: &Key) -> bool {
    matches!(key.as_slice(), [Part::Name(name)] if matches!(name.as_str(), "zone" | "region"))
}

/// The whole text, case aside.
fn equals(text: &str, operand: &str, by_place: bool) -> bool {
    let operand = operand.to_lowercase();
    text == operand || (by_place && text.rsplit('/').next() == Some(operand.as_str()))
}

/// As the operators are to mean one day: whole words within the text.
fn word_within(text: &str, operand: &str, operator: &str) -> bool {
    let operand = operand.to_lowercase();
    let (word, tail) = match operand.strip_suffix('*').filter(|_| operator == ":") {
        Some(head) => (head, ""),
        None => (operand.as_str(), "\\b"),
    };
    let pattern = format!("\\b{}{tail}", regex::escape(word));
    RegexBuilder::new(&pattern).multi_line(true).build().is_ok_and(|regex| regex.is_match(text))
}

fn warning_of(key: &Key, operator: &str, operand: &str, text: &str) -> Option<String> {
    if operand == "*" || text == operand.to_lowercase() {
        return None;
    }
    let now = if operator == ":" { has(text, operand) } else { equals(text, operand, is_place(key)) };
    let then = word_within(text, operand, operator);
    let old = if now { "matches" } else { "does not match" };
    let new = if then { "will match" } else { "will not match" };
    (now != then).then(|| {
        format!("--filter : operator evaluation is changing for consistency across Google APIs.  {}{operator}{operand} currently {old} but {new} in the near future.  Run `gcloud topic filters` for details.", key_name(key))
    })
}

/// Whole words within the text; `*` stands for their rest.
fn has(text: &str, operand: &str) -> bool {
    let operand = operand.to_lowercase();
    let parts: Vec<String> = operand.split('*').map(regex::escape).collect();
    let pattern = match parts.as_slice() {
        _ if operand == "*" => ".".to_owned(),
        [whole] => whole.clone(),
        [head, tail] if tail.is_empty() => format!("^{head}"),
        [head, tail] if head.is_empty() => format!("{tail}$"),
        parts => format!("^{}$", parts.join(".*")),
    };
    RegexBuilder::new(&pattern).multi_line(true).build().is_ok_and(|regex| regex.is_match(text))
}

fn ordered(value: &Value, operator: &str, operand: &str) -> bool {
    let number = |value: &Value| value.as_f64().or_else(|| property::text(value).parse().ok());
    let order = match (number(value), operand.parse::<f64>().ok()) {
        (Some(a), Some(b)) => a.partial_cmp(&b),
        _ if !is_something(value) => None,
        _ => Some(property::text(value).as_str().cmp(operand)),
    };
    order.is_some_and(|order| match operator {
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(text: &str, expect: bool) {
        let item = json!({ "name": "gke-io-1db7", "status": "RUNNING", "n": 3, "labels": { "env": "dev" },
                           "zone": "https://x/zones/us-central1-b", "tags": ["web", "db"], "on": true });
        assert_eq!(holds(text, &item), Ok(expect), "{text}");
    }

    #[test]
    fn terms_compare_keys() {
        check("name~^gke", true);
        check("status=running", true);
        check("status!=RUNNING", false);
        check("zone:us-central1-b", true);
        check("zone:(us-east1-b us-central1-b)", true);
        check("n>=3", true);
        check("n<3", false);
        check("labels.env:*", true);
        check("labels.nosuch:*", false);
        check("tags:web", true);
        check("on=true", true);
        check("name:gke*", true);
        check("central1", true);
    }

    #[test]
    fn terms_are_joined() {
        check("name~^gke AND status=STOPPED", false);
        check("name~^x OR status=RUNNING", true);
        check("NOT status=STOPPED", true);
        check("-status=RUNNING", false);
        check("name~gke status=RUNNING", true);
        check("(name~x OR n=3) AND status:RUN", true);
    }

    #[test]
    fn errors_show_where() {
        let text = |expression: &str| parse(expression, None).err().unwrap_or_default();
        assert_eq!(text("name="), "Term operand expected [name= *HERE*].");
        assert_eq!(text("name=a AND"), "Term expected [name=a AND *HERE*].");
    }
}
