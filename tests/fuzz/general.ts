// Expressions that can have any type: choices, calls, look-ups, blocks, and values that go by way of another fiber.
import {
  bounded, constant, type Expr, Failed, type Frame, index, needed, Panic, step, type Variable,
} from "./nodes.ts";
import { type Func, guarded, keyOf, Literals, type Maker } from "./literals.ts";
import {
  anyType, BOOL, canCross, copied, I64, INTS, isPlain, optional, ownCopy, same, shown, slice, STRING, type Type, U8,
  type Value,
} from "./types.ts";

export abstract class General extends Literals {
  protected general(t: Type): Maker[] {
    const r = this.r;
    const ways: Maker[] = [
      (d) => this.choice(t, d), (d) => this.matchInt(t, d), (d) => this.matchEnum(t, d), (d) => this.orElse(t, d),
      (d) => this.ifLet(t, d), (d) => this.element(t, d), (d) => this.identity(t, d), (d) => this.block(t, d),
      (d) => this.lookUp(t, d), (d) => this.reduce(t, d),
      (d) => this.spawned(t, d), (d) => this.identity(t, d),
    ];
    const functions = this.world.functions.filter((fn) => same(fn.result, t));
    if (functions.length > 0) {
      for (let i = 0; i < 5; i++) ways.push((d) => this.call(r.pick(functions), d));
    }
    const { self } = this.scope;
    if (self !== null && same(self.fn.result, t)) {
      ways.push((d) => (self.calls++ < 2 ? this.call(self.fn, d) : this.literal(t, 0)));
    }
    const closures = this.scope.variables.filter((v) => v.type.k === "func" && same(v.type.result, t));
    if (closures.length > 0) {
      for (let i = 0; i < 3; i++) ways.push((d) => this.callClosure(r.pick(closures), d));
    }
    return ways;
  }

  protected choice(t: Type, d: number): Expr {
    const [test, yes, no] = [this.make(BOOL, d - 1), this.make(t, d - 1), this.make(t, d - 1)];
    return { text: () => `(if ${test.text()} do ${yes.text()} else ${no.text()} end)`,
      run: (f) => (test.run(f) ? yes : no).run(f) };
  }

  protected matchInt(t: Type, d: number): Expr {
    const of = this.r.pick(INTS);
    const subject = this.make(of, d - 1);
    const bound: Variable = { name: this.world.nextName("n"), type: of, mutable: false };
    const start = BigInt(this.r.below(5));
    // beyond what the first arm has taken, or this one would be refused as never reached
    const end = start + 2n + BigInt(this.r.below(20));
    const arms = [this.make(t, d - 1), this.inside([bound]).make(t, d - 1), this.make(t, d - 1)];
    const guard = this.inside([bound]).make(BOOL, Math.min(1, d - 1));
    return {
      text: () => `(match ${subject.text()} { 0 | 1 => ${arms[0]!.text()}, `
        + `${bound.name} @ ${start}..=${end} if ${guard.text()} => ${arms[1]!.text()}, _ => ${arms[2]!.text()} })`,
      run: (f) => {
        const value = subject.run(f);
        if (value === 0n || value === 1n) return arms[0]!.run(f);
        f.set(bound, value);
        if (value >= start && value <= end && guard.run(f)) return arms[1]!.run(f);
        return arms[2]!.run(f);
      },
    };
  }

  protected matchEnum(t: Type, d: number): Expr {
    if (this.world.enums.length === 0) return this.matchInt(t, d);
    const of = this.r.pick(this.world.enums);
    const subject = this.make(of, d - 1);
    const arms = of.variants.map(({ types }) => {
      const names = types.map((type): Variable => ({ name: this.world.nextName("p"), type, mutable: false }));
      return { names, body: this.inside(names).make(t, d - 1) };
    });
    return {
      text: () => {
        const lines = arms.map(({ names, body }, i) => {
          const parts = names.length === 0 ? "" : `(${names.map((n) => n.name).join(", ")})`;
          return `.${of.variants[i]!.name}${parts} => ${body.text()}`;
        });
        return `(match ${subject.text()} { ${lines.join(", ")} })`;
      },
      run: (f) => {
        const value = subject.run(f);
        const arm = arms[value.index]!;
        arm.names.forEach((name, i) => f.set(name, copied(name.type, value.parts[i])));
        return arm.body.run(f);
      },
    };
  }

  protected orElse(t: Type, d: number): Expr {
    if (t.k === "optional") return this.choice(t, d);
    const [first, second] = [this.make(optional(t), d - 1), this.make(t, d - 1)];
    if (this.r.chance(25)) {
      const unwrap: Expr = {
        text: () => `(${first.text()}).?`,
        run: (f) => {
          const value = first.run(f);
          if (value === null) throw new Panic("P008", () => node.repair());
          return value.value;
        },
      };
      const node = guarded(unwrap, second);
      return node;
    }
    return { text: () => `(${first.text()} ?? ${second.text()})`,
      run: (f) => {
        const value = first.run(f);
        return value === null ? second.run(f) : value.value;
      } };
  }

  protected ifLet(t: Type, d: number): Expr {
    const of = this.r.pick([I64, STRING, ...this.world.structs]);
    const subject = this.make(optional(of), d - 1);
    const bound: Variable = { name: this.world.nextName("o"), type: of, mutable: false };
    const [yes, no] = [this.inside([bound]).make(t, d - 1), this.make(t, d - 1)];
    return {
      text: () => `(if let ${bound.name} = ${subject.text()} do ${yes.text()} else ${no.text()} end)`,
      run: (f) => {
        const value = subject.run(f);
        if (value === null) return no.run(f);
        f.set(bound, value.value);
        return yes.run(f);
      },
    };
  }

  protected element(t: Type, d: number): Expr {
    const items = this.make(slice(t), d - 1);
    const at = this.make(I64, Math.min(1, d - 1));
    const read: Expr = {
      text: () => `${items.text()}[${index(at)}]`,
      run: (f) => {
        const all = items.run(f).items;
        const i: bigint = at.run(f);
        if (i < 0n || i >= BigInt(all.length)) throw new Panic("P001", () => node.repair());
        return copied(t, all[Number(i)]);
      },
    };
    const node = guarded(read, this.make(t, 0));
    return node;
  }

  protected identity(t: Type, d: number): Expr {
    const inner = this.make(t, d - 1);
    const same_ = ["same_value", "through_box", "applied", "after_yield"];
    const crossing = ["through_task", "through_channel", "through_mutex", "through_select", "through_tasks"];
    const name = this.r.pick(t.k === "func" ? same_ : canCross(t) ? [...same_, "clone", ...crossing, ...crossing]
      : [...same_, "clone"]);
    const isSame = same_.includes(name);
    return { text: () => `${name === "clone" ? name : this.helper(name)}(${inner.text()})`,
      run: (f) => (isSame ? inner.run(f) : ownCopy(t, inner.run(f))) };
  }

  /** Computed by a fiber of its own, from what it may capture without sharing anything. */
  protected spawned(t: Type, d: number): Expr {
    if (!canCross(t)) return this.literal(t, d);
    const variables = this.scope.variables.filter((v) => !v.reference && !v.receiver && isPlain(v.type));
    const inner = this.at({ variables, result: null, fails: false, loops: [], self: null }).make(t, d - 1);
    return {
      text: () => `(nursery do await spawn func() -> ${this.written(t)} do return ${inner.text()} end end)`,
      run: (f) => ownCopy(t, inner.run(f)),
    };
  }

  protected block(t: Type, d: number): Expr {
    const of = anyType(this.r, [...this.world.structs, ...this.world.enums], 1);
    const value = this.make(of, d - 1);
    const bound: Variable = { name: this.world.nextName("b"), type: of, mutable: false };
    const body = this.inside([bound]).make(t, d - 1);
    return {
      text: () => `(do let ${bound.name}: ${this.written(of)} = ${value.text()}; ${body.text()} end)`,
      run: (f) => {
        f.set(bound, value.run(f));
        return body.run(f);
      },
    };
  }

  protected lookUp(t: Type, d: number): Expr {
    const key = this.r.pick([I64, STRING]);
    const table = this.make({ k: "map", key, of: t }, d - 1);
    const [at, otherwise] = [this.make(key, 0), this.make(t, Math.min(1, d - 1))];
    if (t.k === "optional") return otherwise;
    return {
      text: () => `(${table.text()}[${at.text()}] ?? ${otherwise.text()})`,
      run: (f) => {
        const entry = table.run(f).entries.get(keyOf(key, at.run(f)));
        return entry === undefined ? otherwise.run(f) : copied(t, entry[1]);
      },
    };
  }

  protected reduce(t: Type, d: number): Expr {
    const of = this.r.pick([I64, STRING, U8]);
    const items = this.make(slice(of), d - 1);
    const initial = this.make(t, d - 1);
    const [sum, item]: Variable[] = [{ name: this.world.nextName("a"), type: t, mutable: false },
      { name: this.world.nextName("x"), type: of, mutable: false }];
    const body = this.inside([sum!, item!], { result: null, loops: [] }).make(t, d - 1);
    return {
      text: () => `(${items.text()}.reduce(${initial.text()}) { |${sum!.name}, ${item!.name}| ${body.text()} })`,
      run: (f) => {
        const all = items.run(f).items;
        let value = initial.run(f);
        for (let i = 0; i < all.length; i++) {
          step();
          f.set(sum!, value);
          f.set(item!, all[i]);
          value = body.run(f);
        }
        return value;
      },
    };
  }

  /** Call arguments; the bound on recursion is a small constant. */
  args(fn: Func, d: number): Expr[] {
    return fn.params.map((t, i) => {
      if (i > 0 || !fn.recursive) return this.make(t, d - 1);
      const { self } = this.scope;
      if (fn === self?.fn) {
        return { text: () => `${self.fuel.name} - 1`, run: (f: Frame) => f.cell(self.fuel).value - 1n };
      }
      const fuel = this.r.below(5);
      return constant(String(fuel), BigInt(fuel));
    });
  }

  protected call(fn: Func, d: number): Expr {
    const args = this.args(fn, d);
    const text = (): string => {
      needed.add(fn);
      return `${fn.name}(${args.map((a) => a.text()).join(", ")})`;
    };
    const run = (f: Frame): Value => {
      step();
      return fn.call(args.map((a) => a.run(f)));
    };
    if (!fn.fails) return { text, run };
    if (this.scope.fails && this.r.chance(50)) return { text: () => `${text()}?`, run };
    const { trouble } = this.world;
    const bound: Variable = { name: this.world.nextName("e"), type: trouble, mutable: false };
    const handler = this.make(fn.result, d - 1);
    const withText = fn.result.k === "string";
    return {
      text: () => (withText ? `(${text()} catch |${bound.name}| (str(${bound.name}) ++ ${handler.text()}))`
        : `(${text()} catch ${handler.text()})`),
      run: (f) => {
        try {
          return run(f);
        } catch (e) {
          if (!(e instanceof Failed)) throw e;
          const otherwise = handler.run(f);
          return withText ? bounded(shown(trouble, e.variant) + otherwise) : otherwise;
        }
      },
    };
  }

  protected callClosure(v: Variable, d: number): Expr {
    if (v.type.k !== "func") throw new Error("not a function");
    const args = v.type.params.map((t) => this.make(t, d - 1));
    return {
      text: () => `${v.name}(${args.map((a) => a.text()).join(", ")})`,
      run: (f) => {
        step();
        const fn = f.cell(v).value;
        return fn(args.map((a) => a.run(f)));
      },
    };
  }
}
