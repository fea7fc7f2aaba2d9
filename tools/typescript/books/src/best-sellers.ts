/**
 * Best sellers from the Books API of the New York Times: GET /lists/current/{list}.json, with the key as a parameter.
 * Answers and faults: https://developer.nytimes.com/docs/books-product/1/routes/lists/%7Bdate%7D/%7Blist%7D.json/get and
 * https://developer.nytimes.com/faq (500 requests a day, 5 a minute).
 */

import { setTimeout as sleep } from "node:timers/promises";
import { ToolError } from "stepsmith";

import { genres, listOf } from "./lists.ts";

export interface Service {
  readonly baseUrl: string;
  readonly key: string;
  /** Ends the work in time for the call to be answered. */
  readonly signal: AbortSignal;
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

interface Listed {
  readonly rank: number;
  readonly title: string;
  readonly author: string;
  readonly description: string;
  readonly publisher: string;
  readonly weeks_on_list: number;
  readonly primary_isbn13: string;
}

interface List {
  readonly display_name: string;
  readonly published_date: string;
  readonly books: readonly Listed[];
}

const ATTEMPTS = 3;
const QUOTA = "The New York Times' quota for this key is used up for now (5 requests a minute, 500 a day). Try again later.";

/** The current list of a genre. Throws `ToolError` for what the model can change or wait for. */
export async function bestSellers(genre: string, service: Service): Promise<object> {
  const name = listOf(genre);
  if (!name) throw new ToolError(`There is no list for '${genre}'. Ask for one of: ${genres.join(", ")}.`);
  const list = await current(name, service);
  return { list: list.display_name, published: list.published_date, books: list.books.map(shown) };
}

const shown = ({ rank, title, author, description, publisher, weeks_on_list, primary_isbn13 }: Listed) => ({
  rank,
  title,
  author,
  description,
  publisher,
  weeks_on_list,
  isbn: primary_isbn13,
});

async function current(name: string, service: Service): Promise<List> {
  const { wait = (milliseconds) => sleep(milliseconds, undefined, { signal: service.signal }) } = service;
  for (let attempt = 1; ; attempt++) {
    const response = await asked(name, service);
    if (response?.ok) return parsed(response);
    const passing = !response || response.status === 429 || response.status >= 500;
    if (!passing || attempt === ATTEMPTS) throw refusal(response);
    await wait(1000 * 2 ** attempt).catch(() => {
      throw refusal(response);
    });
  }
}

/** The answer, or nothing where none came. A redirect is none: the key goes nowhere else. */
async function asked(name: string, { baseUrl, key, signal }: Service): Promise<Response | undefined> {
  const url = `${baseUrl.replace(/\/$/, "")}/lists/current/${name}.json?api-key=${encodeURIComponent(key)}`;
  try {
    return await fetch(url, { signal, redirect: "manual" });
  } catch {
    return undefined; // Its error holds the URL, and with it the key.
  }
}

async function parsed(response: Response): Promise<List> {
  try {
    const { results } = (await response.json()) as { results: List };
    if (Array.isArray(results.books)) return results;
  } catch {
    // Said below.
  }
  throw new ToolError("The New York Times' answer could not be read. Try again later.");
}

/** Sorts a refusal by who must act: the model waits or asks otherwise, the operator mends the key. */
function refusal(response: Response | undefined): Error {
  switch (response?.status) {
    case undefined:
      return new ToolError("The New York Times' service did not answer in time. Try again later.");
    case 401:
    case 403:
      return new Error("The New York Times refuses the key: the operator must check NYT_API_KEY.");
    case 404:
      return new ToolError(`The list has no current issue. Ask for another one of: ${genres.join(", ")}.`);
    case 429:
      return new ToolError(QUOTA);
    default:
      return new ToolError(`The New York Times' service is unavailable (HTTP ${response?.status}). Try again later.`);
  }
}
