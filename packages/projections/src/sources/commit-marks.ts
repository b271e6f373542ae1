import type { Commit, Person } from "./commits.ts";
import type { CommitMark } from "./passage.ts";

/** Changed paths from which a commit of moves is called a mass rename, and the share of them that only moved. */
const MASS_RENAME = { paths: 10, share: 0.8 };

/** Names and addresses of programs that commit. */
const BOT_NAME =
  /\[bot\]$|^(?:dependabot|renovate|greenkeeper|snyk|pyup|allcontributors|mergify|semantic-release|imgbot|weblate|github[- ]actions?|gitlab[- ]ci|pre-commit-ci|travis[- ]ci|circleci|jenkins)\b|[\s_-]bot$/i;
const BOT_MAIL =
  /\[bot\]@|^(?:(?:support|bot|noreply)@(?:dependabot|renovateapp|greenkeeper|snyk)\b|bot@|[\w.+-]*[-_.]bot@|(?:renovate|dependabot|actions|semantic-release-bot)@)/i;

/** What makes a commit say little about the files it touched. */
export function marksOf(commit: Commit): CommitMark[] {
  const marks: CommitMark[] = [];
  if (commit.parents > 1) marks.push("merge");
  if (isBot(commit.author) || isBot(commit.committer)) marks.push("bot");
  const { touchedCount, renamedCount } = commit;
  if (touchedCount >= MASS_RENAME.paths && renamedCount >= touchedCount * MASS_RENAME.share)
    marks.push("mass-rename");
  return marks;
}

function isBot({ name, mail }: Person): boolean {
  return BOT_NAME.test(name.trim()) || BOT_MAIL.test(mail.trim());
}
