// A change of a copy that nothing keeps is told; a change that somebody can see, or that is used, is not.
import { describe, expect, test } from "bun:test";
import { checkText } from "./testing.ts";

const told = (line: string): string[] => checkText(`use std.fs
struct Plain { x: i64, at: (i64, ?string) }
impl Plain {
    func bump(self: *Plain) do self.x += 1 end
    func next(self: *Plain) -> i64 do
        self.x += 1
        return self.x
    end
    func show(self: *Plain) do println(self.x) end
    func twice(self: *Plain) do self.bump() end
}
struct Holding { xs: []i64, p: Plain }
impl Holding {
    func add(self: *Holding) do self.xs.push(1) end
    func held(self) -> []i64 do return self.xs end
    func plain(self) -> Plain do return self.p end
    func itself(self: *Holding) -> *Holding do return self end
}
func make() -> Plain do return Plain { x: 1, at: (1, null) } end
func held() -> Holding do return Holding { xs: [], p: make() } end
func main() do
    let of_slice = Mutex.new([1])
    let of_map = Mutex.new({ "a": [1] })
    let of_plain = Mutex.new(make())
    let of_holding = Mutex.new(held())
    using s := of_slice.lock().unwrap()
    using m := of_map.lock().unwrap()
    using p := of_plain.lock().unwrap()
    using h := of_holding.lock().unwrap()
    var mine = held()
    let all = { "a": make() }
    ${line}
    println(s.get(), m.get(), p.get(), h.get(), mine, all)
end
`).diagnostics.map((d) => `${d.severity} ${d.code} ${d.unit.text.slice(d.span.start, d.span.end)}`);

describe("what a lock gives is a copy, however deep the change is", () => {
  for (const change of ["s.get().push(2)", "s.get().clear()", "s.get().insert(0, 2)", "m.get().set(\"b\", [2])",
    "m.get()[\"a\"].?.push(2)", "p.get().bump()", "h.get().xs.push(2)", "h.get().p.bump()"]) {
    test(change, () => expect(told(change)).toEqual([`error J0236 ${change.slice(0, change.lastIndexOf("("))}`]));
  }
  for (const change of ["p.get().x = 2", "s.get()[0] = 2", "h.get().p.x = 2"]) {
    test(change, () => expect(told(change)).toEqual([expect.stringMatching(/^error J0236/)]));
  }
});

describe("what std makes anew", () => {
  for (const change of ["mine.xs.copy().push(1)", "\"a b\".split(\" \").push(\"c\")", "all.keys().clear()"]) {
    test(change, () => expect(told(change)).toEqual([`error J0236 ${change.slice(0, change.lastIndexOf("("))}`]));
  }
});

describe("a method that changes its receiver, and may do more, is a warning", () => {
  for (const change of ["make().bump()", "mine.plain().bump()", "all[\"a\"].?.bump()", "make().twice()",
    "mine.plain().twice()"]) {
    test(change, () => expect(told(change)).toEqual([`warning J0236 ${change.slice(0, change.lastIndexOf("("))}`]));
  }
});

describe("what somebody sees, or uses, is accepted", () => {
  for (const change of ["mine.held().push(1)", "held().add()", "mine.itself().add()", "println(make().next())",
    "make().show()", "println(s.get().copy().sort())", "mine.p.bump()", "println(s.get().pop())",
    "s.with { |v| v.push(2) }", "mine.xs.push(1)"]) {
    test(change, () => expect(told(change)).toEqual([]));
  }
});
