// Types of std as programs write them, and which of them stand for type parameters.
import type { ErrorSet, Type, TypeParam } from "../../interp/syntax/ast.ts";
import { prune } from "../../interp/sema/types.ts";
import type { Random } from "../fuzz/random.ts";
import type { Library } from "./callees.ts";

const BY_TRAIT: Record<string, string[]> = {
  Number: ["i64", "f64", "u8", "i32", "f32", "u64", "i8"], Integer: ["i64", "u64", "i8", "u8", "i32", "u32", "i16"],
  Float: ["f64", "f32"], Ordered: ["i64", "string", "f64", "u64", "(i64, string)"],
  AtomicEligible: ["i64", "bool", "u8", "u64"], AtomicInteger: ["i64", "u8", "i32", "u64"],
};
const ANY: string[] = ["i64", "i64", "string", "f64", "bool", "u8", "[]i64", "?i64", "(i64, string)",
  "Map[string, i64]", "[][]i64", "i32", "[]string"];

const numeric = (name: string): Type => {
  const bits = Number(name.slice(1));
  return (name.startsWith("f") ? { k: "float", bits } : { k: "int", name, bits, signed: name.startsWith("i") }) as Type;
};
const I64 = numeric("i64");
const STRING: Type = { k: "string" };

/** Binds the type parameters of a pattern so that it is a type; false where it cannot be. */
export function binds(pattern: Type, wanted: Type, bound: Map<TypeParam, Type>): boolean {
  const [p, w] = [prune(pattern), prune(wanted)];
  if (p.k === "param") {
    const known = bound.get(p.param);
    if (known !== undefined) return binds(known, w, bound);
    bound.set(p.param, w);
    return true;
  }
  const each = (ps: Type[], ws: Type[]): boolean =>
    ps.length === ws.length && ps.every((one, i) => binds(one, ws[i]!, bound));
  if (p.k !== w.k) return false;
  switch (p.k) {
    case "int": return p.name === (w as typeof p).name;
    case "float": return p.bits === (w as typeof p).bits;
    case "optional": return binds(p.of, (w as typeof p).of, bound);
    case "slice": return binds(p.of, (w as typeof p).of, bound);
    case "array": return p.length === (w as typeof p).length && binds(p.of, (w as typeof p).of, bound);
    case "pointer": return binds(p.to, (w as typeof p).to, bound);
    case "tuple": return each(p.elems, (w as typeof p).elems);
    case "func": return each([...p.params, p.result], [...(w as typeof p).params, (w as typeof p).result]);
    case "struct": case "builtin": case "enum":
      return p.decl === (w as typeof p).decl && each(p.args, (w as typeof p).args);
    case "error": return p.decl === (w as typeof p).decl;
    case "any": case "result": return false;
    default: return true;
  }
}

/** The words for the types of a library. */
export class Types {
  constructor(private readonly library: Library) {}

  /** A type as a program writes it, with whole paths. */
  written(type: Type): string {
    const t = prune(type);
    switch (t.k) {
      case "int": return t.name;
      case "float": return t.bits === 64 ? "f64" : "f32";
      case "range": return "Range";
      case "error-any": return "error";
      case "optional": {
        const inner = this.written(t.of);
        return ["optional", "result"].includes(prune(t.of).k) ? `?(${inner})` : `?${inner}`;
      }
      case "slice": return `[]${this.#tight(t.of)}`;
      case "array": return `[${t.length}]${this.#tight(t.of)}`;
      case "tuple": return `(${t.elems.map((e) => this.written(e)).join(", ")})`;
      case "func": return `func(${t.params.map((p) => this.written(p)).join(", ")}) -> ${this.written(t.result)}`;
      case "pointer": return `*${this.written(t.to)}`;
      case "struct": case "builtin": case "enum": case "error": {
        const module = this.library.moduleOf(t.decl);
        const args = t.k === "error" || t.args.length === 0 ? "" : `[${t.args.map((a) => this.written(a)).join(", ")}]`;
        return `${module === null ? "" : `${module}.`}${t.decl.name}${args}`;
      }
      case "result": return `${this.written(t.ok)} ! ${this.#errors(t.error)}`.replace(/^(.*) ! error$/, "!$1");
      default: return t.k;
    }
  }

  #tight(t: Type): string {
    return ["func", "result"].includes(prune(t).k) ? `(${this.written(t)})` : this.written(t);
  }

  #errors(e: ErrorSet): string {
    const names = e.sets.map((decl) => this.written({ k: "error", decl }));
    return e.any || names.length === 0 ? "error" : names.length === 1 ? names[0]! : `(${names.join(", ")})`;
  }

  /** A type for a type parameter with these bounds. */
  choice(bounds: string[], random: Random): Type {
    const known = bounds.map((b) => BY_TRAIT[b]).find((list) => list !== undefined);
    return this.#read(random.pick(known ?? ANY));
  }

  #read(name: string): Type {
    if (name === "string" || name === "bool") return { k: name };
    if (name.startsWith("[]")) return { k: "slice", of: this.#read(name.slice(2)) };
    if (name.startsWith("?")) return { k: "optional", of: this.#read(name.slice(1)) };
    if (name.startsWith("(")) return { k: "tuple", elems: [I64, STRING] };
    if (name.startsWith("Map")) {
      return { k: "builtin", decl: this.library.program.stdDecl("std/core/map.jan", "Map")!, args: [STRING, I64] };
    }
    return numeric(name);
  }
}
