// Elements of several types in one array: the hint names a trait that all of them implement, and no other.
import { expect, test } from "bun:test";
import { checkText } from "./testing.ts";

const TYPES = `trait Other { func other(self) -> i64 }
trait Shape { func area(self) -> i64 }
struct Circle { r: i64 }
struct Square { a: i64 }
impl Shape for Circle { func area(self) -> i64 do return self.r end }
`;
const MAIN = "func main() do\n    let all = [Circle { r: 1 }, Square { a: 2 }]\n    println(all.len)\nend\n";
const hintOf = (text: string): string | undefined =>
  checkText(text).diagnostics.find((d) => d.severity === "error")?.hint;

test("a trait that both implement is named, and the line that follows it checks", () => {
  const both = `${TYPES}impl Shape for Square { func area(self) -> i64 do return self.a end }\n`;
  expect(hintOf(both + MAIN)).toContain("[]any Shape");
  expect(checkText(both + MAIN.replace("let all", "let all: []any Shape")).diagnostics).toEqual([]);
});

test("one that only the first implements, or neither, is not", () => {
  expect(checkText(TYPES + MAIN).diagnostics.length).toBeGreaterThan(0);
  expect(hintOf(TYPES + MAIN) ?? "").not.toContain("any ");
});
