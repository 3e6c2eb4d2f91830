// Programs that have very much of one thing: deep, wide or long. Each is made for a size.

const times = (count: number, text: (i: number) => string, between = ""): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(between);
const main = (body: string): string => `func main() do\n${body}\nend\n`;
/** Of what takes more than linear time by its nature. */
const few = (n: number): number => Math.min(n, 2000);

/** Below, at and above the bounds that there are. */
export const SIZES = [3, 60, 249, 251, 499, 501, 999, 1001, 2500, 10_000];

/** The value v of a type L that is nested n deep. */
const NESTED: Record<string, (n: number) => [declarations: string, value: string]> = {
  optional: (n) => ["struct L { n: i64, next: ?L }\n",
    `var v = L { n: 0, next: null }\nfor i in 0..${few(n)} do v = L { n: i, next: v } end\n`],
  slices: (n) => ["struct L { n: i64, next: []L }\n",
    `var v = L { n: 0, next: [] }\nfor i in 0..${n * 10} do v = L { n: i, next: [v] } end\n`],
  maps: (n) => ["struct L { n: i64, next: Map[string, L] }\n",
    `var v = L { n: 0, next: {} }\nfor i in 0..${n} do v = L { n: i, next: { "a": v } } end\n`],
  enums: (n) => ["enum L { Nil, Cons(i64, L) }\n",
    `var v: L = .Nil\nfor i in 0..${n * 10} do v = L.Cons(i, v) end\n`],
  tuples: (n) => ["enum L { Nil, Cons((i64, L)) }\n",
    `var v: L = .Nil\nfor i in 0..${n * 10} do v = L.Cons((i, v)) end\n`],
  closures: (n) => ["type L = func() -> i64\n", "var v: func() -> i64 = func() -> i64 do return 1 end\n"
    + `for i in 0..${n * 10} do\nlet w = v\nv = func() -> i64 do return w() + 1 end\nend\n`],
  errors: (n) => ["error E { End, Link(i64, []E) }\ntype L = E\n",
    `var v: E = .End\nfor i in 0..${n * 10} do v = E.Link(i, [v]) end\n`],
};

const USES: Record<string, (declarations: string, value: string) => string> = {
  print: (d, v) => d + main(`${v}println($"{v}".len)`),
  "compare and clone": (d, v) => d + main(`${v}let w = v.clone()\nprintln(v == w)`),
  send: (d, v) => d + main(`${v}let c = channel[L](1)\nc.send(v)\nlet w = c.recv()\nprintln(1)`),
  spawn: (d, v) => `${d}func take(x: L) do println(1) end\n${main(`${v}nursery do spawn take(v) end`)}`,
  await: (d, v) => `${d}func make() -> L do\n${v}return v\nend\n`
    + main("nursery do\nlet t = async make()\nlet w = await t\nprintln(1)\nend"),
  guard: (d, v) => d + main(`${v}let m = Mutex.new(v)\nprintln(1)`),
  "file as a key": (d, v) => d + main(`${v}let s: Set[L] = Set.of([v, v.clone()])\nprintln(s.len)`),
  "keep in a module": (d, v) => `let G = make()\n${d}func make() -> L do\n${v}return v\nend\n`
    + "func see() do\nlet w = G\nprintln(1)\nend\n" + main("nursery do spawn see() end"),
};

const nestedShapes = Object.entries(NESTED).flatMap(([kind, nested]) => Object.entries(USES).map(([use, make]) =>
  [`${use}: a value nested in ${kind}`, (n: number) => make(...nested(n))] as const));

const WRAPS: Record<string, [before: string, inner: string, after: string]> = {
  parentheses: ["(", "1", ")"], brackets: ["[", "1", "]"], signs: ["- ", "1", ""], nots: ["not ", "true", ""],
  closures: ["{ |x| ", "1", " }"], blocks: ["do ", "1", " end"], tuples: ["(", "1", ", 2)"], maps: ["{ 1: ", "1", " }"],
  "calls of calls": ["abs(", "1", ")"], "tests in tests": ["if true do ", "1", " else 2 end"],
  matches: ["match 1 { 1 => ", "1", ", _ => 2 }"], interpolations: ['$"{', "1", '}"'], sums: ["1 + (", "1", ")"],
  "texts of several lines": ['$"""\n{', "1", '}\n"""'], casts: ["(", "1", " as i64)"], spawns: ["spawn f(", "1", ")"],
  awaits: ["await ", "x", ""], handlers: ["(", "1", " catch 2)"], ranges: ["(0..", "1", ").len"],
};

const wrapShapes = Object.entries(WRAPS).map(([name, [before, inner, after]]) => [`${name} in each other`,
  (n: number) => main(`let a = ${before.repeat(n)}${inner}${after.repeat(n)}\nprintln(1)`)] as const);

const TYPES: Record<string, [string, string]> = {
  optional: ["?", ""], slice: ["[]", ""], pointer: ["*", ""], array: ["[1]", ""], function: ["func() -> ", ""],
  tuple: ["(", ", i64)"], map: ["Map[string, ", "]"], channel: ["Channel[", "]"], struct: ["Box[", "]"],
};

const typeShapes = Object.entries(TYPES).map(([name, [before, after]]) => [`a type nested in ${name}s`, (n: number) =>
  `struct Box[T] { v: ?T = null }\nfunc f(x: ?${before.repeat(n)}i64${after.repeat(n)}) do println(x) end\n`
    + main("f(null)")] as const);

const LINKS: Record<string, (i: number) => string> = {
  optionals: (i) => `?S${i}`, slices: (i) => `[]S${i}`, maps: (i) => `Map[string, S${i}]`,
  closures: (i) => `?func() -> S${i}`, pointers: (i) => `?*S${i}`, values: (i) => `S${i}`,
};

const linkShapes = Object.entries(LINKS).flatMap(([name, link]) => [
  [`a chain of structs by ${name}`, (n: number) => times(n, (i) => `struct S${i} { next: ${link(i + 1)} }\n`)
    + `struct S${n} { n: i64 = 0 }\n` + main(name === "slices" ? "let s = S0 { next: [] }\nprintln(s, s == s)"
      : name === "maps" ? "let s = S0 { next: {} }\nprintln(s)"
        : "let s: ?S0 = null\nlet c = channel[?S0](1)\nc.send(s)\nprintln(s, c.recv())")] as const,
  [`a circle of structs by ${name}`, (n: number) => times(n, (i) => `struct S${i} { next: ${link((i + 1) % n)} }\n`)
    + main("let s: ?S0 = null\nprintln(s)")] as const,
]);

export const SHAPES: Record<string, (n: number) => string> = {
  ...Object.fromEntries([...nestedShapes, ...wrapShapes, ...typeShapes, ...linkShapes]),
  "operators in a row": (n) => main(`println(1${" + 1".repeat(n)})`),
  "comparisons in a row": (n) => main(`println(1${" == 1".repeat(n)})`),
  "strings joined": (n) => main(`println(("a"${' ++ "a"'.repeat(n)}).len)`),
  "optionals in a row": (n) => `func f() -> ?i64 do return null end\n${main(`println(f()${" ?? f()".repeat(n)})`)}`,
  "methods in a row": (n) => main(`println([1]${".map { |x| x }".repeat(few(n))}.len)`),
  "else ifs": (n) => main(`let x = 1\nif x == 0 do println(0)\n`
    + `${times(n, (i) => `else if x == ${i} do println(1)\n`)}end`),
  "statements that block": (n) => main(`${"if true do\n".repeat(n)}println(1)\n${"end\n".repeat(n)}`),
  "nurseries in each other": (n) => main(`${"nursery do\n".repeat(n)}println(1)\n${"end\n".repeat(n)}`),
  "defers in each other": (n) => main(`${"defer do\n".repeat(n)}println(1)\n${"end\n".repeat(n)}`),
  "selects in each other": (n) => main(`${"select do timeout 0 do\n".repeat(n)}println(1)\n${"end end\n".repeat(n)}`),
  "functions in each other": (n) => main(`${times(n, (i) => `func f${i}() do\n`)}${"end\n".repeat(n)}`),
  "functions that call the next": (n) => times(n, (i) => `func f${i}() -> i64 do return f${i + 1}() + 1 end\n`)
    + `func f${n}() -> i64 do return 0 end\n` + main("println(f0())"),
  "functions with the errors of the next": (n) => times(n, (i) => `async func f${i}() do await f${i + 1}()? end\n`)
    + `async func f${n}() do fail Last end\n`
    + main("nursery do\nlet t = async f0()\nawait t catch println(1)\nend"),
  "constants of the next": (n) => times(n, (i) => `const C${i} = C${i + 1} + 1\n`) + `const C${n} = 0\n`
    + main("let a: [C0]u8 = [0; C0]\nprintln(a.len)"),
  "constants in a circle": (n) => times(n, (i) => `const C${i} = C${(i + 1) % n} + 1\n`) + main("println(C0)"),
  "values in a circle through functions": (n) =>
    times(n, (i) => `let V${i} = f${i}()\nfunc f${i}() -> i64 do return V${(i + 1) % n} end\n`) + main("println(V0)"),
  "aliases of the next": (n) => times(n, (i) => `type A${i} = A${i + 1}\n`) + `type A${n} = i64\n`
    + main("let a: A0 = 1\nprintln(a)"),
  "aliases that double": (n) => times(n, (i) => `type A${i} = (A${i + 1}, A${i + 1})\n`) + `type A${n} = i64\n`
    + "func f(x: ?A0) do println(1) end\n" + main("f(null)"),
  "traits of the next": (n) => times(n, (i) => `trait T${i}: T${i + 1} { func m${i}(self) -> i64 }\n`)
    + `trait T${n} {}\n` + "func f[X: T0](x: X) -> i64 do return x.m0() end\n" + main("println(1)"),
  "impls of one trait": (n) => "trait T { func m(self) -> i64 }\n"
    + times(n, (i) => `struct S${i} {}\nimpl T for S${i} { func m(self) -> i64 do return ${i} end }\n`)
    + main(`println(S0 {}.m(), S${n - 1} {}.m())`),
  "variants, matched": (n) => `enum E { ${times(n, (i) => `V${i}`, ", ")} }\nfunc f(e: E) -> i64 do\nreturn match e {\n`
    + `${times(n, (i) => `.V${i} => ${i},\n`)}}\nend\n` + main(`println(f(.V${n - 1}))`),
  "variants that carry, not matched": (n) => `enum E { ${times(n, (i) => `V${i}(i64)`, ", ")} }\n`
    + main(`let e = E.V0(1)\nmatch e {\n${times(n - 1, (i) => `.V${i}(x) => println(x),\n`)}}`),
  "pairs of variants": (n) => `enum E { ${times(few(n), (i) => `V${i}`, ", ")} }\n`
    + `func f(a: E, b: E) do\nmatch (a, b) {\n${times(few(n), (i) => `(.V${i}, _) => println(${i}),\n`)}}\nend\n`
    + main("f(.V0, .V1)"),
  "patterns in each other": (n) => main("match 1 {\n"
    + `${"(".repeat(n)}1${")".repeat(n)} => println(1),\n_ => println(2),\n}`),
  "patterns of slices": (n) => main(`match [1] {\n[${times(n, () => "_", ", ")}] => println(1),\n_ => println(2),\n}`),
  "alternatives": (n) => main(`match 1 {\n${times(n, String, " | ")} => println(1),\n_ => println(2),\n}`),
  "type parameters": (n) => `func f[${times(few(n), (i) => `T${i}`, ", ")}](x: T0) do println(x) end\n` + main("f(1)"),
  "instances of instances": (n) => `func f[T](n: i64, x: T) -> i64 do\nif n == 0 do return 0 end\n`
    + `return f(n - 1, (x, 1))\nend\n` + main(`println(f(${n}, 1))`),
  "unknown names": (n) => main(times(n, (i) => `println(name${i})\n`)),
  "unknown names beside known ones": (n) => times(n, (i) => `struct Stru${i} { n: i64 }\n`)
    + times(n, (i) => `func f${i}(x: Strx${i}) do end\n`) + main("println(1)"),
  "errors of the parser": (n) => times(n, (i) => `func f${i}() do let x = ) end\n`),
  "errors of types": (n) => main(times(n, (i) => `let x${i}: string = ${i}\n`)),
  "an open bracket": (n) => main(`println(${"[(".repeat(n)}`),
  "an open text": (n) => main(`println($"""\n${"{".repeat(n * 2 + 1)}\n`),
  "names declared again": (n) => times(n, () => "func f() do end\n") + main("f()"),
  "recursion without an end": () => "func f(n: i64) -> i64 do return f(n + 1) + 1 end\n" + main("println(f(0))"),
  "recursion of tasks": () => "async func f(n: i64) -> i64 do return await f(n + 1) end\n"
    + main("nursery do println(await async f(0)) end"),
  "recursion of closures": () => main("var f = func(n: i64) -> i64 do return n end\n"
    + "f = func(n: i64) -> i64 do return f(n + 1) + 1 end\nprintln(f(0))"),
  "parameters and arguments": (n) => `func f(${times(n, (i) => `a${i}: i64`, ", ")}) -> i64 do return a0 end\n`
    + main(`println(f(${times(n, String, ", ")}))`),
  fields: (n) => `struct S { ${times(n, (i) => `a${i}: i64 = ${i}`, ", ")} }\n`
    + main("let s = S {}\nprintln(s == s, s.clone().a0)"),
  "a tuple": (n) => main(`let t = (${times(n, String, ", ")})\nprintln(t == t)`),
  "spawned fibers": (n) => "func f(n: i64) do yield end\n"
    + main(`nursery do\nfor i in 0..${n} do spawn f(i) end\nend\nprintln(1)`),
  "failing fibers": (n) => "error Trouble { Bad(i64) }\nfunc f(n: i64) -> void ! Trouble do fail Trouble.Bad(n) end\n"
    + main(`nursery do\nfor i in 0..${n} do spawn f(i) end\nend catch println(1)`),
  "long names": (n) => `func ${"a".repeat(n)}() do println(1) end\n` + main(`${"a".repeat(n)}()\n${"a".repeat(n)}b()`),
  "attributes": (n) => `${"{. inline .}\n".repeat(n)}func f() do end\n` + main("f()"),
  "labels and loops": (n) => main(`${times(n, (i) => `for i${i} in 0..1 do\n`)}println(1)\n${"end\n".repeat(n)}`),
};
