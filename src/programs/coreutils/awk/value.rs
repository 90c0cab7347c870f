//! awk's values: numbers, text, and text from input that counts as a number where it looks like one. Must never touch a
//! machine.

use super::super::numbers::float;

/// A value: text that looks like a number, from input, compares as one.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Number(f64),
    Text(String),
    Input(String),
    Nothing,
}

fn number_of(text: &str) -> f64 {
    let text = text.trim_start();
    let mut end = 0;
    let bytes = text.as_bytes();
    if matches!(bytes.first(), Some(b'+' | b'-')) {
        end = 1;
    }
    let digits =
        |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    end += digits(end);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if digits(end + 1 + sign) > 0 {
            end += 1 + sign + digits(end + 1 + sign);
        }
    }
    text[..end].parse().unwrap_or(0.0)
}

fn looks_numeric(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text.parse::<f64>().is_ok_and(f64::is_finite)
        && text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c))
}

pub(super) fn shown(n: f64) -> String {
    if n == n.trunc() && n.abs() < 1e16 {
        format!("{n:.0}").replace("-0", if n == 0.0 { "0" } else { "-0" })
    } else if n < 0.0 {
        format!("-{}", float(-n, 'g', Some(6)))
    } else {
        float(n, 'g', Some(6))
    }
}

impl Value {
    pub(super) fn number(&self) -> f64 {
        match self {
            Value::Number(n) => *n,
            Value::Text(text) | Value::Input(text) => number_of(text),
            Value::Nothing => 0.0,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Value::Number(n) => shown(*n),
            Value::Text(text) | Value::Input(text) => text.clone(),
            Value::Nothing => String::new(),
        }
    }

    pub(super) fn truth(&self) -> bool {
        match self {
            Value::Number(n) => *n != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::Input(text) if looks_numeric(text) => number_of(text) != 0.0,
            Value::Input(text) => !text.is_empty(),
            Value::Nothing => false,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        match self {
            Value::Number(_) | Value::Nothing => true,
            Value::Input(text) => looks_numeric(text),
            Value::Text(_) => false,
        }
    }
}

/// One step of arithmetic.
pub(super) fn arithmetic(operator: &str, a: f64, b: f64) -> Result<f64, String> {
    Ok(match operator {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" | "%" if b == 0.0 => {
            return Err(if operator == "/" { "division by zero" } else { "division by zero in %" }.into());
        }
        "/" => a / b,
        "%" => a % b,
        _ => a.powf(b),
    })
}

/// `printf`'s text.
pub(super) fn format(values: &[Value]) -> String {
    let Some((first, mut rest)) = values.split_first() else { return String::new() };
    let format = first.text();
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        if chars.next_if_eq(&'%').is_some() {
            out.push('%');
            continue;
        }
        let mut take = || {
            let value = rest.first().cloned().unwrap_or(Value::Nothing);
            rest = rest.get(1..).unwrap_or_default();
            value
        };
        let flags: String = std::iter::from_fn(|| chars.next_if(|c| "-+ 0#".contains(*c))).collect();
        let width = if chars.next_if_eq(&'*').is_some() {
            take().number() as usize
        } else {
            std::iter::from_fn(|| chars.next_if(char::is_ascii_digit))
                .collect::<String>()
                .parse()
                .unwrap_or(0)
        };
        let precision = chars.next_if_eq(&'.').map(|_| {
            std::iter::from_fn(|| chars.next_if(char::is_ascii_digit))
                .collect::<String>()
                .parse::<usize>()
                .unwrap_or(0)
        });
        let kind = chars.next().unwrap_or('%');
        let value = take();
        let (sign, body) = match kind {
            'd' | 'i' => {
                let n = value.number().trunc();
                (
                    if n < 0.0 {
                        "-"
                    } else if flags.contains('+') {
                        "+"
                    } else {
                        ""
                    },
                    format!("{:.0}", n.abs()),
                )
            }
            'o' => ("", format!("{:o}", value.number() as i64)),
            'x' => ("", format!("{:x}", value.number() as i64)),
            'X' => ("", format!("{:X}", value.number() as i64)),
            'u' => ("", format!("{}", value.number() as u64)),
            'c' => (
                "",
                match value {
                    Value::Number(n) => char::from_u32(n as u32).map(String::from).unwrap_or_default(),
                    other => other.text().chars().take(1).collect(),
                },
            ),
            'f' | 'F' | 'e' | 'g' | 'E' | 'G' => {
                let n = value.number();
                (
                    if n < 0.0 {
                        "-"
                    } else if flags.contains('+') {
                        "+"
                    } else {
                        ""
                    },
                    float(n.abs(), kind.to_ascii_lowercase(), precision),
                )
            }
            _ => ("", value.text().chars().take(precision.unwrap_or(usize::MAX)).collect()),
        };
        let blanks = width.min(10_000).saturating_sub(sign.len() + body.chars().count());
        if flags.contains('-') {
            out += &format!("{sign}{body}{}", " ".repeat(blanks));
        } else if flags.contains('0') && kind != 's' && kind != 'c' {
            out += &format!("{sign}{}{body}", "0".repeat(blanks));
        } else {
            out += &format!("{}{sign}{body}", " ".repeat(blanks));
        }
    }
    out
}
