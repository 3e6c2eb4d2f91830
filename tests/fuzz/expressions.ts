// Random expressions of a wanted type, each with its value in the reference evaluator: first of all by what each type
// has operators and methods for.
import { arithmetic, compare, convert } from "./arithmetic.ts";
import { General } from "./general.ts";
import { guarded, keyOf, type Maker, type Scope } from "./literals.ts";
import { bounded, constant, type Expr, index, Panic, step, TooMuch, type Variable } from "./nodes.ts";
import {
  anyType, BOOL, copied, equal, F64, I64, INTS, type IntType, isComparable, same, Sequence, shown, slice, STRING,
  type Type, U8, type Value, wrap,
} from "./types.ts";

export class Expressions extends General {
  protected at(scope: Scope): Expressions {
    return new Expressions(this.world, scope);
  }

  /** An expression of the type. */
  make(t: Type, depth = 3): Expr {
    const found = this.paths(t);
    if (depth <= 0) return found.length > 0 && this.r.chance(75) ? this.r.pick(found) : this.literal(t, 0);
    const way = this.r.below(100);
    if (way < 22 && found.length > 0) return this.r.pick(found);
    if (way < 30) return this.literal(t, depth);
    if (way < 68) return this.r.pick(this.own(t))(depth);
    return this.r.pick(this.general(t))(depth);
  }

  private own(t: Type): Maker[] {
    switch (t.k) {
      case "int": return this.integers(t);
      case "f64": return this.floats();
      case "bool": return this.truths();
      case "string": return this.strings();
      case "slice": return this.slices(t.of);
      default: return [(d) => this.literal(t, d)];
    }
  }

  private binary(op: string, t: Type, d: number): Expr {
    const [a, b] = [this.make(t, d - 1), this.make(t, d - 1)];
    return { text: () => `(${a.text()} ${op} ${b.text()})`, run: (f) => [a.run(f), b.run(f)] };
  }

  private integers(t: IntType): Maker[] {
    const arith: Maker = (d) => {
      const op = this.r.pick(["+", "-", "*", "+", "-", "*", "+%", "-%", "*%", "/", "%", "&", "|", "^", "<<", ">>",
        "**"]);
      const a = this.make(t, d - 1);
      const small = this.r.below(7);
      const isSmall = op === "**" || ((op === "<<" || op === ">>") && this.r.chance(80));
      const right = isSmall ? constant(`(${small} as ${t.name})`, BigInt(small)) : this.make(t, d - 1);
      const checked: Expr = {
        text: () => `(${a.text()} ${op} ${right.text()})`,
        run: (f) => {
          const [x, y] = [a.run(f), right.run(f)];
          const value = arithmetic(t, op, x, y);
          if (typeof value === "string") throw new Panic(value, () => node.repair());
          return value;
        },
      };
      const wrapping = ["+", "-", "*"].includes(op) ? `${op}%` : "^";
      const node = guarded(checked, {
        text: () => `(${a.text()} ${wrapping} ${right.text()})`,
        run: (f) => arithmetic(t, wrapping, a.run(f), right.run(f)),
      });
      return node;
    };
    const cast: Maker = (d) => {
      const from: Type = this.r.chance(70) ? this.r.pick(INTS) : this.r.pick([F64, BOOL]);
      const inner = this.make(from, d - 1);
      const checked: Expr = {
        text: () => `(${inner.text()} as ${t.name})`,
        run: (f) => {
          const value = convert(from, t, inner.run(f));
          if (value === null) throw new Panic("P009", () => node.repair());
          return value;
        },
      };
      const node = guarded(checked, this.make(t, 0));
      return node;
    };
    const unary: Maker = (d) => {
      const inner = this.make(t, d - 1);
      if (this.r.chance(50)) {
        return { text: () => `(~${inner.text()})`, run: (f) => wrap(t, ~(inner.run(f) as bigint)) };
      }
      const checked: Expr = {
        text: () => `(-${inner.text()})`,
        run: (f) => {
          const value = -(inner.run(f) as bigint);
          if (wrap(t, value) !== value) throw new Panic("P002", () => node.repair());
          return value;
        },
      };
      const node = guarded(checked, inner);
      return t.signed ? node : inner;
    };
    const extreme: Maker = (d) => {
      const name = this.r.pick(["min", "max"]);
      const [a, b] = [this.make(t, d - 1), this.make(t, d - 1)];
      return { text: () => `${name}(${a.text()}, ${b.text()})`,
        run: (f) => {
          const [x, y] = [a.run(f), b.run(f)];
          return (name === "min") === (x < y) ? x : y;
        } };
    };
    const ways = [arith, arith, arith, arith, cast, unary, extreme];
    if (t === I64) ways.push((d) => this.lengths(d), (d) => this.digest(d), (d) => this.parsed(d));
    if (t === U8) {
      ways.push((d) => {
        const text = this.make(STRING, d - 1);
        const at = this.make(I64, 0);
        const read: Expr = {
          text: () => `${text.text()}[${index(at)}]`,
          run: (f) => {
            const bytes = Buffer.from(text.run(f));
            const i: bigint = at.run(f);
            if (i < 0n || i >= BigInt(bytes.length)) throw new Panic("P001", () => node.repair());
            return BigInt(bytes[Number(i)]!);
          },
        };
        const node = guarded(read, this.literal(U8, 0));
        return node;
      });
    }
    return ways;
  }

  private lengths(d: number): Expr {
    const t = this.r.pick<Type>([STRING, slice(I64), slice(STRING), { k: "map", key: STRING, of: I64 },
      { k: "set", of: I64 }]);
    const inner = this.make(t, d - 1);
    return {
      text: () => `${inner.text()}.len`,
      run: (f) => {
        const v = inner.run(f);
        return BigInt(t.k === "string" ? Buffer.byteLength(v) : t.k === "slice" ? v.items.length : v.entries.size);
      },
    };
  }

  /** The trait method that every generated struct has, through a generic function that asks for the trait. */
  private digest(d: number): Expr {
    if (this.world.structs.length === 0) return this.literal(I64, 0);
    const t = this.r.pick(this.world.structs);
    const inner = this.make(t, d - 1);
    const method = this.world.digests.get(t)!;
    return {
      text: () => {
        this.use(t);
        return `${this.helper("digest_of")}(${inner.text()})`;
      },
      run: (f) => method([inner.run(f)]),
    };
  }

  private parsed(d: number): Expr {
    const [value, otherwise] = [this.make(I64, d - 1), this.make(I64, 0)];
    const bad = this.r.chance(30);
    return { text: () => `((str(${value.text()})${bad ? " ++ \"x\"" : ""}).parse_int() catch ${otherwise.text()})`,
      run: (f) => {
        const parsed = value.run(f);
        return bad ? otherwise.run(f) : parsed;
      } };
  }

  private floats(): Maker[] {
    const ops: Record<string, (a: number, b: number) => number> = {
      "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b,
    };
    return [
      (d) => {
        const op = this.r.pick(Object.keys(ops));
        const both = this.binary(op, F64, d);
        return { text: both.text, run: (f) => {
          const [a, b] = both.run(f);
          return ops[op]!(a, b);
        } };
      },
      (d) => {
        const inner = this.make(this.r.pick(INTS), d - 1);
        return { text: () => `(${inner.text()} as f64)`, run: (f) => Number(inner.run(f)) };
      },
      (d) => {
        const inner = this.make(F64, d - 1);
        return { text: () => `(-${inner.text()})`, run: (f) => -(inner.run(f) as number) };
      },
    ];
  }

  private truths(): Maker[] {
    return [
      (d) => {
        const t = this.r.pick<Type>([...INTS, F64, STRING]);
        const op = this.r.pick(["<", "<=", ">", ">=", "==", "!="]);
        const both = this.binary(op, t, d);
        return { text: both.text, run: (f) => {
          const [a, b] = both.run(f);
          return compare(t, op, a, b);
        } };
      },
      (d) => {
        const [a, b] = [this.make(BOOL, d - 1), this.make(BOOL, d - 1)];
        const op = this.r.pick(["and", "or"]);
        return { text: () => `(${a.text()} ${op} ${b.text()})`,
          run: (f) => (op === "and" ? a.run(f) && b.run(f) : a.run(f) || b.run(f)) };
      },
      (d) => {
        const inner = this.make(BOOL, d - 1);
        return { text: () => `(not ${inner.text()})`, run: (f) => !inner.run(f) };
      },
      (d) => {
        const t = anyType(this.r, [...this.world.structs, ...this.world.enums], 2);
        if (!isComparable(t)) return this.literal(BOOL, d);
        const both = this.binary("==", t, d);
        return { text: both.text, run: (f) => {
          const [a, b] = both.run(f);
          return equal(t, a, b);
        } };
      },
      (d) => {
        const of = this.r.pick([I64, STRING]);
        const [items, item] = [this.make(slice(of), d - 1), this.make(of, d - 1)];
        return { text: () => `${items.text()}.contains(${item.text()})`,
          run: (f) => {
            const all = items.run(f).items;
            const wanted = item.run(f);
            return all.includes(wanted);
          } };
      },
      (d) => {
        const of = this.r.pick([I64, STRING]);
        const [table, item] = [this.make({ k: "set", of }, d - 1), this.make(of, d - 1)];
        return { text: () => `${table.text()}.has(${item.text()})`,
          run: (f) => {
            const { entries } = table.run(f);
            return entries.has(keyOf(of, item.run(f)));
          } };
      },
    ];
  }

  private strings(): Maker[] {
    const r = this.r;
    return [
      (d) => {
        const both = this.binary(r.pick(["+", "++"]), STRING, d);
        return { text: both.text, run: (f) => {
          const [a, b] = both.run(f);
          return bounded(a + b);
        } };
      },
      (d) => {
        const t = anyType(r, [...this.world.structs, ...this.world.enums], 2);
        const inner = this.make(t, d - 1);
        return { text: () => `str(${inner.text()})`, run: (f) => bounded(shown(t, inner.run(f))) };
      },
      (d) => {
        const t = anyType(r, this.world.structs, 1);
        const [a, b] = [this.make(t, Math.min(1, d - 1)), this.make(I64, Math.min(1, d - 1))];
        const bound: [Variable, Variable] = [{ name: this.world.nextName("i"), type: t, mutable: false },
          { name: this.world.nextName("i"), type: I64, mutable: false }];
        const width = r.between(1, 9);
        return {
          text: () => `(do let ${bound[0].name}: ${this.written(t)} = ${a.text()}; let ${bound[1].name} = ${b.text()}; `
            + `$"<{${bound[0].name}}|{${bound[1].name}:>${width}}>" end)`,
          run: (f) => {
            const first = shown(t, a.run(f));
            return bounded(`<${first}|${String(b.run(f)).padStart(width)}>`);
          },
        };
      },
      (d) => {
        const text = this.make(STRING, d - 1);
        const [from, to] = [r.below(3), r.between(2, 5)];
        const cut: Expr = {
          text: () => `${text.text()}[${from}..${to}]`,
          run: (f) => {
            const all = text.run(f);
            if (/[^\0-\x7f]/.test(all)) throw new Panic("not ASCII", () => node.repair());
            if (to > all.length) throw new Panic("P001", () => node.repair());
            return all.slice(from, to);
          },
        };
        const node = guarded(cut, text);
        return from <= to ? node : text;
      },
      (d) => {
        const items = this.make(slice(STRING), d - 1);
        return { text: () => `${items.text()}.join("-")`, run: (f) => bounded(items.run(f).items.join("-")) };
      },
    ];
  }

  private slices(of: Type): Maker[] {
    const r = this.r;
    const ways: Maker[] = [
      (d) => {
        const [a, b] = [this.make(slice(of), d - 1), this.make(slice(of), d - 1)];
        return { text: () => `(${a.text()} ++ ${b.text()})`,
          run: (f) => {
            const first = a.run(f);
            const second = b.run(f);
            const all = [...first.items, ...second.items].map((x) => copied(of, x));
            if (all.length > 60) throw new TooMuch();
            return new Sequence(all);
          } };
      },
      (d) => {
        const from = anyType(r, this.world.structs, 1);
        const items = this.make(slice(from), d - 1);
        const x: Variable = { name: this.world.nextName("x"), type: from, mutable: false };
        const body = this.inside([x], { result: null, loops: [] }).make(of, d - 1);
        return {
          text: () => `(${items.text()}.map { |${x.name}| ${body.text()} })`,
          run: (f) => {
            const all = items.run(f).items;
            const out: Value[] = [];
            for (let i = 0; i < all.length; i++) {
              step();
              f.set(x, copied(from, all[i]));
              out.push(body.run(f));
            }
            return new Sequence(out);
          },
        };
      },
      (d) => {
        const items = this.make(slice(of), d - 1);
        const x: Variable = { name: this.world.nextName("x"), type: of, mutable: false };
        const body = this.inside([x], { result: null, loops: [] }).make(BOOL, d - 1);
        return {
          text: () => `(${items.text()}.filter { |${x.name}| ${body.text()} })`,
          run: (f) => {
            const all = items.run(f).items;
            const out: Value[] = [];
            for (let i = 0; i < all.length; i++) {
              step();
              f.set(x, copied(of, all[i]));
              if (body.run(f)) out.push(copied(of, all[i]));
            }
            return new Sequence(out);
          },
        };
      },
      (d) => {
        const count = r.between(1, 5);
        const i: Variable = { name: this.world.nextName("i"), type: I64, mutable: false };
        const body = this.inside([i], { result: null, loops: [] }).make(of, d - 1);
        return {
          text: () => `((0..${count}).map { |${i.name}| ${body.text()} })`,
          run: (f) => new Sequence(Array.from({ length: count }, (_, at) => {
            step();
            f.set(i, BigInt(at));
            return body.run(f);
          })),
        };
      },
    ];
    if (same(of, I64) || same(of, STRING)) {
      ways.push((d) => {
        const table = this.make({ k: "set", of }, d - 1);
        return { text: () => `${table.text()}.values()`,
          run: (f) => new Sequence([...table.run(f).entries.values()].map(([x]) => x)) };
      }, (d) => {
        const table = this.make({ k: "map", key: of, of: I64 }, d - 1);
        return { text: () => `${table.text()}.keys()`,
          run: (f) => new Sequence([...table.run(f).entries.values()].map(([x]) => x)) };
      });
    }
    return ways;
  }
}
