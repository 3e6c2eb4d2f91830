//! A context is a stopped computation: a stack pointer, with everything the calling convention says a callee must keep
//! stored below it. `switchTo` stops one and continues another, in a few nanoseconds and without the kernel.
//!
//! Kept across a switch: the callee-saved registers, and the floating-point control state (mxcsr and the x87 control
//! word; fpcr on aarch64), so that a fiber that changes its rounding mode changes nobody else's. Everything else is
//! dead across a call anyhow. Signal masks and thread-locals belong to the thread, not to the context.
//!
//! A context may be continued on another thread than the one it stopped on. Therefore code that runs on contexts must
//! read a thread-local through `ThreadLocal` below: a compiler may otherwise keep its *address* over a switch.
//! The caller orders the hand-over: `from` may be continued elsewhere only after `switchTo` has left it.
//! References: System V ABI for x86-64 (§3.2.1) and AAPCS64 (§6.1).

const std = @import("std");
const builtin = @import("builtin");
const assert = std.debug.assert;

/// Where a context begins. It may never return: there is nothing below it.
pub const Entry = *const fn (argument: ?*anyopaque) callconv(.c) noreturn;

/// What a stack handed to `init` must be aligned to at its end.
pub const stack_alignment = 16;

/// Smaller stacks than this cannot even hold the first frame and one call.
pub const stack_bytes_min = 1024;

pub const Context = struct {
    /// The saved stack pointer while stopped, `running` while not.
    stack_pointer: usize,
    /// The thread sanitizer's own idea of a stack, zero-sized without it.
    sanitizer: Sanitizer.Fiber,

    const running: usize = 0;

    /// A context that calls `entry(argument)` on `stack` when it is first switched to. The stack must stay until the
    /// context has been left for the last time.
    pub fn init(stack: []align(stack_alignment) u8, entry: Entry, argument: ?*anyopaque) Context {
        assert(stack.len >= stack_bytes_min);
        const top = std.mem.alignBackward(usize, @intFromPtr(stack.ptr) + stack.len, stack_alignment);
        const frame: *Frame = @ptrFromInt(top - @sizeOf(Frame));
        frame.* = .first(entry, argument);
        return .{ .stack_pointer = @intFromPtr(frame), .sanitizer = Sanitizer.create() };
    }

    /// A context for what is running now: the thread's own computation, or a fiber's. It becomes a stopped one by
    /// the first switch away from it.
    pub fn current() Context {
        return .{ .stack_pointer = running, .sanitizer = Sanitizer.current() };
    }

    /// Ends a context made by `init` that is stopped and will not be continued.
    pub fn deinit(self: *Context) void {
        assert(self.stack_pointer != running);
        Sanitizer.destroy(self.sanitizer);
        self.* = undefined;
    }

    /// Stops the running computation into `from` and continues `to`. Returns when something switches to `from`,
    /// perhaps on another thread.
    pub inline fn switchTo(from: *Context, to: *Context) void {
        assert(from.stack_pointer == running);
        const target = to.stack_pointer;
        assert(target != running); // else it would run twice at once
        to.stack_pointer = running;
        Sanitizer.enter(to.sanitizer);
        janus_context_switch(&from.stack_pointer, target);
    }
};

/// A thread-local that stays correct when the code that reads it moves to another thread between two reads.
/// Reading the *value* in a call that is never inlined leaves the compiler no address to keep. `Owner` tells two
/// thread-locals of one type apart.
pub fn ThreadLocal(comptime Owner: type, comptime T: type, comptime initial: T) type {
    return struct {
        // Names the owner, so that each owner has an instance of its own.
        pub const owner = Owner;

        threadlocal var value: T = initial;

        pub noinline fn get() T {
            // Keeps the function from being taken for a pure one, whose second call could be saved.
            asm volatile ("" ::: .{ .memory = true });
            return value;
        }

        pub noinline fn set(new_value: T) void {
            asm volatile ("" ::: .{ .memory = true });
            value = new_value;
        }
    };
}

/// What stands at a stopped context's stack pointer.
const Frame = switch (builtin.cpu.arch) {
    .x86_64 => extern struct {
        mxcsr: u32,
        x87_control: u32,
        r15: usize,
        r14: usize,
        r13: usize,
        r12: usize,
        rbx: usize,
        rbp: usize,
        resume_address: usize,
        /// Keeps the stack aligned at the first call; the zero is a return address for unwinders that look here.
        end: [2]usize,

        fn first(entry: Entry, argument: ?*anyopaque) @This() {
            return .{
                .mxcsr = 0x1f80, // every exception masked, round to nearest
                .x87_control = 0x037f, // the same, 64-bit precision
                .r15 = 0,
                .r14 = 0,
                .r13 = @intFromPtr(argument),
                .r12 = @intFromPtr(entry),
                .rbx = 0,
                .rbp = 0,
                .resume_address = @intFromPtr(&janus_context_begin),
                .end = .{ 0, 0 },
            };
        }
    },
    .aarch64 => extern struct {
        x19: usize,
        x20: usize,
        x21_to_x28: [8]usize,
        frame_pointer: usize,
        link: usize,
        d8_to_d15: [8]u64,
        fpcr: u64,
        padding: u64,

        fn first(entry: Entry, argument: ?*anyopaque) @This() {
            return .{
                .x19 = @intFromPtr(entry),
                .x20 = @intFromPtr(argument),
                .x21_to_x28 = @splat(0),
                .frame_pointer = 0,
                .link = @intFromPtr(&janus_context_begin),
                .d8_to_d15 = @splat(0),
                .fpcr = 0, // round to nearest, no traps
                .padding = 0,
            };
        }
    },
    else => @compileError("no context switch for this architecture"),
};

comptime {
    assert(@sizeOf(Frame) % stack_alignment == 0);
    assert(@sizeOf(Frame) < stack_bytes_min);
}

/// Saves the caller into a frame on its stack, stores that frame's address to `from`, and continues frame `to`.
extern fn janus_context_switch(from: *usize, to: usize) callconv(.c) void;
extern fn janus_context_begin() callconv(.c) noreturn;

// Written as files of assembly rather than as naked functions, so that the unwinding directives are ours: the first
// frame says that its return address is undefined, which is how an unwinder knows the bottom of a stack.
comptime {
    asm (switch (builtin.cpu.arch) {
            .x86_64 =>
            \\.text
            \\.p2align 4
            \\.globl janus_context_switch
            \\.hidden janus_context_switch
            \\.type janus_context_switch, @function
            \\janus_context_switch:
            \\  pushq %rbp
            \\  pushq %rbx
            \\  pushq %r12
            \\  pushq %r13
            \\  pushq %r14
            \\  pushq %r15
            \\  subq $8, %rsp
            \\  stmxcsr (%rsp)
            \\  fnstcw 4(%rsp)
            // Loading the control words is slow and they rarely differ: compare first.
            \\  movl (%rsp), %ecx
            \\  movzwl 4(%rsp), %edx
            \\  movq %rsp, (%rdi)
            \\  movq %rsi, %rsp
            \\  cmpl (%rsp), %ecx
            \\  jne 2f
            \\1:
            \\  cmpw 4(%rsp), %dx
            \\  jne 3f
            \\4:
            \\  addq $8, %rsp
            \\  popq %r15
            \\  popq %r14
            \\  popq %r13
            \\  popq %r12
            \\  popq %rbx
            \\  popq %rbp
            // Not `ret`: it would be predicted to go back to our caller and nearly never does.
            \\  popq %rcx
            \\  jmpq *%rcx
            \\2:
            \\  ldmxcsr (%rsp)
            \\  jmp 1b
            \\3:
            \\  fldcw 4(%rsp)
            \\  jmp 4b
            \\.size janus_context_switch, . - janus_context_switch
            \\
            \\.p2align 4
            \\.globl janus_context_begin
            \\.hidden janus_context_begin
            \\.type janus_context_begin, @function
            \\janus_context_begin:
            \\.cfi_startproc
            \\.cfi_undefined %rip
            \\  xorl %ebp, %ebp
            \\  movq %r13, %rdi
            \\  callq *%r12
            \\  ud2
            \\.cfi_endproc
            \\.size janus_context_begin, . - janus_context_begin
            ,
            .aarch64 =>
            \\.text
            \\.p2align 4
            \\.globl janus_context_switch
            \\.hidden janus_context_switch
            \\.type janus_context_switch, %function
            \\janus_context_switch:
            \\  sub sp, sp, #176
            \\  stp x19, x20, [sp, #0]
            \\  stp x21, x22, [sp, #16]
            \\  stp x23, x24, [sp, #32]
            \\  stp x25, x26, [sp, #48]
            \\  stp x27, x28, [sp, #64]
            \\  stp x29, x30, [sp, #80]
            \\  stp d8, d9, [sp, #96]
            \\  stp d10, d11, [sp, #112]
            \\  stp d12, d13, [sp, #128]
            \\  stp d14, d15, [sp, #144]
            \\  mrs x9, fpcr
            \\  str x9, [sp, #160]
            \\  mov x10, sp
            \\  str x10, [x0]
            \\  mov sp, x1
            // Writing fpcr is slow and it rarely differs: compare first.
            \\  ldr x10, [sp, #160]
            \\  cmp x9, x10
            \\  b.eq 1f
            \\  msr fpcr, x10
            \\1:
            \\  ldp x19, x20, [sp, #0]
            \\  ldp x21, x22, [sp, #16]
            \\  ldp x23, x24, [sp, #32]
            \\  ldp x25, x26, [sp, #48]
            \\  ldp x27, x28, [sp, #64]
            \\  ldp x29, x30, [sp, #80]
            \\  ldp d8, d9, [sp, #96]
            \\  ldp d10, d11, [sp, #112]
            \\  ldp d12, d13, [sp, #128]
            \\  ldp d14, d15, [sp, #144]
            \\  add sp, sp, #176
            \\  ret
            \\.size janus_context_switch, . - janus_context_switch
            \\
            \\.p2align 4
            \\.globl janus_context_begin
            \\.hidden janus_context_begin
            \\.type janus_context_begin, %function
            \\janus_context_begin:
            \\.cfi_startproc
            \\.cfi_undefined x30
            \\  mov x29, xzr
            \\  mov x30, xzr
            \\  mov x0, x20
            \\  blr x19
            \\  brk #1
            \\.cfi_endproc
            \\.size janus_context_begin, . - janus_context_begin
            ,
            else => unreachable,
        });
}

/// The thread sanitizer keeps a shadow stack for each stack it knows of, and must be told of every switch.
const Sanitizer = if (builtin.sanitize_thread) struct {
    const Fiber = *anyopaque;
    extern fn __tsan_create_fiber(flags: c_uint) Fiber;
    extern fn __tsan_destroy_fiber(fiber: Fiber) void;
    extern fn __tsan_get_current_fiber() Fiber;
    extern fn __tsan_switch_to_fiber(fiber: Fiber, flags: c_uint) void;

    fn create() Fiber {
        return __tsan_create_fiber(0);
    }
    fn current() Fiber {
        return __tsan_get_current_fiber();
    }
    fn destroy(fiber: Fiber) void {
        __tsan_destroy_fiber(fiber);
    }
    /// Flag 0: what ran before the switch on this thread happens before what runs after it, which is the truth.
    inline fn enter(fiber: Fiber) void {
        __tsan_switch_to_fiber(fiber, 0);
    }
} else struct {
    const Fiber = void;
    inline fn create() Fiber {}
    inline fn current() Fiber {}
    inline fn destroy(_: Fiber) void {}
    inline fn enter(_: Fiber) void {}
};

const testing = std.testing;

const test_stack_bytes = 64 * 1024;

/// A context with a stack, for tests: `body` runs in it and hands over to `outside` with `leave`.
const TestFiber = struct {
    inside: Context = undefined,
    outside: Context = undefined,
    stack: []align(stack_alignment) u8,
    done: bool = false,
    body: *const fn (*TestFiber) void,
    user: ?*anyopaque = null,

    fn create(body: *const fn (*TestFiber) void, user: ?*anyopaque) !*TestFiber {
        const fiber = try testing.allocator.create(TestFiber);
        errdefer testing.allocator.destroy(fiber);
        const alignment = comptime std.mem.Alignment.fromByteUnits(stack_alignment);
        const stack = try testing.allocator.alignedAlloc(u8, alignment, test_stack_bytes);
        fiber.* = .{ .stack = stack, .body = body, .user = user };
        fiber.inside = .init(stack, begin, fiber);
        return fiber;
    }

    fn destroy(fiber: *TestFiber) void {
        fiber.inside.deinit();
        testing.allocator.free(fiber.stack);
        testing.allocator.destroy(fiber);
    }

    fn begin(argument: ?*anyopaque) callconv(.c) noreturn {
        const fiber: *TestFiber = @ptrCast(@alignCast(argument.?));
        fiber.body(fiber);
        fiber.done = true;
        fiber.leave();
        unreachable;
    }

    fn enter(fiber: *TestFiber) void {
        fiber.outside = .current();
        fiber.outside.switchTo(&fiber.inside);
    }

    fn leave(fiber: *TestFiber) void {
        fiber.inside.switchTo(&fiber.outside);
    }
};

test "a context runs its entry with its argument, and goes on where it stopped" {
    const Body = struct {
        fn run(fiber: *TestFiber) void {
            const sum: *u64 = @ptrCast(@alignCast(fiber.user.?));
            for (1..1001) |step| {
                sum.* += step;
                fiber.leave();
            }
        }
    };
    var sum: u64 = 0;
    const fiber = try TestFiber.create(Body.run, &sum);
    defer fiber.destroy();
    var switches: u32 = 0;
    while (!fiber.done) : (switches += 1) fiber.enter();
    try testing.expectEqual(500_500, sum);
    try testing.expectEqual(1001, switches);
}

test "the stack is aligned as the calling convention asks" {
    const Body = struct {
        fn run(fiber: *TestFiber) void {
            var vector: @Vector(4, f32) align(16) = @splat(1.5);
            std.mem.doNotOptimizeAway(&vector);
            const misaligned: *usize = @ptrCast(@alignCast(fiber.user.?));
            misaligned.* = @intFromPtr(&vector) % 16;
        }
    };
    // Also from a stack whose end is not aligned itself.
    for (0..4) |cut| {
        var misaligned: usize = 99;
        const fiber = try TestFiber.create(Body.run, &misaligned);
        defer fiber.destroy();
        fiber.inside.deinit();
        fiber.inside = .init(fiber.stack[0 .. fiber.stack.len - 8 * cut], TestFiber.begin, fiber);
        fiber.enter();
        try testing.expect(fiber.done);
        try testing.expectEqual(0, misaligned);
    }
}

test "a switch from deep inside nested calls comes back to the same depth" {
    const Body = struct {
        fn descend(fiber: *TestFiber, depth: u32) u64 {
            var local: u64 = depth;
            std.mem.doNotOptimizeAway(&local);
            if (depth == 0) {
                fiber.leave();
                return local;
            }
            const below = descend(fiber, depth - 1);
            if (depth % 16 == 0) fiber.leave();
            return below + local;
        }

        fn run(fiber: *TestFiber) void {
            const result: *u64 = @ptrCast(@alignCast(fiber.user.?));
            result.* = descend(fiber, 128);
        }
    };
    var result: u64 = 0;
    const fiber = try TestFiber.create(Body.run, &result);
    defer fiber.destroy();
    var switches: u32 = 0;
    while (!fiber.done) : (switches += 1) fiber.enter();
    try testing.expectEqual(128 * 129 / 2, result);
    try testing.expectEqual(1 + 128 / 16 + 1, switches);
}

test "unwinding from inside a context ends at its first frame" {
    const Body = struct {
        /// Deep enough that the frames of a real call chain lie between the top and the first frame.
        noinline fn descend(fiber: *TestFiber, depth: u32) void {
            if (depth > 0) {
                descend(fiber, depth - 1);
                std.mem.doNotOptimizeAway(depth); // not a tail call
                return;
            }
            const trace: *std.debug.StackTrace = @ptrCast(@alignCast(fiber.user.?));
            trace.* = std.debug.captureCurrentStackTrace(.{}, @constCast(trace.return_addresses));
        }

        fn run(fiber: *TestFiber) void {
            descend(fiber, 10);
        }
    };
    var addresses: [100]usize = undefined;
    var trace: std.debug.StackTrace = .{ .return_addresses = &addresses, .skipped = .unknown };
    const fiber = try TestFiber.create(Body.run, &trace);
    defer fiber.destroy();
    // The unwinder itself, reading debug information, needs more stack than the other bodies here.
    const alignment = comptime std.mem.Alignment.fromByteUnits(stack_alignment);
    const stack = try testing.allocator.alignedAlloc(u8, alignment, 1 << 20);
    defer testing.allocator.free(stack);
    fiber.inside.deinit();
    fiber.inside = .init(stack, TestFiber.begin, fiber);
    fiber.enter();
    try testing.expect(fiber.done);

    // It came to an end by itself, past the calls above, and the last thing it saw was the first frame's code.
    try testing.expectEqual(.none, trace.skipped);
    try testing.expect(trace.return_addresses.len >= 11);
    try testing.expect(trace.return_addresses.len < addresses.len);
    const last = trace.return_addresses[trace.return_addresses.len - 1];
    const first_frame = @intFromPtr(&janus_context_begin);
    try testing.expect(last > first_frame and last < first_frame + 64);
}

test "contexts nest: each may run others" {
    const Level = struct {
        depth: u32,
        visited: *u32,

        fn run(fiber: *TestFiber) void {
            const level: *@This() = @ptrCast(@alignCast(fiber.user.?));
            level.visited.* += 1;
            fiber.leave();
            if (level.depth > 0) {
                var next: @This() = .{ .depth = level.depth - 1, .visited = level.visited };
                const inner = TestFiber.create(run, &next) catch unreachable;
                defer inner.destroy();
                while (!inner.done) {
                    inner.enter();
                    fiber.leave();
                }
            }
            level.visited.* += 1;
        }
    };
    const depth = 5;
    var visited: u32 = 0;
    var top: Level = .{ .depth = depth, .visited = &visited };
    const fiber = try TestFiber.create(Level.run, &top);
    defer fiber.destroy();
    while (!fiber.done) fiber.enter();
    try testing.expectEqual(2 * (depth + 1), visited);
}

/// The rounding part of the floating-point control state.
const Rounding = struct {
    fn get() u64 {
        switch (builtin.cpu.arch) {
            .x86_64 => {
                var mxcsr: u32 = 0;
                var x87: u16 = 0;
                asm volatile ("stmxcsr (%[address])"
                    :
                    : [address] "r" (&mxcsr),
                    : .{ .memory = true });
                asm volatile ("fnstcw (%[address])"
                    :
                    : [address] "r" (&x87),
                    : .{ .memory = true });
                return (mxcsr >> 13 & 3) | @as(u64, x87 >> 10 & 3) << 2;
            },
            .aarch64 => return asm volatile ("mrs %[fpcr], fpcr"
                : [fpcr] "=r" (-> u64),
            ) >> 22 & 3,
            else => unreachable,
        }
    }

    fn set(mode: u2) void {
        switch (builtin.cpu.arch) {
            .x86_64 => {
                const mxcsr: u32 = 0x1f80 | @as(u32, mode) << 13;
                const x87: u16 = 0x037f | @as(u16, mode) << 10;
                asm volatile ("ldmxcsr (%[address])"
                    :
                    : [address] "r" (&mxcsr),
                    : .{ .memory = true });
                asm volatile ("fldcw (%[address])"
                    :
                    : [address] "r" (&x87),
                    : .{ .memory = true });
            },
            .aarch64 => asm volatile ("msr fpcr, %[fpcr]"
                :
                : [fpcr] "r" (@as(u64, mode) << 22),
            ),
            else => unreachable,
        }
    }

    fn of(mode: u2) u64 {
        return if (builtin.cpu.arch == .x86_64) @as(u64, mode) * 5 else mode;
    }
};

test "failure mode 20: each context has its own rounding mode, and a new one starts with the default" {
    const Body = struct {
        fn run(fiber: *TestFiber) void {
            const seen: *[2]u64 = @ptrCast(@alignCast(fiber.user.?));
            seen[0] = Rounding.get();
            Rounding.set(3); // towards zero
            fiber.leave();
            seen[1] = Rounding.get();
        }
    };
    defer Rounding.set(0);
    Rounding.set(1);
    var seen: [2]u64 = .{ 99, 99 };
    const fiber = try TestFiber.create(Body.run, &seen);
    defer fiber.destroy();
    fiber.enter();
    const after_first = Rounding.get();
    Rounding.set(2);
    fiber.enter();
    const after_second = Rounding.get();
    Rounding.set(0);
    try testing.expect(fiber.done);
    try testing.expectEqual(Rounding.of(0), seen[0]);
    try testing.expectEqual(Rounding.of(3), seen[1]);
    try testing.expectEqual(Rounding.of(1), after_first);
    try testing.expectEqual(Rounding.of(2), after_second);
}

test "floating-point values and many live locals survive, over many contexts in random order" {
    const fibers_count = 200;
    const rounds_per_fiber = 50;
    const Body = struct {
        fn run(fiber: *TestFiber) void {
            const seed = @intFromPtr(fiber.user.?);
            // More live values than there are callee-saved registers of either kind.
            var ints: [24]u64 = undefined;
            var floats: [24]f64 = undefined;
            for (&ints, &floats, 0..) |*int, *float, index| {
                int.* = seed * 1000 + index;
                float.* = @floatFromInt(int.*);
            }
            for (0..rounds_per_fiber) |_| {
                inline for (&ints, &floats) |*int, *float| {
                    int.* += 1;
                    float.* += 1;
                }
                fiber.leave();
            }
            for (ints, floats, 0..) |int, float, index| {
                if (int != seed * 1000 + index + rounds_per_fiber) return; // leaves `user` as it is
                if (float != @as(f64, @floatFromInt(int))) return;
            }
            fiber.user = null;
        }
    };
    var fibers: [fibers_count]*TestFiber = undefined;
    for (&fibers, 1..) |*fiber, number| fiber.* = try TestFiber.create(Body.run, @ptrFromInt(number));
    defer for (fibers) |fiber| fiber.destroy();
    var random: std.Random.DefaultPrng = .init(testing.random_seed);
    var done: u32 = 0;
    while (done < fibers_count) {
        const fiber = fibers[random.random().uintLessThan(u32, fibers_count)];
        if (fiber.done) continue;
        fiber.enter();
        if (fiber.done) done += 1;
    }
    for (fibers) |fiber| try testing.expectEqual(null, fiber.user);
}

test "a context stopped on one thread goes on on another, and sees that thread's locals" {
    const switches = 2_000;
    const here = ThreadLocal(@This(), u32, 0);
    const Body = struct {
        fn run(fiber: *TestFiber) void {
            const wrong: *u32 = @ptrCast(@alignCast(fiber.user.?));
            for (0..switches) |step| {
                // Even steps run on thread 1, odd ones on thread 2.
                if (here.get() != 1 + step % 2) wrong.* += 1;
                fiber.leave();
            }
        }
    };
    const Carrier = struct {
        fn run(fiber: *TestFiber, turn: *std.atomic.Value(u32), number: u32) void {
            here.set(number);
            var step = number - 1;
            while (step < switches) : (step += 2) {
                // Acquire pairs with the release store below: it carries the stopped context over.
                while (turn.load(.acquire) != step) std.Thread.yield() catch {};
                fiber.enter();
                turn.store(step + 1, .release);
            }
        }
    };
    var wrong: u32 = 0;
    var turn: std.atomic.Value(u32) = .init(0);
    const fiber = try TestFiber.create(Body.run, &wrong);
    defer fiber.destroy();
    var threads: [2]std.Thread = undefined;
    for (&threads, 1..) |*thread, number| {
        thread.* = try std.Thread.spawn(.{}, Carrier.run, .{ fiber, &turn, @as(u32, @intCast(number)) });
    }
    for (threads) |thread| thread.join();
    try testing.expectEqual(0, wrong);
    fiber.enter();
    try testing.expect(fiber.done);
}
