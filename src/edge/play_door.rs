//! Clients outside while a session is on the screen: their calls are answered between two frames; what they change is
//! an input as any other, kept in the journal and taken back by undo.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::edge::kube_http::door::{self, Door};
use crate::edge::play_loop::PlayLoop;
use crate::session::Input;

/// How long a call may wait for the loop to look.
const LOOK_OUTSIDE: Duration = Duration::from_millis(20);

impl PlayLoop<'_> {
    /// Lets clients in by a door.
    pub fn open_to(&mut self, door: Door) {
        self.door = Some(door);
    }

    /// When to see whether somebody has called.
    pub(super) fn next_look_outside(&self, wall: Instant) -> Option<Instant> {
        self.door.as_ref().map(|_| wall + LOOK_OUTSIDE)
    }

    /// Answers everybody who waits, and tells those who listen what is new.
    pub(super) fn receive_visits(&mut self) -> Result<()> {
        let Some(mut door) = self.door.take() else { return Ok(()) };
        while let Some(visit) = door.next() {
            let outcome = if visit.call.reads() {
                self.play.session().ask(&visit.call)
            } else {
                self.inputs(Input::Api { call: visit.call.clone() }, 1)?;
                self.api_reply.take().map(door::whole)
            };
            door.answer(visit, outcome.unwrap_or_else(door::no_cluster));
            self.told_outside = None;
        }
        // Nothing is new while the session stands still.
        let session = self.play.session();
        if self.told_outside.replace(session.now()) != Some(session.now()) {
            door.pump(&|stream| session.more_of(stream));
        }
        self.door = Some(door);
        Ok(())
    }
}
