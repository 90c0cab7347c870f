//! `echo`.

use super::super::interp::{LocalFuture, Outcome};
use super::super::state::{Flavor, Shell};
use super::super::syntax::escape;

pub(super) fn echo<'a>(shell: &'a mut Shell, args: Vec<String>) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        let mut newline = true;
        // dash always interprets backslashes.
        let mut escapes = shell.options.xpg_echo || shell.flavor == Flavor::Dash;
        let mut from = 0;
        for arg in &args {
            let flags = arg.strip_prefix('-').unwrap_or_default();
            let known = if shell.flavor == Flavor::Dash { "n" } else { "neE" };
            if flags.is_empty() || !flags.chars().all(|flag| known.contains(flag)) {
                break;
            }
            for flag in flags.chars() {
                match flag {
                    'n' => newline = false,
                    'e' => escapes = true,
                    _ => escapes = false,
                }
            }
            from += 1;
        }
        let mut text = args[from..].join(" ");
        if escapes {
            let (decoded, stopped) = decoded(&text);
            text = decoded;
            newline &= !stopped;
        }
        if newline {
            text.push('\n');
        }
        let written = shell.out_bytes(text.as_bytes()).await?;
        Ok(i32::from(!written))
    })
}

/// The text of `echo -e`; true when `\c` ended it.
pub(super) fn decoded(text: &str) -> (String, bool) {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        at += 1;
        if c != '\\' {
            out.push(c);
            continue;
        }
        let Some(&kind) = chars.get(at) else {
            out.push('\\');
            break;
        };
        at += 1;
        match kind {
            'c' => return (out, true),
            // `\0nnn`: up to three digits after the zero.
            '0' if chars.get(at).is_some_and(|c| c.is_digit(8)) => {
                at = escape(chars[at], &chars, at + 1, &mut out);
            }
            '0' => out.push('\0'),
            '1'..='7' => out.extend(['\\', kind]),
            _ => at = escape(kind, &chars, at, &mut out),
        }
    }
    (out, false)
}
