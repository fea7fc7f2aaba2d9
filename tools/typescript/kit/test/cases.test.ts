/** The kit passes the cases that the kits of all languages must pass (tests/contracts/tool_calls/README.md). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { ContractError, Forbidden, type Objects, Picture, serve, Table, type Tool, ToolError } from "../src/index.ts";

type Json = any; // The cases are data of many shapes.

const FOLDER = new URL("../../../../tests/contracts/tool_calls/", import.meta.url);
const GROUPS = ["results", "spilled", "references", "errors", "malformed"];
const read = (name: string): Json => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
const DEFAULTS = read("context.json");

const TOOLS: Record<string, Tool> = {
  echo: ({ text, times = 1 }) => text.repeat(times),
  data: ({ value }) => value,
  table: ({ columns, rows, repeat = 1 }) => new Table(columns, Array(repeat).fill(rows).flat()),
  read: async ({ file, ...at }, call) => Buffer.from(await call.read(file ?? at)).toString(),
  draw: ({ name, base64 }) => new Picture(Buffer.from(base64, "base64"), name),
  refuse: ({ advice }) => {
    throw new ToolError(advice);
  },
  crash: () => {
    throw new Error("a bug");
  },
};

class Memory implements Objects {
  readonly held = new Map<string, Buffer>();

  constructor(readonly forbidden: readonly string[]) {}

  async get(bucket: string, key: string) {
    if (this.forbidden.includes(`s3://${bucket}/${key}`)) throw new Forbidden("no");
    return this.held.get(`s3://${bucket}/${key}`);
  }

  async put(bucket: string, key: string, data: Uint8Array) {
    this.held.set(`s3://${bucket}/${key}`, Buffer.from(data));
  }
}

for (const group of GROUPS) {
  for (const each of read(`${group}.json`).cases) test(`${group}: ${each.name}`, () => check(each));
}

async function check({ objects = {}, forbidden = [], event, result, error, stored }: Json) {
  const memory = new Memory(forbidden);
  for (const [uri, text] of Object.entries(objects)) memory.held.set(uri, Buffer.from(text as string));
  const handler = serve(read("tool.json"), TOOLS, memory);
  const call = filled(event);
  const answered = handler(call, { getRemainingTimeInMillis: () => 30_000 });
  if (error) await assert.rejects(answered, (raised: Error) => raisedAs(error, raised));
  else checkResult(await answered, result, call);
  checkStored(memory, objects, stored);
}

function raisedAs(error: Json, raised: Error): boolean {
  if (error.type === "ContractError") assert.ok(raised instanceof ContractError, String(raised));
  assert.ok(matches(error.message, raised.message), raised.message);
  return true;
}

function checkResult(actual: Json, expected: Json, call: Json) {
  const text = JSON.stringify(actual);
  assert.ok(matches(expected, JSON.parse(text)), text);
  assert.ok(Buffer.byteLength(text) <= call.context.max_result_bytes, "over the budget");
}

function checkStored(memory: Memory, objects: Json, stored: Json) {
  const made = [...memory.held].filter(([uri]) => !(uri in objects));
  assert.deepEqual(made.map(([uri]) => uri).sort(), Object.keys(stored).sort());
  for (const [uri, data] of made) assert.ok(matches(stored[uri], worded(data, stored[uri])), `${uri}: ${data}`);
}

function worded(data: Buffer, expected: Json): Json {
  if (expected.base64) return { base64: data.toString("base64") };
  return expected.json ? { json: JSON.parse(data.toString()) } : data.toString();
}

function filled(event: Json): Json {
  const isCall = typeof event === "object" && event !== null && !Array.isArray(event);
  return isCall ? { ...event, context: { ...DEFAULTS, ...event.context } } : event;
}

/** Whether a value is as expected; strings may be described (README.md). */
function matches(expected: Json, actual: Json): boolean {
  if (expected === "$any") return true;
  if (Array.isArray(expected)) {
    return expected.length === actual?.length && expected.every((each, index) => matches(each, actual[index]));
  }
  if (typeof expected !== "object" || expected === null) return expected === actual;
  if ("$json" in expected) return matches(expected.$json, JSON.parse(actual));
  if ("$starts" in expected || "$contains" in expected) {
    const { $starts = "", $contains = [] } = expected;
    return actual.startsWith($starts) && $contains.every((part: string) => actual.includes(part));
  }
  const keys = Object.keys(expected);
  return keys.length === Object.keys(actual).length && keys.every((key) => matches(expected[key], actual[key]));
}
