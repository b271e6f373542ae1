import type { Known } from "./questions.ts";
import type { ImportSource } from "./source.ts";

const CARD = "README.md";

/** Words of model cards that name no licence. */
const NAMELESS = new Set(["other", "unknown"]);

/** The licence that the head of the model's card names, as it is written there. */
export async function readLicence(source: ImportSource): Promise<Known<string> | undefined> {
  const head = /^---\r?\n([\s\S]*?)\r?\n---/.exec((await source.readText(CARD)) ?? "")?.[1] ?? "";
  const licence = /^license:[ \t]*["']?([A-Za-z0-9][\w.+-]*)["']?[ \t]*\r?$/m.exec(head)?.[1];
  return licence === undefined || NAMELESS.has(licence.toLowerCase())
    ? undefined
    : { value: licence, from: CARD };
}
