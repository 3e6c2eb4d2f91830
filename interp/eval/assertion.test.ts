// What the message of an assertion says, and where it is cut.
import { expect, test } from "bun:test";
import { assertionFailed } from "./assertion.ts";
import { bytes } from "./values.ts";

const sides = (left: string, right: string) => [{ name: "left", value: left }, { name: "right", value: right }];

test("the program's own text stands before the values", () => {
  expect(assertionFailed("assert a == b", "sums", [{ source: null, value: false, sides: sides("1", "2") }]))
    .toBe("sums\n  left: 1\n  right: 2");
});

test("a part without a comparison shows what it was", () => {
  expect(assertionFailed("s", "", [{ source: "ready\n    (x)", value: false, sides: [] }]))
    .toBe("assertion failed: s\n  ready (x): false");
});

test("a long value is cut between characters", () => {
  for (const before of [197, 198, 199, 200]) {
    const value = bytes("a".repeat(before) + "é€".repeat(10));
    const message = assertionFailed("s", "", [{ source: null, value: false, sides: sides(value, "2") }]);
    const shown = Buffer.from(message, "latin1").toString("utf8").split("\n")[1]!;
    expect(shown).not.toContain("\ufffd");
    expect(shown).toEndWith("…");
    expect(Buffer.byteLength(shown)).toBeLessThan(220);
  }
  const whole = "a".repeat(200);
  expect(assertionFailed("s", "", [{ source: null, value: false, sides: sides(whole, "2") }])).toContain(`${whole}\n`);
});
