// Everything the checker knows about a program's declarations: its modules, and lazily, for each declaration, its
// types. Promises: a declaration is resolved once, on first need, and an error in it is reported once; units of std
// are loaded only when a name or a method in them is needed. Leans on modules.ts for names and resolve.ts for types
// as written.
import type {
  EnumDecl, ErrorSet, Expr, FieldDecl, FuncDecl, GlobalDecl, ImplDecl, Local, NamedDecl, SourceText, Span, StructDecl,
  TestDecl, TraitDecl, Type, TypeParam, Unit, VariantDecl,
} from "../syntax/ast.ts";
import { Reporter } from "./errors.ts";

/** How the checker gets at source texts: files, embedded files, or a test's table. */
export interface Loader {
  /** The text of a path, or null when there is none. */
  read(path: string): string | null;
  /** The unit of a name: `std/core/array.jan`, or `geometry/shapes.jan` as seen from the unit that uses it. */
  unit(name: string, importer: SourceText | null): SourceText | null;
  /** The names of the units in a folder module (`geometry/shapes/`), sorted; empty when there is none. */
  list(folder: string, importer: SourceText | null): string[];
  /** What stands in a folder, as `use` names it: units without their ending, and folders, sorted. */
  entries(folder: string, importer: SourceText | null): string[];
}

/** One local name; `depth` is the block it belongs to. */
export interface ScopeEntry {
  name: string;
  local: Local;
  /** the text that the span is of: in a session, that of the entry which declared it. */
  unit: SourceText;
  span: Span;
  depth: number;
  outer: ScopeEntry | null;
}

/** One unit and the names it declares. A folder module is several units that see each other's `pub` names. */
export interface Module {
  /** `std/core/array.jan`, `geometry/shapes.jan`, or the entry's own name. */
  name: string;
  unit: Unit;
  source: SourceText;
  std: boolean;
  names: Map<string, NamedDecl>;
  /** What its `use` declarations bring in; filled when the module is linked. */
  imports: Imports | null;
  impls: ImplInfo[];
  tests: TestDecl[];
  /** REPL: the entry before this one, whose names stay in scope. */
  previous: Module | null;
  /** REPL: the variables of the entries before this one, which its functions see as captured ones. */
  session: ScopeEntry | null;
}

export interface Imports {
  /** `use m.{a, b as c}`. */
  names: Map<string, { decl: NamedDecl; module: Module }>;
  /** The module under its last segment or alias. */
  modules: Map<string, ModuleGroup>;
  /** Modules whose `pub` names are visible unqualified. */
  open: ModuleGroup[];
  /** Names that modules which were not found would bring in. */
  missing: Set<string>;
  /** Whether such a module would make more names visible. */
  incomplete: boolean;
  /** The modules under their whole paths: `use a.b.c` lets `a.b.c.f()` be written. */
  paths: Map<string, ModuleGroup>;
  /** Every file that is used, and where it is. */
  uses: { module: Module; span: Span }[];
}

/** What one `use` path names: a file, or the files of a folder. */
export interface ModuleGroup {
  name: string;
  parts: Module[];
}

export interface TypeScope {
  module: Module;
  params: Map<string, TypeParam> | null;
  self: Type | null;
}

export interface TraitRef {
  decl: TraitDecl;
  args: Type[];
}

/** An `impl`, or the methods written inside a struct or enum (decl null). */
export interface ImplInfo {
  decl: ImplDecl | null;
  module: Module;
  typeParams: TypeParam[];
  scope: TypeScope;
  trait: TraitRef | null;
  target: Type;
  methods: Map<string, FuncDecl>;
}

export interface ParamInfo {
  name: string;
  type: Type;
  default: Expr | null;
}

export interface Signature {
  decl: FuncDecl;
  module: Module;
  scope: TypeScope;
  impl: ImplInfo | null;
  trait: TraitDecl | null;
  /** Those of the impl (or Self and the trait's), or of the functions around it, first, then its own. */
  typeParams: TypeParam[];
  /** Those of the functions around one that is declared in a block: a call gives them as they are. */
  around: TypeParam[];
  params: ParamInfo[];
  /** The last parameter takes any number of arguments; null type: of any printable type. */
  variadic: boolean;
  result: Type;
  /** `main`: its errors are those its body raises, whatever it says. */
  isMain: boolean;
  /**
   * `-> !T` with a body, and an `async func` that writes no `!`: its errors are those its body raises; null once they
   * are known.
   */
  inferredBy: "body" | "async body" | null;
  intrinsic: string | null;
}

export interface FieldInfo {
  name: string;
  type: Type;
  decl: FieldDecl;
}

export type Payload = { kind: "none" } | { kind: "tuple"; types: Type[] } | { kind: "fields"; fields: FieldInfo[] };

/** Where a function or type stands. */
export interface DeclHome {
  module: Module;
  impl: ImplInfo | null;
  trait: TraitDecl | null;
}

/** A type as written, with arguments that must satisfy bounds. */
export interface BoundedType {
  module: Module;
  decl: StructDecl | EnumDecl;
  args: Type[];
  span: Span;
}

/** A function whose errors are being inferred. */
export interface Inferring {
  sig: Signature;
  /** its result without errors */
  ok: Type;
  /** the errors that its body raises; grows while that is checked */
  raised: ErrorSet;
  /** the body has been checked, and waits for others */
  done: boolean;
}

/** Where something is needed of a type that the type parameters of a function decide. */
export interface TypeUse {
  rule: InstanceRule;
  type: Type;
  what: string;
  unit: SourceText;
  span: Span;
}

/** What is needed of types (instances.ts). */
export interface InstanceRule {
  refuses(w: World, t: Type): boolean;
  /** by: the function that does it with the types it has there, and where in it; null when the place does itself. */
  report(w: World, use: TypeUse, by: { name: string; within: TypeUse } | null): void;
}

/** A call, or another mention, of a function with the type arguments it has there. */
export interface Instance {
  decl: FuncDecl;
  args: Type[];
  unit: SourceText;
  span: Span;
}

export class World {
  readonly loader: Loader;
  readonly register: (w: World, module: Module) => void;
  readonly rules: readonly InstanceRule[];
  readonly reporter = new Reporter();
  readonly profile: string;
  readonly modules = new Map<string, Module>();
  readonly homes = new Map<object, DeclHome>();
  readonly implsByHead = new Map<string | object, ImplInfo[]>();
  /** impls for every type that satisfies their bounds: `impl[T: Show] Printable for T` */
  readonly blankets: ImplInfo[] = [];
  readonly signatures = new Map<FuncDecl, Signature>();
  readonly fields = new Map<StructDecl, FieldInfo[]>();
  readonly payloads = new Map<VariantDecl, Payload>();
  readonly selfParams = new Map<TraitDecl, TypeParam>();
  readonly bounds = new Map<TypeParam, TraitRef[]>();
  /** type parameters with a bound that names nothing: what they can do is not known */
  readonly unclear = new Set<TypeParam>();
  readonly paramScopes = new Map<TypeParam, TypeScope>();
  readonly globals = new Map<GlobalDecl, Type>();
  readonly globalsInProgress: GlobalDecl[] = [];
  /** expressions that are being checked, one inside or for another (infer.ts) */
  depth = 0;
  /** what needs.ts has looked at, and what of it waits for others to be checked, in the order in which they asked */
  readonly visited = new Set<FuncDecl | GlobalDecl>();
  readonly waiting = new Set<FuncDecl | GlobalDecl>();
  readonly methodsByName = new Map<Module, Map<string, FuncDecl[]>>();
  /** globals and functions of circles that have been reported */
  readonly circular = new Set<GlobalDecl | FuncDecl>();
  /** Functions and globals whose body is to be checked, and those that have been. */
  readonly queue: (FuncDecl | GlobalDecl)[] = [];
  readonly queued = new Set<FuncDecl | GlobalDecl>();
  /** Which globals and functions a function's or global's body mentions: for the order of initialisation. */
  readonly uses = new Map<object, Set<GlobalDecl | FuncDecl>>();
  /** how many structs each one looked at nests by value; 0 while it is being looked at */
  readonly nesting = new Map<StructDecl, number>();
  /** structs known to contain themselves */
  readonly endless = new Set<StructDecl>();
  /** functions whose errors are being inferred (inferred.ts) */
  readonly inferring = new Map<FuncDecl, Inferring>();
  /** checks that need every impl of the program */
  readonly late: (() => void)[] = [];
  /** by body: what it needs of types that its type parameters decide, and what it calls with them (instances.ts) */
  readonly typeUses = new Map<object, TypeUse[]>();
  readonly calls = new Map<object, Instance[]>();
  /** instances with a type argument that a rule refuses, to be checked, and those that have been, by their types */
  readonly instances: Instance[] = [];
  readonly checkedInstances = new Map<object, Set<string>>();
  /** trait objects as written: what their traits ask for is looked at later (objects.ts) */
  readonly objects: { module: Module; trait: TraitDecl; span: Span }[] = [];
  /** types as written whose arguments have bounds to satisfy: these need every impl as well (bounds.ts) */
  readonly bounded: BoundedType[] = [];
  /** values of module-level constants that are integers (constants.ts) */
  readonly integers = new Map<GlobalDecl, bigint>();
  readonly checkedDefaults = new Set<Expr>();
  /** looks at what defaults fill in, when all of them have been checked */
  readonly filling: (() => void)[] = [];
  /** the defaults that a default fills in, once for each time */
  readonly fills = new Map<Expr, Expr[]>();

  /** `register` files the impls of a unit as it is read: the impls and rules stand above the units. */
  constructor(
    loader: Loader, profile: string, rules: readonly InstanceRule[], register: (w: World, module: Module) => void,
  ) {
    this.loader = loader;
    this.profile = profile;
    this.rules = rules;
    this.register = register;
  }

  home(decl: object): DeclHome {
    const home = this.homes.get(decl);
    if (home === undefined) throw new Error("declaration without a module");
    return home;
  }
}
