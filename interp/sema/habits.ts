// Names that people bring from other languages: what Janus writes instead; types are in syntax/foreign-types.ts.
// Promises: a row says only what compiles (habits.test.ts runs every example), and is looked at only where nothing of
// that name is declared.
import type { Type } from "../syntax/ast.ts";
import { bare, LENGTHS } from "./types.ts";

const named = (...rows: [names: string, hint: string][]): Map<string, string> =>
  new Map(rows.flatMap(([names, hint]) => names.split(" ").map((name): [string, string] => [name, hint])));

/** `"%d" % n`: how values stand in a text. */
export const FORMATTED = "write `$\"…{name}…\"`, with a format as in `$\"{x:.2f}\"`";

const PRINT = "to print, write `println(…)`";
const FAIL = "an error is returned with `fail E.Variant`, from a function `-> T ! E`";

/** What modules of other languages have, and this one's has in another form. */
export const MODULE_MEMBERS: ReadonlyMap<string, string> = named(
  ["random.range random.int random.randint random.random random.choice random.rand random.Intn random.shuffle "
    + "random.uniform", "make a generator: `var random = Random.new(1)`, then `random.range(1, 7)`, with "
    + "`use std.random.{Random}`"],
  ["time.sleep time.Sleep", "write `sleep(10)`, in milliseconds"],
  ["os.exit", "write `use std.os` at the top of the file"],
  ["time.now time.time time.Now time.monotonic time.perf_counter", "write `time.now_ms()`, with `use std.time`"],
  ["json.stringify json.dumps json.encode json.Marshal json.to_string",
    "make a value and a text of it: `Json.Array([Json.Int(1)]).to_string()`, with `use std.json.{Json}`"],
  ["json.loads json.decode json.Unmarshal json.load", "write `json.parse(text)`, with `use std.json`"],
  ["math.pi math.Pi", "write `math.PI`, with `use std.math`"],
  ["os.getenv os.Getenv os.environ os.get_env", "write `os.env(\"HOME\")`, with `use std.os`"],
  ["os.argv os.Args", "write `os.args()`, with `use std.os`"],
  ["fs.readFileSync fs.readFile fs.read fs.read_to_string io.read_file os.ReadFile",
    "write `fs.read_file(\"notes.txt\")`, with `use std.fs`"],
  ["math.random", "make a generator: `var random = Random.new(1)`, then `random.range(1, 7)`, with "
    + "`use std.random.{Random}`"],
  ["math.Sqrt", "write `math.sqrt(2.0)`, with `use std.math`"],
  ["math.floor math.ceil math.round", "write `x.floor()`, `x.ceil()`, `x.round()`"],
);

/** Functions and other values of other languages. */
export const FOREIGN_NAMES: ReadonlyMap<string, string> = named(
  ["None nil undefined NULL nullptr Nil Null", "write `null`"],
  ["True TRUE", "write `true`"],
  ["False FALSE", "write `false`"],
  ["this", "the receiver is `self`: `func f(self)`"],
  ["console fmt System printf puts echo cout writeln print_line alert", PRINT],
  ["throw raise", FAIL],
  ["switch", "choose with `match x do 1 => … end`"],
  ["go", "start a fiber with `spawn f()` in a `nursery do … end`"],
  ["make", "make a channel with `channel[T](1)`, an array with `[]`, a map with `Map[K, V].new()`"],
  ["Some Ok", "write the value itself: it becomes the optional or result"],
  ["Err", FAIL],
  ["unless", "write `if not condition do … end`"],
  ["until", "write `while not condition do … end`"],
  ["range", "a range is written `0..n`"],
  ["lambda", "a function as a value is written `func(x: i64) -> i64 do return x end` or `{ |x| x }`"],
  ["int parseInt atoi strconv", "convert a number with `x as i64`, a text with `text.parse_int()`"],
  ["float Float64 parseFloat atof", "convert a number with `x as f64`, a text with `text.parse_float()`"],
  ["String repr to_string", "make a text with `str(x)`"],
  ["enumerate", "write `for i, x in xs.enumerate() do … end`"],
  ["pass", "an empty block is `do end`"],
  ["exit quit", "write `os.exit(1)`, with `use std.os`"],
  ["input gets readline readLine", "write `io.read_line()`, with `use std.io`"],
  ["sys process", "arguments are `os.args()`, variables of the environment `os.env(\"HOME\")`, with `use std.os`"],
  ["asyncio Promise tokio futures CompletableFuture", "a nursery waits for what it starts: "
    + "`nursery do … spawn f() … end`"],
  ["threading Thread thread sync WaitGroup CountDownLatch errgroup Executor", "fibers take the place of threads, and a "
    + "nursery waits for them: `nursery do … spawn f() … end`; `Mutex.new(value)` protects data"],
  ["setTimeout setInterval", "start a fiber that sleeps: `spawn func() do sleep(10) end`"],
  ["Lock RLock ReentrantLock Semaphore synchronized RwLock", "data that fibers share is in a `Mutex.new(value)`"],
  ["sorted", "write `xs.copy().sort()`"],
  ["reversed", "write `xs.copy().reverse()`"],
  ["sum", "write `xs.sum()`"],
  ["zip", "write `xs.zip(ys)`"],
  ["append", "write `xs.push(value)`"],
  ["format sprintf Sprintf", FORMATTED],
  ["type typeof typeOf", "write `type_name(x)`"],
  ["isinstance", "a type is known before anything runs; that of a trait object is asked for with `x as? Circle`"],
  ["rand randint", "make a generator: `var random = Random.new(1)`, then `random.range(1, 7)`, with "
    + "`use std.random.{Random}`"],
  ["readFile readFileSync file_get_contents", "write `fs.read_file(\"notes.txt\")`, with `use std.fs`"],
  ["require", "a module is used with `use std.fs`, at the top of the file"],
  ["close", "write `ch.close()`"],
  ["it _", "name what the closure takes: `{ |x| x + 1 }`"],
  ["del delete", "write `xs.remove(i)`, of a map `m.remove(key)`"],
  ["next", "write `continue`"],
  ["with", "write `using f := fs.open(\"notes.txt\")? do … end`, with `use std.fs`"],
  ["forever", "write `loop do … end`"],
  ["list dict", "an array is written `[]`, a map `Map[K, V].new()`"],
);

const LENGTH = "the number of elements is `.len`";

/** Members that arrays, texts, maps and single values have in other languages. */
export const ARRAY = named(
  ["length size Length Count Len", LENGTH],
  ["append add push_back Add Append emplace_back", "write `.push(value)`"],
  ["extend_from_slice addAll", "write `.extend(other)`"],
  ["forEach for_each", "write `.each { |x| … }`"],
  ["indexOf index find_first_index", "write `.index_of(value)`"],
  ["includes include has", "write `.contains(value)`"],
  ["isEmpty empty", "write `.is_empty()`"],
  ["collect select", "write `.map { |x| … }` or `.filter { |x| … }`"],
  ["inject", "write `.fold(start) { |sum, x| … }`"],
  ["some", "write `.any { |x| … }`"],
  ["every", "write `.all { |x| … }`"],
  ["clone dup", "write `.copy()`"],
  ["pop_back removeLast", "write `.pop()`"],
  ["sorted", "write `.copy().sort()`"],
  ["reversed rev", "write `.copy().reverse()`"],
  ["head", "write `.first()`"],
  ["at charAt", "write `xs[i]`"],
  ["iter into_iter to_vec toArray", "an array is gone through as it is: `for x in xs do … end`"],
  ["toString to_string to_s", "make a text with `str(x)`"],
);

export const STRING = named(
  ["length size Length", "the number of bytes is `.len`; of characters, `.char_count()`"],
  ["toString to_string to_s to_owned", "it is a text already: leave this out"],
  ["charAt at", "write `.char_at(i)`"],
  ["join", "the texts come first: `parts.join(\", \")`"],
  ["format", FORMATTED],
  ["equals eq", "write `==`"],
  ["lstrip trimStart trimLeft", "write `.trim_start()`"],
  ["rstrip trimEnd trimRight chomp", "write `.trim_end()`"],
  ["rev", "write `.reverse()`"],
  ["substring substr", "write `.slice(from, to)`"],
  ["indexOf find index search", "write `.index_of(part)`"],
  ["includes include", "write `.contains(part)`"],
  ["toUpperCase upper upcase uppercase ToUpper toUpper to_uppercase", "write `.to_upper()`"],
  ["toLowerCase lower downcase lowercase ToLower toLower to_lowercase", "write `.to_lower()`"],
  ["strip", "write `.trim()`"],
  ["startsWith startswith hasPrefix", "write `.starts_with(prefix)`"],
  ["endsWith endswith hasSuffix", "write `.ends_with(suffix)`"],
  ["replaceAll gsub", "write `.replace(part, by)`"],
  ["isEmpty empty", "write `.is_empty()`"],
  ["append push push_str concat", "texts are joined with `++`"],
  ["to_i toInt to_int parse int", "write `.parse_int()`"],
  ["to_f toFloat", "write `.parse_float()`"],
  ["as_str as_bytes", "write `.bytes()`, or leave this out"],
);

export const TABLE = named(
  ["length size Count", "the number of entries is `.len`"],
  ["has_key contains_key containsKey includes hasKey ContainsKey", "write `.has(key)`"],
  ["insert put Add add store", "write `.set(key, value)`"],
  ["delete erase", "write `.remove(key)`"],
  ["items iter entrySet", "write `for key, value in m do`, or `.entries()` for a slice of pairs"],
  ["forEach for_each", "write `.each { |key, value| … }`"],
  ["isEmpty empty", "write `.is_empty()`"],
  ["keySet", "write `.keys()`"],
  ["getOrDefault get_or_default", "write `.get_or(key, otherwise)`"],
);

export const CHANNEL = named(
  ["push put write offer add Send", "write `.send(value)`"],
  ["get receive read take Recv pop next", "write `.recv()`"],
);

const LOCKED = "a lock is held to the end of a block: `using guard := m.lock().unwrap() do … end`";

export const MUTEX = named(["unlock acquire release Lock Unlock synchronized borrow get set", LOCKED]);

export const NURSERY = named(["spawn start start_soon add go run launch create_task", "write `spawn f()` within it"]);

export const LOCK_RESULT = named(["get set with update unlock value", "take the guard first: `.unwrap()`"]);

export const ANY = named(["toString to_string to_s", "make a text with `str(x)`"]);

const BY_TYPE: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ["Map", TABLE], ["Channel", CHANNEL], ["Mutex", MUTEX], ["Nursery", NURSERY], ["LockResult", LOCK_RESULT],
]);

/** What Janus writes for a member that a type has in other languages. */
export function foreignMember(t: Type, name: string): string | undefined {
  const of = bare(t) ?? t;
  if (of.k === "slice" || of.k === "array") return ARRAY.get(name);
  if (of.k === "string") return STRING.get(name);
  if (of.k === "builtin" || of.k === "struct" || of.k === "enum") return BY_TYPE.get(of.decl.name)?.get(name);
  if (LENGTHS.has(of.k) && ["length", "size"].includes(name)) return LENGTH;
  return ["int", "float", "bool", "var"].includes(of.k) ? ANY.get(name) : undefined;
}
