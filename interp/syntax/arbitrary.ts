// Random syntax trees for property tests: every construct the parser can produce, in any nesting, with empty spans.
// What no source text can express (a struct literal with a lower-case head and no fields, say) is not generated.
import fc from "fast-check";
import type { Arg, Attribute, BinaryOp, Block, Condition, Decl, Expr, FuncDecl, Param, Pattern, Stmt, TypeExpr,
  TypeParam,
  UnaryOp } from "./ast.ts";

const span = { start: 0, end: 0 };

const lowerName = fc.constantFrom("a", "b", "xs", "total", "recv", "test", "timeout", "limit", "self", "type", "error");
const upperName = fc.constantFrom("T", "Point", "Shape", "Item");
const fieldName = fc.constantFrom("x", "end", "match", "value", "len");

const intLit = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value): Expr =>
  ({ kind: "IntLit", value, text: String(value), span }));
const floatLit = fc.constantFrom("1.0", "2.5e10", "0.125").map((text): Expr =>
  ({ kind: "FloatLit", value: Number(text), text, span }));
const charLit = fc.constantFrom(97, 10, 39, 0x1f600).map((value): Expr => ({ kind: "CharLit", value, span }));
const text = fc.string({ unit: fc.constantFrom("a", " ", "{", "}", "\"", "\\", "\n", "é", "\u{1F600}", "\0", ":", "/"),
  maxLength: 6 });
const stringLit = text.map((value): Expr => ({ kind: "StringLit", value, span }));
/** A line of a text of several lines: as it may be written, and what it is worth. */
interface TextLine { shown: string; value: string }
const textPieces: [string, string][] = [["a", "a"], [" ", " "], ["\"", "\""], ["\\\\", "\\"], ["\\t", "\t"],
  ["\t", "\t"],
  ["\\\"", "\""], ["é", "é"], ["//", "//"]];
const textLine = fc.array(fc.constantFrom(...textPieces), { maxLength: 2 }).map((pieces): TextLine => ({
  shown: `${pieces.map(([shown]) => shown).join("")}x`, value: `${pieces.map(([, value]) => value).join("")}x` }));
const emptyLine = fc.constant<TextLine>({ shown: "", value: "" });
const longText = fc.array(fc.oneof(emptyLine, textLine), { minLength: 1, maxLength: 3 }).map((lines): Expr =>
  ({ kind: "StringLit", value: lines.map((line) => line.value).join("\n"),
    written: `"""\n${lines.map((line) => line.shown).join("\n")}\n"""`, span }));

/** Without texts of several lines, which a string of one line cannot hold. */
function onOneLine<T>(tree: T): T {
  if (typeof tree !== "object" || tree === null) return tree;
  if (Array.isArray(tree)) return tree.map(onOneLine) as T;
  const made: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(tree)) {
    if (key !== "written") made[key] = onOneLine(value);
    else if ("parts" in tree) made["parts"] = [];
  }
  return made as T;
}

const literal = fc.oneof(intLit, floatLit, charLit, stringLit, longText, fc.boolean().map((value): Expr =>
  ({ kind: "BoolLit", value, span })), fc.constant<Expr>({ kind: "NullLit", span }));
const name = lowerName.map((n): Expr => ({ kind: "Name", name: n, span }));
const upper = upperName.map((n): Expr => ({ kind: "Name", name: n, span }));

const binaryOps: BinaryOp[] = ["+", "-", "*", "/", "%", "+%", "-%", "*%", "**", "++", "<<", ">>", "&", "|", "^", "==",
  "!=", "<", "<=", ">", ">=", "and", "or", "??"];
const assignOps: (BinaryOp | null)[] = [null, null, "+", "-", "*", "<<", "??", "++", "+%"];

// An alias, because an interface is no record of unknown values.
type Grammar = {
  expr: Expr;
  block: Block;
  stmt: Stmt;
  type: TypeExpr;
  pattern: Pattern;
  cond: Condition;
};

const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null, freq: 2 });

export const { expr, block, stmt, type, pattern } = fc.letrec<Grammar>((tie) => {
  const list = <K extends keyof Grammar>(key: K, max = 3): fc.Arbitrary<Grammar[K][]> =>
    fc.array(tie(key), { maxLength: max }) as fc.Arbitrary<Grammar[K][]>;
  const e = tie("expr");
  const b = tie("block");
  const args: fc.Arbitrary<Arg[]> = fc.array(fc.record({ name: orNull(fieldName), value: e,
    span: fc.constant(span) }), { maxLength: 3 });
  const param: fc.Arbitrary<Param> = fc.record({ name: lowerName, type: orNull(tie("type")), default: fc.constant(null),
    span: fc.constant(span) });
  const bars = fc.array(param, { maxLength: 2 });
  // No filters anywhere in the recursion: rejecting nested values would cost exponential time.
  const funcClosure = fc.record({ params: bars, result: orNull(tie("type")), body: b }).map((r): Expr =>
    ({ kind: "Closure", ...r, form: "func", span }));
  const closure = fc.oneof(
    fc.record({ params: bars, body: b, form: fc.constantFrom("brace", "do") }).map(({ params, body, form }): Expr =>
      ({ kind: "Closure", params, result: null, body, form: form as "brace" | "do", span })),
    funcClosure,
  );
  const callExpr = fc.record({ callee: e, args }).map((r): Expr => ({ kind: "Call", ...r, command: false, span }));
  const fields = fc.array(fc.record({ name: fieldName, value: e, span: fc.constant(span) }), { maxLength: 2 });
  const options: fc.Arbitrary<Arg[]> = fc.array(fc.record({ name: fc.constant("deadline"), value: e,
    span: fc.constant(span) }),
    { maxLength: 1 });
  const ifExpr = (otherwise: fc.Arbitrary<Expr | null>): fc.Arbitrary<Expr> =>
    fc.record({ cond: tie("cond"), then: b, otherwise }).map((r): Expr => ({ kind: "If", ...r, postfix: false, span }));
  const composite: fc.Arbitrary<Expr>[] = [
    fc.array(fc.oneof(text.filter((t) => t !== ""), fc.record({ expr: e, format: orNull(fc.constantFrom(".2f", "x",
      ">8")) })),
      { maxLength: 3 }).map((parts): Expr => ({ kind: "InterpString", span,
        parts: onOneLine(parts.filter((part, i) => typeof part !== "string" || typeof parts[i - 1] !== "string")) })),
    fc.record({ first: textLine, between: textLine, last: textLine, left: e, right: e }).map((r): Expr =>
      ({ kind: "InterpString", span, parts: [r.first.value, { expr: r.left, format: null }, `\n\n${r.between.value}`,
        { expr: r.right, format: ">8" }, r.last.value],
      written: [`$"""\n${r.first.shown}`, `\n\n${r.between.shown}`, `${r.last.shown}\n"""`] })),
    fieldName.map((n): Expr => ({ kind: "ShortVariant", name: n, span })),
    list("expr").map((elems): Expr => ({ kind: "ArrayLit", elems, span })),
    fc.record({ value: e, count: e }).map((r): Expr => ({ kind: "ArrayFill", ...r, span })),
    fc.array(e, { minLength: 1, maxLength: 3 }).map((elems): Expr => ({ kind: "TupleLit", elems, span })),
    fc.array(fc.record({ key: e, value: e }), { maxLength: 2 }).map((entries): Expr => ({ kind: "MapLit", entries,
      span })),
    fc.record({ head: fc.oneof(upper, fc.constant<Expr>({ kind: "ShortVariant", name: "rect", span })),
      spread: orNull(e), fields }).map((r): Expr => ({ kind: "StructLit", ...r, span })),
    fc.record({ op: fc.constantFrom<UnaryOp>("-", "~", "not"), operand: e }).map((r): Expr => ({ kind: "Unary", ...r,
      span })),
    fc.record({ op: fc.constantFrom(...binaryOps), left: e, right: e }).map((r): Expr =>
      ({ kind: "Binary", ...r, opSpan: span, span })),
    fc.record({ left: e, right: e }).map((r): Expr => ({ kind: "Pipe", ...r, span })),
    fc.record({ low: orNull(e), high: orNull(e), inclusive: fc.boolean() }).map((r): Expr => ({ kind: "Range", ...r,
      span })),
    callExpr,
    fc.record({ callee: e, args, body: closure }).map(({ callee, args: plain, body }): Expr =>
      ({ kind: "Call", callee, args: [...plain, { name: null, value: body, span }], command: false, span })),
    fc.record({ object: e, args: fc.array(fc.oneof(e, tie("type").map((elem): Expr =>
      ({ kind: "TypeValue", type: { kind: "SliceType", elem, span }, span }))), { minLength: 1, maxLength: 2 }) })
      .map((r): Expr => ({ kind: "Index", ...r, span })),
    fc.record({ object: e, name: fc.oneof(fieldName, fc.constant("0")), optional: fc.boolean() }).map((r): Expr =>
      ({ kind: "Member", ...r, nameSpan: span, span })),
    e.map((operand): Expr => ({ kind: "Unwrap", operand, span })),
    e.map((operand): Expr => ({ kind: "Deref", operand, span })),
    e.map((operand): Expr => ({ kind: "AddressOf", operand, span })),
    fc.record({ operand: e, prefix: fc.boolean() }).map((r): Expr => ({ kind: "Propagate", ...r, span })),
    fc.record({ operand: e, binding: orNull(lowerName), handler: fc.oneof(e, b) }).map((r): Expr =>
      ({ kind: "Catch", ...r, span })),
    fc.record({ operand: e, type: tie("type") }).map((r): Expr => ({ kind: "Cast", ...r, span })),
    fc.record({ operand: e, type: tie("type") }).map((r): Expr => ({ kind: "Cast", ...r, checked: true, span })),
    closure,
    ifExpr(fc.constant(null)), ifExpr(b), ifExpr(ifExpr(orNull(b))),
    fc.record({ subject: e, arms: fc.array(fc.record({ pattern: tie("pattern"), guard: orNull(e), body: fc.oneof(e, b),
      span: fc.constant(span) }), { maxLength: 3 }) }).map((r): Expr => ({ kind: "Match", ...r, span })),
    b,
    fc.record({ options, binding: orNull(lowerName), body: b }).map((r): Expr => ({ kind: "Nursery", ...r, span })),
    fc.record({ form: fc.constantFrom<"spawn" | "async">("spawn", "async"), call: fc.oneof(fc.record({ callee: name,
      args })
      .map((r): Expr => ({ kind: "Call", ...r, command: false, span })), funcClosure) })
      .map((r): Expr => ({ kind: "Spawn", attributes: [], ...r, span })),
    e.map((operand): Expr => ({ kind: "Await", operand, span })),
    fc.array(fc.oneof(
      fc.record({ channel: e, binding: orNull(tie("pattern")), body: b }).map((r) =>
        ({ kind: "Recv" as const, ...r, span, bindingSpan: r.binding === null ? null : span })),
      fc.record({ channel: e, value: e, body: b }).map((r) => ({ kind: "Send" as const, ...r, span })),
      fc.record({ ms: e, body: b }).map((r) => ({ kind: "Timeout" as const, ...r, span })),
      fc.record({ channel: e, body: b }).map((r) => ({ kind: "Closed" as const, ...r, span })),
      b.map((body) => ({ kind: "Default" as const, body, span })),
    ), { maxLength: 2 }).map((cases): Expr => ({ kind: "Select", cases, span })),
    fc.record({ options, body: b }).map((r): Expr => ({ kind: "Shield", ...r, span })),
    fc.constant<Expr>({ kind: "Yield", span }),
    e.map((value): Expr => ({ kind: "Fail", value, span })),
    orNull(e).map((value): Expr => ({ kind: "Return", value, span })),
    fc.constantFrom<Expr>({ kind: "Break", label: null, span }, { kind: "Continue", label: "outer", span }),
  ];
  const target = fc.oneof(name, fc.record({ object: name, name: fieldName }).map((r): Expr =>
    ({ kind: "Member", ...r, nameSpan: span, optional: false, span })),
  name.map((operand): Expr => ({ kind: "Deref", operand, span })));
  const label = orNull(fc.constant("outer"));
  const simple: fc.Arbitrary<Stmt>[] = [
    e.map((expr): Stmt => ({ kind: "ExprStmt", expr, span })),
    fc.record({ mutable: fc.boolean(), pattern: tie("pattern"), type: orNull(tie("type")), value: e }).map((r): Stmt =>
      ({ kind: "Let", ...r, form: "let", span })),
    fc.record({ pattern: tie("pattern"), value: e }).map((r): Stmt =>
      ({ kind: "Let", mutable: false, ...r, type: null, form: "walrus", span })),
    fc.record({ target, op: fc.constantFrom(...assignOps), value: e }).map(({ target: t, op, value }): Stmt =>
      ({ kind: "Assign", targets: [t], op, values: [value], span })),
    fc.record({ targets: fc.array(target, { minLength: 2, maxLength: 3 }), value: e }).map(({ targets, value }): Stmt =>
      ({ kind: "Assign", targets, op: null, values: targets.map(() => value), span })),
    fc.record({ callee: fc.constantFrom("println", "assert"), first: literal, rest: args }).map((r): Stmt => ({
      kind: "ExprStmt", span, expr: { kind: "Call", callee: { kind: "Name", name: r.callee, span },
        args: [{ name: null, value: r.first, span }, ...r.rest.filter((arg) => arg.value.kind !== "Closure")],
        command: true, span } })),
  ];
  return {
    expr: fc.oneof({ depthSize: "small", withCrossShrink: true }, literal, name, ...composite),
    block: list("stmt", 2).map((stmts): Block => ({ kind: "Block", stmts, span })),
    stmt: fc.oneof({ depthSize: "small", withCrossShrink: true },
      fc.constant<Stmt>({ kind: "ExprStmt", expr: { kind: "Name", name: "a", span }, span }),
      ...simple,
      fc.record({ stmt: fc.oneof(...simple), test: e }).map(({ stmt: inner, test }): Stmt => ({ kind: "ExprStmt", span,
        expr: { kind: "If", cond: { kind: "Test", expr: test, span }, then: { kind: "Block", stmts: [inner], span },
          otherwise: null, postfix: true, span } })),
      fc.record({ label, cond: tie("cond"), body: b }).map((r): Stmt => ({ kind: "While", ...r, span })),
      fc.record({ label, body: b }).map((r): Stmt => ({ kind: "Loop", ...r, span })),
      fc.record({ label, bindings: fc.array(tie("pattern"), { minLength: 1, maxLength: 2 }), iterable: e, body: b })
        .map((r): Stmt => ({ kind: "For", ...r, span })),
      fc.record({ onError: fc.boolean(), body: e }).map((r): Stmt => ({ kind: "Defer", ...r, span })),
      fc.record({ name: lowerName, value: e, body: b, hasBlock: fc.constant(true) })
        .map((r): Stmt => ({ kind: "Using", ...r, span })),
      fc.record({ name: lowerName, params: bars, body: b }).map((r): Stmt =>
        ({ kind: "FuncStmt", decl: func(r.name, r.params, r.body), span })),
    ),
    type: fc.oneof({ depthSize: "small", withCrossShrink: true },
      fc.constantFrom("i64", "string", "Item").map((n): TypeExpr => ({ kind: "NamedType", path: [n], args: [], span })),
      list("type", 2).map((types): TypeExpr => ({ kind: "NamedType", path: ["geometry", "Map"], args: types, span })),
      tie("type").map((elem): TypeExpr => ({ kind: "SliceType", elem, span })),
      tie("type").map((elem): TypeExpr => ({ kind: "FixedArrayType", elem, span,
        length: { kind: "IntLit", value: 4n, text: "4", span } })),
      tie("type").map((of): TypeExpr => ({ kind: "OptionalType", of, span })),
      tie("type").map((to): TypeExpr => ({ kind: "PointerType", to, span })),
      list("type", 2).map((args): TypeExpr => ({ kind: "AnyType", span,
        trait: { kind: "NamedType", path: ["Shape"], args, span } })),
      fc.array(tie("type"), { minLength: 1, maxLength: 2 }).map((elems): TypeExpr => ({ kind: "TupleType", elems,
        span })),
      fc.record({ params: list("type", 2), result: orNull(tie("type")) }).map((r): TypeExpr => ({ kind: "FuncType",
        ...r, span })),
      fc.record({ ok: tie("type"), error: orNull(tie("type")) }).map((r): TypeExpr => ({ kind: "ErrorUnionType",
        ...r, span })),
    ),
    pattern: fc.oneof({ depthSize: "small", withCrossShrink: true },
      fc.constant<Pattern>({ kind: "WildcardPattern", span }),
      fc.oneof(lowerName, upperName).map((n): Pattern => ({ kind: "BindPattern", name: n, span })),
      literal.map((value): Pattern => ({ kind: "LiteralPattern", value, span })),
      intLit.map((operand): Pattern => ({ kind: "LiteralPattern", value: { kind: "Unary", op: "-", operand, span },
        span })),
      fc.record({ low: intLit, high: intLit, inclusive: fc.boolean() }).map((r): Pattern => ({ kind: "RangePattern",
        ...r, span })),
      fc.record({ name: lowerName, pattern: tie("pattern") }).map((r): Pattern => ({ kind: "AtPattern", ...r, span })),
      fc.record({ path: fc.constantFrom<string[]>([], ["Shape"]), name: upperName, args: orNull(list("pattern", 2)),
        rest: fc.boolean() }).map((r): Pattern =>
        ({ kind: "VariantPattern", ...r, fields: null, rest: r.args !== null && r.rest, span })),
      fc.record({ name: upperName, sub: tie("pattern"), rest: fc.boolean(), short: fc.boolean() })
        .map(({ name: n, sub, rest, short }): Pattern => {
          const all = [{ name: "x", pattern: sub, span }];
          return short ? { kind: "VariantPattern", path: [], name: n, args: null, fields: all, rest, span }
            : { kind: "StructPattern", path: [n], fields: all, rest, span };
        }),
      fc.record({ name: upperName, args: fc.array(tie("type"), { minLength: 1, maxLength: 2 }), sub: tie("pattern"),
        bare: fc.boolean() }).map(({ name: n, args, sub, bare }): Pattern => ({ kind: "TypePattern", span,
        type: { kind: "NamedType", path: [n], args, span }, pattern: bare ? null
          : { kind: "StructPattern", path: [n], fields: [{ name: "x", pattern: sub, span }], rest: false, span } })),
      fc.array(tie("pattern"), { minLength: 1, maxLength: 3 }).map((elems): Pattern => ({ kind: "TuplePattern",
        elems, span })),
      fc.record({ before: list("pattern", 2), after: list("pattern", 2),
        rest: fc.constantFrom<Pattern | null>(null, { kind: "WildcardPattern", span },
          { kind: "BindPattern", name: "rest", span }) }).map((r): Pattern =>
        ({ kind: "SlicePattern", ...r, after: r.rest === null ? [] : r.after, span })),
      fc.array(tie("pattern"), { minLength: 2, maxLength: 3 }).map((alternatives): Pattern =>
        ({ kind: "OrPattern", alternatives, span })),
    ),
    cond: fc.oneof(
      e.map((test): Condition => ({ kind: "Test", expr: test, span })),
      fc.record({ pattern: tie("pattern"), mutable: fc.boolean(), value: e }).map((r): Condition => ({ kind: "Let",
        ...r, span })),
    ),
  };
});

function func(name_: string, params: Param[], body: Block | null): FuncDecl {
  const typed = params.map((p): Param => ({ ...p, type: p.type
    ?? (p.name === "self" ? null : { kind: "NamedType", path: ["i64"], args: [], span }) }));
  const receiver = typed[0]?.name !== "self" ? null : typed[0].type?.kind === "PointerType" ? "pointer" : "value";
  return { kind: "FuncDecl", doc: null, pub: false, attributes: [], name: name_, nameSpan: span, isAsync: false,
    typeParams: [], receiver, params: typed, result: null, body, span };
}

const doc = orNull(fc.constantFrom("One line.", "Two\nlines.", "A\n\ngap."));
const typeParams: fc.Arbitrary<TypeParam[]> = fc.array(fc.record({ name: upperName, bounds: fc.array(type,
  { maxLength: 2 }),
  span: fc.constant(span) }), { maxLength: 2 });
const head = fc.record({ doc, pub: fc.boolean(), attributes: fc.constantFrom<Attribute[]>([], [{ name: "inline",
  value: null, span }]),
  name: upperName, typeParams });
const method = fc.record({ name: lowerName, body: block, doc, isAsync: fc.boolean() }).map((r): FuncDecl =>
  ({ ...func(r.name, [{ name: "self", type: null, default: null, span }], r.body), doc: r.doc, isAsync: r.isAsync }));
const field = fc.record({ name: fieldName, pub: fc.boolean(), type, default: orNull(expr), doc,
  span: fc.constant(span) });
const variant = fc.record({ name: upperName, doc, span: fc.constant(span),
  payload: orNull(fc.array(type, { minLength: 1, maxLength: 2 })),
  value: orNull(expr) }).map((r) => ({ ...r, fields: null }));

export const decl: fc.Arbitrary<Decl> = fc.oneof(
  fc.record({ head, params: fc.array(fc.record({ name: lowerName, type, default: orNull(expr),
    span: fc.constant(span) }), { maxLength: 2 }), result: orNull(type), body: block })
    .map(({ head: h, params, result, body }): Decl => ({ ...func("run", params, body), ...h, result })),
  fc.record({ head, fields: fc.array(field, { maxLength: 2 }), methods: fc.array(method, { maxLength: 1 }) })
    .map(({ head: h, ...r }): Decl => ({ kind: "StructDecl", ...h, ...r, nameSpan: span, span })),
  fc.record({ head, variants: fc.array(variant, { maxLength: 3 }), methods: fc.array(method, { maxLength: 1 }) })
    .map(({ head: h, ...r }): Decl => ({ kind: "EnumDecl", ...h, ...r, nameSpan: span, span })),
  fc.record({ head, trait: orNull(type), target: type, methods: fc.array(method, { maxLength: 2 }) })
    .map(({ head: { name: _name, ...h }, ...r }): Decl => ({ kind: "ImplDecl", ...h, ...r, span })),
  fc.record({ head, supers: fc.array(type, { maxLength: 2 }) }).map(({ head: h, supers }): Decl =>
    ({ kind: "TraitDecl", ...h, nameSpan: span, supers, methods: [func("need", [], null)], span })),
  fc.record({ head, type: orNull(type), value: expr, keyword: fc.constantFrom<"const" | "let" | "var">("const",
    "let", "var") })
    .map(({ head: { typeParams: _params, ...h }, ...r }): Decl => ({ kind: "GlobalDecl", ...h, ...r, nameSpan: span,
      span })),
  fc.record({ head, type }).map(({ head: h, type: t }): Decl => ({ kind: "AliasDecl", ...h, type: t, nameSpan: span,
    span })),
  fc.record({ name: text, body: block }).map((r): Decl =>
    ({ kind: "TestDecl", doc: null, pub: false, attributes: [], ...r, span })),
  fc.record({ head, variants: fc.array(variant.map((v) => ({ ...v, value: null })), { maxLength: 3 }) })
    .map(({ head: { typeParams: _params, ...h }, ...r }): Decl => ({ kind: "ErrorDecl", ...h, ...r, nameSpan: span,
      span })),
  fc.record({ path: fc.array(lowerName, { minLength: 1, maxLength: 3 }), names: orNull(fc.array(fc.record({
    name: upperName, alias: orNull(lowerName), span: fc.constant(span) }), { minLength: 1, maxLength: 2 })),
  alias: orNull(lowerName) }).map(({ path, names, alias }): Decl => ({ kind: "UseDecl", doc: null, pub: false,
    attributes: [], path, names, alias: names === null ? alias : null, span })),
);
