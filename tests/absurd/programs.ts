// Programs of many calls. Each call is a function of its own, run in a task: what it ends with is told behind a mark,
// so that a panic ends it alone, and what is missing in the output has not ended.
import { checkText } from "../../interp/sema/testing.ts";
import { prune, showType, substitute } from "../../interp/sema/types.ts";
import type { TypeParam, Type } from "../../interp/syntax/ast.ts";
import { Random } from "../fuzz/random.ts";
import type { Callee, Library } from "./callees.ts";
import { Maker, PROLOGUE } from "./values.ts";

export const MARK = "\u0001";
/** What waits for what never comes is cancelled after this. */
const DEADLINE_MS = 100;
/** How often a call is written anew until the checker takes it: a type may lack what a method asks of it. */
const ATTEMPTS_MAX = 30;
/** Calls that go on with the values of the first. */
const FURTHER_MAX = 4;

export interface Call {
  callee: Callee;
  text: string;
}

/** The statements of one call. */
function written(library: Library, callee: Callee, random: Random): string {
  const maker = new Maker(library, random);
  const bound = new Map<TypeParam, Type>();
  const call = maker.call(callee, bound);
  const result = prune(callee.result);
  const ok = result.k === "result" ? prune(result.ok) : result;
  if (ok.k === "void" || ok.k === "never") maker.say(call);
  else {
    const type = maker.types.written(substitute(ok, bound));
    // what the arguments do not say is said by what the result is bound to
    const isOpen = callee.typeParams.some(({ param }) => showType(ok).includes(param.name));
    maker.say(`let made${isOpen && ok.k !== "result" ? `: ${type}` : ""} = ${call}`);
    maker.say("seen(made)");
  }
  for (let n = random.below(FURTHER_MAX + 1); n > 0; n--) maker.further();
  return maker.lines.join("\n");
}

function functionOf(text: string, name: string): string {
  const body = `    nursery(deadline: ${DEADLINE_MS}) |scope| do\n${text.replaceAll(/^/gm, "    ")}\n    end`;
  return `func ${name}() -> !void do\n${body}\nend\n`;
}

const EPILOGUE = `
func seen[T](value: T) do
    if str(value).len < 0 do println("never") end
end
func attempt(number: i64, call: func() -> !void) do
    print("\\n${"\\u{1}"}begin ", number, "\\n")
    task.collect([number], { |_| call()? })[0] catch |err| do
        let told = failures(err)
        let how = if told.len > 0 and told[0].panicked do "panic" else do "error" end
        let trace = if told.len > 0 do told[0].trace.join(" | ") else do "" end
        print("\\n${"\\u{1}"}", how, " ", number, " ", std.json.quote($"{err}"), " ", std.json.quote(trace), "\\n")
        return
    end
    print("\\n${"\\u{1}"}value ", number, "\\n")
end
`;

/** A program that makes these calls in turn. */
export function programOf(library: Library, calls: readonly Call[]): string {
  const texts = calls.map(({ text }) => text).join("\n");
  const used = library.modules.filter((module) => texts.includes(`${module}.`));
  const heads = [...new Set(["std.task", "std.json", ...used])].map((module) => `use ${module}\n`).join("");
  const functions = calls.map(({ text, callee }, i) => `// ${callee.name}\n${functionOf(text, `call_${i}`)}`);
  const attempts = calls.map((_, i) => `    attempt(${i}, call_${i})\n`);
  return `${heads}${PROLOGUE}${functions.join("")}${EPILOGUE}func main() do\n${attempts.join("")}end\n`;
}

/** One call of each, such that the checker takes them; those of which it takes none are given back by name. */
export function writeCalls(library: Library, callees: readonly Callee[], random: Random): {
  calls: Call[]; refused: string[];
} {
  const calls: (Call | null)[] = callees.map(() => null);
  let open = callees.map((_, i) => i);
  let last = new Map<number, string>();
  for (let attempt = 0; attempt < ATTEMPTS_MAX && open.length > 0; attempt++) {
    const tried = open.map((i) => ({ callee: callees[i]!, text: written(library, callees[i]!, random) }));
    const program = programOf(library, tried);
    const wrong = refusedIn(program);
    last = new Map();
    open.forEach((i, n) => {
      const why = wrong.get(n);
      if (why === undefined) calls[i] = tried[n]!;
      else last.set(i, why);
    });
    open = [...last.keys()];
  }
  return {
    calls: calls.filter((call) => call !== null),
    refused: [...last].map(([i, why]) => `${callees[i]!.name}: ${why}`),
  };
}

/** The calls of a program that the checker refuses, by their number, and why. */
function refusedIn(program: string): Map<number, string> {
  const starts = [...program.matchAll(/^func call_\d+\(/gm)].map((match) => match.index);
  const wrong = new Map<number, string>();
  for (const { severity, span, unit, code, message } of checkText(program).diagnostics) {
    if (severity !== "error") continue;
    const at = unit.name === "main.jan" ? starts.findLastIndex((start) => start <= span.start) : -1;
    const line = program.slice(program.lastIndexOf("\n", span.start) + 1).split("\n")[0]!.trim();
    if (at < 0) throw new Error(`${unit.name}: ${code} ${message}`);
    wrong.set(at, `${code} ${message}: ${line}`);
  }
  return wrong;
}
