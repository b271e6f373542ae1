import { PatinaError } from "@patina/core";
import * as v from "valibot";
import { unsafePathReason } from "../safe-path.ts";
import { type Answer, type Attendance, ask, type Channel } from "../transfer/channel.ts";
import { type Asked, hubRefusal } from "./hub-error.ts";
import { COMMIT } from "./layout.ts";

/** A file as the hub lists it. */
export interface HubFile {
  /** Below the repository, with `/`. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** For files in large-file storage only. */
  readonly sha256?: string;
  /** What git calls these bytes; absent for files in large-file storage, where git knows only a pointer to them. */
  readonly gitSha1?: string;
}

const REVISION = v.object({ sha: v.pipe(v.string(), v.regex(COMMIT)) });
const ROW = v.object({
  type: v.string(),
  path: v.string(),
  size: v.optional(v.number()),
  oid: v.optional(v.string()),
  lfs: v.nullish(v.object({ oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), size: v.number() })),
});
const ROWS = v.array(ROW);

/** The hub's answers about repositories, read and mistrusted. */
export class HubApi {
  readonly #channel: Channel;
  readonly #about: Pick<Asked, "endpoint" | "hasToken">;

  constructor(channel: Channel, about: Pick<Asked, "endpoint" | "hasToken">) {
    this.#channel = channel;
    this.#about = about;
  }

  /** The commit that a revision stands for now. */
  async commit(repo: string, revision: string, attendance: Attendance): Promise<string> {
    const url = this.#address(repo, "revision", revision);
    const { sha } = read(REVISION, await this.#ask("GET", url, { repo, revision }, attendance), url);
    return sha;
  }

  /** All files of a commit, page after page. */
  async files(repo: string, commit: string, attendance: Attendance): Promise<HubFile[]> {
    const files: HubFile[] = [];
    let url: URL | undefined = this.#address(repo, "tree", commit);
    url.searchParams.set("recursive", "true");
    for (const seen = new Set<string>(); url !== undefined && !seen.has(url.href); ) {
      seen.add(url.href);
      const answer = await this.#ask("GET", url, { repo, revision: commit }, attendance);
      files.push(...filesOf(repo, read(ROWS, answer, url)));
      url = nextPage(answer, url);
    }
    return files;
  }

  /** What the hub knows of one file; `undefined` where it has none of that path. */
  async file(
    repo: string,
    commit: string,
    path: string,
    attendance: Attendance,
  ): Promise<HubFile | undefined> {
    const url = this.#address(repo, "paths-info", commit);
    const body = JSON.stringify({ paths: [path], expand: false });
    const answer = await this.#ask("POST", url, { repo, revision: commit, path }, attendance, body);
    return filesOf(repo, read(ROWS, answer, url)).find((file) => file.path === path);
  }

  #address(repo: string, what: string, revision: string): URL {
    return new URL(`${this.#about.endpoint}/api/models/${repo}/${what}/${encodeURIComponent(revision)}`);
  }

  #ask(
    method: "GET" | "POST",
    url: URL,
    about: Pick<Asked, "repo" | "revision" | "path">,
    attendance: Attendance,
    body?: string,
  ): Promise<Answer> {
    const refusal = (response: Answer["response"]) => hubRefusal({ ...this.#about, ...about }, response);
    return ask(this.#channel, { method, url, refusal, ...(body === undefined ? {} : { body }) }, attendance);
  }
}

function filesOf(repo: string, rows: v.InferOutput<typeof ROWS>): HubFile[] {
  return rows.flatMap(({ type, path, size, oid, lfs }): HubFile[] => {
    if (type === "directory") return [];
    const reason = type === "file" ? unsafePathReason(path) : `is of type ${JSON.stringify(type)}, no file`;
    if (reason !== undefined) throw hostile(repo, path, reason);
    if (lfs) return [{ path, size: lfs.size, sha256: lfs.oid }];
    if (size === undefined) throw hostile(repo, path, "has no size");
    return [{ path, size, ...(oid !== undefined && COMMIT.test(oid) ? { gitSha1: oid } : {}) }];
  });
}

/** One name that climbs out condemns the list: no honest repository has one. */
function hostile(repo: string, path: string, reason: string): PatinaError {
  return new PatinaError(
    "INTEGRITY",
    `the hub's list of ${repo} is refused: its file ${JSON.stringify(path)} ${reason}. Nothing was fetched`,
    { key: repo, file: path },
  );
}

function nextPage({ response }: Answer, url: URL): URL | undefined {
  const [, address] = /<([^>]+)>\s*;\s*rel="?next"?/.exec(response.header("link") ?? "") ?? [];
  if (address === undefined) return undefined;
  const next = URL.canParse(address, url.href) ? new URL(address, url) : undefined;
  if (next?.origin === url.origin) return next;
  throw new PatinaError(
    "NETWORK",
    `${url.host} continues its list of files at another host; that is not followed`,
    {
      key: url.host,
      found: address,
    },
  );
}

function read<T>(schema: v.GenericSchema<unknown, T>, { text }: Answer, url: URL): T {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw notTheHub(url, "it is no JSON", cause);
  }
  const result = v.safeParse(schema, document);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw notTheHub(url, `${v.getDotPath(issue) ?? "the whole"}: ${issue.message}`);
}

function notTheHub(url: URL, reason: string, cause?: unknown): PatinaError {
  return new PatinaError(
    "NETWORK",
    `${url.origin}${url.pathname} does not answer as the hub does (${reason}); check HF_ENDPOINT and the proxy`,
    { key: url.origin, cause },
  );
}
