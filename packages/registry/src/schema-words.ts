import * as v from "valibot";

/** A schema with the words that an editor shows beside its key. */
export function told<const S extends v.GenericSchema>(
  schema: S,
  text: string,
): v.SchemaWithPipe<readonly [S, v.DescriptionAction<v.InferOutput<S>, string>]> {
  return v.pipe(schema, v.description(text));
}

/** Some text. */
export const TEXT: v.GenericSchema<string> = v.pipe(v.string(), v.minLength(1, "some text"));

/** A whole number of at least 1. */
export const COUNT: v.GenericSchema<number> = v.pipe(
  v.number(),
  v.integer("a whole number"),
  v.minValue(1, "1 or more"),
);
