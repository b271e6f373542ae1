/** What is measured. A measurement is a file in `measurements/` and a row here; rows are in the order of the page. */
import type { Measurement } from "./measurement.ts";
import { latency } from "./measurements/latency.ts";
import { memory } from "./measurements/memory.ts";
import { profile } from "./measurements/profile.ts";
import { qwen3 } from "./measurements/qwen3.ts";
import { startup } from "./measurements/startup.ts";
import { sweep } from "./measurements/sweep.ts";
import { throughput } from "./measurements/throughput.ts";

/** A measurement whose data only it knows the shape of. */
export type AnyMeasurement = Measurement<unknown>;

export const MEASUREMENTS = [
  throughput,
  latency,
  memory,
  startup,
  qwen3,
  profile,
  sweep,
] as readonly AnyMeasurement[];
/** What takes long and changes little is measured when it is asked for. */
export const ON_REQUEST: ReadonlySet<string> = new Set([sweep.id]);
