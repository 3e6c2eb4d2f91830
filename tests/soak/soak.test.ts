// A short soak, as part of the tests. The long one is a command: soak.ts.
import { describe, expect, test } from "bun:test";
import { GROWN_MAX, KINDS, slopeOf, soak } from "./soak.ts";

test("a slope is found among noise", () => {
  const noise = [3, -2, 4, -1, 0, 2, -3, 1, -4, 0];
  expect(Math.abs(slopeOf(noise.map((n, i) => 100 + 7 * i + n)) - 7)).toBeLessThan(1);
  expect(Math.abs(slopeOf(noise.map((n) => 100 + n)))).toBeLessThan(1);
  expect(slopeOf([100, 100, 100, 100, 100, 100, 300, 100, 400])).toBe(0);
  expect(slopeOf([100, 110, 120, 130, 140, 150, 160, 170, 110])).toBeGreaterThan(5);
});

describe.each([1, 2])("failure mode 31: on %i workers, memory is level over a million", (workers) => {
  test.each(Object.keys(KINDS))("%s", async (kind) => {
    const soaked = await soak({ kind, count: 1_000_000, workers, seed: workers, timeoutSeconds: 110 });
    expect(soaked.trouble).toBeNull();
    expect(soaked.grown).toBeLessThan(GROWN_MAX);
  }, 120_000);
});
