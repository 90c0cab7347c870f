//! Answers that go on: watches, and logs that are followed. A stream is a position; whoever holds it asks for more.

use serde_json::{Value, json};

use super::{Answer, Outcome, reply, target};
use crate::base::SimTime;
use crate::cluster::Cluster;
use crate::cluster::api::{Reply, Request, Status, WatchEvent, WatchFrom, WatchKind};
use crate::cluster::kinds::table::{self, Resource};

/// Says to a client that asked for it that it has been told of everything that was there.
const INITIAL_EVENTS_END: &str = "k8s.io/initial-events-end";

/// An answer that goes on.
#[derive(Debug)]
pub enum Stream {
    Watch(Watch),
    Log(Log),
}

/// A watch with what its client has been told.
#[derive(Debug)]
pub struct Watch {
    from: WatchFrom,
    /// What was there already is told first.
    initial: bool,
    /// A bookmark is to say when that is done.
    bookmark: bool,
    /// The columns of its tables have been told.
    knows_columns: bool,
    over: bool,
}

/// A followed log.
#[derive(Debug)]
pub struct Log {
    request: Box<Request>,
    sent_bytes: usize,
}

impl Stream {
    pub(super) fn watch(cluster: &Cluster, from: WatchFrom, call_target: &str) -> Self {
        let query = target::query(call_target.split_once('?').map_or("", |(_, query)| query));
        let asks = |key: &str| query.iter().any(|(k, value)| k == key && value == "true");
        let version = from.request.options.resource_version.as_deref().unwrap_or_default();
        let bookmark = asks("sendInitialEvents");
        let initial = bookmark || matches!(version, "" | "0");
        let revision = if initial { cluster.revision() } else { from.revision };
        let from = WatchFrom { revision, ..from };
        Stream::Watch(Watch { from, initial, bookmark, knows_columns: false, over: false })
    }

    pub(super) fn log(cluster: &mut Cluster, now: SimTime, mut request: Request) -> Outcome {
        let whole = cluster.handle(now, request.clone());
        if let Err(status) = whole.result {
            return Outcome::Whole(Answer::refusal(&status));
        }
        // From here on by the number of bytes: what was asked for at the end is a position now.
        let shown = text_of(cluster, now, &request).unwrap_or_default().len();
        request.options.log.tail_lines = None;
        request.options.log.since_seconds = None;
        let all = text_of(cluster, now, &request).unwrap_or_default().len();
        Outcome::Streams(Stream::Log(Log {
            request: Box::new(request),
            sent_bytes: all.saturating_sub(shown),
        }))
    }

    /// What is new since the last call, and whether anything may follow.
    pub fn more(&mut self, cluster: &mut Cluster, now: SimTime) -> (String, bool) {
        match self {
            Stream::Watch(watch) => (watch.more(cluster, now), !watch.over),
            Stream::Log(log) => log.more(cluster, now),
        }
    }
}

impl Watch {
    fn more(&mut self, cluster: &Cluster, now: SimTime) -> String {
        let request = &self.from.request;
        let Some(resource) = table::find(&request.group, &request.version, &request.resource) else {
            self.over = true;
            return String::new();
        };
        let mut lines = String::new();
        if std::mem::take(&mut self.initial) {
            for object in cluster.api.selected(resource, request).unwrap_or_default() {
                let event = WatchEvent {
                    kind: WatchKind::Added,
                    object: object.clone(),
                    revision: self.from.revision,
                };
                lines.push_str(&self.line(cluster, resource, &event, now));
            }
            if self.bookmark {
                lines.push_str(&self.end_of_initial(resource));
            }
        }
        // Time was taken back: what this client knows has not happened.
        let ahead = self.from.revision > cluster.revision();
        let too_old = || Status::expired(&format!("too old resource version: {}", self.from.revision));
        match if ahead { Err(too_old()) } else { cluster.watch_events(&self.from) } {
            Ok((events, revision)) => {
                for event in events {
                    lines.push_str(&self.line(cluster, resource, &event, now));
                }
                self.from.revision = revision;
            }
            Err(status) => {
                self.over = true;
                lines.push_str(&written("ERROR", &status.to_value()));
            }
        }
        lines
    }

    fn line(&mut self, cluster: &Cluster, resource: &Resource, event: &WatchEvent, now: SimTime) -> String {
        let api = &cluster.api;
        let object = if self.from.request.options.as_table {
            let first = !std::mem::replace(&mut self.knows_columns, true);
            let mut table = api.table_of(resource, vec![event.object.clone()], now);
            table.resource_version = event.revision.to_string();
            reply::table(api, &table, first)
        } else {
            api.encode(resource, &event.object)
        };
        written(event.kind.word(), &object)
    }

    fn end_of_initial(&self, resource: &Resource) -> String {
        let metadata = json!({
            "resourceVersion": self.from.revision.to_string(),
            "annotations": {INITIAL_EVENTS_END: "true"}, "creationTimestamp": null,
        });
        let object = if self.from.request.options.as_table {
            let row = json!({"cells": [], "object": {"kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1", "metadata": metadata}});
            json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1",
                "metadata": {"resourceVersion": self.from.revision.to_string()}, "columnDefinitions": [], "rows": [row]})
        } else {
            json!({"kind": resource.kind, "apiVersion": resource.api_version(), "metadata": metadata})
        };
        written(WatchKind::Bookmark.word(), &object)
    }
}

impl Log {
    fn more(&mut self, cluster: &mut Cluster, now: SimTime) -> (String, bool) {
        let goes_on = is_running(cluster, &self.request);
        let Some(text) = text_of(cluster, now, &self.request) else { return (String::new(), false) };
        let new = text.get(self.sent_bytes..).unwrap_or_default().to_owned();
        self.sent_bytes = text.len();
        (new, goes_on)
    }
}

fn text_of(cluster: &mut Cluster, now: SimTime, request: &Request) -> Option<String> {
    match cluster.handle(now, request.clone()).result {
        Ok(Reply::Text(text)) => Some(text),
        _ => None,
    }
}

/// Whether the container whose log is read may still write.
fn is_running(cluster: &Cluster, request: &Request) -> bool {
    let Ok((pod, container)) = cluster.api.log_target(request) else { return false };
    let status = pod.status.as_ref();
    let all = status
        .into_iter()
        .flat_map(|s| s.container_statuses.iter().chain(&s.init_container_statuses))
        .flatten();
    let mut own = all.filter(|s| s.name == container);
    own.any(|s| s.state.as_ref().is_some_and(|state| state.running.is_some()))
}

fn written(kind: &str, object: &Value) -> String {
    format!("{}\n", json!({"type": kind, "object": object}))
}
