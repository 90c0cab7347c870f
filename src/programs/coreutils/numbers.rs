//! Numbers as C prints them, and sizes as people read them. Must never parse options.

/// `%f`, `%e`, `%g` of a number that is not negative.
pub fn float(number: f64, kind: char, precision: Option<usize>) -> String {
    let precision = precision.unwrap_or(6).min(100);
    if !number.is_finite() {
        return if number.is_nan() { "nan".into() } else { "inf".into() };
    }
    match kind {
        'e' => exponent(number, precision),
        'g' => {
            let digits = precision.max(1);
            let power = if number == 0.0 { 0 } else { number.abs().log10().floor() as i32 };
            let text = if power < -4 || power >= digits as i32 {
                exponent(number, digits - 1)
            } else {
                format!("{number:.*}", (digits as i32 - 1 - power).max(0) as usize)
            };
            match text.split_once('e') {
                Some((mantissa, tail)) => format!("{}e{tail}", trimmed(mantissa)),
                None => trimmed(&text).to_owned(),
            }
        }
        _ => format!("{number:.precision$}"),
    }
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

fn exponent(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    format!("{mantissa}e{}{:02}", if power < 0 { '-' } else { '+' }, power.abs())
}

/// `1.5K`, as `ls -h` and `du -h` round: up, one decimal below ten.
pub fn human(bytes: u64, base: f64) -> String {
    let mut value = bytes as f64;
    let units = ["", "K", "M", "G", "T", "P"];
    let mut unit = 0;
    while value >= base && unit + 1 < units.len() {
        value /= base;
        unit += 1;
    }
    match unit {
        0 => bytes.to_string(),
        _ if (value * 10.0).ceil() / 10.0 < 10.0 => {
            format!("{:.1}{}", (value * 10.0).ceil() / 10.0, units[unit])
        }
        _ => format!("{}{}", value.ceil(), units[unit]),
    }
}

/// A size with a unit, such as `10k` or `1M`.
pub fn size(text: &str) -> Option<u64> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..split].parse().ok()?;
    let scale: u64 = match &text[split..] {
        "" | "c" => 1,
        "w" => 2,
        "b" => 512,
        "k" | "K" | "KiB" => 1 << 10,
        "kB" | "KB" => 1000,
        "M" | "m" | "MiB" => 1 << 20,
        "MB" => 1_000_000,
        "G" | "g" | "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(scale)
}
