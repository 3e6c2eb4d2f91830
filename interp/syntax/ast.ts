// The syntax tree of Janus: plain data, made by the parser, annotated by sema, read by eval. Both dresses of a block
// (`do … end`, `{ … }`) give the same tree. Every node carries its span, offsets into the unit's source text. Fields
// marked "sema:" are absent after parsing and filled in by the checker; what they hold (types, locals, resolved names,
// call targets, implicit conversions) stands at the end, because the tree and what is written onto it refer to each
// other. The operations on types are in sema/.

/** A piece of the source: UTF-16 offsets into the unit's text, end excluded. */
export interface Span {
  start: number;
  end: number;
}

interface Node {
  span: Span;
}

// ---------------------------------------------------------------- types as written

export type TypeExpr =
  | (Node & { kind: "NamedType"; path: string[]; args: TypeExpr[] }) // i64, Array[T], geometry.Point, Self
  | (Node & { kind: "SliceType"; elem: TypeExpr }) // []T
  | (Node & { kind: "FixedArrayType"; length: Expr; elem: TypeExpr }) // [N]T
  | (Node & { kind: "OptionalType"; of: TypeExpr }) // ?T, T?
  | (Node & { kind: "ErrorUnionType"; ok: TypeExpr; error: TypeExpr | null }) // T ! E; error null: inferred (!T)
  | (Node & { kind: "PointerType"; to: TypeExpr }) // *T
  | (Node & { kind: "AnyType"; trait: TypeExpr }) // any Shape
  | (Node & { kind: "TupleType"; elems: TypeExpr[] })
  | (Node & { kind: "FuncType"; params: TypeExpr[]; result: TypeExpr | null })
  | (Node & { kind: "VariadicType"; of: TypeExpr }); // ...any, only in std's intrinsic declarations

// ---------------------------------------------------------------- expressions

interface ExprBase extends Node {
  /** It stood in parentheses: for the formatter, which keeps those that make an operand clear. */
  grouped?: true;
  /** sema: the type of the value before coercions; may mention type parameters of the enclosing function. */
  ty?: Type;
  /** sema: implicit conversions applied to the value, innermost first. */
  coerce?: Coercion[];
}

export interface Arg {
  name: string | null;
  value: Expr;
  span: Span;
}

export interface Param {
  name: string;
  type: TypeExpr | null; // null: inferred (closures only); `self` has SelfType forms
  default: Expr | null;
  span: Span;
  /** sema */
  local?: Local;
}

export interface Attribute {
  name: string;
  value: Expr | null;
  span: Span;
}

/** A condition of if/while: an expression, or `let pattern = value` over an optional. */
export type Condition =
  | { kind: "Test"; expr: Expr; span: Span }
  | { kind: "Let"; pattern: Pattern; mutable: boolean; value: Expr; span: Span };

export type IntLit = ExprBase & { kind: "IntLit"; value: bigint; text: string };
export type FloatLit = ExprBase & { kind: "FloatLit"; value: number; text: string };
export type CharLit = ExprBase & { kind: "CharLit"; value: number };
/** written: a text of several lines as it was written, from `"""` to `"""`, without its indentation. */
export type StringLit = ExprBase & { kind: "StringLit"; value: string; written?: string };
export type BoolLit = ExprBase & { kind: "BoolLit"; value: boolean };
export type NullLit = ExprBase & { kind: "NullLit" };
/**
 * `$"x = {x:.2f}"`: literal pieces and expressions with an optional format. written: in a text of several lines, all
 * that stands around the expressions, one piece more than there are of these.
 */
export type InterpString = ExprBase & {
  kind: "InterpString";
  parts: (string | { expr: Expr; format: string | null })[];
  written?: string[];
};
/** sema: ref; narrowed: it reads an optional that is known not to be null, which the evaluator looks at again. */
export type Name = ExprBase & { kind: "Name"; name: string; ref?: NameRef; narrowed?: boolean };
/** `.Circle` with the enum or error set known from the context. */
export type ShortVariant = ExprBase & { kind: "ShortVariant"; name: string; variant?: VariantRef /* sema */ };
export type ArrayLit = ExprBase & { kind: "ArrayLit"; elems: Expr[] };
/** `[value; count]`, and `Array.filled(count, value)` where a fixed array is wanted. */
export type ArrayFill = ExprBase & { kind: "ArrayFill"; value: Expr; count: Expr };
export type TupleLit = ExprBase & { kind: "TupleLit"; elems: Expr[] };
export type MapLit = ExprBase & { kind: "MapLit"; entries: { key: Expr; value: Expr }[] };
/**
 * `S { x: 1.0 }`, `S { ..other, x: 2.0 }`, `.Rect { w: 1, h: 2 }`, `E.C { host: "a" }`. head: what stands before `{`.
 */
export type StructLit = ExprBase & {
  kind: "StructLit";
  head: Expr;
  spread: Expr | null;
  fields: { name: string; value: Expr; span: Span }[];
  variant?: VariantRef; // sema: set when the head names an enum variant
};
/** A type in expression position: `channel[[]i64](0)`, where plain syntax cannot be an expression. */
export type TypeValue = ExprBase & { kind: "TypeValue"; type: TypeExpr };
export type UnaryOp = "-" | "~" | "not";
export type Unary = ExprBase & { kind: "Unary"; op: UnaryOp; operand: Expr };
export type BinaryOp =
  | "+" | "-" | "*" | "/" | "%" | "+%" | "-%" | "*%" | "**" | "++"
  | "<<" | ">>" | "&" | "|" | "^"
  | "==" | "!=" | "<" | "<=" | ">" | ">=" | "and" | "or" | "??";
export type Binary = ExprBase & {
  kind: "Binary";
  op: BinaryOp;
  left: Expr;
  right: Expr;
  opSpan: Span;
  target?: CallTarget; // sema: set when the operator is a trait method (`cmp`, `eq`) of a user type
};
/** `x |> f(y)` is f(x, y); `x |> f` is f(x). */
export type Pipe = ExprBase & { kind: "Pipe"; left: Expr; right: Expr;
  /** sema: the call it stands for; handled: see Call. */
  call?: Call;
  handled?: boolean;
};
export type Range = ExprBase & {
  kind: "Range"; low: Expr | null; high: Expr | null; inclusive: boolean;
  /** sema: which ends its place lets it leave out: the bounds of a slice both, a loop the last. */
  open?: "both" | "high";
};
export type Call = ExprBase & {
  kind: "Call";
  callee: Expr;
  args: Arg[]; // a trailing block is the last argument (a Closure)
  command: boolean; // written without parentheses: `log.info "started"`
  /** sema: what is called, and the arguments in parameter order (defaults and the receiver filled in). */
  target?: CallTarget;
  ordered?: Expr[];
  /**
   * sema: a closure among the arguments may fail, and its failure is the call's (sema/rethrow.ts). raised: of a closure
   * written here; it leaves the function. passed: of a parameter that is lent on; it goes on to who lent it.
   */
  rethrows?: "raised" | "passed";
  /** sema: as Await.handled, for what the call rethrows. */
  handled?: boolean;
};
/**
 * `a[i]`, `a[i..j]`, and generic application `f[i64]`, `Map[string, i64]` (sema tells them apart).
 * sema: ref: a type application.
 */
export type Index = ExprBase & { kind: "Index"; object: Expr; args: Expr[]; ref?: NameRef };
/** `a.b`, `a?.b`, `t.0`; also module.name and Type.name. */
export type Member = ExprBase & {
  kind: "Member";
  object: Expr;
  name: string;
  nameSpan: Span;
  optional: boolean;
  ref?: NameRef; // sema: set when it names a declaration (module member, Type.func, Enum.Variant) and not a field
  narrowed?: boolean; // sema: as of Name
};
export type Unwrap = ExprBase & { kind: "Unwrap"; operand: Expr }; // a.?
export type Deref = ExprBase & { kind: "Deref"; operand: Expr }; // p.*
export type AddressOf = ExprBase & { kind: "AddressOf"; operand: Expr }; // &x
export type Propagate = ExprBase & { kind: "Propagate"; operand: Expr; prefix: boolean }; // e?   try e
/** `e catch d`, `e catch |err| do … end`, `e or do |err| … end`. */
export type Catch = ExprBase & {
  kind: "Catch"; operand: Expr; binding: string | null; handler: Expr; local?: Local;
  /** sema: the handler may give null, so the operand's value becomes an optional. */
  lifted?: boolean;
};
/** `x as T`; checked: `x as? T`, null where a trait object holds another type. */
export type Cast = ExprBase & { kind: "Cast"; operand: Expr; type: TypeExpr; checked?: boolean };
export type Closure = ExprBase & {
  kind: "Closure";
  params: Param[];
  result: TypeExpr | null;
  body: Block;
  form: "func" | "brace" | "do";
  fn?: FnInfo; // sema
  /** sema: the errors that leave a closure lent to a call whose parameter admits none. */
  raises?: ErrorSet;
};
/** One arm of the chain; `otherwise` is another If, a Block, or null. */
export type If = ExprBase & { kind: "If"; cond: Condition; then: Block; otherwise: Expr | null; postfix: boolean };
export type MatchArm = { pattern: Pattern; guard: Expr | null; body: Expr; span: Span };
export type Match = ExprBase & { kind: "Match"; subject: Expr; arms: MatchArm[] };
export type Block = ExprBase & { kind: "Block"; stmts: Stmt[] };
export type Nursery = ExprBase & {
  kind: "Nursery";
  options: Arg[]; // deadline: 500, limit: 64 …
  binding: string | null;
  body: Block;
  local?: Local; // sema: of the binding
  /** sema: true when `catch`, `?`, `try` or `match` takes the failure as a value; else it leaves as `fail` would. */
  handled?: boolean;
};
export type Spawn = ExprBase & {
  kind: "Spawn";
  attributes: Attribute[]; // {. stack: 524288 .}
  form: "spawn" | "async";
  call: Expr; // Call or Closure
  /** sema: bytes of its stack, where an attribute says so. */
  stack?: number;
  /** sema: it serves the others of its nursery. */
  daemon?: boolean;
  /** sema: nobody can name its task, for the value is dropped. */
  isUnnamed?: boolean;
};
export type Await = ExprBase & {
  kind: "Await";
  operand: Expr;
  /** sema: "task": waits for a Task[T]; "call": runs an async func (or a parking plain call) in place. */
  mode?: "task" | "call";
  /** sema: the task can fail and `catch`, `?`, `try` or `match` takes the failure as a value. */
  handled?: boolean;
};
export type SelectCase =
  | { kind: "Recv"; channel: Expr; binding: Pattern | null; body: Block; span: Span; bindingSpan: Span | null }
  | { kind: "Send"; channel: Expr; value: Expr; body: Block; span: Span }
  | { kind: "Timeout"; ms: Expr; body: Block; span: Span }
  | { kind: "Closed"; channel: Expr; body: Block; span: Span }
  | { kind: "Default"; body: Block; span: Span };
export type Select = ExprBase & { kind: "Select"; cases: SelectCase[] };
export type Shield = ExprBase & { kind: "Shield"; options: Arg[]; body: Block };
export type Yield = ExprBase & { kind: "Yield" };
export type Fail = ExprBase & { kind: "Fail"; value: Expr };
export type Return = ExprBase & { kind: "Return"; value: Expr | null };
export type Break = ExprBase & { kind: "Break"; label: string | null };
export type Continue = ExprBase & { kind: "Continue"; label: string | null };
/** Stands where the parser recovered from an error; sema gives it a type that fits everything and reports nothing. */
export type ErrorExpr = ExprBase & { kind: "ErrorExpr" };

export type Expr =
  | IntLit | FloatLit | CharLit | StringLit | BoolLit | NullLit | InterpString
  | Name | ShortVariant | ArrayLit | ArrayFill | TupleLit | MapLit | StructLit | TypeValue
  | Unary | Binary | Pipe | Range | Call | Index | Member | Unwrap | Deref | AddressOf
  | Propagate | Catch | Cast | Closure | If | Match | Block
  | Nursery | Spawn | Await | Select | Shield | Yield
  | Fail | Return | Break | Continue | ErrorExpr;

// ---------------------------------------------------------------- patterns

export type Pattern =
  | (Node & { kind: "WildcardPattern" })
  /** sema: variant: it names one after all. */
  | (Node & { kind: "BindPattern"; name: string; local?: Local; variant?: VariantRef })
  | (Node & { kind: "AtPattern"; name: string; pattern: Pattern; local?: Local })
  | (Node & { kind: "LiteralPattern"; value: Expr }) // number (maybe negated), string, char, bool, null
  | (Node & { kind: "RangePattern"; low: Expr; high: Expr; inclusive: boolean })
  /** `.Circle(r)`, `Shape.Rect { w, h }`, `.Ok(v)`, `.Err(NotFound)`. */
  | (Node & { kind: "VariantPattern"; path: string[]; name: string; args: Pattern[] | null;
      fields: FieldPattern[] | null; rest: boolean; variant?: VariantRef })
  | (Node & { kind: "StructPattern"; path: string[]; fields: FieldPattern[]; rest: boolean; ty?: Type })
  /** `Of[i64]`, `Of[i64] { value }`: what a trait object holds. pattern: what the value behind it fits. sema: also for
   *  the patterns that name a type in another way, where an object is matched; ty: the type asked for. */
  | (Node & { kind: "TypePattern"; type: TypeExpr; pattern: Pattern | null; ty?: Type })
  | (Node & { kind: "TuplePattern"; elems: Pattern[] })
  /** `[a, ..rest, z]`: rest is a name or a wildcard; null: exactly the elements of `before`. */
  | (Node & { kind: "SlicePattern"; before: Pattern[]; rest: Pattern | null; after: Pattern[] })
  | (Node & { kind: "OrPattern"; alternatives: Pattern[] });

export interface FieldPattern {
  name: string;
  pattern: Pattern; // `w` alone is `w: w`
  span: Span;
}

// ---------------------------------------------------------------- statements

export type Stmt =
  | (Node & { kind: "ExprStmt"; expr: Expr })
  | (Node & { kind: "Let"; mutable: boolean; pattern: Pattern; type: TypeExpr | null; value: Expr;
      form: "let" | "walrus" })
  /** `a = e`, `a += e` (op "+"), `a, b = b, a`. Targets are Name, Member, Index or Deref. */
  | (Node & { kind: "Assign"; targets: Expr[]; op: BinaryOp | null; values: Expr[] })
  | (Node & { kind: "While"; label: string | null; cond: Condition; body: Block })
  | (Node & { kind: "Loop"; label: string | null; body: Block })
  /** `for x in xs`, `for i, x in xs`, `for k, v in m`, `for x in ch`. how is sema's: what is iterated. */
  | (Node & { kind: "For"; label: string | null; bindings: Pattern[]; iterable: Expr; body: Block; how?: ForKind })
  | (Node & { kind: "Defer"; onError: boolean; body: Expr })
  | (Node & { kind: "Using"; name: string; value: Expr; body: Block;
      /** false where the body is the rest of the block around it */
      hasBlock: boolean; local?: Local; close?: CallTarget;
      /** sema: closing may fail, and a failure of it leaves the function. */
      closeFails?: boolean })
  | (Node & { kind: "FuncStmt"; decl: FuncDecl; local?: Local });

export type ForKind = "range" | "slice" | "array" | "map" | "set" | "string" | "channel" | "iterator";

// ---------------------------------------------------------------- declarations

export interface TypeParam {
  name: string;
  bounds: TypeExpr[];
  span: Span;
}

/** sema: what the evaluator needs to know of a function or closure body. */
export interface FnInfo {
  /** every local of this body, parameters first, in order of declaration (not those of nested closures). */
  locals: Local[];
  /** locals of enclosing bodies that this one reads or writes. */
  captures: Local[];
  /** result type; may be a result type (`T ! E`). */
  result: Type;
  /** true when the body may contain an errdefer (so that leaving by failure matters). */
  hasDefer: boolean;
}

interface DeclBase extends Node {
  doc: string | null; // `///` lines joined by newlines
  pub: boolean;
  attributes: Attribute[];
}

export type FuncDecl = DeclBase & {
  kind: "FuncDecl";
  name: string;
  nameSpan: Span;
  isAsync: boolean;
  typeParams: TypeParam[];
  /** "value": `self`; "pointer": `self: *T`; null: no receiver. The receiver is params[0] when present. */
  receiver: "value" | "pointer" | null;
  params: Param[];
  result: TypeExpr | null;
  body: Block | null; // null: a trait's required method, or an intrinsic of std ({. intrinsic: "name" .})
  fn?: FnInfo; // sema
};
export type FieldDecl = { name: string; pub: boolean; type: TypeExpr; default: Expr | null; doc: string | null;
  span: Span };
export type StructDecl = DeclBase & { kind: "StructDecl"; name: string; nameSpan: Span; typeParams: TypeParam[];
  fields: FieldDecl[]; methods: FuncDecl[] };
export type VariantDecl = { name: string; doc: string | null; span: Span; payload: TypeExpr[] | null;
  fields: FieldDecl[] | null; value: Expr | null;
  /** sema: the integer that `as` converts it to. */
  number?: bigint };
export type EnumDecl = DeclBase & { kind: "EnumDecl"; name: string; nameSpan: Span; typeParams: TypeParam[];
  variants: VariantDecl[]; methods: FuncDecl[] };
export type ErrorDecl = DeclBase & { kind: "ErrorDecl"; name: string; nameSpan: Span; variants: VariantDecl[] };
export type TraitDecl = DeclBase & { kind: "TraitDecl"; name: string; nameSpan: Span; typeParams: TypeParam[];
  supers: TypeExpr[]; methods: FuncDecl[] };
/** `impl T {…}`, `impl Trait for T {…}`, generic: `impl[T: Ordered] []T {…}`. */
export type ImplDecl = DeclBase & { kind: "ImplDecl"; typeParams: TypeParam[]; trait: TypeExpr | null; target: TypeExpr;
  methods: FuncDecl[] };
export type GlobalDecl = DeclBase & { kind: "GlobalDecl"; keyword: "const" | "let" | "var"; name: string;
  nameSpan: Span; type: TypeExpr | null; value: Expr; fn?: FnInfo };
export type AliasDecl = DeclBase & { kind: "AliasDecl"; name: string; nameSpan: Span; typeParams: TypeParam[];
  type: TypeExpr };
export type TestDecl = DeclBase & { kind: "TestDecl"; name: string; body: Block; fn?: FnInfo };
/** `use std.sync.mutex`, `use a.b as c`, `use m.{x, y}`; `import` reads the same. */
export type UseDecl = DeclBase & { kind: "UseDecl"; path: string[]; alias: string | null;
  names: { name: string; alias: string | null; span: Span }[] | null };

export type Decl =
  | FuncDecl | StructDecl | EnumDecl | ErrorDecl | TraitDecl | ImplDecl | GlobalDecl | AliasDecl | TestDecl | UseDecl;

/** One parsed file or REPL entry. A REPL entry may hold statements between its declarations. */
export interface Unit {
  source: SourceText;
  profile: { name: string; span: Span } | null;
  decls: Decl[];
  /** The functions with type parameters that are declared inside blocks, in the order of the text. */
  generics: FuncDecl[];
  /** Names that skipped foreign code would have declared; uses of them are not reported. */
  lost: ReadonlySet<string>;
  /** REPL only: what is to be executed, in order. Empty for files. */
  stmts: Stmt[];
}

/** A unit's text with what is needed to show a place in it. */
export interface SourceText {
  /** as shown in messages: the path as given by the user, `std/array.jan`, or `<repl:3>`. */
  name: string;
  text: string;
  /** the unit's number: the same in every VM. */
  id: number;
}

// ---------------------------------------------------------------- sema: types

export type IntName = "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64";

/**
 * A type. Compared structurally; nominal types by declaration and arguments. After a body has been checked no
 * inference variable is left in any annotation: sema replaces them (an unsolved one is an error, or i64/f64 for
 * literals). A type parameter stays; the evaluator substitutes it when it builds an instance of the function.
 */
export type Type =
  | { k: "int"; name: IntName; bits: 8 | 16 | 32 | 64; signed: boolean } // isize, usize are i64, u64
  | { k: "float"; bits: 32 | 64 }
  | { k: "bool" }
  | { k: "void" }
  | { k: "never" } // return, break, fail, panic(…)
  | { k: "string" }
  | { k: "null" } // the literal before its optional is known
  | { k: "error-any" } // the error value of an open or inferred set
  | { k: "unknown" } // after an error was reported: fits everything
  | { k: "optional"; of: Type }
  | { k: "slice"; of: Type } // []T and Array[T] are one type
  | { k: "array"; length: number; of: Type } // [N]T
  | { k: "tuple"; elems: Type[] }
  | { k: "func"; params: Type[]; result: Type }
  | { k: "pointer"; to: Type }
  | { k: "any"; decl: TraitDecl; args: Type[] } // any Shape: a value of some type that implements the trait
  | { k: "range" } // a..b over i64
  | { k: "struct"; decl: StructDecl; args: Type[] }
  /**
   * A built-in type whose values the runtime makes; declared in std with {. intrinsic .}: Channel, Task, CancelToken,
   * Atomic, Mutex, MutexGuard, Parker, Chan, Map, Set, Nursery …
   */
  | { k: "builtin"; decl: StructDecl; args: Type[] }
  | { k: "enum"; decl: EnumDecl; args: Type[] }
  | { k: "error"; decl: ErrorDecl } // a value of a declared error set
  | { k: "result"; ok: Type; error: ErrorSet } // T ! E
  | { k: "param"; param: TypeParam } // of the enclosing generic declaration; `Self` of a trait is one too
  | { k: "var"; id: number; bound: Type | null; literal: "int" | "float" | null }; // inference only, sema's own

/** The errors a function may give back: declared sets, single open names, or any. */
export interface ErrorSet {
  sets: ErrorDecl[];
  open: string[]; // `fail Name` without a declaration
  any: boolean;
  unknown?: boolean; // one of the sets written does not exist, which has been told: nothing follows from it
  pending?: ErrorSet[]; // those of functions whose bodies are still being checked: these are among them, too
}

/** Instantiates type parameters; keyed by the TypeParam object. */
export type Substitution = Map<TypeParam, Type>;

// ---------------------------------------------------------------- sema: names

/** A parameter, `let`, `var`, pattern binding or loop variable. */
export interface Local {
  name: string;
  ty: Type;
  mutable: boolean;
  /** captured by a closure, and assigned after its initialisation: lives in a cell. */
  boxed: boolean;
  /** captured by any closure. */
  captured: boolean;
  /** `&` is applied to it or to a part of it: it can change although it is no `var`. */
  addressed?: boolean;
  /** a closure assigns it: it can change at any call. */
  shared?: boolean;
  /** what `using` closes: its methods and fields may change it, the name stays its. */
  held?: boolean;
  /** it is an error of one of these sets, though its type says that it is of any. */
  errors?: ErrorSet;
  /** the body that owns it. */
  owner: FnInfo;
}

export type NameRef =
  | { k: "local"; local: Local }
  | { k: "global"; decl: GlobalDecl }
  /** a function as a value or as a callee; args: its type arguments (impl's first, then its own), once inferred. */
  | { k: "func"; decl: FuncDecl; impl: ImplDecl | null; args: Type[] }
  | { k: "type"; type: Type }
  | { k: "variant"; variant: VariantRef }
  | { k: "module"; name: string };

/** A variant of an enum or of an error set, or an open error name (decl null). */
export interface VariantRef {
  type: Type; // the enum's or error set's type
  owner: EnumDecl | ErrorDecl | null;
  decl: VariantDecl | null;
  name: string;
  index: number; // position in the declaration; -1 for an open error
}

/**
 * What a call runs. `typeArgs` go with the declaration's type parameters: those of its impl first, then its own.
 * - func: a function or method; the receiver, if any, is ordered[0].
 * - trait: a method of a trait on a type parameter or Self; the evaluator finds the impl for `self` once it is
 *   concrete.
 * - value: the callee expression gives a function value.
 * - variant: builds an enum or error value.
 * - cast: `i32(x)`, a primitive type called like a function.
 * - auto: the receiver must be passed by reference (`self: *T` on a struct place): ordered[0] is a place expression.
 */
export type CallTarget =
  | { k: "func"; decl: FuncDecl; impl: ImplDecl | null; typeArgs: Type[]; byRef: boolean }
  | { k: "trait"; trait: TraitDecl; method: string; self: Type; traitArgs: Type[]; typeArgs: Type[]; byRef: boolean }
  | { k: "value" }
  | { k: "variant"; variant: VariantRef }
  | { k: "cast"; to: Type };

/**
 * Implicit conversions, in the order in which they apply:
 * - some: T becomes ?T (a box only where T is itself optional: ?(?T)).
 * - ok: T becomes T ! E (no change of the value).
 * - slice: [N]T becomes []T (a view of the array's elements).
 * - ref: a struct place becomes *T;   deref: *T becomes a copy of T.
 * - widen: an integer to a wider one, f32 to f64 (no change of the value).
 * - any: T becomes any Trait, which keeps what T is.
 */
export interface Coercion {
  k: "some" | "ok" | "slice" | "ref" | "deref" | "widen" | "any";
  to: Type;
}

/** A declaration a name can mean at module level. */
export type NamedDecl = FuncDecl | StructDecl | EnumDecl | ErrorDecl | TraitDecl | GlobalDecl | AliasDecl;
