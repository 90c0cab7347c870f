//! The table of events at the end of a page.

use super::page::{Page, number, text};
use serde_json::Value;

/// `event.SortableEvents`: by last timestamp (event time for new-style events).
pub fn sort_events(events: &mut [Value]) {
    events.sort_by_key(|event| {
        let stamp = |pointer: &str| super::super::output::duration::parse_time_ms(text(event, pointer));
        stamp("/series/lastObservedTime")
            .or_else(|| stamp("/lastTimestamp"))
            .or_else(|| stamp("/eventTime"))
            .unwrap_or(0)
    });
}

pub fn write(page: &mut Page, events: &[Value]) {
    if events.is_empty() {
        return page.line(0, "Events:\t<none>");
    }
    page.flush();
    page.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage");
    page.line(1, "----\t------\t----\t----\t-------");
    let mut sorted = events.to_vec();
    sort_events(&mut sorted);
    for event in &sorted {
        let first = match event.get("eventTime").filter(|time| !time.is_null()) {
            Some(time) => page.age(Some(time)),
            None => page.age(event.get("firstTimestamp")),
        };
        let age = if event.get("series").is_some_and(Value::is_object) {
            let last = page.age(event.pointer("/series/lastObservedTime"));
            format!("{last} (x{} over {first})", number(event, "/series/count"))
        } else if number(event, "/count") > 1 {
            format!("{} (x{} over {first})", page.age(event.get("lastTimestamp")), number(event, "/count"))
        } else {
            first
        };
        let source = match text(event, "/source/component") {
            "" => text(event, "/reportingComponent"),
            component => component,
        };
        let message = text(event, "/message").trim();
        let field = text(event, "/involvedObject/fieldPath");
        let message = if field.is_empty() { message.to_string() } else { format!("{field}: {message}") };
        let row = [text(event, "/type"), text(event, "/reason"), &age, source, &message].join("\t");
        page.line(1, &row);
    }
}
