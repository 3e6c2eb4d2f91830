// The rules: which family checks which kind of node. Everything that checks bodies goes through the doors of infer.ts,
// and those lead here; so this file stands above all families, and a new kind of expression or statement gets its line
// here. Promises: whoever makes a World of the program gets one whose nodes all have their rules.
import type { Expr, FuncDecl, GlobalDecl, Type } from "../syntax/ast.ts";
import { checkBlockAs, inferBlock } from "./blocks.ts";
import { checkFunction } from "./bodies.ts";
import { inferIf, inferMatch } from "./branches.ts";
import { inferCall, inferPipe } from "./calls.ts";
import { inferCast } from "./casts.ts";
import { inferClosure } from "./closures.ts";
import { setType } from "./coerce.ts";
import { inferAwait, inferNursery, inferSelect, inferShield, inferSpawn, inferYield } from "./concurrency.ts";
import { inferBreak, inferCatch, inferFail, inferPropagate, inferReturn } from "./exits.ts";
import { EQUALS, KEYS } from "./comparing.ts";
import { CROSSES } from "./crossing.ts";
import { checkGlobal } from "./globals.ts";
import { registerImpls } from "./impls.ts";
import { type Branching, useRules } from "./infer.ts";
import {
  inferArray, inferChar, inferFill, inferFloat, inferInt, inferInterp, inferMap, inferNull, inferStruct, inferTuple,
} from "./literals.ts";
import { inferIndex, inferMember } from "./members.ts";
import { inferName, inferShortVariant, inferTypeValue } from "./names.ts";
import { forgetShared, mayRunOthers } from "./narrowing.ts";
import { inferBinary, inferDeref, inferRange, inferUnary, inferUnwrap } from "./operators.ts";
import { addressOf } from "./places.ts";
import type { Checker } from "./scope.ts";
import { checkStatement } from "./statements.ts";
import { BOOL, STRING, UNKNOWN } from "./types.ts";
import { type Loader, World } from "./world.ts";

function inferAny(c: Checker, e: Expr, hint: Type | null): Type {
  const t = inferByKind(c, e, hint);
  if (mayRunOthers(e)) forgetShared(c);
  return t;
}

function inferByKind(c: Checker, e: Expr, hint: Type | null): Type {
  switch (e.kind) {
    case "IntLit": return inferInt(c, e, hint, false);
    case "FloatLit": return inferFloat(c, e, hint);
    case "CharLit": return inferChar(c, e, hint);
    case "StringLit": return setType(c, e, STRING);
    case "BoolLit": return setType(c, e, BOOL);
    case "NullLit": return inferNull(c, e, hint);
    case "InterpString": return inferInterp(c, e);
    case "Name": return inferName(c, e, hint);
    case "ShortVariant": return inferShortVariant(c, e, hint);
    case "ArrayLit": return inferArray(c, e, hint);
    case "ArrayFill": return inferFill(c, e, hint);
    case "TupleLit": return inferTuple(c, e, hint);
    case "MapLit": return inferMap(c, e, hint);
    case "StructLit": return inferStruct(c, e, hint);
    case "TypeValue": return inferTypeValue(c, e);
    case "Unary": return inferUnary(c, e, hint);
    case "Binary": return inferBinary(c, e, hint);
    case "Pipe": return inferPipe(c, e, hint);
    case "Range": return inferRange(c, e);
    case "Call": return inferCall(c, e, hint);
    case "Index": return inferIndex(c, e, hint);
    case "Member": return inferMember(c, e, hint);
    case "Unwrap": return inferUnwrap(c, e, hint);
    case "Deref": return inferDeref(c, e);
    case "AddressOf": return setType(c, e, addressOf(c, e));
    case "Propagate": return inferPropagate(c, e, hint);
    case "Catch": return inferCatch(c, e, hint);
    case "Cast": return inferCast(c, e);
    case "Closure": return inferClosure(c, e, hint, false);
    case "If": return inferIf(c, e, null, hint);
    case "Match": return inferMatch(c, e, null, hint);
    case "Block": return inferBlock(c, e, hint);
    case "Nursery": return inferNursery(c, e, null, hint);
    case "Spawn": return inferSpawn(c, e);
    case "Await": return inferAwait(c, e, hint);
    case "Select": return inferSelect(c, e, null);
    case "Shield": return inferShield(c, e, null, hint);
    case "Yield": return inferYield(c, e);
    case "Fail": return inferFail(c, e);
    case "Return": return inferReturn(c, e);
    case "Break": case "Continue": return inferBreak(c, e);
    case "ErrorExpr":
      c.errors += 1; // the parser's: what is unknown for it is a consequence
      return setType(c, e, UNKNOWN);
  }
}

function checkNeeded(w: World, decl: FuncDecl | GlobalDecl): void {
  if (decl.kind === "FuncDecl") checkFunction(w, decl);
  else checkGlobal(w, decl);
}

function checkAs(c: Checker, e: Branching, want: Type): Type {
  switch (e.kind) {
    case "If": return inferIf(c, e, want);
    case "Match": return inferMatch(c, e, want);
    case "Block": return checkBlockAs(c, e, want);
    case "Nursery": return inferNursery(c, e, want);
    case "Shield": return inferShield(c, e, want);
    case "Select": return inferSelect(c, e, want);
    case "Catch": return inferCatch(c, e, null, true);
  }
}

/** Everything that is known of a program, at its start; with the rules by which it will be checked. */
export function newWorld(loader: Loader, profile: string): World {
  useRules({ infer: inferAny, checkAs, checkStmt: checkStatement, checkNeeded });
  return new World(loader, profile, [CROSSES, EQUALS, KEYS], registerImpls);
}
