// For each code of the lexer and parser a program that is wrong in just this way, and what to write instead; `janus
// explain` shows both. Text without a `main` is the body of one. tests/explain.test.ts runs every one of them.
import type { SyntaxCode } from "./diagnostic.ts";

export interface Example {
  wrong: string;
  right: string;
}

const TOO_DEEP = `let x = ${"-".repeat(1001)}1`;
const TOO_LONG = `let x = 1 +${" ".repeat(2_097_152)}1`;

export const syntaxExamples: Record<SyntaxCode, Example> = {
  J0101: { wrong: "let x 5", right: "let x = 5" },
  J0102: { wrong: "let price = 5 § 2", right: "let price = 5 * 2" },
  J0103: { wrong: 'println("hello)', right: 'println("hello")' },
  J0104: { wrong: "func main() do end\n/* one /* two */", right: "func main() do end\n/* one /* two */ */" },
  J0105: { wrong: "let mask = 0b102", right: "let mask = 0b101" },
  J0106: { wrong: 'println("a\\qb")', right: 'println("a\\tb")' },
  J0107: { wrong: "let c = 'ab'", right: "let c = 'a'\nlet text = \"ab\"" },
  J0108: { wrong: "func main() do\n    if true do\n        println(1)\nend",
    right: "func main() do\n    if true do\n        println(1)\n    end\nend" },
  J0109: { wrong: "println((1 + 2)", right: "println((1 + 2))" },
  J0110: { wrong: "func main() do\n    println(1)\nend\nend", right: "func main() do\n    println(1)\nend" },
  J0111: { wrong: "let ok = true && false", right: "let ok = true and false" },
  J0112: { wrong: "fn double(x: i64) -> i64 do return x * 2 end\nfunc main() do println(double(2)) end",
    right: "func double(x: i64) -> i64 do return x * 2 end\nfunc main() do println(double(2)) end" },
  J0113: { wrong: "var x = 1\nif x = 2 do println(x) end", right: "var x = 1\nif x == 2 do println(x) end" },
  J0114: { wrong: "let x = 2\nprintln(1 < x < 3)", right: "let x = 2\nprintln(1 < x and x < 3)" },
  J0115: { wrong: "println(1, , 2)", right: "println(1, 2)" },
  J0116: { wrong: "func show(x: ) do println(x) end\nfunc main() do show(1) end",
    right: "func show(x: i64) do println(x) end\nfunc main() do show(1) end" },
  J0117: { wrong: "match 1 {\n    => println(1),\n    _ => println(2),\n}",
    right: "match 1 {\n    1 => println(1),\n    _ => println(2),\n}" },
  J0118: { wrong: "struct { x: i64 }\nfunc main() do end",
    right: "struct Point { x: i64 }\nfunc main() do println(Point { x: 1 }) end" },
  J0119: { wrong: TOO_DEEP, right: "let x = -1" },
  J0120: { wrong: "var total = 1\ntotal + 1 = 3", right: "var total = 1\ntotal = 3" },
  J0121: { wrong: "println(1) println(2)", right: "println(1); println(2)" },
  J0122: { wrong: "func main() do\n    struct Point { x: i64 }\nend",
    right: "struct Point { x: i64 }\nfunc main() do\n    println(Point { x: 1 })\nend" },
  J0123: { wrong: "println(1)\nfunc main() do end", right: "func main() do\n    println(1)\nend" },
  J0124: { wrong: "func one() -> i64\nfunc main() do println(one()) end",
    right: "func one() -> i64 do return 1 end\nfunc main() do println(one()) end" },
  J0125: { wrong: "func main() do end\n{. inline .}",
    right: "{. inline .}\nfunc one() -> i64 do return 1 end\nfunc main() do println(one()) end" },
  J0126: { wrong: 'println($"value: {}")', right: 'println($"value: {1 + 1}")' },
  J0127: { wrong: "nursery do\n    spawn 5\nend",
    right: "func work(n: i64) do println(n) end\nfunc main() do\n    nursery do\n        spawn work(5)\n    end\nend" },
  J0128: { wrong: "select do\n    println(1)\nend", right: "select do\n    timeout 1 do println(1) end\nend" },
  J0129: { wrong: "func show(x) do println(x) end\nfunc main() do show(1) end",
    right: "func show(x: i64) do println(x) end\nfunc main() do show(1) end" },
  J0130: { wrong: "var x: i64\nprintln(x)", right: "var x: i64 = 0\nprintln(x)" },
  J0131: { wrong: "struct P { x: i64 }\nfunc main() do\n    if P { x: 1 } == P { x: 1 } do println(1) end\nend",
    right: "struct P { x: i64 }\nfunc main() do\n    if (P { x: 1 }) == (P { x: 1 }) do println(1) end\nend" },
  J0132: { wrong: TOO_LONG, right: "let x = 1" },
  J0133: { wrong: 'println("""one\n    two\n    """)', right: 'println("""\n    one\n    two\n    """)' },
};
