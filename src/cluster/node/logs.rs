//! Container logs as the node keeps them: lines with time and stream, the present instance's and the one before.
//! Never interprets a line.

use k8s_openapi::api::core::v1::{ContainerStatus, Pod};

use crate::base::time::SimTime;
use crate::cluster::api::{LogOptions, Status};
use crate::image::process::LogStream;

/// What one container may keep, as the kubelet's default containerLogMaxSize; older lines go first.
const LOG_LIMIT_BYTES: usize = 10 * 1024 * 1024;

#[derive(Debug, Clone)]
pub struct Line {
    pub at: SimTime,
    pub stream: LogStream,
    pub bytes: Vec<u8>,
    /// Ends with a newline; a line without one grows.
    complete: bool,
}

/// The log of one instance.
#[derive(Debug, Clone, Default)]
pub struct Log {
    lines: std::collections::VecDeque<Line>,
    size: usize,
}

impl Log {
    /// Adds what a container wrote; lines may come in pieces.
    pub fn write(&mut self, at: SimTime, stream: LogStream, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            let complete = piece.ends_with(b"\n");
            self.size += piece.len();
            match self.lines.back_mut().filter(|l| !l.complete && l.stream == stream) {
                Some(line) => {
                    line.bytes.extend_from_slice(piece);
                    line.complete = complete;
                }
                None => self.lines.push_back(Line { at, stream, bytes: piece.to_vec(), complete }),
            }
        }
        while self.size > LOG_LIMIT_BYTES {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.size -= oldest.bytes.len();
        }
    }

    /// The text that `kubectl logs` would show.
    pub fn read(&self, options: &LogOptions, now: SimTime) -> String {
        let since = options.since_seconds.and_then(|s| u64::try_from(s).ok());
        let recent = |line: &&Line| since.is_none_or(|s| now.since(line.at).as_secs() <= s);
        let lines: Vec<&Line> = self.lines.iter().filter(recent).collect();
        let skip = options.tail_lines.map_or(0, |n| lines.len().saturating_sub(n));
        let mut out = Vec::new();
        for line in &lines[skip..] {
            if options.timestamps {
                out.extend_from_slice(line.at.rfc3339_nanos().as_bytes());
                out.push(b' ');
            }
            out.extend_from_slice(&line.bytes);
        }
        if let Some(limit) = options.limit_bytes {
            out.truncate(limit);
        }
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// May this container's log be read? The refusals are kubelet's (validateContainerLogStatus).
pub fn refusal(pod: &Pod, container: &str, previous: bool) -> Option<Status> {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let statuses = pod.status.as_ref().map(|s| {
        [&s.init_container_statuses, &s.container_statuses, &s.ephemeral_container_statuses]
            .into_iter()
            .flat_map(|list| list.iter().flatten())
            .collect::<Vec<&ContainerStatus>>()
    });
    let status = statuses.unwrap_or_default().into_iter().find(|s| s.name == container);
    let Some(status) = status else {
        return Some(Status::bad_request(format!(
            "container {container:?} in pod {name:?} is not available"
        )));
    };
    let has_last = status.last_state.as_ref().is_some_and(|s| s.terminated.is_some());
    let waiting = status.state.as_ref().and_then(|s| s.waiting.as_ref());
    if previous {
        let message = format!("previous terminated container {container:?} in pod {name:?} not found");
        return (!has_last).then(|| Status::bad_request(message));
    }
    let waiting = waiting.filter(|_| !has_last)?;
    let why = match waiting.reason.as_deref().unwrap_or_default() {
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        other => other,
    };
    Some(Status::bad_request(format!("container {container:?} in pod {name:?} is waiting to start: {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_in_pieces_and_go_out_by_tail_since_and_with_times() {
        let mut log = Log::default();
        log.write(SimTime::from_secs(10), LogStream::Stdout, b"one\ntw");
        log.write(SimTime::from_secs(11), LogStream::Stdout, b"o\nthree\n");
        let read = |options: LogOptions| log.read(&options, SimTime::from_secs(12));
        assert_eq!(read(LogOptions::default()), "one\ntwo\nthree\n");
        assert_eq!(read(LogOptions { tail_lines: Some(1), ..Default::default() }), "three\n");
        assert_eq!(read(LogOptions { since_seconds: Some(1), ..Default::default() }), "three\n");
        let timed = read(LogOptions { timestamps: true, tail_lines: Some(1), ..Default::default() });
        assert_eq!(timed, "1970-01-01T00:00:11.000000000Z three\n");
    }
}
