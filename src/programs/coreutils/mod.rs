//! The small commands of a Unix machine, GNU's and where it matters busybox's, a file per command or family.

pub mod glob;
pub mod grep;
pub mod posix;
pub mod sed;

use super::tool::ended;
use crate::world::Program;

/// By name, in the order of bytes.
pub static PROGRAMS: &[(&str, Program)] = &[
    ("egrep", |call| ended(grep::grep(call))),
    ("fgrep", |call| ended(grep::grep(call))),
    ("grep", |call| ended(grep::grep(call))),
    ("sed", |call| ended(sed::sed(call))),
];
