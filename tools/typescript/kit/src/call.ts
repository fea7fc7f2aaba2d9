/** One call of one tool, as its function sees it. */

import { createHash } from "node:crypto";
import { parse } from "node:path/posix";

import { ToolError } from "./answer.ts";
import type { Event } from "./contract.ts";
import { Location, UNPLAIN } from "./location.ts";
import { Forbidden, type Objects } from "./store.ts";

/** Timers of Node.js hold 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A reference from the model to a file of its run. */
export type Reference = string | { readonly bucket: string; readonly key: string };

export class Call {
  readonly name: string;
  readonly id: string;
  /** Names the logical call: a repeat carries the same one. */
  readonly effectId: string;
  readonly runId: string;
  readonly agent: string;
  readonly turn: number;
  readonly maxResultBytes: number;
  private readonly artifacts: Location;

  constructor(
    event: Event,
    /** The earlier of the run's deadline and the function's own, in milliseconds since 1970. */
    readonly deadline: number,
    readonly objects: Objects,
  ) {
    const { name, id, context } = event;
    ({ effectId: this.effectId, runId: this.runId, agent: this.agent, turn: this.turn } = context);
    ({ artifacts: this.artifacts, maxResultBytes: this.maxResultBytes } = context);
    [this.name, this.id] = [name, id];
  }

  /** For `fetch` and other work that must end with the call. */
  get signal(): AbortSignal {
    return AbortSignal.timeout(Math.min(this.millisecondsLeft, LONGEST_TIMER_MS));
  }

  /** Until the deadline: a whole number, never negative. */
  get millisecondsLeft(): number {
    return Math.max(0, Math.floor(this.deadline - Date.now()));
  }

  /** The file of this run that a reference means. Throws `ToolError` where it may not be read or is not there. */
  async read(reference: Reference): Promise<Uint8Array> {
    const uri = typeof reference === "string" ? reference : spelled(reference);
    const at = Location.parse(uri);
    if (!at?.isUnder(this.artifacts)) {
      const advice = "Use a reference exactly as a result of this run gives it; they begin with";
      throw new ToolError(`'${uri}' is not one of this run's files. ${advice} '${this.artifacts}'.`);
    }
    const data = await this.objects.get(at.bucket, at.key).catch((error: unknown) => {
      throw error instanceof Forbidden ? missing(`'${at}' (or this function may not read it)`) : error;
    });
    if (!data) throw missing(`'${at}'`);
    return data;
  }

  /**
   * Where a file of this call goes: `chart.png` becomes `<artifacts>chart-1a2b3c4d.png`. The digits come from the effect
   * id, so another call never overwrites it, and a repeat of this one does.
   */
  place(name: string): Location {
    const plain = name.replace(UNPLAIN, "_");
    const bad = plain.includes("/") || ["", ".", ".."].includes(plain);
    if (bad) throw new Error(`${JSON.stringify(name)} is no file name; give one without folders`);
    const { name: stem, ext } = parse(plain);
    const mark = createHash("sha256").update(this.effectId).digest("hex").slice(0, 8);
    return this.artifacts.child(`${stem}-${mark}${ext}`);
  }
}

const missing = (file: string) =>
  new ToolError(`There is no file ${file}. Use a reference that a result of this run gives.`);

/** A bucket with a slash would move part of the key: it is spelled so that it is refused. */
function spelled({ bucket, key }: { readonly bucket: string; readonly key: string }): string {
  return bucket.includes("/") ? `s3://${bucket}//${key}` : `s3://${bucket}/${key}`;
}
