// The lexer: which tokens a text gives, where they stand, and what it says of texts that have none.

import { describe, expect, test } from "bun:test";
import { lex } from "./lexer.ts";
import { sourceText } from "./source.ts";

function kinds(text: string): string[] {
  return lex(sourceText("file.jan", text)).tokens.slice(0, -1).map((token) => token.text || token.kind);
}

function values(text: string): unknown[] {
  const { tokens, diagnostics } = lex(sourceText("file.jan", text));
  expect(diagnostics).toEqual([]);
  return tokens.slice(0, -1).map((token) => token.value);
}

function codes(text: string): string[] {
  return lex(sourceText("file.jan", text)).diagnostics.map((d) => `${d.code} ${d.span.start}-${d.span.end}`);
}

describe("lexer", () => {
  test("numbers", () => {
    expect(values("0 1_000 0xff 0b1010 0o17 18446744073709551615")).toEqual([0n, 1000n, 255n, 10n, 15n,
      2n ** 64n - 1n]);
    expect(values("1.5 2e10 1_0.2_5e-3 0xDEAD_beef")).toEqual([1.5, 2e10, 10.25e-3, 0xdeadbeefn]);
    expect(kinds("1..2 t.0.1 1.abs() 0..=9 a[1..]")).toEqual(
      ["1", "..", "2", "t", ".", "0", ".", "1", "1", ".", "abs", "(", ")", "0", "..=", "9", "a", "[", "1", "..", "]"]);
  });

  test("malformed numbers have a place each", () => {
    expect(codes("0x 1__0 10u8 0b12 3abc 1e999 1_ 9_.5")).toEqual(["J0105 0-2", "J0105 3-7", "J0105 8-12",
      "J0105 13-17",
      "J0105 18-22", "J0105 23-28", "J0105 29-31", "J0105 32-36"]);
  });

  test("characters and strings with their escapes", () => {
    expect(values(`'a' '\\n' '\\'' '\\u{1F600}' '"'`)).toEqual([97, 10, 39, 0x1f600, 34]);
    expect(values(`"a\\tb\\r\\0\\\\\\"\\u{e9}" "" "// no comment"`)).toEqual(["a\tb\r\0\\\"é", "", "// no comment"]);
    expect(codes(`"\\q" '' 'ab' "\\u{110000}" "\\u{}" "\\x"`)).toEqual(
      ["J0106 1-3", "J0107 5-7", "J0107 8-12", "J0106 14-24", "J0106 27-31", "J0106 34-36"]);
  });

  test("a string ends on its line, and the next line is read", () => {
    expect(codes("\"open\nx")).toEqual(["J0103 0-1"]);
    expect(kinds("\"open\nx")).toEqual(["string", "x"]);
    expect(codes("$\"open {x\ny")).toEqual(["J0103 0-2"]);
    expect(codes("$\"a {f(\"b)}\ny")).toEqual(["J0103 0-2"]);
  });

  describe("texts of several lines", () => {
    const q = '"""';

    test("lose the indentation of their closer, and the line ends at both sides", () => {
      expect(values(`${q}\n  a\n    b\n\n  c\n  ${q}`)).toEqual(["a\n  b\n\nc"]);
      expect(values(`${q}  \n${q} ${q}\n\n${q} ${q}\n\n\n${q}`)).toEqual(["", "", "\n"]);
      expect(values(`${q}\n\t\tx\n\t \n\t\ty \n\t\t${q}`)).toEqual(["x\n\ny "]);
      expect(values(`${q}\r\n  a\r\n  b\r\n  ${q}`)).toEqual(["a\nb"]);
    });

    test("have escapes, and lines that a backslash joins", () => {
      expect(values(`${q}\n "a" ""\\t\\${q} {x}\n ${q}`)).toEqual([`"a" ""\t${q} {x}`]);
      expect(values(`${q}\n one \\\n   two\\\\\n three\n ${q}`)).toEqual(["one   two\\\nthree"]);
      expect(values(`${q}\r\n a\\\r\n b\r\n ${q}`)).toEqual(["ab"]);
      expect(codes(`${q}\n a\\q\n b\\\n ${q}`)).toEqual(["J0106 6-8", "J0106 11-12"]);
    });

    test("take expressions over several lines, with texts in them", () => {
      const text = `$${q}\n  {f(\n1)} and {{${q}}} {x:.2f}\n  {$${q}\n   {y}\n   ${q}}\n  ${q} z`;
      expect(codes(text.replace(`{{${q}}}`, "{{}}"))).toEqual([]);
      expect(kinds(text.replace(`{{${q}}}`, "{{}}"))).toEqual(["template", "f", "(", "1", ")", "template-part", "x",
        "template-part", "template", "y", "template-part", "template-part", "z"]);
    });

    test("say which line is wrong", () => {
      expect(codes(`${q}\n  a\n b\nc\n  ${q}`)).toEqual(["J0133 8-9"]);
      expect(codes(`${q}\n\ta\n    b\n    ${q}`)).toEqual(["J0133 4-5"]);
      expect(codes(`${q}a\n b\n ${q}`)).toEqual(["J0133 3-4"]);
      expect(codes(`${q}a${q} z`)).toEqual(["J0133 3-4"]);
      expect(codes(`${q}\n  a${q} z`)).toEqual(["J0133 7-10"]);
      expect(codes(`$${q}{a}\n ${q}`)).toEqual(["J0133 4-5"]);
      expect(codes(`$"{${q}\n a\n ${q}}"`)).toEqual(["J0133 3-6"]);
      expect(codes(`$${q}\n } \n ${q}`)).toEqual(["J0126 6-7"]);
    });

    test("say where they were opened when their end is missing", () => {
      expect(codes(`x ${q}\n a\nb`)).toEqual(["J0103 2-5"]);
      expect(codes(`x $${q}\n {a} b`)).toEqual(["J0103 2-6"]);
      expect(codes(`x $${q}\n {a\n ${q}\n`)).toEqual(["J0103 8-9"]);
      expect(codes(`$${q}\n {"open\n} {$"{x\n}\n ${q}`)).toEqual(["J0103 7-8", "J0103 16-18"]);
      expect(codes(`$${q}\n {a:>5\n } b\n ${q}`)).toEqual(["J0126 8-11", "J0126 13-14"]);
    });
  });

  test("interpolation nests strings, braces and formats", () => {
    const parts = (text: string): unknown[] => lex(sourceText("f", text)).tokens
      .filter((token) => token.kind.startsWith("template")).map((token) => token.value);
    expect(parts("$\"x = {x:.2f}!\"")).toEqual([{ text: "x = ", format: null, last: false },
      { text: "!", format: ".2f", last: true }]);
    expect(parts("$\"{{{a}}}\"")).toEqual([{ text: "{", format: null, last: false }, { text: "}", format: null,
      last: true }]);
    expect(kinds("$\"{m[\"k}\"] ?? S { a: 1 }}\" z")).toEqual(["template", "m", "[", "string", "]", "??", "S", "{",
      "a", ":",
      "1", "}", "template-part", "z"]);
    expect(kinds("$\"{$\"{x}\"}\"")).toEqual(["template", "template", "x", "template-part", "template-part"]);
    expect(codes("$\"a } b\"")).toEqual(["J0126 4-5"]);
  });

  test("comments", () => {
    expect(kinds("a // b\nc # d\n/* e /* f */ g */ h")).toEqual(["a", "c", "h"]);
    expect(codes("a /* b /* c */")).toEqual(["J0104 2-4"]);
    expect(kinds("#!/usr/bin/env janus\nx")).toEqual(["x"]);
    const doc = lex(sourceText("f", "/// one\n/// two\nfunc")).tokens[0]!.doc;
    expect(doc).toBe("one\ntwo");
  });

  test("the longest operator wins", () => {
    expect(kinds("a..<b ... ..= +%= *% ** ?? ?. .? .* <<= >>= => -> |> := e?..n")).toEqual(["a", "..<", "b", "...",
      "..=",
      "+%=", "*%", "**", "??", "?.", ".?", ".*", "<<=", ">>=", "=>", "->", "|>", ":=", "e", "?", "..", "n"]);
  });

  test("characters of no token are errors, and lexing goes on", () => {
    expect(codes("a ` b \\ c ★★ d \u0001")).toEqual(["J0102 2-3", "J0102 6-7", "J0102 10-12", "J0102 15-16"]);
    expect(kinds("a ` b \\ c")).toEqual(["a", "b", "c"]);
    expect(kinds("名前 été _x")).toEqual(["名前", "été", "_x"]);
  });

  test("every character belongs to a token, a blank, a comment or an error", () => {
    const text = "func f() do /* c */ x = \"s\" + 'a' ` // end\n end \u{1F600} $\"{a:x}b\"";
    const { tokens, diagnostics } = lex(sourceText("f", text));
    const covered = new Array<boolean>(text.length).fill(false);
    for (const { start, end } of [...tokens, ...diagnostics.map((d) => d.span)]) covered.fill(true, start, end);
    const uncovered = text.split("").filter((character, i) => !covered[i] && character.trim() !== "").join("");
    expect(uncovered).toBe("/*c*///end");
  });
});
