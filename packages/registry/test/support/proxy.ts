import { createServer, type Server } from "node:http";
import { connect } from "node:net";

/** A proxy that digs tunnels and remembers for whom. */
export class TunnelProxy implements AsyncDisposable {
  readonly tunnels: { readonly to: string; readonly authorization: string | undefined }[] = [];
  readonly #server: Server = createServer();

  static async start(): Promise<TunnelProxy> {
    const proxy = new TunnelProxy();
    proxy.#server.on("connect", ({ url = "", headers }, client) => {
      proxy.tunnels.push({ to: url, authorization: headers["proxy-authorization"] });
      const [host = "", port = ""] = url.split(":");
      const server = connect(Number(port), host, () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        server.pipe(client);
        client.pipe(server);
      });
      server.on("error", () => client.destroy());
      client.on("error", () => server.destroy());
    });
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** `127.0.0.1:PORT` */
  get host(): string {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? `127.0.0.1:${address.port}` : "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
