//! Transforms in projections: which are called, with which arguments, and over what. What each one does is in
//! `functions`. Must never look at a clock.

use jiff::Timestamp;
use serde_json::Value;

use super::functions::{self, Arguments};
use super::lexer::{Lexer, key_name};
use super::property;

/// Most levels that `map(N)` goes down.
const DEPTH: usize = 8;

/// A chain of transforms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls(Vec<Call>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Call {
    name: String,
    arguments: Arguments,
    /// How many levels of lists it goes down.
    depth: usize,
    /// Whether it works where transforms are switched off.
    always: bool,
}

impl Calls {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the calls of another chain.
    pub fn extend(&mut self, more: Calls) {
        self.0.extend(more.0);
    }

    /// The words that a heading may be made of: the first transform and its arguments.
    pub fn words(&self) -> Vec<String> {
        let first = self.0.first();
        first
            .map(|call| std::iter::once(call.name.clone()).chain(call.arguments.all.clone()).collect())
            .unwrap_or_default()
    }

    /// Says when it is, to transforms that count from now.
    pub fn happen_at(&mut self, now: Timestamp) {
        self.0.iter_mut().for_each(|call| call.arguments.now = Some(now));
    }

    /// The value after all transforms.
    pub fn apply(&self, value: Value) -> Value {
        self.0.iter().fold(value, |value, call| call.apply(value, call.depth))
    }
}

impl Call {
    fn apply(&self, value: Value, depth: usize) -> Value {
        match value {
            Value::Array(items) if depth > 0 => {
                Value::Array(items.into_iter().map(|item| self.apply(item, depth - 1)).collect())
            }
            value => functions::call(&self.name, &value, &self.arguments),
        }
    }
}

/// Reads a chain of transforms; the first one's name and parenthesis are read already.
///
/// # Errors
/// An unknown transform, or a chain that goes wrong.
pub fn parse(lexer: &mut Lexer, first: String) -> Result<Calls, String> {
    let (mut calls, mut depth, mut name, mut always) = (Calls::default(), 0, first, false);
    loop {
        let here = lexer.position();
        if !functions::is_known(&name) {
            return Err(format!("Unknown transform function {name} [{}].", lexer.annotate(here)));
        }
        let all = lexer.arguments(",")?;
        match name.as_str() {
            "always" => always = true,
            "map" => depth = all.first().and_then(|n| n.parse().ok()).unwrap_or(1).min(DEPTH),
            _ => {
                let arguments = Arguments { all, now: None };
                calls.0.push(Call {
                    name: name.clone(),
                    arguments,
                    depth: std::mem::take(&mut depth),
                    always,
                });
            }
        }
        if lexer.take(".").is_none() {
            return Ok(calls);
        }
        let here = lexer.position();
        let key = lexer.key()?;
        name = key_name(&key);
        let dotted = key.len() > 1;
        if dotted && !functions::is_known(&name) {
            return Err(format!("Unknown transform function {name} [{}].", lexer.annotate(lexer.position())));
        }
        if lexer.need("(")?.is_none() {
            return lexer.fail("Transform function expected", here);
        }
    }
}

/// The value behind a key given as text, for transforms that take keys.
pub fn by_key(value: &Value, key: &str) -> Value {
    let key = Lexer::new(key.trim()).key().unwrap_or_default();
    property::get(value, &key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(chain: &str, value: Value, expect: Value) {
        let (name, rest) = chain.split_once('(').expect("a call");
        let mut lexer = Lexer::new(rest);
        let calls = parse(&mut lexer, name.to_owned()).expect(chain);
        assert_eq!(calls.apply(value), expect, "{chain}");
    }

    #[test]
    fn transforms_chain() {
        check("basename().upper()", json!("https://x/zones/us-east1-b"), json!("US-EAST1-B"));
        check("scope()", json!("https://x/zones/us-east1-b"), json!("us-east1-b"));
        check("segment(-2)", json!("https://x/zones/us-east1-b"), json!("zones"));
        check("split(\"/\").slice(-1).join(\"\")", json!("a/b/c"), json!("c"));
        check("yesno(yes=\"Y\", no=\"-\")", json!(false), json!("-"));
        check("sub(\"a\", \"z\")", json!("banana"), json!("bznznz"));
        check("filter(n=2).len()", json!([{ "n": 1 }, { "n": 2 }]), json!(1));
        check("format(\"{0[n]}\")", json!([{ "n": 1 }]), json!("1"));
    }

    #[test]
    fn lists_are_transformed_whole_or_by_item() {
        let rules = json!([{ "IPProtocol": "tcp", "ports": ["80", "443"] }, { "IPProtocol": "icmp" }]);
        check("map().firewall_rule().list()", rules, json!("tcp:80,tcp:443,icmp"));
        check("len()", json!([1, 2]), json!(2));
        check("list(show=\"keys\")", json!({ "a": 1, "b": 2 }), json!("a,b"));
    }

    #[test]
    fn spans_are_written_in_parts() {
        check("duration()", json!("100"), json!("PT1M40S"));
        check("duration(unit=60)", json!("100"), json!("PT1.667S"));
        check("duration(parts=2)", json!(90_061), json!("P1DT1H"));
        let times = json!({ "a": "2026-03-02T09:14:07Z", "b": "2026-03-02T09:16:07Z" });
        check("duration(start=a,end=b)", times.clone(), json!("PT2M"));
        check("duration(start=a,end=a)", times, json!("P0"));
        check("duration()", json!("a name"), json!(""));
        let (name, mut lexer) = ("duration".to_owned(), Lexer::new(")"));
        let mut calls = parse(&mut lexer, name).expect("a call");
        calls.happen_at("2026-03-03T11:17:07Z".parse().expect("a time"));
        assert_eq!(calls.apply(json!("2026-03-02T09:14:07Z")), json!("P1DT2H3M"));
    }

    #[test]
    fn dates_are_shown_as_asked() {
        let time = json!("2026-03-02T09:14:33.222770659Z");
        check("date()", time.clone(), json!("2026-03-02T09:14:33"));
        check("date(\"%Y-%m-%d\")", time.clone(), json!("2026-03-02"));
        check("date(\"%Ez %Oz\")", time.clone(), json!("Z +00:00"));
        check("date(format=\"%b %d, %Y\")", time, json!("Mar 02, 2026"));
        check("date(tz=LOCAL)", json!("2026-03-02T01:14:33.2-08:00"), json!("2026-03-02T09:14:33"));
    }
}
