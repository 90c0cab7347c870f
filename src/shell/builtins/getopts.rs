//! `getopts`.

use super::super::interp::{LocalFuture, Outcome};
use super::super::state::Shell;

/// Where `getopts` stands inside a word like `-abc`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Getopts {
    letter: usize,
}

pub(super) fn getopts<'a>(shell: &'a mut Shell, args: Vec<String>) -> LocalFuture<'a, Outcome> {
    Box::pin(async move {
        if args.len() < 2 {
            return shell.usage("getopts", "").await;
        }
        let (spec, name) = (args[0].clone(), args[1].clone());
        let words = if args.len() > 2 { args[2..].to_vec() } else { shell.params.clone() };
        let silent = spec.starts_with(':');
        let mut index =
            shell.vars.text("OPTIND").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1).max(1);
        let mut letter = shell.getopts.letter.max(1);
        let word = words.get(index - 1).cloned().unwrap_or_default();
        if !word.starts_with('-') || word == "-" || word == "--" {
            index += usize::from(word == "--");
            finish(shell, index, 0);
            shell.vars.set(&name, "?");
            return Ok(1);
        }
        let letters: Vec<char> = word.chars().collect();
        let option = letters.get(letter).copied().unwrap_or('?');
        letter += 1;
        let last = letter >= letters.len();
        let takes = spec
            .chars()
            .position(|c| c == option && c != ':')
            .map(|at| spec.chars().nth(at + 1) == Some(':'));
        shell.vars.unset("OPTARG");
        let found = match takes {
            None => {
                (index, letter) = if last { (index + 1, 0) } else { (index, letter) };
                if silent {
                    shell.vars.set("OPTARG", &option.to_string());
                } else {
                    complain(shell, &format!("illegal option -- {option}")).await?;
                }
                "?".to_string()
            }
            Some(false) => {
                (index, letter) = if last { (index + 1, 0) } else { (index, letter) };
                option.to_string()
            }
            Some(true) => {
                let attached: String = letters[letter.min(letters.len())..].iter().collect();
                let value = if last { words.get(index).cloned() } else { Some(attached) };
                index += 1 + usize::from(last);
                letter = 0;
                match value {
                    Some(value) => {
                        shell.vars.set("OPTARG", &value);
                        option.to_string()
                    }
                    None => {
                        index -= 1;
                        if silent {
                            shell.vars.set("OPTARG", &option.to_string());
                        } else {
                            complain(shell, &format!("option requires an argument -- {option}")).await?;
                        }
                        if silent { ":".to_string() } else { "?".to_string() }
                    }
                }
            }
        };
        finish(shell, index, letter);
        match shell.assign(&name, None, &found, false) {
            Ok(()) => Ok(0),
            Err(message) => shell.builtin_error("getopts", &message).await,
        }
    })
}

fn finish(shell: &mut Shell, index: usize, letter: usize) {
    shell.vars.set("OPTIND", &index.to_string());
    shell.getopts.letter = letter;
}

async fn complain(shell: &mut Shell, message: &str) -> Outcome {
    let line = format!("{}: {message}\n", shell.arg0);
    shell.err_text(&line).await?;
    Ok(1)
}
