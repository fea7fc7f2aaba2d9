/** The tool Lambda books: current best sellers from the New York Times. */

import { secret, serve } from "stepsmith";

import description from "../tool.json" with { type: "json" };
import { bestSellers } from "./best-sellers.ts";

const baseUrl = () => process.env["NYT_BASE_URL"] ?? description.environment.NYT_BASE_URL;

export const handler = serve(description, {
  get_nyt_books: async ({ genre }: { genre: string }, call) =>
    bestSellers(genre, { baseUrl: baseUrl(), key: await secret("NYT_API_KEY"), signal: call.signal }),
});
