/**
 * The Lambda handler of a function's tools: parse, validate, call one pure function, answer within the budget. The log
 * says whose call it was and how it ended; never what was said.
 */

import { type Answer, size, ToolError } from "./answer.ts";
import { Call } from "./call.ts";
import { ContractError, parse } from "./contract.ts";
import { type Check, check } from "./input.ts";
import { type Result, result } from "./result.ts";
import { type Objects, S3Objects } from "./store.ts";

/** Kept back from a function's time for storing and answering; at most a fifth of it. */
const MARGIN_MS = 2000;

/** What is used of tool.json. */
export interface Description {
  readonly function: string;
  readonly tools: readonly { readonly name: string; readonly input_schema: object }[];
}

/** A tool: its input has the shape that its schema says. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each tool has an input type of its own
export type Tool = (input: any, call: Call) => Answer | Promise<Answer>;

export type Handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<Result>;

/** The handler of these tools, each by its name in tool.json. Throws where the two do not fit each other. */
export function serve(description: Description, tools: Readonly<Record<string, Tool>>, objects?: Objects): Handler {
  const checks = new Map(description.tools.map((tool) => [tool.name, check(tool.name, tool.input_schema)]));
  const [described, served] = [[...checks.keys()].sort(), Object.keys(tools).sort()];
  if (String(described) !== String(served)) {
    throw new Error(`tool.json describes the tools ${described}, but serve was given ${served}: make them the same.`);
  }
  const store = objects ?? new S3Objects();
  return async (event, context) => {
    const began = performance.now();
    const asked = parse(event);
    const tool = Object.hasOwn(tools, asked.name) ? tools[asked.name] : undefined;
    const problem = `one of ${served.join(", ")} is needed, not ${JSON.stringify(asked.name)}`;
    if (!tool) throw new ContractError("name", problem);
    const call = new Call(asked, Math.min(asked.context.deadline, ends(context)), store);
    const made = await answered(tool, checks.get(asked.name) as Check, asked.input, call, description.function);
    log("INFO", description.function, "tool call", call, { ...outcome(made), ms: Math.round(performance.now() - began) });
    return made;
  };
}

async function answered(tool: Tool, fits: Check, input: object, call: Call, service: string): Promise<Result> {
  try {
    fits(input);
    return await result(call, await tool(input, call));
  } catch (error) {
    if (error instanceof ToolError) return result(call, error.message, true);
    log("ERROR", service, "tool raised", call, { error: error instanceof Error ? error.name : typeof error });
    throw error;
  }
}

function ends(context: { getRemainingTimeInMillis(): number }): number {
  const left = context.getRemainingTimeInMillis();
  return Date.now() + left - Math.min(MARGIN_MS, left / 5);
}

const outcome = (made: Result) => ({ is_error: made.is_error, bytes: size(made) });

function log(level: string, service: string, message: string, call: Call, facts: object): void {
  const { name: tool, agent, runId: run_id, turn, effectId: effect_id } = call;
  process.stdout.write(`${JSON.stringify({ level, service, message, tool, agent, run_id, turn, effect_id, ...facts })}\n`);
}
