import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PatinaError } from "@patina/core";
import { openIndex } from "../src/search/open-index.ts";
import type { Passage } from "../src/sources/passage.ts";
import { failure } from "./fixtures/failure.ts";
import { HashEngine } from "./fixtures/hash-engine.ts";
import { longPassages, manyPassages, TemporaryProject } from "./fixtures/passages.ts";

/** Starts a run in a process of its own; resolves when a part of it is in the cache and more is in work. */
async function startHeldRun(root: string): Promise<Bun.Subprocess<"ignore", "pipe", "inherit">> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "fixtures/held-run.ts"), root], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  expect(new TextDecoder().decode(value)).toBe("holding\n");
  return child;
}

/** What a finished run leaves in the local directory and below `generations`, and nothing else. */
function expectTidy(project: TemporaryProject, generations: readonly string[]): void {
  expect(readdirSync(project.local("generations")).sort()).toEqual([...generations].sort());
  const known = [".gitignore", "cache.sqlite", "current", "generations", "lock.sqlite"];
  expect(readdirSync(project.local()).filter((name) => !known.includes(name))).toEqual([]);
}

/** Rows of the cache, counted by SQLite alone. */
function cachedTexts(project: TemporaryProject): number {
  using database = new Database(project.local("cache.sqlite"), { readonly: true });
  return (database.query("SELECT count(*) AS texts FROM embeddings").get() as { texts: number }).texts;
}

async function expectSearchable(project: TemporaryProject, generation: string): Promise<void> {
  using index = await openIndex(project.root);
  expect(index.manifest.id).toBe(generation);
  const [first] = manyPassages(1);
  const [best] = await index.search(first?.text as string, { engine: new HashEngine() });
  expect(best?.id).toBe(first?.id as string);
}

describe("a run that is killed", () => {
  test("loses nothing that was committed, and the current generation stays current", async () => {
    using project = new TemporaryProject();
    const before = await project.index(manyPassages(12), { engine: new HashEngine() });
    const child = await startHeldRun(project.root);
    child.kill("SIGKILL");
    await child.exited;

    await expectSearchable(project, before.generation);
    const committed = cachedTexts(project) - before.embedded;
    expect(committed).toBeGreaterThan(0);
    expect(committed).toBeLessThan(40);
    const engine = new HashEngine();
    const report = await project.index(longPassages(), { engine });
    expect(report).toMatchObject({ fromCache: committed, embedded: 40 - committed, notices: [] });
    expect(engine.embedded).toHaveLength(40 - committed);
    expectTidy(project, [before.generation, report.generation]);
  }, 30_000);

  test("while it runs, another one is told so and who it is, and searches go on", async () => {
    using project = new TemporaryProject();
    const before = await project.index(manyPassages(12), { engine: new HashEngine() });
    const child = await startHeldRun(project.root);
    try {
      const error = await failure(project.index(manyPassages(3), { engine: new HashEngine() }));
      expect(error.code).toBe("BUSY");
      expect(error.message).toContain(`process ${child.pid} `);
      await expectSearchable(project, before.generation);
    } finally {
      child.kill("SIGKILL");
      await child.exited;
    }
  }, 30_000);
});

describe("two runs in one process", () => {
  test("the second is refused, the first is not disturbed", async () => {
    using project = new TemporaryProject();
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const held = new HashEngine({
      beforeBatch() {
        entered.resolve();
        return gate.promise;
      },
    });
    const first = project.index(manyPassages(5), { engine: held });
    await entered.promise;
    const second = await failure(project.index(manyPassages(5), { engine: new HashEngine() }));
    gate.resolve();
    const report = await first;
    expect(second.code).toBe("BUSY");
    expect(report).toMatchObject({ embedded: 5 });
    expectTidy(project, [report.generation]);
    expect(await project.index(manyPassages(5), { engine: new HashEngine() })).toMatchObject({
      unchanged: true,
    });
  });
});

describe("a run that is aborted", () => {
  async function expectAborted(
    arrange: (
      abort: () => void,
    ) => Parameters<TemporaryProject["index"]>[1] & { passages?: Iterable<Passage> },
  ): Promise<void> {
    using project = new TemporaryProject();
    const before = await project.index(manyPassages(12), { engine: new HashEngine() });
    const controller = new AbortController();
    const options = arrange(() => controller.abort());
    const run = project.index(options.passages ?? longPassages(), { ...options, signal: controller.signal });
    expect(await failure(run)).toMatchObject({ code: "ABORTED" });
    expectTidy(project, [before.generation]);
    await expectSearchable(project, before.generation);
    const again = await project.index(longPassages(), { engine: new HashEngine() });
    expect(again.embedded + again.fromCache).toBe(40);
  }

  test("before it began", async () => {
    await expectAborted((abort) => {
      abort();
      return { engine: new HashEngine() };
    });
  });

  test("while passages are collected", async () => {
    await expectAborted((abort) => ({
      engine: new HashEngine(),
      passages: (function* () {
        yield* longPassages().slice(0, 3);
        abort();
        yield* longPassages().slice(3);
      })(),
    }));
  });

  test("while the engine works", async () => {
    await expectAborted((abort) => ({
      engine: new HashEngine({
        beforeBatch(_, call) {
          if (call === 3) abort();
        },
      }),
    }));
  });

  test("while vectors and full-text are written", async () => {
    await expectAborted((abort) => ({
      engine: new HashEngine(),
      onProgress({ phase, done }) {
        if (phase === "indexing" && done > 0) abort();
      },
    }));
  });
});

describe("a run whose engine fails", () => {
  test("keeps what was embedded, names the passage and leaves the index as it was", async () => {
    using project = new TemporaryProject();
    const before = await project.index(manyPassages(12), { engine: new HashEngine() });
    const engine = new HashEngine({
      beforeBatch(_, call) {
        if (call === 3) throw new PatinaError("NON_FINITE", "the model gave NaN for text 1", { index: 1 });
      },
    });
    const error = await failure(project.index(longPassages(), { engine }));
    expect(error).toMatchObject({ code: "NON_FINITE" });
    expect(error.details.file).toMatch(/^long\/file-\d+\.txt$/);
    expectTidy(project, [before.generation]);
    const again = await project.index(longPassages(), { engine: new HashEngine() });
    expect(again.fromCache).toBe(engine.embedded.length);
    expect(again.fromCache).toBeGreaterThan(0);
  });

  test("source errors pass through and leave nothing behind", async () => {
    using project = new TemporaryProject();
    const passages = (function* (): Generator<Passage> {
      yield* manyPassages(2);
      throw new PatinaError("NOT_A_REPOSITORY", "git went away");
    })();
    const run = project.index(passages, { engine: new HashEngine() });
    expect(await failure(run)).toMatchObject({ code: "NOT_A_REPOSITORY" });
    expectTidy(project, []);
    expect(existsSync(project.local("current"))).toBe(false);
    expect(readFileSync(project.local(".gitignore"), "utf8")).toBe("*\n");
  });
});
