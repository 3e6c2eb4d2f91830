//! Gathers the tests of every file of the core. A file is tested when it stands here, lowest layer first.

test {
    _ = @import("atomics.zig");
    _ = @import("futex.zig");
    _ = @import("parker.zig");
    _ = @import("mutex.zig");
    _ = @import("chan.zig");
    _ = @import("mailbox.zig");
    _ = @import("deque.zig");
    _ = @import("stack.zig");
    _ = @import("context.zig");
    _ = @import("schedule.zig");
    _ = @import("fuzz_deque.zig");
    _ = @import("fuzz_parker.zig");
    _ = @import("single.zig");
    _ = @import("arena.zig");
    _ = @import("pool.zig");
    _ = @import("fiber.zig");
    _ = @import("handles.zig");
    _ = @import("timer.zig");
    _ = @import("output.zig");
    _ = @import("text.zig");
    _ = @import("worker.zig");
    _ = @import("channel.zig");
    _ = @import("nursery.zig");
    _ = @import("cancel.zig");
    _ = @import("task.zig");
    _ = @import("scheduler.zig");
    _ = @import("scheduler_test.zig");
    _ = @import("fuzz_fibers.zig");
    _ = @import("manifest.zig");
    _ = @import("elements.zig");
    _ = @import("select.zig");
    _ = @import("sync.zig");
    _ = @import("reactor.zig");
    _ = @import("codec.zig");
    _ = @import("native.zig");
    _ = @import("files.zig");
    _ = @import("dump.zig");
    _ = @import("reach.zig");
    _ = @import("trace.zig");
    _ = @import("signals.zig");
    _ = @import("runtime.zig");
    _ = @import("abi.zig");
    _ = @import("abi_test.zig");
}
