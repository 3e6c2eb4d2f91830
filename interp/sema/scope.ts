// What the checker carries through a body: the chain of local scopes, the enclosing functions, what is narrowed.
// Promises: scopes are persistent (a chain of entries, never changed), so that a check put off until a type is known
// sees exactly the names that were in scope where it stands.
import type {
  Coercion, ErrorDecl, ErrorSet, Expr, FnInfo, FuncDecl, GlobalDecl, IntLit, Local, Nursery, SourceText, Span, Type,
  TypeParam,
} from "../syntax/ast.ts";
import type { SemaCode } from "./catalogue.ts";
import type { ReportOptions } from "./errors.ts";
import { freshVar } from "./unify.ts";
import type { HiddenChanges } from "./walk.ts";
import type { Module, ScopeEntry, Signature, TypeScope, World } from "./world.ts";

/** A nursery as the text shows it: where a spawn's errors go. */
export interface NurseryContext {
  errors: ErrorSet;
  node: Nursery | null;
  /** The function it stands in; null: a REPL session. */
  fn: FnContext | null;
  /** `let t = spawn …`: names that mean tasks of this nursery for certain. */
  tasks: Set<Local>;
}

export interface LoopContext {
  label: string | null;
  broken: boolean;
}

/** A body: a function, a closure, a test, a global's initial value, a REPL entry. */
export interface FnContext {
  info: FnInfo;
  parent: FnContext | null;
  /** what messages call it */
  what: string;
  /** the type its value must have; a variable while it is being inferred */
  ok: Type;
  /** errors it may give back as declared; null when they are inferred */
  declared: ErrorSet | null;
  /** errors raised so far */
  raised: ErrorSet;
  mayFail: boolean;
  /** errors that were reported because they may not leave, and where */
  undeclared: { errors: string; span: Span }[];
  /** runs as a fiber of its own: what it captures is a snapshot */
  spawned: boolean;
  nursery: NurseryContext | null;
  loops: LoopContext[];
  /** inside a `defer` or `errdefer`: which of the two, and how many of the loops stand around it */
  cleanup: { word: "defer" | "errdefer"; loops: number } | null;
  signature: Span | null;
  /** a value that stands in no function, which nothing can return from: an initial value or a default */
  standsAlone: boolean;
  /** the closure or nested function; null: what the checker began with */
  body: object | null;
  /** what may change its variables unseen; looked up when it is first needed */
  hidden: HiddenChanges | null;
  /** returns seen while the result is inferred: they are joined at the end */
  inferring: { expr: Expr | null; type: Type; span: Span }[] | null;
}

/** A place that facts are about; one object for each, so that it can be a key. */
export interface Place {
  root: Local | GlobalDecl;
  /** `.field.0`; empty for the variable itself */
  path: string;
}

/** Facts about places that hold on the current path: an optional known not to be null. */
export type Narrowed = ReadonlyMap<Place, Type>;
export const NOTHING_NARROWED: Narrowed = new Map();

/** The checker of one top-level body (with the closures in it). */
export class Checker {
  readonly w: World;
  readonly module: Module;
  readonly source: SourceText;
  typeScope: TypeScope;
  fn: FnContext;
  scope: ScopeEntry | null = null;
  /** every local name of this body so far: what is not in it need not be looked for */
  readonly localNames = new Set<string>();
  depth = 0;
  narrowed: Narrowed = NOTHING_NARROWED;
  /** the places that facts are about, by their root and path */
  readonly places = new Map<Local | GlobalDecl, Map<string, Place>>();
  /** nodes with types to be cleared of variables at the end */
  readonly typed: { ty?: Type }[] = [];
  /** what expressions name (entities.ts) */
  readonly entities = new Map<Expr, object | null>();
  readonly coercions: Coercion[] = [];
  /** lists of type arguments, and records with a `type` or a `self`, to be cleared likewise */
  readonly lists: Type[][] = [];
  readonly records: { type?: Type; self?: Type; result?: Type }[] = [];
  readonly literals: { e: IntLit; negative: boolean }[] = [];
  /** types and the bounds they lack, as told */
  readonly unmet = new Set<string>();
  /** run at the end, when every type is known */
  readonly atEnd: (() => void)[] = [];
  /** checks that wait for a type; each says whether it could be done */
  deferred: { attempt: (last: boolean) => boolean }[] = [];
  /** where a variable came from, for "cannot infer" */
  readonly origins = new Map<number, { span: Span; what: string; hint: string }>();
  /** reads that give what is known to be in an optional, with the optional they were declared as (narrowing.ts) */
  readonly reads = new Map<Expr, Type>();
  /** locals that a reference reaches: what is known of them does not last */
  readonly unstable = new Set<Local>();
  /** locals whose type is that of their first value */
  readonly guessed = new Set<Local>();
  /** those of them that were given a value which does not fit: which of the two was meant is not known */
  readonly doubtful = new Set<Local>();
  /** locals assigned after their initialisation, or with their address taken */
  readonly assigned = new Set<Local>();
  readonly localFuncs = new Map<Local, Signature>();
  /** functions with type parameters that are declared in a block: names, and no values that a variable could hold */
  readonly generics = new Map<Local, FuncDecl>();
  /** the type parameters in scope: those of the body being checked and of all around it */
  typeParams: TypeParam[] = [];
  /** what is assigned to, while its type is looked for */
  target: Expr | null = null;
  /** the default value being checked */
  filling: Expr | null = null;
  /** the calls that `await`, `spawn` or `async` stands before */
  readonly awaited = new Set<Expr>();
  /** closures that are lent to the call they are written in (rethrow.ts) */
  readonly lent = new Set<Expr>();
  /** nodes that have been checked and now stand in a rewritten parent */
  readonly settled = new Set<Expr>();
  readonly uses: Set<GlobalDecl | FuncDecl>;
  readonly profile: string;
  /** the function, global, test or entry being checked, and its context */
  readonly root: object;
  readonly rootFn: FnContext;
  /** the error sets that the pattern being checked may name variants of */
  errorSets: ErrorDecl[] | null = null;
  errors = 0;
  /** errors other than "cannot be inferred", once the end is reached: those make every open type a consequence */
  errorsBefore: number | null = null;

  constructor(w: World, module: Module, typeScope: TypeScope, fn: FnContext, key: object) {
    this.w = w;
    this.module = module;
    this.source = module.source;
    this.typeScope = typeScope;
    this.fn = fn;
    this.root = key;
    this.rootFn = fn;
    this.scope = module.session;
    for (let entry = this.scope; entry !== null; entry = entry.outer) this.localNames.add(entry.name);
    this.profile = module.unit.profile?.name ?? w.profile;
    let uses = w.uses.get(key);
    if (uses === undefined) {
      uses = new Set();
      w.uses.set(key, uses);
    }
    this.uses = uses;
  }

  error(span: Span, code: SemaCode, message: string, options: ReportOptions = {}): void {
    this.errors++;
    this.w.reporter.error(this.source, span, code, message, options);
  }
}

/** A variable whose origin is remembered, so that it can be named when nothing decides it. */
export function tracedVar(c: Checker, span: Span, what: string, hint: string): Type {
  const v = freshVar();
  c.origins.set(v.id, { span, what, hint });
  return v;
}

export function newFnInfo(result: Type): FnInfo {
  return { locals: [], captures: [], result, hasDefer: false };
}

export function findLocal(c: Checker, name: string): ScopeEntry | null {
  if (!c.localNames.has(name)) return null;
  for (let entry = c.scope; entry !== null; entry = entry.outer) if (entry.name === name) return entry;
  return null;
}

export function localNames(c: Checker): string[] {
  const names: string[] = [];
  for (let entry = c.scope; entry !== null; entry = entry.outer) names.push(entry.name);
  return names;
}

/** Declares a local in the current block. */
export function declareLocal(c: Checker, name: string, ty: Type, mutable: boolean, span: Span): Local {
  const local: Local = { name, ty, mutable, boxed: false, captured: false, owner: c.fn.info };
  c.fn.info.locals.push(local);
  c.typed.push(local);
  if (name !== "_") {
    const earlier = findLocal(c, name);
    if (earlier !== null && earlier.local.owner === c.fn.info && earlier.local.mutable !== mutable &&
      earlier.depth === c.depth) {
      c.error(span, "J0219", `\`${name}\` is a \`${earlier.local.mutable ? "var" : "let"}\` already`, {
        hint: earlier.local.mutable ? `assign to it: \`${name} = …\`, or choose another name` : "choose another name",
        notes: [{ unit: earlier.unit, span: earlier.span, message: "declared here" }],
      });
    }
    c.localNames.add(name);
    c.scope = { name, local, unit: c.source, span, depth: c.depth, outer: c.scope };
  }
  return local;
}

/** Runs `f` in a block of its own. */
export function inBlock<T>(c: Checker, f: () => T): T {
  const scope = c.scope;
  c.depth++;
  try {
    return f();
  } finally {
    c.depth--;
    c.scope = scope;
  }
}

/** Records that the current body uses a local; true when that crosses into a spawned body. */
export function useLocal(c: Checker, local: Local): boolean {
  let crosses = false;
  for (let fn: FnContext | null = c.fn; fn !== null && fn.info !== local.owner; fn = fn.parent) {
    if (!fn.info.captures.includes(local)) fn.info.captures.push(local);
    local.captured = true;
    if (fn.spawned) crosses = true;
  }
  return crosses;
}
