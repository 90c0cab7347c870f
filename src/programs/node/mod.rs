//! `node`: reads its command line as node does and hands the script to an engine that runs it in virtual time.

mod asks;
mod command_line;
mod driver;
mod engine;
mod esm;
mod files;
mod library;
mod natives;
mod syntax;
#[cfg(test)]
mod tests;
mod versions;

pub use command_line::run;
