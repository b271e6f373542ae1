import { expect, test } from "bun:test";
import { isAllowed } from "../check-licenses.ts";

test.each([
  ["MIT", true],
  ["MIT OR Apache-2.0", true],
  ["MIT/Apache-2.0", true],
  ["(MIT OR Apache-2.0) AND Unicode-3.0", true],
  ["GPL-3.0-only OR MIT", true],
  ["GPL-3.0-only", false],
  ["MIT AND GPL-3.0-only", false],
  ["LGPL-2.1-or-later", false],
  ["SEE LICENSE IN LICENSE", false],
])("%p: %p", (expression, allowed) => {
  expect(isAllowed(expression)).toBe(allowed);
});
