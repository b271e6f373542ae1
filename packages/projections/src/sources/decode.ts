import { isUtf8 } from "node:buffer";

const decoder = new TextDecoder("utf-8");

/** Text that was decoded, and whether its bytes were UTF-8. */
export interface DecodedText {
  readonly text: string;
  readonly valid: boolean;
}

/**
 * Decodes UTF-8. Bytes that are none become U+FFFD and `valid` is false: one Latin-1 comment is no reason to
 * lose a file. A byte order mark is dropped and CRLF becomes LF, so that one file has one text on every system.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const text = decoder.decode(bytes);
  return { text: text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text, valid: isUtf8(bytes) };
}
