import { opinionLine } from "@patina/registry";
import { labelled, table, wrap } from "../terminal/layout.ts";
import { bytes, count } from "../terminal/numbers.ts";
import type { Style } from "../terminal/style.ts";
import { visibleLine } from "../terminal/visible.ts";
import { fileLines } from "./show-files.ts";
import type { RecipeUse, ShownModel } from "./show-model.ts";
import type { Choice } from "./variant-choice.ts";

/** `patina model show` for people: at most `width` columns, but for paths and digests, which are copied. */
export function showText(shown: ShownModel, style: Style, width: number): string {
  const { entry, recipe, choice } = shown;
  const facts: [name: string, value: string][] = [
    ["licence", entry.license],
    ["aliases", entry.aliases.join(", ") || "none"],
    ["model", modelFacts(shown)],
    ["query", template(entry.queryTemplate, entry.defaultTask)],
    ["passage", template(entry.passageTemplate, entry.defaultTask)],
    ["check", entry.check === undefined ? "none" : `scores by ${entry.check.source}`],
    ["entry", `${entry.file}${entry.trusted ? "" : ", not trusted: read it, then run `patina trust`"}`],
    ["recipe", recipeUse(recipe)],
  ];
  const lines = [
    style.bold(visibleLine(entry.key)),
    ...wrap(visibleLine(`${entry.name}. ${entry.description}`), width),
    "",
    ...labelled(facts, width, style),
    "",
    ...variantLines(shown, style),
    "",
    ...choiceLines(choice, width, style),
    "",
    ...fileLines(shown, style),
  ];
  return `${lines.join("\n")}\n`;
}

function modelFacts({ entry }: ShownModel): string {
  const { architecture, dimension, minDimension, maxTokens, pooling, normalize } = entry;
  const cut = minDimension === undefined ? "" : ` (may be cut to ${count(minDimension)})`;
  const length = normalize ? "unit length" : "any length";
  const sizes = `${count(dimension)} dimensions${cut}, ${count(maxTokens)} tokens`;
  return `${architecture}, ${sizes}, ${pooling} pooling, ${length}`;
}

function template(text: string | undefined, task: string | undefined): string {
  if (text === undefined) return "the text as it is";
  return JSON.stringify(text) + (text.includes("{task}") ? `, task ${JSON.stringify(task)}` : "");
}

function recipeUse(recipe: RecipeUse | null): string {
  if (recipe === null) return "none here";
  return `${recipe.file} ${recipe.uses ? "uses this model" : "uses another model"}`;
}

function variantLines({ variants }: ShownModel, style: Style): string[] {
  const [head = "", ...rows] = table(
    [
      { title: "VARIANT" },
      { title: "RUNTIME" },
      { title: "NUMERICS" },
      { title: "COSINE TO FLOAT32", align: "right" },
      { title: "SIZE", align: "right" },
      { title: "STATE" },
    ],
    variants.map(({ variant, runtime, numerics, quality, size, state }) => [
      visibleLine(variant),
      runtime,
      numerics ?? "not stated",
      quality?.cosineMean.toFixed(6) ?? (numerics === "float32" ? "1" : "not measured"),
      size === null ? "?" : bytes(size),
      state,
    ]),
  );
  return [style.bold(head), ...rows];
}

function choiceLines(choice: Choice, width: number, style: Style): string[] {
  if ("refused" in choice) {
    const rows: [string, string][] = [["not used", choice.refused]];
    return [style.bold(`variant ${choice.requested}, here`), ...labelled(rows, width, style)];
  }
  const title = choice.requested === "auto" ? `auto, tolerance ${choice.tolerance}` : choice.requested;
  const rows = choice.opinions.map((opinion): [string, string] => [
    opinion.taken ? "taken" : "not taken",
    opinionLine(opinion),
  ]);
  return [style.bold(`variant ${title}, here`), ...labelled(rows, width, style)];
}
