// How diagnostics look: as text for people, and as one JSON object for tools.
import { type Diagnostic, syntaxError } from "./diagnostic.ts";
import { describe, expect, test } from "bun:test";
import { renderAll, renderJson, renderText } from "./render.ts";
import { placeOf, sourceText } from "./source.ts";

const unit = sourceText("file.jan", "func main() do\n\tlet 名 = f(1)\n    g()\nend\n");
const other = sourceText("lib/other.jan", "func f() do end\n");

function made(extra: Partial<Diagnostic> = {}): Diagnostic {
  const at = unit.text.indexOf("f(1)");
  return { code: "J0101", severity: "error", message: "expected `)`, found `end`", unit, span: { start: at, end: at
    + 4 },
    notes: [], ...extra };
}

describe("render", () => {
  test("the source line with its mark, tabs and wide characters aligned", () => {
    expect(renderText(made({ label: "here", hint: "close it" }))).toBe([
      "error[J0101]: expected `)`, found `end`",
      " --> file.jan:2:10",
      "  |",
      "2 |     let 名 = f(1)",
      "  |              ^^^^ here",
      "  = hint: close it",
    ].join("\n"));
  });

  test("several places, also in another file", () => {
    const notes = [{ unit, span: { start: 0, end: 4 }, message: "opened here" },
      { unit: other, span: { start: 5, end: 6 }, message: "declared here" }];
    expect(renderText(made({ notes }))).toBe([
      "error[J0101]: expected `)`, found `end`",
      " --> file.jan:2:10",
      "  |",
      "1 | func main() do",
      "  | ---- opened here",
      "2 |     let 名 = f(1)",
      "  |              ^^^^",
      " --> lib/other.jan:1:6",
      "  |",
      "1 | func f() do end",
      "  |      ^ declared here",
    ].join("\n"));
  });

  test("colour only when asked for, and never from the source", () => {
    const hostile = sourceText("x.jan", "a \x1b[31m b");
    const text = renderText({ ...made(), unit: hostile, span: { start: 0, end: 1 }, message: "\x1b[31mred" });
    expect(text).not.toContain("\x1b");
    expect(renderText(made(), { colour: true })).toContain("\x1b[1;31m");
  });

  test("a very long line is shown in part", () => {
    const long = sourceText("x.jan", `${"x".repeat(500_000)}!${"y".repeat(500_000)}`);
    const text = renderText({ ...made(), unit: long, span: { start: 500_000, end: 500_001 } });
    expect(text.length).toBeLessThan(700);
    const [, , , line, mark] = text.split("\n");
    expect(line![mark!.indexOf("^")]).toBe("!");
  });

  test("a span at the end of the text, and one over several lines", () => {
    const end = unit.text.length;
    expect(renderText(made({ span: { start: end, end } }))).toContain("5 |\n  | ^");
    expect(renderText(made({ span: { start: 0, end } }))).toContain("1 | func main() do\n  | ^^^^^^^^^^^^^^");
  });

  test("JSON has every place as lines, columns and offsets", () => {
    const json = renderJson(made({ hint: "h" }));
    expect(json).toMatchObject({ code: "J0101", severity: "error", file: "file.jan", line: 2, column: 10, endLine: 2,
      endColumn: 14, offset: 24, endOffset: 28, hint: "h", label: null, notes: [] });
  });

  test("a line is cut to the width of the terminal", () => {
    const text = `let x = ${"a".repeat(200)} + wrong + ${"b".repeat(200)}`;
    const unit = sourceText("f.jan", text);
    const start = text.indexOf("wrong");
    for (const columns of [40, 80, 200]) {
      const shown = renderText(syntaxError("J0101", unit, { start, end: start + 5 }, "no"), { columns }).split("\n");
      const line = shown.find((each) => each.includes("wrong"))!;
      expect(line.length).toBeLessThanOrEqual(columns);
      expect(shown[shown.indexOf(line) + 1]!.indexOf("^^^^^")).toBe(line.indexOf("wrong"));
    }
  });

  test("of very many the first hundred are shown, and how many there are", () => {
    const unit = sourceText("f.jan", "x\n".repeat(150));
    const at = (i: number) => ({ start: 2 * i, end: 2 * i + 1 });
    const all = Array.from({ length: 150 }, (_, i) => syntaxError("J0101", unit, at(i), "no"));
    const text = renderAll(all);
    expect(text.match(/^error/gm)).toHaveLength(100);
    expect(text).toEndWith("\n150 errors, of which these are the first 100; `janus check --json` lists all of them\n");
    expect(renderAll(all.slice(0, 100))).not.toContain("of which");
  });

  test("several diagnostics are set apart by a blank line", () => {
    expect(renderAll([made(), made()]).split("\n\n")).toHaveLength(2);
  });

  test("lines and columns: \\r\\n, a lone \\r, characters beyond the first plane", () => {
    const text = sourceText("x", "a\r\nb\rc\u{1F600}d");
    expect(placeOf(text, 3)).toEqual({ line: 2, column: 1 });
    expect(placeOf(text, 5)).toEqual({ line: 3, column: 1 });
    expect(placeOf(text, 8)).toEqual({ line: 3, column: 3 });
  });
});
