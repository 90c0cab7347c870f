//! BuildKit's checks of a Dockerfile: what is allowed but unwise. Never stops a build.

use super::dockerfile::{Dockerfile, Instruction, json_form};

/// Names in ARG and ENV that look like secrets.
const SECRETS: &[&str] =
    &["apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"];

/// Every finding, each `RULE: sentence (line N)`.
pub fn findings(file: &Dockerfile) -> Vec<String> {
    let mut out = Vec::new();
    let upper = majority_upper(file);
    for stage in &file.stages {
        let from = &stage.from;
        casing(from, upper, &mut out);
        if let Some(word) = from.rest.split_whitespace().nth(1) {
            let same = word.chars().all(char::is_uppercase) == from.typed.chars().all(char::is_uppercase);
            if !same {
                note(
                    &mut out,
                    from,
                    "FromAsCasing",
                    &format!("'{word}' and '{}' keywords' casing do not match", from.typed),
                );
            }
        }
        for step in &stage.steps {
            casing(step, upper, &mut out);
            of_step(step, &mut out);
        }
        for name in ["CMD", "ENTRYPOINT", "HEALTHCHECK"] {
            let many: Vec<&Instruction> = stage.steps.iter().filter(|s| s.name == name).collect();
            for extra in many.iter().take(many.len().saturating_sub(1)) {
                let sentence = format!(
                    "Multiple {name} instructions should not be used in the same stage because only the last one will be used"
                );
                note(&mut out, extra, "MultipleInstructionsDisallowed", &sentence);
            }
        }
    }
    out
}

fn note(out: &mut Vec<String>, at: &Instruction, rule: &str, sentence: &str) {
    out.push(format!("{rule}: {sentence} (line {})", at.lines.0));
}

fn of_step(step: &Instruction, out: &mut Vec<String>) {
    let first = step.rest.split_whitespace().next().unwrap_or_default();
    match step.name.as_str() {
        "CMD" | "ENTRYPOINT" if json_form(&step.rest).is_none() && !step.rest.is_empty() => {
            let sentence = format!(
                "JSON arguments recommended for {} to prevent unintended behavior related to OS signals",
                step.name
            );
            note(out, step, "JSONArgsRecommended", &sentence);
        }
        "MAINTAINER" => {
            note(
                out,
                step,
                "MaintainerDeprecated",
                "Maintainer instruction is deprecated in favor of using label",
            );
        }
        "WORKDIR" if !step.rest.starts_with(['/', '$']) => {
            let sentence = format!(
                "Relative workdir \"{}\" can have unexpected results if the base image changes",
                step.rest
            );
            note(out, step, "WorkdirRelativePath", &sentence);
        }
        "ENV" | "ARG" | "LABEL" => {
            if step.name != "ARG" && !first.contains('=') {
                let name = &step.name;
                let sentence = format!(
                    "\"{name} key=value\" should be used instead of legacy \"{name} key value\" format"
                );
                note(out, step, "LegacyKeyValueFormat", &sentence);
            }
            let variable = first.split('=').next().unwrap_or_default();
            let looks_secret =
                variable.split('_').any(|part| SECRETS.contains(&part.to_ascii_lowercase().as_str()));
            if step.name != "LABEL" && looks_secret {
                let sentence = format!(
                    "Do not use ARG or ENV instructions for sensitive data ({} \"{variable}\")",
                    step.name
                );
                note(out, step, "SecretsUsedInArgOrEnv", &sentence);
            }
        }
        _ => {}
    }
}

fn majority_upper(file: &Dockerfile) -> bool {
    let all = file.stages.iter().flat_map(|s| std::iter::once(&s.from).chain(&s.steps));
    let (mut upper, mut lower) = (0, 0);
    for instruction in all {
        if instruction.typed.chars().all(char::is_lowercase) {
            lower += 1;
        } else {
            upper += 1;
        }
    }
    upper >= lower
}

fn casing(at: &Instruction, upper: bool, out: &mut Vec<String>) {
    let wanted = if upper { at.typed.to_uppercase() } else { at.typed.to_lowercase() };
    if at.typed != wanted {
        let which = if upper { "uppercase" } else { "lowercase" };
        let sentence =
            format!("Command '{}' should match the case of the command majority ({which})", at.typed);
        note(out, at, "ConsistentInstructionCasing", &sentence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unwise_lines_are_found() {
        let file =
            super::super::dockerfile::parse("FROM a as b\nrun x\nENV K v\nWORKDIR app\nCMD node app.js\n")
                .expect("sound");
        let rules: Vec<String> =
            findings(&file).iter().map(|f| f.split(':').next().unwrap_or_default().to_owned()).collect();
        assert_eq!(
            rules,
            [
                "FromAsCasing",
                "ConsistentInstructionCasing",
                "LegacyKeyValueFormat",
                "WorkdirRelativePath",
                "JSONArgsRecommended"
            ]
        );
    }
}
