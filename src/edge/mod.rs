//! The only place with a wall clock, files, sockets and threads.

pub mod check;
pub mod export;
pub mod golden;
pub mod kube_http;
pub mod list;
pub mod options;
pub mod sh;
pub mod storage;
pub mod journal_file;
pub mod display;
pub mod opening;
pub mod pacing;
pub mod plain;
mod play_door;
mod play_end;
pub mod play_loop;
mod play_past;
pub mod terminal;
