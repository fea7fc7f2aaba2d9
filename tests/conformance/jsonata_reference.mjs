// Checks the values of our JSONata suite against the reference implementation, npm jsonata 2.0.6.
//
//     cd "$(mktemp -d)" && npm install jsonata@2.0.6 && cp <repo>/tests/conformance/jsonata_reference.mjs . &&
//     node jsonata_reference.mjs <repo>/src/stepsmith/asl/testdata/jsonata.json
//
// Prints every case whose answer differs and exits 1, or one line that says how many agree.
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import jsonata from "jsonata";

const suite = JSON.parse(readFileSync(process.argv[2], "utf8"));
const cases = Object.values(suite.cases).flat();

async function answer(expression) {
  try {
    const value = await jsonata(expression).evaluate(undefined, structuredClone(suite.variables));
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
