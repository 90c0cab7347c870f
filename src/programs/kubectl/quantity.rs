//! Kubernetes quantities, as far as kubectl computes with them (describe node, set resources, autoscale).

use std::fmt;

/// An amount in thousandths, with the suffix family it was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quantity {
    pub milli: i128,
    pub binary: bool,
}

/// `resource.ErrFormatWrong`.
pub const FORMAT_WRONG: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const BINARY: [(&str, u32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];
const DECIMAL: [(&str, u32); 6] = [("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

impl Quantity {
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || FORMAT_WRONG.to_string();
        let digits =
            text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))).unwrap_or(text.len());
        let (number, suffix) = text.split_at(digits);
        let (negative, body) = match number.strip_prefix('-') {
            Some(body) => (true, body),
            None => (false, number.strip_prefix('+').unwrap_or(number)),
        };
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        if (whole.is_empty() && fraction.is_empty())
            || !whole.chars().chain(fraction.chars()).all(|c| c.is_ascii_digit())
        {
            return Err(wrong());
        }
        let fraction = &fraction[..fraction.len().min(9)];
        let scaled: i128 = format!("{whole}{fraction}").parse().map_err(|_| wrong())?;
        let (multiplier, divisor, binary) = factor(suffix).ok_or_else(wrong)?;
        let divisor = divisor * 10i128.pow(fraction.len() as u32);
        let milli = scaled.checked_mul(1000).and_then(|n| n.checked_mul(multiplier)).ok_or_else(wrong)?;
        let milli = (milli + divisor - 1) / divisor;
        Ok(Quantity { milli: if negative { -milli } else { milli }, binary })
    }

    pub fn plus(self, other: Quantity) -> Quantity {
        Quantity {
            milli: self.milli + other.milli,
            binary: if self.milli == 0 { other.binary } else { self.binary },
        }
    }
}

fn factor(suffix: &str) -> Option<(i128, i128, bool)> {
    if suffix.is_empty() {
        return Some((1, 1, false));
    }
    if let Some((_, bits)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        return Some((1 << bits, 1, true));
    }
    if let Some((_, power)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        return Some((10i128.pow(*power), 1, false));
    }
    match suffix {
        "m" => return Some((1, 1000, false)),
        "u" => return Some((1, 1_000_000, false)),
        "n" => return Some((1, 1_000_000_000, false)),
        _ => {}
    }
    let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    match exponent {
        0..=18 => Some((10i128.pow(exponent as u32), 1, false)),
        -9..0 => Some((1, 10i128.pow(exponent.unsigned_abs()), false)),
        _ => None,
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.milli % 1000 != 0 {
            return write!(f, "{}m", self.milli);
        }
        let mut whole = self.milli / 1000;
        let (step, names) = if self.binary { (1024, &BINARY) } else { (1000, &DECIMAL) };
        let mut suffix = "";
        for (name, _) in names {
            if whole == 0 || whole % step != 0 {
                break;
            }
            whole /= step;
            suffix = name;
        }
        write!(f, "{whole}{suffix}")
    }
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    #[test]
    fn amounts_keep_their_family_and_shortest_form() {
        for (text, canonical) in [
            ("100m", "100m"),
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1.5Gi", "1536Mi"),
            ("1024Mi", "1Gi"),
            ("2000", "2k"),
            ("6226224Ki", "6226224Ki"),
            ("1e3", "1k"),
            ("0", "0"),
        ] {
            assert_eq!(Quantity::parse(text).unwrap().to_string(), canonical, "{text}");
        }
        assert!(Quantity::parse("lots").is_err());
        assert!(Quantity::parse("1.2.3").is_err());
        let sum = Quantity::parse("70Mi").unwrap().plus(Quantity::parse("58Mi").unwrap());
        assert_eq!(sum.to_string(), "128Mi");
    }
}
