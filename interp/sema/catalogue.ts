// What every code of the checker means: the title and the paragraph that `janus explain` shows. Promises: a code
// keeps its meaning for ever. Data only.
import type { Explanation } from "../syntax/diagnostic.ts";

/** Every code the checker may report. */
export const semaCatalogue = {
  J0201: {
    title: "unknown name",
    text: "A name is used that nothing in scope declares. Names come from the block, the function's parameters, the "
      + "file, the modules it uses, and std.core. The message offers the nearest name when one is close.",
  },
  J0202: {
    title: "type mismatch",
    text: "A value has another type than its place asks for. Janus converts by itself only where nothing can be "
      + "lost: a value to an optional of it, a value to `T ! E`, an integer to a wider one, a fixed array to a "
      + "slice. Everything else is written: `x as i32`, `str(x)`, `x ?? default`.",
  },
  J0203: {
    title: "assignment to what cannot change",
    text: "A `let`, a parameter, a loop variable or a constant is assigned to. Declare the variable with `var`.",
  },
  J0204: {
    title: "spawn outside a nursery",
    text: "`spawn` or `async` stands outside a nursery. Every fiber belongs to a nursery, which waits for it, so "
      + "that no fiber is left behind: put the spawn inside `nursery do … end`. A closure that is itself spawned "
      + "needs a nursery of its own.",
  },
  J0205: {
    title: "a spawned closure assigns to a captured variable",
    text: "A spawned closure assigns to a variable of the function around it. Fibers share nothing but handles: what "
      + "a spawn captures is a read-only snapshot, because the two would otherwise race. Count with `Atomic`, "
      + "protect compound data with `Mutex`, or send the value through a `Channel`.",
  },
  J0206: {
    title: "a fiber changes its snapshot",
    text: "A spawned closure, or a spawned function, changes data that came from the fiber around it. It has a read-"
      + "only snapshot: use `clone()` and give the result back, or share it through `Mutex` or `Channel`. Slices "
      + "of scalar types (`[]f64`, `[]i64`, `[]u8`, …) are shared memory of fixed length and may be written in "
      + "place.",
  },
  J0207: {
    title: "a reference would cross between fibers",
    text: "A bare reference `*T` would cross from one fiber to another. References stay within one fiber; pass a "
      + "copy of the struct, or share it through `Mutex[T]`.",
  },
  J0208: {
    title: "wrong arguments",
    text: "A call has too few or too many arguments, or names a parameter that does not exist, or gives one twice. The "
      + "options of `nursery` and `spawn` are looked at likewise.",
  },
  J0209: {
    title: "unknown field or method",
    text: "A type has no field or method of this name.",
  },
  J0210: {
    title: "match that leaves cases out",
    text: "A `match` does not cover every value of its subject. The message lists what is missing; add arms for "
      + "those or an `else`.",
  },
  J0211: {
    title: "unreachable arm",
    text: "An arm of a `match` can never be reached: the arms before it take every value it would match.",
  },
  J0212: {
    title: "missing value",
    text: "A function has a result type, but its end can be reached without giving a value.",
  },
  J0213: {
    title: "unreachable code",
    text: "Code stands after something that never goes on (`return`, `fail`, `break`, `continue`, `panic`, an "
      + "endless loop), so it can never run.",
  },
  J0214: {
    title: "dropped failure",
    text: "The result of a call that may fail (`T ! E`) is dropped. Pass the error on with `?`, handle it with "
      + "`catch` or `match`.",
  },
  J0215: {
    title: "undeclared error",
    text: "An error would leave a function whose type does not say so. Add it to the signature (`-> T ! E`), or "
      + "handle it with `catch` or `match`. A closure written as an argument may fail where the function only calls "
      + "it; one that keeps it, or starts a fiber with it, needs a parameter whose type admits errors.",
  },
  J0216: {
    title: "module-level var",
    text: "A module-level `var` is shared by every fiber, so assigning it would race. Use `let` with an `Atomic` for "
      + "a number or flag, or a `Mutex` for compound data.",
  },
  J0217: {
    title: "bare call of an async func",
    text: "An `async func` is called like a plain one. Say how it runs: `await f(x)` runs it in place, `spawn f(x)` "
      + "or `async f(x)` starts it as a child of the nursery.",
  },
  J0218: {
    title: "concurrency outside its profile",
    text: "Concurrency is used in the profile `:core`, which has none. Say `profile :service` at the top of the file "
      + "or `--profile service`.",
  },
  J0219: {
    title: "declared twice",
    text: "A name is declared twice in one scope, or a `let` and a `var` of one name meet in one function.",
  },
  J0220: {
    title: "type cannot be inferred",
    text: "The type of something cannot be worked out from its uses. Write it down: `let x: T = …`, `channel[T](n)`.",
  },
  J0221: {
    title: "bound not satisfied",
    text: "A generic function or type is used with a type that does not satisfy its bound.",
  },
  J0222: {
    title: "wrong struct literal",
    text: "A struct literal leaves out a field without a default, names one that does not exist, or gives one twice.",
  },
  J0223: {
    title: "operator on wrong types",
    text: "An operator is applied to types it is not defined for. `+ - * /` take two numbers of one type, `and or "
      + "not` take `bool`, `< <= > >=` numbers, strings and types that implement `Ordered`.",
  },
  J0224: {
    title: "nothing to leave",
    text: "`break` or `continue` stands outside a loop, or names a label that no loop around it carries; or `return` "
      + "stands outside a function, in an initial value or a default.",
  },
  J0225: {
    title: "module not found",
    text: "A module is not found. `use std.sync.mutex` names a module of std; `use geometry.shapes` finds "
      + "geometry/shapes.jan beside the file.",
  },
  J0226: {
    title: "circular initial values",
    text: "The initial values of module-level constants need each other in a circle, so none can be computed first. "
      + "The same goes for the default of a parameter or field that fills in itself, by a call or literal in it.",
  },
  J0227: {
    title: "impl does not match its trait",
    text: "An impl lacks a method its trait requires, has one that the trait does not name, or one with another "
      + "signature.",
  },
  J0228: {
    title: "name is not pub",
    text: "A name of a module is used that is not `pub`: a declaration, a method of a type, or a field of a struct "
      + "that marks other fields `pub`. Only its own file may use it.",
  },
  J0229: {
    title: "pattern does not fit",
    text: "A pattern does not fit the type it is matched against.",
  },
  J0230: {
    title: "literal out of range",
    text: "A literal does not fit its type: `300` is no `u8`.",
  },
  J0231: {
    title: "wrong thing to call, await or iterate",
    text: "Something is called that is no function, or `await`, `select`, `for`, `using` is given something it "
      + "cannot work on.",
  },
  J0232: {
    title: "impossible conversion",
    text: "A conversion with `as` is not defined between these types. Numbers convert into each other, `bool` and "
      + "enums without payload into integers.",
  },
  J0233: {
    title: "wrong memory ordering",
    text: "An atomic operation cannot take this memory ordering: a load cannot release, a store cannot acquire, and "
      + "the failure ordering of a compare_exchange cannot release.",
  },
  J0234: {
    title: "wrong type",
    text: "A type is used wrongly: a wrong number of type arguments, a name that is no type, or a type that would "
      + "contain itself without end (put a reference `*T` or a slice between), or one of more than 1000 parts.",
  },
  J0235: {
    title: "nothing to unwrap",
    text: "`?` or `try` is applied to a value that cannot fail, or `.?`, `??`, `?.` to a value that is never null.",
  },
  J0236: {
    title: "not a place",
    text: "A place is needed (a variable, a field, an element), and this is a value only.",
  },
  J0237: {
    title: "out of place",
    text: "A feature is used in a position where it has no meaning.",
  },
  J0238: {
    title: "format that does not fit",
    text: "A format in an interpolated text cannot show a value of this type. Formats are read as "
      + "`[fill][align][+][#][0][width][.digits][kind]`: `d x X b o c` show integers, `f e %` numbers, and without a "
      + "kind anything is shown.",
  },
  J0239: {
    title: "unknown profile",
    text: "A file names a profile that does not exist. The profiles are `:core` (no concurrency), `:service` (the "
      + "default), `:cluster` and `:sovereign`.",
  },
  J0240: {
    title: "files in a circle",
    text: "Files use each other in a circle, so none of them can be understood first. The message shows the whole way "
      + "round. Move what they share into a file of its own, which all of them use.",
  },
  J0241: {
    title: "a way out of cleanup",
    text: "`return`, `break`, `continue`, `fail`, `?` or a nursery's failure would leave a `defer` or `errdefer`."
      + " Cleanup runs to its end, for it answers to a way out already: a failure or a cancellation would be lost by"
      + " another. Handle errors inside it with `catch`; loops that stand inside may be left, and functions called may"
      + " return.",
  },
  J0242: {
    title: "too much to check first",
    text: "The type of a constant and the errors of a function that are not written are found by checking it, and that "
      + "may need others first. Chains of names are followed however long they are; circles of functions, and methods "
      + "that need one another by the type of a value, only so far. Writing some of the types breaks the chain.",
  },
  J0243: {
    title: "ambiguous method",
    text: "A type has several methods of this name: of different traits, or its own and a trait's. Which one is meant "
      + "does not depend on the order in which they are written, so it has to be said: `Trait.method(x)` is the "
      + "trait's, `Type.method(x)` the type's own.",
  },
  J0244: {
    title: "any number of arguments",
    text: "Only functions of the library, such as `println`, take any number of arguments. A function of a program"
      + " takes a slice: `func sum(xs: []i64)`, called as `sum([1, 2, 3])`.",
  },
} as const satisfies Record<string, Explanation>;

export type SemaCode = keyof typeof semaCatalogue;
