/** MLX for whoever checks the workspace: wherever it can be had, and in CI without exception. */
import { type MlxToolchain, mlxToolchain } from "./toolchain.ts";

/** The toolchain; where it cannot be made, that is said aloud and everything but MLX goes on, or the program ends in CI. */
export function mlxWhereverPossible(): MlxToolchain | undefined {
  try {
    return mlxToolchain();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (process.env.CI) {
      console.error(`failed: in CI everything on MLX is checked, and it cannot be had here: ${reason}`);
      process.exit(1);
    }
    console.error(`skipped: everything on MLX, which cannot be had here: ${reason}`);
    return undefined;
  }
}
