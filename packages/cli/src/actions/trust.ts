import { trustOverlay } from "@patina/registry";
import { needProject } from "../project.ts";
import { print } from "../terminal/output.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";

/** `patina trust`: remembers the project's overlay, by its digest, as one that was read. */
export async function trust(options: { readonly json?: boolean }): Promise<void> {
  const trusted = await trustOverlay(needProject());
  const { file, sha256 } = trusted;
  const models = trusted.models.map((entry) => entry.key);
  if (options.json) return print(`${safeJson({ file, sha256, models }, 2)}\n`);
  const lines = [
    `trusted ${file} as it is now (sha256 ${sha256})`,
    `it brings: ${models.join(", ") || "no model"}`,
  ];
  return print(`${lines.map(visibleLine).join("\n")}\n`);
}
