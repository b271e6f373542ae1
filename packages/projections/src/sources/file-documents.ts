import { throwIfAborted } from "@patina/core";
import { contentOf } from "./content.ts";
import type { Cutting } from "./cut-text.ts";
import type { DocumentOutcome, ReadDocument, SourceDocument } from "./document.ts";
import { filePassages } from "./file-passages.ts";
import type { ReadResult } from "./file-reader.ts";
import type { Git } from "./git.ts";
import type { IgnoreRules } from "./ignore-rules.ts";
import { skipByName } from "./names.ts";
import { blobId, isBlob } from "./object-id.ts";
import type { SkipReason } from "./passage.ts";
import type { PassageForm } from "./passage-text.ts";
import { redactSecrets } from "./redact.ts";
import { type AttributedFile, type TrackedFile, type Tree, withAttributes } from "./tracked.ts";

/** How the files of a tree become documents. */
export interface FileRules {
  readonly isCode: (path: string) => boolean;
  readonly isNote: (path: string) => boolean;
  readonly ignored: IgnoreRules;
  readonly how: Cutting;
  readonly form: PassageForm;
  /** What a fingerprint has beside the content: how passages are made. */
  readonly cutting: string;
}

/** Every tracked file as a document, those that are left out included. */
export async function* fileDocuments(
  git: Git,
  tree: Tree,
  files: readonly TrackedFile[],
  rules: FileRules,
): AsyncGenerator<SourceDocument, void> {
  for await (const attributed of withAttributes(git, tree, files)) {
    throwIfAborted(git.signal);
    const { path } = attributed.file;
    const kind = rules.isNote(path) ? "note" : "code";
    const reason = skipUnread(attributed, rules);
    yield reason === undefined
      ? await readDocument({
          kind,
          path,
          tree,
          rules,
          blob: attributed.file.blob,
          known: isKnown(attributed),
        })
      : leftOut(kind, path, reason);
  }
}

/** Why a file is left out before it is opened. */
function skipUnread({ file, generated }: AttributedFile, rules: FileRules): SkipReason | undefined {
  const { path, kind } = file;
  if (kind !== "file") return kind;
  if (!rules.isNote(path) && !rules.isCode(path)) return "excluded";
  if (rules.ignored.ignores(path)) return "ignored";
  return skipByName(path) ?? (generated ? "generated" : undefined);
}

function leftOut(kind: "code" | "note", source: string, reason: SkipReason): SourceDocument {
  const fingerprint = `skipped ${reason}`;
  const outcome: DocumentOutcome = { kind: "skipped", reason };
  const read = async (): Promise<ReadDocument> => ({ fingerprint, outcome, passages: [], touched: [] });
  return { kind, source, fingerprint, read };
}

/** Whether git's name for the content stands for what the file holds. */
function isKnown({ file, converted }: AttributedFile): boolean {
  return file.sure && !converted;
}

interface FileToRead {
  readonly kind: "code" | "note";
  readonly path: string;
  readonly tree: Tree;
  readonly rules: FileRules;
  readonly blob: string;
  readonly known: boolean;
}

/** A file whose name is nothing against it. What git is not sure of is read here, for its digest, and let go. */
async function readDocument(file: FileToRead): Promise<SourceDocument> {
  const { kind, path, tree } = file;
  const name = file.known ? file.blob : nameOf(await tree.read(path), file.blob);
  const fingerprint = fingerprintOf(file, name);
  return {
    kind,
    source: path,
    fingerprint,
    async read() {
      const result = await tree.read(path);
      const found = isAs(result, file) ? fingerprint : fingerprintOf(file, nameOf(result, file.blob));
      return { fingerprint: found, touched: [], ...(await passagesOf(file, result)) };
    },
  };
}

/** Whether what was read is what git said is there. A file that is too large was not read, and git is believed. */
function isAs(result: ReadResult, { known, blob }: FileToRead): boolean {
  if (!known) return false;
  if (result.kind === "read") return isBlob(result.bytes, blob);
  return result.kind === "skipped" && (result.reason === "oversized" || result.reason === "empty");
}

/** What reading a file came to in one word: the blob it would be, or why there is none. */
function nameOf(result: ReadResult, like: string): string {
  return result.kind === "read" ? blobId(result.bytes, like) : `${result.kind} ${result.reason}`;
}

function fingerprintOf({ kind, rules }: FileToRead, name: string): string {
  return `${rules.cutting} ${kind} ${name}`;
}

async function passagesOf(
  { kind, path, rules }: FileToRead,
  result: ReadResult,
): Promise<Pick<ReadDocument, "outcome" | "passages">> {
  if (result.kind !== "read") return { outcome: result, passages: [] };
  const content = contentOf(result.bytes);
  if (content.kind === "skipped") return { outcome: content, passages: [] };
  const { text, count } = redactSecrets(content.decoded.text);
  const name = redactSecrets(path);
  const redactions = count + name.count;
  return {
    outcome: { kind: "taken", redactions, validUtf8: content.decoded.valid },
    passages: await filePassages({ kind, path, shownPath: name.text, text }, rules.how, rules.form),
  };
}
