import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseRecipe, type Recipe } from "../../src/recipe/index.ts";
import {
  type CollectOptions,
  collectDocuments,
  type Passage,
  ReportBuilder,
  type SourceReport,
} from "../../src/sources/index.ts";

/** A git repository in a temporary folder, made by git itself and untouched by the machine's configuration. */
export class TemporaryRepository {
  readonly root: string = mkdtempSync(join(tmpdir(), "patina-repository-"));

  constructor() {
    this.git("init", "--quiet", "--initial-branch=main");
  }

  /** Runs git, for setting up; `input` goes to its standard input. */
  git(...parameters: string[]): string {
    return this.gitWith({}, ...parameters);
  }

  gitWith(extra: { input?: string | Buffer; env?: Record<string, string> }, ...parameters: string[]): string {
    const result = spawnSync("git", parameters, {
      cwd: this.root,
      input: extra.input ?? "",
      env: { PATH: process.env.PATH, ...IDENTITY, ...extra.env },
    });
    if (result.status !== 0) throw new Error(`git ${parameters.join(" ")}: ${result.stderr}`);
    return result.stdout.toString("utf8");
  }

  write(path: string, content: string | Uint8Array): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** Adds everything, ignored files too, and commits it. */
  commit(message: string, env: Record<string, string> = {}): string {
    this.git("add", "--all", "--force");
    this.gitWith(
      { input: message, env },
      "commit",
      "--quiet",
      "--allow-empty",
      "--file=-",
      "--cleanup=verbatim",
    );
    return this.git("rev-parse", "HEAD").trim();
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export const IDENTITY: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: devNull,
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.org",
  GIT_AUTHOR_DATE: "2024-03-01T12:00:00Z",
  GIT_COMMITTER_DATE: "2024-03-01T12:00:00Z",
};

/** A recipe with a model and these further lines. */
export function recipeOf(more = ""): Recipe {
  return parseRecipe(`embedding_model: m\n${more}`, "oxidize.yaml");
}

/** Everything that a repository gives. */
export async function collect(
  root: string,
  recipe: Recipe = recipeOf(),
  options: Partial<CollectOptions> = {},
): Promise<{ passages: Passage[]; report: SourceReport }> {
  const stream = collectDocuments({ root, recipe, ...options });
  const passages: Passage[] = [];
  const report = new ReportBuilder();
  for await (const document of stream) {
    const read = await document.read();
    report.add(document, read.outcome, read.passages.length);
    passages.push(...read.passages);
  }
  return { passages, report: report.build(stream.facts()) };
}
