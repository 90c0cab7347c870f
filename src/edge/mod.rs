//! The only place with a wall clock, files, sockets and threads.

pub mod golden;
pub mod list;
pub mod options;
pub mod sh;
pub mod storage;
pub mod display;
pub mod pacing;
pub mod plain;
pub mod play_loop;
pub mod terminal;
