//! Stacks for native code on fibers: equal pieces of large mappings, each above a guard, reused last in first out.
//!
//! A mapping per stack would stop at `vm.max_map_count` (about 32 000 stacks) and cost microseconds, so a pool carves
//! them from slabs. Below each stack lies a guard page that faults instead of letting an overflow reach a neighbour:
//!   - where the kernel has guard markers (MADV_GUARD_INSTALL, Linux 6.13) they do not split the mapping; a stack gets
//!     its marker when it is first taken and keeps it, so hundreds of thousands of stacks fit in a few mappings;
//!   - elsewhere the page is protected, which does split it: only stacks in use or resting warm are guarded, and when
//!     the kernel has no more mappings `take` says `GuardUnavailable`.
//! Nothing of an untouched stack is resident. Returned stacks stay warm (resident) up to a watermark; those beyond it
//! give their memory back at once. The number of stacks is bounded by the pool's limit.
//!
//! Any thread may take and give back: a mutex guards the books, never a system call on a stack.

const std = @import("std");
const Mutex = @import("mutex.zig").Mutex;
const os = std.os.linux;
const assert = std.debug.assert;

/// Stack bytes handed out, and their place in the pool that they go back to.
pub const Stack = struct {
    bytes: []align(std.heap.page_size_min) u8,
    index: u32,
};

pub const Error = error{
    /// The pool's limit is reached.
    LimitReached,
    /// The kernel gives no more memory, or no more mappings for a slab.
    OutOfMemory,
    /// The kernel gives no more mappings for guard pages.
    GuardUnavailable,
};

pub const Guarding = enum {
    /// Guard markers inside the mapping.
    marker,
    /// A protected page, hence a mapping of its own.
    protection,

    /// What this kernel can do. Probed once.
    pub fn best() Guarding {
        const Probe = struct {
            const unknown = 0;
            var known: std.atomic.Value(u8) = .init(unknown);
        };
        // Relaxed: the answer is the byte itself, and every thread finds the same.
        const known = Probe.known.load(.monotonic);
        if (known != Probe.unknown) return if (known == 1) .marker else .protection;
        const found: Guarding = if (probe()) .marker else .protection;
        Probe.known.store(if (found == .marker) 1 else 2, .monotonic);
        return found;
    }

    fn probe() bool {
        const page_bytes = std.heap.pageSize();
        const page = map(page_bytes) orelse return false;
        defer unmap(page);
        if (os.errno(os.madvise(page.ptr, page_bytes, madv_guard_install)) != .SUCCESS) return false;
        // Emulators take advice they do not know for a hint, and say yes: so look whether it is there.
        return (accessible(&page[0]) catch return false) == false;
    }
};

const madv_guard_install = 102;

pub const Options = struct {
    /// Usable bytes of each stack; rounded up to whole pages.
    stack_bytes: usize,
    /// The pool refuses to have more stacks than this.
    stacks_max: u32,
    /// Returned stacks beyond this many give their memory back to the kernel.
    warm_max: u32 = 64,
    /// Address space reserved at a time.
    slab_bytes: usize = 64 << 20,
    /// Null: the best this kernel can do.
    guarding: ?Guarding = null,
};

pub const Statistics = struct {
    /// Address space reserved; most of it is not resident.
    mapped_bytes: usize,
    in_use: u32,
    in_use_peak: u32,
    in_use_bytes: usize,
    /// Returned and still resident.
    warm: u32,
    /// Returned, memory given back.
    cold: u32,
};

pub const Pool = struct {
    allocator: std.mem.Allocator,
    stack_bytes: usize,
    guard_bytes: usize,
    guarding: Guarding,
    stacks_max: u32,
    stacks_per_slab: u32,
    warm_max: u32,

    mutex: Mutex = .{},
    // Everything below is guarded by the mutex.
    slabs: std.ArrayList([]align(std.heap.page_size_min) u8) = .empty,
    /// What each carved stack is doing. Its length is the number of stacks there are.
    books: std.ArrayList(Book) = .empty,
    warm: std.ArrayList(u32) = .empty,
    cold: std.ArrayList(u32) = .empty,
    /// Stacks that `give` is still returning to the kernel.
    cooling: u32 = 0,
    in_use: u32 = 0,
    in_use_peak: u32 = 0,

    const Book = struct {
        state: enum { in_use, warm, cooling, cold },
        guarded: bool,
    };

    pub fn init(allocator: std.mem.Allocator, options: Options) Pool {
        assert(options.stack_bytes >= 1);
        assert(options.stacks_max >= 1);
        const page_bytes = std.heap.pageSize();
        const stack_bytes = std.mem.alignForward(usize, options.stack_bytes, page_bytes);
        const per_slab = @max(1, options.slab_bytes / (stack_bytes + page_bytes));
        return .{
            .allocator = allocator,
            .stack_bytes = stack_bytes,
            .guard_bytes = page_bytes,
            .guarding = options.guarding orelse Guarding.best(),
            .stacks_max = options.stacks_max,
            .stacks_per_slab = @intCast(@min(per_slab, options.stacks_max)),
            .warm_max = options.warm_max,
        };
    }

    /// Every stack must have been given back.
    pub fn deinit(self: *Pool) void {
        assert(self.in_use == 0 and self.cooling == 0);
        assert(!self.mutex.isLocked());
        for (self.slabs.items) |slab| unmap(slab);
        self.slabs.deinit(self.allocator);
        self.books.deinit(self.allocator);
        self.warm.deinit(self.allocator);
        self.cold.deinit(self.allocator);
        self.* = undefined;
    }

    /// A stack with a guard below it. Its contents are whatever the last user left.
    pub fn take(self: *Pool) Error!Stack {
        const stack, const guarded = found: {
            self.mutex.lock();
            defer self.mutex.unlock();
            const index = self.warm.pop() orelse self.cold.pop() orelse try self.carve();
            const book = &self.books.items[index];
            assert(book.state == .warm or book.state == .cold);
            book.state = .in_use;
            self.in_use += 1;
            self.in_use_peak = @max(self.in_use_peak, self.in_use);
            break :found .{ self.at(index), book.guarded };
        };
        if (guarded) return stack;

        const result = self.installGuard(stack);
        self.mutex.lock();
        defer self.mutex.unlock();
        const book = &self.books.items[stack.index];
        assert(book.state == .in_use and !book.guarded);
        result catch |err| {
            self.in_use -= 1;
            book.state = .cold;
            self.cold.appendAssumeCapacity(stack.index);
            return err;
        };
        book.guarded = true;
        return stack;
    }

    /// Gives back a stack of this pool, on which nothing runs any more.
    pub fn give(self: *Pool, stack: Stack) void {
        assert(stack.bytes.len == self.stack_bytes);
        {
            self.mutex.lock();
            defer self.mutex.unlock();
            assert(stack.bytes.ptr == self.at(stack.index).bytes.ptr); // else it is another pool's
            const book = &self.books.items[stack.index];
            assert(book.state == .in_use and book.guarded); // else it was given back twice
            self.in_use -= 1;
            if (self.warm.items.len < self.warm_max) {
                book.state = .warm;
                self.warm.appendAssumeCapacity(stack.index);
                return;
            }
            book.state = .cooling;
            self.cooling += 1;
        }
        const guarded = self.guarding == .marker or !self.removeGuard(stack);
        const result = os.madvise(stack.bytes.ptr, stack.bytes.len, os.MADV.DONTNEED);
        assert(os.errno(result) == .SUCCESS);

        self.mutex.lock();
        defer self.mutex.unlock();
        self.cooling -= 1;
        const book = &self.books.items[stack.index];
        assert(book.state == .cooling);
        book.* = .{ .state = .cold, .guarded = guarded };
        self.cold.appendAssumeCapacity(stack.index);
    }

    pub fn statistics(self: *Pool) Statistics {
        self.mutex.lock();
        defer self.mutex.unlock();
        return .{
            .mapped_bytes = self.slabs.items.len * self.slabBytes(),
            .in_use = self.in_use,
            .in_use_peak = self.in_use_peak,
            .in_use_bytes = self.in_use * self.stack_bytes,
            .warm = @intCast(self.warm.items.len),
            .cold = @intCast(self.cold.items.len),
        };
    }

    fn slabBytes(self: *const Pool) usize {
        return self.stacks_per_slab * (self.guard_bytes + self.stack_bytes);
    }

    /// A stack that never was one before, from the last slab or a new one.
    fn carve(self: *Pool) Error!u32 {
        assert(self.mutex.isLocked());
        const index: u32 = @intCast(self.books.items.len);
        if (index >= self.stacks_max) return error.LimitReached;
        if (index == self.slabs.items.len * self.stacks_per_slab) {
            // Room in every list first, so that giving back cannot fail.
            const stacks = @as(usize, index) + self.stacks_per_slab;
            try self.books.ensureTotalCapacity(self.allocator, stacks);
            try self.cold.ensureTotalCapacity(self.allocator, stacks);
            try self.warm.ensureTotalCapacity(self.allocator, @min(stacks, self.warm_max));
            try self.slabs.ensureUnusedCapacity(self.allocator, 1);
            const slab = map(self.slabBytes()) orelse return error.OutOfMemory;
            // A huge page would make 2 MiB resident for the first touch of one stack. Kernels without them say EINVAL.
            _ = os.madvise(slab.ptr, slab.len, os.MADV.NOHUGEPAGE);
            self.slabs.appendAssumeCapacity(slab);
        }
        self.books.appendAssumeCapacity(.{ .state = .cold, .guarded = false });
        return index;
    }

    fn at(self: *Pool, index: u32) Stack {
        const slab = self.slabs.items[index / self.stacks_per_slab];
        const offset = (index % self.stacks_per_slab) * (self.guard_bytes + self.stack_bytes);
        return .{ .bytes = @alignCast(slab[offset + self.guard_bytes ..][0..self.stack_bytes]), .index = index };
    }

    fn guardOf(self: *const Pool, stack: Stack) [*]u8 {
        return stack.bytes.ptr - self.guard_bytes;
    }

    fn installGuard(self: *Pool, stack: Stack) error{GuardUnavailable}!void {
        const guard = self.guardOf(stack);
        const result = switch (self.guarding) {
            .marker => os.madvise(guard, self.guard_bytes, madv_guard_install),
            .protection => os.mprotect(guard, self.guard_bytes, .{}),
        };
        if (os.errno(result) != .SUCCESS) return error.GuardUnavailable;
    }

    /// Lets the mapping grow together again. False when the kernel would not: then the guard stays, which is safe.
    fn removeGuard(self: *Pool, stack: Stack) bool {
        const result = os.mprotect(self.guardOf(stack), self.guard_bytes, .{ .READ = true, .WRITE = true });
        assert(os.errno(result) == .SUCCESS or os.errno(result) == .NOMEM);
        return os.errno(result) == .SUCCESS;
    }
};

/// A pool for each power of two, for callers that name a size.
pub const SizeClasses = struct {
    pools: [classes_count]Pool,

    pub const smallest_bytes = 16 << 10;
    pub const largest_bytes = 8 << 20;
    const classes_count = std.math.log2_int(usize, largest_bytes) - std.math.log2_int(usize, smallest_bytes) + 1;

    pub fn init(allocator: std.mem.Allocator, stacks_max_per_class: u32) SizeClasses {
        var self: SizeClasses = undefined;
        for (&self.pools, 0..) |*each, class| {
            each.* = .init(allocator, .{
                .stack_bytes = @as(usize, smallest_bytes) << @intCast(class),
                .stacks_max = stacks_max_per_class,
            });
        }
        return self;
    }

    pub fn deinit(self: *SizeClasses) void {
        for (&self.pools) |*each| each.deinit();
    }

    /// The pool whose stacks hold at least `stack_bytes`; null when that is more than the largest class.
    pub fn pool(self: *SizeClasses, stack_bytes: usize) ?*Pool {
        if (stack_bytes > largest_bytes) return null;
        const rounded = std.math.ceilPowerOfTwoAssert(usize, @max(stack_bytes, smallest_bytes));
        const class = std.math.log2_int(usize, rounded) - std.math.log2_int(usize, smallest_bytes);
        const found = &self.pools[class];
        assert(found.stack_bytes >= stack_bytes);
        return found;
    }
};

fn map(bytes: usize) ?[]align(std.heap.page_size_min) u8 {
    const result = os.mmap(
        null,
        bytes,
        .{ .READ = true, .WRITE = true },
        .{ .TYPE = .PRIVATE, .ANONYMOUS = true, .NORESERVE = true },
        -1,
        0,
    );
    if (os.errno(result) != .SUCCESS) return null;
    const pointer: [*]align(std.heap.page_size_min) u8 = @ptrFromInt(result);
    return pointer[0..bytes];
}

fn unmap(memory: []align(std.heap.page_size_min) u8) void {
    const result = os.munmap(memory.ptr, memory.len);
    assert(os.errno(result) == .SUCCESS);
}

/// Whether touching the byte would not fault: the kernel is asked to read it, which fails instead.
fn accessible(byte: *const u8) error{NoPipe}!bool {
    var ends: [2]i32 = undefined;
    if (os.errno(os.pipe2(&ends, .{ .CLOEXEC = true })) != .SUCCESS) return error.NoPipe;
    defer for (ends) |end| {
        _ = os.close(end);
    };
    const result = os.write(ends[1], @ptrCast(byte), 1);
    assert(os.errno(result) == .SUCCESS or os.errno(result) == .FAULT);
    return os.errno(result) == .SUCCESS;
}

const testing = std.testing;

/// Each way of guarding has its own tests, so that one this kernel cannot do shows as skipped.
fn require(guarding: Guarding) error{SkipZigTest}!void {
    if (guarding == .marker and Guarding.best() != .marker) return error.SkipZigTest;
}

fn expectGuarded(guarding: Guarding) !void {
    try require(guarding);
    var pool: Pool = .init(testing.allocator, .{
        .stack_bytes = 20_000,
        .stacks_max = 10,
        .slab_bytes = 100_000,
        .guarding = guarding,
    });
    defer pool.deinit();
    var stacks: [10]Stack = undefined;
    for (&stacks) |*stack| {
        stack.* = try pool.take();
        @memset(stack.bytes, 0xa5);
    }
    for (stacks) |stack| {
        try testing.expect(stack.bytes.len >= 20_000);
        try testing.expect(try accessible(&stack.bytes[0]));
        try testing.expect(!try accessible(&(stack.bytes.ptr - 1)[0]));
        try testing.expect(!try accessible(&(stack.bytes.ptr - pool.guard_bytes)[0]));
        try testing.expect(std.mem.allEqual(u8, stack.bytes, 0xa5));
    }
    try testing.expectError(error.LimitReached, pool.take());
    for (stacks) |stack| pool.give(stack);
}

test "failure mode 20: a stack is writable throughout and a guard lies below it (guard markers)" {
    try expectGuarded(.marker);
}

test "failure mode 20: a stack is writable throughout and a guard lies below it (protected pages)" {
    try expectGuarded(.protection);
}

fn expectReuse(guarding: Guarding) !void {
    try require(guarding);
    var pool: Pool = .init(testing.allocator, .{
        .stack_bytes = 16 << 10,
        .stacks_max = 100,
        .warm_max = 2,
        .guarding = guarding,
    });
    defer pool.deinit();
    var stacks: [4]Stack = undefined;
    for (&stacks) |*stack| {
        stack.* = try pool.take();
        @memset(stack.bytes, 0xff);
    }
    try testing.expectEqual(4, pool.statistics().in_use);
    try testing.expectEqual(4 * (16 << 10), pool.statistics().in_use_bytes);
    for (stacks) |stack| pool.give(stack);
    const resting = pool.statistics();
    try testing.expectEqual(2, resting.warm);
    try testing.expectEqual(2, resting.cold);
    try testing.expectEqual(0, resting.in_use);
    try testing.expectEqual(4, resting.in_use_peak);
    try testing.expect(resting.mapped_bytes >= 4 * (16 << 10));

    // Warm ones first, as they were left; then the cold ones, zeroed by the kernel and guarded again.
    const order = [_]usize{ 1, 0, 3, 2 };
    for (order, 0..) |expected, place| {
        const stack = try pool.take();
        try testing.expectEqual(stacks[expected].index, stack.index);
        const left: u8 = if (place < 2) 0xff else 0;
        try testing.expect(std.mem.allEqual(u8, stack.bytes, left));
        try testing.expect(!try accessible(&(stack.bytes.ptr - 1)[0]));
    }
    for (stacks) |stack| pool.give(stack);
}

test "reuse is last in first out, and past the watermark memory is given back (guard markers)" {
    try expectReuse(.marker);
}

test "reuse is last in first out, and past the watermark memory is given back (protected pages)" {
    try expectReuse(.protection);
}

test "many stacks need few mappings where the kernel has guard markers" {
    try require(.marker);
    var pool: Pool = .init(testing.allocator, .{ .stack_bytes = 64 << 10, .stacks_max = 40_000 });
    defer pool.deinit();
    const stacks = try testing.allocator.alloc(Stack, 40_000);
    defer testing.allocator.free(stacks);
    // More than `vm.max_map_count` would allow with a mapping for each guard.
    for (stacks) |*stack| stack.* = try pool.take();
    try testing.expectEqual(40_000, pool.statistics().in_use);
    for (stacks) |stack| pool.give(stack);
}

test "size classes hold what was asked for" {
    var classes: SizeClasses = .init(testing.allocator, 4);
    defer classes.deinit();
    for ([_]usize{ 1, 16 << 10, (16 << 10) + 1, 100_000, 8 << 20 }) |bytes| {
        const pool = classes.pool(bytes).?;
        const stack = try pool.take();
        defer pool.give(stack);
        try testing.expect(stack.bytes.len >= bytes);
        try testing.expect(stack.bytes.len < 2 * @max(bytes, 16 << 10));
    }
    try testing.expectEqual(null, classes.pool((8 << 20) + 1));
}

test "when bookkeeping memory fails, take is an error and the pool goes on" {
    for (0..4) |fail_index| {
        var failing: testing.FailingAllocator = .init(testing.allocator, .{ .fail_index = fail_index });
        var pool: Pool = .init(failing.allocator(), .{ .stack_bytes = 16 << 10, .stacks_max = 8 });
        defer pool.deinit();
        try testing.expectError(error.OutOfMemory, pool.take());
        failing.fail_index = std.math.maxInt(usize);
        pool.give(try pool.take());
        try testing.expectEqual(0, pool.statistics().in_use);
    }
}

fn stress(guarding: Guarding) !void {
    try require(guarding);
    const threads_count = 4;
    const rounds = 4_000;
    const Shared = struct {
        pool: Pool,
        wrong: std.atomic.Value(u32) = .init(0),

        fn run(shared: *@This(), number: u64) void {
            var random: std.Random.DefaultPrng = .init(testing.random_seed ^ number);
            var held: [8]Stack = undefined;
            var held_count: usize = 0;
            for (0..rounds) |_| {
                if (held_count < held.len and random.random().boolean()) {
                    const stack = shared.pool.take() catch |err| {
                        if (err != error.LimitReached) _ = shared.wrong.fetchAdd(1, .monotonic);
                        continue;
                    };
                    std.mem.writeInt(u64, stack.bytes[0..8], number, .little);
                    held[held_count] = stack;
                    held_count += 1;
                } else if (held_count > 0) {
                    const chosen = random.random().uintLessThan(usize, held_count);
                    shared.release(held[chosen], number);
                    held_count -= 1;
                    held[chosen] = held[held_count];
                }
            }
            for (held[0..held_count]) |stack| shared.release(stack, number);
        }

        fn release(shared: *@This(), stack: Stack, number: u64) void {
            const found = std.mem.readInt(u64, stack.bytes[0..8], .little);
            if (found != number) _ = shared.wrong.fetchAdd(1, .monotonic);
            shared.pool.give(stack);
        }
    };
    var shared: Shared = .{
        .pool = .init(testing.allocator, .{
            .stack_bytes = 16 << 10,
            .stacks_max = 24, // fewer than the threads would like
            .warm_max = 4,
            .slab_bytes = 100_000,
            .guarding = guarding,
        }),
    };
    defer shared.pool.deinit();
    var threads: [threads_count]std.Thread = undefined;
    for (&threads, 1..) |*thread, number| {
        thread.* = try std.Thread.spawn(.{}, Shared.run, .{ &shared, @as(u64, number) });
    }
    for (threads) |thread| thread.join();
    try testing.expectEqual(0, shared.wrong.load(.monotonic));
    const after = shared.pool.statistics();
    try testing.expectEqual(0, after.in_use);
    try testing.expect(after.in_use_peak <= 24);
    try testing.expectEqual(after.warm + after.cold, @as(u32, @intCast(shared.pool.books.items.len)));
}

test "a guard that cannot be had is an error, and the stack is not lost" {
    var pool: Pool = .init(testing.allocator, .{ .stack_bytes = 16 << 10, .stacks_max = 2 });
    defer pool.deinit();
    const first = try pool.take();
    defer pool.give(first);
    // Take the page away that the second stack's guard would be in.
    const guard = first.bytes.ptr + first.bytes.len;
    const page: []align(std.heap.page_size_min) u8 = @alignCast(guard[0..pool.guard_bytes]);
    unmap(page);
    try testing.expectError(error.GuardUnavailable, pool.take());
    try testing.expectError(error.GuardUnavailable, pool.take());
    try testing.expectEqual(1, pool.statistics().in_use);
    const again = os.mmap(
        page.ptr,
        page.len,
        .{ .READ = true, .WRITE = true },
        .{ .TYPE = .PRIVATE, .ANONYMOUS = true, .NORESERVE = true, .FIXED_NOREPLACE = true },
        -1,
        0,
    );
    try testing.expectEqual(.SUCCESS, os.errno(again));
    const second = try pool.take();
    defer pool.give(second);
    try testing.expect(!try accessible(&(second.bytes.ptr - 1)[0]));
}

test "stress: threads take and give at random, no stack is handed out twice (guard markers)" {
    try stress(.marker);
}

test "stress: threads take and give at random, no stack is handed out twice (protected pages)" {
    try stress(.protection);
}
