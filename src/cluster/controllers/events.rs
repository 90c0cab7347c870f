//! Events as client-go's recorder sends them: an identical one counts up, many similar ones are combined into one,
//! and too many about one object are dropped. Decides what to write; `Ctx` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::api::core::v1::{EventSource, ObjectReference};

use crate::base::time::SimTime;

/// Similar events (differing in their message only) within the interval before they are combined.
const MAX_SIMILAR: usize = 10;
const SIMILAR_INTERVAL: Duration = Duration::from_secs(600);
/// Events one source may send about one object at once, and how long it takes until one more may be sent.
const BURST: u32 = 25;
const REFILL: Duration = Duration::from_secs(300);
/// Entries kept in each memory; beyond it entries are forgotten, and their events are written anew.
const MEMORY_LIMIT: usize = 20_000;

const COMBINED: &str = "(combined from similar events): ";

/// An event before it is decided what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub about: ObjectReference,
    pub source: EventSource,
    pub type_: String,
    pub reason: String,
    pub message: String,
}

/// What to do with a draft.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Write a new event; `Recorder::written` must be told its name.
    Create { message: String, key: String },
    /// Count up the event of this name.
    CountUp { name: String, message: String, count: i32 },
    /// One too many about this object.
    Drop,
}

#[derive(Debug, Default)]
struct Similar {
    messages: BTreeSet<String>,
    last: SimTime,
}

#[derive(Debug)]
struct Bucket {
    tokens: u32,
    refilled: SimTime,
}

#[derive(Debug)]
struct Sent {
    name: String,
    count: i32,
}

/// The memory of all recorders of a cluster; keys contain the source, so they do not mix.
#[derive(Debug, Default)]
pub struct Recorder {
    similar: BTreeMap<String, Similar>,
    buckets: BTreeMap<String, Bucket>,
    sent: BTreeMap<String, Sent>,
}

impl Recorder {
    /// Decides what becomes of an event (EventCorrelator.EventCorrelate).
    pub fn decide(&mut self, draft: &Draft, now: SimTime) -> Decision {
        self.forget();
        let about = about_key(draft);
        let (message, key) = self.aggregate(draft, &about, now);
        let known = self.sent.get_mut(&key).map(|sent| {
            sent.count += 1;
            (sent.name.clone(), sent.count)
        });
        if !self.take_token(about, now) {
            return Decision::Drop;
        }
        match known {
            Some((name, count)) => Decision::CountUp { name, message, count },
            None => Decision::Create { message, key },
        }
    }

    /// Remembers under which name a new event was written.
    pub fn written(&mut self, key: String, name: &str) {
        self.sent.insert(key, Sent { name: name.to_owned(), count: 1 });
    }

    /// The event is gone (expired or deleted): the next of its kind is written anew.
    pub fn lost(&mut self, name: &str) {
        self.sent.retain(|_, sent| sent.name != name);
    }

    fn aggregate(&mut self, draft: &Draft, about: &str, now: SimTime) -> (String, String) {
        let group = format!("{about}|{}|{}", draft.type_, draft.reason);
        let similar = self.similar.entry(group.clone()).or_default();
        if now.since(similar.last) > SIMILAR_INTERVAL {
            similar.messages.clear();
        }
        similar.last = now;
        similar.messages.insert(draft.message.clone());
        if similar.messages.len() < MAX_SIMILAR {
            let path = draft.about.field_path.as_deref().unwrap_or_default();
            return (draft.message.clone(), format!("{group}|{path}|{}", draft.message));
        }
        let other = similar.messages.iter().find(|m| **m != draft.message).cloned();
        similar.messages.remove(&other.unwrap_or_default());
        (format!("{COMBINED}{}", draft.message), group)
    }

    fn take_token(&mut self, key: String, now: SimTime) -> bool {
        let bucket = self.buckets.entry(key).or_insert(Bucket { tokens: BURST, refilled: now });
        let refills = now.since(bucket.refilled).as_secs() / REFILL.as_secs();
        if refills > 0 {
            bucket.tokens = BURST.min(bucket.tokens + u32::try_from(refills).unwrap_or(BURST));
            bucket.refilled += REFILL * u32::try_from(refills).unwrap_or(1);
        }
        if bucket.tokens == 0 {
            return false;
        }
        bucket.tokens -= 1;
        true
    }

    fn forget(&mut self) {
        while self.sent.len() > MEMORY_LIMIT {
            self.sent.pop_first();
        }
        while self.similar.len() > MEMORY_LIMIT {
            self.similar.pop_first();
        }
        while self.buckets.len() > MEMORY_LIMIT {
            self.buckets.pop_first();
        }
    }
}

/// Source and object, without field path: what the aggregator and the spam filter go by.
fn about_key(draft: &Draft) -> String {
    let (source, about) = (&draft.source, &draft.about);
    let parts = [&source.component, &source.host, &about.kind, &about.uid, &about.name];
    parts.map(|part| part.as_deref().unwrap_or_default()).join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(message: &str) -> Draft {
        Draft {
            about: ObjectReference {
                kind: Some("Deployment".into()),
                uid: Some("u".into()),
                ..Default::default()
            },
            source: EventSource { component: Some("deployment-controller".into()), host: None },
            type_: "Normal".into(),
            reason: "ScalingReplicaSet".into(),
            message: message.into(),
        }
    }

    /// Sends one event per message and shows what became of each.
    fn check(messages: &[&str], expect: &[&str]) {
        let mut recorder = Recorder::default();
        let mut names = 0;
        let outcomes = messages.iter().enumerate().map(|(second, message)| {
            match recorder.decide(&draft(message), SimTime::from_secs(second as u64)) {
                Decision::Create { message, key } => {
                    names += 1;
                    recorder.written(key, &format!("e{names}"));
                    format!("new {message}")
                }
                Decision::CountUp { name, message, count } => format!("{name} x{count} {message}"),
                Decision::Drop => "drop".to_owned(),
            }
        });
        let outcomes: Vec<String> = outcomes.collect();
        assert_eq!(outcomes[outcomes.len() - expect.len()..], *expect);
    }

    #[test]
    fn the_same_again_counts_up() {
        check(&["a", "b", "a", "a"], &["new a", "new b", "e1 x2 a", "e1 x3 a"]);
    }

    #[test]
    fn the_tenth_similar_one_begins_to_combine() {
        let messages: Vec<String> = (0..12).map(|n| format!("m{n}")).collect();
        let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
        check(
            &messages,
            &[
                "new m8",
                "new (combined from similar events): m9",
                "e10 x2 (combined from similar events): m10",
                "e10 x3 (combined from similar events): m11",
            ],
        );
    }

    #[test]
    fn the_twenty_sixth_about_one_object_is_dropped() {
        let messages = ["same"; 26];
        check(&messages, &["e1 x25 same", "drop"]);
    }
}
