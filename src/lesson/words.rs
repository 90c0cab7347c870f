//! A typed line as simple commands of words, split as a shell would before it expands anything. Never runs or
//! expands; an unfinished quote simply ends with the line.

/// Splits a line into simple commands and each into words, as a shell would before expansion.
pub fn commands(line: &str) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    let mut skip_word = false;
    let end_word = |word: &mut Option<String>, all: &mut Vec<Vec<String>>, skip: &mut bool| {
        if let Some(w) = word.take()
            && !std::mem::take(skip)
            && let Some(last) = all.last_mut()
        {
            last.push(w);
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '\'' => word.get_or_insert_default().extend(chars.by_ref().take_while(|c| *c != '\'')),
            '"' => double_quoted(&mut chars, word.get_or_insert_default()),
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(other) => word.get_or_insert_default().push(other),
            },
            '#' if word.is_none() => {
                chars.by_ref().find(|c| *c == '\n');
            }
            '$' if chars.peek() == Some(&'(') => substitution(&mut chars, word.get_or_insert_default()),
            '>' | '<' => {
                // A redirection is no part of the meaning: drop a leading descriptor and the target.
                if word.as_deref().is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit())) {
                    word = None;
                }
                end_word(&mut word, &mut all, &mut skip_word);
                while chars.next_if(|c| matches!(c, '>' | '<' | '&' | '-')).is_some() {}
                skip_word = true;
            }
            c if c.is_whitespace() && c != '\n' => end_word(&mut word, &mut all, &mut skip_word),
            ';' | '|' | '&' | '\n' | '(' | ')' => {
                end_word(&mut word, &mut all, &mut skip_word);
                skip_word = false;
                all.push(Vec::new());
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    end_word(&mut word, &mut all, &mut skip_word);
    all.retain(|words| !words.is_empty());
    all
}

fn double_quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, word: &mut String) {
    while let Some(c) = chars.next() {
        match c {
            '"' => return,
            '\\' => {
                if let Some(next) = chars.next() {
                    if !matches!(next, '"' | '\\' | '$' | '`') {
                        word.push('\\');
                    }
                    word.push(next);
                }
            }
            other => word.push(other),
        }
    }
}

/// Keeps `$(...)` as one piece of the word.
fn substitution(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, word: &mut String) {
    word.push('$');
    let mut depth = 0_usize;
    for c in chars.by_ref() {
        word.push(c);
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_a_shell_splits_them() {
        let check = |line: &str, expect: &[&[&str]]| assert_eq!(commands(line), expect, "{line}");
        check("a 'b c' \"d \\\" e\" f\\ g", &[&["a", "b c", "d \" e", "f g"]]);
        check("a>out 2>&1 b | c && d # e", &[&["a", "b"], &["c"], &["d"]]);
        check("echo $(docker ps -q | head) x", &[&["echo", "$(docker ps -q | head)", "x"]]);
        check("echo 'open", &[&["echo", "open"]]);
    }
}
