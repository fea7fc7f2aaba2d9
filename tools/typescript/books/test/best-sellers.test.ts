/** Best sellers from a server that answers as the documentation shows it. */

import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { ToolError } from "stepsmith";

import { bestSellers } from "../src/best-sellers.ts";
import { listOf } from "../src/lists.ts";

const BOOK = {
  rank: 1,
  rank_last_week: 2,
  weeks_on_list: 9,
  primary_isbn10: "0000000000",
  primary_isbn13: "9780000000000",
  publisher: "Anvil Press",
  description: "A coyote reads the manual.",
  price: "0.00",
  title: "ACME",
  author: "W. E. Coyote",
  book_image: "https://example.com/a.jpg",
};
const LIST = { list_name: "Fiction", display_name: "Fiction", published_date: "2026-11-22", books: [BOOK] };
const ANSWER = JSON.stringify({ status: "OK", num_results: 1, results: LIST });
const FAULT = '{"fault":{"faultstring":"Rate limit quota violation","detail":{"errorcode":"policies.ratelimit.QuotaViolation"}}}';

async function ask(genre: string, listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const waits: number[] = [];
  const wait = async (milliseconds: number) => waits.push(milliseconds);
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/svc/`;
  try {
    const service = { baseUrl, key: "secret key", signal: AbortSignal.timeout(10_000), wait };
    return { waits, answer: await bestSellers(genre, service).catch((error: Error) => error) };
  } finally {
    server.close();
  }
}

const refuse =
  (status: number, body = FAULT): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(body);

test("the current list of a genre is asked for with the key", async () => {
  let asked: string | undefined;
  const { answer } = await ask("Fiction", (request, response) => {
    asked = request.url;
    response.end(ANSWER);
  });
  assert.equal(asked, "/svc/lists/current/combined-print-and-e-book-fiction.json?api-key=secret%20key");
  assert.deepEqual(answer, {
    list: "Fiction",
    published: "2026-11-22",
    books: [
      {
        rank: 1,
        title: "ACME",
        author: "W. E. Coyote",
        description: "A coyote reads the manual.",
        publisher: "Anvil Press",
        weeks_on_list: 9,
        isbn: "9780000000000",
      },
    ],
  });
});

test("genres are known by many spellings", () => {
  assert.equal(listOf("Young-Adult"), "young-adult-hardcover");
  assert.equal(listOf("  hardcover fiction "), "hardcover-fiction");
  assert.equal(listOf("Children’s"), "childrens-middle-grade-hardcover");
  assert.equal(listOf("constructor"), undefined);
});

test("a genre without a list is answered with those that have one", async () => {
  const { answer } = await ask("underwater basket weaving", refuse(500));
  assert.ok(answer instanceof ToolError);
  assert.match(answer.message, /hardcover-fiction/);
});

test("a quota is waited for, then told to the model", async () => {
  const { answer, waits } = await ask("fiction", refuse(429));
  assert.ok(answer instanceof ToolError);
  assert.match(answer.message, /quota/);
  assert.deepEqual(waits, [2000, 4000]);
});

test("what passes is tried again", async () => {
  let asked = 0;
  const { answer } = await ask("fiction", (request, response) =>
    (++asked < 3 ? refuse(503) : (_: unknown, r: typeof response) => r.end(ANSWER))(request, response),
  );
  assert.ok("books" in answer);
});

test("a wrong key is the operator's matter, and is not told", async () => {
  const { answer, waits } = await ask("fiction", refuse(401));
  assert.ok(answer instanceof Error && !(answer instanceof ToolError));
  assert.match(answer.message, /NYT_API_KEY/);
  assert.doesNotMatch(String(answer.stack), /secret/);
  assert.deepEqual(waits, []);
});

test("the key follows no redirect", async () => {
  let asked = 0;
  const { answer } = await ask("fiction", (_, response) => {
    asked += 1;
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  assert.ok(answer instanceof Error);
  assert.equal(asked, 1);
});

test("an answer that is no list is an error for the model", async () => {
  for (const body of ["", "<html>", "{}", '{"results": {}}']) {
    const { answer } = await ask("fiction", refuse(200, body));
    assert.ok(answer instanceof ToolError, body);
  }
});

test("a service that never answers does not hold the call", async () => {
  const signal = AbortSignal.timeout(50);
  const server = createServer(() => {}).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await assert.rejects(bestSellers("fiction", { baseUrl, key: "k", signal }), ToolError);
  server.closeAllConnections();
  server.close();
});
