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

interface Judged {
  readonly candidate: VariantCandidate;
  /** Absent where it is not taken whatever the others are. */
  readonly speed?: RelativeSpeed | undefined;
  readonly reason: string;
}

/**
 * The fastest of the candidates that can be had and are near enough to float32; of equally fast ones the first. A
 * variant that is neither float32 nor measured is never taken, unless it is the only one there is: that is no choice.
 *
 * `candidates` are those of one runtime, or of several where the caller leaves it open, best first.
 */
export function chooseVariant(
  candidates: readonly VariantCandidate[],
  { cpuFeatures = [], tolerance: stated }: VariantWish,
): VariantDecision {
  const only = candidates.length === 1;
  // Who names a model that has one variant has named the variant; only a tolerance of one's own speaks against it.
  const tolerance = stated ?? (only ? 1 : DEFAULT_VARIANT_TOLERANCE);
  const judged = candidates.map((candidate) => judge(candidate, cpuFeatures, tolerance, only));
  const best = judged.reduce<Judged | undefined>(
    (first, next) => ((next.speed?.ratio ?? 0) > (first?.speed?.ratio ?? 0) ? next : first),
    undefined,
  );
  const opinions = judged.map(({ candidate: { name, runtime }, speed, reason }) => ({
    variant: name,
    runtime,
    taken: speed !== undefined && speed === best?.speed,
    reason: speed === undefined || speed === best?.speed ? reason : `${reason}: not the fastest`,
  }));
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
  if (obstacle !== null) return { candidate, reason: obstacle };
  // Not `1 - mean > tolerance`: 1 − 0.999 is a little above 0.001 in binary.
  if (quality !== undefined && quality.cosineMean < 1 - tolerance) {
    return { candidate, reason: `${distance(quality)}, above the tolerance of ${tolerance}` };
  }
  if (quality === undefined && numerics !== "float32") {
    const unknown = "its distance from float32 was not measured";
    if (!only) return { candidate, reason: unknown };
    const speed = { ratio: 1, measured: false, because: "it is the only one" };
    return { candidate, speed, reason: `the only one for ${runtime}; ${unknown}` };
  }
  const speed = relativeSpeed(numerics ?? "float32", runtime, cpuFeatures);
  const near =
    quality === undefined || numerics === "float32"
      ? "float32 itself"
      : `${distance(quality)}, ${tolerance < 1 ? `within the tolerance of ${tolerance}` : `the only one for ${runtime}`}`;
  return { candidate, speed, reason: `${near}, ${pace(speed, numerics)}` };
}

function distance({ cosineMean }: VariantQuality): string {
  return `${Number((1 - cosineMean).toPrecision(2))} from float32`;
}

function pace({ ratio, measured, because }: RelativeSpeed, numerics: Numerics | undefined): string {
  if (numerics === "float32") return "what the others are held against";
  return `${ratio} times as fast (${measured ? "measured" : "assumed"}: ${because})`;
}
