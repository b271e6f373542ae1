/** Documents of a labelled set, each as one passage: title and text together, as the sets' table has it. */
import { createHash } from "node:crypto";
import type { Passage, SourceDocument } from "@patina/projections";
import type { LabelledSet } from "./sets.ts";

/** Documents whose paths are their ids in the set. */
export function* setDocuments({
  documents,
}: Pick<LabelledSet, "documents">): Generator<SourceDocument, void> {
  for (const [id, { title, text }] of documents) {
    const passage = passageOf(id, title, title === "" ? text : `${title}\n${text}`);
    const outcome = { kind: "taken", redactions: 0, validUtf8: true } as const;
    yield {
      kind: passage.kind,
      source: id,
      fingerprint: passage.id,
      read: async () => ({ fingerprint: passage.id, outcome, passages: [passage], touched: [] }),
    };
  }
}

function passageOf(id: string, title: string, text: string): Passage {
  return {
    id: createHash("sha256")
      .update(JSON.stringify([id, text]))
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
