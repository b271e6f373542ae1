import { type CheckedFile, isInstalled, lookAtVariant } from "./check.ts";
import {
  chooseVariant,
  type LargeVariant,
  type VariantCandidate,
  type VariantDecision,
} from "./choose-variant.ts";
import { Pins } from "./lock.ts";
import type { ModelEntry, ModelVariant } from "./model-entry.ts";
import { type ChoiceRequest, fittingVariants, isOpen } from "./select.ts";
import { type ExpectedVariant, expectVariant } from "./store.ts";
import type { Workspace } from "./workspace.ts";

/** A variant and its files as they lie on this machine. */
export interface SeenVariant {
  readonly expected: ExpectedVariant;
  readonly files: readonly CheckedFile[];
}

/** What may be taken: what an engine opens has to be here, what `add` takes may be fetched, or has to be locked. */
export type Supply = "here" | "obtainable" | "locked";

/** The variants that a request fits, and which of them it comes to. */
export interface Decided {
  readonly seen: readonly SeenVariant[];
  /** `undefined` where none can be had, or where `auto` may take none of those. */
  readonly taken: SeenVariant | undefined;
  readonly decision: VariantDecision;
}

/** Looks at the files of one variant. None is read. */
export async function lookAt(
  { home, hub }: Workspace,
  pins: Pins,
  entry: ModelEntry,
  variant: ModelVariant,
): Promise<SeenVariant> {
  const expected = expectVariant(home, pins, entry, variant);
  return { expected, files: await lookAtVariant(hub, expected) };
}

/** Looks at the files of all variants that a request fits, and decides among them. No file is read. */
export async function decideVariant(
  workspace: Workspace,
  entry: ModelEntry,
  request: ChoiceRequest,
  supply: Supply,
): Promise<Decided> {
  const fits = fittingVariants(entry, request);
  const pins = await Pins.read(workspace.locks);
  const seen = await Promise.all(fits.map((variant) => lookAt(workspace, pins, entry, variant)));
  const candidates = seen.map((variant) => candidate(variant, supply, request.tooLarge ?? []));
  const decision = isOpen(request) ? chooseVariant(candidates, request) : asked(candidates);
  const taken = seen.find(
    ({ expected: { variant } }) => variant.name === decision.variant && variant.runtime === decision.runtime,
  );
  return { seen, taken, decision };
}

function candidate(seen: SeenVariant, supply: Supply, tooLarge: readonly LargeVariant[]): VariantCandidate {
  const { name, runtime, numerics, quality } = seen.expected.variant;
  const large = tooLarge.find((each) => each.variant === name && each.runtime === runtime);
  return { name, runtime, numerics, quality, obstacle: large?.reason ?? obstacle(seen, supply) };
}

function obstacle({ expected, files }: SeenVariant, supply: Supply): string | null {
  const { entry, variant } = expected;
  if (supply === "locked") {
    return expected.files.every(({ pin }) => pin !== undefined) ? null : "not in the lock";
  }
  if (isInstalled(files)) return null;
  if (supply === "obtainable") return null;
  const state = files.some(({ state }) => state === "damaged") ? "damaged" : "not on this machine";
  const add = `patina model add ${entry.key} --variant ${variant.name} --runtime ${variant.runtime}`;
  return `${state}, \`${add}\` fetches it`;
}

/** One that was named is taken as it is; two runtimes may have one of the name, and the first that is there counts. */
function asked(candidates: readonly VariantCandidate[]): VariantDecision {
  const taken = candidates.find(({ obstacle }) => obstacle === null);
  return {
    variant: taken?.name ?? null,
    runtime: taken?.runtime ?? null,
    expected: true,
    opinions: candidates.map((each) => ({
      variant: each.name,
      runtime: each.runtime,
      taken: each === taken,
      reason: each.obstacle ?? (each === taken ? "asked for by name" : "the other one comes first"),
    })),
  };
}
