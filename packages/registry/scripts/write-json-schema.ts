/** Writes the JSON Schema of `registry.toml`, which editors check the file against, beside the file. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { registryJsonSchema } from "./json-schema.ts";

const file = join(import.meta.dir, "../../../resources/models/registry.schema.json");
writeFileSync(file, registryJsonSchema());
