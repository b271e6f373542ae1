import { existsSync } from "node:fs";
import type { RuntimeRequest } from "@patina/core";
import { loadRecipe, openIndex, type Recipe } from "@patina/projections";
import { findProject, recipePath } from "../project.ts";
import type { Problems } from "./problems.ts";

/** The state of the project one is in. */
export interface ProjectReport {
  readonly root: string;
  /** Null where there is none, or none that can be used. */
  readonly recipe: {
    readonly file: string;
    readonly model: string;
    readonly runtime: RuntimeRequest;
    readonly variant: string;
    readonly variantTolerance: number | null;
    readonly inactive: readonly string[];
  } | null;
  /** Null where nothing is indexed, or the index cannot be used. */
  readonly index: {
    readonly generation: string;
    readonly created: string;
    readonly model: string;
    readonly variant: string;
    readonly runtime: string;
    readonly passages: number;
  } | null;
}

/** Looks at the project; null outside of one. */
export async function projectReport(problems: Problems): Promise<ProjectReport | null> {
  const root = findProject();
  if (root === undefined) return null;
  const file = recipePath(root);
  const recipe = existsSync(file) ? await problems.or(() => loadRecipe(file)) : null;
  // That nothing has been indexed yet is a state and not a fault.
  const index = await problems.or(() => indexFacts(root), ["INDEX_MISSING"]);
  return {
    root,
    recipe: recipe === null ? null : recipeFacts(file, recipe),
    index,
  };
}

function recipeFacts(file: string, recipe: Recipe): ProjectReport["recipe"] {
  const { embeddingModel: model, runtime, variant, variantTolerance, inactive } = recipe;
  return { file, model, runtime, variant, variantTolerance, inactive };
}

async function indexFacts(root: string): Promise<ProjectReport["index"]> {
  const index = await openIndex(root);
  try {
    const { id, created, model, counts } = index.manifest;
    const { key, variant, runtime } = model;
    return { generation: id, created, model: key, variant, runtime, passages: counts.passages };
  } finally {
    index.close();
  }
}
