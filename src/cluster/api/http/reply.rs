//! Tables as the JSON documents that clients read.

use serde_json::{Value, json};

use crate::cluster::api::{ApiServer, Column, Row, Table};
use crate::cluster::kinds::table::of;

/// A `meta.k8s.io/v1` Table. Within a watch only the first one says what its columns are.
pub fn table(api: &ApiServer, table: &Table, with_columns: bool) -> Value {
    let column = |column: &Column| {
        json!({
            "name": column.name, "type": column.type_, "format": column.format,
            "description": "", "priority": column.priority,
        })
    };
    let columns: Vec<Value> = table.columns.iter().filter(|_| with_columns).map(column).collect();
    let mut metadata = json!({"resourceVersion": table.resource_version});
    if let (Some(token), Some(remaining)) = (&table.continue_token, table.remaining) {
        metadata["continue"] = json!(token);
        metadata["remainingItemCount"] = json!(remaining);
    }
    let rows: Vec<Value> = table.rows.iter().map(|row| row_of(api, table, row)).collect();
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "columnDefinitions": columns, "rows": rows,
    })
}

fn row_of(api: &ApiServer, table: &Table, row: &Row) -> Value {
    let cell = |(at, text): (usize, &String)| {
        let number = table.columns.get(at).is_some_and(|column| column.type_ == "integer");
        text.parse::<i64>().ok().filter(|_| number).map_or_else(|| json!(text), |n| json!(n))
    };
    let cells: Vec<Value> = row.cells.iter().enumerate().map(cell).collect();
    let metadata = api.encode(of(row.object.kind()), &row.object)["metadata"].take();
    let object =
        json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata});
    json!({"cells": cells, "object": object})
}
