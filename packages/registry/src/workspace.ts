import type { Environment } from "./home.ts";
import type { HubSettings } from "./hub/index.ts";
import type { Catalog } from "./layers.ts";
import type { RetryPolicy } from "./transfer/retry.ts";

/** Everything the registry's operations share: what exists, and where things are. */
export interface Workspace {
  readonly catalog: Catalog;
  readonly env: Environment;
  readonly retry: Partial<RetryPolicy>;
  readonly home: string;
  /** Where the hub is and where its files are kept, as the environment has it. */
  readonly hub: HubSettings;
  readonly projectDir: string | undefined;
  /** The lock that changes go into. */
  readonly lock: string;
  /** The locks that pins are read from, the nearest first. */
  readonly locks: readonly string[];
}
