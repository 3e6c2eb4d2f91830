// The canonical form of a tree: what `janus fmt` writes. Four spaces, `do … end` for blocks, braces for `match`,
// trailing closures and type bodies. parse(print(tree)) equals tree, spans aside. Declarations and statements are
// printed here, expressions in print-expr.ts, types and patterns in print-types.ts.
//
// Layout that the tree does not hold is taken from the source where there is one: a block written on one line stays on
// one line, a blank line between statements stays one blank line, and comments stay with the line they were on.
import type { Attribute, Block, Decl, Expr, FieldDecl, FuncDecl, Param, SourceText, Span, Stmt, TypeExpr, TypeParam,
  Unit,
  VariantDecl } from "./ast.ts";
import { commentsOf, type Comment } from "./comments.ts";
import type { Page } from "./page.ts";
import { printAttributes, printExpr, printHead } from "./print-expr.ts";
import { printPattern, printSinglePattern, printType, quoted } from "./print-types.ts";

/** Longest line that a block may be kept on. */
const inlineColumns_max = 100;

export class Printer implements Page {
  private depth = 0;
  private readonly source: SourceText | null;
  private readonly comments: Comment[];
  private nextComment = 0;
  private flatDepth = 0;

  constructor(source: SourceText | null) {
    this.source = source !== null && source.text.length > 0 ? source : null;
    this.comments = this.source === null ? [] : commentsOf(this.source);
  }

  get pad(): string {
    return "    ".repeat(this.depth);
  }

  flat(print: () => string): string {
    this.flatDepth += 1;
    const made = print();
    this.flatDepth -= 1;
    return made;
  }

  get isFlat(): boolean {
    return this.flatDepth > 0;
  }

  fits(text: string): boolean {
    return text.length + this.depth * 4 <= inlineColumns_max;
  }

  wasBroken(from: number, to: number): boolean {
    return this.source !== null && !this.isFlat && this.source.text.slice(from, to).includes("\n");
  }

  wasInline(span: Span): boolean {
    return this.source !== null && span.end > span.start && !this.source.text.slice(span.start,
      span.end).includes("\n");
  }

  block(block: Block, open = "do", close = "end"): string {
    if (block.stmts.length === 0 && !this.commentBefore(block.span.end)) {
      return close === "}" ? `${open} ${close}`.replace("{ }", "{}") : `${open} ${close}`;
    }
    if (this.isFlat || this.wasInline(block.span)) {
      const inline = `${open} ${block.stmts.map((stmt) => this.stmt(stmt)).join("; ")} ${close}`;
      if (this.isFlat || (!inline.includes("\n") && this.fits(inline))) return inline;
    }
    return `${open}${this.lines(block)}${close}`;
  }

  lines(block: Block): string {
    return this.list(block.stmts, block.span.end, "; ", (stmt) => this.stmt(stmt));
  }

  list<T extends { span: Span }>(items: T[], end: number, separator: string, print: (item: T) => string): string {
    if (this.isFlat) return ` ${items.map(print).join(separator)} `;
    this.depth += 1;
    let made = "\n";
    let previousEnd = -1;
    for (const item of items) {
      if (previousEnd >= 0 && this.blankBetween(previousEnd, item.span.start)) made += "\n";
      made += this.leading(item.span.start);
      const printed = this.pad + print(item);
      made += `${printed}${this.trailing(item.span.end, printed)}\n`;
      previousEnd = item.span.end;
    }
    made += this.leading(end);
    this.depth -= 1;
    return made + this.pad;
  }

  private blankBetween(from: number, to: number): boolean {
    if (this.source === null) return false;
    const gap = this.source.text.slice(from, to);
    return /\n[ \t\r]*\n/.test(gap);
  }

  private commentBefore(offset: number): boolean {
    const comment = this.comments[this.nextComment];
    return comment !== undefined && comment.start < offset;
  }

  /** Comments that stand before an offset and were not printed yet, each on its line; `verbatim`: documentation too. */
  private leading(offset: number, verbatim = false): string {
    let made = "";
    while (this.commentBefore(offset)) {
      const comment = this.comments[this.nextComment++]!;
      if (made !== "" && comment.blankBefore) made += "\n";
      made += `${this.pad}${verbatim || this.attached(comment, offset) ? comment.text : asPlain(comment.text)}\n`;
      if (comment.blankAfter && offset > comment.end && !this.commentBefore(offset)) made += "\n";
    }
    return made;
  }

  /** Does a `///` comment stand right before what begins at the offset? Elsewhere it documents nothing. */
  private attached(comment: Comment, offset: number): boolean {
    if (!comment.text.startsWith("///")) return true;
    const gap = this.source!.text.slice(comment.end, offset);
    return gap.replace(/\/\*[^]*?\*\/|(\/\/|#)[^\n]*/g, "").trim() === "";
  }

  /** A comment after a statement, on its line; printed: what stands there now. */
  private trailing(end: number, printed: string): string {
    let made = "";
    let endsLine = false;
    while (this.source !== null && this.nextComment < this.comments.length) {
      const comment = this.comments[this.nextComment]!;
      const lineEnd = this.source.text.indexOf("\n", end);
      if (comment.ownLine || (lineEnd >= 0 && comment.start > lineEnd)) break;
      const inside = comment.start < end;
      // What follows on the same line has the comment after it.
      if (!inside && !/^[\s,;]*$/.test(this.source.text.slice(end, comment.start).replace(/\/\*[^]*?\*\//g, ""))) break;
      this.nextComment += 1;
      const text = inside ? asPlain(comment.text) : comment.text;
      // after one that goes on to the end of its line the next needs a line of its own
      if (!endsLine) made += made === "" && !inside ? this.columnGap(comment, printed) : " ";
      made += endsLine ? `\n${this.pad}${text}` : text;
      endsLine = text.startsWith("//");
      if (comment.text.includes("\n")) break;
    }
    return made;
  }

  /** The blanks before a comment: as many as keep it in a column that its author set it in, else one. */
  private columnGap(comment: Comment, printed: string): string {
    const { text } = this.source!;
    const lineStart = text.lastIndexOf("\n", comment.start - 1) + 1;
    if (!/\S[ \t]{2,}$/.test(text.slice(lineStart, comment.start))) return " ";
    const width = printed.length - (printed.lastIndexOf("\n") + 1);
    return " ".repeat(Math.max(1, comment.start - lineStart - width));
  }

  expr(expr: Expr): string {
    return printExpr(this, expr);
  }

  // ------------------------------------------------------------ statements

  stmt(stmt: Stmt): string {
    switch (stmt.kind) {
      case "ExprStmt": {
        const shown = printExpr(this, stmt.expr, { statement: true });
        // A line that begins so would go on with the statement before it; such a name, with a block on the next line.
        return /^[.&]|^(loop|nursery|shield)$/.test(shown) ? `(${shown})` : shown;
      }
      case "Let": {
        const type = stmt.type === null ? "" : `: ${printType(this, stmt.type)}`;
        const value = printExpr(this, stmt.value);
        if (stmt.form === "walrus") return `let ${printPattern(this, stmt.pattern)} := ${value}`;
        return `${stmt.mutable ? "var" : "let"} ${printPattern(this, stmt.pattern)}${type} = ${value}`;
      }
      case "Assign": {
        const targets = stmt.targets.map((target) => printExpr(this, target)).join(", ");
        return `${targets} ${stmt.op ?? ""}= ${stmt.values.map((value) => printExpr(this, value)).join(", ")}`;
      }
      case "While": return `${label(stmt.label)}while ${printHead(this, stmt.cond)} ${this.block(stmt.body)}`;
      case "Loop": return `${label(stmt.label)}loop ${this.block(stmt.body)}`;
      case "For": {
        const bindings = stmt.bindings.map((binding) => printSinglePattern(this, binding)).join(", ");
        const iterable = printHead(this, { kind: "Test", expr: stmt.iterable, span: stmt.iterable.span });
        return `${label(stmt.label)}for ${bindings} in ${iterable} ${this.block(stmt.body)}`;
      }
      case "Defer": return `${stmt.onError ? "errdefer" : "defer"} ${this.simple(stmt.body)}`;
      case "Using": {
        const value = printHead(this, { kind: "Test", expr: stmt.value, span: stmt.value.span });
        return `using ${stmt.name} := ${value} ${this.block(stmt.body)}`;
      }
      case "FuncStmt": return this.func(stmt.decl);
    }
  }

  /** An expression where a statement may stand: after `defer` and `=>`. */
  simple(expr: Expr): string {
    return printExpr(this, expr, { statement: true });
  }

  // ------------------------------------------------------------ declarations

  unit(unit: Unit): string {
    const pieces: { span: Span; text: () => string; kind: string }[] = [];
    if (unit.profile !== null) {
      const { name, span } = unit.profile;
      pieces.push({ span, text: () => `profile :${name}`, kind: "profile" });
    }
    for (const decl of unit.decls) pieces.push({ span: decl.span, text: () => this.decl(decl), kind: decl.kind });
    for (const stmt of unit.stmts) pieces.push({ span: stmt.span, text: () => this.stmt(stmt), kind: stmt.kind });
    if (this.source !== null) pieces.sort((a, b) => a.span.start - b.span.start);
    let made = "";
    let previous: { span: Span; kind: string; text: string } | null = null;
    for (const piece of pieces) {
      const comments = this.leading(piece.span.start);
      const text = piece.text();
      if (previous !== null) {
        const together = previous.kind === piece.kind && !text.includes("\n") && !previous.text.includes("\n");
        if (!together || this.blankBetween(previous.span.end, piece.span.start)) made += "\n";
      }
      made += `${comments}${text}${this.trailing(piece.span.end, text)}\n`;
      previous = { ...piece, text };
    }
    const rest = this.leading(Number.MAX_SAFE_INTEGER);
    return made + (rest !== "" && made !== "" ? `\n${rest}` : rest);
  }

  decl(decl: Decl): string {
    if (decl.kind === "FuncDecl") return this.func(decl);
    const head = this.prelude(decl);
    switch (decl.kind) {
      case "StructDecl": {
        const name = `${head}struct ${decl.name}${this.typeParams(decl.typeParams)}`;
        const fields = decl.fields.map((field) => ({ span: field.span, text: () => this.field(field) }));
        return this.body(name, decl.span, fields, decl.methods);
      }
      case "EnumDecl": {
        const name = `${head}enum ${decl.name}${this.typeParams(decl.typeParams)}`;
        return this.body(name, decl.span, this.variants(decl.variants), decl.methods);
      }
      case "ErrorDecl": return this.body(`${head}error ${decl.name}`, decl.span, this.variants(decl.variants), []);
      case "TraitDecl": {
        const supers = decl.supers.length === 0 ? "" : `: ${this.bounds(decl.supers)}`;
        return this.body(`${head}trait ${decl.name}${this.typeParams(decl.typeParams)}${supers}`, decl.span, [],
          decl.methods);
      }
      case "ImplDecl": {
        const trait = decl.trait === null ? "" : `${printType(this, decl.trait)} for `;
        return this.body(`${head}impl${this.typeParams(decl.typeParams)} ${trait}${printType(this, decl.target)}`,
          decl.span, [], decl.methods);
      }
      case "GlobalDecl": {
        const type = decl.type === null ? "" : `: ${printType(this, decl.type)}`;
        return `${head}${decl.keyword} ${decl.name}${type} = ${printExpr(this, decl.value)}`;
      }
      case "AliasDecl":
        return `${head}type ${decl.name}${this.typeParams(decl.typeParams)} = ${printType(this, decl.type)}`;
      case "TestDecl": return `${head}test ${quoted(decl.name)} ${this.block(decl.body)}`;
      case "UseDecl": {
        const alias = decl.alias === null ? "" : ` as ${decl.alias}`;
        const names = decl.names === null ? ""
          : `.{${decl.names.map((n) => (n.alias === null ? n.name : `${n.name} as ${n.alias}`)).join(", ")}}`;
        return `${head}use ${decl.path.join(".")}${names}${alias}`;
      }
    }
  }

  private prelude(decl: { doc: string | null; pub: boolean; attributes: Attribute[]; nameSpan?: Span }): string {
    let made = this.doc(decl.doc);
    const hasRoom = decl.nameSpan !== undefined && (decl.attributes.length > 0 || decl.pub);
    const between = hasRoom ? this.leading(decl.nameSpan!.start, true) : "";
    if (decl.attributes.length > 0) made += `${printAttributes(this, decl.attributes)}\n${between}${this.pad}`;
    else if (between !== "") made += `${between.slice(this.pad.length)}${this.pad}`;
    return made + (decl.pub ? "pub " : "");
  }

  /** Where there is a source, documentation comes with its comments. */
  private doc(doc: string | null): string {
    if (doc === null || this.source !== null || this.isFlat) return "";
    return doc.split("\n").map((line) => `///${line === "" ? "" : ` ${line}`}\n${this.pad}`).join("");
  }

  func(decl: FuncDecl): string {
    const params = decl.params.map((param) => this.param(param)).join(", ");
    const result = decl.result === null ? "" : ` -> ${printType(this, decl.result)}`;
    const word = `${this.prelude(decl)}${decl.isAsync ? "async " : ""}func`;
    const head = `${word} ${decl.name}${this.typeParams(decl.typeParams)}(${params})${result}`;
    return decl.body === null ? head : `${head} ${this.block(decl.body)}`;
  }

  param(param: Param): string {
    const type = param.type === null ? "" : `: ${printType(this, param.type)}`;
    return `${param.name}${type}${param.default === null ? "" : ` = ${printExpr(this, param.default)}`}`;
  }

  typeParams(params: TypeParam[]): string {
    if (params.length === 0) return "";
    const shown = params.map((param) => (param.bounds.length === 0 ? param.name
      : `${param.name}: ${this.bounds(param.bounds)}`));
    return `[${shown.join(", ")}]`;
  }

  private bounds(types: TypeExpr[]): string {
    return types.map((type) => printType(this, type)).join(" + ");
  }

  private field(field: FieldDecl): string {
    const value = field.default === null ? "" : ` = ${printExpr(this, field.default)}`;
    return `${this.doc(field.doc)}${field.pub ? "pub " : ""}${field.name}: ${printType(this, field.type)}${value}`;
  }

  private variants(variants: VariantDecl[]): { span: Span; text: () => string }[] {
    return variants.map((variant) => ({ span: variant.span, text: () => this.variant(variant) }));
  }

  private variant(variant: VariantDecl): string {
    const value = variant.value === null ? "" : ` = ${printExpr(this, variant.value)}`;
    const name = this.doc(variant.doc) + variant.name;
    if (variant.payload !== null) {
      return `${name}(${variant.payload.map((type) => printType(this, type)).join(", ")})${value}`;
    }
    if (variant.fields === null) return `${name}${value}`;
    const fields = variant.fields.map((field) => this.field(field)).join(", ");
    return `${name} ${fields === "" ? "{}" : `{ ${fields} }`}${value}`;
  }

  /** The body of a type: members with commas, then methods, each after a blank line. */
  private body(head: string, span: Span, members: { span: Span; text: () => string }[], methods: FuncDecl[]): string {
    if (members.length === 0 && methods.length === 0 && !this.commentBefore(span.end)) return `${head} {}`;
    if (methods.length === 0 && (this.wasInline(span) || this.source === null)) {
      const inline = `${head} { ${members.map((member) => member.text()).join(", ")} }`;
      if (!inline.slice(head.length).includes("\n") && inline.length <= inlineColumns_max) return inline;
    }
    type Item = { span: Span; text: () => string; method: boolean };
    const items: Item[] = [
      ...members.map((member) => ({ ...member, method: false })),
      ...methods.map((decl) => ({ span: decl.span, text: () => this.func(decl), method: true })),
    ];
    if (this.source !== null) items.sort((a, b) => a.span.start - b.span.start);
    const shown = this.list(items, span.end, " ", (item) => `${item.text()}${item.method ? "" : ","}`);
    return `${head} {${shown}}`;
  }
}

/** Documentation that would move to another place becomes a plain comment, lest it document that. */
function asPlain(comment: string): string {
  return /^\/\/\/(?!\/)/.test(comment) ? comment.slice(1) : comment;
}

function label(name: string | null): string {
  return name === null ? "" : `${name}: `;
}

/** A unit in canonical form. With the unit's own source text, layout and comments are kept where they may be. */
export function printUnit(unit: Unit, options: { layout?: boolean } = {}): string {
  return new Printer(options.layout === false ? null : unit.source).unit(unit);
}
