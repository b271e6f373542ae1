/** SEARCH.md, made of SEARCH.json alone. */
import { table } from "../measurement.ts";
import type { Difference, Figures } from "./figures.ts";
import type { FormFigures } from "./forms.ts";
import type { MeasuredTask, SearchData } from "./measure.ts";
import type { Way } from "./ways.ts";

/** Where and when. */
export interface Circumstances {
  /** ISO 8601. */
  readonly when: string;
  readonly machine: string;
  /** The command. */
  readonly command: string;
}

/** The page; `plot` and `numbers` lie beside it. */
export function searchPage(data: SearchData, { when, machine, command }: Circumstances): string {
  const sets = data.tasks.filter(({ set }) => set !== undefined);
  const histories = data.tasks.filter(({ history }) => history !== undefined);
  return `# How well the search finds

Written by \`${command}\`; [search/README.md](search/README.md) says what is measured and what was concluded,
[SEARCH.json](SEARCH.json) has every number. ${when.slice(0, 10)}. ${machine.replaceAll("\n", " ")}
Model: all-MiniLM-L6-v2, float32. Figures are nDCG@10 on test queries with 95 % intervals over queries (bootstrap, BCa);
differences are paired, with the p-value of a randomisation test. What is chosen is chosen on other queries.

![Bars of what is below](SEARCH.svg)

## Ways to fuse
Chosen: **${wayText(data.chosen)}**, the best over all validation queries by a file's best passage. Every task counts the same; the
best on validation queries were

- over all tasks: ${wayText(data.bestOfAll)}
${data.bestOfSets === null ? "" : `- over the labelled sets alone: ${wayText(data.bestOfSets)}\n`}- over the repositories alone: ${wayText(data.bestOfHistories)}

## Labelled sets
${sets.length === 0 ? "Not measured: `PATINA_DATASETS` names no folder of sets." : `${figuresTable(sets)}\n\nAgainst sentence-transformers on the same texts, on the test queries as published:\n\n${referenceTable(sets)}`}

## Repositories' histories
The messages of later commits are the queries, the files they touched the answers; tree, full-text and vectors are those of
the split, and commits after it are not indexed.

${historyTable(histories)}

${figuresTable(histories)}

All repositories together (${histories.reduce((sum, { figures }) => sum + figures.queries.test, 0)} test queries): full-text ${figureText(data.histories.fullText)},
vectors ${figureText(data.histories.vectors)}, equal weights with k = 60 ${figureText(data.histories.equal)}, chosen ${figureText(data.histories.chosen)}.
Those less full-text: ${differenceText(data.histories.equalLessFullText)}; chosen less full-text: ${differenceText(data.histories.chosenLessFullText)};
chosen less vectors: ${differenceText(data.histories.chosenLessVectors)}.

## Weights
nDCG@10 on test queries by the share of vectors in the weights, at k = ${data.chosen.k}, by the best passage alone:

${sharesTable(data)}

## Passages that a document is ranked by
nDCG@10 on test queries of repositories, by how many of a file's best passages a list adds up:

${perDocumentTable(histories, data.chosen)}

## Commits that vote for files
Commits that the query finds give their place to the files they touched, as a third list. Chosen on validation:
weight ${data.votes.best.weight} (the two other lists count 1 together), ${data.votes.best.voters} commits.

${votesTable(data)}

## Forms of passages
${data.forms === null ? "Not tried in this run: `--forms` does." : formsTable(data.forms)}
`;
}

function wayText({ vectors, k, passagesPerDocument }: Way): string {
  const percent = Math.round(vectors * 100);
  const passages =
    passagesPerDocument === 1
      ? "the best passage alone"
      : `the best ${passagesPerDocument} passages added up`;
  return `full-text ${100 - percent} : vectors ${percent}, k = ${k}, ${passages}`;
}

function figureText({ ndcg }: Figures): string {
  return `${digits(ndcg.mean)} (${digits(ndcg.low)}–${digits(ndcg.high)})`;
}

function differenceText({ mean, low, high, pValue }: Difference): string {
  const p = pValue < 0.001 ? "p < 0.001" : `p = ${pValue.toFixed(3)}`;
  return `${signed(mean)} (${signed(low)} to ${signed(high)}, ${p})`;
}

function digits(value: number): string {
  return value.toFixed(3);
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

function figuresTable(tasks: readonly MeasuredTask[]): string {
  const first = tasks.map(({ name, figures: { queries, fullText, vectors, equal, chosen, own } }) => [
    name,
    `${queries.validation} / ${queries.test}`,
    ...[fullText, vectors, equal, chosen, own].map(figureText),
  ]);
  const second = tasks.map(({ name, figures }) => [
    name,
    differenceText(figures.chosenLessFullText),
    differenceText(figures.chosenLessVectors),
    wayText(figures.own.way),
    `${differenceText(figures.ownLessBetter)} than ${figures.ownLessBetter.better}`,
  ]);
  return [
    table(["", "queries", "full-text", "vectors", "equal, k = 60", "chosen", "its own best"], first),
    table(
      [
        "",
        "chosen less full-text",
        "chosen less vectors",
        "its own best way",
        "its own best, less the better list",
      ],
      second,
    ),
  ].join("\n\n");
}

function referenceTable(sets: readonly MeasuredTask[]): string {
  const rows = sets.flatMap(({ name, set }) => {
    if (set === undefined) return [];
    const { documents, reference, found } = set;
    const difference = found.mean - reference;
    const met = Math.abs(difference) <= 0.005 ? "met" : "**MISSED**";
    return [[name, String(documents), digits(reference), digits(found.mean), signed(difference), met]];
  });
  return table(["", "documents", "reference", "vectors", "difference", "within 0.005"], rows);
}

function historyTable(histories: readonly MeasuredTask[]): string {
  const rows = histories.flatMap(({ name, history }) => {
    if (history === undefined) return [];
    const { split, passages, files, leftOut } = history;
    const left = Object.entries(leftOut).filter(([, count]) => count > 0);
    return [
      [
        name,
        `${split.before} of ${split.all}, ${split.commit.slice(0, 12)}`,
        String(files),
        String(passages),
        left.map(([why, count]) => `${count} ${why}`).join(", "),
      ],
    ];
  });
  return table(["", "split", "files", "passages", "later commits left out"], rows);
}

function sharesTable({ tasks, chosen }: SearchData): string {
  const rowsOf = ({ name, grid }: MeasuredTask) => {
    const some = grid.filter(
      ({ k, vectors, passagesPerDocument }) =>
        passagesPerDocument === 1 && (k === chosen.k || vectors === 0 || vectors === 1),
    );
    return { name, some };
  };
  const rows = tasks.map(rowsOf);
  const shares = rows[0]?.some.map(({ vectors }) => vectors) ?? [];
  return table(
    ["", ...shares.map((share) => `${Math.round(share * 100)} %`)],
    rows.map(({ name, some }) => [name, ...some.map(({ test }) => digits(test))]),
  );
}

function perDocumentTable(histories: readonly MeasuredTask[], chosen: Way): string {
  const counts = [1, 2, 3];
  const ways = [0, chosen.vectors, 1];
  const rows = histories.map(({ name, grid }) => [
    name,
    ...ways.flatMap((vectors) =>
      counts.map((count) => {
        const k = vectors === 0 || vectors === 1 ? 60 : chosen.k;
        const found = grid.find(
          (tried) => tried.vectors === vectors && tried.k === k && tried.passagesPerDocument === count,
        );
        return found === undefined ? "" : digits(found.test);
      }),
    ),
  ]);
  const labels = ["full-text", "chosen", "vectors"].flatMap((way) =>
    counts.map((count) => `${way}, ${count}`),
  );
  return table(["", ...labels], rows);
}

function votesTable({ votes }: SearchData): string {
  const names = Object.keys(votes.difference);
  const rows = votes.tried.map(({ weight, voters, validation, test }) => [
    weight === 0 ? "no votes" : `weight ${weight}, ${voters} commits`,
    ...names.flatMap((name) => [digits(validation[name] ?? 0), digits(test[name] ?? 0)]),
  ]);
  const last = [
    "the chosen less no votes, test",
    ...names.flatMap((name) => ["", differenceText(votes.difference[name] as Difference)]),
  ];
  return table(["", ...names.flatMap((name) => [`${name}, validation`, "test"])], [...rows, last]);
}

function formsTable(forms: readonly FormFigures[]): string {
  const rows = forms.map(({ form, repository, passages, validation, test, lessDefault }) => [
    repository,
    form,
    String(passages),
    ...(["fullText", "vectors", "chosen"] as const).map(
      (list) => `${digits(validation[list])} / ${digits(test[list])}`,
    ),
    differenceText(lessDefault),
  ]);
  const head = ["", "form", "passages", "full-text", "vectors", "chosen", "chosen, less the default form"];
  return `nDCG@10 on validation / test queries:\n\n${table(head, rows)}`;
}
