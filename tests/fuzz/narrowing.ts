// Generated programs about what is known of optionals: variables that closures, guards, loops, defers and nurseries
// that are cut short assign, read wherever the checker lets them be. What it accepts must run to its end: a null where
// it promised none is a defect, whatever else comes out. Nothing in these programs panics by itself.
//
//   sh tools/with-bun tests/fuzz/narrowing.ts [--from N] [--seeds N] [--minutes M] [--keep FOLDER]
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkText } from "../../interp/sema/testing.ts";
import { buildCore } from "../../tools/zig-build/index.mjs";
import { JANUS, PLAIN_ENV } from "../runner/checkout.ts";
import { run } from "../runner/process.ts";
import { Random } from "./random.ts";
import { count, option } from "../runner/campaign-options.ts";

const FUNCTIONS = 60;
const DEPTH_MAX = 3;
/** Calls of each function: enough for its second tier. */
const CALLS = 20;
const RUN_SECONDS_MAX = 60;

const PRELUDE = `struct S { a: ?i64, b: ?i64 = null }
struct Turn { n: i64 }
impl Turn {
    func next(self: *Turn) -> i64 do
        self.n += 1
        return self.n
    end
}
func some(t: *Turn) -> ?i64 do
    if t.next() % 3 == 0 do return null end
    return t.n
end
func fails(t: *Turn) -> !i64 do
    if t.next() % 2 == 0 do fail Bad end
    return 1
end
func broken() -> !i64 do fail Bad end
`;

/** Calls what may assign; closures that call each other come to an end. */
const HOOK = "calls += 1; if calls < 30 do hook() end";

/** Writes one function. */
class Writer {
  readonly #random: Random;
  readonly #lines: string[] = [];
  #indent = 1;
  #names = 0;
  /** of the loops around, outermost first */
  readonly #labels: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  write(name: string): string {
    const body = ["var x: ?i64 = 1", "var y: ?i64 = null", "let k = S { a: some(t), b: 2 }", "var n = 0",
      "var rounds = 0", "var calls = 0", "var hook = func() do end"];
    for (const line of body) this.#line(line);
    this.#statements(this.#random.between(3, 8), 0);
    return `func ${name}(t: *Turn) -> i64 do\n${this.#lines.join("\n")}\n    return n\nend\n`;
  }

  #line(text: string): void {
    this.#lines.push("    ".repeat(this.#indent) + text);
  }

  #block(head: string, depth: number, end = "end"): void {
    this.#line(head);
    this.#indent++;
    this.#statements(this.#random.between(1, 3), depth + 1);
    this.#indent--;
    this.#line(end);
  }

  #statements(count: number, depth: number): void {
    for (let i = 0; i < count; i++) this.#statement(depth);
  }

  #fresh(): string {
    return `v${this.#names++}`;
  }

  /** Something that may be known not to be null. */
  #place(): string {
    return this.#random.pick(["x", "x", "x", "y", "k.a"]);
  }

  #assignment(): string {
    const [v, w] = this.#random.chance(50) ? ["x", "y"] : ["y", "x"];
    return this.#random.pick([`${v} = null`, `${v} = null`, `${v} = 1`, `${v} = some(t)`, `${v} = ${w}`,
      "x, y = y, x"]);
  }

  #use(): string {
    const p = this.#place();
    return this.#random.pick([`n += ${p} + 1`, `n += ${p} + 1`, `n = n + [${p}].len + ${p} * 2`,
      `if ${p} > 3 do n += 1 end`, `n += ${p} ?? 0`, `if let it = ${p} do n += it end`]);
  }

  #test(depth: number): string {
    const p = this.#place();
    switch (this.#random.below(depth > 3 ? 4 : 11)) {
      case 0: case 1: return `${p} != null`;
      case 2: case 3: return `${p} == null`;
      case 4: return `not (${this.#test(depth + 1)})`;
      case 5: case 6: return `(${this.#test(depth + 1)} and ${this.#test(depth + 1)})`;
      case 7: return `(${this.#test(depth + 1)} or ${this.#test(depth + 1)})`;
      case 8: return `(do ${this.#assignment()}; ${this.#random.pick(["true", "false"])} end)`;
      case 9: return `(do ${HOOK}; true end)`;
      default: return `${p} + 1 > 2`;
    }
  }

  #statement(depth: number): void {
    const random = this.#random;
    if (depth > DEPTH_MAX || random.chance(45)) {
      const simple = random.below(11);
      if (simple === 10) {
        const p = this.#place();
        const message = `(do ${random.pick([this.#assignment(), HOOK])}; "not null" end)`;
        return this.#line(`if ${p} == null do return n end; assert ${p} != null, ${message}`);
      }
      return this.#line(simple < 5 ? this.#use() : simple < 8 ? this.#assignment() : simple < 9 ? HOOK
        : `if ${this.#test(2)} do return n end`);
    }
    switch (random.below(20)) {
      case 0: case 1: case 2: return this.#block(`if ${this.#test(1)} do`, depth);
      case 3: {
        this.#block(`if ${this.#test(1)} do`, depth, "else");
        this.#indent++;
        this.#statements(2, depth + 1);
        this.#indent--;
        return this.#line("end");
      }
      case 4: case 5: return this.#block("hook = func() do", depth);
      case 6: {
        const name = this.#fresh();
        this.#block(`let ${name} = func() do`, depth);
        return this.#line(`${name}()`);
      }
      case 7: {
        const name = this.#fresh();
        this.#block(`func ${name}() do`, depth);
        return this.#line(`${name}()`);
      }
      case 8: return this.#loop(`for _ in 0..${random.between(1, 3)} do`, depth);
      case 9: return this.#loop(`while rounds < 40 and ${this.#test(1)} do`, depth);
      case 10: {
        this.#line("match 3 {");
        this.#indent++;
        this.#block(`3 if ${this.#test(1)} => do`, depth);
        const isGuarded = random.chance(30);
        this.#block(`_ ${isGuarded ? `if ${this.#test(1)} ` : ""}=> do`, depth);
        if (isGuarded) this.#line("_ => n += 1,");
        this.#indent--;
        return this.#line("}");
      }
      case 11: {
        this.#line(`match (${this.#place()}, ${this.#place()}) {`);
        this.#indent++;
        this.#line(random.pick(["(null, _) => n += 1,", "(null, null) => n += 1,", "(_, null) => n += 1,",
          "(null, _) if n > 3 => n += 1,"]));
        this.#line(`(a, b) => n += ${random.pick(["a + 1", "b + 1", "a + b", "(a ?? 0)", `${this.#place()} + 1`])},`);
        this.#indent--;
        return this.#line("}");
      }
      case 19: {
        const p = this.#place();
        this.#line(`match ${p} {`);
        this.#indent++;
        if (random.chance(40)) this.#block(`7 if ${this.#test(1)} => do`, depth);
        this.#line(random.pick(["null => n += 1,", "null => return n,", "null if n > 3 => n += 1,"]));
        if (random.chance(30)) this.#block(`_ if ${this.#test(1)} => do`, depth);
        this.#line(`_ => n += ${p} + 1,`);
        this.#indent--;
        return this.#line("}");
      }
      case 12: return this.#cut("nursery |m| do", "m.cancel()", "end", depth);
      case 13: return this.#cut("nursery(deadline: 0) do", "sleep(1)", "end catch |_| do", depth, true);
      case 14: return this.#cut("nursery do", "spawn broken()", "end catch |_| do", depth, true);
      case 15: {
        this.#line("if true do");
        this.#indent++;
        this.#block(random.chance(50) ? "defer do" : "shield do", depth);
        this.#statements(2, depth + 1);
        this.#indent--;
        return this.#line("end");
      }
      case 16: {
        this.#line("n += fails(t) catch do");
        this.#indent++;
        this.#statements(1, DEPTH_MAX + 1);
        this.#line("0");
        this.#indent--;
        return this.#line("end");
      }
      case 17: {
        this.#line("select do");
        this.#indent++;
        this.#block(`timeout (do ${this.#assignment()}; 0 end) do`, depth);
        this.#indent--;
        return this.#line("end");
      }
      default: {
        const name = this.#fresh();
        this.#line(`let ${name} = &k`);
        return this.#line(random.chance(50) ? `${name}.a = null` : `hook = func() do ${name}.a = null end`);
      }
    }
  }

  #loop(head: string, depth: number): void {
    const label = `l${this.#names++}`;
    this.#line(`${label}: ${head}`);
    this.#labels.push(label);
    this.#indent++;
    this.#line("rounds += 1");
    this.#statements(2, depth + 1);
    this.#jump(depth);
    this.#statements(1, depth + 1);
    this.#jump(depth);
    this.#indent--;
    this.#labels.pop();
    this.#line("end");
  }

  /** Out of this loop or one further out, mostly after an assignment. */
  #jump(depth: number): void {
    if (!this.#random.chance(60)) return;
    const word = this.#random.pick(["break", "continue"]);
    const jump = this.#random.pick([word, `${word} ${this.#random.pick(this.#labels)}`,
      `${word} ${this.#labels[0]!}`, "return n"]);
    this.#line(`if ${this.#test(2)} do`);
    this.#indent++;
    if (this.#random.chance(70)) this.#line(this.#assignment());
    if (this.#random.chance(20)) this.#statements(1, depth + 1);
    this.#line(jump);
    this.#indent--;
    this.#line("end");
  }

  /** A nursery whose body is left in the middle. */
  #cut(head: string, blow: string, end: string, depth: number, handles = false): void {
    this.#line(head);
    this.#indent++;
    this.#statements(1, depth + 1);
    this.#line(blow);
    this.#statements(1, depth + 1);
    this.#line("yield");
    this.#line("sleep(1)");
    this.#statements(2, depth + 1);
    this.#indent--;
    this.#line(end);
    if (!handles) return;
    this.#indent++;
    this.#statements(1, depth + 1);
    this.#indent--;
    this.#line("end");
  }
}

export interface Made {
  text: string;
  /** of the functions that were written, how many the checker accepts */
  accepted: number;
}

/** Times that what is refused is taken out. */
const MENDS = 6;

/** A line that the checker refuses, without what looks at an optional. */
function mended(line: string): string {
  const indent = /^ */.exec(line)![0];
  const text = line.slice(indent.length);
  if (/^n \+?= [^c]*$/.test(text) || /^if .* end$/.test(text)) return `${indent}n += 1`;
  if (/^if .* do$/.test(text)) return `${indent}if n % 3 == 0 do`;
  if (text.startsWith("while")) return `${indent}while rounds < 40 do`;
  if (/^(3|_) if .*=> do$/.test(text)) return `${indent}${text[0]} if n % 2 == 0 => do`;
  return text.startsWith("(") ? `${indent}_ => n += 1,` : line;
}

/** The program of a seed: its functions without what is refused in them, and calls of them. */
export function makeProgram(seed: number): Made {
  const random = new Random(seed);
  let all = Array.from({ length: FUNCTIONS }, (_, i) => new Writer(random).write(`f${i}`).split("\n"));
  const refused = new Set<number>();
  for (let i = 0; i <= MENDS; i++) {
    const text = `${PRELUDE}${all.flat().join("\n")}\nfunc main() do\nend\n`;
    const starts = all.map((_, k) => PRELUDE.split("\n").length + all.slice(0, k).flat().length);
    refused.clear();
    for (const { span } of checkText(text).diagnostics) {
      const line = text.slice(0, span.start).split("\n").length;
      const k = starts.findLastIndex((start) => start <= line);
      if (k < 0) throw new Error(`line ${line} is refused`);
      refused.add(k);
      const at = line - starts[k]!;
      all[k]![at] = mended(all[k]![at]!);
    }
  }
  all = all.filter((_, k) => !refused.has(k));
  const calls = all.map(([head]) => `        n += ${/func (f\d+)/.exec(head!)![1]}(&t)\n`).join("");
  return {
    text: `${PRELUDE}${all.map((lines) => lines.join("\n")).join("")}func main() do\n    var t = Turn { n: 0 }\n` +
      `    var n = 0\n    for _ in 0..${CALLS} do\n${calls}    end\n    println(n != -1)\nend\n`,
    accepted: all.length,
  };
}

/** What went wrong with a program that the checker accepts; null when nothing did. */
export async function finding(path: string): Promise<string | null> {
  const outcome = await run([JANUS, "run", path], { env: PLAIN_ENV, timeoutSeconds: RUN_SECONDS_MAX });
  if (outcome.status === 0 && outcome.stderr === "" && outcome.stdout === "true\n") return null;
  return outcome.timedOut ? "it hangs" : `exit ${outcome.status}: ${outcome.stderr.split("\n").slice(0, 3).join(" ")}`;
}

export interface Campaign {
  from: number;
  seeds: number;
  minutes: number;
  keep: string;
  say(line: string): void;
}

export interface Tally {
  programs: number;
  functions: number;
  findings: string[];
}

export async function campaign({ from, seeds, minutes, keep, say }: Campaign): Promise<Tally> {
  mkdirSync(keep, { recursive: true });
  const tally: Tally = { programs: 0, functions: 0, findings: [] };
  const end_ms = performance.now() + minutes * 60_000;
  for (let seed = from; seed < from + seeds && performance.now() < end_ms; seed++) {
    const { text, accepted } = makeProgram(seed);
    const path = join(keep, `narrowing-${seed}.jan`);
    writeFileSync(path, text);
    tally.programs += 1;
    tally.functions += accepted;
    const found = await finding(path);
    if (found === null) await Bun.file(path).delete();
    else {
      tally.findings.push(`seed ${seed}: ${found}`);
      say(`seed ${seed}: ${found}\n  kept as ${path}`);
    }
  }
  return tally;
}

if (import.meta.main) {
  await buildCore({ quiet: true });
  const { programs, functions, findings } = await campaign({
    from: count("from", 1), seeds: count("seeds", 1_000_000),
    minutes: count("minutes", 10), keep: option("keep", join(tmpdir(), "janus-fuzz")),
    say: (line) => console.log(line),
  });
  console.log(`${programs} programs of ${functions} accepted functions, ${findings.length} findings`);
  process.exit(findings.length > 0 || programs === 0 ? 1 : 0);
}
