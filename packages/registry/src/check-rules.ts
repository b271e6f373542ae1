import type { Problem } from "./problem.ts";
import type { RawCheck, RawVariant } from "./schema.ts";
import type { PathStep } from "./toml-position.ts";

type Path = readonly PathStep[];

/** What must hold between the keys of a model's `check`. */
export function checkProblems(path: Path, check: RawCheck): Problem[] {
  const problems: Problem[] = [];
  const { queries, documents, scores, tolerance, tolerances = {} } = check;
  const table = [...path, "scores"];
  if (scores.length !== queries.length) {
    const message = `scores has ${many(scores.length, "row")} for ${many(queries.length, "query", "queries")}`;
    problems.push({ path: table, message: `${message}; it takes one row a query, one score a document` });
  }
  scores.forEach((row, index) => {
    if (row.length === documents.length) return;
    const found = `row ${index + 1} of scores has ${many(row.length, "score")}`;
    const message = `${found} for ${many(documents.length, "document")}`;
    problems.push({ path: [...table, index], message });
  });
  for (const [numerics, wider] of Object.entries(tolerances)) {
    if (wider === undefined || wider >= tolerance) continue;
    const message = `the tolerance ${wider} of ${numerics} is below the ${tolerance} of float32, which is nearer`;
    problems.push({ path: [...path, "tolerances", numerics], message });
  }
  return problems;
}

/** What must hold between the keys of a variant's measurement. */
export function qualityProblems(path: Path, { numerics, quality }: RawVariant): Problem[] {
  if (quality === undefined) return [];
  const problems: Problem[] = [];
  if (quality.cosine_min > quality.cosine_mean) {
    const message = `cosine_min ${quality.cosine_min} is above cosine_mean ${quality.cosine_mean}`;
    problems.push({ path: [...path, "quality", "cosine_min"], message });
  }
  if (numerics === undefined) {
    const message = "quality needs numerics beside it: how fast the variant is follows from them";
    problems.push({ path: [...path, "quality"], message });
  }
  return problems;
}

function many(count: number, one: string, plural: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : plural}`;
}
