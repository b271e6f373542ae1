import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { strToU8, type Zippable, zipSync } from "fflate";

/** A folder of a test's own, with a home, a project and an index of wheels in it. Disposing removes it. */
export class Fixture implements Disposable {
  readonly root: string = realpathSync(mkdtempSync(join(tmpdir(), "patina-registry-")));
  readonly home: string = join(this.root, "home");
  readonly project: string = join(this.root, "project");
  readonly index: string = join(this.root, "index");

  constructor() {
    for (const folder of [this.home, join(this.project, ".patina"), this.index]) {
      mkdirSync(folder, { recursive: true });
    }
  }

  /** The environment in which pip sees the fixture's wheels and no network. */
  get env(): Record<string, string | undefined> {
    return {
      ...process.env,
      PIP_NO_INDEX: "1",
      PIP_FIND_LINKS: this.index,
      PIP_CONFIG_FILE: devNull,
      PIP_NO_CACHE_DIR: "1",
    };
  }

  /** Writes a file below the root and gives its path. */
  write(path: string, contents: string | Uint8Array): string {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
    return file;
  }

  /** Puts a wheel of these members into the index and gives its digest. */
  wheel(name: string, members: Zippable): string {
    const info = `${name}-1.0.dist-info`;
    const wheel = zipSync({
      ...members,
      [`${info}/METADATA`]: strToU8(`Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`),
      [`${info}/WHEEL`]: strToU8("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
      [`${info}/RECORD`]: strToU8(""),
    });
    this.write(`index/${name}-1.0-py3-none-any.whl`, wheel);
    return sha256(wheel);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** What node's own hash says of some bytes. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** One file in an entry of {@link registryText}. */
export interface FileRow {
  readonly role: string;
  readonly path: string;
  /** As TOML: `{ kind = "dir", path = "/x" }`. */
  readonly sources: readonly string[];
  readonly sha256?: string;
  readonly size?: number;
}

/** The text of a registry with one small BERT model per key, each with one variant `fp32` for onnx. */
export function registryText(models: Record<string, readonly FileRow[]>): string {
  const entries = Object.entries(models).map(([key, files]) => {
    const rows = files.map(
      (file) =>
        `[[models."${key}".variants.files]]\nrole = "${file.role}"\npath = "${file.path}"\n` +
        `sources = [${file.sources.join(", ")}]\n` +
        (file.sha256 === undefined ? "" : `sha256 = "${file.sha256}"\n`) +
        (file.size === undefined ? "" : `size = ${file.size}\n`),
    );
    return (
      `[models."${key}"]\nname = "${key}"\ndescription = "A model of a test."\nlicense = "MIT"\n` +
      'architecture = "bert"\ndimension = 8\nmax_tokens = 16\npooling = "mean"\nnormalize = true\n' +
      `[[models."${key}".variants]]\nname = "fp32"\nruntime = "onnx"\n${rows.join("")}`
    );
  });
  return `version = 1\n${entries.join("\n")}`;
}

/** A `dir` source as TOML. */
export function dirSource(path: string): string {
  return `{ kind = "dir", path = ${JSON.stringify(path)} }`;
}

/** A `wheel` source as TOML. */
export function wheelSource(name: string, wheelSha256: string, path: string): string {
  return `{ kind = "wheel", package = "${name}", version = "1.0", wheel_sha256 = "${wheelSha256}", path = "${path}" }`;
}

/** The error a promise rejects with; an error of the test when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the promise was expected to reject");
}
