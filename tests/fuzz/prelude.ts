// The fixed part of generated programs: generic functions that give their argument back by way of something that could
// go wrong. Each is declared in a program only when it is used.
import type { Declaration } from "./nodes.ts";

const TEXTS: Record<string, string> = {
  Box: `
struct Box[T] { inner: T, count: i64 }
impl[T] Box[T] {
    func get(self) -> T do return self.inner end
    func put(self: *Box[T], inner: T) do
        self.inner = inner
        self.count += 1
    end
}`,
  Digest: `
trait Digest {
    func digest(self) -> i64
    func twice(self) -> i64 do return self.digest() *% 2 end
}`,
  digest_of: "func digest_of[T: Digest](x: T) -> i64 do return x.twice() -% x.digest() end",
  same_value: "func same_value[T](x: T) -> T do return x end",
  some: "func some[T](x: T) -> ?T do return x end",
  nothing: "func nothing[T]() -> ?T do return null end",
  through_box: `
func through_box[T](x: T) -> T do
    var box = Box { inner: x, count: 0 }
    box.put(x)
    return box.get()
end`,
  applied: `
func applied[T](x: T) -> T do
    let f = func(y: T) -> T do return y end
    return f(x)
end`,
  after_yield: `
func after_yield[T](x: T) -> T do
    defer do yield end
    yield
    return x
end`,
  through_task: `
func through_task[T](x: T) -> T do
    return nursery do
        await spawn func() -> T do return x end
    end
end`,
  through_tasks: `
func through_tasks[T](x: T) -> T do
    return nursery do
        let inner = spawn same_value(x)
        let outer = spawn func() -> T do return await inner end
        yield
        await outer
    end
end`,
  through_channel: `
func through_channel[T](x: T) -> T do
    let c = channel[T](0)
    return nursery do
        spawn func() do
            c.send(x)
            c.close()
        end
        c.recv().?
    end
end`,
  through_mutex: `
func through_mutex[T](x: T) -> T do
    let m = mutex_new(x)
    return nursery do
        let task = spawn func() -> T do
            let guard = m.lock().unwrap()
            defer guard.unlock()
            yield
            return guard.get()
        end
        await task
    end
end`,
  through_select: `
func through_select[T](x: T) -> T do
    let a = channel[T](1)
    let b = channel[T](0)
    nursery do
        spawn func() do
            select do
                send b, x do yield end
            end
        end
        select do
            recv b |y| do a.send(y) end
            recv a |y| do a.send(y) end
        end
    end
    return a.recv().?
end`,
  fiber_sum: `
func fiber_sum(depth: i64, value: i64) -> i64 do
    if depth == 0 do return value end
    return nursery do
        let left = spawn fiber_sum(depth - 1, value)
        let right = spawn fiber_sum(depth - 1, value)
        await left +% await right
    end
end`,
};

/** What a helper's text uses. */
const USES: Record<string, string[]> = { through_box: ["Box"], digest_of: ["Digest"], through_tasks: ["same_value"] };

export const helpers: Map<string, Declaration> = new Map(Object.entries(TEXTS).map(([name, text]) =>
  [name, { name, text: () => text.trim().split("\n") }]));

export const usedBy = (name: string): Declaration[] => (USES[name] ?? []).map((other) => helpers.get(other)!);
