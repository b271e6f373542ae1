import { type ChildProcess, spawn } from "node:child_process";
import { devNull } from "node:os";
import { delimiter, isAbsolute } from "node:path";
import { PatinaError, throwIfAborted } from "@patina/core";

/*
 * git is run on repositories that nobody has vetted. Its configuration, their own included, can name
 * programs (hooks, fsmonitor, diff drivers, signature checks, transports); everything of that kind is turned
 * off here, and only here.
 */
const SAFE_CONFIG = [
  `core.hooksPath=${devNull}`,
  "core.fsmonitor=false",
  "core.untrackedCache=false",
  `core.attributesFile=${devNull}`,
  "diff.external=",
  "diff.ignoreSubmodules=all",
  `diff.orderFile=${devNull}`,
  "log.showSignature=false",
  "log.follow=false",
  "log.mailmap=false",
  "mailmap.file=",
  "mailmap.blob=",
  "log.showRoot=true",
  "protocol.allow=never",
  "submodule.recurse=false",
];

/** How much of git's complaint an error repeats. */
const MAX_COMPLAINT = 2000;

/** What `rev-parse` is asked about a repository: one answer a line. */
const FACTS = ["--is-inside-work-tree", "--is-bare-repository", "--is-shallow-repository"];

/** A repository, seen from a directory in it. */
export class Git {
  readonly directory: string;
  /** Whether the repository is one without a working tree. */
  readonly bare: boolean = false;
  /** Whether older commits than those at hand were left behind when it was cloned. */
  readonly shallow: boolean = false;
  readonly signal: AbortSignal | undefined;
  /** Settings (`name=value` of git's `-c`, as pairs) beside {@link SAFE_CONFIG}. */
  readonly #config: readonly (readonly [name: string, value: string])[];

  private constructor(
    directory: string,
    signal: AbortSignal | undefined,
    config: readonly (readonly [string, string])[],
    facts?: Pick<Git, "bare" | "shallow">,
  ) {
    this.directory = directory;
    this.signal = signal;
    this.#config = config;
    Object.assign(this, facts);
  }

  /**
   * Looks at the repository that `directory` is in.
   *
   * @throws NOT_A_REPOSITORY where there is none, git is missing, or the directory is git's own.
   */
  static async open(directory: string, signal?: AbortSignal): Promise<Git> {
    let git = new Git(directory, signal, []);
    let said: string;
    try {
      said = await git.text(["rev-parse", ...FACTS]);
    } catch (error) {
      if (!String((error as Error).message).includes("dubious ownership")) throw error;
      // The user's own list of trusted directories is the one thing taken from the configuration outside.
      const trusted = await git.#trustedDirectories();
      git = new Git(
        directory,
        signal,
        trusted.map((path) => ["safe.directory", path] as const),
      );
      said = await git.text(["rev-parse", ...FACTS]);
    }
    const [inside, bare, shallow] = said.split("\n").map((answer) => answer === "true");
    if (!inside && !bare) {
      const message = `${directory} is where git keeps its own files; run this in the checkout they belong to`;
      throw new PatinaError("NOT_A_REPOSITORY", message, { file: directory });
    }
    return new Git(directory, signal, git.#config, { bare: bare === true, shallow: shallow === true });
  }

  /**
   * The same repository without the filters that its configuration names: to compare a file with what is committed, git
   * would run them.
   */
  async withoutFilters(): Promise<Git> {
    const names = (await this.text(["config", "--list", "--name-only", "-z"])).split("\0");
    const filters = new Set(names.flatMap((name) => /^(filter\..*)\.[^.]+$/s.exec(name)?.[1] ?? []));
    const off = [...filters].flatMap((filter) => [
      [`${filter}.clean`, ""] as const,
      [`${filter}.process`, ""] as const,
      [`${filter}.required`, "false"] as const,
    ]);
    return new Git(this.directory, this.signal, [...this.#config, ...off], this);
  }

  /** All that a short command prints. */
  async text(parameters: readonly string[], input?: string): Promise<string> {
    return (await this.bytes(parameters, input)).toString("utf8");
  }

  /** {@link Git.text} before it is decoded. */
  async bytes(parameters: readonly string[], input?: string): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.stream(parameters, input)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /**
   * What a command prints, as it prints it: git waits while the caller does. Leaving the loop early, or the
   * signal, ends git.
   *
   * @throws NOT_A_REPOSITORY with git's own words when it fails; ABORTED when the signal says so.
   */
  async *stream(parameters: readonly string[], input?: string): AsyncGenerator<Buffer, void> {
    throwIfAborted(this.signal);
    const child = this.spawn(parameters);
    const ended = exitOf(child);
    const complaint = complaintOf(child);
    const abort = () => child.kill();
    this.signal?.addEventListener("abort", abort, { once: true });
    try {
      // git may end before it has read everything; its exit status then says what happened, not the broken pipe.
      child.stdin?.on("error", () => child.stdin?.destroy());
      child.stdin?.end(input ?? "");
      await startOf(child);
      if (child.pid === undefined) throw this.failure(parameters, await ended, "");
      if (child.stdout !== null) for await (const chunk of child.stdout) yield chunk as Buffer;
      const outcome = await ended;
      throwIfAborted(this.signal);
      if (outcome !== 0) throw this.failure(parameters, outcome, await complaint);
    } finally {
      this.signal?.removeEventListener("abort", abort);
      child.kill();
      await ended;
    }
  }

  /** Starts git; who calls this hears of its end and of the signal by itself. */
  spawn(parameters: readonly string[]): ChildProcess {
    const fixed = ["--no-pager", "--literal-pathspecs", ...SAFE_CONFIG.flatMap((setting) => ["-c", setting])];
    return spawn("git", [...fixed, ...parameters], {
      cwd: this.directory,
      env: { ...gitEnvironment(), ...configEnvironment(this.#config) },
      stdio: ["pipe", "pipe", "pipe"],
      shell: false,
      windowsHide: true,
    });
  }

  /** `safe.directory` of the user and of the system; git takes it from no repository's own configuration. */
  async #trustedDirectories(): Promise<string[]> {
    const found: string[] = [];
    for (const scope of ["--system", "--global"]) {
      const child = spawn("git", ["config", scope, "-z", "--get-all", "safe.directory"], {
        env: outsideEnvironment(),
        stdio: ["ignore", "pipe", "pipe"],
      });
      const ended = exitOf(child);
      const chunks: Buffer[] = [];
      for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
      // Status 1: no such setting; anything else leaves the list empty, and git's refusal then reaches the user.
      if ((await ended) === 0) found.push(...Buffer.concat(chunks).toString("utf8").split("\0").slice(0, -1));
    }
    return found;
  }

  /** The error for a command that ended with `outcome` and these words. */
  failure(parameters: readonly string[], outcome: number | string | Error, complaint: string): PatinaError {
    const file = this.directory;
    if (outcome instanceof Error) {
      const missing = (outcome as NodeJS.ErrnoException).code === "ENOENT";
      const message = missing
        ? `git cannot be started in ${file}: the directory does not exist, or git is not installed or not on PATH`
        : `git cannot be started in ${file}: ${outcome.message}`;
      return new PatinaError("NOT_A_REPOSITORY", message, { file, cause: outcome });
    }
    const said = complaint.trim().replace(/\p{Cc}/gu, " ") || `it ended with ${outcome} and said nothing`;
    const message = /not a git repository/i.test(complaint)
      ? `${file} is not in a git repository; run \`git init\` there, or name a directory that is in one`
      : `git ${parameters[0]} failed in ${file}: ${said}`;
    return new PatinaError("NOT_A_REPOSITORY", message, { file, found: said });
  }
}

/** Waits until the program runs, or cannot: then it has no process id. Never rejects. */
function startOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("spawn", resolve);
    child.once("error", () => resolve());
  });
}

/** The exit status, the signal's name, or why the program did not start. Never rejects. */
export function exitOf(child: ChildProcess): Promise<number | string | Error> {
  return new Promise((resolve) => {
    child.once("error", resolve);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "no status"));
  });
}

/** What the program complains about, once it has ended. Never rejects. */
export function complaintOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      if (text.length < MAX_COMPLAINT) text += chunk.toString("utf8");
    });
    child.once("error", () => resolve(text));
    child.once("close", () => resolve(text.slice(0, MAX_COMPLAINT)));
  });
}

/**
 * The environment without what steers git from outside: a hook that calls us has GIT_DIR and GIT_INDEX_FILE
 * set, and would have us read another repository.
 */
function outsideEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  const kept = new Set(["GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_CONFIG_GLOBAL"]);
  for (const [name, value] of Object.entries(process.env)) {
    if (/^PATH$/i.test(name)) continue;
    if (!/^GIT_/i.test(name) || kept.has(name)) environment[name] = value;
  }
  // A relative entry would find a program called git in the repository itself.
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => isAbsolute(entry));
  return { ...environment, PATH: path.join(delimiter), LC_ALL: "C", LANGUAGE: "" };
}

function gitEnvironment(): NodeJS.ProcessEnv {
  return {
    ...outsideEnvironment(),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_PAGER: "cat",
    GIT_TERMINAL_PROMPT: "0",
  };
}

/** Settings by the environment: their names may hold a `=`, at which `-c` would cut them. */
function configEnvironment(config: readonly (readonly [string, string])[]): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { GIT_CONFIG_COUNT: String(config.length) };
  for (const [index, [name, value]] of config.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = name;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return environment;
}
