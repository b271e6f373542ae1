import { PatinaError } from "@patina/core";
import { print } from "./output.ts";
import { warn } from "./warning.ts";

/** The exit code of a shell that finds no such program. */
const NOT_FOUND = 127;

/** The pager that a person chose, else `less`; null where none is wanted. */
export function pagerOf(env: NodeJS.ProcessEnv = process.env): string | null {
  const pager = env.PAGER ?? "less";
  return pager.trim() === "" || pager === "cat" ? null : pager;
}

/**
 * The environment for a pager: `less` keeps colours, ends where the text fits the screen, and leaves the text there,
 * unless the person has settings of their own.
 */
export function pagerEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, LESS: env.LESS ?? "FRX" };
}

/** Prints a text through the pager where it is longer than the terminal, else as it is. */
export async function page(text: string, wanted: boolean): Promise<void> {
  const pager = pagerOf();
  const rows = process.stdout.isTTY ? (process.stdout.rows ?? 24) : Number.POSITIVE_INFINITY;
  if (!wanted || pager === null || process.env.TERM === "dumb" || text.split("\n").length <= rows) {
    await print(text);
    return;
  }
  // Ctrl-C is for the pager, which has the terminal.
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  try {
    const child = Bun.spawn(["sh", "-c", pager], {
      env: pagerEnvironment(),
      stdin: Buffer.from(text),
      stdout: "inherit",
      stderr: "inherit",
    });
    if ((await child.exited) !== NOT_FOUND) return;
    warn("PAGER", `the pager ${pager} was not found: set PAGER to another, or to cat for none`);
    await print(text);
  } finally {
    process.off("SIGINT", ignore);
  }
}

/** Runs a program that takes over the terminal, to its end. @throws PatinaError `IO` where it fails. */
export async function runInTerminal(
  command: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv; readonly name: string },
): Promise<void> {
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  try {
    const child = Bun.spawn([...command], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    });
    const code = await child.exited;
    if (code === 0) return;
    const why = code === NOT_FOUND ? "it was not found" : `it ended with ${code}`;
    throw new PatinaError("IO", `could not open the result with ${options.name}: ${why}`, {
      key: options.name,
    });
  } finally {
    process.off("SIGINT", ignore);
  }
}
