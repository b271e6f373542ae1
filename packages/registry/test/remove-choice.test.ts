import { describe, expect, test } from "bun:test";
import { isPatinaError } from "@patina/core";
import { openRegistry, type Registry } from "../src/index.ts";
import { dirSource, Fixture, registryText, rejection } from "./support/fixture.ts";

/** A model with a variant `fp32` for each of two runtimes, both on this machine. */
async function twice(fixture: Fixture): Promise<Registry> {
  const tokenizer = dirSource(fixture.write("files/tokenizer.json", "{}"));
  const weights = dirSource(fixture.write("files/weights", "weights"));
  const text = registryText({
    tiny: [
      { role: "tokenizer", path: "tokenizer.json", sources: [tokenizer] },
      { role: "weights", path: "model.onnx", sources: [weights] },
    ],
  });
  const variant = '[[models."tiny".variants]]';
  const onnx = text.slice(text.indexOf(variant));
  const mlx = onnx.replace('"onnx"', '"mlx"').replaceAll("model.onnx", "model.safetensors");
  const builtin = fixture.write("registry.toml", `${text}${mlx}`);
  const registry = await openRegistry({ home: fixture.home, env: {}, builtin });
  for (const runtime of ["onnx", "mlx"] as const) await registry.add("tiny", { variant: "fp32", runtime });
  return registry;
}

async function states(registry: Registry): Promise<string[]> {
  return (await registry.status("tiny")).map(({ runtime, state }) => `${runtime} ${state}`);
}

describe("remove takes no more than it was told", () => {
  test("a name that two runtimes have is an error with both commands", async () => {
    using fixture = new Fixture();
    const registry = await twice(fixture);
    const refused = await rejection(registry.remove("tiny", { variant: "fp32" }));
    if (!isPatinaError(refused)) throw refused;
    expect(refused.code).toBe("INVALID_INPUT");
    expect(refused.message).toContain("`patina model remove tiny --variant fp32 --runtime onnx` or");
    expect(refused.message).toContain("`patina model remove tiny --variant fp32 --runtime mlx`");
    expect(await states(registry)).toEqual(["onnx installed", "mlx installed"]);
  });

  test("with a runtime it takes that one", async () => {
    using fixture = new Fixture();
    const registry = await twice(fixture);
    const { removed } = await registry.remove("tiny", { variant: "fp32", runtime: "mlx" });
    expect(removed.map(({ runtime }) => runtime)).toEqual(["mlx"]);
    expect(await states(registry)).toEqual(["onnx installed", "mlx missing"]);
  });

  test("a runtime alone takes all that is for it", async () => {
    using fixture = new Fixture();
    const registry = await twice(fixture);
    await registry.remove("tiny", { runtime: "onnx" });
    expect(await states(registry)).toEqual(["onnx missing", "mlx installed"]);
  });

  test("auto leaves open what goes, and is an error", async () => {
    using fixture = new Fixture();
    const registry = await twice(fixture);
    for (const runtime of [undefined, "onnx"] as const) {
      const refused = await rejection(registry.remove("tiny", { variant: "auto", runtime }));
      expect(refused).toMatchObject({
        code: "INVALID_INPUT",
        message: expect.stringContaining("fp32 (mlx)"),
      });
    }
    expect(await states(registry)).toEqual(["onnx installed", "mlx installed"]);
  });

  test("without either it takes everything", async () => {
    using fixture = new Fixture();
    const registry = await twice(fixture);
    expect((await registry.remove("tiny")).removed).toHaveLength(2);
    expect(await states(registry)).toEqual(["onnx missing", "mlx missing"]);
  });
});
