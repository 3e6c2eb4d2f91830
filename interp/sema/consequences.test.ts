// What follows from text that could not be read is not told; what does not follow is.
import { expect, test } from "bun:test";
import { checkText, shown } from "./testing.ts";

/** The line and the code of each error. */
const told = (text: string): string[] =>
  shown(checkText(text).diagnostics).map((one) => one.split(" ").slice(0, 2).join(" "));

const USES = `
func main() do
    println(total(Job { id: 1, size: 2 }), 1)
    let no: i64 = "text"
end
`;
const JOB = "struct Job { id: i64, size: i64 }\n";

/** A broken declaration before `main`, which has an error of its own: what is told. */
const LAST = "the error in main";
const DECLARATIONS: [string, string[]][] = [
  ["func total(job Job, n: i64) -> i64 do\n    return job.size + n\nend", ["2 J0129", LAST]],
  ["func total(: Job, n: i64) -> i64 do\n    return job.size + n\nend", ["2 J0118", LAST]],
  ["func (job: Job, n: i64) -> i64 do\n    return job.size + n\nend", ["2 J0123", LAST]],
  ["func total(job: Job) ) -> i64 ! E do\n    fail Nothing(job)\nend", ["2 J0101", LAST]],
  ["func total(job: Job) -> i64 do\n    return (job.size + )\nend", ["3 J0115", LAST]],
  ["func total(job: Job) -> i64 do\n    let  = job.size; return size + other\nend", ["3 J0117", LAST]],
  ["func total(job: Job) -> i64 do if job.id == 1 { return 2\n    return job.size\nend", ["2 J0108", LAST]],
  ["fnuc total(job: Job) -> i64 do\n    return job.size\nend", ["2 J0112", LAST]],
  ["func total(job: Job) -> i64 do\n    rteurn job.size + 1\nend", ["3 J0201", LAST]],
  ["func total(job: Job) -> i64 do\n    return job.size\nedn", ["4 J0112", LAST]],
];

test("a broken function is told once, and what is wrong elsewhere as well", () => {
  for (const [text, expected] of DECLARATIONS) {
    const last = `${text.split("\n").length + 4} J0202`;
    expect([text, ...told(JOB + text + USES)])
      .toEqual([text, ...expected.map((one) => one === LAST ? last : one)]);
  }
});

test("a broken type is told once, with all that names it or its fields", () => {
  const uses = "func total(job: Job) -> i64 do\n    let s = job.size\n    return s + job.id\nend" + USES;
  for (const field of ["id i64", ": i64", "id: : i64", "id: Map[i64 i64]"]) {
    const codes = told(`struct Job { ${field}, size: i64 }\n${uses}`);
    expect([field, codes[0]?.slice(0, 4), ...codes.slice(1)]).toEqual([field, "1 J0", "8 J0202"]);
  }
});

test("in the same function, what does not look at a broken variable is told", () => {
  const body = "let a i64 = 3\n    println(a + b)\n    let c: i64 = \"x\"\n    println(a, c)\n    d";
  expect(told(`func main() do\n    ${body}\nend\n`)).toEqual(["2 J0112", "4 J0202", "6 J0201"]);
});

test("a word that is used, or declared, is no misspelt keyword", () => {
  expect(told("func fnuc(x: i64) do println(x) end\nfunc main() do\n    fnuc 3\n    let = 3\nend\n"))
    .toEqual(["4 J0117"]);
});
