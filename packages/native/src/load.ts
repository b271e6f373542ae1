/** Finds and loads the addon of this platform: the build with MLX where there is one, else the one without. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PatinaError } from "@patina/core";
import type * as Addon from "./generated/addon.ts";

/** What the addon exports. */
export type NativeAddon = typeof Addon;

/** How an addon was built. */
export type AddonBuild = "plain" | "mlx";

/** The addon in use. */
export interface LoadedAddon {
  readonly exports: NativeAddon;
  readonly build: AddonBuild;
  readonly path: string;
  /** Why the build with MLX is there and not in use, where that is so. */
  readonly passedOver: string | undefined;
}

const VARIABLE = "PATINA_ADDON";

let loaded: LoadedAddon | undefined;

/** Where this platform's addon lies: `addon/` of this package, seen from `src/` as well as from `dist/`. */
export function addonPath(build: AddonBuild): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const name = `patina.${process.platform}-${process.arch}${build === "mlx" ? ".mlx" : ""}.node`;
  return join(here, "..", "addon", name);
}

/** What the addon exports; it is loaded once. */
export function loadAddon(): NativeAddon {
  return addonInUse().exports;
}

/**
 * The addon in use, loaded on the first call. `PATINA_ADDON` names the build; without it the one with MLX is taken where
 * it is there and can be loaded.
 *
 * @throws PatinaError `RUNTIME_UNAVAILABLE` where there is none, `INVALID_INPUT` for another value of the variable.
 */
export function addonInUse(): LoadedAddon {
  loaded ??= choose(process.env[VARIABLE]);
  return loaded;
}

function choose(wanted: string | undefined): LoadedAddon {
  if (wanted === "plain" || wanted === "mlx") return load(wanted, undefined);
  // Set to nothing is how a shell takes a variable back for one command.
  if (wanted !== undefined && wanted !== "") {
    const message = `${VARIABLE} has to be "plain" or "mlx", not "${wanted}"`;
    throw new PatinaError("INVALID_INPUT", message, { key: VARIABLE });
  }
  if (!existsSync(addonPath("mlx"))) return load("plain", undefined);
  try {
    return load("mlx", undefined);
  } catch (error) {
    if (!(error instanceof PatinaError)) throw error;
    const reason = error.cause instanceof Error ? error.cause.message : "no reason was given";
    return load("plain", `${error.message} (${reason})`);
  }
}

function load(build: AddonBuild, passedOver: string | undefined): LoadedAddon {
  const path = addonPath(build);
  if (!existsSync(path)) {
    const how = build === "mlx" ? "`bun run build:addon --mlx`" : "`npm run setup`";
    throw new PatinaError(
      "RUNTIME_UNAVAILABLE",
      `there is no native addon for ${process.platform}-${process.arch}: ${path} is missing; ` +
        `in a checkout, ${how} builds it`,
      { file: path },
    );
  }
  try {
    const exports = createRequire(import.meta.url)(path) as NativeAddon;
    return { exports, build, path, passedOver };
  } catch (cause) {
    throw new PatinaError("RUNTIME_UNAVAILABLE", `the native addon ${path} cannot be loaded`, {
      file: path,
      cause,
    });
  }
}
