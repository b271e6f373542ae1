import { isAbsolute } from "node:path";
import { checkProblems, qualityProblems } from "./check-rules.ts";
import type { Problem } from "./problem.ts";
import { unsafePathReason } from "./safe-path.ts";
import type { RawModel, RawRegistry } from "./schema.ts";
import type { RawFile } from "./schema-file.ts";
import type { PathStep } from "./toml-position.ts";

/** Which of the three files an entry comes from. */
export type Origin = "builtin" | "user" | "project";

/** The name the store keeps its own record under, beside a model's files. */
export const RECORD_NAME = "verified.json";

type Path = readonly PathStep[];

/** What the schema cannot say: rules that hold between several keys of one file. */
export function ruleProblems(registry: RawRegistry, origin: Origin): Problem[] {
  return Object.entries(registry.models ?? {}).flatMap(([key, model]) =>
    modelProblems(["models", key], model, origin),
  );
}

function modelProblems(path: Path, model: RawModel, origin: Origin): Problem[] {
  const problems: Problem[] = [...templateProblems(path, model)];
  if (model.min_dimension !== undefined && model.min_dimension > model.dimension) {
    const message = `min_dimension ${model.min_dimension} is above the dimension ${model.dimension}`;
    problems.push({ path: [...path, "min_dimension"], message });
  }
  if (model.check !== undefined) problems.push(...checkProblems([...path, "check"], model.check));
  const shared = model.files ?? [];
  shared.forEach((file, index) => {
    problems.push(...fileProblems([...path, "files", index], file, origin));
  });
  const seen = new Set<string>();
  model.variants.forEach((variant, index) => {
    const at = [...path, "variants", index];
    const identity = `${variant.name} on ${variant.runtime}`;
    if (seen.has(identity)) {
      problems.push({ path: at, message: `the variant ${identity} is there twice` });
    }
    seen.add(identity);
    problems.push(...qualityProblems(at, variant));
    variant.files.forEach((file, fileIndex) => {
      problems.push(...fileProblems([...at, "files", fileIndex], file, origin));
    });
    problems.push(...setProblems(at, [...shared, ...variant.files]));
  });
  return problems;
}

function templateProblems(path: Path, model: RawModel): Problem[] {
  const problems: Problem[] = [];
  for (const key of ["query_template", "passage_template"] as const) {
    const template = model[key];
    if (template === undefined) continue;
    if (template.split("{text}").length !== 2) {
      problems.push({ path: [...path, key], message: `${key} must hold {text} exactly once` });
    }
    const unknown = template.match(/\{(?!text\}|task\})\w+\}/)?.[0];
    if (unknown !== undefined) {
      const message = `${key} holds ${unknown}; only {text} and {task} are filled in`;
      problems.push({ path: [...path, key], message });
    }
  }
  const takesTask = [model.query_template, model.passage_template].some((text) => text?.includes("{task}"));
  if (takesTask && model.default_task === undefined) {
    problems.push({
      path: [...path, "default_task"],
      message: "a template with {task} needs a default_task",
    });
  }
  if (!takesTask && model.default_task !== undefined) {
    const message = "default_task has no effect: no template holds {task}";
    problems.push({ path: [...path, "default_task"], message });
  }
  return problems;
}

function fileProblems(path: Path, file: RawFile, origin: Origin): Problem[] {
  const problems: Problem[] = [];
  const check = (at: Path, value: string) => {
    const reason = unsafePathReason(value);
    if (reason !== undefined)
      problems.push({ path: at, message: `the path ${JSON.stringify(value)} ${reason}` });
  };
  check([...path, "path"], file.path);
  file.sources.forEach((source, index) => {
    const at = [...path, "sources", index, "path"];
    if (source.kind === "hub" || source.kind === "wheel") check(at, source.path);
    if (source.kind === "dir" && isAbsolute(source.path) === (origin === "project")) {
      const message =
        origin === "project"
          ? "a dir source of a project is relative to the folder that holds .patina, and stays below it"
          : "a dir source outside a project's own overlay is an absolute path";
      problems.push({ path: at, message });
    }
  });
  return problems;
}

/** The shared files and a variant's own lie in one folder. */
function setProblems(path: Path, files: readonly RawFile[]): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>([RECORD_NAME]);
  for (const file of files) {
    // Two names that differ in case alone are one file on macOS and Windows.
    const name = file.path.toLowerCase();
    if (seen.has(name)) {
      problems.push({
        path,
        message: `two files of this variant share the path ${JSON.stringify(file.path)}`,
      });
    }
    seen.add(name);
  }
  for (const role of ["tokenizer", "weights"]) {
    if (!files.some((file) => file.role === role)) {
      problems.push({ path, message: `this variant has no file with the role "${role}"` });
    }
  }
  return problems;
}
