import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A git repository of its own for a test, gone when it is disposed. */
export class Repository implements Disposable {
  readonly root: string = realpathSync(mkdtempSync(join(tmpdir(), "patina-repository-")));

  constructor() {
    this.git("init", "--quiet", "--initial-branch=main");
  }

  /** Writes a file and its folders. */
  write(path: string, content: string | Uint8Array): this {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return this;
  }

  /** Commits all there is. */
  commit(message: string): this {
    this.git("add", "--all");
    this.git("commit", "--quiet", `--message=${message}`);
    return this;
  }

  /** Runs git with nothing of the user's configuration. */
  git(...args: string[]): void {
    const identity = [
      "-c",
      "user.name=Test",
      "-c",
      "user.email=test@example.invalid",
      "-c",
      "commit.gpgsign=false",
    ];
    const { exitCode, stderr } = Bun.spawnSync(["git", ...identity, ...args], {
      cwd: this.root,
      env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
    });
    if (exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
