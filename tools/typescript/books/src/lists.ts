/** Which list of best sellers a genre means. Names of lists: https://developer.nytimes.com/docs/books-product/1/overview */

/** Genres as people say them, by the list's own name. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  "combined-print-and-e-book-fiction": ["fiction", "novel", "novels", "general fiction", "bestsellers"],
  "combined-print-and-e-book-nonfiction": ["nonfiction", "non fiction", "biography", "history", "memoir"],
  "hardcover-fiction": [],
  "hardcover-nonfiction": [],
  "trade-fiction-paperback": ["paperback fiction", "paperback"],
  "paperback-nonfiction": [],
  "advice-how-to-and-miscellaneous": ["advice", "self help", "how to", "cooking", "health"],
  "childrens-middle-grade-hardcover": ["middle grade", "children", "childrens", "kids"],
  "picture-books": ["picture book"],
  "series-books": ["series", "childrens series"],
  "young-adult-hardcover": ["young adult", "ya", "teen"],
  "audio-fiction": ["audiobooks", "audio"],
  "audio-nonfiction": [],
  "business-books": ["business", "economics", "finance"],
  "graphic-books-and-manga": ["graphic novels", "manga", "comics"],
  "mass-market-monthly": ["mass market"],
};

export const genres = Object.keys(LISTS);

/** The name of the list, or nothing. Case, dashes and apostrophes do not count. */
export function listOf(genre: string): string | undefined {
  const asked = plain(genre);
  return genres.find((list) => plain(list) === asked || LISTS[list]?.includes(asked));
}

const plain = (text: string) => text.toLowerCase().replace(/['’]/g, "").replace(/[-_\s]+/g, " ").trim();
