import { describe, expect, test } from "bun:test";
import { mlxAvailability, openMlxEngine } from "@patina/mlx";
import { distance, fixture, mlxFixture } from "../../engine/test/support/fixtures.ts";
import { RUNTIMES } from "../../engine/test/support/runtimes.ts";

const hasMlx = RUNTIMES.includes("mlx");

/** Runs a program in a process of its own, where another addon can be chosen. */
function elsewhere(addon: string, program: string): { output: string } {
  const child = Bun.spawnSync([process.execPath, "-e", program], {
    cwd: import.meta.dir,
    env: { ...process.env, PATINA_ADDON: addon },
  });
  return { output: child.stdout.toString() + child.stderr.toString() };
}

const OPEN = `
  import { openMlxEngine } from "@patina/mlx";
  import { mlxFixture } from "../../engine/test/support/fixtures.ts";
  const error = await openMlxEngine(mlxFixture("bert-mean").spec).catch((error) => error);
  console.log(error.code, error.message);
`;

test.if(hasMlx)("a model opens from its safetensors", async () => {
  const { spec, goldens } = mlxFixture("bert-mean");
  expect(mlxAvailability()).toEqual({ available: true, reason: "" });
  await using engine = await openMlxEngine(spec);
  expect(engine.runtime).toBe("mlx");
  const golden = goldens.find(({ id, special_tokens }) => id === "one-word" && special_tokens === "follow");
  const { vector } = await engine.embed("patina");
  expect(distance(vector, golden?.embedding ?? [])).toBeLessThanOrEqual(2e-5);
});

test("files for another runtime are refused before anything is loaded", async () => {
  await expect(openMlxEngine(fixture("bert-mean").spec)).rejects.toMatchObject({
    code: "RUNTIME_UNAVAILABLE",
    message: expect.stringContaining("is for onnx, not for mlx"),
  });
});

describe("the addon", () => {
  test("without MLX says that it is, and how to get the other", () => {
    const { output } = elsewhere("plain", OPEN);
    expect(output).toStartWith("RUNTIME_UNAVAILABLE model bert-mean cannot run on mlx: ");
    expect(output).toContain("bun run build:addon --mlx");
  });

  test("is an error where the variable names none", () => {
    const { output } = elsewhere("metal", OPEN);
    expect(output).toStartWith('INVALID_INPUT PATINA_ADDON has to be "plain" or "mlx", not "metal"');
  });
});
