import fc from "fast-check";

/** `drop` characters at a place, given as a share of the text, make way for `insert`. */
export interface Edit {
  readonly at: number;
  readonly drop: number;
  readonly insert: string;
}

/** What means something to TOML, alone and in the wrong place. */
export const TOKENS: readonly string[] = [
  "[",
  "]",
  "{",
  "}",
  '"',
  "'",
  '"""',
  "=",
  ".",
  ",",
  "#",
  "\n",
  "\r",
  "\\",
  "\u0000",
  "é",
  "𝄞",
  "[[",
  "]]",
];

const junk = fc.oneof(
  fc.constantFrom(...TOKENS),
  fc.constantFrom(
    ...["true", "1e999", "-0", "nan", "1979-05-27", "99999999999999999999"],
    ...["version = 1", "[models]", "x.y=1"],
  ),
  fc.string({ maxLength: 6 }),
);
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.nat(40),
  insert: junk,
});

/** One to three edits, of what matters to TOML and of anything. */
export const EDITS: fc.Arbitrary<Edit[]> = fc.array(edit, { minLength: 1, maxLength: 3 });

/** The text after the edits. */
export function edited(text: string, edits: readonly Edit[]): string {
  return edits.reduce((result, { at, drop, insert }) => {
    const offset = Math.floor(at * result.length);
    return result.slice(0, offset) + insert + result.slice(offset + drop);
  }, text);
}

const VALUE: fc.Arbitrary<string> = fc.constantFrom(
  ...['""', '"é\\u0007"', '"../x"', '"A/B"', '"mean"', '"hub"', '"fp32"', "'{task}{text}'", '"{x} {text}"'],
  ...["0", "-1", "1.5", "2.0", "0x10", "1e400", "nan", "-inf", "true", "1979-05-27"],
  ...[
    "[]",
    "[[]]",
    "[1]",
    '["a", "a"]',
    "{}",
    '{ kind = "dir", path = "x" }',
    '[{ kind = "url", url = "http://x" }]',
  ],
);

/** One line of a text whose value or key is another, or that is gone or there twice. */
interface LineEdit {
  readonly at: number;
  readonly kind: "value" | "key" | "drop" | "twice";
  readonly value: string;
}

/** One to three lines that are other than they were: nearly all of it valid TOML, and wrong in its schema. */
export const LINE_EDITS: fc.Arbitrary<LineEdit[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 0.9999, noNaN: true }),
    kind: fc.constantFrom("value", "value", "value", "key", "drop", "twice"),
    value: VALUE,
  }),
  { minLength: 1, maxLength: 3 },
);

/** The text after the edits of its lines. */
export function relined(text: string, edits: readonly LineEdit[]): string {
  const lines = text.split("\n");
  const candidates = lines.flatMap((line, index) => (/^[a-z[]/.test(line) ? [index] : []));
  for (const { at, kind, value } of edits) {
    const index = candidates[Math.floor(at * candidates.length)] ?? 0;
    const line = lines[index] ?? "";
    if (kind === "drop") lines[index] = "";
    else if (kind === "twice") lines[index] = `${line}\n${line}`;
    else if (kind === "key") lines[index] = line.slice(0, 3) + line.slice(4);
    else lines[index] = line.replace(/= .*/, () => `= ${value}`);
  }
  return lines.join("\n");
}
