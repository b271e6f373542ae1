/** Commits that vote, the best ones. */
export const VOTERS = 50;

/**
 * Files that commits touched, those with the most votes first, each with the sum of its votes: a commit gives every file it
 * touched 1 / (k + place), divided by the root of how many files it touched. Files with equal votes stay in the order in
 * which they were met.
 *
 * @param touched the files of each commit, the best commit first; no more than {@link VOTERS} are meant to vote
 * @param k the constant of reciprocal rank fusion
 */
export function commitVotes<File>(touched: Iterable<readonly File[]>, k: number): [File, number][] {
  const votes = new Map<File, number>();
  let place = 0;
  for (const files of touched) {
    place++;
    // A commit that touched a hundred files says little of each.
    const vote = 1 / ((k + place) * Math.sqrt(files.length));
    for (const file of files) votes.set(file, (votes.get(file) ?? 0) + vote);
  }
  return [...votes].sort(([, a], [, b]) => b - a);
}
