import { createInterface } from "node:readline";
import { throwIfAborted } from "@patina/core";
import type { ImportAnswers, MissingAnswer } from "@patina/registry";
import { type Command, InvalidArgumentError } from "commander";
import { print } from "../terminal/output.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { visible, visibleLine } from "../terminal/visible.ts";

/** What a person answered, and the same as flags, so that a script can say it as well. */
export interface Asked {
  readonly answers: ImportAnswers;
  readonly flags: readonly string[];
}

/**
 * Asks at the terminal for every missing answer; each is read as its flag would be, and asked again where that refuses
 * it. Where the input ends (Ctrl-D) what is left stays missing.
 *
 * @throws PatinaError `ABORTED`.
 */
export async function askMissing(
  command: Command,
  missing: readonly MissingAnswer[],
  signal: AbortSignal,
): Promise<Asked> {
  throwIfAborted(signal);
  // Lines as the terminal edits them: in the raw mode Ctrl-C would be a key, and no interrupt.
  const input = createInterface({ input: process.stdin, terminal: false });
  const close = (): void => input.close();
  signal.addEventListener("abort", close, { once: true });
  const answers: Record<string, unknown> = {};
  const flags: string[] = [];
  try {
    const lines = input[Symbol.asyncIterator]();
    await print("Its files do not say all that decides its vectors. Ctrl-C ends without a change.\n");
    for (const { flag, what } of missing) {
      const option = command.options.find(({ long }) => long === flag.split(" ")[0]);
      if (option === undefined) throw new Error(`import has no option ${flag}`);
      await print(`${visibleLine(what)}\n`);
      for (let settled = false; !settled; ) {
        await print(`${flag}: `);
        const { value = "", done } = await lines.next();
        throwIfAborted(signal);
        if (done) return { answers, flags };
        const text = value.trim();
        if (text === "") continue;
        try {
          answers[option.attributeName()] = option.parseArg?.(text, undefined) ?? text;
          flags.push(`${option.long} ${shellWord(text)}`);
          settled = true;
        } catch (cause) {
          if (!(cause instanceof InvalidArgumentError)) throw cause;
          await print(`${visible(cause.message)}\n`);
        }
      }
    }
    return { answers, flags };
  } finally {
    signal.removeEventListener("abort", close);
    input.close();
  }
}
