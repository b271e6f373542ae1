import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ImportOptions, type ImportReport, openRegistry } from "../../src/index.ts";
import { Fixture } from "./fixture.ts";

const FIXTURES = join(import.meta.dir, "../../../../fixtures");

/** Answers to what the small models of the fixtures do not say. */
export const ANSWERS: ImportOptions = {
  license: "MIT",
  queryTemplate: "query: {text}",
  passageTemplate: "passage: {text}",
};

/** A copy of a small model that a test may change, in a project of its own, with a home beside it. */
export class ModelFolder implements Disposable {
  readonly #fixture = new Fixture();
  readonly home: string = this.#fixture.home;
  readonly project: string = this.#fixture.project;
  readonly folder: string;

  constructor(name: string) {
    this.folder = join(this.project, "models", name);
    cpSync(join(FIXTURES, name), this.folder, { recursive: true });
  }

  /** Gives a file other contents; an object is changed by its keys, as JSON. */
  write(path: string, contents: string | object): this {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (typeof contents === "string") writeFileSync(file, contents);
    else {
      const before: unknown = Array.isArray(contents) ? [] : JSON.parse(readFileSync(file, "utf8"));
      const after = Array.isArray(contents) ? contents : { ...(before as object), ...contents };
      writeFileSync(file, JSON.stringify(after));
    }
    return this;
  }

  /** Takes files or folders away. */
  remove(...paths: string[]): this {
    for (const path of paths) rmSync(join(this.folder, path), { recursive: true });
    return this;
  }

  /** Imports the folder, in the project it lies in. */
  async import(options: ImportOptions = {}): Promise<ImportReport> {
    const registry = await openRegistry({ home: this.home, env: {}, projectDir: this.project });
    return registry.import(this.folder, options);
  }

  [Symbol.dispose](): void {
    this.#fixture[Symbol.dispose]();
  }
}
