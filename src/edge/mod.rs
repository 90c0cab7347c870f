//! The only place with a wall clock, files, sockets and threads.

pub mod golden;
pub mod options;
pub mod sh;
pub mod storage;
