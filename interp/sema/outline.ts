// A unit read in pieces: finds where each top-level function of a unit stands and parses one only when its name is
// asked for. For the prelude, which every program loads and of which most use two functions: parsing it whole would
// be a large part of a short program's start. Promises: gives the same declarations, spans and order as parsing the
// whole; a unit whose outline it does not fully understand is not taken apart (`outline` gives null).
import type { FuncDecl, NamedDecl, SourceText } from "../syntax/ast.ts";
import type { Diagnostic } from "../syntax/diagnostic.ts";
import { parse } from "../syntax/parser.ts";

interface Piece {
  name: string;
  start: number;
  end: number;
}

const FUNCTION = /^(?:\{\. [^\n]*? \.\} )?(?:pub )?(?:async )?func (\w+)/;

/** The top-level functions of a text, in order; null when it holds anything else at the start of a line. */
export function outline(text: string): Piece[] | null {
  const pieces: Piece[] = [];
  let docs = -1;
  for (let at = 0; at < text.length;) {
    const stop = text.indexOf("\n", at);
    const next = stop < 0 ? text.length : stop + 1;
    const first = text.charCodeAt(at);
    if (first === 47 && text.charCodeAt(at + 1) === 47) { // a comment belongs to what follows it
      if (docs < 0) docs = at;
    } else if (first !== 32 && first !== 10 && !text.startsWith("end", at) && first !== 125) {
      const found = FUNCTION.exec(text.slice(at, next));
      if (found === null) return null;
      const start = docs < 0 ? at : docs;
      const last = pieces[pieces.length - 1];
      if (last !== undefined) last.end = start;
      pieces.push({ name: found[1]!, start, end: text.length });
      docs = -1;
    } else if (first === 10) {
      docs = -1;
    }
    at = next;
  }
  return new Set(pieces.map((p) => p.name)).size === pieces.length ? pieces : null;
}

/** The names of a unit in pieces: a map that parses what it is asked for. */
export class LazyDecls extends Map<string, NamedDecl> {
  readonly #source: SourceText;
  readonly #pieces: Piece[];
  readonly #index = new Map<string, number>();
  readonly #parsed: (FuncDecl | null)[];
  readonly #register: (decl: FuncDecl, index: number, diagnostics: Diagnostic[]) => void;

  constructor(
    source: SourceText, pieces: Piece[], register: (decl: FuncDecl, index: number, diagnostics: Diagnostic[]) => void,
  ) {
    super();
    this.#source = source;
    this.#pieces = pieces;
    this.#parsed = pieces.map(() => null);
    this.#register = register;
    pieces.forEach((p, i) => this.#index.set(p.name, i));
  }

  /** The function at a place in the unit's order. */
  at(index: number): FuncDecl | null {
    const piece = this.#pieces[index];
    if (piece === undefined) return null;
    let decl = this.#parsed[index]!;
    if (decl === null) {
      // blanks before it keep every span what it is in the whole text
      const text = " ".repeat(piece.start) + this.#source.text.slice(piece.start, piece.end);
      const { unit, diagnostics } = parse({ ...this.#source, text });
      const found = unit.decls.find((d): d is FuncDecl => d.kind === "FuncDecl");
      if (found === undefined) return null;
      decl = found;
      this.#parsed[index] = decl;
      this.#register(decl, index, diagnostics.map((d) => ({ ...d, unit: this.#source })));
    }
    return decl;
  }

  override get(name: string): NamedDecl | undefined {
    const index = this.#index.get(name);
    return index === undefined ? undefined : this.at(index) ?? undefined;
  }

  override has(name: string): boolean {
    return this.#index.has(name);
  }

  override keys(): MapIterator<string> {
    return this.#index.keys();
  }

  override entries(): MapIterator<[string, NamedDecl]> {
    this.all();
    return new Map(this.#pieces.map((p, i) => [p.name, this.#parsed[i]! as NamedDecl])).entries();
  }

  override [Symbol.iterator](): MapIterator<[string, NamedDecl]> {
    return this.entries();
  }

  /** Parses everything: for the checks that look at a whole unit. */
  all(): void {
    for (let i = 0; i < this.#pieces.length; i++) this.at(i);
  }
}
