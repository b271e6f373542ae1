import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { PatinaError } from "@patina/core";
import * as v from "valibot";
import { exclusively } from "./exclusive.ts";
import { readIfThere, writeAtomically } from "./files.ts";
import { type Environment, patinaHome, projectOverlayFile } from "./home.ts";
import { type ModelEntry, modelEntry } from "./model-entry.ts";
import { decodeRegistry, parseRegistry } from "./parse.ts";

/** What {@link trustOverlay} remembers, with the entries it covers so that a person can be shown them. */
export interface TrustReport {
  readonly file: string;
  /** Of the file as it is now; any change makes it untrusted again. */
  readonly sha256: string;
  readonly models: readonly ModelEntry[];
}

const TRUSTED = v.strictObject({
  version: v.literal(1),
  overlays: v.array(v.strictObject({ sha256: v.string(), file: v.string() })),
});

/**
 * Trusts a project's overlay as it is now: its entries may bring sources from here on. The trust is kept in the home
 * folder, so no repository can bring its own.
 */
export async function trustOverlay(
  projectDir: string,
  options: { home?: string; env?: Environment } = {},
): Promise<TrustReport> {
  const home = patinaHome(options.env ?? process.env, options.home);
  const file = projectOverlayFile(resolve(projectDir));
  const bytes = await readIfThere(file);
  if (bytes === undefined) {
    throw new PatinaError("INVALID_INPUT", `there is no overlay to trust: ${file} does not exist`, { file });
  }
  const raw = parseRegistry(decodeRegistry(bytes, file), file, "project");
  const sha256 = overlayDigest(bytes);
  const store = trustFile(home);
  await exclusively(`${store}.busy`, {}, async () => {
    const overlays = (await readTrusted(home)).filter((overlay) => overlay.sha256 !== sha256);
    overlays.push({ sha256, file });
    overlays.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
    await writeAtomically(store, `${JSON.stringify({ version: 1, overlays }, null, 2)}\n`);
  });
  const models = Object.entries(raw.models ?? {}).map(([key, model]) =>
    modelEntry(key, model, { origin: "project", file, trusted: true }),
  );
  return { file, sha256, models };
}

/** Whether an overlay with these bytes was trusted. */
export async function isTrusted(bytes: Uint8Array, home: string): Promise<boolean> {
  const sha256 = overlayDigest(bytes);
  return (await readTrusted(home)).some((overlay) => overlay.sha256 === sha256);
}

function overlayDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function trustFile(home: string): string {
  return join(home, "trusted.json");
}

async function readTrusted(home: string): Promise<{ sha256: string; file: string }[]> {
  const file = trustFile(home);
  const bytes = await readIfThere(file);
  if (bytes === undefined) return [];
  try {
    return v.parse(TRUSTED, JSON.parse(bytes.toString("utf8"))).overlays;
  } catch (cause) {
    const message = `${file} is damaged; delete it and run \`patina trust\` again in the projects you trust`;
    throw new PatinaError("REGISTRY_INVALID", message, { file, cause });
  }
}
