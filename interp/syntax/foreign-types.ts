// Names that types have in other languages, and the type of Janus that each is. The parser looks here for what stands
// before a name (`int x = 3`), the checker for what no declaration knows.
import type { TypeExpr } from "./ast.ts";

type Row = [names: string, janus: string, sentence?: string];

const rows: Row[] = [
  ["int long Int Long int64 int64_t ssize_t integer Int64", "i64", "the integer type is `i64`"],
  ["uint ulong UInt uint64 uint64_t size_t UInt64", "u64"],
  ["int32 int32_t Int32", "i32"],
  ["uint32 uint32_t UInt32", "u32"],
  ["short int16 int16_t Short Int16", "i16"],
  ["uint16 uint16_t UInt16 ushort", "u16"],
  ["int8 int8_t sbyte Int8", "i8"],
  ["byte uint8 uint8_t UInt8 Byte uchar", "u8"],
  ["float double Double float64 number Float64", "f64"],
  ["float32 Float32", "f32"],
  ["String str Str", "string"],
  ["char Char rune Character", "i64", "a character is a `string`; its code point is an `i64`"],
  ["boolean Boolean Bool", "bool"],
  ["unit Unit None NoneType undefined Void", "void", "a function without a value has no `->`; the type is `void`"],
  ["list List Vec vec vector ArrayList Vector", "[]T", "an array is written `[]T`"],
  ["dict Dict HashMap map hash Dictionary Hash Object object BTreeMap", "Map[K, V]"],
  ["set HashSet BTreeSet", "Set[T]"],
  ["Option Optional Maybe", "?T", "an optional is written `?T`"],
  ["Result Either", "T ! E", "a result that may be an error is written `T ! E`"],
  ["Box Rc Arc unique_ptr shared_ptr Ref", "T", "a value is kept as it is: write `T`"],
  ["chan", "Chan[T]"],
];

const each = <V>(of: (row: Row) => V): [string, V][] =>
  rows.flatMap((row) => row[0].split(" ").map((name): [string, V] => [name, of(row)]));

/** What is said of a name where a type of Janus is wanted. */
export const FOREIGN_TYPES: ReadonlyMap<string, string> =
  new Map(each(([, janus, sentence]) => sentence ?? `the type is \`${janus}\``));

const janusTypes: ReadonlyMap<string, string> = new Map(each(([, janus]) => janus));

/** The type that a name alone stands for: of those that take no others. */
export const foreignTypes: ReadonlyMap<string, string> =
  new Map([...janusTypes].filter(([, janus]) => janus !== "void" && !/\b[TKVE]\b/.test(janus)));

/** A type as Janus writes it, with those inside it; `text` is the file's. */
export function asJanus(type: TypeExpr, text: string): string {
  if (type.kind !== "NamedType" || type.path.length !== 1) return text.slice(type.span.start, type.span.end);
  const [name] = type.path as [string];
  const args = type.args.map((arg) => asJanus(arg, text));
  const janus = janusTypes.get(name);
  if (janus === undefined) return args.length === 0 ? name : `${name}[${args.join(", ")}]`;
  const places = { T: args[0], K: args[0], V: args[1], E: args[1] };
  return janus.replace(/\b[TKVE]\b/g, (place) => places[place as "T"] ?? place);
}

/** Two words in either order, a name and a type, as Janus has them. */
export function inOrder(first: string, second: string): string {
  const isType = /^([iu](8|16|32|64|size)|f32|f64|bool|string|[A-Z]\w*)$/.test(first) || foreignTypes.has(first);
  const [name, type] = isType ? [second, first] : [first, second];
  return `${name}: ${foreignTypes.get(type) ?? type}`;
}
