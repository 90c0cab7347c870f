//! Whether everything that a command needs was given, and nothing that excludes another. Must never look at values.

use std::collections::BTreeMap;

use super::tree::{Argument, Count, Group, Spec};
use super::usage::{argument_usage, is_required, missing_usage};

/// What was given: so many positional arguments, these flags.
struct Given<'a> {
    positionals: usize,
    flags: &'a BTreeMap<String, String>,
    /// Positional arguments that were looked at already.
    seen: usize,
}

/// Checks a command's arguments.
///
/// # Errors
/// The parser's words about what is missing or too much.
pub fn check(spec: &Spec, positionals: usize, flags: &BTreeMap<String, String>) -> Result<(), String> {
    let top = Group { one_of: false, required: true, members: spec.arguments.clone() };
    check_group(&top, &mut Given { positionals, flags, seen: 0 }, true, true).map(drop)
}

/// Whether anything of the group was given.
fn check_group(group: &Group, given: &mut Given<'_>, required: bool, top: bool) -> Result<bool, String> {
    let (mut have, mut have_required, mut need): (Vec<&Argument>, usize, Vec<&Argument>) =
        (Vec::new(), 0, Vec::new());
    let mut also_optional = false;
    for member in &group.members {
        let is_there = match member {
            Argument::Group(inner) => check_group(inner, given, required && inner.required, false)?,
            Argument::Flag(flag) => {
                let off = flag.name().replacen("--", "--no-", 1);
                given.flags.contains_key(flag.name()) || given.flags.contains_key(&off)
            }
            Argument::Positional(p) if p.count == Count::Rest => continue,
            Argument::Positional(_) => {
                given.seen += 1;
                given.seen <= given.positionals
            }
        };
        match (is_there, is_required(member)) {
            (true, needed) => {
                have.push(member);
                have_required += usize::from(needed);
            }
            (false, true) => need.push(member),
            (false, false) => also_optional = true,
        }
    }
    if !need.is_empty() && !group.one_of {
        let has_optional = have.len() > have_required;
        if top || (have_required > 0 && !has_optional && !also_optional) {
            return Err(format!("argument {}: Must be specified.", missing_usage(&need)));
        }
        if !have.is_empty() {
            return Err(format!(
                "argument {}: {} must be specified.",
                missing_usage(&have),
                missing_usage(&need)
            ));
        }
    }
    if group.one_of {
        let conflict = argument_usage(&Argument::Group(group.clone()), false);
        let first = have.first().map(|a| format!("argument {}: ", argument_usage(a, false)));
        // Two words for the same count once.
        let words: Vec<&str> = have.iter().filter_map(|argument| word_for(argument)).collect();
        let count =
            have.len() - words.iter().enumerate().filter(|(at, word)| words[..*at].contains(word)).count();
        if required && group.required && count != 1 {
            return Err(format!("{}Exactly one of {conflict} must be specified.", first.unwrap_or_default()));
        }
        if count > 1 {
            return Err(format!("{}At most one of {conflict} can be specified.", first.unwrap_or_default()));
        }
    }
    Ok(!have.is_empty())
}

/// The flag that an argument is, or is another word for.
fn word_for(argument: &Argument) -> Option<&'static str> {
    match argument {
        Argument::Flag(flag) => Some(flag.same_as.unwrap_or(flag.name())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::gcloud::tree;

    fn check_line(path: &str, positionals: usize, flags: &[&str], expect: Result<(), &str>) {
        let spec = tree::spec(path).expect("a command");
        let flags = flags.iter().map(|flag| ((*flag).to_owned(), String::new())).collect();
        assert_eq!(check(&spec, positionals, &flags), expect.map_err(str::to_owned), "{path}");
    }

    #[test]
    fn what_is_missing_is_named() {
        check_line("config set", 0, &[], Err("argument SECTION/PROPERTY VALUE: Must be specified."));
        check_line("container clusters create", 1, &[], Ok(()));
        check_line(
            "artifacts repositories describe",
            0,
            &["--location"],
            Err("argument --location: REPOSITORY must be specified."),
        );
    }

    #[test]
    fn of_some_flags_only_one_may_be_given() {
        let location = "argument --region: At most one of --location | --region | --zone can be specified.";
        check_line("container clusters create", 1, &["--zone", "--region"], Err(location));
        let size = "Exactly one of (--num-nodes | --size) must be specified.";
        check_line("container clusters resize", 1, &[], Err(size));
        check_line("container clusters resize", 1, &["--num-nodes", "--size"], Ok(()));
    }
}
