// The front end against random and damaged texts: it neither crashes nor hangs, and every refusal names a place.

import { describe, expect, test } from "bun:test";
import { checkText, fuzz } from "./fuzz.ts";
import { parseText } from "./testing.ts";

describe("fuzz", () => {
  test("mutated programs and random tokens: no throw, no hang, a place for every rejection", () => {
    const { tried, accepted, failure } = fuzz(20261120, 2000);
    expect(failure).toBeNull();
    expect(tried).toBeGreaterThan(100);
    // Both sides of the parser must have been reached.
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(tried);
  }, 20_000);

  test("the checks themselves can fail", () => {
    expect(checkText("func main() do end\n")).toBe(true);
    expect(checkText("func main( do end\n")).toBe(false);
  });
});

describe("depth and size", () => {
  const count = 100_000;
  const value = (text: string): string => `func main() do\n    let x = ${text}\nend\n`;
  const deep: Record<string, string> = {
    parentheses: value(`${"(".repeat(count)}1${")".repeat(count)}`),
    brackets: value("[".repeat(count)),
    braces: value("{".repeat(count)),
    signs: value(`${"-".repeat(count)}1`),
    nots: value(`${"not ".repeat(count)}1`),
    spawns: value("spawn ".repeat(count)),
    awaits: value("await ".repeat(count)),
    sum: value(`1${"+1".repeat(count)}`),
    powers: value(`2${"**2".repeat(count)}`),
    members: value(`a${".b".repeat(count)}`),
    calls: value(`a${"()".repeat(count)}`),
    casts: value(`x${" as i64".repeat(count)}`),
    closures: value("func() do ".repeat(count)),
    nurseries: value("nursery(".repeat(count)),
    types: `func f(x: ${"[]".repeat(count)}i64) do end`,
    optionals: `func f(x: i64${"?".repeat(count)}) do end`,
    patterns: `func f() do match x { ${"(".repeat(count)} => 1 } end`,
    ifs: `func f() do\n${"if x do\n".repeat(count)}${"end\n".repeat(count)}end`,
    chain: `func f() do\nif x do\n${"else if y do\n".repeat(count)}end end`,
  };
  for (const [name, text] of Object.entries(deep)) {
    test(`100 000 nested ${name} are one clear error`, () => {
      expect(parseText(text).diagnostics.map((d) => d.code)).toEqual(["J0119"]);
    });
  }

  test("a line of a megabyte is no problem by itself", () => {
    expect(parseText(value(`[${"1, ".repeat(350_000)}]`)).diagnostics).toEqual([]);
    expect(parseText(value(`"${"x".repeat(1_000_000)}"`)).diagnostics).toEqual([]);
  });

  test("time grows with the length only", () => {
    const time_ms = (lines: number): number => {
      const text = "    x = (\n    y.f(g[h(\n    z(1, 2 3)\n    \"open\n    if x do end\n".repeat(lines);
      const begin_ms = performance.now();
      const { diagnostics } = parseText(`func f() do\n${text}end\n`);
      expect(diagnostics.length).toBeGreaterThan(lines);
      return performance.now() - begin_ms;
    };
    time_ms(500);
    const small_ms = Math.min(time_ms(500), time_ms(500), time_ms(500));
    const large_ms = Math.min(time_ms(4000), time_ms(4000), time_ms(4000));
    // Eight times the text; quadratic would be 64 times. The rest is room for a busy machine.
    expect(large_ms).toBeLessThan(small_ms * 32 + 100);
  }, 30_000);
});
