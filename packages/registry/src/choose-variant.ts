import type { Runtime } from "@patina/core";
import type { Numerics, VariantQuality } from "./model-entry.ts";
import { type RelativeSpeed, relativeSpeed } from "./speed.ts";

/**
 * What `auto` may lose without being told: 1 − mean cosine against float32. It is the parity (0.999) from which two
 * runtimes of one model may pass for each other, and keeps out activations quantised to 8 bits and weights of 4.
 */
export const DEFAULT_VARIANT_TOLERANCE = 0.001;

/** What an automatic choice depends on beside the variants themselves. */
export interface VariantWish {
  /** As `nativeFacts().cpuFeatures` lists them; without them the choice is that of a processor with none. */
  readonly cpuFeatures?: readonly string[] | undefined;
  /** Largest 1 − mean cosine against float32, in `[0, 1]`. Default {@link DEFAULT_VARIANT_TOLERANCE}. */
  readonly tolerance?: number | undefined;
  /** What does not fit into the machine's memory, as `chooseRuntime` tells it; `auto` takes none of it. */
  readonly tooLarge?: readonly LargeVariant[] | undefined;
}

/** A variant that is too large for the machine. */
export interface LargeVariant {
  readonly variant: string;
  readonly runtime: Runtime;
  /** What it needs and what there is, for people. */
  readonly reason: string;
}

/** A variant as an automatic choice sees it. */
export interface VariantCandidate {
  readonly name: string;
  readonly runtime: Runtime;
  readonly numerics?: Numerics | undefined;
  readonly quality?: VariantQuality | undefined;
  /** Why it cannot be had, for people; `null` where it can. */
  readonly obstacle: string | null;
}

/** What became of one candidate. */
export interface VariantOpinion {
  readonly variant: string;
  readonly runtime: Runtime;
  readonly taken: boolean;
  /** Why it was taken or not, for people. */
  readonly reason: string;
}

/** A choice and its reasons. */
export interface VariantDecision {
  /** `null` where `auto` may take none of them. */
  readonly variant: string | null;
  readonly runtime: Runtime | null;
  /** True where it is simply the first in the registry's order that can be had; false is worth a line to the user. */
  readonly expected: boolean;
  /** One of each candidate, in the registry's order. */
  readonly opinions: readonly VariantOpinion[];
}

/** `int8 (onnx): why`, of a candidate in a list. */
export function opinionLine({ variant, runtime, reason }: Omit<VariantOpinion, "taken">): string {
  return `${variant} (${runtime}): ${reason}`;
}

interface Judged {
  readonly candidate: VariantCandidate;
  /** Beside float32's; `null` where it is not taken whatever the others are. */
  readonly speed: number | null;
  readonly reason: string;
}

/**
 * The fastest of the candidates that can be had and are near enough to float32; of equally fast ones the first. A
 * variant that is neither float32 nor measured is never taken, unless it is the only one there is: that is no choice.
 *
 * `candidates` are in the registry's order. Where they are for several runtimes, it is that of the first that can be
 * taken: speeds of two runtimes are not comparable, and which one a machine runs is decided elsewhere.
 */
export function chooseVariant(
  candidates: readonly VariantCandidate[],
  { cpuFeatures = [], tolerance: stated }: VariantWish,
): VariantDecision {
  const judged = candidates.map((candidate) => {
    const only = candidates.filter(({ runtime }) => runtime === candidate.runtime).length === 1;
    // Who names a model that has one variant has named the variant; only a tolerance of one's own speaks against it.
    const tolerance = stated ?? (only ? 1 : DEFAULT_VARIANT_TOLERANCE);
    return judge(candidate, cpuFeatures, tolerance, only);
  });
  const fitting = judged.filter(({ speed }) => speed !== null);
  const lead = fitting[0]?.candidate.runtime;
  const rivals = fitting.filter(({ candidate }) => candidate.runtime === lead);
  const speedOf = ({ speed }: Judged): number => speed ?? 0;
  const fastest = Math.max(...rivals.map(speedOf));
  const best = rivals.find((each) => speedOf(each) === fastest);
  const opinions = judged.map((each) => {
    const { name: variant, runtime } = each.candidate;
    const taken = each === best;
    const lost = runtime === lead ? "not the fastest" : `${lead} comes first`;
    return {
      variant,
      runtime,
      taken,
      reason: taken || each.speed === null ? each.reason : `${each.reason}: ${lost}`,
    };
  });
  const first = judged.find(({ candidate }) => candidate.obstacle === null);
  const { name = null, runtime = null } = best?.candidate ?? {};
  return { variant: name, runtime, expected: best === first, opinions };
}

function judge(
  candidate: VariantCandidate,
  cpuFeatures: readonly string[],
  tolerance: number,
  only: boolean,
): Judged {
  const { numerics, quality, obstacle, runtime } = candidate;
  const refused = (reason: string): Judged => ({ candidate, speed: null, reason });
  if (obstacle !== null) return refused(obstacle);
  // Not `1 - mean > tolerance`: 1 − 0.999 is a little above 0.001 in binary.
  if (quality !== undefined && quality.cosineMean < 1 - tolerance) {
    return refused(`${distance(quality)}, above the tolerance of ${tolerance}`);
  }
  if (quality === undefined && numerics !== "float32") {
    const unknown = "its distance from float32 was not measured";
    // How fast it is plays no part then.
    return only
      ? { candidate, speed: 1, reason: `the only one for ${runtime}; ${unknown}` }
      : refused(unknown);
  }
  const speed = relativeSpeed(numerics ?? "float32", runtime, cpuFeatures);
  const near =
    quality === undefined || numerics === "float32"
      ? "float32 itself"
      : `${distance(quality)}, ${tolerance < 1 ? `within the tolerance of ${tolerance}` : `the only one for ${runtime}`}`;
  return { candidate, speed: speed.ratio, reason: `${near}, ${pace(speed, numerics)}` };
}

function distance({ cosineMean }: VariantQuality): string {
  return `${Number((1 - cosineMean).toPrecision(2))} from float32`;
}

function pace({ ratio, measured, because }: RelativeSpeed, numerics: Numerics | undefined): string {
  if (numerics === "float32") return "what the others are held against";
  return `${ratio} times as fast (${measured ? "measured" : "assumed"} ${because})`;
}
