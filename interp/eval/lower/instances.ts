// The codes of this VM: one for each function and list of type arguments, each closure, initialiser, test and REPL
// entry. A code is named by a key that means the same in every VM, and is built when its first frame is made.
//
//   f<unit>.<index>[types]   function      g<unit>.<index>   initialiser of a module-level value
//   t<unit>.<index>          test          e<unit>           REPL entry
//   x<unit>.<index>          function, with types that have grown without end
//   KEY/<n>                  the n-th closure in the body of KEY
import { isTooLarge, type Program, substitute, TYPE_PARTS_MAX, typeKey } from "../../sema/index.ts";
import type {
  Block, CallTarget, Closure as ClosureExpr, FnInfo, FuncDecl, GlobalDecl, Local, SourceText, Span, Substitution,
  TestDecl, TraitDecl, Type, Unit,
} from "../../syntax/ast.ts";
import { Code, FIRST_LOCAL, May } from "../code.ts";
import { emitCall } from "../fuse/calls.ts";
import type { Node } from "../fuse/text.ts";
import { machine, STOP } from "../machine.ts";
import { shared, Tier } from "../steps/tier.ts";
import { Builder, type Codes, type Compilers, type IntrinsicBuilder, siteOf } from "./builder.ts";
import { callObject } from "./calls.ts";
import type { ProgramDeclarations } from "./declarations.ts";
import { node } from "./node.ts";
import { methodOfObject } from "./receivers.ts";
import { ownedTasks } from "./tasks.ts";

/** Calls after which a function is rebuilt on a tier of its own. */
const HOT_CALLS = 16;

export class Instances implements Codes {
  private codes = new Map<string, Code>();
  private globalIndex = new Map<GlobalDecl, number>();
  private globalValues = new Map<number, any>();
  /** Codes whose steps hold module-level values. */
  private readonly embedding = new Set<Code>();

  constructor(
    readonly program: Program,
    private readonly declared: ProgramDeclarations,
    private readonly compilers: Compilers,
    readonly intrinsic: IntrinsicBuilder,
    /** the core's number for a text. */
    private readonly intern: (text: string) => number,
  ) {}

  // -------------------------------------------------------------- codes

  byKey(key: string): Code {
    const known = this.codes.get(key);
    if (known !== undefined) return known;
    const slash = key.lastIndexOf("/");
    if (slash > 0 && slash > key.lastIndexOf("]")) {
      const parent = this.byKey(key.slice(0, slash));
      this.ensureBuilt(parent);
      return parent.closures[Number(key.slice(slash + 1))]!;
    }
    const bracket = key.indexOf("[");
    const id = bracket < 0 ? key.slice(1) : key.slice(1, bracket);
    if (key[0] === "f") {
      const decl = this.declared.declaration(id) as FuncDecl;
      const args = bracket < 0 ? [] : splitTypes(key.slice(bracket + 1, -1))
        .map((k) => this.program.parseTypeKey(k));
      return this.ofFunction(decl, args);
    }
    if (key[0] === "g") return this.ofGlobal(this.declared.atPlace(id) as GlobalDecl);
    if (key[0] === "e") return this.entry(Number(id));
    if (key[0] === "x") return this.ofTooLarge(this.declared.declaration(id) as FuncDecl, id);
    if (key[0] === "t") return this.ofTest(this.declared.atPlace(id) as TestDecl);
    throw new Error(`no code has the key ${key}`);
  }

  /** A function's instance. typeArgs: its impl's first, then its own. */
  ofFunction(decl: FuncDecl, typeArgs: Type[]): Code {
    const id = this.declared.key(decl);
    if (typeArgs.some(isTooLarge)) return this.ofTooLarge(decl, id);
    const key = typeArgs.length === 0 ? `f${id}` : `f${id}[${typeArgs.map(typeKey).join(";")}]`;
    return this.make(key, decl.name, (code) => {
      this.program.ensureChecked(decl);
      const subst: Substitution = new Map(this.program.typeParamsOf(decl).map((p, i) => [p, typeArgs[i]!]));
      const unit = this.declared.sourceOf(decl);
      if (decl.body === null) {
        this.build(code, intrinsicInfo(decl), subst, unit, (b) => intrinsicBody(b, decl, typeArgs));
        return;
      }
      this.body(code, decl.fn!, decl.params.map((p) => p.local!), subst, unit, decl.body);
    });
  }

  /** What stands for every instance of a function whose types have grown without end: its call is a panic. */
  private ofTooLarge(decl: FuncDecl, id: string): Code {
    return this.make(`x${id}`, decl.name, (code) => {
      code.site = siteOf(this.declared.sourceOf(decl), decl.nameSpan);
      code.params = decl.params.length;
      code.slots = FIRST_LOCAL + code.params;
      code.body = () => machine.panic("P007", `stack overflow: \`${decl.name}\` is called with a type of more than `
        + `${TYPE_PARTS_MAX} parts; a generic function that calls itself with ever larger types has no end`, code.site);
    });
  }

  ofGlobal(decl: GlobalDecl): Code {
    const { source, key } = this.declared.placeOf(decl);
    return this.make(`g${key}`, decl.name, (code) => {
      this.program.ensureGlobal(decl);
      this.build(code, decl.fn!, new Map(), source, (b) =>
        b.finish([], () => this.valueOf(b, decl.value)));
    });
  }

  ofTest(decl: TestDecl): Code {
    const { source, key } = this.declared.placeOf(decl);
    return this.make(`t${key}`, decl.name, (code) => this.body(code, decl.fn!, [], new Map(), source, decl.body));
  }

  /** A REPL entry: its last expression is its value; locals of earlier entries are captured cells. */
  ofEntry(unit: Unit, fn: FnInfo): Code {
    return this.make(`e${unit.source.id}`, unit.source.name, (code) =>
      this.body(code, fn, [], new Map(), unit.source,
        { kind: "Block", span: { start: 0, end: 0 }, stmts: unit.stmts }));
  }

  /** The code of a REPL entry that was typed into another VM: checked here when its key is met. */
  entry(id: number): Code {
    this.declared.unit(id);
    return this.codes.get(`e${id}`)!;
  }

  ofClosure(key: string, e: ClosureExpr, outer: Builder): Code {
    return this.make(key, "closure", (code) =>
      this.body(code, e.fn!, e.params.map((p) => p.local!), outer.subst, outer.unit, e.body));
  }

  ofLocalFunction(key: string, decl: FuncDecl, outer: Builder): Code {
    return this.make(key, decl.name, (code) =>
      this.body(code, decl.fn!, decl.params.map((p) => p.local!), outer.subst, outer.unit, decl.body!));
  }

  private make(key: string, name: string, build: (code: Code) => void): Code {
    let code = this.codes.get(key);
    if (code === undefined) {
      code = new Code(key, name, () => STOP);
      code.build = build;
      this.codes.set(key, code);
    }
    return code;
  }

  ensureBuilt(code: Code): void {
    if (code.tier < 0) code.prepare(machine.firstTier);
  }

  private body(code: Code, fn: FnInfo, params: Local[], subst: Substitution, unit: SourceText, body: Block): void {
    code.site = siteOf(unit, body.span);
    this.build(code, fn, subst, unit, (b) => {
      b.owned = ownedTasks(body);
      b.finish(params, () => b.block(body, true));
    });
    this.watch(code);
  }

  private build(code: Code, fn: FnInfo, subst: Substitution, unit: SourceText, run: (b: Builder) => void): void {
    const tier = code.tier > 0 ? Tier.fresh() : shared;
    run(new Builder(this, code, fn, subst, unit, tier, this.compilers));
  }

  /** Counts the calls of a function on the shared tier and moves it to one of its own when it is hot. */
  private watch(code: Code): void {
    if (code.tier > 0) return;
    const body = code.body;
    code.body = (f) => {
      if (++code.calls === HOT_CALLS) code.promote();
      return body(f);
    };
  }

  /** Makes a constant step of a whole expression (initialisers): as the tail of its own body. */
  private valueOf(b: Builder, e: GlobalDecl["value"]): Node {
    return b.block({ kind: "Block", span: e.span, stmts: [{ kind: "ExprStmt", span: e.span, expr: e }] }, true);
  }

  // -------------------------------------------------------------- methods of traits

  resolve(target: CallTarget & { k: "func" | "trait" }, b: Builder): { decl: FuncDecl; typeArgs: Type[] } | null {
    if (target.k === "func") return { decl: target.decl, typeArgs: target.typeArgs.map((t) => b.type(t)) };
    const self = b.type(target.self);
    const found = this.program.findMethod(self, target.trait, target.method, target.traitArgs.map((t) => b.type(t)));
    if (found === null) return null;
    return { decl: found.decl, typeArgs: [...found.typeArgs, ...target.typeArgs.map((t) => b.type(t))] };
  }

  ofMethod(type: Type, trait: TraitDecl, method: string, traitArgs: Type[]): Code {
    const found = this.program.findMethod(type, trait, method, traitArgs);
    if (found === null) throw new Error(`${typeKey(type)} has no ${trait.name}.${method}`);
    return this.ofFunction(found.decl, found.typeArgs);
  }

  iteratorNext(b: Builder, type: Type, iterator: Node, span: Span): Node {
    const object = type.k === "any" ? this.program.iteratorTraitOf(type) : null;
    if (object !== null) {
      const { decl: trait, args: traitArgs } = object;
      const target: CallTarget & { k: "trait" } =
        { k: "trait", trait, method: "next", self: type, traitArgs, typeArgs: [], byRef: true };
      return callObject(b, methodOfObject(b, target, type)!, [iterator], b.site(span));
    }
    const found = this.program.findNext(type);
    const code = this.ofFunction(found.decl, found.typeArgs);
    const site = b.site(span);
    const { call1, entering } = b.tier.call;
    return b.fused(node(call1(b.reg, code, iterator.run, site), May.Suspend, iterator), 3,
      (resumes) => emitCall(resumes, code, [iterator], site, entering));
  }

  iteratedType(type: Type): Type {
    const found = this.program.findNext(type);
    this.program.ensureChecked(found.decl);
    const params = this.program.typeParamsOf(found.decl);
    const result = substitute(found.decl.fn!.result, new Map(params.map((p, i) => [p, found.typeArgs[i]!])));
    return (result as Type & { k: "optional" }).of;
  }

  // -------------------------------------------------------------- module-level values

  indexOfGlobal(decl: GlobalDecl): number {
    let i = this.globalIndex.get(decl);
    if (i === undefined) this.globalIndex.set(decl, (i = this.intern(`g${this.declared.placeOf(decl).key}`)));
    return i;
  }

  siteOfGlobal(decl: GlobalDecl): number {
    return siteOf(this.declared.placeOf(decl).source, decl.nameSpan);
  }

  /** The values that this VM has, with their numbers. */
  get globals(): ReadonlyMap<number, any> {
    return this.globalValues;
  }

  setGlobal(index: number, value: any): void {
    this.globalValues.set(index, value);
  }

  /** The next run makes them anew, and the codes that have them in their steps. */
  forgetGlobals(): void {
    this.globalValues.clear();
    for (const code of this.embedding) {
      code.tier = -1;
      code.pool = [];
    }
    this.embedding.clear();
  }

  embedGlobal(index: number, code: Code): any {
    const value = this.globalValues.get(index);
    if (value !== undefined) this.embedding.add(code);
    return value;
  }

  /** A module-level value; panic P005 where one made before it asks for it in a way that the checker cannot see. */
  readGlobal(index: number, name: string, site: number): any {
    let v = this.globalValues.get(index);
    if (v === undefined) {
      v = machine.host.global(index);
      if (v === undefined) return machine.panic("P005", `\`${name}\` is read before it has been made`, site);
      this.globalValues.set(index, v);
    }
    return v;
  }
}

function splitTypes(text: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "[" || c === "(") depth++;
    else if (c === "]" || c === ")") depth--;
    else if (c === ";" && depth === 0) {
      out.push(text.slice(from, i));
      from = i + 1;
    }
  }
  if (text.length > 0) out.push(text.slice(from));
  return out;
}

function intrinsicInfo(decl: FuncDecl): FnInfo {
  return decl.fn ?? { locals: [], captures: [], result: { k: "void" }, hasDefer: false };
}

/** Takes any number of arguments of any type. An instance of it is named by the types of its arguments. */
export const isVariadic = (decl: FuncDecl): boolean => decl.params.at(-1)?.type?.kind === "VariadicType";

/** A function that std declares without a body, used as a value or spawned: its parameters go to the intrinsic. */
function intrinsicBody(b: Builder, decl: FuncDecl, typeArgs: Type[]): void {
  const locals: Local[] = isVariadic(decl)
    ? typeArgs.map((ty, i) => ({ name: `${i}`, ty, mutable: false, boxed: false, captured: false, owner: b.fn }))
    : decl.params.map((p) => p.local!);
  b.finish(locals, () => {
    const args = locals.map((l) => b.readLocal(l));
    const types = locals.map((l) => b.type(l.ty));
    return b.instances.intrinsic(b, decl, args, types, isVariadic(decl) ? [] : typeArgs,
      b.type(intrinsicInfo(decl).result), 0, decl.name, []);
  });
}
