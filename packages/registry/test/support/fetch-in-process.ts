/**
 * A process of its own that fetches one file: `fetch-in-process.ts REPO PATH`, with the environment's settings. Prints
 * "waiting" when another has the lock, then "fetched", "reused" or the error's code.
 */
import { isPatinaError } from "@patina/core";
import { HubClient, hubSettings } from "../../src/hub/index.ts";

const [repo = "", path = ""] = process.argv.slice(2);
const client = new HubClient(hubSettings(process.env), { attempts: 2, firstDelayMs: 1 });
try {
  const file = await client.fetch(
    { kind: "hub", repo, revision: "main", path },
    { onWait: () => console.log("waiting") },
  );
  console.log(file.fetched ? "fetched" : "reused");
} catch (error) {
  if (!isPatinaError(error)) throw error;
  console.log(`${error.code}: ${error.message}`);
  process.exitCode = error.exitCode;
}
