/** A table as JSON text: whole, or a page of it that fits. Cells are shortened only where few rows would fit otherwise. */

import { type Table, toJson } from "./answer.ts";

/** Characters of a cell, tried in this order. */
const WIDTHS = [Number.POSITIVE_INFINITY, 1000, 200, 40];
/** So many rows are worth more than whole cells. */
const ENOUGH = 10;

type Rows = readonly (readonly unknown[])[];

/** The text that holds every row whole. A table without rows names its columns. */
export function whole(table: Table): string {
  const columns = table.rows.length ? {} : { columns: table.columns };
  return text(table, columns, table.rows);
}

/** The text of as many rows as `fits` lets pass. */
export function page(table: Table, uri: string, fits: (text: string) => boolean): string {
  let made = "";
  for (const width of WIDTHS) {
    const most = Math.min(page.ROWS, table.rows.length);
    let shown = 0;
    for (let step = 1 << 6; step; step >>= 1) {
      if (shown + step <= most && fits(shorter(table, uri, shown + step, width))) shown += step;
    }
    made = shorter(table, uri, shown, width);
    if (shown >= Math.min(ENOUGH, table.rows.length)) break;
  }
  return made;
}
/** Rows of a page at most. */
page.ROWS = 100;

function shorter(table: Table, uri: string, shown: number, width: number): string {
  const rows = table.rows.slice(0, shown).map((row) => row.map((cell) => cut(cell, width)));
  return text(table, { rows_shown: shown, all_rows: uri }, rows);
}

function text(table: Table, facts: object, rows: Rows): string {
  const named = rows.map((row) => Object.fromEntries(table.columns.map((name, index) => [name, row[index]])));
  return toJson({ row_count: table.rows.length, ...facts, ...table.facts, rows: named });
}

function cut(cell: unknown, width: number): unknown {
  const whole = typeof cell === "string" ? cell : toJson(cell ?? null);
  if (whole.length <= width) return cell;
  return `${whole.slice(0, width)}... (${whole.length.toLocaleString("en-US")} characters)`;
}
