import { PatinaError } from "@patina/core";
import type { ModelSpec } from "@patina/native";
import { type CheckedFile, isInstalled, verifyVariant } from "./check.ts";
import { decideVariant, type SeenVariant } from "./decide.ts";
import type { ModelEntry } from "./model-entry.ts";
import {
  type ChoiceRequest,
  fittingVariants,
  isOpen,
  requireTrust,
  undecided,
  type VariantRequest,
  variantLabel,
} from "./select.ts";
import type { Workspace } from "./workspace.ts";

/** A model's files on this machine, checked, as an engine takes them. Nothing is fetched. */
export async function resolveModel(
  workspace: Workspace,
  keyOrAlias: string,
  request: ChoiceRequest,
): Promise<ModelSpec> {
  const found = await findInstalled(workspace, keyOrAlias, request);
  await verifyVariant(found.expected, found.files);
  return modelSpec(found);
}

/** The variant a request comes to among those that are here; an error that explains where it comes to none. */
export async function findInstalled(
  workspace: Workspace,
  keyOrAlias: string,
  request: ChoiceRequest,
): Promise<SeenVariant> {
  const entry = workspace.catalog.entry(keyOrAlias);
  requireTrust(entry);
  const { seen, taken, decision } = await decideVariant(workspace, entry, request, "here");
  if (taken !== undefined) return taken;
  // A file that is there and wrong is the better explanation than one that never came.
  const broken = seen.find(({ files }) => files.some((file) => file.state === "damaged"));
  if (broken !== undefined) await verifyVariant(broken.expected, broken.files);
  if (seen.some(({ files }) => isInstalled(files))) throw undecided(entry, decision);
  throw missing(entry, request, seen[0]?.files ?? []);
}

/** The spec of files that were checked. */
export function modelSpec({ expected: { entry, variant }, files }: SeenVariant): ModelSpec {
  const { key, name, architecture, dimension, minDimension, maxTokens, pooling, normalize } = entry;
  const { queryTemplate, passageTemplate, defaultTask } = entry;
  return {
    key,
    name,
    architecture,
    dimension,
    ...(minDimension === undefined ? {} : { minDimension }),
    maxTokens,
    pooling,
    normalize,
    ...(queryTemplate === undefined ? {} : { queryTemplate }),
    ...(passageTemplate === undefined ? {} : { passageTemplate }),
    ...(defaultTask === undefined ? {} : { defaultTask }),
    variant: variant.name,
    runtime: variant.runtime,
    files: files.map(({ expected: { file, sha256 }, location }) => {
      if (location === null || sha256 === undefined) {
        throw new PatinaError("INTERNAL", `${file.path} of ${key} was taken for installed without a digest`);
      }
      return { role: file.role, path: location, sha256 };
    }),
  };
}

function missing(entry: ModelEntry, request: VariantRequest, files: readonly CheckedFile[]): PatinaError {
  const absent = files.filter(({ state }) => state === "missing").map(({ expected }) => expected.file.path);
  const partly = absent.length < files.length ? ` (missing: ${absent.join(", ")})` : "";
  const which = isOpen(request)
    ? `no variant of ${entry.key}${request.runtime === undefined ? "" : ` for ${request.runtime}`} is`
    : `${entry.key} in the variant ${fittingVariants(entry, request).map(variantLabel).join(" or ")} is not`;
  const options =
    (isOpen(request) ? "" : ` --variant ${request.variant}`) +
    (request.runtime === undefined ? "" : ` --runtime ${request.runtime}`);
  return new PatinaError(
    "MODEL_MISSING",
    `${which} on this machine${partly}; run \`patina model add ${entry.key}${options}\``,
    { key: entry.key },
  );
}
