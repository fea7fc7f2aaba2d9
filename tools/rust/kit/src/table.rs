//! A table as JSON text: whole, or a page of it that fits. Cells are shortened only where few rows would fit otherwise.

use serde_json::{Map, Value, json};

use crate::Table;
use crate::result::{escaped, thousands};

/// Rows of a page at most.
pub const PAGE: usize = 100;
/// Characters of a cell, tried in this order.
const WIDTHS: [usize; 4] = [usize::MAX, 1000, 200, 40];
/// So many rows are worth more than whole cells.
const ENOUGH: usize = 10;

/// The text that holds every row whole. A table without rows names its columns.
pub fn whole(table: &Table) -> String {
    let columns = if table.rows.is_empty() { json!({"columns": table.columns}) } else { json!({}) };
    let rows: Vec<String> = table.rows.iter().map(|row| line(table, row, usize::MAX)).collect();
    text(table, columns, &rows)
}

/// The text of as many rows as take at most `room` bytes inside a JSON string. `uri` is where all of them are.
pub fn page(table: &Table, uri: &str, room: isize) -> String {
    let mut rows = Vec::new();
    for width in WIDTHS {
        let empty = text(table, json!({"rows_shown": PAGE, "all_rows": uri}), &[]);
        rows = fitting(table, width, room - escaped(&empty));
        if rows.len() >= ENOUGH.min(table.rows.len()) {
            break;
        }
    }
    text(table, json!({"rows_shown": rows.len(), "all_rows": uri}), &rows)
}

fn fitting(table: &Table, width: usize, mut room: isize) -> Vec<String> {
    let lines = table.rows.iter().take(PAGE).map(|row| line(table, row, width));
    let fits = |line: &String| {
        room -= escaped(line) + 1; // With its comma.
        room >= 0
    };
    lines.take_while(fits).collect()
}

fn text(table: &Table, facts: Value, rows: &[String]) -> String {
    let mut head = Map::from_iter([("row_count".to_owned(), table.rows.len().into())]);
    head.extend(facts.as_object().cloned().unwrap_or_default());
    head.extend(table.facts.clone());
    let head = Value::Object(head).to_string();
    format!("{},\"rows\":[{}]}}", &head[..head.len() - 1], rows.join(","))
}

fn line(table: &Table, row: &[Value], width: usize) -> String {
    let cells = row.iter().map(|cell| cut(cell, width));
    Value::Object(table.columns.iter().cloned().zip(cells).collect()).to_string()
}

fn cut(cell: &Value, width: usize) -> Value {
    let text = match cell {
        Value::String(text) => text.clone(),
        _ => cell.to_string(),
    };
    match text.char_indices().nth(width) {
        Some((end, _)) => format!("{}... ({} characters)", &text[..end], thousands(text.chars().count())).into(),
        None => cell.clone(),
    }
}
