//! Sizes as go-units reads them. Pure.

/// `512m`, `1g`, `1.5GiB` as bytes (RAMInBytes).
pub fn bytes(text: &str) -> Option<u64> {
    let lower = text.trim().to_ascii_lowercase();
    let split = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let number: f64 = lower[..split].parse().ok()?;
    let shift = match lower[split..].trim() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return None,
    };
    Some((number * (1u64 << shift) as f64) as u64)
}

/// What is wrong with a size. The number ends at the last digit, blank or point.
pub fn complaint(text: &str) -> Option<String> {
    if bytes(text).is_some() {
        return None;
    }
    match text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ') {
        Some(at) if text[..=at].trim().parse::<f64>().is_ok_and(|n| n >= 0.0) => {
            Some(format!("invalid suffix: '{}'", &text[at + 1..]))
        }
        Some(at) if text[..=at].trim().parse::<f64>().is_err() => {
            Some(format!("strconv.ParseFloat: parsing {:?}: invalid syntax", &text[..=at]))
        }
        _ => Some(format!("invalid size: '{text}'")),
    }
}
