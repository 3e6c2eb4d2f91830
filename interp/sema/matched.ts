// What the arms of a match tell of the place that is matched: behind arms that take every null of it, or of a field in
// it, it is known to be there, by its own name as by those that the arms give it. Promises: a fact is about what was
// read when the match began; where something may have changed the place since (a guard, a closure), nothing is told.
import type { Expr, Match, Pattern, Type } from "../syntax/ast.ts";
import { constructor } from "./constructors.ts";
import type { Arms } from "./exhaustiveness.ts";
import { partOf, placeOf, placeOfLocal, unchangedSince } from "./narrowing.ts";
import { ANY, type Pat } from "./pats.ts";
import type { Checker, Narrowed, Place } from "./scope.ts";
import { argsOf, fieldsOf } from "./shapes.ts";
import { prune, substitute, VOID } from "./types.ts";

/** Places of one match that are looked at. */
const SPOTS_MAX = 16;

/** Where arms look for null in what is matched. */
interface Spot {
  /** fields and parts of tuples that lead there */
  path: string[];
  /** what is there when it is not null */
  present: Type;
  /** every value with null there */
  form: Pat;
  place: Place | null;
  /** whether the arms so far leave a null there to those behind them */
  isOpen: boolean;
}

export class Matched {
  readonly #c: Checker;
  readonly #type: Type;
  readonly #which: number;
  readonly #spots: Spot[];

  /** Of a match whose subject has been checked just now; `type` is what is matched. */
  constructor(c: Checker, e: Match, type: Type) {
    this.#c = c;
    this.#type = type;
    this.#which = e.span.start;
    const found = new Map<string, Spot>();
    for (const arm of e.arms) collect(c, arm.pattern, type, { path: [], around: (form) => form }, found);
    this.#spots = [...found.values()];
    const facts = this.#spots.flatMap((spot): [Place, Type][] => {
      spot.place = placeAt(c, e.subject, spot.path);
      return spot.place === null ? [] : [[unchangedSince(c, spot.place, this.#which), VOID]];
    });
    if (facts.length > 0) c.narrowed = new Map([...c.narrowed, ...facts]);
  }

  /** What is known behind one arm more, where `before` was known before it. */
  behind(arms: Arms, before: Narrowed): Narrowed {
    let known = before;
    for (const spot of this.#spots) {
      if (!spot.isOpen || arms.leaves(spot.form, this.#type)) continue;
      spot.isOpen = false;
      const { place } = spot;
      if (place === null || !before.has(unchangedSince(this.#c, place, this.#which))) continue;
      known = new Map([...known, [place, spot.present]]);
    }
    return known;
  }

  /** In an arm whose pattern has been bound: what its names hold of that. */
  refine(p: Pattern): void {
    const closed = this.#spots.filter((spot) => !spot.isOpen);
    if (closed.length > 0) this.#refineFrom(p, closed.map(({ path, present }) => ({ path, present })));
  }

  #refineFrom(p: Pattern, known: { path: string[]; present: Type }[]): void {
    const c = this.#c;
    const within = (name: string, part: Pattern): void => this.#refineFrom(part, known
      .filter(({ path }) => path[0] === name).map(({ path, present }) => ({ path: path.slice(1), present })));
    if ((p.kind === "BindPattern" || p.kind === "AtPattern") && p.local !== undefined) {
      for (const { path, present } of known) {
        // a name for the value itself is looked at with the arms
        const place = path.length === 0 ? null : partAt(c, placeOfLocal(c, p.local), path);
        if (place !== null) c.narrowed = new Map([...c.narrowed, [place, present]]);
      }
    }
    if (p.kind === "AtPattern") this.#refineFrom(p.pattern, known);
    else if (p.kind === "TuplePattern") p.elems.forEach((elem, i) => within(`${i}`, elem));
    else if (p.kind === "StructPattern") for (const field of p.fields) within(field.name, field.pattern);
  }
}

/** The way from what is matched to a part of it; `around` makes a form of the whole from one of the part. */
interface Way {
  path: string[];
  around: (form: Pat) => Pat;
}

function collect(c: Checker, p: Pattern, type: Type, way: Way, found: Map<string, Spot>): void {
  const t = prune(type);
  const into = (key: string, parts: { name: string; type: Type }[], at: number, part: Pattern): void => {
    const around = (form: Pat): Pat => way.around({
      k: "made", by: constructor(c, t, key), parts: parts.map((_, i) => i === at ? form : ANY),
    });
    collect(c, part, parts[at]!.type, { path: [...way.path, parts[at]!.name], around }, found);
  };
  switch (p.kind) {
    case "LiteralPattern": {
      const key = way.path.join(".");
      if (p.value.kind !== "NullLit" || t.k !== "optional" || found.has(key) || found.size >= SPOTS_MAX) return;
      const form = way.around({ k: "made", by: constructor(c, t, "null"), parts: [] });
      found.set(key, { path: way.path, present: t.of, form, place: null, isOpen: true });
      return;
    }
    case "AtPattern": return collect(c, p.pattern, t, way, found);
    case "OrPattern": return p.alternatives.forEach((one) => collect(c, one, t, way, found));
    case "TuplePattern": {
      if (t.k !== "tuple" || t.elems.length !== p.elems.length) return;
      const parts = t.elems.map((elem, i) => ({ name: `${i}`, type: elem }));
      return p.elems.forEach((elem, i) => into("tuple", parts, i, elem));
    }
    case "StructPattern": {
      if (t.k !== "struct") return;
      const args = argsOf(t);
      const parts = fieldsOf(c.w, t.decl).map((f) => ({ name: f.name, type: substitute(f.type, args) }));
      for (const field of p.fields) {
        const at = parts.findIndex(({ name }) => name === field.name);
        if (at >= 0) into("struct", parts, at, field.pattern);
      }
    }
  }
}

/** The place that a part of the matched expression is read from. */
function placeAt(c: Checker, e: Expr, path: string[]): Place | null {
  if (e.kind !== "TupleLit" || path.length === 0) return partAt(c, placeOf(c, e), path);
  // what is read first must still be there when the last part has been evaluated
  if (!e.elems.every(runsNothing)) return null;
  return placeAt(c, e.elems[Number(path[0])]!, path.slice(1));
}

function partAt(c: Checker, place: Place | null, path: string[]): Place | null {
  return path.reduce<Place | null>((at, name) => at === null ? null : partOf(c, at, name), place);
}

function runsNothing(e: Expr): boolean {
  switch (e.kind) {
    case "Name": case "IntLit": case "FloatLit": case "CharLit": case "StringLit": case "BoolLit": case "NullLit":
      return true;
    case "Member": return runsNothing(e.object);
    case "TupleLit": return e.elems.every(runsNothing);
    default: return false;
  }
}
