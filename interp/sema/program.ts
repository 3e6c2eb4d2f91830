// A checked program, as the evaluator sees it: its units, what runs first, and the questions that only concrete types
// can answer. Promises: the same texts give the same ids in every VM; a body that was not checked up front is checked
// before it is built.
import type {
  ErrorDecl, Expr, FieldDecl, FuncDecl, GlobalDecl, ImplDecl, StructDecl, TestDecl, TraitDecl, Type, TypeParam, Unit,
} from "../syntax/ast.ts";
import type { Diagnostic } from "../syntax/diagnostic.ts";
import { checkDecl, checkFunction, drain } from "./bodies.ts";
import { findOf } from "./candidates.ts";
import { uncrossable } from "./crossing.ts";
import { checkDefaultValue } from "./defaults.ts";
import { checkGlobal } from "./globals.ts";
import { orderGlobals } from "./initialisation.ts";
import { applies, implsFor, instantiateImpl } from "./impls.ts";
import { LazyDecls } from "./outline.ts";
import { argsOf, fieldsOf, nominalScope, payloadOf, selfParam, signatureOf } from "./shapes.ts";
import { type Identified, idOf, PRIMITIVES, prune, substitute, UNKNOWN, zonk } from "./types.ts";
import { couldUnify } from "./unify.ts";
import { stdModule } from "./units.ts";
import type { Payload, TraitRef, World } from "./world.ts";

/** A method found for a concrete type; `typeArgs` go with `typeParamsOf(decl)`, without the method's own. */
export interface ResolvedMethod {
  decl: FuncDecl;
  impl: ImplDecl | null;
  typeArgs: Type[];
}

export class Program {
  readonly #w: World;
  main: FuncDecl | null;
  tests: TestDecl[];

  constructor(w: World, main: FuncDecl | null, tests: TestDecl[]) {
    this.#w = w;
    this.main = main;
    this.tests = tests;
  }

  /** Every unit reached so far, by id. */
  get units(): Unit[] {
    return [...this.#w.modules.values()].map((m) => m.unit).sort((a, b) => a.source.id - b.source.id);
  }

  /** The module-level values of all units reached so far, in the order in which they are to be computed. */
  get globals(): GlobalDecl[] {
    const w = this.#w;
    const all: GlobalDecl[] = [];
    for (const module of [...w.modules.values()].sort((a, b) => a.source.id - b.source.id)) {
      for (const decl of module.unit.decls) {
        // those of std count only when something mentions them
        if (decl.kind === "GlobalDecl" && (!module.std || decl.fn !== undefined)) all.push(decl);
      }
    }
    return orderGlobals(w, all);
  }

  /** What keeps values of a concrete type in the fiber that made them; null when they may cross. */
  uncrossable(t: Type): Type | null {
    return uncrossable(this.#w, t);
  }

  /** The `next` of a concrete type that loops call. */
  findNext(self: Type): ResolvedMethod {
    const t = prune(self);
    const found = findOf(this.#w, t, "Iterator", "next", null)!;
    if (found.k === "impl") {
      return { decl: found.decl, impl: found.instance.impl.decl, typeArgs: found.instance.args.map((a) => zonk(a)) };
    }
    return { decl: found.decl, impl: null, typeArgs: [t, ...found.trait.args.map((a) => zonk(a))] };
  }

  /**
   * The method `name` that a trait gives a concrete type: the impl's own, or the trait's default (impl null, `typeArgs`
   * then start with the type itself for `Self`). Null where the language itself does it: `cmp` and `eq` of numbers,
   * texts and compound values without an impl.
   */
  findMethod(self: Type, trait: TraitDecl, name: string, traitArgs: Type[] = []): ResolvedMethod | null {
    const w = this.#w;
    const t = prune(self);
    for (const impl of implsFor(w, t)) {
      if (impl.trait?.decl !== trait) continue;
      const instance = instantiateImpl(impl);
      if (!couldUnify(instance.target, t) || !applies(w, instance, t)) continue;
      const bound = new Map(impl.typeParams.map((p, i) => [p, instance.args[i]!]));
      // a type may have a trait several times, with different arguments
      if (!traitArgs.every((arg, i) => couldUnify(substitute(impl.trait!.args[i]!, bound), arg))) continue;
      const own = impl.methods.get(name);
      const args = instance.args.map((a) => zonk(a));
      if (own !== undefined) return { decl: own, impl: impl.decl, typeArgs: args };
      const decl = impl.trait.decl.methods.find((m) => m.name === name);
      if (decl === undefined || decl.body === null) continue;
      const s = new Map(impl.typeParams.map((p, i) => [p, args[i]!]));
      return { decl, impl: null, typeArgs: [t, ...impl.trait.args.map((a) => substitute(a, s))] };
    }
    return null;
  }

  /** The trait, with its arguments, whose `next` loops call on a trait object. */
  iteratorTraitOf(t: Type): TraitRef | null {
    const found = findOf(this.#w, t, "Iterator", "next", null);
    return found?.k === "trait" ? found.trait : null;
  }

  /** The type parameters of a function: its impl's first (a trait's: Self, then the trait's), then its own. */
  typeParamsOf(decl: FuncDecl): TypeParam[] {
    return signatureOf(this.#w, decl).typeParams;
  }

  /** `Self` of a trait. */
  selfOf(trait: TraitDecl): TypeParam {
    return selfParam(this.#w, trait);
  }

  /** The parameter types and the result of a function, in terms of its type parameters. */
  signatureOf(decl: FuncDecl): { params: Type[]; result: Type; variadic: boolean; intrinsic: string | null } {
    const sig = signatureOf(this.#w, decl);
    return {
      params: sig.params.map((p) => p.type), result: decl.fn?.result ?? sig.result, variadic: sig.variadic,
      intrinsic: sig.intrinsic,
    };
  }

  /** The fields of a struct type, its arguments put in. */
  fieldsOf(t: Type): { name: string; type: Type; decl: FieldDecl }[] {
    const of = prune(t);
    if (of.k !== "struct" && of.k !== "builtin") return [];
    const scope = nominalScope(this.#w, of.decl);
    const s = argsOf(of);
    return fieldsOf(this.#w, of.decl).map((f) => {
      if (f.decl.default !== null) checkDefaultValue(this.#w, f.decl.default, f.type, scope, of.decl);
      return { ...f, type: substitute(f.type, s) };
    });
  }

  /** What a variant of an enum or error type carries, the type's arguments put in. */
  payloadOf(t: Type, index: number): Payload {
    const of = prune(t);
    if (of.k !== "enum" && of.k !== "error") return { kind: "none" };
    const variant = of.decl.variants[index];
    if (variant === undefined) return { kind: "none" };
    const payload = payloadOf(this.#w, of.decl, variant);
    const s = argsOf(of);
    if (payload.kind === "tuple") return { kind: "tuple", types: payload.types.map((p) => substitute(p, s)) };
    if (payload.kind === "fields") {
      return { kind: "fields", fields: payload.fields.map((f) => ({ ...f, type: substitute(f.type, s) })) };
    }
    return payload;
  }

  /** Checks a body that is about to be built, and what it calls; gives the errors found in it. */
  ensureChecked(decl: FuncDecl): Diagnostic[] {
    if (decl.fn !== undefined) return [];
    const w = this.#w;
    const before = w.reporter.diagnostics.length;
    const { module } = w.home(decl);
    // one that is declared in a block is checked with what is around it
    const around = !module.unit.generics.includes(decl) ? undefined
      : module.unit.decls.find(({ span }) => span.start <= decl.span.start && decl.span.end <= span.end);
    if (around !== undefined) checkDecl(w, module, around);
    else checkFunction(w, decl);
    drain(w);
    return w.reporter.diagnostics.slice(before);
  }

  /** The id of a function, struct, enum or error set: its unit and its index in the unit's order. */
  idOf(decl: Identified): { unit: number; index: number } {
    return idOf(decl);
  }

  /** The declaration with an id; loads the unit of std it is in when this VM has not met it yet. */
  declById(unit: number, index: number): Identified | null {
    for (const module of this.#w.modules.values()) {
      if (module.source.id !== unit) continue;
      return module.names instanceof LazyDecls ? module.names.at(index) : declAt(module.unit, index);
    }
    return null;
  }

  /** A unit of std, loaded if it was not. */
  loadStd(name: string): Unit | null {
    return stdModule(this.#w, name)?.unit ?? null;
  }

  /** A declaration of std by name, for the types the runtime itself makes. */
  stdDecl(unit: string, name: string): StructDecl | null {
    const decl = stdModule(this.#w, unit)?.names.get(name);
    return decl?.kind === "StructDecl" ? decl : null;
  }

  /** An error set of std by name, for the errors the runtime itself raises. */
  stdErrors(unit: string, name: string): ErrorDecl | null {
    const decl = stdModule(this.#w, unit)?.names.get(name);
    return decl?.kind === "ErrorDecl" ? decl : null;
  }

  /** Checks the initial expression of a module-level value that was not reached before. */
  ensureGlobal(decl: GlobalDecl): void {
    checkGlobal(this.#w, decl);
    drain(this.#w);
  }

  defaultOf(field: FieldDecl): Expr | null {
    return field.default;
  }

  /** Reads back what `typeKey` wrote. */
  parseTypeKey(key: string): Type {
    return new KeyReader(key, this).read();
  }
}

/** The index-th identified declaration of a unit: the order of modules.ts. */
function declAt(unit: Unit, index: number): Identified | null {
  let at = 0;
  for (const decl of unit.decls) {
    const own: Identified[] = [];
    switch (decl.kind) {
      case "FuncDecl": case "ErrorDecl": own.push(decl); break;
      case "StructDecl": case "EnumDecl": case "TraitDecl": own.push(decl, ...decl.methods); break;
      case "ImplDecl": own.push(...decl.methods); break;
      default:
    }
    if (index < at + own.length) return own[index - at]!;
    at += own.length;
  }
  return unit.generics[index - at] ?? null;
}

/** Reads the grammar of typeKey in types.ts. */
class KeyReader {
  readonly #text: string;
  readonly #program: Program;
  #at = 0;

  constructor(text: string, program: Program) {
    this.#text = text;
    this.#program = program;
  }

  #eat(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) throw new Error(`not a type key: ${this.#text}`);
    this.#at += found[0].length;
    return found[0];
  }

  #list(end: string): Type[] {
    const out: Type[] = [];
    while (!this.#eat(end)) {
      out.push(this.read());
      this.#eat(",");
    }
    return out;
  }

  read(): Type {
    if (this.#eat("?")) return { k: "optional", of: this.read() };
    if (this.#eat("[]")) return { k: "slice", of: this.read() };
    if (this.#eat("[")) {
      const length = Number(this.#match(/\d+/y));
      this.#eat("]");
      return { k: "array", length, of: this.read() };
    }
    if (this.#eat("*")) return { k: "pointer", to: this.read() };
    if (this.#eat("(")) return { k: "tuple", elems: this.#list(")") };
    if (this.#eat("fn(")) {
      const params = this.#list(")");
      return { k: "func", params, result: this.read() };
    }
    if (this.#eat("!")) return this.#result();
    if (this.#eat("~")) {
      const decl = this.#declaration();
      if (decl.kind !== "TraitDecl") throw new Error(`not a trait: ${this.#text}`);
      return { k: "any", decl, args: this.#eat("[") ? this.#list("]") : [] };
    }
    if (/u\d+\./y.test(this.#text.slice(this.#at, this.#at + 12))) return this.#nominal();
    const name = this.#match(/[a-z0-9-]+/y);
    if (name === "range") return { k: "range" };
    if (name === "null" || name === "error-any" || name === "unknown") return { k: name };
    return PRIMITIVES.get(name) ?? UNKNOWN;
  }

  #result(): Type {
    const ok = this.read();
    this.#eat("{");
    const error = { sets: [] as Extract<Type, { k: "error" }>["decl"][], open: [] as string[], any: false };
    while (!this.#eat("}")) {
      if (this.#eat("any")) error.any = true;
      else if (this.#eat("'")) error.open.push(this.#match(/[^,}]+/y));
      else {
        const t = this.#nominal();
        if (t.k === "error") error.sets.push(t.decl);
      }
      this.#eat(",");
    }
    return { k: "result", ok, error };
  }

  #declaration(): Exclude<Identified, FuncDecl> {
    const [unit, index] = this.#match(/u\d+\.\d+/y).slice(1).split(".").map(Number) as [number, number];
    const decl = this.#program.declById(unit, index);
    if (decl === null || decl.kind === "FuncDecl") throw new Error(`no type u${unit}.${index}`);
    return decl;
  }

  #nominal(): Type {
    const decl = this.#declaration();
    if (decl.kind === "TraitDecl") throw new Error(`not a type: ${this.#text}`);
    const args = this.#eat("[") ? this.#list("]") : [];
    if (decl.kind === "ErrorDecl") return { k: "error", decl };
    if (decl.kind === "EnumDecl") return { k: "enum", decl, args };
    return { k: decl.attributes.some((a) => a.name === "intrinsic") ? "builtin" : "struct", decl, args };
  }
}
