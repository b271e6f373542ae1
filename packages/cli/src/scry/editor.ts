import { basename } from "node:path";
import { UsageError } from "../failure.ts";

/** How editors are told a line: `+12 file`, `--goto file:12`, `file:12`, `--line 12 file`. */
const PLUS_LINE = [
  "vi",
  "vim",
  "nvim",
  "gvim",
  "nano",
  "pico",
  "emacs",
  "emacsclient",
  "micro",
  "kak",
  "mg",
  "ne",
];
const GOTO = ["code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"];
const COLON = ["zed", "zeditor", "subl", "sublime_text", "hx", "helix"];
const LINE_OPTION = ["idea", "webstorm", "pycharm", "goland", "clion", "rustrover", "kate", "mate"];

/** A command line for a shell, and whether the editor is told the line. */
export interface EditorCommand {
  readonly command: readonly string[];
  readonly editor: string;
  readonly knowsLine: boolean;
}

/**
 * The command that opens a file at a line, in the editor that the environment names.
 *
 * @throws UsageError where it names none.
 */
export function editorCommand(
  file: string,
  line: number | null,
  env: NodeJS.ProcessEnv = process.env,
): EditorCommand {
  const editor = [env.VISUAL, env.EDITOR].find((value) => value !== undefined && value.trim() !== "");
  if (editor === undefined) {
    const hint = "such as `export EDITOR=vim` or `export VISUAL='code --wait'`";
    throw new UsageError("--open needs an editor: set VISUAL or EDITOR", hint);
  }
  // The variable is a command line of its own, options included: a shell splits it, as git has it done.
  const run = (...args: string[]): readonly string[] => ["sh", "-c", `${editor} "$@"`, editor, ...args];
  const name = basename(editor.trim().split(/\s+/)[0] ?? "").replace(/\.exe$/, "");
  if (line === null) return { command: run(file), editor, knowsLine: true };
  if (PLUS_LINE.includes(name)) return { command: run(`+${line}`, file), editor, knowsLine: true };
  if (GOTO.includes(name)) return { command: run("--goto", `${file}:${line}`), editor, knowsLine: true };
  if (COLON.includes(name)) return { command: run(`${file}:${line}`), editor, knowsLine: true };
  if (LINE_OPTION.includes(name)) return { command: run("--line", `${line}`, file), editor, knowsLine: true };
  return { command: run(file), editor, knowsLine: false };
}
