/** The door for Bun: C functions of the addon's own library. `bench/RESULTS.md` says what that saves. */
import { PatinaError } from "@patina/core";
import { addonInUse, loadAddon } from "../load.ts";
import type { KernelDoor } from "./door.ts";

const OF_TWO = { args: ["ptr", "usize", "ptr", "usize", "ptr"], returns: "i32" } as const;

/** `Code` of `crates/patina-node/src/c_abi.rs`. */
const CODES = ["done", "a null pointer", "lengths that differ", "a panic"];

/** Opens the library once more, through `bun:ffi`. Only for Bun. */
export function openFfiDoor(): KernelDoor {
  // First the addon: what may be wrong with the file, it says better. The library is mapped once for both.
  loadAddon();
  // Bun's own module, asked for at run time: an import would keep Node from loading this package at all.
  const { dlopen } = process.getBuiltinModule("bun:ffi") as typeof import("bun:ffi");
  const { symbols } = dlopen(addonInUse().path, {
    patina_dot: OF_TWO,
    patina_cosine: OF_TWO,
    patina_normalize: { args: ["ptr", "usize"], returns: "i32" },
  });
  const result = new Float32Array(1);
  const ofTwo = (kernel: typeof symbols.patina_dot) => (left: Float32Array, right: Float32Array) => {
    check(kernel(left, left.length, right, right.length, result));
    return result[0] as number;
  };
  return {
    dot: ofTwo(symbols.patina_dot),
    cosine: ofTwo(symbols.patina_cosine),
    normalize: (vector) => check(symbols.patina_normalize(vector, vector.length)),
  };
}

function check(code: number): void {
  if (code !== 0) {
    throw new PatinaError(
      "INTERNAL",
      `a kernel ended with ${CODES[code] ?? `code ${code}`}; please report this`,
    );
  }
}
