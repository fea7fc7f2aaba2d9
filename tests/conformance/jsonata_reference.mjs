// Checks the values of our JSONata suite against the reference implementation, npm jsonata 2.0.6.
//
//     cd "$(mktemp -d)" && npm install jsonata@2.0.6 && cp <repo>/tests/conformance/jsonata_reference.mjs . &&
//     node jsonata_reference.mjs <repo>/src/stepsmith/asl/testdata/jsonata.json
//
// The functions that Step Functions adds are written here a second time, from the Developer Guide's page "Transforming
// data with JSONata", so that expressions with them are evaluated by the reference too.
// Prints every case whose answer differs and exits 1, or one line that says how many agree.
import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import jsonata from "jsonata";

const suite = JSON.parse(readFileSync(process.argv[2], "utf8"));
const cases = Object.values(suite.cases).flat();

function partition(array, size) {
  const step = Math.floor(size);
  return Array.from({ length: Math.ceil(array.length / step) }, (_, index) =>
    array.slice(index * step, (index + 1) * step),
  );
}

function range(first, last, step) {
  const [start, end, delta] = [first, last, step].map(Math.floor);
  const length = Math.max(0, Math.floor((end - start) / delta) + 1);
  const numbers = Array.from({ length }, (_, index) => start + index * delta);
  return numbers.length === 1 ? numbers[0] : numbers;
}

// java.util.Random: nextDouble() joins 26 and 27 bits of two steps of its 48-bit generator.
function random(seed) {
  if (seed === undefined) return Math.random();
  const mask = (1n << 48n) - 1n;
  const next = (state) => (state * 0x5deece66dn + 11n) & mask;
  const first = next((BigInt(Math.floor(seed)) ^ 0x5deece66dn) & mask);
  return Number(((first >> 22n) << 27n) + (next(first) >> 21n)) / 2 ** 53;
}

function hash(data, algorithm) {
  return createHash(algorithm.replace("-", "").toLowerCase()).update(data).digest("hex");
}

const provided = [
  ["partition", partition, "<an:a>"],
  ["range", range, "<nnn:x>"],
  ["hash", hash, "<ss:s>"],
  ["random", random, "<n?:n>"],
  ["uuid", () => randomUUID(), "<:s>"],
  ["parse", (text) => JSON.parse(text), "<s:x>"],
];

async function answer(text) {
  try {
    const expression = jsonata(text);
    for (const [name, implementation, signature] of provided)
      expression.registerFunction(name, implementation, signature);
    const value = await expression.evaluate(undefined, structuredClone(suite.variables));
    return value === undefined ? { undefined: true } : { value: JSON.parse(JSON.stringify(value)) };
  } catch (error) {
    return { error: error.code };
  }
}

let differences = 0;
for (const { expression, fallback, ...expected } of cases) {
  const actual = await answer(expression);
  if (!isDeepStrictEqual(actual, expected)) {
    differences += 1;
    console.log(`${expression}\n  suite     ${JSON.stringify(expected)}\n  reference ${JSON.stringify(actual)}`);
  }
}
console.log(`${cases.length - differences} of ${cases.length} cases agree with jsonata 2.0.6`);
process.exit(differences ? 1 : 0);
