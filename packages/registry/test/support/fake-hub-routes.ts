import type { FakeHub, RecordedRequest } from "./fake-hub.ts";
import type { FakeFile, FakeRepository } from "./fake-repository.ts";

/** An answer: what a server says, and the bytes that follow. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body. */
  readonly length: number;
  /** Where in the file the body begins. */
  readonly start: number;
  readonly body: (start: number) => AsyncIterable<Uint8Array>;
}

/** What the real hub answers to a request. */
export function answer(hub: FakeHub, request: RecordedRequest): Reply {
  const path = decodeURIComponent(request.url.pathname);
  if (request.origin === hub.cdn) return fromCdn(hub, request, path);
  const [, repo = "", what = "", rest = ""] =
    /^\/api\/models\/([^/]+\/[^/]+)(?:\/(revision|tree|paths-info)\/(.+))?$/.exec(path) ?? [];
  const [, fileRepo = "", tail = ""] = /^\/([^/]+\/[^/]+)\/resolve\/(.+)$/.exec(path) ?? [];
  const name = repo || fileRepo;
  const repository = hub.repositories.get(name);
  if (repository === undefined) {
    return failure(
      request.headers.authorization === undefined ? 401 : 404,
      "RepoNotFound",
      "Repository not found",
    );
  }
  if (repository.gated && request.headers.authorization === undefined) {
    return failure(401, "GatedRepo", `Access to model ${name} is restricted.`);
  }
  if (fileRepo !== "") return resolved(hub, request, repository, fileRepo, tail);
  const found = commitOf(repository, rest || "main");
  if (found === undefined) return failure(404, "RevisionNotFound", `Invalid rev id: ${rest}`);
  const [commit, files] = found;
  if (what === "tree") return tree(hub, request, files);
  if (what === "paths-info") {
    const { paths } = JSON.parse(request.body) as { paths: string[] };
    return json(files.filter((file) => paths.includes(file.path)).map(row));
  }
  const siblings = files.map((file) => ({ rfilename: file.path }));
  return json({ id: name, modelId: name, sha: commit, private: false, gated: false, tags: [], siblings });
}

/** Some text as an answer. */
export function text(status: number, body: string, headers: Record<string, string> = {}): Reply {
  const bytes = Buffer.from(body);
  return {
    status,
    headers,
    length: bytes.length,
    start: 0,
    body: async function* () {
      yield bytes;
    },
  };
}

/** Something as JSON. */
export function json(value: unknown, headers: Record<string, string> = {}): Reply {
  return text(200, JSON.stringify(value), { "content-type": "application/json", ...headers });
}

/** An error as the hub words it. */
export function failure(status: number, code: string, message: string): Reply {
  return text(status, JSON.stringify({ error: message }), {
    "x-error-code": code,
    "x-error-message": message,
  });
}

function resolved(
  hub: FakeHub,
  request: RecordedRequest,
  repository: FakeRepository,
  repo: string,
  tail: string,
): Reply {
  // A revision may hold slashes, so the longest name that is one decides.
  const parts = tail.split("/");
  for (let count = parts.length - 1; count > 0; count--) {
    const found = commitOf(repository, parts.slice(0, count).join("/"));
    if (found === undefined) continue;
    const [commit, files] = found;
    const path = parts.slice(count).join("/");
    const file = files.find((candidate) => candidate.path === path);
    if (file === undefined) return failure(404, "EntryNotFound", "Entry not found");
    const shared = { "x-repo-commit": commit, "accept-ranges": "bytes" };
    if (file.sha256 === undefined) return ranged(request, file, { ...shared, etag: `"${file.oid}"` });
    const location = `${hub.cdn}/${repo}/${file.sha256}?signature=only-for-this-request`;
    const linked = { "x-linked-etag": `"${file.sha256}"`, "x-linked-size": `${file.size}` };
    return text(302, "Found", { ...shared, ...linked, location });
  }
  return failure(404, "RevisionNotFound", `Invalid rev id: ${parts[0]}`);
}

/** The storage of large files: signed addresses, an ETag that is no digest of its own, and no wish for a token. */
function fromCdn(hub: FakeHub, request: RecordedRequest, path: string): Reply {
  const [, repo = "", sha256 = ""] = /^\/([^/]+\/[^/]+)\/([0-9a-f]{64})$/.exec(path) ?? [];
  const files = [...(hub.repositories.get(repo)?.commits.values() ?? [])].flat();
  const file = files.find((candidate) => candidate.sha256 === sha256);
  if (file === undefined || !request.url.searchParams.has("signature")) return text(403, "AccessDenied");
  return ranged(request, file, { "accept-ranges": "bytes", etag: `"storage-${sha256.slice(0, 16)}-1"` });
}

function ranged(request: RecordedRequest, file: FakeFile, headers: Record<string, string>): Reply {
  const { range = "", "if-range": condition } = request.headers;
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
  if (from === undefined || (condition !== undefined && condition !== headers.etag)) {
    return { status: 200, headers, length: file.size, start: 0, body: file.read };
  }
  const start = Number(from);
  if (start >= file.size) return text(416, "", { "content-range": `bytes */${file.size}` });
  const end = to === "" ? file.size - 1 : Math.min(Number(to), file.size - 1);
  const contentRange = { "content-range": `bytes ${start}-${end}/${file.size}` };
  return {
    status: 206,
    headers: { ...headers, ...contentRange },
    length: end - start + 1,
    start,
    body: file.read,
  };
}

function tree(hub: FakeHub, request: RecordedRequest, files: readonly FakeFile[]): Reply {
  const from = Number(request.url.searchParams.get("cursor") ?? 0);
  const page = files.slice(from, from + hub.pageSize).map(row);
  if (from + hub.pageSize >= files.length) return json(page);
  const next = new URL(request.url);
  next.searchParams.set("cursor", `${from + hub.pageSize}`);
  return json(page, { link: `<${next.href}>; rel="next"` });
}

function row({ path, size, oid, sha256 }: FakeFile): object {
  const lfs = sha256 === undefined ? {} : { lfs: { oid: sha256, size, pointerSize: 134 } };
  return { type: "file", path, size, oid, ...lfs };
}

function commitOf(repository: FakeRepository, revision: string): [string, FakeFile[]] | undefined {
  const commit = repository.refs.get(revision) ?? revision;
  const files = repository.commits.get(commit);
  return files && [commit, files];
}
