//! Shell arithmetic: 64-bit, wrapping, with bash's operators and complaints. Parses and evaluates in one pass,
//! so that the right side of `&&` is only read. It reaches variables through `Variables` alone.

/// What arithmetic asks of the shell. `index` is the text between brackets.
pub trait Numbers {
    /// The value's text; `None` when unset. `Err` when `set -u` forbids that.
    fn read(&mut self, name: &str, index: Option<&str>, depth: usize) -> Result<Option<String>, String>;
    fn write(&mut self, name: &str, index: Option<&str>, value: i64, depth: usize) -> Result<(), String>;
}

/// Variables naming variables, and nested parentheses.
const MAX_DEPTH: usize = 100;

/// Evaluates an expression. The error is bash's text, without the `bash: line N:` in front.
pub fn evaluate(text: &str, numbers: &mut dyn Numbers) -> Result<i64, String> {
    evaluate_at(text, numbers, 0)
}

/// The same inside another evaluation: a subscript, or a variable's value.
pub fn evaluate_at(text: &str, numbers: &mut dyn Numbers, depth: usize) -> Result<i64, String> {
    if depth > MAX_DEPTH {
        return Err(format!("{text}: expression recursion level exceeded (error token is \"{text}\")"));
    }
    if text.trim().is_empty() {
        return Ok(0);
    }
    let mut eval =
        Eval { chars: text.chars().collect(), pos: 0, token: 0, previous: 0, skip: 0, depth, numbers };
    let value = eval.comma()?;
    eval.blanks();
    if eval.pos < eval.chars.len() {
        eval.token = eval.pos;
        return eval.fail(eval.leftover());
    }
    Ok(value)
}

struct Eval<'a> {
    chars: Vec<char>,
    pos: usize,
    /// Where the current and the previous token begin, for messages.
    token: usize,
    previous: usize,
    /// Greater than zero: read, do not evaluate.
    skip: usize,
    depth: usize,
    numbers: &'a mut dyn Numbers,
}

/// A place that can be assigned to.
#[derive(Clone)]
struct Place {
    name: String,
    index: Option<String>,
}

const ASSIGNMENTS: [&str; 11] = ["<<=", ">>=", "*=", "/=", "%=", "+=", "-=", "&=", "^=", "|=", "="];
/// Binary operators from loosest to tightest.
const LEVELS: [&[&str]; 8] = [
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl Eval<'_> {
    fn blanks(&mut self) {
        while self.chars.get(self.pos).is_some_and(|c| c.is_whitespace()) {
            self.pos += 1;
        }
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.chars.get(self.pos + i) == Some(&c))
    }

    fn take(&mut self, op: &str) {
        self.previous = self.token;
        self.token = self.pos;
        self.pos += op.chars().count();
    }

    fn fail<T>(&self, message: &str) -> Result<T, String> {
        let whole: String = self.chars.iter().collect();
        let token: String = self.chars[self.token.min(self.chars.len())..].iter().collect();
        Err(format!("{}: {message} (error token is \"{token}\")", whole.trim_start()))
    }

    /// Why evaluation stopped before the end.
    fn leftover(&self) -> &'static str {
        let c = self.chars.get(self.pos).copied().unwrap_or(' ');
        if c.is_alphanumeric() || c == '_' || c == '(' {
            "syntax error in expression"
        } else if "+-*/%&|^<>=!~?:,)".contains(c) {
            "syntax error in expression"
        } else {
            "syntax error: invalid arithmetic operator"
        }
    }

    fn comma(&mut self) -> Result<i64, String> {
        loop {
            let value = self.assignment()?;
            self.blanks();
            if !self.looking_at(",") {
                return Ok(value);
            }
            self.take(",");
        }
    }

    fn assignment(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail("expression recursion level exceeded");
        }
        let result = self.assignment_inner();
        self.depth -= 1;
        result
    }

    fn assignment_inner(&mut self) -> Result<i64, String> {
        self.blanks();
        let (start, token, previous) = (self.pos, self.token, self.previous);
        if let Some(place) = self.place() {
            self.blanks();
            let op = ASSIGNMENTS.into_iter().find(|op| self.looking_at(op));
            if let Some(op) = op.filter(|op| *op != "=" || !self.looking_at("==")) {
                self.take(op);
                let right = self.assignment()?;
                if self.skip > 0 {
                    return Ok(0);
                }
                let value = match op.strip_suffix('=').filter(|op| !op.is_empty()) {
                    Some(op) => {
                        let left = self.value_of(&place)?;
                        self.apply(op, left, right)?
                    }
                    None => right,
                };
                self.store(&place, value)?;
                return Ok(value);
            }
        }
        (self.pos, self.token, self.previous) = (start, token, previous);
        let value = self.ternary()?;
        self.blanks();
        if self.looking_at("=") && !self.looking_at("==") {
            self.token = self.pos;
            return self.fail("attempted assignment to non-variable");
        }
        Ok(value)
    }

    fn ternary(&mut self) -> Result<i64, String> {
        let condition = self.or()?;
        self.blanks();
        if !self.looking_at("?") {
            return Ok(condition);
        }
        self.take("?");
        self.blanks();
        if self.pos >= self.chars.len() || self.looking_at(":") {
            self.token = self.pos;
            return self.fail("expression expected");
        }
        let yes = self.skipping(condition == 0, Self::comma)?;
        self.blanks();
        if !self.looking_at(":") {
            self.token = self.token.max(self.previous);
            return self.fail("`:' expected for conditional expression");
        }
        self.take(":");
        self.blanks();
        if self.pos >= self.chars.len() {
            return self.fail("expression expected");
        }
        let no = self.skipping(condition != 0, Self::assignment)?;
        Ok(if condition != 0 { yes } else { no })
    }

    fn skipping(
        &mut self,
        skip: bool,
        rule: impl FnOnce(&mut Self) -> Result<i64, String>,
    ) -> Result<i64, String> {
        self.skip += usize::from(skip);
        let value = rule(self);
        self.skip -= usize::from(skip);
        value
    }

    fn or(&mut self) -> Result<i64, String> {
        let mut left = self.and()?;
        loop {
            self.blanks();
            if !self.looking_at("||") {
                return Ok(left);
            }
            self.take("||");
            let right = self.skipping(left != 0, Self::and)?;
            left = i64::from(left != 0 || right != 0);
        }
    }

    fn and(&mut self) -> Result<i64, String> {
        let mut left = self.binary(0)?;
        loop {
            self.blanks();
            if !self.looking_at("&&") {
                return Ok(left);
            }
            self.take("&&");
            let right = self.skipping(left == 0, |eval| eval.binary(0))?;
            left = i64::from(left != 0 && right != 0);
        }
    }

    fn binary(&mut self, level: usize) -> Result<i64, String> {
        let Some(ops) = LEVELS.get(level) else { return self.power() };
        let mut left = self.binary(level + 1)?;
        loop {
            self.blanks();
            let found = ops.iter().find(|op| self.looking_at(op) && !self.part_of_longer(op));
            let Some(op) = found else { return Ok(left) };
            self.take(op);
            let right = self.binary(level + 1)?;
            left = if self.skip > 0 { 0 } else { self.apply(op, left, right)? };
        }
    }

    /// `|` in `||`, `&` in `&&` or `&=`, `*` in `**`, and so on.
    fn part_of_longer(&self, op: &str) -> bool {
        let next = self.chars.get(self.pos + op.chars().count()).copied();
        match op {
            "|" | "&" | "*" => next == op.chars().next() || next == Some('='),
            "^" | "/" | "%" | "<<" | ">>" => next == Some('='),
            "+" | "-" => next == Some('='),
            "<" | ">" => next == op.chars().next(),
            _ => false,
        }
    }

    fn power(&mut self) -> Result<i64, String> {
        let base = self.unary()?;
        self.blanks();
        if !self.looking_at("**") || self.looking_at("**=") {
            return Ok(base);
        }
        self.take("**");
        let exponent = self.power()?;
        if exponent < 0 && self.skip == 0 {
            return self.fail("exponent less than 0");
        }
        let mut result = 1i64;
        let (mut base, mut exponent) = (base, exponent);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = result.wrapping_mul(base);
            }
            base = base.wrapping_mul(base);
            exponent >>= 1;
        }
        Ok(result)
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail("expression recursion level exceeded");
        }
        let result = self.unary_inner();
        self.depth -= 1;
        result
    }

    fn unary_inner(&mut self) -> Result<i64, String> {
        self.blanks();
        for (op, step) in [("++", 1i64), ("--", -1)] {
            if self.looking_at(op) {
                let start = self.pos;
                self.take(op);
                self.blanks();
                if let Some(place) = self.place() {
                    return self.change(&place, step).map(|(_, new)| new);
                }
                // `++5` is two signs.
                self.pos = start;
            }
        }
        let Some(&c) = self.chars.get(self.pos) else { return self.operand_expected() };
        match c {
            '!' => {
                self.take("!");
                self.unary().map(|value| i64::from(value == 0))
            }
            '~' => {
                self.take("~");
                self.unary().map(|value| !value)
            }
            '-' => {
                self.take("-");
                self.unary().map(i64::wrapping_neg)
            }
            '+' => {
                self.take("+");
                self.unary()
            }
            _ => self.primary(c),
        }
    }

    fn primary(&mut self, c: char) -> Result<i64, String> {
        if c == '(' {
            self.take("(");
            let value = self.comma()?;
            self.blanks();
            if !self.looking_at(")") {
                self.token = self.previous.max(self.token);
                return self.fail("missing `)'");
            }
            self.take(")");
            return Ok(value);
        }
        if c.is_ascii_digit() {
            return self.number();
        }
        let Some(place) = self.place() else {
            if c.is_alphanumeric() || !"+-*/%&|^<>=!~?:,)".contains(c) {
                self.token = self.pos;
                return self.fail("syntax error: operand expected");
            }
            return self.operand_expected();
        };
        self.blanks();
        for (op, step) in [("++", 1i64), ("--", -1)] {
            if self.looking_at(op) {
                self.take(op);
                return self.change(&place, step).map(|(old, _)| old);
            }
        }
        if self.skip > 0 { Ok(0) } else { self.value_of(&place) }
    }

    /// bash shows the operator that waits for its operand.
    fn operand_expected(&mut self) -> Result<i64, String> {
        if self.pos < self.chars.len() {
            self.token = self.pos;
        }
        self.fail("syntax error: operand expected")
    }

    fn change(&mut self, place: &Place, step: i64) -> Result<(i64, i64), String> {
        if self.skip > 0 {
            return Ok((0, 0));
        }
        let old = self.value_of(place)?;
        let new = old.wrapping_add(step);
        self.store(place, new)?;
        Ok((old, new))
    }

    fn place(&mut self) -> Option<Place> {
        let start = self.pos;
        let first = *self.chars.get(start)?;
        if !(first.is_ascii_alphabetic() || first == '_') {
            return None;
        }
        self.previous = self.token;
        self.token = start;
        while self.chars.get(self.pos).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_') {
            self.pos += 1;
        }
        let name: String = self.chars[start..self.pos].iter().collect();
        let index = (self.chars.get(self.pos) == Some(&'[')).then(|| self.index()).flatten();
        Some(Place { name, index })
    }

    fn index(&mut self) -> Option<String> {
        let open = self.pos;
        let mut depth = 0usize;
        for at in open..self.chars.len() {
            match self.chars[at] {
                '[' => depth += 1,
                ']' if depth == 1 => {
                    self.pos = at + 1;
                    return Some(self.chars[open + 1..at].iter().collect());
                }
                ']' => depth -= 1,
                _ => {}
            }
        }
        None
    }

    fn value_of(&mut self, place: &Place) -> Result<i64, String> {
        let text = self.numbers.read(&place.name, place.index.as_deref(), self.depth)?.unwrap_or_default();
        match text.trim().parse::<i64>() {
            Ok(value) if !text.trim_start().starts_with('0') || value == 0 => Ok(value),
            _ => evaluate_at(&text, self.numbers, self.depth + 1),
        }
    }

    fn store(&mut self, place: &Place, value: i64) -> Result<(), String> {
        self.numbers.write(&place.name, place.index.as_deref(), value, self.depth)
    }

    fn apply(&mut self, op: &str, left: i64, right: i64) -> Result<i64, String> {
        Ok(match op {
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            "/" | "%" if right == 0 => return self.fail("division by 0"),
            "/" => left.wrapping_div(right),
            "%" => left.wrapping_rem(right),
            "<<" => left.wrapping_shl(right as u32),
            ">>" => left.wrapping_shr(right as u32),
            "&" => left & right,
            "|" => left | right,
            "^" => left ^ right,
            "==" => i64::from(left == right),
            "!=" => i64::from(left != right),
            "<=" => i64::from(left <= right),
            ">=" => i64::from(left >= right),
            "<" => i64::from(left < right),
            _ => i64::from(left > right),
        })
    }

    fn number(&mut self) -> Result<i64, String> {
        let start = self.pos;
        self.previous = self.token;
        self.token = start;
        let digit = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '#' | '@' | '_');
        while self.chars.get(self.pos).is_some_and(digit) {
            self.pos += 1;
        }
        let text: String = self.chars[start..self.pos].iter().collect();
        let (radix, digits) = match text.split_once('#') {
            Some((base, digits)) => match base.parse::<i64>() {
                Ok(radix @ 2..=64) => (radix, digits.to_string()),
                Ok(_) => return self.fail("invalid arithmetic base"),
                Err(_) => return self.fail("syntax error: invalid arithmetic operator"),
            },
            None if text.starts_with("0x") || text.starts_with("0X") => (16, text[2..].to_string()),
            None if text.len() > 1 && text.starts_with('0') => (8, text[1..].to_string()),
            None => (10, text.clone()),
        };
        let mut value = 0i64;
        for c in digits.chars() {
            match digit_value(c, radix) {
                Some(digit) if digit < radix => value = value.wrapping_mul(radix).wrapping_add(digit),
                _ => {
                    // bash cuts the expression off behind the number.
                    self.chars.truncate(self.pos);
                    return self.fail("value too great for base");
                }
            }
        }
        Ok(value)
    }
}

fn digit_value(c: char, radix: i64) -> Option<i64> {
    let c = if radix <= 36 { c.to_ascii_lowercase() } else { c };
    Some(match c {
        '0'..='9' => i64::from(c as u32 - '0' as u32),
        'a'..='z' => i64::from(c as u32 - 'a' as u32) + 10,
        'A'..='Z' => i64::from(c as u32 - 'A' as u32) + 36,
        '@' => 62,
        '_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Numbers, evaluate};
    use std::collections::BTreeMap;

    #[derive(Default)]
    struct Map(BTreeMap<String, String>);

    impl Numbers for Map {
        fn read(&mut self, name: &str, index: Option<&str>, _: usize) -> Result<Option<String>, String> {
            Ok(self.0.get(&format!("{name}{}", index.unwrap_or_default())).cloned())
        }
        fn write(&mut self, name: &str, index: Option<&str>, value: i64, _: usize) -> Result<(), String> {
            self.0.insert(format!("{name}{}", index.unwrap_or_default()), value.to_string());
            Ok(())
        }
    }

    fn check(text: &str, expect: &str) {
        let mut map = Map::default();
        map.0.insert("x".into(), "5".into());
        map.0.insert("y".into(), "x+1".into());
        map.0.insert("loop".into(), "loop".into());
        let got = evaluate(text, &mut map).map_or_else(|e| e, |v| v.to_string());
        assert_eq!(got, expect, "for: {text}");
    }

    #[test]
    fn values() {
        check("1+2*3", "7");
        check("(1+2)*3", "9");
        check("2**3**2", "512");
        check("-2**2", "4");
        check("7/-2", "-3");
        check("-7%3", "-1");
        check("x++ + ++x", "12");
        check("y*2", "12");
        check("a=3, b=a+1, a*b", "12");
        check("x>3?10:20", "10");
        check("0 && 1/0", "0");
        check("1 || 1/0", "1");
        check("0x1f + 010 + 2#101 + 36#z", "79");
        check("1<<4|3", "19");
        check("!0 + ~0", "0");
        check("a[2]=4, a[2]+1", "5");
        check("9223372036854775807+1", "-9223372036854775808");
        check("x+=2", "7");
        check("  ", "0");
        check("5--3", "8");
    }

    #[test]
    fn complaints() {
        check("1 + ", "1 + : syntax error: operand expected (error token is \"+ \")");
        check("1 2", "1 2: syntax error in expression (error token is \"2\")");
        check("1/0", "1/0: division by 0 (error token is \"0\")");
        check("08", "08: value too great for base (error token is \"08\")");
        check("5=3", "5=3: attempted assignment to non-variable (error token is \"=3\")");
        check("loop", "loop: expression recursion level exceeded (error token is \"loop\")");
    }
}
