//! The programs behind the prompt, a file per command.

pub mod kubectl;
