/**
 * What a tool Lambda in TypeScript imports: one table of names, pure functions, and everything else taken care of.
 *
 *     import { serve, type Call } from "stepsmith";
 *     import description from "../tool.json" with { type: "json" };
 *
 *     const greet = async ({ name }: { name: string }, call: Call) => `Hello, ${name}`;
 *
 *     export const handler = serve(description, { greet });
 *
 * `serve` parses each call, validates its input against the tool's schema, runs the function and answers within the
 * call's budget: what is longer goes to the artifact store, with a preview. A `ToolError` is for the model; any other
 * error is a bug: Lambda reports it, and the state machine tells the model that the tool failed, and nothing of why.
 *
 *     contract.ts   the event as the contract has it (docs/reference/contracts.md)
 *     call.ts       what a function knows of its call, and the files it may read
 *     input.ts      a tool's schema, and what to tell a model whose input does not fit
 *     answer.ts     what a function may answer
 *     result.ts     an answer as a tool_result within its budget
 *     store.ts      the artifact store, and secrets by their name in tool.json
 *     serve.ts      the Lambda handler
 */

export { File, Parts, Picture, Table, ToolError, type Answer } from "./answer.ts";
export type { Call } from "./call.ts";
export { ContractError } from "./contract.ts";
export { serve, type Description, type Handler, type Tool } from "./serve.ts";
export { Forbidden, secret, type Objects } from "./store.ts";
