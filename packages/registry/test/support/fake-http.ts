import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers one request on the socket; true keeps the connection for another one. */
export type WireHandler = (request: WireRequest, socket: Socket) => Promise<boolean>;

/** A certificate with its key, as PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** An HTTP/1.1 server over bare sockets: a proper one would not send what a broken one does. */
export class WireServer {
  readonly origin: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(origin: string, server: Server, sockets: Set<Socket>) {
    this.origin = origin;
    this.#server = server;
    this.#sockets = sockets;
  }

  static async start(handler: WireHandler, identity?: Identity): Promise<WireServer> {
    const sockets = new Set<Socket>();
    const scheme = identity === undefined ? "http" : "https";
    const connected = (socket: Socket) => {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("close", () => sockets.delete(socket));
      // A client that is killed or that aborts resets its connection; that is what some tests are about.
      socket.on("error", () => socket.destroy());
      serve(socket, scheme, handler);
    };
    const server =
      identity === undefined ? createServer(connected) : createTlsServer({ ...identity }, connected);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    return new WireServer(`${scheme}://127.0.0.1:${address.port}`, server, sockets);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** Reads request after request. */
function serve(socket: Socket, scheme: string, handler: WireHandler): void {
  let received = Buffer.alloc(0);
  let busy = false;
  const next = async () => {
    if (busy) return;
    const parsed = parse(received, scheme);
    if (parsed === undefined) return;
    busy = true;
    received = received.subarray(parsed.length);
    const stays = await handler(parsed.request, socket);
    busy = false;
    if (stays) await next();
    else socket.destroySoon();
  };
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    next().catch((error: unknown) => socket.destroy(error as Error));
  });
}

function parse(received: Buffer, scheme: string): { request: WireRequest; length: number } | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = received.subarray(0, end).toString("latin1").split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = end + 4 + Number(headers["content-length"] ?? 0);
  if (received.length < length) return undefined;
  const [method = "", target = ""] = first.split(" ");
  const url = new URL(target, `${scheme}://${headers.host ?? "127.0.0.1"}`);
  return { request: { method, url, headers, body: received.subarray(end + 4, length).toString() }, length };
}

/** Sends bytes, waits where the client is slower, and says whether it is still there. */
export function sendBytes(socket: Socket, bytes: Uint8Array | string): Promise<boolean> {
  return new Promise((resolve) => {
    if (socket.destroyed) {
      resolve(false);
      return;
    }
    const gone = () => resolve(false);
    socket.once("close", gone);
    const sent = () => {
      socket.off("close", gone);
      resolve(!socket.destroyed);
    };
    if (socket.write(bytes)) sent();
    else socket.once("drain", sent);
  });
}
