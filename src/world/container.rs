//! Containers as the runtime sees them: who asked for a container, and its log streams. The kubelet and the
//! Docker engine decide what runs; this only carries it out and reports.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::image::process::{ContainerId, LogStream, RuntimeEvent};

use super::tty::Tty;

/// Events on their way to whoever owns the container.
pub type EventQueue = Rc<RefCell<VecDeque<RuntimeEvent>>>;

/// Log output queued in one instant before the container is held to be a runaway and its output dropped.
const QUEUE_LIMIT: usize = 100_000;

/// Where a container's process writes: the owner's log, and an attached terminal if there is one.
#[derive(Clone)]
pub struct LogWriter {
    events: EventQueue,
    id: ContainerId,
    stream: LogStream,
    attached: Option<Tty>,
}

impl LogWriter {
    /// A stream into the owner's log.
    pub fn new(events: EventQueue, id: ContainerId, stream: LogStream, attached: Option<Tty>) -> Self {
        LogWriter { events, id, stream, attached }
    }

    /// Reports bytes to the owner.
    pub fn write(&self, bytes: &[u8]) {
        if let Some(tty) = &self.attached {
            tty.write(bytes);
        }
        let mut events = self.events.borrow_mut();
        if events.len() < QUEUE_LIMIT {
            events.push_back(RuntimeEvent::Log {
                id: self.id.clone(),
                stream: self.stream,
                bytes: bytes.to_vec(),
            });
        }
    }
}

/// Who asked for a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// The Docker engine on the learner's machine.
    Docker,
    /// The kubelet of a node of the named cluster.
    Cluster(String),
}
