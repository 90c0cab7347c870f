//! `printf`: bash's formats and their complaints.

use super::super::interp::{LocalFuture, Outcome};
use super::super::state::Shell;
use super::super::syntax::{backslash_quoted, escape};
use super::output::decoded;

/// Bytes one `printf` may write.
const MAX_OUTPUT_BYTES: usize = 8 * 1024 * 1024;

pub(super) fn printf<'a>(shell: &'a mut Shell, args: Vec<String>) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let mut rest = args.as_slice();
        let mut variable = None;
        if rest.first().is_some_and(|arg| arg == "-v") && rest.len() > 1 {
            variable = Some(rest[1].clone());
            rest = &rest[2..];
        }
        if rest.first().is_some_and(|arg| arg == "--") {
            rest = &rest[1..];
        }
        let Some((format, values)) = rest.split_first() else { return shell.usage("printf", "").await };
        let mut run = Run {
            values: values.iter(),
            out: String::new(),
            complaints: Vec::new(),
            failed: false,
            stop: false,
            now: shell.sys.now().0 as i64 / 1000,
        };
        run.all(format);
        let (mut text, complaints, failed) = (run.out, run.complaints, run.failed);
        if variable.is_some() {
            // A variable ends at its first NUL.
            text.truncate(text.find('\0').unwrap_or(text.len()));
        }
        let mut status = i32::from(failed);
        match variable {
            None => {
                if !shell.out_bytes(text.as_bytes()).await? {
                    status = 1;
                }
            }
            Some(name) => {
                let (base, index) = match name.split_once('[') {
                    Some((base, rest)) => (base.to_string(), Some(rest.trim_end_matches(']').to_string())),
                    None => (name.clone(), None),
                };
                if !super::super::state::is_name(&base) {
                    return shell
                        .builtin_error("printf", &format!("`{name}': not a valid identifier"))
                        .await
                        .map(|_| 2);
                }
                if let Err(message) = shell.assign(&base, index.as_deref(), &text, false) {
                    shell.complain(&message).await;
                    status = 1;
                }
            }
        }
        for complaint in complaints {
            shell.builtin_error("printf", &complaint).await?;
        }
        Ok(status)
    })
}

struct Run<'a> {
    values: std::slice::Iter<'a, String>,
    out: String,
    complaints: Vec<String>,
    failed: bool,
    /// `\c`, or a format that cannot be used.
    stop: bool,
    now: i64,
}

/// `%-08.3f` taken apart.
#[derive(Default)]
struct Spec {
    minus: bool,
    zero: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

impl<'a> Run<'a> {
    fn all(&mut self, format: &str) {
        let chars: Vec<char> = format.chars().collect();
        loop {
            let before = self.values.len();
            self.once(&chars);
            let used = self.values.len() < before;
            if self.stop || self.values.len() == 0 || !used || self.out.len() > MAX_OUTPUT_BYTES {
                return;
            }
        }
    }

    fn once(&mut self, chars: &[char]) {
        let mut at = 0;
        while let Some(&c) = chars.get(at) {
            at += 1;
            match c {
                '\\' => {
                    let Some(&kind) = chars.get(at) else {
                        self.out.push('\\');
                        continue;
                    };
                    at += 1;
                    match kind {
                        '"' | '\'' | '?' => self.out.push(kind),
                        'c' => {
                            self.stop = true;
                            return;
                        }
                        _ => at = escape(kind, chars, at, &mut self.out),
                    }
                }
                '%' if chars.get(at) == Some(&'%') => {
                    self.out.push('%');
                    at += 1;
                }
                '%' => at = self.conversion(chars, at),
                c => self.out.push(c),
            }
            if self.stop {
                return;
            }
        }
    }

    fn number_of(&mut self, chars: &[char], at: &mut usize) -> Option<i64> {
        if chars.get(*at) == Some(&'*') {
            *at += 1;
            let text = self.values.next().cloned().unwrap_or_default();
            return Some(self.integer(&text, true));
        }
        let digits: String = chars[*at..].iter().take_while(|c| c.is_ascii_digit()).collect();
        *at += digits.len();
        digits.parse().ok()
    }

    fn conversion(&mut self, chars: &[char], mut at: usize) -> usize {
        let start = at - 1;
        let mut spec = Spec::default();
        while let Some(c) = chars.get(at) {
            match c {
                '-' => spec.minus = true,
                '0' => spec.zero = true,
                '+' => spec.plus = true,
                ' ' => spec.space = true,
                '#' => spec.alternate = true,
                '\'' => {}
                _ => break,
            }
            at += 1;
        }
        let width = self.number_of(chars, &mut at).unwrap_or(0);
        spec.minus |= width < 0;
        spec.width = width.unsigned_abs().min(MAX_OUTPUT_BYTES as u64) as usize;
        if chars.get(at) == Some(&'.') {
            at += 1;
            let precision = self.number_of(chars, &mut at).unwrap_or(0);
            spec.precision = usize::try_from(precision).ok();
        }
        while matches!(chars.get(at), Some('l' | 'h' | 'j' | 'z' | 't' | 'L')) {
            at += 1;
        }
        let mut time_format = None;
        if chars.get(at) == Some(&'(')
            && let Some(len) = chars[at..].iter().position(|c| *c == ')')
        {
            time_format = Some(chars[at + 1..at + len].iter().collect::<String>());
            at += len + 1;
        }
        let Some(&kind) = chars.get(at) else {
            let shown: String = chars[start..].iter().collect();
            return self.bad(&format!("`{}': missing format character", shown), at);
        };
        at += 1;
        match (kind, time_format) {
            ('T', Some(format)) => self.time(&format, &spec),
            ('s', _) => {
                let text = self.values.next().cloned().unwrap_or_default();
                self.text(&text, &spec);
            }
            ('b', _) => {
                let text = self.values.next().cloned().unwrap_or_default();
                let (text, stopped) = decoded(&text);
                self.text(&text, &spec);
                self.stop = stopped;
            }
            ('q' | 'Q', _) => {
                let text = self.values.next().cloned().unwrap_or_default();
                self.text(&backslash_quoted(&text), &spec);
            }
            ('c', _) => {
                let text = self.values.next().and_then(|text| text.chars().next()).map(String::from);
                self.text(&text.unwrap_or_default(), &spec);
            }
            ('d' | 'i', _) => self.signed(&spec),
            ('u' | 'o' | 'x' | 'X', _) => self.unsigned(kind, &spec),
            ('f' | 'F' | 'e' | 'E' | 'g' | 'G' | 'a' | 'A', _) => self.float(kind, &spec),
            (other, _) => return self.bad(&format!("`{other}': invalid format character"), at),
        }
        at
    }

    fn bad(&mut self, message: &str, at: usize) -> usize {
        self.complaints.push(message.to_string());
        self.failed = true;
        self.stop = true;
        at
    }

    fn pad(&mut self, text: &str, spec: &Spec) {
        // As bash: the width counts bytes.
        let missing = spec.width.saturating_sub(text.len());
        let blanks = " ".repeat(missing);
        match spec.minus {
            true => self.out.push_str(&format!("{text}{blanks}")),
            false => self.out.push_str(&format!("{blanks}{text}")),
        }
    }

    fn text(&mut self, text: &str, spec: &Spec) {
        let cut: String = match spec.precision {
            Some(most) => text.chars().take(most).collect(),
            None => text.to_string(),
        };
        self.pad(&cut, spec);
    }

    fn time(&mut self, format: &str, spec: &Spec) {
        let text = self.values.next().cloned();
        let seconds = match text.as_deref() {
            None | Some("-1" | "-2") => self.now,
            Some(text) => text.parse().unwrap_or(0),
        };
        let shown = jiff::Timestamp::from_second(seconds)
            .map(|at| at.strftime(format).to_string())
            .unwrap_or_default();
        self.text(&shown, spec);
    }

    fn integer(&mut self, text: &str, signed: bool) -> i64 {
        let trimmed = text.trim_start();
        if let Some(quoted) = trimmed.strip_prefix(['\'', '"']) {
            return quoted.chars().next().map_or(0, |c| i64::from(u32::from(c)));
        }
        if trimmed.is_empty() {
            return 0;
        }
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let (radix, digits) = match digits {
            _ if digits.starts_with("0x") || digits.starts_with("0X") => (16, &digits[2..]),
            _ if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
            _ => (10, digits),
        };
        let valid: String = digits.chars().take_while(|c| c.is_digit(radix)).collect();
        if valid.len() < digits.len() || (valid.is_empty() && radix != 8) {
            let message = match radix {
                8 => format!("{text}: invalid octal number"),
                16 => format!("{text}: invalid hex number"),
                _ => format!("{text}: invalid number"),
            };
            self.complaints.push(message);
            self.failed = true;
        }
        if valid.is_empty() {
            return 0;
        }
        let value = i128::from_str_radix(&valid, radix).unwrap_or(i128::MAX);
        let value = if negative { -value } else { value };
        let most = if signed { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
        let kept = value.clamp(i128::from(i64::MIN), most);
        if kept != value {
            self.complaints.push(format!("warning: {text}: Numerical result out of range"));
        }
        kept as i64
    }

    fn signed(&mut self, spec: &Spec) {
        let text = self.values.next().cloned().unwrap_or_default();
        let value = self.integer(&text, true);
        let sign = match (value < 0, spec.plus, spec.space) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            _ => "",
        };
        self.digits(sign, &value.unsigned_abs().to_string(), spec);
    }

    fn unsigned(&mut self, kind: char, spec: &Spec) {
        let text = self.values.next().cloned().unwrap_or_default();
        let value = self.integer(&text, false) as u64;
        let (prefix, digits) = match kind {
            'o' => (if spec.alternate { "0" } else { "" }, format!("{value:o}")),
            'x' => (if spec.alternate && value != 0 { "0x" } else { "" }, format!("{value:x}")),
            'X' => (if spec.alternate && value != 0 { "0X" } else { "" }, format!("{value:X}")),
            _ => ("", value.to_string()),
        };
        self.digits(prefix, &digits, spec);
    }

    fn digits(&mut self, sign: &str, digits: &str, spec: &Spec) {
        let least = spec.precision.unwrap_or(1);
        let mut digits = format!("{digits:0>least$}");
        if spec.zero && !spec.minus && spec.precision.is_none() {
            let width = spec.width.saturating_sub(sign.len());
            digits = format!("{digits:0>width$}");
        }
        self.pad(&format!("{sign}{digits}"), spec);
    }

    fn float(&mut self, kind: char, spec: &Spec) {
        let text = self.values.next().cloned().unwrap_or_default();
        let trimmed = text.trim();
        let value = match trimmed.parse::<f64>() {
            Ok(value) => value,
            Err(_) if trimmed.is_empty() => 0.0,
            Err(_) if trimmed.starts_with(['\'', '"', '0']) => self.integer(trimmed, true) as f64,
            Err(_) => {
                self.complaints.push(format!("{text}: invalid number"));
                self.failed = true;
                let valid: String = trimmed
                    .chars()
                    .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))
                    .collect();
                valid.parse().unwrap_or(0.0)
            }
        };
        let precision = spec.precision.unwrap_or(6).min(400);
        let body = float_text(value.abs(), kind.to_ascii_lowercase(), precision, spec.alternate);
        let body = if kind.is_ascii_uppercase() { body.to_uppercase() } else { body };
        let sign = match (value.is_sign_negative(), spec.plus, spec.space) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            _ => "",
        };
        let body = match spec.zero && !spec.minus && value.is_finite() {
            true => format!("{body:0>width$}", width = spec.width.saturating_sub(sign.len())),
            false => body,
        };
        self.pad(&format!("{sign}{body}"), spec);
    }
}

fn float_text(value: f64, kind: char, precision: usize, alternate: bool) -> String {
    if !value.is_finite() {
        return if value.is_nan() { "nan".into() } else { "inf".into() };
    }
    match kind {
        'f' => format!("{value:.precision$}"),
        'e' => scientific(value, precision),
        _ => {
            let precision = precision.max(1);
            let exponent: i32 = scientific(value, precision - 1)
                .rsplit_once('e')
                .and_then(|(_, exponent)| exponent.parse().ok())
                .unwrap_or(0);
            let text = if exponent < -4 || exponent >= precision as i32 {
                scientific(value, precision - 1)
            } else {
                format!("{value:.places$}", places = (precision as i32 - 1 - exponent).max(0) as usize)
            };
            if alternate { text } else { without_trailing_zeros(&text) }
        }
    }
}

fn scientific(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let exponent: i32 = exponent.parse().unwrap_or(0);
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        None => text,
    }
}

fn without_trailing_zeros(text: &str) -> String {
    let (digits, exponent) = match text.split_once('e') {
        Some((digits, exponent)) => (digits, format!("e{exponent}")),
        None => (text, String::new()),
    };
    let digits = match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    };
    format!("{digits}{exponent}")
}
