// Fused steps do what the closures do, wherever they are interrupted: whole programs run on both tiers, preempted at
// every point that counts reductions, suspended at every depth, and moved from one tier to the other in the middle.
import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import { checkProgram, type Program } from "../../sema/index.ts";
import { Sources } from "../../sema/sources.ts";
import { BOOL } from "../../sema/types.ts";
import { walk } from "../../sema/walk.ts";
import { PanicValue, type Resume } from "../code.ts";
import { useDeclarations } from "../declarations.ts";
import type { Host } from "../host.ts";
import { bootCode } from "../lower/boot.ts";
import { compilers } from "../lower/compile.ts";
import { ProgramDeclarations } from "../lower/declarations.ts";
import { Instances } from "../lower/instances.ts";
import { intrinsicCalls } from "../lower/intrinsics.ts";
import { Kind, machine, newFrame, STOP, VOID, Why } from "../machine.ts";

const STD = join(import.meta.dir, "../../../std");

interface Way {
  firstTier: 0 | 1;
  /** reductions before the fiber gives way, again and again. */
  slice: number;
  /** promote what is suspended, each time. */
  promotes: boolean;
}

interface Ran {
  output: string;
  panic: string | null;
  suspensions: number;
}

function run(program: Program, way: Way): Ran {
  const declared = new ProgramDeclarations(program, () => {});
  useDeclarations(declared);
  const numbers = new Map<string, number>();
  const instances: Instances = new Instances(program, declared, compilers, intrinsicCalls({}), (key) => {
    if (!numbers.has(key)) numbers.set(key, numbers.size);
    return numbers.get(key)!;
  });
  let output = "";
  machine.host = {
    surplus: () => true,
    offer: () => {},
    stackOverflow: () => machine.panic("P007", "too deep"),
    write: (_fd: number, bytes: string) => {
      output += bytes;
      return VOID;
    },
    freezeShared: () => VOID,
    showError: (error: any) => error.name,
  } as unknown as Host;
  machine.firstTier = way.firstTier;
  machine.hurry = true;
  machine.cont = [];
  machine.kind = Kind.None;
  machine.stack = 1 << 20;
  machine.depth = 0;
  machine.red = way.slice;
  const code = bootCode(instances, program.globals, instances.ofFunction(program.main!, []));
  let v = code.body(newFrame(code));
  let base = 0;
  let suspensions = 0;
  for (;;) {
    if (v === STOP && machine.stopped() === Kind.Suspend) {
      suspensions++;
      const entries: any[][] = [];
      for (let i = base; i < machine.cont.length; i += 3) entries.push(machine.cont.slice(i, i + 3));
      machine.cont.length = base;
      for (const entry of entries.reverse()) machine.cont.push(...entry);
      machine.kind = Kind.None;
      machine.depth = 0;
      machine.red = way.slice;
      expect([Why.Preempted, Why.Depth]).toContain(machine.why);
      if (way.promotes) {
        for (let i = 0; i < machine.cont.length; i += 3) {
          const owner = (machine.cont[i] as Resume).code!;
          if (owner.tier === 0 && owner.key !== "boot") owner.promote();
        }
      }
      v = VOID;
    }
    if (machine.cont.length === 0) break;
    const [left, frame, state] = machine.cont.splice(machine.cont.length - 3, 3) as [Resume, any, any];
    base = machine.cont.length;
    if (v !== STOP) machine.kind = Kind.None;
    v = left.code!.resumes[left.id!]!(frame, state, v);
  }
  const panic = v === STOP && machine.value instanceof PanicValue ? machine.value : null;
  return { output, panic: panic === null ? null : `${panic.code} ${panic.message} ${panic.trace.length}`, suspensions };
}

afterEach(() => {
  machine.firstTier = 0;
  machine.hurry = false;
});

/** The program prints this on every tier, however it is interrupted. */
function everyWay(name: string, text: string, output: string, panic: string | null = null): void {
  test(name, () => {
    const { program, diagnostics } = checkProgram({ id: 0, name: "test.jan", text }, new Sources(STD));
    expect(diagnostics.map((d) => d.message)).toEqual([]);
    const whole = run(program, { firstTier: 0, slice: 1 << 30, promotes: false });
    expect([whole.output, whole.panic]).toEqual([output, panic]);
    for (const firstTier of [0, 1] as const) {
      for (const promotes of [false, true]) {
        for (const slice of [0, 1, 2, 5, 1 << 30]) {
          const way = { firstTier, slice, promotes };
          const ran = run(program, way);
          expect([way, ran.output, ran.panic]).toEqual([way, output, panic]);
          if (slice === 0) expect(ran.suspensions).toBeGreaterThan(3);
        }
      }
    }
  });
}

test("what the checker takes for not null is looked at again where it is read, on both tiers", () => {
  const text = `
struct Holder { value: ?i64 }
func local(x: ?i64) -> i64 do
    var y = x
    if y == null do return 0 end
    return y
end
func field(h: Holder) -> i64 do
    if h.value == null do return 0 end
    return h.value
end
func main() do
    println(NAME)
end
`;
  for (const [call, name] of [["local(null)", "y"], ["field(Holder { value: null })", "value"]] as const) {
    const { program } = checkProgram({ id: 0, name: "test.jan", text: text.replace("NAME", call) }, new Sources(STD));
    for (const firstTier of [0, 1] as const) {
      const { output, panic } = run(program, { firstTier, slice: 1 << 30, promotes: false });
      expect([output, panic]).toEqual(["0\n", null]);
    }
    // as if the checker were mistaken: the tests turned off that its facts come from
    walk(program.units[0]!.decls, (node) => {
      if (node.kind === "If") Object.assign(node, { cond: { kind: "Test", expr: NEVER_TRUE } });
    });
    for (const firstTier of [0, 1] as const) {
      const { output, panic } = run(program, { firstTier, slice: 1 << 30, promotes: false });
      expect([output, panic]).toEqual(["", `P008 \`${name}\` was not null when it was tested, and is now 3`]);
    }
  }
});

const NEVER_TRUE = { kind: "BoolLit", value: false, span: { start: 0, end: 0 }, ty: BOOL };

everyWay("calls with one, two and more arguments, one in another", `
func one(n: i64) -> i64 do return n + 1 end
func two(a: i64, b: i64) -> i64 do return a * 10 + b end
func three(a: i64, b: i64, c: i64) -> i64 do return two(two(a, b), c) end
func fib(n: i64) -> i64 do
    if n < 2 do return n end
    return fib(n - 1) + fib(n - 2)
end
func main() do
    println(one(one(1)), " ", two(one(1), one(2)), " ", three(one(0), one(1), two(0, one(2))), " ", fib(10))
end
`, "3 23 123 55\n");

everyWay("loops in loops, with break and continue to either", `
func main() do
    var seen = ""
    outer: for x in 0..4 do
        for y in 0..=3 do
            if y == 2 do continue outer end
            if x == 2 do break outer end
            seen += $"{x}{y} "
        end
    end
    var n = 0
    while n < 10 do
        n += 1
        if n % 2 == 0 do continue end
        if n > 7 do break end
        seen += $"{n} "
    end
    rounds: loop do
        n -= 1
        var k = 0
        while true do
            k += 1
            if k > n do break end
            if n < 4 do break rounds end
        end
    end
    println(seen, n, " ", k_of(3))
end
func k_of(limit: i64) -> i64 do
    for k in 0..100 do
        for j in 0..k do
            if j * k > limit do return k * 10 + j end
        end
    end
    return -1
end
`, "00 01 10 11 1 3 5 7 3 32\n");

everyWay("elements, fields, and assignment with operators", `
struct Point { x: i64, y: f64 }
func bump(n: i64) -> i64 do return n + 1 end
func main() do
    var xs = [1, 2, 3]
    var p = Point { y: 1.5, x: bump(3) }
    xs[bump(0)] += bump(10)
    xs[0] = xs[1] - xs[2]
    p.x -= bump(1)
    p.y *= 2.0
    let q = &p
    q.x += xs[0]
    for i in 0..xs.len do xs[i] = xs[i] * bump(i) end
    println(xs, " ", p, " ", -xs[0], " ", xs[bump(0)..xs.len], " ", "hello"[1..bump(2)])
end
`, "[10, 26, 9] Point { x: 12, y: 3.0 } -10 [26, 9] el\n");

everyWay("whole numbers leave the quick way when they are large", `
func up(n: i64) -> i64 do return n end
func main() do
    let big = up(9007199254740991)
    println(big + up(1), " ", big * up(3), " ", (big + 1) % up(10), " ", (big + 2) / up(-3), " ", -big - up(2))
    println(up(7) / up(-2), " ", up(-7) % up(3), " ", up(-8) >> up(1), " ", up(1) << up(40), " ", up(5) ^ up(1), " ",
        up(0) * up(-1), " ", (up(0) * up(-1)) as f64)
    var near: u8 = 250
    near += 5
    println(near, " ", near & 15)
end
`, "9007199254740992 27021597764222973 2 -3002399751580331 -9007199254740993\n" +
  "-3 -1 -4 1099511627776 4 0 0.0\n255 15\n");

everyWay("a panic in the middle says where, through every call", `
func at(xs: []i64, i: i64) -> i64 do return xs[i] end
func sum(xs: []i64, n: i64) -> i64 do
    var total = 0
    for i in 0..n do total += at(xs, i) end
    return total
end
func main() do
    println(sum([1, 2, 3], 3))
    println(sum([1, 2, 3], 4))
end
`, "6\n", "P001 index 3 is out of bounds: the length is 3 4");

everyWay("failures, absences, and closures that are lent", `
error Trouble { Odd(i64) }
func half(n: i64) -> i64 ! Trouble do
    if n % 2 == 1 do fail Odd(n) end
    return n / 2
end
func quarter(n: i64) -> i64 ! Trouble do return half(half(n)?)? end
func find(n: i64) -> ?i64 do return if n > 2 do n else null end end
func all(ns: []i64) -> []i64 ! Trouble do return ns.map { |n| half(n)? } end
func main() do
    println(quarter(8) catch -1, " ", quarter(6) catch |e| do -2 end, " ", find(1) ?? 10, " ", find(3) ?? 10)
    println(all([2, 4]) catch [0], " ", all([2, 3]) catch [0])
    if let n = find(5) do println("found ", n) end
    var left: ?i64 = 3
    while let n = left do left = if n > 1 do n - 1 else null end end
    println(left == null and find(9) != null or half(2).is_err(), " ", [3, 1, 2].sort_by { |a, b| a > b })
end
`, "2 -2 10 3\n[1, 2] [0]\nfound 5\ntrue [3, 2, 1]\n");

everyWay("match, closures with cells, defers, text", `
enum Shape { Dot, Circle(f64), Rect { w: f64, h: f64 } }
func area(s: Shape) -> f64 do
    return match s {
        .Dot => 0.0,
        .Circle(r) if r > 10.0 => -1.0,
        .Circle(r) => r * r,
        .Rect { w, h } => w * h,
    }
end
func counter() -> func() -> i64 do
    var n = 0
    return func() -> i64 do
        n += 1
        return n
    end
end
func guarded(n: i64) -> i64 do
    defer print("<", n, ">")
    if n > 1 do return guarded(n - 1) end
    return n
end
func main() do
    let next = counter()
    var total = 0.0
    for s in [Shape.Dot, .Circle(2.0), .Circle(20.0), .Rect { w: 2.0, h: 3.5 }] do total += area(s) end
    for i, c in "abc" do print(i, c, " ") end
    println(total, " ", next() + next() * 10, " ", guarded(3), $" {total:.2f}|{next()}|{"x"}")
end
`, "097 198 299 <1><2><3>10.0 21 1 10.00|3|x\n");

everyWay("recursion goes on from the heap when it is deep", `
func depth(n: i64) -> i64 do
    if n == 0 do return 0 end
    let below = depth(n - 1)
    return below + 1
end
func main() do println(depth(3000)) end
`, "3000\n");

everyWay("an assertion shows what its condition found, evaluated once and in order", `
func seen(n: i64) -> i64 do
    print(n, " ")
    return n
end
func main() do
    for i in 0..4 do assert seen(i) == 9 or (seen(i + 10) < 12 and seen(i + 20) != 21) or i == 0 end
end
`, "0 10 20 1 11 21 ", "P004 assertion failed: " +
  "assert seen(i) == 9 or (seen(i + 10) < 12 and seen(i + 20) != 21) or i == 0\n" +
  "  seen(i) == 9\n    left: 1\n    right: 9\n" +
  "  seen(i + 20) != 21\n    left: 21\n    right: 21\n  i == 0\n    left: 1\n    right: 0 2");

everyWay("an assertion shows nothing that an earlier round found", `
func same(n: i64) -> i64 do return n end
func main() do
    for i in 0..3 do assert false or (same(i) < 2 and same(i) > 4) or i < 2 end
end
`, "", "P004 assertion failed: " +
  "assert false or (same(i) < 2 and same(i) > 4) or i < 2\n" +
  "  same(i) < 2\n    left: 2\n    right: 2\n  i < 2\n    left: 2\n    right: 2 2");
