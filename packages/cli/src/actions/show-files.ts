import type { DescribedFile, DescribedVariant } from "@patina/registry";
import { bytes } from "../terminal/numbers.ts";
import type { Style } from "../terminal/style.ts";
import { visibleLine } from "../terminal/visible.ts";
import type { ShownModel } from "./show-model.ts";

/** Every file once, with the variants that it belongs to: its digest, its sources in their order, its places here. */
export function fileLines({ entry, variants }: ShownModel, style: Style): string[] {
  const label = ({ variant, runtime }: DescribedVariant): string => `${variant} (${runtime})`;
  const shared = entry.files.map(({ path }) => path);
  const sharedFiles = shared.flatMap((path) => {
    const places = variants.flatMap((variant) => placed(variant, path));
    const first = places[0]?.file;
    return first === undefined ? [] : block(first, "all variants", places, style);
  });
  const own = variants.flatMap((variant) =>
    variant.files
      .filter(({ path }) => !shared.includes(path))
      .flatMap((file) => block(file, label(variant), [{ variant: label(variant), file }], style)),
  );
  return [style.bold("files"), ...sharedFiles, ...own];

  function placed(variant: DescribedVariant, path: string): Place[] {
    const file = variant.files.find((each) => each.path === path);
    return file === undefined ? [] : [{ variant: label(variant), file }];
  }
}

interface Place {
  readonly variant: string;
  readonly file: DescribedFile;
}

function block(file: DescribedFile, belongs: string, places: readonly Place[], style: Style): string[] {
  const size = file.size === null ? "" : `, ${bytes(file.size)}`;
  const row = (name: string, value: string): string =>
    `    ${style.dim(name.padEnd(8))}${visibleLine(value)}`;
  const here = places.filter((place) => place.file.state !== "missing");
  return [
    visibleLine(`  ${file.path}: ${file.role} of ${belongs}${size}`),
    row("sha256", digest(file)),
    ...file.sources.map((source, index) => row(index === 0 ? "from" : "or", source)),
    ...(here.length === 0
      ? [row("here", "no")]
      : here.map(({ variant, file: { state, location } }) =>
          row("here", `${state}, ${variant}: ${location}`),
        )),
  ];
}

function digest({ sha256, digestFrom }: DescribedFile): string {
  if (sha256 === null) return "pinned on first use";
  return digestFrom === "lock" ? `${sha256}, pinned in the lock` : sha256;
}
