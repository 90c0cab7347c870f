//! The grammar of label selectors, with the errors of apimachinery's `labels` parser.

use super::{Operator, Requirement, Selector};
use crate::cluster::kinds::names;

const OPERATORS: &str = "in, notin, =, ==, !=, gt, lt";
/// Tokens accepted in one selector.
const TOKEN_LIMIT: usize = 10_000;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Symbol(&'static str),
    End,
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Token::Word(text) => text,
            Token::Symbol(text) => text,
            Token::End => "",
        }
    }
}

const SYMBOLS: &[&str] = &["==", "!=", "=", "!", "<", ">", "(", ")", ","];

fn tokens(text: &str) -> Vec<Token> {
    let mut rest = text.trim_start();
    let mut found = Vec::new();
    while !rest.is_empty() && found.len() < TOKEN_LIMIT {
        if let Some(symbol) = SYMBOLS.iter().find(|s| rest.starts_with(**s)) {
            found.push(Token::Symbol(symbol));
            rest = &rest[symbol.len()..];
        } else {
            let is_end = |c: char| c.is_whitespace() || "=!<>(),".contains(c);
            let end = rest.find(is_end).unwrap_or(rest.len());
            found.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    found
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Token {
        self.tokens.get(self.at).cloned().unwrap_or(Token::End)
    }
    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }
}

pub(super) fn parse(text: &str) -> Result<Selector, String> {
    let mut parser = Parser { tokens: tokens(text), at: 0 };
    let mut requirements = Vec::new();
    loop {
        match parser.peek() {
            Token::Word(_) | Token::Symbol("!") => {}
            Token::End => return Ok(Selector { requirements }),
            other => {
                return Err(format!("found '{}', expected: !, identifier, or 'end of string'", other.text()));
            }
        }
        let found = requirement(&mut parser).map_err(|why| format!("unable to parse requirement: {why}"))?;
        requirements.push(found);
        match parser.next() {
            Token::End => return Ok(Selector { requirements }),
            Token::Symbol(",") => match parser.peek() {
                Token::Word(_) | Token::Symbol("!") => {}
                other => return Err(format!("found '{}', expected: identifier after ','", other.text())),
            },
            other => return Err(format!("found '{}', expected: ',' or 'end of string'", other.text())),
        }
    }
}

fn requirement(parser: &mut Parser) -> Result<Requirement, String> {
    let mut token = parser.next();
    let negated = token == Token::Symbol("!");
    if negated {
        token = parser.next();
    }
    let Token::Word(key) = token else {
        return Err(format!("found '{}', expected: identifier", token.text()));
    };
    if let Some(why) = names::qualified_name(&key).into_iter().next() {
        return Err(format!("<nil>: Invalid value: \"{key}\": {why}"));
    }
    if negated {
        return Ok(Requirement { key, operator: Operator::DoesNotExist, values: Vec::new() });
    }
    if matches!(parser.peek(), Token::End | Token::Symbol(",")) {
        return Ok(Requirement { key, operator: Operator::Exists, values: Vec::new() });
    }
    let operator = match parser.next() {
        Token::Symbol("=" | "==") => Operator::In,
        Token::Symbol("!=") => Operator::NotIn,
        Token::Symbol(">") => Operator::GreaterThan,
        Token::Symbol("<") => Operator::LessThan,
        Token::Word(word) if word == "in" => return in_list(parser, key, Operator::In),
        Token::Word(word) if word == "notin" => return in_list(parser, key, Operator::NotIn),
        other => return Err(format!("found '{}', expected: {OPERATORS}", other.text())),
    };
    let value = match parser.peek() {
        Token::End | Token::Symbol(",") => String::new(),
        Token::Word(word) => {
            parser.next();
            word
        }
        other => return Err(format!("found '{}', expected: identifier", other.text())),
    };
    let compares = matches!(operator, Operator::GreaterThan | Operator::LessThan);
    if compares && value.parse::<i64>().is_err() {
        return Err(format!("for 'Gt', 'Lt' operators, the value must be an integer: \"{value}\""));
    }
    checked(Requirement { key, operator, values: vec![value] })
}

fn checked(requirement: Requirement) -> Result<Requirement, String> {
    for (index, value) in requirement.values.iter().enumerate() {
        if let Some(why) = names::label_value(value).into_iter().next() {
            return Err(format!("values[{index}][{}]: Invalid value: \"{value}\": {why}", requirement.key));
        }
    }
    Ok(requirement)
}

fn in_list(parser: &mut Parser, key: String, operator: Operator) -> Result<Requirement, String> {
    let open = parser.next();
    if open != Token::Symbol("(") {
        return Err(format!("found '{}' expected: '('", open.text()));
    }
    let mut values: Vec<String> = Vec::new();
    loop {
        match parser.next() {
            Token::Word(word) => {
                values.push(word);
                match parser.peek() {
                    Token::Symbol("," | ")") => {}
                    other => return Err(format!("found '{}', expected: ',' or ')'", other.text())),
                }
            }
            Token::Symbol(",") => {
                if values.is_empty() || matches!(parser.peek(), Token::Symbol(")" | ",")) {
                    values.push(String::new());
                }
            }
            Token::Symbol(")") => {
                if values.is_empty() {
                    values.push(String::new());
                }
                values.sort();
                values.dedup();
                return checked(Requirement { key, operator, values });
            }
            other if values.is_empty() => {
                return Err(format!("found '{}', expected: ',', ')' or identifier", other.text()));
            }
            other => return Err(format!("found '{}', expected: ',', or identifier", other.text())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::cluster::api::selector::Labels;

    fn check(text: &str, expect: Result<bool, &str>) {
        let labels: Labels =
            [("app", "web"), ("tier", "front")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let found = parse(text).map(|s| s.matches(Some(&labels)));
        assert_eq!(found, expect.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn requirements_match_labels() {
        for (text, expect) in [
            ("app=web", true),
            ("app==web,tier!=back", true),
            ("app in (web, api)", true),
            ("app notin (web)", false),
            ("!canary", true),
            ("tier", true),
            ("canary", false),
            ("", true),
            ("app=web,canary", false),
        ] {
            check(text, Ok(expect));
        }
    }

    #[test]
    fn mistakes_are_named_as_the_server_names_them() {
        check("app in color", Err("unable to parse requirement: found 'color' expected: '('"));
        check("a b", Err("unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"));
        check("=x", Err("found '=', expected: !, identifier, or 'end of string'"));
        check("app in (a,b", Err("unable to parse requirement: found '', expected: ',' or ')'"));
        check("app=a=b", Err("found '=', expected: ',' or 'end of string'"));
        check("a,,b", Err("found ',', expected: identifier after ','"));
    }
}
