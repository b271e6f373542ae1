/** `patina model import` on a terminal: what no file says is asked for. */
import { describe, expect, test } from "bun:test";
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT, patina } from "./support/patina.ts";
import { TerminalRun } from "./support/terminal.ts";

/** A model that says neither its pooling nor its licence, and a home. */
class Model implements Disposable {
  readonly home: string = realpathSync(mkdtempSync(join(tmpdir(), "patina-ask-")));
  readonly folder: string = join(this.home, "ours");
  readonly overlay: string = join(this.home, "models.toml");

  constructor() {
    cpSync(join(CHECKOUT, "fixtures/bert-prompts"), this.folder, { recursive: true });
    rmSync(join(this.folder, "1_Pooling"), { recursive: true });
  }

  import(...args: string[]): TerminalRun {
    return new TerminalRun(["model", "import", this.folder, ...args], { home: this.home, cwd: "/" });
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true });
  }
}

const POOLING = "--pooling mean|cls|last: ";
const LICENSE = "--license ID: ";

describe("model import on a terminal", () => {
  test("asks for each, refuses what the flag refuses, and tells the flags that say the same", async () => {
    using model = new Model();
    const run = model.import();
    await run.type(POOLING, "maen\n");
    await run.type("Did you mean mean?", "");
    await run.type(POOLING, "\n");
    await run.type(POOLING, "cls\n");
    await run.type(LICENSE, "LicenseRef-our own\n");
    expect(await run.end()).toBe(0);
    expect(run.shown).toContain("the same without questions: --pooling cls --license 'LicenseRef-our own'\n");
    const asked = readFileSync(model.overlay, "utf8");
    const flags = ["--pooling", "cls", "--license", "LicenseRef-our own", "--force"];
    const again = await patina(["model", "import", model.folder, ...flags], { home: model.home, cwd: "/" });
    expect(again.code).toBe(0);
    expect(readFileSync(model.overlay, "utf8")).toBe(asked);
  });

  test("asks for nothing that a flag says", async () => {
    using model = new Model();
    const run = model.import("--pooling", "mean");
    await run.type(LICENSE, "MIT\n");
    expect(await run.end()).toBe(0);
    expect(run.shown).not.toContain(POOLING);
  });

  test("lists what is left where the input ends", async () => {
    using model = new Model();
    const run = model.import();
    await run.type(POOLING, "mean\n");
    await run.type(LICENSE, "\u0004");
    expect(await run.end()).toBe(3);
    expect(run.shown).toContain("  --license ID  such as MIT");
    expect(run.shown).not.toContain("--pooling mean|cls|last  how");
    expect(existsSync(model.overlay)).toBe(false);
  });

  test("ends at Ctrl-C without a change", async () => {
    using model = new Model();
    const run = model.import();
    await run.type(POOLING, "\u0003");
    expect(await run.end()).toBe(130);
    expect(existsSync(model.overlay)).toBe(false);
  });

  test("asks nobody under --json", async () => {
    using model = new Model();
    const run = model.import("--json");
    expect(await run.end()).toBe(3);
    expect(run.shown).toContain("INVALID_INPUT");
  });
});
