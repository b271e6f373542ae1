import { open } from "node:fs/promises";
import { PatinaError } from "@patina/core";
import * as v from "valibot";
import type { Numerics } from "../model-entry.ts";

/** Bytes of a header that are read; that of a model of a thousand tensors has some 100,000. */
const MAX_HEADER = 100_000_000;

const TENSOR = v.object({ dtype: v.string(), shape: v.array(v.number()) });

const NUMERICS: Readonly<Record<string, Numerics>> = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/**
 * What most numbers of a safetensors file are in; `null` where the registry has no word for it. Format: 8 bytes length,
 * little-endian, then a JSON header (https://huggingface.co/docs/safetensors).
 */
export async function readSafetensors(file: string): Promise<Numerics | null> {
  const header = await readHeader(file);
  const counts = new Map<string, number>();
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const tensor = v.safeParse(TENSOR, value);
    if (!tensor.success) throw damaged(file, `its tensor ${JSON.stringify(name)} has no dtype and shape`);
    const { dtype, shape } = tensor.output;
    counts.set(dtype, (counts.get(dtype) ?? 0) + shape.reduce((product, size) => product * size, 1));
  }
  const [most = ""] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  return Object.hasOwn(NUMERICS, most) ? (NUMERICS[most] ?? null) : null;
}

async function readHeader(file: string): Promise<Record<string, unknown>> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const prefix = Buffer.alloc(8);
    await handle.read(prefix, 0, 8, 0);
    const length = Number(prefix.readBigUInt64LE());
    if (size < 8 || length > Math.min(size - 8, MAX_HEADER)) throw damaged(file, "its header is cut off");
    const bytes = Buffer.alloc(length);
    await handle.read(bytes, 0, length, 8);
    const header: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof header !== "object" || header === null) throw damaged(file, "its header is no JSON object");
    return header as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof SyntaxError) throw damaged(file, "its header is no JSON", cause);
    throw cause;
  } finally {
    await handle.close();
  }
}

function damaged(file: string, what: string, cause?: unknown): PatinaError {
  return new PatinaError("INTEGRITY", `${file} is no safetensors file: ${what}`, { file, cause });
}
