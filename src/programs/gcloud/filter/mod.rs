//! `--filter`: the expression language over resources. As resource_filter.py and resource_expr.py of the real client.
//! Must never print.

mod compare;
mod time;

use jiff::Timestamp;
use serde_json::Value;

use super::format::lexer::{Key, Lexer, Part, key_name};
use super::format::projection::Format;
use super::format::property;
use super::format::transform::{self, Calls};

const OPERATORS: &[&str] = &["=", ":", "!=", "<", "<=", ">", ">=", "~", "!~"];
const LOGICAL: &[&str] = &["AND", "OR", "NOT"];
/// How the refusal of a transform that nobody knows begins.
const UNKNOWN_TRANSFORM: &str = "Unknown transform function";
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
    Term(Term),
}

/// A comparison.
pub struct Term {
    /// What is compared.
    pub key: Key,
    /// What is done to it first.
    calls: Calls,
    operator: &'static str,
    operands: Vec<String>,
    /// When "now" is, for operands such as `-p1d`.
    now: Option<Timestamp>,
}

/// What an expression is read for.
#[derive(Default, Clone, Copy)]
pub struct Reading<'a> {
    /// Labels of its columns may stand for their keys.
    pub format: Option<&'a Format>,
    /// When it is.
    pub now: Option<Timestamp>,
    /// Whether the server's half is read first, which asks for less, and the rest in parentheses.
    pub by_server: bool,
}

/// Understands an expression.
///
/// # Errors
/// What cannot be read, with a mark where.
pub fn parse(text: &str, reading: Reading<'_>) -> Result<Expression, String> {
    if !reading.by_server {
        return read(text, reading);
    }
    match read(text, reading) {
        Err(refusal) if !refusal.starts_with(UNKNOWN_TRANSFORM) => return Err(refusal),
        _ => {}
    }
    read(&format!("({text})"), Reading { by_server: false, ..reading })
}

fn read(text: &str, reading: Reading<'_>) -> Result<Expression, String> {
    let mut parser = Parser { lexer: Lexer::new(text), reading, groups: vec![None] };
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
    Ok(parse(text, Reading::default())?.holds(item))
}

type Parsed = Result<Option<Expression>, String>;

struct Parser<'a> {
    lexer: Lexer,
    reading: Reading<'a>,
    /// Which of AND and OR was used in each of the parentheses that are open, and around them.
    groups: Vec<Option<&'static str>>,
}

impl Parser<'_> {
    /// Terms side by side belong together.
    fn expression(&mut self, must: bool) -> Parsed {
        if self.groups.len() > DEPTH {
            return self.lexer.fail("Expression too deep", self.lexer.position());
        }
        let tree = self.adjacent()?;
        let tree = match tree {
            Some(tree) => Some(self.adjacent_tail(tree)?),
            None if must && !self.reading.by_server => {
                return self.lexer.fail("Term expected", self.lexer.position());
            }
            None => None,
        };
        Ok(tree)
    }

    fn adjacent(&mut self) -> Parsed {
        let Some(tree) = self.or_term()? else { return Ok(None) };
        if !self.lexer.word("OR", false) {
            return Ok(Some(tree));
        }
        self.joined_by("OR")?;
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
        self.joined_by("AND")?;
        match self.or_term()? {
            Some(other) => Ok(Some(Expression::And(Box::new(tree), Box::new(other)))),
            None if self.reading.by_server => Ok(Some(tree)),
            None => self.lexer.fail("Term expected", self.lexer.position()),
        }
    }

    /// AND and OR do not stand side by side without parentheses.
    fn joined_by(&mut self, word: &'static str) -> Result<(), String> {
        let here = self.lexer.position();
        match self.groups.last_mut() {
            Some(Some(other)) if *other != word => {
                let what = "Parenthesis grouping is required when AND and OR are are combined";
                self.lexer.fail(what, here)
            }
            Some(used) => {
                *used = Some(word);
                Ok(())
            }
            None => Ok(()),
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
            self.groups.push(None);
            let tree = self.expression(false)?;
            self.lexer.need(")")?;
            self.groups.pop();
            return Ok(tree);
        }
        let inverted = self.lexer.take("-").is_some();
        let tree = self.comparison()?;
        Ok(Some(if inverted { Expression::Not(Box::new(tree)) } else { tree }))
    }

    /// A key, perhaps with transforms behind it.
    fn key(&mut self) -> Result<(Key, Calls), String> {
        let here = self.lexer.position();
        let mut key = self.lexer.key()?;
        if matches!(key.first(), Some(Part::Name(name)) if LOGICAL.contains(&name.as_str())) {
            return self.lexer.fail("Term expected", here);
        }
        if self.lexer.take("(").is_none() {
            return Ok((key, Calls::default()));
        }
        match key.pop() {
            Some(Part::Name(name)) => Ok((key, transform::parse(&mut self.lexer, name)?)),
            _ => self.lexer.fail("Transform function expected", here),
        }
    }

    fn comparison(&mut self) -> Result<Expression, String> {
        let here = self.lexer.position();
        let ((key, calls), problem, word) = match self.key() {
            Ok(found) => (found, None, None),
            Err(problem) => {
                self.lexer.set_position(here);
                (Default::default(), Some(problem), self.lexer.token("=:!<>~()", false)?)
            }
        };
        let here = self.lexer.position();
        let Some(operator) = self.operator()? else {
            if !calls.is_empty() {
                return self.lexer.fail("Operator expected", here);
            }
            if problem.as_ref().is_some_and(|problem| problem.starts_with(UNKNOWN_TRANSFORM)) {
                return Err(problem.unwrap_or_default());
            }
            let word = word.unwrap_or_else(|| key_name(&key));
            if matches!(word.as_str(), "AND" | "OR" | "") {
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
        let term = Term { key: self.aliased(key), calls, operator, operands, now: self.reading.now };
        term.check()?;
        Ok(Expression::Term(term))
    }

    fn aliased(&self, key: Key) -> Key {
        let column = match key.as_slice() {
            [Part::Name(name)] => self.reading.format.and_then(|f| f.aliases.get(name)),
            _ => None,
        };
        column.map_or(key, |column| column.key.clone())
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
    /// Every key that is compared.
    pub fn keys(&self) -> Vec<&Key> {
        match self {
            Expression::True | Expression::Anywhere(_) => Vec::new(),
            Expression::Not(inner) => inner.keys(),
            Expression::And(a, b) | Expression::Or(a, b) => [a.keys(), b.keys()].concat(),
            Expression::Term(term) => vec![&term.key],
        }
    }

    /// The first comparison whose meaning is about to change, in the real client's words.
    pub fn warning(&self, items: &[Value]) -> Option<String> {
        match self {
            Expression::Not(inner) => inner.warning(items),
            Expression::And(a, b) | Expression::Or(a, b) => a.warning(items).or_else(|| b.warning(items)),
            Expression::Term(term) if matches!(term.operator, "=" | "!=" | ":") => {
                items.iter().find_map(|item| {
                    let value = term.calls.apply(property::get(item, &term.key));
                    let Value::String(text) = value else { return None };
                    let text = text.to_lowercase();
                    term.operands
                        .iter()
                        .find_map(|operand| compare::warning(&term.key, term.operator, operand, &text))
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
            Expression::Anywhere(text) => compare::anywhere(item, &text.to_lowercase()),
            Expression::Term(term) => term.holds(item),
        }
    }
}

impl Term {
    /// Refuses patterns that cannot be compiled.
    fn check(&self) -> Result<(), String> {
        for operand in &self.operands {
            if self.operator.ends_with('~')
                && let Some(problem) = compare::pattern_problem(operand)
            {
                return Err(format!("Filter expression RE pattern [{operand}]: {problem}"));
            }
            if self.operator == ":" && operand.matches('*').count() > 1 {
                return Err(format!("At most one * expected in : patterns [{operand}]."));
            }
        }
        Ok(())
    }

    fn holds(&self, item: &Value) -> bool {
        let value = self.calls.apply(property::get(item, &self.key));
        let values = match &value {
            Value::Array(all) if !all.is_empty() => all.iter().collect(),
            one => vec![one],
        };
        let any = |holds: &dyn Fn(&Value, &str) -> bool| {
            values.iter().any(|value| self.operands.iter().any(|operand| holds(value, operand)))
        };
        let by_place = compare::is_place(&self.key);
        let equals = |text: &str, operand: &str| compare::equals(text, operand, by_place);
        match self.operator {
            "!=" => !any(&|value, operand| compare::words(value, operand, &equals)),
            "=" => any(&|value, operand| compare::words(value, operand, &equals)),
            ":" if matches!(value, Value::Object(_)) => {
                self.operands.iter().any(|operand| compare::words(&value, operand, &compare::has))
            }
            ":" => any(&|value, operand| compare::words(value, operand, &compare::has)),
            "~" => any(&|value, operand| compare::matches(value, operand)),
            "!~" => !any(&|value, operand| compare::matches(value, operand)),
            operator => any(&|value, operand| compare::ordered(value, operator, operand, self.now)),
        }
    }
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
        check("name", false);
        check("on:*", true);
        check("Status=RUNNING", true);
        check("labels~dev", false);
    }

    #[test]
    fn keys_may_be_transformed_first() {
        check("zone.basename()=us-central1-b", true);
        check("tags.len()=2", true);
        check("name.split(\"-\").len()>3", false);
    }

    #[test]
    fn times_are_compared_as_times() {
        let item = json!({ "at": "2026-03-02T01:14:07.123-08:00" });
        let now = "2026-03-02T12:00:00Z".parse().ok();
        let check = |text: &str, expect: bool| {
            let tree = parse(text, Reading { now, ..Reading::default() }).expect(text);
            assert_eq!(tree.holds(&item), expect, "{text}");
        };
        check("at>2026-03-02T09:00:00Z", true);
        check("at>2026-03-02T09:30:00Z", false);
        check("at>=2026-03-02", true);
        check("at>-p1d", true);
        check("at<-P1D", false);
        check("at>-PT2H", false);
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
    fn what_the_server_is_asked_first_is_put_in_parentheses() {
        let text = |expression: &str| {
            parse(expression, Reading { by_server: true, ..Reading::default() }).err().unwrap_or_default()
        };
        assert_eq!(text("name="), "Term operand expected [name= *HERE*].");
        assert_eq!(text("name=a AND"), "Term expected [(name=a AND *HERE* )].");
        assert_eq!(text("a.nosuch()=1"), "Unknown transform function nosuch [(a.nosuch( *HERE* )=1)].");
    }

    #[test]
    fn errors_show_where() {
        let text = |expression: &str| parse(expression, Reading::default()).err().unwrap_or_default();
        assert_eq!(text("name="), "Term operand expected [name= *HERE*].");
        assert_eq!(text("name=a AND"), "Term expected [name=a AND *HERE*].");
        assert_eq!(
            text("a=1 OR b=2 AND c=3"),
            "Parenthesis grouping is required when AND and OR are are combined [a=1 OR b=2 AND *HERE* c=3]."
        );
        assert_eq!(text("a.nosuch()=1"), "Unknown transform function nosuch [a.nosuch( *HERE* )=1].");
        assert_eq!(
            text("name~["),
            "Filter expression RE pattern [[]: unterminated character set at position 0"
        );
    }
}
