//! `date` and `sleep`. Must never ask the real clock.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::when;
use crate::programs::options::Spec;
use crate::programs::tool::{Outcome, Tool};
use crate::world::Call;

static DATE: Spec = Spec::new(
    &[
        "d,date=",
        "u,utc,universal",
        "R,rfc-email",
        "I,iso-8601=?",
        "rfc-3339=",
        "r,reference=",
        "s,set=",
        "f=",
        "D=",
    ],
    "Usage: date [OPTION]... [+FORMAT]\n\nPrints the time.\n\n  -u  UTC   -d STRING  that time   -R, -I[FMT], --rfc-3339=FMT  standard forms   -r FILE  the FILE's time\n",
);
static SLEEP: Spec = Spec::new(
    &[],
    "Usage: sleep NUMBER[SUFFIX]...\n\nWaits for NUMBER seconds; s, m, h, d as SUFFIX. In virtual time, of course.\n",
);

/// `date`.
pub async fn date(call: Call) -> Outcome {
    let tool = Tool::new(call, &DATE).await?;
    let options = &tool.options;
    let now = tool.call.sys.now();
    let at = match (options.value("d"), options.value("r")) {
        (Some(text), _) => match when::read(text, now) {
            Some(at) => at,
            None => return Err(tool.die(format!("invalid date ‘{text}’")).await),
        },
        (_, Some(file)) => match tool.call.sys.stat(&tool.path(file)) {
            Ok(entry) => entry.mtime.timestamp(),
            Err(error) => return Err(tool.die(format!("{file}: {error}")).await),
        },
        _ => now.timestamp(),
    };
    if options.has("s") {
        return Err(tool.die("cannot set date: Operation not permitted").await);
    }
    let operand = options.operands.first().cloned().unwrap_or_default();
    let text = if let Some(format) = operand.strip_prefix('+') {
        formatted(at, format)
    } else if !operand.is_empty() {
        return Err(tool.die(format!("invalid date ‘{operand}’")).await);
    } else if options.has("R") {
        formatted(at, "%a, %d %b %Y %H:%M:%S %z")
    } else if options.has("I") {
        match options.value("I") {
            Some("seconds" | "s") => formatted(at, "%Y-%m-%dT%H:%M:%S%:z"),
            Some("minutes" | "m") => formatted(at, "%Y-%m-%dT%H:%M%:z"),
            Some("hours" | "h") => formatted(at, "%Y-%m-%dT%H%:z"),
            Some("ns") => formatted(at, "%Y-%m-%dT%H:%M:%S,%N%:z"),
            _ => formatted(at, "%Y-%m-%d"),
        }
    } else if let Some(kind) = options.value("rfc-3339") {
        formatted(at, if kind.starts_with('d') { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S%:z" })
    } else if tool.busybox {
        formatted(at, "%a %b %e %H:%M:%S %Z %Y")
    } else {
        formatted(at, "%a %b %e %I:%M:%S %p %Z %Y")
    };
    tool.out(format!("{text}\n")).await?;
    Ok(0)
}

/// `date`'s formats; the world's zone is UTC.
fn formatted(at: Timestamp, format: &str) -> String {
    let zoned = at.to_zoned(TimeZone::UTC);
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let flag = chars.next_if(|c| matches!(c, '-' | '_' | '^' | '0' | ':'));
        let digits: String = std::iter::from_fn(|| chars.next_if(char::is_ascii_digit)).collect();
        let Some(code) = chars.next() else {
            out.push('%');
            break;
        };
        let plain = |format: &str| zoned.strftime(format).to_string();
        let text = match code {
            '%' => "%".to_owned(),
            'n' => "\n".to_owned(),
            't' => "\t".to_owned(),
            's' => at.as_second().to_string(),
            'N' => {
                let nanos = format!("{:09}", at.subsec_nanosecond());
                nanos[..digits.parse::<usize>().unwrap_or(9).min(9)].to_owned()
            }
            'z' if flag == Some(':') => "+00:00".to_owned(),
            'z' => "+0000".to_owned(),
            'Z' => "UTC".to_owned(),
            'r' => plain("%I:%M:%S %p"),
            'c' => plain("%a %b %e %H:%M:%S %Y"),
            'x' => plain("%m/%d/%y"),
            'X' => plain("%H:%M:%S"),
            'D' => plain("%m/%d/%y"),
            'T' => plain("%H:%M:%S"),
            'R' => plain("%H:%M"),
            'F' => plain("%Y-%m-%d"),
            'h' => plain("%b"),
            'q' => (((i32::from(zoned.month()) - 1) / 3) + 1).to_string(),
            code if "aAbBCdegGHIjklmMpPSuUVwWyY".contains(code) => plain(&format!("%{code}")),
            other => format!("%{other}"),
        };
        out += &match flag {
            Some('-') => {
                text.trim_start_matches(['0', ' ']).to_owned()
                    + if text.trim_start_matches(['0', ' ']).is_empty() { "0" } else { "" }
            }
            Some('_') => text.strip_prefix('0').map_or(text.clone(), |t| format!(" {t}")),
            Some('^') => text.to_uppercase(),
            _ => text,
        };
    }
    out
}

/// A span such as `1.5`, `10s`, `2m`, `infinity`.
pub fn span(text: &str) -> Option<Duration> {
    if matches!(text, "inf" | "infinity") {
        return Some(Duration::from_secs(u64::from(u32::MAX)));
    }
    let (number, scale) = match text.char_indices().next_back()? {
        (at, 's') => (&text[..at], 1.0),
        (at, 'm') => (&text[..at], 60.0),
        (at, 'h') => (&text[..at], 3600.0),
        (at, 'd') => (&text[..at], 86_400.0),
        _ => (text, 1.0),
    };
    let seconds: f64 = number.parse().ok()?;
    (seconds >= 0.0 && seconds.is_finite()).then(|| Duration::from_secs_f64((seconds * scale).min(4e9)))
}

/// `sleep` and `usleep`.
pub async fn sleep(call: Call) -> Outcome {
    let tool = Tool::new(call, &SLEEP).await?;
    if tool.options.operands.is_empty() {
        return Err(tool.misuse("missing operand").await);
    }
    let mut total = Duration::ZERO;
    for text in &tool.options.operands {
        match span(text) {
            Some(span) if tool.name == "usleep" => total += span / 1_000_000,
            Some(span) => total += span,
            None if tool.busybox => return Err(tool.die(format!("invalid number '{text}'")).await),
            None => return Err(tool.misuse(&format!("invalid time interval ‘{text}’")).await),
        }
    }
    tool.pause(total).await;
    Ok(0)
}
