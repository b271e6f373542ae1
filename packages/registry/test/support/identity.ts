import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Identity } from "./fake-http.ts";

/** A key and its certificate for the loopback interface, which no machine knows, written into a folder as PEM. */
export function makeIdentity(folder: string): Identity & { readonly certificate: string } {
  const key = join(folder, "key.pem");
  const certificate = join(folder, "certificate.pem");
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = Bun.spawnSync([
    "openssl",
    "req",
    "-x509",
    ...curve,
    "-keyout",
    key,
    "-out",
    certificate,
    ...name,
  ]);
  if (made.exitCode !== 0) throw new Error(`openssl made no certificate: ${made.stderr.toString()}`);
  return { key: readFileSync(key, "utf8"), cert: readFileSync(certificate, "utf8"), certificate };
}
