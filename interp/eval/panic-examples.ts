// For each code of a panic a program that ends with it, and one that does what was meant; `janus explain` shows both.
// Text without a `main` is the body of one. tests/explain.test.ts runs every one of them.
import type { Example } from "../syntax/examples.ts";
import type { PanicCode } from "./panics.ts";

export const panicExamples: Record<PanicCode, Example> = {
  P001: { wrong: "let xs = [1, 2]\nlet i = xs.len\nprintln(xs[i])",
    right: "let xs = [1, 2]\nprintln(xs.get(xs.len) ?? 0)" },
  P002: { wrong: "let n = 9223372036854775807\nprintln(n + 1)", right: "let n = 9223372036854775807\nprintln(n +% 1)" },
  P003: { wrong: "let parts = 0\nprintln(10 / parts)",
    right: "let parts = 0\nprintln(if parts == 0 do 0 else 10 / parts end)" },
  P004: { wrong: "let total = 3\nassert total == 10", right: "let total = 10\nassert total == 10" },
  P005: { wrong: "let n = 3\nif n == 3 do unreachable() end", right: "let n = 4\nif n == 3 do unreachable() end" },
  P006: { wrong: 'let c = channel[[]string](1)\nlet block = "x".repeat(1000000)'
    + '\nc.send((0..100000).map { |_| block ++ "y" })',
    right: 'let c = channel[string](1)\nc.send("x".repeat(1000000))\nprintln((c.recv() ?? "").len)' },
  P007: { wrong: "func depth(n: i64) -> i64 do return depth(n + 1) + 1 end\nfunc main() do println(depth(0)) end",
    right: "func depth(n: i64) -> i64 do\n    if n == 1000 do return 0 end\n    return depth(n + 1) + 1\nend\n"
      + "func main() do println(depth(0)) end" },
  P008: { wrong: "let ages = { \"Ann\": 41 }\nprintln(ages[\"Bob\"].?)",
    right: "let ages = { \"Ann\": 41 }\nprintln(ages[\"Bob\"] ?? 0)" },
  P009: { wrong: "let n = 300\nprintln(n as u8)", right: "let n = 300\nprintln(n as u16)" },
  P010: { wrong: "let c = channel[i64](0)\nprintln(c.recv())",
    right: "let c = channel[i64](0)\nnursery do\n    spawn func() do c.send(1) end\n    println(c.recv())\nend" },
  P011: { wrong: "let c = channel[i64](1)\nc.close()\nc.send(1)",
    right: "let c = channel[i64](1)\nc.close()\nprintln(c.trySend(1))" },
  P012: { wrong: "nursery do\n    let task = spawn func() -> i64 do\n        sleep(60000)\n        return 1\n    end\n"
      + "    task.cancel()\n    println(await task)\nend",
    right: "nursery do\n    let task = spawn func() -> i64 do\n        sleep(60000)\n        return 1\n    end\n"
      + "    task.cancel()\n    println(task.try_await())\nend" },
  P013: { wrong: "let xs = [1, 2]\nnursery do spawn func() do xs[0] = 9 end end\nxs.push(3)",
    right: "let xs = [1, 2]\nnursery do spawn func() do xs[0] = 9 end end\nlet more = clone(xs)\nmore.push(3)" },
  P014: { wrong: "func add(names: []string) do names.push(\"b\") end\nfunc main() do\n    let names = [\"a\"]\n"
      + "    let change = add\n    nursery do spawn func() do change(names) end end\nend",
    right: "func add(names: []string) do names.push(\"b\") end\nfunc main() do\n    let names = [\"a\"]\n"
      + "    let change = add\n    nursery do spawn func() do change(clone(names)) end end\nend" },
};
