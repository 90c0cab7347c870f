//! Kubernetes quantities (`500m`, `128Mi`, `1e3`): parsing, the canonical text, comparing and adding.
//!
//! As apimachinery's `api/resource`: one number may be written in many ways, and the server prints one of them.
//! Amounts are kept in billionths; nothing below `n` exists here.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Sub};

const NANO: i128 = 1_000_000_000;
const PATTERN: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
/// Digits accepted in a quantity; longer ones would overflow.
const DIGIT_LIMIT: usize = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Decimal,
    Binary,
    Exponent,
}

/// An amount and how it was written.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

const BINARY: [(&str, u32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

impl Quantity {
    pub const ZERO: Quantity = Quantity { nanos: 0, format: Format::Decimal };

    pub fn whole(n: i64) -> Quantity {
        Quantity { nanos: i128::from(n) * NANO, format: Format::Decimal }
    }
    pub fn from_milli(n: i64) -> Quantity {
        Quantity { nanos: i128::from(n) * (NANO / 1000), format: Format::Decimal }
    }
    pub fn bytes(n: i64) -> Quantity {
        Quantity { nanos: i128::from(n) * NANO, format: Format::Binary }
    }
    /// Rounded up, as `Value()`.
    pub fn value(self) -> i64 {
        i64::try_from(self.nanos.div_euclid(NANO) + i128::from(self.nanos.rem_euclid(NANO) != 0))
            .unwrap_or(i64::MAX)
    }
    /// Thousandths rounded up, as `MilliValue()`.
    pub fn milli_value(self) -> i64 {
        let unit = NANO / 1000;
        i64::try_from(self.nanos.div_euclid(unit) + i128::from(self.nanos.rem_euclid(unit) != 0))
            .unwrap_or(i64::MAX)
    }
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }
    /// A whole number of units.
    pub fn is_whole(self) -> bool {
        self.nanos % NANO == 0
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl Add for Quantity {
    type Output = Quantity;
    fn add(self, other: Quantity) -> Quantity {
        let format = if self.nanos == 0 { other.format } else { self.format };
        Quantity { nanos: self.nanos.saturating_add(other.nanos), format }
    }
}

impl Sub for Quantity {
    type Output = Quantity;
    fn sub(self, other: Quantity) -> Quantity {
        let format = if self.nanos == 0 { other.format } else { self.format };
        Quantity { nanos: self.nanos.saturating_sub(other.nanos), format }
    }
}

/// Reads a quantity; the error is the server's sentence.
pub fn parse(text: &str) -> Result<Quantity, String> {
    let (sign, rest) = match text.as_bytes().first() {
        Some(b'-') => (-1, &text[1..]),
        Some(b'+') => (1, &text[1..]),
        _ => (1, text),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (digits, suffix) = rest.split_at(end);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.len() + fraction.len() == 0 || fraction.contains('.') || whole.len() > DIGIT_LIMIT {
        return Err(PATTERN.to_owned());
    }
    let (scale, format) = suffix_of(suffix)?;
    let fraction = &fraction[..fraction.len().min(9)];
    let mut nanos: i128 = whole.parse::<i128>().unwrap_or(0) * NANO;
    let part: i128 = fraction.parse().unwrap_or(0);
    nanos += part * 10i128.pow(9 - u32::try_from(fraction.len()).unwrap_or(9));
    let nanos = match scale {
        Scale::Two(power) => nanos.checked_mul(1i128 << power),
        Scale::Ten(power) if power >= 0 => nanos.checked_mul(10i128.pow(power.unsigned_abs().min(30))),
        Scale::Ten(power) => {
            let unit = 10i128.pow(power.unsigned_abs().min(30));
            Some(nanos / unit + i128::from(nanos % unit != 0))
        }
    };
    let nanos = nanos.unwrap_or(i128::from(i64::MAX) * NANO).min(i128::from(i64::MAX) * NANO);
    Ok(Quantity { nanos: sign * nanos, format })
}

enum Scale {
    Two(u32),
    Ten(i32),
}

fn suffix_of(suffix: &str) -> Result<(Scale, Format), String> {
    if let Some((_, power)) = BINARY.iter().find(|(s, _)| *s == suffix) {
        return Ok((Scale::Two(*power), Format::Binary));
    }
    if let Some((_, power)) = DECIMAL.iter().find(|(s, _)| *s == suffix) {
        return Ok((Scale::Ten(*power), Format::Decimal));
    }
    let exponent = suffix.strip_prefix(['e', 'E']).and_then(|e| e.parse::<i32>().ok());
    match exponent {
        Some(power) if power.abs() <= 18 => Ok((Scale::Ten(power), Format::Exponent)),
        _ if suffix.chars().all(|c| "eEinumkKMGTP+-0123456789".contains(c)) => {
            Err("unable to parse quantity's suffix".to_owned())
        }
        _ => Err(PATTERN.to_owned()),
    }
}

impl fmt::Display for Quantity {
    /// The canonical text: the largest suffix that leaves a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        // A binary quantity that is not whole, or is below 1024, is written in decimal.
        let binary = self.format == Format::Binary && self.is_whole() && self.nanos.abs() >= 1024 * NANO;
        if binary {
            let value = self.nanos / NANO;
            let fits = BINARY.iter().rev().find(|(_, power)| value % (1i128 << power) == 0);
            return match fits {
                Some((suffix, power)) => write!(f, "{}{suffix}", value >> power),
                None => write!(f, "{value}"),
            };
        }
        for (suffix, power) in DECIMAL.iter().rev() {
            let unit = 10i128.pow((power + 9).unsigned_abs());
            if self.nanos % unit == 0 {
                let amount = self.nanos / unit;
                return match (self.format, *power) {
                    (Format::Exponent, 0) | (Format::Decimal | Format::Binary, _) => {
                        write!(f, "{amount}{suffix}")
                    }
                    (Format::Exponent, power) => write!(f, "{amount}e{power}"),
                };
            }
        }
        write!(f, "{}n", self.nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_quantity_is_printed_in_its_canonical_form() {
        for (text, expect) in [
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1024Mi", "1Gi"),
            ("128974848", "128974848"),
            ("129e6", "129e6"),
            ("100Mi", "100Mi"),
            ("1500m", "1500m"),
            ("0", "0"),
            ("1.5Gi", "1536Mi"),
            ("2000k", "2M"),
            ("-1", "-1"),
            ("6226224Ki", "6226224Ki"),
            ("100", "100"),
            ("1", "1"),
            ("1000", "1k"),
        ] {
            assert_eq!(parse(text).map(|q| q.to_string()), Ok(expect.to_owned()), "{text}");
        }
        assert!(parse("abc").is_err() && parse("1x").is_err() && parse("").is_err());
    }

    #[test]
    fn amounts_compare_and_add_whatever_their_form() {
        let of = |t: &str| parse(t).expect("a quantity");
        assert!(of("1") == of("1000m") && of("1Gi") > of("1G"));
        assert_eq!((of("100m") + of("1")).to_string(), "1100m");
        assert_eq!((of("100m").milli_value(), of("1500m").value()), (100, 2));
    }
}
