import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { ioError } from "../files.ts";
import type { NetworkSettings } from "./network.ts";

/**
 * The certificates to trust where the user names some: a list that is given replaces the runtime's own, so those are in
 * it. `undefined` leaves the runtime to its own.
 */
export async function readCertificates({ certificateFiles }: NetworkSettings): Promise<string[] | undefined> {
  if (certificateFiles.length === 0) return undefined;
  const named = await Promise.all(
    certificateFiles.map((file) =>
      readFile(file, "utf8").catch((cause: unknown) => {
        throw ioError("read certificates from", file, cause);
      }),
    ),
  );
  return [...rootCertificates, ...named];
}
