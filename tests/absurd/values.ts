// Absurd values of any type: the edges of numbers, texts that are no texts, what is empty, huge, closed, shared, or
// changed while it is walked. Every value stands in a `let` of its own, so that a program that fails is read from top
// to bottom, and a later value may be an earlier one again.
import type { Type, TypeParam } from "../../interp/syntax/ast.ts";
import { prune, substitute } from "../../interp/sema/types.ts";
import type { Random } from "../fuzz/random.ts";
import type { Callee, Library, Made } from "./callees.ts";
import { EDGES, FLOATS, STRINGS } from "./literals.ts";
import { SAFE } from "./safe.ts";
import { binds, Types } from "./types.ts";

/** How deep values may be made of values. */
const DEPTH_MAX = 4;
/** What says that a handle is done with; called on a new one now and then. */
const ENDINGS = new Set(["close", "chan_close", "cancel", "finish", "clear", "unlock"]);

const ERROR_NAME = "Trouble.Absurd";
/** The error that closures fail with; every program declares it. */
export const PROLOGUE = "error Trouble { Absurd }\n";

/** What has a name in the statements so far. */
interface Value {
  name: string;
  type: Type;
  /** The type as it is written. */
  key: string;
  /** It is a `var`. */
  changes: boolean;
}

/** Makes the values of one call. */
export class Maker {
  readonly lines: string[] = [];
  readonly #made: Value[] = [];
  #indent = "    ";
  #next = 0;

  readonly types: Types;

  constructor(readonly library: Library, readonly random: Random) {
    this.types = new Types(library);
  }

  say(line: string): void {
    this.lines.push(this.#indent + line);
  }

  /** A `let` with this value, and its name. */
  bind(type: Type, value: string, keyword: "let" | "var" = "let"): string {
    const name = `v${this.#next++}`;
    const key = this.types.written(type);
    this.say(`${keyword} ${name}: ${key} = ${value}`);
    this.#made.push({ name, key, type, changes: keyword === "var" });
    return name;
  }

  /** The name of a value of a type, made before it. `role` is what SAFE knows it by. */
  value(type: Type, depth = 0, role = ""): string {
    const t = prune(type);
    const { random } = this;
    const safe = SAFE.values.find(({ where }) => where.test(role));
    if (safe !== undefined && t.k === "string") return this.bind(t, random.pick(safe.from));
    const key = this.types.written(t);
    const earlier = this.#made.filter((one) => one.key === key && !one.changes);
    if (earlier.length > 0 && random.chance(30)) return random.pick(earlier).name;
    if (t.k === "void") return "";
    if (t.k === "pointer") return `&${this.bind(t.to, this.value(t.to, depth + 1, role), "var")}`;
    const name = this.bind(t, this.#expression(t, depth, role));
    if (t.k === "struct" || t.k === "builtin") {
      const made = this.#made.at(-1)!;
      // of what takes something, as what fills it does
      for (let n = depth > 1 ? 0 : random.below(4); n > 0; n--) this.#callOn(made, (c) => c.params.length > 1);
      if (random.chance(20)) this.#end(t, name);
    }
    return name;
  }

  /** Closes, cancels, clears what was just made, where its type has a word for it. */
  #end(t: Type, name: string): void {
    const words = this.library.callees.filter((c) =>
      c.isMethod && ENDINGS.has(c.path) && c.params.length === 1 && binds(c.params[0]!.type, t, new Map()));
    if (words.length === 0) return;
    const { path, result } = this.random.pick(words);
    this.say(`${name}.${path}()${prune(result).k === "result" ? " catch do end" : ""}`);
  }

  #expression(t: Type, depth: number, role: string): string {
    const { random } = this;
    switch (t.k) {
      case "int": return this.#integer(t);
      case "float": return t.bits === 32 ? `(${random.pick(FLOATS)} as f32)` : random.pick(FLOATS);
      case "bool": return random.pick(["true", "false"]);
      case "string": return random.pick(STRINGS);
      case "error-any": return random.pick(["std.io.IoError.NotFound", 'std.io.IoError.Other("\\0")', ERROR_NAME]);
      case "range": return this.#range(SAFE.walks.where.test(role));
      case "optional": return random.chance(30) ? "null" : this.value(t.of, depth, role);
      case "tuple": return `(${t.elems.map((e) => this.value(e, depth + 1)).join(", ")})`;
      case "array": return `[${Array.from({ length: t.length }, () => this.value(t.of, depth + 1)).join(", ")}]`;
      case "slice": return this.#slice(t.of, depth);
      case "func": return this.#closure(t, depth);
      case "result": return this.#result(t, depth);
      case "error": case "enum": return this.#variant(t, depth);
      case "struct": case "builtin": return this.#made_of(t, depth);
      default: throw new Error(`no value of the type ${this.types.written(t)}`);
    }
  }

  #integer({ name, bits, signed }: Type & { k: "int" }): string {
    if (name === "i64") return this.random.pick(EDGES);
    if (name === "u64") return this.random.pick(["0", "1", "63", "255", "18446744073709551615", "9223372036854775808"]);
    const low = signed ? -(2 ** (bits - 1)) : 0;
    return String(this.random.pick([low, 0, 1, 7, 2 ** (bits - (signed ? 1 : 0)) - 1, 65 % 2 ** (bits - 1)]));
  }

  #range(isWalked: boolean): string {
    const least = "(-9223372036854775807 - 1)";
    return this.random.pick(["0..0", "0..1", "5..2", "-3..3", "0..1000", "9223372036854775800..9223372036854775807",
      `${least}..-9223372036854775800`, "7..-9223372036854775807",
      ...isWalked ? [] : ["0..9223372036854775807", `${least}..9223372036854775807`, "-5..4294967296"]]);
  }

  #slice(of: Type, depth: number): string {
    const { random } = this;
    const size = depth >= DEPTH_MAX ? 0 : random.below(4);
    const items = Array.from({ length: size }, () => this.value(of, depth + 1));
    if (size === 1 && ["int", "float", "bool", "string"].includes(prune(of).k) && random.chance(40)) {
      return `[${items[0]}; ${random.pick([2, 100, 10_000])}]`;
    }
    // the same one twice: shared where it is a reference
    return `[${(size > 0 && random.chance(20) ? [...items, items[0]] : items).join(", ")}]`;
  }

  /** A function that gives a value, or panics, fails, waits, or takes what is walked away from under the walk. */
  #closure(t: Type & { k: "func" }, depth: number): string {
    const { random } = this;
    const params = t.params.map((type, i) => ({ name: `p${this.#next}_${i}`, type }));
    const heads = params.map(({ name, type }) => `${name}: ${this.types.written(type)}`);
    const result = prune(t.result);
    const wanted = result.k === "result" ? prune(result.ok) : result;
    const body = this.#within(() => {
      const walked = this.#made.filter(({ key }) => /^(\[\]|Map\[|Set\[)/.test(key));
      if (walked.length > 0 && random.chance(15)) this.say(`${random.pick(walked).name}.clear()`);
      if (random.chance(10)) this.say('panic("from a closure")');
      else if (random.chance(10)) this.say("sleep(1)");
      if (result.k === "result" && random.chance(30) && result.error.any) this.say(`fail ${ERROR_NAME}`);
      if (wanted.k === "void" || wanted.k === "never") return;
      const same = params.filter((p) => this.types.written(p.type) === this.types.written(wanted));
      const given = same.length > 0 && random.chance(70) ? random.pick(same).name : this.value(wanted, depth + 2);
      this.say(`return ${given}`);
    });
    return `func(${heads.join(", ")}) -> ${this.types.written(result)} do\n${body.join("\n")}\n${this.#indent}end`;
  }

  /** The lines that `make` says, a step further in; what it binds is forgotten after it. */
  #within(make: () => void): string[] {
    const [from, known, indent] = [this.lines.length, this.#made.length, this.#indent];
    this.#indent += "    ";
    make();
    this.#indent = indent;
    this.#made.length = known;
    return this.lines.splice(from);
  }

  #result(t: Type & { k: "result" }, depth: number): string {
    const made = this.#closure({ k: "func", params: [], result: t }, depth);
    const f = this.bind({ k: "func", params: [], result: t }, made);
    return `${f}()`;
  }

  #variant(t: Type & { k: "error" | "enum" }, depth: number): string {
    const { variants } = t.decl;
    const plain = variants.map((_, i) => i).filter((i) => this.library.program.payloadOf(t, i).kind === "none");
    const makers = this.#makersOf(t);
    if (makers.length > 0 && (depth < DEPTH_MAX ? this.random.chance(30) : plain.length === 0)) {
      const { callee, bound } = this.random.pick(makers);
      return this.call(callee, new Map(bound), depth + 1);
    }
    const index = depth >= DEPTH_MAX && plain.length > 0 ? plain[0]! : this.random.below(variants.length);
    const payload = this.library.program.payloadOf(t, index);
    const bare = this.types.written(t).replace(/\[.*$/, "");
    const name = `${bare}.${variants[index]!.name}`;
    if (payload.kind === "none") return name;
    if (payload.kind === "fields") return `${name} ${this.#fields(payload.fields, depth)}`;
    return `${name}(${payload.types.map((one) => this.value(one, depth + 1)).join(", ")})`;
  }

  #fields(fields: { name: string; type: Type }[], depth: number): string {
    return `{ ${fields.map((f) => `${f.name}: ${this.value(f.type, depth + 1)}`).join(", ")} }`;
  }

  /** The functions of std that give a value of a type, and how their type parameters are bound then. */
  #makersOf(t: Type): Made[] {
    const key = this.types.written(t);
    const known = this.library.makers.get(key);
    if (known !== undefined) return known;
    const found = this.library.callees.flatMap((callee): Made[] => {
      const result = prune(callee.result);
      const ok = result.k === "result" ? prune(result.ok) : result;
      const bound = new Map<TypeParam, Type>();
      const isMaker = ok.k !== "param" && binds(ok, t, bound);
      return isMaker && !takesItself(callee, t) ? [{ callee, bound }] : [];
    });
    this.library.makers.set(key, found);
    return found;
  }

  /** A struct: by a function of std that gives one, or field by field where nothing does. */
  #made_of(t: Type & { k: "struct" | "builtin" }, depth: number): string {
    const { random } = this;
    const own = SAFE.makers[t.decl.name];
    if (own !== undefined) return random.pick(own)((type) => this.value(type, depth + 1), t.args);
    const makers = this.#makersOf(t);
    const fields = this.library.program.fieldsOf(t);
    const isPlain = t.k === "struct" && fields.length > 0 && fields.every(({ type }) => isOpen(type));
    if (makers.length === 0 || (isPlain && depth < DEPTH_MAX && random.chance(30))) {
      if (t.k === "builtin" || fields.length === 0) throw new Error(`nothing gives a ${this.types.written(t)}`);
      const given = fields.filter(({ decl }) => decl.default === null || random.chance(40));
      return `${this.types.written(t).replace(/\[.*$/, "")} ${this.#fields(given, depth)}`;
    }
    const simple = depth < DEPTH_MAX ? makers : makers.filter(({ callee }) => !callee.isMethod).slice(0, 1);
    const { callee, bound } = random.pick(simple.length > 0 ? simple : makers);
    return this.call(callee, new Map(bound), depth + 1);
  }

  /** A call with absurd arguments; its failure is passed on. */
  call(callee: Callee, bound: Map<TypeParam, Type>, depth = 0): string {
    const written = this.#unhandled(callee, bound, depth, null);
    return prune(callee.result).k === "result" ? `${written}?` : written;
  }

  /** A call of some method on a value that was made before, whatever state that has left it in. */
  further(): void {
    if (this.#made.length > 0) this.#callOn(this.random.pick(this.#made), () => true);
  }

  /** A call of one of these methods on a value. */
  #callOn({ name, type, changes }: Value, isWanted: (callee: Callee) => boolean): void {
    const methods = this.library.callees.flatMap((callee): Made[] => {
      if (!callee.isMethod || !isWanted(callee)) return [];
      const receiver = prune(callee.params[0]!.type);
      const bound = new Map<TypeParam, Type>();
      const of = receiver.k === "pointer" && changes ? receiver.to : receiver;
      // what every type has is called often enough
      return of.k !== "param" && !SAFE.walks.where.test(`${callee.name}(`) && binds(of, type, bound)
        ? [{ callee, bound }] : [];
    });
    if (methods.length === 0) return;
    const { callee, bound } = this.random.pick(methods);
    const written = this.#unhandled(callee, bound, 1, name);
    const result = prune(callee.result);
    if (result.k === "void" || result.k === "never") this.say(written);
    else if (result.k === "result" && prune(result.ok).k === "void") this.say(`${written} catch do end`);
    else this.say(`let o${this.#next++} = ${written}`);
  }

  /** A call on this receiver; null: on one that is made. */
  #unhandled(callee: Callee, bound: Map<TypeParam, Type>, depth: number, receiver: string | null): string {
    const { random } = this;
    for (const { param, bounds } of callee.typeParams) {
      if (!bound.has(param)) bound.set(param, this.types.choice(bounds, random));
    }
    const fixed = callee.isVariadic ? callee.params.slice(0, -1) : callee.params;
    const stop = fixed.findIndex((p) => p.hasDefault && random.chance(40));
    const args = (stop < 0 ? fixed : fixed.slice(0, stop)).map((p, i) => {
      if (i === 0 && receiver !== null) return receiver;
      const type = prune(substitute(p.type, bound));
      const role = `${callee.name}(${p.name})`;
      // a method that takes a pointer takes the variable itself
      if (i === 0 && callee.isMethod && type.k === "pointer") {
        return this.bind(type.to, this.value(type.to, depth + 1, role), "var");
      }
      return this.value(type, depth, role);
    });
    if (callee.isVariadic && stop < 0) {
      for (let n = random.below(4); n > 0; n--) args.push(this.value(this.types.choice([], random), depth + 1));
    }
    const [on, ...rest] = args;
    return callee.isMethod ? `${on}.${callee.path}(${rest.join(", ")})` : `${callee.path}(${args.join(", ")})`;
  }
}

/** `child(self) -> CancelToken` makes one of one: no beginning. */
function takesItself(callee: Callee, t: Type): boolean {
  return callee.params.some(({ type }) => prune(type).k !== "param" && binds(type, t, new Map()));
}

/** Whether a program may write a value of the type: it is no pointer to what std keeps to itself. */
function isOpen(type: Type): boolean {
  const t = prune(type);
  return t.k !== "pointer" && !(["struct", "builtin", "enum"].includes(t.k) && !(t as Type & { k: "struct" }).decl.pub);
}
