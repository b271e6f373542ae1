import { existsSync } from "node:fs";
import { join } from "node:path";
import { PatinaError } from "@patina/core";
import type { SearchResult } from "@patina/projections";
import { isBareRepository } from "../project.ts";
import { pagerEnvironment, pagerOf, runInTerminal } from "../terminal/pager.ts";
import { warn } from "../terminal/warning.ts";
import { editorCommand } from "./editor.ts";
import { placeOf } from "./result-text.ts";

/** Opens a result: a file in the editor at its first line, a commit by `git show` in the pager. */
export async function openResult(root: string, result: SearchResult): Promise<void> {
  const { path, commit, startLine } = result;
  if (path === null) {
    await showCommit(root, commit ?? "");
    return;
  }
  const file = join(root, path);
  if (!existsSync(file)) {
    const what = isBareRepository(root)
      ? `${placeOf(result)} cannot be opened, since a bare repository has no working tree: \`git show HEAD:${path}\` prints the file`
      : `${placeOf(result)} was indexed and is not in the working tree now: run \`patina oxidize\`, or look into the history`;
    throw new PatinaError("INVALID_INPUT", what, { file });
  }
  const { command, editor, knowsLine } = editorCommand(file, startLine);
  if (!knowsLine) warn("EDITOR", `how ${editor} is told a line is not known: the place is line ${startLine}`);
  await runInTerminal(command, { cwd: root, name: editor });
}

/** No program that a repository's configuration names is run: what it holds may be a stranger's. */
async function showCommit(root: string, commit: string): Promise<void> {
  const safe = ["-c", "core.fsmonitor=false", "-c", "log.showSignature=false"];
  const command = ["git", ...safe, "show", "--no-ext-diff", "--no-textconv", commit, "--"];
  const env = { ...pagerEnvironment(), GIT_PAGER: pagerOf() ?? "cat" };
  await runInTerminal(command, { cwd: root, env, name: "git show" });
}
