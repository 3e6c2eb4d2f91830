// The canonical form of a tree: what `janus fmt` writes. Four spaces, `do … end` for blocks, braces for `match`,
// trailing closures and type bodies. parse(print(tree)) equals tree, spans aside. Declarations and statements are
// printed here, expressions in print-expr.ts, types and patterns in print-types.ts; all of them make a document
// (doc.ts), of which layout.ts makes a text.
//
// Layout that the tree does not hold is taken from the source where there is one: a block written on one line stays on
// one line, a list or chain stays broken where its author broke it, a blank line between statements stays one blank
// line, and a comment stays between the tokens that it stood between.
import type { Attribute, Block, Decl, Expr, FieldDecl, FuncDecl, Param, Span, Stmt, TypeExpr, TypeParam, Unit,
  VariantDecl } from "./ast.ts";
import {
  beginning, body, closer, closerTight, decl as declaration, type Doc, group, item, join, kept, line, listed, nest,
  statement,
} from "./doc.ts";
import { type CommentPlaces, layOut } from "./layout.ts";
import type { Page } from "./page.ts";
import { printAttributes, printExpr, printHead, printTested } from "./print-expr.ts";
import { printPattern, printSinglePattern, printType, quoted } from "./print-types.ts";

/** A field or variant of a type. */
interface Member {
  span: Span;
  doc: Doc;
  documented: boolean;
}

class Printer implements Page {
  /** Documentation is printed from the tree; with a source, it comes with the comments. */
  private readonly docs: boolean;

  constructor(docs: boolean) {
    this.docs = docs;
  }

  block(block: Block, open: Doc = "do", close = "end", around = nestLines): Doc {
    if (block.stmts.length > 0) return group([open, this.lines(block, around), close]);
    return group([open, around(open === "{" ? closerTight : closer), close], "empty");
  }

  lines(block: Block, around = nestLines): Doc {
    if (block.stmts.length === 0) return around(closer);
    return around([item, join(block.stmts.map((stmt) => this.stmt(stmt)), statement), closer]);
  }

  expr(expr: Expr): Doc {
    return printExpr(this, expr);
  }

  // ------------------------------------------------------------ statements

  stmt(stmt: Stmt): Doc {
    switch (stmt.kind) {
      case "ExprStmt": {
        const shown = printExpr(this, stmt.expr, { statement: true });
        // A line that begins so would go on with the statement before it; such a name, with a block on the next line.
        return /^[.&]|^(loop|nursery|shield)$/.test(beginning(shown, 10)) ? ["(", shown, ")"] : shown;
      }
      case "Let": {
        if (stmt.form === "walrus") return this.assigned(["let ", printPattern(this, stmt.pattern), " :="], stmt.value);
        const head = [stmt.mutable ? "var " : "let ", printPattern(this, stmt.pattern)];
        return this.assigned([head, this.typed(stmt.type), " ="], stmt.value);
      }
      case "Assign": {
        const list = (exprs: Expr[]): Doc => join(exprs.map((expr) => printExpr(this, expr)), [",", kept]);
        return nest([list(stmt.targets), ` ${stmt.op ?? ""}=`, kept, list(stmt.values)]);
      }
      case "While": return [label(stmt.label), "while ", printHead(this, stmt.cond), " ", this.block(stmt.body)];
      case "Loop": return [label(stmt.label), "loop ", this.block(stmt.body)];
      case "For": {
        const bindings = join(stmt.bindings.map((binding) => printSinglePattern(this, binding)), ", ");
        const iterable = printTested(this, stmt.iterable);
        return [label(stmt.label), "for ", bindings, " in ", iterable, " ", this.block(stmt.body)];
      }
      case "Defer":
        return [stmt.onError ? "errdefer " : "defer ", printExpr(this, stmt.body, { statement: true })];
      case "Using": {
        const head = ["using ", stmt.name, " := ", printTested(this, stmt.value)];
        if (stmt.hasBlock) return [head, " ", this.block(stmt.body)];
        return [head, stmt.body.stmts.map((inner) => [statement, this.stmt(inner)])];
      }
      case "FuncStmt": return this.func(stmt.decl);
    }
  }

  private assigned(head: Doc, value: Expr): Doc {
    return nest([head, kept, printExpr(this, value)]);
  }

  private typed(type: TypeExpr | null): Doc {
    return type === null ? "" : [": ", printType(this, type)];
  }

  // ------------------------------------------------------------ declarations

  unit(unit: Unit): Doc {
    const pieces: { span: Span; sort: string; doc: Doc }[] = [];
    if (unit.profile !== null) {
      pieces.push({ span: unit.profile.span, sort: "profile", doc: `profile :${unit.profile.name}` });
    }
    for (const decl of unit.decls) pieces.push({ span: decl.span, sort: decl.kind, doc: this.decl(decl) });
    for (const stmt of unit.stmts) pieces.push({ span: stmt.span, sort: stmt.kind, doc: this.stmt(stmt) });
    if (!this.docs) pieces.sort((a, b) => a.span.start - b.span.start);
    return pieces.map((piece) => [declaration(piece.sort), piece.doc]);
  }

  decl(decl: Decl): Doc {
    if (decl.kind === "FuncDecl") return this.func(decl);
    const head = this.prelude(decl);
    switch (decl.kind) {
      case "StructDecl": {
        const fields = decl.fields.map((field): Member =>
          ({ span: field.span, doc: this.field(field), documented: field.doc !== null }));
        return this.body([head, "struct ", decl.name, this.typeParams(decl.typeParams)], fields, decl.methods);
      }
      case "EnumDecl": {
        const name = [head, "enum ", decl.name, this.typeParams(decl.typeParams)];
        return this.body(name, this.variants(decl.variants), decl.methods);
      }
      case "ErrorDecl": return this.body([head, "error ", decl.name], this.variants(decl.variants), []);
      case "TraitDecl": {
        const supers = decl.supers.length === 0 ? "" : [": ", this.bounds(decl.supers)];
        return this.body([head, "trait ", decl.name, this.typeParams(decl.typeParams), supers], [], decl.methods);
      }
      case "ImplDecl": {
        const trait = decl.trait === null ? "" : [printType(this, decl.trait), " for "];
        const name = [head, "impl", this.typeParams(decl.typeParams), " ", trait, printType(this, decl.target)];
        return this.body(name, [], decl.methods);
      }
      case "GlobalDecl":
        return this.assigned([head, decl.keyword, " ", decl.name, this.typed(decl.type), " ="], decl.value);
      case "AliasDecl":
        return [head, "type ", decl.name, this.typeParams(decl.typeParams), " = ", printType(this, decl.type)];
      case "TestDecl": return [head, "test ", quoted(decl.name), " ", this.block(decl.body)];
      case "UseDecl": {
        const alias = decl.alias === null ? "" : ` as ${decl.alias}`;
        const names = decl.names === null ? ""
          : listed(".{", decl.names.map((n) => (n.alias === null ? n.name : `${n.name} as ${n.alias}`)), "}");
        return [head, "use ", decl.path.join("."), names, alias];
      }
    }
  }

  private prelude(decl: { doc: string | null; pub: boolean; attributes: Attribute[] }): Doc {
    const attributes = decl.attributes.length === 0 ? "" : [printAttributes(this, decl.attributes), kept];
    return [this.doc(decl.doc), attributes, decl.pub ? "pub " : ""];
  }

  private doc(doc: string | null): Doc {
    if (doc === null || !this.docs) return "";
    return doc.split("\n").map((text) => [`///${text === "" ? "" : ` ${text}`}`, line]);
  }

  func(decl: FuncDecl): Doc {
    const word = decl.isAsync ? "async func " : "func ";
    const params = listed("(", decl.params.map((param) => this.param(param)), ")");
    const result = decl.result === null ? "" : [" -> ", printType(this, decl.result)];
    const head = [this.prelude(decl), word, decl.name, this.typeParams(decl.typeParams), params, result];
    return decl.body === null ? head : [head, " ", this.block(decl.body, "do", "end", body)];
  }

  param(param: Param): Doc {
    return [param.name, this.typed(param.type), param.default === null ? "" : [" = ", printExpr(this, param.default)]];
  }

  private typeParams(params: TypeParam[]): Doc {
    if (params.length === 0) return "";
    const shown = params.map((param): Doc => (param.bounds.length === 0 ? param.name
      : [param.name, ": ", this.bounds(param.bounds)]));
    return listed("[", shown, "]");
  }

  private bounds(types: TypeExpr[]): Doc {
    return join(types.map((type) => printType(this, type)), " + ");
  }

  private field(field: FieldDecl): Doc {
    const value = field.default === null ? "" : [" = ", printExpr(this, field.default)];
    return [this.doc(field.doc), field.pub ? "pub " : "", field.name, this.typed(field.type), value];
  }

  private variants(variants: VariantDecl[]): Member[] {
    return variants.map((variant) =>
      ({ span: variant.span, doc: this.variant(variant), documented: variant.doc !== null }));
  }

  private variant(variant: VariantDecl): Doc {
    const value = variant.value === null ? "" : [" = ", printExpr(this, variant.value)];
    const name = [this.doc(variant.doc), variant.name];
    if (variant.payload !== null) {
      return [name, listed("(", variant.payload.map((type) => printType(this, type)), ")"), value];
    }
    if (variant.fields === null) return [name, value];
    const fields = variant.fields.map((field) => this.field(field));
    return [name, " ", listed("{", fields, "}", " "), value];
  }

  /** The body of a type: members with commas, then methods; without methods on one line where it was and fits. */
  private body(head: Doc, members: Member[], methods: FuncDecl[]): Doc {
    if (members.length === 0 && methods.length === 0) {
      return [head, " ", group(["{", body(closerTight), "}"], "empty")];
    }
    if (methods.length === 0) {
      const docs = members.map((member) => member.doc);
      const comma = { ...closer, comma: true };
      const style = this.docs && members.some((member) => member.documented) ? "broken" : "small";
      return [head, " ", group(["{", body([item, join(docs, [",", item]), comma]), "}"], style)];
    }
    const items = [
      ...members.map(({ span, doc }) => ({ span, doc: [doc, ","] })),
      ...methods.map((decl) => ({ span: decl.span, doc: this.func(decl) })),
    ];
    if (!this.docs) items.sort((a, b) => a.span.start - b.span.start);
    const docs = items.map((one) => one.doc);
    return [head, " ", group(["{", body([item, join(docs, item), closer]), "}"], "broken")];
  }
}

const nestLines = (of: Doc): Doc => nest(of, true);

function label(name: string | null): string {
  return name === null ? "" : `${name}: `;
}

/**
 * A unit in canonical form. With the unit's own source text, layout and comments are kept where they may be.
 * `comments`: whether they may stand between any two tokens, or only where a line of the document may end anyway.
 */
export function printUnit(unit: Unit, options: { layout?: boolean; comments?: CommentPlaces } = {}): string {
  const source = options.layout === false || unit.source.text === "" ? null : unit.source;
  return layOut(new Printer(source === null).unit(unit), source, options.comments ?? "anywhere");
}
