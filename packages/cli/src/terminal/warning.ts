import { styleFor } from "./style.ts";
import { safeJson, visibleLine } from "./visible.ts";

/** Says on the standard error what is no failure and should be known. */
export function warn(code: string, message: string, json = false): void {
  const text = json
    ? safeJson({ warning: { code, message } })
    : `${styleFor(process.stderr).yellow("warning:")} ${visibleLine(message)}`;
  process.stderr.write(`${text}\n`);
}
