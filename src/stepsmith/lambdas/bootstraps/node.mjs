/**
 * The Node.js runtime: loads the handler, then asks the Runtime API for one invocation after another.
 *
 * It runs inside the function's process as `node node.mjs LIFELINE` and behaves as Lambda's managed Node.js does: handler
 * strings, ES modules and CommonJS, promises and callbacks, context, error documents, log format, exits. Built-in
 * modules only: a function meets just what Lambda would give it.
 *
 * Facts: "Using the Lambda runtime API" and "Building Lambda functions with Node.js" in Lambda's developer guide; the
 * names of errors are those of AWS's Node.js runtime interface client.
 */

import { existsSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";

const VERSION = "/2018-06-01/runtime";
const MODULES = ["", ".js", ".mjs", ".cjs"];
const HANDLER = /^(?<module>(?:.*\/)?[^./][^.]*)\.(?<name>.+)$/;
const root = process.env.LAMBDA_TASK_ROOT;
const own = path.dirname(fileURLToPath(import.meta.url));

/** An error that the runtime names itself, such as `Runtime.ImportModuleError`. */
class Fault extends Error {
  constructor(name, message, cause) {
    super(message);
    this.name = name;
    this.stack = cause?.stack ?? this.stack;
  }
}

/** One connection to the engine. Its end is the engine's end, and then ours. */
class RuntimeApi {
  #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  #host = process.env.AWS_LAMBDA_RUNTIME_API;

  next() {
    return this.#call("GET", "/invocation/next");
  }

  answer(id, body) {
    return this.#call("POST", `/invocation/${id}/response`, body);
  }

  /** Reports an error at `path`: of an invocation, or of the start. */
  fail(path, error) {
    const document = described(error);
    console.error("Invoke Error", JSON.stringify(document));
    const type = document.errorType.replace(/[^ -~]/g, "?");
    return this.#call("POST", path, JSON.stringify(document), { "Lambda-Runtime-Function-Error-Type": type });
  }

  #call(method, path, body = "", headers = {}) {
    const [hostname, port] = this.#host.split(":");
    const length = { "Content-Length": Buffer.byteLength(body) };
    const options = { agent: this.#agent, hostname, port, method, path: VERSION + path, headers: { ...headers, ...length } };
    return new Promise((resolve) => {
      const request = http.request(options, async (response) => {
        const parts = await response.toArray();
        resolve({ headers: response.headers, body: Buffer.concat(parts).toString() });
      });
      request.on("error", () => process.exit(1));
      request.end(body);
    });
  }
}

/** The function that a handler string names: `module.name`, `folder/module.name`, `module.object.name`. */
async function load(handler) {
  const { module, name } = handler.match(HANDLER)?.groups ?? {};
  if (!module) throw new Fault("Runtime.MalformedHandlerName", "Bad handler");
  const found = name.split(".").reduce((value, key) => value?.[key], await imported(module));
  if (found === undefined) throw new Fault("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  if (typeof found !== "function") throw new Fault("Runtime.HandlerNotFound", `${handler} is not a function`);
  return found;
}

async function imported(module) {
  const base = path.resolve(root, module);
  const file = MODULES.map((ending) => base + ending).find((each) => path.extname(each) && existsSync(each));
  if (!file) throw new Fault("Runtime.ImportModuleError", `Error: Cannot find module '${path.basename(module)}'`);
  try {
    return await required(file);
  } catch (error) {
    throw named(error);
  }
}

/** CommonJS gives all its exports to `require` alone; what cannot be required is an ES module. */
async function required(file) {
  try {
    if (!file.endsWith(".mjs")) return createRequire(file)(file);
  } catch (error) {
    if (error.code !== "ERR_REQUIRE_ESM" && error.code !== "ERR_REQUIRE_ASYNC_MODULE") throw error;
  }
  return import(pathToFileURL(file));
}

function named(error) {
  if (error instanceof SyntaxError) return new Fault("Runtime.UserCodeSyntaxError", String(error), error);
  const missing = ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error?.code);
  return missing ? new Fault("Runtime.ImportModuleError", String(error), error) : error;
}

/**
 * The answer of a handler: what its promise gives; or, for one that returns none, what it hands to its callback (or to
 * `context.done` and its kin), null when nothing is left to wait for. Callbacks wait for the rest of the work too.
 */
function called(handler, event, context) {
  return new Promise((resolve, reject) => {
    const settle = (error, value) => (error === null || error === undefined ? resolve(value) : reject(error));
    const done = (...answer) => {
      if (context.callbackWaitsForEmptyEventLoop) whenIdle = () => settle(...answer);
      else settle(...answer);
    };
    whenIdle = () => resolve(null);
    Object.assign(context, { done, fail: (error) => done(error ?? "handled"), succeed: (value) => done(null, value) });
    const answer = handler(event, context, done);
    if (typeof answer?.then === "function") answer.then(resolve, reject);
  });
}

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const client = headers["lambda-runtime-client-context"];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: client ? JSON.parse(client) : undefined,
    identity: undefined,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

async function serveOne(api, handler) {
  const { headers, body } = await api.next();
  const context = contextOf(headers);
  requestId = context.awsRequestId;
  traced(headers["lambda-runtime-trace-id"]);
  try {
    const answer = marshalled(await called(handler, JSON.parse(body), context));
    await api.answer(requestId, answer);
  } catch (error) {
    await api.fail(`/invocation/${requestId}/error`, error);
  }
}

function traced(header) {
  if (header) process.env._X_AMZN_TRACE_ID = header;
  else delete process.env._X_AMZN_TRACE_ID;
}

function marshalled(answer) {
  try {
    return JSON.stringify(answer === undefined ? null : answer) ?? "null";
  } catch (error) {
    throw new Fault("Runtime.MarshalError", `Unable to stringify response body: ${error.message}`, error);
  }
}

/** Lambda's document of an error; `trace` has the paths that the function's files and the runtime have on Lambda. */
function described(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  const trace = (error.stack ?? "").split("\n").map(shown);
  return { errorType: error.name || "Error", errorMessage: error.message, trace };
}

const shown = (line) => line.replaceAll(root, "/var/task").replaceAll(own, "/var/runtime");

/** Every line of the console says when, for which invocation and how urgent, as on Lambda. */
function logAsLambda() {
  const levels = { debug: "DEBUG", error: "ERROR", info: "INFO", log: "INFO", trace: "TRACE", warn: "WARN" };
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...parts) => {
      const line = [new Date().toISOString(), requestId || "undefined", level, format(...parts)].join("\t");
      process.stdout.write(line.replaceAll("\n", "\r") + "\n");
    };
  }
}

/** Errors that nobody caught end the process, after they are told: nobody knows in which state it is. */
function dieTold(api) {
  const die = (code, wrap) => async (error) => {
    const place = requestId ? `/invocation/${requestId}/error` : "/init/error";
    await api.fail(place, wrap(error));
    process.exit(code);
  };
  process.on("uncaughtException", die(129, (error) => error));
  const rejected = (reason) => new Fault("Runtime.UnhandledPromiseRejection", String(reason), reason);
  process.on("unhandledRejection", die(128, rejected));
}

/** Ends the process group when the engine's end of the pipe closes, where the kernel cannot do so (macOS). */
function watch(lifeline) {
  const pipe = new Socket({ fd: Number(lifeline), readable: true, writable: false });
  pipe.on("close", () => process.kill(0, "SIGKILL"));
  pipe.resume().unref();
}

async function main(lifeline) {
  const api = new RuntimeApi();
  logAsLambda();
  dieTold(api);
  if (lifeline) watch(lifeline);
  process.on("beforeExit", () => whenIdle());
  let handler;
  try {
    handler = await load(process.env._HANDLER);
  } catch (error) {
    await api.fail("/init/error", error);
    process.exit(1);
  }
  for (;;) await serveOne(api, handler);
}

let requestId = "";
let whenIdle = () => {};
await main(process.argv[2]);
