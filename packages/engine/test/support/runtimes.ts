/** The runtimes that suites run on here. */
import { type ModelSpec, nativeFacts } from "@patina/engine";
import { type Fixture, fixture, mlxFixture } from "./fixtures.ts";

const { mlxBuilt } = nativeFacts();
if (!mlxBuilt) {
  const reason = "the addon has no MLX; `bun run build:addon --mlx` builds one that has";
  // Where a change is decided on, every runtime is tested or nothing is said of it.
  if (process.env.CI) throw new Error(`the suite of MLX cannot run: ${reason}`);
  console.warn(`skipped: everything on MLX, because ${reason}`);
}

/** ONNX Runtime, and MLX where the addon has it. */
export const RUNTIMES: readonly ModelSpec["runtime"][] = mlxBuilt ? ["onnx", "mlx"] : ["onnx"];

/** A fixture model with its files for a runtime. */
export function fixtureFor(runtime: ModelSpec["runtime"], model: string): Fixture {
  return runtime === "mlx" ? mlxFixture(model) : fixture(model);
}
