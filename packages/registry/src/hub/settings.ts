import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { PatinaError } from "@patina/core";
import { ioError, isSystemError } from "../files.ts";
import type { Environment } from "../home.ts";
import { type NetworkSettings, networkSettings } from "../transfer/network.ts";

/**
 * What an environment says about the hub, read as Python's `huggingface_hub` reads it. `endpoint` and `token` are looked at
 * where they are needed: a mistake in them must not stop what asks no hub.
 */
export interface HubSettings {
  /**
   * Without a slash at its end.
   *
   * @throws PatinaError `INVALID_INPUT` where `HF_ENDPOINT` is no web address, or one with a password in it.
   */
  readonly endpoint: string;
  /** @throws PatinaError `IO` for a token file that cannot be read. */
  readonly token: string | undefined;
  /** No request at all may be made. */
  readonly offline: boolean;
  /** The cache that Python's tools share. */
  readonly cache: string;
  readonly network: NetworkSettings;
}

/**
 * `HF_ENDPOINT`, `HF_TOKEN`, `HF_TOKEN_PATH`, `HF_HUB_DISABLE_IMPLICIT_TOKEN`, `HF_HUB_OFFLINE`, `HF_HUB_CACHE`,
 * `HF_HOME`, `XDG_CACHE_HOME` and their elder names, with Python's defaults.
 */
export function hubSettings(env: Environment): HubSettings {
  const caches = env.XDG_CACHE_HOME ?? join(env.HOME ?? homedir(), ".cache");
  const home = expanded(env.HF_HOME ?? join(caches, "huggingface"), env);
  const cache = expanded(env.HF_HUB_CACHE ?? env.HUGGINGFACE_HUB_CACHE ?? join(home, "hub"), env);
  return {
    get endpoint() {
      return endpoint(env.HF_ENDPOINT || "https://huggingface.co");
    },
    get token() {
      return token(env, home);
    },
    offline: isTrue(env.HF_HUB_OFFLINE || env.TRANSFORMERS_OFFLINE),
    cache: resolve(cache),
    network: networkSettings(env),
  };
}

function endpoint(written: string): string {
  const address = written.replace(/\/+$/, "");
  const url = /^https?:\/\//.test(address) && URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && (url.username !== "" || url.password !== "")) {
    // Never shown: addresses end up in messages and logs.
    throw new PatinaError(
      "INVALID_INPUT",
      `HF_ENDPOINT names ${url.host} with a user or a password, which the hub's tools do not send; take them out ` +
        "and set HF_TOKEN",
      { key: "HF_ENDPOINT" },
    );
  }
  if (url !== undefined) return address;
  throw new PatinaError(
    "INVALID_INPUT",
    `HF_ENDPOINT is ${JSON.stringify(written)}, which is no http:// or https:// address`,
    { key: "HF_ENDPOINT", found: written },
  );
}

/** A token in the environment first, then the one that `hf auth login` has stored. */
function token(env: Environment, home: string): string | undefined {
  if (isTrue(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return undefined;
  const named = cleaned(env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN || "");
  if (named !== undefined) return named;
  const file = expanded(env.HF_TOKEN_PATH ?? join(home, "token"), env);
  try {
    return cleaned(readFileSync(file, "utf8"));
  } catch (cause) {
    if (isSystemError(cause, "ENOENT", "ENOTDIR")) return undefined;
    throw ioError("read the hub's token from", file, cause);
  }
}

function cleaned(text: string): string | undefined {
  return text.replaceAll(/[\r\n]/g, "").trim() || undefined;
}

function isTrue(value: string | undefined): boolean {
  return ["1", "ON", "YES", "TRUE"].includes((value ?? "").toUpperCase());
}

/** `~` and `$NAME` as Python's `expanduser` and `expandvars` take them; a name without a value stays as it is. */
function expanded(path: string, env: Environment): string {
  return path
    .replace(/^~(?=\/|$)/, env.HOME ?? homedir())
    .replaceAll(/\$(?:(\w+)|\{(\w+)\})/g, (written, bare, braced) => env[bare ?? braced] ?? written);
}
