import { SECRET_PATTERNS } from "./secret-patterns.ts";

/** A text without its secrets. */
export interface RedactedText {
  readonly text: string;
  /** How many secrets were replaced. */
  readonly count: number;
}

/** A key in PEM is shorter: RSA with 16,384 bits has some 13,000 characters. */
const MAX_KEY_LENGTH = 20_000;

/** `password = …`, `"apiKey": "…"`, `SECRET_TOKEN=…`: a name that promises a secret, and a value. */
const ASSIGNMENT =
  /(?:passw(?:or)?d|passphrase|[_-]pass|pwd|secret|token|credential|(?:api|access|private|secret|signing|encryption|account)[_-]?key)s?["'`]?\]?\s{0,4}(?::=|=>|[:=])\s{0,4}(?:(?<quote>["'`])(?<quoted>[^"'`\r\n]{8,300})\k<quote>|(?<bare>[A-Za-z0-9+/_~.!@#%^&*=-]{8,300}))/gi;

/** Values that stand for a secret: variables, templates, examples. */
const STAND_IN =
  /^(?:[<$%{*]|\[redacted:|x{3,}|\.{3}|your|my[_-]|example|sample|dummy|placeholder|change[_-]?me|insert|todo|test[_-]|process\.env|os\.environ|env[.(])/i;

/**
 * Replaces every secret that can be recognised by `[redacted:kind]`. Line breaks within one (a private key) are
 * kept, so that line numbers stay true. Doing it twice changes nothing more.
 */
export function redactSecrets(text: string): RedactedText {
  let count = 0;
  let result = redactPrivateKeys(text, () => count++);
  for (const { kind, pattern } of SECRET_PATTERNS) {
    result = result.replace(pattern, (...parts) => {
      const match = String(parts[0]);
      const secret = groupsOf(parts).secret ?? match;
      if (isStandIn(secret) || (kind === "bearer" && !looksRandom(secret))) return match;
      count++;
      return replaceLast(match, secret, `[redacted:${kind}]`);
    });
  }
  result = result.replace(ASSIGNMENT, (...parts) => {
    const match = String(parts[0]);
    const { quoted, bare = "" } = groupsOf(parts);
    const value = quoted ?? bare;
    const secret = quoted === undefined ? isBareSecret(value, parts) : looksChosen(value);
    if (isStandIn(value) || !secret) return match;
    count++;
    return replaceLast(match, value, "[redacted:secret]");
  });
  return { text: result, count };
}

/** Private keys: from their first line to their last, or as far as the key's letters go where that is missing. */
function redactPrivateKeys(text: string, found: () => void): string {
  const begin = /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
  let result = "";
  let position = 0;
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const bodyStart = match.index + match[0].length;
    const window = text.slice(bodyStart, bodyStart + MAX_KEY_LENGTH);
    const closing = /-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/.exec(window);
    const body = closing === null ? unclosedKey(window) : window.slice(0, closing.index);
    // A parser names the two lines as well; without a key between them there is nothing to hide.
    if (!/[A-Za-z0-9+/]{32}/.test(body)) continue;
    const end = bodyStart + body.length + (closing?.[0].length ?? 0);
    const lines = text.slice(match.index, end).split("\n").length - 1;
    result += `${text.slice(position, match.index)}[redacted:private-key]${"\n".repeat(lines)}`;
    position = end;
    begin.lastIndex = end;
    found();
  }
  return result + text.slice(position);
}

/** The lines of Base64 (and of headers) after a first line that has no last one; escaped line breaks count. */
function unclosedKey(window: string): string {
  return (
    /^(?:(?:\\[nr]|[\s"'+,])+|[A-Za-z0-9+/=]{16,}|[A-Za-z-]{2,20}: [^\n]{0,200})*/.exec(window)?.[0] ?? ""
  );
}

function isStandIn(value: string): boolean {
  return STAND_IN.test(value) || /\$\{|\{\{|%\(|EXAMPLE/.test(value);
}

/** What `String.replace` hands to its callback: match, groups, offset, text and, if there are any, named groups. */
function groupsOf(parts: readonly unknown[]): Record<string, string | undefined> {
  const last = parts.at(-1);
  return typeof last === "object" && last !== null ? (last as Record<string, string | undefined>) : {};
}

/** Without quotes, only what is a line of its own (a settings file) may be short; elsewhere it may be code. */
function isBareSecret(value: string, parts: readonly unknown[]): boolean {
  if (looksRandom(value)) return true;
  const text = String(parts.at(-2));
  const start = Number(parts.at(-3));
  const end = start + String(parts[0]).length;
  const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const alone =
    /^\s*(?:export\s|-\s)?[\w.-]*$/.test(before.slice(-200)) &&
    /^\s*(?:\n|$)/.test(text.slice(end, end + 80));
  return alone && !/^[A-Za-z]*[A-Z][A-Za-z]*\d{0,3}[A-Za-z]*$|[._]/.test(value) && looksChosen(value);
}

/** A value in quotes beside the word "password": letters and digits, no sentence. */
function looksChosen(value: string): boolean {
  if (/\s/.test(value) || /^(?:https?|file):\/\//.test(value)) return false;
  return /[A-Za-z]/.test(value) && /\d/.test(value) && entropyOf(value) >= 2.5;
}

/** A value without quotes may be a name in the program: it must look like nothing a person would call a thing. */
function looksRandom(value: string): boolean {
  if (value.length < 16 && !/[!@#%^&*~]/.test(value)) return false;
  const digits = value.match(/\d/g)?.length ?? 0;
  if (digits < 2 || !/[A-Za-z]/.test(value)) return false;
  // `config.auth.token2` and `parseSecretKey_v2` are paths and names: words with a number at an end.
  if (/^(?:[A-Za-z_]+\d{0,2}[.\-_/])*[A-Za-z_]+\d{0,2}$/.test(value)) return false;
  return entropyOf(value) >= 3;
}

/** Shannon entropy in bits per character. */
function entropyOf(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

function replaceLast(text: string, part: string, replacement: string): string {
  const at = text.lastIndexOf(part);
  return text.slice(0, at) + replacement + text.slice(at + part.length);
}
