// Constructs in both dresses, the rules for line ends, contextual keywords, the trees of what is easily misread.
import { describe, expect, test } from "bun:test";
import type { Expr, Stmt } from "./ast.ts";
import { isIncomplete } from "./parser.ts";
import { printUnit } from "./printer.ts";
import { parseText, programs, withoutSpans } from "./testing.ts";

/** The statements of a function's body; no error is allowed. */
function body(text: string): Stmt[] {
  const { unit, diagnostics } = parseText(`func main() do\n${text}\nend\n`);
  expect(diagnostics.map((d) => `${d.message} at ${d.span.start}`)).toEqual([]);
  const decl = unit.decls[0]!;
  return decl.kind === "FuncDecl" ? decl.body!.stmts : [];
}

/** The canonical form of statements, on one line each. */
function shape(text: string): string {
  const { unit, diagnostics } = parseText(`func main() do\n${text}\nend\n`);
  expect(diagnostics.map((d) => `${d.message} at ${d.span.start}`)).toEqual([]);
  return printUnit(unit, { layout: false }).trim().split("\n").slice(1, -1).map((line) => line.trim()).join(" ¶ ");
}

function expr(text: string): Expr {
  const stmt = body(`let it = ${text}`)[0]!;
  return stmt.kind === "Let" ? stmt.value : { kind: "ErrorExpr", span: stmt.span };
}

describe("programs", () => {
  for (const { name, text } of programs()) {
    test(`${name} parses without an error`, () => {
      expect(parseText(text).diagnostics).toEqual([]);
    });
  }
});

describe("both dresses give the same tree", () => {
  const pairs: [string, string][] = [
    ["func f() do g() end", "func f() { g() }"],
    ["func f() do if a do b() else if c do d() else e() end end",
      "func f() { if a { b() } else if c { d() } else { e() } }"],
    ["func f() do while let x = q.next() do g(x) end end", "func f() { while let x = q.next() { g(x) } }"],
    ["func f() do for i, x in xs do g(x) end end", "func f() { for i, x in xs { g(x) } }"],
    ["func f() do if a do b() else c() end end", "func f()\n{\nif a\n{\nb()\n}\nelse\n{\nc()\n}\n}"],
    ["func f() do loop do break end end", "func f() { loop { break } }"],
    ["func f() do match x do 1 => 2, _ => do g() end end end", "func f() { match x { 1 => 2, _ => { g() } } }"],
    ["func f() do nursery(deadline: 5) |n| do g() end end", "func f() { nursery(deadline: 5) { |n| g() } }"],
    ["func f() do nursery |n| do g() end end", "func f() { nursery do |n| g() end }"],
    ["func f() do shield do g() end end", "func f() { shield { g() } }"],
    ["func f() do spawn func() -> i64 do 1 end end", "func f() { spawn func() -> i64 { 1 } }"],
    ["func f() do using x := e() do g(x) end end", "func f() { using x = e() { g(x) } }"],
    ["func f() do let a = e() catch |err| do g(err) end end", "func f() { let a = e() catch err { g(err) } }"],
    ["func f() do let a = e() or do |err| 1 end end", "func f() { let a = e() catch |err| { 1 } }"],
    ["func f() do select do recv ch |v| do end timeout 5 do end default do end end end",
      "func f() { select { recv ch |v| { } timeout(5) { } default { } } }"],
    ["func f() do select do recv ch |v| do end send ch, 1 do end end end",
      "func f() { select { case v = ch.recv() { } case ch.send(1) { } } }"],
    ["struct P do x: i64, y: i64 end", "struct P { x: i64\n y: i64 }"],
    ["struct P do end: i64 end", "struct P { end: i64 }"],
    ["enum E do A, B(i64) end", "enum E { A\n B(i64) }"],
    ["error E do A end", "error E { A }"],
    ["trait T do func f(self) -> i64 end", "trait T { func f(self) -> i64 }"],
    ["impl T for P do func f(self) -> i64 do 1 end end", "impl T for P { func f(self) -> i64 { 1 } }"],
    ["test \"a\" do assert x end", "test \"a\" { assert x }"],
  ];
  for (const [left, right] of pairs) {
    test(left, () => {
      const trees = [left, right].map((text) => {
        const { unit, diagnostics } = parseText(text);
        expect(diagnostics).toEqual([]);
        return withoutSpans(unit);
      });
      expect(trees[0]).toEqual(trees[1]);
    });
  }
});

describe("line ends", () => {
  test("a line that ends in an operator, a comma or an open bracket goes on", () => {
    expect(body("let a = 1 +\n2\nlet b = f(\n1,\n2\n)\nlet c = [\n1\n]")).toHaveLength(3);
  });

  test("a line that begins with an operator goes on, but not with - ( [", () => {
    expect(shape("let a = xs\n.map(f)\n?.len\n|> g\nand b\nor c\n?? d\n* 2")).not.toContain("¶");
    expect(body("let a = x\n-1")).toHaveLength(2);
    expect(body("let a = x\n(1)")).toHaveLength(2);
    expect(body("let a = x\n[1]")).toHaveLength(2);
  });

  test("`?` and `.*` at the end of a line end the statement", () => {
    expect(body("let a = f()?\nlet b = p.*\ng()")).toHaveLength(3);
  });

  test("in `match` a line that begins with `.` may be the next arm or go on", () => {
    const [stmt] = body("match s {\n.A => x\n.B(y) when y > 1 => x\n.trim()\n.C { w } => z\n}");
    expect(stmt!.kind === "ExprStmt" && stmt.expr.kind === "Match" ? stmt.expr.arms.length : 0).toBe(3);
  });

  test("`;` separates statements", () => {
    expect(body("a(); b(); c()")).toHaveLength(3);
  });
});

describe("precedence", () => {
  const cases: [string, string][] = [
    ["not a == b and c", "(not (a == b)) and c"],
    ["!a == b", "(not a) == b"],
    ["a or b and c", "a or (b and c)"],
    ["a ?? b ?? c", "a ?? (b ?? c)"],
    ["2 ** 3 ** 2", "2 ** (3 ** 2)"],
    ["-x as u8", "-(x as u8)"],
    ["-2 ** 2", "(-2) ** 2"],
    ["a | b ^ c & d << e", "a | (b ^ (c & (d << e)))"],
    ["0..n + 1", "0..(n + 1)"],
    ["x as i64 < 5", "(x as i64) < 5"],
    ["a |> f(1) |> g", "(a |> f(1)) |> g"],
    ["await h?", "(await h)?"],
    ["try f().g + 1", "(try (f().g)) + 1"],
    ["m.get(k) ?? fail NotFound", "m.get(k) ?? (fail NotFound)"],
    ["a == b or c != d", "(a == b) or (c != d)"],
    ["a + b ++ c - d", "((a + b) ++ c) - d"],
  ];
  for (const [text, explicit] of cases) {
    test(text, () => expect(withoutSpans(expr(text))).toEqual(withoutSpans(expr(explicit))));
  }
});

describe("calls", () => {
  test("trailing blocks are the last argument, except in heads", () => {
    expect(expr("xs.map { |u| f(u) }")).toMatchObject({ kind: "Call", args: [{ value: { kind: "Closure",
      form: "brace" } }] });
    expect(expr("xs.fold(0) do |a, b| a + b end")).toMatchObject({ kind: "Call", args: [{},
      { value: { form: "do" } }] });
    expect(body("for x in xs.map(f) { g() }")[0]).toMatchObject({ kind: "For", body: { stmts: [{}] } });
    expect(body("if ready { g() }")[0]).toMatchObject({ kind: "ExprStmt", expr: { kind: "If" } });
    expect(body("if (xs.any { |x| x }) { g() }")[0]).toMatchObject({ expr: { cond: { expr: { kind: "Call" } } } });
  });

  test("without parentheses only as statements, and only where nothing else is meant", () => {
    expect(body("log.info \"started\", port: 8080")[0]).toMatchObject({ expr: { kind: "Call", command: true,
      args: [{ name: null }, { name: "port" }] } });
    expect(body("println x")[0]).toMatchObject({ expr: { kind: "Call", command: true } });
    expect(body("assert not x")[0]).toMatchObject({ expr: { kind: "Call", command: true } });
    expect(body("x -1")[0]).toMatchObject({ expr: { kind: "Binary" } });
    expect(body("x [1]")[0]).toMatchObject({ expr: { kind: "Index" } });
    expect(body("x (1)")[0]).toMatchObject({ expr: { kind: "Call", command: false } });
    expect(body("items.each do |x| f(x) end")[0]).toMatchObject({ expr: { kind: "Call", command: false } });
    expect(body("each items do |x| f(x) end")[0]).toMatchObject({ expr: { command: true, args: [{}, {}] } });
    expect(body("println Point { x: 1 }")[0]).toMatchObject({ expr: { args: [{ value: { kind: "StructLit" } }] } });
  });

  test("type arguments", () => {
    expect(expr("channel[[]i64](0)")).toMatchObject({ callee: { kind: "Index", args: [{ kind: "TypeValue" }] } });
    expect(expr("Map[string, []i64].new()")).toMatchObject({ callee: { object: { args: [{ kind: "Name" },
      { kind: "TypeValue" }] } } });
    expect(expr("f[i64?](x)")).toMatchObject({ callee: { args: [{ kind: "TypeValue",
      type: { kind: "OptionalType" } }] } });
    expect(expr("xs[i]")).toMatchObject({ kind: "Index", args: [{ kind: "Name" }] });
    expect(expr("xs[[]]")).toMatchObject({ kind: "Index", args: [{ kind: "ArrayLit" }] });
  });

  test("`>>` closes two type argument lists", () => {
    const { unit, diagnostics } = parseText("func f(m: Map<string, Array<i64>>) -> Array<Array<Item>> do end");
    expect(diagnostics).toEqual([]);
    expect(unit.decls[0]).toMatchObject({ params: [{ type: { path: ["Map"], args: [{}, { path: ["Array"] }] } }] });
  });
});

describe("words", () => {
  test("contextual keywords are names wherever they do not mean anything else", () => {
    const words = ["recv", "send", "timeout", "closed", "default", "case", "self", "test", "limit", "type", "error",
      "loop",
      "then", "nursery", "shield", "use", "profile", "async", "using", "yielded"];
    for (const word of words) {
      expect(body(`let ${word} = 1\n${word} = ${word} + 1\nf(${word})\nx.${word}()`)).toHaveLength(4);
    }
  });

  test("any word may name a field, an argument or a member", () => {
    expect(expr("S { end: 1, match: 2 }")).toMatchObject({ fields: [{ name: "end" }, { name: "match" }] });
    expect(expr("f(end: 1, in: 2)")).toMatchObject({ args: [{ name: "end" }, { name: "in" }] });
    expect(expr("span.end.match.select(1)")).toMatchObject({ kind: "Call" });
  });

  test("postfix `when`", () => {
    expect(body("return null when x == 0")[0]).toMatchObject({ expr: { kind: "If", postfix: true,
      then: { stmts: [{ expr: { kind: "Return", value: { kind: "NullLit" } } }] } } });
    expect(body("return when done")[0]).toMatchObject({ expr: { postfix: true } });
    expect(body("for x in xs do break when x > 1 end")).toHaveLength(1);
  });
});

describe("statements", () => {
  test("`using` without a block takes the rest of its block", () => {
    expect(body("using f := open()\na()\nb()")).toMatchObject([{ kind: "Using", body: { stmts: [{}, {}] } }]);
  });

  test("assignments", () => {
    expect(body("a, b = b, a")[0]).toMatchObject({ kind: "Assign", targets: [{}, {}], values: [{}, {}], op: null });
    expect(body("p.*.x[1] += 2")[0]).toMatchObject({ kind: "Assign", op: "+" });
    expect(body("a, b := pair")[0]).toMatchObject({ kind: "Let", form: "walrus", pattern: { kind: "TuplePattern" } });
    expect(body("match x { 1 => total = total + 1, _ => f() }")[0]).toMatchObject({
      expr: { arms: [{ body: { kind: "Block", stmts: [{ kind: "Assign" }] } }, {}] } });
  });

  test("declarations without a body", () => {
    const { unit, diagnostics } = parseText("{. intrinsic: \"channel.send\" .} func send(self, v: T)\n"
      + "{. intrinsic .} struct Channel[T] {}\nfunc println(args: ...any) {}\n");
    expect(diagnostics).toEqual([]);
    expect(unit.decls[0]).toMatchObject({ body: null, attributes: [{ name: "intrinsic",
      value: { kind: "StringLit" } }] });
  });

  test("profiles in both spellings", () => {
    for (const text of ["profile :core\n", "{.profile: core.}\n", "{. profile: core .}\n"]) {
      expect(parseText(text).unit.profile).toMatchObject({ name: "core" });
    }
  });

  test("map, block and closure in braces", () => {
    expect(expr("{}")).toMatchObject({ kind: "MapLit", entries: [] });
    expect(expr("{ \"a\": 1, b: 2 }")).toMatchObject({ kind: "MapLit", entries: [{}, {}] });
    expect(expr("{ \"a\": 1,\n \"b\": 2,\n}")).toMatchObject({ kind: "MapLit", entries: [{}, {}] });
    expect(expr("{ |x| x }")).toMatchObject({ kind: "Closure" });
    expect(expr("{ f(); g() }")).toMatchObject({ kind: "Block", stmts: [{}, {}] });
  });
});

describe("repl", () => {
  test("statements keep their order, declarations go to theirs", () => {
    const { unit, diagnostics } = parseText("let x = 1\nfunc f() do end\nprintln x\nconst N = 2\nuse std.io\n",
      { repl: true });
    expect(diagnostics).toEqual([]);
    expect(unit.decls.map((decl) => decl.kind)).toEqual(["FuncDecl", "UseDecl"]);
    expect(unit.stmts.map((stmt) => stmt.kind)).toEqual(["Let", "ExprStmt", "Let"]);
  });

  test("an entry that only lacks its end is incomplete", () => {
    for (const text of ["func f() do", "if x do\n  y()", "let x =", "f(1,", "[1, 2", "struct P {", "1 +", "/* open",
      "match x {\n 1 => 2,", "nursery do\n spawn f()", "xs.map { |x|", "let m = { \"a\": 1,", "select do",
      'let a = """', 'f("""\n  x\n  y', 'let a = $"""\n  {x} y', 'let a = $"""\n  {x +', 'f($"""\n {a}\n""", """']) {
      expect([text, isIncomplete(text)]).toEqual([text, true]);
    }
    for (const text of ["", "1 + 2", "func f() do end", "let x = )", "\"open", "end", "f(1))", "if x do ) end",
      "x y z = 3", 'let a = """\n  x\n  """', 'let a = $"""\n  {x}\n  """', 'let a = ) """\n x']) {
      expect([text, isIncomplete(text)]).toEqual([text, false]);
    }
  });
});
