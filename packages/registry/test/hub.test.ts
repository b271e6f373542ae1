import { describe, expect, test } from "bun:test";
import { readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { HubClient, hubLocation, hubSettings } from "../src/hub/index.ts";
import { openRegistry } from "../src/index.ts";
import { FakeHub } from "./support/fake-hub.ts";
import { Fixture, rejection, sha256 } from "./support/fixture.ts";

const REPO = "owner/name";
const WEIGHTS = new Uint8Array(300_000).map((_, index) => (index * 7919) >> 5);
const FILES = { "tokenizer.json": '{"version":"1.0"}', "onnx/model.onnx": WEIGHTS };
const LFS = { lfs: ["onnx/model.onnx"] };

function source(path: string, revision = "main") {
  return { kind: "hub", repo: REPO, revision, path } as const;
}

describe("a file of the hub", () => {
  test("goes into the cache in the layout of Python's tools, and is not fetched again", async () => {
    using fixture = new Fixture();
    await using hub = await FakeHub.start();
    const commit = hub.commit(REPO, FILES, LFS);
    const settings = hubSettings({ HF_ENDPOINT: hub.endpoint, HF_HOME: fixture.home });
    const seen: (number | null)[] = [];
    const file = await new HubClient(settings).fetch(source("onnx/model.onnx"), {
      onBytes: (bytes, total) => seen.push(bytes, total),
    });
    const location = hubLocation(settings, REPO, commit, "onnx/model.onnx");
    expect(file).toEqual({
      location,
      sha256: sha256(WEIGHTS),
      size: WEIGHTS.length,
      mtimeNs: `${statSync(location, { bigint: true }).mtimeNs}`,
      source: "hub:owner/name@main/onnx/model.onnx",
      revision: commit,
      fetched: true,
    });
    expect(seen.slice(-2)).toEqual([300_000, 300_000]);
    expect(readFileSync(location)).toEqual(Buffer.from(WEIGHTS));
    expect(readlinkSync(location)).toBe(`../../../blobs/${sha256(WEIGHTS)}`);
    const folder = join(fixture.home, "hub/models--owner--name");
    expect(readFileSync(join(folder, "refs/main"), "utf8")).toBe(commit);

    const bytes = hub.fileBytes;
    const again = await new HubClient(settings).fetch(source("onnx/model.onnx"));
    expect(again).toEqual({ ...file, fetched: false });
    expect(hub.fileBytes).toBe(bytes);
    expect((await new HubClient(settings).fetch(source("tokenizer.json"))).sha256).toBe(
      sha256(FILES["tokenizer.json"]),
    );
  });

  test("is listed with sizes and digests, page after page", async () => {
    using fixture = new Fixture();
    await using hub = await FakeHub.start();
    hub.pageSize = 1;
    const commit = hub.commit(REPO, FILES, LFS);
    const client = new HubClient(hubSettings({ HF_ENDPOINT: hub.endpoint, HF_HOME: fixture.home }));
    expect(await client.resolve(REPO, "main")).toEqual({
      commit,
      files: [
        { path: "tokenizer.json", size: 17, gitSha1: expect.stringMatching(/^[0-9a-f]{40}$/) },
        { path: "onnx/model.onnx", size: 300_000, sha256: sha256(WEIGHTS) },
      ],
    });
  });
});

test.each([
  ["hub.corp", /HF_ENDPOINT is "hub.corp", which is no http/],
  ["https://me:secret@hub.corp", /HF_ENDPOINT names hub.corp with a user or a password/],
])("the endpoint %s stops what asks the hub, and nothing else", async (endpoint, message) => {
  using fixture = new Fixture();
  const env = { HF_ENDPOINT: endpoint, HF_HOME: join(fixture.root, "hf") };
  const registry = await openRegistry({ home: fixture.home, env });
  expect(await registry.status("e5-base-v2")).toHaveLength(registry.entry("e5-base-v2").variants.length);
  const error = await rejection(registry.add("e5-base-v2"));
  expect(error).toMatchObject({ code: "INVALID_INPUT", message: expect.stringMatching(message) });
  expect(String(error)).not.toContain("secret");
});
