// std.log: a line for each message, as text or as JSON. They are intrinsics because they know the names of their
// arguments. What is said, and whether it is, depends on JANUS_LOG and JANUS_LOG_FORMAT alone.
import type { Type } from "../../syntax/ast.ts";
import type { Intrinsic } from "../faults.ts";
import { quote, showOf } from "../show.ts";
import { bytes, text, VOID } from "../values.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];

interface Field {
  /** null: an argument without a name. */
  name: string | null;
  type: Type;
  show(value: any): string;
}

/** `INFO  started port=8080`: level, message, then the other arguments, by name where they have one. */
function plainLine(level: Level, message: string, fields: Field[], values: any[]): string {
  const parts = fields.map(({ name, type, show }, i) => {
    const shown = show(values[i]);
    if (name === null) return shown;
    return `${bytes(name)}=${type.k === "string" && /[\s="]|^$/.test(shown) ? quote(shown) : shown}`;
  });
  return [`${level.toUpperCase().padEnd(5)} ${message}`, ...parts].join(" ");
}

/** Text of bytes as a JSON string, as bytes again. */
const jsonString = (s: string): string => bytes(JSON.stringify(text(s)));

function jsonValue({ type, show }: Field, value: any): string {
  if (value === null) return "null";
  const { k } = type.k === "optional" ? type.of : type;
  const isPlain = k === "bool" || k === "int" || (k === "float" && Number.isFinite(value));
  return isPlain ? show(value) : jsonString(show(value));
}

/** One object: time, level, message, the named arguments under their names, the others in `fields`. */
function jsonLine(level: Level, message: string, fields: Field[], values: any[]): string {
  const time = new Date().toISOString();
  const parts = [`"time":"${time}","level":"${level}","message":${jsonString(message)}`];
  const unnamed: string[] = [];
  for (const [i, field] of fields.entries()) {
    const value = jsonValue(field, values[i]);
    if (field.name === null) unnamed.push(value);
    else parts.push(`${jsonString(bytes(field.name))}:${value}`);
  }
  if (unnamed.length > 0) parts.push(`"fields":[${unnamed.join(",")}]`);
  return `{${parts.join(",")}}`;
}

function logger(level: Level): Intrinsic {
  return ({ types, names, rt }) => {
    const wanted = LEVELS.indexOf((process.env.JANUS_LOG ?? "info") as Level);
    if (LEVELS.indexOf(level) < (wanted < 0 ? 1 : wanted)) return () => VOID;
    const show = showOf(types[0]!);
    const fields = types.slice(1).map((type, i): Field => ({ name: names?.[i + 1] ?? null, type, show: showOf(type) }));
    const lineOf = process.env.JANUS_LOG_FORMAT === "json" ? jsonLine : plainLine;
    return (message, ...values) => rt.write(2, `${lineOf(level, show(message), fields, values)}\n`);
  };
}

export const logIntrinsics: Record<string, Intrinsic> = {
  "log.debug": logger("debug"),
  "log.info": logger("info"),
  "log.warn": logger("warn"),
  "log.error": logger("error"),
};
