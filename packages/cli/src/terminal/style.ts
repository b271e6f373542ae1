import picocolors from "picocolors";

/** The colours of one stream; each is the identity where colours are off. */
export type Style = ReturnType<typeof picocolors.createColors>;

/** A stream that may be a terminal. */
export interface MaybeTerminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Colours on a terminal only, and not where `NO_COLOR` (https://no-color.org) or `TERM=dumb` says otherwise. */
export function styleFor(stream: MaybeTerminal, env: NodeJS.ProcessEnv = process.env): Style {
  return picocolors.createColors(stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb");
}

/** Columns of a terminal; what is no terminal has no width to keep to. */
export function widthOf(stream: MaybeTerminal): number {
  return stream.isTTY === true ? Math.max(20, stream.columns || 80) : Number.POSITIVE_INFINITY;
}
