// Formatting: comments at every token stay, once, in their order and beside what they stood beside; a second formatting
// changes nothing; lists, chains and blocks stay broken where their author broke them.

import { describe, expect, test } from "bun:test";
import { formatText } from "./format.ts";
import { commentsOf } from "./syntax/comments.ts";
import { lex } from "./syntax/lexer.ts";
import { sourceText } from "./syntax/source.ts";
import { programs } from "./syntax/testing.ts";
import type { TemplatePiece, Token } from "./syntax/token.ts";

function tokensOf(text: string): Token[] {
  return lex(sourceText("file.jan", text)).tokens;
}

function commentTexts(text: string): string[] {
  return commentsOf(text, tokensOf(text)).map((comment) => comment.text);
}

function format(text: string): string {
  const made = formatText("file.jan", text);
  if ("diagnostics" in made) throw new Error(made.diagnostics[0]!.message);
  return made.text;
}

/** Formats a text that may not parse, and holds the promises; gives whether it parsed. */
function check(text: string): boolean {
  const made = formatText("file.jan", text);
  if ("diagnostics" in made) return false;
  expect(made.isKept).toBe(false);
  expect(commentTexts(made.text)).toEqual(commentTexts(text));
  expect(format(made.text)).toBe(made.text);
  return true;
}

/** Places of tokens that stand in no interpolated string of one line, which no comment can stand in. */
function places(text: string): number[] {
  const made: number[] = [];
  const strings: boolean[] = [];
  for (const token of tokensOf(text)) {
    const takesComment = !strings.includes(false);
    const piece = token.value as TemplatePiece | null;
    if (token.kind !== "template-part" && takesComment) made.push(token.start);
    if (token.kind === "template" && !piece!.last) strings.push(piece!.written !== undefined);
    if (token.kind === "template-part" && piece!.last) strings.pop();
  }
  return made;
}

/** Tokens that layout neither adds nor moves. */
function lasting(text: string): Token[] {
  return tokensOf(text).filter((t) => t.end > t.start && !/^[\s,;()]*$/.test(text.slice(t.start, t.end)));
}

const spelling = (text: string): string[] => lasting(text).map((t) => text.slice(t.start, t.end));

/** For each comment its text, and the lasting tokens on its two sides. */
function neighbours(text: string): Map<string, [before: string, behind: string]> {
  const tokens = lasting(text);
  const made = new Map<string, [string, string]>();
  let next = 0;
  for (const comment of commentsOf(text, tokensOf(text))) {
    while (next < tokens.length && tokens[next]!.start < comment.start) next += 1;
    const sides = [tokens[next - 1], tokens[next]].map((t) => (t === undefined ? "" : text.slice(t.start, t.end)));
    made.set(comment.text, [sides[0]!, sides[1]!]);
  }
  return made;
}

function inserted(text: string, at: number, comment: string): string {
  return text.slice(0, at) + comment + text.slice(at);
}

const forms = ["/* here */ ", "// here\n", "\n// here\n", "\n\n/* here */\n"];
const samples = programs().filter((one) => one.text.length < 6000);

describe("a comment at every token", () => {
  test("of a program with every construct, one at a time", () => {
    const { text } = samples.find((one) => one.name.endsWith("every_construct.jan"))!;
    let parsed = 0;
    for (const [index, at] of places(text).entries()) {
      for (const turn of [0, 1]) if (check(inserted(text, at, forms[(index + 2 * turn) % 4]!))) parsed += 1;
    }
    expect(parsed).toBeGreaterThan(places(text).length);
  }, 180_000);

  test("of every program, all at once", () => {
    let parsed = 0;
    let compared = 0;
    const strayed: string[] = [];
    for (const { name, text } of samples) {
      let all = "";
      let from = 0;
      for (const [index, at] of places(text).entries()) {
        all += `${text.slice(from, at)}/* ${index} */ `;
        from = at;
      }
      all += text.slice(from);
      if (!check(all)) continue;
      parsed += 1;
      const made = format(all);
      // what has other spellings, as `Array<i64>`, has other neighbours
      if (spelling(made).join(" ") !== spelling(all).join(" ")) continue;
      compared += 1;
      const after = neighbours(made);
      for (const [comment, [before, behind]] of neighbours(all)) {
        const [left, right] = after.get(comment)!;
        if (left !== before && right !== behind) strayed.push(`${name}: ${before} ${comment} ${behind}`);
      }
    }
    expect(strayed).toEqual([]);
    expect(compared).toBeGreaterThan(samples.length * 0.7);
    expect(parsed).toBeGreaterThan(samples.length * 0.9);
  }, 60_000);

  test("of every program, some of each form", () => {
    let tried = 0;
    let parsed = 0;
    for (const [number, { text }] of samples.entries()) {
      const every = places(text);
      for (let i = number % 7; i < every.length; i += Math.max(7, Math.ceil(every.length / 6))) {
        tried += 1;
        if (check(inserted(text, every[i]!, forms[(i + number) % forms.length]!))) parsed += 1;
      }
    }
    expect(parsed).toBeGreaterThan(tried / 2);
  }, 60_000);
});

describe("what is formatted already stays as it is", () => {
  const cases: Record<string, string> = {
    "comments beside parameters": `func connect(
    host: string,   // the machine
    port: i64,      // the door
) do println(host, port) end
`,
    "comments in a list and a chain": `func main() do
    let colors = [
        "red",    // stop
        // the one people forget
        "yellow",
    ]
    let text = "  X "
        .trim()   // no blanks
        // then small letters
        .to_lower()
    println(colors, text)
end
`,
    "comments in branches without statements": `func main() do
    if a > 1 do
        // one
    else if a > 2 do
        // two
    else
        // three
    end
    while a > 9 do /* empty */ end
    match a {
        // none yet
        _ => 1, // the rest
    }
end
`,
    "a chain broken at its points": `func main() do
    total += (0..1000)
        .map { |x| chain(x) }
        .filter { |x|
            x % 3 != 0
        }
        .reduce(0) { |sum, x| (sum + x) % 1000000007 }
end
`,
    "operators on the side of the line's end that they were on": `func main() do
    let a = first
        and second
        or third
    let b = first +
        second
    let c =
        long(a, b)
    let d = a |> f
        |> g
end
`,
    "brackets that open and close together": `func main() do
    call([
        1,
        2,
    ])
    call(Point {
        x: 1,
        y: 2,
    }, [
        3,
    ])
end
`,
    "\`using\` to the end of its block": `func main() do
    let a = 1
    using file := open(path)?
    // read it
    file.read()
end
`,
    "attributes on the line they were on": `{. inline .} func f() do end

{. inline .}
func g() do end
`,
    "parentheses that make operands clear": `func f(a: i64, b: i64, c: i64) -> i64 do
    let x = (a * b) + c
    let ok = (a < b) and not (b == c) or ((a + b) > (c as i64))
    return ((a << 2) | (b & 3)) + (-x)
end
`,
    "bodies of declarations whose heads take two lines": `impl[A: Ordered,
    B: Ordered] Ordered for (A, B) {
    func cmp(self,
        other: (A, B)) -> i64 do
        return 1
    end
}

struct Pair[A,
    B] {
    a: A,
    b: B,
}
`,
    "a comment in the middle of a line": `func f(a: i64 /* index */, b: i64) -> i64 /* none */ do
    return a /* plus */ + b
end
`,
  };
  for (const [name, text] of Object.entries(cases)) {
    test(name, () => expect(format(text)).toBe(text));
  }
});

describe("what is written anew", () => {
  const cases: Record<string, [string, string]> = {
    "parentheses around a whole value or a single thing": [
      "func f(a: i64) -> i64 do\n    if (a < 1) do return (a) end\n    return ((a)) + (f)((a + 1))\nend\n",
      "func f(a: i64) -> i64 do\n    if a < 1 do return a end\n    return a + f(a + 1)\nend\n",
    ],
    "commas behind comments": [
      "enum E {\n    A // ay\n    , B(i64) // bee\n    , C\n}\n\nfunc main() do\n    f(1 // one\n    , 2)\nend\n",
      "enum E {\n    A, // ay\n    B(i64), // bee\n    C,\n}\n\nfunc main() do\n    f(1, // one\n        2)\nend\n",
    ],
    "several comments before a comma": [
      "func f() -> (i64 # a\n    /* b */ , i64) do return g() end\n",
      "func f() -> (i64, // a\n    /* b */ i64) do return g() end\n",
    ],
    "heads with braces in brackets, and operands in parentheses": [
      "func f() do\n    if (g(P { x: 1 })) do h() end\n    if (P { x: 1 }) == g(xs.map { |x| x }) do h() end\n"
        + "    while xs[1..].len == 2 and (xs.any { |x| x > 2 }) do h() end\nend\n",
      "func f() do\n    if g(P { x: 1 }) do h() end\n    if (P { x: 1 }) == g(xs.map { |x| x }) do h() end\n"
        + "    while xs[1..].len == 2 and (xs.any { |x| x > 2 }) do h() end\nend\n",
    ],
    "documentation before a \`do\`": [
      "func f(x: i64?) -> string? /// no\ndo\n    g(x)\nend\n",
      "func f(x: ?i64) -> ?string do // no\n    g(x)\nend\n",
    ],
    "documentation before a type": [
      "func f(me:\n/// no\ni64) do g() end\n",
      "func f(me:\n    /// no\n    i64) do g() end\n",
    ],
    "documentation of nothing": [
      "impl S {\n    func a(self) do end\n    /// of nothing\n    ; /// nor this\n    ;\n    /// of b\n"
        + "    func b(self) do end\n}\n\nenum E { A /// no\n, B }\n",
      "impl S {\n    func a(self) do end\n    // of nothing\n    // nor this\n    /// of b\n"
        + "    func b(self) do end\n}\n\nenum E {\n    A, // no\n    B,\n}\n",
    ],
  };
  for (const [name, [before, after]] of Object.entries(cases)) {
    test(name, () => {
      expect(format(before)).toBe(after);
      expect(format(after)).toBe(after);
    });
  }
});

describe("a text of several lines", () => {
  test("is indented with the line that it begins on, and keeps what it is worth", () => {
    const made = format('func f() -> string do\n  let a = """\none\n\n  two  \n"""\n  return $"""\n\t{a}\\t{{}} \\\n'
      + '\t  "x"\n\t\n\t""" ++ """\r\n      y\r\n      """\nend\n');
    expect(made).toBe('func f() -> string do\n    let a = """\n        one\n\n          two  \n        """\n'
      + '    return $"""\n        {a}\\t{{}} \\\n          "x"\n\n        """ ++ """\n        y\n        """\nend\n');
    expect(format(made)).toBe(made);
  });

  test("keeps the lines of its expressions, and the comments in them", () => {
    const text = `func f(x: i64) -> string do
    return $"""
        {[
            x, // first
            2,
        ]} and {x // last
            + 1} {"""
            inner
            """}
          {match x {
            1 => "one",
            _ => "more",
        }:>9}
        """
end
`;
    const made = format(text);
    expect(format(made)).toBe(made);
    expect(commentTexts(made)).toEqual(["// first", "// last"]);
    expect(made).toContain("\n        {[\n            x, // first\n            2,\n        ]} and {x // last\n");
  });
});

test("a block inside a block on one line takes no longer for each of them", () => {
  const depth = 60;
  const [open, close] = ["nursery do spawn func() do ".repeat(depth), " end end".repeat(depth)];
  const text = `func main() do ${open}println(1)${close} end\n`;
  expect(format(text).split("\n").length).toBe(4 * depth + 4);
});

test("a comment in parentheses that are left out goes to the end of the line", () => {
  const made = format("func main() do\n    let a = (1 // one\n        + 2)\n    let b = ((((3 /* three */))))\nend\n");
  expect(made).toBe("func main() do\n    let a = 1 // one\n        + 2\n    let b = 3 /* three */\nend\n");
});
