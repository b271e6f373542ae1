/** How a stream ends: by its signal, by its caller, or by an error; and what then goes on, which is nothing. */
import { afterAll, afterEach, beforeAll, expect, spyOn, test } from "bun:test";
import type { EmbeddingEngine, EmbeddingMatrix } from "@patina/core";
import { openEngine } from "@patina/engine";
import { fixture } from "./support/fixtures.ts";

/** What does not see its signal waits for ever. */
const PATIENCE = 10_000;
/** A group of these takes seconds. */
const LONG: readonly string[] = Array(3000).fill("the river ".repeat(60));

let engine: EmbeddingEngine;
beforeAll(async () => {
  engine = await openEngine(fixture("bert-mean").spec);
});
afterAll(() => engine.close());

const unhandled: unknown[] = [];
const listener = (error: unknown): void => void unhandled.push(error);
beforeAll(() => void process.on("unhandledRejection", listener));
afterAll(() => void process.off("unhandledRejection", listener));
afterEach(async () => {
  await turn();
  expect(unhandled.splice(0)).toEqual([]);
});

/** A turn of the event loop: what waits for nothing but promises has gone as far as it can. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/**
 * What a promise fails with. Bun's `rejects` blocks the event loop until its promise settles, so that a test whose
 * promise never does outlives its timeout; here the timeout ends it.
 */
function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** The listeners that `signal` has from now on. */
function listenersOf(signal: AbortSignal): ReadonlySet<unknown> {
  const listeners = new Set<unknown>();
  const { addEventListener: add, removeEventListener: remove } = signal;
  spyOn(signal, "addEventListener").mockImplementation((...args: Parameters<typeof add>) => {
    listeners.add(args[1]);
    add.apply(signal, args);
  });
  spyOn(signal, "removeEventListener").mockImplementation((...args: Parameters<typeof remove>) => {
    listeners.delete(args[1]);
    remove.apply(signal, args);
  });
  return listeners;
}

/** Runs `use` and returns how each group that was begun meanwhile ended: a number of rows, or an error's code. */
async function outcomes(use: () => Promise<void>): Promise<unknown[]> {
  const embed = engine.embedBatch.bind(engine);
  const groups: Promise<EmbeddingMatrix>[] = [];
  const spy = spyOn(engine, "embedBatch").mockImplementation((...args) => {
    const group = embed(...args);
    groups.push(group);
    return group;
  });
  try {
    await use();
  } finally {
    spy.mockRestore();
  }
  return Promise.all(
    groups.map((group) =>
      group.then(
        ({ rows }) => rows,
        ({ code }) => code,
      ),
    ),
  );
}

/** Texts whose end fails where it comes before the last of them. */
async function* badlyEnding(texts: readonly string[]): AsyncGenerator<string> {
  let whole = false;
  try {
    yield* texts;
    whole = true;
  } finally {
    // biome-ignore lint/correctness/noUnsafeFinally: what a source should not do is what is tried here.
    if (!whole) throw new Error("the end broke");
  }
}

test(
  "its signal ends a stream that waits for its source, which ends once it can",
  async () => {
    const [asked, held, closed] = [Promise.withResolvers(), Promise.withResolvers(), Promise.withResolvers()];
    async function* source() {
      try {
        asked.resolve(undefined);
        await held.promise;
        yield "never taken";
      } finally {
        closed.resolve(undefined);
      }
    }
    const controller = new AbortController();
    const listeners = listenersOf(controller.signal);
    const ending = drain(engine.embedStream(source(), { signal: controller.signal }));
    await asked.promise;
    controller.abort(new Error("enough"));
    expect(await failureOf(ending)).toMatchObject({ code: "ABORTED", cause: { message: "enough" } });
    expect(listeners.size).toBe(0);
    held.resolve(undefined);
    await closed.promise;
  },
  PATIENCE,
);

test("a stream that ends leaves nothing on its signal", async () => {
  const { signal } = new AbortController();
  const listeners = listenersOf(signal);
  for await (const _ of engine.embedStream(["a", "b", "c"], { signal, groupSize: 1 })) {
    expect(listeners.size).toBeGreaterThan(0);
  }
  expect(listeners.size).toBe(0);
});

test("a stream gives no row after its signal, and asks its source for none", async () => {
  const controller = new AbortController();
  let rows = 0;
  const texts = ["a", "b", "c", "d"];
  const loop = async (): Promise<void> => {
    for await (const _ of engine.embedStream(texts, { signal: controller.signal })) {
      rows++;
      controller.abort();
    }
  };
  await expect(loop()).rejects.toMatchObject({ code: "ABORTED" });
  expect(rows).toBe(1);
  let read = 0;
  function* source() {
    read++;
    yield "a";
  }
  const late = drain(engine.embedStream(source(), { signal: controller.signal }));
  await expect(late).rejects.toMatchObject({ code: "ABORTED" });
  expect(read).toBe(0);
});

test(
  "groups that are under way end when the caller stops",
  async () => {
    const texts = [...Array(LONG.length).fill("a"), ...LONG, ...LONG];
    const ends = await outcomes(async () => {
      for await (const _ of engine.embedStream(texts, { groupSize: LONG.length })) break;
    });
    expect(ends).toEqual([LONG.length, "ABORTED", "ABORTED"]);
  },
  2 * PATIENCE,
);

test(
  "groups that are under way end when the source fails, with the source's error",
  async () => {
    async function* source() {
      yield* LONG;
      yield* LONG;
      throw new Error("the source broke");
    }
    const { signal } = new AbortController();
    const ends = await outcomes(async () => {
      const ending = drain(engine.embedStream(source(), { groupSize: LONG.length, signal }));
      await expect(ending).rejects.toThrow("the source broke");
    });
    expect(ends).toEqual(["ABORTED", "ABORTED"]);
  },
  2 * PATIENCE,
);

test("what goes wrong at the source's end does not replace the error that ended the stream", async () => {
  const texts = Array(100).fill("a");
  // The native core refuses a dimension later than the source is asked: as many groups as may be are under way then.
  const refused = drain(engine.embedStream(badlyEnding(texts), { groupSize: 1, dimension: 8 }));
  await expect(refused).rejects.toMatchObject({ code: "INVALID_INPUT" });
  const controller = new AbortController();
  const aborted = async (): Promise<void> => {
    const options = { groupSize: 1, signal: controller.signal };
    for await (const _ of engine.embedStream(badlyEnding(texts), options)) controller.abort();
  };
  await expect(aborted()).rejects.toMatchObject({ code: "ABORTED" });
});

test("what goes wrong at the source's end is the error of a caller that stops", async () => {
  const first = async (): Promise<void> => {
    for await (const _ of engine.embedStream(badlyEnding(Array(100).fill("a")), { groupSize: 1 })) break;
  };
  await expect(first()).rejects.toThrow("the end broke");

  // The same where the source has given a text that the stream has not come to yet.
  const held = Promise.withResolvers();
  async function* source() {
    yield "a";
    await held.promise;
    yield* badlyEnding(["b", "c"]);
  }
  const later = async (): Promise<void> => {
    for await (const _ of engine.embedStream(source(), { groupSize: 1 })) {
      held.resolve(undefined);
      await turn();
      break;
    }
  };
  await expect(later()).rejects.toThrow("the end broke");
});

test(
  "a caller that stops does not wait for the source's next text",
  async () => {
    const held = Promise.withResolvers();
    async function* source() {
      yield "a";
      await held.promise;
      yield "b";
    }
    for await (const _ of engine.embedStream(source(), { groupSize: 1 })) break;
    held.resolve(undefined);
  },
  PATIENCE,
);
