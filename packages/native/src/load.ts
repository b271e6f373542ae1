/** Finds and loads the addon of this platform. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PatinaError } from "@patina/core";
import type * as Addon from "./generated/addon.ts";

/** What the addon exports. */
export type NativeAddon = typeof Addon;

let addon: NativeAddon | undefined;

/** Where this platform's addon lies: `addon/` of this package, seen from `src/` as well as from `dist/`. */
export function addonPath(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return join(here, "..", "addon", `patina.${process.platform}-${process.arch}.node`);
}

/** The addon, loaded once. */
export function loadAddon(): NativeAddon {
  if (addon) return addon;
  const path = addonPath();
  if (!existsSync(path)) {
    throw new PatinaError(
      "RUNTIME_UNAVAILABLE",
      `there is no native addon for ${process.platform}-${process.arch}: ${path} is missing; ` +
        "in a checkout, `npm run setup` builds it",
      { file: path },
    );
  }
  try {
    addon = createRequire(import.meta.url)(path) as NativeAddon;
  } catch (cause) {
    throw new PatinaError("RUNTIME_UNAVAILABLE", `the native addon ${path} cannot be loaded`, {
      file: path,
      cause,
    });
  }
  return addon;
}
