import { PatinaError } from "@patina/core";
import { type Attendance, ask, type Channel } from "../transfer/channel.ts";
import type { HttpResponse } from "../transfer/transport.ts";
import type { HubApi, HubFile } from "./api.ts";
import { type Asked, hubRefusal } from "./hub-error.ts";

/** What a file has to be, by the hub's own word, and where it is to be had. */
export interface FileFacts extends HubFile {
  readonly url: URL;
}

/** A file of a commit. */
export interface FilePlace {
  readonly repo: string;
  readonly commit: string;
  readonly path: string;
  /** What the caller holds the file against; with it the hub need not name a digest. */
  readonly sha256?: string | undefined;
}

/**
 * Asks for size and digest of a file: by `HEAD`, as Python does, and, where a mirror's ETag is no digest or its answer
 * has no size, by the list.
 *
 * @throws PatinaError `INTEGRITY` where neither names a digest: there would be nothing to hold the bytes against.
 */
export async function fileFacts(
  channel: Channel,
  api: HubApi,
  about: Pick<Asked, "endpoint" | "hasToken">,
  { repo, commit, path, sha256 }: FilePlace,
  attendance: Attendance,
): Promise<FileFacts> {
  const parts = path.split("/").map(encodeURIComponent).join("/");
  const url = new URL(`${about.endpoint}/${repo}/resolve/${commit}/${parts}`);
  const refusal = (answer: HttpResponse) => hubRefusal({ ...about, repo, revision: commit, path }, answer);
  const { response } = await ask(channel, { method: "HEAD", url, stayOnOrigin: true, refusal }, attendance);
  const found = response.header("x-repo-commit");
  if (found !== undefined && found !== commit) {
    throw new PatinaError(
      "INTEGRITY",
      `${about.endpoint} answers for ${path} of ${repo} with commit ${found}, not ${commit}`,
      {
        key: repo,
        expected: commit,
        found,
      },
    );
  }
  const etag = linkedEtag(response);
  const size = linkedSize(response);
  if (size !== undefined && etag !== undefined) {
    if (/^[0-9a-f]{64}$/.test(etag)) return { path, url, size, sha256: etag };
    if (/^[0-9a-f]{40}$/.test(etag)) return { path, url, size, gitSha1: etag };
  }
  if (size !== undefined && sha256 !== undefined) return { path, url, size, sha256 };
  const listed = await api.file(repo, commit, path, attendance);
  if (listed?.sha256 !== undefined || listed?.gitSha1 !== undefined) return { ...listed, url };
  throw new PatinaError(
    "INTEGRITY",
    `${about.endpoint} names no digest for ${path} of ${repo} (its ETag is ${etag ?? "missing"}), so nothing tells ` +
      "whether the right bytes arrive; nothing was fetched. Use another HF_ENDPOINT",
    { key: repo, file: path, found: etag ?? "no ETag" },
  );
}

/** The ETag of the file itself, not of a redirect's answer, without what HTTP puts around it. */
export function linkedEtag({ header }: HttpResponse): string | undefined {
  const etag = header("x-linked-etag") ?? header("etag");
  return etag?.replace(/^W\//, "").replaceAll('"', "") || undefined;
}

function linkedSize({ status, header }: HttpResponse): number | undefined {
  // A redirect has a length as well: its own.
  const size = header("x-linked-size") ?? (status === 200 ? header("content-length") : undefined);
  return size !== undefined && /^\d+$/.test(size) ? Number(size) : undefined;
}
