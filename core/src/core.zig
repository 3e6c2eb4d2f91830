//! The layers of the core by name, lowest first, for programs that use the core from Zig (the benchmarks).
//! No layer imports this file: each names the lower ones it needs.

pub const atomics = @import("atomics.zig");
pub const futex = @import("futex.zig");
pub const parker = @import("parker.zig");
pub const mutex = @import("mutex.zig");
pub const chan = @import("chan.zig");
pub const mailbox = @import("mailbox.zig");
pub const deque = @import("deque.zig");
pub const stack = @import("stack.zig");
pub const context = @import("context.zig");
pub const layout = @import("layout.zig");
pub const fiber = @import("fiber.zig");
pub const worker = @import("worker.zig");
pub const runtime = @import("runtime.zig");
pub const scheduler = @import("scheduler.zig");
pub const nursery = @import("nursery.zig");
pub const task = @import("task.zig");
pub const channel = @import("channel.zig");
pub const select = @import("select.zig");
pub const sync = @import("sync.zig");
