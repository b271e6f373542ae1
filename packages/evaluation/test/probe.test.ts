import { expect, test } from "bun:test";
import { projectProbe } from "@patina/evaluation";
import { parseRecipe } from "@patina/projections";
import { Repository } from "../../cli/test/support/repository.ts";
import { probeQueries } from "../src/probe.ts";

const recipe = parseRecipe("embedding_model: any", "oxidize.yaml");

test("a project gives the same passages each time, of all its parts, and no more than asked for", async () => {
  using repository = new Repository();
  for (let file = 0; file < 30; file++) repository.write(`notes/${file}.txt`, `The text of file ${file}.\n`);
  repository.commit("Begin");
  const options = { root: repository.root, recipe, maxTokens: 128 };
  const all = await projectProbe({ ...options, limit: 100 });
  // Thirty files and the commit.
  expect(all.passages).toBe(31);
  expect(new Set(all.texts).size).toBe(31);
  const some = await projectProbe({ ...options, limit: 10 });
  expect(some.passages).toBe(31);
  expect(some.texts).toEqual(all.texts.slice(0, 10));
});

test("queries are the first words of texts from all over the set", () => {
  const texts = Array.from(
    { length: 80 },
    (_, text) => `${text}  one two\nthree four five six seven eight nine`,
  );
  const queries = probeQueries(texts);
  expect(queries).toHaveLength(40);
  expect(queries[0]).toBe("0 one two three four five six seven");
  expect(queries[39]).toBe("78 one two three four five six seven");
  expect(probeQueries(["short", ""])).toEqual(["short", ""]);
});
