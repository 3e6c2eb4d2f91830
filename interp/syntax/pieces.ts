// A document as a row of pieces, in the order in which they are printed, each knowing which token of the source it is;
// and the comments of the source, each at the piece before which it will stand.
import type { SourceText } from "./ast.ts";
import { align } from "./align.ts";
import { type Comment, commentsOf } from "./comments.ts";
import type { Break, Doc, Group } from "./doc.ts";
import { lex } from "./lexer.ts";
import { sourceText } from "./source.ts";
import type { Token } from "./token.ts";

export type Piece =
  | { kind: "text"; text: string; token: number }
  | { kind: "break"; at: Break; isFlat: boolean }
  | { kind: "open"; style: Group["style"] | "flat"; end: number }
  | { kind: "close" }
  | { kind: "in"; block: boolean; isBody: boolean }
  | { kind: "out" };

/** Where comments may stand: between any two tokens, or only where a line may end. */
export type CommentPlaces = "anywhere" | "breaks";

/** A comment that no longer stands between the tokens between which it stood is `moved`. */
export interface Placed extends Comment {
  moved: boolean;
}

export interface Pieces {
  pieces: Piece[];
  /** The tokens of the source; none if there is no source. */
  tokens: readonly Token[];
  text: string;
  /** By the index of a piece: the comments before it, in their order. */
  comments: Map<number, Placed[]>;
}

export function piecesOf(doc: Doc, source: SourceText | null, places: CommentPlaces): Pieces {
  const pieces: Piece[] = [];
  spread(doc, pieces, false);
  if (source === null) return { pieces, tokens: [], text: "", comments: new Map() };
  const { tokens } = lex(source);
  const split = splitTokens(pieces);
  const pairs = align(tokens, split.tokens);
  const pieceOf = new Int32Array(tokens.length);
  for (const [index, pair] of pairs.entries()) {
    const at = pair < 0 ? -1 : split.pieceOf[pair]!;
    pieceOf[index] = at;
    const piece = split.pieces[at];
    if (piece?.kind === "text") piece.token = index;
  }
  const comments = place(source.text, tokens, pieceOf, split.pieces, places);
  return { pieces: split.pieces, tokens, text: source.text, comments };
}

function spread(doc: Doc, made: Piece[], isFlat: boolean): void {
  if (typeof doc === "string") {
    if (doc !== "") made.push({ kind: "text", text: doc, token: -1 });
  } else if (!("kind" in doc)) {
    for (const part of doc) spread(part, made, isFlat);
  } else if (doc.kind === "group" || doc.kind === "flat") {
    const open: Piece = { kind: "open", style: doc.kind === "flat" ? "flat" : doc.style, end: 0 };
    made.push(open);
    spread(doc.of, made, isFlat || doc.kind === "flat");
    open.end = made.length;
    made.push({ kind: "close" });
  } else if (doc.kind === "nest") {
    made.push({ kind: "in", block: doc.block, isBody: doc.isBody });
    spread(doc.of, made, isFlat);
    made.push({ kind: "out" });
  } else {
    made.push({ kind: "break", at: doc, isFlat });
  }
}

/** The same pieces with a piece for each token, the blanks after it included. */
function splitTokens(pieces: Piece[]): { pieces: Piece[]; tokens: Token[]; pieceOf: number[] } {
  const flat = pieces.map((piece) => {
    if (piece.kind === "text") return piece.text;
    return piece.kind === "break" ? (piece.at.kind === "kept" || piece.isFlat ? piece.at.flat : "\n") : "";
  });
  const { tokens } = lex(sourceText("printed", flat.join("")));
  const made: Piece[] = [];
  const pieceOf: number[] = [];
  const opens: (Piece & { kind: "open" })[] = [];
  let next = 0;
  let offset = 0;
  for (const [index, piece] of pieces.entries()) {
    const end = offset + flat[index]!.length;
    if (piece.kind === "open") opens.push(piece);
    if (piece.kind === "close") opens.pop()!.end = made.length;
    if (piece.kind !== "text") {
      made.push(piece);
    } else {
      let from = offset;
      const cut = (to: number): void => {
        if (to > from) made.push({ kind: "text", text: piece.text.slice(from - offset, to - offset), token: -1 });
        from = to;
      };
      for (; next < tokens.length && tokens[next]!.start < end; next++) {
        cut(tokens[next]!.start);
        pieceOf.push(made.length);
      }
      cut(end);
    }
    offset = end;
  }
  pieceOf.push(made.length - 1); // the end of the text, which is the last break
  return { pieces: made, tokens, pieceOf };
}

/** What was documentation as a plain comment. */
export function undocumented(text: string): string {
  return /^\/\/\/(?!\/)/.test(text) ? text.slice(1) : text;
}

/** Behind attributes or `pub` a declaration that has begun may still be documented. */
function goesOn(before: Token | undefined): boolean {
  return before?.kind === "}" || before?.kind === "pub";
}

/** Does a comment need a line's end after it, or a line of its own? */
export function endsItsLine(comment: Comment): boolean {
  return comment.text.startsWith("//") || (comment.beginsLine && comment.endsLine);
}

/** For each piece, the index of the next one (or itself) that is `wanted`; where there is none, of the last. */
function nextOf(pieces: Piece[], wanted: (piece: Piece) => boolean): Int32Array {
  const made = new Int32Array(pieces.length + 1).fill(pieces.length - 1);
  for (let i = pieces.length - 1; i >= 0; i--) made[i] = wanted(pieces[i]!) ? i : made[i + 1]!;
  return made;
}

function place(text: string, tokens: readonly Token[], pieceOf: Int32Array, pieces: Piece[],
  places: CommentPlaces): Map<number, Placed[]> {
  const nextBreak = nextOf(pieces, (piece) => piece.kind === "break" && !piece.isFlat);
  const nextDecl = nextOf(pieces, (piece) => piece.kind === "break" && piece.at.kind === "decl");
  const made = new Map<number, Placed[]>();
  const add = (at: number, comment: Placed): void => {
    const list = made.get(at);
    if (list === undefined) made.set(at, [comment]);
    else list.push(comment);
  };
  let token = 0;
  let previous = -1;
  /** the comma behind which comments go that stand before it */
  let passed = -1;
  for (const found of commentsOf(text, tokens)) {
    for (; token < found.before; token++) if (pieceOf[token]! >= 0) previous = pieceOf[token]!;
    let after = found.before;
    while (after < pieceOf.length - 1 && pieceOf[after]! < 0) after += 1;
    const next = pieceOf[after]! < 0 ? pieces.length - 1 : pieceOf[after]!;
    let lineEnd = nextBreak[previous + 1]!;
    // What the printer adds after a declaration's last token belongs to that.
    const outer = nextDecl[previous + 1]!;
    if (outer < next) lineEnd = outer;
    // Where marks after it are left out, the line may end after it now.
    const isCutOff = !found.beginsLine && text.slice(found.end, tokens[after]!.start).includes("\n");
    const endsLine = found.endsLine || isCutOff;
    // what stands like documentation before a mark between things would document the next of them
    const shown = /^[,;]$/.test(tokens[found.before]!.kind) ? undocumented(found.text) : found.text;
    const comment = { ...found, text: shown, endsLine, moved: false };
    const isBetween = after === comment.before && (token === 0 || pieceOf[token - 1] === previous);
    // no line begins with the comma of what stands before a comment: that one goes behind it, with those that follow
    if (tokens[after]!.kind === "," && endsItsLine(comment) && lineEnd > next) passed = after;
    if (passed === after) add(nextBreak[next + 1]!, comment);
    else if (lineEnd < next) add(lineEnd, comment);
    else if (places === "anywhere" && (isBetween || !endsItsLine(comment))) add(next, comment);
    else if (comment.text.startsWith("///") && goesOn(tokens[found.before - 1])) {
      add(itemBefore(pieces, next), { ...comment, beginsLine: true });
    } else add(lineEnd, { ...comment, moved: true });
  }
  return made;
}

/** Where the statement, member or declaration begins to which a piece belongs. */
function itemBefore(pieces: Piece[], index: number): number {
  for (let i = index; i > 0; i--) {
    const piece = pieces[i]!;
    if (piece.kind === "break" && !piece.isFlat && !piece.at.closes && piece.at.kind !== "kept") return i;
  }
  return 0;
}
