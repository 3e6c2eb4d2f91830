// Programs that call functions and methods of std with values at the edges of their types. Which there are is read from
// std itself, so what is added there is called, too.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FuncDecl, ImplDecl, TypeExpr } from "../../interp/syntax/ast.ts";
import { parse } from "../../interp/syntax/parser.ts";
import { sourceText } from "../../interp/syntax/source.ts";
import { ROOT } from "../runner/checkout.ts";
import type { Random } from "./random.ts";

/** What ends the program, waits for the outside, or leaves the folder. */
const SPARED = /^(fs|os|io|net|http|testing)\b|net\.jan|exit|abort|sleep|read|input|signal|unsafe/;

const INTEGERS = ["0", "1", "-1", "2", "7", "63", "64", "65", "255", "256", "9223372036854775807",
  "(-9223372036854775807 - 1)", "4294967296", "1000000"];
const FLOATS = ["0.0", "-0.0", "1.5", "-1.0", "1e308", "5e-324", "(0.0 / 0.0)", "(1.0 / 0.0)", "(-1.0 / 0.0)",
  "1e19", "9007199254740993.0"];
const STRINGS = ['""', '"a"', '" \\t\\n"', '"é\\u{1F600}"', '"é"[0..1]', '"\\0"', '"x".repeat(100000)',
  '"-1"', '"1e999"', '"99999999999999999999"', '"a,b,,c"', '"%s{}"', '"[1, {\\"a\\": null}]"', '"[".repeat(5000)',
  '"2026-02-30T25:61:61Z"'];
const SLICES = ["[]", "[1]", "[3, 1, 2]", "[9223372036854775807, -1, 0]", "[0; 10000]"];

const VALUES: Record<string, string[]> = {
  i64: INTEGERS, int: INTEGERS, usize: INTEGERS, f64: FLOATS, float: FLOATS, string: STRINGS, bool: ["true", "false"],
  i8: ["-128", "127", "0"], i16: ["-32768", "32767"], i32: ["-2147483648", "2147483647", "0"],
  u8: ["0", "255"], u16: ["0", "65535"], u32: ["0", "4294967295"], u64: ["0", "18446744073709551615"],
  f32: ["0.0", "3.4e38", "1e-45"], "[]i64": SLICES, "[]u8": ["[]", "[0]", "[255, 254, 128]"],
  "[]string": ["[]", '[""]', '["a", "", "b"]'], "[]f64": ["[]", "[0.0 / 0.0, 1.0, -0.0]"],
  "Map[i64,i64]": ["{}", "{ 1: 2 }"], "Map[string,i64]": ["{}", '{ "": 0 }'],
  "Set[i64]": ["Set.of([1, 2])"], "?i64": ["null", "1"],
  "func(i64)->i64": ["{ |x| x }", "{ |x| x * x }", "{ |x| 1 / x }"],
  "func(i64)->bool": ["{ |x| x > 1 }", "{ |_| true }"], "func(i64)->void": ["{ |_| }"],
  "func(i64,i64)->i64": ["{ |x, y| x + y }", "{ |x, y| x - y }"],
  "func(i64,i64)->bool": ["{ |x, y| x < y }", "{ |_, _| true }"],
  "func()->i64": ["{ 1 }"], "func(i64)->string": ['{ |x| $"{x}" }'],
};

interface Callee {
  /** The module to use, null for what is always there. */
  module: string | null;
  /** Types of the receiver, if it is a method, and the parameters. */
  params: string[];
  isMethod: boolean;
  /** With what stands before it: a module, a type. */
  name: string;
  isVoid: boolean;
  mayFail: boolean;
}

/** A type as a key of VALUES, type parameters read as i64. */
function keyOf(type: TypeExpr | null, params: Set<string>): string {
  switch (type?.kind) {
    case "NamedType": {
      const name = type.path.at(-1)!;
      if (params.has(name)) return "i64";
      return type.args.length === 0 ? name : `${name}[${type.args.map((arg) => keyOf(arg, params)).join(",")}]`;
    }
    case "SliceType": return `[]${keyOf(type.elem, params)}`;
    case "OptionalType": return `?${keyOf(type.of, params)}`;
    case "FuncType":
      return `func(${type.params.map((p) => keyOf(p, params)).join(",")})->${keyOf(type.result, params)}`;
    default: return type === null || type === undefined ? "void" : type.kind;
  }
}

let callees: Callee[] | null = null;

function collected(): Callee[] {
  if (callees !== null) return callees;
  const made: Callee[] = [];
  const add = (module: string | null, f: FuncDecl, impl: ImplDecl | null): void => {
    if (!f.pub && impl === null) return;
    const generic = new Set([...f.typeParams, ...(impl?.typeParams ?? [])].map((p) => p.name));
    const isMethod = f.receiver !== null;
    const params = f.params.map((p, i) => keyOf(i === 0 && isMethod ? impl?.target ?? null : p.type, generic));
    if (params.every((key) => Object.hasOwn(VALUES, key)) && !SPARED.test(f.name)) {
      const ok = f.result?.kind === "ErrorUnionType" ? f.result.ok : f.result;
      // whole paths: what belongs to a type stands behind its module
      const type = impl?.target.kind === "NamedType" ? impl.target.path.at(-1)! : null;
      const owner = [module, type].filter((part) => part !== null).join(".") || null;
      made.push({ module, params, isMethod, name: isMethod || owner === null ? f.name : `${owner}.${f.name}`,
        isVoid: keyOf(ok, generic) === "void", mayFail: f.result?.kind === "ErrorUnionType" });
    }
  };
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(ROOT, "std", folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (SPARED.test(path)) continue;
      if (entry.isDirectory()) visit(path);
      else if (entry.name.endsWith(".jan")) {
        const text = readFileSync(join(ROOT, "std", path), "utf8");
        const { unit } = parse(sourceText(path, text));
        const module = /^core\//.test(path) ? null : `std.${path.replace(/\.jan$/, "").replaceAll("/", ".")}`;
        for (const decl of unit.decls) {
          if (decl.kind === "FuncDecl") add(module, decl, null);
          if (decl.kind === "ImplDecl" && decl.trait === null) for (const f of decl.methods) add(module, f, decl);
        }
      }
    }
  };
  visit(".");
  return callees = made;
}

/** How many functions and methods of std are called. */
export const calleeCount = (): number => collected().length;

/** A few calls, each in a function of its own, so that one that does not check says so alone. */
export function edgeProgram(random: Random): string {
  const uses = new Set<string>();
  const body: string[] = [];
  for (let i = random.between(2, 5); i > 0; i--) {
    const { module, params, isMethod, name, isVoid, mayFail } = random.pick(collected());
    const args = params.map((key) => random.pick(VALUES[key]!));
    const types = params.map((key) => key.replace("->void", ""));
    const names = params.map((_, n) => `a${n}`);
    const given = args.map((arg, n) => `    let a${n}: ${types[n]!.replace("->", " -> ")} = ${arg}`);
    if (module !== null) uses.add(`use ${module}`);
    const call = isMethod ? `a0.${name}(${names.slice(1).join(", ")})` : `${name}(${names.join(", ")})`;
    const whole = `${call}${mayFail ? "?" : ""}`;
    const used = isVoid ? [`    ${whole}`] : [`    let made = ${whole}`, "    println($\"{made}\".len)"];
    body.push(`func call${i}() -> !i64 do`, ...given, ...used, "    return 1", "end");
  }
  const calls = body.filter((line) => line.startsWith("func ")).map((line) =>
    `    println(${line.slice(5, line.indexOf("("))}() catch 0)`);
  return [...uses, ...body, "func main() do", ...calls, "end", ""].join("\n");
}
