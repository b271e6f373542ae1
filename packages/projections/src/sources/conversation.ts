import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { throwIfAborted } from "@patina/core";
import { complaintOf, exitOf, type Git } from "./git.ts";

/** An answer of git may be longer than this; what comes after is let go, and the answer says so. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** What git said to one question. */
export interface Answer {
  /** The bytes, at most {@link MAX_ANSWER_BYTES} of them. */
  readonly bytes: Buffer;
  readonly complete: boolean;
}

/**
 * One git that answers many questions, a line each (`cat-file --batch`, `diff-tree --stdin`): to start one per commit
 * would take longer than the answer. After each question comes one that is no object's name, made up anew for each
 * conversation, so that its echo can be in no answer; it makes git write out what it has.
 *
 * git is started by the first question, and ends with {@link Conversation.end}; a question after that has a git of its own.
 */
export class Conversation {
  readonly #git: Git;
  readonly #parameters: readonly string[];
  readonly #nonce = `end-${randomUUID()}`;
  readonly #echo: Buffer;
  #child: Child | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;

  /** @param afterEcho what the command writes after an unknown name that it repeats */
  constructor(git: Git, parameters: readonly string[], afterEcho: string) {
    this.#git = git;
    this.#parameters = parameters;
    this.#echo = Buffer.from(`${this.#nonce}${afterEcho}\n`);
  }

  /** Asks after those who asked before. @throws NOT_A_REPOSITORY when git gives up; ABORTED. */
  ask(question: string): Promise<Answer> {
    const answer = this.#last.then(() => this.#askNow(question));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Lets git go. */
  end(): void {
    this.#ended = true;
    this.#letGo();
  }

  async #askNow(question: string): Promise<Answer> {
    throwIfAborted(this.#git.signal);
    this.#child ??= new Child(this.#git, this.#parameters);
    const answer = await this.#child.ask(`${question}\n${this.#nonce}\n`, this.#echo);
    if (answer !== null) {
      if (this.#ended) this.#letGo();
      return answer;
    }
    const { outcome, complaint } = this.#child;
    this.#child = undefined;
    throwIfAborted(this.#git.signal);
    throw this.#git.failure(this.#parameters, await outcome, await complaint);
  }

  #letGo(): void {
    this.#child?.end();
    this.#child = undefined;
  }
}

/** A running git and the answer that it is giving. */
class Child {
  readonly outcome: Promise<number | string | Error>;
  readonly complaint: Promise<string>;
  readonly #process: ChildProcess;
  readonly #signal: AbortSignal | undefined;
  readonly #abort = () => this.#process.kill();
  #heard: (chunk: Buffer) => void = () => {};

  constructor(git: Git, parameters: readonly string[]) {
    this.#process = git.spawn(parameters);
    this.#signal = git.signal;
    this.outcome = exitOf(this.#process);
    this.complaint = complaintOf(this.#process);
    // Where git has ended, its exit status says what happened, not the broken pipe.
    this.#process.stdin?.on("error", () => this.#process.stdin?.destroy());
    this.#process.stdout?.on("data", (chunk: Buffer) => this.#heard(chunk));
    this.#signal?.addEventListener("abort", this.#abort, { once: true });
  }

  /** What comes before `echo`; null when git ends first. */
  async ask(input: string, echo: Buffer): Promise<Answer | null> {
    const chunks: Buffer[] = [];
    let length = 0;
    let dropped = false;
    let tail = Buffer.alloc(0);
    const answered = new Promise<true>((resolve) => {
      this.#heard = (chunk) => {
        tail = Buffer.concat([tail.subarray(-echo.length), chunk.subarray(-echo.length)]);
        if (length > MAX_ANSWER_BYTES) dropped = true;
        else chunks.push(chunk);
        length += chunk.length;
        if (tail.subarray(-echo.length).equals(echo)) resolve(true);
      };
    });
    this.#process.stdin?.write(input);
    const over = await Promise.race([answered, this.outcome.then(() => false)]);
    if (!over) return null;
    const bytes = Buffer.concat(chunks);
    return { bytes: dropped ? bytes : bytes.subarray(0, bytes.length - echo.length), complete: !dropped };
  }

  end(): void {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#process.stdin?.end();
    this.#process.kill();
  }
}
