/** Documents of a labelled set as passages. */
import { createHash } from "node:crypto";
import type { Passage } from "@patina/projections";
import type { LabelledSet } from "./sets.ts";

/** Each document whole: title and text together, as the sets' table has it. */
export function* wholeDocuments({ documents }: Pick<LabelledSet, "documents">): Generator<Passage, void> {
  for (const [id, { title, text }] of documents) {
    yield passageOf(id, title, title === "" ? text : `${title}\n${text}`, 0);
  }
}

/** A passage of document `id`, whose place in its index is its path. */
export function passageOf(id: string, title: string, text: string, ordinal: number): Passage {
  return {
    id: createHash("sha256")
      .update(JSON.stringify([id, ordinal, text]))
      .digest("hex"),
    kind: "note",
    path: id,
    startLine: null,
    endLine: null,
    commit: null,
    author: null,
    time: null,
    symbol: null,
    marks: [],
    title,
    bodyStart: 0,
    text,
  };
}
