// Reads a command line against the same plain descriptions that the help text is made from.
//
// Strict where citty's own parser is lenient: an unknown option, a missing value or a word too many is an error with a
// hint. Pure, and it imports nothing at run time, because `janus run` reads its arguments with it at every start.

import type { ArgDef, ArgsDef } from "citty";

export type Value = string | number | boolean;

export interface Arguments {
  /** By the name in the description; an option that was not given has its default, or is absent. */
  values: Record<string, Value>;
  /** What belongs to the program that is run, or the paths given. */
  rest: string[];
}

export class UsageError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Thrown when `--help` stands where our options stand. */
export class HelpWanted extends Error {}

/** Options whose value is a whole number say so by this hint. */
const NUMBER_HINT = "N";

/** To whom the words belong that no positional argument takes: to the program that is run, from the first such word on;
 * or they are paths, among which options may stand; or to nobody. */
export type Rest = "program" | "paths" | "none";

/** Reads `args` as `described`. Throws a UsageError, or HelpWanted. */
export function readArguments(args: string[], described: ArgsDef, takes: Rest = "none"): Arguments {
  const values: Record<string, Value> = {};
  const rest: string[] = [];
  const positionals = Object.keys(described).filter((name) => described[name]?.type === "positional");
  let filled = 0;
  let optionsEnded = false;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (takes === "program" && filled === positionals.length) {
      rest.push(...args.slice(index));
      break;
    }
    if (arg === "--" && !optionsEnded) {
      optionsEnded = true;
      continue;
    }
    if (optionsEnded || !arg.startsWith("-") || arg === "-") {
      filled = place(arg, filled);
      continue;
    }
    if (arg === "--help" || arg === "-h") throw new HelpWanted();
    const equals = arg.indexOf("=");
    const spelled = equals < 0 ? arg : arg.slice(0, equals);
    const inline = equals < 0 ? undefined : arg.slice(equals + 1);
    const found = findOption(spelled, described);
    if (found === undefined) throw unknownOption(spelled, described);
    const { name, definition, negated } = found;
    if (definition.type === "boolean") {
      if (inline !== undefined) throw new UsageError(`${spelled} takes no value`);
      values[name] = !negated;
      continue;
    }
    const value = inline ?? args[(index += 1)];
    if (value === undefined) throw new UsageError(`${spelled} needs a value${hintOf(definition)}`);
    values[name] = definition.valueHint === NUMBER_HINT ? wholeNumber(spelled, value) : value;
  }
  for (const name of positionals) {
    const definition = described[name];
    if (values[name] === undefined && definition?.required === true) {
      throw new UsageError(`${name.toUpperCase()} is missing`);
    }
  }
  for (const [name, definition] of Object.entries(described)) {
    if (values[name] === undefined && definition.default !== undefined) values[name] = definition.default;
  }
  return { values, rest };

  function place(word: string, at: number): number {
    const name = positionals[at];
    if (name === undefined) {
      if (takes !== "paths") throw new UsageError(`one argument too many: ${word}`);
      rest.push(word);
      return at;
    }
    values[name] = word;
    return at + 1;
  }
}

interface FoundOption {
  name: string;
  definition: ArgDef;
  negated: boolean;
}

function findOption(spelled: string, described: ArgsDef): FoundOption | undefined {
  const bare = spelled.replace(/^--?/, "");
  for (const [name, definition] of Object.entries(described)) {
    if (definition.type === "positional") continue;
    const aliases = "alias" in definition ? [definition.alias ?? []].flat() : [];
    const isShort = aliases.some((alias) => spelled === (alias.length === 1 ? `-${alias}` : `--${alias}`));
    if (spelled === `--${name}` || isShort) return { name, definition, negated: false };
    if (definition.type === "boolean" && bare === `no-${name}`) return { name, definition, negated: true };
  }
  return undefined;
}

function unknownOption(spelled: string, described: ArgsDef): UsageError {
  const wanted = spelled.replace(/^--?/, "");
  const near = Object.keys(described).find((name) => described[name]?.type !== "positional" && isNear(name, wanted));
  return new UsageError(`there is no option ${spelled}`, near === undefined ? undefined : `did you mean --${near}?`);
}

/** One is the beginning of the other, or they differ in one place. */
export function isNear(name: string, wanted: string): boolean {
  if (wanted.length < 2) return false;
  if (name.startsWith(wanted) || wanted.startsWith(name)) return true;
  let start = 0;
  while (start < name.length && name[start] === wanted[start]) start += 1;
  let end = 0;
  while (end < name.length - start && name.at(-1 - end) === wanted.at(-1 - end)) end += 1;
  return Math.max(name.length, wanted.length) - start - Math.min(end, wanted.length - start) <= 2 && start + end > 1;
}

const NUMBER_MAX = "999999999999999";

function wholeNumber(spelled: string, text: string): number {
  if (/^\d{16,}$/.test(text)) throw new UsageError(`${spelled} is at most ${NUMBER_MAX}, not ${text}`);
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${spelled} needs a whole number, not '${text}'`);
  return Number(text);
}

/** `100ms`, `2s`, `0.5s`; without a unit milliseconds. */
export function millisecondsOf(spelled: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text) ?? [];
  const ms = Number(number) * (unit === "s" ? 1000 : 1);
  if (!(ms >= 1)) {
    throw new UsageError(`${spelled} needs a time of at least 1ms, as \`100ms\` or \`2s\`, not '${text}'`);
  }
  return ms;
}

/** `512M`, `4G`, `1.5G`: binary units. */
export function bytesOf(spelled: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([MG])(?:i?B)?$/i.exec(text) ?? [];
  const bytes = Number(number) * (unit?.toUpperCase() === "G" ? 1 << 30 : 1 << 20);
  if (!(bytes >= LEAST_MEMORY)) {
    throw new UsageError(`${spelled} needs a size of at least 64M, as \`512M\` or \`4G\`, not '${text}'`);
  }
  return Math.floor(bytes);
}

/** The interpreter itself takes most of this. */
const LEAST_MEMORY = 64 << 20;

function hintOf(definition: ArgDef): string {
  return definition.valueHint === undefined ? "" : `: ${definition.valueHint}`;
}
