// What the checker writes into the tree and the evaluator reads from it: types, locals, resolved names, call targets,
// implicit conversions. Data only; the operations on types are in sema/. Kept beside the tree because each refers to
// the other.
import type {
  AliasDecl, EnumDecl, ErrorDecl, FnInfo, FuncDecl, GlobalDecl, ImplDecl, StructDecl, TraitDecl, TypeParam, VariantDecl,
} from "./ast.ts";

// ---------------------------------------------------------------- types

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
}

/** Instantiates type parameters; keyed by the TypeParam object. */
export type Substitution = Map<TypeParam, Type>;

// ---------------------------------------------------------------- names

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
 */
export interface Coercion {
  k: "some" | "ok" | "slice" | "ref" | "deref" | "widen";
  to: Type;
}

/** A declaration a name can mean at module level. */
export type NamedDecl = FuncDecl | StructDecl | EnumDecl | ErrorDecl | TraitDecl | GlobalDecl | AliasDecl;

export type { FnInfo };
