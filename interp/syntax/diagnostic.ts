// Diagnostics as data: what is wrong, where, what helps. Nothing here prints; render.ts turns them into text or JSON.
// Codes are stable: J01xx are the lexer's and parser's, explained below; the checker adds J02xx in its own catalogue.
import type { SourceText, Span } from "./ast.ts";

export interface Note {
  unit: SourceText;
  span: Span;
  message: string;
}

export interface Diagnostic {
  code: string;
  severity: "error" | "warning";
  /** One sentence, without a full stop: what is wrong, what was expected and found. */
  message: string;
  unit: SourceText;
  span: Span;
  /** Stands beside the marked source. */
  label?: string;
  /** Other places that matter: the block left open, the first of two declarations. */
  notes: Note[];
  hint?: string;
}

export interface DiagnosticExtras {
  label?: string;
  notes?: Note[];
  hint?: string;
}

export function syntaxError(
  code: SyntaxCode, unit: SourceText, span: Span, message: string, extras: DiagnosticExtras = {},
): Diagnostic {
  const made: Diagnostic = { code, severity: "error", message, unit, span, notes: extras.notes ?? [] };
  if (extras.label !== undefined) made.label = extras.label;
  if (extras.hint !== undefined) made.hint = extras.hint;
  return made;
}

export interface Explanation {
  title: string;
  text: string;
}

export type SyntaxCode = keyof typeof syntaxCatalogue;

/** What `janus explain CODE` tells about the codes of this folder. */
export const syntaxCatalogue = {
  J0101: {
    title: "unexpected token",
    text: "The parser needed one thing at this place and found another. The message names both. Often the cause is just"
      + " before the mark: a comma, a closing bracket or a `do` that was left out.",
  },
  J0102: {
    title: "character that belongs to no token",
    text: "Outside strings and comments Janus source consists of names, numbers, operators and brackets. This character"
      + " starts none of them. Typographic quotes and dashes, pasted from a text document, are a usual cause.",
  },
  J0103: {
    title: "string not closed",
    text: "A string literal ends on the line it begins on. Write `\\n` for a line break inside it, or a text of several"
      + " lines between `\"\"\"` and `\"\"\"`. The mark shows where the string was opened.",
  },
  J0104: {
    title: "comment not closed",
    text: "A `/*` comment needs its own `*/`. These comments nest: `/* a /* b */ c */` is one comment, so each `/*`"
      + " inside a comment asks for one more `*/`.",
  },
  J0105: {
    title: "malformed number",
    text: "Numbers are `42`, `1_000`, `0xff`, `0b1010`, `0o17`, `1.5`, `2e10`. Digits stand on both sides of a point,"
      + " an underscore stands between digits, and a number has no suffix: write `1 as u8` for a number of a given"
      + " type.",
  },
  J0106: {
    title: "unknown escape",
    text: "The escapes are `\\n \\t \\r \\0 \\\\ \\\" \\'` and `\\u{1F600}` with one to six hexadecimal digits of a"
      + " Unicode scalar value. Interpolated strings add `\\{` and `\\}`.",
  },
  J0107: {
    title: "malformed character literal",
    text: "A character literal holds exactly one character or one escape between single quotes: `'a'`, `'\\n'`. Texts"
      + " of any length stand in double quotes.",
  },
  J0108: {
    title: "block not closed",
    text: "A block opened with `do` (or `then`) is closed by `end`, one opened with `{` by `}`. The note names the line"
      + " that opened the block; when the indentation says which block was left open, that one is named. One `end`"
      + " closes a whole `if … else if … else` chain.",
  },
  J0109: {
    title: "bracket not closed",
    text: "A `(` or `[` was still open where a new statement begins. The note shows the bracket.",
  },
  J0110: {
    title: "closing word or bracket without its opening",
    text: "An `end`, `}`, `)` or `]` stands here and nothing that it could close is open. Perhaps a block was closed"
      + " twice, or the `do` that should have opened it is missing.",
  },
  J0111: {
    title: "operator of another language",
    text: "Janus writes `and`, `or`, `not` for the logical operators, `==` and `!=` for comparison, `x += 1` for"
      + " counting up, `p.*` to follow a reference and `if c do a else b end` for a choice between two values.",
  },
  J0112: {
    title: "keyword of another language",
    text: "The message names the Janus word: `func` declares a function, `else if` continues an `if`, `let` and `var`"
      + " introduce variables, `fail` returns an error.",
  },
  J0113: {
    title: "assignment where a condition stands",
    text: "`=` assigns and has no value. A condition compares with `==`. To test an optional and name what is in it,"
      + " write `if let x = value do`.",
  },
  J0114: {
    title: "chained comparison",
    text: "Comparisons do not chain: `a < b < c` would compare a bool with a number. Write `a < b and b < c`.",
  },
  J0115: {
    title: "expression expected",
    text: "A value has to stand here. The message says what was found in its place.",
  },
  J0116: {
    title: "type expected",
    text: "A type has to stand here: a name such as `i64` or `Map[string, i64]`, `[]T`, `[4]T`, `?T`, `*T`, `(A, B)`,"
      + " `func(A) -> R` or `T ! E`.",
  },
  J0117: {
    title: "pattern expected",
    text: "A pattern has to stand here: a literal, a range `1..=9`, a name, `_`, `.Variant(x)`, `Point { x, y }`,"
      + " `(a, b)`, `name @ pattern`, or several of them joined by `|`.",
  },
  J0118: {
    title: "name expected",
    text: "A name has to stand here: a letter or `_`, then letters, digits and `_`. Words of the language such as `end`"
      + " or `match` cannot name a variable; they can name fields and follow a point.",
  },
  J0119: {
    title: "nested too deeply",
    text: "Expressions, types, patterns and blocks may nest 1000 levels deep, and an operator chain counts each of its"
      + " operators; a statement with a block is four levels, so that 250 `if`s may stand"
      + " one in another. The limit keeps every later stage within its stack. Split the expression with `let`.",
  },
  J0120: {
    title: "not something that can be assigned to",
    text: "The left side of `=` is a variable, a field `a.b`, an element `a[i]` or what a reference refers to, `p.*`.",
  },
  J0121: {
    title: "statements not separated",
    text: "A statement ends at the end of its line or at a `;`. Here something follows that cannot continue the"
      + " statement. Put it on a line of its own, or look for a missing operator or comma.",
  },
  J0122: {
    title: "declaration in the wrong place",
    text: "Structs, enums, error sets, traits, impls, tests and `use` stand at the top level of a file. Inside a block"
      + " only functions can be declared.",
  },
  J0123: {
    title: "statement outside of a function",
    text: "At the top level of a file stand declarations only; `const` and `let` values are computed before `main`."
      + " Statements belong in a function, the first of which is `func main() do … end`.",
  },
  J0124: {
    title: "function without a body",
    text: "A function has a block, `do … end` or `{ … }`. Only a trait's required methods, and functions that the"
      + " runtime itself provides, are declared without one.",
  },
  J0125: {
    title: "attribute in the wrong place",
    text: "An attribute `{. name: value .}` stands before a declaration or after `spawn`. `{. profile: service .}` may"
      + " stand alone at the top of a file.",
  },
  J0126: {
    title: "malformed interpolation",
    text: "In `$\"…\"` an expression stands between `{` and `}`, optionally with a format after a colon: `{x:.2f}`."
      + " Write `{{` and `}}`, or `\\{` and `\\}`, for the braces themselves.",
  },
  J0127: {
    title: "spawn needs a call",
    text: "`spawn` and `async` start a function in a fiber of its own: `spawn work(a, b)` or"
      + " `spawn func() do … end`. The arguments are computed by the parent.",
  },
  J0128: {
    title: "malformed select case",
    text: "The cases of `select` are `recv ch |v| do`, `send ch, v do`, `timeout ms do`, `closed ch do` and"
      + " `default do`; `case ch.recv() do`, `case m = ch.recv() do` and `case ch.send(v) do` are read too. A select"
      + " has at most 64 cases.",
  },
  J0129: {
    title: "parameter without a type",
    text: "The parameters of a declared function carry their types: `func area(r: f64) -> f64`. Only closures, whose"
      + " parameter types follow from where they are passed, may leave them out.",
  },
  J0130: {
    title: "variable without a value",
    text: "Every variable begins with a value: `var n = 0`, `var x: ?i64 = null`.",
  },
  J0131: {
    title: "struct literal or closure in the head of a statement",
    text: "After the head of `if`, `while`, `for` and `match` a `{` opens the block. A struct literal there stands in"
      + " parentheses: `if p == (Point { x: 1 }) do`. So does a call with a closure behind it:"
      + " `if (xs.any { |x| x > 1 }) do`.",
  },
  J0132: {
    title: "file too long",
    text: "A source file holds at most 2 097 152 characters (UTF-16 units, counted from its start). Data of that size"
      + " is better read from a file while the program runs; code is split into modules.",
  },
  J0133: {
    title: "text of several lines laid out wrongly",
    text: "A text between `\"\"\"` and `\"\"\"` begins on the line after its opener and ends before the line of its"
      + " closer, which has nothing else before it. The closer's indentation is taken from every line that is not"
      + " empty, so each begins with the same blanks, or with more.",
  },
} satisfies Record<string, Explanation>;
