import { type DecodedText, decodeText } from "./decode.ts";
import type { SkipReason } from "./passage.ts";

const LFS_HEADER = Buffer.from("version https://git-lfs.github.com/spec/v1");

/** Mean length of a line from which a text with hardly a space in it was written by a program. */
const DENSE_LINE = 300;

/** Mean length of a line from which a text was written by a program, spaces or not. */
const ENDLESS_LINE = 5000;

/** Below this a text is worth having however it looks. */
const SMALL = 2000;

/** What a file's bytes come to: text, or a reason to leave it out. */
export type Content =
  | { readonly kind: "text"; readonly decoded: DecodedText }
  | { readonly kind: "skipped"; readonly reason: SkipReason };

/** Decides from the bytes whether a file is text that a person would search. */
export function contentOf(bytes: Buffer): Content {
  if (bytes.subarray(0, LFS_HEADER.length).equals(LFS_HEADER) && bytes.length < 1024) {
    return { kind: "skipped", reason: "lfs-pointer" };
  }
  if (bytes.includes(0)) return { kind: "skipped", reason: "binary" };
  const decoded = decodeText(bytes);
  if (!decoded.valid && isMostlyReplaced(decoded.text)) return { kind: "skipped", reason: "binary" };
  if (decoded.text.trim() === "") return { kind: "skipped", reason: "empty" };
  if (isMinified(decoded.text)) return { kind: "skipped", reason: "minified" };
  return { kind: "text", decoded };
}

/** One bad byte in ten is another encoding, or no text at all: nothing in it would be found. */
function isMostlyReplaced(text: string): boolean {
  let replaced = 0;
  for (let at = text.indexOf("\uFFFD"); at !== -1; at = text.indexOf("\uFFFD", at + 1)) replaced++;
  return replaced > text.length / 10;
}

/** Minified code and data have long lines without spaces; prose has long lines with them, or no Latin letters. */
function isMinified(text: string): boolean {
  if (text.length < SMALL) return false;
  let lines = 1;
  let spaces = 0;
  let beyondLatin = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) lines++;
    else if (code === 32 || code === 9) spaces++;
    else if (code > 0x2e7f) beyondLatin++;
  }
  const mean = text.length / lines;
  if (mean > ENDLESS_LINE) return true;
  return mean > DENSE_LINE && spaces < text.length / 12 && beyondLatin < text.length / 4;
}
