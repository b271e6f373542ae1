/** Which of the two addons is loaded, from a copy of the package in which one is broken or missing. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { addonPath } from "@patina/native";

// Below the checkout, where the copy finds @patina/core.
const copy = join(import.meta.dir, `../../../target/native-copy-${process.pid}`);
const mlx = join(copy, "addon", basename(addonPath("mlx")));

beforeAll(() => {
  mkdirSync(join(copy, "addon"), { recursive: true });
  cpSync(join(import.meta.dir, "../dist"), join(copy, "dist"), { recursive: true });
  symlinkSync(addonPath("plain"), join(copy, "addon", basename(addonPath("plain"))));
});
afterAll(() => rmSync(copy, { recursive: true }));

const LOAD = `
  const { addonInUse } = await import("${join(copy, "dist/index.js")}");
  try {
    const { build, passedOver } = addonInUse();
    console.log(JSON.stringify({ build, passedOver }));
  } catch ({ code, message }) {
    console.log(JSON.stringify({ code, message }));
  }
`;

function load(wanted = ""): Record<string, string> {
  const env = { ...process.env, PATINA_ADDON: wanted };
  return JSON.parse(Bun.spawnSync([process.execPath, "-e", LOAD], { env }).stdout.toString());
}

test("where the one with MLX is missing the other is taken, and asking for it says how it is built", () => {
  rmSync(mlx, { force: true });
  expect(load()).toEqual({ build: "plain" });
  expect(load("mlx")).toEqual({
    code: "RUNTIME_UNAVAILABLE",
    message: expect.stringContaining("`bun run build:addon --mlx` builds it"),
  });
});

test("where the one with MLX cannot be loaded the other is taken, and why is known", () => {
  writeFileSync(mlx, "no library");
  expect(load()).toEqual({
    build: "plain",
    passedOver: expect.stringContaining(`${basename(mlx)} cannot be loaded (`),
  });
  expect(load("plain")).toEqual({ build: "plain" });
  expect(load("mlx").code).toBe("RUNTIME_UNAVAILABLE");
});
