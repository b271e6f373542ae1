/**
 * A process of its own for the drills: `child.ts ROOT ACTION [ARGUMENT]`. Says `begin` when it is about to act, and at its
 * end what came of it as a line of JSON. Every failure of the project is an answer; anything else ends it with a trace.
 */
import { isPatinaError } from "@patina/core";
import { indexDocuments } from "../../src/generation/index-documents.ts";
import { pruneGenerations, rollback, useGeneration } from "../../src/generation/manage-generations.ts";
import { openIndex } from "../../src/search/open-index.ts";
import { HashEngine } from "../fixtures/hash-engine.ts";
import { markerOf, stateDocuments } from "./state.ts";

const [root = "", action = "", argument = ""] = process.argv.slice(2);

/** Indexes a state; `full` builds it whole. */
async function oxidize(full: boolean): Promise<object> {
  const { report } = await indexDocuments({
    ...{ root, full, documents: stateDocuments(Number(argument)), engine: new HashEngine() },
    ...{ model: { key: "words", variant: "fp32" }, recipeDigest: "0".repeat(64), cutting: "lines" },
  });
  return { generation: report.generation };
}

/** The state that the current generation answers from. */
async function search(): Promise<{ generation: string; marker: string }> {
  using index = await openIndex(root);
  const engine = new HashEngine();
  const [best] = await index.search("statemarker", { engine, limit: 1 });
  return { generation: index.manifest.id, marker: markerOf(best?.text ?? "") };
}

/** Searches until the standard input ends: the states that each generation was seen with. */
async function searchOn(): Promise<object> {
  const seen: Record<string, string[]> = {};
  let ended = false;
  const end = (async () => {
    for await (const _ of process.stdin);
    ended = true;
  })();
  let searches = 0;
  while (!ended) {
    const { generation, marker } = await search();
    seen[generation] = [...new Set([...(seen[generation] ?? []), marker])];
    if (++searches === 1) process.stdout.write("searching\n");
    // Lets the end of the input be heard.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await end;
  return { searches, seen };
}

const actions: Record<string, () => object | Promise<object>> = {
  oxidize: () => oxidize(false),
  full: () => oxidize(true),
  rollback: () => rollback(root),
  use: () => useGeneration(root, argument),
  prune: () => pruneGenerations(root, { keep: 1 }),
  search,
  "search-on": searchOn,
};

process.stdout.write("begin\n");
try {
  const answer = await actions[action]?.();
  process.stdout.write(`${JSON.stringify({ done: true, ...answer })}\n`);
} catch (error) {
  if (!isPatinaError(error)) throw error;
  const { code, message, details } = error;
  process.stdout.write(`${JSON.stringify({ done: false, code, message, file: details.file })}\n`);
}
