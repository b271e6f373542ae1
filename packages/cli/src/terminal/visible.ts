/**
 * What a terminal would act on instead of showing: C0 (but tab and newline), DEL, C1, bidirectional marks,
 * overrides and isolates, the line and paragraph separators, the byte-order mark, and halves of surrogate pairs.
 * See Unicode TR 36 and "Trojan Source" (CVE-2021-42574) for the bidirectional ones.
 */
const ACTS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/** Text from files, commits or models as a terminal may see it: every control character becomes a visible sign. */
export function visible(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(ACTS, sign);
}

/** As {@link visible}, for what has to stay on one line: a path, a title, a message. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll("\n", "␊").replaceAll("\t", "␉");
}

function sign(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // Unicode has pictures for C0 (U+2400 …) and DEL; for the rest the code itself is the clearest.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

/**
 * JSON in which the characters of {@link visible} are written as escapes. The value that a program reads is the
 * same; a terminal that the JSON is printed to sees no control character. JSON.stringify escapes C0 and halves of
 * surrogate pairs only.
 */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    ACTS,
    (character) =>
      // A newline that JSON.stringify wrote for the indent is not among them.
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
