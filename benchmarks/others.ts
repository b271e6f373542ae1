/** How much of the machine other programs take: what makes a measured rate wrong, and so has to be told with it. */
import { cpus } from "node:os";

/** Processor time of the whole machine since it started, in seconds. */
export interface MachineTime {
  readonly busy: number;
  readonly total: number;
}

/** Reads the machine's clocks. */
export function machineTime(): MachineTime {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle;
    busy += (all - times.idle) / 1000;
    total += all / 1000;
  }
  return { busy, total };
}

/** The share of the processors, from 0 to 1, that was taken since `start` by others than who used `own` seconds. */
export function shareOfOthers(start: MachineTime, own: number): number {
  const now = machineTime();
  const total = now.total - start.total;
  return total <= 0 ? 0 : Math.max(0, now.busy - start.busy - own) / total;
}

/** Below this share the machine counts as quiet; what a system does by itself is less. */
export const QUIET = 0.05;
const LOOK = 1000;

/** Resolves when the machine is quiet, or when `patience` seconds have gone by. */
export async function untilQuiet(patience: number): Promise<void> {
  const end = performance.now() + patience * 1000;
  while (performance.now() < end) {
    const start = machineTime();
    await Bun.sleep(LOOK);
    if (shareOfOthers(start, 0) < QUIET) return;
  }
}
