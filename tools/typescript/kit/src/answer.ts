/** What a tool function may answer: a text, JSON, or one of these values. */

/** For the model: a bad input, a vendor's 404. Its message says what to change. */
export class ToolError extends Error {
  override name = "ToolError";
}

/** A picture goes to the artifact store. `name` is a file name, not used twice in one answer. */
export class Picture {
  constructor(
    readonly data: Uint8Array,
    readonly name: string,
    readonly mediaType = "image/png",
  ) {}
}

/** Any other file, like Picture. */
export class File {
  constructor(
    readonly data: Uint8Array,
    readonly name: string,
    readonly mediaType: string,
  ) {}
}

/** Rows under columns whose names differ. The model sees a page of it; all of it is kept. `facts` are more keys. */
export class Table {
  constructor(
    readonly columns: readonly string[],
    readonly rows: readonly (readonly unknown[])[],
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {}
}

/** Several answers as one, in order. */
export class Parts {
  readonly parts: readonly Part[];

  constructor(...parts: Part[]) {
    this.parts = parts;
  }
}

export type Part = string | object | Picture | File | Table;
export type Answer = Part | Parts;

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** A text that UTF-8 can hold. */
export const wellFormed = (text: string) => text.replace(LONE_SURROGATE, "\uFFFD");

/** Compact JSON. A value that JSON cannot hold is a bug of the tool. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_, each) => (typeof each === "string" ? wellFormed(each) : finite(each)));
  if (text === undefined) throw new TypeError(`${typeof value} is no JSON`);
  return text;
}

/** NaN and infinities, which JSON.stringify would make null. */
function finite(value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** UTF-8 bytes of a value as JSON without blanks. */
export const size = (value: unknown) => Buffer.byteLength(toJson(value));
