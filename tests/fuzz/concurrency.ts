// Concurrent statements whose result does not depend on the order in which fibers run. What a fiber computes is an
// expression over what it may capture; what the program does with it is known here, so the reference evaluator
// computes it in a loop.
import { Expressions } from "./expressions.ts";
import { bounded, type Expr, type Frame, needed, step, type Stmt, type Variable } from "./nodes.ts";
import type { Statements } from "./statements.ts";
import {
  anyType, canCross, I64, isPlain, ownCopy, Sequence, shown, slice, Table, type Type, type Value, wrap,
} from "./types.ts";

const wrapped = (x: bigint): bigint => wrap(I64, x);
const CAPACITIES = [0, 0, 1, 2, 3, 7, 64];

/** What the templates have at hand. */
class Template {
  constructor(readonly s: Statements) {}

  get r() {
    return this.s.world.r;
  }

  name(prefix: string): string {
    return this.s.world.nextName(prefix);
  }

  /** A type whose values may go from fiber to fiber. */
  crossing(): Type {
    const t = anyType(this.r, [...this.s.world.structs, ...this.s.world.enums], 1);
    return canCross(t) ? t : I64;
  }

  /** An expression for another fiber, over the variables that it may capture and over `own`. */
  inFiber(t: Type, own: Variable[] = [], depth = 2): Expr {
    const variables = this.s.scope.variables.filter((v) => !v.reference && !v.receiver && isPlain(v.type));
    return new Expressions(this.s.world, { variables: [...variables, ...own], result: null, fails: false, loops: [],
      self: null }).make(t, depth);
  }

  /** A variable for what the lines give, and its note in the digest. */
  result(type: Type, lines: (name: string) => string[], run: (f: Frame) => Value): Stmt {
    const v = this.s.variable("t", type);
    const { out } = this.s;
    const isNoted = out !== null && this.s.scope.variables.includes(out);
    const variables = this.s.scope.variables;
    // What is made of a slice of scalars that crossed keeps its length: it is not to be seen by statements that push.
    if (canCross(type)) variables.push(v);
    return {
      text: () => [...lines(v.name), ...(isNoted ? [`${out.name} = ${out.name} ++ str(${v.name}) ++ ";"`] : [])],
      run: (f) => {
        const value = run(f);
        f.set(v, value);
        if (isNoted) f.cell(out).value = bounded(`${f.cell(out).value}${shown(type, value)};`);
      },
      lists: [],
    };
  }

  index(name = "i"): Variable {
    return { name: this.name(name), type: I64, mutable: false };
  }
}

/** The values of an expression for an index from 0 up. */
function each(f: Frame, i: Variable, count: number, value: Expr): Value[] {
  return Array.from({ length: count }, (_, at) => {
    step();
    f.set(i, BigInt(at));
    return value.run(f);
  });
}

const sum = (values: bigint[]): bigint => values.reduce((a, b) => wrapped(a + b), 0n);

const templates: ((t: Template) => Stmt)[] = [
  function tasks(t) {
    const types = Array.from({ length: t.r.between(1, 4) }, () => t.crossing());
    const values = types.map((type) => t.inFiber(type));
    const names = types.map(() => t.name("task"));
    const order = names.map((_, i) => i).sort(() => t.r.below(3) - 1);
    const type: Type = { k: "tuple", of: order.map((i) => types[i]!) };
    if (order.length === 1) type.of.push(I64);
    return t.result(type, (name) => [
      `let ${name} = nursery do`,
      ...values.flatMap((value, i) => [`    let ${names[i]} = spawn func() -> ${t.s.expressions.written(types[i]!)} do`,
        `        ${i % 2 === 0 ? "yield" : "defer do yield end"}`, `        return ${value.text()}`, "    end"]),
      `    (${[...order.map((i) => `await ${names[i]}`), ...(order.length === 1 ? ["0"] : [])].join(", ")})`,
      "end",
    ], (f) => {
      const made = values.map((value, i) => ownCopy(types[i]!, value.run(f)));
      return [...order.map((i) => made[i]), ...(order.length === 1 ? [0n] : [])];
    });
  },

  function mapOfTasks(t) {
    const i = t.index();
    const type = t.crossing();
    const value = t.inFiber(type, [i]);
    const count = t.r.between(1, 12);
    const task = t.name("task");
    return t.result(slice(type), (name) => [
      `let ${name} = nursery do`,
      `    let ${task} = (0..${count}).map { |${i.name}| spawn func() -> ${t.s.expressions.written(type)} do `
        + `return ${value.text()} end }`,
      `    ${task}.map { |one| await one }`,
      "end",
    ], (f) => new Sequence(each(f, i, count, value).map((v) => ownCopy(type, v))));
  },

  function pipeline(t) {
    const i = t.index();
    const type = t.crossing();
    const x: Variable = { name: t.name("x"), type, mutable: false };
    const [first, second] = [t.inFiber(type, [i]), t.inFiber(type, [x])];
    const count = t.r.between(1, 12);
    const [a, b] = [t.name("c"), t.name("c")];
    const capacity = (): number => t.r.pick(CAPACITIES);
    const [capA, capB] = [capacity(), capacity()];
    return t.result(slice(type), (name) => [
      `let ${a} = channel[${t.s.expressions.written(type)}](${capA})`,
      `let ${b} = channel[${t.s.expressions.written(type)}](${capB})`,
      `let ${name} = nursery do`,
      "    spawn func() do",
      `        defer ${a}.close()`,
      `        for ${i.name} in 0..${count} do ${a}.send(${first.text()}) end`,
      "    end",
      "    spawn func() do",
      `        for ${x.name} in ${a} do ${b}.send(${second.text()}) end`,
      `        ${b}.close()`,
      "    end",
      `    ${b}.collect()`,
      "end",
    ], (f) => new Sequence(each(f, i, count, first).map((v) => {
      f.set(x, ownCopy(type, v));
      return ownCopy(type, second.run(f));
    })));
  },

  function fanIn(t) {
    const [p, i] = [t.index("p"), t.index()];
    const value = t.inFiber(I64, [p, i]);
    const [producers, count, consumers] = [t.r.between(1, 5), t.r.between(1, 8), t.r.between(1, 3)];
    const [c, results] = [t.name("c"), t.name("c")];
    const capacity = t.r.pick(CAPACITIES);
    return t.result(I64, (name) => [
      `let ${c} = channel[i64](${capacity})`,
      `let ${results} = channel[i64](0)`,
      `var ${name} = 0`,
      "nursery do",
      "    spawn func() do",
      "        nursery do",
      `            for ${p.name} in 0..${producers} do`,
      "                spawn func() do",
      `                    for ${i.name} in 0..${count} do ${c}.send(${value.text()}) end`,
      "                end",
      "            end",
      "        end",
      `        ${c}.close()`,
      "    end",
      `    for _ in 0..${consumers} do`,
      "        spawn func() do",
      "            var total = 0",
      `            while let got = ${c}.recv() do total = total +% got end`,
      `            ${results}.send(total)`,
      "        end",
      "    end",
      `    for _ in 0..${consumers} do ${name} = ${name} +% ${results}.recv().? end`,
      "end",
    ], (f) => sum(Array.from({ length: producers }, (_, at) => {
      f.set(p, BigInt(at));
      return sum(each(f, i, count, value));
    })));
  },

  function counter(t) {
    const i = t.index();
    const value = t.inFiber(I64, [i]);
    const fibers = t.r.between(1, 12);
    const n = t.name("n");
    const limit = t.r.pick(["", "(limit: 1)", "(limit: 3)"]);
    return t.result(I64, (name) => [
      `let ${n} = Atomic.new(0)`,
      `nursery${limit} do`,
      `    for ${i.name} in 0..${fibers} do`,
      "        spawn func() do",
      `            let by = ${value.text()}`,
      `            ${n}.fetch_update { |old| old +% by }`,
      "        end",
      "    end",
      "end",
      `let ${name} = ${n}.load()`,
    ], (f) => sum(each(f, i, fibers, value)));
  },

  function mutex(t) {
    const i = t.index();
    const value = t.inFiber(I64, [i]);
    const [fibers, rounds] = [t.r.between(1, 8), t.r.between(1, 3)];
    const m = t.name("m");
    return t.result({ k: "map", key: I64, of: I64 }, (name) => [
      `let ${m} = mutex_new({ 0: 0, 1: 0 })`,
      "nursery do",
      `    for ${i.name} in 0..${fibers} do`,
      "        spawn func() do",
      `            for _ in 0..${rounds} do`,
      `                using guard := ${m}.lock().unwrap() do`,
      "                    yield",
      `                    guard.with { |all| all.set(${i.name} % 2, (all[${i.name} % 2] ?? 0) +% ${value.text()}) }`,
      "                end",
      "            end",
      "        end",
      "    end",
      "end",
      `let guard_${name} = ${m}.lock().unwrap()`,
      `let ${name} = guard_${name}.get()`,
      `guard_${name}.unlock()`,
    ], (f) => {
      const totals = [0n, 0n];
      each(f, i, fibers, value).forEach((v, at) => {
        for (let round = 0; round < rounds; round++) totals[at % 2] = wrapped(totals[at % 2]! + v);
      });
      const table = new Table();
      totals.forEach((total, at) => table.entries.set(String(at), [BigInt(at), total]));
      return table;
    });
  },

  function selectFanIn(t) {
    const i = t.index();
    const [left, right] = [t.inFiber(I64, [i]), t.inFiber(I64, [i])];
    const [countA, countB] = [t.r.below(8), t.r.below(8)];
    const [a, b] = [t.name("c"), t.name("c")];
    const [capA, capB] = [t.r.pick(CAPACITIES), t.r.pick(CAPACITIES)];
    return t.result(I64, (name) => [
      `let ${a} = channel[i64](${capA})`,
      `let ${b} = channel[i64](${capB})`,
      `var ${name} = 0`,
      "nursery do",
      ...([[a, countA, left], [b, countB, right]] as const).flatMap(([c, count, value]) => [
        "    spawn func() do",
        `        for ${i.name} in 0..${count} do`,
        `            let value = ${value.text()}`,
        `            select do send ${c}, value do yield end end`,
        "        end",
        `        ${c}.close()`,
        "    end"]),
      "    var open = 2",
      "    var a_open = true",
      "    var b_open = true",
      "    while open > 0 do",
      "        if a_open and b_open do",
      "            select do",
      `                recv ${a} |x| do ${name} = ${name} +% x end`,
      `                recv ${b} |x| do ${name} = ${name} -% x end`,
      `                closed ${a} do`,
      "                    a_open = false",
      "                    open -= 1",
      "                end",
      `                closed ${b} do`,
      "                    b_open = false",
      "                    open -= 1",
      "                end",
      "            end",
      "        else if a_open do",
      `            for x in ${a} do ${name} = ${name} +% x end`,
      "            open -= 1",
      "        else",
      `            for x in ${b} do ${name} = ${name} -% x end`,
      "            open -= 1",
      "        end",
      "    end",
      "end",
    ], (f) => wrapped(sum(each(f, i, countA, left)) - sum(each(f, i, countB, right))));
  },

  function cancelled(t) {
    const fibers = t.r.between(1, 8);
    const [started, n, never] = [t.name("c"), t.name("n"), t.name("c")];
    const way = t.r.pick([`${never}.recv()`, "sleep(60000)", `${never}.send(1)`, `for x in ${never} do yield end`,
      "while not is_cancelled() do yield end",
      `select do recv ${never} |x| do yield end timeout 60000 do yield end end`,
      `nursery do spawn func() do ${never}.recv() end end`]);
    const inner = t.r.chance(50) ? ["                shield do sleep(0) end"] : ["                yield"];
    const capacity = t.r.pick(CAPACITIES);
    return t.result(I64, (name) => [
      `let ${started} = channel[bool](${capacity})`,
      `let ${never} = channel[i64](0)`,
      `let ${n} = Atomic.new(0)`,
      "nursery |scope| do",
      `    for _ in 0..${fibers} do`,
      "        spawn func() do",
      "            defer do",
      ...inner,
      `                ${n}.fetch_add(1)`,
      "            end",
      `            ${started}.send(true)`,
      `            ${way}`,
      "        end",
      "    end",
      `    for _ in 0..${fibers} do ${started}.recv() end`,
      "    scope.cancel()",
      "end",
      `let ${name} = ${n}.load()`,
    ], () => BigInt(fibers));
  },

  function failing(t) {
    const value = t.inFiber(I64);
    const { trouble } = t.s.world;
    const error = t.s.expressions.literal(trouble, 0);
    const siblings = t.r.below(4);
    const [n, never, ready] = [t.name("n"), t.name("c"), t.name("c")];
    const way = t.r.pick([`${never}.recv()`, "sleep(60000)", "while not is_cancelled() do yield end"]);
    return t.result({ k: "tuple", of: [I64, I64] }, (name) => [
      `let ${n} = Atomic.new(0)`,
      `let ${never} = channel[i64](0)`,
      `let ${ready} = channel[bool](${siblings})`,
      `let ${name}_value = nursery do`,
      `    for _ in 0..${siblings} do`,
      "        spawn func() do",
      `            defer ${n}.fetch_add(1)`,
      `            ${ready}.send(true)`,
      `            ${way}`,
      "        end",
      "    end",
      `    let fails = spawn func() -> i64 ! ${t.s.expressions.written(trouble)} do`,
      `        for _ in 0..${siblings} do ${ready}.recv() end`,
      `        if ${n}.load() == 0 do fail ${error.text()} end`,
      `        return ${value.text()}`,
      "    end",
      "    await fails catch -1",
      "end catch -7",
      `let ${name} = (${name}_value, ${n}.load())`,
    ], () => [-7n, BigInt(siblings)]);
  },

  function sharedSlice(t) {
    const i = t.index();
    const value = t.inFiber(I64, [i]);
    const count = t.r.between(1, 10);
    const xs = t.name("xs");
    return t.result(slice(I64), (name) => [
      `let ${xs} = (0..${count}).to_array()`,
      "nursery do",
      `    for ${i.name} in 0..${count} do`,
      `        spawn func() do ${xs}[${i.name}] = ${xs}[${i.name}] +% ${value.text()} end`,
      "    end",
      "end",
      `let ${name} = clone(${xs})`,
    ], (f) => new Sequence(each(f, i, count, value).map((v, at) => wrapped(v + BigInt(at)))));
  },

  function tree(t) {
    const value = t.inFiber(I64);
    const depth = t.r.between(1, 5);
    return t.result(I64, (name) => {
      needed.add(t.s.world.declared.get("fiber_sum")!);
      return [`let ${name} = fiber_sum(${depth}, ${value.text()})`];
    }, (f) => wrapped(value.run(f) << BigInt(depth)));
  },

  function requests(t) {
    const i = t.index();
    const type = t.crossing();
    const value = t.inFiber(type, [i]);
    const clients = t.r.between(1, 6);
    const [server, capacity] = [t.name("c"), t.r.pick(CAPACITIES)];
    const written = (): string => t.s.expressions.written(type);
    return t.result(slice(type), (name) => [
      `let ${server} = channel[(i64, Channel[${written()}])](${capacity})`,
      `let ${name} = nursery do`,
      "    spawn func() do",
      `        for request in ${server} do`,
      `            let (${i.name}, reply) = request`,
      `            reply.send(${value.text()})`,
      "        end",
      "    end",
      `    let clients = (0..${clients}).map { |k| spawn func() -> ${written()} do`,
      `        let reply = channel[${written()}](0)`,
      `        ${server}.send((k, reply))`,
      "        return reply.recv().?",
      "    end }",
      "    let answers = clients.map { |one| await one }",
      `    ${server}.close()`,
      "    answers",
      "end",
    ], (f) => new Sequence(each(f, i, clients, value).map((v) => ownCopy(type, v))));
  },

  function deadline(t) {
    const waits = t.r.pick(["sleep(60000)", "channel[i64](0).recv()", "while not is_cancelled() do yield end"]);
    const n = t.name("n");
    return t.result(I64, (name) => [
      `let ${n} = Atomic.new(1)`,
      `let ${name}_early = nursery(deadline: 3) do`,
      "    spawn func() do",
      `        defer ${n}.fetch_add(10)`,
      `        ${waits}`,
      "    end",
      "    sleep(60000)",
      "    0",
      "end catch 5",
      `let ${name} = ${name}_early + ${n}.load()`,
    ], () => 16n);
  },
];

/** A statement that starts fibers and knows what comes out. */
export function concurrent(s: Statements): Stmt {
  return s.world.r.pick(templates)(new Template(s));
}
