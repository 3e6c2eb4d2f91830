// The syntax tree of Janus: plain data, made by the parser, annotated by sema, read by eval.
// Both dresses of a block (`do … end`, `{ … }`) give the same tree. Every node carries its span, offsets into the
// unit's source text. Fields marked "sema:" are absent after parsing and filled in by the checker (the shapes are in
// annotations.ts).
import type { CallTarget, Coercion, ErrorSet, Local, NameRef, Type, VariantRef } from "./annotations.ts";

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
  | (Node & { kind: "TupleType"; elems: TypeExpr[] })
  | (Node & { kind: "FuncType"; params: TypeExpr[]; result: TypeExpr | null })
  | (Node & { kind: "VariadicType"; of: TypeExpr }); // ...any, only in std's intrinsic declarations

// ---------------------------------------------------------------- expressions

interface ExprBase extends Node {
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
export type StringLit = ExprBase & { kind: "StringLit"; value: string };
export type BoolLit = ExprBase & { kind: "BoolLit"; value: boolean };
export type NullLit = ExprBase & { kind: "NullLit" };
/** `$"x = {x:.2f}"`: literal pieces and expressions with an optional format. */
export type InterpString = ExprBase & {
  kind: "InterpString";
  parts: (string | { expr: Expr; format: string | null })[];
};
export type Name = ExprBase & { kind: "Name"; name: string; ref?: NameRef /* sema */ };
/** `.Circle` with the enum or error set known from the context. */
export type ShortVariant = ExprBase & { kind: "ShortVariant"; name: string; variant?: VariantRef /* sema */ };
export type ArrayLit = ExprBase & { kind: "ArrayLit"; elems: Expr[] };
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
export type Range = ExprBase & { kind: "Range"; low: Expr | null; high: Expr | null; inclusive: boolean };
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
export type Cast = ExprBase & { kind: "Cast"; operand: Expr; type: TypeExpr };
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
  | Name | ShortVariant | ArrayLit | TupleLit | MapLit | StructLit | TypeValue
  | Unary | Binary | Pipe | Range | Call | Index | Member | Unwrap | Deref | AddressOf
  | Propagate | Catch | Cast | Closure | If | Match | Block
  | Nursery | Spawn | Await | Select | Shield | Yield
  | Fail | Return | Break | Continue | ErrorExpr;

// ---------------------------------------------------------------- patterns

export type Pattern =
  | (Node & { kind: "WildcardPattern" })
  /** sema: variant: it names one after all; inside: the value of an optional whose null an earlier arm takes. */
  | (Node & { kind: "BindPattern"; name: string; local?: Local; variant?: VariantRef; inside?: boolean })
  | (Node & { kind: "AtPattern"; name: string; pattern: Pattern; local?: Local; inside?: boolean })
  | (Node & { kind: "LiteralPattern"; value: Expr }) // number (maybe negated), string, char, bool, null
  | (Node & { kind: "RangePattern"; low: Expr; high: Expr; inclusive: boolean })
  /** `.Circle(r)`, `Shape.Rect { w, h }`, `.Ok(v)`, `.Err(NotFound)`. */
  | (Node & { kind: "VariantPattern"; path: string[]; name: string; args: Pattern[] | null;
      fields: FieldPattern[] | null; rest: boolean; variant?: VariantRef })
  | (Node & { kind: "StructPattern"; path: string[]; fields: FieldPattern[]; rest: boolean; ty?: Type })
  | (Node & { kind: "TuplePattern"; elems: Pattern[] })
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
  /** body null: to the end of the enclosing block (the parser then moves the rest of the block into body). */
  | (Node & { kind: "Using"; name: string; value: Expr; body: Block; local?: Local; close?: CallTarget })
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
