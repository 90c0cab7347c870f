//! Values of flags: what their kind accepts, and the words with which it refuses. Must never know which flag it is.

use super::close_match::closest;
use super::tree::Kind;

/// Why a value was refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Bad {
    /// It cannot be read; the usage follows.
    Value(String),
    /// It is none of the words that can be chosen.
    Choice(String),
}

const SIZES: &[&str] = &["B", "KB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB", "PB", "PiB"];

/// The value as the command gets it.
///
/// # Errors
/// The refusal.
pub fn check(kind: &Kind, value: &str) -> Result<String, Bad> {
    let kept = || Ok(value.to_owned());
    match kind {
        Kind::Switch | Kind::Text | Kind::Duration => kept(),
        Kind::Int { bounded: false, .. } => match value.trim().parse::<i64>() {
            Ok(_) => kept(),
            Err(_) => Err(Bad::Value(format!("invalid int value: '{value}'"))),
        },
        Kind::Int { low, high, .. } => bounded(value, *low, *high),
        Kind::List { least, of } => list(value, *least, of),
        Kind::Dict { keys, bare } => dict(value, keys, *bare),
        Kind::Choice { words, upper, lower } => choice(value, words, *upper, *lower),
        Kind::Size => size(value),
    }
}

/// What was received, as the refusals end.
fn received(value: &str) -> String {
    if value.is_empty() { "; received empty string".to_owned() } else { format!("; received: {value}") }
}

fn bounded(value: &str, low: Option<i64>, high: Option<i64>) -> Result<String, Bad> {
    let refuse = |what: String| Err(Bad::Value(format!("{what}{}", received(value))));
    let Ok(number) = value.trim().parse::<i64>() else {
        return refuse("Value must be an integer".to_owned());
    };
    match (low.filter(|low| number < *low), high.filter(|high| number > *high)) {
        (Some(low), _) => refuse(format!("Value must be greater than or equal to {low}")),
        (_, Some(high)) => refuse(format!("Value must be less than or equal to {high}")),
        _ => Ok(value.to_owned()),
    }
}

/// The items of a list; `^X^` in front changes the separator to X.
pub fn items(value: &str) -> Vec<String> {
    let (separator, text) = match value.strip_prefix('^').and_then(|rest| rest.split_once('^')) {
        Some((separator, text)) if !separator.is_empty() => (separator, text),
        _ => (",", value),
    };
    text.split(separator).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn list(value: &str, least: usize, of: &[&str]) -> Result<String, Bad> {
    let items = items(value);
    if let Some(stranger) = items.iter().find(|item| !of.is_empty() && !of.contains(&item.as_str())) {
        return Err(Bad::Value(format!("{stranger} must be one of [{}]", of.join(", "))));
    }
    if items.len() < least {
        return Err(Bad::Value("not enough args".to_owned()));
    }
    Ok(value.to_owned())
}

fn dict(value: &str, keys: &[&str], bare: bool) -> Result<String, Bad> {
    for item in items(value) {
        let key = item.split('=').next().unwrap_or_default();
        if !bare && !item.contains('=') {
            return Err(Bad::Value(format!(
                "Bad syntax for dict arg: [{item}]. Please see `gcloud topic flags-file` or `gcloud topic escaping` for information on providing list or dictionary flag values with special characters."
            )));
        }
        if !keys.is_empty() && !keys.contains(&key) {
            return Err(Bad::Value(format!("valid keys are [{}]{}", keys.join(", "), received(key))));
        }
    }
    Ok(value.to_owned())
}

fn choice(value: &str, words: &[&str], upper: bool, lower: bool) -> Result<String, Bad> {
    let value = match (upper, lower) {
        (true, _) => value.to_uppercase(),
        (_, true) => value.to_lowercase(),
        _ => value.to_owned(),
    };
    if words.contains(&value.as_str()) {
        return Ok(value);
    }
    let end = match closest(&value, words.iter().copied()) {
        Some(near) => format!(" Did you mean '{near}'?"),
        None => format!("\n\nValid choices are [{}].", words.join(", ")),
    };
    Err(Bad::Choice(format!("Invalid choice: '{value}'.{end}")))
}

fn size(value: &str) -> Result<String, Bad> {
    let unit = value.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = value.len() - unit.len();
    let known =
        SIZES.iter().any(|known| known.eq_ignore_ascii_case(unit) || known[..1].eq_ignore_ascii_case(unit));
    if digits > 0 && (unit.is_empty() || known) {
        return Ok(value.to_owned());
    }
    Err(Bad::Value(format!(
        "given value must be of the form DECIMAL[UNITS] where units can be one of {} and value must be a whole number of Bytes{}",
        SIZES.join(", "),
        received(value)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_value(kind: &Kind, value: &str, expect: &str) {
        let text = match check(kind, value) {
            Ok(value) => value,
            Err(Bad::Value(what) | Bad::Choice(what)) => what,
        };
        assert_eq!(text, expect);
    }

    #[test]
    fn numbers_have_bounds() {
        let kind = Kind::Int { bounded: true, low: Some(1), high: None };
        check_value(&kind, "3", "3");
        check_value(&kind, "two", "Value must be an integer; received: two");
        check_value(&kind, "", "Value must be an integer; received empty string");
        check_value(&kind, "-1", "Value must be greater than or equal to 1; received: -1");
    }

    #[test]
    fn choices_are_suggested_or_listed() {
        let kind = Kind::Choice { words: vec!["debug", "info"], upper: false, lower: false };
        check_value(&kind, "debu", "Invalid choice: 'debu'. Did you mean 'debug'?");
        check_value(&kind, "loud", "Invalid choice: 'loud'.\n\nValid choices are [debug, info].");
    }

    #[test]
    fn dictionaries_may_know_their_keys() {
        let kind = Kind::Dict { keys: vec!["HttpLoadBalancing", "NetworkPolicy"], bare: true };
        check_value(&kind, "NetworkPolicy=ENABLED", "NetworkPolicy=ENABLED");
        check_value(&kind, "Foo", "valid keys are [HttpLoadBalancing, NetworkPolicy]; received: Foo");
    }

    #[test]
    fn lists_may_choose_their_separator() {
        assert_eq!(items("a,b"), ["a", "b"]);
        assert_eq!(items("^:^a,b:c"), ["a,b", "c"]);
        check_value(&Kind::List { least: 1, of: Vec::new() }, "", "not enough args");
    }
}
