import { describe, expect, test } from "bun:test";
import { fit, fitEnd, pad, table } from "../src/terminal/layout.ts";
import { bytes, count, counted, duration } from "../src/terminal/numbers.ts";
import { ProgressLine, Rate, speed } from "../src/terminal/progress.ts";
import { styleFor } from "../src/terminal/style.ts";

describe("layout", () => {
  test("cuts by columns, not by characters", () => {
    expect(fit("hello", 5)).toBe("hello");
    expect(fit("hello!", 5)).toBe("hell…");
    expect(fit("日本語", 5)).toBe("日本…");
    expect(fit("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 5)).toBe("👩‍👩‍👧👩‍👩‍👧…");
  });

  test("cuts the beginning where the end matters", () => {
    expect(fitEnd("src/a.ts:1", 10)).toBe("src/a.ts:1");
    expect(fitEnd("source/deep/a.ts:1-20", 10)).toBe("…a.ts:1-20");
    expect(fitEnd("日本語", 5)).toBe("…本語");
  });

  test("pads by columns", () => {
    expect(pad("日本", 6)).toBe("日本  ");
    expect(pad("7", 3, "right")).toBe("  7");
  });

  test("a table lines up and leaves no blanks at the end", () => {
    const rows = table(
      [{ title: "KEY" }, { title: "N", align: "right" }, { title: "X" }],
      [
        ["a", "1", ""],
        ["bcde", "10", "y"],
      ],
    );
    expect(rows).toEqual(["KEY    N  X", "a      1", "bcde  10  y"]);
  });
});

describe("numbers", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 KB"],
    [90_400_000, "90.4 MB"],
    [999_600, "1.0 MB"],
    [415_600_000, "416 MB"],
  ])("%d bytes", (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  test("counts and durations", () => {
    expect(count(28813)).toBe("28,813");
    expect(counted(1, "file")).toBe("1 file");
    expect(counted(0, "entry", "entries")).toBe("0 entries");
    expect([0.04, 9.96, 59.6, 185, 7440].map(duration)).toEqual([
      "0.0 s",
      "10 s",
      "1 min 0 s",
      "3 min 5 s",
      "2 h 4 min",
    ]);
  });
});

describe("colours", () => {
  test("on a terminal only, and not against NO_COLOR or a dumb terminal", () => {
    expect(styleFor({ isTTY: true }, {}).red("x")).toBe("\u001b[31mx\u001b[39m");
    expect(styleFor({ isTTY: false }, { FORCE_COLOR: "1" }).red("x")).toBe("x");
    expect(styleFor({ isTTY: true }, { NO_COLOR: "1" }).red("x")).toBe("x");
    expect(styleFor({ isTTY: true }, { TERM: "dumb" }).red("x")).toBe("x");
  });
});

describe("progress", () => {
  function recorder(isTTY: boolean): {
    isTTY: boolean;
    columns: number;
    written: string[];
    write(text: string): void;
  } {
    const written: string[] = [];
    return { isTTY, columns: 30, written, write: (text) => void written.push(text) };
  }

  test("elsewhere than on a terminal: a plain line for each tenth, and no codes", () => {
    const stream = recorder(false);
    let now = 0;
    const line = new ProgressLine(stream, () => now);
    for (let done = 0; done <= 100; done++) {
      now += 500;
      line.update("embed", `embedded ${done}`, done / 100);
    }
    line.clear();
    expect(stream.written.length).toBe(11);
    expect(stream.written.every((text) => /^embedded \d+\n$/.test(text))).toBe(true);
  });

  test("elsewhere, work that is quickly done is not told in tenths", () => {
    const stream = recorder(false);
    let now = 0;
    const line = new ProgressLine(stream, () => now);
    for (let done = 0; done <= 100; done++) {
      now += 15;
      line.update("embed", `embedded ${done}`, done / 100);
    }
    expect(stream.written).toEqual(["embedded 0\n", "embedded 67\n"]);
  });

  test("on a terminal: redrawn in place, at most ten times a second, cut to the width", () => {
    const stream = recorder(true);
    let now = 0;
    const line = new ProgressLine(stream, () => now);
    for (let step = 0; step < 30; step++) {
      now += 10;
      line.update("embed", "x".repeat(50), step / 30);
    }
    line.clear();
    expect(stream.written).toEqual([
      ...Array.from({ length: 3 }, () => `\r${"x".repeat(28)}…\u001b[K`),
      "\r\u001b[K",
    ]);
  });

  test("what is reported after the end is not shown", () => {
    const stream = recorder(true);
    const line = new ProgressLine(stream, () => 0);
    line.update("embed", "half", 0.5);
    line.end();
    line.update("embed", "late", 0.6);
    line.end();
    expect(stream.written).toEqual(["\rhalf\u001b[K", "\r\u001b[K"]);
  });

  test("a new stage shows at once", () => {
    const stream = recorder(false);
    const line = new ProgressLine(stream, () => 0);
    line.update("read", "reading");
    line.update("embed", "embedding", 0);
    expect(stream.written).toEqual(["reading\n", "embedding\n"]);
  });

  test("the rate follows the last seconds", () => {
    let now = 0;
    const rate = new Rate(10, () => now);
    expect(rate.note(0)).toBeUndefined();
    for (now = 1000; now <= 60_000; now += 1000) rate.note(now / 10);
    for (; now <= 90_000; now += 1000) rate.note(6000 + (now - 60_000) / 100);
    expect(rate.note(6300)).toBeCloseTo(10, -1);
    expect(speed(312.4, "texts", 78_000)).toBe("312 texts/s, 4 min 10 s left");
    expect(speed(undefined, "texts", 5)).toBe("");
  });
});
