// Literals of one token, where an expression or a pattern may be one.
import type { Expr } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { describe } from "./token.ts";

export function parsePrimaryLiteral(p: Cursor): Expr {
  const { token } = p;
  const span = p.spanOf(token);
  switch (token.kind) {
    case "int": p.advance(); return { kind: "IntLit", value: token.value as bigint, text: token.text, span };
    case "float": p.advance(); return { kind: "FloatLit", value: token.value as number, text: token.text, span };
    case "char": p.advance(); return { kind: "CharLit", value: token.value as number, span };
    case "string": {
      p.advance();
      const written = token.text === "" ? {} : { written: token.text };
      return { kind: "StringLit", value: token.value as string, ...written, span };
    }
    case "true": p.advance(); return { kind: "BoolLit", value: true, span };
    case "false": p.advance(); return { kind: "BoolLit", value: false, span };
    case "null": p.advance(); return { kind: "NullLit", span };
    default:
      p.report("J0117", span, `expected a literal, found ${describe(token)}`);
      return p.errorExpr();
  }
}
