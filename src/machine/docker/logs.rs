//! What a container wrote, with the time of each piece. Never interprets it.

use std::collections::VecDeque;

use crate::base::SimTime;
use crate::image::process::LogStream;

/// Bytes kept per container; the oldest pieces go first, as with a rotating json-file log.
pub const LOG_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// A line, or the unfinished end of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub at: SimTime,
    pub stream: LogStream,
    pub bytes: Vec<u8>,
}

/// A container's log. Lines are numbered from 0 over its whole life, dropped ones included.
#[derive(Debug, Clone, Default)]
pub struct Logs {
    lines: VecDeque<LogLine>,
    bytes: usize,
    dropped: u64,
}

impl Logs {
    /// Adds what was written in one go; it is cut into lines, and an unfinished line is continued.
    pub fn write(&mut self, at: SimTime, stream: LogStream, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|&b| b == b'\n') {
            self.bytes += piece.len();
            match self.lines.iter_mut().rev().find(|l| l.stream == stream) {
                Some(last) if !last.bytes.ends_with(b"\n") => last.bytes.extend_from_slice(piece),
                _ => self.lines.push_back(LogLine { at, stream, bytes: piece.to_vec() }),
            }
        }
        while self.bytes > LOG_LIMIT_BYTES {
            let Some(first) = self.lines.pop_front() else { break };
            self.bytes -= first.bytes.len();
            self.dropped += 1;
        }
    }

    /// The number after the last line.
    pub fn end(&self) -> u64 {
        self.dropped + self.lines.len() as u64
    }

    /// The lines from number `from` on, with their numbers.
    pub fn from(&self, from: u64) -> impl Iterator<Item = (u64, &LogLine)> {
        let skip = usize::try_from(from.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        let first = self.dropped.max(from);
        self.lines.iter().skip(skip).enumerate().map(move |(index, line)| (first + index as u64, line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_lines_are_continued_per_stream() {
        let mut logs = Logs::default();
        logs.write(SimTime(1), LogStream::Stdout, b"one\ntw");
        logs.write(SimTime(2), LogStream::Stderr, b"oops\n");
        logs.write(SimTime(3), LogStream::Stdout, b"o\n");
        let lines: Vec<String> =
            logs.from(0).map(|(n, l)| format!("{n}{}", String::from_utf8_lossy(&l.bytes))).collect();
        assert_eq!(lines, ["0one\n", "1two\n", "2oops\n"]);
        assert_eq!(logs.from(2).count(), 1);
    }
}
