/** The nearest of `candidates` to `word` by edit distance, if near enough to be a likely slip of the pen. */
export declare function nearest(word: string, candidates: Iterable<string>): string | undefined;
