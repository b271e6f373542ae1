import { expect } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openIndex } from "../../src/search/open-index.ts";
import { HashEngine } from "../fixtures/hash-engine.ts";
import { TemporaryProject } from "../fixtures/passages.ts";
import { markerOf, stateDocuments } from "./state.ts";

/** What a child answered; null when it was killed before it could. */
export interface Answer {
  readonly done: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly file?: string;
  readonly generation?: string;
  readonly marker?: string;
}

/** Rounds of each drill; `bun run soak` asks for more. */
export const ROUNDS: number = Number(process.env.PATINA_DRILL_ROUNDS ?? 5);

/** Milliseconds after which a drill hangs; a round takes about a second. */
export const PATIENCE: number = 60_000 + ROUNDS * 30_000;

/** Random moments from a seed that is printed; `PATINA_DRILL_SEED` draws the same again. */
export class Moments {
  #state: number;

  constructor(drill: string) {
    const seed = Number(process.env.PATINA_DRILL_SEED ?? crypto.getRandomValues(new Uint32Array(1))[0]);
    console.log(`${drill}: PATINA_DRILL_SEED=${seed}`);
    this.#state = seed;
  }

  /** A number from 0 to 1: mulberry32 (Tommy Ettinger, public domain). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(end: number): number {
    return Math.floor(this.next() * end);
  }
}

/** The command line of a child; see `child.ts`. */
export function childCommand(root: string, ...args: readonly string[]): string[] {
  return [process.execPath, join(import.meta.dir, "child.ts"), root, ...args];
}

/** A child that runs, and when it began to act. */
export interface Child {
  readonly process: Bun.Subprocess<"pipe", "pipe", "pipe">;
  /** Resolves when it has said the line. */
  readonly said: (line: string) => Promise<void>;
  /** What it answered at its end; null when there was no answer. */
  readonly answer: Promise<Answer | null>;
}

/** Starts a command that says what a child says. */
export function start(command: readonly string[]): Child {
  const child = Bun.spawn([...command], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  let text = "";
  const waiting: { line: string; resolve: () => void }[] = [];
  const notify = (): void => {
    for (const { line, resolve } of waiting) if (text.includes(`${line}\n`)) resolve();
  };
  const read = async (): Promise<Answer | null> => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      text += decoder.decode(chunk, { stream: true });
      notify();
    }
    const problems = await new Response(child.stderr).text();
    await child.exited;
    // Who waits for what was never said goes on, and finds out.
    for (const { resolve } of waiting) resolve();
    if (child.signalCode === null && problems !== "") throw new Error(problems);
    const last = text.trimEnd().split("\n").at(-1) ?? "";
    return last.startsWith("{") ? (JSON.parse(last) as Answer) : null;
  };
  const said = (line: string): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ line, resolve });
      notify();
    });
  return { process: child, said, answer: read() };
}

/** Runs a child to its end. */
export async function run(root: string, ...args: readonly string[]): Promise<Answer> {
  const answer = await start(childCommand(root, ...args)).answer;
  if (answer === null) throw new Error(`the child ${args.join(" ")} gave no answer`);
  return answer;
}

/** A project in which some state is indexed. */
export class Drill extends TemporaryProject {
  /** Indexes a state in this process. */
  async oxidize(state: number): Promise<string> {
    const { generation, notices } = await this.indexDocuments(stateDocuments(state), {
      engine: new HashEngine(),
    });
    expect(notices).toEqual([]);
    return generation;
  }

  /** The state that the current generation answers from; fails where it is damaged, or mixes states. */
  async state(): Promise<{ generation: string; state: number }> {
    using index = await openIndex(this.root);
    const engine = new HashEngine();
    const [best] = await index.search("statemarker", { engine, limit: 1 });
    const state = Number(markerOf(best?.text ?? ""));
    for (const number of [0, 1, 2]) {
      const version = Math.floor((state + number) / 3);
      const [found] = await index.search(`body${number}x2`, { engine, limit: 1 });
      expect(found?.text).toStartWith(`src/file-${number}.ts\nversion${version} body${number}x2 `);
    }
    return { generation: index.manifest.id, state };
  }

  /** Nothing is left of what was interrupted. */
  expectTidy(generations: number): void {
    const known = [".gitignore", "cache.sqlite", "current", "generations", "lock.sqlite"];
    expect(readdirSync(this.local()).filter((name) => !known.includes(name))).toEqual([]);
    const names = readdirSync(this.local("generations"));
    expect(names.filter((name) => !/^\d{8}T\d{9}Z-[0-9a-f]{8}$/.test(name))).toEqual([]);
    expect(names).toHaveLength(generations);
    for (const name of names) expect(existsSync(this.local("generations", name, "manifest.json"))).toBe(true);
  }
}
