import { type AddedFile, type AddReport, opinionLine } from "@patina/registry";
import { bytes } from "../terminal/numbers.ts";
import { visibleLine } from "../terminal/visible.ts";

/** What `patina model add` did, for people. */
export function addText(report: AddReport): string {
  const passedOver = report.passedOver.map((reason) => `passed over ${reason}`);
  if (passedOver.length > 0) passedOver.push(`took ${opinionLine(report)}`);
  const last = `${report.key} ${report.variant} (${report.runtime}) is ready; its licence is ${report.license}`;
  const lines = [...report.files.flatMap(fileLines), ...passedOver, last];
  return `${lines.map(visibleLine).join("\n")}\n`;
}

/** What became of one file. */
export function fileLines(file: AddedFile): string[] {
  const { path, size, sha256, pinned, failed, damaged, revision, source } = file;
  const commit = revision === null || source.startsWith("wheel:") ? "" : `, at ${revision.slice(0, 12)}`;
  return [
    `${path}: ${bytes(size)}, ${origin(file)}${commit}`,
    `  sha256 ${sha256}${pinned ? ", pinned now: the registry names no digest" : ""}`,
    ...(damaged === null ? [] : [`  the file before was damaged; it was moved aside to ${damaged.aside}`]),
    ...failed.map(({ source: from, reason }) => `  not from ${from}: ${reason}`),
  ];
}

function origin({ action, source }: AddedFile): string {
  if (action === "present") return "was here";
  if (action === "fetched") return `fetched from ${source}`;
  return source.startsWith("hub:") ? `found in the hub's cache, ${source}` : `reused from ${source}`;
}
