import { CHECKOUT, commandLine, environment, type RunOptions } from "./patina.ts";

/** A run of the command with a terminal for all its streams. */
export class TerminalRun {
  readonly #child: Bun.Subprocess;
  #shown = "";
  /** How much of it was waited for. */
  #seen = 0;
  #listener: (() => void) | undefined;

  constructor(args: readonly string[], options: RunOptions & { readonly rows?: number } = {}) {
    this.#child = Bun.spawn(commandLine(args), {
      cwd: options.cwd ?? CHECKOUT,
      env: environment({ ...options, env: { NO_COLOR: "1", ...options.env } }),
      terminal: {
        cols: 200,
        rows: options.rows ?? 50,
        data: (_, bytes) => {
          this.#shown += new TextDecoder().decode(bytes);
          this.#listener?.();
        },
      },
    });
  }

  /** All that the terminal has shown. */
  get shown(): string {
    return this.#shown.replaceAll("\r\n", "\n");
  }

  /** Types `keys` once the terminal shows `prompt`, after what was waited for before. */
  async type(prompt: string, keys: string): Promise<void> {
    const from = this.#seen;
    await new Promise<void>((resolve, reject) => {
      this.#listener = () => {
        if (this.#shown.indexOf(prompt, from) >= 0) resolve();
      };
      this.#listener();
      this.#child.exited.then((code) =>
        reject(new Error(`it ended with ${code} before it showed ${prompt}:\n${this.#shown}`)),
      );
    });
    this.#seen = this.#shown.indexOf(prompt, from) + prompt.length;
    this.#child.terminal?.write(keys);
  }

  /** Waits for the end and gives the exit code. */
  end(): Promise<number> {
    return this.#child.exited;
  }
}
