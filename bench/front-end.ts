// How quickly the front end reads programs: tinybench over ten thousand lines of made-up but ordinary Janus.

import { join } from "node:path";
import { Bench } from "tinybench";
import { Sources } from "../interp/sema/sources.ts";
import { checkProgram } from "../interp/sema/index.ts";
import { lex } from "../interp/syntax/lexer.ts";
import { parse } from "../interp/syntax/parser.ts";
import { sourceText } from "../interp/syntax/source.ts";
import type { Measured } from "./statistics.ts";

const LINES = 10_000;
const TIME_MS = 1_000;

/** One page of a program: types, errors, loops, a nursery with a channel, closures. */
function page(number: number): string {
  return `struct Item${number} { id: i64, name: string, score: f64 = 0.0 }
error Trouble${number} { NotFound, Bad(string) }

/// Looks an item up by its number.
func find${number}(items: []Item${number}, id: i64) -> Item${number} ! Trouble${number} do
    for item in items do
        if item.id == id and item.score >= 0.0 do
            return item
        end
    end
    fail Trouble${number}.NotFound
end

func total${number}(items: []Item${number}) -> f64 do
    var sum = 0.0
    for i in 0..items.len do
        sum = sum + items[i].score * 2.0 - 1.0
    end
    return sum
end

func work${number}(count: i64) -> i64 do
    let queue = channel[i64](16)
    var sum = 0
    nursery do
        spawn func() do
            for i in 0..count do
                queue.send(i * ${number} + 1)
            end
            queue.close()
        end
        while let x = queue.recv() do
            sum = sum + x
        end
    end
    return sum
end
`;
}

/** A program of at least so many lines. */
export function program(lines: number): string {
  const pages: string[] = [];
  const pageLines = page(0).split("\n").length;
  for (let number = 0; number * pageLines < lines; number += 1) pages.push(page(number));
  return `${pages.join("\n")}\nfunc main() do\n    println(work0(10))\nend\n`;
}

/** Everything before a program runs: parsed, its modules found, names and types checked. */
export function check(text: string): ReturnType<typeof checkProgram> {
  const sources = new Sources(join(import.meta.dir, "..", "std"));
  return checkProgram(sources.entry("bench.jan", text), sources, {});
}

/** Milliseconds for the whole text, by stage. */
export async function measureFrontEnd(): Promise<Measured[]> {
  const text = program(LINES);
  const broken = check(text).diagnostics[0];
  if (broken !== undefined) throw new Error(`the benchmark's own program has an error: ${broken.message}`);
  const bench = new Bench({ time: TIME_MS, warmupTime: TIME_MS / 4 });
  bench.add("split 10 000 lines into tokens", () => lex(sourceText("bench.jan", text)));
  bench.add("parse 10 000 lines", () => parse(sourceText("bench.jan", text)));
  bench.add("parse and check 10 000 lines (at most 300 ms)", () => check(text));
  await bench.run();
  return bench.tasks.map((task) => {
    const { result } = task;
    if (!("latency" in result)) throw new Error(`${task.name} did not run: ${result.state}`);
    const { p50: median, min, max, samplesCount: runs } = result.latency;
    return { name: task.name, median, min, max, runs };
  });
}
