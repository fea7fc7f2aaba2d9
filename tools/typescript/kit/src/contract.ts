/** The event of a tool Lambda, parsed once at the edge. */

import { Location } from "./location.ts";

/** An event that is no tool call: the caller's defect, told to Lambda. */
export class ContractError extends Error {
  override name = "ContractError";

  constructor(field: string, problem: string) {
    super(field ? `${field}: ${problem}` : problem);
  }
}

type Fields = Readonly<Record<string, unknown>>;

export interface Event {
  readonly name: string;
  readonly id: string;
  readonly input: Fields;
  readonly context: Context;
}

export interface Context {
  readonly runId: string;
  readonly agent: string;
  readonly turn: number;
  readonly effectId: string;
  readonly artifacts: Location;
  readonly maxResultBytes: number;
  readonly deadline: number;
}

/** Reads an event; fields that the kit does not know are passed over. Throws `ContractError`. */
export function parse(event: unknown): Event {
  const call = new Reader(asObject(event, ""), "");
  return { name: call.text("name"), id: call.text("id"), input: call.object("input"), context: context(call) };
}

function context(call: Reader): Context {
  const fields = new Reader(call.object("context"), "context.");
  return {
    runId: fields.text("run_id"),
    agent: fields.text("agent"),
    turn: fields.integer("turn", 0),
    effectId: fields.text("effect_id"),
    artifacts: prefix(fields.text("artifacts")),
    maxResultBytes: fields.integer("max_result_bytes", 1),
    deadline: instant(fields.text("deadline")),
  };
}

class Reader {
  constructor(
    private readonly fields: Fields,
    private readonly path: string,
  ) {}

  text(name: string): string {
    const value = this.given(name);
    if (typeof value !== "string") throw this.wrong(name, "a string is needed", value);
    return value;
  }

  object(name: string): Fields {
    return asObject(this.given(name), this.path + name);
  }

  integer(name: string, least: number): number {
    const value = this.given(name);
    if (!Number.isSafeInteger(value)) throw this.wrong(name, "an integer is needed", value);
    if ((value as number) < least) throw this.wrong(name, `at least ${least} is needed`, value);
    return value as number;
  }

  private given(name: string): unknown {
    if (!Object.hasOwn(this.fields, name)) throw new ContractError(this.path + name, "is missing");
    return this.fields[name];
  }

  private wrong(name: string, needed: string, value: unknown): ContractError {
    return new ContractError(this.path + name, `${needed}, not ${shown(value)}`);
  }
}

function asObject(value: unknown, field: string): Fields {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject) throw new ContractError(field, `an object is needed, not ${shown(value)}`);
  return value as Fields;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function instant(text: string): number {
  const time = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  const needed = "a time like 2026-01-31T12:00:00Z is needed";
  if (Number.isNaN(time)) throw new ContractError("context.deadline", `${needed}, not ${shown(text)}`);
  return time;
}

function prefix(text: string): Location {
  const found = Location.parse(text);
  const needed = "a prefix like s3://bucket/artifacts/ is needed";
  if (!found?.isPrefix) throw new ContractError("context.artifacts", `${needed}, not ${shown(text)}`);
  return found;
}

/** A wrong value, cut short: it may be long, and nothing of it belongs into a log whole. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
