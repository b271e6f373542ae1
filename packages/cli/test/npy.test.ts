import { describe, expect, test } from "bun:test";
import { npyHeader } from "../src/embed/npy.ts";

// The expected bytes follow the format's definition, numpy.lib.format version 1.0.
describe("npy header", () => {
  test("is 128 bytes with the shape in a Python literal", () => {
    const header = Buffer.from(npyHeader(3, 384));
    expect(header.length).toBe(128);
    expect(header.subarray(0, 8)).toEqual(Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]));
    expect(header.readUInt16LE(8)).toBe(118);
    expect(header.subarray(10).toString("latin1").trimEnd()).toBe(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 384), }",
    );
    expect(header[127]).toBe(0x0a);
  });

  test("keeps its length for any number of rows", () => {
    expect(npyHeader(Number.MAX_SAFE_INTEGER, 4096).length).toBe(128);
  });
});
