import { toJsonSchema } from "@valibot/to-json-schema";
import { REGISTRY } from "../src/schema.ts";

/** The JSON Schema as the text of its file. */
export function registryJsonSchema(): string {
  const schema = {
    title: "The embedding models of Patina",
    description: "registry.toml, and the overlays models.toml beside it",
    ...toJsonSchema(REGISTRY, { target: "draft-07" }),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
