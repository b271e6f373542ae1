import type { CheckVerdict, ModelCheck, ScoreVerdict, VerifiedModel } from "@patina/registry";
import { fit, table } from "../terminal/layout.ts";
import { bytes, counted } from "../terminal/numbers.ts";
import { type Style, styleFor, widthOf } from "../terminal/style.ts";
import { visibleLine } from "../terminal/visible.ts";

/** Columns at which a whole digest has its place. */
const WIDE = 120;

/** Enough digits to show whether the narrowest tolerance of the registry, 0.0001, is kept. */
const DIGITS = 5;

/** What `patina model verify` found, for people. */
export function verifyText(model: VerifiedModel, verdict: CheckVerdict | null): string {
  const style = styleFor(process.stdout);
  const width = widthOf(process.stdout);
  const { spec, files, check } = model;
  const head = `${spec.key} ${spec.variant} (${spec.runtime}), ${model.numerics ?? "numerics not stated"}`;
  const rows = files.map(({ path, size, sha256 }) => [visibleLine(path), bytes(size), sha256, "right"]);
  const digests = table(
    [{ title: "FILE" }, { title: "SIZE", align: "right" }, { title: "SHA-256" }, { title: "DIGEST" }],
    // A digest is long and seldom read: on a narrow terminal its beginning has to do.
    rows.map(([path = "", size = "", digest = "", right = ""]) => [
      path,
      size,
      width < WIDE ? `${digest.slice(0, 12)}…` : digest,
      right,
    ]),
  );
  const lines = [style.bold(visibleLine(head)), ...indented(digests, style), ""];
  if (verdict === null || check === null) return `${[...lines, withoutCheck(model, style)].join("\n")}\n`;
  lines.push(...texts(check, width, style), "");
  lines.push(
    ...indented(scores(verdict), style).map((line, row) => marked(line, verdict.scores[row - 1], style)),
  );
  lines.push("", ...conclusion(model, check, verdict, style));
  return `${lines.join("\n")}\n`;
}

function indented([head = "", ...rows]: readonly string[], style: Style): string[] {
  return [style.dim(`  ${head}`), ...rows.map((row) => `  ${row}`)];
}

/** The texts under short names, because two of them do not fit beside a score. */
function texts({ queries, documents }: ModelCheck, width: number, style: Style): string[] {
  const named = (letter: string, all: readonly string[]) =>
    all.map((text, index) => {
      const shown = visibleLine(text.replace(/\s+/g, " "));
      // Enough to know it again, in a file as well; `--json` has the whole text.
      return fit(`  ${letter}${index + 1}  ${shown}`, Math.min(width, WIDE));
    });
  return [style.bold("queries and documents"), ...named("q", queries), ...named("d", documents)];
}

function scores({ scores: all, tolerance }: CheckVerdict): string[] {
  return table(
    [
      { title: "PAIR" },
      { title: "EXPECTED", align: "right" },
      { title: "GOT", align: "right" },
      { title: "APART", align: "right" },
      { title: "TOLERANCE", align: "right" },
      { title: "VERDICT" },
    ],
    all.map(({ query, document, expected, got, difference, right }) => [
      `q${query + 1} d${document + 1}`,
      expected.toFixed(DIGITS),
      got.toFixed(DIGITS),
      difference.toFixed(DIGITS),
      tolerance === null ? "-" : String(tolerance),
      right === null ? "not judged" : right ? "right" : "wrong",
    ]),
  );
}

function marked(line: string, score: ScoreVerdict | undefined, style: Style): string {
  return score?.right === false ? style.red(line) : line;
}

function conclusion(
  { spec, files, numerics }: VerifiedModel,
  { source }: ModelCheck,
  { verdict, scores: all, toleranceFrom }: CheckVerdict,
  style: Style,
): string[] {
  const lines = [`scores by ${visibleLine(source)}`];
  if (toleranceFrom === "widest") {
    lines.push(
      `tolerance: the check's widest, as the registry does not state the numerics of ${spec.variant}`,
    );
  }
  const right = all.filter((score) => score.right).length;
  const digests = `${counted(files.length, "digest")} right`;
  if (verdict === "right") lines.push(style.green(`verified: ${digests}, ${counted(right, "score")} right`));
  else if (verdict === "wrong") {
    const failed = `${all.length - right} of ${counted(all.length, "score")} wrong`;
    lines.push(style.red(`wrong vectors: ${digests}, ${failed}`));
    lines.push(
      "  the files are those of the registry: suspect the runtime, or the entry (pooling, templates, limit)",
    );
  } else {
    lines.push(style.yellow(`vectors not verified: the check has no tolerance for ${numerics}; ${digests}`));
  }
  return lines;
}

function withoutCheck({ spec, files }: VerifiedModel, style: Style): string {
  const digests = `${counted(files.length, "digest")} right`;
  return style.yellow(
    `vectors not verified: the registry has no check for ${visibleLine(spec.key)}; ${digests}`,
  );
}
