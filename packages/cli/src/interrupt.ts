import { EXIT } from "./failure.ts";

/**
 * Turns Ctrl-C and a request to end into an aborted signal, so that the work can clean up behind itself and the
 * command exits with 130. A second one ends the process at once.
 */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #listener: () => void;
  readonly #dispose: () => void;

  /** `onFirst` is called at the first one, to say that the command is ending. */
  constructor(onFirst: () => void = () => {}) {
    this.#listener = () => {
      if (this.#controller.signal.aborted) process.exit(EXIT.interrupted);
      this.#controller.abort();
      onFirst();
    };
    for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, this.#listener);
    this.#dispose = () => {
      for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, this.#listener);
    };
  }

  /** Aborted once the person, or the system, asks the command to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#dispose();
  }
}
