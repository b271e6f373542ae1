import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { buildProgram } from "../src/program.ts";
import { VERSION } from "../src/version.ts";
import { commandLine, environment, loadedBy, patina } from "./support/patina.ts";

/** Every command with the words that call it. */
function commandsOf(command: Command, words: string[] = []): { words: string[]; command: Command }[] {
  return [
    { words, command },
    ...command.commands.flatMap((child) => commandsOf(child, [...words, child.name()])),
  ];
}

const all = commandsOf(buildProgram());

describe("help", () => {
  test.each(all.map(({ words }) => [words.join(" ") || "patina", words] as const))("%s", async (_, words) => {
    const { code, out, error } = await patina([...words, "--help"]);
    expect(code).toBe(0);
    expect(error).toBe("");
    expect(out).toContain("Usage: patina");
    expect(out).toContain("Examples:");
    expect(out).not.toContain("\u001b");
  });

  test("is also a command", async () => {
    expect((await patina(["help"])).out).toBe((await patina(["--help"])).out);
    const { code, out, error } = await patina(["help", "embed"]);
    expect([code, error]).toEqual([0, ""]);
    expect(out).toBe((await patina(["embed", "--help"])).out);
  });

  test("lists the commands of the design", () => {
    const names = all.map(({ words }) => words.join(" "));
    for (const name of [
      "oxidize",
      "scry",
      "embed",
      "trust",
      "doctor",
      "model list",
      "model add",
      "model status",
      "bench runtimes",
    ]) {
      expect(names).toContain(name);
    }
  });

  test("no command prints help to the standard error and exits with 2", async () => {
    for (const args of [[], ["model"], ["bench"]]) {
      const { code, out, error } = await patina(args);
      expect(code).toBe(2);
      expect(out).toBe("");
      expect(error).toContain("Usage: patina");
    }
  });
});

test("the version is the package's", async () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dir, "../package.json"), "utf8"));
  expect(VERSION).toBe(manifest.version);
  expect((await patina(["--version"])).out).toBe(`${VERSION}\n`);
});

test("model list loads no network, no engine and no search", async () => {
  const loaded = await loadedBy(["model", "list"]);
  const of = (name: string): string[] => loaded.filter((path) => path.includes(`packages/${name}/`));
  expect(of("registry")).not.toEqual([]);
  // Resolved, so that the file under another name would be missed here.
  expect(loaded).not.toContain(Bun.resolveSync("../../registry/src/transfer/transport.ts", import.meta.dir));
  for (const name of ["native", "onnx", "engine", "projections"]) expect(of(name)).toEqual([]);
});

describe("usage errors", () => {
  const cases: [string[], string, string?][] = [
    [["embd"], "unknown command 'embd'", "Did you mean embed?"],
    [["model", "ad", "x"], "unknown command 'ad'", "Did you mean add?"],
    [["scry", "--limti", "3", "x"], "unknown option '--limti'", "Did you mean --limit?"],
    [["doctor", "--jsn"], "unknown option '--jsn'", "Did you mean --json?"],
    [["model", "add"], "missing required argument 'key'"],
    [["trust", "me"], "too many arguments"],
    [["scry"], "say what to look for", "such as `patina scry"],
    [["scry", " "], "the query is empty"],
    [["scry", "x", "--limit", "0"], "It is a whole number of at least 1."],
    [["scry", "x", "--limit", "1e3"], "It is a whole number of at least 1."],
    [["scry", "x", "--kind", "comit"], "It is one of code, commit, note, pair.", "Did you mean commit?"],
    [["embed", "x", "--kind", "quary"], "It is one of raw, query, passage.", "Did you mean query?"],
    [["embed", "x", "--runtime", "cuda"], "It is one of auto, onnx, mlx."],
    [["embed", "x", "--input", "jsonl"], "--input is about the standard input", "leave one away"],
    [["embed", "x", "--format", "npy"], "it needs --output FILE"],
    [["-C", "/no/such/folder", "doctor"], "cannot run in /no/such/folder: there is no such folder"],
  ];
  test.each(cases.map(([args, message, hint]) => [args.join(" "), args, message, hint] as const))(
    "%s",
    async (_, args, message, hint) => {
      const { code, out, error } = await patina(args);
      expect(code).toBe(2);
      expect(out).toBe("");
      expect(error.split("\n")[0]).toStartWith("error: ");
      expect(error.split("\n")[0]).toContain(message);
      expect(error.split("\n").length).toBe(hint === undefined ? 2 : 3);
      if (hint !== undefined) expect(error.split("\n")[1]).toStartWith(`hint: ${hint}`);
    },
  );

  test("are JSON where JSON was asked for", async () => {
    const { code, error } = await patina(["doctor", "--json", "--nope"]);
    expect(code).toBe(2);
    expect(JSON.parse(error).error).toMatchObject({
      code: "USAGE",
      exitCode: 2,
      message: "unknown option '--nope'",
    });
  });
});

// The device that is always full exists on Linux only.
test.skipIf(process.platform !== "linux")("output that cannot be written is an error", async () => {
  for (const args of [["--help"], ["model", "list"]]) {
    const child = Bun.spawn(["sh", "-c", 'exec "$@" > /dev/full', "sh", ...commandLine(args)], {
      env: environment(),
      stderr: "pipe",
    });
    expect(await new Response(child.stderr).text()).toStartWith("error: ENOSPC");
    expect(await child.exited).toBe(3);
  }
});
