/**
 * A hub on the loopback interface that speaks what the real one does, and breaks where a test tells it to. As a process
 * of its own, `bun fake-hub.ts DIR` serves every `DIR/OWNER/NAME` as a repository and prints its endpoint.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { digestFile } from "../../src/files.ts";
import { type Identity, sendBytes, type WireRequest, WireServer } from "./fake-http.ts";
import { answer, type Reply } from "./fake-hub-routes.ts";
import {
  type Contents,
  commitName,
  type FakeRepository,
  fakeFile,
  type RepositoryOptions,
} from "./fake-repository.ts";

/** What goes wrong with one answer. */
export interface Fault {
  /** Takes the place of the whole answer. */
  readonly reply?: Reply;
  /** Headers put over the answer's; `null` takes one away. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** The connection ends after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Nothing more comes after so many bytes of the body, and the connection stays. */
  readonly holdAfter?: number;
  /** This byte of the file is another. */
  readonly flip?: number;
  /** So many bytes at a time, with a pause between. */
  readonly trickle?: { readonly bytes: number; readonly everyMs: number };
  /** The whole file comes, whatever range was asked for. */
  readonly ignoreRange?: boolean;
}

/** What was asked, and how much of a body went out. */
export interface RecordedRequest extends WireRequest {
  readonly origin: string;
  /** Bytes of the body that were handed to the connection. */
  sent: number;
}

/** The names of files in large-file storage, where a folder is served. */
const LARGE_FILE = /\.(onnx|onnx_data|safetensors|bin)$/;

export class FakeHub implements AsyncDisposable {
  readonly repositories: Map<string, FakeRepository> = new Map();
  readonly requests: RecordedRequest[] = [];
  /** Decides for each request what goes wrong with it; set by a test. */
  fault: (request: RecordedRequest) => Fault | undefined = () => undefined;
  /** Rows of a list in one page. */
  pageSize = 1000;
  #hub: WireServer | undefined;
  #cdn: WireServer | undefined;

  static async start(identity?: Identity): Promise<FakeHub> {
    const hub = new FakeHub();
    const serve = (request: WireRequest, socket: Socket) => hub.#serve(request, socket);
    hub.#hub = await WireServer.start(serve, identity);
    hub.#cdn = await WireServer.start(serve, identity);
    return hub;
  }

  /** What `HF_ENDPOINT` has to be. */
  get endpoint(): string {
    return this.#hub?.origin ?? "";
  }

  /** The other origin, from which large files come. */
  get cdn(): string {
    return this.#cdn?.origin ?? "";
  }

  /** Puts a new commit with exactly these files on a branch, and names it. */
  commit(
    repo: string,
    files: Record<string, Contents>,
    options: RepositoryOptions = {},
    branch = "main",
  ): string {
    const rows = Object.entries(files).map(([path, contents]) =>
      fakeFile(path, contents, options.lfs?.includes(path) ?? false),
    );
    const name = commitName(repo, rows);
    const repository = this.repositories.get(repo) ?? { commits: new Map(), refs: new Map(), gated: false };
    repository.commits.set(name, rows);
    repository.refs.set(branch, name);
    repository.gated = options.gated ?? false;
    this.repositories.set(repo, repository);
    return name;
  }

  /** Bytes of bodies of files that went out, from both origins. */
  get fileBytes(): number {
    const bodies = this.requests.filter(
      ({ method, url }) => method === "GET" && !url.pathname.startsWith("/api/"),
    );
    return bodies.reduce((sum, { sent }) => sum + sent, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hub?.stop();
    await this.#cdn?.stop();
  }

  async #serve(wire: WireRequest, socket: Socket): Promise<boolean> {
    const request: RecordedRequest = { ...wire, origin: wire.url.origin, sent: 0 };
    this.requests.push(request);
    const fault = this.fault(request) ?? {};
    const plain = fault.ignoreRange ? { ...request, headers: { ...request.headers, range: "" } } : request;
    const reply = fault.reply ?? answer(this, plain);
    const headers = { "content-length": `${reply.length}`, ...reply.headers, ...fault.headers };
    const lines = Object.entries(headers).flatMap(([name, value]) =>
      value === null ? [] : `${name}: ${value}`,
    );
    await sendBytes(socket, `HTTP/1.1 ${reply.status} -\r\n${lines.join("\r\n")}\r\n\r\n`);
    if (request.method === "HEAD") return true;
    return this.#sendBody(request, reply, fault, socket);
  }

  async #sendBody(request: RecordedRequest, reply: Reply, fault: Fault, socket: Socket): Promise<boolean> {
    const { flip, trickle } = fault;
    const end = Math.min(
      reply.length,
      fault.cutAfter ?? Number.POSITIVE_INFINITY,
      fault.holdAfter ?? Number.POSITIVE_INFINITY,
    );
    for await (const chunk of reply.body(reply.start)) {
      for (let at = 0; at < chunk.length && request.sent < end; ) {
        const most = Math.min(trickle?.bytes ?? chunk.length, end - request.sent);
        let piece = chunk.subarray(at, at + most);
        const flipped = flip === undefined ? -1 : flip - reply.start - request.sent;
        if (flipped >= 0 && flipped < piece.length) {
          piece = Uint8Array.from(piece, (byte, index) => (index === flipped ? byte ^ 1 : byte));
        }
        if (trickle !== undefined && request.sent > 0) await wait(trickle.everyMs);
        if (!(await sendBytes(socket, piece))) return false;
        request.sent += piece.length;
        at += piece.length;
      }
      if (request.sent >= end) break;
    }
    if (fault.holdAfter !== undefined) await new Promise((resolve) => socket.once("close", resolve));
    return fault.cutAfter === undefined && fault.holdAfter === undefined;
  }
}

if (import.meta.main) {
  const [folder = "."] = process.argv.slice(2);
  const hub = await FakeHub.start();
  for (const owner of readdirSync(folder)) {
    for (const name of readdirSync(join(folder, owner))) {
      const root = join(folder, owner, name);
      const files: Record<string, Contents> = {};
      for (const path of readdirSync(root, { recursive: true }).map(String)) {
        if (statSync(join(root, path)).isFile()) files[path] = await contents(join(root, path));
      }
      // As the real hub's default rules have it: weights are in large-file storage, texts are not.
      const lfs = Object.keys(files).filter((path) => LARGE_FILE.test(path));
      hub.commit(`${owner}/${name}`, files, { lfs });
    }
  }
  console.log(hub.endpoint);
}

/** Large files stay on disk: they may be larger than memory. */
async function contents(file: string): Promise<Contents> {
  return LARGE_FILE.test(file) ? { file, ...(await digestFile(file)) } : readFileSync(file);
}
