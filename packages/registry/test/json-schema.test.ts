import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type AnySchemaObject } from "ajv";
import { parse } from "smol-toml";
import { CONTRADICTIONS, SLIPS } from "./support/mistakes.ts";

const FOLDER = join(import.meta.dir, "../../../resources/models");
const TEXT = readFileSync(join(FOLDER, "registry.toml"), "utf8");
const SCHEMA: AnySchemaObject = JSON.parse(readFileSync(join(FOLDER, "registry.schema.json"), "utf8"));

/** What editors do: another implementation of JSON Schema than the one that wrote it. */
const validate = new Ajv({ strict: true, allErrors: true }).compile(SCHEMA);

describe("the JSON Schema for editors", () => {
  test("is where registry.toml says, and takes it", () => {
    const [, named] = /^#:schema (\S+)$/m.exec(TEXT) ?? [];
    expect(TEXT).toStartWith("#:schema ");
    expect(join(FOLDER, named ?? "")).toBe(join(FOLDER, "registry.schema.json"));
    validate(parse(TEXT));
    expect(validate.errors).toBeNull();
  });

  test.each([...SLIPS])("refuses %s, as the loader does", (_name, from, to) => {
    expect(validate(parse(TEXT.replace(from, () => to)))).toBe(false);
  });

  test.each([...CONTRADICTIONS])("leaves %s to the loader", (_name, from, to) => {
    expect(validate(parse(TEXT.replace(from, () => to)))).toBe(true);
  });

  test("has words for every key", () => {
    expect(undescribed(SCHEMA, "")).toEqual([]);
  });
});

/** Paths of the properties without a description. */
function undescribed(node: unknown, path: string): string[] {
  if (typeof node !== "object" || node === null) return [];
  const { properties = {} } = node as { properties?: Record<string, { description?: unknown }> };
  const own = Object.entries(properties)
    .filter(([, { description }]) => typeof description !== "string")
    .map(([key]) => `${path}.${key}`);
  return [...own, ...Object.entries(node).flatMap(([key, inner]) => undescribed(inner, `${path}.${key}`))];
}
