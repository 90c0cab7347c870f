//! Lessons: their format, the checks that see whether a step is done, the coach, and a learner's way through a quest.
//!
//! A lesson observes; it never changes the world, reads a file or knows the wall clock. Everything it sees comes
//! through [`facts::Facts`].

pub mod object;
pub mod facts;
pub mod template;
pub mod words;
pub mod meaning;
pub mod goal;
pub mod goal_file;
pub mod lines;
pub mod format;
pub mod prose;
pub mod course;
pub mod check;
pub mod detail;
pub mod coach;
pub mod run;
pub mod view;

#[cfg(test)]
mod tests;
