import { type ErrorCode, isPatinaError, PatinaError, type Runtime } from "@patina/core";
import { mlxAvailability } from "@patina/engine";
import type { RuntimeSide } from "@patina/evaluation";
import type { ModelEntry, Registry } from "@patina/registry";
import { type MendOptions, mending } from "../actions/mend.ts";
import { runtimeChoice } from "../actions/runtime-choice.ts";

/** The variant that is asked for on each runtime; `undefined` leaves it to the registry. */
export type SideWishes = Readonly<Record<Runtime, string | undefined>>;

/** Why a side cannot be had. Both are looked at before one is told, so that all of it is told at once. */
const ABSENT: readonly ErrorCode[] = ["RUNTIME_UNAVAILABLE", "MODEL_MISSING", "VARIANT_UNKNOWN"];

/**
 * A model's files for both runtimes, checked. A comparison of one would be none.
 *
 * @throws PatinaError `RUNTIME_UNAVAILABLE`, `MODEL_MISSING`, `VARIANT_UNKNOWN` with what is amiss on each side and what
 * would help; `INTEGRITY`.
 */
export async function bothSides(
  registry: Registry,
  entry: ModelEntry,
  wishes: SideWishes,
  options: MendOptions,
): Promise<Record<Runtime, RuntimeSide>> {
  const onnx = await sideOf(registry, entry, "onnx", wishes.onnx, options);
  const mlx = await sideOf(registry, entry, "mlx", wishes.mlx, options);
  if (!isPatinaError(onnx) && !isPatinaError(mlx)) return { onnx, mlx };
  const problems = [onnx, mlx].filter((side) => isPatinaError(side));
  const [first] = problems as [PatinaError];
  const messages = problems.map(({ message }) => message).join("; and ");
  throw new PatinaError(first.code, `${entry.key} cannot be compared: ${messages}`, { key: entry.key });
}

async function sideOf(
  registry: Registry,
  entry: ModelEntry,
  runtime: Runtime,
  variant: string | undefined,
  options: MendOptions,
): Promise<RuntimeSide | PatinaError> {
  try {
    const { choice } = await runtimeChoice(registry, entry, { variant, runtime });
    const spec = await mending(registry, entry.key, options, () => registry.resolve(entry.key, choice));
    const taken = entry.variants.find((each) => each.name === spec.variant && each.runtime === runtime);
    return { spec, numerics: taken?.numerics ?? null };
  } catch (error) {
    if (!isPatinaError(error) || !ABSENT.includes(error.code)) throw error;
    return new PatinaError(error.code, `${error.message}${adviceOn(error, runtime, variant)}`, error.details);
  }
}

/** What helps and the error itself does not say. */
function adviceOn({ code, message }: PatinaError, runtime: Runtime, variant: string | undefined): string {
  // The registry speaks of `--variant`, of which there are two here.
  if (code === "VARIANT_UNKNOWN" && variant === undefined) {
    return `; here the option is \`--variant-${runtime} NAME\``;
  }
  if (code === "RUNTIME_UNAVAILABLE" && runtime === "mlx") {
    const { available, reason } = mlxAvailability();
    // Why an addon with MLX was passed over, the choice of a runtime says by itself.
    return available || message.includes(reason) ? "" : `; ${reason}`;
  }
  return "";
}
