/** What a function knows of its call. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { type Call, serve } from "../src/index.ts";

const FOLDER = new URL("../../../../tests/contracts/tool_calls/", import.meta.url);
const [description, context] = ["tool.json", "context.json"].map((name) =>
  JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")),
);

/** The call as the function sees it, with so much time left for the function. */
async function seen(milliseconds: number): Promise<Call> {
  const calls: Call[] = [];
  const tools = Object.fromEntries(description.tools.map(({ name }: { name: string }) => [name, () => ""]));
  const handler = serve(description, { ...tools, crash: (_, call) => (calls.push(call), "seen") });
  await handler({ name: "crash", id: "1", input: {}, context }, { getRemainingTimeInMillis: () => milliseconds });
  return calls[0] as Call;
}

test("the time left is whole, and less than the function's own", async () => {
  for (const milliseconds of [9997, 10_001, 3, 0]) {
    const call = await seen(milliseconds);
    assert.ok(Number.isInteger(call.millisecondsLeft) && call.millisecondsLeft <= milliseconds - Math.min(2000, milliseconds / 5));
    assert.ok(call.signal instanceof AbortSignal);
  }
});

test("a function without an end of its own has the run's", async () => {
  const call = await seen(Number.MAX_SAFE_INTEGER);
  assert.equal(call.deadline, Date.parse(context.deadline));
  assert.ok(!call.signal.aborted);
});
