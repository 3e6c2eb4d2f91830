// Random statements, each with what it does in the reference evaluator. Loops are bounded by construction; what leaves
// a block early stands under a condition, because the checker refuses code that nothing can reach.
import { arithmetic } from "./arithmetic.ts";
import { Expressions } from "./expressions.ts";
import { keyOf, type Scope, type World } from "./literals.ts";
import {
  bounded, deferred, type Expr, Failed, Frame, indented, Left, Panic, Returned, runBlock, step, type Stmt, TooMuch,
  type Variable,
} from "./nodes.ts";
import { concurrent } from "./concurrency.ts";
import {
  anyType, BOOL, copied, type FuncType, I64, type IntType, same, shown, slice, type Type, type Value,
} from "./types.ts";

export interface Place {
  type: Type;
  text(): string;
  get(frame: Frame): Value;
  set(frame: Frame, value: Value): void;
}

/** A loop's end: gives true when the loop goes on, throws what is meant for somebody else. */
export function goesOn(e: unknown, label: string | null): boolean {
  if (!(e instanceof Left) || (e.label !== null && e.label !== label)) throw e;
  return e.how === "continue";
}

export class Statements {
  readonly expressions: Expressions;

  constructor(readonly world: World, readonly scope: Scope, readonly out: Variable | null, readonly depth: number) {
    this.expressions = new Expressions(world, scope);
  }

  private get r() {
    return this.world.r;
  }

  private expr(t: Type, depth = 3): Expr {
    return this.expressions.make(t, depth);
  }

  private type(depth = 2): Type {
    return anyType(this.r, [...this.world.structs, ...this.world.enums], depth);
  }

  variable(prefix: string, type: Type, mutable = false): Variable {
    return { name: this.world.nextName(prefix), type, mutable };
  }

  /** A list of statements with its own names. */
  block(count: number, variables: Variable[] = [], change: Partial<Scope> = {}): Stmt[] {
    const scope = { ...this.scope, variables: [...this.scope.variables, ...variables], ...change };
    return new Statements(this.world, scope, this.out, this.depth - 1).list(count);
  }

  list(count: number): Stmt[] {
    return Array.from({ length: count }, () => this.statement());
  }

  private statement(): Stmt {
    const simple = [() => this.let(), () => this.let(), () => this.assign(), () => this.assign(), () => this.change(),
      () => this.change(), () => this.note(), () => this.note(), () => this.closure(), () => this.reference(),
      () => this.compound(), () => this.method()];
    const nested = [() => this.if(), () => this.for(), () => this.while(), () => this.match(), () => this.defer(),
      () => this.leave(), () => this.plainBlock(), () => this.forIn(), () => concurrent(this), () => concurrent(this),
      () => this.leave()];
    return this.r.pick(this.depth > 0 && this.r.chance(45) ? nested : simple)();
  }

  // ------------------------------------------------------------ variables

  /** Makes a name visible from here on. */
  declare(v: Variable, value: Expr): Stmt {
    this.scope.variables.push(v);
    return {
      text: () => [`${v.mutable ? "var" : "let"} ${v.name}: ${this.expressions.written(v.type)} = ${value.text()}`],
      run: (f) => f.set(v, value.run(f)),
      lists: [],
    };
  }

  private let(): Stmt {
    const type = this.type();
    const value = this.expr(type);
    // A second `let` of a name hides the first.
    const hidden = this.r.chance(10) ? this.scope.variables.filter((v) => !v.mutable && /^v/.test(v.name)) : [];
    const v = this.variable("v", type, hidden.length === 0 && this.r.chance(60));
    if (hidden.length > 0) {
      const old = this.r.pick(hidden);
      v.name = old.name;
      this.scope.variables.splice(this.scope.variables.indexOf(old), 1);
    }
    return this.declare(v, value);
  }

  private closure(): Stmt {
    const params = Array.from({ length: this.r.below(3) }, () => this.type(1));
    const result = this.type(1);
    const type: FuncType = { k: "func", params, result };
    const names = params.map((t) => this.variable("c", t));
    const scope = { ...this.scope, variables: [...this.scope.variables, ...names], result, fails: false, loops: [] };
    const body = new Statements(this.world, scope, this.out, this.depth - 1).list(this.depth > 0 ? this.r.below(3) : 0);
    const last = new Expressions(this.world, scope).make(result, 2);
    const v = this.variable("fn", type);
    this.scope.variables.push(v);
    const { expressions } = this;
    return {
      text: () => [
        `let ${v.name} = func(${names.map((n) => `${n.name}: ${expressions.written(n.type)}`).join(", ")}) -> `
          + `${expressions.written(result)} do`,
        ...indented(body), `    return ${last.text()}`, "end",
      ],
      run: (f) => {
        const kept = new Frame(f);
        f.set(v, (args: Value[]) => {
          step();
          const frame = new Frame(kept);
          names.forEach((n, i) => frame.set(n, args[i]));
          return called(body, last, frame);
        });
      },
      lists: [body],
    };
  }

  /** `let p = &v`: another name for the variable. */
  private reference(): Stmt {
    const owners = this.scope.variables.filter((v) => v.mutable && v.type.k === "struct" && !v.reference
      && !v.receiver);
    if (owners.length === 0) return this.let();
    const owner = this.r.pick(owners);
    const v: Variable = { ...this.variable("r", owner.type), mutable: true, reference: true };
    this.scope.variables.push(v);
    return { text: () => [`let ${v.name} = &${owner.name}`], run: (f) => f.cells.set(v, f.cell(owner)), lists: [] };
  }

  private places(): Place[] {
    const found: Place[] = [];
    const visit = (place: Place, depth: number): void => {
      found.push(place);
      if (depth === 0) return;
      const parts: { name: string; type: Type; index: number }[] = place.type.k === "struct"
        ? place.type.fields.map((field, index) => ({ name: `.${field.name}`, type: field.type, index }))
        : place.type.k === "tuple" ? place.type.of.map((type, index) => ({ name: `.${index}`, type, index }))
        : place.type.k === "fixed" ? [{ name: "[0]", type: place.type.of, index: 0 }] : [];
      for (const part of parts) {
        const base = place;
        visit({
          type: part.type,
          text: () => `${base.text().replace(/\.\*$/, "")}${part.name}`,
          get: (f) => base.get(f)[part.index],
          set: (f, value) => {
            base.get(f)[part.index] = value;
          },
        }, depth - 1);
      }
    };
    for (const v of this.scope.variables) {
      if (!v.mutable || v.type.k === "func") continue;
      const before = found.length;
      visit({
        type: v.type, text: () => (v.reference ? `${v.name}.*` : v.name), get: (f) => f.cell(v).value,
        set: (f, value) => {
          f.cell(v).value = value;
        },
      }, 2);
      if (v.receiver) found.splice(before, 1);
    }
    return found;
  }

  private assign(): Stmt {
    const places = this.places();
    if (places.length === 0) return this.let();
    const place = this.r.pick(places);
    const value = this.expr(place.type);
    const twins = places.filter((other) => same(other.type, place.type));
    if (twins.length > 1 && this.r.chance(20)) {
      const other = this.r.pick(twins);
      return {
        text: () => [`${place.text()}, ${other.text()} = ${other.text()}, ${value.text()}`],
        run: (f) => {
          const [first, second] = [copied(place.type, other.get(f)), value.run(f)];
          place.set(f, first);
          other.set(f, second);
        },
        lists: [],
      };
    }
    return { text: () => [`${place.text()} = ${value.text()}`], run: (f) => place.set(f, value.run(f)), lists: [] };
  }

  private compound(): Stmt {
    const places = this.places().filter((place) => place.type.k === "int" || place.type.k === "string");
    if (places.length === 0) return this.let();
    const place = this.r.pick(places);
    const value = this.expr(place.type, 2);
    if (place.type.k === "string") {
      return { text: () => [`${place.text()} += ${value.text()}`], lists: [],
        run: (f) => {
          const before = place.get(f);
          place.set(f, bounded(before + value.run(f)));
        } };
    }
    const type = place.type as IntType;
    const op = this.r.pick(["+", "-", "*"]);
    let isSafe = false;
    return {
      text: () => [`${place.text()} ${isSafe ? "" : op}= ${value.text()}`],
      run: (f) => {
        const before = place.get(f);
        const right = value.run(f);
        const made = isSafe ? right : arithmetic(type, op, before, right);
        if (typeof made === "string") throw new Panic(made, () => void (isSafe = true));
        place.set(f, made);
      },
      lists: [],
    };
  }

  /** A change of a slice, a map or a set, which everybody sees who holds it. */
  private change(): Stmt {
    const owners = this.scope.variables.filter((v) => v.type.k === "slice" || v.type.k === "map" || v.type.k === "set");
    if (owners.length === 0) return this.let();
    const v = this.r.pick(owners);
    const stmt = (text: () => string, run: (f: Frame) => void): Stmt => ({ text: () => [text()], run, lists: [] });
    if (v.type.k === "slice") {
      const { of } = v.type;
      const value = this.expr(of, 2);
      const items = (f: Frame): Value[] => f.cell(v).value.items;
      switch (this.r.below(8)) {
        case 0: case 1: return stmt(() => `${v.name}.push(${value.text()})`, (f) => {
          const made = value.run(f);
          if (items(f).push(made) > 60) throw new TooMuch();
        });
        case 2: return stmt(() => `${v.name}.pop()`, (f) => void items(f).pop());
        case 3: return stmt(() => `${v.name}.reverse()`, (f) => void items(f).reverse());
        case 4: return stmt(() => `if ${v.name}.len > 2 do ${v.name}.swap(0, 2) end`, (f) => {
          const all = items(f);
          if (all.length > 2) [all[0], all[2]] = [all[2], all[0]];
        });
        case 5: return stmt(() => `if ${v.name}.len > 1 do ${v.name}.remove(1) end`, (f) => {
          if (items(f).length > 1) items(f).splice(1, 1);
        });
        case 6: return stmt(() => `${v.name}.insert(0, ${value.text()})`, (f) => {
          const made = value.run(f);
          if (items(f).unshift(made) > 60) throw new TooMuch();
        });
        default: return stmt(() => `if ${v.name}.len > 0 do ${v.name}[0] = ${value.text()} end`, (f) => {
          if (items(f).length === 0) return;
          const made = value.run(f);
          if (items(f).length > 0) items(f)[0] = made;
          else throw new TooMuch();
        });
      }
    }
    if (v.type.k === "map") {
      const { key, of } = v.type;
      const [at, value] = [this.expr(key, 1), this.expr(of, 2)];
      if (this.r.chance(25)) {
        return stmt(() => `${v.name}.remove(${at.text()})`, (f) => {
          const { entries } = f.cell(v).value;
          entries.delete(keyOf(key, at.run(f)));
        });
      }
      return stmt(() => `${v.name}.set(${at.text()}, ${value.text()})`, (f) => {
        const { entries } = f.cell(v).value;
        const where = at.run(f);
        const made = value.run(f);
        const before = entries.get(keyOf(key, where));
        entries.set(keyOf(key, where), [before === undefined ? where : before[0], made]);
      });
    }
    const of = (v.type as { of: Type }).of;
    const item = this.expr(of, 2);
    const [name, isAdd] = this.r.chance(70) ? ["add", true] : ["remove", false];
    return stmt(() => `${v.name}.${name}(${item.text()})`, (f) => {
      const { entries } = f.cell(v).value;
      const made = item.run(f);
      const at = keyOf(of, made);
      if (!isAdd) entries.delete(at);
      else if (!entries.has(at)) entries.set(at, [made, true]);
    });
  }

  /** A call of the method that changes its receiver. */
  private method(): Stmt {
    const owners = this.scope.variables.filter((v) => v.mutable && v.type.k === "struct" && !v.receiver);
    if (owners.length === 0) return this.note();
    const v = this.r.pick(owners);
    const by = this.expr(I64, 2);
    const { type } = v;
    if (type.k !== "struct") return this.note();
    const bump = this.world.bumps.get(type)!;
    return {
      text: () => {
        this.expressions.written(type);
        return [`${v.name}.bump(${by.text()})`];
      },
      run: (f) => bump(f.cell(v), by.run(f)),
      lists: [],
    };
  }

  /** Something for the digest of the case. */
  note(): Stmt {
    const { out } = this;
    if (out === null || !this.scope.variables.includes(out)) return this.let();
    const type = this.type();
    const value = this.expr(type);
    return this.append(type, value);
  }

  append(type: Type, value: Expr): Stmt {
    const out = this.out!;
    return {
      text: () => [`${out.name} = ${out.name} ++ str(${value.text()}) ++ ";"`],
      run: (f) => {
        const before = f.cell(out).value;
        f.cell(out).value = bounded(`${before}${shown(type, value.run(f))};`);
      },
      lists: [],
    };
  }

  // ------------------------------------------------------------ control

  private if(): Stmt {
    const test = this.expr(BOOL, 2);
    const [yes, no] = [this.block(this.r.between(1, 3)), this.block(this.r.below(3))];
    return {
      text: () => [`if ${test.text()} do`, ...indented(yes),
        ...(no.length > 0 ? ["else", ...indented(no)] : []), "end"],
      run: (f) => runBlock(test.run(f) ? yes : no, f),
      lists: [yes, no],
    };
  }

  private label(): string | null {
    return this.r.chance(30) ? this.world.nextName("l") : null;
  }

  private for(): Stmt {
    const i = this.variable("i", I64);
    const label = this.label();
    const [from, count] = [this.r.below(3), this.r.between(1, 4)];
    const inclusive = this.r.chance(30);
    const body = this.block(this.r.between(1, 3), [i], { loops: [...this.scope.loops, label] });
    return {
      text: () => [`${label === null ? "" : `${label}: `}for ${i.name} in ${from}..${inclusive ? "=" : ""}`
        + `${from + count - (inclusive ? 1 : 0)} do`, ...indented(body), "end"],
      run: (f) => {
        for (let n = from; n < from + count; n++) {
          f.set(i, BigInt(n));
          try {
            runBlock(body, f);
          } catch (e) {
            if (!goesOn(e, label)) break;
          }
        }
      },
      lists: [body],
    };
  }

  private forIn(): Stmt {
    const label = this.label();
    const of = this.type(1);
    const [i, x] = [this.variable("i", I64), this.variable("x", of)];
    const items = this.expr(slice(of), 2);
    const body = this.block(this.r.between(1, 3), [i, x], { loops: [...this.scope.loops, label] });
    return {
      text: () => [`${label === null ? "" : `${label}: `}for ${i.name}, ${x.name} in ${items.text()} do`,
        ...indented(body), "end"],
      run: (f) => {
        const all = items.run(f).items;
        for (let n = 0; n < all.length; n++) {
          step();
          f.set(i, BigInt(n));
          f.set(x, copied(of, all[n]));
          try {
            runBlock(body, f);
          } catch (e) {
            if (!goesOn(e, label)) break;
          }
        }
      },
      lists: [body],
    };
  }

  private while(): Stmt {
    const n = this.variable("w", I64);
    const label = this.label();
    const limit = this.r.between(1, 4);
    const test = this.expr(BOOL, 1);
    const isLoop = this.r.chance(30);
    const body = this.block(this.r.between(1, 3), [n], { loops: [...this.scope.loops, label] });
    const named = label === null ? "" : `${label}: `;
    return {
      text: () => [
        `var ${n.name} = 0`,
        ...(isLoop ? [`${named}loop do`, `    if ${n.name} >= ${limit} or ${test.text()} do break end`]
          : [`${named}while ${n.name} < ${limit} and not ${test.text()} do`]),
        `    ${n.name} += 1`, ...indented(body), "end",
      ],
      run: (f) => {
        f.set(n, 0n);
        while (f.cell(n).value < limit && !test.run(f)) {
          f.cell(n).value += 1n;
          try {
            runBlock(body, f);
          } catch (e) {
            if (!goesOn(e, label)) break;
          }
        }
      },
      lists: [body],
    };
  }

  private match(): Stmt {
    const of = this.r.pick(this.world.enums);
    const subject = this.expr(of, 2);
    const arms = of.variants.map(({ types }) => {
      const names = types.map((t) => this.variable("p", t));
      return { names, body: this.block(this.r.between(1, 2), names) };
    });
    return {
      text: () => [`match ${subject.text()} {`, ...arms.flatMap(({ names, body }, i) => {
        const parts = names.length === 0 ? "" : `(${names.map((n) => n.name).join(", ")})`;
        const name = of.variants[i]!.name;
        return [`    .${name}${parts} => do`, ...indented(body).map((line) => `    ${line}`), "    end,"];
      }), "}"],
      run: (f) => {
        const value = subject.run(f);
        const arm = arms[value.index]!;
        arm.names.forEach((name, i) => f.set(name, copied(name.type, value.parts[i])));
        runBlock(arm.body, f);
      },
      lists: arms.map((arm) => arm.body),
    };
  }

  private plainBlock(): Stmt {
    const body = this.block(this.r.between(1, 3));
    return { text: () => ["do", ...indented(body), "end"], run: (f) => runBlock(body, f), lists: [body] };
  }

  private defer(): Stmt {
    const body = this.block(this.r.between(1, 2), [], { result: null, fails: false, loops: [] });
    return {
      text: () => ["defer do", ...indented(body), "end"],
      run: (f) => deferred.get(f)!.push(() => runBlock(body, f)),
      lists: [body],
    };
  }

  /** A way out, under a condition. */
  private leave(): Stmt {
    const test = this.expr(BOOL, 2);
    const { loops, result, fails } = this.scope;
    const ways: (() => Stmt)[] = [];
    const under = (text: () => string, run: (f: Frame) => void): Stmt => ({
      text: () => [`if ${test.text()} do ${text()} end`],
      run: (f) => {
        if (test.run(f)) run(f);
      },
      lists: [],
    });
    if (loops.length > 0) {
      const how = this.r.pick(["break", "continue"] as const);
      const label = this.r.pick(loops.filter((l, i) => l !== null || i === loops.length - 1).concat(null));
      ways.push(() => under(() => (label === null ? how : `${how} ${label}`), () => {
        throw new Left(how, label);
      }));
    }
    if (result !== null) {
      const value = this.expr(result, 2);
      ways.push(() => under(() => `return ${value.text()}`, (f) => {
        throw new Returned(value.run(f));
      }));
    }
    if (fails) {
      const { trouble } = this.world;
      const error = this.expressions.literal(trouble, 1);
      ways.push(() => under(() => `fail ${error.text()}`, (f) => {
        throw new Failed(error.run(f));
      }));
    }
    return ways.length === 0 ? this.note() : this.r.pick(ways)();
  }
}

/** A function's body and last value. */
export function called(body: Stmt[], last: Expr, frame: Frame): Value {
  let value: Value;
  try {
    runBlock([...body, { text: () => [], lists: [], run: (f) => void (value = last.run(f)) }], frame);
  } catch (e) {
    if (!(e instanceof Returned)) throw e;
    return e.value;
  }
  return value;
}
