import {
  type ModelEntry,
  type ModelFile,
  type Numerics,
  type VariantQuality,
  variantFiles,
} from "./model-entry.ts";
import { describeSource } from "./sources/source.ts";
import { type FileStatus, type ModelStatus, modelStatus } from "./status.ts";
import type { Workspace } from "./workspace.ts";

/** A file of a variant: what is known of it, and where it may come from. */
export interface DescribedFile extends FileStatus {
  /** In the order they are tried, as the lock names them: `hub:OWNER/NAME@REVISION/PATH`. */
  readonly sources: readonly string[];
  /** Who says what the digest must be; `null` where the first one seen will be pinned in the lock. */
  readonly digestFrom: "registry" | "lock" | null;
}

/** A variant on this machine, with what the registry says of it. */
export interface DescribedVariant extends ModelStatus {
  /** `null` where nobody has looked into the file. */
  readonly numerics: Numerics | null;
  /** `null` where it was not measured. */
  readonly quality: VariantQuality | null;
  readonly files: readonly DescribedFile[];
}

/** All there is to say of one model, but for what depends on a project or a processor. */
export interface ModelDescription {
  readonly entry: ModelEntry;
  readonly variants: readonly DescribedVariant[];
}

/** Puts a model's entry and the state of its files side by side. No file is read. */
export async function describeModel(workspace: Workspace, keyOrAlias: string): Promise<ModelDescription> {
  const entry = workspace.catalog.entry(keyOrAlias);
  const statuses = await modelStatus(workspace, entry.key);
  const variants = entry.variants.flatMap((variant, index): DescribedVariant[] => {
    const status = statuses[index];
    if (status === undefined) return [];
    const declared = variantFiles(entry, variant);
    return [
      {
        ...status,
        numerics: variant.numerics ?? null,
        quality: variant.quality ?? null,
        files: status.files.map((file) => describeFile(file, declared)),
      },
    ];
  });
  return { entry, variants };
}

function describeFile(status: FileStatus, declared: readonly ModelFile[]): DescribedFile {
  // Within a variant no two files share a path.
  const file = declared.find(({ path }) => path === status.path);
  const locked = status.sha256 === null ? null : "lock";
  return {
    ...status,
    sources: (file?.sources ?? []).map(describeSource),
    digestFrom: file?.sha256 === undefined ? locked : "registry",
  };
}
