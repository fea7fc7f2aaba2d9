/**
 * An answer as a tool_result within its budget: UTF-8 bytes of its JSON. Pictures and files always go to the artifact
 * store and cost a reference; the texts share what remains, in order. A text over its share is stored whole, as
 * `<tool>.txt` or `<tool>.json`, and in its place stand a preview, the size and the URI.
 */

import { type Answer, File, Parts, type Part, Picture, size, Table, toJson, wellFormed } from "./answer.ts";
import type { Call } from "./call.ts";
import { page, whole } from "./table.ts";

const JSON_TYPE = "application/json";
const TEXT_TYPE = "text/plain; charset=utf-8";

export type Block =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image" | "file"; readonly uri: string; readonly media_type: string; readonly title: string };

export interface Result {
  readonly type: "tool_result";
  readonly tool_use_id: string;
  readonly name: string;
  readonly content: readonly Block[];
  readonly is_error: boolean;
}

const textBlock = (text: string): Block => ({ type: "text", text });

/** The result of a call, its parts stored and cut as the budget wants. */
export async function result(call: Call, answer: Answer, isError = false): Promise<Result> {
  const made = { type: "tool_result", tool_use_id: call.id, name: call.name, is_error: isError } as const;
  const parts = answer instanceof Parts ? answer.parts : [answer];
  const store = new Store(call);
  const kept = await Promise.all(parts.map((part) => store.kept(part)));
  let room = call.maxResultBytes - size({ ...made, content: kept.flat() });
  let texts = kept.filter((blocks) => blocks.length === 0).length;
  const content: Block[][] = [];
  for (const [index, part] of parts.entries()) {
    const blocks = kept[index]?.length ? kept[index] : await store.told(part, Math.floor(room / texts--));
    if (!kept[index]?.length) room -= blocks.reduce((sum, block) => sum + size(block) + 1, 0);
    content.push(blocks);
  }
  return { ...made, content: content.flat() };
}

/** Keeps the parts of one answer: each name once. */
class Store {
  private readonly names = new Set<string>();

  constructor(private readonly call: Call) {}

  /** The reference of a part that is a file. */
  async kept(part: Part): Promise<Block[]> {
    if (part instanceof Picture) return [await this.file("image", part.name, part.data, part.mediaType)];
    if (part instanceof File) return [await this.file("file", part.name, part.data, part.mediaType)];
    return [];
  }

  /** A part's text in at most `room` bytes, and its file where it does not fit. */
  async told(part: Part, room: number): Promise<Block[]> {
    if (part instanceof Table) return this.table(part, room);
    if (typeof part === "string") return this.text(wellFormed(part), "txt", TEXT_TYPE, room);
    return this.text(toJson(part), "json", JSON_TYPE, room);
  }

  private async text(text: string, suffix: string, mediaType: string, room: number): Promise<Block[]> {
    if (size(textBlock(text)) <= room) return [textBlock(text)];
    const data = Buffer.from(text);
    const file = await this.file("file", `${this.call.name}.${suffix}`, data, mediaType);
    const uri = "uri" in file ? file.uri : "";
    const note = `\n\n[Cut here: this text has ${data.length.toLocaleString("en-US")} bytes. All of it is in ${uri}]`;
    const left = room - size(file) - size(textBlock(note)) - 1;
    return [textBlock(fitting(text, left) + note), file];
  }

  private async table(table: Table, room: number): Promise<Block[]> {
    const all = whole(table);
    if (table.rows.length <= page.ROWS && size(textBlock(all)) <= room) return [textBlock(all)];
    const file = await this.file("file", `${this.call.name}.json`, Buffer.from(all), JSON_TYPE);
    const uri = "uri" in file ? file.uri : "";
    const left = room - size(file) - 1;
    return [textBlock(page(table, uri, (text) => size(textBlock(text)) <= left)), file];
  }

  private async file(type: "image" | "file", name: string, data: Uint8Array, mediaType: string): Promise<Block> {
    const at = this.call.place(name);
    if (this.names.has(at.key)) throw new Error(`Two files of one answer are called '${name}'; give each its own name.`);
    this.names.add(at.key);
    await this.call.objects.put(at.bucket, at.key, data, mediaType);
    return { type, uri: String(at), media_type: mediaType, title: name };
  }
}

/** The longest beginning of `text` that takes at most `room` bytes as a JSON string. */
function fitting(text: string, room: number): string {
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (size(text.slice(0, middle)) <= room) low = middle;
    else high = middle - 1;
  }
  const cutsPair = /[\uD800-\uDBFF]$/.test(text.slice(0, low));
  return text.slice(0, cutsPair ? low - 1 : low);
}
