import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";

/** What a note says of itself before its text. */
export interface FrontMatter {
  /** Unix seconds; null where there is no date that can be read. */
  readonly time: number | null;
  readonly title: string | null;
  readonly author: string | null;
  readonly tags: readonly string[];
}

const NOTHING: FrontMatter = { time: null, title: null, author: null, tags: [] };

/** Lines of front matter that are read; what is longer is data, and not worth a parser's time. */
const MAX_LINES = 200;
const MAX_LENGTH = 16 * 1024;

/** Characters of a title or an author, and how many tags, stand before each passage. */
const MAX_TITLE = 200;
const MAX_TAGS = 10;

/**
 * The front matter of a Markdown text, in YAML between `---` or TOML between `+++`. What it does not say, says in a way
 * nobody reads, or says in broken YAML, is not there: it is a note all the same, and the lines stay in its text.
 */
export function frontMatterOf(lines: readonly string[]): FrontMatter {
  const fence = lines[0]?.trimEnd();
  if (fence !== "---" && fence !== "+++") return NOTHING;
  const end = lines.slice(0, MAX_LINES).findIndex((line, index) => index > 0 && line.trimEnd() === fence);
  const text = lines.slice(1, Math.max(end, 1)).join("\n");
  if (end === -1 || text.length > MAX_LENGTH) return NOTHING;
  const said = valuesOf(text, fence === "---" ? parseYamlText : parseToml);
  return {
    time: timeOf(said.get("date")),
    title: textOf(said.get("title")),
    author: textsOf(said.get("author") ?? said.get("authors")).join(", ") || null,
    tags: textsOf(said.get("tags") ?? said.get("tag")).slice(0, MAX_TAGS),
  };
}

/** Top-level keys in lower case, with their values. */
function valuesOf(text: string, parse: (text: string) => unknown): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    // Both parsers throw for whatever is not their language; a draft with a template in it is common.
    return new Map();
  }
  if (typeof value !== "object" || value === null) return new Map();
  return new Map(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner]));
}

function parseYamlText(text: string): unknown {
  // Aliases can make a small text a large one.
  return parseYaml(text, { logLevel: "error", maxAliasCount: 0 });
}

/** One line of text, if there is one. */
function textOf(value: unknown): string | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const text = String(value).toWellFormed().replace(/\s+/g, " ").trim();
  return text === "" ? null : [...text].slice(0, MAX_TITLE).join("");
}

/** A list, a text with commas, or one alone; of things with a name, the name. */
function textsOf(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value)
    ? value
    : typeof value === "string"
      ? value.split(",")
      : [value];
  return items.flatMap((item) => {
    const named = typeof item === "object" && item !== null && "name" in item ? item.name : item;
    return textOf(named) ?? [];
  });
}

/** Without a zone it is read as UTC. */
function timeOf(value: unknown): number | null {
  const text = value instanceof Date ? value.toISOString() : typeof value === "string" ? value.trim() : "";
  const parts =
    /^(\d{4}-\d{2}-\d{2})(?:[T ]+(\d{2}:\d{2})(:\d{2})?(?:\.\d{1,9})?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(text);
  if (parts === null) return null;
  const [, day, minute = "00:00", second = ":00", zone = "Z"] = parts;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const milliseconds = Date.parse(`${day}T${minute}${second}${offset}`);
  return Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000);
}
