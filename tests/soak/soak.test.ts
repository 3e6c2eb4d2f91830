// A short soak, as part of the tests. The long one is a command: soak.ts.
import { describe, expect, test } from "bun:test";
import { GROWN_MAX, KINDS, slopeOf, soak } from "./soak.ts";

test("a slope is found among noise", () => {
  const noise = [3, -2, 4, -1, 0, 2, -3, 1, -4, 0];
  expect(slopeOf(noise.map((n, i) => 100 + 7 * i + n))).toBeCloseTo(7, 0);
  expect(Math.abs(slopeOf(noise.map((n) => 100 + n)))).toBeLessThan(1);
});

describe.each([1, 2])("failure mode 31: on %i workers, memory is level over a million", (workers) => {
  test.each(Object.keys(KINDS))("%s", async (kind) => {
    const soaked = await soak({ kind, count: 1_000_000, workers, seed: workers, timeoutSeconds: 110 });
    expect(soaked.trouble).toBeNull();
    expect(soaked.grown).toBeLessThan(GROWN_MAX);
  }, 120_000);
});
