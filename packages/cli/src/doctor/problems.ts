import { isPatinaError } from "@patina/core";

/** Something that keeps the command from working, with what to do about it. */
export interface Problem {
  readonly code: string;
  readonly message: string;
}

/**
 * What is wrong, gathered: one part that cannot be looked at does not hide the others. What is no error of the
 * packages is a defect and not caught.
 */
export class Problems {
  readonly all: Problem[] = [];

  /** What `look` finds, or null and a problem. Errors of the codes in `expected` are no problem. */
  async or<T>(look: () => T | Promise<T>, expected: readonly string[] = []): Promise<T | null> {
    try {
      return await look();
    } catch (error) {
      if (!isPatinaError(error)) throw error;
      if (!expected.includes(error.code)) this.all.push({ code: error.code, message: error.message });
      return null;
    }
  }
}
