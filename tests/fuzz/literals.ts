// Values written out in the text, and reads of variables: the leaves of generated expressions. What is read is copied
// at the read (types.ts, `copied`), so no part of a value is ever shared; slices, maps and sets are references in both.
import { type Cell, constant, type Declaration, type Expr, Frame, needed, step, type Variable } from "./nodes.ts";
import type { Random } from "./random.ts";
import {
  copied, type EnumType, floatText, high, I64, type IntType, low, Present, same, Sequence, shown, type StructType,
  Table, type Type, typeText, type Value, within, wrap,
} from "./types.ts";

export interface Func extends Declaration {
  params: Type[];
  result: Type;
  /** its type is `T ! Trouble`. */
  fails: boolean;
  /** its first parameter is a small number that bounds its recursion. */
  recursive: boolean;
  call(args: Value[]): Value;
}

/** What may be used at a place in the program. */
export interface Scope {
  variables: Variable[];
  /** the function's result, for `return`; null where none may stand. */
  result: Type | null;
  fails: boolean;
  /** labels of the loops around, innermost last; null for one without. */
  loops: (string | null)[];
  /** the recursive function this is in, and what is left of its bound. */
  self: { fn: Func; fuel: Variable; calls: number } | null;
}

/** The types, functions and globals of a program under construction. */
export interface World {
  r: Random;
  structs: StructType[];
  enums: EnumType[];
  functions: Func[];
  /** the error set that functions fail with. */
  trouble: EnumType;
  declared: Map<string, Declaration>;
  /** each struct's method `digest`, of the trait `Digest`. */
  digests: Map<StructType, (args: Value[]) => Value>;
  /** each struct's method `bump`, which changes it. */
  bumps: Map<StructType, (cell: Cell, by: bigint) => void>;
  nextName(prefix: string): string;
}

export type Maker = (depth: number) => Expr;

/** The first way, until its panic in a reference run takes it away for ever: then the second. */
export function guarded(first: Expr, second: Expr): Expr & { repair(): void } {
  let isSafe = false;
  return {
    text: () => (isSafe ? second : first).text(),
    run: (frame) => (isSafe ? second : first).run(frame),
    repair() {
      isSafe = true;
    },
  };
}

export const keyOf = (t: Type, v: Value): string => shown(t, v);

export abstract class Literals {
  constructor(readonly world: World, readonly scope: Scope) {}

  protected get r(): Random {
    return this.world.r;
  }

  /** The same world, with more to see. */
  protected inside(variables: Variable[], change: Partial<Scope> = {}): Literals {
    return this.at({ ...this.scope, variables: [...this.scope.variables, ...variables], ...change });
  }

  protected use(t: Type): void {
    for (const part of within(t)) {
      if (part.k === "struct" || part.k === "enum") needed.add(this.world.declared.get(part.name)!);
    }
  }

  /** The type's text, where it is written down in the program. */
  written(t: Type): string {
    this.use(t);
    return typeText(t);
  }

  /** The same world, seen from another place. */
  protected abstract at(scope: Scope): Literals;

  /** An expression of the type, at most `depth` deep. */
  abstract make(t: Type, depth?: number): Expr;

  /** Reads of variables and of their parts. */
  protected paths(wanted: Type): Expr[] {
    const found: Expr[] = [];
    const visit = (t: Type, text: () => string, get: (f: Frame) => Value, depth: number): void => {
      if (same(t, wanted)) found.push({ text, run: (f) => copied(t, get(f)) });
      if (depth === 0) return;
      if (t.k === "struct") {
        t.fields.forEach((field, i) => visit(field.type, () => `${text()}.${field.name}`, (f) => get(f)[i], depth - 1));
      } else if (t.k === "tuple") {
        t.of.forEach((part, i) => visit(part, () => `${text()}.${i}`, (f) => get(f)[i], depth - 1));
      } else if (t.k === "fixed") {
        const i = this.r.below(t.length);
        visit(t.of, () => `${text()}[${i}]`, (f) => get(f)[i], depth - 1);
      }
    };
    for (const v of this.scope.variables) {
      if (v.type.k === "func") continue;
      visit(v.type, () => (v.reference && same(v.type, wanted) ? `${v.name}.*` : v.name), (f) => f.cell(v).value, 2);
    }
    return found;
  }

  literal(t: Type, depth: number): Expr {
    const r = this.r;
    switch (t.k) {
      case "int": return this.intLiteral(t);
      case "f64": {
        const x = r.pick([0, 1, 0.5, 2.25, -1.5, 1e10, 3.141592653589793, 1e-7, 1e21, 123456.789, -0.1]);
        return constant(x < 0 ? `(${floatText(x)})` : floatText(x), x);
      }
      case "bool": return r.chance(50) ? constant("true", true) : constant("false", false);
      case "string": {
        const text = r.pick(["", "a", "bc", "Zoë", "x y", "tab\t", "\"q\"", "{}", "end", "né\n", "€", "0"]);
        return constant(`"${text.replace(/["\\]/g, "\\$&").replace("\t", "\\t").replace("\n", "\\n")}"`, text);
      }
      case "slice": return this.list(t.of, r.between(1, 4), depth, "[", "]", (items) => new Sequence(items));
      case "fixed": {
        const made = this.list(t.of, t.length, depth, "[", "]", (items) => items);
        return { text: () => `${this.helper("same_value")}[${this.written(t)}](${made.text()})`, run: made.run };
      }
      case "tuple": return this.parts(t.of, depth, "(", ")");
      case "optional": {
        if (r.chance(30)) {
          return { text: () => `${this.helper("nothing")}[${this.written(t.of)}]()`, run: () => null };
        }
        const inner = this.make(t.of, depth - 1);
        return { text: () => `${this.helper("some")}[${this.written(t.of)}](${inner.text()})`,
          run: (f) => new Present(inner.run(f)) };
      }
      case "struct": {
        const values = t.fields.map((field) => this.make(field.type, depth - 1));
        return {
          text: () => {
            this.use(t);
            return `(${t.name} { ${t.fields.map((field, i) => `${field.name}: ${values[i]!.text()}`).join(", ")} })`;
          },
          run: (f) => values.map((value) => value.run(f)),
        };
      }
      case "enum": {
        const index = r.below(t.variants.length);
        const { name, types } = t.variants[index]!;
        const parts = this.parts(types, depth, "(", ")");
        return {
          text: () => {
            this.use(t);
            return `${t.name}.${name}${types.length === 0 ? "" : parts.text()}`;
          },
          run: (f) => ({ index, parts: parts.run(f) }),
        };
      }
      case "map": {
        const pairs = Array.from({ length: r.between(1, 3) }, () => [this.make(t.key, depth - 1),
          this.make(t.of, depth - 1)] as const);
        return {
          text: () => `({ ${pairs.map(([key, value]) => `${key.text()}: ${value.text()}`).join(", ")} })`,
          run: (f) => {
            const table = new Table();
            for (const [key, value] of pairs) {
              const at = key.run(f);
              const found = value.run(f);
              const before = table.entries.get(keyOf(t.key, at));
              table.entries.set(keyOf(t.key, at), [before === undefined ? at : before[0], found]);
            }
            return table;
          },
        };
      }
      case "set": {
        const made = this.list(t.of, r.between(1, 3), depth, "Set.of([", "])", (items) => items);
        return {
          text: made.text,
          run: (f) => {
            const table = new Table();
            for (const item of made.run(f)) {
              if (!table.entries.has(keyOf(t.of, item))) table.entries.set(keyOf(t.of, item), [item, true]);
            }
            return table;
          },
        };
      }
      case "func": return this.closure(t.params, t.result, depth);
    }
  }

  protected intLiteral(t: IntType): Expr {
    const r = this.r;
    const corners = [0n, 1n, 2n, 3n, 7n, 100n, low(t), high(t), high(t) - 1n, low(t) + 1n, 1n << 31n, 1n << 53n,
      (1n << 53n) + 1n, -1n];
    const value = wrap(t, r.chance(60) ? BigInt(r.below(12)) : r.chance(80) ? r.pick(corners) : r.bits());
    const written = r.chance(15) && value >= 0n ? `0x${value.toString(16)}` : String(value);
    if (t === I64) return constant(value < 0n ? `(${written})` : written, value);
    return constant(`(${value < 0n ? `(${written})` : written} as ${t.name})`, value);
  }

  protected list(of: Type, count: number, depth: number, open: string, close: string,
    build: (items: Value[]) => Value): Expr {
    const items = Array.from({ length: count }, () => this.make(of, depth - 1));
    return { text: () => `${open}${items.map((item) => item.text()).join(", ")}${close}`,
      run: (f) => build(items.map((item) => item.run(f))) };
  }

  protected parts(types: Type[], depth: number, open: string, close: string): Expr {
    const items = types.map((t) => this.make(t, depth - 1));
    return { text: () => `${open}${items.map((item) => item.text()).join(", ")}${close}`,
      run: (f) => items.map((item) => item.run(f)) };
  }

  /** A function of the fixed part of every program (prelude.ts). */
  protected helper(name: string): string {
    needed.add(this.world.declared.get(name)!);
    return name;
  }

  /** A closure of one expression; one with statements is made in statements.ts. */
  protected closure(params: Type[], result: Type, d: number): Expr {
    const names = params.map((type): Variable => ({ name: this.world.nextName("c"), type, mutable: false }));
    const body = this.inside(names, { result: null, fails: false, loops: [] }).make(result, d - 1);
    return {
      text: () => `func(${names.map((n) => `${n.name}: ${this.written(n.type)}`).join(", ")}) -> `
        + `${this.written(result)} do return ${body.text()} end`,
      run: (f) => {
        const kept = new Frame(f);
        return (args: Value[]) => {
          step();
          const frame = new Frame(kept);
          names.forEach((n, i) => frame.set(n, args[i]));
          return body.run(frame);
        };
      },
    };
  }
}
