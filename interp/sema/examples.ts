// For each code of the checker a program that is wrong in just this way, and what to write instead; `janus explain`
// shows both. Text without a `main` is the body of one. tests/explain.test.ts checks every one of them.
import type { Example } from "../syntax/examples.ts";
import type { SemaCode } from "./catalogue.ts";

/** Functions with inferred errors that call each other in a circle, on one line. */
const circle = (n: number): string => Array.from({ length: n }, (_, i) =>
  `async func f${i}() -> i64 do return await f${(i + 1) % n}() end;`).join(" ");

export const semaExamples: Record<SemaCode, Example> = {
  J0201: { wrong: "let count = 1\nprintln(coumt)", right: "let count = 1\nprintln(count)" },
  J0202: { wrong: 'let port: i64 = "80"', right: 'let port: i64 = "80".parse_int() catch 80' },
  J0203: { wrong: "let total = 1\ntotal = 2", right: "var total = 1\ntotal = 2" },
  J0204: { wrong: "func work() do end\nfunc main() do\n    spawn work()\nend",
    right: "func work() do end\nfunc main() do\n    nursery do\n        spawn work()\n    end\nend" },
  J0205: { wrong: "var hits = 0\nnursery do\n    spawn func() do hits += 1 end\nend\nprintln(hits)",
    right: "let hits = Atomic.new(0)\nnursery do\n    spawn func() do hits.fetch_add(1) end\nend\n"
      + "println(hits.load())" },
  J0206: { wrong: 'let names = ["Ann"]\nnursery do\n    spawn func() do names.push("Bob") end\nend',
    right: 'let names = ["Ann"]\nnursery do\n    let task = spawn func() -> []string do\n'
      + '        let mine = clone(names)\n        mine.push("Bob")\n        return mine\n    end\n'
      + '    println(await task)\nend' },
  J0207: { wrong: "struct P { x: i64 }\nfunc show(p: *P) do println(p.x) end\nfunc main() do\n    var p = P { x: 1 }\n"
      + "    nursery do spawn show(&p) end\nend",
    right: "struct P { x: i64 }\nfunc show(p: P) do println(p.x) end\nfunc main() do\n    var p = P { x: 1 }\n"
      + "    nursery do spawn show(p) end\nend" },
  J0208: { wrong: "func area(w: i64, h: i64) -> i64 do return w * h end\nfunc main() do println(area(2)) end",
    right: "func area(w: i64, h: i64) -> i64 do return w * h end\nfunc main() do println(area(2, 3)) end" },
  J0209: { wrong: "struct P { width: i64 }\nfunc main() do println(P { width: 1 }.widht) end",
    right: "struct P { width: i64 }\nfunc main() do println(P { width: 1 }.width) end" },
  J0210: { wrong: "enum Light { Red, Green }\nfunc main() do\n    let light = Light.Red\n"
      + "    match light {\n        .Red => println(\"stop\"),\n    }\nend",
    right: "enum Light { Red, Green }\nfunc main() do\n    let light = Light.Red\n"
      + "    match light {\n        .Red => println(\"stop\"),\n        .Green => println(\"go\"),\n    }\nend" },
  J0211: { wrong: "let n = 3\nmatch n {\n    _ => println(1),\n    3 => println(2),\n}",
    right: "let n = 3\nmatch n {\n    3 => println(2),\n    _ => println(1),\n}" },
  J0212: { wrong: "func sign(n: i64) -> i64 do\n    if n < 0 do return -1 end\nend\n"
      + "func main() do println(sign(1)) end",
    right: "func sign(n: i64) -> i64 do\n    if n < 0 do return -1 end\n    return 1\nend\n"
      + "func main() do println(sign(1)) end" },
  J0213: { wrong: "func one() -> i64 do\n    return 1\n    println(2)\nend\nfunc main() do println(one()) end",
    right: "func one() -> i64 do\n    println(2)\n    return 1\nend\nfunc main() do println(one()) end" },
  J0214: { wrong: "func save() -> !void do fail DiskFull end\nfunc main() do\n    save()\nend",
    right: "func save() -> !void do fail DiskFull end\n"
      + "func main() do\n    save() catch |err| do println(err) end\nend" },
  J0215: { wrong: "func read() -> !i64 do fail Missing end\nfunc twice() -> i64 do return read()? * 2 end\n"
      + "func main() do println(twice()) end",
    right: "func read() -> !i64 do fail Missing end\nfunc twice() -> !i64 do return read()? * 2 end\n"
      + "func main() do println(twice() catch 0) end" },
  J0216: { wrong: "var hits = 0\nfunc main() do println(hits) end",
    right: "let hits = Atomic.new(0)\nfunc main() do println(hits.load()) end" },
  J0217: { wrong: "async func load() -> i64 do return 1 end\nfunc main() do println(load()) end",
    right: "async func load() -> i64 do return 1 end\nfunc main() do println(await load()) end" },
  J0218: { wrong: "profile :core\nfunc main() do\n    nursery do println(1) end\nend",
    right: "profile :service\nfunc main() do\n    nursery do println(1) end\nend" },
  J0219: { wrong: "let a = 1\nvar a = 2\nprintln(a)", right: "let a = 1\nvar b = 2\nprintln(a, b)" },
  J0220: { wrong: "let names = []\nprintln(names.len)", right: "let names: []string = []\nprintln(names.len)" },
  J0221: { wrong: "struct P { x: i64 }\nfunc main() do\n    println(max(P { x: 1 }, P { x: 2 }))\nend",
    right: "struct P { x: i64 }\nimpl Ordered for P {\n"
      + "    func cmp(self, other: P) -> i64 do return self.x - other.x end\n"
      + "}\n"
      + "func main() do\n    println(max(P { x: 1 }, P { x: 2 }))\nend" },
  J0222: { wrong: "struct P { x: i64, y: i64 }\nfunc main() do println(P { x: 1 }) end",
    right: "struct P { x: i64, y: i64 }\nfunc main() do println(P { x: 1, y: 2 }) end" },
  J0223: { wrong: 'println(1 + "a")', right: 'println(str(1) + "a")' },
  J0224: { wrong: "func main() do\n    break\nend", right: "func main() do\n    loop do\n        break\n    end\nend" },
  J0225: { wrong: "use std.maths\nfunc main() do end",
    right: "use std.math\nfunc main() do println(sqrt(2.0)) end" },
  J0226: { wrong: "let a = b + 1\nlet b = a + 1\nfunc main() do println(a, b) end",
    right: "let a = 1\nlet b = a + 1\nfunc main() do println(a, b) end" },
  J0227: { wrong: "trait Named { func name(self) -> string }\nstruct Dog {}\nimpl Named for Dog {}\nfunc main() do end",
    right: "trait Named { func name(self) -> string }\nstruct Dog {}\n"
      + "impl Named for Dog { func name(self) -> string do return \"Rex\" end }\n"
      + "func main() do println(Dog {}.name()) end" },
  J0228: { wrong: "use std.hash\nfunc main() do println(hash.crc_table()) end",
    right: 'use std.hash\nfunc main() do println(hash.crc32("abc")) end' },
  J0229: { wrong: "match 1 {\n    \"one\" => println(1),\n    _ => println(2),\n}",
    right: "match 1 {\n    1 => println(1),\n    _ => println(2),\n}" },
  J0230: { wrong: "let level: u8 = 300", right: "let level: u16 = 300" },
  J0231: { wrong: "let count = 5\nfor i in count do println(i) end",
    right: "let count = 5\nfor i in 0..count do println(i) end" },
  J0232: { wrong: 'println("5" as i64)', right: 'println("5".parse_int() catch 0)' },
  J0233: { wrong: "let n = Atomic.new(1)\nprintln(n.load(.Release))",
    right: "let n = Atomic.new(1)\nprintln(n.load(.Acquire))" },
  J0234: { wrong: "struct List { value: i64, next: List }\nfunc main() do end",
    right: "struct List { value: i64, next: ?*List }\n"
      + "func main() do println(List { value: 1, next: null }.value) end" },
  J0235: { wrong: "func one() -> i64 do return 1 end\nfunc main() do println(one()?) end",
    right: "func one() -> i64 do return 1 end\nfunc main() do println(one()) end" },
  J0236: { wrong: "func one() -> i64 do return 1 end\nfunc main() do\n    let r = &one()\n    println(r.*)\nend",
    right: "func one() -> i64 do return 1 end\nfunc main() do\n    var n = one()\n    let r = &n\n"
      + "    println(r.*)\nend" },
  J0237: { wrong: "struct P { x: i64 }\nfunc main() do\n    let p = P\n    println(p)\nend",
    right: "struct P { x: i64 }\nfunc main() do\n    let p = P { x: 1 }\n    println(p)\nend" },
  J0238: { wrong: 'println($"{1.5:x}")', right: 'println($"{1.5:.2f}")' },
  J0241: { wrong: "func work() -> i64 do\n    defer do return 3 end\n    return 1\nend\n"
      + "func main() do println(work()) end",
    right: "func work() -> i64 do\n    defer println(\"done\")\n    return 3\nend\n"
      + "func main() do println(work()) end" },
  J0240: { wrong: "use example\nfunc main() do end", right: "use std.math\nfunc main() do println(sqrt(4.0)) end" },
  J0242: { wrong: `${circle(1000)}\nfunc main() do println(await f0()) end`,
    right: "async func f(n: i64) -> i64 do return await g(n) end\nasync func g(n: i64) -> i64 do return n end\n"
      + "func main() do println(await f(1)) end" },
  J0243: { wrong: "trait Cat { func say(self) -> string do return \"miaow\" end }\n"
      + "trait Dog { func say(self) -> string do return \"woof\" end }\nstruct Toy {}\nimpl Cat for Toy {}\n"
      + "impl Dog for Toy {}\nfunc main() do println(Toy {}.say()) end",
    right: "trait Cat { func say(self) -> string do return \"miaow\" end }\n"
      + "trait Dog { func say(self) -> string do return \"woof\" end }\nstruct Toy {}\nimpl Cat for Toy {}\n"
      + "impl Dog for Toy {}\nfunc main() do println(Dog.say(Toy {})) end" },
  J0244: { wrong: "func sum(xs: ...i64) -> i64 do\n    return xs.len\nend\nfunc main() do println(sum([1, 2, 3])) end",
    right: "func sum(xs: []i64) -> i64 do\n    return xs.len\nend\nfunc main() do println(sum([1, 2, 3])) end" },
  J0239: { wrong: "profile :services\nfunc main() do end", right: "profile :service\nfunc main() do end" },
};
