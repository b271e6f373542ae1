import { dirname, join } from "node:path";
import { PatinaError } from "@patina/core";
import schemaText from "../../../resources/models/registry.schema.json" with { type: "text" };
import { exclusively } from "./exclusive.ts";
import { readIfThere, writeAtomically } from "./files.ts";
import { decodeRegistry, parseRegistry } from "./parse.ts";
import type { Origin } from "./rules.ts";

/** Bundled as text; the types of `*.json` describe its value. */
const SCHEMA = schemaText as unknown as string;

/** The JSON Schema's name beside an overlay, so that editors find it whatever folder a home is in. */
const SCHEMA_NAME = "registry.schema.json";

/** An overlay that rows are written into. */
export interface OverlayFile {
  readonly file: string;
  readonly origin: Exclude<Origin, "builtin">;
}

/** A model's row, with the marks by which the command that wrote it finds it again. */
export interface OverlayRow {
  /** The command that makes it: `convert` or `import`. */
  readonly command: "convert" | "import";
  readonly key: string;
  /** A comment above the row, one line. */
  readonly note: string;
  /** The model, under headers. */
  readonly toml: string;
}

/** Whether a command wrote the row of `key`, so that it may replace it. */
export async function hasRow(
  { file }: OverlayFile,
  { command, key }: Pick<OverlayRow, "command" | "key">,
): Promise<boolean> {
  return blockOf(await overlayText(file), command, key) !== undefined;
}

/**
 * Puts a row into an overlay: in place of what the same command wrote for the key, else at the end. Everything else in
 * the file keeps its bytes. A new overlay names its schema, which lies beside it.
 *
 * @throws PatinaError `INVALID_INPUT` where the row is there and `replace` is false, `REGISTRY_INVALID` where the file would
 * no longer be one that can be read: it is left as it is then.
 */
export async function writeRow(overlay: OverlayFile, row: OverlayRow, replace: boolean): Promise<void> {
  const { file } = overlay;
  await exclusively(`${file}.busy`, {}, async () => {
    const next = withRow(overlay, await overlayText(file), row, replace);
    const schema = join(dirname(file), SCHEMA_NAME);
    if (next.startsWith(head()) && (await readIfThere(schema))?.toString("utf8") !== SCHEMA) {
      await writeAtomically(schema, SCHEMA);
    }
    await writeAtomically(file, next);
  });
}

/** Sees to it that a row would be taken, and writes nothing. Throws as {@link writeRow} does. */
export async function checkRow(overlay: OverlayFile, row: OverlayRow, replace: boolean): Promise<void> {
  withRow(overlay, await overlayText(overlay.file), row, replace);
}

/** Takes out what a command wrote for a key. False where there is no such row. */
export async function removeRow(
  { file }: OverlayFile,
  { command, key }: Pick<OverlayRow, "command" | "key">,
): Promise<boolean> {
  return exclusively(`${file}.busy`, {}, async () => {
    const text = await overlayText(file);
    const row = blockOf(text, command, key);
    if (row === undefined) return false;
    // The blank line before it came with it.
    const before = text.slice(0, row.from).replace(/\n\n$/, "\n");
    await writeAtomically(file, before + text.slice(row.to));
    return true;
  });
}

/** The error for a key whose row the same command has written before. */
export function rowExists({ command, key }: Pick<OverlayRow, "command" | "key">): PatinaError {
  const message = `there is a model ${key} already, which \`patina model ${command}\` made; --force replaces it`;
  return new PatinaError("INVALID_INPUT", message, { key });
}

function withRow({ file, origin }: OverlayFile, text: string, row: OverlayRow, replace: boolean): string {
  const { command, key, note, toml } = row;
  const block = `${begin(command, key)}\n# ${note}\n${toml.trimEnd()}\n${end(command, key)}\n`;
  const old = blockOf(text, command, key);
  // Another process may have written this key since somebody looked.
  if (old !== undefined && !replace) throw rowExists(row);
  const blank = text === "" || text.endsWith("\n") ? "" : "\n";
  const next =
    old === undefined
      ? `${text === "" ? `${head()}version = 1\n` : text}${blank}\n${block}`
      : text.slice(0, old.from) + block + text.slice(old.to);
  // Before it is written: a file that cannot be read would take every model with it.
  try {
    parseRegistry(next, file, origin);
  } catch (cause) {
    const reason = cause instanceof PatinaError ? (cause.message.split("\n", 1)[0] ?? "") : String(cause);
    const message =
      `the row of ${key} cannot be put at the end of ${file}; write its models under headers ([models."KEY"]), ` +
      `not as an inline table, and ${command} again (${reason})`;
    throw new PatinaError("REGISTRY_INVALID", message, { file, key, cause });
  }
  return next;
}

function head(): string {
  return `#:schema ./${SCHEMA_NAME}\n`;
}

function begin(command: string, key: string): string {
  return `# >>> patina model ${command}: ${key}`;
}

function end(command: string, key: string): string {
  return `# <<< patina model ${command}: ${key}`;
}

async function overlayText(file: string): Promise<string> {
  const bytes = await readIfThere(file);
  return bytes === undefined ? "" : decodeRegistry(bytes, file);
}

/** Where the marks of a row stand in the overlay. */
function blockOf(text: string, command: string, key: string): { from: number; to: number } | undefined {
  const from = `\n${text}`.indexOf(`\n${begin(command, key)}\n`);
  const last = text.indexOf(`\n${end(command, key)}\n`, from);
  return from < 0 || last < 0 ? undefined : { from, to: last + end(command, key).length + 2 };
}
