/** Repositories to index, of any size: functions of Python's standard library under names of their own. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { demand } from "../../benchmarks/prepare.ts";
import { benchmarkTexts } from "../../benchmarks/texts.ts";

/** Functions the repositories are made of; each comes again under other names. */
const FUNCTIONS = 5_000;

/** Functions of one file. */
const FUNCTIONS_A_FILE = 20;

/** A git repository at `folder` (made anew) with so many files; the same ones at each call. */
export function pythonRepository(folder: string, files: number): void {
  const functions = benchmarkTexts(FUNCTIONS);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  demand(["git", "init", "--quiet", folder]);
  for (let file = 0; file < files; file++) {
    const directory = join(folder, `package_${file % 100}`);
    mkdirSync(directory, { recursive: true });
    const body = Array.from({ length: FUNCTIONS_A_FILE }, (_, place) => {
      const number = file * FUNCTIONS_A_FILE + place;
      // The number makes names and texts new where functions come again.
      return (functions[number % FUNCTIONS] as string).replace(/\bdef (\w+)/, `def $1_${number}`);
    });
    writeFileSync(join(directory, `module_${file}.py`), `${body.map(dedent).join("\n\n\n")}\n`);
  }
  commitAll(folder, "Everything");
}

/**
 * A repository at `folder` (made anew) with the files that git tracks in `original`, `times` over. From the second copy on each
 * word of five letters and more ends in the copy's number in one place of three, so that texts are new and still like code.
 */
export function multiplied(original: string, folder: string, times: number): void {
  const listed = Bun.spawnSync(["git", "-C", original, "ls-files", "-z"]).stdout.toString();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  demand(["git", "init", "--quiet", folder]);
  for (const path of listed.split("\0").filter((name) => name !== "")) {
    const bytes = readFileSync(join(original, path));
    for (let copy = 0; copy < times; copy++) {
      const target = join(folder, `copy-${copy}`, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, copy === 0 || bytes.includes(0) ? bytes : renamed(bytes.toString(), copy));
    }
  }
  commitAll(folder, "Everything");
}

function renamed(text: string, copy: number): string {
  let word = 0;
  return text.replace(/\b[A-Za-z]{5,}\b/g, (found) => (word++ % 3 === 0 ? `${found}${copy}` : found));
}

/** Commits what there is. */
export function commitAll(folder: string, message: string): void {
  demand(["git", "-C", folder, "add", "."]);
  const author = ["-c", "user.name=soak", "-c", "user.email=soak@example.org"];
  demand(["git", "-C", folder, ...author, "commit", "--quiet", "-m", message]);
}

/** Methods stand indented in their source, and a file of them would parse as nothing. */
function dedent(text: string): string {
  const [indent = ""] = /^\s*/.exec(text) ?? [];
  return text
    .split("\n")
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join("\n");
}
