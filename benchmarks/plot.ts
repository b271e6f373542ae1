/** The plot: bars with their ends, as SVG that needs nothing to be shown. */
import type { Bar, Chart } from "./measurement.ts";

const WIDTH = 900;
const LABELS = 310;
const VALUES = 90;
const BAR = 18;
const GAP = 7;
const TITLE = 34;
const OWN = "#b4542d";
const OTHER = "#8fa3ad";
const INK = "#22282b";

/** All charts, one below the other, each with a scale of its own that starts at 0. */
export function plot(charts: readonly Chart[]): string {
  let top = 12;
  const parts = charts.map((chart) => {
    const part = `<g transform="translate(0 ${top})">${chartPart(chart)}</g>`;
    top += TITLE + chart.bars.length * (BAR + GAP) + 18;
    return part;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" font-family="sans-serif" font-size="13" fill="${INK}">
<title>Bars of what was measured; the page has the numbers</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${parts.join("\n")}
</svg>
`;
}

function chartPart({ title, unit, bars }: Chart): string {
  const most = Math.max(...bars.map(({ to }) => to));
  const scale = (value: number) => (value / most) * (WIDTH - LABELS - VALUES);
  const rows = bars.map((bar, index) => barPart(bar, TITLE + index * (BAR + GAP), scale));
  const heading = `<text x="16" y="20" font-weight="bold">${escaped(title)} <tspan font-weight="normal">(${escaped(unit)})</tspan></text>`;
  return [heading, ...rows].join("\n");
}

function barPart(
  { label, value, from, to, own }: Bar,
  top: number,
  scale: (value: number) => number,
): string {
  const middle = top + BAR / 2;
  const digits = value < 10 ? 2 : 0;
  const number = value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });
  const [start, end] = [LABELS + scale(from), LABELS + scale(to)].map((x) => x.toFixed(1));
  const weight = own ? ' font-weight="bold"' : "";
  return [
    `<text x="${LABELS - 10}" y="${middle + 4.5}" text-anchor="end"${weight}>${escaped(label)}</text>`,
    `<rect x="${LABELS}" y="${top}" width="${scale(value).toFixed(1)}" height="${BAR}" fill="${own ? OWN : OTHER}"/>`,
    `<path d="M${start} ${middle}H${end}M${start} ${middle - 4}v8M${end} ${middle - 4}v8" stroke="${INK}" fill="none"/>`,
    `<text x="${(LABELS + scale(to) + 8).toFixed(1)}" y="${middle + 4.5}"${weight}>${number}</text>`,
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
