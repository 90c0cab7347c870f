//! Options that every command understands. Must never act on them.

use std::path::PathBuf;

use clap::Args;

/// Options that every command understands.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Common {
    /// Language of lessons and interface: en or ko.
    #[arg(long, global = true, value_name = "LANG", env = "KUBEJAM_LANG")]
    pub lang: Option<String>,
    /// Your name, as it should stand on a record.
    #[arg(long, global = true, env = "KUBEJAM_NAME")]
    pub name: Option<String>,
    /// Where progress and journals are kept.
    #[arg(long, global = true, value_name = "DIR", env = "KUBEJAM_HOME")]
    pub data_dir: Option<PathBuf>,
    /// A seed for all names, addresses and tokens, instead of one made from your id.
    #[arg(long, global = true)]
    pub seed: Option<u64>,
    /// How fast virtual time runs.
    #[arg(long, global = true, value_name = "X")]
    pub speed: Option<f64>,
    /// The ground that you read on.
    #[arg(long, global = true, value_parser = ["dark", "light"], env = "KUBEJAM_THEME")]
    pub theme: Option<String>,
    /// No colours; NO_COLOR does the same.
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Only ASCII characters for lines and symbols.
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Plain lines instead of a screen, for screen readers and pipes.
    #[arg(long, global = true)]
    pub plain: bool,
    /// No animation.
    #[arg(long, global = true)]
    pub no_animation: bool,
}
