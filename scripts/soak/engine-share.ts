/** How much of `oxidize` is the engine's: this repository, and one ten times as large, embedded from nothing. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { EmbeddingEngine } from "@patina/core";
import { openEngine } from "@patina/engine";
import { loadRecipe, oxidize, writeDefaultRecipe } from "@patina/projections";
import { openRegistry } from "@patina/registry";
import { machine } from "../../benchmarks/machine.ts";
import { MODEL } from "../../benchmarks/models.ts";
import { demand, ROOT } from "../../benchmarks/prepare.ts";
import { percent } from "../../benchmarks/statistics.ts";
import type { Finding } from "../soak.ts";
import { multiplied } from "./repositories.ts";

/** What is promised of the time: that it is the model's, and not what is around it. */
const LEAST_SHARE = 0.85;

/** A model's key and the variant that is taken. */
export interface ShareModel {
  readonly key: string;
  readonly variant: string;
}

const MINILM: ShareModel = { key: MODEL, variant: "int8" };

/** Indexes both and measures. The faster the model, the harder it is. */
export async function engineShare(
  say: (message: string) => void,
  model: ShareModel = MINILM,
): Promise<Finding> {
  const registry = await openRegistry({ home: join(ROOT, "target/soak/home") });
  await registry.add(model.key, { variant: model.variant });
  const spec = await registry.resolve(model.key, { variant: model.variant });
  const { passageTemplate, queryTemplate } = registry.entry(model.key);
  const one = join(ROOT, "target/soak/this-repository");
  rmSync(one, { recursive: true, force: true });
  demand(["git", "clone", "--quiet", "--no-hardlinks", ROOT, one]);
  const ten = join(ROOT, "target/soak/ten-times");
  multiplied(one, ten, 10);

  const failures: string[] = [];
  const lines: string[] = [];
  for (const [name, folder] of [
    ["This repository", one],
    ["Ten times its files", ten],
  ] as const) {
    say(`${name.toLowerCase()}: oxidize`);
    // The default recipe is measured, which leaves no file out.
    rmSync(join(folder, ".patina"), { recursive: true, force: true });
    await using engine = await openEngine(spec, { specialTokens: "neutralize" });
    const watched = new Watch();
    const report = await oxidize({
      root: folder,
      recipe: await loadRecipe(await writeDefaultRecipe(folder, model.key)),
      engine: watched.over(engine),
      model,
      passageTemplate,
      queryTemplate,
    });
    const share = watched.seconds / report.seconds;
    const line =
      `- ${name}: ${report.passages} passages, ${report.embedded} texts of ${report.tokens} tokens in ${report.seconds.toFixed(1)} s, ` +
      `of which the engine was at work for ${watched.seconds.toFixed(1)} s: ${percent(share)}.`;
    say(line);
    lines.push(line);
    if (share < LEAST_SHARE) failures.push(`${name}: the engine had ${percent(share)} of the time`);
  }
  return { title: `The engine's share of \`oxidize\` with ${model.key}`, text: lines.join("\n"), failures };
}

/** Sums the time in which a call of the engine was under way. */
class Watch {
  #running = 0;
  #since = 0;
  #milliseconds = 0;

  get seconds(): number {
    return this.#milliseconds / 1_000;
  }

  over(engine: EmbeddingEngine): EmbeddingEngine {
    const embedBatch: EmbeddingEngine["embedBatch"] = async (texts, options) => {
      if (this.#running++ === 0) this.#since = performance.now();
      try {
        return await engine.embedBatch(texts, options);
      } finally {
        if (--this.#running === 0) this.#milliseconds += performance.now() - this.#since;
      }
    };
    return new Proxy(engine, {
      get(target, key) {
        if (key === "embedBatch") return embedBatch;
        const value: unknown = Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}

if (import.meta.main) {
  const [key, variant] = process.argv.slice(2);
  const model = key === undefined || variant === undefined ? MINILM : { key, variant };
  const { title, text, failures } = await engineShare((message) => console.error(`▸ ${message}`), model);
  console.log(
    `## ${title}\n\n${machine()}\n\n${text}\n\n${failures.map((line) => `- FAILED: ${line}`).join("\n")}`,
  );
  process.exit(failures.length === 0 ? 0 : 1);
}
