//! `--flags-file`: flags that stand in a YAML file, put where the file was named. Must never know what a flag means.

use serde_json::Value;

use crate::world::Call;

const FLAG: &str = "--flags-file";
/// Most files that name each other.
const DEPTH: usize = 8;

/// The words with the flags of files in the places where the files were named.
///
/// # Errors
/// A file that is not there, or that holds something else.
pub fn expand(call: &Call, words: &[String]) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            out.push(word.clone());
            break;
        }
        let file = match word.strip_prefix(FLAG) {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('=').map(|_| word),
            None => {
                out.push(word.clone());
                continue;
            }
        };
        let prefix = format!("{FLAG}=");
        match file {
            Some(file) => from_file(call, file.strip_prefix(&prefix).unwrap_or(file), 0, &mut out)?,
            None if word == FLAG => {}
            None => out.push(word.clone()),
        }
    }
    out.extend(words.cloned());
    Ok(out)
}

fn from_file(call: &Call, path: &str, depth: usize, out: &mut Vec<String>) -> Result<(), String> {
    if depth > DEPTH {
        return Err(format!("{FLAG} recursive reference ({path})."));
    }
    let place = call.path(path);
    let Ok(text) = call.sys.read_text(&place) else {
        return Err(format!("{FLAG} [{path}] not found."));
    };
    if text.is_empty() {
        return Err(format!("{FLAG} [{path}] is empty."));
    }
    let value: Value = serde_saphyr::from_str(&text).map_err(|problem| {
        format!("Failed to parse YAML: {}", problem.to_string().lines().next().unwrap_or_default())
    })?;
    let groups = match value {
        Value::Array(groups) => groups,
        one => vec![one],
    };
    for group in groups {
        let Value::Object(flags) = group else {
            return Err(format!(
                "{path}:1: {FLAG} file must contain a dictionary or list of dictionaries of flags."
            ));
        };
        for (flag, value) in flags {
            match value {
                Value::String(file) if flag == FLAG => from_file(call, &file, depth + 1, out)?,
                value => out.extend(words(flag, &value)),
            }
        }
    }
    Ok(())
}

/// A flag and its value as words of a command line.
fn words(flag: String, value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        Value::Null | Value::Bool(_) => vec![flag],
        Value::Array(items) => vec![flag, items.iter().map(text).collect::<Vec<_>>().join(",")],
        Value::Object(map) => {
            let pairs: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}={}", text(value))).collect();
            vec![flag, pairs.join(",")]
        }
        value => vec![format!("{flag}={}", text(value))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: Value, expect: &[&str]) {
        assert_eq!(words("--x".to_owned(), &value), expect);
    }

    #[test]
    fn values_become_words() {
        check(json!(null), &["--x"]);
        check(json!(3), &["--x=3"]);
        check(json!("a b"), &["--x=a b"]);
        check(json!(["a", "b"]), &["--x", "a,b"]);
        check(json!({ "k": "v", "n": 1 }), &["--x", "k=v,n=1"]);
    }
}
