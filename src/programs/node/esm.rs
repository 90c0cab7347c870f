//! ECMAScript modules as node's users write them, turned into CommonJS line for line: `import` and `export`
//! statements only. Must never move a line, or error messages would point elsewhere.

use std::sync::LazyLock;

use regex::{Captures, Regex};

static IMPORT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)^([ \t]*)import\s+(?:([\w$]+)\s*,?\s*)?(?:\*\s*as\s+([\w$]+)\s*)?(?:\{([^}]*)\}\s*)?from\s*(['"][^'"\n]+['"])"#).ok()
});
static BARE_IMPORT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)^([ \t]*)import\s*(['"][^'"\n]+['"])"#).ok());
static EXPORT_NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^([ \t]*)export\s+((?:async\s+)?function\*?|class|const|let|var)\s+([\w$]+)").ok()
});
static EXPORT_LIST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^([ \t]*)export\s*\{([^}]*)\}").ok());
static EXPORT_DEFAULT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^([ \t]*)export\s+default\s+").ok());
static MODULE_LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)^[ \t]*(?:import(?:\s+[\w$]|\s*[*{'"])|export\s+(?:default|const|let|var|function|class|async|\{)|export\s*\{)"#).ok()
});

/// Whether the text has an `import` or `export` statement at the start of a line.
pub fn looks_like_module(text: &str) -> bool {
    MODULE_LINE.as_ref().is_some_and(|r| r.is_match(text))
}

/// `a as b, c` as destructuring: `a: b, c`.
fn bindings(list: &str) -> String {
    list.replace(" as ", ": ")
}

/// The text with its imports as `require`s and its exports as assignments, on the same lines.
pub fn to_commonjs(text: &str) -> String {
    let mut exported = Vec::new();
    let text = replace(&IMPORT, text, |c| {
        let from = &c[5];
        let mut parts = Vec::new();
        if let Some(name) = c.get(2) {
            parts.push(format!("{} = __default(require({from}))", name.as_str()));
        }
        if let Some(all) = c.get(3) {
            parts.push(format!("{} = require({from})", all.as_str()));
        }
        if let Some(list) = c.get(4) {
            parts.push(format!("{{{}}} = require({from})", bindings(list.as_str())));
        }
        format!("{}const {}", &c[1], parts.join(", "))
    });
    let text = replace(&BARE_IMPORT, &text, |c| format!("{}require({})", &c[1], &c[2]));
    let text = replace(&EXPORT_NAMED, &text, |c| {
        exported.push((c[3].to_owned(), c[3].to_owned()));
        format!("{}{} {}", &c[1], &c[2], &c[3])
    });
    let text = replace(&EXPORT_LIST, &text, |c| {
        for item in c[2].split(',').map(str::trim).filter(|i| !i.is_empty()) {
            let (local, public) = item.split_once(" as ").unwrap_or((item, item));
            exported.push((local.trim().to_owned(), public.trim().to_owned()));
        }
        format!("{};", &c[1])
    });
    let text = replace(&EXPORT_DEFAULT, &text, |c| format!("{}exports.default = ", &c[1]));
    let names: String =
        exported.iter().map(|(local, public)| format!(" exports[{public:?}] = {local};")).collect();
    format!("{text}\n;{names}")
}

fn replace(regex: &LazyLock<Option<Regex>>, text: &str, with: impl FnMut(&Captures<'_>) -> String) -> String {
    match regex.as_ref() {
        Some(regex) => regex.replace_all(text, with).into_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        assert_eq!(to_commonjs(input), expect, "for {input:?}");
    }

    #[test]
    fn imports_and_exports_keep_their_lines() {
        check("import http from 'http';\nx", "const http = __default(require('http'));\nx\n;");
        check("import {a as b} from './m.mjs'", "const {a: b} = require('./m.mjs')\n;");
        check("import * as os from \"os\"", "const os = require(\"os\")\n;");
        check("export const x = 1;", "const x = 1;\n; exports[\"x\"] = x;");
        check("export default 3", "exports.default = 3\n;");
    }

    #[test]
    fn ordinary_scripts_are_no_modules() {
        assert!(!looks_like_module("const x = require('x')\n// import y\nimportant()"));
        assert!(looks_like_module("import x from 'y'"));
    }
}
