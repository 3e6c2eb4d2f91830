// The deepest host stack: a function whose body nests as deep as the parser reads, calling itself thousands of times,
// runs on a further worker's thread, whose stack is the smallest there is. So DEPTH_LIMIT, which counts what is in use
// before a call, leaves room for the largest body on top of it.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../tests/runner/checkout.ts";
import { run } from "../../tests/runner/process.ts";
import { parse } from "../syntax/parser.ts";
import { ON_A_WORKER } from "./testing.ts";

const CALLS = 1500;
const again = "f(n - 1)";

/** A recursive function around a body that nests. */
const program = (body: string): string => `
func g(x: i64) -> i64 do return x end
func opt(x: i64) -> ?i64 do return x end
func f(n: i64) -> i64 do
if n == 0 do return 1 end
${body}
end
func main() do println(f(${CALLS})) end
`;

const SHAPES: Record<string, (n: number) => string> = {
  calls: (n) => `return ${"g(".repeat(n)}${again}${")".repeat(n)}`,
  additions: (n) => `return ${"(0 + ".repeat(n)}${again}${")".repeat(n)}`,
  chains: (n) => `return ${again}${" + 0".repeat(n)}`,
  pipes: (n) => `return ${again}${" |> g".repeat(n)}`,
  conditions: (n) => `let x = ${"if n > 0 do\n".repeat(n)}${again}\n${"else do 1 end\n".repeat(n)}return x`,
  blocks: (n) => `let x = ${"do\nlet y = 1\n".repeat(n)}${again}\n${"end\n".repeat(n)}return x`,
  matches: (n) => `let x = ${"match n { _ => ".repeat(n)}${again}${"}".repeat(n)}\nreturn x`,
  loops: (n) => `${"while true do\n".repeat(n)}return ${again}\n${"end\n".repeat(n)}`,
  cleanups: (n) => `${"do\ndefer g(1)\n".repeat(n)}return ${again}\n${"end\n".repeat(n)}`,
  defaults: (n) => `return ${"(opt(".repeat(n)}${again}${") ?? 0)".repeat(n)}`,
};

/** The deepest nest of a shape that the parser reads. */
function deepest(shape: (n: number) => string): string {
  const isRead = (n: number): boolean =>
    !parse({ name: "deep.jan", text: program(shape(n)), id: 0 }).diagnostics.some((d) => d.code === "J0119");
  let low = 1;
  let high = 2000;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isRead(middle)) low = middle;
    else high = middle;
  }
  expect(low).toBeGreaterThan(100);
  return program(shape(low));
}

describe("the worst nesting on a worker's stack", () => {
  for (const [name, shape] of Object.entries(SHAPES)) {
    test(name, async () => {
      const folder = mkdtempSync(join(tmpdir(), "janus-depth-"));
      try {
        const path = join(folder, "deep.jan");
        writeFileSync(path, deepest(shape));
        const outcome = await run([process.execPath, join(import.meta.dir, "testing.ts"), ON_A_WORKER, path], {
          cwd: ROOT, timeoutSeconds: 30,
        });
        expect({ stderr: outcome.stderr, stdout: outcome.stdout, status: outcome.status })
          .toEqual({ stderr: "", stdout: "1\n", status: 0 });
      } finally {
        rmSync(folder, { recursive: true });
      }
    }, 60_000);
  }
});
