// Layout: a document as text. One pass over its pieces decides where lines end and puts the comments in.
//
// Indentation is that of lines, not of nesting: what begins in a bracket or block stands four columns further right
// than the line on which that began, so `f([` and `])` need one step and not two.
import type { SourceText } from "./ast.ts";
import { type Break, type Doc, fileEnd } from "./doc.ts";
import { DELIMITER } from "./multiline.ts";
import {
  type CommentPlaces, endsItsLine, type Piece, type Pieces, piecesOf, type Placed, undocumented,
} from "./pieces.ts";

export type { CommentPlaces } from "./pieces.ts";

/** Longest line that a block may be kept on. */
const inlineColumns_max = 100;

const step = 4;

/** The text of a document. With the source of its tree, lines end as they did there, and its comments are kept. */
export function layOut(doc: Doc, source: SourceText | null, places: CommentPlaces = "anywhere"): string {
  return new Layout(piecesOf([doc, fileEnd], source, places)).run();
}

/** Lines that begin within a nest stand at `indent`, the one with its closer at `close`. */
interface Level {
  indent: number;
  close: number;
  block: boolean;
}

/** A declaration being printed: the line on which it begins, and where in the output a line before it would be. */
interface Declaration {
  sort: string | undefined;
  line: number;
  gap: number;
}

class Layout {
  private readonly pieces: Piece[];
  private readonly of: Pieces;
  private readonly out: string[] = [];
  private blanks = "";
  private column = 0;
  private lineIndent = 0;
  private lines = 0;
  /** Something stands on the current line. */
  private begun = false;
  private readonly levels: Level[] = [{ indent: 0, close: 0, block: true }];
  private readonly flat: boolean[] = [false];
  private opened = false;
  private readonly width: Float64Array;
  private readonly forced: Float64Array;
  private readonly newlines: Int32Array;
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private decl: Declaration | null = null;

  constructor(of: Pieces) {
    this.of = of;
    this.pieces = of.pieces;
    const count = this.pieces.length;
    this.width = new Float64Array(count + 1);
    this.forced = new Float64Array(count + 1);
    this.next = new Int32Array(count + 1).fill(-1);
    this.previous = new Int32Array(count + 1).fill(-1);
    this.measure();
    this.newlines = new Int32Array(of.tokens.length + 1);
    for (const [index, token] of of.tokens.entries()) {
      this.newlines[index + 1] = this.newlines[index]! + (token.newline ? 1 : 0);
    }
  }

  /** For every piece: the width and the forced line ends before it, and the tokens of the source around it. */
  private measure(): void {
    let flatDepth = 0;
    const ends = new Set<number>();
    for (const [index, piece] of this.pieces.entries()) {
      let width = 0;
      let forced = 0;
      if (piece.kind === "text") width = firstLineOf(piece.text).length;
      else if (piece.kind === "break") width = piece.at.flat.length;
      else if (piece.kind === "open" && piece.style === "flat") {
        flatDepth += 1;
        ends.add(piece.end);
      } else if (piece.kind === "open" && piece.style === "broken" && flatDepth === 0) forced += 1;
      else if (piece.kind === "close" && ends.has(index)) flatDepth -= 1;
      for (const comment of this.of.comments.get(index) ?? []) {
        width += comment.text.length + 1;
        if (endsItsLine(comment) || comment.text.includes("\n")) forced += 1;
      }
      this.width[index + 1] = this.width[index]! + width;
      this.forced[index + 1] = this.forced[index]! + forced;
      const token = piece.kind === "text" ? piece.token : -1;
      this.previous[index + 1] = token >= 0 ? token : this.previous[index]!;
    }
    for (let index = this.pieces.length - 1; index >= 0; index--) {
      const piece = this.pieces[index]!;
      const token = piece.kind === "text" ? piece.token : -1;
      this.next[index] = token >= 0 ? token : this.next[index + 1]!;
    }
  }

  run(): string {
    for (const [index, piece] of this.pieces.entries()) {
      switch (piece.kind) {
        case "text":
          this.inner(index);
          if (piece.text.includes("\n")) this.writeLines(piece.text.split("\n"));
          else this.write(piece.text);
          this.opened = false;
          break;
        case "break": this.lineBreak(piece.at, index); break;
        case "open": this.flat.push(this.isFlat || this.staysFlat(piece, index)); break;
        case "close": this.flat.pop(); break;
        case "in": {
          const from = piece.isBody ? this.level.indent : this.lineIndent;
          this.levels.push({ indent: from + step, close: from, block: piece.block });
          this.opened = piece.block;
          break;
        }
        case "out": this.levels.pop(); break;
      }
    }
    return this.out.join("");
  }

  private get isFlat(): boolean {
    return this.flat[this.flat.length - 1]!;
  }

  private get level(): Level {
    return this.levels[this.levels.length - 1]!;
  }

  private staysFlat(group: Piece & { kind: "open" }, index: number): boolean {
    if (group.style === "flat") return true;
    if (group.style === "broken" || this.forced[group.end]! > this.forced[index]!) return false;
    if (group.style === "empty") return true;
    const first = this.next[index]!;
    const last = this.previous[group.end]!;
    const isKnown = first >= 0 && last >= first;
    if (isKnown ? this.newlines[last + 1]! > this.newlines[first + 1]! : group.style === "source") return false;
    const from = group.style === "small" ? this.column : this.lineIndent;
    return from + this.width[group.end]! - this.width[index]! <= inlineColumns_max;
  }

  // ------------------------------------------------------------ writing

  private write(text: string): void {
    const shown = text.trimEnd();
    if (shown === "") {
      this.blanks += text;
      return;
    }
    if (this.begun) this.put(this.blanks);
    this.blanks = "";
    this.put(shown);
    this.blanks = text.slice(shown.length);
    this.begun = true;
  }

  /** Lines of a literal, of which every blank counts; empty ones need none. */
  private writeLines(lines: string[]): void {
    const { indent, close } = this.level;
    this.write(lines[0]!);
    this.out.push(this.blanks);
    this.blanks = "";
    const end = lines.length - 1;
    for (let i = 1; i <= end; i++) {
      // An interpolation follows on the last line, if not the closer.
      const isEmpty = lines[i] === "" && i < end;
      this.out.push(isEmpty ? "\n" : `\n${" ".repeat(indent)}${lines[i]}`);
    }
    this.lines += end;
    this.column = indent + lines[end]!.length;
    this.lineIndent = lines[end] === DELIMITER ? close : indent;
  }

  private put(text: string): void {
    this.out.push(text);
    const lineStart = text.lastIndexOf("\n");
    this.column = lineStart < 0 ? this.column + text.length : text.length - lineStart - 1;
    if (lineStart >= 0) this.lines += 1;
  }

  /** Ends the line, if anything stands on it. */
  private newline(indent: number): void {
    this.blanks = "";
    if (this.begun) {
      this.out.push("\n");
      this.lines += 1;
      this.begun = false;
    } else if (this.column > 0) {
      this.out.pop();
    }
    if (indent > 0) this.out.push(" ".repeat(indent));
    this.column = indent;
    this.lineIndent = indent;
  }

  /** A line without anything, before the line that now begins. */
  private blankLine(): void {
    const indent = this.column;
    if (indent > 0) this.out.pop();
    this.out.push("\n");
    if (indent > 0) this.out.push(" ".repeat(indent));
  }

  // ------------------------------------------------------------ where lines end

  private lineBreak(at: Break, index: number): void {
    const comments = this.of.comments.get(index) ?? [];
    const forced = comments.some((comment) => endsItsLine(comment));
    if (!forced && (this.isFlat || (at.kind === "kept" && !this.wasBroken(index)))) {
      this.blanks += at.flat;
      for (const comment of comments) {
        this.write(comment.text);
        this.blanks = this.blanks === "" && !this.isTight(index) ? " " : this.blanks;
      }
      return;
    }
    if (at.comma) this.write(",");
    const tall = at.kind === "decl" && this.endDecl();
    let rest = 0;
    for (; rest < comments.length; rest++) {
      const comment = comments[rest]!;
      if (comment.beginsLine || !(comment.endsLine || comment.moved || comment.text.includes("\n"))) break;
      // What would follow a comment up to the line's end needs a line of its own.
      if (comments[rest - 1]?.text.startsWith("//") === true) this.newline(this.level.indent);
      this.trailing(comment);
    }
    if (at.kind === "decl") this.beginDecl(at, tall, comments[rest]?.start ?? this.tokenStart(index));
    this.beginLine(at, comments.slice(rest), index);
    if (this.decl !== null) this.decl.line = at.kind === "decl" ? this.lines : this.decl.line;
  }

  /** Did a line of the source end between the tokens around a piece? */
  private wasBroken(index: number): boolean {
    const previous = this.previous[index]!;
    const next = this.next[index]!;
    return previous >= 0 && next >= 0 && this.newlines[next + 1]! > this.newlines[previous + 1]!;
  }

  /** The line after a break: comments on lines of their own, blank lines where items are apart, and comments before the
   * token on its line. */
  private beginLine(at: Break, comments: Placed[], index: number): void {
    const { indent, close } = this.level;
    const isItem = at.kind === "item" || at.kind === "decl";
    let isFirst = this.opened || at.kind === "decl";
    let rest = 0;
    for (; rest < comments.length; rest++) {
      const comment = comments[rest]!;
      if (!endsItsLine(comment) && !comment.moved) break;
      this.newline(indent);
      if (isItem && !isFirst && this.hasBlankBefore(comment.start)) this.blankLine();
      this.write(shownAt(comment));
      isFirst = false;
    }
    this.newline(at.closes ? close : indent);
    const next = this.tokenStart(index);
    const leading = comments[rest];
    if (isItem && !isFirst && !at.closes && this.hasBlankBefore(leading?.start ?? next)) this.blankLine();
    for (; rest < comments.length; rest++) {
      this.write(shownAt(comments[rest]!));
      if (endsItsLine(comments[rest]!)) this.newline(at.closes ? close : indent);
      else this.blanks = " ";
    }
  }

  private tokenStart(index: number): number {
    const next = this.next[index]!;
    return next < 0 ? this.of.text.length : this.of.tokens[next]!.start;
  }

  /** Is there a line without anything right before this place of the source? */
  private hasBlankBefore(offset: number): boolean {
    let lines = 0;
    for (let at = offset - 1; at >= 0; at--) {
      const c = this.of.text[at]!;
      if (c === "\n") lines += 1;
      else if (c !== " " && c !== "\t" && c !== "\r") break;
    }
    return lines >= 2;
  }

  // ------------------------------------------------------------ declarations

  /** Whether the declaration that ends here takes more than a line; then a line without anything stands before it. */
  private endDecl(): boolean {
    if (this.decl === null || this.lines === this.decl.line) return false;
    if (this.decl.gap >= 0) this.out[this.decl.gap] = "\n";
    return true;
  }

  /** Begins a declaration, and a line without anything before it if one is due. `from`: where its comments begin. */
  private beginDecl(at: Break, tall: boolean, from: number): void {
    const before = this.decl;
    const isApart = before !== null && (tall || (!at.closes && before.sort !== at.sort) || this.hasBlankBefore(from));
    this.newline(0);
    const gap = before === null ? -1 : this.out.push(isApart && !this.isEnd(at, from) ? "\n" : "") - 1;
    this.decl = { sort: at.sort, line: this.lines, gap };
  }

  private isEnd(at: Break, from: number): boolean {
    return at.closes && from >= this.of.text.length;
  }

  // ------------------------------------------------------------ comments

  /** Comments before a token before which no line may end unless one of them makes it. */
  private inner(index: number): void {
    const comments = this.of.comments.get(index);
    if (comments === undefined) return;
    const { text } = this.of;
    const { block, indent } = this.level;
    const goesOn = block ? indent + step : indent;
    for (const comment of comments) {
      const apart = this.blanks !== "";
      if (endsItsLine(comment)) {
        if (comment.beginsLine) this.newline(goesOn);
        else this.blanks = " ";
        this.write(comment.text);
        this.newline(goesOn);
      } else {
        if (/\s/.test(text[comment.start - 1] ?? "")) this.blanks = " ";
        this.write(comment.text);
        this.blanks = apart || /\s/.test(text[comment.end] ?? "") ? " " : "";
      }
    }
  }

  /** A comment behind what its line holds, in the column that its author set it in if that is further right. */
  private trailing(comment: Placed): void {
    const { text } = this.of;
    let gap = " ";
    const lineStart = text.lastIndexOf("\n", comment.start - 1) + 1;
    if (!comment.moved && /\S[ \t]{2,}$/.test(text.slice(lineStart, comment.start))) {
      gap = " ".repeat(Math.max(1, comment.start - lineStart - this.column));
    }
    this.blanks = gap;
    this.write(shownAt(comment));
  }

  private isTight(index: number): boolean {
    const piece = this.pieces[index + 1];
    return piece?.kind === "text" && /^[,;)\]}]/.test(piece.text);
  }
}

function firstLineOf(text: string): string {
  const end = text.indexOf("\n");
  return end < 0 ? text : text.slice(0, end);
}

/** Documentation that moved to another place becomes a plain comment, lest it document that. */
function shownAt(comment: Placed): string {
  return comment.moved ? undocumented(comment.text) : comment.text;
}
