import { setImmediate } from "node:timers/promises";
import { PatinaError, throwIfAborted } from "@patina/core";
import type { ReadDocument, SourceDocument } from "../sources/document.ts";
import type { BaseGeneration } from "./base-generation.ts";
import type { Draft } from "./draft.ts";
import { DocumentsDigest } from "./identity.ts";
import { Leftovers } from "./leftovers.ts";
import type { StoredDocument } from "./stored-documents.ts";

/** Documents between two returns to the event loop. */
const DOCUMENTS_AT_ONCE = 500;

/** Passages between two progress events. */
const PASSAGES_AT_ONCE = 500;

/** What {@link collectChanges} needs. */
export interface CollectRequest {
  readonly documents: AsyncIterable<SourceDocument> | Iterable<SourceDocument>;
  readonly base: BaseGeneration | null;
  /** Makes the draft; called at the first change, so that nothing is copied where there is none. */
  readonly openDraft: () => Promise<Draft>;
  /** SHA-256 (hex) of a text as the model sees it. */
  readonly digestOf: (text: string) => string;
  readonly signal: AbortSignal | undefined;
  /** Told how many passages were read. */
  readonly onPassages: (read: number) => void;
}

/** What a run found its documents to be. */
export interface Changes {
  /** SHA-256 over all documents, the unchanged ones included. */
  readonly documentsDigest: string;
  /** Passages that went, or that were read again. */
  readonly leftovers: Leftovers;
  /** Documents that were read. */
  readonly read: number;
  /** Documents that are as they were. */
  readonly kept: number;
  /** Documents that are gone. */
  readonly removed: number;
}

/** Reads the documents that are new or changed into the draft, and takes out those that are gone. */
export async function collectChanges(request: CollectRequest): Promise<Changes> {
  const collector = new Collector(request);
  let done = 0;
  for await (const document of request.documents) {
    throwIfAborted(request.signal);
    await collector.take(document);
    if (++done % DOCUMENTS_AT_ONCE === 0) await setImmediate();
  }
  throwIfAborted(request.signal);
  return collector.finish();
}

class Collector {
  readonly #request: CollectRequest;
  /** Documents of the base that have not been seen yet. */
  readonly #unseen: Map<string, StoredDocument>;
  readonly #seen: Set<string> = new Set();
  readonly #digest = new DocumentsDigest();
  readonly #leftovers = new Leftovers();
  #passages = 0;
  #read = 0;
  #kept = 0;

  constructor(request: CollectRequest) {
    this.#request = request;
    const stored = request.base?.stored.list() ?? [];
    this.#unseen = new Map(stored.map((document) => [keyOf(document), document]));
  }

  async take(document: SourceDocument): Promise<void> {
    const key = keyOf(document);
    if (this.#seen.has(key)) {
      throw new PatinaError("INTERNAL", `the sources gave the ${document.kind} ${document.source} twice`, {
        key: document.source,
      });
    }
    this.#seen.add(key);
    const known = this.#unseen.get(key);
    this.#unseen.delete(key);
    if (known?.fingerprint === document.fingerprint) return this.#keep(known);
    const read = await document.read();
    // A file that could not be read has a fingerprint of its own, and is tried again each time.
    if (known?.fingerprint === read.fingerprint) return this.#keep(known);
    if (known !== undefined) await this.#remove(known);
    await this.#add(document, read);
  }

  async finish(): Promise<Changes> {
    for (const document of this.#unseen.values()) await this.#remove(document);
    this.#request.onPassages(this.#passages);
    return {
      documentsDigest: this.#digest.digest(),
      leftovers: this.#leftovers,
      read: this.#read,
      kept: this.#kept,
      removed: this.#unseen.size,
    };
  }

  #keep(document: StoredDocument): void {
    this.#digest.add(document);
    this.#kept++;
  }

  async #remove({ id }: StoredDocument): Promise<void> {
    for (const passage of this.#request.base?.stored.passages(id) ?? []) this.#leftovers.add(passage);
    (await this.#request.openDraft()).documents.remove(id);
  }

  async #add({ kind, source }: SourceDocument, read: ReadDocument): Promise<void> {
    const digests = read.passages.map(({ text }) => this.#request.digestOf(text));
    (await this.#request.openDraft()).documents.add({ kind, source }, read, digests);
    this.#digest.add({ kind, source, fingerprint: read.fingerprint });
    this.#read++;
    const told = Math.floor(this.#passages / PASSAGES_AT_ONCE);
    this.#passages += read.passages.length;
    if (Math.floor(this.#passages / PASSAGES_AT_ONCE) > told) this.#request.onPassages(this.#passages);
  }
}

function keyOf({ kind, source }: Pick<SourceDocument, "kind" | "source">): string {
  return `${kind} ${source}`;
}
