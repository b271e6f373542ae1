import type { SourceDocument } from "../../src/sources/document.ts";
import { documentOf, passage } from "../fixtures/passages.ts";

/** Files of a state; every third changes from each state to the next. */
const FILES = 240;

/** The documents of a numbered state: one says which state it is, the others differ in part from those before. */
export function* stateDocuments(state: number): Generator<SourceDocument, void> {
  yield documentOf("state.md", [passage(`statemarker is${state}is`, { path: "state.md", kind: "note" })], {
    kind: "note",
  });
  for (let number = 0; number < FILES; number++) {
    const version = Math.floor((state + (number % 3)) / 3);
    const path = `src/file-${number}.ts`;
    const passages = Array.from({ length: 4 }, (_, ordinal) =>
      passage(`${path}\nversion${version} body${number}x${ordinal} ${"some words of a body ".repeat(20)}`, {
        path,
        startLine: ordinal + 1,
        bodyStart: path.length + 1,
      }),
    );
    yield documentOf(path, passages);
  }
}

/** The state that a text of its marker names. */
export function markerOf(text: string): string {
  return /^statemarker is(\d+)is$/.exec(text)?.[1] ?? `no marker: ${text}`;
}
