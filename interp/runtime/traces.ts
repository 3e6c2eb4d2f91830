// Places and stacks as people read them: a place number becomes file:line:column and the function it lies in. A trace
// runs from the innermost place outwards, through every `await` and nursery it crossed; where it leaves a fiber it says
// who spawned that one, so the chain reaches back to `main`. As text for people, as objects for `--json`.
import type { Resume } from "../eval/code.ts";
import { placeOf as unpack } from "../eval/lower/builder.ts";
import { type ChildFailure, text } from "../eval/values.ts";
import { walk } from "../sema/walk.ts";
import type { Decl, Nursery, SourceText, Stmt } from "../syntax/ast.ts";
import { placeOf, showPlace } from "../syntax/source.ts";

export interface Units {
  source(id: number): SourceText | null;
  /** Top-level declarations of a unit, when this VM has parsed it. */
  decls(id: number): readonly Decl[];
  /** The statements of an entry of the session; none of a file's. */
  stmts(id: number): readonly Stmt[];
}

/** One line of a trace. */
export interface TracePlace {
  /** "at": code that ran; "spawned": the spawn that started the fiber of the places before it. */
  kind: "at" | "spawned";
  function: string | null;
  file: string;
  line: number;
  column: number;
}

/** In a trace: the place of the spawn that started the fiber in which the places before it lie. */
export function spawnedAt(site: number): number {
  return -site;
}

/** `main (deep.jan:12:5)`; null for the place 0, which means none. */
export function showSite(units: Units, site: number): string | null {
  if (site === 0) return null;
  const { unit, offset } = unpack(site);
  const source = units.source(unit);
  if (source === null) return null;
  const name = functionAt(units.decls(unit), offset);
  const place = showPlace(source, offset);
  return name === null ? place : `${name} (${place})`;
}

/** `deep.jan:12:5`; null for the place 0, which means none. */
export function showPlaceOf(units: Units, site: number): string | null {
  if (site === 0) return null;
  const { unit, offset } = unpack(site);
  const source = units.source(unit);
  return source === null ? null : showPlace(source, offset);
}

/** Whether the nursery at a place is one with a name: `nursery |n|`. */
export function isNamedNursery(units: Units, site: number): boolean {
  const { unit, offset } = unpack(site);
  let isNamed = false;
  walk(units.decls(unit), (node) => {
    if (node.kind !== "Nursery") return;
    const { span, binding } = node as Nursery;
    if (span.start === offset && binding !== null) isNamed = true;
  });
  return isNamed;
}

function functionAt(decls: readonly Decl[], offset: number): string | null {
  const inside = (d: { span: { start: number; end: number } }) => d.span.start <= offset && offset < d.span.end;
  for (const d of decls) {
    if (!inside(d)) continue;
    if (d.kind === "FuncDecl") return d.name;
    if (d.kind === "TestDecl") return `test "${d.name}"`;
    if ("methods" in d) return d.methods.find(inside)?.name ?? null;
  }
  return null;
}

/** Longer traces keep this many lines at each end: where it happened, and how it came to it. */
const FIRST_LINES = 40;
const LAST_LINES = 20;

/** A trace that has come through more fibers than this keeps so many places at each end. */
const KEPT_PLACES = 100;

/**
 * Leaves out the middle of a trace that came through many fibers, so that handing it over again costs the same each
 * time: hundreds of thousands of them may be nested.
 */
export function shorten(trace: number[]): void {
  const cut = trace.length - 2 * KEPT_PLACES;
  if (cut <= 0) return;
  let spawns = 0;
  for (const site of trace) if (site < 0) spawns++;
  if (spawns > KEPT_PLACES) trace.splice(KEPT_PLACES, cut);
}

/** The lines of a stack or return trace, innermost first; long runs of one line are folded. */
export function traceLines(units: Units, sites: readonly number[]): string[] {
  const all: string[] = [];
  for (const site of sites) {
    const place = showSite(units, Math.abs(site));
    if (place !== null) all.push(site < 0 ? `  spawned by ${place}` : `  at ${place}`);
  }
  const lines = folded(all);
  const cut = lines.length - FIRST_LINES - LAST_LINES;
  if (cut > 1) lines.splice(FIRST_LINES, cut, `  … ${cut} more lines …`);
  return lines;
}

/** Runs of one line, or of a few that take turns (a spawn and its nursery), are told once, with how often they come. */
export function folded(all: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < all.length;) {
    let period = 1;
    let times = 1;
    for (let p = 1; p <= LONGEST_TURN && times === 1; p++) {
      const n = repeats(all, i, p);
      if (n * p > p + 1) [period, times] = [p, n];
    }
    for (let k = 0; k < period; k++) lines.push(all[i + k]!);
    if (times > 1) {
      const more = times - 1;
      lines.push(period === 1 ? `  … ${more} more of the same` : `  … these ${period} lines ${more} more times`);
    }
    i += period * times;
  }
  return lines;
}

const LONGEST_TURN = 4;

/** How often the lines from i on, `period` of them, stand there one behind the other. */
function repeats(all: readonly string[], i: number, period: number): number {
  let end = i + period;
  while (end < all.length && all[end] === all[end - period]) end++;
  return Math.floor((end - i) / period);
}

/** The places of a trace, innermost first, all of them. */
export function tracePlaces(units: Units, sites: readonly number[]): TracePlace[] {
  const places: TracePlace[] = [];
  for (const site of sites) {
    const { unit, offset } = unpack(Math.abs(site));
    const source = site === 0 ? null : units.source(unit);
    if (source === null) continue;
    const kind = site < 0 ? "spawned" : "at";
    places.push({ kind, function: functionAt(units.decls(unit), offset), file: source.name,
      ...placeOf(source, offset) });
  }
  return places;
}

/** What is said beneath an error or a panic: the name of the task it was, and the failures attached to it. */
export function childrenLines(units: Units, children: readonly ChildFailure[] | null): string[] {
  if (children === null) return [];
  const [first, ...others] = children;
  const lines = inTask(first!);
  if (others.length === 0) return lines;
  const what = others.every(([, , , spawned]) => spawned !== 0)
    ? others.length === 1 ? "child failed" : "children failed" : others.length === 1 ? "failure" : "failures";
  lines.push(`and ${others.length} more ${what}:`);
  for (const other of others.slice(0, MAX_CHILDREN)) {
    lines.push(`  ${other[1] ? "PANIC " : ""}${text(other[0])}`);
    for (const line of [...traceLines(units, other[4]), ...inTask(other)]) lines.push(`  ${line}`);
  }
  if (others.length > MAX_CHILDREN) lines.push(`  … and ${others.length - MAX_CHILDREN} more`);
  return lines;
}

const inTask = ([, , name]: ChildFailure): string[] =>
  (name === "" ? [] : [`  in the task \`${taskName(text(name))}\``]);

/** A task's name as reports show it: one line, in which nothing moves the cursor or looks like the report's own. */
export function taskName(name: string): string {
  return name.replace(UNSAFE, (c) => {
    const short = SHORT[c];
    return short ?? `\\u{${c.codePointAt(0)!.toString(16)}}`;
  });
}

/** Control characters, separators of lines, and what turns the direction of writing; the quote and the escape. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\\`]/g;
const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", "`": "\\`" };

const MAX_CHILDREN = 20;

/** The places of a continuation, innermost first; before them the loop in which it gave way, if it did in one. */
export function continuationSites(cont: readonly any[]): number[] {
  const sites: number[] = [];
  for (let i = cont.length - 3; i >= 0; i -= 3) {
    const { site = 0, loop = 0 } = cont[i] as Resume;
    if (site !== 0) sites.push(site);
    else if (loop !== 0 && sites.length === 0) sites.push(loop);
  }
  return sites;
}
