import type { ModelSpec } from "@patina/native";
import { type FoundFile, type VerifyOptions, verifyVariant } from "./check.ts";
import type { ModelCheck, Numerics } from "./model-entry.ts";
import { fileState } from "./record.ts";
import { findInstalled, modelSpec } from "./resolve.ts";
import type { ChoiceRequest } from "./select.ts";
import type { Workspace } from "./workspace.ts";

/** Options of `Registry.verify`. */
export interface VerifyRequest extends ChoiceRequest, Pick<VerifyOptions, "onFile" | "signal"> {}

/** A model whose files are what they must be, and what its vectors can be held against. */
export interface VerifiedModel {
  readonly spec: ModelSpec;
  /** Read whole, with the digests they must have. */
  readonly files: readonly FoundFile[];
  /** `null` where the registry does not say. */
  readonly numerics: Numerics | null;
  /** `null` where the registry has none: then nothing is known of the vectors. */
  readonly check: ModelCheck | null;
}

/** Reads every file of a variant whole, whatever is on record of it, and holds it against its digest. */
export async function verifyModel(
  workspace: Workspace,
  keyOrAlias: string,
  { onFile, signal, ...request }: VerifyRequest,
): Promise<VerifiedModel> {
  const found = await findInstalled(workspace, keyOrAlias, request);
  await verifyVariant(found.expected, found.files, { all: true, onFile, signal });
  const spec = modelSpec(found);
  const files = await Promise.all(
    spec.files.map(async ({ role, path: location, sha256 }, index) => ({
      role,
      path: found.expected.files[index]?.file.path ?? location,
      location,
      size: (await fileState(location))?.size ?? 0,
      sha256,
    })),
  );
  const { entry, variant } = found.expected;
  return { spec, files, numerics: variant.numerics ?? null, check: entry.check ?? null };
}
