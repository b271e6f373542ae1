import { abortedError } from "@patina/core";
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

/**
 * Waits for something that knows no signal (a read of the standard input), at most until the signal is aborted.
 * `Promise.race` with one lasting promise would keep every result alive for as long as that promise lives.
 *
 * @throws PatinaError `ABORTED`.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortedError(signal));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
