//! Who completes whose arguments. A table and nothing else.

use super::{docker, gcloud, kubectl};
use crate::shell::complete::Completer;

/// The completer of a program, by the name it is called by.
pub fn find(name: &str) -> Option<Completer> {
    TABLE.iter().find(|(known, _)| *known == name).map(|(_, completer)| *completer)
}

static TABLE: &[(&str, Completer)] = &[
    ("docker", docker::complete::complete),
    ("gcloud", gcloud::complete::complete),
    ("kubectl", kubectl::complete::complete),
];
