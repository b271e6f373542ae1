import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProject } from "../src/project.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "patina-project-")));
afterAll(() => rmSync(folder, { recursive: true }));
const make = (...parts: string[]): string => {
  const path = join(folder, ...parts);
  mkdirSync(path, { recursive: true });
  return path;
};
const env = { PATINA_HOME: join(folder, "home", ".patina") };

describe("the project's root", () => {
  test("is the repository's, from any depth, also in a worktree and past a .patina in between", () => {
    make("repository", ".git");
    make("repository", "part", ".patina");
    expect(findProject(make("repository", "part", "deep"), env)).toBe(join(folder, "repository"));
    const worktree = make("worktree", "inner");
    writeFileSync(join(folder, "worktree", ".git"), "gitdir: elsewhere\n");
    expect(findProject(worktree, env)).toBe(join(folder, "worktree"));
  });

  test("is a bare repository's own folder; git's folder within a checkout is not one", () => {
    for (const name of ["bare.git", "repository/.git"]) {
      make(name, "objects");
      make(name, "refs");
      writeFileSync(join(folder, name, "HEAD"), "ref: refs/heads/main\n");
    }
    expect(findProject(make("bare.git", "refs", "heads"), env)).toBe(join(folder, "bare.git"));
    expect(findProject(make("repository", ".git", "refs"), env)).toBe(join(folder, "repository"));
  });

  test("without a repository is the nearest folder with a .patina", () => {
    make("plain", ".patina");
    expect(findProject(make("plain", "inner"), env)).toBe(join(folder, "plain"));
  });

  test("is not the home folder because of the user's own .patina", () => {
    make("home", ".patina");
    expect(findProject(make("home", "notes"), env)).toBeUndefined();
    symlinkSync("home", join(folder, "linked"));
    for (const named of ["home/.patina/", "linked/.patina"]) {
      expect(findProject(join(folder, "home"), { PATINA_HOME: join(folder, named) })).toBeUndefined();
    }
  });
});
