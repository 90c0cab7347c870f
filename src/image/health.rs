//! A health check: what is run to tell whether a container does its work, and how often. Never runs it.

use std::time::Duration;

/// `HEALTHCHECK`, or the `--health-*` flags. A span of zero and no retries mean Docker's own defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Healthcheck {
    /// `["CMD-SHELL", "..."]`, `["CMD", ...]`, `["NONE"]`; empty when there is none.
    pub test: Vec<String>,
    pub interval: Duration,
    pub timeout: Duration,
    pub start_period: Duration,
    pub start_interval: Duration,
    pub retries: u32,
}

impl Healthcheck {
    /// Whether nothing is checked.
    pub fn is_none(&self) -> bool {
        self.test.first().is_none_or(|kind| kind == "NONE")
    }

    /// The command line of a check; a shell's for the shell form.
    pub fn argv(&self, shell: &[String]) -> Vec<String> {
        match self.test.split_first() {
            Some((kind, rest)) if kind == "CMD-SHELL" => {
                let default = ["/bin/sh".to_owned(), "-c".to_owned()];
                let shell = if shell.is_empty() { default.as_slice() } else { shell };
                shell.iter().chain(rest).cloned().collect()
            }
            Some((_, rest)) => rest.to_vec(),
            None => Vec::new(),
        }
    }
}
