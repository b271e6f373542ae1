import type { Recipe } from "../recipe/recipe.ts";
import type { SourceDocument } from "../sources/document.ts";

/** SHA-256 (hex) of a text in UTF-8. */
export function sha256(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}

/** JSON with the keys of every object in order, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}

/** The text as the model sees it: the passage template with `{text}` filled in, or the text alone. */
export function renderPassage(template: string | null, text: string): string {
  // Split and join, because a replacement string would act on `$&` and its like in the text.
  return template === null ? text : template.split("{text}").join(text);
}

/**
 * SHA-256 over the parts of a recipe that decide what is indexed and by what; heads and gate change no vector here. What
 * `auto` may lose is not among them: the variant that it came to is, in the identity of the encoder.
 */
export function recipeDigest(recipe: Recipe): string {
  const { embeddingModel, runtime, variant, dimension, sources } = recipe;
  return sha256(canonicalJson({ embeddingModel, runtime, variant, dimension, sources }));
}

/** SHA-256 over kind, source and fingerprint of every document, whatever order they came in. */
export class DocumentsDigest {
  readonly #lines: string[] = [];

  add({ kind, source, fingerprint }: Pick<SourceDocument, "kind" | "source" | "fingerprint">): void {
    this.#lines.push(JSON.stringify([kind, source, fingerprint]));
  }

  digest(): string {
    return sha256(this.#lines.sort().join("\n"));
  }
}
