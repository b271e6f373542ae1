import { expect, test } from "bun:test";
import { parityOf, type VectorSet } from "@patina/evaluation";

/** Vectors of the plane at these degrees, of any length. */
function plane(degrees: readonly number[], length = 1): VectorSet {
  const data = degrees.flatMap((degree) => {
    const angle = (degree * Math.PI) / 180;
    return [length * Math.cos(angle), length * Math.sin(angle)];
  });
  return { data: Float32Array.from(data), dimension: 2 };
}

const FAN = Array.from({ length: 12 }, (_, text) => text * 10);

test("equal directions agree in everything, whatever their lengths", async () => {
  const parity = await parityOf(plane(FAN), plane(FAN, 7));
  expect(parity.texts).toBe(12);
  expect(parity.lowest.cosine).toBeCloseTo(1, 6);
  expect(parity.lowest.cosine).toBeLessThanOrEqual(1);
  expect(parity.neighbours).toEqual({ of: 10, mean: 1, least: 1 });
  expect(parity.interchangeable).toBe(true);
});

test("the lowest cosine names its text, and one text below the threshold is enough", async () => {
  const turned = FAN.with(4, 45);
  const { lowest, mean, interchangeable, threshold } = await parityOf(plane(FAN), plane(turned));
  expect(lowest.index).toBe(4);
  expect(lowest.cosine).toBeCloseTo(Math.cos(Math.PI / 36), 6);
  expect(mean).toBeCloseTo((11 + Math.cos(Math.PI / 36)) / 12, 6);
  expect({ threshold, interchangeable }).toEqual({ threshold: 0.999, interchangeable: false });
});

test("neighbours are compared by who they are: two texts that change places cost each text but five a tenth", async () => {
  // Of 11 others each text has the farthest end of the fan as its one that is no neighbour: text 11 for texts 0 to 5,
  // else text 0. After the exchange it is text 1 in place of 11. Only texts 6 to 10 leave out the same one both times.
  const exchanged = FAN.with(1, 110).with(11, 10);
  const { neighbours } = await parityOf(plane(FAN), plane(exchanged));
  expect(neighbours.of).toBe(10);
  expect(neighbours.least).toBeCloseTo(0.9, 12);
  expect(neighbours.mean).toBeCloseTo((7 * 0.9 + 5) / 12, 12);
});

test("few texts have fewer neighbours", async () => {
  expect((await parityOf(plane([0, 50, 90]), plane([0, 50, 90]))).neighbours.of).toBe(2);
});

test("an abort ends it", async () => {
  await expect(parityOf(plane(FAN), plane(FAN), AbortSignal.abort())).rejects.toMatchObject({
    code: "ABORTED",
  });
});
