/** A tool's input schema, compiled once, and what to tell a model whose input does not fit it. */

import type { ErrorObject } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

import { ToolError } from "./answer.ts";

/** So many faults are named at once. */
const FAULTS = 5;
/** Characters of one fault: it can quote the value, and a value can be long. */
const WIDTH = 200;

export type Check = (input: unknown) => void;

/**
 * A check of a tool's input, by JSON Schema of draft 2020-12; it throws `ToolError`. That the schema is one is not checked
 * here: `stepsmith lint` does, and compiling the schema of schemas would take 60 ms of every cold start.
 */
export function check(tool: string, schema: object): Check {
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateSchema: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (input) => {
    if (!validate(input)) throw new ToolError(advice(tool, validate.errors ?? []));
  };
}

function advice(tool: string, errors: readonly ErrorObject[]): string {
  const faults = errors.filter((each) => each.keyword !== "if").slice(0, FAULTS);
  const lines = faults.map((fault) => `- ${place(fault.instancePath)}: ${short(told(fault))}`);
  return [`The input of ${tool} does not fit its schema. Correct this and call it again:`, ...lines].join("\n");
}

function told({ message, keyword, params }: ErrorObject): string {
  const named = keyword === "additionalProperties" ? `: '${params["additionalProperty"]}'` : "";
  const allowed = keyword === "enum" ? `: ${JSON.stringify(params["allowedValues"])}` : "";
  return `${message}${named}${allowed}`;
}

/** `/columns/1` as `columns[1]`. */
function place(pointer: string): string {
  const steps = pointer.split("/").slice(1);
  const plain = steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const text = plain.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join("");
  return text.replace(/^\./, "") || "input";
}

function short(text: string): string {
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH / 2)} ... ${text.slice(-WIDTH / 2)}`;
}
