// Words and marks of other languages, and what Janus writes for them: said where something cannot go on as it does, and
// by the checker of names and types that there are not. What statements begin with is in habits.ts.
import type { SyntaxCode } from "./diagnostic.ts";
import type { Token } from "./token.ts";

/** What is said of something foreign. The hint holds Janus that checks. */
export interface Habit {
  code: SyntaxCode;
  message: string;
  hint: string;
}

export const keyword = (message: string, hint: string): Habit => ({ code: "J0112", message, hint });

const closure: Habit = { code: "J0111", message: "a closure has its parameters between bars",
  hint: "write `{ |x| x + 1 }`, or `func(x: i64) -> i64 do return x + 1 end`" };

/** What is foreign where a statement or a list goes on with a token that cannot follow the one before it. */
export function habitBetween(previous: Token | undefined, token: Token): Habit | null {
  if (token.kind === "=>" || (previous?.text === "lambda" && token.kind === "word")) return closure;
  if (token.kind === "!" && previous?.kind === "word" && token.start === previous.end) {
    return { code: "J0111", message: "there are no macros", hint: `write \`${previous.text}(…)\`, without \`!\`` };
  }
  if (previous?.text === "new" && token.kind === "word") {
    return keyword("a struct is made by its name and fields", `write \`${token.text} { x: 1 }\``);
  }
  if (token.kind === "for") {
    return { code: "J0111", message: "there are no comprehensions", hint: "write `xs.map { |x| x * 2 }`" };
  }
  if (token.kind === "word" && token.text === "is") {
    return { code: "J0111", message: "`is` is no operator of Janus", hint: "write `==`" };
  }
  return null;
}

/** The types of other languages, and what they are here.  */
export const foreignTypes: ReadonlyMap<string, string> = new Map(Object.entries({
  int: "i64", long: "i64", short: "i16", byte: "u8", uint: "u64", char: "i64", Int: "i64", Integer: "i64",
  float: "f64", double: "f64", number: "f64", Double: "f64",
  str: "string", String: "string", boolean: "bool", Bool: "bool", Boolean: "bool",
  unit: "void", Unit: "void", None: "void", Void: "void", NoneType: "void",
  list: "[]i64", List: "[]i64", Vec: "[]i64", vector: "[]i64", ArrayList: "[]i64",
  dict: "Map[string, i64]", Dict: "Map[string, i64]", HashMap: "Map[string, i64]", hash: "Map[string, i64]",
  set: "Set[i64]", HashSet: "Set[i64]", Option: "?i64", Optional: "?i64", Maybe: "?i64",
}));


const print = "write `println(…)`";
const absent = "write `null`";

/** Names of other languages that a program does not declare, and what to write. */
export const foreignNames: ReadonlyMap<string, string> = new Map(Object.entries({
  nil: absent, None: absent, undefined: absent, NULL: absent, nullptr: absent, Nothing: absent,
  True: "write `true`", TRUE: "write `true`", False: "write `false`", FALSE: "write `false`",
  this: "write `self`, with `self` as the first parameter", me: "write `self`",
  console: print, fmt: print, System: print, printf: print, echo: print, puts: print, say: print, cout: print,
  Some: "an optional takes the value as it is: leave `Some(…)` out",
  range: "write `0..n`", xrange: "write `0..n`", int: "write `x as i64`, or `text.parse_int()?`",
  float: "write `x as f64`, or `text.parse_float()?`", isinstance: "types are known before the program runs",
  make: "write `channel[i64](0)`, `[]` or `Map.new()`", append: "write `xs.push(x)`", typeof: "write `type_name(x)`",
  input: "write `read_line()?`, with `use std.io.{read_line}`", throw: "write `fail NotFound`",
  raise: "write `fail NotFound`", assert_eq: "write `assert a == b`", assertEqual: "write `assert a == b`",
}));

/** Members of other languages: the names that they may have here, and otherwise what to write. */
export const foreignMembers: ReadonlyMap<string, { names: string[]; hint?: string }> = new Map(Object.entries({
  length: { names: ["len"] }, size: { names: ["len"] }, count: { names: ["len"] }, Length: { names: ["len"] },
  append: { names: ["push"], hint: "write `++`" }, add: { names: ["push", "insert"] }, push_back: { names: ["push"] },
  pop_back: { names: ["pop"] }, unshift: { names: ["insert"] }, shift: { names: ["remove"] },
  toString: { names: [], hint: "write `str(…)`" }, to_string: { names: [], hint: "write `str(…)`" },
  ToString: { names: [], hint: "write `str(…)`" }, charAt: { names: [], hint: "write `text[i]`" },
  substring: { names: [], hint: "write `text[i..j]`" }, substr: { names: [], hint: "write `text[i..j]`" },
  indexOf: { names: ["index_of"] }, findIndex: { names: ["index_of"] }, includes: { names: ["contains", "has"] },
  forEach: { names: ["each"] }, for_each: { names: ["each"] }, has_key: { names: ["has"] },
  contains_key: { names: ["has"] }, containsKey: { names: ["has"] }, hasOwnProperty: { names: ["has"] },
  contains: { names: ["has"] }, put: { names: ["set"] }, delete: { names: ["remove"] }, erase: { names: ["remove"] },
  toUpperCase: { names: ["to_upper"] }, toLowerCase: { names: ["to_lower"] }, upper: { names: ["to_upper"] },
  lower: { names: ["to_lower"] }, strip: { names: ["trim"] }, startsWith: { names: ["starts_with"] },
  endsWith: { names: ["ends_with"] }, startswith: { names: ["starts_with"] }, endswith: { names: ["ends_with"] },
  parseInt: { names: ["parse_int"] }, to_i: { names: ["parse_int"] }, fold: { names: ["reduce"] },
  inject: { names: ["reduce"] }, foldl: { names: ["reduce"] }, select: { names: ["filter"] },
  collect: { names: [], hint: "the result is an array already: leave it out" },
  iter: { names: [], hint: "a `for` goes over it as it is: leave it out" },
  unwrap: { names: [], hint: "write `.?`" }, isEmpty: { names: ["is_empty"], hint: "write `.len == 0`" },
  is_empty: { names: [], hint: "write `.len == 0`" }, sorted: { names: ["sort"] }, reversed: { names: ["reverse"] },
  head: { names: ["first"] }, keys: { names: ["keys"] }, Println: { names: [], hint: "write `println(…)`" },
}));
