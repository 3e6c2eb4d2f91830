// The names that reports give to what was made, is used or is awaited at a place of the source.
import { expect, test } from "bun:test";
import { parse } from "../syntax/parser.ts";
import { sourceText } from "../syntax/source.ts";
import { madeAs, receiverAt, taskAt } from "./names.ts";
import type { Units } from "./traces.ts";

/** The units of one text, and the offset of `@` in it, which is no part of the text. */
function at(marked: string): [Units, number] {
  const site = marked.indexOf("@");
  const source = sourceText("a.jan", marked.replace("@", ""), 0);
  const { unit: { decls }, diagnostics } = parse(source);
  expect(diagnostics).toEqual([]);
  return [{ source: () => source, decls: () => decls, stmts: () => [] }, site];
}

const body = (text: string): string => `func main() do\n    ${text}\nend\n`;

const made = (text: string, whole = false): string | null => madeAs(...at(body(text)), whole);

test("what is made is called as its own binding, not as another on its line", () => {
  expect(made("let limit = 1; let jobs = @channel[i64](0)")).toBe("jobs");
  expect(made("let jobs = @channel[i64](0); let limit = 1")).toBe("jobs");
  expect(made("let a = channel[i64](0); b := @channel[i64](0)")).toBe("b");
  expect(made("var jobs: Channel[i64] = @channel[i64](0)")).toBe("jobs");
  expect(made("let (a, b) = (channel[i64](0), @channel[i64](0))")).toBe("b");
  expect(made("a, b.c = channel[i64](0), @channel[i64](0)")).toBe("b.c");
  expect(made("let t = spawn func() do let inner = @channel[i64](0) end")).toBe("inner");
  expect(made("using m = @mutex(1)")).toBe("m");
  expect(made("let long =\n        @channel[i64](0)")).toBe("long");
  expect(madeAs(...at("let jobs = @channel[i64](0)\n"))).toBe("jobs");
});

test("a part of a value is called by the way to it", () => {
  expect(made("let server = Server { id: 1, inbox: @channel[i64](0) }")).toBe("server.inbox");
  expect(made("let pool = [@channel[i64](0)]")).toBe("pool");
  expect(made("return Server { id: 1, inbox: @channel[i64](0) }")).toBe("inbox");
  expect(made("let server = Server { id: 1, inbox: @channel[i64](0) }", true)).toBe(null);
  expect(made("let pool = [@channel[i64](0)]", true)).toBe(null);
});

test("what is given no name where it is made has none", () => {
  expect(made("let n = 1; serve(@channel[i64](0))")).toBe(null);
  expect(made("let x = serve(@channel[i64](0))")).toBe(null);
  expect(made("let n = 1; return @channel[i64](0)")).toBe(null);
  expect(made("let f = func() do return @channel[i64](0) end")).toBe(null);
  expect(madeAs(at(body("let a = @1"))[0], 0)).toBe(null);
});

const receiver = (text: string): string | null => receiverAt(...at(body(text)));

test("what is used is called as it stands before the dot", () => {
  expect(receiver("let a = b.recv(); @jobs.send(1)")).toBe("jobs");
  expect(receiver("let v = @server.inbox.recv()")).toBe("server.inbox");
  expect(receiver("let v = @pool[0].recv()")).toBe("pool");
  expect(receiver("let v = @pool.next().recv()")).toBe(null);
  expect(receiver("let v = @jobs.recv().unwrap()")).toBe("jobs");
  expect(receiver("for x in @jobs do println(x) end")).toBe("jobs");
  expect(receiver("@m.with do |v| println(v) end")).toBe("m");
  expect(receiver("@select do\n recv a |x| do println(x) end\n end")).toBe(null);
});

const awaited = (text: string): string | null => taskAt(...at(body(text)));

test("a task is called as its variable", () => {
  expect(awaited("let v = @await t")).toBe("t");
  expect(awaited("let v = @await tasks[0]")).toBe(null);
  expect(awaited("let v = @await f(1)")).toBe(null);
});
