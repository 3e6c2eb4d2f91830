// Documents: what the printer makes of a tree before it is known where lines end. A document is text with places in it
// where a line may end; layout.ts decides which do, and puts the comments in. Making one costs time linear in the tree,
// because nothing is printed twice to see whether it fits.

/** A line end in a text is one of a literal: what follows stands where the lines of the nest around it begin. */
export type Doc = string | readonly Doc[] | Break | Group | Nest | Flat;

/**
 * A place where a line may end. `kept`: it does where it did in the source. `item`: unless the group around it stands
 * on one line; one blank line of the source stays. `decl`: an `item` of the file itself. `line`: as `item`, without the
 * blank line.
 */
export interface Break {
  readonly kind: "kept" | "line" | "item" | "decl";
  /** What stands here where no line ends. */
  readonly flat: string;
  /** Right before what closes a bracket or a block, which stands as far left as the line that opened it. */
  readonly closes: boolean;
  /** A comma ends the line, which a list on one line does not have there. */
  readonly comma: boolean;
  /** Of a `decl`: what follows. A line without anything parts what is of two sorts, or takes more than a line. */
  readonly sort?: string;
}

/**
 * `source`: on one line where it was and fits; a tree without a source is broken. `small`: such a tree is not. `empty`:
 * on one line unless it holds a comment. `broken`: never on one line, and no group around it is.
 */
export interface Group {
  readonly kind: "group";
  readonly style: "source" | "small" | "empty" | "broken";
  readonly of: Doc;
}

/** Lines that begin in here stand four columns further right than the line on which it begins. */
export interface Nest {
  readonly kind: "nest";
  /** A block's lines are statements; what goes on over a line stands further right still. */
  readonly block: boolean;
  /** The body of a declaration, whose head may take several lines: its own lines stand right of the first of them. */
  readonly isBody: boolean;
  readonly of: Doc;
}

/** No line ends in here: the expressions in an interpolated string. */
export interface Flat {
  readonly kind: "flat";
  readonly of: Doc;
}

const plain = { closes: false, comma: false };

/** Kept as written, else a blank. */
export const kept: Break = { kind: "kept", flat: " ", ...plain };
/** Kept as written, else nothing. */
export const keptTight: Break = { kind: "kept", flat: "", ...plain };
export const line: Break = { kind: "line", flat: " ", ...plain };
export const item: Break = { kind: "item", flat: " ", ...plain };
/** Between statements, which a semicolon parts where they stand on one line. */
export const statement: Break = { kind: "item", flat: "; ", ...plain };
/** Before a declaration. */
export function decl(sort: string): Break {
  return { kind: "decl", flat: " ", ...plain, sort };
}
/** The end of a file. */
export const fileEnd: Break = { kind: "decl", flat: "", closes: true, comma: false };
export const closer: Break = { kind: "item", flat: " ", closes: true, comma: false };
export const closerTight: Break = { kind: "item", flat: "", closes: true, comma: false };

/** Before what closes a list. */
export function keptCloser(flat: string, comma: boolean): Break {
  return { kind: "kept", flat, closes: true, comma };
}

export function group(of: Doc, style: Group["style"] = "source"): Group {
  return { kind: "group", style, of };
}

export function nest(of: Doc, block = false): Nest {
  return { kind: "nest", block, isBody: false, of };
}

/** The body of a declaration. */
export function body(of: Doc): Nest {
  return { kind: "nest", block: true, isBody: true, of };
}

export function flat(of: Doc): Flat {
  return { kind: "flat", of };
}

export function join(docs: readonly Doc[], between: Doc): Doc {
  return docs.flatMap((doc, i) => (i === 0 ? [doc] : [between, doc]));
}

/**
 * A list between brackets, which may be empty: a line ends where one ended in the source, and a comma stands before the
 * last bracket if that begins a line. `inner`: what stands inside of the brackets on one line.
 */
export function listed(open: string, docs: readonly Doc[], close: string, inner = "", comma = true): Doc {
  if (docs.length === 0) return [open, nest(keptCloser("", false)), close];
  const first: Break = inner === "" ? keptTight : kept;
  return [open, nest([first, join(docs, [",", kept]), keptCloser(inner, comma)]), close];
}

/** The beginning of a document as one line, at least `length` characters of it where there are as many. */
export function beginning(doc: Doc, length: number): string {
  if (typeof doc === "string") return doc;
  if (!("kind" in doc)) {
    let made = "";
    for (const part of doc) {
      made += beginning(part, length - made.length);
      if (made.length >= length) break;
    }
    return made;
  }
  return "of" in doc ? beginning(doc.of, length) : doc.flat;
}

/** The last characters of a document as one line, those of its last text at least. */
export function ending(doc: Doc): string {
  if (typeof doc === "string") return doc;
  if (!("kind" in doc)) {
    for (let i = doc.length - 1; i >= 0; i--) {
      const made = ending(doc[i]!);
      if (made !== "") return made;
    }
    return "";
  }
  return "of" in doc ? ending(doc.of) : doc.flat;
}

/** A document as one line: linear in its length, so for small ones. */
export function oneLine(doc: Doc): string {
  return beginning(doc, Number.POSITIVE_INFINITY);
}
