// The bodies of a program: functions, methods, tests, REPL entries. Promises: each is checked once; what it needs of
// std is put in the queue, and drained before evaluation begins.
import type {
  Decl, EnumDecl, ErrorDecl, FuncDecl, Span, StructDecl, TestDecl, Type, TypeParam,
} from "../syntax/ast.ts";
import { checkBody } from "./blocks.ts";
import { checkBounds } from "./bounds.ts";
import { checkImpl } from "./conformance.ts";
import { numberVariants } from "./constants.ts";
import { makeFn, resultOf } from "./context.ts";
import { checkInstances } from "./instances.ts";
import { checkDefault, checkDefaultValue } from "./defaults.ts";
import { checkGlobal } from "./globals.ts";
import { checkObject } from "./objects.ts";
import { checkProfile, requireConcurrency } from "./profiles.ts";
import { beginInferring, endInferring, resultSoFar } from "./inferred.ts";
import { checkNeeded } from "./infer.ts";
import { checkInOrder } from "./needs.ts";
import { aliasType } from "./resolve.ts";
import { Checker, declareLocal } from "./scope.ts";
import {
  boundsOf, checkFinite, fieldsOf, nominalScope, payloadOf, signatureOf, supersOf, traitScope,
} from "./shapes.ts";
import { finish } from "./solve.ts";
import { emptyErrors, I64, isEmptyErrors, prune, showType, UNKNOWN, VOID } from "./types.ts";
import type { FieldInfo, Module, Signature, World } from "./world.ts";

/** The result of a function as its callers see it: where its errors are inferred, with those that its body raises. */
export function resultFor(c: Checker, sig: Signature): Type {
  if (sig.inferredBy === null) return sig.result;
  if (sig.inferredBy === "async body") {
    if (sig.decl.fn === undefined) checkFunction(c.w, sig.decl);
    return resultSoFar(c.w, sig.decl) ?? sig.result;
  }
  if (c.root === sig.decl && sig.result.k === "result") {
    // what it passes on from itself adds nothing to its errors
    return { k: "result", ok: sig.result.ok, error: emptyErrors() };
  }
  // while it is being checked, or waits for this one to be, it is one of a circle: any error
  if (sig.decl.fn === undefined && !c.w.waiting.has(sig.decl)) checkFunction(c.w, sig.decl);
  return sig.result;
}

/** Checks a function's body, if it has one; where its errors are inferred, first those of all that it names. */
export function checkFunction(w: World, decl: FuncDecl): void {
  if (decl.fn !== undefined) return;
  const sig = signatureOf(w, decl);
  if (sig.inferredBy === null || w.visited.has(decl)) checkWhole(w, decl, sig);
  else checkInOrder(w, decl, (needed) => checkNeeded(w, needed));
}

function checkWhole(w: World, decl: FuncDecl, sig: Signature): void {
  const whole = prune(sig.result);
  const fn = makeFn(null, `\`${decl.name}\``, whole, { signature: decl.nameSpan });
  if (whole.k === "result") {
    fn.ok = whole.ok;
    fn.declared = whole.error;
  } else if (sig.isMain || sig.inferredBy === "async body") {
    fn.mayFail = true;
  }
  const inferring = sig.inferredBy === "async body" ? beginInferring(w, sig, whole, fn.raised) : null;
  decl.fn = fn.info;
  fn.info.result = whole;
  const c = new Checker(w, sig.module, sig.scope, fn, decl);
  c.typeParams = sig.typeParams;
  if (decl.isAsync) requireConcurrency(c, decl.nameSpan, "an `async func`");
  decl.params.forEach((p, i) => {
    p.local = declareLocal(c, p.name, sig.params[i]?.type ?? UNKNOWN, false, p.span);
    if (sig.params[i]?.default) checkDefault(c, sig, sig.params[i]!);
  });
  checkParams(w, sig.module, decl.typeParams);
  if (decl.body === null) {
    if (sig.intrinsic === null && sig.trait === null) {
      c.error(decl.nameSpan, "J0237", `\`${decl.name}\` has no body`);
    }
    return;
  }
  if (sig.isMain && decl.params.length > 0) {
    c.error(decl.params[0]!.span, "J0208", "`main` takes no parameters", { hint: "read them with `std.os`" });
  }
  if (sig.isMain) {
    const ok = prune(fn.ok);
    if (ok.k !== "void" && ok.k !== "int" && ok.k !== "unknown" && ok.k !== "never") {
      c.error(decl.nameSpan, "J0202", `\`main\` gives nothing or an exit status, not \`${showType(ok)}\``, {
        hint: "print the value, or return an integer",
      });
    }
  }
  checkBody(c, decl.body, decl.nameSpan);
  finish(c);
  if (inferring !== null) endInferring(w, inferring);
  if (sig.isMain && whole.k !== "result") fn.info.result = resultOf(whole, fn.raised);
  if (sig.inferredBy === "body" && whole.k === "result") {
    if (!isEmptyErrors(fn.raised)) sig.result = fn.info.result = { k: "result", ok: whole.ok, error: fn.raised };
    sig.inferredBy = null;
  }
}

export function checkTest(w: World, module: Module, test: TestDecl): void {
  if (test.fn !== undefined) return;
  const fn = makeFn(null, `test "${test.name}"`, VOID, { mayFail: true, signature: test.span });
  test.fn = fn.info;
  const c = new Checker(w, module, { module, params: null, self: null }, fn, test);
  checkBody(c, test.body, test.span);
  finish(c);
  fn.info.result = resultOf(VOID, fn.raised);
}

/** Names type parameters once, and their bounds. */
function checkParams(w: World, module: Module, params: TypeParam[]): void {
  for (const param of params) boundsOf(w, param);
  uniqueNames(w, module, params, "type parameter");
}

function checkNominal(w: World, decl: StructDecl | EnumDecl): void {
  nominalScope(w, decl); // declares the type parameters
  checkParams(w, w.home(decl).module, decl.typeParams);
  if (decl.kind === "EnumDecl") return checkVariants(w, decl);
  checkFinite(w, decl);
  checkFieldDefaults(w, decl, fieldsOf(w, decl));
}

function checkFieldDefaults(w: World, owner: StructDecl | EnumDecl | ErrorDecl, fields: FieldInfo[]): void {
  for (const { type, decl } of fields) {
    if (decl.default !== null) checkDefaultValue(w, decl.default, type, nominalScope(w, owner), owner);
  }
}

/** The variants of an enum or error set: their names, their numbers, and what they carry. */
function checkVariants(w: World, owner: EnumDecl | ErrorDecl): void {
  uniqueNames(w, w.home(owner).module, owner.variants, "variant");
  numberVariants(w, owner);
  for (const variant of owner.variants) {
    if (variant.value !== null && owner.kind === "EnumDecl") {
      checkDefaultValue(w, variant.value, I64, nominalScope(w, owner), owner);
    }
    const payload = payloadOf(w, owner, variant);
    if (payload.kind === "fields") checkFieldDefaults(w, owner, payload.fields);
  }
}

function uniqueNames(w: World, module: Module, all: { name: string; span: Span }[], noun: string): void {
  const seen = new Map<string, Span>();
  for (const { name, span } of all) {
    const first = seen.get(name);
    if (first === undefined) seen.set(name, span);
    else {
      w.reporter.error(module.source, span, "J0219", `${noun} \`${name}\` is declared twice`, {
        notes: [{ unit: module.source, span: first, message: "first declared here" }],
      });
    }
  }
}

/** Checks a declaration of a file and the bodies in it. */
export function checkDecl(w: World, module: Module, decl: Decl): void {
  switch (decl.kind) {
    case "FuncDecl": checkFunction(w, decl); break;
    case "StructDecl": case "EnumDecl":
      checkNominal(w, decl);
      decl.methods.forEach((m) => checkFunction(w, m));
      break;
    case "ErrorDecl": checkVariants(w, decl); break;
    case "TraitDecl":
      traitScope(w, decl);
      uniqueNames(w, module, decl.methods.map((m) => ({ name: m.name, span: m.nameSpan })), "method");
      checkParams(w, module, decl.typeParams);
      supersOf(w, decl);
      decl.methods.forEach((m) => checkFunction(w, m));
      break;
    case "ImplDecl":
      checkParams(w, module, decl.typeParams);
      decl.methods.forEach((m) => checkFunction(w, m));
      break;
    case "GlobalDecl": checkGlobal(w, decl); break;
    case "TestDecl": checkTest(w, module, decl); break;
    case "AliasDecl": aliasType(w, decl, module); break;
    case "UseDecl": break;
  }
}

/** Checks everything in a unit. */
export function checkModule(w: World, module: Module): void {
  checkProfile(w, module);
  for (const decl of module.unit.decls) checkDecl(w, module, decl);
  for (const impl of module.impls) checkImpl(w, impl);
}

/** Checks the functions and globals that checked bodies have mentioned, and those they mention. */
export function drain(w: World): void {
  do {
    for (let decl = w.queue.pop(); decl !== undefined; decl = w.queue.pop()) {
      if (decl.kind === "FuncDecl") checkFunction(w, decl);
      else checkGlobal(w, decl);
    }
    // with every body checked
    for (let late = w.late.pop(); late !== undefined; late = w.late.pop()) late();
    for (let object = w.objects.pop(); object !== undefined; object = w.objects.pop()) checkObject(w, object);
    for (let type = w.bounded.pop(); type !== undefined; type = w.bounded.pop()) checkBounds(w, type);
    checkInstances(w);
  } while (w.queue.length > 0 || w.late.length > 0);
  for (const check of w.filling.splice(0)) check();
}
