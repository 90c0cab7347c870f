//! Reading bash: characters to a tree. A parser that says whether the input is *wrong* or only *not finished*,
//! in bash's own words. It never expands or runs anything, and never reads a file.

mod arrays;
pub mod ast;
mod compound;
mod cond;
mod error;
mod heredoc;
mod lists;
mod params;
mod parser;
mod print;
mod quoting;
mod simple;
mod words;

pub use error::{ErrorKind, ParseError};
pub use parser::reserved_words;
pub use parser::{Dialect, Parser};
pub use print::{command_text, function_text, list_text, pipeline_text};
pub use quoting::{
    ansi_c as backslash_value, backslash_quoted, double_quoted, escape, quoted_if_needed, single_quoted,
};

#[cfg(test)]
mod tests;
