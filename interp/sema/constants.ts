// Integers that the checker knows: lengths of fixed arrays, sizes of stacks, values of variants. Promises: reads
// literals, module-level constants and arithmetic on them; what is no constant is null, never a wrong number, and
// constants that need each other in a circle are none.
import type { EnumDecl, ErrorDecl, Expr, GlobalDecl } from "../syntax/ast.ts";
import { lookup } from "./modules.ts";
import { I64, intRange, showType } from "./types.ts";
import type { Module, World } from "./world.ts";

type Read = (decl: GlobalDecl) => bigint | null;

/** The value of a constant integer expression, or null. `shadowed` says which names mean something nearer. */
export function constantInt(
  w: World, e: Expr, module: Module, shadowed: (name: string) => boolean = () => false,
): bigint | null {
  const find = (name: string): GlobalDecl | null => (shadowed(name) ? null : globalOf(w, module, name));
  return evaluate(w, e, module, find, (decl) => valueOf(w, decl));
}

function globalOf(w: World, module: Module, name: string): GlobalDecl | null {
  const found = lookup(w, module, name);
  return found?.k === "decl" && found.decl.kind === "GlobalDecl" ? found.decl : null;
}

/** `find` says what a name is, `read` what that is worth. */
function evaluate(w: World, e: Expr, module: Module, find: (name: string) => GlobalDecl | null, read: Read,
): bigint | null {
  switch (e.kind) {
    case "IntLit": return e.value;
    case "CharLit": return BigInt(e.value);
    case "Name": {
      const decl = find(e.name);
      return decl === null ? null : read(decl);
    }
    case "Unary": {
      const v = evaluate(w, e.operand, module, find, read);
      if (v === null || e.op === "not") return null;
      return inRange(e.op === "-" ? -v : ~v);
    }
    case "Binary": {
      const a = evaluate(w, e.left, module, find, read);
      const b = a === null ? null : evaluate(w, e.right, module, find, read);
      return a === null || b === null ? null : inRange(combine(e.op, a, b));
    }
    default: return null;
  }
}

/** Chains of constants may be long: what one needs is looked at first, from a list. Those in a circle have no value. */
function valueOf(w: World, decl: GlobalDecl): bigint | null {
  const entered = new Set<GlobalDecl>();
  const pending = [decl];
  for (let next = pending.at(-1); next !== undefined; next = pending.at(-1)) {
    if (w.integers.has(next)) {
      pending.pop();
      continue;
    }
    const { module } = w.home(next);
    const needed: GlobalDecl[] = [];
    entered.add(next);
    const value = evaluate(w, next.value, module, (name) => globalOf(w, module, name), (needs) => {
      const known = w.integers.get(needs);
      if (known === undefined && !entered.has(needs)) needed.push(needs);
      return known ?? null;
    });
    if (value !== null) w.integers.set(next, value);
    if (needed.length > 0) pending.push(...needed);
    else pending.pop();
  }
  return w.integers.get(decl) ?? null;
}

/** What an i64 cannot hold would be a panic at run time: it is no constant. */
function inRange(v: bigint | null): bigint | null {
  const [low, high] = intRange(I64 as Extract<typeof I64, { k: "int" }>);
  return v !== null && v >= low && v <= high ? v : null;
}

function combine(op: Extract<Expr, { kind: "Binary" }>["op"], a: bigint, b: bigint): bigint | null {
  switch (op) {
    case "+": return a + b;
    case "-": return a - b;
    case "*": return a * b;
    case "/": return b === 0n ? null : a / b;
    case "%": return b === 0n ? null : a % b;
    case "<<": return b < 0n || b > 63n ? null : BigInt.asIntN(64, a << b);
    case ">>": return b < 0n || b > 63n ? null : a >> b;
    case "&": return a & b;
    case "|": return a | b;
    case "^": return a ^ b;
    default: return null;
  }
}

/** Literals of which the check of their type says that they are no integers. */
const OTHER_LITERALS = new Set<Expr["kind"]>(["StringLit", "FloatLit", "BoolLit", "NullLit", "InterpString"]);

/**
 * Numbers the variants of an enum: what `as` gives for each. A variant without a written value is one more than the one
 * before it, the first is 0. Reports values that are no constants, that meet, or that have nothing to stand for.
 */
export function numberVariants(w: World, decl: EnumDecl | ErrorDecl): void {
  const { module } = w.home(decl);
  const report = (e: { span: Expr["span"] }, code: "J0219" | "J0230" | "J0237", message: string, hint?: string) =>
    w.reporter.error(module.source, e.span, code, message, { hint });
  const carries = decl.variants.some((v) => v.payload !== null || v.fields !== null);
  const [low, high] = intRange(I64 as Extract<typeof I64, { k: "int" }>);
  const seen = new Map<bigint, string>();
  let next = 0n;
  for (const variant of decl.variants) {
    if (variant.value !== null && (carries || decl.kind === "ErrorDecl")) {
      report(variant.value, "J0237", decl.kind === "ErrorDecl" ? "the variants of an error set have no values"
        : `variants have values only where no variant of \`${decl.name}\` carries any`);
    } else if (variant.value !== null) {
      const value = constantInt(w, variant.value, module);
      if (value === null && !OTHER_LITERALS.has(variant.value.kind)) {
        report(variant.value, "J0237", `the value of \`${variant.name}\` must be a constant integer`,
          "use literals, module-level constants and arithmetic on them");
      }
      next = value ?? next;
    }
    if (next < low || next > high) {
      report(variant, "J0230", `the value of \`${variant.name}\` would be ${next}, which is no \`${showType(I64)}\``);
      next = 0n;
    }
    const first = seen.get(next);
    if (first === undefined) seen.set(next, variant.name);
    else if (!carries) {
      report(variant, "J0219", `\`${variant.name}\` and \`${first}\` have the same value, ${next}`);
    }
    variant.number = next++;
  }
}
